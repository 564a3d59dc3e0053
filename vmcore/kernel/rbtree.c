// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rbtree.c - goes through a red-black tree, see rbtree.h.
 *
 * struct rb_node (include/linux/rbtree_types.h) is three words: parent and colour, right, left.
 * struct rb_root is one word: the topmost node.
 */
#include "vmcore/kernel/rbtree.h"

#include <endian.h>
#include <errno.h>

#include "base/err.h"

struct tree_walk tree_walk(struct kspace *ks, uint64_t root, uint32_t max)
{
	return (struct tree_walk){ .ks = ks, .root = root, .max = max };
}

/* Goes from w->next down to the leftmost node. */
static int tree_descend(struct tree_walk *w)
{
	while (w->next) {
		uint64_t words[3];
		int r;

		if (w->depth == TREE_DEPTH)
			return errf(-EBADMSG, "the tree at %#llx is higher than %u nodes",
			            (unsigned long long)w->root, TREE_DEPTH);
		r = kspace_read(w->ks, w->next, words, sizeof(words));
		if (r < 0)
			return err_prefix(r, "entry %u of the tree at %#llx", w->n,
			                  (unsigned long long)w->root);
		w->above[w->depth].node = w->next;
		w->above[w->depth].right = le64toh(words[1]);
		w->depth++;
		w->next = le64toh(words[2]);
	}
	return 0;
}

int tree_next(struct tree_walk *w, uint64_t *ret)
{
	int r;

	if (w->n == 0) {
		r = kspace_u64(w->ks, w->root, &w->next);
		if (r < 0)
			return err_prefix(r, "the tree at %#llx", (unsigned long long)w->root);
	}
	r = tree_descend(w);
	if (r < 0)
		return r;
	if (w->depth == 0)
		return 0;
	if (w->n >= w->max)
		return errf(-EBADMSG, "the tree at %#llx has more than %u entries",
		            (unsigned long long)w->root, w->max);
	w->n++;
	w->depth--;
	w->next = w->above[w->depth].right;
	*ret = w->above[w->depth].node;
	return 1;
}
