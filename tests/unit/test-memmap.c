// SPDX-License-Identifier: GPL-2.0-or-later
/* test-memmap.c - where the struct pages are: sections, their roots and their flags. */
#include <errno.h>

#include "tests/unit/synth.h"
#include "vmcore/filter/memmap.h"

#define HIGH_SECTION (SYNTH_HIGH_PFN / SYNTH_SECTION)

struct machine {
	struct synth synth;
	struct dump *dump;
	struct kspace *ks;
	struct memmap map;
};

static void machine_open(struct machine *m)
{
	m->dump = synth_dump(&m->synth);
	m->ks = synth_kspace(m->dump);
}

static void machine_close(struct machine *m)
{
	kspace_free(m->ks);
	dump_free(m->dump);
}

static void check_section(struct machine *m, uint64_t nr)
{
	uint64_t va;

	assert_int_equal(memmap_section(&m->map, nr, &va), 1);
	assert_int_equal(va, synth_page_va(&m->synth, nr * SYNTH_SECTION));
}

static void check_absent(struct machine *m, uint64_t nr)
{
	uint64_t va = 42;

	assert_int_equal(memmap_section(&m->map, nr, &va), 0);
	assert_int_equal(va, 42);
}

static void set_section(struct machine *m, uint64_t nr, uint64_t map)
{
	synth_put(synth_section(&m->synth, nr), map, 8, false);
}

static void sections_are_found_through_their_roots(void **state)
{
	static const struct synth_options options[] = { { .page_size = 64 }, { .page_size = 56 } };

	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		struct machine m;

		synth_init(&m.synth, &options[i]);
		/* What looks like one more root is none. */
		memcpy(synth_at(&m.synth, m.synth.sections + 32 * 8),
		       synth_at(&m.synth, m.synth.sections), 8);
		machine_open(&m);
		assert_int_equal(memmap_init(&m.map, m.ks), 0);
		assert_int_equal(m.map.pfn_shift, 9);
		assert_int_equal(m.map.struct_page, options[i].page_size);
		for (uint64_t nr = 0; nr < SYNTH_MAIN_END / SYNTH_SECTION; nr++) {
			check_section(&m, nr);
			/* One from another root each time. */
			check_section(&m, HIGH_SECTION + nr % 4);
		}
		/* In a root that is there, in one that is not, behind the last. */
		check_absent(&m, SYNTH_MAIN_END / SYNTH_SECTION);
		check_absent(&m, 255);
		check_absent(&m, 256);
		check_absent(&m, HIGH_SECTION - 1);
		check_absent(&m, 8191);
		check_absent(&m, 8192);
		check_absent(&m, UINT64_MAX);
		machine_close(&m);
		synth_done(&m.synth);
	}
}

static void sections_count_only_when_present_and_online(void **state)
{
	struct machine m;
	uint64_t map;

	synth_init(&m.synth, NULL);
	map = synth_page_va(&m.synth, 0);
	for (uint64_t flags = 0; flags < 64; flags++) {
		set_section(&m, 3, map | flags);
		machine_open(&m);
		assert_int_equal(memmap_init(&m.map, m.ks), 0);
		if ((flags & 5) == 5)
			check_section(&m, 3);
		else
			check_absent(&m, 3);
		machine_close(&m);
	}
	synth_done(&m.synth);
}

static void flags_of_later_kernels_are_no_part_of_the_address(void **state)
{
	struct machine m;

	synth_init(&m.synth, NULL);
	set_section(&m, 3, synth_page_va(&m.synth, 0) | 0xfff);
	machine_open(&m);
	assert_int_equal(memmap_init(&m.map, m.ks), 0);
	check_section(&m, 3);
	machine_close(&m);
	synth_done(&m.synth);
}

static void roots_that_cannot_be_read_are_an_error_each_time(void **state)
{
	struct machine m;
	uint64_t va = 42;

	synth_init(&m.synth, NULL);
	/* Root 1 leads nowhere. */
	synth_put(synth_at(&m.synth, m.synth.sections) + 8, UINT64_C(0xffffc90000000000), 8, false);
	machine_open(&m);
	assert_int_equal(memmap_init(&m.map, m.ks), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(memmap_section(&m.map, 256, &va), -EFAULT);
		check_section(&m, 1);
	}
	machine_close(&m);
	synth_done(&m.synth);
}

static void roots_are_assumed_when_nothing_is_told(void **state)
{
	struct machine m;

	synth_init(&m.synth, NULL);
	synth_drop(&m.synth.info, "LENGTH(mem_section)");
	machine_open(&m);
	assert_int_equal(memmap_init(&m.map, m.ks), 0);
	check_section(&m, 1);
	check_section(&m, HIGH_SECTION);
	machine_close(&m);
	synth_done(&m.synth);
}

