// SPDX-License-Identifier: GPL-2.0-or-later
/* filtered.c - the pages that a dump of some level has, see filtered.h. */
#include "tests/unit/filtered.h"

void filtered_pages(const struct dump *d, struct kspace *ks, unsigned level,
                    struct bitmap *ret_keep, struct filter_result *ret)
{
	struct bitmap needed[NEEDED_SETS] = {};

	assert_int_equal(filter_all(d, ret_keep), 0);
	assert_int_equal(filter_find_needed(d, ks, needed), 0);
	assert_int_equal(filter_apply(d, ks, level, &needed[NEEDED_ALL], ret_keep, NULL, ret), 0);
	needed_done(needed);
}
