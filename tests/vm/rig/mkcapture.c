// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mkcapture.c - the capture image and command line of a kernel in a tree, without a machine to arm.
 *
 * mkcapture ROOT RELEASE PROGRAM OUT [WORD...] writes OUT, the image, and prints the command line.
 * The loader's own functions make both. What the loader would find out about a machine comes as
 * words:
 *
 *   Key=value    a row of the plan
 *   +MODULE      a module that has to be there
 *   ?MODULE      a module that may be built in or missing
 *   @base=LINE   the command line of the running kernel
 *   @cpus=N      CPUs of the capture kernel
 *   @fs=TYPE     a file system that is to be mounted beside the target's
 *   @hooks=LIST  programs of the tree as hooks: "pre.d/10-a:/usr/bin/env post.d/b:/bin/false"
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "system/file.h"
#include "config/settings.h"
#include "loader/image/initramfs.h"
#include "loader/system/cmdline.h"
#include "base/err.h"
#include "base/text.h"

struct wanted {
	struct plan plan;
	char **required, **optional; /* modules */
	const char *base;
	uint64_t cpus;
	char **hooks;           /* words of @hooks= */
	const char *fstypes[3]; /* NULL-terminated */
};

static void wanted_done(struct wanted *w)
{
	plan_done(&w->plan);
	strv_free(w->required);
	strv_free(w->optional);
	strv_free(w->hooks);
}

static int take_word(struct wanted *w, char *word)
{
	char *value;

	if (*word == '+')
		return strv_push(&w->required, word + 1);
	if (*word == '?')
		return strv_push(&w->optional, word + 1);
	value = strchr(word, '=');
	if (!value)
		return errf(-EINVAL, "%s: not understood", word);
	*value++ = '\0';
	if (streq(word, "@cpus"))
		return text_to_u64(value, 10, &w->cpus);
	if (streq(word, "@hooks"))
		return strv_split(&w->hooks, value, true);
	if (streq(word, "@base"))
		w->base = value;
	else if (streq(word, "@fs"))
		w->fstypes[1] = value;
	else
		return plan_set(&w->plan, word, value);
	return 0;
}

static int find_modules(struct wanted *w, int root_fd, const char *release, struct modules *ret)
{
	const struct modules_request req = {
		.root_fd = root_fd,
		.release = release,
		.required = w->required,
		.optional = w->optional,
		.fstypes = w->fstypes,
	};
	int r;

	/* Without a target there is no file system to mount. */
	w->fstypes[0] = *w->plan.fstype ? w->plan.fstype : w->fstypes[1];
	r = modules_resolve(&req, ret);
	if (r < 0)
		return r;
	for (size_t i = 0; ret->names && ret->names[i]; i++) {
		_cleanup_free_ char *name = NULL;

		r = initramfs_module_name(i, ret->names[i], &name);
		if (r == 0)
			r = strv_push(&w->plan.modules, name);
		if (r < 0)
			return r;
	}
	return 0;
}

static int find_hooks(struct wanted *w, int root_fd, struct hooks *ret)
{
	for (char **word = w->hooks; word && *word; word++) {
		char *path = strchr(*word, ':');
		int r;

		if (!path)
			return errf(-EINVAL, "@hooks=%s: not understood", *word);
		*path++ = '\0';
		r = hooks_add(root_fd, *word, path, ret);
		if (r < 0)
			return r;
	}
	return strv_append(&w->plan.hooks, ret->names);
}

static int write_file(const char *path, const void *data, size_t len)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int r = fd < 0 ? -errno : file_write(fd, data, len);

	return r < 0 ? errf(r, "%s: %s", path, strerror(-r)) : 0;
}

static int make_image(struct wanted *w, char **argv)
{
	_cleanup_(modules_done) struct modules modules = {};
	_cleanup_(hooks_done) struct hooks hooks = {};
	_cleanup_(initramfs_done) struct initramfs image = {};
	_cleanup_close_ int root_fd = open(argv[1], O_PATH | O_DIRECTORY | O_CLOEXEC);
	const struct initramfs_request req = {
		.root_fd = root_fd,
		.program = argv[3],
		.plan = &w->plan,
		.modules = &modules,
		.hooks = &hooks,
		.release = argv[2],
	};
	int r;

	if (root_fd < 0)
		return errf(-errno, "%s: %s", argv[1], strerror(errno));
	if ((r = find_modules(w, root_fd, argv[2], &modules)) < 0 ||
	    (r = find_hooks(w, root_fd, &hooks)) < 0)
		return r;
	r = initramfs_build(&req, &image);
	if (r < 0)
		return r;
	return write_file(argv[4], image.data, image.len);
}

static int print_cmdline(const struct wanted *w)
{
	const struct cmdline_request req = {
		.base = w->base,
		.machine = "x86_64",
		.cpus = w->cpus,
	};
	_cleanup_free_ char *line = NULL, *left_out = NULL;
	int r;

	r = cmdline_build(&req, &line, &left_out);
	if (r == 0)
		puts(line);
	return r;
}

static int run(int argc, char **argv)
{
	_cleanup_(wanted_done) struct wanted w = { .base = "", .cpus = 1 };
	int r;

	r = plan_init(&w.plan);
	if (r < 0)
		return r;
	r = plan_set(&w.plan, "KernelRelease", argv[2]);
	for (int i = 5; i < argc && r == 0; i++)
		r = take_word(&w, argv[i]);
	if (r < 0)
		return r;
	r = make_image(&w, argv);
	return r < 0 ? r : print_cmdline(&w);
}

int main(int argc, char **argv)
{
	int r;

	if (argc < 5) {
		fprintf(stderr, "usage: mkcapture ROOT RELEASE PROGRAM OUT [WORD...]\n");
		return 2;
	}
	r = run(argc, argv);
	if (r == 0)
		return 0;
	fprintf(stderr, "mkcapture: %s\n", r == -ENOMEM ? "no memory" : err_text(r));
	return 1;
}
