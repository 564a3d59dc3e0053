/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tests.h - the one program that all tests are linked into, so that it is linked once.
 *
 * make gives the main() of tests/unit/test-NAME.c and the function of tests/fuzz/fuzz-NAME.c names
 * of their own, and writes the table of them.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* One of the two functions is there. */
struct test {
	const char *name; /* "test-NAME" or "fuzz-NAME" */
	int (*run)(void);
	int (*fuzz)(const uint8_t *data, size_t size);
};

/* The last has no name. */
extern const struct test tests[];
