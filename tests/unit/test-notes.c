// SPDX-License-Identifier: GPL-2.0-or-later
/* test-notes.c - ELF notes: padding, order, broken ones. */
#include <elf.h>
#include <errno.h>

#include "tests/unit/synth.h"
#include "vmcore/format/notes.h"

static const uint8_t registers[336];

static void names_and_descriptions_are_padded_to_four_bytes(void **state)
{
	struct synth_notes notes = {};
	struct cursor c;
	struct note n;

	synth_note(&notes, "A", 7, "12345", 5);
	synth_note(&notes, "LONGER", 8, "1234", 4);
	synth_note(&notes, "", 9, NULL, 0);
	assert_int_equal(notes.len, 12 + 4 + 8 + 12 + 8 + 4 + 12 + 4);
	c = cursor_over(notes.bytes, notes.len, "notes");

	assert_int_equal(notes_next(&c, &n), 1);
	assert_int_equal(n.type, 7);
	assert_int_equal(n.name_len, 1);
	assert_int_equal(n.desc_len, 5);
	assert_memory_equal(n.desc, "12345", 5);
	assert_int_equal(notes_next(&c, &n), 1);
	assert_int_equal(n.type, 8);
	assert_int_equal(n.name_len, 6);
	assert_memory_equal(n.name, "LONGER", 6);
	assert_memory_equal(n.desc, "1234", 4);
	assert_int_equal(notes_next(&c, &n), 1);
	assert_int_equal(n.type, 9);
	assert_int_equal(n.desc_len, 0);
	assert_int_equal(notes_next(&c, &n), 0);
}

static void last_note_may_lack_its_padding(void **state)
{
	struct synth_notes notes = {};
	struct cursor c;
	struct note n;

	synth_note(&notes, "CORE", 1, "12345", 5);
	c = cursor_over(notes.bytes, notes.len - 3, "notes");
	assert_int_equal(notes_next(&c, &n), 1);
	assert_int_equal(n.desc_len, 5);
	assert_int_equal(notes_next(&c, &n), 0);
}

static void zeroes_end_the_list(void **state)
{
	struct synth_notes notes = {};

	synth_note(&notes, "CORE", NT_PRSTATUS, registers, sizeof(registers));
	notes.len += 5 * 12;
	synth_note(&notes, "CORE", NT_PRSTATUS, registers, sizeof(registers));
	assert_int_equal(notes_scan(notes.bytes, notes.len, false).n_cpus, 1);
}

static void note_that_runs_past_the_end_is_broken(void **state)
{
	static const size_t fields[] = { 0, 4 }; /* size of the name, size of the description */
	static const uint32_t sizes[] = { 0x1000, 0x7fffffff, 0xfffffffd, 0xffffffff };

	for (size_t f = 0; f < ARRAY_SIZE(fields); f++)
		for (size_t s = 0; s < ARRAY_SIZE(sizes); s++) {
			struct synth_notes notes = {};
			struct cursor c;
			struct note n = { .type = 99 };

			synth_note(&notes, "CORE", 1, "1234", 4);
			synth_put(notes.bytes + fields[f], sizes[s], 4, false);
			c = cursor_over(notes.bytes, notes.len, "notes");
			assert_fails(notes_next(&c, &n), -EBADMSG, "notes: ends at byte 24");
			assert_int_equal(n.type, 99);
			assert_int_equal(cursor_offset(&c), 0);
		}
}

static void cut_off_notes_never_run_past_the_end(void **state)
{
	struct synth_notes notes = {};

	for (int i = 0; i < 3; i++)
		synth_note(&notes, "CORE", NT_PRSTATUS, registers, sizeof(registers));
	for (size_t len = 0; len <= notes.len; len++) {
		/* A block of just that size, so that a sanitizer sees any byte too many. */
		uint8_t *cut = malloc(len ?: 1);

		assert_non_null(cut);
		memcpy(cut, notes.bytes, len);
		assert_int_equal(notes_scan(cut, len, false).n_cpus, len / (notes.len / 3));
		free(cut);
	}
}

static void every_cpu_is_counted_and_vmcoreinfo_found(void **state)
{
	static const char text[] = "OSRELEASE=6.12\n";
	struct synth_notes notes = {};
	struct notes_summary sum;

	synth_note(&notes, "VMCOREDD", 0x700, "device", 6);
	for (int i = 0; i < 5; i++)
		synth_note(&notes, "CORE", NT_PRSTATUS, registers, sizeof(registers));
	synth_note(&notes, "LINUX", NT_PRSTATUS, registers, sizeof(registers));
	synth_note(&notes, "CORE", NT_PRPSINFO, registers, 16);
	synth_note(&notes, "VMCOREINFO", 0, text, sizeof(text) - 1);
	synth_note(&notes, "VMCOREINFO", 0, "second", 6);
	sum = notes_scan(notes.bytes, notes.len, false);
	assert_int_equal(sum.n_cpus, 5);
	assert_int_equal(sum.vmcoreinfo_len, sizeof(text) - 1);
	assert_memory_equal(notes.bytes + sum.vmcoreinfo_offset, text, sizeof(text) - 1);
}

static void vmcoreinfo_ends_at_its_first_zero(void **state)
{
	struct synth_notes notes = {};
	struct notes_summary sum;

	synth_note(&notes, "VMCOREINFO", 0, "A=1\nB=2\n\0\0\0junk", 15);
	sum = notes_scan(notes.bytes, notes.len, false);
	assert_int_equal(sum.vmcoreinfo_len, 8);
}

static void broken_note_leaves_those_before_it(void **state)
{
	struct synth_notes notes = {};
	struct notes_summary sum;
	size_t at;

	synth_note(&notes, "CORE", NT_PRSTATUS, registers, sizeof(registers));
	synth_note(&notes, "VMCOREINFO", 0, "A=1\n", 4);
	at = notes.len;
	synth_note(&notes, "CORE", NT_PRSTATUS, registers, sizeof(registers));
	synth_put(notes.bytes + at + 4, 1U << 30, 4, false);
	sum = notes_scan(notes.bytes, notes.len, false);
	assert_int_equal(sum.n_cpus, 1);
	assert_int_equal(sum.vmcoreinfo_len, 4);
}

static void other_byte_order_is_read(void **state)
{
	struct synth_notes notes = { .swap = true };
	struct notes_summary sum;

	synth_note(&notes, "CORE", NT_PRSTATUS, registers, sizeof(registers));
	synth_note(&notes, "VMCOREINFO", 0, "A=1\n", 4);
	sum = notes_scan(notes.bytes, notes.len, true);
	assert_int_equal(sum.n_cpus, 1);
	assert_int_equal(sum.vmcoreinfo_len, 4);
	assert_int_equal(notes_scan(notes.bytes, notes.len, false).n_cpus, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_descriptions_are_padded_to_four_bytes),
		cmocka_unit_test(last_note_may_lack_its_padding),
		cmocka_unit_test(zeroes_end_the_list),
		cmocka_unit_test(note_that_runs_past_the_end_is_broken),
		cmocka_unit_test(cut_off_notes_never_run_past_the_end),
		cmocka_unit_test(every_cpu_is_counted_and_vmcoreinfo_found),
		cmocka_unit_test(vmcoreinfo_ends_at_its_first_zero),
		cmocka_unit_test(broken_note_leaves_those_before_it),
		cmocka_unit_test(other_byte_order_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
