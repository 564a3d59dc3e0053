/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sink.h - where a dump goes: bytes at offsets, made durable at the end.
 *
 * A sink has no position, so threads may write to different ranges at the same time.
 */
#pragma once

#include "base/base.h"

struct sink;

/* Creates the file @name, mode 0600, below @dir_fd, or -EEXIST. sink_free() leaves it there. */
int sink_create(int dir_fd, const char *name, struct sink **ret);

/* Writes to @fd, an open regular file, which should be empty and stays the caller's. */
int sink_to_fd(int fd, const char *name, struct sink **ret);

/* Keeps everything in memory, for tests; sink_memory() gives it, borrowed from the sink. */
int sink_to_memory(struct sink **ret);
const void *sink_memory(const struct sink *s, size_t *ret_len);

/* Writes a flattened stream (see source-flat.h) to @fd. It may be a pipe, so the caller should
 * ignore SIGPIPE; it stays the caller's. @name is for texts. sink_finish() ends the stream. */
int sink_flatten(int fd, const char *name, struct sink **ret);

/* The same, written by @put, which returns 0 or an error with a text. One thread calls it at a
 * time. */
typedef int (*sink_put_fn)(void *arg, const void *buf, size_t len);
int sink_flatten_by(sink_put_fn put, void *arg, const char *name, struct sink **ret);

/* In a stream each byte can be written only once. */
bool sink_is_stream(const struct sink *s);

struct sink *sink_free(struct sink *s);
BASE_FREEP(sink)

/* Writes all of @len bytes at @offset, or fails. */
int sink_write(struct sink *s, uint64_t offset, const void *buf, size_t len);

/* Has @fn called whenever so many bytes more were written, by the thread that did. @written: all of
 * them so far. */
typedef void (*sink_watch_fn)(void *arg, uint64_t written);
void sink_watch(struct sink *s, uint64_t each, sink_watch_fn fn, void *arg);

/* Reads @len bytes at @offset; only where sink_can_read(). */
bool sink_can_read(const struct sink *s);
int sink_read(struct sink *s, uint64_t offset, void *buf, size_t len);

/* Reserves room on the disk for [offset, offset + len), if the file system can, so that this range
 * can be written when the disk is full. */
void sink_reserve(struct sink *s, uint64_t offset, uint64_t len);

/* Makes the sink @size bytes long; bytes that were not written read as zero. */
int sink_truncate(struct sink *s, uint64_t size);

/* Returns when everything written is on the disk; a stream cannot promise that. */
int sink_sync(struct sink *s);

/* Syncs, and ends a stream. Nothing can be written afterwards. */
int sink_finish(struct sink *s);
