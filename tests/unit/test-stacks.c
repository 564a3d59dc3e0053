// SPDX-License-Identifier: GPL-2.0-or-later
/* test-stacks.c - stacks for interrupts and exceptions of CPUs that never had one. */
#include "tests/unit/synth-btf.h"
#include "tests/unit/synth-symbols.h"
#include "vmcore/stack/stacks.h"

#define AT(offset) (SYNTH_IMAGE_VA + (offset))
#define CPU(n)     (AT(0x60000) + (n)*UINT64_C(0x1000))
#define AREA(n)    (UINT64_C(0xfffffe0000003000) + (n)*UINT64_C(0x40000)) /* of exceptions */
#define IRQ(n)     (UINT64_C(0xffffc90000100000) + (n)*UINT64_C(0x10000))
#define SIZE       KIB(16)

struct fixture {
	struct synth m;
	struct dump *dump;
	struct kspace *ks;
	struct kview v;
	uint64_t offsets[3];
	struct stacks *stacks;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	synth_init(&f->m, NULL);
	for (unsigned i = 0; i < 3; i++)
		f->offsets[i] = CPU(i) - CPU(0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	stacks_free(f->stacks);
	bitmap_done(&f->v.possible);
	kallsyms_free(f->v.symbols);
	btf_free(f->v.types);
	kspace_free(f->ks);
	dump_free(f->dump);
	synth_done(&f->m);
	free(f);
	return 0;
}

static void put(struct fixture *f, uint64_t va, uint64_t v)
{
	uint8_t bytes[8];

	synth_put(bytes, v, 8, false);
	synth_store(&f->m, va, bytes, 8);
}

/* CPUs 0 and 2, whose variables have these names. */
static void open_stacks(struct fixture *f, const char *irq, const char *exceptions)
{
	struct synth_tables tables = { .addresses = SYNTH_BASE_RELATIVE, .long_lengths = true };
	const struct synth_symbol symbols[] = { { "_stext", 'T', AT(0) },
		                                { irq, 'D', CPU(0) },
		                                { exceptions, 'D', CPU(0) + 0x40 } };
	struct synth_btf b;
	uint32_t u64, bytes;

	synth_btf_init(&b);
	u64 = synth_btf_int(&b, "long", 8);
	bytes = synth_btf_array(&b, synth_btf_int(&b, "char", 1), 0x2000);
	synth_btf_struct(&b, "pcpu_hot", 1, 64);
	synth_btf_member(&b, "hardirq_stack_ptr", u64, 24 * 8);
	synth_btf_struct(&b, "cea_exception_stacks", 2, 0x10000);
	synth_btf_member(&b, "DF_stack", bytes, 0x1000 * 8);
	synth_btf_member(&b, "NMI_stack", bytes, 0x4000 * 8);
	synth_tables(&f->m, &tables, symbols, ARRAY_SIZE(symbols));
	f->dump = synth_dump(&f->m);
	f->ks = synth_kspace(f->dump);
	f->v = (struct kview){ .ks = f->ks,
		               .types = synth_btf_open(&b),
		               .cpu_offsets = f->offsets };
	assert_int_equal(bitmap_init(&f->v.possible, 3), 0);
	bitmap_set(&f->v.possible, 0, 1);
	bitmap_set(&f->v.possible, 2, 3);
	assert_int_equal(kallsyms_open(f->ks, &f->v.symbols), 0);
	assert_int_equal(stacks_open(&f->v, SIZE, &f->stacks), 0);
}

/* A stack's name, and no name around it. */
static void check_stack(const struct fixture *f, unsigned cpu, uint64_t start, uint64_t size,
                        const char *name)
{
	assert_string_equal(stacks_name(f->stacks, cpu, start + 8), name);
	assert_string_equal(stacks_name(f->stacks, cpu, start + size), name);
	assert_null(stacks_name(f->stacks, cpu, start));
	assert_null(stacks_name(f->stacks, cpu, start + size + 8));
	assert_null(stacks_name(f->stacks, 1, start + 8));
	assert_null(stacks_name(f->stacks, cpu ^ 2, start + 8));
	assert_null(stacks_name(f->stacks, 3, start + 8));
}

static void stacks_are_found(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < 3; i++) {
		put(f, CPU(i), IRQ(i) + SIZE - 8);
		put(f, CPU(i) + 0x40, AREA(i));
	}
	open_stacks(f, "hardirq_stack_ptr", "cea_exception_stacks");
	for (unsigned i = 0; i < 3; i += 2) {
		check_stack(f, i, IRQ(i), SIZE, "IRQ");
		check_stack(f, i, AREA(i) + 0x1000, 0x2000, "#DF");
		check_stack(f, i, AREA(i) + 0x4000, 0x2000, "NMI");
	}
}

static void pointers_may_be_in_a_structure(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < 3; i++)
		put(f, CPU(i) + 24, IRQ(i) + SIZE);
	open_stacks(f, "pcpu_hot", "cpu_tss_rw");
	check_stack(f, 0, IRQ(0), SIZE, "IRQ");
	assert_null(stacks_name(f->stacks, 0, AREA(0) + 0x1008));
}

/* As arm64 has it; CPU 0 has none. */
static void pointers_may_be_to_the_start(void **state)
{
	struct fixture *f = *state;

	put(f, CPU(2), IRQ(2));
	open_stacks(f, "irq_stack_ptr", "kimage_voffset");
	check_stack(f, 2, IRQ(2), SIZE, "IRQ");
	assert_null(stacks_name(f->stacks, 0, 8));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(stacks_are_found),
		TEST(pointers_may_be_in_a_structure),
		TEST(pointers_may_be_to_the_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
