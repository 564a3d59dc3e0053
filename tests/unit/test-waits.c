// SPDX-License-Identifier: GPL-2.0-or-later
/* test-waits.c - what tasks that never ran wait for, and who waits for whom in a circle. */
#include <elf.h>
#include <stdio.h>

#include "tests/unit/synth-btf.h"
#include "tests/unit/synth-symbols.h"
#include "tests/unit/unwindbox.h"
#include "vmcore/report/waits.h"

#define TEXT     (SYNTH_IMAGE_VA + 0x80000)
#define TEXT_END (TEXT + 0x10000)
#define TASK(n)  (SYNTH_IMAGE_VA + 0x40000 + (n)*UINT64_C(0x400))
#define LOCK(n)  (SYNTH_IMAGE_VA + 0x60000 + (n)*UINT64_C(0x40))
#define TASKS    UNWINDBOX_STACKS

/* Offsets in struct task_struct. */
enum {
	THREAD_FP = 0x200,
	THREAD_SP = 0x208,
	THREAD_PC = 0x210,
	PI_BLOCKED_ON = 0x100,
	BLOCKER = 0x108,
	BLOCKED_ON = 0x110,
};

/* In the locks, all of which are alike; a mutex has no count, a completion its list at 8. */
enum {
	OWNER = 0,
	COUNT = 8,
	WAIT_LIST = 16,
	DONE_LIST = 8,
};

/* In the structures that wait: first the list or the task. */
enum {
	WAITER_LIST = 0,
	WAITER_TASK = 16,
	WAITER_WORDS = 5,
	SWAIT_TASK = 0,
	SWAIT_LIST = 8,
	PAGE_FOLIO = 0,
	PAGE_TASK = 8,
	PAGE_LIST = 16,
	RT_LOCK = 24,
};

/* Functions of 64 bytes; those before DO_WORK are the scheduler's. */
enum {
	SCHEDULE,
	MUTEX,
	READ,
	WRITE,
	DOWN,
	COMPLETION,
	DO_WORK,
	FOLIO,
	BEGIN,
	IO,
	FUNCTIONS,
};

static const char *const functions[FUNCTIONS] = {
	[SCHEDULE] = "schedule",
	[MUTEX] = "__mutex_lock.constprop.0",
	[READ] = "rwsem_down_read_slowpath",
	[WRITE] = "rwsem_down_write_slowpath",
	[DOWN] = "__down",
	[COMPLETION] = "wait_for_completion",
	[DO_WORK] = "do_work",
	[FOLIO] = "folio_wait_bit_common",
	[BEGIN] = "kthread",
	[IO] = "io_schedule_timeout",
};

struct fixture {
	struct unwindbox *box;
	struct task list[TASKS];
	const struct task *by_address[TASKS];
	struct tasks tasks;
	bool notes;    /* the kernel's task_struct has blocker and the like */
	bool no_heads; /* locks point to the first who waits */
	bool no_unwind, no_types;
	struct kview v;
	struct symbols *symbols;
	struct waits waits;
};

static void put(struct fixture *f, uint64_t va, uint64_t value)
{
	unwindbox_put(f->box, va, value);
}

static uint64_t in(unsigned function)
{
	return TEXT + 64 * function + 20;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	void *box;

	assert_non_null(f);
	unwindbox_setup(&box);
	f->box = box;
	f->box->arch.elf_machine = EM_AARCH64;
	f->box->facts.text[0] = (struct unwind_range){ TEXT, TEXT_END };
	f->box->facts.arm64 = (struct unwind_arm64_facts){ .thread_fp = THREAD_FP,
		                                           .thread_sp = THREAD_SP,
		                                           .thread_pc = THREAD_PC };
	for (unsigned i = 0; i < TASKS; i++) {
		f->list[i] = (struct task){
			.address = TASK(i), .pid = 10 + i, .state = 'S', .stack = UNWINDBOX_STACK(i)
		};
		f->by_address[i] = &f->list[i];
	}
	f->tasks = (struct tasks){ .list = f->list, .n = TASKS, .by_address = f->by_address };
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	void *box = f->box;

	waits_done(&f->waits);
	symbols_free(f->symbols);
	kallsyms_free(f->v.symbols);
	btf_free(f->v.types);
	unwindbox_teardown(&box);
	free(f);
	return 0;
}

