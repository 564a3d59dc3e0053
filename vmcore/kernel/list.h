/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * list.h - goes along a list of the kernel's, a ring of struct list_head.
 *
 * Crashed kernels have broken lists, so each walk ends: it has a limit, and notices circles that
 * the head is not part of.
 */
#pragma once

#include "vmcore/kernel/kspace.h"

struct list_walk {
	struct kspace *ks;
	uint64_t head, node;
	uint64_t anchor; /* one of the nodes seen, moved ever less often */
	uint32_t n, max; /* nodes that were given, and how many can be */
};

/* Begins at @head, the address of the struct list_head that is not part of an entry. */
struct list_walk list_walk(struct kspace *ks, uint64_t head, uint32_t max);

/* Gives the address of the list_head in the next entry: 1, or 0 at the end. When the list leads
 * nowhere, in a circle or on and on: -EBADMSG or what kspace_read() says, with a text. */
int list_next(struct list_walk *w, uint64_t *ret);
