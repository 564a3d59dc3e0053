// SPDX-License-Identifier: GPL-2.0-or-later
/* verb-list.c - kdump-lite list: one line for each saved crash, or for each kind of them. */
#include <stdio.h>
#include <syslog.h>

#include "loader/cli/verb.h"
#include "loader/show/columns.h"
#include "loader/crashes/crashes.h"
#include "loader/crashes/crashlog.h"
#include "loader/show/pager.h"
#include "base/err.h"
#include "base/text.h"
#include "vmcore/text/json-kit.h"

struct list_options {
	bool group;
};

static const struct option_row options[] = {
	{ "group", FIELD(struct list_options, group),
	  .help = "count the crashes of the same fingerprint" },
	{},
};

static int print_table(const struct cli *cli, const struct crashes *c)
{
	static const struct column titles[] = {
		{ "WHEN" },
		{ "ID" },
		{ "KERNEL" },
		{ "PANIC MESSAGE", .shrinks = true },
		{ "SIZE", .right = true },
		{ "STATE" },
		{ "FINGERPRINT", .optional = true },
	};
	_cleanup_(columns_done) struct columns table = { titles, ARRAY_SIZE(titles) };
	_cleanup_(pager_close) struct pager pager = { .terminal = -1 };
	int r;

	for (size_t i = 0; i < c->n; i++) {
		const struct crash *item = &c->list[i];
		char when[CLI_TIME_MAX], size[TEXT_SIZE_MAX];
		const char *const values[ARRAY_SIZE(titles)] = {
			cli_time(item->crash_time, when),
			crash_id(item->name),
			item->kernel_release,
			item->panic_message,
			item->vmcore_size ? text_from_size(item->vmcore_size, size) : "",
			crash_outcome_name(item->outcome),
			item->fingerprint,
		};

		if ((r = columns_add(&table, values)) < 0)
			return r;
	}
	pager_open(cli, &pager);
	return columns_print(&table);
}

static int print_list_json(const struct crashes *c)
{
	json_auto_t *list = json_array();
	json_t *o;
	int r;

	for (size_t i = 0; i < c->n; i++) {
		_cleanup_free_ char *path = NULL;

		if ((r = text_printf(&path, "%s/%s", c->path, c->list[i].name)) < 0 ||
		    (r = crashes_json(&c->list[i], path, &o)) < 0)
			return r;
		if (json_array_append_new(list, o) < 0)
			return oom("JSON");
	}
	return cli_print_json(list, 6);
}

/* Neighbours in the list of crashes, once that is sorted. */
struct group {
	const struct crash *const *crashes; /* the oldest first */
	size_t n;
};

static int by_fingerprint(const void *a, const void *b)
{
	const struct crash *x = *(const struct crash *const *)a,
			   *y = *(const struct crash *const *)b;
	int order = strcmp(x->fingerprint, y->fingerprint);

	/* The list itself goes from the oldest to the newest. */
	return order ? order : x < y ? -1 : x > y;
}

/* The largest first, among those of a size the one that happened last; what has no fingerprint
 * comes at the end, for it is no group. */
static int by_count(const void *a, const void *b)
{
	const struct group *x = a, *y = b;
	bool known_x = *x->crashes[0]->fingerprint, known_y = *y->crashes[0]->fingerprint;

	if (known_x != known_y)
		return known_x ? -1 : 1;
	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return x->crashes[x->n - 1] > y->crashes[y->n - 1] ? -1 : 1;
}

static int print_groups(const struct cli *cli, const struct group *groups, size_t n)
{
	static const struct column titles[] = {
		{ "COUNT", .right = true },   { "LAST" }, { "ID" }, { "FINGERPRINT" },
		{ "CRASH", .shrinks = true },
	};
	_cleanup_(columns_done) struct columns table = { titles, ARRAY_SIZE(titles) };
	_cleanup_(pager_close) struct pager pager = { .terminal = -1 };
	int r;

	for (size_t i = 0; i < n; i++) {
		const struct crash *last = groups[i].crashes[groups[i].n - 1];
		char count[32], when[CLI_TIME_MAX];

		snprintf(count, sizeof(count), "%zu", groups[i].n);
		r = columns_add(&table, (const char *const[ARRAY_SIZE(titles)]){
						count, cli_time(last->crash_time, when),
						crash_id(last->name), last->fingerprint,
						*last->fingerprint ? last->fingerprint_text
								   : "without a fingerprint" });
		if (r < 0)
			return r;
	}
	pager_open(cli, &pager);
	return columns_print(&table);
}

