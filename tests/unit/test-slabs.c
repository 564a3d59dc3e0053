// SPDX-License-Identifier: GPL-2.0-or-later
/* test-slabs.c - the caches of a kernel that was never there. */
#include <errno.h>

#include "tests/unit/schema.h"
#include "tests/unit/synth-kernel.h"
#include "vmcore/report/slabs.h"

#define AT(offset) SYNTH_VA(SYNTH_DATA + (offset))
#define HEAD       AT(0x0)
#define CACHE(n)   AT(0x100 + (n)*0x100)
#define NODES(n)   AT(0x1000 + (n)*0x40)
#define NAMES(n)   AT(0x2000 + (n)*0x80)
#define NUMBERS    AT(0x3000)

/* Offsets in struct kmem_cache and struct kmem_cache_node. */
enum {
	SIZE = 0,
	OBJECT_SIZE = 4,
	NAME = 8,
	LIST = 16,
	OO = 32,
	NUM = 36,
	ORDER = 40,
	NODE = 48,
	PARTIAL = 0,
	SLABS = 8,
	OBJECTS = 16,
};

enum era {
	SLUB,
	SLUB_UNCOUNTED, /* without CONFIG_SLUB_DEBUG */
	SLUB_PER_NODE,  /* pointers to nodes within structures */
	SLAB,
};

/* On two nodes, of which the second has nothing of the first cache. */
static const struct {
	const char *name;
	unsigned size, object_size, per_slab, order;
	uint64_t slabs[2], objects[2], partial[2];
} all[] = {
	{ "small", 16, 13, 256, 0, { 7, 0 }, { 1792, 0 }, { 3, 0 } },
	{ "lar\nge", 2048, 2000, 16, 3, { 2, 5 }, { 32, 79 }, { 1, 2 } },
	{ "empty", 64, 64, 64, 0, { 0, 0 }, { 0, 0 }, { 0, 0 } },
};
#define N ARRAY_SIZE(all)

struct fixture {
	struct synth_kernel k;
	struct slabs slabs;
};

static void put_types(struct fixture *f, enum era era)
{
	struct synth_kernel *k = &f->k;
	uint32_t oo, node, nodes;

	oo = synth_kernel_struct(k, "kmem_cache_order_objects", 4,
	                         (struct synth_field[]){ { "x", k->u32, 0 }, {} });
	node = synth_kernel_struct(
		k, "kmem_cache_per_node_ptrs", 16,
		(struct synth_field[]){ { "barn", k->pointer, 0 }, { "node", k->pointer, 8 }, {} });
	/* The array has as many as the kernel could have at most: more than is there. */
	nodes = synth_btf_array(&k->btf, era == SLUB_PER_NODE ? node : k->pointer, 1024);
	synth_kernel_struct(
		k, "kmem_cache", NODE + 8 * 1024,
		(struct synth_field[]){ { "size", k->u32, SIZE },
	                                { "object_size", k->u32, OBJECT_SIZE },
	                                { "name", k->pointer, NAME },
	                                { "list", k->list, LIST },
	                                { era == SLUB_PER_NODE ? "per_node" : "node", nodes, NODE },
	                                { era == SLAB ? "num" : "oo", era == SLAB ? k->u32 : oo,
	                                  era == SLAB ? NUM : OO },
	                                { era == SLAB ? "gfporder" : NULL, k->u32, ORDER },
	                                {} });
	synth_kernel_struct(
		k, "kmem_cache_node", 32,
		(struct synth_field[]){
			{ era == SLAB ? "free_objects" : "nr_partial", k->u64, PARTIAL },
			{ era == SLUB_UNCOUNTED ? NULL
	                  : era == SLAB         ? "total_slabs"
	                                        : "nr_slabs",
	                  k->u64, SLABS },
			{ era == SLAB ? NULL : "total_objects", k->u64, OBJECTS },
			{} });
}

static void put_cache(struct fixture *f, size_t i, enum era era)
{
	struct synth_kernel *k = &f->k;
	unsigned stride = era == SLUB_PER_NODE ? 16 : 8;

	synth_kernel_put(k, CACHE(i) + SIZE, all[i].size, 4);
	synth_kernel_put(k, CACHE(i) + OBJECT_SIZE, all[i].object_size, 4);
	synth_kernel_put(k, CACHE(i) + NAME, NAMES(i), 8);
	synth_kernel_text(k, NAMES(i), all[i].name);
	if (era == SLAB) {
		synth_kernel_put(k, CACHE(i) + NUM, all[i].per_slab, 4);
		synth_kernel_put(k, CACHE(i) + ORDER, all[i].order, 4);
	} else {
		synth_kernel_put(k, CACHE(i) + OO, all[i].order << 16 | all[i].per_slab, 4);
	}
	for (unsigned n = 0; n < 2; n++) {
		uint64_t node = NODES(2 * i + n);

		if (i == 0 && n == 1)
			continue;
		synth_kernel_put(k, CACHE(i) + NODE + n * stride + stride - 8, node, 8);
		synth_kernel_put(k, node + PARTIAL, all[i].partial[n], 8);
		synth_kernel_put(k, node + SLABS, all[i].slabs[n], 8);
		synth_kernel_put(k, node + OBJECTS, all[i].objects[n], 8);
	}
}

