// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-mutants.c - files of tests/fuzz/corpus with some of their fields changed: all that reads
 * dumps survives them, and comes to its end.
 */
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>

#include "system/file.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/check.h"

#define MUTANTS 3000

fuzz_fn fuzz_elf, fuzz_flat, fuzz_kdump, fuzz_kernel, fuzz_report;

/* @share of all mutants, in per cent. */
static const struct {
	const char *name;
	fuzz_fn *fn;
	unsigned share;
} kinds[] = {
	{ "elf", fuzz_elf, 20 },       { "flat", fuzz_flat, 10 },     { "kdump", fuzz_kdump, 20 },
	{ "kernel", fuzz_kernel, 40 }, { "report", fuzz_report, 10 },
};

static void try_file(fuzz_fn *fn, const char *path, unsigned mutants)
{
	_cleanup_free_ char *text = NULL;
	size_t len;

	assert_int_equal(file_read(AT_FDCWD, path, MIB(1), &text, &len), 0);
	for (unsigned seed = 0; seed < mutants; seed++) {
		/* Of exactly that size, so that a sanitizer sees any byte too many. */
		uint8_t *copy = malloc(len);

		assert_non_null(copy);
		memcpy(copy, text, len);
		fuzz_mutate(copy, len, seed);
		check_case("%s, mutant %u", path, seed);
		fn(copy, len);
		free(copy);
	}
}

static void readers_survive_mutants(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		char pattern[64];
		glob_t files;

		snprintf(pattern, sizeof(pattern), "tests/fuzz/corpus/%s/*", kinds[i].name);
		assert_int_equal(glob(pattern, 0, NULL, &files), 0);
		for (size_t n = 0; n < files.gl_pathc; n++)
			try_file(kinds[i].fn, files.gl_pathv[n],
			         MUTANTS * kinds[i].share / 100 / files.gl_pathc + 1);
		globfree(&files);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(readers_survive_mutants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
