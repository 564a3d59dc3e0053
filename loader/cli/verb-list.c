// SPDX-License-Identifier: GPL-2.0-or-later
/* verb-list.c - kdump-lite list: one line for each saved crash, or for each kind of them. */
#include <stdio.h>
#include <syslog.h>

#include "loader/cli/verb.h"
#include "loader/show/columns.h"
#include "loader/crashes/crashes.h"
#include "loader/crashes/crashlog.h"
#include "loader/crashes/unclean.h"
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

/* What there is to list. */
struct listed {
	struct crashes crashes;
	struct uncleans uncleans;
};

static void listed_done(struct listed *l)
{
	crashes_done(&l->crashes);
	uncleans_done(&l->uncleans);
}

/* Goes through both lists by time. Exactly one of the two is set while it returns true. */
static bool next(const struct listed *l, size_t *i, size_t *k, const struct crash **ret_crash,
                 const struct unclean **ret_unclean)
{
	const struct crash *c = *i < l->crashes.n ? &l->crashes.list[*i] : NULL;
	const struct unclean *u = *k < l->uncleans.n ? &l->uncleans.list[*k] : NULL;

	if (c && u && c->crash_time <= u->last)
		u = NULL;
	*ret_crash = u ? NULL : c;
	*ret_unclean = u;
	*i += !u && c;
	*k += u != NULL;
	return u || c;
}

static int add_crash(struct columns *table, const struct crash *c)
{
	char when[CLI_TIME_MAX], size[TEXT_SIZE_MAX];

	return columns_add(table,
	                   (const char *const[]){
				   cli_time(c->crash_time, when),
				   crash_id(c->name),
				   c->kernel_release,
				   c->panic_message,
				   c->vmcore_size ? text_from_size(c->vmcore_size, size) : "",
				   crash_outcome_name(c->outcome),
				   c->fingerprint,
			   });
}

static int add_unclean(struct columns *table, const struct unclean *u)
{
	_cleanup_free_ char *text = NULL;
	char when[CLI_TIME_MAX];
	int r = unclean_describe(u, &text);

	return r < 0 ? r
	             : columns_add(table, (const char *const[]){
						  cli_time(u->last, when),
						  "",
						  u->mark.kernel,
						  text,
						  "",
						  UNCLEAN_STATE,
						  "",
					  });
}

static int print_table(const struct cli *cli, const struct listed *l)
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
	const struct crash *c;
	const struct unclean *u;
	size_t i = 0, k = 0;
	int r;

	while (next(l, &i, &k, &c, &u))
		if ((r = c ? add_crash(&table, c) : add_unclean(&table, u)) < 0)
			return r;
	pager_open(cli, &pager);
	return columns_print(&table);
}

static int crash_json(const struct crashes *all, const struct crash *c, json_t **ret)
{
	_cleanup_free_ char *path = NULL;
	int r = text_printf(&path, "%s/%s", all->path, c->name);

	return r < 0 ? r : crashes_json(c, path, ret);
}

static int print_list_json(const struct listed *l)
{
	json_auto_t *list = json_array();
	const struct crash *c;
	const struct unclean *u;
	size_t i = 0, k = 0;

	while (next(l, &i, &k, &c, &u)) {
		json_t *o = u ? unclean_to_json(u) : NULL;
		int r = c ? crash_json(&l->crashes, c, &o) : 0;

		if (r < 0)
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
	_cleanup_(listed_done) struct listed l = { .crashes = CRASHES_NULL };
	const struct list_options *o = cli->options;
	struct crashes *c = &l.crashes;
	int r;

	if ((r = crashes_open(cli, c)) < 0 || (r = learn_from_logs(o->group, c)) < 0)
		return r;
	r = o->group ? 0 : uncleans_find(cli->root_fd, &l.uncleans);
	if (r < 0)
		cli_log(LOG_WARNING, "%s, going on without", err_text(r));
	if (o->group)
		r = cli->json || c->n > 0 ? list_groups(cli, c) : 0;
	else if (cli->json)
		r = print_list_json(&l);
	else
		r = c->n + l.uncleans.n > 0 ? print_table(cli, &l) : 0;
	if (r < 0)
		return r;
	if (c->n + l.uncleans.n == 0 && !cli->quiet)
		cli_log(LOG_NOTICE, "No crashes found.");
	print_remarks(c);
	return c->n + l.uncleans.n > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

const struct verb verb_list = {
	.name = "list",
	.help = "list the saved crashes, the newest last",
	.run = run_list,
	.takes = TAKES_ROOT | TAKES_JSON | TAKES_QUIET | TAKES_NO_PAGER,
	.options = options,
};
