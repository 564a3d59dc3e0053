// SPDX-License-Identifier: GPL-2.0-or-later
/* verb-prune.c - kdump-lite prune: deletes old crashes until the limits of the settings hold. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <syslog.h>

#include "config/prune.h"
#include "loader/cli/verb.h"
#include "system/file.h"
#include "vmcore/text/json-kit.h"
#include "base/err.h"
#include "base/text.h"

struct prune_options {
	bool dry_run;
};

static const struct option_row options[] = {
	{ "dry-run", FIELD(struct prune_options, dry_run),
	  .help = "delete nothing, print what would be deleted" },
	{},
};

struct pruning {
	const struct cli *cli;
	json_t *list;
};

/* As in struct prune_request. */
static void tell(void *arg, const struct pruned *p)
{
	const struct prune_options *o;
	struct pruning *t = arg;
	char size[TEXT_SIZE_MAX];

	o = t->cli->options;
	if (t->cli->json)
		json_array_append_new(t->list,
		                      json_pack("{s:o, s:s, s:I}", "name", text_json(p->name),
		                                "deleted", p->whole ? "crash" : "dump", "size",
		                                (json_int_t)p->size));
	else if (!t->cli->quiet)
		printf("%s: %s %sdeleted, %s\n", p->name, p->whole ? "crash" : "dump",
		       o->dry_run ? "would be " : "", text_from_size(p->size, size));
}

static int print_json(const struct pruning *t, const struct prune_result *result)
{
	json_auto_t *o = json_pack("{s:O, s:I, s:I, s:I, s:I, s:I}", "pruned", t->list, "size",
	                           (json_int_t)result->size, "left", (json_int_t)result->left,
	                           "use", (json_int_t)result->use, "dumps",
	                           (json_int_t)result->dumps, "lack", (json_int_t)result->lack);

	return cli_print_json(o, 0);
}

static void print_rest(const struct pruning *t, const char *path, const struct prune_result *result)
{
	char size[TEXT_SIZE_MAX];

	if (result->size == 0 && !t->cli->quiet && !t->cli->json)
		cli_log(LOG_NOTICE, "Nothing to prune.");
	if (result->lack > 0)
		cli_log(LOG_WARNING,
		        "%s: KeepFree= or MaxUse= asks for %s more, but the newest dumps stay, and "
		        "files of others",
		        path, text_from_size(result->lack, size));
}

static int run_prune(const struct cli *cli, int argc, char *argv[])
{
	const struct prune_options *o = cli->options;
	_cleanup_(settings_done) struct settings s = {};
	json_auto_t *list = json_array();
	struct pruning t = { cli, list };
	const struct prune_request req = {
		.settings = &s.capture, .only_look = o->dry_run, .tell = tell, .arg = &t
	};
	struct prune_result result = {};
	_cleanup_close_ int fd = -1;
	int r = cli_settings(cli, &s), failed = 0;

	if (r < 0)
		return r;
	fd = file_open_below(cli->root_fd, s.path, O_RDONLY | O_DIRECTORY);
	if (fd < 0 && fd != -ENOENT)
		return errf(fd, "%s%s: cannot be read: %s", cli->root, s.path, strerror(-fd));
	if (fd >= 0)
		failed = prune(fd, &req, &result);
	/* What was deleted before it failed is printed all the same. */
	r = cli->json ? print_json(&t, &result) : 0;
	if (failed < 0)
		return err_prefix(failed, "%s%s", cli->root, s.path);
	print_rest(&t, s.path, &result);
	return r;
}

const struct verb verb_prune = {
	.name = "prune",
	.help = "delete old crashes until KeepFree=, MaxUse= and MaxDumps= hold",
	.run = run_prune,
	.takes = TAKES_ROOT | TAKES_JSON | TAKES_QUIET,
	.options = options,
};
