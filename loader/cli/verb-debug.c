// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * verb-debug.c - kdump-lite debug: starts a debugger on a dump, with the right vmlinux.
 *
 * crash(8) cannot do without one. drgn(1) looks for it by itself where it may ask a debuginfod
 * server, and for crash debuginfod-find(1) does.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <syslog.h>

#include "loader/cli/verb.h"
#include "loader/crashes/crashes.h"
#include "loader/crashes/dumpfile.h"
#include "loader/crashes/vmlinux.h"
#include "base/err.h"
#include "base/text.h"

struct debug_options {
	const char *debugger, *vmlinux;
	bool dry_run;
};

static const struct option_row options[] = {
	{ "debugger", .arg = "NAME", FIELD(struct debug_options, debugger),
	  .help = "crash or drgn" },
	{ "vmlinux", .arg = "FILE", FIELD(struct debug_options, vmlinux),
	  .help = "the kernel with its debugging information" },
	{ "dry-run", FIELD(struct debug_options, dry_run),
	  .help = "print the command, do not start it" },
	{},
};

/* What the debugger is to look at. */
struct scene {
	char *dump;
	char *vmlinux; /* NULL: the debugger finds it */
	char release[128], build_id[64];
};

static void scene_done(struct scene *s)
{
	free(s->dump);
	free(s->vmlinux);
}

struct debugger {
	const char *name;
	bool finds_vmlinux; /* from a debuginfod server */
	int (*command)(const struct scene *s, char *const *rest, char ***argv);
};

static int push_all(char ***argv, char *const *words)
{
	int r = 0;

	for (; r == 0 && words && *words; words++)
		r = strv_push(argv, *words);
	return r;
}

static int crash_command(const struct scene *s, char *const *rest, char ***argv)
{
	int r = push_all(argv, rest);

	return r < 0 ? r : push_all(argv, (char *const[]){ s->vmlinux, s->dump, NULL });
}

static int drgn_command(const struct scene *s, char *const *rest, char ***argv)
{
	char option_c[] = "-c", option_s[] = "-s";
	int r = push_all(argv, (char *const[]){ option_c, s->dump, NULL });

	if (r == 0 && s->vmlinux)
		r = push_all(argv, (char *const[]){ option_s, s->vmlinux, NULL });
	return r < 0 ? r : push_all(argv, rest);
}

/* In the order in which they are looked for. */
static const struct debugger debuggers[] = {
	{ "crash", false, crash_command },
	{ "drgn", true, drgn_command },
};

static bool is_installed(const char *program)
{
	const char *path = getenv("PATH");

	while (path && *path) {
		size_t len = strcspn(path, ":");
		char file[4096];

		if (len > 0 && len < sizeof(file) - 64) {
			snprintf(file, sizeof(file), "%.*s/%s", (int)len, path, program);
			if (access(file, X_OK) == 0)
				return true;
		}
		path += len + (path[len] == ':');
	}
	return false;
}

static int choose(const char *wanted, const struct debugger **ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(debuggers); i++) {
		const struct debugger *d = &debuggers[i];

		if (wanted ? streq(wanted, d->name) : is_installed(d->name)) {
			*ret = d;
			return wanted && !is_installed(wanted)
			               ? errf(-ENOENT, "%s: is not installed", wanted)
			               : 0;
		}
	}
	return wanted ? errf(-EINVAL, "--debugger=%s: crash or drgn is expected", wanted)
	              : errf(-ENOENT, "neither crash nor drgn is installed");
}

/* The dump itself knows best which kernel it is of. */
static int open_scene(const struct cli *cli, const char *arg, struct scene *ret)
{
	_cleanup_(subject_done) struct subject s = SUBJECT_NULL;
	_cleanup_(dump_freep) struct dump *d = NULL;
	int r;

	r = subject_open(cli, arg, &s);
	if (r == 0)
		r = subject_dump(&s, &ret->dump);
	if (r < 0)
		return r;
	if (!*ret->dump)
		return errf(-ENOENT, "%s: has no dump", s.path);
	r = dumpfile_open(ret->dump, &d);
	if (r < 0)
		return r;
	vmcoreinfo_copy(&d->vmcoreinfo, "OSRELEASE", ret->release, sizeof(ret->release));
	vmcoreinfo_copy(&d->vmcoreinfo, "BUILD-ID", ret->build_id, sizeof(ret->build_id));
	return 0;
}

