// SPDX-License-Identifier: GPL-2.0-or-later
/* verb-convert.c - kdump-lite convert: makes another dump of a dump. */
#include <sched.h>
#include <syslog.h>

#include "loader/cli/codec-option.h"
#include "loader/cli/verb.h"
#include "loader/crashes/subject.h"
#include "loader/show/progress.h"
#include "loader/show/sizes.h"
#include "loader/show/styled.h"
#include "base/clock.h"
#include "base/err.h"
#include "vmcore/filter/verify.h"
#include "base/text.h"
#include "vmcore/filter/selection.h"

#define MAX_THREADS 64

struct convert_options {
	unsigned level, threads; /* threads 0: one for each CPU */
	const struct writer_format *format;
	struct codec_choice compression;
	bool flatten, mini, force, dry_run;
};

static int parse_format(const char *value, void *field)
{
	return writer_format_parse(value, field);
}

static const struct option_row options[] = {
	/* Storing pages of zeroes once leaves nothing out. */
	{ "level", .arg = "N", FIELD(struct convert_options, level), .max = LEVEL_MAX,
	  .initial = "1", .help = "leave out the pages of dump level N, 0 to 31" },
	CODEC_OPTION(struct convert_options, compression),
	{ "format", .arg = "FORMAT", FIELD_BY(struct convert_options, format, parse_format),
	  .initial = "kdump", .help = "kdump, the default, or elf" },
	{ "flatten", FIELD(struct convert_options, flatten),
	  .help = "write a stream, as makedumpfile -F" },
	{ "mini", FIELD(struct convert_options, mini),
	  .help = "write only the pages that a report needs" },
	{ "threads", .arg = "N", FIELD(struct convert_options, threads), .min = 1,
	  .max = MAX_THREADS, .help = "compress with N threads, by default one per CPU" },
	{ "force", FIELD(struct convert_options, force), .help = "replace OUT if it exists" },
	{ "dry-run", FIELD(struct convert_options, dry_run),
	  .help = "write nothing, estimate the size" },
	{},
};

/* What the command line asks for. */
struct job {
	const struct cli *cli;
	const struct convert_options *asked;
	struct codec_choice compression; /* that of the settings, unless one is asked for */
};

/* As many as this process may use. */
static unsigned count_cpus(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return 1;
	return MIN(MAX(CPU_COUNT(&set), 1), MAX_THREADS);
}

static int take_codec_of_settings(struct job *j)
{
	_cleanup_(settings_done) struct settings s = {};
	int r;

	if ((r = cli_settings(j->cli, &s)) < 0 ||
	    (r = codec_option_parse(s.capture.compress, &j->compression)) < 0)
		return r;
	j->compression.text = NULL; /* the settings are gone soon */
	return 0;
}

/* Why not all was left out that should have been. Without a level nothing was to be. */
static void print_remark(const struct job *j, const struct selection *s, const char *remark)
{
	if (j->asked->level & ~LEVEL_ZERO || j->asked->dry_run) {
		if (!s->ks)
			cli_log(LOG_WARNING, "%s: all pages are kept", s->remark);
		else if (remark[0])
			cli_log(LOG_WARNING, "%s", remark);
	}
}

static int dry_run(const struct job *j, const struct dump *d)
{
	bool packs = writer_format_is_compressed(j->asked->format);
	_cleanup_(bitmap_done) struct bitmap pages = {};
	_cleanup_(selection_done) struct selection s = {};
	json_auto_t *o = NULL;
	struct estimate e;
	int r;

	if ((r = selection_open(d, &s)) < 0 || (r = selection_pages(d, false, &pages)) < 0)
		return r;
	r = estimate_run(d, s.ks, &s.needed[NEEDED_ALL], &pages,
	                 packs ? j->compression.codec : NULL, j->compression.level, &e);
	if (r < 0)
		return r;
	print_remark(j, &s, e.remark);
	if (!j->cli->json) {
		sizes_print(&e, j->asked->level);
		return EXIT_SUCCESS;
	}
	o = sizes_json(&e);
	return cli_print_json(o, 6);
}

