// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * verb-debug.c - kdump-lite debug: starts a debugger on a dump, with the right vmlinux.
 *
 * crash(8) cannot do without one. drgn(1) looks for it by itself where it may ask a debuginfod
 * server, and for crash debuginfod-find(1) does. A crash that is installed reads dumps of its own
 * architecture, drgn those of any.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <syslog.h>

#include "loader/cli/verb.h"
#include "loader/crashes/subject.h"
#include "loader/crashes/vmlinux.h"
#include "base/err.h"
#include "system/memory-limit.h"
#include "base/text.h"
#include "vmcore/format/elf-header.h"

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
	struct subject subject;
	char **dump;   /* paths of its parts */
	char *vmlinux; /* NULL: the debugger finds it */
	char release[128], build_id[64];
	char machine[65]; /* of the dump, where it is another than this one; else empty */
};

static void scene_done(struct scene *s)
{
	subject_done(&s->subject);
	strv_freep(&s->dump);
	free(s->vmlinux);
}

struct debugger {
	const char *name;
	bool finds_vmlinux; /* from a debuginfod server */
	bool takes_parts;   /* of a split dump */
	bool any_machine;
	int (*command)(const struct scene *s, char *const *rest, char ***argv);
};

static int push_all(char ***argv, char *const *words)
{
	int r = 0;

	for (; words && *words && r == 0; words++)
		r = strv_push(argv, *words);
	return r;
}

static int crash_command(const struct scene *s, char *const *rest, char ***argv)
{
	int r;

	if ((r = push_all(argv, rest)) < 0 || (r = strv_push(argv, s->vmlinux)) < 0)
		return r;
	return push_all(argv, s->dump);
}

static int drgn_command(const struct scene *s, char *const *rest, char ***argv)
{
	int r;

	if ((r = strv_push(argv, "-c")) < 0 || (r = strv_push(argv, s->dump[0])) < 0)
		return r;
	if (s->vmlinux &&
	    ((r = strv_push(argv, "-s")) < 0 || (r = strv_push(argv, s->vmlinux)) < 0))
		return r;
	return push_all(argv, rest);
}

/* In the order in which they are looked for. */
static const struct debugger debuggers[] = {
	{ "crash", .takes_parts = true, .command = crash_command },
	{ "drgn", .finds_vmlinux = true, .any_machine = true, .command = drgn_command },
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

/* A crash that was built for another architecture has to be asked for. */
static int choose(const char *wanted, const struct scene *s, const struct debugger **ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(debuggers); i++) {
		const struct debugger *d = &debuggers[i];

		if (wanted ? streq(wanted, d->name)
		           : (d->any_machine || !*s->machine) && is_installed(d->name)) {
			*ret = d;
			return wanted && !is_installed(wanted)
			               ? errf(-ENOENT, "%s: is not installed", wanted)
			               : 0;
		}
	}
	if (wanted)
		return errf(-EINVAL, "--debugger=%s: crash or drgn is expected", wanted);
	return *s->machine ? errf(-ENOENT, "drgn is not installed, which dumps of %s need here",
	                          s->machine)
	                   : errf(-ENOENT, "neither crash nor drgn is installed");
}

/* A stream lies in a file without a name, which the debugger inherits. */
static int add_path(const struct subject_file *f, char ***paths)
{
	char path[64];

	if (f->kind == SUBJECT_FILE)
		return strv_push(paths, f->path);
	if (fcntl(f->fd, F_SETFD, 0) < 0)
		return errf(-errno, "%s: %s", f->name, strerror(errno));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", f->fd);
	return strv_push(paths, path);
}

static void note_machine(const struct dump *d, struct scene *s)
{
	const char *machine = d->machine[0] ? d->machine : elf_machine_name(d->elf_machine);
	struct utsname uts;

	uname(&uts);
	if (machine && !streq(machine, uts.machine))
		snprintf(s->machine, sizeof(s->machine), "%s", machine);
}

/* The dump itself knows best which kernel it is of. */
static int open_scene(const struct cli *cli, int argc, char *argv[], struct scene *s)
{
	struct dump *d;
	int r;

	if ((r = subject_open(cli, argc, argv, &s->subject)) < 0 ||
	    (r = subject_dump(&s->subject, &d)) < 0)
		return r;
	note_machine(d, s);
	vmcoreinfo_copy(&d->vmcoreinfo, "OSRELEASE", s->release, sizeof(s->release));
	vmcoreinfo_copy(&d->vmcoreinfo, "BUILD-ID", s->build_id, sizeof(s->build_id));
	for (size_t i = 0; i < s->subject.n_files; i++)
		if ((r = add_path(&s->subject.files[i], &s->dump)) < 0)
			return r;
	return 0;
}

/* A debugger takes its commands from the terminal, not from what is left of the dump. */
static void turn_to_terminal(const struct subject *s)
{
	for (size_t i = 0; i < s->n_files; i++) {
		int fd;

		if (s->files[i].kind != SUBJECT_STDIN)
			continue;
		fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
		if (fd < 0)
			fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (fd >= 0)
			dup2(fd, STDIN_FILENO);
		return;
	}
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
	int r = vmlinux_package(cli->root_fd, s->release, *s->machine ? s->machine : NULL,
	                        &package);

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
	if (r == 0)
		return text_printf(&s->vmlinux, "%s%s", cli->root, path);
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
	_cleanup_(scene_done) struct scene scene = { .subject = SUBJECT_NULL };
	_cleanup_(strv_freep) char **command = NULL;
	const struct debug_options *o = cli->options;
	_cleanup_free_ char *line = NULL;
	const struct debugger *d;
	int r;

	if ((r = open_scene(cli, argc, argv, &scene)) < 0 ||
	    (r = choose(o->debugger, &scene, &d)) < 0)
		return r;
	if (argc > 1 && !d->takes_parts)
		return errf(-EINVAL,
		            "%s: %s does not read split dumps; make one of the parts by "
		            "\"kdump-lite convert\"",
		            argv[0], d->name);
	if ((r = find_vmlinux(cli, d, &scene)) < 0 || (r = strv_push(&command, d->name)) < 0 ||
	    (r = d->command(&scene, argv + argc, &command)) < 0 ||
	    (r = strv_join(command, " ", &line)) < 0)
		return r;
	if (o->dry_run) {
		puts(line);
		return 0;
	}
	if (!cli->quiet)
		cli_log(LOG_INFO, "%s", line);
	fflush(stdout);
	turn_to_terminal(&scene.subject);
	memory_unlimit();
	execvp(command[0], command);
	return errf(-errno, "%s: cannot be started: %s", command[0], strerror(errno));
}

const struct verb verb_debug = {
	.name = "debug",
	.args = "[CRASH...]",
	.help = "start crash or drgn on a dump, by default the last",
	.max_args = SUBJECT_PARTS_MAX,
	.run = run_debug,
	.takes = TAKES_ROOT | TAKES_QUIET | TAKES_REST,
	.options = options,
};
