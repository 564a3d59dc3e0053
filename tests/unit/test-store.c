// SPDX-License-Identifier: GPL-2.0-or-later
/* test-store.c - files of a crash on bare blocks. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>

#include "config/store.h"
#include "tests/unit/check.h"

#define DEVICE_SIZE MIB(4)
#define OTHERS      0x5a /* fills what does not belong to the store */

static const struct store_extent extents[] = {
	{ MIB(2), KIB(300) },
	{ KIB(64), KIB(4) },
	{ MIB(3), MIB(1) },
};

static struct store_area new_area(bool marked)
{
	struct store_area a = {
		.fd = memfd_create("device", MFD_CLOEXEC),
		.what = "vda2",
		.extents = extents,
		.n = ARRAY_SIZE(extents),
		.id = { 1, 2, 3 },
		.marked = marked,
	};
	_cleanup_free_ uint8_t *all = malloc(DEVICE_SIZE);

	assert_true(a.fd >= 0 && all);
	memset(all, OTHERS, DEVICE_SIZE);
	assert_int_equal(pwrite(a.fd, all, DEVICE_SIZE, 0), DEVICE_SIZE);
	if (marked)
		assert_int_equal(store_format(&a), 0);
	return a;
}

static bool is_inside(uint64_t offset)
{
	for (size_t i = 0; i < ARRAY_SIZE(extents); i++)
		if (offset - extents[i].offset < extents[i].size)
			return true;
	return false;
}

static void check_others(const struct store_area *a)
{
	_cleanup_free_ uint8_t *all = malloc(DEVICE_SIZE);

	assert_int_equal(pread(a->fd, all, DEVICE_SIZE, 0), DEVICE_SIZE);
	for (uint64_t i = 0; i < DEVICE_SIZE; i++)
		if (!is_inside(i) && all[i] != OTHERS)
			fail_msg("byte %llu of somebody else was changed", (unsigned long long)i);
}

/* Bytes that tell where they are. */
static uint8_t *contents(size_t len, unsigned seed)
{
	uint8_t *data = malloc(MAX(len, 1));

	assert_non_null(data);
	for (size_t i = 0; i < len; i++)
		data[i] = (i * 7 + i / 4096 + seed) & 0xff;
	return data;
}

static int add(struct store *s, const char *name, size_t len, unsigned seed)
{
	_cleanup_free_ uint8_t *data = contents(len, seed);
	int r = store_begin(s, name);

	/* In odd pieces. */
	for (size_t at = 0; r == 0 && at < len; at += 70001)
		r = store_write(s, data + at, MIN(70001, len - at));
	return r < 0 ? r : store_end(s);
}

static void check_file(const struct store_area *a, const struct store_file *file, const char *name,
                       size_t len, unsigned seed)
{
	_cleanup_free_ uint8_t *expected = contents(len, seed), *data = contents(len, 0);
	int fd = memfd_create("out", MFD_CLOEXEC);

	assert_string_equal(file->name, name);
	assert_int_equal(file->size, len);
	assert_int_equal(store_copy(a, file, fd), 0);
	assert_int_equal(pread(fd, data, len + 1, 0), len);
	assert_memory_equal(data, expected, len);
	close(fd);
}

static void keeps_files(void **state)
{
	static const size_t sizes[] = { 0, 1, 4096, 4097, KIB(256), KIB(600) };

	for (int marked = 0; marked < 2; marked++) {
		struct store_area a = new_area(marked);
		_cleanup_(store_freep) struct store *s = NULL;
		struct store_contents c;

		assert_int_equal(store_list(&a, &c), -ENODATA);
		assert_int_equal(store_open(&a, "20261130T090000Z-12345678", &s), 0);
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
			char name[8];

			snprintf(name, sizeof(name), "f%zu", i);
			assert_int_equal(add(s, name, sizes[i], i), 0);
			/* Each file is there as soon as it has ended. */
			assert_int_equal(store_list(&a, &c), 0);
			assert_int_equal(c.n, i + 1);
			check_file(&a, &c.files[i], name, sizes[i], i);
		}
		assert_string_equal(c.name, "20261130T090000Z-12345678");
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
			check_file(&a, &c.files[i], c.files[i].name, sizes[i], i);
		check_others(&a);
		close(a.fd);
	}
}

