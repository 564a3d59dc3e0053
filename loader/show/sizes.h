/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sizes.h - prints an estimate: memory by class, and what a dump of each level comes to.
 */
#pragma once

#include <jansson.h>

#include "vmcore/filter/estimate.h"

/* Prints two tables. A level that keeps what a lower one does is left out, unless it is @level. */
void sizes_print(const struct estimate *e, unsigned level);

/* All levels as JSON. The caller owns the reference; NULL for lack of memory. */
json_t *sizes_json(const struct estimate *e);
