// SPDX-License-Identifier: GPL-2.0-or-later
/* test-findings.c - each rule that looks at the log finds what fits, and nothing else. */
#include <stdio.h>

#include "tests/unit/findbox.h"
#include "tests/unit/synth-kernel.h"

#define OOPS(address)                                                                              \
	"70 BUG: unable to handle page fault for address: " address "\n"                           \
	"70 Oops: 0000 [#1] PREEMPT SMP NOPTI\n"                                                   \
	"70 CPU: 1 PID: 70 Comm: cat Tainted: G           OE      6.12.1 #1\n"                     \
	"70 RIP: 0010:walk+0x14/0x20\n"
#define CALLS(top)                                                                                 \
	"70 Call Trace:\n70  <TASK>\n70  " top "+0x14/0x20\n70  vfs_read+0x1/0x20\n"               \
	"70  do_syscall_64+0x5d/0x90\n70  </TASK>\n"

/* The findings of a kernel of which nothing but the log is known. */
static void find_in_log(const char *lines, struct findings *ret)
{
	struct synth_kernel k;
	struct synth_log log;
	struct report *report;

	synth_kernel_init(&k);
	synth_log_init(&log, &k.m, 6, 14);
	findbox_log(&log, lines);
	assert_int_equal(report_open(synth_kernel_dump(&k), &report), 0);
	assert_int_equal(report_need(report, FINDINGS_NEED), 0);
	findings_make(report, ret);
	report_free(report);
	synth_kernel_done(&k);
}

/* --- Rules that the log answers -------------------------------------------------------------- */

