// SPDX-License-Identifier: GPL-2.0-or-later
/* verb-info.c - kdump-lite info: all that is known about one crash. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "loader/cli/verb.h"
#include "base/printable.h"
#include "loader/crashes/crashlog.h"
#include "loader/crashes/dumpfile.h"
#include "loader/crashes/subject.h"
#include "loader/show/pager.h"
#include "base/err.h"
#include "base/text.h"

/* Beside the crash itself. */
struct facts {
	const struct crash *crash;
	char *path;         /* of directory or dump, printable */
	char *dump;         /* path of the dump, printable; empty when there is none */
	char *report;       /* the same of report.txt */
	const char *format; /* of the dump; NULL when it was not opened */
	char *note; /* why the dump tells no more; NULL when it was not asked or all is well */
};

static void facts_done(struct facts *f)
{
	free(f->path);
	free(f->dump);
	free(f->report);
	free(f->note);
}

static void print_row(const char *key, const char *fmt, ...) _printf_(2, 3);

static void print_row(const char *key, const char *fmt, ...)
{
	va_list args;

	printf("%14s%s ", key, *key ? ":" : " ");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
}

static void print_text(const char *key, const char *text)
{
	if (*text)
		print_row(key, "%s", text);
}

/* Page size in bytes, as far as the totals tell. */
static uint64_t page_size(const struct crash *c)
{
	uint64_t size = c->pages.total ? c->memory_size / c->pages.total : 0;

	return size >= 4096 && size <= MIB(1) ? size : 4096;
}

static void print_pages(const struct crash *c)
{
	struct origin_count rows[ORIGIN_COUNTS];
	size_t n = crashes_counts(&c->pages, rows);
	const char *key = "Pages";
	char size[TEXT_SIZE_MAX];

	for (size_t i = 0; i < n; i++) {
		uint64_t bytes;

		if (rows[i].n == 0)
			continue;
		if (__builtin_mul_overflow(rows[i].n, page_size(c), &bytes))
			bytes = UINT64_MAX;
		print_row(key, "%-14s %12" PRIu64 " %8s", rows[i].name, rows[i].n,
		          text_from_size(bytes, size));
		key = "";
	}
}

static void print_steps(const struct crash *c)
{
	const char *key = "Steps";

	for (size_t i = 0; i < c->n_steps; i++) {
		const struct crash_step *s = &c->steps[i];

		print_row(key, "%-14s %11.3fs%s%s", s->name, s->seconds,
		          s->error ? "  failed: " : "", s->error ? s->error : "");
		key = "";
	}
	if (c->seconds > 0)
		print_row("Capture took", "%.3fs", c->seconds);
}

static void print_dump(const struct facts *f)
{
	const struct crash *c = f->crash;
	char size[TEXT_SIZE_MAX];

	if (!*f->dump) {
		print_row("Dump", "none");
		return;
	}
	print_row("Dump", "%s", f->dump);
	if (f->format)
		print_row("Format", "%s", f->format);
	print_row("Size", "%s", text_from_size(c->vmcore_size, size));
	if (f->format || *c->codec)
		print_row("Level", "%" PRIu64, c->level);
	print_text("Compression", c->codec);
	print_text("No vmcore", c->dump_reason);
	print_text("Read back", c->verify);
	if (f->report)
		print_row("Report", "%s", f->report);
}

