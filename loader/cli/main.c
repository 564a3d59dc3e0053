// SPDX-License-Identifier: GPL-2.0-or-later
/* main.c - the kdump-lite command: takes the command line apart, runs a verb, tells errors. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <syslog.h>

#include "loader/cli/generator.h"
#include "loader/cli/verbs.h"
#include "base/err.h"
#include "system/memory-limit.h"
#include "vmcore/io/fault.h"

/* The common options come first: they are known before the verb is. */
static int split(int argc, char *argv[], struct option_words *ret)
{
	const struct option_row *tables[1 + N_VERBS] = { common_options };

	for (size_t i = 0; i < N_VERBS; i++)
		tables[1 + i] = verbs[i]->options;
	return options_split(argc, argv, tables, ARRAY_SIZE(tables), ret);
}

/* Fills @common from what was given, and @options, which may be NULL, when there is a verb. */
static int fill(const struct verb *v, const struct option_words *w, struct common_options *common,
                void *options)
{
	char name[OPTION_NAME_MAX];

	for (size_t i = 0; i < w->n_given; i++) {
		const struct option_given *g = &w->given[i];
		const struct option_row *own = option_find(v->options, g->row->name);
		const struct option_row *row = own ?: option_find(common_options, g->row->name);
		int r;

		if (!row || (v->takes & row->takes) != row->takes)
			return errf(-EINVAL,
			            "%s does not go with this verb; \"kdump-lite %s --help\" "
			            "lists what does",
			            option_name(g, name), v->name);
		r = option_set(row, g->value, own ? options : common);
		if (r < 0)
			return r;
	}
	return 0;
}

static bool is_given(const struct option_words *w, const char *name)
{
	for (size_t i = 0; i < w->n_given; i++)
		if (streq(w->given[i].row->name, name))
			return true;
	return false;
}

static int run_verb(const struct verb *v, struct cli *cli, int argc, char *argv[])
{
	const char *path = cli->root ?: "/";
	int r;

	cli->root_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cli->root_fd < 0)
		return errf(-errno, "%s: %s", path, strerror(errno));
	if (streq(path, "/"))
		cli->root = "";
	r = v->run(cli, argc, argv);
	if (r < 0)
		return r;
	if (fflush(stdout) != 0 || ferror(stdout))
		return errf(-EIO, "the output cannot be written");
	return r;
}

/* @n_rest of the @argc words stand behind "--". Returns an exit code, or a negative errno. */
static int prepare_verb(const struct verb *v, const struct option_words *w, int argc, char *argv[])
{
	struct common_options common = { .cli.root_fd = -1 };
	void *options;
	int r;

	if (argc < v->min_args || argc > v->max_args) {
		cli_log(LOG_ERR, "kdump-lite %s: wrong number of arguments, it takes %s", v->name,
		        v->args ?: "none");
		return EXIT_USAGE;
	}
	r = options_new(v->options, &options);
	if (r < 0)
		return r;
	r = fill(v, w, &common, options);
	if (r == -EINVAL) {
		cli_log(LOG_ERR, "kdump-lite %s: %s", v->name, err_text(r));
		r = EXIT_USAGE;
	}
	common.cli.options = options;
	if (r == 0)
		r = run_verb(v, &common.cli, argc, argv);
	base_closep(&common.cli.root_fd);
	options_free(v->options, options);
	return r;
}

/* How many words stand behind the first "--"; getopt_long() does not tell where that was. */
static int count_rest(int argc, char *argv[])
{
	for (int i = 1; i < argc; i++)
		if (streq(argv[i], "--"))
			return argc - i - 1;
	return 0;
}

static int run(const struct option_words *w, int n_rest)
{
	const struct verb *v;
	int r, words;

	if (is_given(w, "version")) {
		printf("kdump-lite %s\n", KDUMP_LITE_VERSION);
		return EXIT_SUCCESS;
	}
	v = verbs_find(w->n_args, w->args, &words);
	if (is_given(w, "help")) {
		verbs_help(words > 0 ? v : NULL);
		return EXIT_SUCCESS;
	}
	if (!v) {
		verbs_unknown(w->n_args, w->args);
		return EXIT_USAGE;
	}
	r = prepare_verb(v, w, w->n_args - words - (v->takes & TAKES_REST ? n_rest : 0),
	                 w->args + words);
	if (r < 0)
		cli_log(LOG_ERR, "kdump-lite %s: %s", v->name, err_text(r));
	return r < 0 ? EXIT_FAILURE : r;
}

/* A file that is opened must not get the number of a standard stream, or messages would go into it.
 * One that was closed stays one that cannot be used: each is opened for the other direction. */
static int open_standard_streams(void)
{
	static const int flags[] = { O_WRONLY, O_RDONLY, O_RDONLY };

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", flags[fd]) < 0)
			return -errno;
	return 0;
}

/* What a verb may take of the memory that is available. */
#define MEMORY_SHARE 0.6

static void limit_memory(void)
{
	_cleanup_close_ int root_fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	memory_limit(root_fd, MEMORY_SHARE);
}

int main(int argc, char *argv[])
{
	_cleanup_(option_words_done) struct option_words w = {};
	int r, n_rest = count_rest(argc, argv);

	if (open_standard_streams() < 0)
		return EXIT_FAILURE;
	limit_memory();
	/* Dumps are mapped, and disks have faults. */
	fault_catch();
	setlocale(LC_TIME, "");
	if (streq(program_invocation_short_name, "kexec"))
		return kexec_command(argc, argv);
	if (streq(program_invocation_short_name, GENERATOR_NAME))
		return generator_command(argc, argv);
	r = split(argc, argv, &w);
	if (r == -EINVAL)
		return EXIT_USAGE;
	if (r < 0) {
		cli_log(LOG_ERR, "kdump-lite: %s", err_text(r));
		return EXIT_FAILURE;
	}
	return run(&w, n_rest);
}
