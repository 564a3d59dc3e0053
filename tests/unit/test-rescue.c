// SPDX-License-Identifier: GPL-2.0-or-later
/* test-rescue.c - the steps that save a crash, on a synthetic /proc/vmcore and a directory. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "capture/rescue-steps.h"
#include "tests/unit/synth.h"
#include "tests/unit/temptree.h"
#include "base/clock.h"
#include "vmcore/format/save.h"
#include "vmcore/filter/filter.h"
#include "vmcore/filter/verify.h"
#include "vmcore/kernel/dmesg.h"

static const struct rescue_step steps[] = {
	{ "memory", rescue_open_memory }, { "dmesg", rescue_save_dmesg },
	{ "report", rescue_report },      { "mini", rescue_save_mini },
	{ "vmcore", rescue_save_vmcore }, { "verify", rescue_verify },
};

static const char expected_log[] =
	"[    0.000000] Linux version " SYNTH_RELEASE "\n"
	"[   42.000001] sysrq: Trigger a crash\n"
	"[   42.000002] Kernel panic - not syncing: sysrq triggered crash\n"
	"               in two lines\n";

#define MODULE_VA UINT64_C(0xffffffffc0345000)
#define N_USER    0x220 /* pages of processes */
#define N_ZERO    0x100 /* pages kept that are not zero */

/* A machine that crashed, its memory as a file, and the directory of the crash. */
struct fixture {
	struct synth m;
	struct os os;
	struct plan plan;
	struct temptree tree;
	struct rescue rescue;
	char memory[128];
};

static void write_memory(struct fixture *f, size_t size)
{
	struct dump *d = synth_dump(&f->m);

	dump_free(d);
	temptree_bytes(&f->tree, "proc-vmcore", f->m.core, size);
}

