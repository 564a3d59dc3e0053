// SPDX-License-Identifier: GPL-2.0-or-later
/* list.c - goes along a list of the kernel, see list.h. */
#include "vmcore/kernel/list.h"

#include <errno.h>

#include "base/err.h"

struct list_walk list_walk(struct kspace *ks, uint64_t head, uint32_t max)
{
	return (struct list_walk){
		.ks = ks, .head = head, .node = head, .anchor = head, .max = max
	};
}

int list_next(struct list_walk *w, uint64_t *ret)
{
	uint64_t next;
	int r;

	/* The first word of a list_head points to the next one. */
	r = kspace_u64(w->ks, w->node, &next);
	if (r < 0)
		return err_prefix(r, "entry %u of the list at %#llx", w->n,
		                  (unsigned long long)w->head);
	if (next == w->head)
		return 0;
	if (next == w->anchor)
		return errf(-EBADMSG, "the list at %#llx leads in a circle after %u entries",
		            (unsigned long long)w->head, w->n);
	if (w->n >= w->max)
		return errf(-EBADMSG, "the list at %#llx has more than %u entries",
		            (unsigned long long)w->head, w->max);
	w->node = next;
	w->n++;
	if ((w->n & (w->n - 1)) == 0)
		w->anchor = next;
	*ret = next;
	return 1;
}
