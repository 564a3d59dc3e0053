// SPDX-License-Identifier: GPL-2.0-or-later
/* test-ktype.c - structures in the memory of a crashed kernel, read by tables of their members. */
#include <errno.h>

#include "tests/unit/synth-btf.h"
#include "vmcore/view/kcopy.h"

/* A page is mapped here and one before it, none behind it. */
#define MIDDLE_VA UINT64_C(0xffffc90000001000)

/* From the first members to the last, bytes. */
#define DISTANT_BY 2048

/*
 * struct task {
 *	long state;			0
 *	int pid;			8
 *	unsigned char small;		12
 *	unsigned char low : 3;		13
 *	unsigned int across : 10;	13, bit 5
 *	short counts[3];		16
 *	char comm[8];			24
 *	struct { int counter; } usage;	32
 *	struct wide wide;		40, 16 bytes
 *	long distant;			DISTANT_BY
 *	long beyond;			1 MiB
 * };
 */
enum { STATE, PID, SMALL, LOW, ACROSS, COUNTS, COMM, USAGE, WIDE, DISTANT, NONE, BEYOND, MEMBERS };

static const char *const members[MEMBERS] = {
	[STATE] = "__state|state", [PID] = "pid",
	[SMALL] = "?small",        [LOW] = "low",
	[ACROSS] = "across",       [COUNTS] = "counts",
	[COMM] = "comm",           [USAGE] = "usage.counter|usage",
	[WIDE] = "wide",           [DISTANT] = "distant",
	[NONE] = "?none|neither",  [BEYOND] = "?beyond",
};

struct fixture {
	struct synth m;
	struct dump *dump;
	struct kspace *ks;
	struct btf *btf;
	struct ktype task;
	struct kcopy copy;
	uint64_t touched; /* bytes */
};

static struct btf *make_types(void)
{
	struct synth_btf s;
	uint32_t i, l, c, h, counts, comm, usage, wide;

