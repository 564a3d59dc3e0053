// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * unwind-returns.c - the return addresses that tracers replace.
 *
 * To see a function return, a tracer puts the address of a trampoline in the place of its return
 * address, and notes the real one with the place, or with the frame pointer of the caller:
 *
 *	kernel/trace/fgraph.c    a stack of struct ftrace_ret_stack for each task. Up to 6.10
 *	                         curr_ret_stack is the number of the last one; since 6.11 it is how
 *	                         many words are in use, and other data lies between.
 *	kernel/trace/rethook.c   a list of struct rethook_node for each task (5.18)
 *	kernel/kprobes.c         a list of struct kretprobe_instance for each task (5.11), up
 *to 5.10 a table of 64 lists for all tasks (KPROBE_TABLE_SIZE)
 *
 * Several tracers may want the same return. Then the later ones have noted a trampoline.
 */
#include "vmcore/stack/unwind-kind.h"

#include "vmcore/view/ktype.h"

#define TABLE_LISTS 64

/* Limits against broken dumps: records of a list; bytes of a stack, which has a page since 6.11 and
 * 50 records before. */
#define MAX_RECORDS 4096
#define MAX_STACK   KIB(4)

/* How often a return address may have been replaced. */
#define MAX_TRACERS 4

enum { RET, FRAME, FRAME2, NEXT, TASK, MEMBERS };

static const struct row {
	const char *trampoline;
	const char *head;  /* a member of task_struct */
	const char *used;  /* another one: the records are a stack, head points to it */
	const char *table; /* a variable; head is NULL */
	const char *structure;
	const char *members[MEMBERS]; /* of a record */
} rows[UNWIND_RETURNS] = {
	{ "return_to_handler",
	  "ret_stack",
	  "curr_ret_stack",
	  NULL,
	  "ftrace_ret_stack",
	  { "ret", "retp|fp", "fp|retp", "?-", "?-" } },
	{ "arch_rethook_trampoline",
	  "rethooks.first",
	  NULL,
	  NULL,
	  "rethook_node",
	  { "ret_addr", "frame", "frame", "llist.next", "?-" } },
	{ "__kretprobe_trampoline|kretprobe_trampoline",
	  "kretprobe_instances.first",
	  NULL,
	  NULL,
	  "kretprobe_instance",
	  { "ret_addr", "fp", "fp", "llist.next", "?-" } },
	{ "kretprobe_trampoline",
	  NULL,
	  NULL,
	  "kretprobe_inst_table",
	  "kretprobe_instance",
	  { "ret_addr", "fp", "fp", "hlist.next", "task" } },
};

/* Finds where the records of @row begin; false: the kernel has none. */
static bool find_head(const struct kview *v, const struct row *row, struct unwind_returns *f)
{
	const char *const members[] = { row->head, row->used ?: "?-" };
	struct ktype task;
	uint64_t words;

	if (!row->head)
		return kview_address(v, row->table, &f->table) == 0;
	if (ktype_find(v->types, "task_struct", members, ARRAY_SIZE(members), &task) < 0)
		return false;
	f->head = task.members[0].offset;
	if (!row->used)
		return true;
	f->used = task.members[1].offset;
	/* This function came when the stack became one of words. */
	f->words = kview_address(v, "fgraph_reserve_data", &words) == 0;
	return true;
}

void returns_find(const struct kview *v, struct unwind_returns ret[static UNWIND_RETURNS])
{
	for (size_t i = 0; i < UNWIND_RETURNS; i++) {
		const struct row *row = &rows[i];
		const char *names = row->trampoline;
		struct unwind_returns f = {};
		struct ktype record;
		char name[64];

		while (f.trampoline == 0 && ktype_next_name(&names, name, sizeof(name)))
			kview_address(v, name, &f.trampoline);
		ret[i] = (struct unwind_returns){ .trampoline = f.trampoline };
		if (f.trampoline == 0 ||
		    ktype_find(v->types, row->structure, row->members, MEMBERS, &record) < 0 ||
		    !find_head(v, row, &f))
			continue;
		f.ret = record.members[RET].offset;
		f.frame[0] = record.members[FRAME].offset;
		f.frame[1] = record.members[FRAME2].offset;
		f.next = record.members[NEXT].offset;
		f.task = record.members[TASK].offset;
		f.size = record.size;
		ret[i] = f;
	}
}

