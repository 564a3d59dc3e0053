// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-fingerprint.c - the identity of crashes, from logs as kernels write them.
 *
 * The logs are shortened: lines that nothing is read from stand for their kind once.
 */
#include <errno.h>
#include <stdio.h>

#include "tests/unit/check.h"
#include "vmcore/report/fingerprint.h"

static const char sysrq_log[] =
	"[   90.957150] kdump-lite: test crash 61fe30e804d3b2fe\n"
	"[   90.982391] sysrq: Trigger a crash\n"
	"[   90.983230] Kernel panic - not syncing: sysrq triggered crash\n"
	"[   90.983964] CPU: 0 UID: 0 PID: 277 Comm: kdump-lite Kdump: loaded Not tainted 6.12.95 "
	"#1\n"
	"[   90.984699] Hardware name: QEMU Standard PC (i440FX + PIIX, 1996)\n"
	"[   90.985182] Call Trace:\n"
	"[   90.986014]  <TASK>\n"
	"[   90.986793]  panic+0x344/0x3a0\n"
	"[   90.987806]  sysrq_handle_crash+0x1a/0x20\n"
	"[   90.987999]  __handle_sysrq.cold+0xa7/0x1a0\n"
	"[   90.988148]  write_sysrq_trigger+0x59/0x80\n"
	"[   90.988354]  proc_reg_write+0x5a/0xa0\n"
	"[   90.988593]  vfs_write+0xfb/0x450\n"
	"[   90.988757]  ? terminate_walk+0x61/0x100\n"
	"[   90.988926]  ksys_write+0x6f/0xf0\n"
	"[   90.989063]  do_syscall_64+0x87/0x180\n"
	"[   90.991115]  entry_SYSCALL_64_after_hwframe+0x76/0x7e\n"
	"[   90.991768] RIP: 0033:0x7fbd2f9d7350\n"
	"[   90.998904]  </TASK>\n";

#define SYSRQ                                                                                      \
	"sysrq: sysrq_handle_crash, __handle_sysrq, write_sysrq_trigger, proc_reg_write, "         \
	"vfs_write"

/* Up to 4.20 by a fault; the trace of the time had no <TASK>. */
static const char old_sysrq_log[] =
	"[   51.002001] sysrq: SysRq : Trigger a crash\n"
	"[   51.002201] BUG: unable to handle kernel NULL pointer dereference at 0000000000000000\n"
	"[   51.002301] PGD 800000007b1c1067 P4D 800000007b1c1067 PUD 7a1d6067 PMD 0 \n"
	"[   51.002401] Oops: 0002 [#1] SMP PTI\n"
	"[   51.002501] CPU: 1 PID: 412 Comm: bash Not tainted 4.19.0-27-amd64 #1 Debian "
	"4.19.316-1\n"
	"[   51.002601] RIP: 0010:sysrq_handle_crash+0x12/0x20\n"
	"[   51.002701] Code: eb db e8 c5 39 b9 ff 90 0f 1f 44 00 00 <c6> 04 25 00 00 00 00 01 c3\n"
	"[   51.002801] RSP: 0018:ffffb0a9c0b6fe58 EFLAGS: 00010286\n"
	"[   51.002901] Call Trace:\n"
	"[   51.003001]  __handle_sysrq.cold.10+0x48/0xfb\n"
	"[   51.003101]  write_sysrq_trigger+0x2b/0x30\n"
	"[   51.003201]  proc_reg_write+0x39/0x60\n"
	"[   51.003301]  vfs_write+0xa5/0x1a0\n"
	"[   51.003401]  ksys_write+0x57/0xd0\n"
	"[   51.003501]  do_syscall_64+0x53/0x110\n"
	"[   51.003601]  entry_SYSCALL_64_after_hwframe+0x5c/0xc1\n"
	"[   51.003701] RIP: 0033:0x7f2b1f3fe504\n"
	"[   51.003801] Modules linked in: ext4 crc16 mbcache jbd2\n";

