// SPDX-License-Identifier: GPL-2.0-or-later
/* test-dmesg-buffer.c - the kernel log out of the buffer of Linux 3.5 to 5.9. */
#include <errno.h>
#include <stdio.h>

#include "tests/unit/logtext.h"

#define MS      1000000ULL
#define NEWLINE 2
#define PREFIX  4
#define CONT    8

/* A machine with a log, and what dmesg_write() makes of it. */
struct fixture {
	struct synth m;
	struct synth_buffer log;
	struct logtext out;
};

static void begin(struct fixture *f, const char *name, uint32_t size, bool caller)
{
	*f = (struct fixture){};
	synth_init(&f->m, NULL);
	synth_buffer_init(&f->log, &f->m, name, size, caller);
}

static void end(struct fixture *f)
{
	logtext_done(&f->out);
	synth_done(&f->m);
}

static uint32_t add(struct fixture *f, uint64_t ns, const char *text)
{
	return synth_buffer_add(&f->log, ns, PREFIX | NEWLINE, text, NULL);
}

/* Under both names of the struct, with the caller and without. */
static void records_become_lines_with_stamps(void **state)
{
	static const char *const names[] = { "printk_log", "log" };

	for (int i = 0; i < 4; i++) {
		struct fixture f;

		begin(&f, names[i / 2], 4096, i % 2);
		add(&f, 0, "Linux version 4.19.0-27-amd64");
		synth_buffer_add(&f.log, 1234567 * 1000ULL + 999, PREFIX | NEWLINE, "usb 1-1: new",
		                 "SUBSYSTEM=usb\0DEVICE=c189:1");
		add(&f, 5 * MS, "first\nsecond \a");
		add(&f, 6 * MS, "");
		assert_int_equal(logtext_write(&f.out, &f.m), 4);
		assert_string_equal(f.out.text, "[    0.000000] Linux version 4.19.0-27-amd64\n"
		                                "[    1.234567] usb 1-1: new\n"
		                                "[    0.005000] first\n"
		                                "               second \\x07\n"
		                                "[    0.006000] \n");
		/* What was there before 3.11 keeps it otherwise. */
		assert_string_equal(f.out.levels, i / 2 ? "----" : "6666");
		end(&f);
	}
}

static void records_of_programs_are_marked(void **state)
{
	struct fixture f;

	for (int i = 0; i < 2; i++) {
		begin(&f, "printk_log", 4096, i);
		f.log.facility = 3;
		add(&f, 5 * MS, "Kernel panic - not syncing: not me");
		f.log.facility = 0;
		add(&f, 6 * MS, "Kernel panic - not syncing: me");
		assert_int_equal(logtext_write(&f.out, &f.m), 2);
		assert_string_equal(
			f.out.text,
			"daemon:info  : [    0.005000] Kernel panic - not syncing: not me\n"
			"[    0.006000] Kernel panic - not syncing: me\n");
		end(&f);
	}
}

/* Until 4.9 the pieces of a line could be records; each has a stamp, as /dev/kmsg has them. */
static void pieces_of_a_line_are_lines(void **state)
{
	struct fixture f;

	begin(&f, "printk_log", 4096, false);
	synth_buffer_add(&f.log, 1 * MS, PREFIX, "Checking ...", NULL);
	synth_buffer_add(&f.log, 2 * MS, CONT, " still", NULL);
	synth_buffer_add(&f.log, 3 * MS, CONT | NEWLINE, " done", NULL);
	assert_int_equal(logtext_write(&f.out, &f.m), 3);
	assert_string_equal(f.out.text, "[    0.001000] Checking ...\n"
	                                "[    0.002000]  still\n"
	                                "[    0.003000]  done\n");
	end(&f);
}

static void empty_log_is_no_error(void **state)
{
	struct fixture f;

	begin(&f, "printk_log", 4096, false);
	assert_int_equal(logtext_write(&f.out, &f.m), 0);
	assert_string_equal(f.out.text, "");
	/* Wherever it is empty. */
	synth_buffer_put(&f.log, 2, 4096);
	synth_buffer_put(&f.log, 3, 4096);
	assert_int_equal(logtext_write(&f.out, &f.m), 0);
	end(&f);
}

