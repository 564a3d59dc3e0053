// SPDX-License-Identifier: GPL-2.0-or-later
/* test-estimate.c - how large dumps would be: counts, sizes beside those of real dumps, and what
 * kdump-lite estimate and convert --dry-run print. */
#include <stdio.h>
#include <sys/stat.h>

#include <jansson.h>

#include "tests/unit/filtered.h"
#include "tests/unit/dumpbox.h"
#include "vmcore/filter/estimate.h"

#define CACHES (DUMPBOX_CACHE + DUMPBOX_PRIVATE)

static void estimate(struct dumpbox *b, const char *codec, struct estimate *ret)
{
	struct bitmap needed[NEEDED_SETS] = {};
	_cleanup_(bitmap_done) struct bitmap pages = {};
	const struct codec *c = NULL;
	struct kspace *ks = synth_kspace(b->dump);
	int level = 0;

	if (codec)
		assert_int_equal(codec_parse(codec, &c, &level), 0);
	assert_int_equal(filter_all(b->dump, &pages), 0);
	assert_int_equal(filter_find_needed(b->dump, ks, needed), 0);
	assert_int_equal(estimate_run(b->dump, ks, &needed[NEEDED_ALL], &pages, c, level, ret), 0);
	needed_done(needed);
	kspace_free(ks);
}

static void counts(void **state)
{
	struct dumpbox *b = *state;
	struct estimate e;

	estimate(b, "lzo", &e);
	assert_string_equal(e.remark, "");
	assert_int_equal(e.page_shift, 12);
	assert_int_equal(e.pages, SYNTH_PAGES);
	assert_int_equal(e.classes[PAGE_USER].pages, DUMPBOX_USER);
	assert_int_equal(e.classes[PAGE_CACHE].pages, DUMPBOX_CACHE);
	assert_int_equal(e.classes[PAGE_PRIVATE_CACHE].pages, DUMPBOX_PRIVATE);
	assert_int_equal(e.classes[PAGE_FREE].pages, DUMPBOX_FREE);
	assert_int_equal(e.classes[PAGE_HWPOISON].pages, 0);
	assert_int_equal(e.classes[PAGE_KEEP].pages,
	                 SYNTH_PAGES - DUMPBOX_USER - CACHES - DUMPBOX_FREE);
	/* Of four pages one is text, one zero, two are noise; a class this small is read whole. */
	assert_true(e.classes[PAGE_USER].zero == 0.25);
	assert_true(e.classes[PAGE_USER].shared > 2048 && e.classes[PAGE_USER].shared < 2150);
	assert_true(e.classes[PAGE_USER].bytes > e.classes[PAGE_USER].shared);
	estimate(b, NULL, &e);
	assert_true(e.classes[PAGE_USER].bytes == 4096 && e.classes[PAGE_KEEP].shared == 4096);
}

/* What levels keep is what the filter keeps. */
static void levels(void **state)
{
	struct dumpbox *b = *state;
	struct kspace *ks = synth_kspace(b->dump);
	struct estimate e;

	estimate(b, "lzo", &e);
	for (unsigned level = 0; level <= LEVEL_MAX; level++) {
		_cleanup_(bitmap_done) struct bitmap keep = {};
		struct filter_result filtered;

		filtered_pages(b->dump, ks, level, &keep, &filtered);
		assert_int_equal(estimate_level(&e, level).pages,
		                 bitmap_count(&keep, 0, keep.bits));
	}
	kspace_free(ks);
}

static void sizes(void **state)
{
	static const unsigned level[] = { 0, 1, 8, 17, 31 };
	struct dumpbox *b = *state;
	struct estimate e;

	estimate(b, "zlib:6", &e);
	for (size_t i = 0; i < ARRAY_SIZE(level); i++) {
		uint64_t bytes = estimate_level(&e, level[i]).bytes;
		struct stat st;

		assert_int_equal(dumpbox_run(b,
		                             "$K convert -q --force --level=%u "
		                             "--compression=zlib:6 ./core out",
		                             level[i]),
		                 0);
		assert_int_equal(fstatat(b->box.tree.fd, "root/out", &st, 0), 0);
		assert_in_range(bytes, st.st_size * 8 / 10, st.st_size * 12 / 10);
	}
}

