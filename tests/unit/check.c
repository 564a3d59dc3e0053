// SPDX-License-Identifier: GPL-2.0-or-later
/* check.c - what the tests of the engine share, see check.h. */
#include "tests/unit/check.h"

#include <linux/openat2.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/err.h"

void check_fails(int r, int expected, const char *part, const char *file, int line)
{
	if (r == expected && strstr(err_text(r), part))
		return;
	print_error("returned %d, expected %d; text \"%s\", expected \"%s\" in it\n", r, expected,
	            r < 0 ? err_text(r) : "", part);
	_fail(file, line);
}

void check_in_range(uintmax_t value, uintmax_t min, uintmax_t max, const char *what,
                    const char *file, int line)
{
	if (min <= value && value <= max)
		return;
	print_error("%s: got %ju, expected %ju to %ju\n", what, value, min, max);
	_fail(file, line);
}

void check_case(const char *format, ...)
{
	char text[200];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	print_message("[     CASE ] %s\n", text);
}

void check_needs_new_calls(void)
{
	struct open_how how = { .flags = O_PATH };
	int fd = syscall(SYS_openat2, AT_FDCWD, "/", &how, sizeof(how));
	int tree = open_tree(AT_FDCWD, "/", OPEN_TREE_CLOEXEC);

	if (fd < 0 || tree < 0)
		skip();
	close(fd);
	close(tree);
}

void check_needs_memory_limits(void)
{
	struct rlimit before, limit;

	assert_int_equal(getrlimit(RLIMIT_DATA, &before), 0);
	limit = (struct rlimit){ .rlim_cur = before.rlim_max / 2, .rlim_max = before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_DATA, &limit), 0);
	assert_int_equal(getrlimit(RLIMIT_DATA, &limit), 0);
	assert_int_equal(setrlimit(RLIMIT_DATA, &before), 0);
	if (limit.rlim_cur == before.rlim_cur)
		skip();
}

void check_needs_x86_64(void)
{
	struct utsname uts;

	uname(&uts);
	if (!streq(uts.machine, "x86_64"))
		skip();
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
