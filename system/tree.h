/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree.h - files of a system, by the path its administrator knows.
 *
 * Everything is read through a descriptor of the root directory, so that a test can use a tree of
 * its own. Paths are below that root, also when they begin with a slash.
 */
#pragma once

#include "base/base.h"

/* Opens with O_CLOEXEC. The error text is "PATH: why". */
int tree_open(int root_fd, const char *path, int flags);

/* Links are followed within the root, here and in all that follows. */
bool tree_exists(int root_fd, const char *path);

/* All of a file, also of one in /proc or /sys that does not tell its size; more than @max bytes is
 * -EFBIG. The result is allocated and has a NUL behind its @ret_len bytes (may be NULL). */
int tree_read(int root_fd, const char *path, size_t max, char **ret, size_t *ret_len);

/* The first line without its end, as of files in /proc; allocated. Sets a text as tree_read(). */
int tree_read_line(int root_fd, const char *path, char **ret);

/* A line that is one number, decimal or 0x. */
int tree_read_u64(int root_fd, const char *path, uint64_t *ret);

/* Writes @text in one piece into a file that is there, as files in /proc and /sys want it. */
int tree_write(int root_fd, const char *path, const char *text);

/* The path below the root with all symbolic links followed; it begins with a slash. Allocated. */
int tree_realpath(int root_fd, const char *path, char **ret);

/* Last part of what the symbolic link @path points to; nothing has to be there. Allocated. -ENOENT
 * without a text when there is no such link. */
int tree_link_name(int root_fd, const char *path, char **ret);

/* The names in a directory, without those that begin with a dot, in the order of strcmp(). */
int tree_list(int root_fd, const char *path, char ***ret);

/* A path that works from anywhere in this process, for libraries that take no fd. Allocated. */
int tree_path(int root_fd, const char *path, char **ret);
