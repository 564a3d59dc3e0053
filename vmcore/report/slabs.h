/* SPDX-License-Identifier: GPL-2.0-or-later */
/* slabs.h - the caches that a crashed kernel had its small objects in. */
#pragma once

#include "vmcore/view/kview.h"

struct slab_cache {
	uint64_t address;           /* of its struct kmem_cache */
	char name[64];              /* can be printed */
	uint32_t size, object_size; /* bytes that an object takes, and that are of use */
	uint32_t per_slab;          /* objects */
	unsigned order;             /* a slab has 1 << order pages, but for some that memory was
	                             * too short for */
	uint64_t slabs, objects;    /* there are, used or not */
	uint64_t partial;           /* slabs that have objects in use, and others that are not */
	uint64_t bytes;             /* of all slabs */
};

struct slabs {
	struct slab_cache *list; /* the largest first */
	size_t n;
	bool counted;     /* the kernel counts slabs; else slabs, objects and bytes are 0 */
	char remark[256]; /* why these are not all, or what is not known of them */
};

/* Fails for lack of memory only. */
int slabs_read(const struct kview *v, struct slabs *ret);
void slabs_done(struct slabs *s);
