// SPDX-License-Identifier: GPL-2.0-or-later
/* test-orc.c - tables of all versions tell the same, and broken ones do no harm. */
#include <errno.h>

#include "tests/unit/synth-orc.h"
#include "base/err.h"

#define PAGE    UINT64_C(4096)
#define CODE    (SYNTH_IMAGE_VA + MIB(1))
#define IPS     (SYNTH_IMAGE_VA + 0x10000)
#define ENTRIES (SYNTH_IMAGE_VA + 0x50000 + 10)
#define MODULE  UINT64_C(0xffffffffc0345000)
#define TEST_PA (SYNTH_TEST_PFN * PAGE)

struct fixture {
	struct synth m;
	struct synth_orc table;
	struct dump *dump;
	struct kspace *ks;
	struct orc *orc;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	synth_init(&f->m, NULL);
	f->table = (struct synth_orc){ .machine = &f->m,
		                       .version = 3,
		                       .table = { .ips = IPS, .entries = ENTRIES } };
	*state = f;
	return 0;
}

static void shut(struct fixture *f)
{
	f->orc = orc_free(f->orc);
	f->ks = kspace_free(f->ks);
	f->dump = dump_free(f->dump);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	shut(f);
	synth_done(&f->m);
	free(f);
	return 0;
}

static int try_open(struct fixture *f)
{
	struct orc_facts facts = synth_orc_facts(&f->table);

	f->dump = synth_dump(&f->m);
	f->ks = synth_kspace(f->dump);
	return orc_open(f->ks, &facts, &f->orc);
}

/* An ordinary one; @offset tells it from others. */
static struct orc_entry ordinary(int16_t offset)
{
	return (struct orc_entry){ .type = ORC_TYPE_CALL,
		                   .sp_reg = ORC_REG_SP,
		                   .sp_offset = offset,
		                   .bp_reg = ORC_REG_PREV_SP,
		                   .bp_offset = -offset };
}

static void add(struct fixture *f, uint64_t ip, struct orc_entry e)
{
	synth_orc_add(&f->table, ip, e);
}

static void add_ordinary(struct fixture *f, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		add(f, CODE + 16 * i, ordinary(i));
}

static void check_entry(const struct orc_entry *a, const struct orc_entry *b)
{
	assert_int_equal(a->type, b->type);
	assert_int_equal(a->sp_reg, b->sp_reg);
	assert_int_equal(a->bp_reg, b->bp_reg);
	assert_int_equal(a->sp_offset, b->sp_offset);
	assert_int_equal(a->bp_offset, b->bp_offset);
	assert_int_equal(a->signal, b->signal);
}

static void check_found(struct fixture *f, uint64_t ip, struct orc_entry expected)
{
	struct orc_entry e;

	assert_int_equal(orc_find(f->orc, &f->table.table, ip, &e), 0);
	check_entry(&e, &expected);
}

static void check_offset(struct fixture *f, uint64_t ip, int offset)
{
	struct orc_entry e;

	assert_int_equal(orc_find(f->orc, &f->table.table, ip, &e), 0);
	assert_int_equal(e.sp_offset, offset);
}

/* One of each kind. Version 1 has no flag for an interrupt: a frame with all registers is one. */
static const struct orc_entry kinds[] = {
	{ ORC_TYPE_CALL, ORC_REG_SP, ORC_REG_PREV_SP, 8, -16, false },
	{ ORC_TYPE_CALL, ORC_REG_SP, ORC_REG_UNDEFINED, INT16_MAX, INT16_MIN, false },
	{ ORC_TYPE_CALL, ORC_REG_BP, ORC_REG_BP, 16, -16, false },
	{ ORC_TYPE_CALL, ORC_REG_SP, ORC_REG_PREV_SP, 512, -8, false },
	{ ORC_TYPE_CALL, ORC_REG_SP_INDIRECT, ORC_REG_UNDEFINED, 8, 0, false },
	{ ORC_TYPE_CALL, ORC_REG_BP_INDIRECT, ORC_REG_UNDEFINED, -8, 0, false },
	{ ORC_TYPE_CALL, ORC_REG_R10, ORC_REG_UNDEFINED, 0, 0, false },
	{ ORC_TYPE_CALL, ORC_REG_R13, ORC_REG_UNDEFINED, 0, 0, false },
	{ ORC_TYPE_REGS, ORC_REG_DI, ORC_REG_UNDEFINED, 0, 0, true },
	{ ORC_TYPE_REGS, ORC_REG_DX, ORC_REG_UNDEFINED, 0, 0, true },
	{ ORC_TYPE_REGS, ORC_REG_AX, ORC_REG_UNDEFINED, 0, 0, true },
	{ ORC_TYPE_PARTIAL, ORC_REG_SP, ORC_REG_UNDEFINED, 0, 0, true },
	{ ORC_TYPE_UNKNOWN, ORC_REG_SP, ORC_REG_UNDEFINED, 0, 0, true },
	{ ORC_TYPE_CALL, ORC_REG_UNKNOWN, ORC_REG_UNKNOWN, 0, 0, false },
	{ ORC_TYPE_END, ORC_REG_UNDEFINED, ORC_REG_UNDEFINED, 0, 0, true },
	{ ORC_TYPE_UNDEFINED, ORC_REG_UNDEFINED, ORC_REG_UNDEFINED, 0, 0, false },
};