static const char null_log[] =
	"[  100.000001] BUG: kernel NULL pointer dereference, address: 0000000000000018\n"
	"[  100.000002] #PF: supervisor read access in kernel mode\n"
	"[  100.000003] #PF: error_code(0x0000) - not-present page\n"
	"[  100.000004] PGD 0 P4D 0 \n"
	"[  100.000005] Oops: 0000 [#1] PREEMPT SMP PTI\n"
	"[  100.000006] CPU: 3 PID: 1234 Comm: postgres Kdump: loaded Tainted: G   OE "
	"6.1.0-13-amd64\n"
	"[  100.000007] RIP: 0010:ext4_get_group_desc.part.0+0x2c/0xb0 [ext4]\n"
	"[  100.000008] Code: 00 00 48 8b <48> 8b 40 18\n"
	"[  100.000009] RSP: 0018:ffffa1c6c0b6fe58 EFLAGS: 00010246\n"
	"[  100.000010] Call Trace:\n"
	"[  100.000011]  <TASK>\n"
	"[  100.000012]  ? __die_body.cold+0x1a/0x1f\n"
	"[  100.000013]  ? page_fault_oops+0xd2/0x2b0\n"
	"[  100.000014]  ? exc_page_fault+0x70/0x170\n"
	"[  100.000015]  ? asm_exc_page_fault+0x22/0x30\n"
	"[  100.000016]  ? ext4_get_group_desc.part.0+0x2c/0xb0 [ext4]\n"
	"[  100.000017]  ext4_free_blocks+0x123/0xcd0 [ext4 "
	"3b43fad5034874490492495d552c0af6a5fab235]\n"
	"[  100.000018]  ext4_ext_remove_space.constprop.0.isra.0+0xabc/0x1700 [ext4]\n"
	"[  100.000019]  ext4_ext_truncate+0x8c/0xb0 [ext4]\n"
	"[  100.000020]  ext4_truncate+0x3e6/0x4b0 [ext4]\n"
	"[  100.000021]  ext4_setattr+0x5d0/0x9b0 [ext4]\n"
	"[  100.000022]  notify_change+0x3b3/0x4f0\n"
	"[  100.000023]  do_syscall_64+0x5b/0xc0\n"
	"[  100.000024]  </TASK>\n"
	"[  100.000025] Modules linked in: ext4 jbd2\n"
	"[  100.000026] CR2: 0000000000000018\n"
	"[  100.000027] ---[ end trace 0000000000000000 ]---\n"
	"[  100.000028] RIP: 0010:ext4_get_group_desc.part.0+0x2c/0xb0 [ext4]\n"
	"[  100.000029] Kernel panic - not syncing: Fatal exception\n"
	"[  100.000030] Kernel Offset: 0x1e000000 from 0xffffffff81000000\n";

#define NULL_TEXT                                                                                  \
	"null pointer: ext4_get_group_desc [ext4], ext4_free_blocks [ext4], "                      \
	"ext4_ext_remove_space [ext4], ext4_ext_truncate [ext4], ext4_truncate [ext4]"

/* In an interrupt: what that came across says nothing, and its own handler ends the trace. */
static const char interrupt_log[] =
	"[  7.1] BUG: unable to handle page fault for address: ffffc900001dc000\n"
	"[  7.1] #PF: supervisor write access in kernel mode\n"
	"[  7.1] Oops: 0002 [#1] SMP NOPTI\n"
	"[  7.1] CPU: 0 PID: 0 Comm: swapper/0 Not tainted 5.10.0-26-amd64 #1\n"
	"[  7.1] RIP: 0010:rx_fill+0x55/0x90 [mydrv]\n"
	"[  7.1] Call Trace:\n"
	"[  7.1]  <IRQ>\n"
	"[  7.1]  mydrv_irq+0x21/0x40 [mydrv]\n"
	"[  7.1]  __handle_irq_event_percpu+0x4f/0x170\n"
	"[  7.1]  handle_irq_event+0x58/0xb0\n"
	"[  7.1]  asm_common_interrupt+0x1e/0x40\n"
	"[  7.1]  </IRQ>\n"
	"[  7.1] RIP: 0010:native_safe_halt+0xe/0x20\n"
	"[  7.1] Code: 00 f0 80\n"
	"[  7.1]  default_idle+0xa/0x10\n"
	"[  7.1]  do_idle+0x208/0x2b0\n"
	"[  7.1] Kernel panic - not syncing: Fatal exception in interrupt\n";

static const char bug_log[] =
	"[  9.000001] list_del corruption. prev->next should be ffff8881012345a8, but was "
	"ffff888101234700\n"
	"[  9.000002] ------------[ cut here ]------------\n"
	"[  9.000003] kernel BUG at /build/linux-xyz/linux-6.1.52/lib/list_debug.c:61!\n"
	"[  9.000004] invalid opcode: 0000 [#1] PREEMPT SMP NOPTI\n"
	"[  9.000005] CPU: 5 PID: 77 Comm: kworker/5:1 Not tainted 6.1.52 #1\n"
	"[  9.000006] Workqueue: events mod_work [mod]\n"
	"[  9.000007] RIP: 0010:__list_del_entry_valid.cold+0x1d/0x47\n"
	"[  9.000008] Call Trace:\n"
	"[  9.000009]  <TASK>\n"
	"[  9.000010]  ? die+0x32/0x80\n"
	"[  9.000011]  mod_work+0x33/0x100 [mod]\n"
	"[  9.000012]  process_one_work+0x1c7/0x380\n"
	"[  9.000013]  worker_thread+0x4d/0x380\n"
	"[  9.000014]  kthread+0xe9/0x110\n"
	"[  9.000015]  ret_from_fork+0x22/0x30\n"
	"[  9.000016]  </TASK>\n";

