/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filtered.h - the pages that a dump of some level has. */
#pragma once

#include "tests/unit/check.h"
#include "vmcore/filter/filter.h"

/* Makes @ret_keep a bitmap of all RAM but what @level excludes, around what readers need; free it
 * with bitmap_done(). @ks may be NULL. */
void filtered_pages(const struct dump *d, struct kspace *ks, unsigned level,
                    struct bitmap *ret_keep, struct filter_result *ret);
