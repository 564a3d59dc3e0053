// SPDX-License-Identifier: GPL-2.0-or-later
/* initrd.c - finds the initrd of a kernel by names, see initrd.h. */
#include "loader/boot/initrd.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "system/tree.h"
#include "base/text.h"

/* A kernel's name is one of these and a part that the initrd's name has too. */
static const char *const kernel_prefixes[] = { "vmlinuz-", "vmlinux-", "Image-", "image-",
	                                       "kernel-",  "bzImage-", "zImage-" };

static const struct {
	const char *prefix, *suffix;
} initrd_names[] = {
	{ "initrd.img-", "" },    /* Debian, Ubuntu */
	{ "initramfs-", ".img" }, /* Fedora, Arch, Void */
	{ "initrd-", "" },        /* openSUSE */
	{ "initramfs-", "" },     /* Alpine, Gentoo */
	{ "initrd-", ".img" },    /* Mageia */
	{ "initramfs-", ".zst" }, /* made by hand */
};

/* Names without such a part: of pairs with their own directory, and of links to the newest pair. */
static const char *const bare_kernels[] = { "linux", "vmlinuz", "vmlinux",
	                                    "Image", "bzImage", "kernel" };
static const char *const bare_initrds[] = { "initrd", "initrd.img", "initramfs.img", "initramfs" };

/* 1: the file exists, and *@ret is its path; 0: it does not. */
static int try_path(int root_fd, char **ret, const char *dir, int dir_len, const char *prefix,
                    const char *name, const char *suffix)
{
	char *path;

	if (asprintf(&path, "%.*s/%s%s%s", dir_len, dir, prefix, name, suffix) < 0)
		return -ENOMEM;
	if (tree_exists(root_fd, path)) {
		*ret = path;
		return 1;
	}
	free(path);
	return 0;
}

/* @name is what kernel and initrd have in common: "6.1.0-9-amd64". Returns as try_path(). */
static int search_named(int root_fd, const char *dir, int dir_len, const char *name, char **ret)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(initrd_names); i++)
		r = try_path(root_fd, ret, dir, dir_len, initrd_names[i].prefix, name,
		             initrd_names[i].suffix);
	return r;
}

static int search_bare(int root_fd, const char *dir, int dir_len, char **ret)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(bare_initrds); i++)
		r = try_path(root_fd, ret, dir, dir_len, bare_initrds[i], "", "");
	return r;
}

/* Searches the directory of @kernel, which need not exist itself. */
static int search_beside(int root_fd, const char *kernel, char **ret)
{
	const char *slash = strrchr(kernel, '/');
	const char *name = slash ? slash + 1 : kernel;
	int dir_len = slash ? slash - kernel : 0;

	for (size_t i = 0; i < ARRAY_SIZE(kernel_prefixes); i++) {
		size_t len = strlen(kernel_prefixes[i]);

		if (strncmp(name, kernel_prefixes[i], len) == 0)
			return search_named(root_fd, kernel, dir_len, name + len, ret);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bare_kernels); i++)
		if (streq(name, bare_kernels[i]))
			return search_bare(root_fd, kernel, dir_len, ret);
	return 0;
}

/* Searches $BOOT/TOKEN/RELEASE/, where TOKEN is the content of entry-token or the machine's id. */
static int search_tokens(int root_fd, const char *release, char **ret)
{
	static const char *const files[] = { "/etc/kernel/entry-token", "/etc/machine-id" };
	static const char *const boots[] = { "/efi", "/boot", "/boot/efi" };
	int r = 0;

	for (size_t f = 0; r == 0 && f < ARRAY_SIZE(files); f++) {
		_cleanup_free_ char *token = NULL;

		if (tree_read_line(root_fd, files[f], &token) < 0 || !*text_strip(token))
			continue;
		for (size_t b = 0; r == 0 && b < ARRAY_SIZE(boots); b++) {
			char dir[PATH_MAX];
			int n = snprintf(dir, sizeof(dir), "%s/%s/%s", boots[b], text_strip(token),
			                 release);

			if (n < (int)sizeof(dir))
				r = search_bare(root_fd, dir, n, ret);
		}
	}
	return r;
}

int initrd_of_release(int root_fd, const char *release, char **ret)
{
	int r = search_named(root_fd, "/boot", strlen("/boot"), release, ret)
	                ?: search_tokens(root_fd, release, ret);

	return r > 0 ? 0 : r < 0 ? r : -ENOENT;
}

/* The release in ".../modules/RELEASE/vmlinuz", allocated; NULL for other paths. */
static char *release_of_modules(const char *path)
{
	const char *modules = strstr(path, "/modules/"), *release;
	size_t len;

	if (!modules)
		return NULL;
	release = modules + strlen("/modules/");
	len = strcspn(release, "/");
	return streq(release + len, "/vmlinuz") ? strndup(release, len) : NULL;
}

int initrd_of_kernel(int root_fd, const char *kernel, char **ret)
{
	_cleanup_free_ char *real = NULL, *release = NULL;
	const char *path = kernel;
	int r;

	/* The name of a file tells more than that of a link to it. */
	if (tree_realpath(root_fd, kernel, &real) == 0)
		path = real;
	r = search_beside(root_fd, path, ret);
	if (r == 0 && path != kernel)
		r = search_beside(root_fd, kernel, ret);
	if (r != 0)
		return r < 0 ? r : 0;
	release = release_of_modules(path);
	return release ? initrd_of_release(root_fd, release, ret) : -ENOENT;
}
