// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * waits-find.c - what a task waits for, see waits.h.
 *
 * The task may say it. pi_blocked_on points to a struct rt_mutex_waiter. blocker (6.16) is the
 * address of a lock, with its kind in the low bits (include/linux/hung_task.h). blocked_on is the
 * address of a mutex (6.17), before 6.17 of a struct mutex_waiter in kernels that debug mutexes.
 *
 * Otherwise the functions in the trace tell the kind, and the stack tells the lock. A waiting task
 * has a structure such as struct mutex_waiter on its stack, which names the task. The structures of
 * all tasks that wait for a lock form a ring with a list head in the lock. The head is the one node
 * that is no such structure on the stack of the task it names. Leftovers on a stack are no longer
 * in a ring, so they are not mistaken for a wait. Since 7.1 (kernel/locking/mutex.c, rwsem.c) the
 * ring has no head: the lock points to the first structure, and the address of the lock is on the
 * stack, since functions need it when they go on.
 */
#include "vmcore/report/waits-find.h"

#include <stdio.h>

#include "base/err.h"
#include "vmcore/kernel/list.h"
#include "vmcore/view/kcopy.h"

/* Most frames between the scheduler and the function that tells the kind. */
#define NAMED_FRAMES 16

/* Bytes of registers that the switch to another task saves below the first frame. */
#define SAVED_BELOW 128

/* The low bits of mutex.owner, rw_semaphore.owner and rt_mutex.owner are flags. Bit 0 of
 * rw_semaphore.owner says that readers hold it (kernel/locking/rwsem.c). */
#define OWNER_FLAGS  UINT64_C(7)
#define OWNER_READER 1

/* rw_semaphore.count since 5.3, when the owner became atomic too (kernel/locking/rwsem.c). */
#define COUNT_READERS(count) (((count)&INT64_MAX) >> 8)

enum { WAITER_TASK, WAITER_LIST, WAITER_OBJECT, WAITER_MEMBERS };

/* Of the structures on the stacks of waiting tasks. */
static const char *const waiter_members[WAITER_MEMBERS] = {
	[WAITER_TASK] = "task|private|wait.private|wq_entry.private",
	[WAITER_LIST] = "list|task_list|entry|wait.entry|wq_entry.entry",
	[WAITER_OBJECT] = "?folio|page|key.flags",
};

enum { LOCK_HEAD, LOCK_FIRST, LOCK_OWNER, LOCK_ATOMIC_OWNER, LOCK_COUNT, LOCK_MEMBERS };

static const char *const lock_members[LOCK_MEMBERS] = {
	[LOCK_HEAD] = "?wait_list|wait.task_list|wait.head",
	[LOCK_FIRST] = "?first_waiter",
	[LOCK_OWNER] = "?owner",
	[LOCK_ATOMIC_OWNER] = "?owner.counter",
	[LOCK_COUNT] = "?count",
};

enum { PI_BLOCKED_ON, BLOCKER, BLOCKED_ON, TASK_MEMBERS };

static const char *const task_members[TASK_MEMBERS] = {
	[PI_BLOCKED_ON] = "?pi_blocked_on",
	[BLOCKER] = "?blocker|blocker_mutex",
	[BLOCKED_ON] = "?blocked_on",
};

/* A way to wait. */
struct way {
	enum wait_kind kind;
	bool lock; /* a lock, which counts in any state of the task */
	bool weak; /* counts only when no other function of the trace does */
	/* Names, without the suffix that compilers add after a dot; a * stands for any rest. */
	const char *functions;
	const char *waiter; /* structure on the stack; NULL: none is known */
	const char *type;   /* of the lock; NULL: the structure has the address of the object */
};

