// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz-unwind.c - stacks and ORC tables out of memory of any content.
 *
 * The bytes are the memory from address 0 on, each virtual address its own physical one: saved
 * registers, which are also a task_struct, then an ORC table, and behind that whatever registers
 * and table lead to. It is unwound as that of x86_64 kernels of all ages, then as that of arm64 and
 * riscv64 kernels.
 */
#include <elf.h>

#include "tests/fuzz/fuzz.h"
#include "vmcore/stack/unwind.h"

#define REGS    0
#define THREAD  0x120
#define IPS     0x200
#define ENTRIES 0x300
#define N       64

static const struct unwind_facts facts = {
	.text = { { 0x1000, 0x2000 } },
	.stack_size = KIB(4),
	.ret_from_fork = 0x1100,
	.returns = { { .trampoline = 0x1140,
	               .size = 32,
	               .head = 8,
	               .used = 16,
	               .frame = { 24, 16 } },
	             { .trampoline = 0x1180,
	               .size = 48,
	               .head = 24,
	               .ret = 32,
	               .frame = { 40, 40 } },
	             { .trampoline = 0x11c0,
	               .size = 48,
	               .table = 0x180,
	               .ret = 24,
	               .frame = { 32, 32 },
	               .task = 40 } },
	.x86_64 = { .orc = { .kernel = { .ips = IPS, .entries = ENTRIES, .n = N } },
	            .thread_sp = THREAD,
	            .frame_bp = 40,
	            .frame_ret = 48,
	            .frame_size = 56,
	            .ftrace = { .list = 0x100,
	                        .caller = 0x1000,
	                        .regs_caller = 0x1080,
	                        .next = 8,
	                        .flags = 16,
	                        .trampoline = 24,
	                        .size = 32 },
	            .optimized = { 0x1400, 0x1440 },
	            .switches = { 0x1480, 0x14c0 } },
	.arm64 = { .thread_fp = THREAD,
	           .thread_sp = THREAD + 8,
	           .thread_pc = THREAD + 16,
	           .stackframe = 304,
	           .pac_mask = UINT64_C(0x7f000000000000) },
	.riscv64 = { .thread_ra = THREAD,
	             .thread_sp = THREAD + 8,
	             .thread_s0 = THREAD + 16,
	             .regs_size = 288,
	             .entry = { 0x1200, 0x1300 } },
};

static struct module module = {
	.ranges = { { 0x2000, 0x2100, true }, { 0x2100, 0x2200, false } },
	.n_ranges = 2,
	.orc_ips = IPS,
	.orc_entries = ENTRIES,
	.n_orcs = N / 4,
};

/* A trace is broken with a reason, or not at all; what is guessed comes last. */
static void check(const struct trace *t)
{
	bool sure = true;

	fuzz_check(t->n <= TRACE_MAX);
	fuzz_check((t->end == TRACE_BROKEN) == (t->reason[0] != '\0'));
	for (size_t i = 0; i < t->n; i++) {
		fuzz_check(sure || !t->frames[i].sure);
		sure = t->frames[i].sure;
		fuzz_check(sure || (!t->frames[i].exact && !t->frames[i].interrupted));
	}
	fuzz_check(sure || t->end == TRACE_BROKEN);
}

static void unwind_all(struct kspace *ks, const struct unwind_facts *f, const uint8_t *data,
                       size_t size)
{
	const struct modlist modules = { .modules = &module, .n = 1 };
	struct unwind *u;
	struct trace t;

	if (unwind_open(ks, f, &modules, &u) < 0)
		return;
	unwind_regs(u, REGS, &t);
	check(&t);
	unwind_task(u, REGS, &t);
	check(&t);
	unwind_prstatus(u, REGS, data, size, &t);
	check(&t);
	unwind_free(u);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(fuzz_kernel_done) struct fuzz_kernel k;
	struct unwind_facts f = facts;
	struct arch arch;

	if (!fuzz_kernel_open(&k, "PAGESIZE=4096\n", data, size))
		return 0;
	arch = *k.ks.tables.arch;
	k.ks.tables.arch = &arch;
	k.ks.tables.modules_va = 0x3000;
	k.ks.tables.modules_end = 0x4000;
	arch.elf_machine = EM_X86_64;
	for (unsigned version = 1; version <= 3; version++) {
		f.x86_64.orc.has_signal = version > 1;
		f.x86_64.orc.has_end = version < 3;
		unwind_all(&k.ks, &f, data, size);
	}
	arch.elf_machine = EM_AARCH64;
	for (unsigned meta = 0; meta < 2; meta++) {
		f.arm64.meta = meta;
		unwind_all(&k.ks, &f, data, size);
	}
	arch.elf_machine = EM_RISCV;
	unwind_all(&k.ks, &f, data, size);
	return 0;
}
