// SPDX-License-Identifier: GPL-2.0-or-later
/* offer.c - makes the entry that systemctl finds, see offer.h. */
#include "loader/kexec/offer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "system/file.h"
#include "system/tree.h"
#include "base/err.h"

#define ENTRIES OFFER_DIRECTORY "/loader/entries"
#define ENTRY   "kdump-lite.conf"
#define KERNEL  "/kdump-lite/linux"
#define INITRD  "/kdump-lite/initrd"

/* They are made in this order. */
static const char *const directories[] = { "/run", OFFER_DIRECTORY, OFFER_DIRECTORY "/loader",
	                                   ENTRIES, OFFER_DIRECTORY "/kdump-lite" };
static const char *const files[] = { ENTRIES "/" ENTRY, OFFER_DIRECTORY KERNEL,
	                             OFFER_DIRECTORY INITRD };

static int make_directories(int root_fd)
{
	for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
		if (mkdirat(root_fd, directories[i] + 1, 0755) < 0 && errno != EEXIST)
			return errf(-errno, "%s: %s", directories[i], strerror(errno));
	return 0;
}

static int make_link(int root_fd, const char *path, const char *target)
{
	if (symlinkat(target, root_fd, path + 1) < 0)
		return errf(-errno, "%s: %s", path, strerror(errno));
	return 0;
}

/* Writes a line of the entry. A line feed in a value would begin another line. */
static int print_line(FILE *f, const char *key, const char *value)
{
	if (strpbrk(value, "\r\n"))
		return errf(-EINVAL, "the %s is more than one line", key);
	fprintf(f, "%s %s\n", key, value);
	return 0;
}

/* A part of a file cannot be linked to. Such an initrd is loaded later, see offer_is_kernel(). */
static bool has_initrd(const struct next *n)
{
	return n->n_initrds && n->initrds[0].size == 0;
}

static int print_entry(FILE *f, const struct next *n, const char *cmdline)
{
	const struct {
		const char *key, *value; /* NULL: no such line */
	} lines[] = {
		{ "title", n->title },  { "version", *n->release ? n->release : NULL },
		{ "linux", KERNEL },    { "initrd", has_initrd(n) ? INITRD : NULL },
		{ "options", cmdline },
	};
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		if (lines[i].value && (r = print_line(f, lines[i].key, lines[i].value)) < 0)
			return r;
	return 0;
}

static int make_entry(const struct next *n, const char *cmdline, char **ret)
{
	size_t len;
	FILE *f = open_memstream(ret, &len);
	int r;

	if (!f)
		return oom("an entry");
	r = print_entry(f, n, cmdline);
	if (fclose(f) != 0 && r >= 0)
		return oom("an entry");
	return r;
}

/* The entry is made first: it marks the rest as ours, in case something fails. */
static int publish_entry(int root_fd, const struct next *n, const char *text)
{
	_cleanup_close_ int fd = -1;
	int r = make_directories(root_fd);

	if (r < 0)
		return r;
	fd = file_open_dir(root_fd, &ENTRIES[1]);
	r = fd < 0 ? fd : file_replace(fd, ENTRY, text, strlen(text), 0644);
	if (r < 0)
		return errf(r, ENTRIES "/" ENTRY ": %s", strerror(-r));
	r = make_link(root_fd, OFFER_DIRECTORY KERNEL, n->kernel.path);
	if (r < 0 || !has_initrd(n))
		return r;
	return make_link(root_fd, OFFER_DIRECTORY INITRD, n->initrds[0].path);
}

static bool is_ours(int root_fd)
{
	return tree_exists(root_fd, ENTRIES "/" ENTRY);
}

int offer_publish(int root_fd, const struct next *next, const char *cmdline)
{
	_cleanup_free_ char *text = NULL;
	int r;

	if (tree_exists(root_fd, OFFER_DIRECTORY) && !is_ours(root_fd))
		return errf(-EEXIST,
		            OFFER_DIRECTORY ": another program has made it, so no entry is put "
		                            "there");
	if ((r = make_entry(next, cmdline, &text)) < 0 || (r = offer_withdraw(root_fd)) < 0)
		return r;
	return publish_entry(root_fd, next, text);
}

int offer_withdraw(int root_fd)
{
	if (!is_ours(root_fd))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (unlinkat(root_fd, files[i] + 1, 0) < 0 && errno != ENOENT)
			return errf(-errno, "%s: %s", files[i], strerror(errno));
	/* Files of other programs stay, and so do the directories above these. */
	for (size_t i = ARRAY_SIZE(directories); i-- > 1;)
		(void)unlinkat(root_fd, directories[i] + 1, AT_REMOVEDIR);
	return 0;
}

bool offer_is_kernel(const char *kernel)
{
	const char *expected = OFFER_DIRECTORY KERNEL, *p = strchr(kernel, '/');

	/* systemctl joins paths without removing double slashes. */
	for (; p && *p && *p == *expected; p++, expected++)
		while (p[0] == '/' && p[1] == '/')
			p++;
	return p && !*p && !*expected;
}

/* Without a link @target is "". */
static bool links_to(int root_fd, const char *path, const char *target)
{
	char found[PATH_MAX];
	ssize_t n = readlinkat(root_fd, path + 1, found, sizeof(found) - 1);

	found[MAX(n, 0)] = '\0';
	return streq(found, target);
}

static bool has_options(int root_fd, const char *cmdline)
{
	_cleanup_free_ char *text = NULL;
	const char *p;

	if (tree_read(root_fd, ENTRIES "/" ENTRY, MIB(1), &text, NULL) < 0)
		return false;
	p = strstr(text, "\noptions ");
	if (!p)
		return false;
	p += strlen("\noptions ");
	return strncmp(p, cmdline, strlen(cmdline)) == 0 && streq(p + strlen(cmdline), "\n");
}

bool offer_is_all(int root_fd, const struct next *next, const char *cmdline)
{
	if (next->kernel.size || next->n_initrds != has_initrd(next))
		return false;
	return links_to(root_fd, OFFER_DIRECTORY KERNEL, next->kernel.path) &&
	       links_to(root_fd, OFFER_DIRECTORY INITRD,
	                has_initrd(next) ? next->initrds[0].path : "") &&
	       has_options(root_fd, cmdline);
}