	synth_btf_init(&s);
	i = synth_btf_int(&s, "int", 4);
	l = synth_btf_int(&s, "long", 8);
	c = synth_btf_int(&s, "char", 1);
	h = synth_btf_int(&s, "short", 2);
	counts = synth_btf_array(&s, h, 3);
	comm = synth_btf_array(&s, c, 8);
	usage = synth_btf_struct(&s, NULL, 1, 4);
	synth_btf_member(&s, "counter", i, 0);
	wide = synth_btf_struct(&s, "wide", 0, 16);
	synth_btf_type(&s, "task", SYNTH_STRUCT | SYNTH_FLAG, 11, DISTANT_BY + 8);
	synth_btf_member(&s, "state", l, 0);
	synth_btf_member(&s, "pid", i, 8 * 8);
	synth_btf_member(&s, "small", c, 12 * 8);
	synth_btf_member(&s, "low", c, 3 << 24 | 13 * 8);
	synth_btf_member(&s, "across", i, 10 << 24 | (13 * 8 + 5));
	synth_btf_member(&s, "counts", counts, 16 * 8);
	synth_btf_member(&s, "comm", comm, 24 * 8);
	synth_btf_member(&s, "usage", usage, 32 * 8);
	synth_btf_member(&s, "wide", wide, 40 * 8);
	synth_btf_member(&s, "distant", l, DISTANT_BY * 8);
	synth_btf_member(&s, "beyond", l, MIB(1) * 8);
	synth_btf_struct(&s, "long_one", 2, KIB(512));
	synth_btf_member(&s, "first", l, 0);
	synth_btf_member(&s, "last", l, (KIB(512) - 8) * 8);
	return synth_btf_open(&s);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	synth_init(&f->m, NULL);
	synth_map(&f->m, MIDDLE_VA - 4096, (SYNTH_TEST_PFN + 7) << 12, 4096, 4096);
	synth_map(&f->m, MIDDLE_VA, SYNTH_TEST_PFN << 12, 4096, 4096);
	f->dump = synth_dump(&f->m);
	f->ks = synth_kspace(f->dump);
	f->btf = make_types();
	assert_int_equal(ktype_find(f->btf, "task", members, MEMBERS, &f->task), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	kcopy_done(&f->copy);
	btf_free(f->btf);
	kspace_free(f->ks);
	dump_free(f->dump);
	synth_done(&f->m);
	free(f);
	return 0;
}

/* A kspace's touch(). */
static void count_bytes(void *arg, uint64_t va, uint64_t pa, uint64_t size)
{
	*(uint64_t *)arg += size;
}

/* A task with these bytes at the start and these at the end. */
static void read_task(struct fixture *f, uint64_t va, const uint8_t start[56], uint64_t distant)
{
	uint8_t end[8];

	synth_put(end, distant, 8, false);
	synth_store(&f->m, va, start, 56);
	synth_store(&f->m, va + DISTANT_BY, end, 8);
	assert_int_equal(kcopy_read(&f->copy, f->ks, &f->task, va), 0);
}

static void rows_have_alternatives(void **state)
{
	static const char *const two[] = { "usage", "pid" };
	struct fixture *f = *state;
	struct ktype t;

	assert_int_equal(f->task.size, DISTANT_BY + 8);
	assert_int_equal(f->task.start, 0);
	assert_int_equal(f->task.end, DISTANT_BY + 8);
	for (unsigned i = 0; i < MEMBERS; i++)
		assert_int_equal(ktype_has(&f->task, i), i != NONE && i != BEYOND);
	assert_int_equal(f->task.members[USAGE].offset, 32);

	assert_int_equal(ktype_find(f->btf, "thread|task|wide", two, 2, &t), 0);
	assert_int_equal(t.start, 8);
	assert_int_equal(t.end, 36);
	assert_int_equal(ktype_around(&t, 0, 1032), 1000);
	assert_int_equal(ktype_find(f->btf, "task", NULL, 0, &t), 0);
	assert_int_equal(t.start, 0);
	assert_int_equal(t.end, 0);
}

static void what_is_missing_is_named(void **state)
{
	static const char *const gone[] = { "pid", "older|oldest" }, *const beyond[] = { "beyond" };
	struct fixture *f = *state;
	struct ktype t = { .size = 7 };

	assert_fails(ktype_find(f->btf, "task", gone, 2, &t), -ENOENT,
	             "the kernel has no task.older|oldest");
	assert_fails(ktype_find(f->btf, "tusk|tosk", gone, 1, &t), -ENOENT,
	             "the kernel has no structure tusk|tosk");
	assert_fails(ktype_find(f->btf, "task", beyond, 1, &t), -ENOENT,
	             "the kernel has no task.beyond");
	assert_fails(ktype_find(f->btf, "task", gone, KTYPE_MEMBERS + 1, &t), -EINVAL,
	             "33 members of task are more than can be wanted");
	assert_fails(ktype_find(NULL, "task", gone, 1, &t), -ENODATA,
	             "the kernel's types are not known");
	assert_int_equal(t.size, 7);
}

static void numbers_have_any_size(void **state)
{
	struct fixture *f = *state;
	uint8_t bytes[56] = { 1, 2, 3, 4, 5, 6, 7, 0x88 };

	synth_put(bytes + 8, 0xfffffffe, 4, false);
	bytes[12] = 0x80;
	synth_put(bytes + 13, 0x2ad << 5 | 6, 2, false);
	synth_put(bytes + 16, 10, 2, false);
	synth_put(bytes + 18, 20, 2, false);
	synth_put(bytes + 20, 0xffff, 2, false);
	bytes[22] = 30;
	synth_put(bytes + 32, 77, 4, false);
	memset(bytes + 40, 0xff, 16);
	read_task(f, SYNTH_IMAGE_VA + 0x10001, bytes, 0x123);
	assert_true(kcopy_u64(&f->copy, STATE) == 0x8807060504030201);
	assert_true(kcopy_s64(&f->copy, STATE) == (int64_t)0x8807060504030201);
	assert_true(kcopy_u64(&f->copy, PID) == 0xfffffffe);
	assert_true(kcopy_s64(&f->copy, PID) == -2);
	assert_true(kcopy_u64(&f->copy, SMALL) == 0x80);
	assert_true(kcopy_s64(&f->copy, SMALL) == -128);
	assert_true(kcopy_u64(&f->copy, LOW) == 6);
	assert_true(kcopy_s64(&f->copy, LOW) == -2);
	assert_true(kcopy_u64(&f->copy, ACROSS) == 0x2ad);
	assert_true(kcopy_s64(&f->copy, ACROSS) == 0x2ad - 0x400);
	assert_true(kcopy_u64(&f->copy, COUNTS) == 10);
	assert_true(kcopy_item(&f->copy, COUNTS, 1) == 20);
	assert_true(kcopy_item(&f->copy, COUNTS, 2) == 0xffff);
	assert_true(kcopy_item(&f->copy, COUNTS, 3) == 0);
	assert_true(kcopy_u64(&f->copy, USAGE) == 77);
	assert_true(kcopy_u64(&f->copy, WIDE) == 0);
	assert_true(kcopy_u64(&f->copy, DISTANT) == 0x123);
	assert_true(kcopy_at(&f->copy, WIDE) == SYNTH_IMAGE_VA + 0x10001 + 40);
	assert_true(kcopy_has(&f->copy, WIDE));
}

static void what_kernels_lack_is_nothing(void **state)
{
	struct fixture *f = *state;
	uint8_t bytes[56];
	char buf[5];

	memset(bytes, 0xff, sizeof(bytes));
	read_task(f, SYNTH_IMAGE_VA + 0x10000, bytes, UINT64_MAX);
	assert_false(kcopy_has(&f->copy, NONE));
	assert_true(kcopy_u64(&f->copy, NONE) == 0);
	assert_true(kcopy_s64(&f->copy, NONE) == 0);
	assert_true(kcopy_item(&f->copy, NONE, 0) == 0);
	assert_string_equal(kcopy_string(&f->copy, NONE, buf, sizeof(buf)), "");
	assert_false(kcopy_has(&f->copy, BEYOND));
}

static void strings_end(void **state)
{
	struct fixture *f = *state;
	uint8_t bytes[56] = {};
	char buf[20];

	memcpy(bytes + 24, "kswapd0", 8);
	bytes[32] = 'x';
	read_task(f, SYNTH_IMAGE_VA + 0x10000, bytes, 0);
	assert_string_equal(kcopy_string(&f->copy, COMM, buf, sizeof(buf)), "kswapd0");
	assert_string_equal(kcopy_string(&f->copy, COMM, buf, 4), "ksw");
	assert_string_equal(kcopy_string(&f->copy, COMM, buf, 1), "");
	memcpy(bytes + 24, "kswapd99", 8);
	read_task(f, SYNTH_IMAGE_VA + 0x10000, bytes, 0);
	assert_string_equal(kcopy_string(&f->copy, COMM, buf, sizeof(buf)), "kswapd99");
}

/* The last page of a task is not there, or the first one. */
static void members_that_are_there_are_read(void **state)
{
	struct fixture *f = *state;
	uint8_t bytes[56] = { [8] = 42 };
	uint64_t va = MIDDLE_VA + 4096 - DISTANT_BY;

	read_task(f, SYNTH_IMAGE_VA + 0x10000, bytes, 7);
	assert_int_equal(kcopy_u64(&f->copy, DISTANT), 7);
	synth_store(&f->m, va, bytes, sizeof(bytes));
	assert_int_equal(kcopy_read(&f->copy, f->ks, &f->task, va), 0);
	assert_true(kcopy_has(&f->copy, PID));
	assert_int_equal(kcopy_u64(&f->copy, PID), 42);
	assert_false(kcopy_has(&f->copy, DISTANT));
	assert_int_equal(kcopy_u64(&f->copy, DISTANT), 0);
	assert_false(kcopy_has(&f->copy, NONE));

	va = MIDDLE_VA - 4096 - DISTANT_BY + 8;
	synth_store(&f->m, va + DISTANT_BY, (uint8_t[]){ 9, 0, 0, 0, 0, 0, 0, 0 }, 8);
	assert_int_equal(kcopy_read(&f->copy, f->ks, &f->task, va), 0);
	assert_int_equal(kcopy_u64(&f->copy, DISTANT), 9);
	assert_false(kcopy_has(&f->copy, PID));
	assert_int_equal(kcopy_u64(&f->copy, PID), 0);

	assert_fails(kcopy_read(&f->copy, f->ks, &f->task, 0x1000), -EFAULT,
	             "nothing is mapped at");
	assert_false(kcopy_has(&f->copy, PID));
	assert_int_equal(kcopy_u64(&f->copy, DISTANT), 0);
}

/* One copy for structures of several types, small and large. */
static void copies_are_used_again(void **state)
{
	static const char *const small[] = { "pid" };
	struct fixture *f = *state;
	struct kcopy c = {};
	struct ktype t;
	uint8_t bytes[56] = { [8] = 42 };

	assert_int_equal(ktype_find(f->btf, "task", small, 1, &t), 0);
	read_task(f, SYNTH_IMAGE_VA + 0x10000, bytes, 7);
	assert_int_equal(kcopy_read(&c, f->ks, &t, SYNTH_IMAGE_VA + 0x10000), 0);
	assert_int_equal(kcopy_u64(&c, 0), 42);
	assert_int_equal(kcopy_read(&c, f->ks, &f->task, SYNTH_IMAGE_VA + 0x10000), 0);
	assert_int_equal(kcopy_u64(&c, PID), 42);
	assert_int_equal(kcopy_u64(&c, DISTANT), 7);
	assert_int_equal(kcopy_read(&c, f->ks, &t, SYNTH_IMAGE_VA + 0x10000), 0);
	assert_int_equal(kcopy_u64(&c, 0), 42);
	kcopy_done(&c);
	assert_null(c.bytes);
}

/* What lies between members that are far apart is not read. */
static void gaps_are_left_out(void **state)
{
	static const char *const rows[] = { "first", "last" };
	struct fixture *f = *state;
	struct ktype t;

	assert_int_equal(ktype_find(f->btf, "long_one", rows, 2, &t), 0);
	synth_store(&f->m, SYNTH_IMAGE_VA + 0x10000, (uint8_t[]){ 1, 2, 0, 0, 0, 0, 0, 0 }, 8);
	synth_store(&f->m, SYNTH_IMAGE_VA + 0x10000 + KIB(512) - 8,
	            (uint8_t[]){ 3, 4, 0, 0, 0, 0, 0, 0 }, 8);
	f->ks->touch = count_bytes;
	f->ks->touch_arg = &f->touched;
	assert_int_equal(kcopy_read(&f->copy, f->ks, &t, SYNTH_IMAGE_VA + 0x10000), 0);
	assert_int_equal(kcopy_u64(&f->copy, 0), 0x201);
	assert_int_equal(kcopy_u64(&f->copy, 1), 0x403);
	assert_int_equal(f->touched, 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(rows_have_alternatives),
		TEST(what_is_missing_is_named),
		TEST(numbers_have_any_size),
		TEST(what_kernels_lack_is_nothing),
		TEST(strings_end),
		TEST(members_that_are_there_are_read),
		TEST(copies_are_used_again),
		TEST(gaps_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
