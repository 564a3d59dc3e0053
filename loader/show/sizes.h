/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sizes.h - prints an estimate: memory by class, and what a dump of each level comes to.
 */
#pragma once

#include <jansson.h>

#include "vmcore/filter/estimate.h"

/* Levels that keep the same as a lower one are left out, but for @level. */
void sizes_print(const struct estimate *e, unsigned level);

/* The same, all levels. New reference; NULL for lack of memory. */
json_t *sizes_json(const struct estimate *e);