static const struct {
	const char *rule;
	enum finding_degree degree;
	const char *text, *evidence, *lines;
} positive[] = {
	{ "requested", FINDING_CERTAIN, "asked for by SysRq.", "sysrq triggered crash",
	  "70 sysrq: Trigger a crash\n70 Kernel panic - not syncing: sysrq triggered crash\n" },
	{ "requested", FINDING_CERTAIN, "asked for by SysRq.", "NULL pointer",
	  "70 sysrq: SysRq : Trigger a crash\n"
	  "70 BUG: unable to handle kernel NULL pointer dereference at 0000000000000000\n"
	  "70 Oops: 0002 [#1] SMP PTI\n70 RIP: 0010:sysrq_handle_crash+0x12/0x20\n" },
	{ "requested", FINDING_LIKELY, "by an NMI", "Not continuing",
	  "70 Uhhuh. NMI received for unknown reason 31 on CPU 0.\n"
	  "70 Kernel panic - not syncing: NMI: Not continuing\n" },
	{ "root", FINDING_CERTAIN, "no root file system", "unknown-block(0,0)",
	  "2 Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\n" },
	{ "init", FINDING_CERTAIN, "killed by signal 11,", "exitcode=0x0000000b",
	  "70 Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b\n" },
	{ "init", FINDING_CERTAIN, "with status 127,", "exitcode=0x00007f00",
	  "70 Kernel panic - not syncing: Attempted to kill init! exitcode=0x00007f00\n" },

	{ "machine_check", FINDING_CERTAIN, "(machine check)", "Machine Check Exception: 5 Bank 4",
	  "70 mce: [Hardware Error]: CPU 2: Machine Check Exception: 5 Bank 4: be00000000800400\n"
	  "70 Kernel panic - not syncing: Fatal machine check\n" },
	{ "machine_check", FINDING_CERTAIN, "(SError)",
	  "Kernel panic - not syncing: Asynchronous SError",
	  "70 Kernel panic - not syncing: Asynchronous SError Interrupt\n" },
	{ "machine_check", FINDING_HINT, "that it corrected 10 s before the crash.", "Bank 7",
	  "60 mce: [Hardware Error]: CPU 1: Machine Check: 0 Bank 7: 9c00000000010090\n" OOPS(
		  "ffffc90000000000") },
	{ "memory_error", FINDING_LIKELY, "could not be corrected with the crash.", "1 UE memory",
	  "70 EDAC MC0: 1 UE memory read error on CPU_SrcID#0_Ha#0_Chan#1_DIMM#0\n" OOPS(
		  "ffffc90000000000") },
	{ "memory_error", FINDING_HINT, "was corrected, 2 times, the last one 8 s before", "2 CE",
	  "61 EDAC MC0: 1 CE memory read error on DIMM_A1\n"
	  "62 EDAC MC0: 2 CE memory read error on DIMM_A1\n" OOPS("ffffc90000000000") },
	{ "pci_error", FINDING_LIKELY, "could not be corrected 5 s", "0000:03:00.0",
	  "65 nvme 0000:03:00.0: PCIe Bus Error: severity=Uncorrectable (Fatal), type=Data "
	  "Link\n" OOPS("ffffc90000000000") },
	{ "pci_error", FINDING_HINT, "was corrected 5 s", "0000:00:1c.0",
	  "65 pcieport 0000:00:1c.0: PCIe Bus Error: severity=Correctable, type=Physical "
	  "Layer\n" OOPS("ffffc90000000000") },

	{ "stack", FINDING_CERTAIN, "The stack overflowed in walk.", "guard page was hit",
	  "70 BUG: TASK stack guard page was hit at 00000000b1 (stack is 00000000a1..00000000c1)\n"
	  "70 stack guard page: 0000 [#1] PREEMPT SMP NOPTI\n70 RIP: 0010:walk+0x2d/0xa0\n" },
	{ "stack", FINDING_CERTAIN, "walk called itself without end, 8 of the last 8", "guard page",
	  "70 BUG: TASK stack guard page was hit at 00000000b1 (stack is 00000000a1..00000000c1)\n"
	  "70 stack guard page: 0000 [#1] PREEMPT SMP NOPTI\n70 RIP: 0010:walk+0x2d/0xa0\n"
	  "70 Call Trace:\n70  walk+0x5b/0xa0\n70  walk+0x5b/0xa0\n70  walk+0x5b/0xa0\n"
	  "70  walk+0x5b/0xa0\n70  walk+0x5b/0xa0\n70  walk+0x5b/0xa0\n70  walk+0x5b/0xa0\n" },
	{ "stack", FINDING_CERTAIN, "wrote past a variable", "corrupted in: walk",
	  "70 Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in: "
	  "walk+0x1/2\n" },

	{ "freed_memory", FINDING_CERTAIN, "pattern 6b", "6b6b6b6b6b6b6b9b",
	  "70 general protection fault, probably for non-canonical address 0x6b6b6b6b6b6b6b9b: "
	  "0000 [#1] SMP\n" },
	{ "freed_memory", FINDING_LIKELY, "pattern 6b", "RBX: 6b6b6b6b6b6b6b6b",
	  "70 general protection fault: 0000 [#1] SMP\n70 RIP: 0010:walk+0x14/0x20\n"
	  "70 RAX: 0000000000000001 RBX: 6b6b6b6b6b6b6b6b RCX: 0000000000000000\n" },
	{ "freed_memory", FINDING_LIKELY, "pattern 6b", "x19: 6b6b6b6b6b6b6b6b",
	  "70 Unable to handle kernel paging request at virtual address ffff80000a0b0c00\n"
	  "70 Internal error: Oops: 0000000096000004 [#1] SMP\n70 pc : walk+0x14/0x20\n"
	  "70 x20: 0000000000000001 x19: 6b6b6b6b6b6b6b6b x18: 0000000000000000\n" },
	{ "freed_memory", FINDING_CERTAIN, "LIST_POISON1", "dead000000000108",
	  "70 Unable to handle kernel paging request at virtual address dead000000000108\n"
	  "70 Internal error: Oops: 0000000096000044 [#1] SMP\n70 pc : walk+0x14/0x20\n" },
	{ "freed_memory", FINDING_CERTAIN, "LIST_POISON2", "dead000000000122",
	  "70 general protection fault, probably for non-canonical address 0xdead000000000122: "
	  "0000 [#1] SMP\n" },
	{ "freed_memory", FINDING_CERTAIN, "no longer on its list.", "dead0000000000e8",
	  "70 general protection fault, probably for non-canonical address 0xdead0000000000e8: "
	  "0000 [#1] SMP\n" },
	{ "freed_memory", FINDING_CERTAIN, "Freed memory was used with the crash.", "LIST_POISON1",
	  "70 list_del corruption, ffff888000500000->next is LIST_POISON1 (dead000000000100)\n"
	  "70 kernel BUG at lib/list_debug.c:56!\n" },
	{ "freed_memory", FINDING_CERTAIN, "Freed memory was used 40 s before", "in walk",
	  "30 BUG: KASAN: slab-use-after-free in walk+0x14/0x20\n" OOPS("ffffc90000000000") },
	{ "freed_memory", FINDING_CERTAIN, "Freed memory was used", "Poison overwritten",
	  "30 BUG kmalloc-64 (Not tainted): Poison overwritten\n" OOPS("ffffc90000000000") },
	{ "freed_memory", FINDING_LIKELY, "count of references went wrong 3 s", "underflow",
	  "67 refcount_t: underflow; use-after-free.\n" OOPS("ffffc90000000000") },
	{ "overwritten", FINDING_CERTAIN, "beyond an object", "out-of-bounds",
	  "30 BUG: KASAN: slab-out-of-bounds in walk+0x14/0x20\n" OOPS("ffffc90000000000") },
	{ "overwritten", FINDING_LIKELY, "A list is damaged", "should be ffff88",
	  "70 list_add corruption. next->prev should be ffff888000500000, but was "
	  "0000000000000000\n"
	  "70 kernel BUG at lib/list_debug.c:29!\n" },

	{ "flipped_bit", FINDING_HINT, "bit 40:", "0xffff888000500000 is mapped",
	  OOPS("ffff898000500000") },
	{ "flipped_bit", FINDING_LIKELY, "bit 52:", "0xffff888000500000 is mapped",
	  "70 general protection fault, probably for non-canonical address 0xffef888000500000: "
	  "0000 [#1] SMP\n" },

	{ "rcu_stall", FINDING_CERTAIN, "RCU stalled with the crash: it waited for CPU 3.",
	  "3-....",
	  "70 rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n"
	  "70 rcu: \t3-....: (1 GPs behind) idle=6c4/1/0x4000 softirq=12/12 fqs=2627\n"
	  "70 Kernel panic - not syncing: RCU Stall\n" },
	{ "rcu_stall", FINDING_CERTAIN, "it waited for tasks", "P123",
	  "70 rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n"
	  "70 rcu: \tTasks blocked on level-0 rcu_node (CPUs 0-3): P123\n"
	  "70 Kernel panic - not syncing: RCU Stall\n" },
	{ "rcu_stall", FINDING_CERTAIN, "RCU stalled with the crash.", "self-detected",
	  "70 INFO: rcu_sched self-detected stall on CPU\n"
	  "70 Kernel panic - not syncing: RCU Stall\n" },
	{ "rcu_stall", FINDING_LIKELY, "its own thread did not run", "starved",
	  "70 rcu: rcu_preempt kthread starved for 5252 jiffies! g9 f0x0 RCU_GP_WAIT_FQS(5)\n" },

	{ "busy_cpu", FINDING_HINT, "A CPU did not change tasks, 2 times, the last one 20 s",
	  "22s!",
	  "40 watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [cat:7]\n"
	  "50 watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [cat:8]\n" OOPS(
		  "ffffc90000000000") },
	{ "hung_task", FINDING_HINT, "A task was blocked for long 20 s before", "cat:7",
	  "50 INFO: task cat:7 blocked for more than 120 seconds.\n"
	  "70 sysrq: Trigger a crash\n70 Kernel panic - not syncing: sysrq triggered crash\n" },
	{ "no_answer", FINDING_LIKELY, "I/O of eth0 did", "queue 0",
	  "60 NETDEV WATCHDOG: eth0 (e1000e): transmit queue 0 timed out\n" },
	{ "pci_error", FINDING_LIKELY, "could not be corrected 5 s", "0000:00:1c.0",
	  "65 pcieport 0000:00:1c.0: AER: Multiple Uncorrectable (Non-Fatal) error message "
	  "received "
	  "from 0000:02:00.0\n" OOPS("ffffc90000000000") },
	{ "no_answer", FINDING_LIKELY, "I/O of nvme0 did not come back in time, 2 times", "I/O 23",
	  "60 nvme nvme0: I/O 22 QID 3 timeout, aborting\n"
	  "61 nvme nvme0: I/O 23 QID 3 timeout, aborting\n" },
	{ "no_answer", FINDING_LIKELY, "I/O of sda did", "tag#5",
	  "60 sd 2:0:0:0: [sda] tag#5 FAILED Result: hostbyte=DID_TIME_OUT "
	  "driverbyte=DRIVER_OK\n" },
	{ "no_answer", FINDING_LIKELY, "I/O of box did", "still trying",
	  "<5>60 nfs: server box not responding, still trying\n" },
	{ "no_answer", FINDING_LIKELY, "I/O of ata1.00 did", "frozen",
	  "60 ata1.00: exception Emask 0x0 SAct 0x0 SErr 0x0 action 0x6 frozen\n" },
	{ "io_error", FINDING_HINT, "I/O of sda failed, 1 time, the last one 10 s", "sector 2048",
	  "60 blk_update_request: I/O error, dev sda, sector 2048 op 0x0:(READ)\n" OOPS(
		  "ffffc90000000000") },
	{ "interrupts", FINDING_LIKELY, "no driver took it", "irq 16",
	  "60 irq 16: nobody cared (try booting with the \"irqpoll\" option)\n" },
	{ "interrupts", FINDING_CERTAIN, "most of the time of a CPU", "CPU#2",
	  "60 watchdog: CPU#2 Detect HardIRQ Time exceeds 50%. Most frequent HardIRQs:\n"
	  "60 watchdog: BUG: soft lockup - CPU#2 stuck for 26s! [cat:70]\n" },

	{ "earlier_oops", FINDING_LIKELY, "oops number 2; the first one came 30 s", "[#1]",
	  "40 Oops: 0000 [#1] PREEMPT SMP NOPTI\n"
	  "70 BUG: unable to handle page fault for address: ffffc90000000000\n"
	  "70 Oops: 0000 [#2] PREEMPT SMP NOPTI\n" },
	{ "earlier_oops", FINDING_LIKELY, "oops number 3 since the machine started", "[#3]",
	  "70 BUG: unable to handle page fault for address: ffffc90000000000\n"
	  "70 Oops: 0000 [#3] PREEMPT SMP NOPTI\n" },
	{ "second_panic", FINDING_CERTAIN, "panicked 2 times", "Asynchronous",
	  "70 Kernel panic - not syncing: Fatal exception\n"
	  "71 Kernel panic - not syncing: Asynchronous SError Interrupt\n" },

	{ "module", FINDING_LIKELY, "module foo is not part of the kernel; this happened in",
	  "walk [foo]",
	  "70 BUG: unable to handle page fault for address: ffffc90000000000\n"
	  "70 Oops: 0000 [#1] PREEMPT SMP NOPTI\n70 RIP: 0010:walk+0x14/0x20 [foo]\n" CALLS(
		  "helper") "70 Modules linked in: foobar(POE) foo(OE) ext4\n" },
	{ "module", FINDING_HINT, "foo is not part of the kernel, and proprietary; it is among",
	  "read [foo]",
	  "70 BUG: unable to handle page fault for address: ffffc90000000000\n"
	  "70 Oops: 0000 [#1] PREEMPT SMP NOPTI\n70 RIP: 0010:walk+0x14/0x20\n"
	  "70 Call Trace:\n70  read+0x1/0x2 [foo]\n70 Modules linked in: ext4 foo(POE)\n" },
	{ "warning", FINDING_HINT, "The module i915 gave a warning 4 s before", "drivers/gpu",
	  "66 WARNING: CPU: 1 PID: 7 at drivers/gpu/drm/x.c:1 commit+0x1/0x2 [i915]\n" OOPS(
		  "ffffc90000000000") },
	{ "warning", FINDING_HINT, "The kernel gave a warning 4 s before", "kernel/fork.c",
	  "66 WARNING: kernel/fork.c:12 at copy+0x1/0x2, CPU#1: cat/70\n" OOPS(
		  "ffffc90000000000") },
};

