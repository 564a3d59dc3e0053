// SPDX-License-Identifier: GPL-2.0-or-later
/* test-source.c - files and memory as bytes at offsets, and windows onto them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>

#include "tests/unit/check.h"
#include "tests/unit/temptree.h"
#include "vmcore/io/source.h"

/* Five pages and a bit. */
#define SIZE (70 * 4096 + 123)

struct fixture {
	struct temptree tree;
	char path[128];
	uint8_t bytes[SIZE];
	struct source *file, *memory;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	temptree_make(&f->tree);
	check_noise(f->bytes, SIZE, 1);
	temptree_bytes(&f->tree, "bytes", f->bytes, SIZE);
	snprintf(f->path, sizeof(f->path), "%s/bytes", f->tree.path);
	assert_int_equal(source_open(f->path, &f->file), 0);
	assert_int_equal(source_from_memory(f->bytes, SIZE, "memory", &f->memory), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	source_free(f->file);
	source_free(f->memory);
	temptree_remove(&f->tree);
	free(f);
	return 0;
}

static void whole_and_parts_are_read(void **state)
{
	struct fixture *f = *state;
	const struct source *sources[] = { f->file, f->memory };
	uint8_t buf[SIZE];

	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		assert_int_equal(source_size(sources[i]), SIZE);
		assert_int_equal(source_read(sources[i], 0, buf, SIZE), 0);
		assert_memory_equal(buf, f->bytes, SIZE);
		assert_int_equal(source_read(sources[i], 4095, buf, 2), 0);
		assert_memory_equal(buf, f->bytes + 4095, 2);
		assert_int_equal(source_read(sources[i], SIZE, buf, 0), 0);
	}
	assert_string_equal(source_name(f->file), f->path);
	assert_string_equal(source_name(f->memory), "memory");
}

static void reading_past_the_end_fails(void **state)
{
	static const uint64_t ranges[][2] = {
		{ 0, SIZE + 1 },   { SIZE, 1 },           { SIZE - 1, 2 },   { SIZE + 1, 0 },
		{ UINT64_MAX, 1 }, { UINT64_MAX - 1, 4 }, { 1, UINT64_MAX },
	};
	struct fixture *f = *state;
	uint8_t buf[1];

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		assert_fails(source_read(f->file, ranges[i][0], buf, ranges[i][1]), -EBADMSG,
		             "has 286843 bytes, no ");
		assert_fails(source_read(f->memory, ranges[i][0], buf, ranges[i][1]), -EBADMSG,
		             "memory: has 286843 bytes, no ");
	}
}

static void only_regular_files_open(void **state)
{
	struct fixture *f = *state;
	struct source *s = NULL;

	assert_fails(source_open(f->tree.path, &s), -EINVAL, "not a regular file");
	assert_fails(source_open("/dev/null", &s), -EINVAL, "/dev/null: not a regular file");
	assert_fails(source_open("/nowhere/vmcore", &s), -ENOENT,
	             "/nowhere/vmcore: cannot be opened: No such file");
	assert_null(s);
}

static void file_that_became_shorter_is_noticed(void **state)
{
	struct fixture *f = *state;
	uint8_t buf[SIZE];

	assert_int_equal(truncate(f->path, 5000), 0);
	assert_fails(source_read(f->file, 0, buf, SIZE), -EBADMSG, "ends early, at offset 5000");
}

/* Compares what a window gives with the bytes, at all kinds of places. */
static void check_window(const struct fixture *f, struct window *w)
{
	static const size_t needs[] = { 1, 24, 4096, 5000, 9000 };

	for (size_t n = 0; n < ARRAY_SIZE(needs); n++)
		for (size_t offset = 0; offset + needs[n] <= SIZE; offset += 1021) {
			size_t want = needs[n] + offset % 3 * 3000, len;
			const uint8_t *data;

			assert_int_equal(window_get(w, offset, needs[n], want, &data, &len), 0);
			assert_in_range(len, needs[n], want);
			assert_memory_equal(data, f->bytes + offset, len);
		}
}