static void later_file_replaces(void **state)
{
	struct store_area a = new_area(true);
	_cleanup_(store_freep) struct store *s = NULL;
	struct store_contents c;

	assert_int_equal(store_open(&a, "c", &s), 0);
	for (unsigned i = 0; i < STORE_FILES_MAX + 3; i++)
		assert_int_equal(add(s, i % 2 ? "crash.json" : "log", 100 + i, i), 0);
	assert_int_equal(store_list(&a, &c), 0);
	assert_int_equal(c.n, 2);
	check_file(&a, &c.files[0], "log", 134, 34);
	check_file(&a, &c.files[1], "crash.json", 133, 33);
	close(a.fd);
}

/* A file that does not fit costs itself. */
static void too_small(void **state)
{
	struct store_area a = new_area(true);
	_cleanup_(store_freep) struct store *s = NULL;
	struct store_contents c;
	uint64_t room;

	assert_int_equal(store_open(&a, "c", &s), 0);
	assert_int_equal(store_room(s), KIB(300 + 4 + 1024) - 2 * STORE_BLOCK);
	assert_int_equal(add(s, "log", 5000, 1), 0);
	room = store_room(s);
	assert_int_equal(room, KIB(300 + 4 + 1024) - 5 * STORE_BLOCK);
	assert_fails(add(s, "dump", room + 1, 2), -ENOSPC, "vda2: is too small");
	assert_fails(store_write(s, "x", 1), -ENOSPC, "vda2: is too small");
	assert_fails(store_end(s), -ENOSPC, "vda2: is too small");
	assert_int_equal(store_list(&a, &c), 0);
	assert_int_equal(c.n, 1);
	/* In its place. */
	assert_int_equal(store_room(s), room);
	assert_int_equal(add(s, "more", KIB(400), 3), 0);
	assert_int_equal(store_list(&a, &c), 0);
	assert_int_equal(c.n, 2);
	check_file(&a, &c.files[0], "log", 5000, 1);
	check_file(&a, &c.files[1], "more", KIB(400), 3);
	check_others(&a);
	close(a.fd);

	a = new_area(true);
	store_freep(&s);
	assert_int_equal(store_open(&a, "c", &s), 0);
	assert_int_equal(add(s, "dump", store_room(s), 2), 0);
	assert_int_equal(store_room(s), 0);
	check_others(&a);
	close(a.fd);
}

/* The file was moved, and one of its old blocks has got new contents. */
static void leaves_what_is_not_spare(void **state)
{
	static const uint8_t theirs[STORE_BLOCK] = { 'x' };
	uint64_t taken[] = { MIB(2), MIB(2) + KIB(200), KIB(64), MIB(3) + KIB(512) };

	for (size_t i = 0; i < ARRAY_SIZE(taken); i++) {
		struct store_area a = new_area(true);
		_cleanup_(store_freep) struct store *s = NULL;
		uint8_t after[STORE_BLOCK];
		struct store_contents c;

		assert_int_equal(pwrite(a.fd, theirs, STORE_BLOCK, taken[i]), STORE_BLOCK);
		if (i == 0) {
			assert_fails(store_open(&a, "c", &s), -ESTALE, "block 0 is not a spare");
		} else {
			assert_int_equal(store_open(&a, "c", &s), 0);
			assert_int_equal(add(s, "log", 4000, 1), 0);
			assert_fails(add(s, "dump", MIB(1), 1), -ESTALE, "is not a spare one");
			assert_int_equal(store_list(&a, &c), 0);
			assert_int_equal(c.n, 1);
			check_file(&a, &c.files[0], "log", 4000, 1);
		}
		assert_int_equal(pread(a.fd, after, STORE_BLOCK, taken[i]), STORE_BLOCK);
		assert_memory_equal(after, theirs, STORE_BLOCK);
		close(a.fd);
	}
}

