// SPDX-License-Identifier: GPL-2.0-or-later
/* test-crashlog.c - what a saved log tells of a crash, and who may say it. */
#include "base/text.h"
#include "loader/crashes/crashlog.h"
#include "tests/unit/temptree.h"

#define BANNER(release) "Linux version " release " (build@host) (gcc) #1 SMP\n"
#define LINE            "[    0.000000] Command line: quiet\n"
#define LINES           LINE LINE LINE LINE LINE LINE LINE LINE

static void kernel_tells_its_release(void **state)
{
	static const struct {
		const char *log, *release;
	} rows[] = {
		{ "[    0.000000] " BANNER("6.1.0"), "6.1.0" },
		{ BANNER("6.1.0"), "6.1.0" },
		{ "[    0.000000][    T0] " BANNER("6.1.0"), "6.1.0" },
		{ "[    0.000000] Booting Linux on physical CPU 0x0\n[    0.000000] " BANNER(
			  "6.1.0"),
		  "6.1.0" },
		{ "kern  :notice: [    0.000000] " BANNER("6.1.0"), "6.1.0" },
		{ "[    0.000000] " BANNER("6.1.0") "[    1.000000] " BANNER("9.9"), "6.1.0" },
		/* Programs. */
		{ "user  :notice: [    0.000000] " BANNER("9.9") "[    0.000000] " BANNER("6.1.0"),
		  "6.1.0" },
		{ "[    1.000000] sh[70]: " BANNER("9.9"), "" },
		{ "[    1.000000] sh: " BANNER("9.9"), "" },
		{ "[    1.000000] Linux version 9.9\n", "" },
		{ "[    1.000000] Linux version 9.9 is out (at last)\n", "" },
		/* In a log that has run over the kernel's line is gone. */
		{ LINES LINES LINES LINES "[    1.000000] " BANNER("9.9"), "" },
		{ "", "" },
		{ "[    1.000000] Linux version ", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct crash c = { .name = (char *)"one",
			           .log = "log",
			           .fingerprint = (char *)"known" };
		struct temptree tree;

		temptree_make(&tree);
		temptree_text(&tree, "one/log", rows[i].log);
		assert_int_equal(crashlog_learn(tree.fd, &c), 0);
		if (!streq(c.kernel_release ?: "", rows[i].release))
			fail_msg("row %zu: \"%s\"", i, c.kernel_release);
		free(c.kernel_release);
		temptree_remove(&tree);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernel_tells_its_release),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
