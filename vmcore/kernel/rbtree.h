/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rbtree.h - goes through a red-black tree of the kernel, from left to right.
 *
 * Crashed kernels have broken trees. So a walk has limits for nodes and depth.
 */
#pragma once

#include "vmcore/kernel/kspace.h"

/* No tree is higher than 2 * log2(nodes + 1). */
#define TREE_DEPTH 64

struct tree_walk {
	struct kspace *ks;
	uint64_t root, next; /* next: the subtree to go down, to the right of the last node */
	uint32_t n, max;     /* how many nodes were given, and the limit */
	unsigned depth;
	struct {
		uint64_t node, right;
	} above[TREE_DEPTH]; /* nodes that are to be given later */
};

/* Begins at @root, the address of a struct rb_root or rb_root_cached. */
struct tree_walk tree_walk(struct kspace *ks, uint64_t root, uint32_t max);

/* 1: *@ret is the address of the rb_node in the next entry; 0: there are no more. -EBADMSG: the
 * tree is too high or has too many nodes; other errors as of kspace_read(). */
int tree_next(struct tree_walk *w, uint64_t *ret);