static void window_over_memory_gives_the_bytes_themselves(void **state)
{
	struct fixture *f = *state;
	const uint8_t *data;
	struct window w;
	size_t len;

	window_init(&w, f->memory, 4096);
	assert_int_equal(window_get(&w, 100, 1, SIZE, &data, &len), 0);
	assert_ptr_equal(data, f->bytes + 100);
	assert_int_equal(len, SIZE - 100);
	check_window(f, &w);
	window_done(&w);
}

static void window_of_any_size_gives_the_right_bytes(void **state)
{
	static const size_t sizes[] = { 1, 4096, 4097, 8192, 65536, 1 << 20 };
	struct fixture *f = *state;

	for (size_t i = 0; i < 2 * ARRAY_SIZE(sizes); i++) {
		struct window w;

		source_map(f->file, i % 2);
		window_init(&w, f->file, sizes[i / 2]);
		check_window(f, &w);
		window_done(&w);
	}
}

static void window_is_mapped_and_stays_while_it_serves(void **state)
{
	struct fixture *f = *state;
	const uint8_t *first, *data;
	struct window w;
	size_t len;

	source_map(f->file, true);
	window_init(&w, f->file, 8192);
	assert_int_equal(window_get(&w, 0, 1, 1, &first, &len), 0);
	assert_non_null(w.mapping);
	assert_int_equal(window_get(&w, w.size - 192, 192, 1000, &data, &len), 0);
	assert_ptr_equal(data, first + w.size - 192);
	assert_int_equal(len, 192);
	/* The last window ends with the file. */
	assert_int_equal(window_get(&w, SIZE - 1, 1, 4096, &data, &len), 0);
	assert_non_null(w.mapping);
	assert_int_equal(len, 1);
	assert_int_equal(*data, f->bytes[SIZE - 1]);
	window_done(&w);
}

static void window_that_is_read_stays_while_it_serves(void **state)
{
	struct fixture *f = *state;
	const uint8_t *first, *data;
	struct window w;
	size_t len;

	window_init(&w, f->file, 8192);
	assert_int_equal(window_get(&w, 20000, 1, 1, &first, &len), 0);
	assert_null(w.mapping);
	/* Neighbouring bytes were read, too. */
	assert_int_equal(window_get(&w, 16384, 192, 100000, &data, &len), 0);
	assert_ptr_equal(data, first - (20000 - 16384));
	assert_int_equal(len, 4096);
	assert_memory_equal(data, f->bytes + 16384, len);
	/* A large read gets all its bytes. */
	assert_int_equal(window_get(&w, 50000, 1, 100000, &data, &len), 0);
	assert_int_equal(len, 100000);
	assert_memory_equal(data, f->bytes + 50000, len);
	window_done(&w);
}

static void stretch_across_two_windows_is_read(void **state)
{
	struct fixture *f = *state;
	const uint8_t *data;
	struct window w;
	size_t len;

	source_map(f->file, true);
	window_init(&w, f->file, 4096);
	assert_int_equal(window_get(&w, w.size - 6, 12, 12, &data, &len), 0);
	assert_null(w.mapping);
	assert_memory_equal(data, f->bytes + w.size - 6, 12);
	/* After that it is mapped again. */
	assert_int_equal(window_get(&w, 80000, 1, 1, &data, &len), 0);
	assert_non_null(w.mapping);
	window_done(&w);
}

static void window_outside_the_file_fails_and_can_still_be_used(void **state)
{
	struct fixture *f = *state;
	const uint8_t *data = NULL;
	struct window w;
	size_t len = 0;

	window_init(&w, f->file, 4096);
	assert_fails(window_get(&w, SIZE, 1, 1, &data, &len), -EBADMSG, "no 1 at offset 286843");
	assert_fails(window_get(&w, SIZE - 1, 2, 2, &data, &len), -EBADMSG, "no 2 at");
	assert_fails(window_get(&w, UINT64_MAX, 2, 2, &data, &len), -EBADMSG, "no 2 at");
	assert_null(data);
	check_window(f, &w);
	window_done(&w);
}