/* Record number @i has 0 to 28 bytes of text. */
static const char *make_record(unsigned i)
{
	static char text[32];
	size_t len = i * 11 % 29;

	for (size_t c = 0; c < len; c++)
		text[c] = 'a' + (i + c) % 26;
	text[len] = '\0';
	return text;
}

/* Fills a small buffer far beyond its end; after each record the log must be the newest of them. */
static void check_wrapping(uint32_t size, bool caller)
{
	struct fixture f;

	begin(&f, "printk_log", size, caller);
	for (unsigned n = 0; n < 120; n++) {
		static char expected[65536];
		char *at = expected;

		add(&f, n * MS, make_record(n));
		for (unsigned i = f.log.first_seq; i <= n; i++)
			at += sprintf(at, "[    0.%06u] %s\n", i * 1000, make_record(i));
		assert_int_equal(logtext_write(&f.out, &f.m), n + 1 - f.log.first_seq);
		assert_string_equal(f.out.text, expected);
	}
	assert_true(f.log.first_seq > 60);
	end(&f);
}

static void wrapped_log_is_whole(void **state)
{
	for (uint32_t size = 128; size <= 256; size += 4)
		check_wrapping(size, size % 8);
	check_wrapping(1024, false);
	check_wrapping(1024, true);
}

/* The kernel stops after it has gone back to the start, before the record is there. */
static void log_may_end_at_the_start(void **state)
{
	struct fixture f;
	uint32_t at;

	begin(&f, "printk_log", 4096, false);
	add(&f, 1 * MS, "dropped");
	at = add(&f, 2 * MS, "kept");
	synth_buffer_put(&f.log, 2, at);
	synth_buffer_put(&f.log, 3, 0);
	assert_int_equal(logtext_write(&f.out, &f.m), 1);
	assert_string_equal(f.out.text, "[    0.002000] kept\n");
	/* Nor is there one where it begins. */
	synth_buffer_put(&f.log, 2, f.log.next);
	assert_int_equal(logtext_write(&f.out, &f.m), 0);
	assert_string_equal(f.out.text, "");
	end(&f);
}

/* A length that is wrong: what was read stays, and one line says that it ends. */
static void broken_lengths_end_the_log(void **state)
{
	/* In struct printk_log: 8 the length of all, 10 of the text, 12 of the key-value pairs. */
	static const struct {
		size_t offset;
		uint16_t value;
	} broken[] = {
		{ 8, 0 },      { 8, 1 },      { 8, 15 }, { 8, 16 },      { 8, 20 }, { 8, 48 },
		{ 8, 0x7fff }, { 8, 0xffff }, { 10, 9 }, { 10, 0xffff }, { 12, 3 }, { 12, 0xffff },
	};

	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		struct fixture f;
		uint32_t at;
		char expected[128];

		begin(&f, "printk_log", 4096, false);
		add(&f, 1 * MS, "before");
		at = add(&f, 2 * MS, "broken");
		add(&f, 3 * MS, "aft");
		synth_put(synth_at(&f.m, f.log.buffer + at + broken[i].offset), broken[i].value, 2,
		          false);
		assert_int_equal(logtext_write(&f.out, &f.m), 1);
		snprintf(expected, sizeof(expected),
		         "[    0.001000] before\n[the kernel log is broken at byte %u of 4096: "
		         "later records are lost]\n",
		         at);
		assert_string_equal(f.out.text, expected);
		assert_int_equal(f.out.calls, 2);
		f.out.fail_at = 2;
		assert_int_equal(logtext_write(&f.out, &f.m), -ENOSPC);
		/* With nothing in front of it it is an error. */
		f.out.fail_at = 0;
		synth_buffer_put(&f.log, 2, at);
		assert_fails(logtext_write(&f.out, &f.m), -EBADMSG, "no record at byte");
		end(&f);
	}
}

/* Only the way back to the start may lead on from the end, and no record lies across it. */
static void log_stays_in_the_buffer(void **state)
{
	struct fixture f;
	uint32_t at;

	begin(&f, "printk_log", 4096, false);
	add(&f, 1 * MS, "dropped");
	at = add(&f, 2 * MS, "last");
	synth_buffer_put(&f.log, 2, at);
	synth_buffer_put(&f.log, 3, 0);
	synth_buffer_put(&f.log, 1, f.log.next);
	assert_int_equal(logtext_write(&f.out, &f.m), 1);
	assert_string_equal(f.out.text,
	                    "[    0.002000] last\n"
	                    "[the kernel log is broken at byte 44 of 44: later records are "
	                    "lost]\n");
	synth_buffer_put(&f.log, 1, f.log.next - 1);
	assert_fails(logtext_write(&f.out, &f.m), -EBADMSG, "no record at byte 24 of 43");
	end(&f);
}

