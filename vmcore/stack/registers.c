// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * registers.c - registers and code, see registers.h.
 *
 * Names and order are as in __show_regs() of arch/x86/kernel/process_64.c,
 * arch/arm64/kernel/process.c and arch/riscv/kernel/process.c; the bytes of code as in
 * show_opcodes() of arch/x86/kernel/dumpstack.c, dump_kernel_instr() of arch/arm64/kernel/traps.c
 * and dump_kernel_instr() of arch/riscv/kernel/traps.c; Linux 6.12.
 */
#include "vmcore/stack/registers.h"

#include <elf.h>
#include <errno.h>
#include <stdio.h>

#include "base/cursor.h"
#include "base/err.h"
#include "vmcore/stack/unwind.h"

static int registers_layout(const struct kspace *ks, const struct register_layout **ret);

/* Kernel addresses have the highest bit set. A kspace cannot read others, of user space. */
static void read_code(struct kspace *ks, struct registers *regs)
{
	const struct register_layout *l = regs->layout;
	unsigned len = (l->code_before + 1 + l->code_after) * l->unit;
	uint64_t ip = registers_ip(regs);

	if (ip >> 63 && kspace_read(ks, ip - l->code_before * l->unit, regs->code, len) == 0)
		regs->code_len = len;
}

/* Bit 55 tells the kernel's addresses from those of programs, as in unwind-arm64.c. */
static void strip_signatures(const struct kspace *ks, struct registers *regs)
{
	const struct register_layout *l = regs->layout;
	uint64_t mask;

	if (!l->sign_mask || !vmcoreinfo_get(&ks->dump->vmcoreinfo, "NUMBER", l->sign_mask, &mask))
		return;
	for (size_t i = 0; i < l->n_rows; i++) {
		uint64_t *word = &regs->words[l->rows[i].word];

		if (l->rows[i].symbol && *word >> 55 & 1)
			*word |= mask;
	}
}

int registers_from_note(struct kspace *ks, const uint8_t *desc, size_t len, struct registers *ret)
{
	struct cursor c = cursor_over(desc, len, "registers");
	struct registers regs = {};
	int r;

	if ((r = registers_layout(ks, &regs.layout)) < 0 ||
	    (r = cursor_seek(&c, UNWIND_PRSTATUS_REGS)) < 0)
		return r;
	memset(regs.words, 0xff, sizeof(regs.words));
	for (unsigned i = 0; i < regs.layout->n_note; i++)
		if ((r = cursor_u64(&c, &regs.words[i])) < 0)
			return r;
	strip_signatures(ks, &regs);
	read_code(ks, &regs);
	*ret = regs;
	return 0;
}

int registers_from_memory(struct kspace *ks, uint64_t address, struct registers *ret)
{
	struct registers regs = {};
	int r = registers_layout(ks, &regs.layout);

	if (r < 0)
		return r;
	for (unsigned i = 0; i < regs.layout->n_words; i++)
		if ((r = kspace_u64(ks, address + i * sizeof(uint64_t), &regs.words[i])) < 0)
			return r;
	strip_signatures(ks, &regs);
	read_code(ks, &regs);
	*ret = regs;
	return 0;
}

bool registers_has(const struct registers *r, const struct register_row *row)
{
	return !row->optional || r->words[row->word] != UINT64_MAX;
}

char *registers_code(const struct registers *r, char buf[static REGISTERS_CODE_TEXT])
{
	const struct register_layout *l = r->layout;
	size_t n = 0;

	buf[0] = '\0';
	for (unsigned at = 0; at < r->code_len; at += l->unit) {
		uint32_t number = 0;
		char unit[16];

		for (unsigned i = l->unit; i-- > 0;)
			number = number << 8 | r->code[at + i];
		snprintf(unit, sizeof(unit), "%0*x", (int)l->unit * 2, number);
		n += snprintf(buf + n, REGISTERS_CODE_TEXT - n, "%s", at > 0 ? " " : "");
		if (at == l->code_before * l->unit)
			n += snprintf(buf + n, REGISTERS_CODE_TEXT - n, "%c%s%c", l->mark[0], unit,
			              l->mark[1]);
		else
			n += snprintf(buf + n, REGISTERS_CODE_TEXT - n, "%s", unit);
	}
	return buf;
}

static const struct register_row x86_64_rows[] = {
	{ "RIP", 16, 16, .symbol = true, .segment = 17, .segment_name = "CS", .ends_line = true,
	  .before_code = true },
	{ "RSP", 19, 16, .segment = 20, .segment_name = "SS" },
	{ "EFLAGS", 18, 8 },
	{ "ORIG_RAX", 15, 16, .optional = true, .ends_line = true },
	{ "RAX", 10, 16 },
	{ "RBX", 5, 16 },
	{ "RCX", 11, 16, .ends_line = true },
	{ "RDX", 12, 16 },
	{ "RSI", 13, 16 },
	{ "RDI", 14, 16, .ends_line = true },
	{ "RBP", 4, 16 },
	{ "R08", 9, 16 },
	{ "R09", 8, 16, .ends_line = true },
	{ "R10", 7, 16 },
	{ "R11", 6, 16 },
	{ "R12", 3, 16, .ends_line = true },
	{ "R13", 2, 16 },
	{ "R14", 1, 16 },
	{ "R15", 0, 16, .ends_line = true },
};

