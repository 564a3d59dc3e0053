// SPDX-License-Identifier: GPL-2.0-or-later
/* test-arch-x86_64.c - page tables of x86_64: every size of leaf, four and five levels, broken
 * ones. */
#include <elf.h>
#include <errno.h>

#include "tests/unit/synth.h"
#include "vmcore/arch/archs.h"

#define VMALLOC_VA UINT64_C(0xffffc90000000000)
#define GIB        (UINT64_C(1) << 30)

struct machine {
	struct synth synth;
	struct dump *dump;
	struct reader *reader;
	struct pagetable tables;
};

static void machine_open(struct machine *m)
{
	m->dump = synth_dump(&m->synth);
	assert_int_equal(reader_new(m->dump, 65536, &m->reader), 0);
	assert_int_equal(arch_x86_64.pagetable(m->dump, &m->tables), 0);
}

static void machine_close(struct machine *m)
{
	m->reader = reader_free(m->reader);
	dump_free(m->dump);
}

static void machine_done(struct machine *m)
{
	machine_close(m);
	synth_done(&m->synth);
}

static int walk(struct machine *m, uint64_t va, struct leaf *ret)
{
	return pagetable_walk(&m->tables, m->reader, va, ret);
}

static void check_leaf(struct machine *m, uint64_t at, uint64_t va, uint64_t pa, uint64_t size)
{
	struct leaf leaf;

	assert_int_equal(walk(m, at, &leaf), 0);
	assert_int_equal(leaf.va, va);
	assert_int_equal(leaf.pa, pa);
	assert_int_equal(leaf.size, size);
}

/* Leaves of all sizes; the addresses differ at every level of the tables. */
static void check_leaves(const struct synth_options *o)
{
	struct machine m;
	struct leaf leaf;
	const uint64_t va = VMALLOC_VA + 5 * (GIB << 9) + 300 * GIB + 17 * MIB(2) + 123 * KIB(4);
	const uint64_t large = va + GIB + MIB(2) - va % MIB(2);

	synth_init(&m.synth, o);
	synth_map(&m.synth, va, 0xabc000, KIB(8), KIB(4));
	synth_map(&m.synth, large, 7 * MIB(2), MIB(4), MIB(2));
	synth_map(&m.synth, VMALLOC_VA + 500 * GIB, 4 * GIB, 2 * GIB, GIB);
	machine_open(&m);
	check_leaf(&m, va, va, 0xabc000, KIB(4));
	check_leaf(&m, va + 4095, va, 0xabc000, KIB(4));
	check_leaf(&m, va + 4096, va + 4096, 0xabd000, KIB(4));
	assert_int_equal(walk(&m, va - 1, &leaf), -EFAULT);
	assert_int_equal(walk(&m, va + 8192, &leaf), -EFAULT);

	check_leaf(&m, large, large, 7 * MIB(2), MIB(2));
	check_leaf(&m, large + MIB(2) - 1, large, 7 * MIB(2), MIB(2));
	check_leaf(&m, large + MIB(2), large + MIB(2), 8 * MIB(2), MIB(2));
	assert_int_equal(walk(&m, large - 1, &leaf), -EFAULT);

	check_leaf(&m, VMALLOC_VA + 500 * GIB + 12345, VMALLOC_VA + 500 * GIB, 4 * GIB, GIB);
	check_leaf(&m, VMALLOC_VA + 502 * GIB - 1, VMALLOC_VA + 501 * GIB, 5 * GIB, GIB);
	machine_done(&m);
}

static void leaves_of_all_sizes_are_found_with_four_levels(void **state)
{
	check_leaves(&(struct synth_options){ .levels = 4 });
}

static void leaves_of_all_sizes_are_found_with_five_levels(void **state)
{
	check_leaves(&(struct synth_options){ .levels = 5 });
}

static void encryption_bit_is_no_part_of_an_address(void **state)
{
	check_leaves(&(struct synth_options){ .levels = 4, .sme_mask = UINT64_C(1) << 47 });
	check_leaves(&(struct synth_options){ .levels = 5, .sme_mask = UINT64_C(1) << 51 });
}

