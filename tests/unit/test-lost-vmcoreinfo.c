// SPDX-License-Identifier: GPL-2.0-or-later
/* test-lost-vmcoreinfo.c - VMCOREINFO is found in memory when the dump has no note of it. */
#include "tests/unit/synth.h"
#include "vmcore/kernel/lost-vmcoreinfo.h"

static void put_text(struct synth *m, uint64_t pfn, size_t offset, const char *prefix)
{
	uint8_t *page = synth_at(m, pfn << 12);

	memcpy(page + offset, prefix, strlen(prefix));
	memcpy(page + offset + strlen(prefix), m->info.text, m->info.len);
}

/* What is found in the machine's memory; NULL: nothing. */
static void check_found(struct synth *m, const char *key, const char *value)
{
	_cleanup_(dump_freep) struct dump *d = synth_dump(m);
	_cleanup_(kspace_freep) struct kspace *ks = NULL;
	char found[65];

	assert_int_equal(lost_vmcoreinfo_find(d), 0);
	assert_string_equal(vmcoreinfo_copy(&d->vmcoreinfo, key, found, sizeof(found)), value);
	assert_int_equal(d->n_cpus, SYNTH_CPUS);
	if (*value)
		assert_int_equal(kspace_open(d, &ks), 0);
	else
		assert_int_equal(d->vmcoreinfo.len, 0);
}

/* vmcoreinfo_data has the text alone, vmcoreinfo_note behind the head of a note. */
static void text_of_either_page_is_found(void **state)
{
	static const size_t offsets[] = { 0, 24 };

	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++) {
		struct synth m;

		synth_init(&m, NULL);
		m.no_vmcoreinfo = true;
		check_found(&m, "OSRELEASE", "");
		put_text(&m, SYNTH_TEST_PFN + 3, offsets[i], "");
		check_found(&m, "OSRELEASE", SYNTH_RELEASE);
		synth_done(&m);
	}
}

static void text_that_does_not_fit_is_passed_over(void **state)
{
	static const char *const wrong[] = { "OSRELEASE=6.1.0\n", "OSRELEASE=\x01\n",
		                             "OSRELEASE=" SYNTH_RELEASE "\nPAGESIZE=65536\n" };
	struct synth m;

	synth_init(&m, NULL);
	m.no_vmcoreinfo = true;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		put_text(&m, SYNTH_TEST_PFN + i, 0, wrong[i]);
	/* Not at the start of a page. */
	put_text(&m, SYNTH_TEST_PFN + 8, 100, "");
	check_found(&m, "OSRELEASE", "");
	put_text(&m, SYNTH_TEST_PFN + 9, 0, "");
	check_found(&m, "OSRELEASE", SYNTH_RELEASE);
	synth_done(&m);
}

/* Both kernels are in memory after a capture kernel has run. Only the first adds CRASHTIME. */
static void kernel_that_crashed_comes_first(void **state)
{
	struct synth m;

	synth_init(&m, NULL);
	m.no_vmcoreinfo = true;
	synth_drop(&m.info, "CRASHTIME");
	put_text(&m, SYNTH_TEST_PFN, 0, "");
	synth_key(&m.info, "CRASHTIME=1700000000");
	put_text(&m, SYNTH_TEST_PFN + 5, 24, "");
	check_found(&m, "CRASHTIME", "1700000000");
	synth_done(&m);
}

static void note_of_another_kernel_is_replaced(void **state)
{
	struct synth_info right;
	struct synth m;

	synth_init(&m, NULL);
	put_text(&m, SYNTH_TEST_PFN, 0, "");
	right = m.info;
	synth_drop(&m.info, "NUMBER(phys_base)");
	synth_key(&m.info, "NUMBER(phys_base)=4096");
	check_found(&m, "NUMBER(phys_base)", "-12582912");
	/* A note that fits is not looked at twice. */
	m.info = right;
	synth_key(&m.info, "MARK=1");
	check_found(&m, "MARK", "1");
	synth_done(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_of_either_page_is_found),
		cmocka_unit_test(text_that_does_not_fit_is_passed_over),
		cmocka_unit_test(kernel_that_crashed_comes_first),
		cmocka_unit_test(note_of_another_kernel_is_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
