/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sink.h - where a dump goes: bytes at offsets, made durable at the end.
 *
 * A sink has no position, so threads may write to different stretches at the same time.
 */
#pragma once

#include "base/base.h"

struct sink;

/* Creates @name, mode 0600, below @dir_fd; -EEXIST when it is there. The name stays when the sink
 * is freed. */
int sink_create(int dir_fd, const char *name, struct sink **ret);

/* The same for an open regular file, which should be empty and stays the caller's. */
int sink_to_fd(int fd, const char *name, struct sink **ret);

/* Keeps everything in memory, for tests: sink_memory() gives it. */
int sink_to_memory(struct sink **ret);
const void *sink_memory(const struct sink *s, size_t *ret_len);

/* Writes a flattened stream (see source-flat.h) to @fd, which may be a pipe and stays the caller's,
 * who should ignore SIGPIPE. @name is for error texts. The stream has its end only after
 * sink_finish(). */
int sink_flatten(int fd, const char *name, struct sink **ret);

/* Each byte can be written only once. */
bool sink_is_stream(const struct sink *s);

struct sink *sink_free(struct sink *s);
void sink_freep(struct sink **s);

/* Writes all of @len bytes at @offset, or fails. */
int sink_write(struct sink *s, uint64_t offset, const void *buf, size_t len);

/* Reads @len bytes at @offset, where that can be done. */
bool sink_can_read(const struct sink *s);
int sink_read(struct sink *s, uint64_t offset, void *buf, size_t len);

/* Has room on the disk set aside for [offset, offset + len), where that can be done, so that it can
 * be written when the disk is full. */
void sink_reserve(struct sink *s, uint64_t offset, uint64_t len);

/* Makes the sink @size bytes long; what was not written reads as zero. */
int sink_truncate(struct sink *s, uint64_t size);

/* Returns when all that was written is on the disk; a stream cannot promise that. */
int sink_sync(struct sink *s);

/* That was all: syncs, and ends a stream. Nothing can be written after that. */
int sink_finish(struct sink *s);