static const struct register_row arm64_rows[] = {
	{ "pstate", 33, 8, .ends_line = true },
	{ "pc", 32, 16, .symbol = true, .ends_line = true },
	{ "lr", 30, 16, .symbol = true, .ends_line = true },
	{ "sp", 31, 16, .ends_line = true },
	{ "x29", 29, 16 },
	{ "x28", 28, 16 },
	{ "x27", 27, 16, .ends_line = true },
	{ "x26", 26, 16 },
	{ "x25", 25, 16 },
	{ "x24", 24, 16, .ends_line = true },
	{ "x23", 23, 16 },
	{ "x22", 22, 16 },
	{ "x21", 21, 16, .ends_line = true },
	{ "x20", 20, 16 },
	{ "x19", 19, 16 },
	{ "x18", 18, 16, .ends_line = true },
	{ "x17", 17, 16 },
	{ "x16", 16, 16 },
	{ "x15", 15, 16, .ends_line = true },
	{ "x14", 14, 16 },
	{ "x13", 13, 16 },
	{ "x12", 12, 16, .ends_line = true },
	{ "x11", 11, 16 },
	{ "x10", 10, 16 },
	{ "x9", 9, 16, .ends_line = true },
	{ "x8", 8, 16 },
	{ "x7", 7, 16 },
	{ "x6", 6, 16, .ends_line = true },
	{ "x5", 5, 16 },
	{ "x4", 4, 16 },
	{ "x3", 3, 16, .ends_line = true },
	{ "x2", 2, 16 },
	{ "x1", 1, 16 },
	{ "x0", 0, 16, .ends_line = true, .before_code = true },
};

static const struct register_row riscv64_rows[] = {
	{ "epc", 0, 16, .symbol = true, .ends_line = true },
	{ "ra", 1, 16, .symbol = true, .ends_line = true },
	{ "sp", 2, 16 },
	{ "gp", 3, 16 },
	{ "tp", 4, 16, .ends_line = true },
	{ "t0", 5, 16 },
	{ "t1", 6, 16 },
	{ "t2", 7, 16, .ends_line = true },
	{ "s0", 8, 16 },
	{ "s1", 9, 16 },
	{ "a0", 10, 16, .ends_line = true },
	{ "a1", 11, 16 },
	{ "a2", 12, 16 },
	{ "a3", 13, 16, .ends_line = true },
	{ "a4", 14, 16 },
	{ "a5", 15, 16 },
	{ "a6", 16, 16, .ends_line = true },
	{ "a7", 17, 16 },
	{ "s2", 18, 16 },
	{ "s3", 19, 16, .ends_line = true },
	{ "s4", 20, 16 },
	{ "s5", 21, 16 },
	{ "s6", 22, 16, .ends_line = true },
	{ "s7", 23, 16 },
	{ "s8", 24, 16 },
	{ "s9", 25, 16, .ends_line = true },
	{ "s10", 26, 16 },
	{ "s11", 27, 16 },
	{ "t3", 28, 16, .ends_line = true },
	{ "t4", 29, 16 },
	{ "t5", 30, 16 },
	{ "t6", 31, 16, .ends_line = true },
	{ "status", 32, 16, .optional = true },
	{ "badaddr", 33, 16, .optional = true },
	{ "cause", 34, 16, .optional = true, .ends_line = true, .before_code = true },
};

static const struct register_layout layouts[] = {
	{
		.elf_machine = EM_X86_64,
		.n_words = 21,
		.n_note = 21,
		.ip = 16,
		.unit = 1,
		.code_before = 42,
		.code_after = 21,
		.mark = "<>",
		.rows = x86_64_rows,
		.n_rows = ARRAY_SIZE(x86_64_rows),
	},
	{
		.elf_machine = EM_AARCH64,
		.n_words = 34,
		.n_note = 34,
		.ip = 32,
		.sign_mask = "KERNELPACMASK",
		.name_width = 3,
		.unit = 4,
		.code_before = 4,
		.code_after = 0,
		.mark = "()",
		.rows = arm64_rows,
		.n_rows = ARRAY_SIZE(arm64_rows),
	},
	{
		/* Instructions have two or four bytes, and the one at epc is marked by two. */
		.elf_machine = EM_RISCV,
		.n_words = 35,
		.n_note = 32,
		.ip = 0,
		.name_width = 4,
		.unit = 2,
		.code_before = 10,
		.code_after = 1,
		.mark = "()",
		.rows = riscv64_rows,
		.n_rows = ARRAY_SIZE(riscv64_rows),
	},
};

static int registers_layout(const struct kspace *ks, const struct register_layout **ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++)
		if (layouts[i].elf_machine == ks->tables.arch->elf_machine) {
			*ret = &layouts[i];
			return 0;
		}
	return errf(-ENODATA, "the registers of %s are not supported", ks->tables.arch->machine);
}