/* Bits 48 to 63 are the same as bit 47. */
static void addresses_of_others_are_refused(void **state)
{
	const uint64_t va = UINT64_C(0xffff888000001000);
	const uint64_t others[] = { UINT64_C(0x1234888000001000), UINT64_C(0x7fff888000001000),
		                    UINT64_C(0xfffe888000001000) };
	struct machine m;
	struct leaf leaf;

	synth_init(&m.synth, NULL);
	machine_open(&m);
	check_leaf(&m, va, ALIGN_DOWN(va, MIB(2)), 0, MIB(2));
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_fails(walk(&m, others[i], &leaf), -EFAULT, "not an address of the kernel");
	machine_done(&m);
}

/* The lower half of the top table is not the kernel's, whatever it has. */
static void lower_half_is_no_memory_of_the_kernel(void **state)
{
	const uint64_t va = UINT64_C(0x0000400000000000);
	struct machine m;
	struct leaf leaf;

	synth_init(&m.synth, NULL);
	synth_map(&m.synth, va, 0xabc000, KIB(4), KIB(4));
	machine_open(&m);
	assert_int_equal(walk(&m, va, &leaf), -EFAULT);
	assert_int_equal(walk(&m, va | UINT64_MAX << 48, &leaf), -EFAULT);
	machine_done(&m);
}

static void fifth_level_tells_addresses_apart(void **state)
{
	const uint64_t va = UINT64_C(0xff11000000000000), other = UINT64_C(0xffd4000000000000);
	struct machine m;

	synth_init(&m.synth, &(struct synth_options){ .levels = 5 });
	synth_map(&m.synth, va, 0xabc000, KIB(4), KIB(4));
	synth_map(&m.synth, other, 0xdef000, KIB(4), KIB(4));
	machine_open(&m);
	check_leaf(&m, va + 1, va, 0xabc000, KIB(4));
	check_leaf(&m, other + 1, other, 0xdef000, KIB(4));
	machine_done(&m);
}

static void put_entry(struct machine *m, uint64_t va, unsigned level, uint64_t entry)
{
	synth_put(synth_entry(&m->synth, va, level), entry, 8, false);
}

static void entries_that_are_not_present_end_the_walk(void **state)
{
	struct machine m;
	struct leaf leaf = { .size = 1 };

	/* A swap entry or a poisoned one may have any bit but the lowest. */
	for (unsigned level = 4; level >= 1; level--) {
		synth_init(&m.synth, NULL);
		synth_map(&m.synth, VMALLOC_VA, 0xabc000, KIB(4), KIB(4));
		put_entry(&m, VMALLOC_VA, level, ~UINT64_C(1));
		machine_open(&m);
		assert_fails(walk(&m, VMALLOC_VA, &leaf), -EFAULT,
		             "nothing is mapped at 0xffffc90000000000");
		assert_int_equal(leaf.size, 1);
		machine_done(&m);
	}
}

static void tables_outside_of_memory_end_the_walk(void **state)
{
	struct machine m;
	struct leaf leaf;

	for (unsigned level = 4; level >= 2; level--) {
		synth_init(&m.synth, NULL);
		synth_map(&m.synth, VMALLOC_VA, 0xabc000, KIB(4), KIB(4));
		put_entry(&m, VMALLOC_VA, level, UINT64_C(0x000fffffff000063));
		machine_open(&m);
		assert_int_equal(walk(&m, VMALLOC_VA, &leaf), -ENXIO);
		machine_done(&m);
	}
}

static void tables_that_contain_themselves_end_as_well(void **state)
{
	struct machine m;
	struct leaf leaf;

	synth_init(&m.synth, NULL);
	put_entry(&m, VMALLOC_VA, 4, m.synth.top_table | 0x63);
	machine_open(&m);
	/* The top table serves at each level and gives a leaf at last. */
	check_leaf(&m, VMALLOC_VA | 402ULL << 30 | 402ULL << 21 | 402ULL << 12,
	           VMALLOC_VA | 402ULL << 30 | 402ULL << 21 | 402ULL << 12, m.synth.top_table,
	           KIB(4));
	assert_int_equal(walk(&m, VMALLOC_VA, &leaf), -EFAULT);
	machine_done(&m);
}

