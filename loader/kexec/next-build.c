// SPDX-License-Identifier: GPL-2.0-or-later
/* next-build.c - fills a struct next, see next-build.h. */
#include "loader/kexec/next-build.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "loader/boot/addon.h"
#include "loader/boot/bootimage.h"
#include "loader/boot/efivar.h"
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

static int refuse_others(const struct kernel_place *p)
{
	if (!kernel_is_bzimage(p->fd, p->offset, p->size) && bootimage_is_multiboot(p->fd))
		return errf(
			-ENOEXEC,
			"%s: is a Multiboot program such as Xen, which kexec_file_load does not "
			"start; name the Linux kernel itself, or use kexec-tools",
			p->what);
	if (p->size < SETUP_END)
		return errf(-ENOEXEC, "%s: is cut short, or no kernel: it has only %llu bytes",
		            p->what, (unsigned long long)p->size);
	return 0;
}

/* Takes the release from the kernel at @offset of a file, and checks that it is whole. One that
 * does not tell it has the one that @n has. */
static int check_kernel(int fd, const char *path, uint64_t offset, uint64_t size,
                        const struct utsname *uts, struct next *n)
{
	const struct kernel_place p = { fd, offset, size, uts->machine, "", path };
	_cleanup_(kernel_done) struct kernel k = KERNEL_NULL;
	int r = streq(uts->machine, "x86_64") ? refuse_others(&p) : 0;

	if (r < 0 || (r = kernel_look(&p, &k)) < 0)
		return r;
	return *k.release ? text_replace(&n->release, k.release) : 0;
}

/* A unified image and what its stub is told. */
struct unified {
	int root_fd, fd;
	const char *path;
	unsigned profile;
	const char *options; /* instead of those of the image; "": those of the image */
	struct addons addons;
};

/* Adds a section of a PE file as an initrd, if it is there. */
static int add_section(int fd, const char *path, unsigned profile, const char *name, struct next *n)
{
	uint64_t offset, size;
	int r = bootimage_section(fd, path, profile, name, &offset, &size);

	return r == -ENOENT ? 0 : r < 0 ? r : add_piece(n, path, offset, size);
}

static int add_addon_section(const struct unified *u, const char *path, const char *name,
                             struct next *n)
{
	_cleanup_close_ int fd = tree_open(u->root_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);

	return fd < 0 ? fd : add_section(fd, path, 0, name, n);
}

/* Adds the initrds in the order of systemd-stub (src/boot/stub.c, run(), 257). The kernel takes the
 * first microcode that fits, and of other files the last. */
static int take_initrds(const struct unified *u, struct next *n)
{
	int r;

	for (size_t i = strv_length(u->addons.images); i > 0; i--)
		if ((r = add_addon_section(u, u->addons.images[i - 1], ".ucode", n)) < 0)
			return r;
	if ((r = add_section(u->fd, u->path, u->profile, ".ucode", n)) < 0 ||
	    (r = add_section(u->fd, u->path, u->profile, ".initrd", n)) < 0)
		return r;
	for (char **a = u->addons.images; a && *a; a++)
		if ((r = add_addon_section(u, *a, ".initrd", n)) < 0)
			return r;
	return 0;
}

static int push_cmdline(int fd, const char *path, unsigned profile, char ***list)
{
	_cleanup_free_ char *text = NULL;
	int r = bootimage_text(fd, path, profile, ".cmdline", &text);

	return r == -ENOENT ? 0 : r < 0 ? r : strv_push(list, text);
}

/* Takes the command line of the entry, or else that of the image. With Secure Boot the stub takes
 * that of the image first (src/boot/stub.c, settle_command_line(), 257). */
static int push_base(const struct unified *u, struct next *n, char ***list)
{
	int r = push_cmdline(u->fd, u->path, u->profile, list);

	if (r < 0 || !*u->options || (*list && streq((*list)[0], u->options)))
		return r;
	if (*list && efivar_secure_boot(u->root_fd))
		return next_note(n, "with Secure Boot the options of the entry do not count, but "
		                    "those in its unified image");
	strv_freep(list);
	return strv_push(list, u->options);
}

/* Makes the command line, with those of the add-ons. If neither entry nor image has one, it stays
 * NULL, which means the running one, and that has the words of add-ons. */
static int take_options(const struct unified *u, struct next *n)
{
	_cleanup_(strv_freep) char **parts = NULL;
	int r = push_base(u, n, &parts);

	if (r < 0 || !parts)
		return r;
	for (char **a = u->addons.images; a && *a; a++) {
		_cleanup_close_ int fd = tree_open(u->root_fd, *a, O_RDONLY | O_NONBLOCK);

		if (fd < 0 || (r = push_cmdline(fd, *a, 0, &parts)) < 0)
			return fd < 0 ? fd : r;
	}
	return strv_join(parts, " ", &n->options);
}

