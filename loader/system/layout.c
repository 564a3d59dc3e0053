// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * layout.c - where distributions keep their kernels, see layout.h.
 *
 * The names of initrds are those that grub-mkconfig knows (util/grub.d/10_linux.in of GRUB 2.14),
 * and those of Alpine. Any of them may go with any kernel, since the tools that make initrds can be
 * exchanged: dracut also runs on Debian and Arch.
 */
#include "loader/system/layout.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "loader/system/kernel.h"
#include "system/tree.h"
#include "base/array.h"
#include "base/err.h"
#include "base/text.h"

/* Limit against broken directories. */
#define KERNELS_MAX 1024

/* --- The table ------------------------------------------------------------------------------- */

/* A star stands for what the kernel's own name has in that place. */
static const char *const initrds_named[] = {
	"initrd.img-*",          /* Debian, Ubuntu */
	"initramfs-*.img",       /* Fedora, Arch, Manjaro, Void, Gentoo */
	"initrd-*",              /* openSUSE */
	"initramfs-*",           /* Alpine, Gentoo */
	"initrd-*.img",          /* Mageia, Slackware's geninitrd */
	"initrd-*.gz",           /* Slackware, by hand */
	"initramfs-genkernel-*", /* Gentoo's genkernel */
	/* It puts uname -m into the name, or the kernel's word for the architecture. */
	"initramfs-genkernel-x86_64-*",
	"initramfs-genkernel-aarch64-*",
	"initramfs-genkernel-arm64-*",
	"initramfs-genkernel-riscv64-*",
	"initramfs-genkernel-riscv-*",
	"initramfs-*.zst", /* made by hand */
	NULL,
};

/* Of pairs with a directory of their own, and of links to the newest pair. */
static const char *const initrds_bare[] = { "initrd", "initrd.img", "initramfs.img", "initramfs",
	                                    NULL };

enum part {
	PART_NAME,    /* the star is a name, which may be a release */
	PART_RELEASE, /* the star is the release */
	PART_SYSTEM,  /* the directory is a system of NixOS */
};

/* In the order of preference: a file in /boot is on the file system of its initrd, where the
 * capture kernel needs both. */
static const struct layout {
	const char *image;          /* one star at most; "%" is the token of kernel-install(8) */
	const char *const *initrds; /* names in its directory, best first */
	enum part part;
} layouts[] = {
	/* Debian, Ubuntu, Fedora, RHEL, openSUSE, Void, Gentoo, Slackware by release; Arch, Manjaro
	 * and Alpine by the name of the package. */
	{ "/boot/vmlinuz-*", initrds_named, PART_NAME },
	/* Debian since the kernel's package is split (linux 7.2, linux-base 4.17), Fedora,
	 * openSUSE, Arch with a file pkgbase beside it. */
	{ "/usr/lib/modules/*/vmlinuz", initrds_bare, PART_RELEASE },
	{ "/boot/vmlinux-*", initrds_named, PART_NAME },
	{ "/boot/Image-*", initrds_named, PART_NAME },  /* openSUSE on arm64 */
	{ "/boot/image-*", initrds_named, PART_NAME },  /* openSUSE on s390x */
	{ "/boot/kernel-*", initrds_named, PART_NAME }, /* Gentoo */
	{ "/boot/bzImage-*", initrds_named, PART_NAME },
	{ "/boot/zImage-*", initrds_named, PART_NAME },
	{ "/lib/modules/*/vmlinuz", initrds_bare, PART_RELEASE },
	{ "/usr/lib/modules/*/Image", initrds_bare, PART_RELEASE },
	/* kernel-install(8) with the layout of the Boot Loader Specification. */
	{ "/efi/%/*/linux", initrds_bare, PART_RELEASE },
	{ "/boot/%/*/linux", initrds_bare, PART_RELEASE },
	{ "/boot/efi/%/*/linux", initrds_bare, PART_RELEASE },
	/* Links to the newest kernel; and kernels made by hand. */
	{ "/boot/vmlinuz", initrds_bare, PART_NAME },
	{ "/vmlinuz", initrds_bare, PART_NAME },
	{ "/boot/vmlinux", initrds_bare, PART_NAME },
	{ "/boot/Image", initrds_bare, PART_NAME },
	{ "/boot/bzImage", initrds_bare, PART_NAME },
	{ "/boot/kernel", initrds_bare, PART_NAME },
	/* NixOS: what runs, what is switched to, what is installed. */
	{ "/run/booted-system/kernel", initrds_bare, PART_SYSTEM },
	{ "/run/current-system/kernel", initrds_bare, PART_SYSTEM },
	{ "/nix/var/nix/profiles/system/kernel", initrds_bare, PART_SYSTEM },
};

