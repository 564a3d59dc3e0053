/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel-image.h - the Image, which is the kernel of arm64 and riscv64, by its header.
 */
#pragma once

#include "base/base.h"

struct image_header {
	uint64_t text_offset; /* of where it is loaded */
	uint64_t size;        /* bytes of memory that it takes, also behind its end */
	uint64_t flags;
};

/* The machine (uname -m) that a kernel is for, by the first bytes of its file. NULL: it does not
 * tell, as a packed one does not. */
const char *kernel_machine_of(const void *head, size_t len);

/* -ENOEXEC with a text when the first bytes @head tell of another machine than @machine. @what
 * names the file. */
int kernel_refuse_other(const void *head, size_t len, const char *machine, const char *what);

/* True for machines whose kernels are Images. */
bool kernel_is_image_machine(const char *machine);

/* Documentation/arch/arm64/booting.rst and Documentation/arch/riscv/boot-image-header.rst (6.12).
 * @data are the first @len of @file_size bytes, unpacked. -ENOEXEC with a text: it is no Image, is
 * for another machine than @machine, is cut short, or cannot run. @what names it. */
int image_header_parse(const void *data, size_t len, uint64_t file_size, const char *machine,
                       const char *what, struct image_header *ret);

/* The release that the @size bytes of an unpacked kernel at @offset of @fd tell by the banner of
 * their log. Allocated; "" when there is none. @what names it. */
int kernel_find_release(int fd, uint64_t offset, uint64_t size, const char *what, char **ret);