static bool has_server(void)
{
	const char *urls = getenv("DEBUGINFOD_URLS");

	return urls && *urls;
}

/* Asks the server; what it gives lies in a cache of its own afterwards. */
static int download(const struct scene *s, char **ret)
{
	_cleanup_free_ char *line = NULL;
	char command[128];
	size_t size = 0;
	ssize_t n;
	FILE *f;

	/* The build id is nothing but digits. */
	snprintf(command, sizeof(command), "debuginfod-find debuginfo %s", s->build_id);
	f = popen(command, "re");
	if (!f)
		return errf(-errno, "debuginfod-find: %s", strerror(errno));
	n = getline(&line, &size, f);
	if (pclose(f) != 0 || n <= 1)
		return errf(-ENOENT, "debuginfod-find: the servers do not have it");
	line[strcspn(line, "\n")] = '\0';
	*ret = TAKE_PTR(line);
	return 0;
}

/* Says what to install, too. */
static int not_found(const struct cli *cli, const struct scene *s, const char *why)
{
	_cleanup_free_ char *package = NULL;
	int r = vmlinux_package(cli->root_fd, s->release, &package);

	if (r < 0 || !why)
		return r < 0 ? r : -ENOMEM;
	return errf(-ENOENT, "%s; install %s%s, or give it by --vmlinux=", why,
	            *package ? "the package " : "the debugging information of the kernel", package);
}

static int find_vmlinux(const struct cli *cli, const struct debugger *d, struct scene *s)
{
	const struct debug_options *o = cli->options;
	_cleanup_free_ char *path = NULL, *why = NULL;
	int r;

	if (o->vmlinux) {
		r = vmlinux_check(AT_FDCWD, o->vmlinux, s->build_id);
		if (r == -ENOEXEC)
			cli_log(LOG_WARNING, "%s, going on with it", err_text(r));
		else if (r < 0)
			return r;
		return text_replace(&s->vmlinux, o->vmlinux);
	}
	r = vmlinux_find(cli->root_fd, s->release, s->build_id, &path);
	if (r == 0) {
		if (asprintf(&s->vmlinux, "%s%s", cli->root, path) < 0) {
			s->vmlinux = NULL;
			return errf(-ENOMEM, "no memory for a path");
		}
		return 0;
	}
	if (r != -ENOENT)
		return r;
	/* Asking a server may leave another text. */
	why = strdup(err_text(r));
	if (has_server() && d->finds_vmlinux)
		return 0;
	if (has_server() && vmlinux_is_build_id(s->build_id) && is_installed("debuginfod-find") &&
	    download(s, &path) == 0) {
		s->vmlinux = TAKE_PTR(path);
		return 0;
	}
	return not_found(cli, s, why);
}

static int run_debug(const struct cli *cli, int argc, char *argv[])
{
	_cleanup_(scene_done) struct scene scene = {};
	_cleanup_(strv_freep) char **command = NULL;
	const struct debug_options *o = cli->options;
	_cleanup_free_ char *line = NULL;
	const struct debugger *d;
	int r;

	r = choose(o->debugger, &d);
	if (r == 0)
		r = open_scene(cli, argc > 0 ? argv[0] : NULL, &scene);
	if (r == 0)
		r = find_vmlinux(cli, d, &scene);
	if (r == 0)
		r = strv_push(&command, d->name);
	if (r == 0)
		r = d->command(&scene, argv + argc, &command);
	if (r == 0)
		r = strv_join(command, " ", &line);
	if (r < 0)
		return r;
	if (o->dry_run) {
		puts(line);
		return 0;
	}
	if (!cli->quiet)
		cli_log(LOG_INFO, "%s", line);
	fflush(stdout);
	execvp(command[0], command);
	return errf(-errno, "%s: cannot be started: %s", command[0], strerror(errno));
}

const struct verb verb_debug = {
	.name = "debug",
	.args = "[CRASH]",
	.help = "start crash or drgn on a dump, by default the last",
	.max_args = 1,
	.run = run_debug,
	.takes = TAKES_ROOT | TAKES_QUIET | TAKES_REST,
	.options = options,
};
