/* SPDX-License-Identifier: GPL-2.0-or-later */
/* slabs.h - the slab caches of a crashed kernel. */
#pragma once

#include "vmcore/view/kview.h"

struct slab_cache {
	uint64_t address;           /* of its struct kmem_cache */
	char name[64];              /* can be printed */
	uint32_t size, object_size; /* bytes of an object, with and without padding */
	uint32_t per_slab;          /* objects */
	unsigned order;             /* a slab has 1 << order pages; fewer when memory was short */
	uint64_t slabs, objects;    /* in use or not */
	uint64_t partial;           /* slabs with some objects in use and some free */
	uint64_t bytes;             /* of all slabs */
};

struct slabs {
	struct slab_cache *list; /* the largest first */
	size_t n;
	bool counted;     /* the kernel counts slabs; else slabs, objects and bytes are 0 */
	char remark[256]; /* why caches or their numbers are missing */
};

/* Fails for lack of memory only. */
int slabs_read(const struct kview *v, struct slabs *ret);
void slabs_done(struct slabs *s);