static const struct way ways[] = {
	{ WAIT_MUTEX, .lock = true, .functions = "__mutex_lock* __ww_mutex_lock* mutex_lock*",
	  .waiter = "mutex_waiter", .type = "mutex" },
	{ WAIT_RWSEM_READ, .lock = true,
	  .functions = "rwsem_down_read* __rwsem_down_read* call_rwsem_down_read* down_read*",
	  .waiter = "rwsem_waiter", .type = "rw_semaphore" },
	{ WAIT_RWSEM_WRITE, .lock = true,
	  .functions = "rwsem_down_write* __rwsem_down_write* call_rwsem_down_write* down_write*",
	  .waiter = "rwsem_waiter", .type = "rw_semaphore" },
	{ WAIT_SEMAPHORE, .lock = true,
	  .functions = "__down __down_common ___down_common __down_interruptible __down_killable "
	               "__down_timeout",
	  .waiter = "semaphore_waiter", .type = "semaphore" },
	{ WAIT_RT_MUTEX, .lock = true,
	  .functions = "rt_mutex_slowlock* __rt_mutex_slowlock* rt_mutex_lock*",
	  .type = "rt_mutex_base|rt_mutex" },
	{ WAIT_COMPLETION,
	  .functions = "wait_for_completion* __wait_for_common wait_for_common do_wait_for_common",
	  .waiter = "swait_queue", .type = "completion" },
	/* Up to 5.6. */
	{ WAIT_COMPLETION,
	  .functions = "wait_for_completion* __wait_for_common wait_for_common do_wait_for_common",
	  .waiter = "wait_queue_entry", .type = "completion" },
	{ WAIT_PAGE,
	  .functions = "folio_wait_bit* __folio_lock* wait_on_page* __wait_on_page* __lock_page*",
	  .waiter = "wait_page_queue" },
	{ WAIT_BIT, .functions = "out_of_line_wait_on_bit* __wait_on_bit*",
	  .waiter = "wait_bit_queue_entry" },
	{ WAIT_FUTEX, .functions = "futex_wait* futex_do_wait" },
	{ WAIT_IO, .weak = true, .functions = "io_schedule* blk_mq_get_tag" },
};
#define N_WAYS ARRAY_SIZE(ways)

/* The types of a row, as far as the kernel has them. */
struct way_types {
	struct ktype waiter, lock;
	bool has_waiter, has_lock;
};

/* Most tasks sleep in the same few functions. */
#define NAMED 256

struct named {
	uint64_t ip; /* 0, which is in no function: none yet */
	size_t way;
};

struct finder {
	const struct kview *v;
	struct symbols *symbols;
	struct unwind *unwind;
	const struct tasks *tasks;
	struct ktype task;
	struct btf_member rt_lock; /* of struct rt_mutex_waiter */
	bool has_task, has_rt;
	struct way_types types[N_WAYS];
	struct kcopy copy;
	struct trace trace;
	struct named named[NAMED]; /* the rows of instructions, by their lowest bits */

	/* Sections with the functions of locks and of the scheduler. */
	struct unwind_range skipped[2];

	uint64_t stack_size;
	uint64_t *stack, stack_at; /* its words, and the address of the first */
	size_t stack_n;

	/* For each task, the lock that it waits for, once another task's ring has shown it. */
	struct {
		uint64_t lock;
		const char *waiter;
	} * known;
	const struct task **ring; /* the tasks of the last ring */
	size_t ring_n;
	uint64_t steps; /* left, for all rings together */
};

/* --- Setting up ------------------------------------------------------------------------------ */

static void find_range(const struct kview *v, const char *start, const char *end,
                       struct unwind_range *ret)
{
	uint64_t from, to;

	if (kview_address(v, start, &from) == 0 && kview_address(v, end, &to) == 0)
		*ret = (struct unwind_range){ from, to };
}

static void find_types(struct finder *f)
{
	const struct btf *b = f->v->types;

	f->has_task = ktype_find(b, "task_struct", task_members, TASK_MEMBERS, &f->task) == 0;
	f->has_rt = btf_member(b, "rt_mutex_waiter", "lock", &f->rt_lock) == 0;
	for (size_t i = 0; i < N_WAYS; i++) {
		struct way_types *t = &f->types[i];

		t->has_waiter = ways[i].waiter && ktype_find(b, ways[i].waiter, waiter_members,
		                                             WAITER_MEMBERS, &t->waiter) == 0;
		t->has_lock = ways[i].type && ktype_find(b, ways[i].type, lock_members,
		                                         LOCK_MEMBERS, &t->lock) == 0;
	}
}

int finder_open(const struct kview *v, struct symbols *s, struct unwind *u, const struct tasks *t,
                char *remark, struct finder **ret)
{
	_cleanup_(finder_freep) struct finder *f = calloc(1, sizeof(*f));

	if (!f)
		return oom("the search for locks");
	f->v = v;
	f->symbols = s;
	f->unwind = u;
	f->tasks = t;
	for (size_t i = 0; i < NAMED; i++)
		f->named[i].way = N_WAYS;
	f->steps = 16 * (uint64_t)t->n + 4096;
	f->known = calloc(t->n + 1, sizeof(*f->known));
	f->ring = calloc(t->n + 1, sizeof(*f->ring));
	f->stack_size = u ? unwind_stack_size(u) : v->ks->tables.arch->stack_size;
	f->stack = calloc(1, f->stack_size);
	if (!f->known || !f->ring || !f->stack)
		return oom("the search for locks");
	find_range(v, "__sched_text_start", "__sched_text_end", &f->skipped[0]);
	find_range(v, "__lock_text_start", "__lock_text_end", &f->skipped[1]);
	if (v->types)
		find_types(f);
	if (!v->types)
		snprintf(remark, 256, "the kernel's types are not known: %.200s", v->no_types);
	else if (!u)
		snprintf(remark, 256, "there are no traces to tell what tasks wait for");
	*ret = TAKE_PTR(f);
	return 0;
}

