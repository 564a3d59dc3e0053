// SPDX-License-Identifier: GPL-2.0-or-later
/* main.c - the kdump-lite command: options, verbs, the last word about errors. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <syslog.h>

#include "loader/cli/verb.h"
#include "base/err.h"
#include "base/text.h"

/* In the order of --help. */
static const struct verb *const verbs[] = {
	&verb_status,
	&verb_doctor,
	&verb_load,
	&verb_unload,
	&verb_reload,
	&verb_list,
	&verb_info,
	&verb_dmesg,
	&verb_debug,
	&verb_verify,
	&verb_report,
	&verb_read,
	&verb_convert,
	&verb_estimate,
	&verb_test_crash,
	&verb_kexec_load,
	&verb_kexec_unload,
	&verb_kexec_status,
	&verb_kexec_exec,
	&verb_kexec_reboot,
	&verb_show_config,
	&verb_announce,
	&verb_reserved,
	&verb_kexec_offer,
	&verb_kexec_if_queued,
	&verb_unbind_graphics,
};

enum {
	OPT_JSON = 0x100,
	OPT_NO_PAGER,
	OPT_ROOT,
	OPT_DEFAULT,
	OPT_MAN,
	OPT_VERSION,
	OPT_ENTRY,
	OPT_INITRD,
	OPT_CMDLINE,
	OPT_REUSE_CMDLINE,
	OPT_APPEND,
	OPT_DRY_RUN,
	OPT_NOW,
	OPT_LEVEL,
	OPT_COMPRESSION,
	OPT_FORMAT,
	OPT_FLATTEN,
	OPT_THREADS,
	OPT_FORCE,
	OPT_VIRTUAL,
	OPT_RAW,
	OPT_TASKS,
	OPT_LOG,
	OPT_GROUP,
	OPT_DEBUGGER,
	OPT_VMLINUX,
	OPT_HTML,
	OPT_OUTPUT,
	OPT_PAGES,
};

