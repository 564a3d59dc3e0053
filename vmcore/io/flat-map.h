/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flat-map.h - where the bytes of a flattened file are; only for the files of vmcore/io. */
#pragma once

#include "base/base.h"

/* Bytes [start, end) of the dump lie in the file from @at on. */
struct flat_piece {
	uint64_t start, end;
	uint64_t at;
};

struct flat_map {
	struct flat_piece *pieces; /* after flat_map_sort() sorted, without overlaps */
	size_t n;
	uint64_t size; /* bytes of the dump */
	bool cut;      /* the stream has no end */
};

void flat_map_done(struct flat_map *f);
int flat_map_add(struct flat_map *f, const struct flat_piece *p);

/* Sorts the pieces and leaves each byte of the dump in one of them, the last in the file. */
int flat_map_sort(struct flat_map *f);

/* Finds the byte at @offset of the dump: its place in the file, and how many bytes follow there in
 * a row. False when no record has it; *ret_len is then the size of the hole from there on. */
bool flat_map_find(const struct flat_map *f, uint64_t offset, uint64_t *ret_at, uint64_t *ret_len);
