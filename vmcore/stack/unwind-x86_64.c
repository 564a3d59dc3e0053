// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * unwind-x86_64.c - unwinds by ORC tables, like the kernel (arch/x86/kernel/unwind_orc.c, Linux
 * 6.12).
 *
 * The entry for an instruction tells where the caller's stack begins, with the return address right
 * below, or that an interrupt saved registers there. It also tells where the caller's bp is saved,
 * since other entries count from bp.
 *
 * Code that the kernel generates has no entries. BPF programs have frame pointers. A trampoline of
 * ftrace is a copy of ftrace_caller() or ftrace_regs_caller(), so it has their entries
 * (orc_ftrace_find()). Code of an optimized kprobe saves all registers before it calls
 * optimized_callback() (arch/x86/kernel/kprobes/opt.c), which knows what was interrupted. A few
 * functions have no entries either, by STACK_FRAME_NON_STANDARD. One of these is __crash_kexec(),
 * from which the registers of a CPU that panics come. The end of such a frame is found by its
 * return address: the one behind a call of that function.
 */
#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <stdio.h>

#include "base/err.h"
#include "vmcore/view/ktype.h"
#include "vmcore/stack/unwind-kind.h"

/* struct pt_regs (arch/x86/include/asm/ptrace.h): words. */
enum {
	REGS_R13 = 2,
	REGS_BP = 4,
	REGS_R10 = 7,
	REGS_AX = 10,
	REGS_DX = 12,
	REGS_DI = 14,
	REGS_IP = 16,
	REGS_CS = 17,
	REGS_SP = 19,
	REGS_COUNT = 21,
};

/* The low two bits of the code segment are 3 in user space. */
#define CS_USER 3

/* The first byte of a call instruction with a distance of 32 bits. */
#define OP_CALL 0xe8

/* The first byte of a jump, by which trampolines of static calls go on. */
#define OP_JUMP 0xe9

/* Trampolines that the kernel generates have some hundred bytes. */
#define MAX_TRAMPOLINE 4096

/* Limit against a broken list. */
#define MAX_FTRACE_OPS 4096

/* FTRACE_OPS_FL_SAVE_REGS (include/linux/ftrace.h, Linux 4.19 to 7.0). */
#define FTRACE_SAVES_REGS 4

/* Where a function is; empty when that is not known. */
static struct unwind_range find_function(const struct kview *v, const char *name)
{
	struct symbol symbol;
	uint64_t start;

	if (!v->symbols || kview_address(v, name, &start) < 0 ||
	    kallsyms_find(v->symbols, start, &symbol) < 0)
		return (struct unwind_range){};
	return (struct unwind_range){ start, start + symbol.size };
}

/* True for a return address in a function. */
static bool returns_to(const struct unwind_range *function, uint64_t ip)
{
	return ip > function->start && ip <= function->end;
}

static void find_ftrace(const struct kview *v, struct unwind_x86_64_facts *f)
{
	static const char *const ops[] = { "next", "flags", "trampoline", "trampoline_size" };
	struct ktype t;

	if (ktype_find(v->types, "ftrace_ops", ops, ARRAY_SIZE(ops), &t) < 0 ||
	    kview_address(v, "ftrace_caller", &f->ftrace.caller) < 0 ||
	    kview_address(v, "ftrace_regs_caller", &f->ftrace.regs_caller) < 0 ||
	    kview_address(v, "ftrace_ops_list", &f->ftrace.list) < 0)
		return;
	f->ftrace.next = t.members[0].offset;
	f->ftrace.flags = t.members[1].offset;
	f->ftrace.trampoline = t.members[2].offset;
	f->ftrace.size = t.members[3].offset;
}

static void x86_64_find_facts(const struct kview *v, struct unwind_facts *ret)
{
	static const char *const sp[] = { "thread.sp" }, *const saved[] = { "bp", "ret_addr" };
	struct ktype task, frame;

	if (v->symbols)
		orc_find_facts(v->symbols, v->types, &ret->x86_64.orc);
	find_ftrace(v, &ret->x86_64);
	ret->x86_64.optimized = find_function(v, "optimized_callback");
	ret->x86_64.switches = find_function(v, "asm_call_on_stack");
	if (ktype_find(v->types, "task_struct", sp, ARRAY_SIZE(sp), &task) < 0 ||
	    ktype_find(v->types, "inactive_task_frame", saved, ARRAY_SIZE(saved), &frame) < 0)
		return;
	ret->x86_64.thread_sp = task.members[0].offset;
	ret->x86_64.frame_bp = frame.members[0].offset;
	ret->x86_64.frame_ret = frame.members[1].offset;
	ret->x86_64.frame_size = frame.size;
}

