// SPDX-License-Identifier: GPL-2.0-or-later
/* test-kdump-header.c - the fields of kdump-compressed headers, and what is refused. */
#include <errno.h>

#include "tests/unit/synth.h"
#include "vmcore/format/kdump-header.h"

/* Every field of the headers of version 6, as diskdump_mod.h of makedumpfile lays them out. */
struct field {
	size_t offset, size;
	uint64_t value; /* in the header that sample() makes */
};

static const struct field main_fields[] = {
	{ 8, 4, 6 },            /* header_version */
	{ 408, 8, 1795442701 }, /* timestamp.tv_sec */
	{ 416, 8, 0 },          /* timestamp.tv_usec */
	{ 424, 4, 0x28 },       /* status */
	{ 428, 4, 4096 },       /* block_size */
	{ 432, 4, 2 },          /* sub_hdr_size */
	{ 436, 4, 34 },         /* bitmap_blocks */
	{ 440, 4, 0x84321 },    /* max_mapnr */
	{ 444, 4, 0 },          /* total_ram_blocks */
	{ 448, 4, 0 },          /* device_blocks */
	{ 452, 4, 77 },         /* written_blocks */
	{ 456, 4, 0 },          /* current_cpu */
	{ 460, 4, 12 },         /* nr_cpus */
};

static const struct field sub_fields[] = {
	{ 0, 8, -UINT64_C(0xc00000) }, /* phys_base */
	{ 8, 4, 31 },                  /* dump_level */
	{ 12, 4, 0 },                  /* split */
	{ 16, 8, 0 },                  /* start_pfn */
	{ 24, 8, 0 },                  /* end_pfn */
	{ 32, 8, 4096 + 104 + 4100 },  /* offset_vmcoreinfo */
	{ 40, 8, 850 },                /* size_vmcoreinfo */
	{ 48, 8, 4096 + 104 },         /* offset_note */
	{ 56, 8, 5000 },               /* size_note */
	{ 64, 8, 0 },                  /* offset_eraseinfo */
	{ 72, 8, 0 },                  /* size_eraseinfo */
	{ 80, 8, 0 },                  /* start_pfn_64 */
	{ 88, 8, 0 },                  /* end_pfn_64 */
	{ 96, 8, 0x84321 },            /* max_mapnr_64 */
};

static struct kdump_header sample(void)
{
	struct kdump_header h = {
		.uts = { "Linux", "host", "6.12.48", "#1 SMP", "x86_64", "(none)" },
		.crash_time = 1795442701,
		.status = 0x20 | KDUMP_STATUS_INCOMPLETE,
		.block_size = 4096,
		.n_cpus = 12,
		.version = 6,
		.phys_base = -INT64_C(0xc00000),
		.level = 31,
	};

	kdump_header_layout(&h, 0x84321, 5000);
	kdump_header_set_size(&h, 77 * 4096);
	h.vmcoreinfo_offset = h.notes_offset + 4100;
	h.vmcoreinfo_size = 850;
	return h;
}

