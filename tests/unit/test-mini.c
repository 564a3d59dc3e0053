// SPDX-License-Identifier: GPL-2.0-or-later
/* test-mini.c - the mini dump answers as memory did, and takes the place of one dump too many. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "tests/unit/crashed.h"
#include "tests/unit/rescuebox.h"

#define FACTS     "{\"outcome\":\"complete\",\"vmcore_size\":1,\"fingerprint\":\"%s\"}"
#define NAME      "mnt/var/crash/20261123T14050%uZ-4f2a90c1"
#define NOISE_PFN (SYNTH_TEST_PFN + 3)

/* What a machine crashes with, unless a test wants other words. */
#define PANIC "Kernel panic - not syncing: no more tests"

/* rescuebox.h has no tasks, so its memory is that of crashed.h. */
struct fixture {
	struct crashed *m;
	struct rescuebox *b;
	struct rescue *rescue;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	crashed_setup((void **)&f->m);
	synth_log_init(&f->m->log, &f->m->m, 5, 12);
	check_noise(synth_at(&f->m->m, NOISE_PFN << 12), 4096, 1);
	rescuebox_setup((void **)&f->b);
	f->b->plan.capture.keep_per_fingerprint = 3;
	f->b->plan.capture.keep_free = 1;
	f->rescue = &f->b->rescue;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	rescuebox_teardown((void **)&f->b);
	crashed_teardown((void **)&f->m);
	free(f);
	return 0;
}

/* Memory as it is now is what /proc/vmcore has. */
static void open_memory(struct fixture *f)
{
	crashed_report(f->m);
	temptree_bytes(&f->b->box->tree, "proc/vmcore", f->m->m.core, f->m->m.core_len);
	assert_int_equal(rescue_open_memory(f->rescue), 0);
	assert_int_equal(rescue_make_target(f->rescue), 0);
}

