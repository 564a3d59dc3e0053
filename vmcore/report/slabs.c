// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * slabs.c - slab caches, see slabs.h.
 *
 * All caches are in the list slab_caches. A struct kmem_cache ends with an array of pointers to the
 * cache's part on each node, as long as the machine can have nodes. SLUB (mm/slub.c, mm/slab.h,
 * Linux 6.12) counts slabs and objects if CONFIG_SLUB_DEBUG is set, and packs the order of slabs
 * and the objects in each into one number. SLAB, removed in 6.8, always counts slabs. Since
 * about 7.0 the nodes are in per_node[], structures that have the pointer.
 */
#include "vmcore/report/slabs.h"

#include <errno.h>

#include "base/array.h"
#include "base/err.h"
#include "base/text.h"
#include "vmcore/kernel/list.h"
#include "vmcore/view/kcopy.h"

/* Limits against broken dumps. */
#define MAX_CACHES (1U << 16)
#define MAX_NODES  1024
#define MAX_ORDER  16

/* struct kmem_cache_order_objects, mm/slub.c: OO_SHIFT, OO_MASK. */
#define OO_SHIFT 16

enum { LIST, NAME, SIZE, OBJECT_SIZE, OO, NUM, ORDER, CACHE_MEMBERS };

static const char *const cache_members[CACHE_MEMBERS] = {
	[LIST] = "list",       [NAME] = "name", [SIZE] = "size", [OBJECT_SIZE] = "?object_size",
	[OO] = "?oo.x",        /* SLUB */
	[NUM] = "?num",        /* SLAB */
	[ORDER] = "?gfporder", /* SLAB */
};

enum { SLABS, OBJECTS, PARTIAL, NODE_MEMBERS };

static const char *const node_members[NODE_MEMBERS] = {
	[SLABS] = "?nr_slabs|total_slabs", [OBJECTS] = "?total_objects", [PARTIAL] = "?nr_partial"
};

struct reading {
	const struct kview *v;
	struct slabs *slabs;
	struct ktype cache, node;
	uint64_t nodes, stride; /* offset of the first pointer to a node, bytes to the next */
	uint64_t n_nodes;
	struct kcopy cache_copy, node_copy;
};

static int find_nodes(struct reading *rd)
{
	struct btf_member array, pointer;
	int r = btf_member(rd->v->types, "kmem_cache", "node", &array);

	pointer = array;
	if (r < 0) {
		if ((r = btf_member(rd->v->types, "kmem_cache", "per_node", &array)) < 0 ||
		    (r = btf_member(rd->v->types, "kmem_cache", "per_node.node", &pointer)) < 0)
			return r;
	}
	rd->nodes = pointer.offset;
	/* A flexible array member has no size. */
	rd->stride = array.count && array.size ? array.size / array.count : 8;
	if (kview_number(rd->v, "nr_node_ids", 4, &rd->n_nodes) < 0)
		rd->n_nodes = 1;
	rd->n_nodes = MIN(rd->n_nodes, MAX_NODES);
	return 0;
}

static int read_nodes(struct reading *rd, struct slab_cache *c)
{
	for (uint64_t i = 0; i < rd->n_nodes; i++) {
		const struct kcopy *n = &rd->node_copy;
		uint64_t node;
		int r = kspace_u64(rd->v->ks, c->address + rd->nodes + i * rd->stride, &node);

		if (r < 0)
			return r;
		if (node == 0)
			continue;
		r = kcopy_read(&rd->node_copy, rd->v->ks, &rd->node, node);
		if (r < 0)
			return r;
		c->slabs += kcopy_u64(n, SLABS);
		c->objects += kcopy_u64(n, OBJECTS);
		c->partial += kcopy_u64(n, PARTIAL);
	}
	return 0;
}

static int add_cache(struct reading *rd, uint64_t address)
{
	struct slabs *s = rd->slabs;
	const struct kcopy *copy = &rd->cache_copy;
	struct slab_cache *c;
	int r;

	if ((r = array_grow(&s->list, s->n, "a list of caches")) < 0 ||
	    (r = kcopy_read(&rd->cache_copy, rd->v->ks, &rd->cache, address)) < 0)
		return r;
	c = &s->list[s->n];
	*c = (struct slab_cache){
		.address = address,
		.size = kcopy_u64(copy, SIZE),
		.object_size = kcopy_u64(copy, OBJECT_SIZE),
		.per_slab = kcopy_u64(copy, NUM),
		.order = kcopy_u64(copy, ORDER),
	};
	if (ktype_has(&rd->cache, OO)) {
		c->per_slab = kcopy_u64(copy, OO) & ((1U << OO_SHIFT) - 1);
		c->order = kcopy_u64(copy, OO) >> OO_SHIFT;
	}
	if (c->order > MAX_ORDER)
		return errf(-EBADMSG, "the cache at %#llx has slabs of 1 << %u pages",
		            (unsigned long long)address, c->order);
	if (kview_string(rd->v, kcopy_u64(copy, NAME), c->name, sizeof(c->name)) < 0)
		strcpy(c->name, "?");
	text_mask(c->name, strlen(c->name));
	r = read_nodes(rd, c);
	if (r < 0)
		return r;
	if (!ktype_has(&rd->node, OBJECTS))
		c->objects = c->slabs * c->per_slab;
	c->bytes = c->slabs << c->order << rd->v->ks->dump->page_shift;
	s->n++;
	return 0;
}

static int find_types(struct reading *rd)
{
	const struct btf *b = rd->v->types;
	int r;

	if (!b)
		return errf(-ENODATA, "the kernel's types are not known: %s", rd->v->no_types);
	r = ktype_find(b, "kmem_cache", cache_members, CACHE_MEMBERS, &rd->cache);
	if (r < 0)
		return r;
	r = ktype_find(b, "kmem_cache_node", node_members, NODE_MEMBERS, &rd->node);
	return r < 0 ? r : find_nodes(rd);
}

static int read_caches(struct reading *rd)
{
	struct list_walk w;
	uint64_t head, node;
	int r, wrong = 0;

	if ((r = find_types(rd)) < 0 || (r = kview_address(rd->v, "slab_caches", &head)) < 0)
		return r;
	rd->slabs->counted = ktype_has(&rd->node, SLABS);
	if (!rd->slabs->counted)
		err_note(errf(-ENODATA, "the kernel does not count slabs "
		                        "(CONFIG_SLUB_DEBUG is not set)"),
		         rd->slabs->remark);
	w = list_walk(rd->v->ks, head, MAX_CACHES);
	while (wrong == 0 && (r = list_next(&w, &node)) > 0)
		wrong = err_note(add_cache(rd, ktype_around(&rd->cache, LIST, node)),
		                 rd->slabs->remark);
	return wrong ?: r;
}

static int compare(const void *a, const void *b)
{
	const struct slab_cache *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes > y->bytes ? -1 : 1;
	return strcmp(x->name, y->name);
}

int slabs_read(const struct kview *v, struct slabs *ret)
{
	struct reading rd = { .v = v, .slabs = ret };
	int r;

	*ret = (struct slabs){};
	r = err_note(read_caches(&rd), ret->remark);
	kcopy_done(&rd.cache_copy);
	kcopy_done(&rd.node_copy);
	if (r < 0) {
		slabs_done(ret);
		return r;
	}
	if (ret->n > 0)
		qsort(ret->list, ret->n, sizeof(*ret->list), compare);
	return 0;
}

void slabs_done(struct slabs *s)
{
	free(s->list);
	*s = (struct slabs){};
}
