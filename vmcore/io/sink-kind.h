/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sink-kind.h - the functions of a kind of sink; only for the files of vmcore/io. */
#pragma once

#include <pthread.h>

#include "vmcore/io/sink.h"

struct sink {
	const struct sink_kind *kind;
	char *name;
	int fd;        /* -1: memory */
	bool borrowed; /* the descriptor is the caller's */

	sink_put_fn put; /* stream only: writes instead of the descriptor; NULL: none */
	void *arg;       /* of it */

	sink_watch_fn watch; /* NULL: none */
	void *watch_arg;
	uint64_t watch_each;
	_Atomic uint64_t written; /* bytes, while somebody watches */

	pthread_mutex_t lock; /* of what follows */
	uint8_t *data;        /* memory only; moves when it grows */
	uint64_t size;        /* of memory; for a stream, the size that sink_truncate() set */
	uint64_t end;         /* stream only: behind the last byte written */
};

/* See the functions of sink.h. read(), reserve(), sync() and finish() may be NULL. */
struct sink_kind {
	bool stream;
	int (*write)(struct sink *s, uint64_t offset, const void *buf, size_t len);
	int (*read)(struct sink *s, uint64_t offset, void *buf, size_t len);
	void (*reserve)(struct sink *s, uint64_t offset, uint64_t len);
	int (*truncate)(struct sink *s, uint64_t size);
	int (*sync)(struct sink *s);
	int (*finish)(struct sink *s);
	void (*close)(struct sink *s);
};

int sink_new(const struct sink_kind *kind, const char *name, struct sink **ret);