/* Address space that the program has now. */
static rlim_t address_space(void)
{
	unsigned long pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%lu", &pages), 1);
	fclose(f);
	return (rlim_t)pages * sysconf(_SC_PAGESIZE);
}

/* Little address space stands in for a file that cannot be mapped: the window does not fit. */
static void window_that_cannot_be_mapped_is_read(void **state)
{
	struct fixture *f = *state;
	struct rlimit old, tight;
	const uint8_t *data;
	struct source *s;
	struct window w;
	int read, mapped;
	size_t len;

	check_needs_memory_limits();
	/* A hole to map, behind the bytes. */
	assert_int_equal(truncate(f->path, MIB(256)), 0);
	assert_int_equal(source_open(f->path, &s), 0);
	source_map(s, true);
	window_init(&w, s, MIB(256));

	assert_int_equal(getrlimit(RLIMIT_AS, &old), 0);
	tight = (struct rlimit){ .rlim_cur = address_space() + MIB(64), .rlim_max = old.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_AS, &tight), 0);
	read = window_get(&w, 1000, 24, 20000, &data, &len);
	mapped = w.mapping != NULL;
	assert_int_equal(setrlimit(RLIMIT_AS, &old), 0);

	assert_int_equal(read, 0);
	assert_false(mapped);
	assert_int_equal(len, 20000);
	assert_memory_equal(data, f->bytes + 1000, len);
	/* Elsewhere mapping is tried again. */
	assert_int_equal(window_get(&w, MIB(200), 1, 1, &data, &len), 0);
	assert_non_null(w.mapping);
	assert_int_equal(*data, 0);
	window_done(&w);
	source_free(s);
}

/* Where a file system does not tell of holes they are read, and are the same. */
static void check_holes(const struct fixture *f, bool map)
{
	/* Hole, some contents, hole, contents that end within a block, and a hole up to the end. */
	const uint64_t first = MIB(1), second = MIB(2) + 4096, end = MIB(4) + 5;
	_cleanup_free_ uint8_t *all = calloc(1, end);
	int fd = open(f->path, O_RDWR | O_TRUNC);
	struct source *s;
	struct window w;
	bool known;

	assert_non_null(all);
	memcpy(all + first, f->bytes, KIB(64));
	memcpy(all + second, f->bytes, 10000);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, end), 0);
	assert_int_equal(pwrite(fd, all + first, KIB(64), first), KIB(64));
	assert_int_equal(pwrite(fd, all + second, 10000, second), 10000);
	known = lseek(fd, 0, SEEK_DATA) == (off_t)first;
	close(fd);
	assert_int_equal(source_open(f->path, &s), 0);
	for (size_t want = 1; want <= MIB(8); want *= 8) {
		window_init(&w, s, KIB(64));
		if (map)
			window_prefer_map(&w);
		for (uint64_t at = 0; at < end;) {
			const uint8_t *data;
			size_t len, need = MIN(5000, end - at);

			assert_int_equal(window_get(&w, at, need, MAX(want, need), &data, &len), 0);
			assert_in_range(len, need, MAX(want, need));
			assert_memory_equal(data, all + at, len);
			/* From a hole nothing is read. */
			if (known && at == 0 && want >= KIB(32)) {
				assert_null(w.buffer);
				assert_null(w.mapping);
			}
			if (map && at == first)
				assert_non_null(w.mapping);
			at += len;
		}
		window_done(&w);
	}
	source_free(s);
}

static void holes_give_zeros_and_what_is_between_them_is_read(void **state)
{
	check_holes(*state, false);
}

static void holes_give_zeros_and_what_is_between_them_is_mapped(void **state)
{
	check_holes(*state, true);
}

