// SPDX-License-Identifier: GPL-2.0-or-later
/* test-registers.c - registers and code of CPUs that never ran. */
#include <elf.h>
#include <errno.h>
#include <stdio.h>

#include "tests/unit/synth.h"
#include "vmcore/stack/registers.h"

#define CODE (SYNTH_IMAGE_VA + 0x80000)
#define REGS (SYNTH_IMAGE_VA + 0x90000)

struct fixture {
	struct synth m;
	struct dump *dump;
	struct kspace *ks;
	struct arch arch;
	uint8_t note[112 + 35 * 8];
	struct registers regs;
	char code[REGISTERS_CODE_TEXT];
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	synth_init(&f->m, NULL);
	for (unsigned i = 0; i < 128; i++)
		synth_store(&f->m, CODE - 64 + i, &(uint8_t){ i }, 1);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	kspace_free(f->ks);
	dump_free(f->dump);
	synth_done(&f->m);
	free(f);
	return 0;
}

/* Word i is i, but for the one that is the next instruction's address. */
static void put_words(struct fixture *f, unsigned ip_word, uint64_t ip)
{
	for (unsigned i = 0; i < 35; i++) {
		uint8_t *word = f->note + 112 + 8 * i;

		synth_put(word, i == ip_word ? ip : i, 8, false);
		synth_store(&f->m, REGS + 8 * i, word, 8);
	}
}

static void open_machine(struct fixture *f, uint16_t elf_machine)
{
	f->dump = synth_dump(&f->m);
	f->ks = synth_kspace(f->dump);
	f->arch = *f->ks->tables.arch;
	f->arch.elf_machine = elf_machine;
	f->ks->tables.arch = &f->arch;
}

static const struct register_row *row(const struct fixture *f, const char *name)
{
	for (size_t i = 0; i < f->regs.layout->n_rows; i++)
		if (streq(f->regs.layout->rows[i].name, name))
			return &f->regs.layout->rows[i];
	fail_msg("no register is called %s", name);
	return NULL;
}

static uint64_t value(const struct fixture *f, const char *name)
{
	return f->regs.words[row(f, name)->word];
}

/* struct pt_regs of arch/x86/include/asm/ptrace.h, in its order. */
static void registers_of_x86_64_have_names(void **state)
{
	static const char *const names[] = { "R15",      "R14", "R13", "R12",    "RBP",
		                             "RBX",      "R11", "R10", "R09",    "R08",
		                             "RAX",      "RCX", "RDX", "RSI",    "RDI",
		                             "ORIG_RAX", NULL,  NULL,  "EFLAGS", "RSP" };
	struct fixture *f = *state;

	put_words(f, 16, CODE);
	open_machine(f, EM_X86_64);
	assert_int_equal(registers_from_note(f->ks, f->note, sizeof(f->note), &f->regs), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i])
			assert_int_equal(value(f, names[i]), i);
	assert_true(value(f, "RIP") == CODE && registers_ip(&f->regs) == CODE);
	assert_int_equal(f->regs.words[row(f, "RIP")->segment], 17);
	assert_int_equal(f->regs.words[row(f, "RSP")->segment], 20);
	assert_int_equal(f->regs.layout->n_rows, 19);
}

static void code_is_printed_as_the_kernel_does(void **state)
{
	struct fixture *f = *state;

	put_words(f, 16, CODE);
	open_machine(f, EM_X86_64);
	assert_int_equal(registers_from_memory(f->ks, REGS, &f->regs), 0);
	assert_string_equal(
		registers_code(&f->regs, f->code),
		"16 17 18 19 1a 1b 1c 1d 1e 1f 20 21 22 23 24 25 26 27 28 29 2a 2b 2c 2d 2e 2f 30 "
		"31 32 33 34 35 36 37 38 39 3a 3b 3c 3d 3e 3f <40> 41 42 43 44 45 46 47 48 49 4a "
		"4b 4c 4d 4e 4f 50 51 52 53 54 55");
}

static void registers_of_arm64_have_names(void **state)
{
	struct fixture *f = *state;
	char name[8];

	put_words(f, 32, CODE);
	open_machine(f, EM_AARCH64);
	assert_int_equal(registers_from_memory(f->ks, REGS, &f->regs), 0);
	for (unsigned i = 0; i < 30; i++) {
		snprintf(name, sizeof(name), "x%u", i);
		assert_int_equal(value(f, name), i);
	}
	assert_int_equal(value(f, "lr"), 30);
	assert_int_equal(value(f, "sp"), 31);
	assert_int_equal(value(f, "pstate"), 33);
	assert_true(registers_ip(&f->regs) == CODE);
	assert_string_equal(registers_code(&f->regs, f->code),
	                    "33323130 37363534 3b3a3938 3f3e3d3c (43424140)");
}

