/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * image.h - the headers of kernels that are put into memory as they are: Image, and bzImage on x86.
 */
#pragma once

#include "base/base.h"

#define IMAGE_HEAD 64 /* bytes of an Image that tell all of it */

struct image {
	uint64_t align;       /* of where it has to lie */
	uint64_t text_offset; /* from there */
	uint64_t size;        /* bytes of memory that it takes while it starts, at least its own */
	size_t skip;          /* bytes of the file that are not loaded */
	uint64_t entry;       /* from where it lies */
};

/* Documentation/arch/arm64/booting.rst, Documentation/arch/x86/boot.rst and
 * Documentation/arch/riscv/boot-image-header.rst (6.12). -ENOEXEC with a text: it is no such Image,
 * is cut short, or cannot run here. @what names it. */
int image_parse_arm64(const void *data, size_t len, const char *what, struct image *ret);
int image_parse_x86_64(const void *data, size_t len, const char *what,
                       struct image *ret); /* bzImage */
int image_parse_riscv64(const void *data, size_t len, const char *what, struct image *ret);
