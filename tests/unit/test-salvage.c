// SPDX-License-Identifier: GPL-2.0-or-later
/* test-salvage.c - the kernel log out of a printk ring that one stray write has damaged. */
#include <errno.h>
#include <stdio.h>

#include "tests/unit/logtext.h"
#include "tests/unit/synth-symbols.h"

#define MS      1000000ULL
#define RECORDS 60
#define REMARK  "[the ring of the kernel log is damaged: this is what was found of it]\n"

#define VA(offset) (SYNTH_IMAGE_VA + (offset))
#define PA(offset) (SYNTH_IMAGE_PFN * 4096 + (offset))

/* Sizes as the kernel chooses them: a slot for 32 bytes of text. */
#define COUNT_BITS 5
#define SIZE_BITS  10

/* struct printk_ringbuffer in synth-log.c, which is behind a pointer. */
enum { COUNT = 0, DESCS = 8, INFOS = 16, HEAD = 24, TAIL = 32, SIZE = 48, DATA = 56 };

struct fixture {
	struct synth m;
	struct synth_log log;
	struct logtext out;
	char expected[4096]; /* the sound log */
	size_t n;
};

static void begin(struct fixture *f)
{
	char *at = f->expected;

	*f = (struct fixture){};
	synth_init(&f->m, NULL);
	synth_log_init(&f->log, &f->m, COUNT_BITS, SIZE_BITS);
	for (int i = 1; i <= RECORDS; i++) {
		char text[40];
		int len = sprintf(text, "record number %d%.*s", i, i % 9, " and more");

		synth_log_add(&f->log, i * MS, text, len, SYNTH_FINAL);
	}
	f->n = ((f->log.head_id - f->log.tail_id) & (UINT64_MAX >> 2)) + 1;
	for (int i = RECORDS - (int)f->n + 1; i <= RECORDS; i++) {
		at += sprintf(at, "[    0.%06d] record number %d%.*s\n", i * 1000, i, i % 9,
		              " and more");
	}
	assert_int_equal(logtext_write(&f->out, &f->m), f->n);
	assert_string_equal(f->out.text, f->expected);
	strcat(f->expected, REMARK);
}

static void end(struct fixture *f)
{
	logtext_done(&f->out);
	synth_done(&f->m);
}

static void damage(struct fixture *f, size_t offset, uint64_t value, size_t size)
{
	synth_put(synth_at(&f->m, f->log.ring) + offset, value, size, false);
}

/* The kernel's own variables that tell where the text is. */
static void add_symbols(struct fixture *f)
{
	static const struct synth_symbol kernel[] = {
		{ "_stext", 'T', VA(0x1000) },      { "_etext", 'T', VA(0x1800) },
		{ "log_buf_len", 'd', VA(0x3000) }, { "log_buf", 'd', VA(0x3008) },
		{ "_end", 'B', VA(0x8000) },
	};
	struct synth_tables t = { .addresses = SYNTH_BASE_RELATIVE, .long_lengths = true };

	synth_put(synth_at(&f->m, PA(0x3000)), 1 << SIZE_BITS, 4, false);
	synth_put(synth_at(&f->m, PA(0x3008)), SYNTH_DIRECT_VA + f->log.data, 8, false);
	synth_tables(&f->m, &t, kernel, ARRAY_SIZE(kernel));
}

#define NOISE UINT64_C(0x4141414141414141)

static void counters_and_sizes(void **state)
{
	static const struct {
		size_t offset, size;
		uint64_t value;
	} rows[] = {
		{ TAIL, 8, 0 },      { TAIL, 8, NOISE },  { HEAD, 8, 0 },  { HEAD, 8, NOISE },
		{ COUNT, 4, 0x41 },  { COUNT, 4, 2 },     { COUNT, 4, 0 }, { SIZE, 4, 3 },
		{ SIZE, 4, 0x4141 }, { COUNT, 4, NOISE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct fixture f;

		begin(&f);
		damage(&f, rows[i].offset, rows[i].value, rows[i].size);
		assert_int_equal(logtext_write(&f.out, &f.m), f.n);
		assert_string_equal(f.out.text, f.expected);
		end(&f);
	}
}

/* Without descriptors each text has still its number, and by it its time. */
static void descriptors(void **state)
{
	static const uint64_t values[] = { 0, NOISE };

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		struct fixture f;

		begin(&f);
		damage(&f, DESCS, values[i], 8);
		assert_true(logtext_write(&f.out, &f.m) >= (int)f.n);
		assert_non_null(strstr(f.out.text, f.expected));
		end(&f);
	}
}

/* Slot by slot, and text by text: as long as the facts are there, who wrote a record is known. */
static void authors(void **state)
{
	static const size_t damaged[] = { TAIL, DESCS };

	for (size_t i = 0; i < ARRAY_SIZE(damaged); i++) {
		struct fixture f;

		begin(&f);
		f.log.facility = 1;
		synth_log_add(&f.log, 70 * MS, "Oops: 0", 7, SYNTH_FINAL);
		damage(&f, damaged[i], 0, 8);
		assert_true(logtext_write(&f.out, &f.m) > 0);
		assert_non_null(strstr(f.out.text, "user  :info  : [    0.070000] Oops: 0\n"));
		assert_non_null(strstr(f.out.text, "\n[    0.060000] record number 60"));
		end(&f);
	}
}

static void facts(void **state)
{
	struct fixture f;

	begin(&f);
	damage(&f, INFOS, NOISE, 8);
	assert_int_equal(logtext_write(&f.out, &f.m), f.n);
	/* Where a text ends is not known, only where the next one begins. */
	assert_non_null(strstr(f.out.text, "] record number 60 and m"));
	assert_memory_equal(f.out.text, "[    ?.", 7);
	end(&f);
}

/* The kernel's symbols tell where it is; without them there is nothing. */
static void place_of_the_text(void **state)
{
	struct fixture f;

	begin(&f);
	damage(&f, DATA, 0, 8);
	assert_fails(logtext_write(&f.out, &f.m), -EBADMSG, "no record is left");
	add_symbols(&f);
	assert_int_equal(logtext_write(&f.out, &f.m), f.n);
	assert_string_equal(f.out.text, f.expected);
	damage(&f, SIZE, NOISE, 4);
	damage(&f, COUNT, NOISE, 4);
	assert_int_equal(logtext_write(&f.out, &f.m), f.n);
	assert_string_equal(f.out.text, f.expected);
	end(&f);
}

static void pointer_to_the_ring(void **state)
{
	struct fixture f;
	struct dump *dump;
	uint64_t prb;

	begin(&f);
	dump = synth_dump(&f.m);
	assert_true(vmcoreinfo_get(&dump->vmcoreinfo, "SYMBOL", "prb", &prb));
	dump_free(dump);
	synth_put(synth_at(&f.m, prb - SYNTH_DIRECT_VA), NOISE, 8, false);
	assert_true(logtext_write(&f.out, &f.m) < 0);
	add_symbols(&f);
	assert_true(logtext_write(&f.out, &f.m) >= (int)f.n);
	assert_non_null(strstr(f.out.text, "] record number 60 and m"));
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counters_and_sizes),
		cmocka_unit_test(descriptors),
		cmocka_unit_test(authors),
		cmocka_unit_test(facts),
		cmocka_unit_test(place_of_the_text),
		cmocka_unit_test(pointer_to_the_ring),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