static int x86_64_start_task(struct walk *w, uint64_t task)
{
	const struct unwind_x86_64_facts *f = &w->u->facts.x86_64;
	uint64_t sp;
	int r;

	if (f->thread_sp == 0)
		return errf(-ENODATA, "the kernel does not tell how it stores a task's registers");
	r = kspace_u64(w->u->ks, task + f->thread_sp, &sp);
	if (r < 0)
		return errf(r, "the task_struct at %#llx cannot be read", (unsigned long long)task);
	if ((r = walk_read(w, sp + f->frame_bp, &w->fp)) < 0 ||
	    (r = walk_read(w, sp + f->frame_ret, &w->ip)) < 0)
		return r;
	w->sp = sp + f->frame_size;
	w->exact = w->ip == w->u->facts.ret_from_fork;
	return 0;
}

static int x86_64_start_regs(struct walk *w)
{
	w->ip = w->regs[REGS_IP];
	w->sp = w->regs[REGS_SP];
	w->fp = w->regs[REGS_BP];
	w->user = w->regs[REGS_CS] & CS_USER;
	w->exact = w->interrupted = w->has_regs = true;
	return 0;
}

/* The entry for code with a frame pointer. */
static const struct orc_entry frame_pointer = {
	.type = ORC_TYPE_CALL,
	.sp_reg = ORC_REG_BP,
	.sp_offset = 16,
	.bp_reg = ORC_REG_PREV_SP,
	.bp_offset = -16,
};

/* The entry for the first instruction of a function. */
static const struct orc_entry called = {
	.type = ORC_TYPE_CALL,
	.sp_reg = ORC_REG_SP,
	.sp_offset = 8,
	.bp_reg = ORC_REG_UNDEFINED,
};

/* The entry for code behind which lie all registers. */
static const struct orc_entry saved_all = {
	.type = ORC_TYPE_REGS,
	.sp_reg = ORC_REG_SP,
	.bp_reg = ORC_REG_UNDEFINED,
	.signal = true,
};

/* True if the frame was called by the code of an optimized kprobe. */
static bool x86_64_is_optimized(const struct walk *w)
{
	const struct trace *t = w->trace;

	return t->n >= 2 && returns_to(&w->u->facts.x86_64.optimized, t->frames[t->n - 2].ip);
}

/* The instruction of which the one at @ip, in a trampoline of ftrace, is a copy; 0: none. */
static uint64_t x86_64_copied(struct walk *w, uint64_t ip)
{
	const struct unwind_ftrace *f = &w->u->facts.x86_64.ftrace;
	struct kspace *ks = w->u->ks;
	uint64_t at, start, size, flags;

	if (f->list == 0 || kspace_u64(ks, f->list, &at) < 0)
		return 0;
	for (unsigned n = 0; n < MAX_FTRACE_OPS && at != 0; n++) {
		if (kspace_u64(ks, at + f->trampoline, &start) < 0 ||
		    kspace_u64(ks, at + f->size, &size) < 0 ||
		    kspace_u64(ks, at + f->flags, &flags) < 0)
			return 0;
		if (ip >= start && ip - start < size)
			return ip - start +
			       (flags & FTRACE_SAVES_REGS ? f->regs_caller : f->caller);
		if (kspace_u64(ks, at + f->next, &at) < 0)
			return 0;
	}
	return 0;
}

/* Finds an entry for code that the kernel has generated. */
static int x86_64_generated(struct walk *w, uint64_t ip, struct orc_entry *ret)
{
	uint64_t copied = x86_64_copied(w, ip), start = ip - MAX_TRAMPOLINE;

	if (copied && w->u->orc &&
	    orc_find(w->u->orc, &w->u->facts.x86_64.orc.kernel, copied, ret) == 0 &&
	    ret->type != ORC_TYPE_UNDEFINED) {
		ret->start = start;
		return 0;
	}
	if (x86_64_is_optimized(w)) {
		*ret = saved_all;
		ret->start = start;
		return 0;
	}
	/* It may be a module's as well, which has a table. */
	if (w->u->modules && w->u->modules->remark[0])
		return errf(-EBADMSG, "at %#llx may be a module: %.80s", (unsigned long long)w->ip,
		            w->u->modules->remark);
	*ret = frame_pointer;
	ret->start = start;
	return 1;
}

