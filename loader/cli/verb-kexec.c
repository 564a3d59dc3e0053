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

static int usage(const char *verb, const char *text)
{
	cli_log(LOG_ERR, "kdump-lite %s: %s", verb, text);
	return EXIT_USAGE;
}

/* What does not go together. 0 or an exit code. */
static int check_options(const struct cli *cli, const char *verb, const char *kernel)
{
	if (kernel && cli->by_entry)
		return usage(verb, "--entry does not go with a kernel, the entry names it");
	if (kernel && !*kernel)
		return usage(verb, "the name of the kernel is empty");
	if (cli->initrds && !kernel)
		return usage(verb, "--initrd= goes with a kernel only, name one");
	if (strv_length(cli->initrds) > 1 && strv_contains(cli->initrds, ""))
		return usage(verb, "an empty --initrd= means none, and stands alone");
	if (cli->cmdline && cli->reuse_cmdline)
		return usage(verb, "--cmdline= does not go with --reuse-cmdline");
	if (cli->cmdline && cli->append)
		return usage(verb, "--append= does not go with --cmdline=, which is all of it");
	if (*cli->root && !cli->dry_run)
		return usage(verb, "--root= goes with --dry-run only");
	return 0;
}

static int initrd_paths(const struct cli *cli, char ***ret)
{
	int r = 0;

	for (char **p = cli->initrds; r == 0 && p && *p; p++) {
		_cleanup_free_ char *path = NULL;

		if (**p)
			r = next_cli_path(*p, &path);
		if (r == 0 && strv_push(ret, path ? path : "") < 0)
			r = errf(-ENOMEM, "no memory for a list");
	}
	return r;
}

/* Loads what the options ask for. */
static int load(const struct cli *cli, const char *name, struct next_loaded *ret)
{
	_cleanup_(strv_freep) char **initrds = NULL;
	_cleanup_free_ char *kernel = NULL;
	struct next_choice choice = {
		.by_entry = cli->by_entry,
		.entry = cli->entry,
		.reuse = cli->reuse_cmdline,
		.cmdline = cli->cmdline,
		.append = cli->append,
	};
	int r = 0;

	if (name)
		r = next_cli_kernel(name, &kernel);
	if (r == 0)
		r = initrd_paths(cli, &initrds);
	if (r < 0)
		return r;
	choice.kernel = kernel;
	choice.initrds = initrds;
	return next_cli_load(cli, &choice, cli->dry_run, ret);
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

static int print_json(json_t *object)
{
	int r = object ? json_dumpf(object, stdout, JSON_INDENT(2)) : -1;

	if (r == 0)
		putchar('\n');
	json_decref(object);
	return r < 0 ? errf(-ENOMEM, "the JSON cannot be written") : 0;
}

static int print_loaded(const struct cli *cli, const struct next_loaded *n)
{
	if (cli->json)
		return print_json(next_loaded_to_json(n));
	if (cli->dry_run)
		print_text(n);
	else if (!cli->quiet)
		printf("loaded: %s%s%s%s\n", n->title, *n->kernel_release ? " (" : "",
		       n->kernel_release, *n->kernel_release ? ")" : "");
	return 0;
}

static int run_load(const struct cli *cli, int argc, char *argv[])
{
	_cleanup_(next_loaded_done) struct next_loaded n = {};
	int r;

	r = check_options(cli, "kexec load", argc ? argv[0] : NULL);
	if (r == 0)
		r = load(cli, argc ? argv[0] : NULL, &n);
	return r == 0 ? print_loaded(cli, &n) : r;
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
	json_t *object = n ? next_loaded_to_json(n) : json_object();
	int r = object ? 0 : -1;

	if (r == 0)
		r = json_object_set_new(object, "loaded", json_boolean(loaded));
	if (r == 0)
		r = json_object_set_new(object, "reason",
		                        reason ? json_string(reason) : json_null());
	if (r < 0) {
		json_decref(object);
		object = NULL;
	}
	return print_json(object);
}

static int run_status(const struct cli *cli, int argc, char *argv[])
{
	_cleanup_(next_loaded_done) struct next_loaded n = {};
	_cleanup_free_ char *reason = NULL;
	char since[CLI_TIME_MAX];
	bool loaded;
	int r, known;

	known = next_loaded_check(cli->root_fd, &n);
	if (known < 0)
		reason = strdup(err_text(known));
	if (known < 0 && !reason)
		return -ENOMEM;
	loaded = known == 0 || known == -EEXIST;
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
	int r;

	r = bus_open(&bus);
	return r < 0 ? r : bus_start_kexec(bus);
}

static int run_exec(const struct cli *cli, int argc, char *argv[])
{
	_cleanup_(next_loaded_done) struct next_loaded n = {};
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
	r = cli_ask(cli, cli->now ? "This ends the running system at once: services are not "
	                            "stopped, what programs have not saved is lost."
	                          : "This ends the running system: all services are stopped.");
	if (r < 0)
		return r;
	return cli->now ? next_cli_start() : go_down();
}

/* What is loaded and does not start would make a kexec of the next ordinary reboot. */
static int run_reboot(const struct cli *cli, int argc, char *argv[])
{
	_cleanup_(next_loaded_done) struct next_loaded n = {};
	_cleanup_free_ char *text = NULL;
	int r;

	r = check_options(cli, "kexec reboot", argc ? argv[0] : NULL);
	if (r == 0)
		r = load(cli, argc ? argv[0] : NULL, &n);
	if (r == 0)
		r = print_loaded(cli, &n);
	if (r != 0 || cli->dry_run)
		return r;
	r = go_down();
	if (r == 0)
		return 0;
	text = strdup(err_text(r));
	(void)next_unload(cli->root_fd, kexec_file_load);
	return errf(r, "%s; nothing is loaded any more", text ? text : strerror(-r));
}

const struct verb verb_kexec_load = {
	.name = "kexec load",
	.args = "[KERNEL]",
	.help = "load the kernel that a reboot starts without firmware",
	.max_args = 1,
	.run = run_load,
	.takes = TAKES_KERNEL | TAKES_DRY_RUN | TAKES_ROOT,
};

const struct verb verb_kexec_unload = {
	.name = "kexec unload",
	.args = "",
	.help = "take it out again",
	.run = run_unload,
};

const struct verb verb_kexec_status = {
	.name = "kexec status",
	.args = "",
	.help = "tell which one is loaded",
	.run = run_status,
	.takes = TAKES_ROOT,
};

const struct verb verb_kexec_exec = {
	.name = "kexec exec",
	.args = "",
	.help = "shut down and start it; asks first",
	.run = run_exec,
	.takes = TAKES_YES | TAKES_NOW,
};

const struct verb verb_kexec_reboot = {
	.name = "kexec reboot",
	.args = "[KERNEL]",
	.help = "load a kernel, shut down and start it",
	.max_args = 1,
	.run = run_reboot,
	.takes = TAKES_KERNEL | TAKES_DRY_RUN | TAKES_ROOT,
};
