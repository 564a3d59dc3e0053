// SPDX-License-Identifier: GPL-2.0-or-later
/* main.c - the kdump-lite command: options, verbs, the last word about errors. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <syslog.h>

#include "loader/cli/verb.h"
#include "vmcore/base/err.h"

/* In the order of --help. */
static const struct verb *const verbs[] = {
	&verb_status,          &verb_doctor,      &verb_load,     &verb_unload,
	&verb_reload,          &verb_list,        &verb_info,     &verb_dmesg,
	&verb_test_crash,      &verb_show_config, &verb_announce, &verb_reserved,
	&verb_unbind_graphics,
};

enum {
	OPT_JSON = 0x100,
	OPT_NO_PAGER,
	OPT_ROOT,
	OPT_DEFAULT,
	OPT_MAN,
	OPT_VERSION,
};

static const struct {
	struct option option;
	const char *shown, *help;
} options[] = {
	{ { "json", no_argument, NULL, OPT_JSON }, "--json", "print JSON" },
	{ { "no-pager", no_argument, NULL, OPT_NO_PAGER },
	  "--no-pager",
	  "do not pipe the output into a pager" },
	{ { "root", required_argument, NULL, OPT_ROOT },
	  "--root=DIR",
	  "list, info, dmesg, doctor, show-config: look at the system below DIR" },
	{ { "yes", no_argument, NULL, 'y' }, "-y --yes", "test-crash: do not ask" },
	{ { "quiet", no_argument, NULL, 'q' },
	  "-q --quiet",
	  "leave out remarks that are no errors" },
	{ { "default", no_argument, NULL, OPT_DEFAULT },
	  "--default",
	  "show-config: the file with all defaults" },
	{ { "man", no_argument, NULL, OPT_MAN },
	  "--man",
	  "show-config: as a section of the manual page" },
	{ { "help", no_argument, NULL, 'h' }, "-h --help", "show this help" },
	{ { "version", no_argument, NULL, OPT_VERSION }, "--version", "show the version" },
};

static void print_help(void)
{
	printf("kdump-lite [OPTIONS...] [VERB]\n\nSaves the memory of a crashed kernel, and reads "
	       "it.\n\nVerbs:\n");
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		const struct verb *v = verbs[i];

		if (v->help)
			printf("  %s%s%-*s %s\n", v->name, *v->args ? " " : "",
			       (int)(20 - strlen(v->name) - (*v->args ? 1 : 0)), v->args, v->help);
	}
	printf("\nOptions:\n");
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		printf("  %-20s %s\n", options[i].shown, options[i].help);
	printf("\nWithout a verb: %s. See kdump-lite(8).\n", verbs[0]->name);
}

/* Number of letters to insert, remove or change to get from @a to @b; counts no further than the
 * length of the buffer allows. */
static size_t distance(const char *a, const char *b)
{
	size_t row[32], len = strlen(b);

	if (len >= ARRAY_SIZE(row))
		return SIZE_MAX;
	for (size_t j = 0; j <= len; j++)
		row[j] = j;
	for (size_t i = 0; a[i]; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < len; j++) {
			size_t change = diagonal + (a[i] != b[j]);

			diagonal = row[j + 1];
			row[j + 1] = MIN(change, MIN(row[j], row[j + 1]) + 1);
		}
	}
	return row[len];
}

static int unknown_verb(const char *name)
{
	const struct verb *best = NULL;
	size_t least = SIZE_MAX;

	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		size_t d = distance(name, verbs[i]->name);

		if (verbs[i]->help && d < least) {
			least = d;
			best = verbs[i];
		}
	}
	if (best && least <= MAX(strlen(name) / 3, 1))
		cli_log(LOG_ERR, "kdump-lite: there is no verb %s, did you mean %s?", name,
		        best->name);
	else
		cli_log(LOG_ERR, "kdump-lite: there is no verb %s, see kdump-lite --help", name);
	return EXIT_USAGE;
}

static int open_root(struct cli *cli)
{
	const char *path = cli->root ? cli->root : "/";

	cli->root_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cli->root_fd < 0)
		return errf(-errno, "%s: %s", path, strerror(errno));
	if (!cli->root || streq(path, "/"))
		cli->root = "";
	return 0;
}

static int run_verb(struct cli *cli, int argc, char *argv[])
{
	const char *name = argc > 0 ? argv[0] : verbs[0]->name;
	const struct verb *v = NULL;
	int r, n = MAX(argc - 1, 0);

	for (size_t i = 0; i < ARRAY_SIZE(verbs) && !v; i++)
		if (streq(verbs[i]->name, name))
			v = verbs[i];
	if (!v)
		return unknown_verb(name);
	if (n < v->min_args || n > v->max_args) {
		cli_log(LOG_ERR, "kdump-lite %s: wrong number of arguments, it takes %s", v->name,
		        *v->args ? v->args : "none");
		return EXIT_USAGE;
	}
	if (cli->extra && v != &verb_show_config) {
		cli_log(LOG_ERR, "kdump-lite %s: --%s is for show-config only", v->name,
		        cli->extra);
		return EXIT_USAGE;
	}
	if (cli->root && !v->takes_root) {
		cli_log(LOG_ERR, "kdump-lite %s: --root= does not go with this verb", v->name);
		return EXIT_USAGE;
	}
	r = open_root(cli);
	if (r == 0)
		r = v->run(cli, n, argv + 1);
	if (r >= 0 && (fflush(stdout) != 0 || ferror(stdout)))
		r = errf(-EIO, "the output cannot be written");
	if (r < 0)
		cli_log(LOG_ERR, "kdump-lite %s: %s", v->name, err_text(r));
	return r < 0 ? EXIT_FAILURE : r;
}

/* Positive: go on; else the exit code, negated. */
static int take_option(int c, struct cli *cli)
{
	switch (c) {
	case OPT_JSON:
		cli->json = true;
		break;
	case OPT_NO_PAGER:
		cli->no_pager = true;
		break;
	case OPT_ROOT:
		cli->root = optarg;
		break;
	case 'y':
		cli->yes = true;
		break;
	case 'q':
		cli->quiet = true;
		break;
	case OPT_DEFAULT:
		cli->extra = "default";
		break;
	case OPT_MAN:
		cli->extra = "man";
		break;
	case 'h':
		print_help();
		return EXIT_SUCCESS;
	case OPT_VERSION:
		printf("kdump-lite %s\n", KDUMP_LITE_VERSION);
		return EXIT_SUCCESS;
	default:
		return -EXIT_USAGE;
	}
	return 1;
}

int main(int argc, char *argv[])
{
	struct option list[ARRAY_SIZE(options) + 1] = {};
	struct cli cli = { .root_fd = -1 };
	int c, r;

	setlocale(LC_TIME, "");
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		list[i] = options[i].option;
	while ((c = getopt_long(argc, argv, "yqh", list, NULL)) != -1) {
		r = take_option(c, &cli);
		if (r <= 0)
			return -r;
	}
	return run_verb(&cli, argc - optind, argv + optind);
}