static void untyped_tables_are_of_the_first_version(void **state)
{
	struct fixture *f = *state;

	for (unsigned version = 1; version <= SYNTH_ORC_VERSIONS; version++) {
		struct orc_facts facts;

		f->table.version = version;
		f->table.table.n = 0;
		for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
			add(f, CODE + 16 * i, kinds[i]);
		facts = synth_orc_facts(&f->table);
		facts.has_signal = facts.has_end = false;
		facts.untyped = true;
		f->dump = synth_dump(&f->m);
		f->ks = synth_kspace(f->dump);
		if (version == 1) {
			assert_int_equal(orc_open(f->ks, &facts, &f->orc), 0);
			check_found(f, CODE + 5, kinds[0]);
			check_found(f, CODE + 16 * 8, kinds[8]);
		} else {
			assert_fails(orc_open(f->ks, &facts, &f->orc), -EBADMSG, "version");
		}
		shut(f);
	}
}

static void all_versions_tell_the_same(void **state)
{
	struct fixture *f = *state;

	for (unsigned version = 1; version <= SYNTH_ORC_VERSIONS; version++) {
		f->table.version = version;
		f->table.table.n = 0;
		for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
			add(f, CODE + 16 * i, kinds[i]);
		assert_int_equal(try_open(f), 0);
		for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
			struct orc_entry expected = kinds[i];

			/* Where nothing is found, nobody asks if it was interrupted. */
			if (version == 1 && expected.type == ORC_TYPE_END)
				expected.signal = false;
			check_found(f, CODE + 16 * i + 5, expected);
		}
		shut(f);
	}
}

static void signal_may_be_missing_from_registers(void **state)
{
	struct fixture *f = *state;
	struct orc_entry e = { .type = ORC_TYPE_REGS,
		               .sp_reg = ORC_REG_SP,
		               .bp_reg = ORC_REG_UNDEFINED };

	for (unsigned version = 2; version <= SYNTH_ORC_VERSIONS; version++) {
		f->table.version = version;
		f->table.table.n = 0;
		add(f, CODE, e);
		assert_int_equal(try_open(f), 0);
		check_found(f, CODE, e);
		shut(f);
	}
}

static void entry_holds_up_to_the_next(void **state)
{
	struct fixture *f = *state;
	struct orc_entry e = ordinary(99);

	add_ordinary(f, 3);
	assert_int_equal(try_open(f), 0);
	assert_fails(orc_find(f->orc, &f->table.table, CODE - 1, &e), -ENOENT,
	             "0xffffffff810fffff");
	assert_int_equal(e.sp_offset, 99);
	check_offset(f, CODE, 0);
	check_offset(f, CODE + 15, 0);
	check_offset(f, CODE + 16, 1);
	check_offset(f, CODE + 31, 1);
	check_offset(f, CODE + 32, 2);
	check_offset(f, UINT64_MAX, 2);
	assert_int_equal(orc_find(f->orc, &f->table.table, CODE + 31, &e), 0);
	assert_int_equal(e.start, CODE + 16);
}

static void tables_of_many_pages_are_searched(void **state)
{
	struct fixture *f = *state;
	uint32_t at = 1;

	/* More than are cached, and entries that lie across pages. */
	add_ordinary(f, 60000);
	assert_int_equal(try_open(f), 0);
	for (unsigned i = 0; i < 3000; i++) {
		at = at * 1664525 + 1013904223;
		check_offset(f, CODE + 16 * (at % 60000) + at % 16, (int16_t)(at % 60000));
	}
	for (unsigned i = 0; i < 60000; i += 7)
		check_offset(f, CODE + 16 * i, (int16_t)i);
}