static void one_flat_array_has_as_many_entries_as_sections(void **state)
{
	struct machine m;
	uint64_t array;

	synth_init(&m.synth, NULL);
	array = synth_alloc(&m.synth, KIB(64), 4096);
	for (uint64_t nr = 0; nr < 8; nr++)
		memcpy(synth_at(&m.synth, array + nr * 16), synth_section(&m.synth, nr), 16);
	synth_drop(&m.synth.info, "SYMBOL(mem_section)");
	synth_drop(&m.synth.info, "LENGTH(mem_section)");
	synth_key(&m.synth.info, "SYMBOL(mem_section)=%llx",
	          (unsigned long long)(SYNTH_DIRECT_VA + array));
	synth_key(&m.synth.info, "LENGTH(mem_section)=8192");
	machine_open(&m);
	assert_int_equal(memmap_init(&m.map, m.ks), 0);
	for (uint64_t nr = 0; nr < 8; nr++)
		check_section(&m, nr);
	check_absent(&m, 8);
	check_absent(&m, 9000);
	machine_close(&m);
	synth_done(&m.synth);
}

static void sizes_of_the_architecture_serve_when_not_told(void **state)
{
	struct machine m;

	synth_init(&m.synth, NULL);
	synth_drop(&m.synth.info, "NUMBER(SECTION_SIZE_BITS)");
	synth_drop(&m.synth.info, "NUMBER(MAX_PHYSMEM_BITS)");
	synth_drop(&m.synth.info, "LENGTH(mem_section)");
	machine_open(&m);
	assert_int_equal(memmap_init(&m.map, m.ks), 0);
	assert_int_equal(m.map.pfn_shift, 27 - 12);
	assert_int_equal(m.map.sections, 1 << (46 - 27));
	machine_close(&m);
	synth_done(&m.synth);

	/* Five levels of page tables reach further. */
	synth_init(&m.synth, &(struct synth_options){ .levels = 5 });
	synth_drop(&m.synth.info, "NUMBER(MAX_PHYSMEM_BITS)");
	machine_open(&m);
	assert_int_equal(memmap_init(&m.map, m.ks), 0);
	assert_int_equal(m.map.sections, UINT64_C(1) << (52 - 21));
	machine_close(&m);
	synth_done(&m.synth);
}

static void missing_facts_are_said(void **state)
{
	static const char *const keys[] = {
		"SIZE(page)",
		"SYMBOL(mem_section)",
		"SIZE(mem_section)",
		"OFFSET(mem_section.section_mem_map)",
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		struct machine m;

		synth_init(&m.synth, NULL);
		synth_drop(&m.synth.info, keys[i]);
		machine_open(&m);
		assert_fails(memmap_init(&m.map, m.ks), -ENODATA,
		             "VMCOREINFO does not tell where the struct pages are");
		machine_close(&m);
		synth_done(&m.synth);
	}
}

static void facts_that_cannot_be_are_refused(void **state)
{
	static const struct {
		const char *key;
		uint64_t value;
	} lies[] = {
		{ "SIZE(page)", 0 },
		{ "SIZE(page)", 8 },
		{ "SIZE(page)", 257 },
		{ "SIZE(mem_section)", 0 },
		{ "SIZE(mem_section)", 7 },
		{ "SIZE(mem_section)", 4097 },
		{ "OFFSET(mem_section.section_mem_map)", 9 },
		{ "OFFSET(mem_section.section_mem_map)", UINT64_MAX },
		{ "OFFSET(mem_section.section_mem_map)", UINT64_MAX - 7 },
		{ "NUMBER(SECTION_SIZE_BITS)", 0 },
		{ "NUMBER(SECTION_SIZE_BITS)", 12 },
		{ "NUMBER(SECTION_SIZE_BITS)", 19 },
		{ "NUMBER(SECTION_SIZE_BITS)", 34 },
		{ "NUMBER(SECTION_SIZE_BITS)", UINT64_MAX },
		{ "NUMBER(MAX_PHYSMEM_BITS)", 0 },
		{ "NUMBER(MAX_PHYSMEM_BITS)", 57 },
		{ "NUMBER(MAX_PHYSMEM_BITS)", 64 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(lies); i++) {
		struct machine m;

		synth_init(&m.synth, NULL);
		synth_drop(&m.synth.info, lies[i].key);
		synth_key(&m.synth.info, "%s=%llu", lies[i].key, (unsigned long long)lies[i].value);
		machine_open(&m);
		assert_fails(memmap_init(&m.map, m.ks), -ENODATA,
		             "VMCOREINFO describes a memory map that cannot be");
		machine_close(&m);
		synth_done(&m.synth);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections_are_found_through_their_roots),
		cmocka_unit_test(sections_count_only_when_present_and_online),
		cmocka_unit_test(flags_of_later_kernels_are_no_part_of_the_address),
		cmocka_unit_test(roots_that_cannot_be_read_are_an_error_each_time),
		cmocka_unit_test(roots_are_assumed_when_nothing_is_told),
		cmocka_unit_test(one_flat_array_has_as_many_entries_as_sections),
		cmocka_unit_test(sizes_of_the_architecture_serve_when_not_told),
		cmocka_unit_test(missing_facts_are_said),
		cmocka_unit_test(facts_that_cannot_be_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
