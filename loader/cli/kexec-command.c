// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kexec-command.c - stands in for kexec(8) of kexec-tools when the program is called by that name.
 *
 * What systemd and scripts use of it: systemctl(1) runs "kexec --load KERNEL --append OPTIONS
 * --initrd INITRD", systemd-shutdown(8) "kexec -e". Options mean what they mean there
 * (kexec/kexec.c of kexec-tools 2.0.28), also where kdump-lite has it otherwise: without --append
 * and
 * --reuse-cmdline the command line is empty, -S answers with 1 for yes.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <syslog.h>

#include "loader/cli/verb.h"
#include "loader/boot/bootimage.h"
#include "loader/cli/next-cli.h"
#include "loader/system/crashmem.h"
#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

static const struct option options[] = {
	{ "load", no_argument, NULL, 'l' },
	{ "unload", no_argument, NULL, 'u' },
	{ "exec", no_argument, NULL, 'e' },
	{ "status", no_argument, NULL, 'S' },
	{ "load-panic", no_argument, NULL, 'p' },
	{ "append", required_argument, NULL, 'A' },
	{ "command-line", required_argument, NULL, 'A' },
	{ "initrd", required_argument, NULL, 'I' },
	{ "ramdisk", required_argument, NULL, 'I' },
	{ "reuse-cmdline", no_argument, NULL, 'R' },
	/* How to load, which is not for choice here. */
	{ "kexec-file-syscall", no_argument, NULL, 's' },
	{ "kexec-syscall", no_argument, NULL, 'c' },
	{ "kexec-syscall-auto", no_argument, NULL, 'a' },
	/* Nothing is shut down, taken down or left out at an exec anyhow. */
	{ "force", no_argument, NULL, 'f' },
	{ "no-ifdown", no_argument, NULL, 'x' },
	{ "no-checks", no_argument, NULL, 'i' },
	{ "debug", no_argument, NULL, 'd' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'v' },
	{},
};

struct request {
	bool load, unload, exec, status, panic, force, reuse;
	const char *append;
	char **initrds;
	char *kernel;
};

static void print_help(void)
{
	puts("kexec [OPTIONS...] [KERNEL]\n\n"
	     "kdump-lite under the name of kexec(8); it knows of that\n\n"
	     "  -l --load            load KERNEL\n"
	     "     --initrd=FILE     with this initrd\n"
	     "     --append=TEXT     and this command line; --command-line= is the same\n"
	     "     --reuse-cmdline   begin it with that of the running kernel\n"
	     "  -u --unload          take out what is loaded\n"
	     "  -e --exec            start what is loaded, at once\n"
	     "  -S --status          exit with 1 when a capture kernel is loaded, with -l when\n"
	     "                       one for -e is, else with 0\n\n"
	     "See kdump-lite(8), which does more.");
}

static int usage(const char *text)
{
	cli_log(LOG_ERR, "kexec: %s", text);
	return EXIT_USAGE;
}

/* Positive: go on; else the exit code, negated. */
static int take_option(int c, struct request *q)
{
	switch (c) {
	case 'l':
		q->load = true;
		break;
	case 'u':
		q->unload = true;
		break;
	case 'e':
		q->exec = true;
		break;
	case 'S':
		q->status = true;
		break;
	case 'p':
		q->panic = true;
		break;
	case 'f':
		q->force = true;
		break;
	case 'R':
		q->reuse = true;
		break;
	case 'A':
		q->append = optarg;
		break;
	case 'I':
		if (strv_push(&q->initrds, optarg) < 0)
			return -EXIT_FAILURE;
		break;
	case 's':
	case 'c':
	case 'a':
	case 'x':
	case 'i':
	case 'd':
		break;
	case 'h':
		print_help();
		return EXIT_SUCCESS;
	case 'v':
		puts("kexec of kdump-lite " KDUMP_LITE_VERSION);
		return EXIT_SUCCESS;
	default:
		return -EXIT_USAGE;
	}
	return 1;
}

/* Without --initrd= there is none, but for the one that a unified kernel image brings along. */
static int find_initrds(const struct cli *cli, const struct request *q, const char *kernel,
                        char ***ret)
{
	_cleanup_close_ int fd = -1;
	int r = 0;

	for (char **p = q->initrds; r == 0 && p && *p; p++) {
		_cleanup_free_ char *path = NULL;

		r = next_cli_path(*p, &path);
		if (r == 0 && strv_push(ret, path) < 0)
			r = errf(-ENOMEM, "no memory for a list");
	}
	if (r < 0 || q->initrds)
		return r;
	fd = tree_open(cli->root_fd, kernel, O_RDONLY);
	if (fd < 0)
		return fd;
	return bootimage_is_unified(fd) ? 0 : strv_push(ret, "");
}

static int load(const struct cli *cli, const struct request *q)
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

	r = next_cli_path(q->kernel, &kernel);
	if (r == 0)
		r = find_initrds(cli, q, kernel, &initrds);
	choice.kernel = kernel;
	choice.initrds = initrds;
	return r < 0 ? r : next_cli_load(cli, &choice, false, &n);
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

static int check(const struct request *q)
{
	if (q->status)
		return 0;
	if (q->panic)
		return usage(
			"-p: capture kernels are loaded by \"kdump-lite load\" and unloaded by "
			"\"kdump-lite unload\"");
	if (q->load + q->unload + q->exec != 1)
		return usage("one of --load, --unload, --exec or --status is needed");
	if (q->load && q->force)
		return usage("--force: load, then say --exec");
	if (q->load && !q->kernel)
		return usage("--load needs a kernel");
	if (!q->load && q->kernel)
		return usage("a kernel goes with --load only");
	return 0;
}

static int run(const struct cli *cli, const struct request *q)
{
	if (q->status)
		return status(cli, q);
	if (q->load)
		return load(cli, q);
	if (q->unload)
		return MIN(next_unload(cli->root_fd, kexec_file_load), 0);
	return next_cli_start();
}

int kexec_command(int argc, char *argv[])
{
	struct cli cli = { .root = "", .root_fd = -1, .quiet = true };
	struct request q = {};
	int c, r = 1;

	while (r > 0 && (c = getopt_long(argc, argv, "lueSpscafxidhv", options, NULL)) != -1)
		r = take_option(c, &q);
	if (r > 0) {
		q.kernel = optind < argc ? argv[optind] : NULL;
		r = argc - optind > 1 ? -usage("one kernel at a time") : -check(&q);
	} else {
		strv_freep(&q.initrds);
		return -r;
	}
	if (r == 0) {
		cli.root_fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		r = cli.root_fd < 0 ? errf(-errno, "/: %s", strerror(errno)) : run(&cli, &q);
		if (r < 0)
			cli_log(LOG_ERR, "kexec: %s", err_text(r));
		r = r < 0 ? -EXIT_FAILURE : -r;
	}
	strv_freep(&q.initrds);
	base_closep(&cli.root_fd);
	return -r;
}
