/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * devtree.h - the device tree for the next kernel, made of that of the running one.
 *
 * All of the tree stays but what is in /chosen for one kernel alone. A system with ACPI has a tree
 * too: the EFI stub of the kernel makes one with nothing but /chosen, which tells where the tables
 * of the firmware are (drivers/firmware/efi/libstub/fdt.c, 6.12). Those properties stay as well, so
 * the next kernel finds its tables as the running one did. What is set, and how, is what the kernel
 * does for kexec_file_load(2) (drivers/of/kexec.c, 6.12).
 */
#pragma once

#include "segments/ranges.h"

/* Kernels map no more of it (Documentation/arch/arm64/booting.rst, 6.12). */
#define DEVTREE_MAX MIB(2)

struct devtree_request {
	const void *base; /* of the running kernel */
	const char *cmdline;
	struct iomem_range initrd;   /* bytes; empty: none */
	struct iomem_range corehdr;  /* empty: it is not for a capture */
	const struct ranges *usable; /* the reservation, see struct memory; NULL: all memory */
};

/* The blob of the running kernel, checked; allocated. -ENOENT: there is none. */
int devtree_read(int root_fd, void **ret, size_t *ret_len);

/* Makes the next tree, with seeds of zeroes. -EFBIG: it is larger than a kernel takes. */
int devtree_build(const struct devtree_request *req, void **ret, size_t *ret_len);

/* Fresh seeds, for the place of the kernel and for its random numbers: those of the running kernel
 * are gone, since it has wiped them. */
int devtree_set_seeds(void *tree);

/* Adds the memory that belongs to firmware: to read it may be a fault for the kernel. These are
 * nodes of /reserved-memory which no kernel shall map ("no-map"), and those of the firmware of
 * RISC-V, which keeps the kernel out by the PMP but may leave "no-map" away, so that the kernel can
 * use large pages (OpenSBI 1.1, lib/utils/fdt/fdt_fixup.c). */
int devtree_add_firmware(const void *tree, struct ranges *ret);

/* True where PCI devices may have no interrupts in the next kernel: on arm64 a GICv3 with an ITS
 * keeps them in tables in memory, which some cannot be made to leave again. Only EFI tells the next
 * kernel where they are (drivers/irqchip/irq-gic-v3-its.c, 6.12, gic_reserve_range() and
 * redist_disable_lpis()). A capture kernel has that memory outside of its own. */
bool devtree_loses_interrupts(int root_fd);
#define DEVTREE_LOSES_INTERRUPTS                                                                   \
	"without EFI the next kernel is not told where the tables of this interrupt controller "   \
	"are (GICv3 with ITS), so memory might be damaged, and PCI devices have no interrupts"