static void rules_that_the_log_answers(void **state)
{
	struct findings found;

	for (size_t i = 0; i < ARRAY_SIZE(positive); i++) {
		find_in_log(positive[i].lines, &found);
		findbox_check(&found, positive[i].rule, positive[i].degree, positive[i].text,
		              positive[i].evidence, positive[i].lines);
	}
}

/* Nothing is to be said of these. */
static const char *const negative[] = {
	"1 Linux version 6.12\n",
	OOPS("ffffc90000000000") CALLS("walk"),
	"70 BUG: kernel NULL pointer dereference, address: 0000000000000040\n"
	"70 Oops: 0000 [#1] PREEMPT SMP NOPTI\n70 RIP: 0010:walk+0x14/0x20\n"
	"70 RAX: 0000000000000001 RBX: 00000000dead0100 RCX: 6b6b6b6b00000000\n",
	/* Many bits lead to memory, or none does. */
	OOPS("ffff888123456000"),
	OOPS("ffffc90000000000"),
	"70 general protection fault, probably for non-canonical address 0x2f6d6f632e656c70: 0000 "
	"[#1]\n",
	/* It is mapped; only writing was wrong. */
	OOPS("ffff888000500000"),
	/* Registers of user space, or of a later trace. */
	OOPS("ffffc90000000000") CALLS("walk") "70 RAX: 6b6b6b6b6b6b6b6b RBX: 0000000000000000\n",
	/* A module of the kernel, and one that is elsewhere. */
	"70 kernel BUG at fs/x.c:1!\n70 RIP: 0010:walk+0x14/0x20 [foo]\n"
	"70 Modules linked in: foo(E) bar(OE)\n",
	OOPS("ffffc90000000000") CALLS("walk") "70 Modules linked in: foo(POE)\n",
	/* Too long ago, or because of the crash. */
	"5 WARNING: CPU: 1 PID: 7 at drivers/gpu/drm/x.c:1 commit+0x1/0x2 [i915]\n" OOPS(
		"ffffc90000000000"),
	OOPS("ffffc90000000000") "70 WARNING: CPU: 1 PID: 7 at kernel/x.c:1 commit+0x1/0x2\n",
	"70 WARNING: CPU: 1 PID: 7 at mm/x.c:1 commit+0x1/0x2\n"
	"70 Kernel panic - not syncing: kernel: panic_on_warn set ...\n",
	/* Of little weight, or in the words of somebody else. */
	"<6>60 EDAC MC0: Giving out device to module sb_edac controller Ivy Bridge: DEV 0000:ff\n"
	"<6>60 mce: [Hardware Error]: Machine check events logged\n"
	"<6>60 pcieport 0000:00:1c.0: AER: enabled with IRQ 122\n"
	"60 EDAC sbridge: Seeking for: PCI ID 8086:0ea0\n"
	"<6>60 rcu: Hierarchical SRCU implementation.\n"
	"60 fake: nvme nvme0: I/O 22 QID 3 timeout, aborting\n"
	"60 fake[12]: BUG: KASAN: slab-use-after-free in walk+0x14/0x20\n"
	"60 BUG: KASAN: x[70]: segfault at 0 ip 0 sp 0 error 4 in use-after-free[5500+1]\n"
	"60 fake: Kernel panic - not syncing: sysrq triggered crash\n",
	"user 60 BUG: KASAN: slab-use-after-free in walk+0x14/0x20\n"
	"user 60 EDAC MC0: 1 UE memory read error on DIMM_A1\n"
	"user 61 Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b\n",
	"<6>2 nvme nvme0: 8/0/0 default/read/poll queues\n<6>2 ata1: SATA link up 6.0 Gbps\n",
	"70 Memory cgroup out of memory: Killed process 70 (cat)\n",
	"70 Out of memory: Killed process 70 (cat) total-vm:1kB\n",
};

static void other_logs_are_passed_over_in_silence(void **state)
{
	struct findings found;

	for (size_t i = 0; i < ARRAY_SIZE(negative); i++) {
		find_in_log(negative[i], &found);
		if (found.n > 0)
			findbox_fail(&found, "There is nothing to find in:", negative[i]);
	}
}

/* At most ten, and what is certain is not crowded out. */
static void the_most_certain_come_first(void **state)
{
	struct findings found;
	char *all = NULL;
	size_t len, degree = 0;
	FILE *f = open_memstream(&all, &len);

	for (size_t i = 0; i < ARRAY_SIZE(positive); i++)
		if (!streq(positive[i].rule, "requested"))
			fputs(positive[i].lines, f);
	fclose(f);
	find_in_log(all, &found);
	assert_true(found.n > 3 && found.n <= FINDINGS_MAX);
	for (size_t i = 0; i < found.n; i++) {
		assert_true(found.list[i].degree >= degree);
		degree = found.list[i].degree;
	}
	free(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_that_the_log_answers),
		cmocka_unit_test(other_logs_are_passed_over_in_silence),
		cmocka_unit_test(the_most_certain_come_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
