// SPDX-License-Identifier: GPL-2.0-or-later
/* test-dmesg.c - the kernel log out of a printk ring. */
#include <errno.h>
#include <stdio.h>

#include "tests/unit/logtext.h"
#include "vmcore/kernel/dmesg.h"

#define MS 1000000ULL

/* A machine with a log, and what dmesg_write() makes of it. */
struct fixture {
	struct synth m;
	struct synth_log log;
	struct logtext out;
};

static void begin(struct fixture *f, unsigned count_bits, unsigned size_bits)
{
	*f = (struct fixture){};
	synth_init(&f->m, NULL);
	synth_log_init(&f->log, &f->m, count_bits, size_bits);
}

static void end(struct fixture *f)
{
	logtext_done(&f->out);
	synth_done(&f->m);
}

static void add(struct fixture *f, uint64_t ns, const char *text)
{
	synth_log_add(&f->log, ns, text, strlen(text), SYNTH_FINAL);
}

static void records_become_lines_with_stamps(void **state)
{
	struct fixture f;

	begin(&f, 5, 12);
	add(&f, 0, "Linux version 6.12.48+deb13-cloud-amd64");
	synth_log_add(&f.log, 1234567 * 1000ULL + 999, "still being written", 19, SYNTH_COMMITTED);
	add(&f, 99999999999999ULL, "a day later");
	add(&f, 123456789012345678ULL, "years later");
	add(&f, UINT64_MAX, "");
	assert_int_equal(logtext_write(&f.out, &f.m), 5);
	assert_string_equal(f.out.text, "[    0.000000] Linux version 6.12.48+deb13-cloud-amd64\n"
	                                "[    1.234567] still being written\n"
	                                "[99999.999999] a day later\n"
	                                "[123456789.012345] years later\n"
	                                "[18446744073.709551] \n");
	assert_int_equal(f.out.calls, 5);
	end(&f);
}

/* Unless the layout is another than what is known; one that is being written has none yet. */
static void records_have_levels(void **state)
{
	struct fixture f;

	begin(&f, 5, 12);
	for (f.log.level = 0; f.log.level < 8; f.log.level++)
		add(&f, 5 * MS, "text");
	synth_log_add(&f.log, 6 * MS, "not yet", 7, SYNTH_RESERVED);
	assert_int_equal(logtext_write(&f.out, &f.m), 9);
	assert_string_equal(f.out.levels, "01234567-");
	synth_drop(&f.m.info, "OFFSET(printk_info.caller_id)");
	synth_key(&f.m.info, "OFFSET(printk_info.caller_id)=24");
	assert_int_equal(logtext_write(&f.out, &f.m), 9);
	assert_string_equal(f.out.levels, "---------");
	end(&f);
}

/* Only the kernel has facility 0. A record has one mark, also if it has several lines. */
static void records_of_programs_are_marked(void **state)
{
	static const struct {
		unsigned facility, level;
		const char *text;
	} rows[] = {
		{ 1, 5, "Kernel panic - not syncing: not me\nOops: 0000 [#1]" },
		{ 3, 6, "systemd[1]: Started" },
		{ 10, 7, "a long name" },
		{ 16, 0, "local" },
		{ 13, 1, "no name" },
		{ 255, 2, "no such" },
		{ 0, 3, "Kernel panic - not syncing: me" },
	};
	struct fixture f;

	begin(&f, 5, 12);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		f.log.facility = rows[i].facility;
		f.log.level = rows[i].level;
		add(&f, 5 * MS, rows[i].text);
	}
	assert_int_equal(logtext_write(&f.out, &f.m), ARRAY_SIZE(rows));
	assert_string_equal(f.out.text,
	                    "user  :notice: [    0.005000] Kernel panic - not syncing: not me\n"
	                    "                              Oops: 0000 [#1]\n"
	                    "daemon:info  : [    0.005000] systemd[1]: Started\n"
	                    "authpriv:debug : [    0.005000] a long name\n"
	                    "local0:emerg : [    0.005000] local\n"
	                    "13    :alert : [    0.005000] no name\n"
	                    "255   :crit  : [    0.005000] no such\n"
	                    "[    0.005000] Kernel panic - not syncing: me\n");
	/* From the text alone it is told who wrote a line. */
	assert_string_equal(dmesg_skip_programs(f.out.text),
	                    "[    0.005000] Kernel panic - not syncing: me\n");
	assert_string_equal(dmesg_skip_stamp("kern  :err   : [    1.000000] mine"), "mine");
	assert_string_equal(dmesg_skip_programs("kern  :err   : [ 1.0] a"),
	                    "kern  :err   : [ 1.0] a");
	assert_string_equal(dmesg_skip_programs("a:b: [ 1.0] c"), "a:b: [ 1.0] c");
	end(&f);
}

