/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bzimage.h - the setup header of a bzImage, the kernel of x86 (Documentation/arch/x86/boot.rst).
 */
#pragma once

#include "base/base.h"

#define BZIMAGE_MAGIC 0x202 /* here is "HdrS" */

struct bzimage {
	char *release;
	uint64_t init_size;    /* bytes in one piece while it starts */
	uint64_t cmdline_size; /* longest command line, without the NUL */
};

/* @data are the first @len bytes of a file of @file_size. @what names it in texts. -ENOEXEC when it
 * cannot be loaded: the demands are those of arch/x86/kernel/kexec-bzimage64.c (6.12), and that it
 * is whole, since the kernel would load one that is cut short. The caller frees the release. */
int bzimage_parse(const void *data, size_t len, uint64_t file_size, const char *what,
                  struct bzimage *ret);
