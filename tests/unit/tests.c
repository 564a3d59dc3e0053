// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tests.c - runs one of the tests, see tests.h.
 *
 * tests test-NAME          runs tests/unit/test-NAME.c
 * tests fuzz-NAME FILE...  gives the bytes of each file to tests/fuzz/fuzz-NAME.c
 */
#include "tests/unit/tests.h"

#include <stdio.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

static const struct test *find(const char *name)
{
	for (const struct test *t = tests; t->name; t++)
		if (strcmp(t->name, name) == 0)
			return t;
	return NULL;
}

int main(int argc, char *argv[])
{
	const struct test *t = argc > 1 ? find(argv[1]) : NULL;
	int failed = 0;

	if (!t) {
		fprintf(stderr, "tests: %s: no such test\n", argc > 1 ? argv[1] : "no name given");
		return 2;
	}
	if (t->run)
		return t->run();
	for (int i = 2; i < argc; i++)
		failed |= fuzz_replay(t->fuzz, argv[i]);
	return failed;
}