/* Initrds of microcode, which go before the initrd in their directory:
 * GRUB_EARLY_INITRD_LINUX_STOCK of grub-mkconfig. The kernel takes the first microcode that it
 * finds, so one that is in both does no harm. */
static const char *const initrds_early[] = {
	"intel-uc.img",  "intel-ucode.img",  "amd-uc.img",
	"amd-ucode.img", "early_ucode.cpio", "microcode.cpio"
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The row whose last part is @file's name, wherever it lies, and the part of @file that the star
 * stands for; NULL: none. */
static const struct layout *layout_of_file(const char *file, const char **ret_part)
{
	const char *name = base_name(file);

	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++) {
		const char *pattern = base_name(layouts[i].image);
		size_t len = strcspn(pattern, "*");

		if (pattern[len] ? strncmp(name, pattern, len) != 0 || !name[len]
		                 : !streq(name, pattern))
			continue;
		*ret_part = name + len;
		return &layouts[i];
	}
	return NULL;
}

/* --- The kernels ----------------------------------------------------------------------------- */

struct reading {
	int root_fd;
	const char *machine;
	struct layout_kernels found;
};

static void kernel_free(struct layout_kernel *k)
{
	free(k->image);
	free(k->release);
	free(k->name);
	free(k->package);
	free(k->system);
	free(k->fault);
}

void layout_done(struct layout_kernels *l)
{
	for (size_t i = 0; i < l->n; i++)
		kernel_free(&l->list[i]);
	free(l->list);
	*l = (struct layout_kernels){};
}

/* A small text file without white space around it; "" when there is none. */
static int read_word(int root_fd, const char *path, char **ret)
{
	_cleanup_free_ char *line = NULL;

	if (tree_read_line(root_fd, path, &line) == -ENOMEM)
		return -ENOMEM;
	*ret = strdup(line ? text_strip(line) : "");
	return *ret ? 0 : oom("a name");
}

static int read_package(int root_fd, const char *image, char **ret)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%.*s/pkgbase", (int)(base_name(image) - image - 1), image);
	return read_word(root_fd, path, ret);
}

/* The release of the only directory of modules whose package is @name, or "". */
static int release_of_package(int root_fd, const char *name, char **ret)
{
	_cleanup_(strv_freep) char **dirs = NULL;
	const char *found = NULL;
	int r = tree_list(root_fd, "/usr/lib/modules", &dirs);

	if (r == -ENOMEM)
		return r;
	for (char **d = dirs; d && *d; d++) {
		_cleanup_free_ char *package = NULL;
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "/usr/lib/modules/%s/pkgbase", *d);
		r = read_word(root_fd, path, &package);
		if (r < 0)
			return r;
		if (streq(package, name))
			found = found ? "" : *d;
	}
	*ret = strdup(found ? found : "");
	return *ret ? 0 : oom("a release");
}

/* Without the help of the image. Alpine has the file kernel.release. */
static int release_of_name(int root_fd, const char *name, char **ret)
{
	_cleanup_free_ char *release = NULL;
	size_t len = strlen(name);
	char path[PATH_MAX];
	int r;

	snprintf(path, sizeof(path), "/usr/share/kernel/%s/kernel.release", name);
	r = *name ? read_word(root_fd, path, &release) : 0;
	if (r == 0 && release && !*release) {
		free(release);
		release = NULL;
		r = release_of_package(root_fd, name, &release);
	}
	if (r < 0)
		return r;
	if (release && *release) {
		*ret = TAKE_PTR(release);
		return 0;
	}
	/* A release begins with a digit. What "make install" has renamed may be of another one. */
	if (*name < '0' || *name > '9' || (len > 4 && streq(name + len - 4, ".old")))
		name = "";
	*ret = strdup(name);
	return *ret ? 0 : oom("a release");
}