/* --- Tasks and locks ------------------------------------------------------------------------- */

/* Task @nr is in that state, called schedule from @function, and that from do_work or a function
 * that is given. It may have @words words on its stack, whose address is returned. */
static uint64_t sleep_in(struct fixture *f, unsigned nr, char state, unsigned function,
                         unsigned words)
{
	struct unwindbox *b = f->box;
	const unsigned calls[] = { BEGIN, DO_WORK, function };
	uint64_t record, at;

	unwindbox_on(b, nr);
	unwindbox_push(b, 0);
	record = unwindbox_push(b, 0);
	unwindbox_junk(b, words);
	at = b->stack;
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		unwindbox_push(b, in(calls[i]));
		record = unwindbox_push(b, record);
	}
	put(f, TASK(nr) + THREAD_FP, record);
	put(f, TASK(nr) + THREAD_SP, b->stack);
	put(f, TASK(nr) + THREAD_PC, in(SCHEDULE));
	f->list[nr].state = state;
	return at;
}

/* A structure that waits on the stack of the task; its node. */
static uint64_t wait_in(struct fixture *f, unsigned nr, char state, unsigned function)
{
	uint64_t waiter = sleep_in(f, nr, state, function, WAITER_WORDS);

	put(f, waiter + WAITER_TASK, TASK(nr));
	return waiter + WAITER_LIST;
}

static void put_ring(struct fixture *f, const uint64_t *nodes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		put(f, nodes[i], nodes[(i + 1) % n]);
		put(f, nodes[i] + 8, nodes[(i + n - 1) % n]);
	}
}

/* A mutex that @owner (TASKS: nobody) holds and one task waits for. */
static void wait_for_mutex(struct fixture *f, unsigned nr, char state, unsigned lock,
                           unsigned owner)
{
	const uint64_t ring[] = { LOCK(lock) + WAIT_LIST, wait_in(f, nr, state, MUTEX) };

	put_ring(f, ring, 2);
	/* With a flag that there is somebody who waits. */
	put(f, LOCK(lock) + OWNER, owner < TASKS ? TASK(owner) | 1 : 0);
}

static void put_lock_type(struct fixture *f, struct synth_btf *b, const char *name, uint32_t ulong,
                          uint32_t list, uint32_t atomic)
{
	synth_btf_struct(b, name, 3, 64);
	synth_btf_member(b, "owner", atomic, OWNER * 8);
	synth_btf_member(b, "count", ulong, COUNT * 8);
	synth_btf_member(b, f->no_heads ? "first_waiter" : "wait_list", f->no_heads ? ulong : list,
	                 WAIT_LIST * 8);
}

static void put_waiter_type(struct synth_btf *b, const char *name, uint32_t ulong, uint32_t list)
{
	synth_btf_struct(b, name, 2, WAITER_WORDS * 8);
	synth_btf_member(b, "list", list, WAITER_LIST * 8);
	synth_btf_member(b, "task", ulong, WAITER_TASK * 8);
}

static struct btf *open_types(struct fixture *f)
{
	struct synth_btf b;
	uint32_t ulong, list, atomic, head, private;