static void running_system(void **state)
{
	struct dumpbox *b = *state;
	json_t *o, *target;

	assert_int_equal(dumpbox_run(b, "mkdir -p proc etc && cp core proc/kcore"), 0);
	temptree_text(&b->box.tree, "root/etc/kdump-lite.conf", "[Dump]\nLevel=17\n");
	assert_int_equal(dumpbox_run(b, "$K estimate --compression=zstd"), 0);
	assert_string_equal(b->box.err, "");
	assert_non_null(strstr(b->box.out, "\nprograms                          64 "));
	assert_non_null(strstr(b->box.out, "\n>  17 "));
	assert_non_null(strstr(b->box.out, "\n    0 "));
	assert_non_null(strstr(b->box.out, "\n/var/crash: "));
	assert_non_null(strstr(
		b->box.out, " free beside KeepFree=, a dump of level 17 with zstd takes about "));
	temptree_text(&b->box.tree, "root/etc/kdump-lite.conf", "[Target]\nKeepFree=1024T\n");
	assert_int_equal(dumpbox_run(b, "$K estimate"), 0);
	assert_non_null(strstr(b->box.out, "/var/crash: 0B free beside KeepFree=, a dump of "));
	assert_non_null(strstr(b->box.out, ": too little\n"));
	temptree_text(&b->box.tree, "root/etc/kdump-lite.conf", "[Dump]\nLevel=17\n");
	assert_int_equal(dumpbox_run(b, "$K estimate --json"), 0);
	o = json_loads(b->box.out, 0, NULL);
	assert_non_null(o);
	assert_int_equal(json_integer_value(json_object_get(o, "pages")), SYNTH_PAGES);
	assert_int_equal(json_array_size(json_object_get(o, "levels")), 32);
	assert_int_equal(json_array_size(json_object_get(o, "classes")), PAGE_CLASSES);
	target = json_object_get(o, "target");
	assert_int_equal(json_integer_value(json_object_get(target, "level")), 17);
	assert_true(json_is_true(json_object_get(target, "fits")));
	json_decref(o);
}

/* Memory that is set aside for a capture kernel will not be dumped. */
static void without_reserved(void **state)
{
	struct dumpbox *b = *state;
	json_t *o;

	assert_int_equal(dumpbox_run(b, "mkdir -p proc && cp core proc/kcore"), 0);
	temptree_text(&b->box.tree, "root/proc/iomem",
	              "00100000-00ffffff : System RAM\n  00d00000-00dfffff : Crash kernel\n");
	assert_int_equal(dumpbox_run(b, "$K estimate --json"), 0);
	o = json_loads(b->box.out, 0, NULL);
	assert_int_equal(json_integer_value(json_object_get(o, "pages")), SYNTH_PAGES - 256);
	json_decref(o);
}

static void what_is_in_the_way(void **state)
{
	struct dumpbox *b = *state;

	assert_int_equal(dumpbox_run(b, "$K estimate"), 1);
	assert_string_equal(b->box.err,
	                    "kdump-lite estimate: /proc/kcore: is not there, the kernel "
	                    "was built without it (CONFIG_PROC_KCORE)\n");
	b->m.no_vmcoreinfo = true;
	dump_free(synth_dump(&b->m));
	temptree_bytes(&b->box.tree, "root/proc/kcore", b->m.core, b->m.core_len);
	assert_int_equal(dumpbox_run(b, "$K estimate"), 1);
	assert_non_null(strstr(b->box.err, "/proc/kcore: has no VMCOREINFO, so nothing is known"));
	assert_int_equal(dumpbox_run(b, "$K estimate --compression=none:1"), 2);
	assert_string_equal(b->box.err, "kdump-lite estimate: none has no levels: use just none\n");
	assert_int_equal(dumpbox_run(b, "$K estimate now"), 2);
}

/* Of a dump that lacks pages, levels that come to the same are told once. */
static void filtered_dump(void **state)
{
	struct dumpbox *b = *state;

	assert_int_equal(dumpbox_run(b, "$K convert -q --level=30 ./core a && "
	                                "$K convert --dry-run ./a x"),
	                 0);
	assert_string_equal(b->box.err, "");
	assert_non_null(strstr(b->box.out, "\n    0 "));
	assert_non_null(strstr(b->box.out, "\n>   1 "));
	assert_null(strstr(b->box.out, "\n    2 "));
	assert_null(strstr(b->box.out, "\n   31 "));
	assert_false(temptree_exists(&b->box.tree, "root/x"));
	assert_int_equal(dumpbox_run(b, "$K convert --dry-run --json --format=elf ./a"), 0);
	assert_non_null(strstr(b->box.out, "\"about_bytes\": "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(counts, dumpbox_setup, dumpbox_teardown),
		cmocka_unit_test_setup_teardown(levels, dumpbox_setup, dumpbox_teardown),
		cmocka_unit_test_setup_teardown(sizes, dumpbox_setup, dumpbox_teardown),
		cmocka_unit_test_setup_teardown(running_system, dumpbox_setup, dumpbox_teardown),
		cmocka_unit_test_setup_teardown(without_reserved, dumpbox_setup, dumpbox_teardown),
		cmocka_unit_test_setup_teardown(what_is_in_the_way, dumpbox_setup,
		                                dumpbox_teardown),
		cmocka_unit_test_setup_teardown(filtered_dump, dumpbox_setup, dumpbox_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