static const char gpf_log[] =
	"[ 55.1] BUG: Bad page state in process kworker/0:1  pfn:12345\n"
	"[ 55.1] Oops: general protection fault, probably for non-canonical address "
	"0xdead000000000122: 0000 [#1] PREEMPT SMP NOPTI\n"
	"[ 55.1] CPU: 2 UID: 0 PID: 1 Comm: x Not tainted 6.11.2 #1\n"
	"[ 55.1] RIP: 0010:kmem_cache_alloc_noprof+0x99/0x2c0\n"
	"[ 55.1] Call Trace:\n"
	"[ 55.1]  <TASK>\n"
	"[ 55.1]  ? __die_body.cold+0x19/0x27\n"
	"[ 55.1]  getname_flags.part.0+0x45/0x1b0\n"
	"[ 55.1]  do_sys_openat2+0x80/0xe0\n"
	"[ 55.1]  __x64_sys_openat+0x54/0xa0\n"
	"[ 55.1]  x64_sys_call+0x1234/0x2000\n"
	"[ 55.1]  do_syscall_64+0x82/0x190\n"
	"[ 55.1] BUG: scheduling while atomic: x/1/0x00000002\n";

static const char soft_log[] =
	"[ 4000.1] watchdog: BUG: soft lockup - CPU#3 stuck for 26s! [spin:812]\n"
	"[ 4000.1] Modules linked in: spin(OE)\n"
	"[ 4000.1] CPU: 3 PID: 812 Comm: spin Kdump: loaded Tainted: G  OE  6.1.0 #1\n"
	"[ 4000.1] RIP: 0010:native_queued_spin_lock_slowpath+0x6e/0x2d0\n"
	"[ 4000.1] Code: 08 0f 92 c2\n"
	"[ 4000.1] Call Trace:\n"
	"[ 4000.1]  <IRQ>\n"
	"[ 4000.1]  ? watchdog_timer_fn+0x1a8/0x210\n"
	"[ 4000.1]  ? asm_sysvec_apic_timer_interrupt+0x16/0x20\n"
	"[ 4000.1]  </IRQ>\n"
	"[ 4000.1]  <TASK>\n"
	"[ 4000.1]  _raw_spin_lock+0x29/0x30\n"
	"[ 4000.1]  spin_ioctl+0x44/0x60 [spin]\n"
	"[ 4000.1]  __x64_sys_ioctl+0x8d/0xd0\n"
	"[ 4000.1]  do_syscall_64+0x58/0xc0\n"
	"[ 4000.1]  </TASK>\n"
	"[ 4000.1] Kernel panic - not syncing: softlockup: hung tasks\n"
	"[ 4000.1] CPU: 3 PID: 812 Comm: spin Kdump: loaded Tainted: G  OEL 6.1.0 #1\n"
	"[ 4000.1] Call Trace:\n"
	"[ 4000.1]  <IRQ>\n"
	"[ 4000.1]  dump_stack_lvl+0x44/0x5c\n"
	"[ 4000.1]  panic+0x118/0x2ed\n"
	"[ 4000.1]  watchdog_timer_fn.cold+0xc/0x16\n"
	"[ 4000.1]  asm_sysvec_apic_timer_interrupt+0x16/0x20\n";

static const char hard_log[] = "[ 88.0] NMI watchdog: Watchdog detected hard LOCKUP on cpu 7\n"
			       "[ 88.0] Modules linked in: x\n"
			       "[ 88.0] CPU: 7 PID: 99 Comm: y Not tainted 5.15.0 #1\n"
			       "[ 88.0] RIP: 0010:delay_tsc+0x3a/0x60\n"
			       "[ 88.0] Call Trace:\n"
			       "[ 88.0]  <TASK>\n"
			       "[ 88.0]  hang_forever+0x30/0x50 [x]\n"
			       "[ 88.0]  do_one_initcall+0x44/0x200\n"
			       "[ 88.0] Kernel panic - not syncing: Hard LOCKUP\n"
			       "[ 88.0] Call Trace:\n"
			       "[ 88.0]  <NMI>\n"
			       "[ 88.0]  panic+0x100/0x2d0\n";

