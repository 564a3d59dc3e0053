/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * image.h - the header of an Image, the form of kernels that the loader puts into memory as it is.
 */
#pragma once

#include "base/base.h"

struct image {
	uint64_t text_offset; /* of a multiple of 2M, where it has to lie */
	uint64_t size;        /* bytes of memory that it takes while it starts, at least its own */
};

/* Documentation/arch/arm64/booting.rst and Documentation/arch/riscv/boot-image-header.rst (6.12).
 * -ENOEXEC with a text: it is no such Image, is cut short, or cannot run here. @what names it. */
int image_parse_arm64(const void *data, size_t len, const char *what, struct image *ret);
int image_parse_riscv64(const void *data, size_t len, const char *what, struct image *ret);
