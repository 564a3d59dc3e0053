/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check.h - cmocka with what it wants included before, and what the tests of the engine share. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"

/* Of a test; make gives it a name of its own, see tests.h. */
int main(void);

/* The call gave the error @expected, and err_text() tells about it with @part in it. */
#define assert_fails(call, expected, part) check_fails(call, expected, part, __FILE__, __LINE__)
void check_fails(int r, int expected, const char *part, const char *file, int line);

/* Fills @buf with bytes that no codec shrinks; the same for the same @seed. */
void check_noise(void *buf, size_t len, uint32_t seed);