static json_t *group_json(const struct group *g)
{
	const struct crash *first = g->crashes[0], *last = g->crashes[g->n - 1];
	json_t *names = json_array();

	for (size_t i = 0; i < g->n; i++)
		json_array_append_new(names, text_json(g->crashes[i]->name));
	return json_pack("{s:o, s:o, s:o, s:I, s:I, s:I, s:o}", "fingerprint",
	                 text_json(last->fingerprint), "fingerprint_text",
	                 text_json(last->fingerprint_text), "fingerprint_loose",
	                 text_json(last->fingerprint_loose), "count", (json_int_t)g->n, "first",
	                 (json_int_t)first->crash_time, "last", (json_int_t)last->crash_time,
	                 "crashes", names);
}

static int print_groups_json(const struct group *groups, size_t n)
{
	json_auto_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		if (json_array_append_new(list, group_json(&groups[i])) < 0)
			return oom("JSON");
	return cli_print_json(list, 6);
}

/* A line for each fingerprint, those with most crashes first. */
static int list_groups(const struct cli *cli, const struct crashes *c)
{
	_cleanup_free_ const struct crash **sorted = calloc(c->n + 1, sizeof(*sorted));
	_cleanup_free_ struct group *groups = calloc(c->n + 1, sizeof(*groups));
	size_t n = 0;

	if (!sorted || !groups)
		return oom("the groups");
	for (size_t i = 0; i < c->n; i++)
		sorted[i] = &c->list[i];
	qsort(sorted, c->n, sizeof(*sorted), by_fingerprint);
	for (size_t i = 0; i < c->n; i++) {
		if (i == 0 || !streq(sorted[i]->fingerprint, sorted[i - 1]->fingerprint))
			groups[n++] = (struct group){ .crashes = &sorted[i] };
		groups[n - 1].n++;
	}
	qsort(groups, n, sizeof(*groups), by_count);
	return cli->json ? print_groups_json(groups, n) : print_groups(cli, groups, n);
}

/* What crash.json does not tell: it may be of another tool, or of an older version. */
static int learn_from_logs(bool group, struct crashes *c)
{
	for (size_t i = 0; i < c->n; i++) {
		int r;

		if (*c->list[i].kernel_release && !(group && !*c->list[i].fingerprint))
			continue;
		r = crashlog_learn(c->fd, &c->list[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

static void print_remarks(const struct crashes *c)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct crash *item = &c->list[i];
		const char *doubt = crashes_doubt(item);

		if (item->outcome == CRASH_FAILED && *item->step)
			cli_log(LOG_WARNING, "%s/%s: the capture ended in its step %s", c->path,
			        item->name, item->step);
		if (item->fault)
			cli_log(LOG_WARNING, "%s/%s: %s", c->path, item->name, item->fault);
		if (doubt)
			cli_log(LOG_WARNING, "%s/%s: %s", c->path, item->name, doubt);
	}
}

static int run_list(const struct cli *cli, int argc, char *argv[])
{
	_cleanup_(crashes_done) struct crashes c = CRASHES_NULL;
	const struct list_options *o = cli->options;
	int r;

	if ((r = crashes_open(cli, &c)) < 0 || (r = learn_from_logs(o->group, &c)) < 0)
		return r;
	if (o->group)
		r = cli->json || c.n > 0 ? list_groups(cli, &c) : 0;
	else if (cli->json)
		r = print_list_json(&c);
	else if (c.n > 0)
		r = print_table(cli, &c);
	if (r < 0)
		return r;
	if (c.n == 0 && !cli->quiet)
		cli_log(LOG_NOTICE, "No crashes found.");
	print_remarks(&c);
	return c.n > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

const struct verb verb_list = {
	.name = "list",
	.help = "list the saved crashes, the newest last",
	.run = run_list,
	.takes = TAKES_ROOT | TAKES_JSON | TAKES_QUIET | TAKES_NO_PAGER,
	.options = options,
};
