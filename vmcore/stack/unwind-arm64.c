// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * unwind-arm64.c - unwinds along frame records, which all code of an arm64 kernel keeps
 * (arch/arm64/kernel/stacktrace.c and entry.S, Linux 6.13).
 *
 * A record is two words, to which x29 points: the x29 of the caller, which is the caller's record,
 * and the return address. The address may be signed, in bits that are all set in kernel addresses.
 *
 * At an exception the kernel makes a record too: the member stackframe of the struct pt_regs that
 * it saves. Since 6.13 its two words are zero, and a third is the type: 1 for the last record,
 * where user space was left or a task begins, 2 for an exception within the kernel. Before 6.13
 * only the last record is zero; the others have x29 and the address of the instruction, as in the
 * registers. Up to 5.13 tasks begin without registers: a kernel thread with an x29 of 0, an idle
 * task with a record of an x29 of 0 and no return address, which may be signed all the same.
 */
#include <elf.h>
#include <errno.h>

#include "base/err.h"
#include "vmcore/view/ktype.h"
#include "vmcore/stack/unwind-kind.h"

/* struct pt_regs (arch/arm64/include/asm/ptrace.h): words. */
enum { REGS_FP = 29, REGS_LR = 30, REGS_SP = 31, REGS_PC = 32, REGS_PSTATE = 33, REGS_COUNT = 34 };

/* The low bits of pstate are those of the exception level, 0 in user space. */
#define PSTATE_LEVEL 0xf

/* FRAME_META_TYPE_ (arch/arm64/include/asm/stacktrace/frame.h). */
enum { META_FINAL = 1, META_PT_REGS = 2 };

#define RECORD_SIZE 16

/* bl, and stp x29, x30, [sp, ...] with or without a change of sp, which begins a record. */
#define CALL_MASK   0xfc000000U
#define CALL        0x94000000U
#define RECORD_MASK 0xff407fffU
#define RECORD      0xa9007bfdU

static void arm64_find_facts(const struct kview *v, struct unwind_facts *ret)
{
	static const char *const context[] = { "thread.cpu_context.fp", "thread.cpu_context.sp",
		                               "thread.cpu_context.pc" };
	static const char *const record[] = { "stackframe", "?stackframe.type" };
	struct ktype task, regs;

	vmcoreinfo_get(&v->ks->dump->vmcoreinfo, "NUMBER", "KERNELPACMASK", &ret->arm64.pac_mask);
	if (ktype_find(v->types, "task_struct", context, ARRAY_SIZE(context), &task) == 0) {
		ret->arm64.thread_fp = task.members[0].offset;
		ret->arm64.thread_sp = task.members[1].offset;
		ret->arm64.thread_pc = task.members[2].offset;
	}
	if (ktype_find(v->types, "pt_regs", record, ARRAY_SIZE(record), &regs) == 0) {
		ret->arm64.stackframe = regs.members[0].offset;
		ret->arm64.regs_size = regs.size;
		ret->arm64.meta = ktype_has(&regs, 1);
	}
}

/* Bit 55 is not part of a signature, and tells the kernel's addresses from those of programs
 * (arch/arm64/include/asm/pointer_auth.h, Linux 6.12). */
static uint64_t arm64_strip(const struct walk *w, uint64_t address)
{
	uint64_t mask = w->u->facts.arm64.pac_mask;

	return address >> 55 & 1 ? address | mask : address & ~mask;
}

static int arm64_start_task(struct walk *w, uint64_t task)
{
	const struct unwind_arm64_facts *f = &w->u->facts.arm64;
	struct kspace *ks = w->u->ks;
	int r;

	if (f->thread_pc == 0)
		return errf(-ENODATA, "the kernel does not tell how it stores a task's registers");
	if ((r = kspace_u64(ks, task + f->thread_fp, &w->fp)) < 0 ||
	    (r = kspace_u64(ks, task + f->thread_sp, &w->sp)) < 0 ||
	    (r = kspace_u64(ks, task + f->thread_pc, &w->ip)) < 0)
		return errf(r, "the task_struct at %#llx cannot be read", (unsigned long long)task);
	w->ip = arm64_strip(w, w->ip);
	w->exact = w->ip == w->u->facts.ret_from_fork;
	return 0;
}

static int arm64_start_regs(struct walk *w)
{
	w->ip = w->regs[REGS_PC];
	w->sp = w->regs[REGS_SP];
	w->fp = w->regs[REGS_FP];
	w->user = (w->regs[REGS_PSTATE] & PSTATE_LEVEL) == 0;
	w->exact = w->interrupted = true;
	return 0;
}

