// SPDX-License-Identifier: GPL-2.0-or-later
/* pages.c - which pages a dump has, see pages.h. */
#include "vmcore/report/pages.h"

#include "vmcore/kernel/filter.h"

int pages_count(const struct dump *d, struct pages *ret)
{
	struct bitmap pages = {};
	struct pages n = {};
	int r;

	r = filter_all(d, &pages);
	if (r == 0) {
		n.total = bitmap_count(&pages, 0, pages.bits);
		r = dump_clear_missing(d, false, &pages);
	}
	if (r == 0) {
		n.left_out = n.total - bitmap_count(&pages, 0, pages.bits);
		r = dump_clear_missing(d, true, &pages);
	}
	if (r == 0) {
		n.saved = bitmap_count(&pages, 0, pages.bits);
		n.lost = n.total - n.left_out - n.saved;
		*ret = n;
	}
	bitmap_done(&pages);
	return r;
}