static void undefined_entry_hides_none_with_the_same_address(void **state)
{
	static const struct orc_entry undefined = { .type = ORC_TYPE_UNDEFINED,
		                                    .sp_reg = ORC_REG_UNDEFINED,
		                                    .bp_reg = ORC_REG_UNDEFINED };
	struct fixture *f = *state;

	for (unsigned version = 1; version <= SYNTH_ORC_VERSIONS; version++) {
		f->table.version = version;
		f->table.table.n = 0;
		add(f, CODE, ordinary(1));
		add(f, CODE + 16, undefined);
		add(f, CODE + 16, ordinary(2));
		add(f, CODE + 32, ordinary(3));
		add(f, CODE + 32, undefined);
		add(f, CODE + 32, undefined);
		add(f, CODE + 48, undefined);
		assert_int_equal(try_open(f), 0);
		check_offset(f, CODE + 16, 2);
		check_offset(f, CODE + 32, 3);
		check_found(f, CODE + 48, undefined);
		shut(f);
	}
}

static void many_equal_addresses_are_not_gone_through(void **state)
{
	struct fixture *f = *state;
	struct orc_entry undefined = { .type = ORC_TYPE_UNDEFINED,
		                       .sp_reg = ORC_REG_UNDEFINED,
		                       .bp_reg = ORC_REG_UNDEFINED };

	add(f, CODE, ordinary(1));
	for (unsigned i = 0; i < 1000; i++)
		add(f, CODE, undefined);
	f->table.table.n = 1;
	assert_int_equal(try_open(f), 0);
	f->table.table.n = 1001;
	check_found(f, CODE, undefined);
}

static void module_has_a_table_of_its_own(void **state)
{
	struct fixture *f = *state;
	uint64_t code = MODULE - MIB(1);

	synth_map(&f->m, MODULE, TEST_PA, 2 * PAGE, PAGE);
	add_ordinary(f, 3);
	assert_int_equal(try_open(f), 0);
	f->table.table = (struct orc_table){ .ips = MODULE, .entries = MODULE + PAGE - 20 };
	add(f, code, ordinary(70));
	add(f, code + 40, ordinary(71));
	check_offset(f, code + 39, 70);
	check_offset(f, code + 40, 71);
}

static void missing_page_is_named(void **state)
{
	struct fixture *f = *state;
	struct orc_entry e;

	/* Three pages of addresses, and entries of which the last page is missing. */
	synth_map(&f->m, MODULE, TEST_PA, 3 * PAGE, PAGE);
	synth_map(&f->m, MODULE + 16 * PAGE, TEST_PA + 4 * PAGE, 5 * PAGE, PAGE);
	f->table.table.ips = MODULE;
	f->table.table.entries = MODULE + 16 * PAGE;
	add_ordinary(f, 3000);
	synth_put(synth_entry(&f->m, MODULE + 20 * PAGE, 1), 0, 8, false);
	assert_int_equal(try_open(f), 0);
	check_offset(f, CODE, 0);
	assert_fails(orc_find(f->orc, &f->table.table, CODE + 16 * 2999, &e), -EFAULT,
	             "0xffffffffc035964a");
	check_offset(f, CODE + 16 * 2000, 2000);
}

static void what_is_no_table_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_fails(try_open(f), -EBADMSG, "of 0 entries");
	shut(f);
	f->table.table.n = UINT64_MAX;
	assert_fails(try_open(f), -EBADMSG, "entries");
	shut(f);
	/* Zeroes. */
	f->table.table.n = 100;
	assert_fails(try_open(f), -EBADMSG, "makes no sense");
	shut(f);
	f->table.table.entries = MODULE;
	assert_fails(try_open(f), -EFAULT, "0xffffffffc0345000");
	assert_null(f->orc);
}

static void table_that_is_not_sorted_gives_some_entry(void **state)
{
	struct fixture *f = *state;
	uint32_t at = 1;

	for (unsigned i = 0; i < 2000; i++) {
		at = at * 1664525 + 1013904223;
		add(f, CODE + at % 32000, ordinary(i));
	}
	assert_int_equal(try_open(f), 0);
	for (unsigned i = 0; i < 32000; i += 100) {
		struct orc_entry e;
		int r = orc_find(f->orc, &f->table.table, CODE + i, &e);

		assert_true(r == 0 || r == -ENOENT);
		if (r == 0)
			assert_in_range(e.sp_offset, 0, 1999);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(all_versions_tell_the_same),
		TEST(untyped_tables_are_of_the_first_version),
		TEST(signal_may_be_missing_from_registers),
		TEST(entry_holds_up_to_the_next),
		TEST(tables_of_many_pages_are_searched),
		TEST(undefined_entry_hides_none_with_the_same_address),
		TEST(many_equal_addresses_are_not_gone_through),
		TEST(module_has_a_table_of_its_own),
		TEST(missing_page_is_named),
		TEST(what_is_no_table_is_refused),
		TEST(table_that_is_not_sorted_gives_some_entry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
