// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-battered.c - kernels whose own structures are broken: whatever stands in page tables,
 * sections, struct pages, log and task lists, judging and verifying come to an end, and what is
 * sure to be needed stays.
 */
#include <errno.h>

#include "tests/unit/filtered.h"
#include "tests/unit/synth.h"
#include "base/clock.h"
#include "vmcore/filter/filter.h"
#include "vmcore/filter/verify.h"

#define PAGE   UINT64_C(4096)
#define START  (SYNTH_IMAGE_END * PAGE) /* of the kernel's structures */
#define ROUNDS 300

static uint64_t random_state = 1;
static uint8_t *sections;           /* the first root */
static uint8_t *vmemmap_entries[3]; /* those of the first struct page, by level of the table */
static unsigned n_broken;           /* machines of which tables or lists were seen to be broken */
static unsigned n_unmapped;         /* and those with struct pages that could not be read */

static uint64_t any(uint64_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state % below;
}

/* Values as broken memory has them: noise, single bits, addresses of other structures, loops. */
static uint64_t any_value(struct synth *m, uint64_t old)
{
	uint64_t inside = START + any(m->next_free - START) / 8 * 8;

	switch (any(7)) {
	case 0:
		return old ^ UINT64_C(1) << any(64);
	case 1:
		return any(UINT64_MAX);
	case 2:
		return (inside & -PAGE) | 0x63;
	case 3:
		return (any(SYNTH_HIGH_END) * PAGE) | (any(2) ? 0x63 : 0xe3);
	case 4:
		return SYNTH_DIRECT_VA + inside;
	case 5:
		return SYNTH_VMEMMAP_VA + any(1 << 28);
	default:
		return any(2) ? 0 : UINT64_MAX;
	}
}

/* Somewhere in the kernel's structures, or just where they lead to others. */
static uint8_t *any_place(struct synth *m)
{
	uint64_t pfn = any(SYNTH_MAIN_END), va = synth_page_va(m, pfn);

	switch (any(4)) {
	case 0:
		return synth_at(m, START + any(m->next_free - START) / 8 * 8);
	case 1:
		return synth_at(m, m->top_table + (any(2) ? any(512) * 8 : va >> 36 & 0xff8));
	case 2:
		return any(4) ? sections + pfn / SYNTH_SECTION * 16 : synth_at(m, m->sections);
	default:
		return vmemmap_entries[any(3)] + (va >> 12 & 63) * 8;
	}
}

static void batter(struct synth *m, unsigned blows)
{
	while (blows-- > 0) {
		uint8_t *place = any_place(m);
		uint64_t v;

		memcpy(&v, place, 8);
		synth_put(place, any_value(m, v), 8, false);
	}
}

static void check_filter(const struct dump *d, struct kspace *ks)
{
	for (unsigned level = 0; level <= LEVEL_MAX; level += LEVEL_MAX) {
		uint64_t excluded = 0;
		struct filter_result r;
		struct bitmap keep;

		filtered_pages(d, ks, level, &keep, &r);
		for (enum page_class c = 0; c < PAGE_CLASSES; c++)
			excluded += r.excluded[c];
		assert_int_equal(bitmap_count(&keep, 0, keep.bits), SYNTH_PAGES - excluded);
		/* No page of the image was made untouchable, so all of it is there. */
		if (r.excluded[PAGE_HWPOISON] + r.excluded[PAGE_OFFLINE] +
		            r.excluded[PAGE_UNACCEPTED] ==
		    0)
			assert_int_equal(bitmap_count(&keep, SYNTH_IMAGE_PFN, SYNTH_IMAGE_END),
			                 SYNTH_IMAGE_END - SYNTH_IMAGE_PFN);
		if (level == 0)
			assert_int_equal(r.excluded[PAGE_FREE] + r.excluded[PAGE_CACHE] +
			                         r.excluded[PAGE_PRIVATE_CACHE] +
			                         r.excluded[PAGE_USER],
			                 0);
		n_unmapped += level == 0 && r.unmapped > 0;
		bitmap_done(&keep);
	}
}

static void check_machine(struct synth *m)
{
	_cleanup_(dump_freep) struct dump *d = synth_dump(m);
	_cleanup_(kspace_freep) struct kspace *ks = NULL;
	struct verify_result v;
	int r;

	r = kspace_open(d, &ks);
	assert_true(r == 0 || r == -EBADMSG || r == -ENODATA || r == -EFAULT || r == -ENXIO);
	check_filter(d, ks);
	if (ks) {
		assert_int_equal(verify_dump(d, 0, &v), 0);
		assert_int_equal(v.missing, 0);
		n_broken += v.broken > 0;
	}
}

static void add_tasks(struct synth *m)
{
	uint64_t tasks = synth_alloc(m, 4 * PAGE, PAGE);

	synth_key(&m->info, "SYMBOL(init_task)=%llx",
	          (unsigned long long)(SYNTH_DIRECT_VA + tasks));
	synth_key(&m->info, "SIZE(task_struct)=4096");
	synth_key(&m->info, "OFFSET(task_struct.tasks)=16");
	synth_key(&m->info, "OFFSET(task_struct.stack)=0");
	for (unsigned i = 0; i < 4; i++)
		synth_put(synth_at(m, tasks + i * PAGE + 16),
		          SYNTH_DIRECT_VA + tasks + (i + 1) % 4 * PAGE + 16, 8, false);
}

static void broken_kernels_are_saved(void **state)
{
	static const char *const eras[] = { "5.10", "6.6", "6.16", "7.1" };
	double start = clock_seconds();

	for (size_t e = 0; e < ARRAY_SIZE(eras); e++) {
		struct synth_log log;
		uint8_t *whole;
		struct synth m;

		check_case("era %s", eras[e]);
		synth_init(&m, &(struct synth_options){ .era = eras[e], .small_leaves = true });
		synth_log_init(&log, &m, 5, 12);
		for (unsigned i = 0; i < 40; i++)
			synth_log_add(&log, i, "some text that is logged", 24, SYNTH_FINAL);
		add_tasks(&m);
		sections = synth_section(&m, 0);
		for (unsigned i = 0; i < 3; i++)
			vmemmap_entries[i] = synth_entry(&m, SYNTH_VMEMMAP_VA, i + 1);
		whole = malloc(m.core_len);
		assert_non_null(whole);
		memcpy(whole, m.core, m.core_len);
		for (unsigned i = 0; i < ROUNDS / ARRAY_SIZE(eras); i++) {
			batter(&m, 1 + any(i + 1));
			check_machine(&m);
			memcpy(m.core, whole, MIB(16));
		}
		free(whole);
		synth_done(&m);
	}
	/* The blows hit. */
	assert_true(n_broken > ROUNDS / 4);
	assert_true(n_unmapped > ROUNDS / 4);
	/* Nothing went through the same memory again and again. */
	assert_true(clock_seconds() - start < 120);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(broken_kernels_are_saved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
