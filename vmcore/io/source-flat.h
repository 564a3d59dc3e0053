/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source-flat.h - the format of flattened files.
 *
 * makedumpfile -F writes a dump as a stream, for pipes to other machines:
 *
 *	0	"makedumpfile" and four zeroes
 *	16	type and version, both 1 in 8 bytes; zeroes up to 4096
 *	4096	records: offset in the dump (8 bytes), size (8 bytes), that many bytes
 *	...	the end: offset and size -1
 *
 * All numbers are big-endian. Bytes of the dump that no record has are zero. When several records
 * have the same bytes, the last one counts, as for makedumpfile -R. A stream that was cut off is
 * good for the records it has. source_unflatten() reads a flattened file, sink_flatten() writes
 * one.
 */
#pragma once

#define FLAT_HEADER_SIZE 4096
#define FLAT_RECORD_SIZE 16
#define FLAT_SIGNATURE   "makedumpfile\0\0\0" /* 16 bytes with the last NUL */
