// SPDX-License-Identifier: GPL-2.0-or-later
/* test-cpio.c - the archive, taken apart again as the kernel does it. */
#include <stdio.h>
#include <sys/stat.h>

#include "loader/image/cpio.h"
#include "tests/unit/check.h"

/* One entry as init/initramfs.c reads it. */
struct entry {
	uint32_t fields[13]; /* ino mode uid gid nlink mtime size dev(2) rdev(2) namesize check */
	const char *name;
	const uint8_t *data;
};

enum { INODE, MODE, UID, GID, LINKS, MTIME, SIZE, RMAJOR = 9, RMINOR, NAME_SIZE };

/* Moves @at behind the entry. */
static struct entry next(const struct cpio *c, size_t *at)
{
	struct entry e = {};

	assert_int_equal(*at % 4, 0);
	assert_true(*at + 110 <= c->len);
	assert_memory_equal(c->data + *at, "070701", 6);
	for (size_t i = 0; i < 13; i++) {
		char text[9] = "";

		memcpy(text, c->data + *at + 6 + 8 * i, 8);
		e.fields[i] = strtoul(text, NULL, 16);
	}
	e.name = (const char *)c->data + *at + 110;
	assert_int_equal(strlen(e.name) + 1, e.fields[NAME_SIZE]);
	*at = ALIGN_UP(*at + 110 + e.fields[NAME_SIZE], 4);
	e.data = c->data + *at;
	*at = ALIGN_UP(*at + e.fields[SIZE], 4);
	assert_true(*at <= c->len);
	return e;
}

static void build(struct cpio *c)
{
	assert_int_equal(cpio_add_dir(c, "/dev", 0755), 0);
	assert_int_equal(cpio_add_device(c, "dev/console", S_IFCHR | 0600, 5, 1), 0);
	assert_int_equal(cpio_add_file(c, "init", 0755, "12345", 5), 0);
	assert_int_equal(cpio_add_file(c, "empty", 0600, NULL, 0), 0);
	assert_int_equal(cpio_add_link(c, "link", "init"), 0);
	assert_int_equal(cpio_finish(c), 0);
}

static void can_be_taken_apart(void **state)
{
	static const struct {
		const char *name;
		uint32_t mode, size, links, major, minor;
	} expected[] = {
		{ "dev", S_IFDIR | 0755, 0, 2, 0, 0 },
		{ "dev/console", S_IFCHR | 0600, 0, 1, 5, 1 },
		{ "init", S_IFREG | 0755, 5, 1, 0, 0 },
		{ "empty", S_IFREG | 0600, 0, 1, 0, 0 },
		{ "link", S_IFLNK | 0777, 4, 1, 0, 0 },
		{ "TRAILER!!!", 0, 0, 1, 0, 0 },
	};
	_cleanup_(cpio_done) struct cpio c = {};
	size_t at = 0;

	build(&c);
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		struct entry e = next(&c, &at);

		assert_string_equal(e.name, expected[i].name);
		assert_int_equal(e.fields[MODE], expected[i].mode);
		assert_int_equal(e.fields[SIZE], expected[i].size);
		assert_int_equal(e.fields[LINKS], expected[i].links);
		assert_int_equal(e.fields[RMAJOR], expected[i].major);
		assert_int_equal(e.fields[RMINOR], expected[i].minor);
		assert_int_equal(e.fields[UID] | e.fields[GID] | e.fields[MTIME], 0);
		/* Two entries of one number would be taken for hard links. */
		assert_int_equal(e.fields[INODE], (i + 1) % ARRAY_SIZE(expected));
		if (streq(e.name, "init"))
			assert_memory_equal(e.data, "12345\0\0\0", 8);
		if (streq(e.name, "link"))
			assert_memory_equal(e.data, "init", 4);
	}
	assert_int_equal(at, c.len);
	assert_int_equal(c.unpacked, 2 * KIB(4));
}

static void same_contents_same_bytes(void **state)
{
	_cleanup_(cpio_done) struct cpio a = {}, b = {};

	build(&a);
	build(&b);
	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.data, b.data, a.len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(can_be_taken_apart),
		cmocka_unit_test(same_contents_same_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
