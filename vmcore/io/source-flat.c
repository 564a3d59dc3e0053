// SPDX-License-Identifier: GPL-2.0-or-later
/* source-flat.c - where the bytes of a flattened file are, see source-flat.h. */
#include "vmcore/io/source-flat.h"

#include <endian.h>
#include <errno.h>

#include "base/err.h"
#include "base/unaligned.h"

/* Limit against hostile files; makedumpfile's records have 64 KiB. */
#define MAX_RECORDS (UINT64_C(1) << 25)

/* Bytes [start, end) of the dump lie in the file from @at on. */
struct piece {
	uint64_t start, end;
	uint64_t at;
};

struct flat {
	struct piece *pieces; /* sorted, apart from each other */
	size_t n;
	uint64_t size;
	bool cut;
};

struct flat *flat_free(struct flat *f)
{
	if (f)
		free(f->pieces);
	free(f);
	return NULL;
}

static void flat_freep(struct flat **f)
{
	*f = flat_free(*f);
}

uint64_t flat_size(const struct flat *f)
{
	return f->size;
}

bool flat_cut(const struct flat *f)
{
	return f->cut;
}

static uint64_t get_be64(const uint8_t *p)
{
	return be64toh(unaligned_get64(p));
}

static int flat_add(struct flat *f, const struct piece *p)
{
	struct piece *grown;

	if (f->n == MAX_RECORDS)
		return errf(-EBADMSG, "flattened file: more than %zu records", f->n);
	/* There is room for a power of two. */
	if ((f->n & (f->n - 1)) == 0) {
		grown = reallocarray(f->pieces, MAX(2 * f->n, 1), sizeof(*f->pieces));
		if (!grown)
			return -ENOMEM;
		f->pieces = grown;
	}
	f->pieces[f->n++] = *p;
	f->size = MAX(f->size, p->end);
	return 0;
}

/* One record at @at, which moves on to the next one. 0: that was the end. */
static int flat_record(struct flat *f, struct window *w, uint64_t *at)
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
		            "cannot be",
		            source_name(w->source), (unsigned long long)*at,
		            (unsigned long long)size, (unsigned long long)offset);
	*at += FLAT_RECORD_SIZE;
	left -= FLAT_RECORD_SIZE;
	f->cut = size > left;
	size = MIN(size, left);
	if (size > 0)
		r = flat_add(f, &(struct piece){ offset, offset + size, *at });
	*at += size;
	return r < 0 ? r : !f->cut;
}

/* Sorts by where a piece starts; of those that start together the later one comes first. */
static int piece_compare(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return (x->at < y->at) - (x->at > y->at);
}

/* A heap of pieces that have begun, the latest record at its top. */
struct heap {
	const struct piece **items;
	size_t n;
};

static void heap_push(struct heap *h, const struct piece *p)
{
	size_t i = h->n++;

	for (; i > 0 && h->items[(i - 1) / 2]->at < p->at; i = (i - 1) / 2)
		h->items[i] = h->items[(i - 1) / 2];
	h->items[i] = p;
}

static void heap_pop(struct heap *h)
{
	const struct piece *last = h->items[--h->n];
	size_t i = 0;

	for (size_t child; (child = 2 * i + 1) < h->n; i = child) {
		if (child + 1 < h->n && h->items[child + 1]->at > h->items[child]->at)
			child++;
		if (h->items[child]->at < last->at)
			break;
		h->items[i] = h->items[child];
	}
	h->items[i] = last;
}

/* Goes through the sorted pieces from one border to the next and takes what is on top in between.
 * @out has room for two pieces per piece; returns how many it got. */
static size_t flat_sweep(const struct flat *f, struct heap *h, struct piece *out)
{
	uint64_t pos = 0, next;
	size_t n = 0;

	for (size_t i = 0; i < f->n || h->n > 0; pos = next) {
		if (h->n == 0)
			pos = MAX(pos, f->pieces[i].start);
		while (i < f->n && f->pieces[i].start <= pos)
			heap_push(h, &f->pieces[i++]);
		while (h->n > 0 && h->items[0]->end <= pos)
			heap_pop(h);
		next = pos;
		if (h->n == 0)
			continue;
		next = h->items[0]->end;
		if (i < f->n)
			next = MIN(next, f->pieces[i].start);
		out[n++] =
			(struct piece){ pos, next, h->items[0]->at + (pos - h->items[0]->start) };
	}
	return n;
}

/* Leaves each byte of the dump in one piece. */
static int flat_cut_overlaps(struct flat *f)
{
	_cleanup_free_ const struct piece **items = NULL;
	struct piece *out;
	bool apart = true;

	if (f->n == 0)
		return 0;
	qsort(f->pieces, f->n, sizeof(*f->pieces), piece_compare);
	for (size_t i = 1; i < f->n; i++)
		apart &= f->pieces[i - 1].end <= f->pieces[i].start;
	if (apart)
		return 0;
	items = reallocarray(NULL, f->n, sizeof(*items));
	out = reallocarray(NULL, 2 * f->n, sizeof(*out));
	if (!items || !out) {
		free(out);
		return -ENOMEM;
	}
	f->n = flat_sweep(f, &(struct heap){ .items = items }, out);
	free(f->pieces);
	f->pieces = out;
	return 0;
}

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

int flat_open(const struct source *s, struct flat **ret)
{
	_cleanup_(flat_freep) struct flat *f = NULL;
	uint64_t at = FLAT_HEADER_SIZE;
	struct window w;
	int r;

	r = flat_read_header(s);
	if (r <= 0)
		return r;
	f = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	window_init(&w, s, KIB(64));
	while ((r = flat_record(f, &w, &at)) > 0)
		;
	window_done(&w);
	if (r == 0)
		r = flat_cut_overlaps(f);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(f);
	return 1;
}

bool flat_find(const struct flat *f, uint64_t offset, uint64_t *ret_at, uint64_t *ret_len)
{
	size_t low = 0, high = f->n;
	const struct piece *p;

	/* The first piece that ends behind the offset. */
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (f->pieces[mid].end <= offset)
			low = mid + 1;
		else
			high = mid;
	}
	p = &f->pieces[low];
	if (low == f->n || p->start > offset) {
		*ret_len = (low == f->n ? f->size : p->start) - offset;
		return false;
	}
	*ret_at = p->at + (offset - p->start);
	*ret_len = p->end - offset;
	return true;
}