/* How long is looked for what an incomplete file lacks. */
#define VERIFY_SECONDS 10

/* Readers find the kernel in what was written of a file. @words are what it lacks. */
static bool is_usable(const struct outfile *out, char words[static VERIFY_WORDS_MAX])
{
	_cleanup_(dump_freep) struct dump *d = NULL;
	struct verify_result found;
	struct source *s;

	if (!out->made || out->flatten || source_open(out->partial, &s) < 0 ||
	    dump_open(s, &d) < 0 || verify_dump(d, clock_seconds() + VERIFY_SECONDS, &found) < 0)
		return false;
	if (verify_finds_fault(&found))
		verify_words(&found, words);
	else
		strcpy(words, "what readers need is there");
	return true;
}

/* The writing ended with @error: what there is stays when it is good for something. */
static int end_early(struct outfile *out, int error)
{
	_cleanup_free_ char *why = strdup(err_text(error));
	char room[OUTFILE_ROOM_MAX], words[VERIFY_WORDS_MAX];

	outfile_room(out->fd, error, room);
	if (!is_usable(out, words))
		return errf(error, "%s%s", why ? why : strerror(-error), room);
	outfile_keep(out);
	cli_log(LOG_ERR, "kdump-lite convert: %s%s", why ? why : strerror(-error), room);
	cli_log(LOG_WARNING, "%s: is incomplete, but can be used as far as it goes; %s",
	        out->partial, words);
	return EXIT_INCOMPLETE;
}

static int finish(const struct job *j, const struct dump *d, const struct outfile *out,
                  const struct save_result *saved)
{
	char size[TEXT_SIZE_MAX], memory[TEXT_SIZE_MAX];

	if (!j->cli->quiet)
		cli_log(LOG_INFO, "%s: %s, %llu pages that are %s of memory", out->path,
		        text_from_size(saved->file_size, size), (unsigned long long)saved->pages,
		        text_from_size(saved->pages << d->page_shift, memory));
	if (*saved->unwritten_why)
		cli_log(LOG_WARNING, "%s: is incomplete, %llu pages are lost: %s", out->path,
		        (unsigned long long)saved->unreadable, saved->unwritten_why);
	else if (saved->unreadable > 0)
		cli_log(LOG_WARNING, "%s: is incomplete, %llu pages of %s could not be read",
		        out->path, (unsigned long long)saved->unreadable, source_name(d->source));
	else if (d->state != DUMP_COMPLETE)
		cli_log(LOG_WARNING, "%s: is incomplete, as %s is", out->path,
		        source_name(d->source));
	return saved->unreadable > 0 || d->state != DUMP_COMPLETE ? EXIT_INCOMPLETE : EXIT_SUCCESS;
}

/* Makes a report for the sake of the pages that it reads. */
static int open_mini(struct dump *d, struct selection *ret)
{
	_cleanup_(touched_freep) struct touched *touched = NULL;
	static const struct report_options plain = { .of_memory = true };
	_cleanup_(report_freep) struct report *report = NULL;
	_cleanup_(kspace_freep) struct kspace *ks = NULL;
	_cleanup_free_ char *text = NULL;
	struct bitmap none;
	int r;

	if ((r = kspace_open(d, &ks)) < 0 || (r = dump_bitmap(d, &none)) < 0 ||
	    (r = touched_new(&none, &touched)) < 0)
		return r;
	d->touched = touched;
	r = report_open(d, &report);
	if (r == 0)
		r = styled_report(report, &plain, false, &text);
	if (r == 0)
		r = selection_open_touched(d, ks, touched, ret);
	d->touched = NULL;
	if (r < 0)
		return r;
	ret->owned_ks = TAKE_PTR(ks);
	return 0;
}

