/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exports.h - the symbols that the kernel exports to its modules.
 *
 * Kernels without KALLSYMS_ALL have no names of variables but these.
 */
#pragma once

#include "vmcore/kernel/kspace.h"

/* A sorted part of the table. */
struct exports_part {
	uint64_t start; /* address of the first entry */
	uint64_t n;
};

struct exports {
	struct exports_part parts[2]; /* for all modules, and for those under the GPL */
	unsigned size;                /* bytes of an entry */
};

/* Finds the table in the image. -ENOENT with a text: there is none. */
int exports_find(struct kspace *ks, struct exports *ret);

/* The address of the variable or function @name; -ENOENT with a text. */
int exports_address(const struct exports *e, struct kspace *ks, const char *name, uint64_t *ret);
