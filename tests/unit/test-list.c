// SPDX-License-Identifier: GPL-2.0-or-later
/* test-list.c - going along lists of the kernel's, whole and broken. */
#include <errno.h>

#include "tests/unit/synth.h"
#include "vmcore/kernel/list.h"

#define HEAD    (SYNTH_IMAGE_VA + 0x8000)
#define NODE(n) (SYNTH_IMAGE_VA + 0x8000 + 32 * (uint64_t)(n))

/* Makes a list of the head and @n nodes, the last of which leads to @last. Goes along it: what
 * list_next() said in the end, and how many nodes came before. */
static int walk(uint32_t n, uint64_t last, uint32_t max, uint32_t *ret_n)
{
	struct synth m;
	struct dump *d;
	struct kspace *ks;
	struct list_walk w;
	uint64_t node;
	int r;

	synth_init(&m, NULL);
	for (uint32_t i = 0; i <= n; i++) {
		uint8_t next[8];

		synth_put(next, i < n ? NODE(i + 1) : last, 8, false);
		synth_store(&m, NODE(i), next, 8);
	}
	d = synth_dump(&m);
	ks = synth_kspace(d);
	w = list_walk(ks, HEAD, max);
	for (*ret_n = 0; (r = list_next(&w, &node)) > 0; ++*ret_n)
		if (*ret_n < n)
			assert_int_equal(node, NODE(*ret_n + 1));
	kspace_free(ks);
	dump_free(d);
	synth_done(&m);
	return r;
}

static void whole_lists_end_at_their_head(void **state)
{
	static const uint32_t lengths[] = { 0, 1, 2, 3, 7, 8, 9, 100 };
	uint32_t n;

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		assert_int_equal(walk(lengths[i], HEAD, lengths[i], &n), 0);
		assert_int_equal(n, lengths[i]);
	}
}

static void circles_are_noticed(void **state)
{
	uint32_t n;

	/* Back to each of the nodes, the last one too. */
	for (uint32_t to = 1; to <= 20; to++) {
		assert_fails(walk(20, NODE(to), 1000, &n), -EBADMSG, "in a circle");
		assert_true(n >= 20 && n < 80);
	}
}

static void long_lists_are_cut(void **state)
{
	uint32_t n;

	assert_fails(walk(9, HEAD, 8, &n), -EBADMSG, "more than 8 entries");
	assert_int_equal(n, 8);
}

static void lists_that_lead_nowhere_are_told_of(void **state)
{
	uint32_t n;

	assert_fails(walk(3, 0x1000, 8, &n), -EFAULT, "entry 4 of the list at 0xffffffff81008000");
	assert_int_equal(n, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_lists_end_at_their_head),
		cmocka_unit_test(circles_are_noticed),
		cmocka_unit_test(long_lists_are_cut),
		cmocka_unit_test(lists_that_lead_nowhere_are_told_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
