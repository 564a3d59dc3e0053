/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source-flat.h - where the bytes of a flattened file are.
 *
 * makedumpfile -F writes a dump as a stream, for pipes to other machines:
 *
 *	0	"makedumpfile" and four zeroes
 *	16	type and version, both 1 in 8 bytes; zeroes up to 4096
 *	4096	records: offset in the dump (8 bytes), size (8 bytes), so many bytes
 *	...	the end: offset and size -1
 *
 * All numbers are big-endian. Bytes of the dump that no record has are zero. Of records for the
 *same bytes the later one counts, as for makedumpfile -R. A stream that was cut off is good for
 *what it holds.
 */
#pragma once

#include "vmcore/io/source.h"

#define FLAT_HEADER_SIZE 4096
#define FLAT_RECORD_SIZE 16
#define FLAT_SIGNATURE   "makedumpfile\0\0\0" /* 16 bytes with the last NUL */

struct flat;

/* Looks through the records of @s, which is not kept. 0: it is not flattened; 1: here is the map;
 * -EBADMSG: it is flattened, but broken. */
int flat_open(const struct source *s, struct flat **ret);
struct flat *flat_free(struct flat *f);

uint64_t flat_size(const struct flat *f); /* bytes of the dump */
bool flat_cut(const struct flat *f);      /* the stream has no end */

/* Where the byte at @offset of the dump is in the file, and how many lie there in a row. False when
 * no record has it; *ret_len is then the size of the hole from there on. */
bool flat_find(const struct flat *f, uint64_t offset, uint64_t *ret_at, uint64_t *ret_len);