/* Chooses the pages to write. */
static int choose(const struct job *j, struct dump *d, struct selection *s)
{
	int r;

	if (j->asked->mini)
		return open_mini(d, s);
	r = selection_open(d, s);
	return r < 0 ? r : selection_choose(s, j->asked->level, j->asked->format);
}

static int write_out(const struct job *j, struct dump *d, struct outfile *out)
{
	_cleanup_(selection_done) struct selection s = {};
	struct save_options o = {
		.threads = j->asked->threads ?: count_cpus(),
		.codec = j->compression.codec,
		.codec_level = j->compression.level,
		.stop = &outfile_interrupted,
		.progress = progress_pages,
	};
	struct save_result saved = {};
	struct progress progress;
	int r;

	if ((r = choose(j, d, &s)) < 0 || (r = selection_prepare(&s, j->asked->format, &o)) < 0)
		return r;
	print_remark(j, &s, s.remark);
	progress_begin(j->cli, "convert", d->page_shift, &progress);
	o.arg = &progress;
	r = outfile_begin(out);
	if (r == 0) {
		r = save_as(j->asked->format, d, &s.keep, &o, out->sink, &saved);
		progress_end(&progress);
	}
	if (r < 0)
		return end_early(out, r);
	r = outfile_commit(out);
	return r < 0 ? r : finish(j, d, out, &saved);
}

static int convert(const struct job *j, int argc, char *argv[])
{
	_cleanup_(outfile_done) struct outfile out = OUTFILE_NULL;
	_cleanup_(subject_done) struct subject s = SUBJECT_NULL;
	int r, n = argc > 1 ? argc - 1 : 1;
	struct dump *d;

	/* What speaks against it is said before a pipe is read to its end. */
	if (!j->asked->dry_run &&
	    (r = outfile_open(argv[n], j->asked->flatten, j->asked->force, &out)) < 0)
		return r;
	if ((r = subject_open(j->cli, n, argv, &s)) < 0 ||
	    (r = subject_check_output(&s, &out)) < 0 || (r = subject_dump(&s, &d)) < 0)
		return r;
	return j->asked->dry_run ? dry_run(j, d) : write_out(j, d, &out);
}

/* What does not go together. 0 or an exit code. */
static int check_usage(const struct cli *cli, int argc)
{
	const struct convert_options *o = cli->options;

	if (argc < 2 && !o->dry_run)
		cli_log(LOG_ERR, "kdump-lite convert: it takes IN and OUT, \"-\" for a pipe");
	else if (o->mini && (o->dry_run || !writer_format_is_compressed(o->format)))
		cli_log(LOG_ERR,
		        "kdump-lite convert: --mini does not go with --dry-run, --format=elf");
	else if (cli->json && !o->dry_run)
		cli_log(LOG_ERR, "kdump-lite convert: --json goes with --dry-run only");
	else if (o->compression.codec && !writer_format_is_compressed(o->format))
		cli_log(LOG_ERR, "kdump-lite convert: --compression= does not go with --format=%s",
		        writer_format_name(o->format));
	else
		return 0;
	return EXIT_USAGE;
}

static int run_convert(const struct cli *cli, int argc, char *argv[])
{
	const struct convert_options *o = cli->options;
	struct job j = { cli, o, o->compression };
	int r = check_usage(cli, argc);

	if (r > 0 || (!o->compression.codec && (r = take_codec_of_settings(&j)) < 0))
		return r;
	return convert(&j, argc, argv);
}

const struct verb verb_convert = {
	.name = "convert",
	.args = "IN... OUT",
	.help = "copy a dump: smaller, recompressed, in another format",
	.min_args = 1,
	.max_args = SUBJECT_PARTS_MAX + 1,
	.run = run_convert,
	.page = "kdump-lite-convert(8)",
	.takes = TAKES_ROOT | TAKES_JSON | TAKES_QUIET,
	.options = options,
};
