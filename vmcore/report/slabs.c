// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * slabs.c - caches of small objects, see slabs.h.
 *
 * All caches are in the list slab_caches. Their struct kmem_cache ends with an array of pointers to
 * what a node has of them; memory for it is there for as many nodes as the machine can have. SLUB
 * (mm/slub.c, mm/slab.h, Linux 6.12) counts slabs and objects if CONFIG_SLUB_DEBUG is set, and
 * packs the order of slabs and the objects in each into one number. SLAB, which went away with 6.8,
 * always counts slabs. From 7.0 on (?) the nodes are in per_node[], structures with a pointer in
 * them.
 */
#include "vmcore/report/slabs.h"

#include <errno.h>
#include <stdio.h>

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

enum {
	LIST,
	NAME,
	SIZE,
	OBJECT_SIZE,
	OO,
	NUM,
	ORDER,
	CACHE_MEMBERS,
};

static const char *const cache_members[CACHE_MEMBERS] = {
	[LIST] = "list",       [NAME] = "name", [SIZE] = "size", [OBJECT_SIZE] = "?object_size",
	[OO] = "?oo.x",        /* SLUB */
	[NUM] = "?num",        /* SLAB */
	[ORDER] = "?gfporder", /* SLAB */
};

enum {
	SLABS,
	OBJECTS,
	PARTIAL,
	NODE_MEMBERS,
};

static const char *const node_members[NODE_MEMBERS] = {
	[SLABS] = "?nr_slabs|total_slabs",
	[OBJECTS] = "?total_objects",
	[PARTIAL] = "?nr_partial",
};

struct reading {
	const struct kview *v;
	struct slabs *slabs;
	struct ktype cache, node;
	uint64_t nodes, stride; /* where the first pointer to a node is, and how far the next */
	uint64_t n_nodes;
	struct kcopy cache_copy, node_copy;
	size_t room;
};

static int find_nodes(struct reading *r)
{
	struct btf_member array, pointer;
	int e;

	e = btf_member(r->v->types, "kmem_cache", "node", &array);
	pointer = array;
	if (e < 0) {
		e = btf_member(r->v->types, "kmem_cache", "per_node", &array);
		if (e == 0)
			e = btf_member(r->v->types, "kmem_cache", "per_node.node", &pointer);
	}
	if (e < 0)
		return e;
	r->nodes = pointer.offset;
	/* An array without a length in its type has no size. */
	r->stride = array.count && array.size ? array.size / array.count : 8;
	if (kview_number(r->v, "nr_node_ids", 4, &r->n_nodes) < 0)
		r->n_nodes = 1;
	r->n_nodes = MIN(r->n_nodes, MAX_NODES);
	return 0;
}

static int read_nodes(struct reading *r, struct slab_cache *c)
{
	for (uint64_t i = 0; i < r->n_nodes; i++) {
		const struct kcopy *n = &r->node_copy;
		uint64_t node;
		int e;

		e = kspace_u64(r->v->ks, c->address + r->nodes + i * r->stride, &node);
		if (e == 0 && node)
			e = kcopy_read(&r->node_copy, r->v->ks, &r->node, node);
		if (e < 0)
			return e;
		if (node == 0)
			continue;
		c->slabs += kcopy_u64(n, SLABS);
		c->objects += kcopy_u64(n, OBJECTS);
		c->partial += kcopy_u64(n, PARTIAL);
	}
	return 0;
}

static int add_cache(struct reading *r, uint64_t address)
{
	struct slabs *s = r->slabs;
	const struct kcopy *copy = &r->cache_copy;
	struct slab_cache *c;
	int e;

	if (s->n == r->room) {
		size_t room = MAX(2 * r->room, 256);
		struct slab_cache *grown = reallocarray(s->list, room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		s->list = grown;
		r->room = room;
	}
	e = kcopy_read(&r->cache_copy, r->v->ks, &r->cache, address);
	if (e < 0)
		return e;
	c = &s->list[s->n];
	*c = (struct slab_cache){
		.address = address,
		.size = kcopy_u64(copy, SIZE),
		.object_size = kcopy_u64(copy, OBJECT_SIZE),
		.per_slab = kcopy_u64(copy, NUM),
		.order = kcopy_u64(copy, ORDER),
	};
	if (ktype_has(&r->cache, OO)) {
		c->per_slab = kcopy_u64(copy, OO) & ((1U << OO_SHIFT) - 1);
		c->order = kcopy_u64(copy, OO) >> OO_SHIFT;
	}
	if (c->order > MAX_ORDER)
		return errf(-EBADMSG, "the cache at %#llx has slabs of 1 << %u pages",
		            (unsigned long long)address, c->order);
	if (kview_string(r->v, kcopy_u64(copy, NAME), c->name, sizeof(c->name)) < 0)
		strcpy(c->name, "?");
	text_mask(c->name, strlen(c->name));
	e = read_nodes(r, c);
	if (e < 0)
		return e;
	if (!ktype_has(&r->node, OBJECTS))
		c->objects = c->slabs * c->per_slab;
	c->bytes = c->slabs << c->order << r->v->ks->dump->page_shift;
	s->n++;
	return 0;
}

/* The first that is wrong is told, the rest is looked for all the same. */
static int note_fault(struct slabs *s, int error)
{
	if (error < 0 && error != -ENOMEM && !s->remark[0])
		snprintf(s->remark, sizeof(s->remark), "%s", err_text(error));
	return error == -ENOMEM ? error : 0;
}

static int read_caches(struct reading *r)
{
	const struct btf *b = r->v->types;
	struct list_walk w;
	uint64_t head, node;
	int e, wrong = 0;

	if (!b)
		return errf(-ENODATA, "the kernel's types are not known: %s", r->v->no_types);
	if ((e = ktype_find(b, "kmem_cache", cache_members, CACHE_MEMBERS, &r->cache)) < 0 ||
	    (e = ktype_find(b, "kmem_cache_node", node_members, NODE_MEMBERS, &r->node)) < 0 ||
	    (e = find_nodes(r)) < 0 || (e = kview_address(r->v, "slab_caches", &head)) < 0)
		return e;
	r->slabs->counted = ktype_has(&r->node, SLABS);
	if (!r->slabs->counted)
		note_fault(r->slabs, errf(-ENODATA, "the kernel does not count slabs "
		                                    "(CONFIG_SLUB_DEBUG is not set)"));
	w = list_walk(r->v->ks, head, MAX_CACHES);
	while (wrong == 0 && (e = list_next(&w, &node)) > 0)
		wrong = note_fault(r->slabs, add_cache(r, ktype_around(&r->cache, LIST, node)));
	return wrong ?: e;
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
	struct reading r = { .v = v, .slabs = ret };
	int e;

	*ret = (struct slabs){};
	e = note_fault(ret, read_caches(&r));
	kcopy_done(&r.cache_copy);
	kcopy_done(&r.node_copy);
	if (e < 0) {
		slabs_done(ret);
		return e;
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