/* Finds the entry for the instruction. 0: from a table; 1: assumed. */
static int x86_64_find_entry(struct walk *w, struct orc_entry *ret)
{
	struct orc_table table = w->u->facts.x86_64.orc.kernel;
	/* The call is before ip. If it never returns, another function may begin at ip. */
	uint64_t ip = w->exact ? w->ip : w->ip - 1;
	enum code code = unwind_code(w->u, ip, &table);

	if (code == CODE_GENERATED)
		return x86_64_generated(w, ip, ret);
	/* NULL, or another pointer to no code, was called. */
	if (code == CODE_NONE && w->interrupted) {
		*ret = called;
		ret->start = ip;
		return 1;
	}
	if (code == CODE_NONE)
		return errf(-EBADMSG, "at %#llx there is no code", (unsigned long long)w->ip);
	if (!w->u->orc || table.n == 0)
		return errf(-EBADMSG, "there is no ORC table for %#llx", (unsigned long long)w->ip);
	return orc_find(w->u->orc, &table, ip, ret);
}

static int x86_64_register(const struct walk *w, unsigned reg, uint64_t *ret)
{
	if (!w->has_regs)
		return errf(-EBADMSG, "%#llx needs a register that was not saved",
		            (unsigned long long)w->ip);
	*ret = w->regs[reg];
	return 0;
}

/* Finds the caller's stack pointer. */
static int x86_64_previous_sp(struct walk *w, const struct orc_entry *e, uint64_t *ret)
{
	uint64_t sp;
	int r;

	switch (e->sp_reg) {
	case ORC_REG_SP:
		*ret = w->sp + e->sp_offset;
		return 0;
	case ORC_REG_BP:
		*ret = w->fp + e->sp_offset;
		return 0;
	case ORC_REG_SP_INDIRECT:
		r = walk_read(w, w->sp, &sp);
		if (r < 0)
			return r;
		*ret = sp + e->sp_offset;
		return 0;
	case ORC_REG_BP_INDIRECT:
		return walk_read(w, w->fp + e->sp_offset, ret);
	case ORC_REG_AX:
		return x86_64_register(w, REGS_AX, ret);
	case ORC_REG_DX:
		return x86_64_register(w, REGS_DX, ret);
	case ORC_REG_DI:
		return x86_64_register(w, REGS_DI, ret);
	case ORC_REG_R10:
		return x86_64_register(w, REGS_R10, ret);
	case ORC_REG_R13:
		return x86_64_register(w, REGS_R13, ret);
	case ORC_REG_UNKNOWN:
	case ORC_REG_UNDEFINED:
	case ORC_REG_PREV_SP:
		break;
	}
	return errf(-EBADMSG, "the ORC entry of %#llx makes no sense", (unsigned long long)w->ip);
}

/* Goes to the caller: @sp is right above the return address. */
static int x86_64_call(struct walk *w, const struct orc_entry *e, uint64_t sp)
{
	/* Linux 5.8 to 5.11 went to the stack of interrupts with a frame pointer. */
	bool may_switch = e->sp_reg == ORC_REG_SP_INDIRECT || e->sp_reg == ORC_REG_BP_INDIRECT ||
	                  returns_to(&w->u->facts.x86_64.switches, w->ip);
	uint64_t ip;
	int r;

	if (!may_switch && !walk_is_up(w, sp))
		return errf(-EBADMSG, "the stack leads from %#llx to %#llx",
		            (unsigned long long)w->sp, (unsigned long long)sp);
	r = walk_read(w, sp - sizeof(ip), &ip);
	if (r < 0)
		return r;
	ip = returns_real(w, ip, sp - sizeof(ip), sp - sizeof(ip));
	if (unwind_code(w->u, ip - 1, NULL) == CODE_NONE)
		return errf(-EBADMSG,
		            "the return address at %#llx is %#llx, where there is no code",
		            (unsigned long long)sp - sizeof(ip), (unsigned long long)ip);
	w->ip = ip;
	w->sp = sp;
	w->has_regs = w->interrupted = false;
	return 0;
}

/* Goes to the code that was interrupted, whose registers are at @sp. The CPU saves the last of the
 * registers. Early in an interrupt only these are saved; the others are of the frame before. */
static int x86_64_interrupt(struct walk *w, const struct orc_entry *e, uint64_t sp)
{
	unsigned first = e->type == ORC_TYPE_PARTIAL ? REGS_IP : 0;
	int r;

	for (unsigned i = first; i < REGS_COUNT; i++)
		if ((r = walk_read(w, sp + (i - first) * sizeof(sp), &w->regs[i])) < 0)
			return r;
	w->ip = w->regs[REGS_IP];
	w->sp = w->regs[REGS_SP];
	w->user = w->regs[REGS_CS] & CS_USER;
	w->interrupted = true;
	w->regs_at = e->type == ORC_TYPE_REGS ? sp : 0;
	w->has_regs |= e->type == ORC_TYPE_REGS;
	return 0;
}

