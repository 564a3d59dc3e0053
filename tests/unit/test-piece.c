// SPDX-License-Identifier: GPL-2.0-or-later
/* test-piece.c - files and parts of files, as text and opened. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "system/piece.h"
#include "tests/unit/temptree.h"

static void goes_through_text(void **state)
{
	static const struct piece pieces[] = {
		{ .path = (char *)"/boot/vmlinuz" },
		{ .path = (char *)"/EFI/Linux/a+b:c.efi", .offset = 4096, .size = 123456789012 },
		{ .path = (char *)"/x", .size = 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) {
		_cleanup_(piece_done) struct piece again = {};
		_cleanup_free_ char *text = piece_to_text(&pieces[i]);

		assert_int_equal(piece_from_text(text, &again), 0);
		assert_string_equal(again.path, pieces[i].path);
		assert_int_equal(again.offset, pieces[i].offset);
		assert_int_equal(again.size, pieces[i].size);
	}
}

static void refuses_other_text(void **state)
{
	static const char *const bad[] = {
		"", "vmlinuz", "1+2:", "1+2:x", "1+0:/x", "1+:/x", "+2:/x", "1:/x",
	};
	struct piece p;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_fails(piece_from_text(bad[i], &p), -EINVAL, "is neither a path");
}

static void check_content(int fd, const char *expected, size_t len)
{
	char buf[64];
	struct stat st;

	/* The kernel reads from regular files that nobody may write to. */
	assert_int_equal(fstat(fd, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	assert_int_equal(pread(fd, buf, sizeof(buf), 0), len);
	assert_memory_equal(buf, expected, len);
	close(fd);
}

static void opens_files_and_parts(void **state)
{
	const struct temptree *t = *state;
	const struct piece whole[] = { { .path = (char *)"/a" }, { .path = (char *)"/b" } };
	const struct piece part = { .path = (char *)"/b", .offset = 2, .size = 3 };
	const struct piece late = { .path = (char *)"/b", .offset = 2, .size = 7 };
	const struct piece none = { .path = (char *)"/c" };
	const struct piece directory = { .path = (char *)"/scratch" };
	int fd, scratch;

	temptree_text(t, "a", "12345");
	temptree_text(t, "b", "abcdefgh");
	temptree_dir(t, "scratch");
	scratch = openat(t->fd, "scratch", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(piece_open(t->fd, whole, 1, -1, &fd), 0);
	check_content(fd, "12345", 5);
	assert_int_equal(piece_open(t->fd, whole, 2, scratch, &fd), 0);
	check_content(fd, "12345\0\0\0abcdefgh", 16);
	assert_int_equal(piece_open(t->fd, &part, 1, scratch, &fd), 0);
	check_content(fd, "cde\0", 4);
	assert_fails(piece_open(t->fd, &late, 1, scratch, &fd), -ENODATA, "/b: is shorter");
	assert_fails(piece_open(t->fd, &none, 1, scratch, &fd), -ENOENT, "/c: ");
	assert_fails(piece_open(t->fd, &directory, 1, scratch, &fd), -EINVAL, "is no file");
	assert_fails(piece_open(t->fd, whole, 2, -1, &fd), -EBADF, "no file for a copy of /a");
	close(scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goes_through_text),
		cmocka_unit_test(refuses_other_text),
		cmocka_unit_test_setup_teardown(opens_files_and_parts, temptree_setup,
		                                temptree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
