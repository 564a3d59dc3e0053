// SPDX-License-Identifier: GPL-2.0-or-later
/* verb-verify.c - kdump-lite verify: looks for what readers of a dump need. */
#include <inttypes.h>
#include <stdio.h>

#include "loader/cli/verb.h"
#include "loader/crashes/subject.h"
#include "vmcore/filter/verify.h"
#include "vmcore/report/verify-facts.h"
#include "vmcore/text/json-kit.h"
#include "base/text.h"

static bool is_good(const struct dump *d, const struct verify_result *v)
{
	return d->state == DUMP_COMPLETE && !verify_finds_fault(v) && v->lacking == 0;
}

/* What the kernel counted as its memory, and what of it the dump does not know of. */
static void print_memory(const struct dump *d, const struct verify_facts *f,
                         const struct verify_result *v)
{
	char had[TEXT_SIZE_MAX], lacks[TEXT_SIZE_MAX];

	if (f->present > 0)
		printf("%14s: the kernel had %s\n", "memory",
		       text_from_size((f->present - MIN(f->crash, f->present)) << d->page_shift,
		                      had));
	if (v->lacking > 0)
		printf("%14s: %s of it (%" PRIu64 " pages) were added later and are outside of "
		       "this dump\n",
		       "", text_from_size(v->lacking, lacks), v->lacking >> d->page_shift);
}

static void print_result(const struct dump *d, const struct verify_facts *f,
                         const struct verify_result *v)
{
	char words[VERIFY_WORDS_MAX];

	for (enum survey_part i = 0; i < SURVEY_PARTS; i++) {
		const struct verify_part *p = &v->parts[i];

		printf("%14s: ", survey_part_name(i));
		if (p->unknown && p->checked == 0)
			printf("not checked, nothing tells where they are\n");
		else if (p->missing > 0)
			printf("%" PRIu64 " of %" PRIu64 " pages are missing\n", p->missing,
			       p->checked);
		else if (i == SURVEY_LOG)
			printf("%d records\n", v->log_records);
		else if (i == SURVEY_TASKS)
			printf("%" PRIu64 ", %" PRIu64 " pages with their stacks\n", v->tasks,
			       p->checked);
		else
			printf("%" PRIu64 " pages\n", p->checked);
	}
	printf("%14s: %u with registers\n", "CPUs", v->cpus);
	print_memory(d, f, v);
	if (v->broken > 0)
		printf("%14s: %" PRIu64 " tables or lists lead nowhere or in a circle\n", "remark",
		       v->broken);
	if (d->state != DUMP_COMPLETE)
		printf("%14s: incomplete, its writing ended early, pages could not be read, or "
		       "the file was cut off\n",
		       "file");
	printf("%14s: %s\n", "result", verify_words(v, words));
}

static json_t *json_parts(const struct verify_result *v)
{
	json_t *parts = json_array();

	for (enum survey_part i = 0; i < SURVEY_PARTS && parts; i++) {
		const struct verify_part *p = &v->parts[i];

		json_array_append_new(parts, json_pack("{s:s, s:b, s:I, s:I}", "name",
		                                       survey_part_name(i), "known", !p->unknown,
		                                       "checked", (json_int_t)p->checked, "missing",
		                                       (json_int_t)p->missing));
	}
	return parts;
}

static int print_verify_json(const char *path, const struct dump *d, const struct verify_facts *f,
                             const struct verify_result *v)
{
	char words[VERIFY_WORDS_MAX];
	json_auto_t *o = json_pack(
		"{s:o, s:b, s:b, s:o, s:I, s:I, s:I, s:I, s:i, s:i, s:I, s:o, s:o, s:o*}", "dump",
		line_json(path), "good", is_good(d, v), "complete", d->state == DUMP_COMPLETE,
		"result", line_json(verify_words(v, words)), "checked", (json_int_t)v->checked,
		"missing", (json_int_t)v->missing, "outside", (json_int_t)v->outside, "broken",
		(json_int_t)v->broken, "cpus", (int)v->cpus, "records", v->log_records, "tasks",
		(json_int_t)v->tasks, "kernel_pages",
		f->present ? json_integer(f->present) : json_null(), "lacking_pages",
		json_integer(v->lacking >> d->page_shift), "parts", json_parts(v));

	return cli_print_json(o, 6);
}

static int run_verify(const struct cli *cli, int argc, char *argv[])
{
	_cleanup_(subject_done) struct subject s = SUBJECT_NULL;
	struct verify_facts facts = {};
	struct verify_result v = {};
	struct dump *d;
	int r;

	if ((r = subject_open(cli, argc, argv, &s)) < 0 || (r = subject_dump(&s, &d)) < 0 ||
	    (r = verify_facts_find(d, &facts)) < 0 ||
	    (r = verify_tasks(d, 0, &facts.tasks, &v)) < 0)
		return r;
	if (cli->json) {
		r = print_verify_json(subject_dump_path(&s), d, &facts, &v);
		if (r < 0)
			return r;
	} else {
		print_result(d, &facts, &v);
	}
	return is_good(d, &v) ? EXIT_SUCCESS : EXIT_FAILURE;
}

const struct verb verb_verify = {
	.name = "verify",
	.args = "[CRASH...]",
	.help = "check that a dump has what its readers need",
	.max_args = SUBJECT_PARTS_MAX,
	.run = run_verify,
	.takes = TAKES_ROOT | TAKES_JSON,
};
