/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ldcache.h - looks libraries up in /etc/ld.so.cache.
 *
 * The format of glibc 2.2 and later (sysdeps/generic/dl-cache.h, 2.36): the text
 * "glibc-ld.so.cache1.1", the number of entries and the size of the strings, five more words, then
 * entries of flags, two string offsets from the begin (name, path), OS version and hwcap. Before it
 * there may be a table in the old format, which is skipped.
 */
#pragma once

#include "base/base.h"

#define LDCACHE_FILE "/etc/ld.so.cache"

struct ldcache {
	char *data; /* NULL: no cache, nothing is found in it */
	size_t len;
	size_t start; /* of the new format */
};

/* No cache is no error, and one of an unknown format is taken for none. */
int ldcache_open(int root_fd, struct ldcache *ret);
void ldcache_done(struct ldcache *c);

/* Adds the paths for @name to @list; libraries for special processors are left out. */
int ldcache_find(const struct ldcache *c, const char *name, char ***list);
