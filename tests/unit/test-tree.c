// SPDX-License-Identifier: GPL-2.0-or-later
/* test-tree.c - red-black trees in the memory of a crashed kernel. */
#include <errno.h>

#include "tests/unit/synth.h"
#include "vmcore/kernel/rbtree.h"

#define ROOT_VA  (SYNTH_IMAGE_VA + 0x10000)
#define NODES_VA (SYNTH_IMAGE_VA + 0x20000)

struct fixture {
	struct synth m;
	struct dump *dump;
	struct kspace *ks;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	synth_init(&f->m, NULL);
	f->dump = synth_dump(&f->m);
	f->ks = synth_kspace(f->dump);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	kspace_free(f->ks);
	dump_free(f->dump);
	synth_done(&f->m);
	free(f);
	return 0;
}

static void put(struct fixture *f, uint64_t va, uint64_t v)
{
	uint8_t bytes[8];

	synth_put(bytes, v, 8, false);
	synth_store(&f->m, va, bytes, 8);
}

/* Nodes are 40 bytes apart. */
static uint64_t node_va(unsigned i)
{
	return NODES_VA + i * 40;
}

static void put_node(struct fixture *f, unsigned i, uint64_t left, uint64_t right)
{
	put(f, node_va(i), UINT64_C(0xffff800000000001));
	put(f, node_va(i) + 8, right);
	put(f, node_va(i) + 16, left);
}

/* Makes a balanced tree of the nodes [start, end); returns the topmost. */
static uint64_t grow(struct fixture *f, unsigned start, unsigned end)
{
	unsigned middle = start + (end - start) / 3;

	if (start == end)
		return 0;
	put_node(f, middle, grow(f, start, middle), grow(f, middle + 1, end));
	return node_va(middle);
}

static void nodes_come_from_left_to_right(void **state)
{
	static const unsigned sizes[] = { 0, 1, 2, 3, 10, 500 };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct tree_walk w = tree_walk(f->ks, ROOT_VA, 500);
		uint64_t node = 5;

		put(f, ROOT_VA, grow(f, 0, sizes[i]));
		for (unsigned n = 0; n < sizes[i]; n++) {
			assert_int_equal(tree_next(&w, &node), 1);
			assert_true(node == node_va(n));
		}
		node = 5;
		assert_int_equal(tree_next(&w, &node), 0);
		assert_int_equal(node, 5);
		assert_int_equal(w.n, sizes[i]);
	}
}

static void walks_have_limits(void **state)
{
	struct fixture *f = *state;
	struct tree_walk w = tree_walk(f->ks, ROOT_VA, 9);
	uint64_t node;

	put(f, ROOT_VA, grow(f, 0, 10));
	for (unsigned n = 0; n < 9; n++)
		assert_int_equal(tree_next(&w, &node), 1);
	assert_fails(tree_next(&w, &node), -EBADMSG,
	             "the tree at 0xffffffff81010000 has more than 9 entries");
}

static void circles_end(void **state)
{
	struct fixture *f = *state;
	struct tree_walk w;
	uint64_t node;
	unsigned n;

	put(f, ROOT_VA, node_va(0));
	put_node(f, 0, node_va(0), 0);
	w = tree_walk(f->ks, ROOT_VA, 1000);
	assert_fails(tree_next(&w, &node), -EBADMSG,
	             "the tree at 0xffffffff81010000 is higher than 64 nodes");

	put_node(f, 0, 0, node_va(0));
	w = tree_walk(f->ks, ROOT_VA, 1000);
	for (n = 0; n < 1000; n++)
		assert_int_equal(tree_next(&w, &node), 1);
	assert_fails(tree_next(&w, &node), -EBADMSG, "has more than 1000 entries");

	put_node(f, 0, node_va(1), node_va(1));
	put_node(f, 1, 0, node_va(0));
	w = tree_walk(f->ks, ROOT_VA, 1000);
	for (n = 0; tree_next(&w, &node) > 0; n++)
		;
	assert_in_range(n, 1, 1000);
}

static void broken_trees_give_what_there_is(void **state)
{
	struct fixture *f = *state;
	struct tree_walk w = tree_walk(f->ks, ROOT_VA, 1000);
	uint64_t node;

	put(f, ROOT_VA, node_va(1));
	put_node(f, 1, node_va(0), 0x5000);
	put_node(f, 0, 0, 0);
	assert_int_equal(tree_next(&w, &node), 1);
	assert_true(node == node_va(0));
	assert_int_equal(tree_next(&w, &node), 1);
	assert_true(node == node_va(1));
	assert_fails(tree_next(&w, &node), -EFAULT,
	             "entry 2 of the tree at 0xffffffff81010000: nothing is mapped at 0x5000");
	w = tree_walk(f->ks, 0x6000, 1000);
	assert_fails(tree_next(&w, &node), -EFAULT,
	             "the tree at 0x6000: nothing is mapped at 0x6000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(nodes_come_from_left_to_right),
		TEST(walks_have_limits),
		TEST(circles_end),
		TEST(broken_trees_give_what_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
