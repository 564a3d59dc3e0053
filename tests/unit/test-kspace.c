// SPDX-License-Identifier: GPL-2.0-or-later
/* test-kspace.c - the virtual memory of a crashed kernel, found with VMCOREINFO. */
#include <elf.h>
#include <errno.h>

#include "tests/unit/synth.h"
#include "base/err.h"
#include "vmcore/filter/filter.h"
#include "vmcore/format/save.h"

#define VMALLOC_VA UINT64_C(0xffffc90000000000)

static void kernel_is_found_by_its_name(void **state)
{
	static const struct synth_options options[] = {
		{ .levels = 4 },
		{ .levels = 5 },
		{ .levels = 4, .sme_mask = UINT64_C(1) << 47 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		struct kspace_uts uts;
		struct kspace *ks;
		struct dump *d;
		struct synth m;

		synth_init(&m, &options[i]);
		d = synth_dump(&m);
		ks = synth_kspace(d);
		assert_int_equal(kspace_uts(ks, &uts), 0);
		assert_string_equal(uts.sysname, "Linux");
		assert_string_equal(uts.nodename, "synth");
		assert_string_equal(uts.release, SYNTH_RELEASE);
		assert_string_equal(uts.version, "#1 SMP PREEMPT_DYNAMIC Debian");
		assert_string_equal(uts.machine, "x86_64");
		assert_string_equal(uts.domainname, "(none)");
		kspace_free(ks);
		dump_free(d);
		synth_done(&m);
	}
}

/* Opens the machine, which must fail. */
static void check_refused(struct synth *m, int error, const char *text)
{
	struct dump *d = synth_dump(m);
	struct kspace *ks = NULL;

	assert_fails(kspace_open(d, &ks), error, text);
	assert_null(ks);
	dump_free(d);
}

static void dump_without_vmcoreinfo_is_refused(void **state)
{
	struct synth m;

	synth_init(&m, NULL);
	m.no_vmcoreinfo = true;
	check_refused(&m, -ENODATA, "synth: has no VMCOREINFO");
	synth_done(&m);
}

static void unknown_architecture_is_refused(void **state)
{
	struct synth m;
	struct kspace *ks = NULL;
	struct dump *d;

	synth_init(&m, NULL);
	d = synth_dump(&m);
	d->elf_machine = EM_ALPHA;
	assert_fails(kspace_open(d, &ks), -ENODATA, "its architecture (ELF machine 36902) is not");
	d->elf_machine = EM_S390;
	assert_fails(kspace_open(d, &ks), -ENODATA, "its architecture s390x is not supported");
	/* Some files name it. */
	d->elf_machine = EM_NONE;
	strcpy(d->machine, "mips64");
	assert_fails(kspace_open(d, &ks), -ENODATA, "its architecture mips64 is not supported");
	dump_free(d);
	synth_done(&m);
}

static void missing_keys_are_named(void **state)
{
	struct synth m;

	synth_init(&m, NULL);
	synth_drop(&m.info, "SYMBOL(init_top_pgt)");
	check_refused(&m, -ENODATA, "SYMBOL(init_top_pgt)");
	synth_done(&m);

	synth_init(&m, NULL);
	synth_drop(&m.info, "SYMBOL(init_uts_ns)");
	check_refused(&m, -ENODATA,
	              "the kernel's name cannot be read: VMCOREINFO has no SYMBOL(init_uts_ns)");
	synth_done(&m);
}

static void facts_of_another_kernel_are_noticed(void **state)
{
	static const char *const keys[] = { "OSRELEASE", "NUMBER(phys_base)",
		                            "SYMBOL(init_uts_ns)" };
	static const char *const lies[] = { "OSRELEASE=6.1.0", "NUMBER(phys_base)=-12578816",
		                            "SYMBOL(init_uts_ns)=ffffffff81002000" };
	static const char *const errors[] = {
		"VMCOREINFO is of kernel \"6.1.0\", but memory says \"" SYNTH_RELEASE "\"",
		"but memory says \"\"",
		"but memory says \"\"",
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		struct synth m;

		synth_init(&m, NULL);
		synth_drop(&m.info, keys[i]);
		synth_key(&m.info, "%s", lies[i]);
		check_refused(&m, -EBADMSG, errors[i]);
		synth_done(&m);
	}
}

static void image_outside_of_memory_is_noticed(void **state)
{
	struct synth m;

	synth_init(&m, NULL);
	synth_drop(&m.info, "NUMBER(phys_base)");
	synth_key(&m.info, "NUMBER(phys_base)=68719476736");
	check_refused(&m, -ENXIO, "the kernel's name cannot be read");
	synth_done(&m);
}

/* Opens a copy of the machine without the pages @pfns, of which 0 is none. */
static int open_without(struct synth *m, const uint64_t pfns[static 2], struct kspace_uts *ret)
{
	const struct save_options o = {
		.threads = 1, .codec = codec_by_flag(1), .codec_level = 1, .uts[4] = "x86_64"
	};
	_cleanup_(dump_freep) struct dump *whole = synth_dump(m), *d = NULL;
	_cleanup_(kspace_freep) struct kspace *ks = NULL;
	_cleanup_(bitmap_done) struct bitmap keep = {};
	_cleanup_(sink_freep) struct sink *sink = NULL;
	struct save_result result;
	const void *file;
	size_t len;
	int r;

	assert_int_equal(filter_all(whole, &keep), 0);
	for (size_t i = 0; i < 2; i++)
		if (pfns[i])
			bitmap_clear(&keep, pfns[i], pfns[i] + 1);
	assert_int_equal(sink_to_memory(&sink), 0);
	assert_int_equal(save_kdump(whole, &keep, &o, sink, &result), 0);
	file = sink_memory(sink, &len);
	assert_int_equal(synth_open(file, len, &d), 0);
	r = kspace_open(d, &ks);
	if (r == 0)
		r = kspace_uts(ks, ret);
	return r == -ENODATA && ks ? 0 : r;
}

static void lost_page_of_the_name_is_no_door(void **state)
{
	struct kspace_uts uts = {};
	uint64_t name = SYNTH_IMAGE_PFN + SYNTH_IMAGE_UTS / 4096;
	struct synth m;

	synth_init(&m, NULL);
	assert_int_equal(open_without(&m, (uint64_t[2]){ name }, &uts), 0);
	/* Then nothing is left that could vouch for the facts. */
	assert_int_equal(open_without(&m, (uint64_t[2]){ name, m.top_table >> 12 }, &uts),
	                 -ENODATA);
	/* The tables say that the image is elsewhere. */
	synth_drop(&m.info, "SYMBOL(init_uts_ns)");
	synth_key(&m.info, "SYMBOL(init_uts_ns)=ffffffff81801000");
	assert_int_equal(open_without(&m, (uint64_t[2]){ name + 0x800 }, &uts), -ENODATA);
	assert_non_null(strstr(err_text(-ENODATA), "the kernel's name cannot be read"));
	synth_done(&m);
}

static void names_stand_behind_a_count_if_nothing_else_is_told(void **state)
{
	struct kspace_uts uts;
	struct kspace *ks;
	struct dump *d;
	struct synth m;

	synth_init(&m, NULL);
	synth_drop(&m.info, "OFFSET(uts_namespace.name)");
	synth_drop(&m.info, "SYMBOL(init_uts_ns)");
	/* The names are at 0xffffffff81001000. */
	synth_key(&m.info, "SYMBOL(init_uts_ns)=ffffffff81000ffc");
	d = synth_dump(&m);
	ks = synth_kspace(d);
	assert_int_equal(kspace_uts(ks, &uts), 0);
	assert_string_equal(uts.release, SYNTH_RELEASE);
	kspace_free(ks);
	dump_free(d);
	synth_done(&m);
}

/* A machine in which ten pages in a row of virtual memory lie apart in physical memory. */
struct fixture {
	struct synth m;
	struct dump *dump;
	struct kspace *ks;
	uint8_t bytes[10 * 4096];
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	synth_init(&f->m, NULL);
	check_noise(f->bytes, sizeof(f->bytes), 5);
	for (uint64_t i = 0; i < 10; i++) {
		uint64_t pfn = SYNTH_TEST_PFN + i * 7 % 10 * 2;

		synth_map(&f->m, VMALLOC_VA + i * 4096, pfn << 12, 4096, 4096);
		memcpy(synth_at(&f->m, pfn << 12), f->bytes + i * 4096, 4096);
	}
	f->dump = synth_dump(&f->m);
	f->ks = synth_kspace(f->dump);
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

static void reading_goes_across_leaves(void **state)
{
	struct fixture *f = *state;
	uint8_t buf[sizeof(f->bytes)];

	for (size_t start = 0; start < 4096 * 9; start += 1777) {
		size_t len = sizeof(f->bytes) - start - start % 13;

		assert_int_equal(kspace_read(f->ks, VMALLOC_VA + start, buf, len), 0);
		assert_memory_equal(buf, f->bytes + start, len);
	}
}

static void reading_ends_at_what_is_not_mapped(void **state)
{
	struct fixture *f = *state;
	uint8_t buf[sizeof(f->bytes) + 1];

	assert_fails(kspace_read(f->ks, VMALLOC_VA, buf, sizeof(buf)), -EFAULT,
	             "nothing is mapped at 0xffffc9000000a000");
	assert_fails(kspace_read(f->ks, VMALLOC_VA - 1, buf, 2), -EFAULT,
	             "nothing is mapped at 0xffffc8ffffffffff");
	assert_fails(kspace_read(f->ks, 0, buf, 8), -EFAULT, "nothing is mapped at 0");
	assert_int_equal(kspace_read(f->ks, UINT64_MAX - 3, buf, 8), -EFAULT);
}

static void numbers_may_lie_across_a_border(void **state)
{
	struct fixture *f = *state;

	for (size_t at = 4096 - 8; at <= 4096; at++) {
		uint32_t v32, expected32;
		uint64_t v64, expected64;

		memcpy(&expected32, f->bytes + at, 4);
		memcpy(&expected64, f->bytes + at, 8);
		assert_int_equal(kspace_u32(f->ks, VMALLOC_VA + at, &v32), 0);
		assert_int_equal(kspace_u64(f->ks, VMALLOC_VA + at, &v64), 0);
		assert_int_equal(v32, expected32);
		assert_int_equal(v64, expected64);
	}
}

static void leaves_are_the_same_from_the_cache(void **state)
{
	struct fixture *f = *state;
	struct leaf leaf;

	/* More leaves than the cache holds, forth and back. */
	for (int round = 0; round < 3; round++)
		for (uint64_t i = 0; i < 10; i++) {
			uint64_t n = round % 2 ? 9 - i : i, va = VMALLOC_VA + n * 4096;

			assert_int_equal(kspace_leaf(f->ks, va + 100, &leaf), 0);
			assert_int_equal(leaf.va, va);
			assert_int_equal(leaf.size, 4096);
			assert_int_equal(leaf.pa, (SYNTH_TEST_PFN + n * 7 % 10 * 2) << 12);
			assert_int_equal(kspace_leaf(f->ks, VMALLOC_VA + MIB(1), &leaf), -EFAULT);
		}
}

static void image_needs_no_page_tables(void **state)
{
	struct fixture *f = *state;
	struct leaf leaf;

	assert_int_equal(kspace_leaf(f->ks, SYNTH_IMAGE_VA + 123, &leaf), 0);
	assert_int_equal(leaf.pa + (SYNTH_IMAGE_VA - leaf.va), SYNTH_IMAGE_PFN << 12);
	assert_true(leaf.size - (SYNTH_IMAGE_VA - leaf.va) >= MIB(2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		cmocka_unit_test(kernel_is_found_by_its_name),
		cmocka_unit_test(dump_without_vmcoreinfo_is_refused),
		cmocka_unit_test(unknown_architecture_is_refused),
		cmocka_unit_test(missing_keys_are_named),
		cmocka_unit_test(facts_of_another_kernel_are_noticed),
		cmocka_unit_test(image_outside_of_memory_is_noticed),
		cmocka_unit_test(lost_page_of_the_name_is_no_door),
		cmocka_unit_test(names_stand_behind_a_count_if_nothing_else_is_told),
		TEST(reading_goes_across_leaves),
		TEST(reading_ends_at_what_is_not_mapped),
		TEST(numbers_may_lie_across_a_border),
		TEST(leaves_are_the_same_from_the_cache),
		TEST(image_needs_no_page_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
