/* SPDX-License-Identifier: GPL-2.0-or-later */
/* source-kind.h - what a source is made of; only for the files of vmcore/io. */
#pragma once

#include "vmcore/io/flat-map.h"
#include "vmcore/io/source.h"

struct source {
	char *name;
	int fd;              /* -1: memory, or flattened */
	const uint8_t *data; /* memory only; borrowed */
	uint64_t size;
	bool map;             /* windows map it */
	bool sparse;          /* the file may have holes, which read as zeros */
	struct source *base;  /* flattened only: the file, owned ... */
	struct flat_map flat; /* ... and where the bytes are in it */
};

/* A source with a copy of @name and nothing else. */
int source_new(const char *name, struct source **ret);