static void variables_that_cannot_be_are_refused(void **state)
{
	static const struct {
		unsigned variable;
		uint64_t value;
		const char *text;
	} broken[] = {
		{ 1, (1 << 30) + 1, "claims 1073741825 bytes" },
		{ 1, 0, "is not plausible" },
		{ 2, 4097, "records from 4097" },
		{ 2, UINT32_MAX, "is not plausible" },
		{ 3, 4097, "to 4097, which is not plausible" },
		{ 2, 4096, "no record at byte 4096" },
		{ 2, 4095, "no record at byte 4095" },
		{ 3, 8, "no record at byte 0" },
		{ 0, UINT64_C(0xffffc90000000000), "no record at byte 0" },
		{ 0, UINT64_MAX, "no record at byte 0" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		struct fixture f;

		begin(&f, "printk_log", 4096, false);
		add(&f, 1 * MS, "text");
		synth_buffer_put(&f.log, broken[i].variable, broken[i].value);
		assert_fails(logtext_write(&f.out, &f.m), -EBADMSG, broken[i].text);
		end(&f);
	}
}

/* Wherever the indices point and whatever lies there, it ends and stays in the buffer. */
static void any_indices_end(void **state)
{
	struct fixture f;

	begin(&f, "printk_log", 256, false);
	for (unsigned i = 0; i < 30; i++)
		add(&f, i * MS, make_record(i));
	for (uint32_t first = 0; first <= 256; first += 4)
		for (uint32_t next = 0; next <= 256; next += 4) {
			int r;

			synth_buffer_put(&f.log, 2, first);
			synth_buffer_put(&f.log, 3, next);
			r = logtext_write(&f.out, &f.m);
			assert_true(r == -EBADMSG || (r >= 0 && r <= 16));
		}
	end(&f);
}

static void heads_that_cannot_be_are_refused(void **state)
{
	static const unsigned sizes[] = { 0, 1, 15, 257, 65536 };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct fixture f;

		begin(&f, "log", 4096, false);
		synth_drop(&f.m.info, "SIZE(log)");
		synth_key(&f.m.info, "SIZE(log)=%u", sizes[i]);
		assert_fails(logtext_write(&f.out, &f.m), -EBADMSG, "SIZE(log)");
		end(&f);
	}
}

static void missing_keys_are_named(void **state)
{
	static const char *const keys[] = {
		"SYMBOL(log_buf)",
		"SYMBOL(log_buf_len)",
		"SYMBOL(log_first_idx)",
		"SYMBOL(log_next_idx)",
		"SIZE(printk_log)",
		"OFFSET(printk_log.ts_nsec)",
		"OFFSET(printk_log.len)",
		"OFFSET(printk_log.text_len)",
		"OFFSET(printk_log.dict_len)",
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		struct fixture f;

		begin(&f, "printk_log", 4096, false);
		synth_drop(&f.m.info, keys[i]);
		assert_fails(logtext_write(&f.out, &f.m), -ENODATA, keys[i]);
		end(&f);
	}
}

static void error_of_the_taker_ends_the_log(void **state)
{
	struct fixture f;

	begin(&f, "printk_log", 4096, false);
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
		cmocka_unit_test(records_of_programs_are_marked),
		cmocka_unit_test(pieces_of_a_line_are_lines),
		cmocka_unit_test(empty_log_is_no_error),
		cmocka_unit_test(wrapped_log_is_whole),
		cmocka_unit_test(log_may_end_at_the_start),
		cmocka_unit_test(broken_lengths_end_the_log),
		cmocka_unit_test(log_stays_in_the_buffer),
		cmocka_unit_test(variables_that_cannot_be_are_refused),
		cmocka_unit_test(any_indices_end),
		cmocka_unit_test(heads_that_cannot_be_are_refused),
		cmocka_unit_test(missing_keys_are_named),
		cmocka_unit_test(error_of_the_taker_ends_the_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