/* Reads the struct pt_regs around the record at fp. */
static int arm64_load_regs(struct walk *w)
{
	uint64_t regs = w->fp - w->u->facts.arm64.stackframe;
	int r;

	for (unsigned i = 0; i < REGS_COUNT; i++)
		if ((r = walk_read(w, regs + i * sizeof(regs), &w->regs[i])) < 0)
			return r;
	w->regs_at = regs;
	return 0;
}

/* The last record. It has registers at the end of the stack if user space was left there, not where
 * a task begins. */
static int arm64_last(struct walk *w)
{
	const struct unwind_facts *f = &w->u->facts;
	int r;

	if (f->arm64.stackframe == 0 ||
	    (w->fp - f->arm64.stackframe + f->arm64.regs_size) % f->stack_size != 0)
		return 0;
	r = arm64_load_regs(w);
	return r < 0 ? r : w->regs[REGS_PC] != 0 && arm64_start_regs(w) == 0 && w->user;
}

/* A record of two zeroes. */
static int arm64_special(struct walk *w)
{
	uint64_t type = META_FINAL;
	int r;

	if (w->u->facts.arm64.meta && (r = walk_read(w, w->fp + RECORD_SIZE, &type)) < 0)
		return r;
	if (type == META_FINAL)
		return arm64_last(w);
	if (type != META_PT_REGS)
		return errf(-EBADMSG, "the frame record at %#llx is of unknown type %llu",
		            (unsigned long long)w->fp, (unsigned long long)type);
	r = arm64_load_regs(w);
	if (r < 0)
		return r;
	return arm64_start_regs(w) ?: 1;
}

/* True if the record is part of saved registers; before 6.13 records have no type. */
static bool arm64_is_exception(struct walk *w, uint64_t fp, uint64_t lr)
{
	uint64_t offset = w->u->facts.arm64.stackframe, regs = w->fp - offset, reg_fp, pc;

	return offset > 0 && walk_read(w, regs + REGS_FP * sizeof(fp), &reg_fp) == 0 &&
	       reg_fp == fp && walk_read(w, regs + REGS_PC * sizeof(pc), &pc) == 0 && pc == lr &&
	       arm64_load_regs(w) == 0;
}

static int arm64_step(struct walk *w)
{
	uint64_t fp, lr;
	int r;

	if (w->fp == 0 && !w->interrupted)
		return 0;
	if ((r = walk_read(w, w->fp, &fp)) < 0 || (r = walk_read(w, w->fp + sizeof(fp), &lr)) < 0)
		return r;
	lr = arm64_strip(w, lr);
	if (fp == 0 && lr == 0)
		return arm64_special(w);
	if (arm64_is_exception(w, fp, lr))
		return arm64_start_regs(w) ?: 1;
	lr = returns_real(w, lr, w->fp + sizeof(fp), fp);
	if (unwind_code(w->u, lr - 1, NULL) == CODE_NONE)
		return errf(-EBADMSG,
		            "the return address at %#llx is %#llx, where there is no code",
		            (unsigned long long)w->fp + sizeof(fp), (unsigned long long)lr);
	w->ip = lr;
	w->sp = w->fp + RECORD_SIZE;
	w->fp = fp;
	w->interrupted = false;
	w->exact = returns_replaced(w->u, lr);
	return 1;
}

/* A function that has made no record, or not yet, has its caller in lr. This is so if it is the one
 * that was called last. */
static bool arm64_is_leaf(struct walk *w, uint64_t lr)
{
	struct kspace *ks = w->u->ks;
	uint64_t function;
	uint32_t insn;

	if (unwind_code(w->u, lr - 1, NULL) == CODE_NONE || kspace_u32(ks, lr - 4, &insn) < 0 ||
	    (insn & CALL_MASK) != CALL)
		return false;
	function = lr - 4 + ((int32_t)(insn << 6) >> 4);
	if (w->ip < function || w->ip - function >= UNWIND_MAX_LEAF)
		return false;
	for (uint64_t at = function; at < w->ip; at += sizeof(insn))
		if (kspace_u32(ks, at, &insn) < 0 || (insn & RECORD_MASK) == RECORD)
			return false;
	return true;
}

static int arm64_next(struct walk *w)
{
	uint64_t lr = arm64_strip(w, w->regs[REGS_LR]);

	return walk_next(w, w->interrupted && arm64_is_leaf(w, lr) ? lr : 0, arm64_step);
}

const struct unwind_kind unwind_arm64 = {
	.elf_machine = EM_AARCH64,
	.n_regs = REGS_COUNT,
	.find_facts = arm64_find_facts,
	.start_task = arm64_start_task,
	.start_regs = arm64_start_regs,
	.next = arm64_next,
};