/* Tells what cannot be passed on. The stub makes a cpio archive of such files in memory, and a next
 * kernel is made of files, which the capture program can read too. */
static int note_left_out(char *const *paths, struct next *n)
{
	_cleanup_free_ char *list = NULL;
	int r;

	if (!paths)
		return 0;
	r = strv_join(paths, ", ", &list);
	return r < 0 ? r
	             : next_note(n, "left out, as only the boot loader can pass them on: %s", list);
}

/* A thin image of lanzaboote is refused. Its stub checks the files that the image names, and there
 * is no such check here. */
static int refuse_thin(const struct unified *u)
{
	_cleanup_free_ char *kernel = NULL;
	int r;

	if (!bootimage_is_thin(u->fd))
		return 0;
	r = bootimage_text(u->fd, u->path, u->profile, ".linux", &kernel);
	if (r < 0)
		return r;
	text_mask(kernel, strlen(kernel));
	return errf(-EOPNOTSUPP,
	            "%s: is a thin image of lanzaboote, which has no kernel but names the file %s; "
	            "load that by its path, with --initrd=",
	            u->path, kernel);
}

static int take_unified(struct unified *u, const struct utsname *uts, struct next *n)
{
	_cleanup_free_ char *release = NULL;
	uint64_t offset, size;
	int r = refuse_thin(u);

	if (r < 0)
		return r;
	r = bootimage_section(u->fd, u->path, u->profile, ".linux", &offset, &size);
	if (r == -ENOENT && u->profile)
		return errf(-ENOEXEC, "%s: has no profile %u", u->path, u->profile);
	if (r < 0)
		return r == -ENOENT ? errf(-ENOEXEC, "%s: has no kernel in it", u->path) : r;
	r = set_piece(&n->kernel, u->path, offset, size);
	if (r < 0)
		return r;
	r = bootimage_text(u->fd, u->path, u->profile, ".uname", &release);
	if (r < 0 && r != -ENOENT)
		return r;
	if (release && (r = text_replace(&n->release, release)) < 0)
		return r;
	if ((r = addons_find(u->root_fd, u->path, release, &u->addons)) < 0 ||
	    (r = take_options(u, n)) < 0 || (r = take_initrds(u, n)) < 0 ||
	    (r = note_left_out(u->addons.left_out, n)) < 0)
		return r;
	return check_kernel(u->fd, u->path, offset, size, uts, n);
}

/* @e is the entry that the image is of, or NULL. */
static int take_image(int root_fd, const char *path, const struct boot_entry *e,
                      const struct utsname *uts, struct next *n, bool *ret_unified)
{
	_cleanup_close_ int fd = -1;
	uint64_t size;
	int r;

	if ((r = open_file(root_fd, path, &fd, &size)) < 0 ||
	    (r = text_replace(&n->release, "")) < 0 || (r = text_replace(&n->id, "")) < 0 ||
	    (r = text_replace(&n->title, path)) < 0)
		return r;
	*ret_unified = bootimage_is_unified(fd);
	if (*ret_unified) {
		struct unified u = {
			.root_fd = root_fd,
			.fd = fd,
			.path = path,
			.profile = e ? e->profile : 0,
			.options = e ? e->options : "",
		};

		r = take_unified(&u, uts, n);
		addons_done(&u.addons);
		return r;
	}
	r = set_piece(&n->kernel, path, 0, 0);
	if (r < 0)
		return r;
	return check_kernel(fd, path, 0, size, uts, n);
}

int next_take_image(int root_fd, const char *path, const struct utsname *uts, struct next *n,
                    bool *ret_unified)
{
	return take_image(root_fd, path, NULL, uts, n, ret_unified);
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
		            "%s: is no Linux kernel on this machine, so only the boot loader can "
		            "start it",
		            e->kernel);
	if ((r = take_image(root_fd, e->kernel, e, uts, &n, &unified)) < 0 ||
	    (r = text_replace(&n.id, e->id)) < 0 || (r = text_replace(&n.source, e->file)) < 0 ||
	    (r = text_replace(&n.title, *e->title ? e->title : e->id)) < 0)
		return r;
	if (!unified && (r = text_replace(&n.options, e->options)) < 0)
		return r;
	for (char *const *i = e->initrds; i && *i; i++)
		if ((r = next_add_initrd(root_fd, *i, &n)) < 0)
			return r;
	r = note_left_out(e->left_out, &n);
	if (r < 0)
		return r;
	*ret = TAKE_STRUCT(n);
	return 0;
}
