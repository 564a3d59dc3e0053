/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unpack.h - unpacks a small file, whatever packed it.
 */
#pragma once

#include "base/base.h"

/* Recognises gzip, xz and zstd by their first bytes, and copies anything else. The result is
 * allocated and has a NUL behind its @ret_len bytes; -EFBIG: more than @max. @what is for texts. */
int unpack(const void *data, size_t len, size_t max, const char *what, void **ret, size_t *ret_len);