struct finder *finder_free(struct finder *f)
{
	if (!f)
		return NULL;
	kcopy_done(&f->copy);
	free(f->stack);
	free(f->known);
	free(f->ring);
	free(f);
	return NULL;
}

static bool is_pointer(uint64_t value)
{
	return value >> 63 && value % 8 == 0;
}

/* --- Rings ----------------------------------------------------------------------------------- */

static bool on_stack(const struct finder *f, const struct task *task, uint64_t address)
{
	return task->stack != 0 && address >= task->stack && address - task->stack < f->stack_size;
}

/* The task whose structure has the node, or NULL. */
static const struct task *waiter_of(const struct finder *f, const struct ktype *waiter,
                                    uint64_t node)
{
	uint64_t at = ktype_around(waiter, WAITER_LIST, node), address;
	const struct task *task;

	if (kspace_u64(f->v->ks, at + waiter->members[WAITER_TASK].offset, &address) < 0)
		return NULL;
	task = tasks_find(f->tasks, address);
	return task && on_stack(f, task, node) ? task : NULL;
}

/* True when both neighbours of a node point back to it. */
static bool is_linked(struct kspace *ks, uint64_t node)
{
	uint64_t next, previous, back, forth;

	return kspace_u64(ks, node, &next) == 0 && kspace_u64(ks, node + 8, &previous) == 0 &&
	       kspace_u64(ks, next + 8, &back) == 0 && kspace_u64(ks, previous, &forth) == 0 &&
	       back == node && forth == node;
}

/* Walks the ring and stores its tasks in f->ring. @ret_head is its head, or 0 when it has none.
 * Returns false when it is no ring, or has several nodes that could be the head. */
static bool go_round(struct finder *f, const struct ktype *waiter, uint64_t node,
                     uint64_t *ret_head)
{
	struct list_walk w = list_walk(f->v->ks, node, f->tasks->n + 1);
	const struct task *task = waiter_of(f, waiter, node);
	uint64_t head = 0;
	int r;

	f->ring_n = 0;
	if (!task)
		return false;
	f->ring[f->ring_n++] = task;
	while ((r = list_next(&w, &node)) > 0) {
		if (f->steps == 0)
			return false;
		f->steps--;
		task = waiter_of(f, waiter, node);
		if (!task && head != 0)
			return false;
		if (!task)
			head = node;
		else if (f->ring_n < f->tasks->n)
			f->ring[f->ring_n++] = task;
	}
	*ret_head = head;
	return r == 0;
}

/* True when the structure at @address is in the last ring. */
static bool in_ring(struct finder *f, const struct ktype *waiter, uint64_t address)
{
	const struct task *task =
		waiter_of(f, waiter, address + waiter->members[WAITER_LIST].offset);

	for (size_t i = 0; task && i < f->ring_n && f->steps > 0; i++, f->steps--)
		if (f->ring[i] == task)
			return true;
	return false;
}

static bool on_stack_of_ring(const struct finder *f, uint64_t address)
{
	for (size_t i = 0; i < f->ring_n; i++)
		if (on_stack(f, f->ring[i], address))
			return true;
	return false;
}

/* Finds a lock whose address is on the stack and which points into the last ring. A word on a stack
 * of the ring may do that by chance, so those are skipped. */
static uint64_t lock_by_first(struct finder *f, const struct way_types *t)
{
	uint64_t first;

	for (size_t i = 0; i < f->stack_n; i++)
		if (is_pointer(f->stack[i]) &&
		    kspace_u64(f->v->ks, f->stack[i] + t->lock.members[LOCK_FIRST].offset,
		               &first) == 0 &&
		    in_ring(f, &t->waiter, first) && !on_stack_of_ring(f, f->stack[i]))
			return f->stack[i];
	return 0;
}