static int release_of_system(int root_fd, const char *system, char **ret)
{
	_cleanup_(strv_freep) char **names = NULL;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/kernel-modules/lib/modules", system);
	if (tree_list(root_fd, path, &names) == -ENOMEM)
		return -ENOMEM;
	*ret = strdup(strv_length(names) == 1 ? names[0] : "");
	return *ret ? 0 : oom("a release");
}

static bool has_modules(int root_fd, const char *release)
{
	static const char *const places[] = { "/usr/lib/modules", "/lib/modules" };
	char path[PATH_MAX];

	for (size_t i = 0; *release && i < ARRAY_SIZE(places); i++) {
		snprintf(path, sizeof(path), "%s/%s", places[i], release);
		if (tree_exists(root_fd, path))
			return true;
	}
	return false;
}

/* A bzImage knows better. To ask an Image takes long, and what names a directory of modules is a
 * release; Manjaro's "6.12-x86_64" only looks like one. */
static int look_into_image(const struct reading *rd, struct layout_kernel *k)
{
	_cleanup_(kernel_done) struct kernel image = KERNEL_NULL;
	const char *known = has_modules(rd->root_fd, k->release) ? k->release : "";
	int r = kernel_open(rd->root_fd, k->image, rd->machine, known, &image);

	if (r == -ENOMEM)
		return r;
	if (r >= 0)
		return *image.release ? text_replace(&k->release, image.release) : 0;
	k->fault = strdup(err_text(r));
	return k->fault ? 0 : oom("a text");
}

/* The name of a link tells nothing, but that of its target. */
static int name_of_target(int root_fd, const char *image, char **ret)
{
	_cleanup_free_ char *real = NULL;
	const char *part = "";

	if (tree_realpath(root_fd, image, &real) == -ENOMEM)
		return -ENOMEM;
	if (real)
		(void)layout_of_file(real, &part);
	*ret = strdup(part);
	return *ret ? 0 : oom("a name");
}

static int describe_kernel(const struct reading *rd, const struct layout *row, const char *part,
                           struct layout_kernel *k)
{
	int r, dir_len = base_name(k->image) - k->image - 1;

	r = text_printf(&k->system, "%.*s", row->part == PART_SYSTEM ? dir_len : 0, k->image);
	if (r < 0)
		return r;
	if (*part || row->part == PART_SYSTEM)
		r = text_replace(&k->name, part);
	else
		r = name_of_target(rd->root_fd, k->image, &k->name);
	if (r < 0 || (r = read_package(rd->root_fd, k->image, &k->package)) < 0)
		return r;
	r = row->part == PART_RELEASE  ? text_replace(&k->release, k->name)
	    : row->part == PART_SYSTEM ? release_of_system(rd->root_fd, k->system, &k->release)
	                               : release_of_name(rd->root_fd, k->name, &k->release);
	return r < 0 ? r : look_into_image(rd, k);
}

static int add_kernel(struct reading *rd, const struct layout *row, const char *path,
                      const char *part)
{
	struct layout_kernels *l = &rd->found;
	int r;

	if (l->n == KERNELS_MAX || !tree_exists(rd->root_fd, path))
		return 0;
	r = array_grow(&l->list, l->n, "the list of kernels");
	if (r < 0)
		return r;
	l->list[l->n] = (struct layout_kernel){ .image = strdup(path) };
	if (!l->list[l->n].image)
		return oom("the path of a kernel");
	return describe_kernel(rd, row, part, &l->list[l->n++]);
}

