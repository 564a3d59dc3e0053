// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kexec-command.c - stands in for kexec(8) of kexec-tools when the program is called by that name.
 *
 * What systemd before 261 and scripts use of it: systemctl(1) runs "kexec --load KERNEL --append
 * OPTIONS --initrd INITRD", systemd-shutdown(8) "kexec -e". Options mean what they mean there
 * (kexec/kexec.c of kexec-tools 2.0.28), also where kdump-lite has it otherwise: the command line
 * is empty without --append and --reuse-cmdline, -S answers with 1 for yes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <syslog.h>

#include "loader/cli/verb.h"
#include "loader/boot/bootimage.h"
#include "loader/cli/next-cli.h"
#include "loader/system/crashmem.h"
#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

struct request {
	bool load, unload, exec, status, panic, force, reuse, help, version;
	const char *append;
	char **initrds;
	char *kernel;
};

static const struct option_row options[] = {
	{ "load", 'l', FIELD(struct request, load), .help = "load KERNEL" },
	{ "initrd", .arg = "FILE", FIELD(struct request, initrds), .help = "with this initrd" },
	{ "ramdisk", .arg = "FILE", FIELD(struct request, initrds) },
	{ "append", .arg = "TEXT", FIELD(struct request, append),
	  .help = "and this command line; --command-line= is the same" },
	{ "command-line", .arg = "TEXT", FIELD(struct request, append) },
	{ "reuse-cmdline", FIELD(struct request, reuse),
	  .help = "begin it with that of the running kernel" },
	{ "unload", 'u', FIELD(struct request, unload), .help = "unload the kernel" },
	{ "exec", 'e', FIELD(struct request, exec), .help = "start the loaded kernel at once" },
	{ "status", 'S', FIELD(struct request, status),
	  .help = "exit with 1 when a capture kernel is loaded, with -l when one for -e is" },
	{ "load-panic", 'p', FIELD(struct request, panic) },
	{ "help", 'h', FIELD(struct request, help) },
	{ "version", 'v', FIELD(struct request, version) },
	{ "force", 'f', FIELD(struct request, force) },
	/* How to load, which is not for choice here. */
	{ "kexec-file-syscall", 's' },
	{ "kexec-syscall", 'c' },
	{ "kexec-syscall-auto", 'a' },
	/* Nothing is shut down, taken down or left out at an exec anyhow. */
	{ "no-ifdown", 'x' },
	{ "no-checks", 'i' },
	{ "debug", 'd' },
	{},
};

/* Without --initrd= there is none, but for the one that a unified kernel image brings along. */
static int find_initrds(const struct cli *cli, const struct request *q, const char *kernel,
                        char ***ret)
{
	_cleanup_close_ int fd = -1;
	int r;

	for (char **p = q->initrds; p && *p; p++) {
		_cleanup_free_ char *path = NULL;

		if ((r = next_cli_path(*p, &path)) < 0 || (r = strv_push(ret, path)) < 0)
			return r;
	}
	if (q->initrds)
		return 0;
	fd = tree_open(cli->root_fd, kernel, O_RDONLY);
	if (fd < 0)
		return fd;
	return bootimage_is_unified(fd) ? 0 : strv_push(ret, "");
}

static int load_as_asked(const struct cli *cli, const struct request *q)
{
	_cleanup_(strv_freep) char **initrds = NULL;
	_cleanup_(next_loaded_done) struct next_loaded n = {};
	_cleanup_free_ char *kernel = NULL;
	struct next_choice choice = {
		.reuse = q->reuse,
		.cmdline = q->reuse    ? NULL
		           : q->append ? q->append
		                       : "",
		.append = q->reuse ? q->append : NULL,
	};
	int r;

	if ((r = next_cli_path(q->kernel, &kernel)) < 0 ||
	    (r = find_initrds(cli, q, kernel, &initrds)) < 0)
		return r;
	choice.kernel = kernel;
	choice.initrds = initrds;
	return next_cli_load(cli, &choice, false, &n);
}

static int status(const struct cli *cli, const struct request *q)
{
	struct crashmem mem;
	bool loaded;
	int r;

	if (q->load && !q->panic) {
		r = kexec_is_loaded(cli->root_fd, &loaded);
	} else {
		r = crashmem_read(cli->root_fd, &mem);
		loaded = r == 0 && mem.loaded;
	}
	return r < 0 ? r : loaded;
}

/* The fault of the command line; NULL: none. */
static const char *check(const struct request *q, int n_args)
{
	if (n_args > 1)
		return "one kernel at a time";
	if (q->status)
		return NULL;
	if (q->panic)
		return "-p: capture kernels are loaded by \"kdump-lite load\" and unloaded by "
		       "\"kdump-lite unload\"";
	if (q->load + q->unload + q->exec != 1)
		return "one of --load, --unload, --exec or --status is needed";
	if (q->load && q->force)
		return "--force: load, then say --exec";
	if (q->load && !q->kernel)
		return "--load needs a kernel";
	if (!q->load && q->kernel)
		return "a kernel goes with --load only";
	return NULL;
}

static int run(const struct cli *cli, const struct request *q)
{
	if (q->status)
		return status(cli, q);
	if (q->load)
		return load_as_asked(cli, q);
	if (q->unload)
		return MIN(next_unload(cli->root_fd, kexec_file_load), 0);
	return next_cli_start(cli);
}

static int answer(const struct request *q, int n_args)
{
	_cleanup_close_ int root_fd = -1;
	const char *fault;

	if (q->help) {
		puts("kexec [OPTIONS...] [KERNEL]\n\n"
		     "kdump-lite under the name of kexec(8). Of its options it has these:\n");
		options_print(options, 0);
		puts("\nSee kdump-lite(8), which does more.");
		return EXIT_SUCCESS;
	}
	if (q->version) {
		puts("kexec of kdump-lite " KDUMP_LITE_VERSION);
		return EXIT_SUCCESS;
	}
	fault = check(q, n_args);
	if (fault) {
		cli_log(LOG_ERR, "kexec: %s", fault);
		return EXIT_USAGE;
	}
	root_fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root_fd < 0)
		return errf(-errno, "/: %s", strerror(errno));
	return run(&(struct cli){ .root = "", .root_fd = root_fd }, q);
}

static int command(int argc, char *argv[], struct request *q)
{
	_cleanup_(option_words_done) struct option_words w = {};
	int r = options_split(argc, argv, (const struct option_row *const[]){ options }, 1, &w);

	if (r < 0)
		return r == -EINVAL ? EXIT_USAGE : r;
	for (size_t i = 0; i < w.n_given; i++)
		if ((r = option_set(w.given[i].row, w.given[i].value, q)) < 0)
			return r;
	q->kernel = w.args[0];
	return answer(q, w.n_args);
}

int kexec_command(int argc, char *argv[])
{
	struct request q = {};
	int r = command(argc, argv, &q);

	if (r < 0)
		cli_log(LOG_ERR, "kexec: %s", err_text(r));
	strv_freep(&q.initrds);
	return r < 0 ? EXIT_FAILURE : r;
}
