/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check.h - cmocka with what it wants included before, and what the tests of the engine share. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"

#ifdef main
/* Of a test; make gives it a name of its own, see tests.h. */
int main(void);
#endif

/* The call gave the error @expected, and err_text() tells about it with @part in it. */
#define assert_fails(call, expected, part) check_fails(call, expected, part, __FILE__, __LINE__)
void check_fails(int r, int expected, const char *part, const char *file, int line);

/* Names what has the wrong value, which cmocka's own does not; the newest cmocka also warns of its
 * own, and old ones lack what it wants instead. */
#undef assert_in_range
#define assert_in_range(value, min, max) check_in_range(value, min, max, #value, __FILE__, __LINE__)
void check_in_range(uintmax_t value, uintmax_t min, uintmax_t max, const char *what,
                    const char *file, int line);

/* Says which row of a table the assertions that follow are about. tests/unit/run shows of these
 * lines the one before a failure. */
void check_case(const char *format, ...) _printf_(1, 2);

/* Each skips the test where something is missing: openat2(2) and open_tree(2), which old versions
 * of QEMU lack when they emulate programs; limits of memory, which all of them lack; and kernel
 * images of the kind that machine.h makes. */
void check_needs_new_calls(void);
void check_needs_memory_limits(void);
void check_needs_x86_64(void);

/* Fills @buf with bytes that no codec shrinks; the same for the same @seed. */
void check_noise(void *buf, size_t len, uint32_t seed);
