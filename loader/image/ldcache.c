// SPDX-License-Identifier: GPL-2.0-or-later
/* ldcache.c - looks libraries up in /etc/ld.so.cache, see ldcache.h. */
#include "loader/image/ldcache.h"

#include <errno.h>

#include "system/tree.h"
#include "base/cursor.h"
#include "base/err.h"
#include "base/text.h"

static const char magic[] = "glibc-ld.so.cache1.1";

enum { HEADER_SIZE = 48, ENTRY_SIZE = 24 };

int ldcache_open(int root_fd, struct ldcache *ret)
{
	struct ldcache c = {};
	char *found;
	int r;

	*ret = c;
	r = tree_read(root_fd, LDCACHE_FILE, MIB(16), &c.data, &c.len);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	found = memmem(c.data, c.len, magic, strlen(magic));
	if (!found) {
		free(c.data);
		return 0;
	}
	c.start = found - c.data;
	*ret = c;
	return 0;
}

void ldcache_done(struct ldcache *c)
{
	free(c->data);
	*c = (struct ldcache){};
}

/* The string at @offset from where the new format begins; NULL when it lies outside. */
static const char *string_at(const struct ldcache *c, uint32_t offset)
{
	size_t left = c->len - c->start;

	if (offset >= left || !memchr(c->data + c->start + offset, '\0', left - offset))
		return NULL;
	return c->data + c->start + offset;
}

int ldcache_find(const struct ldcache *c, const char *name, char ***list)
{
	struct cursor at =
		cursor_over(c->data ? c->data + c->start : "", c->len - c->start, LDCACHE_FILE);
	uint32_t n = 0;

	if (cursor_seek(&at, strlen(magic)) < 0 || cursor_u32(&at, &n) < 0)
		return 0;
	for (uint64_t i = 0; i < n; i++) {
		uint32_t key, value, version;
		const char *key_text, *path;
		uint64_t hwcap;

		if (cursor_seek(&at, HEADER_SIZE + i * ENTRY_SIZE + 4) < 0 ||
		    cursor_u32(&at, &key) < 0 || cursor_u32(&at, &value) < 0 ||
		    cursor_u32(&at, &version) < 0 || cursor_u64(&at, &hwcap) < 0)
			return 0;
		key_text = string_at(c, key);
		path = string_at(c, value);
		if (hwcap == 0 && key_text && path && streq(key_text, name) &&
		    strv_push(list, path) < 0)
			return oom("a list of libraries");
	}
	return 0;
}