static void further_lines_are_indented_and_odd_bytes_escaped(void **state)
{
	struct fixture f;

	begin(&f, 5, 12);
	add(&f, 5 * MS, "first\nsecond\n third");
	add(&f, 123456 * 1000 * MS, "a\n\nb\n");
	add(&f, 6 * MS, "tab\tbell\a esc\033[31m del\177 \\ quote\"\r\v\f");
	add(&f, 7 * MS, "caf\303\251 \377");
	synth_log_add(&f.log, 8 * MS, "nul\0there", 9, SYNTH_FINAL);
	assert_int_equal(logtext_write(&f.out, &f.m), 5);
	assert_string_equal(
		f.out.text,
		"[    0.005000] first\n"
		"               second\n"
		"                third\n"
		"[123456.000000] a\n"
		"                \n"
		"                b\n"
		"                \n"
		"[    0.006000] tab\tbell\\x07 esc\\x1b[31m del\\x7f \\ quote\"\\x0d\\x0b\\x0c\n"
		"[    0.007000] caf\\xc3\\xa9 \\xff\n"
		"[    0.008000] nul\\x00there\n");
	end(&f);
}

static void records_without_text_are_lines_too(void **state)
{
	struct fixture f;

	begin(&f, 5, 12);
	add(&f, 1 * MS, "before");
	synth_log_add(&f.log, 2 * MS, NULL, 0, SYNTH_FINAL);
	/* One whose text found no room: its length is told, but there is nothing. */
	synth_log_add(&f.log, 3 * MS, NULL, 40, SYNTH_FINAL);
	synth_put(synth_log_desc(&f.log, f.log.head_id) + 8, 1, 8, false);
	synth_put(synth_log_desc(&f.log, f.log.head_id) + 16, 1, 8, false);
	add(&f, 4 * MS, "after");
	assert_int_equal(logtext_write(&f.out, &f.m), 4);
	assert_string_equal(f.out.text, "[    0.001000] before\n"
	                                "[    0.002000] \n"
	                                "[    0.003000] \n"
	                                "[    0.004000] after\n");
	end(&f);
}

static void block_too_short_for_its_id_has_no_text(void **state)
{
	struct fixture f;
	uint8_t *desc;

	begin(&f, 5, 12);
	add(&f, 1 * MS, "text");
	desc = synth_log_desc(&f.log, f.log.head_id);
	for (uint64_t size = 1; size <= 8; size++) {
		uint64_t start = -UINT64_C(4096);

		synth_put(desc + 8, start, 8, false);
		synth_put(desc + 16, start + size, 8, false);
		assert_int_equal(logtext_write(&f.out, &f.m), 1);
		assert_string_equal(f.out.text, "[    0.001000] \n");
	}
	end(&f);
}

/* The descriptor of the newest record. */
static uint8_t *newest(struct fixture *f)
{
	return synth_log_desc(&f->log, f->log.head_id);
}

/* The facts of the newest record: 8 the time, 16 the length of the text. */
static uint8_t *newest_info(struct fixture *f)
{
	return synth_at(&f->m, f->log.infos + (f->log.head_id & 31) * 88);
}