/* The lock whose ring has the node, or 0. */
static uint64_t lock_of_ring(struct finder *f, const struct way_types *t, const char *waiter,
                             uint64_t node)
{
	uint64_t head, lock = 0;

	if (!go_round(f, &t->waiter, node, &head))
		return 0;
	if (head != 0 && ktype_has(&t->lock, LOCK_HEAD))
		lock = ktype_around(&t->lock, LOCK_HEAD, head);
	else if (head == 0 && ktype_has(&t->lock, LOCK_FIRST))
		lock = lock_by_first(f, t);
	for (size_t i = 0; lock && i < f->ring_n; i++) {
		f->known[f->ring[i] - f->tasks->list].lock = lock;
		f->known[f->ring[i] - f->tasks->list].waiter = waiter;
	}
	return lock;
}

/* --- A task's stack -------------------------------------------------------------------------- */

static void read_stack(struct finder *f, const struct task *task)
{
	uint64_t size = f->stack_size, from;

	f->stack_n = 0;
	if (f->trace.n == 0 || task->stack == 0)
		return;
	from = ALIGN_DOWN(f->trace.frames[0].sp, 8);
	if (!on_stack(f, task, from))
		return;
	from = MAX(from - SAVED_BELOW, task->stack);
	size -= from - task->stack;
	if (kspace_read(f->v->ks, from, f->stack, size) < 0)
		return;
	f->stack_at = from;
	f->stack_n = size / 8;
	for (size_t i = 0; i < f->stack_n; i++)
		f->stack[i] = le64toh(f->stack[i]);
}

/* The lock or object of a wait of this kind, by the structure on the stack; 0: none. */
static uint64_t lock_on_stack(struct finder *f, const struct task *task, size_t way)
{
	const struct way_types *t = &f->types[way];
	const struct btf_member *m = t->waiter.members;
	size_t nr = task - f->tasks->list;
	uint64_t lock = 0;

	if (!t->has_waiter || (ways[way].type && !t->has_lock))
		return 0;
	if (f->known[nr].waiter && streq(f->known[nr].waiter, ways[way].waiter))
		return f->known[nr].lock;
	for (size_t i = 0; lock == 0 && i < f->stack_n; i++) {
		uint64_t waiter = f->stack_at + i * 8 - m[WAITER_TASK].offset;
		uint64_t node = waiter + m[WAITER_LIST].offset;

		if (f->stack[i] != task->address || waiter < f->stack_at ||
		    !is_linked(f->v->ks, node))
			continue;
		if (ways[way].type)
			lock = lock_of_ring(f, t, ways[way].waiter, node);
		else if (ktype_has(&t->waiter, WAITER_OBJECT))
			kspace_u64(f->v->ks, waiter + m[WAITER_OBJECT].offset, &lock);
	}
	return lock;
}

/* --- Names ----------------------------------------------------------------------------------- */

/* True when @functions has the function. */
static bool is_named(const char *name, const char *functions)
{
	size_t len = strcspn(name, ".");

	while (*functions) {
		size_t n = strcspn(functions, " ");
		bool any = functions[n - 1] == '*';
		size_t wanted = any ? n - 1 : n;

		if ((any ? len >= wanted : len == wanted) && strncmp(name, functions, wanted) == 0)
			return true;
		functions += n;
		functions += strspn(functions, " ");
	}
	return false;
}

static size_t way_of_name(const char *name)
{
	size_t way = 0;

	while (way < N_WAYS && !is_named(name, ways[way].functions))
		way++;
	return way;
}

/* The row of the function that has the instruction, or N_WAYS. */
static size_t way_of_instruction(struct finder *f, uint64_t ip)
{
	struct named *named = &f->named[ip % NAMED];
	const struct module *m;
	struct symbol symbol;

	if (named->ip != ip) {
		named->ip = ip;
		named->way = symbols_find(f->symbols, ip, &symbol, &m) < 0
		                     ? N_WAYS
		                     : way_of_name(symbol.name);
	}
	return named->way;
}

/* The row of the first function in the trace that has one, or N_WAYS. */
static size_t way_of_trace(struct finder *f)
{
	size_t found = N_WAYS;

	for (size_t i = 0; i < f->trace.n && i < NAMED_FRAMES; i++) {
		const struct frame *frame = &f->trace.frames[i];
		size_t way;

		if (!frame->sure)
			break;
		way = way_of_instruction(f, frame->exact ? frame->ip : frame->ip - 1);
		if (way < N_WAYS && !ways[way].weak)
			return way;
		found = MIN(found, way);
	}
	return found;
}

static void find_function(const struct finder *f, struct wait *ret)
{
	for (size_t i = 0; i < f->trace.n && f->trace.frames[i].sure; i++) {
		const struct frame *frame = &f->trace.frames[i];
		bool skip = false;

		for (size_t k = 0; k < ARRAY_SIZE(f->skipped); k++)
			skip |= frame->ip > f->skipped[k].start && frame->ip <= f->skipped[k].end;
		if (skip)
			continue;
		ret->ip = frame->ip;
		ret->exact = frame->exact;
		return;
	}
}

