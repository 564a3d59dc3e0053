// SPDX-License-Identifier: GPL-2.0-or-later
/* unwindbox-x86_64.c - stacks of x86_64, see unwindbox-x86_64.h. */
#include "tests/unit/unwindbox-x86_64.h"

const struct orc_entry x86_entries[FUNCTIONS] = {
	[UNKNOWN] = { ORC_TYPE_UNDEFINED, ORC_REG_UNDEFINED, ORC_REG_UNDEFINED, 0, 0, false },
	[LEAF] = { ORC_TYPE_CALL, ORC_REG_SP, ORC_REG_UNDEFINED, 8, 0, false },
	[FRAME] = { ORC_TYPE_CALL, ORC_REG_SP, ORC_REG_PREV_SP, 48, -16, false },
	[POINTER] = { ORC_TYPE_CALL, ORC_REG_BP, ORC_REG_PREV_SP, 16, -16, false },
	[SMALL] = { ORC_TYPE_CALL, ORC_REG_SP, ORC_REG_UNDEFINED, 16, 0, false },
	[THREAD] = { ORC_TYPE_END, ORC_REG_UNDEFINED, ORC_REG_UNDEFINED, 0, 0, false },
	[ENTRY] = { ORC_TYPE_REGS, ORC_REG_SP, ORC_REG_UNDEFINED, 0, 0, true },
	[CALLED] = { ORC_TYPE_REGS, ORC_REG_SP, ORC_REG_UNDEFINED, 0, 0, false },
	[EARLY] = { ORC_TYPE_PARTIAL, ORC_REG_SP, ORC_REG_UNDEFINED, 0, 0, true },
	[SWITCH] = { ORC_TYPE_CALL, ORC_REG_SP_INDIRECT, ORC_REG_UNDEFINED, 16, 0, false },
	[ALIGNED] = { ORC_TYPE_CALL, ORC_REG_R10, ORC_REG_UNDEFINED, 0, 0, false },
	[KEPT] = { ORC_TYPE_CALL, ORC_REG_BP_INDIRECT, ORC_REG_UNDEFINED, -8, 0, false },
	[STRANGE] = { ORC_TYPE_CALL, ORC_REG_UNKNOWN, ORC_REG_UNKNOWN, 0, 0, false },
};

uint64_t x86_in(unsigned function)
{
	return unwindbox_ip(function);
}

uint64_t x86_start(unsigned function)
{
	return unwindbox_ip(function) - 20;
}

int unwindbox_x86_64_setup(void **state)
{
	struct unwindbox *b;

	unwindbox_setup(state);
	b = *state;
	/* Ordinary functions, so that registers can be told. */
	for (unsigned i = 0; i < FUNCTIONS; i++)
		synth_orc_add(&b->orc, x86_start(i), x86_entries[i]);
	synth_orc_add(&b->orc, x86_start(FUNCTIONS), x86_entries[UNKNOWN]);
	synth_orc_add(&b->module_orc, UNWINDBOX_MODULE, x86_entries[SMALL]);
	synth_orc_add(&b->module_orc, UNWINDBOX_MODULE + 64, x86_entries[FRAME]);
	b->facts.ret_from_fork = x86_start(THREAD);
	b->facts.x86_64.thread_sp = X86_THREAD_SP;
	b->facts.x86_64.frame_bp = 40;
	b->facts.x86_64.frame_ret = 48;
	b->facts.x86_64.frame_size = 56;
	return 0;
}

static void put_regs(const struct x86_regs *r, uint64_t words[21])
{
	for (unsigned i = 0; i < 21; i++)
		words[i] = UNWINDBOX_JUNK + i;
	words[4] = r->bp;
	words[7] = r->r10;
	words[16] = r->ip;
	words[17] = r->cs;
	words[19] = r->sp;
}

uint64_t x86_push_regs(struct unwindbox *b, struct x86_regs r, unsigned first)
{
	uint64_t words[21];

	put_regs(&r, words);
	for (unsigned i = 21; i-- > first;)
		unwindbox_push(b, words[i]);
	return b->stack;
}

void x86_push_user(struct unwindbox *b)
{
	x86_push_regs(
		b, (struct x86_regs){ .ip = X86_USER_IP, .cs = X86_USER_CS, .sp = X86_USER_SP }, 0);
}

void x86_push_frame(struct unwindbox *b, uint64_t bp)
{
	unwindbox_push(b, bp);
	unwindbox_junk(b, 4);
}

void x86_sleep(struct unwindbox *b, uint64_t ip, uint64_t bp)
{
	unwindbox_push(b, ip);
	unwindbox_push(b, bp);
	unwindbox_junk(b, 5);
	unwindbox_put(b, UNWINDBOX_TASK + X86_THREAD_SP, b->stack);
	unwindbox_open(b);
	unwind_task(b->unwind, UNWINDBOX_TASK, &b->trace);
}

void x86_stop(struct unwindbox *b, struct x86_regs r)
{
	uint8_t note[336] = {};
	uint64_t words[21];

	r.cs = r.cs ?: X86_KERNEL_CS;
	r.sp = r.sp ?: b->stack;
	put_regs(&r, words);
	for (unsigned i = 0; i < 21; i++)
		synth_put(note + 112 + 8 * i, words[i], 8, false);
	unwindbox_open(b);
	unwind_prstatus(b->unwind, UNWINDBOX_TASK, note, sizeof(note), &b->trace);
}

uint64_t x86_push_thread(struct unwindbox *b)
{
	uint64_t bp;

	unwindbox_push(b, x86_in(THREAD));
	unwindbox_junk(b, 1);
	unwindbox_push(b, x86_in(SMALL));
	bp = unwindbox_push(b, UNWINDBOX_JUNK);
	unwindbox_junk(b, 2);
	unwindbox_push(b, x86_in(POINTER));
	x86_push_frame(b, bp);
	return bp;
}
