// SPDX-License-Identifier: GPL-2.0-or-later
/* test-lacking.c - memory that was added after the load is missed, and nothing else is. */
#include <fcntl.h>
#include <stdio.h>

#include "capture/rescue-steps.h"
#include "tests/unit/synth.h"
#include "tests/unit/temptree.h"
#include "vmcore/filter/lacking.h"
#include "vmcore/filter/verify.h"

/* Flags of a section (include/linux/mmzone.h, Linux 6.12). */
enum { PRESENT = 1, HAS_MAP = 2, ONLINE = 4, EARLY = 8 };

#define ADDED (PRESENT | HAS_MAP | ONLINE)

/* Sections of 2 MiB without memory: in a root that is there, and in another. */
#define NEAR (SYNTH_MAIN_END / SYNTH_SECTION + 4)
#define FAR  (UINT64_C(12) << 30 >> 21)

static void set_section(struct synth *m, uint64_t nr, unsigned flags)
{
	synth_put(synth_section(m, nr), SYNTH_VMEMMAP_VA | flags, 8, false);
}

static uint64_t lacking(struct synth *m, struct verify_result *ret)
{
	struct dump *d = synth_dump(m);
	struct kspace *ks = synth_kspace(d);
	uint64_t bytes = lacking_memory(ks);

	assert_int_equal(verify_dump(d, 0, ret), 0);
	assert_int_equal(ret->lacking, bytes);
	kspace_free(ks);
	dump_free(d);
	return bytes;
}

static void what_the_dump_misses_is_counted(void **state)
{
	static const struct row {
		const char *why;
		unsigned near, far; /* flags of the sections; 0: they are not there */
		uint64_t expected;  /* MiB */
	} rows[] = {
		{ "as it was at the boot", 0, 0, 0 },
		{ "added in a section whose root was there", ADDED, 0, 2 },
		{ "added far away", ADDED, ADDED, 4 },
		{ "reserved, or the firmware's", ADDED | EARLY, ADDED | EARLY, 0 },
		{ "plugged in and not online", PRESENT | HAS_MAP, PRESENT | HAS_MAP, 0 },
		{ "unplugged again", HAS_MAP | ONLINE, HAS_MAP, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct verify_result v;
		struct synth m;

		synth_init(&m, NULL);
		if (rows[i].near)
			set_section(&m, NEAR, rows[i].near);
		if (rows[i].far)
			set_section(&m, FAR, rows[i].far);
		check_case(rows[i].why);
		assert_int_equal(lacking(&m, &v), MIB(rows[i].expected));
		synth_done(&m);
	}
}

/* Added, and the capture kernel was loaded after that. */
static void memory_in_the_dump_is_not_missed(void **state)
{
	struct verify_result v;
	struct synth m;

	synth_init(&m, NULL);
	for (uint64_t pfn = SYNTH_HIGH_PFN; pfn < SYNTH_HIGH_END; pfn += SYNTH_SECTION)
		set_section(&m, pfn / SYNTH_SECTION, ADDED);
	assert_int_equal(lacking(&m, &v), 0);
	synth_done(&m);
}

/* Kernels before 5.3 mark no section. */
static void without_marks_nothing_is_known(void **state)
{
	struct verify_result v;
	struct synth m;

	synth_init(&m, NULL);
	for (uint64_t nr = 0; nr < SYNTH_MAIN_END / SYNTH_SECTION; nr++)
		set_section(&m, nr, ADDED);
	for (uint64_t pfn = SYNTH_HIGH_PFN; pfn < SYNTH_HIGH_END; pfn += SYNTH_SECTION)
		set_section(&m, pfn / SYNTH_SECTION, ADDED);
	set_section(&m, FAR, ADDED);
	assert_int_equal(lacking(&m, &v), 0);
	synth_done(&m);
}

static void check_text(const char *path, const char *part, const struct temptree *t)
{
	_cleanup_free_ char *text = temptree_read(t, path);

	if (!strstr(text, part))
		fail_msg("\"%s\" is not in:\n%s", part, text);
}

/* The steps that save a dump, with their order. */
static const struct rescue_step steps[] = { { "memory", rescue_open_memory },
	                                    { "vmcore", rescue_save_vmcore },
	                                    { "verify", rescue_verify } };

static void capture_calls_the_dump_incomplete(void **state)
{
	const struct temptree *t = *state;
	const struct plan plan = { .capture = { 31, (char *)"lzo", .threads = 1 } };
	const struct os os = { .root_fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
	struct rescue rescue = { .os = &os, .plan = &plan };
	char path[100];
	struct synth m;

	synth_init(&m, NULL);
	set_section(&m, FAR, ADDED);
	dump_free(synth_dump(&m));
	temptree_bytes(t, "memory", m.core, m.core_len);
	temptree_dir(t, "crash");
	snprintf(path, sizeof(path), "%s/memory", t->path);
	rescue.vmcore = path;
	rescue.dir_fd = openat(t->fd, "crash", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	rescue_run_steps(&rescue, steps, ARRAY_SIZE(steps));
	assert_int_equal(rescue.crash.outcome, CRASH_INCOMPLETE);
	assert_int_equal(rescue.crash.memory_lacking, MIB(2));
	assert_string_equal(rescue.crash.steps[1].error,
	                    "2.0M of memory that was added after the load are not in the dump, "
	                    "which is marked incomplete");
	check_text("crash/crash.json", "\"memory_lacking\": 2097152", t);
	rescue_done(&rescue);
	synth_done(&m);
	close(os.root_fd);
}

static void words_tell_of_it(void **state)
{
	struct verify_result v = { .lacking = MIB(1024), .log_records = 1 };
	char words[VERIFY_WORDS_MAX];

	assert_string_equal(verify_words(&v, words),
	                    "ok as far as it goes: 1.0G of memory that was "
	                    "added later are not in it");
	v.missing = 1;
	assert_non_null(strstr(verify_words(&v, words), "pages that readers need are missing"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_dump_misses_is_counted),
		cmocka_unit_test(memory_in_the_dump_is_not_missed),
		cmocka_unit_test(without_marks_nothing_is_known),
		cmocka_unit_test_setup_teardown(capture_calls_the_dump_incomplete, temptree_setup,
		                                temptree_teardown),
		cmocka_unit_test(words_tell_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