/* The mark of another store, or of another block of this one, counts for nothing. */
static void marks_are_of_one_store(void **state)
{
	struct store_area a = new_area(true), other = a;
	_cleanup_(store_freep) struct store *s = NULL;
	uint8_t block[STORE_BLOCK];

	other.id[15] = 9;
	assert_fails(store_open(&other, "c", &s), -ESTALE, "block 0 is not a spare");
	assert_int_equal(pread(a.fd, block, STORE_BLOCK, MIB(2) + STORE_BLOCK), STORE_BLOCK);
	assert_int_equal(pwrite(a.fd, block, STORE_BLOCK, MIB(2)), STORE_BLOCK);
	assert_fails(store_open(&a, "c", &s), -ESTALE, "block 0 is not a spare");
	close(a.fd);
}

static void first_crash_stays(void **state)
{
	struct store_area a = new_area(true);
	_cleanup_(store_freep) struct store *s = NULL;
	struct store_contents c;

	assert_int_equal(store_open(&a, "first", &s), 0);
	assert_int_equal(add(s, "log", 10, 1), 0);
	store_freep(&s);
	s = NULL;
	assert_fails(store_open(&a, "second", &s), -EEXIST, "vda2: holds the crash first");
	assert_int_equal(store_open(&a, "first", &s), 0);
	assert_int_equal(add(s, "dump", KIB(400), 2), 0);
	store_freep(&s);
	s = NULL;
	assert_int_equal(store_list(&a, &c), 0);
	assert_int_equal(c.n, 2);
	check_file(&a, &c.files[0], "log", 10, 1);
	check_file(&a, &c.files[1], "dump", KIB(400), 2);
	assert_fails(store_check(&a), -ESTALE, "block 0 is not a spare one");
	assert_int_equal(store_list(&a, &c), 0);
	assert_string_equal(c.name, "first");
	/* Fetched, and made anew. */
	assert_int_equal(store_format(&a), 0);
	assert_int_equal(store_check(&a), 0);
	assert_int_equal(store_list(&a, &c), -ENODATA);
	assert_int_equal(store_open(&a, "second", &s), 0);
	check_others(&a);
	close(a.fd);
}

static void tells_of_damage(void **state)
{
	struct store_area a = new_area(true);
	_cleanup_(store_freep) struct store *s = NULL;
	struct store_contents c;
	int out = memfd_create("out", MFD_CLOEXEC);

	assert_int_equal(store_open(&a, "c", &s), 0);
	assert_int_equal(add(s, "log", 10, 1), 0);
	assert_int_equal(add(s, "report", 10, 1), 0);
	/* In the data of the first, then in the block of the second. */
	assert_int_equal(pwrite(a.fd, "!", 1, MIB(2) + 2 * STORE_BLOCK + 3), 1);
	assert_int_equal(store_list(&a, &c), 0);
	assert_fails(store_copy(&a, &c.files[0], out), -EBADMSG, "vda2: log is damaged");
	assert_int_equal(lseek(out, 0, SEEK_END), 10);
	for (size_t i = 0; i < 112; i++) {
		uint8_t byte;

		assert_int_equal(pread(a.fd, &byte, 1, MIB(2) + 3 * STORE_BLOCK + i), 1);
		byte ^= 0x20;
		assert_int_equal(pwrite(a.fd, &byte, 1, MIB(2) + 3 * STORE_BLOCK + i), 1);
		assert_fails(store_list(&a, &c), -EBADMSG, "vda2: is damaged at block 3");
		assert_int_equal(c.n, 1);
		byte ^= 0x20;
		assert_int_equal(pwrite(a.fd, &byte, 1, MIB(2) + 3 * STORE_BLOCK + i), 1);
	}
	assert_int_equal(store_list(&a, &c), 0);
	close(out);
	close(a.fd);
}

