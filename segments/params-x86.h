/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * params-x86.h - what a kernel on x86_64 is told: the boot parameters ("zero page").
 *
 * They are a page with a copy of the setup header of the kernel's file, filled in, and a map of the
 * memory, "e820" (Documentation/arch/x86/boot.rst and zero-page.rst, 6.12). The rest is that of the
 * running kernel: the screen, and where the ACPI tables are. It is not told of EFI, whose services
 * could be called only where the running kernel has put them.
 */
#pragma once

#include "segments/memory.h"
#include "segments/segments.h"

struct params_request {
	int root_fd;
	const struct span *kernel; /* a bzImage */
	const char *cmdline;
	uint64_t address;            /* of the page; the command line is behind it */
	struct iomem_range initrd;   /* empty: none */
	struct iomem_range corehdr;  /* empty: not for a capture */
	const struct ranges *usable; /* the memory that it may use */
};

/* Makes the page and the command line, in one piece; allocated. The kernel takes the place of the
 * core header from the command line. -E2BIG: the memory map has no room for all of it. */
int params_build_x86(const struct params_request *req, void **ret, size_t *ret_len);