	synth_btf_init(&b);
	ulong = synth_btf_int(&b, "long", 8);
	list = synth_btf_array(&b, ulong, 2);
	atomic = synth_btf_struct(&b, "atomic_long", 1, 8);
	synth_btf_member(&b, "counter", ulong, 0);
	put_lock_type(f, &b, "mutex", ulong, list, atomic);
	put_lock_type(f, &b, "rw_semaphore", ulong, list, atomic);
	synth_btf_struct(&b, "semaphore", 1, 64);
	synth_btf_member(&b, "wait_list", list, WAIT_LIST * 8);
	put_waiter_type(&b, "mutex_waiter", ulong, list);
	put_waiter_type(&b, "rwsem_waiter", ulong, list);
	put_waiter_type(&b, "semaphore_waiter", ulong, list);
	synth_btf_struct(&b, "swait_queue", 2, 24);
	synth_btf_member(&b, "task", ulong, SWAIT_TASK * 8);
	synth_btf_member(&b, "task_list", list, SWAIT_LIST * 8);
	head = synth_btf_struct(&b, "swait_queue_head", 1, 16);
	synth_btf_member(&b, "task_list", list, 0);
	synth_btf_struct(&b, "completion", 1, 32);
	synth_btf_member(&b, "wait", head, DONE_LIST * 8);
	private = synth_btf_struct(&b, "wait_queue_entry", 2, 24);
	synth_btf_member(&b, "private", ulong, 0);
	synth_btf_member(&b, "entry", list, 8 * 8);
	synth_btf_struct(&b, "wait_page_queue", 2, 40);
	synth_btf_member(&b, "folio", ulong, PAGE_FOLIO * 8);
	synth_btf_member(&b, "wait", private, PAGE_TASK * 8);
	synth_btf_struct(&b, "rt_mutex_waiter", 1, 64);
	synth_btf_member(&b, "lock", ulong, RT_LOCK * 8);
	synth_btf_struct(&b, "rt_mutex_base", 1, 64);
	synth_btf_member(&b, "owner", ulong, OWNER * 8);
	synth_btf_struct(&b, "task_struct", f->notes ? 4 : 1, 0x400);
	synth_btf_member(&b, "pi_blocked_on", ulong, PI_BLOCKED_ON * 8);
	if (f->notes) {
		synth_btf_member(&b, "blocker", ulong, BLOCKER * 8);
		synth_btf_member(&b, "blocked_on", ulong, BLOCKED_ON * 8);
		synth_btf_member(&b, "flags", ulong, 0);
	}
	return synth_btf_open(&b);
}

static void put_symbols(struct fixture *f)
{
	struct synth_tables tables = { .addresses = SYNTH_BASE_RELATIVE, .long_lengths = true };
	struct synth_symbol all[FUNCTIONS + 4] = { { "_stext", 'T', SYNTH_IMAGE_VA } };
	size_t n = 1;

	all[n++] = (struct synth_symbol){ "__sched_text_start", 'T', TEXT };
	for (unsigned i = 0; i < FUNCTIONS; i++) {
		if (i == DO_WORK)
			all[n++] = (struct synth_symbol){ "__sched_text_end", 'T', TEXT + 64 * i };
		all[n++] = (struct synth_symbol){ functions[i], 't', TEXT + 64 * i };
	}
	all[n++] = (struct synth_symbol){ "_etext", 'T', TEXT_END };
	synth_tables(&f->box->m, &tables, all, n);
}

static const struct waits *look(struct fixture *f)
{
	put_symbols(f);
	unwindbox_open(f->box);
	f->v.ks = f->box->ks;
	assert_int_equal(kallsyms_open(f->v.ks, &f->v.symbols), 0);
	if (!f->no_types)
		f->v.types = open_types(f);
	assert_int_equal(symbols_open(&f->v, &f->symbols), 0);
	assert_int_equal(waits_read(&f->v, f->symbols, f->no_unwind ? NULL : f->box->unwind,
	                            &f->tasks, &f->waits),
	                 0);
	return &f->waits;
}

static const struct wait *wait_of(struct fixture *f, unsigned nr)
{
	return waits_find(&f->waits, &f->list[nr]);
}

static void deadlocks_are_found(void **state)
{
	struct fixture *f = *state;
	const struct waits *w;

	wait_for_mutex(f, 0, 'D', 0, 1);
	wait_for_mutex(f, 1, 'D', 1, 0);
	/* Another one waits for the first, outside of the circle; the last does not wait. */
	wait_for_mutex(f, 2, 'S', 2, 0);
	sleep_in(f, 3, 'S', DO_WORK, 0);
	w = look(f);
	assert_string_equal(w->remark, "");
	assert_int_equal(w->n, 3);
	for (unsigned i = 0; i < 3; i++) {
		const struct wait *wait = wait_of(f, i);

		assert_non_null(wait);
		assert_int_equal(wait->kind, WAIT_MUTEX);
		assert_true(wait->sure);
		assert_false(wait->shared);
		assert_true(wait->lock == LOCK(i));
		assert_ptr_equal(wait->owner, &f->list[i == 0]);
		assert_ptr_equal(wait->next, wait_of(f, i == 0));
		assert_int_equal(wait->cycle, i < 2);
		assert_true(wait->ip == in(DO_WORK));
	}
	assert_null(wait_of(f, 3));
	assert_int_equal(w->n_cycles, 1);
	assert_ptr_equal(w->cycles[0], wait_of(f, 0));
}