/* It was ended in the middle of a file, or behind one that was too large. */
static void second_process_goes_on(void **state)
{
	_cleanup_free_ uint8_t *data = contents(KIB(700), 2);

	for (unsigned too_large = 0; too_large < 2; too_large++) {
		struct store_area a = new_area(true);
		_cleanup_(store_freep) struct store *s = NULL;
		struct store_contents c;

		assert_int_equal(store_open(&a, "c", &s), 0);
		assert_int_equal(add(s, "log", 10, 1), 0);
		if (too_large) {
			assert_fails(add(s, "dump", MIB(2), 2), -ENOSPC, "vda2: is too small");
		} else {
			assert_int_equal(store_begin(s, "dump"), 0);
			assert_int_equal(store_write(s, data, KIB(700)), 0);
		}
		s = store_free(s);
		assert_int_equal(store_open(&a, "c", &s), 0);
		assert_int_equal(add(s, "other", KIB(800), 3), 0);
		assert_int_equal(store_list(&a, &c), 0);
		assert_int_equal(c.n, 2);
		check_file(&a, &c.files[0], "log", 10, 1);
		check_file(&a, &c.files[1], "other", KIB(800), 3);
		check_others(&a);
		close(a.fd);
	}
}

/* Who can write to the blocks can make any CRC. */
static void trusts_no_names(void **state)
{
	static const char *const names[] = { "../passwd", "a/b", ".hidden", "" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct store_area a = new_area(true);
		_cleanup_(store_freep) struct store *s = NULL;
		struct store_contents c;

		assert_int_equal(store_open(&a, "c", &s), 0);
		assert_int_equal(add(s, names[i], 10, 1), 0);
		assert_fails(store_list(&a, &c), -EBADMSG, "is damaged at block 1");
		assert_int_equal(c.n, 0);
		close(a.fd);
	}
}

static void id_from_text(void **state)
{
	static const char *const bad[] = { "", "00", "000102030405060708090a0b0c0d0e0", "x" };
	static const char good[] = "000102030405060708090a0b0c0d0eff";
	char text[STORE_ID_TEXT];
	uint8_t id[STORE_ID_SIZE];

	assert_int_equal(store_id_from_text(good, id), 0);
	assert_int_equal(id[1], 1);
	assert_int_equal(id[15], 255);
	assert_string_equal(store_id_to_text(id, text), good);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_fails(store_id_from_text(bad[i], id), -EINVAL, "32 hexadecimal digits");
	assert_fails(store_id_from_text("000102030405060708090a0b0c0d0eff0", id), -EINVAL, "32");
}

static void extents_from_words(void **state)
{
	static char *const good[] = { (char *)"0+4096", (char *)"1099511627776+8192", NULL };
	static const char *const bad[] = {
		"",
		"1",
		"+",
		"4096",
		"4096+",
		"+4096",
		"4096+0",
		"1+4096",
		"4096+1",
		"-4096+4096",
		"9223372036854771712+8192",
		"18446744073709547520+8192",
		"4096+4096x",
	};
	_cleanup_free_ struct store_extent *e = NULL;
	size_t n;

	assert_int_equal(store_parse_extents(good, &e, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(e[1].offset, UINT64_C(1) << 40);
	assert_int_equal(e[1].size, 8192);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_fails(store_parse_extents((char *[]){ (char *)bad[i], NULL }, &e, &n),
		             -EINVAL, "OFFSET+SIZE in whole blocks");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_files),
		cmocka_unit_test(later_file_replaces),
		cmocka_unit_test(too_small),
		cmocka_unit_test(leaves_what_is_not_spare),
		cmocka_unit_test(marks_are_of_one_store),
		cmocka_unit_test(first_crash_stays),
		cmocka_unit_test(tells_of_damage),
		cmocka_unit_test(second_process_goes_on),
		cmocka_unit_test(trusts_no_names),
		cmocka_unit_test(id_from_text),
		cmocka_unit_test(extents_from_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
