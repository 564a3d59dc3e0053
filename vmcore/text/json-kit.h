/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json-kit.h - values of a dump as JSON. All return new references, NULL for lack of memory. */
#pragma once

#include <jansson.h>
#include <stdint.h>

/* Text of a dump as UTF-8, with all else escaped. NULL becomes null. */
json_t *text_json(const char *s);

/* Likewise for one line of text: line feeds are escaped too. */
json_t *line_json(const char *s);

/* A string like "0x12", since many readers of JSON lose bits of such numbers. */
json_t *address_json(uint64_t address);