static void records_still_being_written_are_marked(void **state)
{
	struct fixture f;

	begin(&f, 5, 12);
	add(&f, 1 * MS, "before");
	synth_log_add(&f.log, 2 * MS, "half of a li", 12, SYNTH_RESERVED);
	add(&f, 3 * MS, "after");
	/* Not a byte of text yet; and what was there before goes on behind the NUL. */
	synth_log_add(&f.log, 4 * MS, NULL, 0, SYNTH_RESERVED);
	synth_log_add(&f.log, 5 * MS, "all of it\0older text", 20, SYNTH_RESERVED);
	assert_int_equal(logtext_write(&f.out, &f.m), 5);
	assert_string_equal(f.out.text, "[    0.001000] before\n"
	                                "[    ?.??????] half of a li [incomplete record]\n"
	                                "[    0.003000] after\n"
	                                "[    ?.??????] [incomplete record]\n"
	                                "[    ?.??????] all of it [incomplete record]\n");
	end(&f);
}

/* A committed record is reserved again to add to it: it has its time, and the length it had. */
static void records_that_are_added_to_are_marked(void **state)
{
	struct fixture f;

	begin(&f, 5, 12);
	synth_log_add(&f.log, 1 * MS, "first part, second pa", 21, SYNTH_RESERVED);
	synth_put(newest_info(&f) + 8, 1 * MS, 8, false);
	synth_put(newest_info(&f) + 16, 11, 2, false);
	assert_int_equal(logtext_write(&f.out, &f.m), 1);
	assert_string_equal(f.out.text,
	                    "[    0.001000] first part, second pa [incomplete record]\n");
	/* A length that cannot be does not lead out of the block. */
	synth_put(newest_info(&f) + 16, 0xffff, 2, false);
	assert_int_equal(logtext_write(&f.out, &f.m), 1);
	assert_string_equal(f.out.text, "[    0.001000] first part, second pa\\x00\\x00\\x00 "
	                                "[incomplete record]\n");
	end(&f);
}

/* Between taking the descriptor and room for the text it has the positions of another. */
static void text_of_another_record_is_not_taken_for_an_unfinished_one(void **state)
{
	struct fixture f;

	begin(&f, 5, 12);
	add(&f, 1 * MS, "someone else's");
	synth_log_add(&f.log, 2 * MS, NULL, 0, SYNTH_RESERVED);
	synth_put(newest(&f) + 8, f.log.head_lpos - 24, 8, false);
	synth_put(newest(&f) + 16, f.log.head_lpos, 8, false);
	assert_int_equal(logtext_write(&f.out, &f.m), 2);
	assert_string_equal(f.out.text, "[    0.001000] someone else's\n"
	                                "[    ?.??????] [incomplete record]\n");
	end(&f);
}

static void empty_log_is_no_error(void **state)
{
	struct fixture f;

	begin(&f, 5, 12);
	assert_int_equal(logtext_write(&f.out, &f.m), 0);
	assert_string_equal(f.out.text, "");
	end(&f);
}

/* Record number @i has 1 to 29 bytes of text; every seventh has none. */
static size_t make_record(unsigned i, char *text)
{
	size_t len = i % 7 == 3 ? 0 : 1 + i * 11 % 29;

	for (size_t c = 0; c < len; c++)
		text[c] = 'a' + (i + c) % 26;
	return len;
}

/* Fills a small ring far beyond its end; after each record the log must be the newest of them. */
static void check_wrapping(unsigned count_bits, unsigned size_bits)
{
	struct fixture f;

	begin(&f, count_bits, size_bits);
	for (unsigned n = 1; n <= 80; n++) {
		char record[64], expected[4096], *at = expected;
		size_t len = make_record(n, record);
		uint64_t held;

		synth_log_add(&f.log, n * MS, len ? record : NULL, len, SYNTH_FINAL);
		held = ((f.log.head_id - f.log.tail_id) & (UINT64_MAX >> 2)) + 1;
		held = MIN(held, n); /* the kernel's first descriptor is none of ours */
		for (unsigned i = n - held + 1; i <= n; i++) {
			len = make_record(i, record);
			at += sprintf(at, "[    0.%06u] %.*s\n", i * 1000, (int)len, record);
		}
		assert_int_equal(logtext_write(&f.out, &f.m), held);
		assert_string_equal(f.out.text, expected);
	}
	end(&f);
}

static void wrapped_text_is_whole(void **state)
{
	/* Few bytes for many records, few records with many bytes, and about as many. */
	check_wrapping(6, 7);
	check_wrapping(6, 8);
	check_wrapping(2, 10);
	check_wrapping(3, 7);
}

