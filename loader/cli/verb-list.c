// SPDX-License-Identifier: GPL-2.0-or-later
/* verb-list.c - kdump-lite list: one line for each saved crash, or for each kind of them. */
#include <errno.h>
#include <stdio.h>
#include <syslog.h>

#include "loader/cli/verb.h"
#include "loader/show/columns.h"
#include "loader/crashes/crashes.h"
#include "loader/crashes/crashlog.h"
#include "loader/crashes/list-groups.h"
#include "loader/show/pager.h"
#include "base/err.h"
#include "base/text.h"

struct list_options {
	bool group;
};

static const struct option_row options[] = {
	{ "group", FIELD(struct list_options, group),
	  .help = "count the crashes of the same fingerprint" },
	{},
};

static const struct column titles[] = {
	{ "WHEN" },
	{ "ID" },
	{ "KERNEL" },
	{ "PANIC MESSAGE", .shrinks = true },
	{ "SIZE", .right = true },
	{ "STATE" },
	{ "FINGERPRINT", .optional = true },
};

static int add_row(const struct crash *c, struct columns *table)
{
	char when[CLI_TIME_MAX], size[TEXT_SIZE_MAX];
	const char *const values[ARRAY_SIZE(titles)] = {
		cli_time(c->crash_time, when),
		crash_id(c->name),
		c->kernel_release,
		c->panic_message,
		c->vmcore_size ? text_from_size(c->vmcore_size, size) : "",
		crash_outcome_name(c->outcome),
		c->fingerprint,
	};

	return columns_add(table, values);
}

static int print_table(const struct cli *cli, const struct crashes *c)
{
	_cleanup_(columns_done) struct columns table = { titles, ARRAY_SIZE(titles) };
	_cleanup_(pager_close) struct pager pager = { .terminal = -1 };
	int r;

	for (size_t i = 0; i < c->n; i++)
		if ((r = add_row(&c->list[i], &table)) < 0)
			return r;
	pager_open(cli, &pager);
	return columns_print(&table);
}

static int print_json(const struct crashes *c)
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

/* What crash.json does not tell: it may be of another tool, or have been written by an older
 * version. */
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
		r = print_json(&c);
	else if (c.n > 0)
		r = print_table(cli, &c);
	if (r < 0)
		return r;
	if (c.n == 0 && !cli->quiet)
		cli_log(LOG_NOTICE, "No crashes found.");
	for (size_t i = 0; i < c.n; i++)
		if (c.list[i].fault)
			cli_log(LOG_WARNING, "%s/%s: %s", c.path, c.list[i].name, c.list[i].fault);
	return c.n > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

const struct verb verb_list = {
	.name = "list",
	.help = "list the saved crashes, the newest last",
	.run = run_list,
	.takes = TAKES_ROOT | TAKES_JSON | TAKES_QUIET | TAKES_NO_PAGER,
	.options = options,
};
