// SPDX-License-Identifier: GPL-2.0-or-later
/* test-reserve.c - blocks that lie ready for a crash, made and emptied. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "config/store.h"
#include "loader/image/reserve.h"
#include "system/file.h"
#include "base/err.h"
#include "base/text.h"
#include "tests/unit/temptree.h"

#define SIZE KIB(64)

/* A file in two pieces. */
static int map_two(int fd, uint64_t size, char ***ret)
{
	assert_int_equal(strv_push(ret, "1048576+4096"), 0);
	assert_int_equal(strv_push(ret, "8388608+61440"), 0);
	return size == SIZE ? 0 : -EINVAL;
}

static int map_none(int fd, uint64_t size, char ***ret)
{
	return errf(-EOPNOTSUPP, "its blocks have no fixed place on the device");
}

static struct reserve_request request(int dir_fd)
{
	return (struct reserve_request){
		.dir_fd = dir_fd,
		.path = "/var/crash",
		.fstype = "ext4",
		.size = SIZE + 100,
		.free = MIB(300),
		.map = map_two,
	};
}

static void check_text(const struct temptree *tree, const char *path, const char *expected)
{
	_cleanup_free_ char *text = temptree_read(tree, path);

	assert_string_equal(text, expected);
}

static void is_made_once(void **state)
{
	const struct temptree *tree = *state;
	struct reserve_request req = request(tree->fd);
	_cleanup_(reserve_done) struct reserve first = {}, again = {}, other = {};
	struct stat st;

	assert_int_equal(reserve_prepare(&req, &first), 0);
	assert_int_equal(first.size, SIZE);
	assert_int_equal(strlen(first.id), 32);
	assert_string_equal(first.extents[1], "8388608+61440");
	assert_int_equal(fstatat(tree->fd, CRASH_RESERVE, &st, 0), 0);
	assert_int_equal(st.st_size, SIZE);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_true((uint64_t)st.st_blocks * 512 >= SIZE);
	assert_false(temptree_exists(tree, CRASH_RESERVE ".next"));
	assert_int_equal(reserve_prepare(&req, &again), 0);
	assert_string_equal(again.id, first.id);

	/* A block that is not spare: it is made anew. */
	{
		_cleanup_close_ int fd = openat(tree->fd, CRASH_RESERVE, O_WRONLY);

		assert_int_equal(pwrite(fd, "x", 1, SIZE - 1), 1);
	}
	assert_int_equal(reserve_prepare(&req, &other), 0);
	assert_string_not_equal(other.id, first.id);

	/* Reserve=no. */
	reserve_done(&other);
	req.size = 0;
	assert_int_equal(reserve_prepare(&req, &other), 0);
	assert_null(other.id);
	assert_false(temptree_exists(tree, CRASH_RESERVE));
}

static void other_size_makes_it_anew(void **state)
{
	const struct temptree *tree = *state;
	struct reserve_request req = request(tree->fd);
	_cleanup_(reserve_done) struct reserve r = {};

	temptree_text(tree, CRASH_RESERVE, "short");
	assert_int_equal(reserve_prepare(&req, &r), 0);
	assert_int_equal(r.size, SIZE);
}

static void needs_fixed_blocks_and_room(void **state)
{
	const struct temptree *tree = *state;
	struct reserve_request req = request(tree->fd);
	struct reserve r = {};

	req.fstype = "btrfs";
	assert_fails(reserve_prepare(&req, &r), -EOPNOTSUPP,
	             "/var/crash: blocks of a btrfs have no fixed place on the device");
	req.fstype = "xfs";
	req.free = MIB(256);
	assert_fails(reserve_prepare(&req, &r), -ENOSPC,
	             "/var/crash: only 256.0M are free, and 256.0M are wanted for it");
	req = request(tree->fd);
	req.map = map_none;
	assert_fails(reserve_prepare(&req, &r), -EOPNOTSUPP, "/var/crash: its blocks have no");
	assert_false(temptree_exists(tree, CRASH_RESERVE));
	assert_false(temptree_exists(tree, CRASH_RESERVE ".next"));
	assert_null(r.id);
}