static int setup(void **state)
{
	static const struct synth_page user[] = {
		{ SYNTH_TEST_PFN, SYNTH_ANON, 9 },
		{ SYNTH_HIGH_PFN, SYNTH_ANON, 5 },
	};
	struct fixture *f = calloc(1, sizeof(*f));
	struct synth_log log;

	assert_non_null(f);
	synth_init(&f->m, NULL);
	synth_log_init(&log, &f->m, 6, 12);
	synth_log_add(&log, 0, "Linux version " SYNTH_RELEASE,
	              strlen("Linux version " SYNTH_RELEASE), SYNTH_FINAL);
	synth_log_add(&log, 42000001000, "sysrq: Trigger a crash", 22, SYNTH_FINAL);
	synth_log_add(&log, 42000002000,
	              "Kernel panic - not syncing: sysrq triggered crash\nin two lines", 62,
	              SYNTH_FINAL);
	synth_pages(&f->m, user, ARRAY_SIZE(user));
	for (uint64_t pfn = SYNTH_HIGH_END - 0x100; pfn < SYNTH_HIGH_END; pfn++)
		check_noise(synth_at(&f->m, pfn << 12), 4096, pfn);
	temptree_make(&f->tree);
	temptree_dir(&f->tree, "crash");
	snprintf(f->memory, sizeof(f->memory), "%s/proc-vmcore", f->tree.path);
	f->plan = (struct plan){ .capture = { 31, (char *)"zlib", .threads = 2, .keep_free = 1 } };
	f->os.root_fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	f->rescue = (struct rescue){
		.os = &f->os,
		.plan = &f->plan,
		.vmcore = f->memory,
		.dir_fd = openat(f->tree.fd, "crash", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
		.started = clock_seconds(),
		.crash = { .outcome = CRASH_FAILED },
	};
	assert_true(f->rescue.dir_fd >= 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	rescue_done(&f->rescue);
	close(f->os.root_fd);
	temptree_remove(&f->tree);
	synth_done(&f->m);
	free(f);
	return 0;
}

/* Carries all steps out, with the memory as it is in @f->m, and reads back what was noted. */
static struct crash run_steps(struct fixture *f)
{
	struct crash c = {};

	if (!temptree_exists(&f->tree, "proc-vmcore"))
		write_memory(f, f->m.core_len);
	rescue_run_steps(&f->rescue, steps, ARRAY_SIZE(steps));
	assert_int_equal(crash_load(f->tree.fd, "crash", &c), 0);
	assert_null(c.fault);
	assert_int_equal(c.n_steps, ARRAY_SIZE(steps));
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		assert_string_equal(c.steps[i].name, steps[i].name);
		assert_true(c.steps[i].seconds >= 0);
	}
	return c;
}

/* Step number @i ended with a text that has @part in it; NULL: it went well. */
static void check_step(const struct crash *c, size_t i, const char *part)
{
	const char *error = c->steps[i].error;

	if (part ? !error || !strstr(error, part) : error != NULL)
		fail_msg("step %s: %s", c->steps[i].name, error ?: "went well");
}

static void check_log(struct fixture *f)
{
	char *log = temptree_read(&f->tree, "crash/vmcore-dmesg.txt");

	assert_string_equal(log, expected_log);
	free(log);
}

static void check_report(struct fixture *f, const char *part)
{
	char *text = temptree_read(&f->tree, "crash/report.txt");

	if (!strstr(text, part))
		fail_msg("\"%s\" is not in:\n%s", part, text);
	free(text);
}

static void check_mode(struct fixture *f, const char *path)
{
	struct stat st;

	assert_int_equal(fstatat(f->tree.fd, path, &st, 0), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
}

static struct dump *open_saved(struct fixture *f, const char *name)
{
	struct source *s;
	struct dump *d;
	char path[128];

	snprintf(path, sizeof(path), "%s/crash/%s", f->tree.path, name);
	assert_int_equal(source_open(path, &s), 0);
	assert_int_equal(dump_open(s, &d), 0);
	return d;
}

static int collect(void *arg, const char *text, size_t len)
{
	strncat(arg, text, len);
	return 0;
}

/* The saved dump is as good for looking into the kernel as its memory was. */
static void check_saved_kernel(const struct dump *d)
{
	struct kspace *ks = synth_kspace(d);
	char log[sizeof(expected_log) + 100] = "";
	struct kspace_uts uts;

	assert_int_equal(kspace_uts(ks, &uts), 0);
	assert_string_equal(uts.release, SYNTH_RELEASE);
	assert_int_equal(dmesg_write(ks, collect, log), 3);
	assert_string_equal(log, expected_log);
	kspace_free(ks);
}

static void check_saved_pages(struct fixture *f, const struct dump *d)
{
	struct reader *r;
	uint8_t page[4096];

	assert_int_equal(reader_new(d, 65536, &r), 0);
	assert_int_equal(reader_read(r, SYNTH_TEST_PFN << 12, page, 4096), -ENODATA);
	assert_int_equal(reader_read(r, (SYNTH_HIGH_PFN + 0x1f) << 12, page, 4096), -ENODATA);
	for (uint64_t pfn = SYNTH_HIGH_PFN + 0x20; pfn < SYNTH_HIGH_END; pfn++) {
		assert_int_equal(reader_read(r, pfn << 12, page, 4096), 0);
		assert_memory_equal(page, synth_at(&f->m, pfn << 12), 4096);
	}
	reader_free(r);
}

static void check_facts(const struct crash *c)
{
	assert_int_equal(c->crash_time, SYNTH_CRASH_TIME);
	assert_string_equal(c->panic_message, "sysrq triggered crash");
	assert_string_equal(c->kernel_release, SYNTH_RELEASE);
	assert_string_equal(c->kernel_version, "#1 SMP PREEMPT_DYNAMIC Debian");
	assert_string_equal(c->build_id, "d73ac4f1d8a1b5a8d0a1c0b5e6f7a8b9c0d1e2f3");
	assert_string_equal(c->hostname, "synth");
	assert_string_equal(c->machine, "x86_64");
	assert_string_equal(c->codec, "zlib");
	assert_int_equal(c->level, 31);
	assert_int_equal(c->cpus, SYNTH_CPUS);
	assert_int_equal(c->memory_size, SYNTH_PAGES * 4096);
	assert_int_equal(c->dmesg_size, strlen(expected_log));
	assert_int_equal(c->pages.total, SYNTH_PAGES);
	assert_int_equal(c->pages.saved, SYNTH_PAGES - N_USER);
	assert_int_equal(c->pages.user, N_USER);
	assert_int_equal(c->pages.free + c->pages.cache + c->pages.private_cache, 0);
	assert_int_equal(c->pages.unreadable, 0);
	assert_in_range(c->pages.zero, SYNTH_PAGES / 2, SYNTH_PAGES - N_USER - N_ZERO);
	assert_true(c->peak_memory > 0 && c->report_memory > 0 && c->seconds > 0);
	assert_string_equal(c->fingerprint_text, "sysrq");
	assert_string_equal(c->fingerprint, "98cce8d7432df687");
	assert_string_equal(c->fingerprint_loose, c->fingerprint);
}

static void log_and_dump_and_facts_are_saved(void **state)
{
	struct fixture *f = *state;
	struct crash c = run_steps(f);
	struct dump *d;

	assert_int_equal(c.outcome, CRASH_COMPLETE);
	assert_string_equal(c.verify, "ok");
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		check_step(&c, i, NULL);
	check_facts(&c);
	check_log(f);
	check_report(f, "sysrq triggered crash\n\n   Fingerprint: ");
	check_mode(f, "crash/report.txt");
	check_mode(f, "crash/vmcore");
	check_mode(f, "crash/vmcore-dmesg.txt");
	check_mode(f, "crash/crash.json");
	assert_false(temptree_exists(&f->tree, "crash/vmcore.incomplete"));
	d = open_saved(f, "vmcore");
	assert_int_equal(d->state, DUMP_COMPLETE);
	assert_int_equal(d->level, 31);
	assert_int_equal(c.vmcore_size, source_size(d->source));
	check_saved_kernel(d);
	check_saved_pages(f, d);
	dump_free(d);
	assert_int_equal(f->rescue.crash.outcome, CRASH_COMPLETE);
	crash_done(&c);
}

static void without_vmcoreinfo_all_memory_is_saved(void **state)
{
	struct fixture *f = *state;
	struct crash c;
	struct dump *d;

	f->m.no_vmcoreinfo = true;
	c = run_steps(f);
	assert_int_equal(c.outcome, CRASH_COMPLETE);
	check_step(&c, 0, "going on with a dump of all memory: ");
	check_step(&c, 0, "has no VMCOREINFO");
	check_step(&c, 1, "kernel log: not tried, the kernel's memory could not be understood");
	check_step(&c, 4, NULL);
	check_step(&c, 5, NULL);
	check_step(&c, 2, "not tried, the kernel's memory could not be understood");
	assert_false(temptree_exists(&f->tree, "crash/report.txt"));
	assert_string_equal(c.verify, "not checked, the kernel could not be found in memory");
	assert_int_equal(c.pages.saved, SYNTH_PAGES);
	assert_int_equal(c.pages.user, 0);
	assert_string_equal(c.panic_message, "");
	assert_false(temptree_exists(&f->tree, "crash/vmcore-dmesg.txt"));
	d = open_saved(f, "vmcore");
	assert_string_equal(d->machine, "x86_64");
	assert_int_equal(d->vmcoreinfo.len, 0);
	dump_free(d);
	crash_done(&c);
}

/* The name of the machine, of which the header's is the one that readers go by. */
static void memory_that_is_spoilt_does_not_make_another_machine(void **state)
{
	struct fixture *f = *state;
	struct crash c;
	struct dump *d;

	synth_store(&f->m, SYNTH_IMAGE_VA + SYNTH_IMAGE_UTS + 4 * 65, "spoilt", 7);
	c = run_steps(f);
	assert_int_equal(c.outcome, CRASH_COMPLETE);
	assert_string_equal(c.verify, "ok");
	d = open_saved(f, "vmcore");
	assert_string_equal(d->machine, "x86_64");
	check_saved_kernel(d);
	dump_free(d);
	crash_done(&c);
}

static void without_the_log_the_dump_is_saved(void **state)
{
	struct fixture *f = *state;
	struct crash c;

	synth_drop(&f->m.info, "SYMBOL(prb)");
	c = run_steps(f);
	assert_int_equal(c.outcome, CRASH_COMPLETE);
	check_step(&c, 1,
	           "VMCOREINFO has neither SYMBOL(prb) nor SYMBOL(log_buf): the kernel log cannot "
	           "be found");
	check_step(&c, 4, NULL);
	assert_int_equal(c.pages.user, N_USER);
	crash_done(&c);
}

static void cut_off_memory_is_saved_as_far_as_it_goes(void **state)
{
	struct fixture *f = *state;
	struct crash c;
	struct dump *d;

	write_memory(f, f->m.core_len - MIB(1));
	c = run_steps(f);
	check_step(&c, 0, NULL);
	check_step(&c, 4, "256 pages could not be read, the dump is marked incomplete");
	check_log(f);
	assert_int_equal(c.outcome, CRASH_INCOMPLETE);
	assert_string_equal(c.verify, "ok");
	assert_int_equal(c.pages.total, SYNTH_PAGES);
	assert_int_equal(c.pages.saved, SYNTH_PAGES - N_USER);
	assert_int_equal(c.pages.unreadable, 256);
	d = open_saved(f, "vmcore");
	assert_int_equal(d->state, DUMP_INCOMPLETE);
	dump_free(d);
	crash_done(&c);
}

static void memory_that_does_not_open_is_said_once(void **state)
{
	struct fixture *f = *state;
	struct crash c;

	write_memory(f, 100);
	c = run_steps(f);
	assert_int_equal(c.outcome, CRASH_FAILED);
	check_step(&c, 0, "proc-vmcore: has 100 bytes, no ");
	check_step(&c, 1, "kernel log: not tried");
	check_step(&c, 4, "proc-vmcore: not tried, it could not be opened");
	assert_false(temptree_exists(&f->tree, "crash/vmcore-dmesg.txt"));
	assert_false(temptree_exists(&f->tree, "crash/vmcore.incomplete"));
	crash_done(&c);
}

static void without_a_directory_nothing_is_tried(void **state)
{
	struct fixture *f = *state;
	const struct crash *c = &f->rescue.crash;

	write_memory(f, f->m.core_len);
	close(f->rescue.dir_fd);
	f->rescue.dir_fd = -1;
	rescue_run_steps(&f->rescue, steps, ARRAY_SIZE(steps));
	check_step(c, 0, NULL);
	check_step(c, 1, "not tried, there is no target");
	check_step(c, 4, "not tried, there is no target");
	assert_int_equal(c->outcome, CRASH_FAILED);
	assert_string_equal(c->kernel_release, SYNTH_RELEASE);
}

static void full_target_leaves_an_incomplete_dump_and_a_mini_dump(void **state)
{
	struct fixture *f = *state;
	struct verify_result found;
	struct rlimit old, tight;
	struct crash c;
	struct dump *d;

	/* Room for the descriptors and a part of the megabyte that does not shrink. */
	synth_map(&f->m, MODULE_VA, (SYNTH_HIGH_END - 8) << 12, KIB(32), KIB(4));
	write_memory(f, f->m.core_len);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	tight = (struct rlimit){ .rlim_cur = KIB(700), .rlim_max = old.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	c = run_steps(f);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);

	assert_int_equal(c.outcome, CRASH_MINI_ONLY);
	assert_int_equal(f->rescue.crash.outcome, CRASH_MINI_ONLY);
	check_step(&c, 1, NULL);
	check_step(&c, 4, "vmcore.incomplete: writing at offset ");
	check_step(&c, 5, NULL);
	assert_string_equal(c.verify, "");
	check_log(f);
	assert_false(temptree_exists(&f->tree, "crash/vmcore"));
	d = open_saved(f, "vmcore.incomplete");
	assert_int_equal(d->state, DUMP_INCOMPLETE);
	check_saved_kernel(d);
	/* What readers need came first, the last pages of memory too, since they are a module's. */
	assert_int_equal(verify_dump(d, 0, &found), 0);
	assert_int_equal(found.missing, 0);
	assert_int_equal(found.parts[SURVEY_MODULES].checked, 8);
	dump_free(d);
	assert_true(temptree_exists(&f->tree, "crash/vmcore.mini"));
	crash_done(&c);
}

static void files_that_are_there_are_not_overwritten(void **state)
{
	struct fixture *f = *state;
	struct crash c;
	char *text;

	temptree_text(&f->tree, "crash/vmcore-dmesg.txt", "of another crash");
	temptree_text(&f->tree, "crash/vmcore.incomplete", "as well");
	c = run_steps(f);
	check_step(&c, 1, "vmcore-dmesg.txt: File exists");
	check_step(&c, 4, "vmcore.incomplete: cannot be created: File exists");
	text = temptree_read(&f->tree, "crash/vmcore-dmesg.txt");
	assert_string_equal(text, "of another crash");
	free(text);
	text = temptree_read(&f->tree, "crash/vmcore.incomplete");
	assert_string_equal(text, "as well");
	free(text);
	crash_done(&c);
}

static void level_of_the_plan_decides(void **state)
{
	struct fixture *f = *state;
	struct crash c;
	struct dump *d;

	f->plan.capture.level = 0;
	f->plan.capture.compress = (char *)"lzo";
	f->plan.capture.threads = 0;
	c = run_steps(f);
	assert_int_equal(c.outcome, CRASH_COMPLETE);
	assert_int_equal(c.level, 0);
	assert_string_equal(c.codec, "lzo");
	assert_int_equal(c.pages.saved, SYNTH_PAGES);
	assert_int_equal(c.pages.zero, 0);
	d = open_saved(f, "vmcore");
	assert_int_equal(d->level, 0);
	dump_free(d);
	crash_done(&c);
}

/* A table of pages that the struct pages call poisoned is not saved at any level. */
static void what_memory_does_not_give_is_said(void **state)
{
	struct fixture *f = *state;
	struct crash c;
	uint64_t table;

	memcpy(&table, synth_entry(&f->m, SYNTH_VMEMMAP_VA, 3), sizeof(table));
	synth_pages(&f->m, &(struct synth_page){ table >> 12 & 0xfffff, SYNTH_HWPOISON, 0 }, 1);
	c = run_steps(f);
	assert_int_equal(c.outcome, CRASH_COMPLETE);
	check_step(&c, 4, NULL);
	check_step(&c, 5, "pages that readers need are missing: page tables, page ");
	assert_non_null(strstr(c.verify, "; not written again: it was no better"));
	assert_int_equal(c.level, 31);
	assert_int_equal(c.pages.user, N_USER);
	assert_false(temptree_exists(&f->tree, "crash/vmcore.incomplete"));
	crash_done(&c);
}

/* A dump without the pages [start, end), as if they had been taken for something else. */
static void save_without(struct fixture *f, uint64_t start, uint64_t end)
{
	struct save_options o = { .level = 31, .threads = 1, .uts = { [4] = "x86_64" } };
	struct rescue *r = &f->rescue;
	struct save_result saved;
	struct bitmap keep;
	struct sink *sink;

	assert_int_equal(codec_parse("lzo", &o.codec, &o.codec_level), 0);
	assert_int_equal(filter_all(r->dump, &keep), 0);
	bitmap_clear(&keep, start, end);
	assert_int_equal(sink_create(r->dir_fd, "vmcore", &sink), 0);
	assert_int_equal(save_kdump(r->dump, &keep, &o, sink, &saved), 0);
	r->crash.dump = CRASH_VMCORE;
	r->crash.outcome = CRASH_COMPLETE;
	r->crash.level = 31;
	r->crash.pages.saved = saved.pages;
	r->crash.pages.user = end - start;
	r->crash.vmcore_size = saved.file_size;
	bitmap_done(&keep);
	sink_free(sink);
}

static void dump_that_lacks_pages_is_written_again(void **state)
{
	struct fixture *f = *state;
	struct rescue *r = &f->rescue;
	struct dump *d;

	write_memory(f, f->m.core_len);
	assert_int_equal(rescue_open_memory(r), 0);
	save_without(f, SYNTH_IMAGE_PFN + 0x20, SYNTH_IMAGE_PFN + 0x23);
	assert_int_equal(rescue_verify(r), 0);
	assert_memory_equal(r->crash.verify,
	                    "ok, since it was written again at level 1: at level "
	                    "31 3 of ",
	                    59);
	assert_int_equal(r->crash.level, 1);
	assert_int_equal(r->crash.outcome, CRASH_COMPLETE);
	assert_int_equal(r->crash.pages.user, 0);
	assert_false(temptree_exists(&f->tree, "crash/vmcore.incomplete"));
	d = open_saved(f, "vmcore");
	assert_int_equal(d->level, 1);
	assert_int_equal(r->crash.vmcore_size, source_size(d->source));
	dump_free(d);
}

/* Neither the kernel's name nor the root of its page tables is in the dump. */
static void dump_without_a_kernel_is_written_again(void **state)
{
	struct fixture *f = *state;

	write_memory(f, f->m.core_len);
	assert_int_equal(rescue_open_memory(&f->rescue), 0);
	save_without(f, SYNTH_IMAGE_PFN, SYNTH_IMAGE_END);
	assert_int_equal(rescue_verify(&f->rescue), 0);
	assert_non_null(strstr(f->rescue.crash.verify,
	                       "the kernel's name cannot be read: excluded or not saved"));
	assert_int_equal(f->rescue.crash.level, 1);
}

static void second_dump_needs_time(void **state)
{
	struct fixture *f = *state;
	struct rescue *r = &f->rescue;

	write_memory(f, f->m.core_len);
	assert_int_equal(rescue_open_memory(r), 0);
	save_without(f, SYNTH_IMAGE_PFN + 0x20, SYNTH_IMAGE_PFN + 0x23);
	r->end = clock_seconds() + 100;
	r->crash.steps[0] = (struct crash_step){ .name = strdup("vmcore"), .seconds = 90 };
	r->crash.n_steps = 1;
	assert_fails(rescue_verify(r), -ENODATA, "not written again: there is no time");
	assert_int_equal(r->crash.outcome, CRASH_COMPLETE);
	assert_int_equal(r->crash.level, 31);
	assert_true(temptree_exists(&f->tree, "crash/vmcore"));
}

static void second_dump_that_fails_leaves_the_first(void **state)
{
	struct fixture *f = *state;
	struct rescue *r = &f->rescue;
	struct rlimit old, tight;
	struct dump *d;

	write_memory(f, f->m.core_len);
	assert_int_equal(rescue_open_memory(r), 0);
	save_without(f, SYNTH_IMAGE_PFN + 0x20, SYNTH_IMAGE_PFN + 0x23);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	tight = (struct rlimit){ .rlim_cur = KIB(700), .rlim_max = old.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	assert_fails(rescue_verify(r), -ENODATA, "not written again: vmcore.incomplete: writing");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(r->crash.outcome, CRASH_COMPLETE);
	assert_int_equal(r->crash.level, 31);
	assert_int_equal(r->crash.pages.user, 3);
	assert_false(temptree_exists(&f->tree, "crash/vmcore.incomplete"));
	d = open_saved(f, "vmcore");
	assert_int_equal(d->level, 31);
	assert_int_equal(d->state, DUMP_COMPLETE);
	dump_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(log_and_dump_and_facts_are_saved),
		TEST(without_vmcoreinfo_all_memory_is_saved),
		TEST(memory_that_is_spoilt_does_not_make_another_machine),
		TEST(without_the_log_the_dump_is_saved),
		TEST(cut_off_memory_is_saved_as_far_as_it_goes),
		TEST(memory_that_does_not_open_is_said_once),
		TEST(without_a_directory_nothing_is_tried),
		TEST(full_target_leaves_an_incomplete_dump_and_a_mini_dump),
		TEST(files_that_are_there_are_not_overwritten),
		TEST(level_of_the_plan_decides),
		TEST(what_memory_does_not_give_is_said),
		TEST(dump_that_lacks_pages_is_written_again),
		TEST(dump_without_a_kernel_is_written_again),
		TEST(second_dump_needs_time),
		TEST(second_dump_that_fails_leaves_the_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
