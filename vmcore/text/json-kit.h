/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json-kit.h - values of a dump as JSON. All return new references, NULL for lack of memory. */
#pragma once

#include <jansson.h>
#include <stdint.h>

/* Text of a dump may be anything, JSON is UTF-8. NULL becomes null. */
json_t *text_json(const char *s);

/* Addresses do not fit into the numbers of many readers of JSON. */
json_t *address_json(uint64_t address);