/* --- What the task has noted ----------------------------------------------------------------- */

static size_t way_of_kind(enum wait_kind kind)
{
	size_t way = 0;

	while (way < N_WAYS && ways[way].kind != kind)
		way++;
	return way;
}

/* Returns the row and the lock that the task itself names, or N_WAYS. */
static size_t find_noted(struct finder *f, const struct task *task, uint64_t *ret_lock)
{
	/* In the order of BLOCKER_TYPE_. */
	static const enum wait_kind blockers[] = { WAIT_MUTEX, WAIT_SEMAPHORE, WAIT_RWSEM_READ,
		                                   WAIT_RWSEM_WRITE };
	size_t mutex = way_of_kind(WAIT_MUTEX);
	uint64_t waiter, blocker, blocked_on;

	if (!f->has_task || kcopy_read(&f->copy, f->v->ks, &f->task, task->address) < 0)
		return N_WAYS;
	waiter = kcopy_u64(&f->copy, PI_BLOCKED_ON);
	blocker = kcopy_u64(&f->copy, BLOCKER);
	blocked_on = kcopy_u64(&f->copy, BLOCKED_ON);
	if (is_pointer(waiter) && f->has_rt &&
	    kspace_u64(f->v->ks, waiter + f->rt_lock.offset, ret_lock) == 0)
		return way_of_kind(WAIT_RT_MUTEX);
	if (is_pointer(blocker & ~UINT64_C(3))) {
		*ret_lock = blocker & ~UINT64_C(3);
		return way_of_kind(blockers[blocker & 3]);
	}
	if (!is_pointer(blocked_on))
		return N_WAYS;
	*ret_lock = blocked_on;
	/* On the stack it is a struct mutex_waiter, which lock_on_stack() finds. */
	return on_stack(f, task, blocked_on) ? N_WAYS : mutex;
}

/* --- The whole ------------------------------------------------------------------------------- */

static void find_owner(struct finder *f, size_t way, struct wait *ret)
{
	const struct way_types *t = &f->types[way];
	uint64_t owner, count;

	if (!t->has_lock || !ktype_has(&t->lock, LOCK_OWNER) ||
	    kcopy_read(&f->copy, f->v->ks, &t->lock, ret->lock) < 0)
		return;
	owner = kcopy_u64(&f->copy, LOCK_OWNER);
	count = kcopy_u64(&f->copy, LOCK_COUNT);
	if (ret->kind == WAIT_RWSEM_READ || ret->kind == WAIT_RWSEM_WRITE) {
		ret->shared = owner & OWNER_READER;
		if (ret->shared && ktype_has(&t->lock, LOCK_ATOMIC_OWNER)) {
			ret->readers = COUNT_READERS(count);
			if (ret->readers == 0)
				return;
		}
	}
	ret->owner = tasks_find(f->tasks, owner & ~OWNER_FLAGS);
	/* A lock keeps the last of its readers, who may have gone rightly. Small numbers, positive
	 * or negative, have meanings of their own. */
	if (!ret->owner && !ret->shared && !f->tasks->remark[0] && owner >> 63 &&
	    owner < -(uint64_t)KIB(4))
		ret->gone = owner & ~OWNER_FLAGS;
}

bool finder_look(struct finder *f, const struct task *task, struct wait *ret)
{
	uint64_t lock = 0;
	size_t way;

	if (task->on_cpu || !strchr("DSI", task->state))
		return false;
	*ret = (struct wait){ .task = task };
	f->trace.n = 0;
	if (f->unwind)
		unwind_task(f->unwind, task->address, &f->trace);
	way = find_noted(f, task, &lock);
	ret->sure = way < N_WAYS;
	if (!ret->sure)
		way = way_of_trace(f);
	if (task->state != 'D' && !(way < N_WAYS && ways[way].lock))
		return false;
	find_function(f, ret);
	if (way == N_WAYS)
		return true;
	ret->kind = ways[way].kind;
	if (!ret->sure) {
		read_stack(f, task);
		lock = 0;
		for (size_t i = way; lock == 0 && i < N_WAYS; i++)
			if (ways[i].kind == ways[way].kind)
				lock = lock_on_stack(f, task, i);
		ret->sure = lock != 0;
	}
	ret->lock = lock;
	if (lock)
		find_owner(f, way, ret);
	return true;
}
