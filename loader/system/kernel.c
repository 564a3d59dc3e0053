// SPDX-License-Identifier: GPL-2.0-or-later
/* kernel.c - opens a kernel image and tells what it is, see kernel.h. */
#include "loader/system/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "loader/system/unpack.h"
#include "loader/system/unwrap.h"
#include "system/bzimage.h"
#include "system/file.h"
#include "system/kernel-image.h"
#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

void kernel_done(struct kernel *k)
{
	free(k->path);
	free(k->release);
	base_closep(&k->fd);
	*k = KERNEL_NULL;
}

/* Holds the setup header and the version behind it. */
#define HEAD_SIZE KIB(64)

int kernel_parse_bzimage(const void *data, size_t len, const char *what, struct kernel *ret)
{
	struct bzimage b = {};
	int r = bzimage_parse(data, len, ret->file_size, what, &b);

	if (r < 0)
		return r;
	ret->release = b.release;
	ret->cmdline_size = b.cmdline_size;
	ret->init_size = b.init_size;
	return 0;
}

bool kernel_is_bzimage(int fd, uint64_t offset, uint64_t size)
{
	char magic[4];

	return size >= BZIMAGE_MAGIC + sizeof(magic) &&
	       pread(fd, magic, sizeof(magic), offset + BZIMAGE_MAGIC) == sizeof(magic) &&
	       memcmp(magic, "HdrS", sizeof(magic)) == 0;
}

int kernel_read_bzimage(int fd, uint64_t offset, uint64_t size, const char *what,
                        struct kernel *ret)
{
	_cleanup_free_ char *head = malloc(HEAD_SIZE);
	ssize_t n;

	if (!head)
		return oom("the header of a kernel");
	n = pread(fd, head, MIN(size, HEAD_SIZE), offset);
	if (n < 0)
		return errf(-errno, "%s: %s", what, strerror(errno));
	ret->file_size = size;
	return kernel_parse_bzimage(head, n, what, ret);
}

/* @p is an Image that is not wrapped. */
static int look_at_image(const struct kernel_place *p, struct kernel *ret)
{
	_cleanup_free_ char *head = malloc(HEAD_SIZE);
	struct image_header header;
	ssize_t n;
	int r;

	if (!head)
		return oom("the header of a kernel");
	n = file_pread(p->fd, head, MIN(p->size, HEAD_SIZE), p->offset);
	if (n < 0)
		return errf(n, "%s: %s", p->what, strerror(-n));
	r = image_header_parse(head, n, p->size, p->machine, p->what, &header);
	if (r < 0)
		return r;
	ret->init_size = MAX(header.size, p->size);
	return *p->release ? text_replace(&ret->release, p->release)
	                   : kernel_find_release(p->fd, p->offset, p->size, p->what, &ret->release);
}

static int look_at_wrapped(const struct kernel_place *p, struct kernel *ret)
{
	_cleanup_close_ int fd = -1;
	struct kernel_place inner = *p;
	struct stat st;
	int r = kernel_unwrap_part(p->fd, p->offset, p->size, p->what, &fd);

	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0)
		return errf(-errno, "%s: %s", p->what, strerror(errno));
	inner.fd = fd;
	inner.offset = 0;
	inner.size = st.st_size;
	return look_at_image(&inner, ret);
}

int kernel_look(const struct kernel_place *p, struct kernel *ret)
{
	char head[KERNEL_WRAP_HEAD];
	ssize_t n;

	if (streq(p->machine, "x86_64"))
		return kernel_read_bzimage(p->fd, p->offset, p->size, p->what, ret);
	ret->file_size = p->size;
	if (!kernel_is_image_machine(p->machine))
		return text_replace(&ret->release, p->release);
	n = file_pread(p->fd, head, MIN(p->size, sizeof(head)), p->offset);
	if (n < 0)
		return errf(n, "%s: %s", p->what, strerror(-n));
	if (!kernel_is_wrapped(head, n))
		return look_at_image(p, ret);
	return *p->release ? text_replace(&ret->release, p->release) : look_at_wrapped(p, ret);
}

int kernel_open(int root_fd, const char *path, const char *machine, const char *release,
                struct kernel *ret)
{
	_cleanup_(kernel_done) struct kernel k = KERNEL_NULL;
	struct stat st;
	int r;

	k.fd = tree_open(root_fd, path, O_RDONLY);
	if (k.fd < 0)
		return k.fd;
	if (fstat(k.fd, &st) < 0)
		return errf(-errno, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return errf(-EINVAL, "%s: is no file", path);
	r = kernel_look(&(struct kernel_place){ k.fd, 0, st.st_size, machine, release, path }, &k);
	if (r < 0)
		return r;
	k.path = strdup(path);
	if (!k.release || !k.path)
		return oom("the path of a kernel");
	*ret = k;
	k = KERNEL_NULL;
	return 0;
}

/* Distributions keep the build configuration in different places. */
static int read_config(int root_fd, const char *release, char **ret)
{
	static const char *const patterns[][2] = {
		{ "/boot/config-", "" },
		{ "/usr/lib/modules/", "/config" },
		{ "/lib/modules/", "/config" },
		{ "/usr/lib/modules/", "/build/.config" },
	};
	_cleanup_free_ char *packed = NULL;
	size_t len, unpacked_len;
	void *unpacked;
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%s%s%s", patterns[i][0], release, patterns[i][1]);
		if (tree_read(root_fd, path, MIB(4), ret, NULL) == 0)
			return 0;
	}
	/* CONFIG_IKCONFIG_PROC; of the running kernel, which is nearly always the right one. */
	if ((r = tree_read(root_fd, "/proc/config.gz", MIB(4), &packed, &len)) < 0 ||
	    (r = unpack(packed, len, MIB(4), "/proc/config.gz", &unpacked, &unpacked_len)) < 0)
		return r;
	*ret = unpacked;
	return 0;
}

bool kernel_has_option(int root_fd, const char *release, const char *option)
{
	_cleanup_free_ char *config = NULL;
	size_t len = strlen(option);

	if (read_config(root_fd, release, &config) < 0)
		return false;
	for (char *line = config; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, option, len) == 0 && strncmp(line + len, "=y", 2) == 0)
			return true;
	}
	return false;
}
