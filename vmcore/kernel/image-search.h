/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * image-search.h - looks through the kernel image for what no symbol tells of.
 */
#pragma once

#include "vmcore/kernel/kspace.h"

/* Looks at @len bytes of the image, which lie at @va. The last @overlap bytes are seen again with
 * the next page. 0: go on; > 0: found, stop; < 0: an error, stop. */
typedef int (*image_look_fn)(void *arg, uint64_t va, const uint8_t *bytes, size_t len);

/* Gives the image to @look page by page, from _stext on, as far as it is mapped and in the dump.
 * @overlap bytes of the page before, IMAGE_OVERLAP_MAX at most, stand in front of a page unless
 * there is a hole between the two. Returns what @look returned last; -ENODATA with a text:
 * VMCOREINFO does not tell of _stext. */
#define IMAGE_OVERLAP_MAX 512
int image_search(struct kspace *ks, size_t overlap, image_look_fn look, void *arg);