static void put_all(struct fixture *f, enum era era)
{
	uint64_t ring[N + 1] = { HEAD };

	put_types(f, era);
	for (size_t i = 0; i < N; i++) {
		put_cache(f, i, era);
		ring[i + 1] = CACHE(i) + LIST;
	}
	synth_kernel_ring(&f->k, ring, ARRAY_SIZE(ring));
	synth_kernel_symbol(&f->k, "slab_caches", HEAD);
	synth_kernel_symbol(&f->k, "nr_node_ids", NUMBERS);
	synth_kernel_put(&f->k, NUMBERS, 2, 4);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	synth_kernel_init(&f->k);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	slabs_done(&f->slabs);
	synth_kernel_done(&f->k);
	free(f);
	return 0;
}

static const struct slabs *read_slabs(struct fixture *f)
{
	assert_int_equal(slabs_read(synth_kernel_open(&f->k), &f->slabs), 0);
	return &f->slabs;
}

static void check_cache(const struct slab_cache *c, size_t i)
{
	uint64_t slabs = all[i].slabs[0] + all[i].slabs[1];

	assert_int_equal(c->address, CACHE(i));
	assert_int_equal(c->size, all[i].size);
	assert_int_equal(c->object_size, all[i].object_size);
	assert_int_equal(c->per_slab, all[i].per_slab);
	assert_int_equal(c->order, all[i].order);
	assert_int_equal(c->slabs, slabs);
	assert_int_equal(c->bytes, slabs * (UINT64_C(4096) << all[i].order));
}

static void check_slub(const struct slabs *s)
{
	static const size_t order[] = { 1, 0, 2 };

	assert_string_equal(s->remark, "");
	assert_true(s->counted);
	assert_int_equal(s->n, N);
	for (size_t i = 0; i < N; i++) {
		size_t nr = order[i];

		check_cache(&s->list[i], nr);
		assert_int_equal(s->list[i].objects, all[nr].objects[0] + all[nr].objects[1]);
		assert_int_equal(s->list[i].partial, all[nr].partial[0] + all[nr].partial[1]);
	}
	assert_string_equal(s->list[0].name, "lar?ge");
	assert_string_equal(s->list[1].name, "small");
}

static void caches_of_slub(void **state)
{
	put_all(*state, SLUB);
	check_slub(read_slabs(*state));
}

static void members_are_described(void **state)
{
	_cleanup_(report_freep) struct report *report = NULL;
	struct fixture *f = *state;

	put_all(f, SLUB);
	assert_int_equal(report_open(synth_kernel_dump(&f->k), &report), 0);
	schema_check_report(report, "memory/caches");
}

static void caches_with_structures_for_nodes(void **state)
{
	put_all(*state, SLUB_PER_NODE);
	check_slub(read_slabs(*state));
}

/* SLAB counts no objects: all slabs have as many. */
static void caches_of_slab(void **state)
{
	const struct slabs *s;

	put_all(*state, SLAB);
	s = read_slabs(*state);
	assert_string_equal(s->remark, "");
	assert_true(s->counted);
	assert_int_equal(s->n, N);
	check_cache(&s->list[0], 1);
	assert_int_equal(s->list[0].objects, 7 * 16);
	check_cache(&s->list[1], 0);
	assert_int_equal(s->list[1].partial, 0);
}

static void caches_that_are_not_counted(void **state)
{
	const struct slabs *s;

	put_all(*state, SLUB_UNCOUNTED);
	s = read_slabs(*state);
	assert_false(s->counted);
	assert_non_null(strstr(s->remark, "CONFIG_SLUB_DEBUG"));
	assert_int_equal(s->n, N);
	assert_int_equal(s->list[0].bytes, 0);
}

/* The list leads nowhere behind the second cache. */
static void broken_lists_give_what_comes_before(void **state)
{
	struct fixture *f = *state;

	put_all(f, SLUB);
	synth_kernel_put(&f->k, CACHE(1) + LIST, 0x1000, 8);
	read_slabs(f);
	assert_int_equal(f->slabs.n, 2);
	assert_string_not_equal(f->slabs.remark, "");
}

static void orders_that_cannot_be_are_told(void **state)
{
	struct fixture *f = *state;

	put_all(f, SLUB);
	synth_kernel_put(&f->k, CACHE(1) + OO, 40 << 16 | 1, 4);
	read_slabs(f);
	assert_int_equal(f->slabs.n, 2);
	assert_non_null(strstr(f->slabs.remark, "1 << 40 pages"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(caches_of_slub),
		TEST(members_are_described),
		TEST(caches_with_structures_for_nodes),
		TEST(caches_of_slab),
		TEST(caches_that_are_not_counted),
		TEST(broken_lists_give_what_comes_before),
		TEST(orders_that_cannot_be_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
