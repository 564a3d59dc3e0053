// SPDX-License-Identifier: GPL-2.0-or-later
/* test-report-parts.c - text and JSON of a report give the same reasons for what is missing. */
#include <dirent.h>
#include <stdio.h>

#include "tests/unit/schema.h"
#include "tests/unit/synth-kernel.h"
#include "vmcore/report/fingerprint.h"
#include "vmcore/text/parts.h"

struct fixture {
	struct synth_kernel k;
	struct report *report;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	synth_kernel_init(&f->k);
	assert_int_equal(report_open(synth_kernel_dump(&f->k), &f->report), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	report_free(f->report);
	synth_kernel_done(&f->k);
	free(f);
	return 0;
}

/* The member "remarks" has at least so many. */
static void check_reasons(struct report *r, size_t at_least)
{
	const struct report_options o = { .all_tasks = true, .whole_log = true };
	json_t *all = report_json(r, &o), *remarks = json_object_get(all, "remarks"), *why;
	const char *name;
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_int_equal(report_text(r, &o, f), 0);
	assert_int_equal(fclose(f), 0);
	if (json_object_size(remarks) < at_least)
		fail_msg("the JSON has %zu reasons, at least %zu are expected",
		         json_object_size(remarks), at_least);
	json_object_foreach(remarks, name, why) {
		schema_check_manual(name);
		if (!strstr(text, json_string_value(why)))
			fail_msg("the text does not say why \"%s\" is missing: %s", name,
			         json_string_value(why));
	}
	free(text);
	json_decref(all);
}

/* The kernel has no variables, no tasks and no log. */
static void what_cannot_be_read_has_a_reason(void **state)
{
	struct fixture *f = *state;

	check_reasons(f->report, 12);
}

/* Each in turn, as if that were missing too. */
static void parts_tell_their_reasons(void **state)
{
	struct fixture *f = *state;
	size_t n = 0;

	assert_int_equal(report_need(f->report, REPORT_ALL), 0);
	for (size_t i = 0; report_parts[i]; i++)
		for (size_t j = 0; j < REPORT_REASONS && report_parts[i]->reasons[j].name; j++) {
			const struct report_reason *reason = &report_parts[i]->reasons[j];

			schema_check_manual(reason->name);
			/* Traces tell it where they would stand. */
			if (!reason->label)
				continue;
			snprintf((char *)f->report + reason->at, ERR_WHY, "it is number %zu", ++n);
			check_reasons(f->report, n);
		}
	assert_true(n >= 13);
}

/* A reason that many parts have stands in the text once. */
static void reasons_are_given_once(void **state)
{
	struct fixture *f = *state;
	const struct report_options o = {};
	char *text, *found;
	size_t len;
	FILE *file = open_memstream(&text, &len);

	assert_int_equal(report_need(f->report, REPORT_ALL), 0);
	for (size_t i = 0; report_parts[i]; i++)
		for (size_t j = 0; j < REPORT_REASONS && report_parts[i]->reasons[j].name; j++)
			snprintf((char *)f->report + report_parts[i]->reasons[j].at, ERR_WHY,
			         "it is Tuesday");
	assert_int_equal(report_text(f->report, &o, file), 0);
	assert_int_equal(fclose(file), 0);
	found = strstr(text, "it is Tuesday");
	assert_non_null(found);
	assert_null(strstr(found + 1, "it is Tuesday"));
	assert_non_null(strstr(text, "\nMemory\n  not known\n"));
	assert_non_null(strstr(text, "\n       Tainted: not known\n"));
	free(text);
}

static void add_line(struct synth_log *log, const char *text)
{
	synth_log_add(log, 1, text, strlen(text), SYNTH_FINAL);
}

/* The kernel of the fixture has no variables. The last trace counts; what a program calls itself
 * or its module does not. */
static void the_log_stands_in_for_variables(void **state)
{
	static const char *const lines[] = {
		"Kernel command line: root=/dev/vda1 quiet",
		"Kernel command line: fake=1",
		"Modules linked in: loop",
		"CPU: 0 PID: 7 Comm: old Not tainted 5.4.0 #1",
		"Modules linked in: ext4 nvme(OE) [last unloaded: loop]",
		"CPU: 1 PID: 70 Comm: X Not tainted 9 Kdump: loaded Tainted: G    B      OE     "
		"5.4.0",
	};
	struct fixture *f = *state;
	const struct report_options o = {};
	json_t *all, *summary, *remarks, *modules;
	struct synth_log log;
	struct report *report;
	struct dump *d;
	char *text;
	size_t len;
	FILE *file = open_memstream(&text, &len);

	synth_log_init(&log, &f->k.m, 5, 12);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		add_line(&log, lines[i]);
	d = synth_dump(&f->k.m);
	assert_int_equal(report_open(d, &report), 0);
	assert_int_equal(report_text(report, &o, file), 0);
	assert_int_equal(fclose(file), 0);
	assert_non_null(strstr(text, "  Command line: root=/dev/vda1 quiet (from the log)\n"));
	assert_non_null(strstr(text, "       Tainted: B, a bad page was found (from the log)\n"
	                             "                O, a module built outside"));
	assert_non_null(strstr(text, "\nModules\n  from the log\n  ext4\n  nvme(OE)\n\n"));
	assert_non_null(strstr(text, "          Load: not known\n"));
	all = report_json(report, &o);
	summary = json_object_get(all, "summary");
	remarks = json_object_get(all, "remarks");
	modules = json_object_get(all, "modules");
	assert_int_equal(json_array_size(json_object_get(summary, "taint")), 3);
	assert_string_equal(json_string_value(json_object_get(remarks, "taint")), "from the log");
	assert_string_equal(json_string_value(json_object_get(remarks, "command_line")),
	                    "from the log");
	assert_int_equal(json_array_size(modules), 2);
	assert_string_equal(json_string_value(json_object_get(json_array_get(modules, 1), "name")),
	                    "nvme");
	json_decref(all);
	schema_check_report(report, "modules");
	free(text);
	report_free(report);
	dump_free(d);
}

static bool is_listed(const char *name)
{
	for (size_t i = 0; report_parts[i]; i++)
		if (streq(report_parts[i]->name, name))
			return true;
	return false;
}

static void check_rows_of(const char *file)
{
	char path[300], line[300], name[100];
	FILE *f;

	snprintf(path, sizeof(path), "vmcore/text/%s", file);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "const struct report_part part_%99[a-z0-9_]", name) == 1 &&
		    !is_listed(name))
			fail_msg("%s: add row(%s) to vmcore/text/parts.c", path, name);
	fclose(f);
}

