// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * unwind-riscv64.c - unwinds along frame records, which all code of a riscv64 kernel keeps
 * (walk_stackframe() in arch/riscv/kernel/stacktrace.c and entry.S, Linux 6.12).
 *
 * s0 points behind a record of two words: the s0 of the caller, and the return address. A function
 * that calls no other saves s0 alone, in the place of the return address.
 *
 * An exception calls its handler from handle_exception, without a record. The struct pt_regs lies
 * where the handler's frame ends. A task's stack ends with a struct pt_regs too: that of user
 * space, or in a kernel thread one of which only the mode is set.
 */
#include <elf.h>
#include <errno.h>

#include "base/err.h"
#include "vmcore/view/ktype.h"
#include "vmcore/stack/unwind-kind.h"

/* struct pt_regs (arch/riscv/include/asm/ptrace.h): words. A note has those before the status. */
enum { REGS_PC = 0, REGS_RA = 1, REGS_SP = 2, REGS_S0 = 8, REGS_STATUS = 32 };

/* Calls: jal ra, or auipc ra and jalr ra, (ra). Frames: addi s0, sp, of four bytes or two. */
#define CALL_MASK          0xfffU
#define CALL_JAL           0x0efU
#define CALL_AUIPC         0x097U
#define CALL_JALR_MASK     0xfffffU
#define CALL_JALR          0x080e7U
#define SET_S0_MASK        0xfffffU
#define SET_S0             0x10413U
#define SET_S0_SHORT_MASK  0xe01fU
#define SET_S0_SHORT_BYTES 0x1fe0U /* what is added to sp */

#define REGS_SIZE     288
#define STATUS_KERNEL 0x100U /* SPP: the exception came in the kernel */

/* A handler returns into handle_exception, or to ret_from_exception behind it. */
static void find_entry(const struct kview *v, struct unwind_riscv64_facts *f)
{
	struct symbol symbol;
	uint64_t start;

	if (kview_address(v, "handle_exception", &start) < 0 ||
	    kallsyms_find(v->symbols, start, &symbol) < 0)
		return;
	f->entry = (struct unwind_range){ start, start + symbol.size };
	kview_address(v, "ret_from_exception", &f->entry.end);
}

static void riscv64_find_facts(const struct kview *v, struct unwind_facts *ret)
{
	static const char *const context[] = { "thread.ra", "thread.sp", "thread.s" };
	struct unwind_riscv64_facts *f = &ret->riscv64;
	struct ktype task;
	uint64_t size;

	f->regs_size = REGS_SIZE;
	if (v->types && btf_size(v->types, "pt_regs", &size) == 0 && size < ret->stack_size)
		f->regs_size = ALIGN_UP(size, 16);
	if (ktype_find(v->types, "task_struct", context, ARRAY_SIZE(context), &task) == 0) {
		f->thread_ra = task.members[0].offset;
		f->thread_sp = task.members[1].offset;
		f->thread_s0 = task.members[2].offset;
	}
	find_entry(v, f);
	/* Since 6.16 there are two places where tasks begin. */
	kview_address(v, "ret_from_fork_kernel_asm", &f->begins[0]);
	kview_address(v, "ret_from_fork_user_asm", &f->begins[1]);
}

static int riscv64_start_task(struct walk *w, uint64_t task)
{
	const struct unwind_riscv64_facts *f = &w->u->facts.riscv64;
	struct kspace *ks = w->u->ks;
	int r;

	if (f->thread_ra == 0)
		return errf(-ENODATA, "the kernel does not tell how it stores a task's registers");
	if ((r = kspace_u64(ks, task + f->thread_ra, &w->ip)) < 0 ||
	    (r = kspace_u64(ks, task + f->thread_sp, &w->sp)) < 0 ||
	    (r = kspace_u64(ks, task + f->thread_s0, &w->fp)) < 0)
		return errf(r, "the task_struct at %#llx cannot be read", (unsigned long long)task);
	w->exact = w->ip == w->u->facts.ret_from_fork || w->ip == f->begins[0] ||
	           w->ip == f->begins[1];
	return 0;
}

/* A note does not tell the mode. Addresses of user space are the lower half. */
static int riscv64_start_regs(struct walk *w)
{
	uint64_t status;
	int r;

	w->ip = w->regs[REGS_PC];
	w->sp = w->regs[REGS_SP];
	w->fp = w->regs[REGS_S0];
	w->user = !(w->ip >> 63);
	if (w->regs_at) {
		r = walk_read(w, w->regs_at + REGS_STATUS * sizeof(status), &status);
		if (r < 0)
			return r;
		w->user = !(status & STATUS_KERNEL);
	}
	w->exact = w->interrupted = true;
	return 0;
}

/* Goes on with the struct pt_regs at @at. */
static int riscv64_load_regs(struct walk *w, uint64_t at)
{
	int r;

	for (unsigned i = 0; i < REGS_STATUS; i++)
		if ((r = walk_read(w, at + i * sizeof(at), &w->regs[i])) < 0)
			return r;
	w->regs_at = at;
	return riscv64_start_regs(w) ?: 1;
}