static void refuses_files_of_others(void **state)
{
	const struct temptree *tree = *state;
	struct reserve_request req = request(tree->fd);
	struct reserve r = {};

	temptree_text(tree, "victim", "keep me");
	assert_int_equal(symlinkat("victim", tree->fd, CRASH_RESERVE), 0);
	assert_fails(reserve_prepare(&req, &r), -ELOOP, ".reserve");
	assert_int_equal(unlinkat(tree->fd, CRASH_RESERVE, 0), 0);
	assert_int_equal(linkat(tree->fd, "victim", tree->fd, CRASH_RESERVE, 0), 0);
	assert_fails(reserve_prepare(&req, &r), -EPERM, "only root can write to; remove it");
	assert_int_equal(unlinkat(tree->fd, CRASH_RESERVE, 0), 0);
	assert_int_equal(mkfifoat(tree->fd, CRASH_RESERVE, 0600), 0);
	assert_fails(reserve_prepare(&req, &r), -EPERM, "only root can write to; remove it");
	assert_int_equal(unlinkat(tree->fd, CRASH_RESERVE, 0), 0);
	temptree_text(tree, CRASH_RESERVE, "x");
	assert_int_equal(fchmodat(tree->fd, CRASH_RESERVE, 0666, 0), 0);
	assert_fails(reserve_prepare(&req, &r), -EPERM, "only root can write to; remove it");
	check_text(tree, "victim", "keep me");
}

/* What the capture does, by the file. */
static void save_crash(const struct temptree *tree, const char *name)
{
	_cleanup_close_ int fd = openat(tree->fd, CRASH_RESERVE, O_RDWR);
	const struct store_extent whole = { 0, SIZE };
	struct store_area a = { fd, CRASH_RESERVE, &whole, 1, .marked = true };
	_cleanup_(store_freep) struct store *s = NULL;

	assert_int_equal(store_read_id(&a), 0);
	assert_int_equal(store_open(&a, name, &s), 0);
	assert_int_equal(store_begin(s, "vmcore-dmesg.txt"), 0);
	assert_int_equal(store_write(s, "a log\n", 6), 0);
	assert_int_equal(store_end(s), 0);
	assert_int_equal(store_begin(s, "crash.json"), 0);
	assert_int_equal(store_write(s, "{}", 2), 0);
	assert_int_equal(store_end(s), 0);
}

static void fetches_a_crash(void **state)
{
	static const char name[] = "20261130T090000Z-12345678";
	const struct temptree *tree = *state;
	struct reserve_request req = request(tree->fd);
	_cleanup_(reserve_done) struct reserve r = {}, again = {};
	_cleanup_free_ char *fetched = NULL;
	struct stat st;

	assert_int_equal(reserve_fetch(tree->fd, "/var/crash", &fetched, NULL), 0);
	assert_int_equal(reserve_prepare(&req, &r), 0);
	assert_int_equal(reserve_fetch(tree->fd, "/var/crash", &fetched, NULL), 0);
	save_crash(tree, name);
	assert_fails(reserve_prepare(&req, &again), -EEXIST,
	             "/var/crash: .reserve: holds the crash 20261130T090000Z-12345678");
	/* As after a power cut in the middle of it. */
	temptree_text(tree, "20261130T090000Z-12345678/crash.json", "half");
	assert_int_equal(fchmodat(tree->fd, name, 0700, 0), 0);
	assert_int_equal(reserve_fetch(tree->fd, "/var/crash", &fetched, NULL), 1);
	assert_string_equal(fetched, name);
	check_text(tree, "20261130T090000Z-12345678/vmcore-dmesg.txt", "a log\n");
	check_text(tree, "20261130T090000Z-12345678/crash.json", "{}");
	assert_int_equal(fstatat(tree->fd, name, &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(fstatat(tree->fd, "20261130T090000Z-12345678/crash.json", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	/* The reserve is ready again, at the same place. */
	assert_int_equal(reserve_prepare(&req, &again), 0);
	assert_string_equal(again.id, r.id);
}

/* A disk that gets full in the middle of a file, as nearly as a limit of the process is one. */
static void part_of_a_file_has_no_name(void **state)
{
	static const char name[] = "20261130T090000Z-12345678";
	const struct rlimit two = { 2, RLIM_INFINITY };
	const struct temptree *tree = *state;
	struct reserve_request req = request(tree->fd);
	_cleanup_(reserve_done) struct reserve r = {};
	_cleanup_free_ char *fetched = NULL;
	struct rlimit all;

	assert_int_equal(reserve_prepare(&req, &r), 0);
	save_crash(tree, name);
	temptree_text(tree, "20261130T090000Z-12345678/vmcore-dmesg.txt", "all of it");
	assert_int_equal(fchmodat(tree->fd, name, 0700, 0), 0);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &all), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &two), 0);
	assert_int_equal(reserve_fetch(tree->fd, "/var/crash", &fetched, NULL), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &all), 0);
	check_text(tree, "20261130T090000Z-12345678/vmcore-dmesg.txt", "all of it");
	assert_false(temptree_exists(tree, "20261130T090000Z-12345678/.vmcore-dmesg.txt.new"));
	/* The reserve still has it. */
	assert_int_equal(reserve_fetch(tree->fd, "/var/crash", &fetched, NULL), 1);
	check_text(tree, "20261130T090000Z-12345678/vmcore-dmesg.txt", "a log\n");
}