static int read_pattern(struct reading *rd, const struct layout *row, const char *pattern)
{
	const char *star = strchr(pattern, '*'), *prefix = star;
	_cleanup_(strv_freep) char **names = NULL;
	char path[PATH_MAX];
	int r;

	if (!star)
		return add_kernel(rd, row, pattern, "");
	while (prefix[-1] != '/')
		prefix--;
	snprintf(path, sizeof(path), "%.*s", (int)(prefix - pattern), pattern);
	if (tree_list(rd->root_fd, path, &names) == -ENOMEM)
		return -ENOMEM;
	for (char **n = names; n && *n; n++) {
		const char *part = *n + (star - prefix);

		if (strncmp(*n, prefix, star - prefix) != 0 || !*part)
			continue;
		snprintf(path, sizeof(path), "%.*s%s%s", (int)(star - pattern), pattern, part,
		         star + 1);
		r = add_kernel(rd, row, path, part);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The tokens of kernel-install(8): the content of its file, and the machine's id. */
static int read_tokens(int root_fd, char ***ret)
{
	static const char *const files[] = { "/etc/kernel/entry-token", "/etc/machine-id" };
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		_cleanup_free_ char *token = NULL;

		if ((r = read_word(root_fd, files[i], &token)) < 0 ||
		    (*token && (r = strv_push(ret, token)) < 0))
			return r;
	}
	return 0;
}

static int read_row(struct reading *rd, const struct layout *row, char *const *tokens)
{
	const char *at = strchr(row->image, '%');
	int r;

	if (!at)
		return read_pattern(rd, row, row->image);
	for (char *const *t = tokens; t && *t; t++) {
		char pattern[PATH_MAX];

		snprintf(pattern, sizeof(pattern), "%.*s%s%s", (int)(at - row->image), row->image,
		         *t, at + 1);
		r = read_pattern(rd, row, pattern);
		if (r < 0)
			return r;
	}
	return 0;
}

int layout_read(int root_fd, const char *machine, struct layout_kernels *ret)
{
	struct reading rd = { .root_fd = root_fd, .machine = machine };
	_cleanup_(strv_freep) char **tokens = NULL;
	int r = read_tokens(root_fd, &tokens);

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(layouts); i++)
		r = read_row(&rd, &layouts[i], tokens);
	if (r < 0)
		layout_done(&rd.found);
	else
		*ret = rd.found;
	return r;
}

bool layout_is_called(const struct layout_kernel *k, const char *name)
{
	const char *file = base_name(k->image);

	/* Elsewhere the name of the file is the same for all. */
	return streq(k->name, name) ||
	       (streq(file, name) &&
	        (file == k->image + 1 || strncmp(k->image, "/boot/", file - k->image) == 0));
}

/* --- Their initrds --------------------------------------------------------------------------- */

struct pairing {
	int root_fd;
	const struct layout_kernels *all;
	const char *image, *release;
	char *found;
};

/* Tries @names in a directory, with @part for the star. 1: found; 0: none is there. */
static int try_names(struct pairing *p, const char *dir, int dir_len, const char *const *names,
                     const char *part)
{
	for (; *names; names++) {
		int len = strcspn(*names, "*");
		_cleanup_free_ char *path = NULL;
		int r = text_printf(&path, "%.*s/%.*s%s%s", dir_len, dir, len, *names,
		                    (*names)[len] ? part : "",
		                    (*names)[len] ? *names + len + 1 : "");

		if (r < 0)
			return r;
		if (tree_exists(p->root_fd, path)) {
			p->found = TAKE_PTR(path);
			return 1;
		}
	}
	return 0;
}

/* Searches the directory of @image, which need not exist itself. */
static int try_beside(struct pairing *p, const char *image)
{
	const char *file = base_name(image), *part;
	const struct layout *row = layout_of_file(file, &part);

	return row ? try_names(p, image, MAX(file - image - 1, 0), row->initrds, part) : 0;
}

/* The name of a file tells more than that of a link to it. */
static int pair_beside_file(struct pairing *p)
{
	_cleanup_free_ char *real = NULL;
	int r = tree_realpath(p->root_fd, p->image, &real);

	return r == -ENOMEM ? r : r < 0 ? 0 : try_beside(p, real);
}

static int pair_beside_link(struct pairing *p)
{
	return try_beside(p, p->image);
}

static int pair_by_release(struct pairing *p)
{
	return *p->release ? try_names(p, "/boot", strlen("/boot"), initrds_named, p->release) : 0;
}