static void tasks_can_wait_for_themselves(void **state)
{
	struct fixture *f = *state;

	wait_for_mutex(f, 2, 'D', 0, 2);
	look(f);
	assert_int_equal(f->waits.n_cycles, 1);
	assert_ptr_equal(wait_of(f, 2)->next, wait_of(f, 2));
}

/* Two circles, each told once. */
static void all_circles_are_found(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < 4; i++)
		wait_for_mutex(f, i, 'D', i, i ^ 2);
	look(f);
	assert_int_equal(f->waits.n_cycles, 2);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(wait_of(f, i)->cycle, 1 + i % 2);
}

static void many_can_wait_for_one_lock(void **state)
{
	struct fixture *f = *state;
	uint64_t ring[4] = { LOCK(5) + WAIT_LIST };

	for (unsigned i = 0; i < 3; i++)
		ring[i + 1] = wait_in(f, i, 'D', MUTEX);
	put_ring(f, ring, 4);
	put(f, LOCK(5) + OWNER, TASK(3));
	wait_for_mutex(f, 3, 'D', 1, TASKS);
	look(f);
	for (unsigned i = 0; i < 3; i++) {
		assert_true(wait_of(f, i)->lock == LOCK(5));
		assert_ptr_equal(wait_of(f, i)->owner, &f->list[3]);
	}
	assert_null(wait_of(f, 3)->owner);
	assert_int_equal(f->waits.n_cycles, 0);
	/* What most wait for comes first. */
	assert_int_equal(f->waits.n_locks, 2);
	assert_int_equal(f->waits.locks[0].n, 3);
	assert_true(f->waits.locks[0].wait->lock == LOCK(5));
	assert_int_equal(f->waits.locks[1].n, 1);
}

static void readers_and_writers_are_told_apart(void **state)
{
	struct fixture *f = *state;
	const uint64_t read[] = { LOCK(0) + WAIT_LIST, wait_in(f, 0, 'D', READ) };
	const uint64_t write[] = { LOCK(1) + WAIT_LIST, wait_in(f, 1, 'D', WRITE) };
	const uint64_t left[] = { LOCK(2) + WAIT_LIST, wait_in(f, 2, 'D', WRITE) };

	put_ring(f, read, 2);
	put_ring(f, write, 2);
	put_ring(f, left, 2);
	/* A writer; two readers; one who has gone since. */
	put(f, LOCK(0) + OWNER, TASK(3));
	put(f, LOCK(0) + COUNT, 3);
	put(f, LOCK(1) + OWNER, TASK(3) | 3);
	put(f, LOCK(1) + COUNT, 2 << 8 | 2);
	put(f, LOCK(2) + OWNER, TASK(3) | 1);
	put(f, LOCK(2) + COUNT, 2);
	look(f);
	assert_int_equal(wait_of(f, 0)->kind, WAIT_RWSEM_READ);
	assert_false(wait_of(f, 0)->shared);
	assert_ptr_equal(wait_of(f, 0)->owner, &f->list[3]);
	assert_int_equal(wait_of(f, 1)->kind, WAIT_RWSEM_WRITE);
	assert_true(wait_of(f, 1)->shared);
	assert_int_equal(wait_of(f, 1)->readers, 2);
	assert_ptr_equal(wait_of(f, 1)->owner, &f->list[3]);
	assert_null(wait_of(f, 2)->owner);
	assert_int_equal(wait_of(f, 2)->readers, 0);
}

static void what_has_no_owner_is_told(void **state)
{
	struct fixture *f = *state;
	const uint64_t down[] = { LOCK(0) + WAIT_LIST, wait_in(f, 0, 'D', DOWN) };
	uint64_t at = sleep_in(f, 1, 'D', COMPLETION, 3);
	const uint64_t done[] = { LOCK(1) + DONE_LIST, at + SWAIT_LIST };
	const uint64_t page[] = { LOCK(2), sleep_in(f, 2, 'D', FOLIO, 5) + PAGE_LIST };

	put(f, at + SWAIT_TASK, TASK(1));
	put_ring(f, down, 2);
	put_ring(f, done, 2);
	put_ring(f, page, 2);
	put(f, page[1] - PAGE_LIST + PAGE_TASK, TASK(2));
	put(f, page[1] - PAGE_LIST + PAGE_FOLIO, UINT64_C(0xffffea0000001240));
	sleep_in(f, 3, 'D', IO, 0);
	look(f);
	assert_int_equal(wait_of(f, 0)->kind, WAIT_SEMAPHORE);
	assert_true(wait_of(f, 0)->lock == LOCK(0) && !wait_of(f, 0)->owner);
	assert_int_equal(wait_of(f, 1)->kind, WAIT_COMPLETION);
	assert_true(wait_of(f, 1)->lock == LOCK(1));
	assert_int_equal(wait_of(f, 2)->kind, WAIT_PAGE);
	assert_true(wait_of(f, 2)->lock == UINT64_C(0xffffea0000001240));
	assert_true(wait_of(f, 2)->ip == in(FOLIO));
	assert_int_equal(wait_of(f, 3)->kind, WAIT_IO);
	assert_false(wait_of(f, 3)->sure);
}

