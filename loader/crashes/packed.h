/* SPDX-License-Identifier: GPL-2.0-or-later */
/* packed.h - files that gzip, xz or zstd has compressed, piece by piece. */
#pragma once

#include "base/base.h"

/* Whether a regular file begins like one of them. */
bool packed_is(int fd);

/* Unpacks such a file into @to, of up to @max bytes; messages call it @name. Returns the bytes
 * written. -EBADMSG and -ENOMEM have words, others have not; -EFBIG: it needs more than @max. */
int64_t packed_copy(int from, const char *name, int to, uint64_t max);
