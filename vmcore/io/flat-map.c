// SPDX-License-Identifier: GPL-2.0-or-later
/* flat-map.c - where the bytes of a flattened file are, see flat-map.h. */
#include "vmcore/io/flat-map.h"

#include <errno.h>

#include "base/array.h"
#include "base/err.h"

/* Limit against hostile files; makedumpfile's records have 64 KiB. */
#define MAX_RECORDS (UINT64_C(1) << 25)

void flat_map_done(struct flat_map *f)
{
	free(f->pieces);
	*f = (struct flat_map){};
}

int flat_map_add(struct flat_map *f, const struct flat_piece *p)
{
	int r;

	if (f->n == MAX_RECORDS)
		return errf(-EBADMSG, "flattened file: more than %zu records", f->n);
	r = array_grow(&f->pieces, f->n, "the records of a flattened file");
	if (r < 0)
		return r;
	f->pieces[f->n++] = *p;
	f->size = MAX(f->size, p->end);
	return 0;
}

/* Sorts by start; of pieces that start together, the later record comes first. */
static int piece_compare(const void *a, const void *b)
{
	const struct flat_piece *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return (x->at < y->at) - (x->at > y->at);
}

/* A heap of pieces that have begun, the latest record at its top. */
struct heap {
	const struct flat_piece **items;
	size_t n;
};

static void heap_push(struct heap *h, const struct flat_piece *p)
{
	size_t i = h->n++;

	for (; i > 0 && h->items[(i - 1) / 2]->at < p->at; i = (i - 1) / 2)
		h->items[i] = h->items[(i - 1) / 2];
	h->items[i] = p;
}

static void heap_pop(struct heap *h)
{
	const struct flat_piece *last = h->items[--h->n];
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

/* Goes through the sorted pieces from one border to the next, and gives the bytes in between to the
 * piece on top of the heap. @out has room for two pieces per piece; returns how many it got. */
static size_t flat_sweep(const struct flat_map *f, struct heap *h, struct flat_piece *out)
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
		out[n++] = (struct flat_piece){ pos, next,
			                        h->items[0]->at + (pos - h->items[0]->start) };
	}
	return n;
}

int flat_map_sort(struct flat_map *f)
{
	_cleanup_free_ const struct flat_piece **items = NULL;
	struct flat_piece *out;
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
		return oom("the records of a flattened file");
	}
	f->n = flat_sweep(f, &(struct heap){ .items = items }, out);
	free(f->pieces);
	f->pieces = out;
	return 0;
}

bool flat_map_find(const struct flat_map *f, uint64_t offset, uint64_t *ret_at, uint64_t *ret_len)
{
	size_t low = 0, high = f->n;
	const struct flat_piece *p;

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
