// SPDX-License-Identifier: GPL-2.0-or-later
/* cpio.c - writes an archive in the newc format, see cpio.h. */
#include "loader/image/cpio.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/err.h"

#define HEADER_SIZE 110
#define PAGE        KIB(4)

void cpio_done(struct cpio *c)
{
	free(c->data);
	*c = (struct cpio){};
}

static int append(struct cpio *c, const void *data, size_t len)
{
	size_t wanted;

	if (__builtin_add_overflow(c->len, len, &wanted))
		return -ENOMEM;
	if (wanted > c->size) {
		size_t size = MAX(wanted, c->size * 2);
		uint8_t *grown = realloc(c->data, size);

		if (!grown)
			return -ENOMEM;
		c->data = grown;
		c->size = size;
	}
	if (len)
		memcpy(c->data + c->len, data, len);
	c->len = wanted;
	return 0;
}

static int pad(struct cpio *c)
{
	return append(c, "\0\0", ALIGN_UP(c->len, 4) - c->len);
}

struct entry {
	const char *name;
	mode_t mode;
	unsigned major, minor;
	const void *data;
	size_t len;
};

static int add_entry(struct cpio *c, const struct entry *e)
{
	const char *name = e->name + strspn(e->name, "/");
	char header[HEADER_SIZE + 1];

	if (e->len > UINT32_MAX)
		return errf(-EFBIG, "%s: is too large for the capture image, at most 4G", e->name);
	snprintf(header, sizeof(header),
	         "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", ++c->inode, e->mode,
	         0, 0, S_ISDIR(e->mode) ? 2 : 1, 0, (unsigned)e->len, 0, 0, e->major, e->minor,
	         (unsigned)strlen(name) + 1, 0);
	if (append(c, header, HEADER_SIZE) < 0 || append(c, name, strlen(name) + 1) < 0 ||
	    pad(c) < 0 || append(c, e->data, e->len) < 0 || pad(c) < 0)
		return oom("the capture image");
	c->unpacked += ALIGN_UP(e->len, PAGE);
	return 0;
}

int cpio_add_dir(struct cpio *c, const char *name, mode_t mode)
{
	return add_entry(c, &(struct entry){ .name = name, .mode = S_IFDIR | mode });
}

int cpio_add_file(struct cpio *c, const char *name, mode_t mode, const void *data, size_t len)
{
	return add_entry(
		c,
		&(struct entry){ .name = name, .mode = S_IFREG | mode, .data = data, .len = len });
}

int cpio_add_link(struct cpio *c, const char *name, const char *target)
{
	return add_entry(c, &(struct entry){ .name = name,
	                                     .mode = S_IFLNK | 0777,
	                                     .data = target,
	                                     .len = strlen(target) });
}

int cpio_add_device(struct cpio *c, const char *name, mode_t mode, unsigned major, unsigned minor)
{
	return add_entry(
		c, &(struct entry){ .name = name, .mode = mode, .major = major, .minor = minor });
}

int cpio_finish(struct cpio *c)
{
	c->inode = UINT32_MAX; /* wraps: the trailer has number 0 */
	return add_entry(c, &(struct entry){ .name = "TRAILER!!!" });
}