/* From 6.18 on a block may end exactly where the ring ends; before it would have wrapped. */
static void text_that_ends_with_the_ring_is_whole(void **state)
{
	uint64_t start = -UINT64_C(128);
	struct fixture f;
	uint8_t *desc;

	begin(&f, 4, 7);
	add(&f, 1 * MS, "first");
	add(&f, 2 * MS, "0123456789012345678901234567890123456789");
	desc = synth_log_desc(&f.log, f.log.head_id);
	synth_put(desc + 8, start + 80, 8, false);
	synth_put(desc + 16, start + 128, 8, false);
	memcpy(synth_at(&f.m, f.log.data + 88), "ends here: 678901234567890123456789abcde", 40);
	assert_int_equal(logtext_write(&f.out, &f.m), 2);
	assert_string_equal(f.out.text,
	                    "[    0.001000] first\n"
	                    "[    0.002000] ends here: 678901234567890123456789abcde\n");
	end(&f);
}

static void length_is_cut_to_the_room_there_is(void **state)
{
	struct fixture f;

	begin(&f, 4, 10);
	add(&f, 1 * MS, "exactly 24 bytes of text");
	add(&f, 2 * MS, "next");
	/* Slot of the first record: ids begin at -(16 + 1), the first of ours is -16. */
	synth_put(synth_at(&f.m, f.log.infos + 16), 0xffff, 2, false);
	assert_int_equal(logtext_write(&f.out, &f.m), 2);
	assert_string_equal(f.out.text,
	                    "[    0.001000] exactly 24 bytes of text\n[    0.002000] next\n");
	end(&f);
}

static void longest_record_fits(void **state)
{
	static char text[65535];
	struct fixture f;

	begin(&f, 4, 17);
	memset(text, 1, sizeof(text));
	synth_log_add(&f.log, 1 * MS, text, sizeof(text), SYNTH_FINAL);
	assert_int_equal(logtext_write(&f.out, &f.m), 1);
	assert_int_equal(f.out.len, 15 + 4 * sizeof(text) + 1);
	assert_memory_equal(f.out.text + f.out.len - 9, "\\x01\\x01\n", 9);
	/* As many lines as there are bytes become too long; the record is cut. */
	memset(text, '\n', sizeof(text));
	synth_log_add(&f.log, UINT64_MAX, text, sizeof(text), SYNTH_FINAL);
	assert_int_equal(logtext_write(&f.out, &f.m), 1);
	assert_true(f.out.len > 65536);
	assert_int_equal(f.out.text[f.out.len - 1], '\n');
	end(&f);
}

static void records_that_are_broken_are_passed_over(void **state)
{
	static const struct {
		size_t offset; /* in the descriptor */
		uint64_t value;
	} broken[] = {
		{ 0, 0 },                           /* reserved, id 0 */
		{ 0, UINT64_C(3) << 62 },           /* reusable */
		{ 0, (UINT64_C(2) << 62) | 12345 }, /* another's id */
	};

	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		struct fixture f;

		begin(&f, 4, 10);
		add(&f, 1 * MS, "before");
		add(&f, 2 * MS, "broken");
		synth_put(synth_log_desc(&f.log, f.log.head_id) + broken[i].offset, broken[i].value,
		          8, false);
		add(&f, 3 * MS, "after");
		assert_int_equal(logtext_write(&f.out, &f.m), 2);
		assert_string_equal(f.out.text, "[    0.001000] before\n[    0.003000] after\n");
		end(&f);
	}
}

/* Positions that cannot be must not lead out of the ring. */
static void odd_positions_stay_within_the_ring(void **state)
{
	static const uint64_t values[] = { 0,
		                           1,
		                           2,
		                           3,
		                           8,
		                           16,
		                           1016,
		                           1023,
		                           1024,
		                           1025,
		                           UINT64_MAX,
		                           UINT64_MAX - 1,
		                           UINT64_MAX - 7,
		                           UINT64_C(1) << 63 };

	struct fixture f;
	uint8_t *desc;

	begin(&f, 2, 10);
	add(&f, 1 * MS, "text");
	desc = synth_log_desc(&f.log, f.log.head_id);
	for (size_t b = 0; b < ARRAY_SIZE(values); b++)
		for (size_t n = 0; n < ARRAY_SIZE(values); n++) {
			synth_put(desc + 8, values[b], 8, false);
			synth_put(desc + 16, values[n], 8, false);
			assert_in_range(logtext_write(&f.out, &f.m), 0, 1);
			assert_true(f.out.len <= 15 + 4 * 4 + 1);
		}
	end(&f);
}