static int x86_64_bp(struct walk *w, const struct orc_entry *e, uint64_t sp)
{
	switch (e->bp_reg) {
	case ORC_REG_UNDEFINED:
		if (w->has_regs)
			w->fp = w->regs[REGS_BP];
		return 0;
	case ORC_REG_PREV_SP:
		return walk_read(w, sp + e->bp_offset, &w->fp);
	case ORC_REG_BP:
		return walk_read(w, w->fp + e->bp_offset, &w->fp);
	default:
		return errf(-EBADMSG, "the ORC entry of %#llx makes no sense",
		            (unsigned long long)w->ip);
	}
}

/* Makes the next frame by an entry. */
static int x86_64_by_entry(const struct walk *w, const struct orc_entry *e, struct walk *next)
{
	uint64_t sp;
	int r;

	*next = *w;
	if (e->type == ORC_TYPE_UNDEFINED || e->type == ORC_TYPE_UNKNOWN)
		return errf(-EBADMSG, "the kernel's tables do not tell of %#llx",
		            (unsigned long long)w->ip);
	r = x86_64_previous_sp(next, e, &sp);
	if (r < 0)
		return r;
	r = e->type == ORC_TYPE_CALL ? x86_64_call(next, e, sp) : x86_64_interrupt(next, e, sp);
	if (r < 0)
		return r;
	/* A trampoline that stands for a return address is no address behind a call. */
	next->exact = e->signal || (e->type == ORC_TYPE_CALL && returns_replaced(w->u, next->ip));
	return x86_64_bp(next, e, sp);
}

/* Where the instruction @op, of five bytes, at @at leads to; 0: another stands there. */
static uint64_t x86_64_leads_to(struct walk *w, uint8_t op, uint64_t at)
{
	uint32_t distance;
	uint8_t insn[5];

	if (kspace_read(w->u->ks, at, insn, sizeof(insn)) < 0 || insn[0] != op)
		return 0;
	memcpy(&distance, insn + 1, sizeof(distance));
	return at + sizeof(insn) + (int32_t)le32toh(distance);
}

/* True if a call of a function in [start, end] stands before @ret, maybe by a static call. */
static bool x86_64_calls(struct walk *w, uint64_t ret, uint64_t start, uint64_t end)
{
	uint64_t to = x86_64_leads_to(w, OP_CALL, ret - 5);

	if (to != 0 && (to < start || to > end))
		to = x86_64_leads_to(w, OP_JUMP, to);
	return to != 0 && to >= start && to <= end;
}

/* Makes the next frame for a function that begins in [start, ip] and whose frame is not known. Its
 * return address must be on the stack, below @end. The address is all but sure, since the call
 * before it names the function. It is not known if the function changed bp; most do not. Returns
 * false, and leaves @next alone, when no such address is found. */
static bool x86_64_by_call(struct walk *w, uint64_t start, uint64_t end, struct walk *next)
{
	uint64_t ret;

	for (uint64_t at = ALIGN_UP(w->sp, sizeof(ret)); at < end; at += sizeof(ret)) {
		if (walk_read(w, at, &ret) < 0)
			break;
		ret = returns_real(w, ret, at, at);
		if (unwind_code(w->u, ret - 1, NULL) == CODE_NONE ||
		    !x86_64_calls(w, ret, start, w->ip))
			continue;
		*next = *w;
		next->ip = ret;
		next->sp = at + sizeof(ret);
		next->exact = next->interrupted = next->has_regs = false;
		return true;
	}
	return false;
}

static int x86_64_next(struct walk *w)
{
	char reason[sizeof(w->trace->reason)];
	struct orc_entry e;
	struct walk next;
	bool guess;
	int r = x86_64_find_entry(w, &e);

	if (r < 0)
		return r;
	guess = r > 0;
	if (e.type == ORC_TYPE_END)
		return 0;
	r = x86_64_by_entry(w, &e, &next);
	if (r == -EIO)
		return r;
	if (r < 0) {
		snprintf(reason, sizeof(reason), "%s", err_text(r));
		if (!x86_64_by_call(w, e.start, w->sp + w->u->facts.stack_size, &next))
			return errf(r, "%s", reason);
	} else if (guess) {
		/* A trampoline has no frame pointer: bp may be that of a frame further up. */
		x86_64_by_call(w, e.start, next.sp - sizeof(next.ip), &next);
	}
	r = walk_moved(w, &next);
	if (r < 0)
		return r;
	*w = next;
	return 1;
}

const struct unwind_kind unwind_x86_64 = {
	.elf_machine = EM_X86_64,
	.n_regs = REGS_COUNT,
	.find_facts = x86_64_find_facts,
	.start_task = x86_64_start_task,
	.start_regs = x86_64_start_regs,
	.next = x86_64_next,
	.scan = true,
};