static const char hung_log[] =
	"[  363.1] INFO: task tar: x:21:1234 blocked for more than 120 seconds.\n"
	"[  363.1]       Not tainted 6.6.9 #1\n"
	"[  363.1] \"echo 0 > /proc/sys/kernel/hung_task_timeout_secs\" disables this message.\n"
	"[  363.1] task:tar: x:21       state:D stack:0     pid:1234  ppid:1    flags:0x00000002\n"
	"[  363.1] Call Trace:\n"
	"[  363.1]  <TASK>\n"
	"[  363.1]  __schedule+0x3e7/0x1460\n"
	"[  363.1]  schedule+0x5e/0xd0\n"
	"[  363.1]  schedule_preempt_disabled+0x15/0x30\n"
	"[  363.1]  __mutex_lock.constprop.0+0x39a/0x6a0\n"
	"[  363.1]  nfs_lock_it+0x44/0x100 [nfs]\n"
	"[  363.1]  vfs_read+0x9a/0x320\n"
	"[  363.1]  do_syscall_64+0x5d/0x90\n"
	"[  363.1]  </TASK>\n"
	"[  363.2] INFO: task other:77 blocked for more than 120 seconds.\n"
	"[  363.2] Call Trace:\n"
	"[  363.2]  schedule+0x5e/0xd0\n"
	"[  363.2]  something_else+0x5e/0xd0\n"
	"[  363.3] NMI backtrace for cpu 0\n"
	"[  363.4] Kernel panic - not syncing: hung_task: blocked tasks\n"
	"[  363.4] CPU: 0 PID: 62 Comm: khungtaskd Not tainted 6.6.9 #1\n"
	"[  363.4] Call Trace:\n"
	"[  363.4]  panic+0x107/0x2f0\n"
	"[  363.4]  watchdog+0x2f1/0x5d0\n";

static const char rcu_log[] =
	"[   60.1] rcu: INFO: rcu_preempt self-detected stall on CPU\n"
	"[   60.1] rcu: \t1-....: (5249 ticks this GP) idle=1 softirq=2/2 fqs=2624\n"
	"[   60.1] CPU: 1 PID: 300 Comm: loop Not tainted 6.1.0 #1\n"
	"[   60.1] RIP: 0010:loop_forever+0x5/0x10 [loop_mod]\n"
	"[   60.1] Call Trace:\n"
	"[   60.1]  loop_start+0x5/0x10 [loop_mod]\n"
	"[   60.1]  kthread+0xe9/0x110\n"
	"[   60.1] Kernel panic - not syncing: RCU Stall\n";

static const char warn_log[] =
	"[    3.0] WARNING: CPU: 0 PID: 1 at arch/x86/old.c:1 old_one+0x1/0x2\n"
	"[    3.0] RIP: 0010:old_one+0x1/0x2\n"
	"[    3.0] Call Trace:\n"
	"[    3.0]  start_old+0x1/0x2\n"
	"[  203.0] ------------[ cut here ]------------\n"
	"[  203.0] refcount_t: underflow; use-after-free.\n"
	"[  203.0] WARNING: CPU: 6 PID: 4242 at lib/refcount.c:28 "
	"refcount_warn_saturate+0xba/0x110\n"
	"[  203.0] Modules linked in: a b c\n"
	"[  203.0] RIP: 0010:refcount_warn_saturate+0xba/0x110\n"
	"[  203.0] Call Trace:\n"
	"[  203.0]  <TASK>\n"
	"[  203.0]  put_it+0x22/0x30 [a]\n"
	"[  203.0]  release_it+0x22/0x30 [a]\n"
	"[  203.0]  entry_SYSCALL_64_after_hwframe+0x22/0x30\n"
	"[  203.0] Kernel panic - not syncing: kernel: panic_on_warn set ...\n"
	"[  203.0] Call Trace:\n"
	"[  203.0]  panic+0x22/0x30\n";

static const char kasan_log[] =
	"[  12.0] ==================================================================\n"
	"[  12.0] BUG: KASAN: slab-use-after-free in use_it+0x55/0x90 [m]\n"
	"[  12.0] Read of size 8 at addr ffff888012345678 by task insmod/512\n"
	"[  12.0] CPU: 0 PID: 512 Comm: insmod Not tainted 6.6.0 #1\n"
	"[  12.0] Call Trace:\n"
	"[  12.0]  <TASK>\n"
	"[  12.0]  dump_stack_lvl+0x4c/0x70\n"
	"[  12.0]  print_report+0xd3/0x620\n"
	"[  12.0]  kasan_report+0xb6/0xf0\n"
	"[  12.0]  use_it+0x55/0x90 [m]\n"
	"[  12.0]  do_one_initcall+0x87/0x2f0\n"
	"[  12.0]  </TASK>\n"
	"[  12.0] Allocated by task 512:\n"
	"[  12.0]  kasan_save_stack+0x33/0x60\n"
	"[  12.0] Kernel panic - not syncing: kasan.fault=panic set ...\n";