static const struct {
	struct option option;
	const char *shown, *help;
	unsigned takes; /* what a verb must take for it; 0: goes with all */
} options[] = {
	{ { "json", no_argument, NULL, OPT_JSON }, "--json", "print JSON" },
	{ { "no-pager", no_argument, NULL, OPT_NO_PAGER },
	  "--no-pager",
	  "do not pipe the output into a pager" },
	{ { "root", required_argument, NULL, OPT_ROOT },
	  "--root=DIR",
	  "list, info, dmesg, verify, doctor, show-config, ...: look at the system below DIR",
	  TAKES_ROOT },
	{ { "yes", no_argument, NULL, 'y' },
	  "-y --yes",
	  "test-crash, kexec exec: do not ask",
	  TAKES_YES },
	{ { "quiet", no_argument, NULL, 'q' },
	  "-q --quiet",
	  "leave out remarks that are no errors" },
	{ { "entry", optional_argument, NULL, OPT_ENTRY },
	  "--entry[=ID]",
	  "kexec load: the default entry of the boot loader, or that of ID",
	  TAKES_KERNEL },
	{ { "initrd", required_argument, NULL, OPT_INITRD },
	  "--initrd=FILE",
	  "kexec load: initrd for KERNEL, may be repeated; empty: none",
	  TAKES_KERNEL },
	{ { "cmdline", required_argument, NULL, OPT_CMDLINE },
	  "--cmdline=TEXT",
	  "kexec load: the command line",
	  TAKES_KERNEL },
	{ { "reuse-cmdline", no_argument, NULL, OPT_REUSE_CMDLINE },
	  "--reuse-cmdline",
	  "kexec load: the command line of the running kernel",
	  TAKES_KERNEL },
	{ { "append", required_argument, NULL, OPT_APPEND },
	  "--append=TEXT",
	  "kexec load: add to the command line",
	  TAKES_KERNEL },
	{ { "dry-run", no_argument, NULL, OPT_DRY_RUN },
	  "--dry-run",
	  "kexec load: load nothing, convert: write nothing, debug: start nothing; just tell what "
	  "would be",
	  TAKES_DRY_RUN },
	{ { "now", no_argument, NULL, OPT_NOW },
	  "--now",
	  "kexec exec: at once, without stopping services",
	  TAKES_NOW },
	{ { "level", required_argument, NULL, OPT_LEVEL },
	  "--level=N",
	  "convert: leave out what dump level N does, 0 to 31",
	  TAKES_CONVERT },
	{ { "compression", required_argument, NULL, OPT_COMPRESSION },
	  "--compression=C[:N]",
	  "convert, estimate: none, zlib, lzo, zstd, ..., and its level",
	  TAKES_COMPRESSION },
	{ { "format", required_argument, NULL, OPT_FORMAT },
	  "--format=FORMAT",
	  "convert: kdump, the default, or elf",
	  TAKES_CONVERT },
	{ { "flatten", no_argument, NULL, OPT_FLATTEN },
	  "--flatten",
	  "convert: write a stream, as makedumpfile -F",
	  TAKES_CONVERT },
	{ { "threads", required_argument, NULL, OPT_THREADS },
	  "--threads=N",
	  "convert: compress with N threads, by default one per CPU",
	  TAKES_CONVERT },
	{ { "force", no_argument, NULL, OPT_FORCE },
	  "--force",
	  "convert, report: replace the file when it is there",
	  TAKES_FORCE },
	{ { "virtual", no_argument, NULL, OPT_VIRTUAL },
	  "--virtual",
	  "read: ADDRESS is one of the kernel's, not a physical one",
	  TAKES_READ },
	{ { "raw", no_argument, NULL, OPT_RAW },
	  "--raw",
	  "read: the bytes as they are",
	  TAKES_READ },
	{ { "tasks", no_argument, NULL, OPT_TASKS },
	  "--tasks",
	  "report: a table of all tasks too",
	  TAKES_REPORT },
	{ { "log", no_argument, NULL, OPT_LOG },
	  "--log",
	  "report: the whole log, not just its end",
	  TAKES_REPORT },
	{ { "group", no_argument, NULL, OPT_GROUP },
	  "--group",
	  "list: count the crashes of the same fingerprint",
	  TAKES_GROUP },
	{ { "debugger", required_argument, NULL, OPT_DEBUGGER },
	  "--debugger=NAME",
	  "debug: crash or drgn",
	  TAKES_DEBUG },
	{ { "vmlinux", required_argument, NULL, OPT_VMLINUX },
	  "--vmlinux=FILE",
	  "debug: the kernel with its debugging information",
	  TAKES_DEBUG },
	{ { "html", no_argument, NULL, OPT_HTML },
	  "--html",
	  "report: as a page for a browser, with all there is",
	  TAKES_REPORT },
	{ { "output", required_argument, NULL, OPT_OUTPUT },
	  "--output=FILE",
	  "report: write it to FILE",
	  TAKES_REPORT },
	{ { "pages", no_argument, NULL, OPT_PAGES },
	  "--pages",
	  "report: count what the kernel used its pages for",
	  TAKES_REPORT },
	{ { "default", no_argument, NULL, OPT_DEFAULT },
	  "--default",
	  "show-config: the file with all defaults",
	  TAKES_PRINT },
	{ { "man", no_argument, NULL, OPT_MAN },
	  "--man",
	  "show-config: as a section of the manual page",
	  TAKES_PRINT },
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
			       (int)(21 - strlen(v->name) - (*v->args ? 1 : 0)), v->args, v->help);
	}
	printf("\nOptions:\n");
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		printf("  %-21s %s\n", options[i].shown, options[i].help);
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

/* How many of the words @argv are the name of @v; 0: they are another. */
static int match_verb(const struct verb *v, int argc, char *argv[])
{
	size_t len = strcspn(v->name, " ");

	if (argc < 1 || strlen(argv[0]) != len || strncmp(argv[0], v->name, len) != 0)
		return 0;
	if (!v->name[len])
		return 1;
	return argc > 1 && streq(argv[1], v->name + len + 1) ? 2 : 0;
}

#define GROUP_MAX 256

/* The second words of the verbs that begin with @word; false when there are none. */
static bool list_group(const char *word, char list[static GROUP_MAX])
{
	size_t len = strlen(word);

	list[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		const char *name = verbs[i]->name;
		size_t used = strlen(list);

		if (verbs[i]->help && strncmp(name, word, len) == 0 && name[len] == ' ')
			snprintf(list + used, GROUP_MAX - used, "%s%s", used ? ", " : "",
			         name + len + 1);
	}
	return *list;
}