/* Many tasks sleep on purpose: only locks are of interest then. */
static void those_that_just_sleep_are_not_told(void **state)
{
	struct fixture *f = *state;
	uint64_t at = sleep_in(f, 0, 'S', COMPLETION, 3);
	const uint64_t done[] = { LOCK(1) + DONE_LIST, at + SWAIT_LIST };

	put(f, at + SWAIT_TASK, TASK(0));
	put_ring(f, done, 2);
	wait_for_mutex(f, 1, 'R', 0, 2);
	wait_for_mutex(f, 2, 'D', 2, 1);
	f->list[2].on_cpu = true;
	sleep_in(f, 3, 'D', DO_WORK, 0);
	look(f);
	assert_int_equal(f->waits.n, 1);
	assert_int_equal(wait_of(f, 3)->kind, WAIT_OTHER);
	assert_true(wait_of(f, 3)->ip == in(DO_WORK));
}

static void leftovers_are_no_locks(void **state)
{
	struct fixture *f = *state;
	uint64_t node = wait_in(f, 0, 'D', MUTEX);

	/* It was in that ring, which has closed behind it. */
	put(f, node, LOCK(0) + WAIT_LIST);
	put(f, node + 8, LOCK(0) + WAIT_LIST);
	put(f, LOCK(0) + WAIT_LIST, LOCK(0) + WAIT_LIST);
	put(f, LOCK(0) + WAIT_LIST + 8, LOCK(0) + WAIT_LIST);
	put(f, LOCK(0) + OWNER, TASK(1));
	look(f);
	assert_int_equal(wait_of(f, 0)->kind, WAIT_MUTEX);
	assert_false(wait_of(f, 0)->sure);
	assert_true(wait_of(f, 0)->lock == 0 && !wait_of(f, 0)->owner);
}

static void rings_with_two_heads_are_none(void **state)
{
	struct fixture *f = *state;
	const uint64_t ring[] = { LOCK(0) + WAIT_LIST, wait_in(f, 0, 'D', MUTEX),
		                  LOCK(1) + WAIT_LIST };

	put_ring(f, ring, 3);
	look(f);
	assert_false(wait_of(f, 0)->sure);
	assert_int_equal(f->waits.n_locks, 0);
}

/* The node on the stack leads into a ring that does not lead back to it. */
static void rings_that_go_on_end(void **state)
{
	struct fixture *f = *state;
	uint64_t node = wait_in(f, 0, 'D', MUTEX), other = wait_in(f, 1, 'D', MUTEX);

	put(f, node, other);
	put(f, node + 8, other);
	put(f, other, LOCK(0) + WAIT_LIST);
	put(f, other + 8, node);
	put(f, LOCK(0) + WAIT_LIST, other);
	look(f);
	assert_false(wait_of(f, 0)->sure);
	assert_int_equal(wait_of(f, 0)->kind, WAIT_MUTEX);
}

/* Of somebody who is no task. */
static void owners_are_tasks(void **state)
{
	struct fixture *f = *state;

	wait_for_mutex(f, 0, 'D', 0, 1);
	put(f, LOCK(0) + OWNER, TASK(1) + 8);
	look(f);
	assert_true(wait_of(f, 0)->lock == LOCK(0));
	assert_null(wait_of(f, 0)->owner);
	assert_int_equal(wait_of(f, 0)->gone, TASK(1) + 8);
}