static const char arm64_log[] =
	"[   33.0] Unable to handle kernel NULL pointer dereference at virtual address "
	"0000000000000010\n"
	"[   33.0] Mem abort info:\n"
	"[   33.0] Internal error: Oops: 0000000096000004 [#1] SMP\n"
	"[   33.0] CPU: 1 PID: 9 Comm: z Not tainted 6.1.0-arm64 #1\n"
	"[   33.0] pstate: 60400005 (nZCv daif +PAN -UAO -TCO -DIT -SSBS BTYPE=--)\n"
	"[   33.0] pc : probe_it+0x24/0x80 [dev]\n"
	"[   33.0] lr : really_probe+0xc8/0x3e0\n"
	"[   33.0] Call trace:\n"
	"[   33.0]  probe_it+0x24/0x80 [dev]\n"
	"[   33.0]  really_probe+0xc8/0x3e0\n"
	"[   33.0]  el0_svc+0x30/0xf0\n"
	"[   33.0]  el0t_64_sync_handler+0x11c/0x150\n"
	"[   33.0] Code: f9400001\n"
	"[   33.0] Kernel panic - not syncing: Oops: Fatal exception\n";

static const char riscv64_log[] =
	"[   33.0] Unable to handle kernel NULL pointer dereference at virtual address "
	"0000000000000010\n"
	"[   33.0] Oops [#1]\n"
	"[   33.0] Modules linked in: dev(O)\n"
	"[   33.0] CPU: 1 UID: 0 PID: 9 Comm: z Not tainted 6.12.107-riscv64 #1\n"
	"[   33.0] epc : probe_it+0x24/0x80 [dev]\n"
	"[   33.0]  ra : really_probe+0xc8/0x3e0\n"
	"[   33.0] epc : ffffffff01b3a024 ra : ffffffff8072be14 sp : ff2000000001bc60\n"
	"[   33.0] status: 0000000200000120 badaddr: 0000000000000010 cause: 000000000000000d\n"
	"[   33.0] [<ffffffff01b3a024>] probe_it+0x24/0x80 [dev]\n"
	"[   33.0] [<ffffffff8072be14>] really_probe+0xc8/0x3e0\n"
	"[   33.0] [<ffffffff80a69d60>] do_trap_ecall_u+0x94/0x1ea\n"
	"[   33.0] [<ffffffff80a76776>] handle_exception+0x14a/0x156\n"
	"[   33.0] Code: 0001 0001\n"
	"[   33.0] ---[ end trace 0000000000000000 ]---\n"
	"[   33.0] Kernel panic - not syncing: Fatal exception\n";

/* panic() does not return: behind its call the next function begins. What faulted may be at its
 * first instruction. */
static const char next_function_log[] =
	"[    7.0] Kernel panic - not syncing: sysrq triggered crash\n"
	"[    7.0] Call trace:\n"
	"[    7.0]  panic+0x168/0x32c\n"
	"[    7.0]  sysrq_reset_seq_param_set+0x0/0x7c\n"
	"[    7.0]  __handle_sysrq+0x88/0x180\n";

static const char first_instruction_log[] =
	"[    7.0] Internal error: Oops: 0000000086000004 [#1] SMP\n"
	"[    7.0] pc : probe_it+0x0/0x80 [dev]\n"
	"[    7.0] lr : really_probe+0xc8/0x3e0\n"
	"[    7.0] Call trace:\n"
	"[    7.0]  probe_it+0x0/0x80 [dev]\n"
	"[    7.0]  next+0x0/0x80 [dev]\n"
	"[    7.0]  really_probe+0xc8/0x3e0\n"
	"[    7.0] Kernel panic - not syncing: Oops: Fatal exception\n";

