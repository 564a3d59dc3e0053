// SPDX-License-Identifier: GPL-2.0-or-later
/* check.c - what the tests of the engine share, see check.h. */
#include "tests/unit/check.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "vmcore/base/err.h"

void check_fails(int r, int expected, const char *part, const char *file, int line)
{
	if (r == expected && strstr(err_text(r), part))
		return;
	print_error("returned %d, expected %d; text \"%s\", expected \"%s\" in it\n", r, expected,
	            r < 0 ? err_text(r) : "", part);
	_fail(file, line);
}

void check_noise(void *buf, size_t len, uint32_t seed)
{
	uint64_t x = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	uint8_t *p = buf;

	for (size_t i = 0; i < len; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		p[i] = x >> 24;
	}
}

char *check_make_dir(void)
{
	char *path;

	assert_true(asprintf(&path, "%s/kdump-lite-XXXXXX", getenv("TMPDIR") ?: "/tmp") > 0);
	assert_non_null(mkdtemp(path));
	return path;
}

void check_remove_dir(char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			assert_int_equal(unlinkat(dirfd(dir), entry->d_name, 0), 0);
	closedir(dir);
	assert_int_equal(rmdir(path), 0);
	free(path);
}

char *check_make_file(const char *dir, const char *name, const void *data, size_t len)
{
	const char *bytes = data;
	char *path;
	int fd;

	assert_true(asprintf(&path, "%s/%s", dir, name) > 0);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	for (ssize_t n; len > 0; bytes += n, len -= n) {
		n = write(fd, bytes, len);
		assert_true(n > 0);
	}
	assert_int_equal(close(fd), 0);
	return path;
}
