// SPDX-License-Identifier: GPL-2.0-or-later
/* test-panic-message.c - the line of the kernel log that says why it stopped. */
#include <errno.h>

#include "tests/unit/check.h"
#include "vmcore/kernel/dmesg.h"

static void panic_message_is_found(void **state)
{
	static const struct {
		const char *log, *message;
	} logs[] = {
		{ "[    1.0] x\n[   12.345678] Kernel panic - not syncing: sysrq triggered "
		  "crash\n[ 13.0] y\n",
		  "sysrq triggered crash" },
		{ "Kernel panic - not syncing: no stamp", "no stamp" },
		{ "[    1.0] [ T123] Kernel panic - not syncing: Fatal exception\n",
		  "Fatal exception" },
		{ "[  1.0] Kernel panic - not syncing: first\n[  2.0] Kernel panic - not syncing: "
		  "last\n",
		  "last" },
		{ "[  1.0] BUG: unable to handle page fault\n[  2.0] Oops: 0002\n[  3.0] Kernel "
		  "panic - not syncing: Fatal exception\n",
		  "Fatal exception" },
		{ "[  1.0] BUG: unable to handle page fault\n[  2.0] Oops: 0002\n",
		  "BUG: unable to handle page fault" },
		{ "[  1.0] Oops: general protection fault\n", "Oops: general protection fault" },
		{ "[  1.0] kernel BUG at mm/slub.c:123!\n", "kernel BUG at mm/slub.c:123!" },
		{ "[  1.0] Kernel panic - not syncing: \n", "" },
		{ "[  1.0] \n\n\n[  2.0] BUG: x", "BUG: x" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(logs); i++) {
		char *message = NULL;

		assert_int_equal(dmesg_panic_message(logs[i].log, &message), 0);
		assert_string_equal(message, logs[i].message);
		free(message);
	}
}

static void log_without_a_panic_has_no_message(void **state)
{
	static const char *const logs[] = {
		"",
		"\n",
		"[",
		"[  1.0]",
		"[  1.0] ",
		"[  1.0] all is well\n",
		"[  1.0] it said Kernel panic - not syncing: nothing\n",
		"Kernel panic\n",
		"[  1.0 Kernel panic - not syncing: no stamp at all\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(logs); i++) {
		char *message = NULL;

		assert_int_equal(dmesg_panic_message(logs[i], &message), -ENODATA);
		assert_null(message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(panic_message_is_found),
		cmocka_unit_test(log_without_a_panic_has_no_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