static void large_bit_at_the_top_is_no_leaf(void **state)
{
	struct machine m;
	struct leaf leaf;

	synth_init(&m.synth, NULL);
	synth_map(&m.synth, VMALLOC_VA, 0xabc000, KIB(4), KIB(4));
	put_entry(&m, VMALLOC_VA, 4, UINT64_C(0x0000100000000000) | 0xe3);
	machine_open(&m);
	assert_int_equal(walk(&m, VMALLOC_VA, &leaf), -ENXIO);
	machine_done(&m);
}

static void tables_begin_where_vmcoreinfo_says(void **state)
{
	struct machine m;

	synth_init(&m.synth, NULL);
	machine_open(&m);
	assert_int_equal(m.tables.root, m.synth.top_table);
	assert_int_equal(m.tables.levels, 4);
	assert_int_equal(m.tables.image_pa, (uint64_t)SYNTH_PHYS_BASE);
	assert_int_equal(m.tables.image_va, 0xffffffff80000000);
	assert_int_equal(m.tables.image_size, GIB);
	assert_int_equal(arch_x86_64.phys_base(m.dump), SYNTH_PHYS_BASE);
	machine_close(&m);

	/* Another name of the top table, a smaller image. */
	synth_drop(&m.synth.info, "SYMBOL(init_top_pgt)");
	synth_drop(&m.synth.info, "NUMBER(KERNEL_IMAGE_SIZE)");
	synth_key(&m.synth.info, "SYMBOL(swapper_pg_dir)=ffffffff81200000");
	synth_key(&m.synth.info, "NUMBER(KERNEL_IMAGE_SIZE)=536870912");
	machine_open(&m);
	assert_int_equal(m.tables.root, 0x600000);
	assert_int_equal(m.tables.image_size, GIB / 2);
	machine_done(&m);
}

static void missing_key_is_named(void **state)
{
	struct pagetable pt = { .levels = 99 };
	struct synth m;
	struct dump *d;

	synth_init(&m, NULL);
	synth_drop(&m.info, "SYMBOL(init_top_pgt)");
	d = synth_dump(&m);
	assert_fails(arch_x86_64.pagetable(d, &pt), -ENODATA, "SYMBOL(init_top_pgt)");
	assert_int_equal(pt.levels, 99);
	dump_free(d);
	synth_done(&m);
}

static void architecture_is_found_by_number_or_name(void **state)
{
	struct dump d = { .elf_machine = EM_X86_64 };

	assert_ptr_equal(arch_find(&d), &arch_x86_64);
	d.elf_machine = EM_ALPHA;
	assert_null(arch_find(&d));
	strcpy(d.machine, "x86_64");
	assert_ptr_equal(arch_find(&d), &arch_x86_64);
	strcpy(d.machine, "x86");
	assert_null(arch_find(&d));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaves_of_all_sizes_are_found_with_four_levels),
		cmocka_unit_test(leaves_of_all_sizes_are_found_with_five_levels),
		cmocka_unit_test(encryption_bit_is_no_part_of_an_address),
		cmocka_unit_test(addresses_of_others_are_refused),
		cmocka_unit_test(lower_half_is_no_memory_of_the_kernel),
		cmocka_unit_test(fifth_level_tells_addresses_apart),
		cmocka_unit_test(entries_that_are_not_present_end_the_walk),
		cmocka_unit_test(tables_outside_of_memory_end_the_walk),
		cmocka_unit_test(tables_that_contain_themselves_end_as_well),
		cmocka_unit_test(large_bit_at_the_top_is_no_leaf),
		cmocka_unit_test(tables_begin_where_vmcoreinfo_says),
		cmocka_unit_test(missing_key_is_named),
		cmocka_unit_test(architecture_is_found_by_number_or_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
