// SPDX-License-Identifier: GPL-2.0-or-later
/* verb-kexec.c - kexec load, unload, status, exec and reboot: ordinary reboots without firmware. */
#include <errno.h>
#include <stdio.h>
#include <syslog.h>

#include "loader/cli/verb.h"
#include "loader/kexec/bus.h"
#include "loader/cli/next-cli.h"
#include "base/err.h"
#include "base/text.h"

struct kernel_options {
	struct option_maybe entry;
	char **initrds; /* as given; NULL: none was */
	const char *cmdline, *append;
	bool newest, reuse_cmdline, dry_run;

	bool yes, now; /* of kexec exec */
};

static const struct option_row load_options[] = {
	{ "entry", .arg = "ID", FIELD(struct kernel_options, entry),
	  .help = "the default entry of the boot loader, or that of ID" },
	{ "newest", FIELD(struct kernel_options, newest), .help = "the newest installed kernel" },
	{ "initrd", .arg = "FILE", FIELD(struct kernel_options, initrds),
	  .help = "initrd for KERNEL, may be repeated; empty: none" },
	{ "cmdline", .arg = "TEXT", FIELD(struct kernel_options, cmdline),
	  .help = "the command line" },
	{ "reuse-cmdline", FIELD(struct kernel_options, reuse_cmdline),
	  .help = "the command line of the running kernel" },
	{ "append", .arg = "TEXT", FIELD(struct kernel_options, append),
	  .help = "add to the command line" },
	{ "dry-run", FIELD(struct kernel_options, dry_run),
	  .help = "load nothing, print what would be loaded" },
	{},
};

static const struct option_row exec_options[] = {
	{ "yes", 'y', FIELD(struct kernel_options, yes), .help = "do not ask" },
	{ "now", FIELD(struct kernel_options, now), .help = "at once, without stopping services" },
	{},
};

static int usage(const char *verb, const char *text)
{
	cli_log(LOG_ERR, "kdump-lite %s: %s", verb, text);
	return EXIT_USAGE;
}

/* What does not go together. 0 or an exit code. */
static int check_options(const struct cli *cli, const char *verb, const char *kernel)
{
	const struct kernel_options *o = cli->options;

	if (kernel && o->entry.given)
		return usage(verb, "--entry does not go with a kernel, the entry names it");
	if (o->newest && (kernel || o->entry.given))
		return usage(verb, "--newest names the kernel, it goes without another");
	if (kernel && !*kernel)
		return usage(verb, "the name of the kernel is empty");
	if (o->initrds && !kernel && !o->newest)
		return usage(verb, "--initrd= goes with a kernel only, name one");
	if (strv_length(o->initrds) > 1 && strv_contains(o->initrds, ""))
		return usage(verb, "an empty --initrd= means none, and stands alone");
	if (o->cmdline && o->reuse_cmdline)
		return usage(verb, "--cmdline= does not go with --reuse-cmdline");
	if (o->cmdline && o->append)
		return usage(verb, "--append= does not go with --cmdline=, which is all of it");
	if (*cli->root && !o->dry_run)
		return usage(verb, "--root= goes with --dry-run only");
	return 0;
}

static int initrd_paths(char *const *given, char ***ret)
{
	int r;

	for (char *const *p = given; p && *p; p++) {
		_cleanup_free_ char *path = NULL;

		if ((**p && (r = next_cli_path(*p, &path)) < 0) ||
		    (r = strv_push(ret, path ?: "")) < 0)
			return r;
	}
	return 0;
}

/* Loads what the options ask for. */
static int load_as_asked(const struct cli *cli, const char *name, struct next_loaded *ret)
{
	_cleanup_(strv_freep) char **initrds = NULL;
	const struct kernel_options *o = cli->options;
	_cleanup_free_ char *kernel = NULL;
	struct next_choice choice = {
		.newest = o->newest,
		.by_entry = o->entry.given,
		.entry = o->entry.value,
		.reuse = o->reuse_cmdline,
		.cmdline = o->cmdline,
		.append = o->append,
	};
	int r;

	if (name && (r = next_cli_kernel(name, &kernel)) < 0)
		return r;
	r = initrd_paths(o->initrds, &initrds);
	if (r < 0)
		return r;
	choice.kernel = kernel;
	choice.initrds = initrds;
	return next_cli_load(cli, &choice, o->dry_run, ret);
}

static void print_text(const struct next_loaded *n)
{
	printf("    kernel: %s%s%s%s\n", n->kernel, *n->kernel_release ? " (" : "",
	       n->kernel_release, *n->kernel_release ? ")" : "");
	if (*n->id)
		printf("     entry: %s (%s)\n", n->id, n->title);
	for (char **p = n->initrds; p && *p; p++)
		printf("    initrd: %s\n", *p);
	if (!n->initrds)
		printf("    initrd: none\n");
	printf("   command: %s\n", n->command_line);
}

static int print_loaded(const struct cli *cli, const struct next_loaded *n)
{
	json_auto_t *object = cli->json ? next_loaded_to_json(n) : NULL;
	const struct kernel_options *o = cli->options;

	if (cli->json)
		return cli_print_json(object, 0);
	if (o->dry_run)
		print_text(n);
	else if (!cli->quiet)
		printf("loaded: %s%s%s%s\n", n->title, *n->kernel_release ? " (" : "",
		       n->kernel_release, *n->kernel_release ? ")" : "");
	return 0;
}