static void holes_of_one_file_are_not_taken_for_those_of_the_next(void **state)
{
	struct fixture *f = *state;
	struct source *sparse;
	const uint8_t *data;
	struct window w;
	char path[160];
	size_t len;
	int fd;

	temptree_bytes(&f->tree, "sparse", "", 0);
	snprintf(path, sizeof(path), "%s/sparse", f->tree.path);
	fd = open(path, O_WRONLY);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, "end", 3, MIB(1)), 3);
	close(fd);
	/* The other is sparse as well, but not where this one is. */
	assert_int_equal(truncate(f->path, MIB(2)), 0);
	source_free(f->file);
	assert_int_equal(source_open(f->path, &f->file), 0);
	assert_int_equal(source_open(path, &sparse), 0);
	window_init(&w, sparse, KIB(64));
	assert_int_equal(window_get(&w, 0, 4096, KIB(64), &data, &len), 0);
	assert_int_equal(data[0], 0);
	window_switch(&w, f->file);
	assert_int_equal(window_get(&w, 4096, 4096, KIB(64), &data, &len), 0);
	assert_memory_equal(data, f->bytes + 4096, len);
	window_done(&w);
	source_free(sparse);
}

/* The last hole could as well be what was cut off. */
static void file_that_ended_in_a_hole_and_became_shorter_is_noticed(void **state)
{
	struct fixture *f = *state;
	const uint8_t *data;
	struct source *s;
	struct window w;
	size_t len;

	assert_int_equal(truncate(f->path, MIB(8)), 0);
	assert_int_equal(source_open(f->path, &s), 0);
	assert_int_equal(truncate(f->path, MIB(2)), 0);
	window_init(&w, s, KIB(64));
	assert_int_equal(window_get(&w, MIB(1), KIB(64), KIB(256), &data, &len), 0);
	assert_int_equal(*data, 0);
	assert_fails(window_get(&w, MIB(4), KIB(64), KIB(256), &data, &len), -EBADMSG,
	             "ends early");
	window_done(&w);
	source_free(s);
}

/* A real file that the kernel does not map (fs/sysfs/file.c: binary, without mmap). */
static void file_of_sysfs_is_read(void **state)
{
	static const char path[] = "/sys/kernel/notes";
	uint8_t all[4096];
	const uint8_t *data;
	struct source *s;
	struct window w;
	size_t len;

	if (access(path, R_OK) < 0)
		skip();
	assert_int_equal(source_open(path, &s), 0);
	assert_in_range(source_size(s), 16, sizeof(all));
	assert_int_equal(source_read(s, 0, all, source_size(s)), 0);
	source_map(s, true);
	window_init(&w, s, 4096);
	for (size_t offset = 0; offset + 4 <= source_size(s); offset += 4) {
		assert_int_equal(window_get(&w, offset, 4, 4096, &data, &len), 0);
		assert_null(w.mapping);
		assert_memory_equal(data, all + offset, len);
	}
	window_done(&w);
	source_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(whole_and_parts_are_read),
		TEST(reading_past_the_end_fails),
		TEST(only_regular_files_open),
		TEST(file_that_became_shorter_is_noticed),
		TEST(window_over_memory_gives_the_bytes_themselves),
		TEST(window_of_any_size_gives_the_right_bytes),
		TEST(window_is_mapped_and_stays_while_it_serves),
		TEST(window_that_is_read_stays_while_it_serves),
		TEST(stretch_across_two_windows_is_read),
		TEST(window_outside_the_file_fails_and_can_still_be_used),
		TEST(window_that_cannot_be_mapped_is_read),
		TEST(holes_give_zeros_and_what_is_between_them_is_read),
		TEST(holes_give_zeros_and_what_is_between_them_is_mapped),
		TEST(holes_of_one_file_are_not_taken_for_those_of_the_next),
		TEST(file_that_ended_in_a_hole_and_became_shorter_is_noticed),
		cmocka_unit_test(file_of_sysfs_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