static void ring_that_cannot_be_is_refused(void **state)
{
	static const struct {
		size_t offset; /* in struct printk_ringbuffer */
		uint64_t value;
		size_t size;
		int error;
		const char *text;
	} broken[] = {
		{ 0, 21, 4, -EBADMSG, "claims 2^21 records" },
		{ 0, UINT32_MAX, 4, -EBADMSG, "is not plausible" },
		{ 48, 31, 4, -EBADMSG, "and 2^31 bytes, which is not plausible" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		struct fixture f;

		begin(&f, 4, 10);
		synth_put(synth_at(&f.m, f.log.ring) + broken[i].offset, broken[i].value,
		          broken[i].size, false);
		assert_fails(logtext_write(&f.out, &f.m), broken[i].error, broken[i].text);
		end(&f);
	}
}

static void counters_far_apart_do_not_go_on_for_ever(void **state)
{
	struct fixture f;

	begin(&f, 4, 10);
	add(&f, 1 * MS, "text");
	/* The tail 2^61 records behind the head: the ring has 16. */
	synth_put(synth_at(&f.m, f.log.ring) + 32, UINT64_C(1) << 61, 8, false);
	assert_in_range(logtext_write(&f.out, &f.m), 0, 16);
	end(&f);
}

static void missing_keys_are_named(void **state)
{
	static const char *const keys[] = {
		"SYMBOL(prb)",
		"OFFSET(printk_ringbuffer.desc_ring)",
		"OFFSET(prb_desc_ring.infos)",
		"OFFSET(prb_data_blk_lpos.next)",
		"OFFSET(printk_info.text_len)",
		"SIZE(prb_desc)",
		"OFFSET(atomic_long_t.counter)",
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		struct fixture f;

		begin(&f, 4, 10);
		synth_drop(&f.m.info, keys[i]);
		assert_fails(logtext_write(&f.out, &f.m), -ENODATA, keys[i]);
		end(&f);
	}
}

static void error_of_the_taker_ends_the_log(void **state)
{
	struct fixture f;

	begin(&f, 4, 10);
	for (int i = 0; i < 5; i++)
		add(&f, i * MS, "text");
	f.out.fail_at = 3;
	assert_int_equal(logtext_write(&f.out, &f.m), -ENOSPC);
	assert_int_equal(f.out.calls, 3);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_become_lines_with_stamps),
		cmocka_unit_test(records_have_levels),
		cmocka_unit_test(records_of_programs_are_marked),
		cmocka_unit_test(further_lines_are_indented_and_odd_bytes_escaped),
		cmocka_unit_test(records_without_text_are_lines_too),
		cmocka_unit_test(block_too_short_for_its_id_has_no_text),
		cmocka_unit_test(records_still_being_written_are_marked),
		cmocka_unit_test(records_that_are_added_to_are_marked),
		cmocka_unit_test(text_of_another_record_is_not_taken_for_an_unfinished_one),
		cmocka_unit_test(empty_log_is_no_error),
		cmocka_unit_test(wrapped_text_is_whole),
		cmocka_unit_test(text_that_ends_with_the_ring_is_whole),
		cmocka_unit_test(length_is_cut_to_the_room_there_is),
		cmocka_unit_test(longest_record_fits),
		cmocka_unit_test(records_that_are_broken_are_passed_over),
		cmocka_unit_test(odd_positions_stay_within_the_ring),
		cmocka_unit_test(ring_that_cannot_be_is_refused),
		cmocka_unit_test(counters_far_apart_do_not_go_on_for_ever),
		cmocka_unit_test(missing_keys_are_named),
		cmocka_unit_test(error_of_the_taker_ends_the_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