/* Those of user space have a mask of their own. */
static void return_addresses_of_arm64_lose_their_signature(void **state)
{
	struct fixture *f = *state;

	synth_key(&f->m.info, "NUMBER(KERNELPACMASK)=0xff7f000000000000");
	put_words(f, 32, CODE);
	synth_put(f->note + 112 + 30 * 8, UINT64_C(0x0996be578f864838), 8, false);
	synth_put(f->note + 112 + 29 * 8, UINT64_C(0x0996be578f864838), 8, false);
	open_machine(f, EM_AARCH64);
	assert_int_equal(registers_from_note(f->ks, f->note, 112 + 34 * 8, &f->regs), 0);
	assert_int_equal(value(f, "lr"), UINT64_C(0xffffbe578f864838));
	assert_int_equal(value(f, "x29"), UINT64_C(0x0996be578f864838));
	synth_put(f->note + 112 + 30 * 8, UINT64_C(0x001600578f864838), 8, false);
	assert_int_equal(registers_from_note(f->ks, f->note, 112 + 34 * 8, &f->regs), 0);
	assert_int_equal(value(f, "lr"), UINT64_C(0x001600578f864838));
}

/* struct pt_regs of arch/riscv/include/asm/ptrace.h, in its order. A note has no more than t6. */
static void registers_of_riscv64_have_names(void **state)
{
	static const char *const names[] = { "epc", "ra", "sp", "gp", "tp", "t0",      "t1",
		                             "t2",  "s0", "s1", "a0", "a1", "a2",      "a3",
		                             "a4",  "a5", "a6", "a7", "s2", "s3",      "s4",
		                             "s5",  "s6", "s7", "s8", "s9", "s10",     "s11",
		                             "t3",  "t4", "t5", "t6", NULL, "badaddr", "cause" };
	struct fixture *f = *state;

	put_words(f, 0, CODE);
	open_machine(f, EM_RISCV);
	assert_int_equal(registers_from_memory(f->ks, REGS, &f->regs), 0);
	for (unsigned i = 1; i < ARRAY_SIZE(names); i++)
		if (names[i])
			assert_int_equal(value(f, names[i]), i);
	assert_int_equal(value(f, "status"), 32);
	assert_true(registers_ip(&f->regs) == CODE && value(f, "epc") == CODE);
	assert_true(registers_has(&f->regs, row(f, "cause")));
	assert_string_equal(registers_code(&f->regs, f->code),
	                    "2d2c 2f2e 3130 3332 3534 3736 3938 3b3a 3d3c 3f3e (4140) 4342");
	assert_int_equal(registers_from_note(f->ks, f->note, 112 + 32 * 8, &f->regs), 0);
	assert_int_equal(value(f, "t6"), 31);
	assert_false(registers_has(&f->regs, row(f, "status")));
	assert_false(registers_has(&f->regs, row(f, "cause")));
}

/* What is not the kernel's is not there, and a NULL that was called has none. */
static void code_may_be_missing(void **state)
{
	struct fixture *f = *state;

	put_words(f, 16, 0x7f0012345678);
	open_machine(f, EM_X86_64);
	assert_int_equal(registers_from_memory(f->ks, REGS, &f->regs), 0);
	assert_string_equal(registers_code(&f->regs, f->code), "");
	synth_put(f->note + 112 + 16 * 8, 0, 8, false);
	assert_int_equal(registers_from_note(f->ks, f->note, sizeof(f->note), &f->regs), 0);
	assert_string_equal(registers_code(&f->regs, f->code), "");
}

/* The number of a system call, where there is none. */
static void some_registers_are_shown_at_times(void **state)
{
	struct fixture *f = *state;

	put_words(f, 16, CODE);
	open_machine(f, EM_X86_64);
	assert_int_equal(registers_from_note(f->ks, f->note, sizeof(f->note), &f->regs), 0);
	assert_true(registers_has(&f->regs, row(f, "ORIG_RAX")));
	f->regs.words[row(f, "ORIG_RAX")->word] = UINT64_MAX;
	f->regs.words[row(f, "RAX")->word] = UINT64_MAX;
	assert_false(registers_has(&f->regs, row(f, "ORIG_RAX")));
	assert_true(registers_has(&f->regs, row(f, "RAX")));
}

static void what_cannot_be_read_fails(void **state)
{
	struct fixture *f = *state;

	put_words(f, 16, CODE);
	open_machine(f, EM_X86_64);
	assert_int_equal(registers_from_note(f->ks, f->note, 112 + 20 * 8, &f->regs), -EBADMSG);
	assert_true(registers_from_memory(f->ks, 0x1000, &f->regs) < 0);
	f->arch.elf_machine = EM_S390;
	assert_int_equal(registers_from_memory(f->ks, REGS, &f->regs), -ENODATA);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(registers_of_x86_64_have_names),
		TEST(code_is_printed_as_the_kernel_does),
		TEST(registers_of_riscv64_have_names),
		TEST(return_addresses_of_arm64_lose_their_signature),
		TEST(registers_of_arm64_have_names),
		TEST(code_may_be_missing),
		TEST(some_registers_are_shown_at_times),
		TEST(what_cannot_be_read_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