/* What a disk has changed is not taken for what the capture wrote. */
static void damaged_files_are_told(void **state)
{
	static const char name[] = "20261130T090000Z-12345678";
	const struct temptree *tree = *state;
	struct reserve_request req = request(tree->fd);
	_cleanup_(strv_freep) char **remarks = NULL;
	_cleanup_(reserve_done) struct reserve r = {};
	_cleanup_free_ char *fetched = NULL;
	_cleanup_(crash_done) struct crash c = {};
	int fd;

	assert_int_equal(reserve_prepare(&req, &r), 0);
	save_crash(tree, name);
	fd = openat(tree->fd, CRASH_RESERVE, O_WRONLY | O_CLOEXEC);
	/* The log lies behind the heads of the store and of itself. */
	assert_int_equal(pwrite(fd, "A", 1, 2 * STORE_BLOCK), 1);
	close(fd);
	assert_int_equal(reserve_fetch(tree->fd, "/var/crash", &fetched, &remarks), 1);
	assert_int_equal(strv_length(remarks), 1);
	assert_string_equal(remarks[0], "20261130T090000Z-12345678: vmcore-dmesg.txt is damaged, "
	                                "and kept as vmcore-dmesg.txt.incomplete");
	check_text(tree, "20261130T090000Z-12345678/vmcore-dmesg.txt.incomplete", "A log\n");
	check_text(tree, "20261130T090000Z-12345678/crash.json", "{}");
	assert_false(temptree_exists(tree, "20261130T090000Z-12345678/vmcore-dmesg.txt"));
	assert_int_equal(crash_load(tree->fd, name, &c), 0);
	assert_string_equal(c.log, "vmcore-dmesg.txt.incomplete");
}

static void fetches_into_no_directory_of_others(void **state)
{
	static const char name[] = "20261130T090000Z-12345678";
	const struct temptree *tree = *state;
	struct reserve_request req = request(tree->fd);
	_cleanup_(reserve_done) struct reserve r = {};
	_cleanup_free_ char *fetched = NULL;

	assert_int_equal(reserve_prepare(&req, &r), 0);
	save_crash(tree, name);
	assert_int_equal(mkdirat(tree->fd, "elsewhere", 0700), 0);
	assert_int_equal(symlinkat("elsewhere", tree->fd, name), 0);
	assert_fails(reserve_fetch(tree->fd, "/var/crash", &fetched, NULL), -EPERM,
	             "/var/crash: 20261130T090000Z-12345678: is no directory that only root");
	assert_false(temptree_exists(tree, "elsewhere/crash.json"));
	assert_int_equal(unlinkat(tree->fd, name, 0), 0);
	/* A directory to which anybody writes holds nobody's crash. */
	assert_int_equal(fchmod(tree->fd, 0777), 0);
	assert_int_equal(reserve_fetch(tree->fd, "/var/crash", &fetched, NULL), 0);
	assert_int_equal(fchmod(tree->fd, 0700), 0);
	assert_int_equal(reserve_fetch(tree->fd, "/var/crash", &fetched, NULL), 1);
}

#define IN_TREE(f) cmocka_unit_test_setup_teardown(f, temptree_setup, temptree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_TREE(is_made_once),
		IN_TREE(other_size_makes_it_anew),
		IN_TREE(needs_fixed_blocks_and_room),
		IN_TREE(refuses_files_of_others),
		IN_TREE(fetches_a_crash),
		IN_TREE(part_of_a_file_has_no_name),
		IN_TREE(damaged_files_are_told),
		IN_TREE(fetches_into_no_directory_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