/* A timer's interrupt, in which the panic comes. */
static const char riscv64_interrupt_log[] =
	"[    9.0] Kernel panic - not syncing: told to\n"
	"[    9.0] Call Trace:\n"
	"[    9.0] [<ffffffff80006f7c>] dump_backtrace+0x28/0x30\n"
	"[    9.0] [<ffffffff80a5b90c>] panic+0x11a/0x35a\n"
	"[    9.0] [<ffffffff01b3a024>] late+0x24/0x80 [dev]\n"
	"[    9.0] [<ffffffff800a5b90>] call_timer_fn+0x24/0x80\n"
	"[    9.0] [<ffffffff80a6a1c2>] do_irq+0x3c/0x40\n"
	"[    9.0] [<ffffffff80a76776>] handle_exception+0x14a/0x156\n"
	"[    9.0] [<ffffffff80a6a5d6>] default_idle_call+0x36/0xd4\n";

static const char oom_log[] =
	"[  500.0] java invoked oom-killer: gfp_mask=0x100cca, order=0, oom_score_adj=0\n"
	"[  500.0] Call Trace:\n"
	"[  500.0]  dump_header+0x4a/0x1ff\n"
	"[  500.0] Mem-Info:\n"
	"[  500.0] Kernel panic - not syncing: Out of memory: compulsory panic_on_oom is enabled\n"
	"[  500.0] Call Trace:\n"
	"[  500.0]  panic+0x4a/0x1ff\n"
	"[  500.0]  out_of_memory+0x4a/0x1ff\n";

static const struct {
	const char *log, *text;
} logs[] = {
	{ sysrq_log, SYSRQ },
	{ old_sysrq_log, SYSRQ },
	/* A kretprobe, by the name of the function in front of its trampoline; and panic() as the
	 * last call of a function. */
	{ "[ 1.0] Kernel panic - not syncing: x\n[ 1.0] Call Trace:\n[ 1.0]  panic+0x118/0x2db\n"
	  "[ 1.0]  ends+0x40/0x40\n[ 1.0]  traced+0x59/0x80\n"
	  "[ 1.0]  trace_clock_x86_tsc+0x20/0x20\n[ 1.0]  __kretprobe_trampoline+0x0/0x60\n"
	  "[ 1.0]  caller+0x5/0x60\n",
	  "panic: x: ends, traced, caller" },
	{ null_log, NULL_TEXT },
	{ interrupt_log, "page fault: rx_fill [mydrv], mydrv_irq [mydrv], "
	                 "__handle_irq_event_percpu, handle_irq_event" },
	{ bug_log, "BUG at list_debug.c: mod_work [mod], process_one_work, worker_thread" },
	{ gpf_log, "general protection fault: kmem_cache_alloc_noprof, getname_flags, "
	           "do_sys_openat2, __x64_sys_openat" },
	{ soft_log, "soft lockup: spin_ioctl [spin], __x64_sys_ioctl" },
	{ hard_log, "hard lockup: delay_tsc, hang_forever [x], do_one_initcall" },
	{ hung_log, "hung task: nfs_lock_it [nfs], vfs_read" },
	{ rcu_log, "RCU stall: loop_forever [loop_mod], loop_start [loop_mod]" },
	{ warn_log, "warning: put_it [a], release_it [a]" },
	{ kasan_log, "KASAN slab-use-after-free: use_it [m], do_one_initcall" },
	{ arm64_log, "null pointer: probe_it [dev], really_probe" },
	{ riscv64_log, "null pointer: probe_it [dev], really_probe" },
	{ riscv64_interrupt_log, "panic: told to: late [dev], call_timer_fn" },
	{ next_function_log, "sysrq: __handle_sysrq" },
	{ first_instruction_log, "oops: probe_it [dev], really_probe" },
	{ oom_log, "out of memory" },
	{ "[ 1.0] mce: [Hardware Error]: CPU 3: Machine Check Exception: 5 Bank 4: "
	  "b200000000070f0f\n"
	  "[ 1.0] Kernel panic - not syncing: Fatal machine check\n",
	  "machine check" },
	{ "[ 1.0] Kernel panic - not syncing: Timeout: Not all CPUs entered broadcast exception "
	  "handler\n",
	  "machine check" },
	{ "[ 1.0] Kernel panic - not syncing: NMI: Not continuing\n", "NMI" },
	{ "[ 1.0] BUG: TASK stack guard page was hit at 000000001234abcd (stack is "
	  "00000000a..00000000b)\n"
	  "[ 1.0] Oops: stack guard page: 0000 [#1] PREEMPT SMP\n"
	  "[ 1.0] RIP: 0010:deep+0xd/0x30 [r]\n"
	  "[ 1.0] Call Trace:\n"
	  "[ 1.0]  deep+0x22/0x30 [r]\n"
	  "[ 1.0]  deep+0x22/0x30 [r]\n",
	  "stack overflow: deep [r], deep [r], deep [r]" },
	{ "[ 1.0] traps: PANIC: double fault, error_code: 0x0\n"
	  "[ 1.0] double fault: 0000 [#1] SMP\n"
	  "[ 1.0] RIP: 0010:foo+0xd/0x30\n",
	  "double fault: foo" },
	{ "[ 1.0] Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in: "
	  "smash+0x40/0x50 [s]\n"
	  "[ 1.0] Call Trace:\n"
	  "[ 1.0]  panic+0x1/0x2\n"
	  "[ 1.0]  __stack_chk_fail+0x1/0x2\n"
	  "[ 1.0]  smash+0x40/0x50 [s]\n",
	  "stack corrupted: smash [s]" },
	{ "[ 1.0] divide error: 0000 [#1] SMP\n[ 1.0] RIP: 0010:div+0x1/0x2\n",
	  "divide error: div" },
	{ "[ 1.0] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\n"
	  "[ 1.0] Call Trace:\n"
	  "[ 1.0]  panic+0x1/0x2\n"
	  "[ 1.0]  mount_root_generic+0x1/0x2\n"
	  "[ 1.0]  ret_from_fork_asm+0x1/0x2\n",
	  "panic: VFS: Unable to mount root fs on unknown-block(N,N): mount_root_generic" },
	{ "[ 1.0] Kernel panic - not syncing: EXT4-fs (device sda1): panic forced after error\n",
	  "panic: EXT4-fs (device X): panic forced after error" },
	{ "[ 1.0] Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b\n",
	  "init killed" },
	{ "[ 1.0] BUG: Bad page state in process a/b  pfn:12345\n",
	  "BUG: Bad page state in process X  pfn:N" },
	/* A jump to nowhere. */
	{ "[ 1.0] BUG: kernel NULL pointer dereference, address: 0000000000000000\n"
	  "[ 1.0] RIP: 0010:0x0\n"
	  "[ 1.0] Code: Unable to access opcode bytes at 0xffffffffffffffd6.\n"
	  "[ 1.0] Call Trace:\n"
	  "[ 1.0]  caller+0x1/0x2\n",
	  "null pointer: caller" },
	/* What came long before does not count, nor what comes after. */
	{ "[ 1.0] watchdog: BUG: soft lockup - CPU#3 stuck for 26s! [spin:812]\n"
	  "[ 9.0] Kernel panic - not syncing: it is over\n"
	  "[ 9.1] WARNING: CPU: 1 PID: 1 at kernel/smp.c:1 x+0x1/0x2\n"
	  "[ 9.1] BUG: sleeping function called from invalid context at a.c:12\n",
	  "panic: it is over" },
	{ "[ 1.0] kernel BUG at a.c:1!\n[ 9.0] BUG: unable to handle page fault for address: 12\n"
	  "[ 9.0] Kernel panic - not syncing: Fatal exception in interrupt\n",
	  "page fault" },
	/* With the caller in each line. */
	{ "[    1.0][  T12] kernel BUG at fs/a.c:1!\n[    1.0][  T12] RIP: 0010:f+0x1/0x2\n",
	  "BUG at a.c: f" },
};

