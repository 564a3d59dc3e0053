/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gzip.h - files that are packed by gzip. */
#pragma once

#include "tests/unit/check.h"

/* Packs @len bytes at @data to @out, which has @room bytes. Returns how many it takes. */
size_t gzip_pack(const void *data, size_t len, void *out, size_t room);