/* The struct pt_regs at the end of the stack. It is of user space unless a task begins there. */
static int riscv64_last(struct walk *w, uint64_t regs)
{
	int r = riscv64_load_regs(w, regs);

	return r < 0 ? r : w->user && w->ip != 0;
}

/* The record below fp. A function that calls no other has saved but the caller's s0 there. */
static int riscv64_record(struct walk *w, uint64_t *ret_fp, uint64_t *ret_ra)
{
	uint64_t fp, ra;
	int r = walk_read(w, w->fp - sizeof(ra), &ra);

	if (r < 0)
		return r;
	if (w->interrupted && ra % sizeof(ra) == 0 && ra > w->fp &&
	    ra - w->fp <= w->u->facts.stack_size) {
		*ret_fp = ra;
		*ret_ra = w->regs[REGS_RA];
		return 0;
	}
	r = walk_read(w, w->fp - 2 * sizeof(fp), &fp);
	if (r < 0)
		return r;
	*ret_fp = fp;
	*ret_ra = ra;
	return 0;
}

static int riscv64_step(struct walk *w)
{
	const struct unwind_facts *f = &w->u->facts;
	uint64_t end = ALIGN_DOWN(w->sp, f->stack_size) + f->stack_size;
	uint64_t last = end - f->riscv64.regs_size, fp, ra;
	int r;

	if (!w->interrupted) {
		if (w->ip > f->riscv64.entry.start && w->ip <= f->riscv64.entry.end)
			return riscv64_load_regs(w, w->sp);
		/* Where a task begins, s0 may be anything, but there is no record above. */
		if (w->sp == last && (w->fp <= last || w->fp > end))
			return riscv64_last(w, last);
		if (w->fp == 0)
			return 0;
	}
	r = riscv64_record(w, &fp, &ra);
	if (r < 0)
		return r;
	ra = returns_real(w, ra, w->fp - sizeof(ra), fp);
	if (unwind_code(w->u, ra - 1, NULL) == CODE_NONE)
		return errf(-EBADMSG,
		            "the return address below %#llx is %#llx, where there is no code",
		            (unsigned long long)w->fp, (unsigned long long)ra);
	w->ip = ra;
	w->sp = w->fp;
	w->fp = fp;
	w->interrupted = false;
	w->exact = returns_replaced(w->u, ra);
	return 1;
}

/* The function that was called by the instruction before @ra; false: another instruction. */
static bool riscv64_called(struct walk *w, uint64_t ra, uint64_t *ret)
{
	uint32_t call, high;

	if (kspace_u32(w->u->ks, ra - 4, &call) < 0)
		return false;
	if ((call & CALL_MASK) == CALL_JAL) {
		int32_t offset = (int32_t)(call & 0x80000000) >> 11 | (call & 0xff000) |
		                 (call >> 9 & 0x800) | (call >> 20 & 0x7fe);

		*ret = ra - 4 + offset;
		return true;
	}
	if ((call & CALL_JALR_MASK) != CALL_JALR || kspace_u32(w->u->ks, ra - 8, &high) < 0 ||
	    (high & CALL_MASK) != CALL_AUIPC)
		return false;
	*ret = ra - 8 + (int32_t)(high & 0xfffff000) + ((int32_t)call >> 20);
	return true;
}

/* True if the code from @at to @end sets s0. Instructions have two or four bytes. */
static bool riscv64_makes_record(struct walk *w, uint64_t at, uint64_t end)
{
	uint32_t insn;

	for (; at < end; at += (insn & 3) == 3 ? 4 : 2) {
		if (kspace_u32(w->u->ks, at, &insn) < 0 || (insn & SET_S0_MASK) == SET_S0 ||
		    ((insn & SET_S0_SHORT_MASK) == 0 && (insn & SET_S0_SHORT_BYTES) != 0))
			return true;
	}
	return false;
}

/* A function that has made no record, or not yet, has its caller in ra. This is so if it is the one
 * that was called last. */
static bool riscv64_is_leaf(struct walk *w)
{
	uint64_t ra = w->regs[REGS_RA], function;

	return w->interrupted && unwind_code(w->u, ra - 1, NULL) != CODE_NONE &&
	       riscv64_called(w, ra, &function) && w->ip >= function &&
	       w->ip - function < UNWIND_MAX_LEAF && !riscv64_makes_record(w, function, w->ip);
}

static int riscv64_next(struct walk *w)
{
	return walk_next(w, riscv64_is_leaf(w) ? w->regs[REGS_RA] : 0, riscv64_step);
}

const struct unwind_kind unwind_riscv64 = {
	.elf_machine = EM_RISCV,
	.n_regs = REGS_STATUS,
	.find_facts = riscv64_find_facts,
	.start_task = riscv64_start_task,
	.start_regs = riscv64_start_regs,
	.next = riscv64_next,
};
