/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * file.h - small files, read and written whole.
 */
#pragma once

#include <dirent.h>
#include <sys/types.h>

#include "base/base.h"

/* Reads the regular file @path below @dir_fd, up to @max bytes; a larger one is -EFBIG. The result
 * is allocated and has a NUL behind its @ret_len bytes (may be NULL). A device, also /dev/null, is
 * -ENODEV, anything else that is no regular file -EINVAL. Sets no error text: only the
 * caller knows the place. */
int file_read(int dir_fd, const char *path, size_t max, char **ret, size_t *ret_len);

/* Opens @path below @root_fd, and stays there: links and ".." lead no further up than the root,
 * where an absolute link begins too. */
int file_open_below(int root_fd, const char *path, int flags);

/* file_read() of a path so opened. */
int file_read_below(int root_fd, const char *path, size_t max, char **ret, size_t *ret_len);

/* The same for an entry @name of the directory @dir_fd that others may write to: a symbolic link is
 * not followed, -ELOOP. */
int file_read_entry(int dir_fd, const char *name, size_t max, char **ret, size_t *ret_len);

/* Opens such an entry, a regular file, for reading. Fails as file_read_entry(). */
int file_open_entry(int dir_fd, const char *name);

/* Reads @len bytes at @offset, fewer only at the end of the file; returns how many. Sets no error
 * text. */
ssize_t file_pread(int fd, void *buf, size_t len, uint64_t offset);

/* Writes all of @len bytes, or fails. Sets no error text. */
int file_write(int fd, const void *data, size_t len);

/* Replaces @name (no slashes) in the directory @dir_fd, so that after a power cut the old or the
 * new content is there: temporary name, fsync, rename, fsync of the directory. */
int file_replace(int dir_fd, const char *name, const void *data, size_t len, mode_t mode);

/* Opens an existing directory, by a path below @dir_fd, for use as a dir_fd. */
int file_open_dir(int dir_fd, const char *path);

/* Opens the entry @name of @dir_fd likewise. A symbolic link is not followed: -ENOTDIR. */
int file_open_subdir(int dir_fd, const char *name);

/* True when nobody but root, or who runs this program, can change what is behind @fd. */
bool file_is_private(int fd);

/* Opens it to go through its entries. */
int file_opendir(int dir_fd, const char *path, DIR **ret);
int file_opendir_below(int root_fd, const char *path, DIR **ret); /* as file_open_below() */
void file_closedirp(DIR **dir);
