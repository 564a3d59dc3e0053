/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store.h - files of a crash on bare blocks, where no file system is mounted.
 *
 * A store is a list of extents of a block device: the blocks of a file that lies ready beside the
 * saved crashes, or of a swap area. The capture writes one file behind the other. After each it
 * says in the first block how far the store is filled, so a capture that ends early leaves the
 * files that it finished. The loader reads them on the next boot.
 *
 * Blocks have 4096 bytes, numbers are little endian:
 *
 *	spare block	STORE_SPARE, id, number of the block in the store; 64 times
 *	block 0		STORE_HEAD, id, bytes in use, spare blocks, name of the crash, CRC-32
 *	of a file	STORE_FILE, id, bytes of data, their CRC-32, name, CRC-32; then the data
 *
 * By the time of the crash the blocks may belong to another file. So the capture overwrites a block
 * of a marked store only while it is a spare one with the right number, and a file that was moved
 * or deleted costs this place, never data. Block 0 says how many it has looked at, before anything
 * is written there, so that a second process can go on where the first one was ended.
 */
#pragma once

#include "base/base.h"

#define STORE_BLOCK     4096
#define STORE_ID_SIZE   16
#define STORE_NAME_MAX  63
#define STORE_FILES_MAX 32

/* Bytes [offset, offset + size) of the device, whole blocks. */
struct store_extent {
	uint64_t offset;
	uint64_t size;
};

/* Where a store is. Nothing is owned. */
struct store_area {
	int fd;                             /* of the block device, or of a regular file */
	const char *what;                   /* names it in texts */
	const struct store_extent *extents; /* in the order of the store's blocks */
	size_t n;
	uint8_t id[STORE_ID_SIZE];
	bool marked; /* only spare blocks may be overwritten */
};

/* Bytes of all extents. */
uint64_t store_size(const struct store_area *a);

/* Bytes of the whole blocks of the device @fd. */
uint64_t store_device_size(int fd);

/* Parses "OFFSET+SIZE" for each of @words, decimal numbers of bytes. -EINVAL: an extent is empty,
 * not of whole blocks, or wraps. @ret is allocated. */
int store_parse_extents(char *const *words, struct store_extent **ret, size_t *ret_n);

/* Makes all blocks spare ones, and has them on the disk. */
int store_format(const struct store_area *a);

/* -ESTALE when blocks at the begin or the end of the store are no spare ones with its id. The
 * capture looks at each before it writes to it. */
int store_check(const struct store_area *a);

/* Reads the id of a marked store from its first block, whatever that holds. */
int store_read_id(struct store_area *a);

/* The id as 32 hexadecimal digits, and back: -EINVAL. */
#define STORE_ID_TEXT (2 * STORE_ID_SIZE + 1)
char *store_id_to_text(const uint8_t id[static STORE_ID_SIZE], char buf[static STORE_ID_TEXT]);
int store_id_from_text(const char *text, uint8_t ret[static STORE_ID_SIZE]);

struct store;

/* Begins to fill the store with the files of the crash @name. Takes a copy of @a, whose @fd,
 * @what and @extents have to stay. A store that holds files of
 * that crash already gets more. -EEXIST: it holds another crash, which was not fetched yet.
 * -ESTALE: its first block is no spare one, so it belongs to somebody else by now. */
int store_open(const struct store_area *a, const char *name, struct store **ret);
struct store *store_free(struct store *s);
BASE_FREEP(store)

/* Bytes of data that a further file may have. */
uint64_t store_room(const struct store *s);

/* Writes a file: store_begin(), store_write() any number of times, store_end(). Once this has
 * returned, the file is on the disk. -ENOSPC: the file is too large; a smaller one may follow.
 * -ESTALE: a block belongs to somebody else by now. After this and any other error no further file
 * can be written. All files that were ended stay. A later file replaces an earlier one of the same
 * name. */
int store_begin(struct store *s, const char *name);
int store_write(struct store *s, const void *buf, size_t len);
int store_end(struct store *s);

/* Bytes of data of the file that was ended last. */
uint64_t store_written(const struct store *s);

struct store_file {
	char name[STORE_NAME_MAX + 1]; /* without a slash, no dot first */
	uint64_t size;                 /* bytes */
	uint64_t start;                /* of the data, bytes from the start of the store */
	uint32_t crc;
};

struct store_contents {
	char name[STORE_NAME_MAX + 1];            /* of the crash, as above */
	struct store_file files[STORE_FILES_MAX]; /* each name once */
	size_t n;
};

/* Lists what a store holds. Trusts nothing that it reads. -ENODATA without a text: it holds no
 * crash. -EBADMSG: it is damaged; @ret has the files before the damage. */
int store_list(const struct store_area *a, struct store_contents *ret);

/* Writes the data of @file to @fd. -EBADMSG: they do not have the right CRC, and are written all
 * the same. */
int store_copy(const struct store_area *a, const struct store_file *file, int fd);
