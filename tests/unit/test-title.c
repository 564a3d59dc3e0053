// SPDX-License-Identifier: GPL-2.0-or-later
/* test-title.c - a crash in one line, out of the kernel log. */
#include <errno.h>

#include "tests/unit/check.h"
#include "vmcore/log/title.h"

static void titles_are_found(void **state)
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
		  "first" },
		{ "[  1.0] BUG: unable to handle page fault\n[  2.0] Oops: 0002\n[  3.0] Kernel "
		  "panic - not syncing: Fatal exception\n",
		  "BUG: unable to handle page fault" },
		{ "[ 8.0] kernel BUG at /src/crasher.c:82!\n[ 8.1] Oops: invalid opcode: 0000 "
		  "[#1]\n"
		  "[ 8.2] CPU: 0 UID: 0 PID: 1\n[ 8.3] RIP: 0010:crasher_bug+0x5/0x10 [crasher]\n",
		  "kernel BUG at /src/crasher.c:82! in crasher_bug [crasher]" },
		{ "[ 8.0] BUG: kernel NULL pointer dereference, address: 0000000000000040\n"
		  "[ 8.2] RIP: 0010:0x0\n[ 8.3] RIP: 0010:other+0x1/0x2\n",
		  "BUG: kernel NULL pointer dereference, address: 0000000000000040" },
		{ "[ 8.0] Unable to handle kernel NULL pointer dereference at virtual address 8\n"
		  "[ 8.1] pc : follow+0x10/0x40\n[ 8.1] lr : other+0x1/0x2\n",
		  "Unable to handle kernel NULL pointer dereference at virtual address 8 in "
		  "follow" },
		{ "[ 8.0] watchdog: BUG: soft lockup - CPU#1 stuck for 8s! [hog:300]\n"
		  "[ 8.1] RIP: 0010:hog+0x1/0x2\n[ 8.2] Call Trace:\n[ 9.0] Kernel panic - not "
		  "syncing: softlockup: hung tasks\n",
		  "BUG: soft lockup - CPU#1 stuck for 8s! [hog:300] in hog" },
		{ "[ 8.0] Kernel panic - not syncing: NMI: Not continuing\n[ 8.1] RIP: "
		  "0010:idle+0x1/0x2\n",
		  "NMI: Not continuing" },
		{ "[ 8.0] BUG: stack guard page was hit\n[ 8.1] Call Trace:\n[ 8.2] RIP: "
		  "0010:idle+0x1/0x2\n",
		  "BUG: stack guard page was hit" },
		{ "[ 1.0] INFO: task first:10 blocked for more than 5 seconds.\n[ 1.1] INFO: task "
		  "second:11 blocked for more than 5 seconds.\n[ 1.2] Kernel panic - not syncing: "
		  "hung_task: blocked tasks\n",
		  "INFO: task first:10 blocked for more than 5 seconds." },
		{ "[ 1.0] sysrq: Trigger a crash\n[ 1.1] Kernel panic - not syncing: sysrq "
		  "triggered crash\n",
		  "sysrq triggered crash" },
		{ "[ 1.0] sysrq: Trigger a crash\n", "sysrq: Trigger a crash" },
		{ "[  1.0] BUG: unable to handle page fault\n[  2.0] Oops: 0002\n",
		  "BUG: unable to handle page fault" },
		{ "[  1.0] Oops: general protection fault\n", "Oops: general protection fault" },
		{ "[  1.0] kernel BUG at mm/slub.c:123!\n", "kernel BUG at mm/slub.c:123!" },
		{ "[  1.0] Kernel panic - not syncing: \n", "" },
		{ "[  1.0] \n\n\n[  2.0] BUG: x", "BUG: x" },
		/* Lines of programs, before and behind the message, and in the registers. */
		{ "user  :warn  : [ 1.0] Kernel panic - not syncing: fake\n"
		  "                       Kernel panic - not syncing: fake\n"
		  "[ 8.0] BUG: kernel NULL pointer dereference, address: 0000000000000000\n"
		  "daemon:info  : [ 8.1] RIP: 0010:fake+0x1/0x2\n"
		  "[ 8.2] RIP: 0010:real+0x1/0x2\n"
		  "user  :warn  : [ 9.0] Kernel panic - not syncing: fake\n",
		  "BUG: kernel NULL pointer dereference, address: 0000000000000000 in real" },
		/* Programs by the names of messages. */
		{ "[ 1.0] BUG: kernel NULL pointer dereference, address: 8\n"
		  "[ 9.0] kernel BUG at [123]: segfault at 0 ip 0000: sp 1 error 4 in a:1![4+1]\n",
		  "BUG: kernel NULL pointer dereference, address: 8" },
		{ "kern  :emerg : [ 1.0] Kernel panic - not syncing: as dmesg -x has it\n",
		  "as dmesg -x has it" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(logs); i++) {
		char *message = NULL;

		assert_int_equal(title_of_log(logs[i].log, &message), 0);
		assert_string_equal(message, logs[i].message);
		free(message);
	}
}

static void logs_without_a_crash_have_no_title(void **state)
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
		"[ 1.0] Oops[123]: segfault at 0 ip 0000000000000000 sp 1 error 14\n",
		"[ 1.0] Oops: 0000 [#1][123]: segfault at 0 ip 0000000000000000 sp 1\n",
		"[ 1.0] Oops: 0000 [#1 invoked oom-killer: gfp_mask=0x1 [#2]\n",
		"[ 1.0] Oops: 0000 (77): drop_caches: 3 [#1]\n",
		"[ 1.0] INFO: task a[5]: segfault in x blocked for more than 1 seconds.\n",
		"[ 1.0] kernel BUG at (5): uses a.c:1!\n",
		"[ 1.0] [a] Oops: 00[7] bad frame [#1]\n",
		"[ 1.0] traps: a[7] trap int3 ip:1 in BUG: soft lockup[400000+1000]\n",
		"[ 1.0] a[7]: segfault at 0 in detected hard LOCKUP on cpu 1[400000+1000]\n",
		"[ 1.0] NMI watchdog: BUG[7]: segfault at 0 in BUG: soft lockup\n",
		"user  :warn  : [  1.0] Kernel panic - not syncing: fake\n",
		"local7:crit  : [  1.0] kernel BUG at fs/a.c:1!\n                       Oops: 1 "
		"[#1]",
	};

	for (size_t i = 0; i < ARRAY_SIZE(logs); i++) {
		char *message = NULL;

		assert_int_equal(title_of_log(logs[i], &message), -ENODATA);
		assert_null(message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(titles_are_found),
		cmocka_unit_test(logs_without_a_crash_have_no_title),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