static int unknown_verb(int argc, char *argv[])
{
	const struct verb *best = NULL;
	size_t least = SIZE_MAX;
	char name[128], group[GROUP_MAX];
	bool grouped = list_group(argv[0], group);

	if (grouped && argc == 1) {
		cli_log(LOG_ERR, "kdump-lite %s: one of %s has to follow", argv[0], group);
		return EXIT_USAGE;
	}
	snprintf(name, sizeof(name), "%s%s%s", argv[0], grouped ? " " : "", grouped ? argv[1] : "");
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

/* Which options were given, by their place in the table. */
struct given {
	bool option[ARRAY_SIZE(options)];
};

static int check_usage(const struct verb *v, const struct given *given, int n)
{
	if (n < v->min_args || n > v->max_args) {
		cli_log(LOG_ERR, "kdump-lite %s: wrong number of arguments, it takes %s", v->name,
		        *v->args ? v->args : "none");
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (given->option[i] && (v->takes & options[i].takes) != options[i].takes) {
			cli_log(LOG_ERR, "kdump-lite %s: %s does not go with this verb", v->name,
			        options[i].shown);
			return EXIT_USAGE;
		}
	return 0;
}

static int run_verb(struct cli *cli, const struct given *given, int argc, char *argv[])
{
	const struct verb *v = argc > 0 ? NULL : verbs[0];
	int r, words = 0;

	for (size_t i = 0; i < ARRAY_SIZE(verbs) && !v; i++) {
		words = match_verb(verbs[i], argc, argv);
		if (words)
			v = verbs[i];
	}
	if (!v)
		return unknown_verb(argc, argv);
	/* Not arguments of the verb, but of what it starts. */
	if (v->takes & TAKES_DEBUG)
		argc -= cli->n_rest;
	r = check_usage(v, given, argc - words);
	if (r > 0)
		return r;
	r = open_root(cli);
	if (r == 0)
		r = v->run(cli, argc - words, argv + words);
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
	case OPT_ENTRY:
		cli->by_entry = true;
		cli->entry = optarg;
		break;
	case OPT_INITRD:
		if (strv_push(&cli->initrds, optarg) < 0)
			return -EXIT_FAILURE;
		break;
	case OPT_CMDLINE:
		cli->cmdline = optarg;
		break;
	case OPT_REUSE_CMDLINE:
		cli->reuse_cmdline = true;
		break;
	case OPT_APPEND:
		cli->append = optarg;
		break;
	case OPT_DRY_RUN:
		cli->dry_run = true;
		break;
	case OPT_NOW:
		cli->now = true;
		break;
	case OPT_LEVEL:
		cli->level = optarg;
		break;
	case OPT_COMPRESSION:
		cli->compression = optarg;
		break;
	case OPT_FORMAT:
		cli->format = optarg;
		break;
	case OPT_FLATTEN:
		cli->flatten = true;
		break;
	case OPT_THREADS:
		cli->threads = optarg;
		break;
	case OPT_FORCE:
		cli->force = true;
		break;
	case OPT_VIRTUAL:
		cli->by_virtual = true;
		break;
	case OPT_RAW:
		cli->raw = true;
		break;
	case OPT_TASKS:
		cli->all_tasks = true;
		break;
	case OPT_LOG:
		cli->whole_log = true;
		break;
	case OPT_GROUP:
		cli->group = true;
		break;
	case OPT_DEBUGGER:
		cli->debugger = optarg;
		break;
	case OPT_VMLINUX:
		cli->vmlinux = optarg;
		break;
	case OPT_HTML:
		cli->html = true;
		break;
	case OPT_OUTPUT:
		cli->output = optarg;
		break;
	case OPT_PAGES:
		cli->count_pages = true;
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

static void note_given(int c, struct given *given)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (options[i].option.val == c)
			given->option[i] = true;
}

/* What stands behind the first "--"; getopt_long() does not tell where that was. */
static void find_rest(struct cli *cli, int argc, char *argv[])
{
	int at = 1;

	while (at < argc && !streq(argv[at], "--"))
		at++;
	cli->rest = argv + MIN(at + 1, argc);
	cli->n_rest = argc - MIN(at + 1, argc);
}

int main(int argc, char *argv[])
{
	struct option list[ARRAY_SIZE(options) + 1] = {};
	struct cli cli = { .root_fd = -1 };
	struct given given = {};
	int c, r = 1;

	setlocale(LC_TIME, "");
	if (streq(program_invocation_short_name, "kexec"))
		return kexec_command(argc, argv);
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		list[i] = options[i].option;
	find_rest(&cli, argc, argv);
	while (r > 0 && (c = getopt_long(argc, argv, "yqh", list, NULL)) != -1) {
		note_given(c, &given);
		r = take_option(c, &cli);
	}
	r = r > 0 ? run_verb(&cli, &given, argc - optind, argv + optind) : -r;
	strv_freep(&cli.initrds);
	return r;
}
