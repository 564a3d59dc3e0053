/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * list.h - goes along a list of the kernel, a ring of struct list_head.
 *
 * Crashed kernels have broken lists. So a walk has a limit, and notices a circle without the head.
 */
#pragma once

#include "vmcore/kernel/kspace.h"

struct list_walk {
	struct kspace *ks;
	uint64_t head, node;
	uint64_t anchor; /* an earlier node; it moves at each power of two */
	uint32_t n, max; /* how many nodes were given, and the limit */
};

/* Begins at @head, the address of the struct list_head that is in no entry. */
struct list_walk list_walk(struct kspace *ks, uint64_t head, uint32_t max);

/* 1: *@ret is the address of the list_head in the next entry; 0: the list ends. -EBADMSG: it forms
 * a circle or is too long; other errors as of kspace_read(). */
int list_next(struct list_walk *w, uint64_t *ret);