/* What a return address was noted with. */
struct key {
	const struct walk *w;
	uint64_t slot, frame;
};

/* True if the record at @at has the real address. */
static bool is_wanted(const struct unwind_returns *f, const struct key *k, uint64_t at,
                      uint64_t *ret)
{
	struct kspace *ks = k->w->u->ks;
	uint64_t frame, task;

	for (size_t i = 0; i < ARRAY_SIZE(f->frame); i++) {
		if (kspace_u64(ks, at + f->frame[i], &frame) < 0 ||
		    (frame != k->slot && frame != k->frame))
			continue;
		if (f->table && (kspace_u64(ks, at + f->task, &task) < 0 || task != k->w->task))
			continue;
		return kspace_u64(ks, at + f->ret, ret) == 0 && *ret != f->trampoline &&
		       unwind_code(k->w->u, *ret - 1, NULL) != CODE_NONE;
	}
	return false;
}

/* Goes along the list whose first record the pointer at @at has. */
static bool find_in_list(const struct unwind_returns *f, const struct key *k, uint64_t at,
                         uint64_t *ret)
{
	uint64_t node;

	for (unsigned n = 0; n < MAX_RECORDS && kspace_u64(k->w->u->ks, at, &node) == 0; n++) {
		if (node == 0)
			return false;
		if (is_wanted(f, k, node - f->next, ret))
			return true;
		at = node;
	}
	return false;
}

/* The last record comes first. Other data between has no address of the stack. */
static bool find_on_stack(const struct unwind_returns *f, const struct key *k, uint64_t *ret)
{
	struct kspace *ks = k->w->u->ks;
	uint64_t start, end;
	uint32_t used;

	if (kspace_u64(ks, k->w->task + f->head, &start) < 0 || start == 0 ||
	    kspace_u32(ks, k->w->task + f->used, &used) < 0)
		return false;
	/* The number is -1 when there is none. */
	end = f->words ? used * sizeof(start) : (uint64_t)(uint32_t)(used + 1) * f->size;
	if (end > MAX_STACK)
		return false;
	for (; end >= f->size; end -= sizeof(start))
		if (is_wanted(f, k, start + end - f->size, ret))
			return true;
	return false;
}

static bool find_return(const struct unwind_returns *f, const struct key *k, uint64_t *ret)
{
	if (f->table) {
		for (unsigned i = 0; i < TABLE_LISTS; i++)
			if (find_in_list(f, k, f->table + i * sizeof(uint64_t), ret))
				return true;
		return false;
	}
	return f->used ? find_on_stack(f, k, ret) : find_in_list(f, k, k->w->task + f->head, ret);
}

bool returns_replaced(const struct unwind *u, uint64_t ip)
{
	for (size_t i = 0; i < UNWIND_RETURNS; i++)
		if (ip == u->facts.returns[i].trampoline && ip != 0)
			return true;
	return false;
}

uint64_t returns_real(const struct walk *w, uint64_t ip, uint64_t slot, uint64_t frame)
{
	const struct key k = { w, slot, frame };

	for (unsigned n = 0; n < MAX_TRACERS && returns_replaced(w->u, ip); n++)
		for (size_t i = 0; i < UNWIND_RETURNS; i++) {
			const struct unwind_returns *f = &w->u->facts.returns[i];
			uint64_t real;

			if (ip == f->trampoline && f->size > 0 && w->task &&
			    find_return(f, &k, &real))
				ip = real;
		}
	return ip;
}