static void locks_may_have_no_heads(void **state)
{
	struct fixture *f = *state;
	uint64_t first = wait_in(f, 0, 'D', WRITE), second = wait_in(f, 1, 'D', WRITE);
	const uint64_t ring[] = { first, second };

	f->no_heads = true;
	put_ring(f, ring, 2);
	put(f, LOCK(0) + WAIT_LIST, first - WAITER_LIST);
	put(f, LOCK(0) + OWNER, TASK(2));
	/* A lock's address that is of no use, and the right one. */
	put(f, first + 24, LOCK(1));
	put(f, first + 32, LOCK(0));
	look(f);
	assert_true(wait_of(f, 0)->lock == LOCK(0) && wait_of(f, 1)->lock == LOCK(0));
	assert_ptr_equal(wait_of(f, 1)->owner, &f->list[2]);
	assert_int_equal(f->waits.locks[0].n, 2);
}

static void tasks_may_note_what_they_wait_for(void **state)
{
	struct fixture *f = *state;
	uint64_t waiter = sleep_in(f, 3, 'D', DO_WORK, 8);

	f->notes = true;
	for (unsigned i = 0; i < 3; i++)
		sleep_in(f, i, 'D', DO_WORK, 0);
	put(f, TASK(0) + BLOCKER, LOCK(0) | 3);
	put(f, LOCK(0) + OWNER, TASK(1));
	put(f, TASK(1) + BLOCKED_ON, LOCK(1));
	put(f, LOCK(1) + OWNER, TASK(2) | 1);
	put(f, TASK(2) + BLOCKER, LOCK(2) | 1);
	put(f, TASK(3) + PI_BLOCKED_ON, waiter);
	put(f, waiter + RT_LOCK, LOCK(3));
	put(f, LOCK(3) + OWNER, TASK(0) | 1);
	look(f);
	assert_int_equal(wait_of(f, 0)->kind, WAIT_RWSEM_WRITE);
	assert_int_equal(wait_of(f, 1)->kind, WAIT_MUTEX);
	assert_int_equal(wait_of(f, 2)->kind, WAIT_SEMAPHORE);
	assert_int_equal(wait_of(f, 3)->kind, WAIT_RT_MUTEX);
	for (unsigned i = 0; i < 4; i++) {
		assert_true(wait_of(f, i)->sure);
		assert_true(wait_of(f, i)->lock == LOCK(i));
	}
	assert_ptr_equal(wait_of(f, 3)->next, wait_of(f, 0));
	assert_ptr_equal(wait_of(f, 0)->next, wait_of(f, 1));
	assert_ptr_equal(wait_of(f, 1)->next, wait_of(f, 2));
	assert_null(wait_of(f, 2)->owner);
}

/* Where mutexes are debugged, blocked_on is that of the structure on the stack. */
static void notes_may_be_about_the_stack(void **state)
{
	struct fixture *f = *state;

	f->notes = true;
	wait_for_mutex(f, 0, 'D', 0, 1);
	put(f, TASK(0) + BLOCKED_ON, UNWINDBOX_STACK(0) + UNWINDBOX_STACK_SIZE - 16 - 40);
	look(f);
	assert_true(wait_of(f, 0)->lock == LOCK(0));
	assert_ptr_equal(wait_of(f, 0)->owner, &f->list[1]);
}

static void what_is_missing_is_told(void **state)
{
	struct fixture *f = *state;

	f->no_types = f->no_unwind = true;
	snprintf(f->v.no_types, sizeof(f->v.no_types), "they were left out");
	wait_for_mutex(f, 0, 'D', 0, 1);
	look(f);
	assert_string_equal(f->waits.remark,
	                    "the kernel's types are not known: they were left out");
	assert_int_equal(f->waits.n, 1);
	assert_int_equal(wait_of(f, 0)->kind, WAIT_OTHER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(deadlocks_are_found),
		TEST(tasks_can_wait_for_themselves),
		TEST(all_circles_are_found),
		TEST(many_can_wait_for_one_lock),
		TEST(readers_and_writers_are_told_apart),
		TEST(what_has_no_owner_is_told),
		TEST(those_that_just_sleep_are_not_told),
		TEST(leftovers_are_no_locks),
		TEST(rings_with_two_heads_are_none),
		TEST(rings_that_go_on_end),
		TEST(owners_are_tasks),
		TEST(locks_may_have_no_heads),
		TEST(tasks_may_note_what_they_wait_for),
		TEST(notes_may_be_about_the_stack),
		TEST(what_is_missing_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