/* The command info wants a fingerprint only. */
static void models_are_read_when_they_are_needed(void **state)
{
	struct fixture *f = *state;
	struct fingerprint fingerprint;

	assert_int_equal(f->report->models, 0);
	fingerprint_of_report(f->report, &fingerprint);
	assert_true(f->report->models & REPORT_LOG);
	assert_false(f->report->models & (REPORT_PAGES | REPORT_ZONES | REPORT_SLABS | REPORT_RSS));
	assert_int_equal(report_need(f->report, REPORT_MEMINFO), 0);
	assert_true(f->report->models & REPORT_ZONES);
	assert_false(f->report->models & REPORT_SLABS);
}

/* A part that is not in the list would be forgotten without a word. */
static void parts_are_in_the_list(void **state)
{
	DIR *dir = opendir("vmcore/text");
	const struct dirent *entry;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		if (strncmp(entry->d_name, "part-", 5) == 0)
			check_rows_of(entry->d_name);
	closedir(dir);
}

/* Also those that nothing is read for have to be where readers of a report look. */
static void parts_are_in_the_manual(void **state)
{
	for (size_t i = 0; report_parts[i]; i++)
		if (report_parts[i]->json && !report_parts[i]->spread)
			schema_check_manual(report_parts[i]->name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(what_cannot_be_read_has_a_reason),
		TEST(parts_tell_their_reasons),
		TEST(reasons_are_given_once),
		TEST(the_log_stands_in_for_variables),
		TEST(models_are_read_when_they_are_needed),
		TEST(parts_are_in_the_list),
		TEST(parts_are_in_the_manual),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