static void logs_have_identities(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(logs); i++) {
		struct fingerprint f;

		assert_int_equal(fingerprint_of_log(logs[i].log, &f), 0);
		if (!streq(f.text, logs[i].text))
			fail_msg("\"%s\" instead of \"%s\"", f.text, logs[i].text);
	}
}

static void logs_without_a_crash_have_none(void **state)
{
	static const char *const quiet[] = {
		"",
		"\n\n[",
		"[ 1.0] all is well\n",
		"[ 1.0] WARNING: CPU: 0 PID: 1 at a.c:1 f+0x1/0x2\n[ 1.0] RIP: 0010:f+0x1/0x2\n",
		"[ 1.0] it said Kernel panic - not syncing: nothing\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(quiet); i++) {
		struct fingerprint f;

		assert_int_equal(fingerprint_of_log(quiet[i], &f), -ENODATA);
	}
}

/* Computed by another program. They must never change, since users keep them. */
static void hashes_are_those_of_the_text(void **state)
{
	struct fingerprint f;

	assert_int_equal(fingerprint_of_log("Kernel panic - not syncing: x", &f), 0);
	assert_string_equal(f.text, "panic: x");
	assert_string_equal(f.hash, "327d0d0461dd1472");
	assert_string_equal(f.loose, f.hash);
	assert_int_equal(fingerprint_of_log(sysrq_log, &f), 0);
	assert_string_equal(f.hash, "d57db2c3f403b89a");
	assert_string_equal(f.loose_text, "sysrq: sysrq_handle_crash");
	assert_string_equal(f.loose, "1dd2241a46772dde");
}