/* An image among the modules has its initrd where another copy of it lies: beside
 * /boot/vmlinuz-linux on Arch, in /boot/TOKEN/RELEASE by kernel-install(8), where the initrd may
 * also be alone. */
static int pair_by_twin(struct pairing *p)
{
	int r = 0;

	for (size_t i = 0; *p->release && r == 0 && i < p->all->n; i++)
		if (streq(p->all->list[i].release, p->release))
			r = try_beside(p, p->all->list[i].image);
	return r;
}

static int pair_by_token(struct pairing *p)
{
	static const char *const boots[] = { "/efi", "/boot", "/boot/efi" };
	_cleanup_(strv_freep) char **tokens = NULL;
	int r = *p->release ? read_tokens(p->root_fd, &tokens) : 0;

	for (char **t = tokens; r == 0 && t && *t; t++)
		for (size_t i = 0; r == 0 && i < ARRAY_SIZE(boots); i++) {
			char dir[PATH_MAX];
			int len = snprintf(dir, sizeof(dir), "%s/%s/%s", boots[i], *t, p->release);

			if (len < (int)sizeof(dir))
				r = try_names(p, dir, len, initrds_bare, "");
		}
	return r;
}

/* The initrd of Arch's package is that of its newest kernel only: an older one, of which the
 * modules were kept, has the same pkgbase. */
static int pair_by_package(struct pairing *p)
{
	_cleanup_free_ char *package = NULL;
	int r = read_package(p->root_fd, p->image, &package);

	if (r < 0 || !*package)
		return r;
	for (size_t i = 0; i < p->all->n; i++) {
		const struct layout_kernel *k = &p->all->list[i];

		if ((streq(k->package, package) || streq(k->name, package)) &&
		    !streq(k->release, p->release))
			return 0;
	}
	return try_names(p, "/boot", strlen("/boot"), initrds_named, package);
}

/* mkinitrd of Slackware writes initrd.gz from a tree, which tells the release. */
static int pair_by_tree(struct pairing *p)
{
	static const char *const names[] = { "initrd.gz", NULL };
	char modules[PATH_MAX];

	snprintf(modules, sizeof(modules), "/boot/initrd-tree/lib/modules/%s", p->release);
	if (!*p->release || !tree_exists(p->root_fd, modules))
		return 0;
	return try_names(p, "/boot", strlen("/boot"), names, "");
}

static int add_early(const struct pairing *p, char ***ret)
{
	int dir_len = base_name(p->found) - p->found;

	for (size_t i = 0; i < ARRAY_SIZE(initrds_early); i++) {
		char path[PATH_MAX];
		int r;

		snprintf(path, sizeof(path), "%.*s%s", dir_len, p->found, initrds_early[i]);
		if (tree_exists(p->root_fd, path) && (r = strv_push(ret, path)) < 0)
			return r;
	}
	return 0;
}

int layout_initrds(int root_fd, const struct layout_kernels *all, const char *image,
                   const char *release, char ***ret)
{
	static int (*const ways[])(struct pairing * p) = {
		pair_beside_file, pair_by_release, pair_beside_link, pair_by_twin,
		pair_by_token,    pair_by_tree,    pair_by_package,
	};
	struct pairing p = { .root_fd = root_fd, .all = all, .image = image, .release = release };
	_cleanup_(strv_freep) char **paths = NULL;
	_cleanup_free_ char *found = NULL;
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(ways); i++)
		r = ways[i](&p);
	found = p.found;
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	if ((r = add_early(&p, &paths)) < 0 || (r = strv_push(&paths, found)) < 0)
		return r;
	*ret = TAKE_PTR(paths);
	return 0;
}

int layout_system_options(int root_fd, const char *system, char **ret)
{
	_cleanup_free_ char *params = NULL, *real = NULL;
	char path[PATH_MAX];
	int r;

	snprintf(path, sizeof(path), "%s/kernel-params", system);
	if ((r = tree_read_line(root_fd, path, &params)) < 0 ||
	    (r = tree_realpath(root_fd, system, &real)) < 0)
		return r;
	return text_printf(ret, "%s init=%s/init", text_strip(params), real);
}
