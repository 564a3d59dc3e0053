/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unpack.h - undoes the compression of a small file, whichever it is.
 */
#pragma once

#include "base/base.h"

/* Recognises gzip, xz and zstd by their first bytes; anything else is copied. The result is
 * allocated, has a NUL behind its @ret_len bytes, and is at most @max bytes (-EFBIG). @what names
 * the file in texts. */
int unpack(const void *data, size_t len, size_t max, const char *what, void **ret, size_t *ret_len);
