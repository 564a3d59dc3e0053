// SPDX-License-Identifier: GPL-2.0-or-later
/* next-build.c - fills a struct next, see next-build.h. */
#include "loader/kexec/next-build.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "loader/boot/bootimage.h"
#include "loader/system/kernel.h"
#include "system/tree.h"
#include "base/array.h"
#include "base/err.h"
#include "base/text.h"

void next_drop_initrds(struct next *n)
{
	for (size_t i = 0; i < n->n_initrds; i++)
		piece_done(&n->initrds[i]);
	free(n->initrds);
	n->initrds = NULL;
	n->n_initrds = 0;
}

/* Sets a piece. Its path begins with exactly one slash. */
static int set_piece(struct piece *p, const char *path, uint64_t offset, uint64_t size)
{
	p->offset = offset;
	p->size = size;
	return text_printf(&p->path, "/%s", path + strspn(path, "/"));
}

static int add_piece(struct next *n, const char *path, uint64_t offset, uint64_t size)
{
	int r;

	if ((r = array_grow(&n->initrds, n->n_initrds, "a list of initrds")) < 0 ||
	    (r = set_piece(&n->initrds[n->n_initrds], path, offset, size)) < 0)
		return r;
	n->n_initrds++;
	return 0;
}

static int open_file(int root_fd, const char *path, int *ret_fd, uint64_t *ret_size)
{
	_cleanup_close_ int fd = tree_open(root_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return errf(-errno, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return errf(-EINVAL, "%s: is no file", path);
	if (st.st_size == 0)
		return errf(-ENODATA, "%s: is empty", path);
	*ret_fd = TAKE_FD(fd);
	*ret_size = st.st_size;
	return 0;
}

int next_add_initrd(int root_fd, const char *path, struct next *n)
{
	_cleanup_close_ int fd = -1;
	uint64_t size;
	int r = open_file(root_fd, path, &fd, &size);

	return r < 0 ? r : add_piece(n, path, 0, 0);
}

/* --- Images ---------------------------------------------------------------------------------- */

/* The setup header ends here at the earliest (up to init_size, Documentation/arch/x86/boot.rst). */
#define SETUP_END 0x264

/* Takes the release from the bzImage at @offset of a file, and checks that the image is whole. */
static int check_bzimage(int fd, const char *path, uint64_t offset, uint64_t size, struct next *n)
{
	_cleanup_(kernel_done) struct kernel k = KERNEL_NULL;
	int r;

	if (size < SETUP_END)
		return errf(-ENOEXEC, "%s: is cut short, or no kernel: it has only %llu bytes",
		            path, (unsigned long long)size);
	r = kernel_read_bzimage(fd, offset, size, path, &k);
	return r < 0 ? r : text_replace(&n->release, k.release);
}

/* Adds the sections with initrds in the order of systemd-stub(7): microcode must come first. */
static int take_initrds(int fd, const char *path, struct next *n)
{
	static const char *const sections[] = { ".ucode", ".initrd" };
	uint64_t offset, size;
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		r = bootimage_section(fd, path, sections[i], &offset, &size);
		if (r == -ENOENT)
			continue;
		if (r < 0 || (r = add_piece(n, path, offset, size)) < 0)
			return r;
	}
	return 0;
}

static int take_unified(int fd, const char *path, const struct utsname *uts, struct next *n)
{
	_cleanup_free_ char *release = NULL;
	uint64_t offset, size;
	int r = bootimage_section(fd, path, ".linux", &offset, &size);

	if (r < 0)
		return r == -ENOENT ? errf(-ENOEXEC, "%s: has no kernel in it", path) : r;
	r = set_piece(&n->kernel, path, offset, size);
	if (r < 0)
		return r;
	r = bootimage_text(fd, path, ".cmdline", &n->options);
	if (r < 0 && r != -ENOENT)
		return r;
	r = bootimage_text(fd, path, ".uname", &release);
	if (r < 0 && r != -ENOENT)
		return r;
	if (release && (r = text_replace(&n->release, release)) < 0)
		return r;
	r = take_initrds(fd, path, n);
	if (r < 0)
		return r;
	return streq(uts->machine, "x86_64") ? check_bzimage(fd, path, offset, size, n) : 0;
}

int next_take_image(int root_fd, const char *path, const struct utsname *uts, struct next *n,
                    bool *ret_unified)
{
	_cleanup_close_ int fd = -1;
	uint64_t size;
	int r;

	if ((r = open_file(root_fd, path, &fd, &size)) < 0 ||
	    (r = text_replace(&n->release, "")) < 0 || (r = text_replace(&n->id, "")) < 0 ||
	    (r = text_replace(&n->title, path)) < 0)
		return r;
	*ret_unified = bootimage_is_unified(fd);
	if (*ret_unified)
		return take_unified(fd, path, uts, n);
	r = set_piece(&n->kernel, path, 0, 0);
	if (r < 0)
		return r;
	return streq(uts->machine, "x86_64") ? check_bzimage(fd, path, 0, size, n) : 0;
}

/* --- Entries --------------------------------------------------------------------------------- */

int next_take_entry(int root_fd, const struct boot_entry *e, const struct utsname *uts,
                    struct next *ret)
{
	_cleanup_(next_done) struct next n = {};
	bool unified;
	int r;

	if (e->kind == BOOT_ENTRY_OTHER)
		return errf(-ENOEXEC,
		            "%s: is no Linux kernel, so only the boot loader can start it",
		            e->kernel);
	if ((r = next_take_image(root_fd, e->kernel, uts, &n, &unified)) < 0 ||
	    (r = text_replace(&n.id, e->id)) < 0 ||
	    (r = text_replace(&n.title, *e->title ? e->title : e->id)) < 0)
		return r;
	/* The entry's command line replaces that of a unified image, as without Secure Boot. */
	if ((*e->options || !unified) && (r = text_replace(&n.options, e->options)) < 0)
		return r;
	for (char *const *i = e->initrds; i && *i; i++)
		if ((r = next_add_initrd(root_fd, *i, &n)) < 0)
			return r;
	*ret = TAKE_STRUCT(n);
	return 0;
}
