/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * armbox.h - made-up machines of other architectures, as kexec_load(2) needs to know them.
 */
#pragma once

#include "segments/segments.h"
#include "tests/unit/temptree.h"

struct armbox {
	struct temptree tree;
	const char *machine;
	uint8_t kernel[4096]; /* an Image */
	uint8_t initrd[100000];
};

/* What is in the memory of both: 1 GiB from base on, and 1 GiB from 4 GiB on. A reservation of 64
 * MiB low and 256 MiB high. Two CPUs, of which the notes are at ARMBOX_NOTES. */
#define ARMBOX_LINEAR     UINT64_C(0xfff0000000000000)
#define ARMBOX_NOTES      UINT64_C(0x13fe00000)
#define ARMBOX_VMCOREINFO UINT64_C(0x48e5d000)
#define ARMBOX_IMAGE_SIZE UINT64_C(0x2230000)

/* "aarch64": with a device tree. "aarch64 efi": with ACPI and the tree of the EFI stub. "its" adds
 * an interrupt controller that has tables in memory. "riscv64":
 * with a firmware that keeps its memory. */
void armbox_make(struct armbox *b, const char *what);

/* Likewise, in a tree that is there. */
void armbox_describe(struct armbox *b, const char *what);

/* What is to be loaded of it; by default a capture kernel. */
struct segments_request armbox_request(struct armbox *b);
