/* SPDX-License-Identifier: GPL-2.0-or-later */
/* unaligned.h - reads numbers at any address, in the byte order of the machine or of the file. */
#pragma once

#include <endian.h>

#include "base/base.h"

static inline uint16_t unaligned_get16(const void *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint32_t unaligned_get32(const void *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint64_t unaligned_get64(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Little-endian numbers. */
static inline uint16_t unaligned_le16(const void *p)
{
	return le16toh(unaligned_get16(p));
}

static inline uint32_t unaligned_le32(const void *p)
{
	return le32toh(unaligned_get32(p));
}

static inline uint64_t unaligned_le64(const void *p)
{
	return le64toh(unaligned_get64(p));
}