static uint64_t get(const uint8_t *p, size_t size)
{
	uint64_t v = 0;

	for (size_t i = 0; i < size; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

static void every_field_has_its_place(void **state)
{
	struct kdump_header h = sample();
	uint8_t main[KDUMP_MAIN_SIZE], sub[KDUMP_SUB_SIZE];

	kdump_header_encode(&h, main, sub);
	assert_int_equal(sizeof(main), 464);
	assert_int_equal(sizeof(sub), 104);
	assert_memory_equal(main, "KDUMP   ", 8);
	for (size_t i = 0; i < 6; i++)
		assert_memory_equal(main + 12 + i * 65, h.uts[i], 65);
	for (size_t i = 402; i < 408; i++)
		assert_int_equal(main[i], 0);
	for (size_t i = 0; i < ARRAY_SIZE(main_fields); i++)
		assert_int_equal(get(main + main_fields[i].offset, main_fields[i].size),
		                 main_fields[i].value);
	for (size_t i = 0; i < ARRAY_SIZE(sub_fields); i++)
		assert_int_equal(get(sub + sub_fields[i].offset, sub_fields[i].size),
		                 sub_fields[i].value);
}

static void layout_follows_the_specification(void **state)
{
	static const struct {
		uint32_t block;
		uint64_t max_pfn, notes;
		uint32_t sub_blocks, bitmap_blocks;
	} expected[] = {
		{ 4096, 1, 0, 1, 2 },
		{ 4096, 32768, 4096 - 104, 1, 2 },
		{ 4096, 32769, 4096 - 103, 2, 4 },
		{ 4096, 0x84321, 5000, 2, 34 },
		{ 65536, UINT64_C(1) << 34, 100000, 2, 65536 },
		/* 2^48 bytes of memory in pages of 4 KiB, and a product beyond 32 bits */
		{ 4096, UINT64_C(1) << 36, 1 << 20, 257, 4194304 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		struct kdump_header h = { .block_size = expected[i].block };
		uint64_t block = expected[i].block;

		kdump_header_layout(&h, expected[i].max_pfn, expected[i].notes);
		assert_int_equal(h.notes_offset, block + 104);
		assert_int_equal(h.sub_blocks, expected[i].sub_blocks);
		assert_int_equal(h.bitmap_blocks, expected[i].bitmap_blocks);
		assert_int_equal(kdump_bitmap_offset(&h), block * (1 + expected[i].sub_blocks));
		assert_int_equal(kdump_bitmap_size(&h), block * expected[i].bitmap_blocks / 2);
		assert_int_equal(kdump_desc_offset(&h),
		                 block * (1 + expected[i].sub_blocks + expected[i].bitmap_blocks));
	}
}

static void check_sample(const struct kdump_header *h)
{
	struct kdump_header expected = sample();

	assert_memory_equal(h->uts, expected.uts, sizeof(h->uts));
	assert_int_equal(h->crash_time, expected.crash_time);
	assert_int_equal(h->status, expected.status);
	assert_int_equal(h->block_size, expected.block_size);
	assert_int_equal(h->sub_blocks, expected.sub_blocks);
	assert_int_equal(h->bitmap_blocks, expected.bitmap_blocks);
	assert_int_equal(h->n_cpus, expected.n_cpus);
	assert_int_equal(h->version, 6);
	assert_int_equal(h->phys_base, expected.phys_base);
	assert_int_equal(h->level, expected.level);
	assert_false(h->split);
	assert_int_equal(h->vmcoreinfo_offset, expected.vmcoreinfo_offset);
	assert_int_equal(h->vmcoreinfo_size, expected.vmcoreinfo_size);
	assert_int_equal(h->notes_offset, expected.notes_offset);
	assert_int_equal(h->notes_size, expected.notes_size);
	assert_int_equal(h->max_pfn, expected.max_pfn);
}

static void swap_fields(uint8_t *bytes, const struct field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++)
		synth_put(bytes + fields[i].offset, get(bytes + fields[i].offset, fields[i].size),
		          fields[i].size, true);
}

static void what_is_written_is_read_in_both_byte_orders(void **state)
{
	struct kdump_header h = sample(), got;
	uint8_t main[KDUMP_MAIN_SIZE], sub[KDUMP_SUB_SIZE];

	kdump_header_encode(&h, main, sub);
	for (int swap = 0; swap < 2; swap++) {
		assert_int_equal(kdump_header_decode_main(main, &got), 1);
		assert_int_equal(kdump_header_decode_sub(sub, &got), 0);
		assert_int_equal(got.swap, swap);
		check_sample(&got);
		swap_fields(main, main_fields, ARRAY_SIZE(main_fields));
		swap_fields(sub, sub_fields, ARRAY_SIZE(sub_fields));
	}
}

static void every_page_size_of_linux_is_understood(void **state)
{
	for (uint32_t block = 4096; block <= 262144; block *= 2)
		for (int swap = 0; swap < 2; swap++) {
			struct kdump_header h = sample(), got;
			uint8_t main[KDUMP_MAIN_SIZE], sub[KDUMP_SUB_SIZE];

			h.block_size = block;
			kdump_header_encode(&h, main, sub);
			if (swap)
				swap_fields(main, main_fields, ARRAY_SIZE(main_fields));
			assert_int_equal(kdump_header_decode_main(main, &got), 1);
			assert_int_equal(got.block_size, block);
			assert_int_equal(got.swap, swap);
		}
}

static void fields_of_later_versions_are_not_read(void **state)
{
	struct kdump_header h = sample(), got;
	uint8_t main[KDUMP_MAIN_SIZE], sub[KDUMP_SUB_SIZE];

	kdump_header_encode(&h, main, sub);
	synth_put(sub + 12, 1, 4, false);          /* split */
	synth_put(sub + 16, 0x10, 8, false);       /* start_pfn */
	synth_put(sub + 24, 0x20, 8, false);       /* end_pfn */
	synth_put(sub + 96, UINT64_MAX, 8, false); /* max_mapnr_64 */
	for (uint32_t version = 0; version < 6; version++) {
		synth_put(main + 8, version, 4, false);
		assert_int_equal(kdump_header_decode_main(main, &got), 1);
		assert_int_equal(kdump_header_decode_sub(sub, &got), 0);
		assert_int_equal(got.level, version >= 1 ? 31 : 0);
		assert_int_equal(got.split, version >= 2);
		assert_int_equal(got.start_pfn, version >= 2 ? 0x10 : 0);
		assert_int_equal(got.end_pfn, version >= 2 ? 0x20 : 0);
		assert_int_equal(got.vmcoreinfo_size, version >= 3 ? 850 : 0);
		assert_int_equal(got.notes_size, version >= 4 ? 5000 : 0);
		assert_int_equal(got.max_pfn, 0x84321);
	}
}

static void huge_memory_is_told_in_64_bits(void **state)
{
	struct kdump_header h = sample(), got;
	uint8_t main[KDUMP_MAIN_SIZE], sub[KDUMP_SUB_SIZE];

	kdump_header_layout(&h, UINT64_C(0x600000001), 5000);
	kdump_header_encode(&h, main, sub);
	assert_int_equal(get(main + 440, 4), UINT32_MAX);
	assert_int_equal(kdump_header_decode_main(main, &got), 1);
	assert_int_equal(kdump_header_decode_sub(sub, &got), 0);
	assert_int_equal(got.max_pfn, UINT64_C(0x600000001));
}

static void names_always_end(void **state)
{
	struct kdump_header h = sample(), got;
	uint8_t main[KDUMP_MAIN_SIZE], sub[KDUMP_SUB_SIZE];

	kdump_header_encode(&h, main, sub);
	memset(main + 12, 'x', 390);
	assert_int_equal(kdump_header_decode_main(main, &got), 1);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(strlen(got.uts[i]), 64);
}

static void other_formats_are_left_to_others(void **state)
{
	struct kdump_header got = { .block_size = 1 };
	uint8_t main[KDUMP_MAIN_SIZE] = {};

	assert_int_equal(kdump_header_decode_main(main, &got), 0);
	memcpy(main, "DISKDUMP", 8);
	assert_int_equal(kdump_header_decode_main(main, &got), 0);
	memcpy(main, "\177ELF\2\1\1", 8);
	assert_int_equal(kdump_header_decode_main(main, &got), 0);
	assert_int_equal(got.block_size, 1);
}

static void implausible_main_headers_are_refused(void **state)
{
	static const struct {
		size_t offset;
		uint32_t value;
		const char *error;
	} bad[] = {
		{ 8, 7, "version 7, " },
		{ 8, UINT32_MAX, "version 4294967295, " },
		{ 428, 0, "block size 0, " },
		{ 428, 2048, "block size 2048, " },
		{ 428, 4097, "block size 4097, " },
		{ 428, 12288, "block size 12288, " },
		{ 428, 524288, "block size 524288, " },
		{ 428, UINT32_MAX, "block size " },
		{ 432, 0, " 0 sub header blocks, " },
		{ 436, 0, " 0 bitmap blocks " },
		{ 440, 34 * 4096 * 8 + 1, " for 1114113 page frames are not plausible" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct kdump_header h = sample(), got = { .block_size = 1 };
		uint8_t main[KDUMP_MAIN_SIZE], sub[KDUMP_SUB_SIZE];

		kdump_header_encode(&h, main, sub);
		synth_put(main + bad[i].offset, bad[i].value, 4, false);
		assert_fails(kdump_header_decode_main(main, &got), -EBADMSG, bad[i].error);
		assert_int_equal(got.block_size, 1);
	}
}

static void more_pages_than_the_bitmaps_hold_are_refused(void **state)
{
	static const struct {
		uint64_t max_pfn;
		int result;
	} expected[] = {
		{ 17 * 4096 * 8, 0 },
		{ 17 * 4096 * 8 + 1, -EBADMSG },
		{ UINT64_MAX, -EBADMSG },
		{ UINT64_C(1) << 61, -EBADMSG },
	};

	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		struct kdump_header h = sample(), got;
		uint8_t main[KDUMP_MAIN_SIZE], sub[KDUMP_SUB_SIZE];

		kdump_header_encode(&h, main, sub);
		synth_put(sub + 96, expected[i].max_pfn, 8, false);
		assert_int_equal(kdump_header_decode_main(main, &got), 1);
		assert_int_equal(kdump_header_decode_sub(sub, &got), expected[i].result);
	}
}

static void size_of_the_complete_file_is_told(void **state)
{
	struct kdump_header h = sample();

	kdump_header_set_size(&h, 5 * 4096);
	assert_int_equal(h.written_blocks, 5);
	assert_true(kdump_header_cut(&h, 5 * 4096 - 1));
	assert_false(kdump_header_cut(&h, 5 * 4096));
	assert_false(kdump_header_cut(&h, 6 * 4096));
	/* What does not fit is not told. */
	kdump_header_set_size(&h, UINT64_C(4096) * UINT32_MAX);
	assert_int_equal(h.written_blocks, UINT32_MAX);
	kdump_header_set_size(&h, UINT64_C(4096) * UINT32_MAX + 1);
	assert_int_equal(h.written_blocks, 0);
	assert_false(kdump_header_cut(&h, 0));
}

static void one_bitmap_of_old_dumps_serves_as_both(void **state)
{
	for (uint32_t version = 0; version <= 6; version++) {
		struct kdump_header h = sample(), got;
		uint8_t main[KDUMP_MAIN_SIZE], sub[KDUMP_SUB_SIZE];

		h.bitmap_blocks = 17;
		kdump_header_encode(&h, main, sub);
		synth_put(main + 8, version, 4, false);
		assert_int_equal(kdump_header_decode_main(main, &got), 1);
		if (version == 6) {
			assert_fails(kdump_header_decode_sub(sub, &got), -EBADMSG, "do not fit");
			continue;
		}
		assert_int_equal(kdump_header_decode_sub(sub, &got), 0);
		assert_true(got.one_bitmap);
		assert_int_equal(kdump_bitmap_size(&got), 17 * 4096);
		assert_int_equal(kdump_desc_offset(&got), (1 + 2 + 17) * 4096);
	}
}

static void part_that_cannot_be_is_refused(void **state)
{
	static const uint64_t ranges[][2] = { { 6, 5 },
		                              { 0x84322, 0x84322 },
		                              { 0x84322, 0x84323 } };

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		struct kdump_header h = sample(), got;
		uint8_t main[KDUMP_MAIN_SIZE], sub[KDUMP_SUB_SIZE];

		kdump_header_encode(&h, main, sub);
		synth_put(sub + 12, 1, 4, false);
		synth_put(sub + 80, ranges[i][0], 8, false);
		synth_put(sub + 88, ranges[i][1], 8, false);
		assert_int_equal(kdump_header_decode_main(main, &got), 1);
		assert_fails(kdump_header_decode_sub(sub, &got), -EBADMSG, "part of 541473 page");
	}
}

static void descriptors_have_24_bytes(void **state)
{
	static const uint8_t expected[KDUMP_DESC_SIZE] = {
		0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01, /* offset */
		0xcd, 0x0b, 0,    0,                            /* size */
		0x20, 0,    0,    0,                            /* flags */
	};
	const struct kdump_desc d = { .offset = 0x0102030405060708, .size = 0xbcd, .flags = 0x20 };
	uint8_t bytes[KDUMP_DESC_SIZE];
	struct kdump_desc got;

	memset(bytes, 0xff, sizeof(bytes));
	kdump_desc_encode(&d, false, bytes);
	assert_memory_equal(bytes, expected, sizeof(bytes));
	for (int swap = 0; swap < 2; swap++) {
		kdump_desc_decode(bytes, swap, &got);
		assert_int_equal(got.offset, d.offset);
		assert_int_equal(got.size, d.size);
		assert_int_equal(got.flags, d.flags);
		synth_put(bytes, d.offset, 8, true);
		synth_put(bytes + 8, d.size, 4, true);
		synth_put(bytes + 12, d.flags, 4, true);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_has_its_place),
		cmocka_unit_test(layout_follows_the_specification),
		cmocka_unit_test(what_is_written_is_read_in_both_byte_orders),
		cmocka_unit_test(every_page_size_of_linux_is_understood),
		cmocka_unit_test(fields_of_later_versions_are_not_read),
		cmocka_unit_test(huge_memory_is_told_in_64_bits),
		cmocka_unit_test(names_always_end),
		cmocka_unit_test(other_formats_are_left_to_others),
		cmocka_unit_test(implausible_main_headers_are_refused),
		cmocka_unit_test(more_pages_than_the_bitmaps_hold_are_refused),
		cmocka_unit_test(size_of_the_complete_file_is_told),
		cmocka_unit_test(one_bitmap_of_old_dumps_serves_as_both),
		cmocka_unit_test(part_that_cannot_be_is_refused),
		cmocka_unit_test(descriptors_have_24_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