static void texts_are_normalised(void **state)
{
	static const char *const texts[][2] = {
		{ "at 0xffff888012345678 of 26s on CPU#3", "at N of N on CPU#N" },
		{ "cpu12 and ffff888012345678, deadbeef, feed1234", "cpuN and N, deadbeef, N" },
		{ "x86_64 ext4 keep [#1] PREEMPT", "x86_64 ext4 keep" },
		{ "process kworker/u8:2: done", "process X: done" },
		{ "Comm: my prog", "Comm: X prog" },
		{ "task\n", "task" },
		{ "task \033[31m", "task X" },
		{ "", "" },
		{ " . ", "" },
	};
	char buf[100];

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		crash_kind_normalise(texts[i][0], buf, sizeof(buf));
		assert_string_equal(buf, texts[i][1]);
	}
	crash_kind_normalise("0123 long words", buf, 8);
	assert_string_equal(buf, "N long");
}

static struct calls calls_of(const char *const *names, size_t n)
{
	struct calls c = {};

	for (size_t i = 0; i < n; i++) {
		char text[200];

		snprintf(text, sizeof(text), "%s+0x1/0x2", names[i]);
		calls_add(&c, text, strlen(text));
	}
	return c;
}

/* As the unwinder goes through an NMI and an interrupt, on the CPU that panicked. */
static void watchdogs_are_left_out(void **state)
{
	static const char *const nmi[] = { "__crash_kexec",    "panic",          "nmi_panic",
		                           "some_pmu_handler", "nmi_handle",     "default_do_nmi",
		                           "exc_nmi",          "end_repeat_nmi", "delay_tsc",
		                           "hang_forever",     "do_syscall_64",  "below" };
	static const char *const timer[] = { "__crash_kexec",
		                             "panic",
		                             "watchdog_timer_fn",
		                             "__hrtimer_run_queues",
		                             "hrtimer_interrupt",
		                             "sysvec_apic_timer_interrupt",
		                             "asm_sysvec_apic_timer_interrupt",
		                             "queued_spin_lock_slowpath",
		                             "_raw_spin_lock",
		                             "spin_ioctl" };
	struct calls c = calls_of(nmi, ARRAY_SIZE(nmi)), picked;

	calls_pick(&c, CALLS_SKIP_NMI, 5, &picked);
	assert_int_equal(picked.n, 2);
	assert_string_equal(picked.names[0], "delay_tsc");
	assert_string_equal(picked.names[1], "hang_forever");
	calls_pick(&c, 0, 5, &picked);
	assert_string_equal(picked.names[0], "some_pmu_handler");
	c = calls_of(timer, ARRAY_SIZE(timer));
	calls_pick(&c, CALLS_SKIP_INTERRUPT | CALLS_SKIP_LOCKS, 5, &picked);
	assert_int_equal(picked.n, 1);
	assert_string_equal(picked.names[0], "spin_ioctl");
	calls_pick(&c, CALLS_SKIP_INTERRUPT, 1, &picked);
	assert_int_equal(picked.n, 1);
	assert_string_equal(picked.names[0], "queued_spin_lock_slowpath");
}

static void calls_have_a_form(void **state)
{
	static const char *const bad[] = {
		"",
		"name",
		"+0x1/0x2",
		"name+0x/0x2",
		"name+0x1",
		"name+0x1/",
		"0x12+0x1/2",
		"a b+0x1/0x2",
		"ffffffff81000000",
		"name+0x1/0x",
		"? n+0x1/0x2",
	};
	struct calls c = {};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		calls_add(&c, bad[i], strlen(bad[i]));
	assert_int_equal(c.n, 0);
	calls_add(&c, ".hidden.llvm.123+0x1/0x2 [a-b 12ab]", 35);
	assert_string_equal(c.names[0], ".hidden [a-b]");
	/* No byte behind the end is read. */
	calls_add(&c, "name+0x1/0x2 [ext4]", 12);
	assert_string_equal(c.names[1], "name");
	for (size_t i = 0; i < 2 * CALLS_MAX; i++)
		calls_add(&c, "more+0x1/0x2", 12);
	assert_int_equal(c.n, CALLS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(logs_have_identities),
		cmocka_unit_test(logs_without_a_crash_have_none),
		cmocka_unit_test(hashes_are_those_of_the_text),
		cmocka_unit_test(texts_are_normalised),
		cmocka_unit_test(watchdogs_are_left_out),
		cmocka_unit_test(calls_have_a_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