static bool exists(const struct fixture *f, const char *name)
{
	struct stat st;

	return fstatat(f->rescue->dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* The machine crashes with these words, and all is done up to the mini dump. */
static void save_mini(struct fixture *f, const char *words)
{
	struct rescue *r = f->rescue;

	synth_log_add(&f->m->log, 1, words, strlen(words), SYNTH_FINAL);
	open_memory(f);
	assert_int_equal(rescue_save_dmesg(r), 0);
	assert_int_equal(rescue_report(r), 0);
	assert_int_equal(rescue_save_mini(r), 0);
	assert_int_equal(r->crash.outcome, CRASH_MINI_ONLY);
	assert_true(exists(f, "vmcore.mini"));
	assert_false(exists(f, "vmcore.mini.incomplete"));
}

static char *text_of(const struct dump *d)
{
	const struct report_options options = { .of_memory = true };
	struct report *report;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_int_equal(report_open(d, &report), 0);
	assert_int_equal(report_text(report, &options, out), 0);
	assert_int_equal(fclose(out), 0);
	report_free(report);
	return text;
}

static void mini_dump_has_the_same_report(void **state)
{
	struct fixture *f = *state;
	char *text, *of_mini, page[4096];
	struct reader *reader;
	struct dump *d;

	save_mini(f, PANIC);
	assert_int_equal(rescue_open_saved(f->rescue, "vmcore.mini", &d), 0);
	text = text_of(f->rescue->dump);
	of_mini = text_of(d);
	assert_non_null(strstr(text, "no more tests\n\n   Fingerprint: "));
	assert_non_null(strstr(text, "\nCPUs\n"));
	assert_string_equal(of_mini, text);
	assert_int_equal(d->state, DUMP_INCOMPLETE);
	assert_int_equal(d->level, 31);
	assert_int_equal(d->n_cpus, f->rescue->dump->n_cpus);
	assert_int_equal(reader_new(d, 4096, &reader), 0);
	assert_int_equal(reader_read(reader, NOISE_PFN << 12, page, 4096), -ENODATA);
	/* Other readers want to know where the memory map is. */
	assert_int_equal(reader_read(reader, f->m->m.sections, page, 16), 0);
	reader_free(reader);
	dump_free(d);
	free(text);
	free(of_mini);
}

/* Without a report, at least the log is in it. */
static void mini_dump_without_a_report_has_the_log(void **state)
{
	struct fixture *f = *state;
	struct rescue *r = f->rescue;
	struct dump *d;
	char *text;

	synth_log_add(&f->m->log, 1, PANIC, strlen(PANIC), SYNTH_FINAL);
	open_memory(f);
	assert_int_equal(rescue_save_mini(r), 0);
	assert_int_equal(rescue_open_saved(r, "vmcore.mini", &d), 0);
	text = text_of(d);
	assert_non_null(strstr(text, "no more tests"));
	free(text);
	dump_free(d);
}

/* It gives its room to the dump. */
static void mini_dump_that_fails_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct rescue *r = f->rescue;

	open_memory(f);
	assert_int_equal(mkdirat(r->dir_fd, "vmcore.mini", 0700), 0);
	assert_int_equal(mkdirat(r->dir_fd, "vmcore.mini/x", 0700), 0);
	assert_fails(rescue_save_mini(r), -EISDIR, "vmcore.mini: cannot be renamed");
	assert_false(exists(f, "vmcore.mini.incomplete"));
	assert_int_equal(r->crash.outcome, CRASH_FAILED);
	assert_int_equal(rescue_save_vmcore(r), 0);
	assert_int_equal(r->crash.outcome, CRASH_COMPLETE);
}

/* Each is a complete dump of this crash. */
static void add_crashes(struct fixture *f, unsigned n)
{
	char path[128], text[256];

	for (unsigned i = 0; i < n; i++) {
		snprintf(path, sizeof(path), NAME "/vmcore", i);
		temptree_text(&f->b->box->tree, path, "x");
		snprintf(path, sizeof(path), NAME "/crash.json", i);
		snprintf(text, sizeof(text), FACTS, f->rescue->crash.fingerprint);
		temptree_text(&f->b->box->tree, path, text);
	}
}

static void known_crash_gets_no_dump(void **state)
{
	struct fixture *f = *state;
	struct rescue *r = f->rescue;

	save_mini(f, PANIC);
	add_crashes(f, 3);
	assert_int_equal(rescue_save_vmcore(r), 0);
	assert_int_equal(rescue_verify(r), 0);
	assert_int_equal(r->crash.outcome, CRASH_MINI_ONLY);
	assert_string_equal(r->crash.dump_reason,
	                    "left out, 3 complete dumps have this fingerprint "
	                    "(KeepPerFingerprint=3)");
	assert_false(exists(f, "vmcore"));
	assert_true(exists(f, "vmcore.mini"));
}

/* There is a dump, and the mini dump goes when it is good. */
static void check_dump(struct fixture *f)
{
	struct rescue *r = f->rescue;

	assert_int_equal(rescue_save_vmcore(r), 0);
	assert_int_equal(rescue_verify(r), 0);
	assert_int_equal(r->crash.outcome, CRASH_COMPLETE);
	assert_null(r->crash.dump_reason);
	assert_true(exists(f, "vmcore"));
	assert_false(exists(f, "vmcore.mini"));
}

static void one_dump_less_and_there_is_another(void **state)
{
	struct fixture *f = *state;

	save_mini(f, PANIC);
	add_crashes(f, 2);
	/* Of another crash, and one that is not complete. */
	temptree_text(&f->b->box->tree, "mnt/var/crash/20261123T140509Z-00000001/vmcore", "x");
	temptree_text(&f->b->box->tree, "mnt/var/crash/20261123T140509Z-00000001/crash.json",
	              FACTS);
	temptree_text(&f->b->box->tree, "mnt/var/crash/20261123T140509Z-00000002/vmcore.incomplete",
	              "x");
	check_dump(f);
}

static void directories_of_others_do_not_count(void **state)
{
	struct fixture *f = *state;

	save_mini(f, PANIC);
	add_crashes(f, 3);
	assert_int_equal(
		fchmodat(f->b->box->tree.fd, "mnt/var/crash/20261123T140501Z-4f2a90c1", 0777, 0),
		0);
	check_dump(f);
}

static void setting_turns_it_off(void **state)
{
	struct fixture *f = *state;

	save_mini(f, PANIC);
	add_crashes(f, 3);
	f->b->plan.capture.keep_per_fingerprint = 0;
	check_dump(f);
}

static void test_crash_always_gets_a_dump(void **state)
{
	struct fixture *f = *state;

	save_mini(f, "Kernel panic - not syncing: sysrq triggered crash");
	add_crashes(f, 3);
	check_dump(f);
}

/* Pages that it lacks could be the ones that tell. */
static void mini_dump_that_is_not_whole_does_not_do(void **state)
{
	struct fixture *f = *state;

	save_mini(f, PANIC);
	add_crashes(f, 3);
	assert_true(f->rescue->mini_is_whole);
	f->rescue->mini_is_whole = false;
	check_dump(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(mini_dump_has_the_same_report),
		TEST(mini_dump_without_a_report_has_the_log),
		TEST(mini_dump_that_fails_leaves_nothing),
		TEST(known_crash_gets_no_dump),
		TEST(one_dump_less_and_there_is_another),
		TEST(directories_of_others_do_not_count),
		TEST(setting_turns_it_off),
		TEST(test_crash_always_gets_a_dump),
		TEST(mini_dump_that_is_not_whole_does_not_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