static void print_info(const struct facts *f)
{
	const struct crash *c = f->crash;
	char when[CLI_TIME_MAX], size[TEXT_SIZE_MAX];

	print_row("Crash", "%s", f->path);
	print_row("Time", "%s", cli_time(c->crash_time, when));
	print_row("State", "%s", crash_outcome_name(c->outcome));
	if (*c->step)
		print_row("Ended in", "step %s", c->step);
	print_text("Panic message", c->panic_message);
	if (*c->fingerprint) {
		print_row("Fingerprint", "%s  %s", c->fingerprint, c->fingerprint_text);
		print_text("Looser", c->fingerprint_loose);
	}
	print_text("Kernel", c->kernel_release);
	print_text("Version", c->kernel_version);
	print_text("Build id", c->build_id);
	print_text("Machine", c->machine);
	print_text("Host", c->hostname);
	if (c->cpus)
		print_row("CPUs", "%u", c->cpus);
	if (c->memory_size)
		print_row("Memory", "%s", text_from_size(c->memory_size, size));
	if (c->memory_lacking)
		print_row("", "%s more were added after the load and are not in the dump",
		          text_from_size(c->memory_lacking, size));
	print_dump(f);
	print_pages(c);
	print_steps(c);
	if (*c->final_action)
		print_row("Afterwards", "%s%s%s", c->final_action, *c->final_reason ? ": " : "",
		          c->final_reason);
	if (c->peak_memory)
		print_row("Peak memory", "%s", text_from_size(c->peak_memory, size));
	if (*c->capture_version)
		print_row("Captured by", "kdump-lite %s", c->capture_version);
	if (c->fault)
		print_row("Remark", "%s", c->fault);
	if (f->note)
		print_row("Remark", "%s", f->note);
}

static int print_info_json(const struct facts *f)
{
	const char *const extra[][2] = { { "dump", f->dump },
		                         { "report", f->report },
		                         { "format", f->format },
		                         { "note", f->note } };
	json_auto_t *o = NULL;
	int r = crashes_json(f->crash, f->path, &o);

	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(extra); i++)
		if (extra[i][1] && *extra[i][1] &&
		    json_object_set_new(o, extra[i][0], json_string(extra[i][1])) < 0)
			return oom("JSON");
	return cli_print_json(o, 6);
}

static int clean(const char *text, char **ret)
{
	return printable(text, strlen(text), false, ret);
}

/* A dump alone is described by its engine; a crash directory by crash.json, then by the dump for
 * what that does not tell, and then by the log. */
static int describe(struct subject *s, struct facts *f)
{
	bool is_crash = s->dir_fd >= 0, known = *s->crash.kernel_release;
	struct dump *d;
	int r = 0;

	if (s->n_files > 0 && !(is_crash && known && *s->crash.fingerprint)) {
		r = subject_dump(s, &d);
		if (r == 0) {
			f->format = dump_format_name(d);
			r = dumpfile_describe(d, &s->crash, &f->note);
		}
		if (r == -ENOMEM || (r < 0 && !is_crash))
			return r;
		if (r < 0 && !known)
			r = clean(err_text(r), &f->note);
		if (r == -ENOMEM)
			return r;
	}
	return is_crash ? crashlog_learn_at(s->dir_fd, &s->crash) : 0;
}

static int run_info(const struct cli *cli, int argc, char *argv[])
{
	_cleanup_(subject_done) struct subject s = SUBJECT_NULL;
	_cleanup_(pager_close) struct pager pager = { .terminal = -1 };
	_cleanup_(facts_done) struct facts f = { .crash = &s.crash };
	int r;

	if ((r = subject_open(cli, argc, argv, &s)) < 0 || (r = describe(&s, &f)) < 0 ||
	    (r = clean(s.path, &f.path)) < 0 || (r = clean(subject_dump_path(&s), &f.dump)) < 0)
		return r;
	if (s.dir_fd >= 0 && faccessat(s.dir_fd, CRASH_REPORT, F_OK, 0) == 0 &&
	    (r = text_printf(&f.report, "%s/" CRASH_REPORT, f.path)) < 0)
		return r;
	if (cli->json)
		return print_info_json(&f);
	pager_open(cli, &pager);
	print_info(&f);
	return 0;
}

const struct verb verb_info = {
	.name = "info",
	.args = "[CRASH...]",
	.help = "show the facts about a crash, by default the last",
	.max_args = SUBJECT_PARTS_MAX,
	.run = run_info,
	.takes = TAKES_ROOT | TAKES_JSON | TAKES_NO_PAGER,
};
