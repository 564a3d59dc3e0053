// SPDX-License-Identifier: GPL-2.0-or-later
/* ranges.c - sets of ranges, see ranges.h. */
#include "segments/ranges.h"

#include "base/array.h"

void ranges_done(struct ranges *r)
{
	free(r->list);
	*r = (struct ranges){};
}

int ranges_add(struct ranges *r, uint64_t start, uint64_t end)
{
	int error;

	if (start >= end)
		return 0;
	error = array_grow(&r->list, r->n, "a list of memory ranges");
	if (error < 0)
		return error;
	r->list[r->n++] = (struct iomem_range){ start, end };
	return 0;
}

static int by_start(const void *a, const void *b)
{
	const struct iomem_range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

void ranges_sort(struct ranges *r)
{
	size_t n = 0;

	if (r->n == 0)
		return;
	qsort(r->list, r->n, sizeof(*r->list), by_start);
	for (size_t i = 1; i < r->n; i++) {
		if (r->list[i].start <= r->list[n].end)
			r->list[n].end = MAX(r->list[n].end, r->list[i].end);
		else
			r->list[++n] = r->list[i];
	}
	r->n = n + 1;
}

int ranges_subtract(struct ranges *r, const struct ranges *hole)
{
	_cleanup_(ranges_done) struct ranges left = {};

	for (size_t i = 0; i < r->n; i++) {
		uint64_t at = r->list[i].start, end = r->list[i].end;
		int error = 0;

		for (size_t k = 0; k < hole->n && error == 0 && at < end; k++) {
			if (hole->list[k].end <= at || hole->list[k].start >= end)
				continue;
			error = ranges_add(&left, at, hole->list[k].start);
			at = hole->list[k].end;
		}
		if (error < 0 || (error = ranges_add(&left, at, end)) < 0)
			return error;
	}
	free(r->list);
	*r = TAKE_STRUCT(left);
	return 0;
}
