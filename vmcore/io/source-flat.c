// SPDX-License-Identifier: GPL-2.0-or-later
/* source-flat.c - reads the records of a flattened file, see source-flat.h. */
#include "vmcore/io/source-flat.h"

#include <endian.h>
#include <errno.h>

#include "base/err.h"
#include "base/unaligned.h"
#include "vmcore/io/source-kind.h"

static uint64_t get_be64(const uint8_t *p)
{
	return be64toh(unaligned_get64(p));
}

/* Adds the record at @at and moves @at to the next one. Returns 0 at the end of the stream. */
static int flat_record(struct flat_map *f, struct window *w, uint64_t *at)
{
	uint64_t left = source_size(w->source) - *at, offset, size;
	const uint8_t *head;
	size_t len;
	int r;

	if (left < FLAT_RECORD_SIZE) {
		f->cut = true;
		return 0;
	}
	r = window_get(w, *at, FLAT_RECORD_SIZE, FLAT_RECORD_SIZE, &head, &len);
	if (r < 0)
		return r;
	offset = get_be64(head);
	size = get_be64(head + 8);
	if (offset == UINT64_MAX)
		return 0;
	if (offset > INT64_MAX || size > INT64_MAX - offset)
		return errf(-EBADMSG,
		            "%s: flattened record at byte %llu, of %llu bytes at offset %llu, "
		            "is out of range",
		            source_name(w->source), (unsigned long long)*at,
		            (unsigned long long)size, (unsigned long long)offset);
	*at += FLAT_RECORD_SIZE;
	left -= FLAT_RECORD_SIZE;
	f->cut = size > left;
	size = MIN(size, left);
	if (size > 0)
		r = flat_map_add(f, &(struct flat_piece){ offset, offset + size, *at });
	if (r < 0)
		return r;
	*at += size;
	return !f->cut;
}

/* 1: @s is a flattened file, 0: it is something else. */
static int flat_read_header(const struct source *s)
{
	uint8_t header[32] = {};

	if (source_read(s, 0, header, MIN(source_size(s), sizeof(header))) < 0 ||
	    memcmp(header, FLAT_SIGNATURE, 16) != 0)
		return 0;
	if (source_size(s) < FLAT_HEADER_SIZE)
		return errf(-EBADMSG, "%s: a flattened file that ends within its header, at %llu",
		            source_name(s), (unsigned long long)source_size(s));
	if (get_be64(header + 16) != 1 || get_be64(header + 24) != 1)
		return errf(-EBADMSG, "%s: a flattened file of type %llu, version %llu, not 1",
		            source_name(s), (unsigned long long)get_be64(header + 16),
		            (unsigned long long)get_be64(header + 24));
	return 1;
}

static int flat_read(const struct source *s, struct flat_map *f)
{
	uint64_t at = FLAT_HEADER_SIZE;
	struct window w;
	int r;

	window_init(&w, s, KIB(64));
	while ((r = flat_record(f, &w, &at)) > 0)
		;
	window_done(&w);
	return r < 0 ? r : flat_map_sort(f);
}

int source_unflatten(struct source *s, struct source **ret)
{
	_cleanup_(source_freep) struct source *base = s, *made = NULL;
	int r = flat_read_header(base);

	if (r < 0)
		return r;
	if (r == 0) {
		*ret = TAKE_PTR(base);
		return 0;
	}
	if ((r = source_new(base->name, &made)) < 0 || (r = flat_read(base, &made->flat)) < 0)
		return r;
	made->size = made->flat.size;
	made->base = TAKE_PTR(base);
	*ret = TAKE_PTR(made);
	return 0;
}
