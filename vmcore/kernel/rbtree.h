/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rbtree.h - goes through a red-black tree of the kernel's, from left to right.
 *
 * Crashed kernels have broken trees, so each walk ends: it has limits for nodes and depth.
 */
#pragma once

#include "vmcore/kernel/kspace.h"

/* No tree is higher than 2 * log2(nodes + 1). */
#define TREE_DEPTH 64

struct tree_walk {
	struct kspace *ks;
	uint64_t root, next; /* the node that is below what was given last */
	uint32_t n, max;     /* nodes that were given, and how many can be */
	unsigned depth;
	struct {
		uint64_t node, right;
	} above[TREE_DEPTH]; /* what is still to be given */
};

/* Begins at @root, the address of a struct rb_root or rb_root_cached. */
struct tree_walk tree_walk(struct kspace *ks, uint64_t root, uint32_t max);

/* Gives the address of the rb_node in the next entry: 1, or 0 at the end. When the tree leads
 * nowhere, is too high or goes on and on: -EBADMSG or what kspace_read() says, with a text. */
int tree_next(struct tree_walk *w, uint64_t *ret);