/* 0, an exit code, or an error. */
static int load_and_tell(const struct cli *cli, const char *verb, const char *kernel)
{
	_cleanup_(next_loaded_done) struct next_loaded n = {};
	int r = check_options(cli, verb, kernel);

	if (r != 0 || (r = load_as_asked(cli, kernel, &n)) < 0)
		return r;
	return print_loaded(cli, &n);
}

static int run_load(const struct cli *cli, int argc, char *argv[])
{
	return load_and_tell(cli, "kexec load", argv[0]);
}

static int run_unload(const struct cli *cli, int argc, char *argv[])
{
	int r = geteuid() != 0 ? errf(-EPERM, "only root can do this")
	                       : next_unload(cli->root_fd, kexec_file_load);

	if (r >= 0 && !cli->quiet)
		puts(r > 0 ? "nothing was loaded" : "not loaded any more");
	return MIN(r, 0);
}

static int status_json(const struct next_loaded *n, bool loaded, const char *reason)
{
	json_auto_t *object = n ? next_loaded_to_json(n) : json_object();
	json_auto_t *state = json_pack("{s:b, s:s?}", "loaded", loaded, "reason", reason);

	return json_object_update(object, state) < 0 ? oom("JSON") : cli_print_json(object, 0);
}

static int run_status(const struct cli *cli, int argc, char *argv[])
{
	_cleanup_(next_loaded_done) struct next_loaded n = {};
	int r, known = next_loaded_check(cli->root_fd, &n);
	const char *reason = known < 0 ? err_text(known) : NULL;
	bool loaded = known == 0 || known == -EEXIST;
	char since[CLI_TIME_MAX];

	if (cli->json) {
		r = status_json(known == 0 ? &n : NULL, loaded, reason);
		if (r < 0)
			return r;
	} else if (!cli->quiet && known < 0) {
		printf("    loaded: %s: %s\n", loaded ? "yes" : "no", reason);
	} else if (!cli->quiet) {
		printf("    loaded: yes, since %s\n", cli_time(n.since, since));
		print_text(&n);
	}
	return loaded ? EXIT_SUCCESS : EXIT_NOT_LOADED;
}

static int go_down(void)
{
	_cleanup_(bus_closep) sd_bus *bus = NULL;
	int r = bus_open(&bus);

	return r < 0 ? r : bus_start_kexec(bus);
}

static int run_exec(const struct cli *cli, int argc, char *argv[])
{
	_cleanup_(next_loaded_done) struct next_loaded n = {};
	const struct kernel_options *o = cli->options;
	int r;

	if (geteuid() != 0)
		return errf(-EPERM, "only root can do this");
	r = next_loaded_check(cli->root_fd, &n);
	if (r == -ENOENT) {
		cli_log(LOG_ERR, "kdump-lite kexec exec: %s", err_text(r));
		return EXIT_NOT_LOADED;
	}
	if (r < 0 && r != -EEXIST)
		return r;
	if (!o->yes &&
	    (r = cli_ask(o->now ? "This ends the running system at once: services are not stopped, "
	                          "and unsaved data is lost."
	                        : "This ends the running system: all services are stopped.")) < 0)
		return r;
	return o->now ? next_cli_start(cli) : go_down();
}

/* A kernel that stays loaded would make the next ordinary reboot a kexec. */
static int run_reboot(const struct cli *cli, int argc, char *argv[])
{
	const struct kernel_options *o = cli->options;
	_cleanup_free_ char *text = NULL;
	int r = load_and_tell(cli, "kexec reboot", argv[0]);

	if (r != 0 || o->dry_run || (r = go_down()) == 0)
		return r;
	text = strdup(err_text(r));
	(void)next_unload(cli->root_fd, kexec_file_load);
	return errf(r, "%s; the kernel was unloaded again", text ? text : strerror(-r));
}

const struct verb verb_kexec_load = {
	.name = "kexec load",
	.args = "[KERNEL]",
	.help = "load the kernel that a reboot starts without firmware",
	.max_args = 1,
	.page = "kdump-lite-kexec(8)",
	.run = run_load,
	.takes = TAKES_JSON | TAKES_ROOT | TAKES_QUIET,
	.options = load_options,
};

const struct verb verb_kexec_unload = {
	.name = "kexec unload",
	.help = "unload it",
	.page = "kdump-lite-kexec(8)",
	.run = run_unload,
	.takes = TAKES_QUIET,
};

const struct verb verb_kexec_status = {
	.name = "kexec status",
	.help = "show which kernel is loaded",
	.page = "kdump-lite-kexec(8)",
	.run = run_status,
	.takes = TAKES_JSON | TAKES_ROOT | TAKES_QUIET,
};

const struct verb verb_kexec_exec = {
	.name = "kexec exec",
	.help = "shut down and start it; asks first",
	.page = "kdump-lite-kexec(8)",
	.run = run_exec,
	.options = exec_options,
};

const struct verb verb_kexec_reboot = {
	.name = "kexec reboot",
	.args = "[KERNEL]",
	.help = "load a kernel, shut down and start it",
	.max_args = 1,
	.page = "kdump-lite-kexec(8)",
	.run = run_reboot,
	.takes = TAKES_JSON | TAKES_ROOT | TAKES_QUIET,
	.options = load_options,
};
