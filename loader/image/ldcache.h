/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ldcache.h - looks libraries up in /etc/ld.so.cache.
 *
 * The format of glibc 2.2 and later (sysdeps/generic/dl-cache.h, 2.36): the text
 * "glibc-ld.so.cache1.1", the number of entries and the size of the strings, five more words, then
 * entries of flags, two offsets of strings from the beginning of that text (name, path), OS version
 * and hwcap. A table in the old format may stand before it and is skipped.
 */
#pragma once

#include "base/base.h"

#define LDCACHE_FILE "/etc/ld.so.cache"

struct ldcache {
	char *data; /* NULL: no cache, nothing is found in it */
	size_t len;
	size_t start; /* of the new format */
};

/* A missing cache, or one of an unknown format, is no error: nothing is found in it. */
int ldcache_open(int root_fd, struct ldcache *ret);
void ldcache_done(struct ldcache *c);

/* Adds the paths for @name to @list, except those of libraries for special processors. */
int ldcache_find(const struct ldcache *c, const char *name, char ***list);
