// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lines.c - the lines of the kernel's log, see lines.h.
 *
 * The texts are those of Linux 4.19 to 6.18:
 * kernel/{panic,watchdog,rcu/tree_stall.h,irq/spurious}.c, lib/{refcount,list_debug}.c,
 * mm/{slub,oom_kill,kasan/report,kfence/report,memory-failure}.c, arch/x86/kernel/cpu/mce/core.c,
 * drivers/{acpi/apei/ghes,firmware/efi/cper,edac/edac_mc,
 * pci/pcie/aer,pci/pcie/dpc,nvme/host/pci,ata/libata-eh,scsi/scsi_logging,usb/host/xhci-ring,
 * mmc/host/sdhci}.c, block/blk-core.c, fs/buffer.c, net/{sunrpc/clnt,
 * sched/sch_generic}.c.
 */
#include "vmcore/findings/lines.h"

#include "vmcore/kernel/dmesg.h"

/* NOTICE: what is below tells of no trouble. */
#define MAX_LEVEL 5

bool lines_next(struct lines *it, struct line *ret)
{
	const struct report *report = it->report;

	while (it->record < report->n_records) {
		const struct report_record *record = &report->records[it->record];
		const char *end = report->log + record->at + record->len, *at = it->at;

		if (!at)
			at = report->log + record->at;
		if (at >= end || record->facility > 0) {
			it->record++;
			it->at = NULL;
			continue;
		}
		ret->ns = record->ns;
		ret->level = record->level;
		ret->text = it->at ? at : dmesg_skip_stamp(at + MIN(record->stamp, record->len));
		while (ret->text < end && *ret->text == ' ')
			ret->text++;
		ret->len = ret->text < end ? strcspn(ret->text, "\n") : 0;
		ret->len = MIN(ret->len, (size_t)(end - ret->text));
		it->at = ret->text + ret->len + 1;
		return true;
	}
	return false;
}

void lines_seek(struct lines *it, const char *at)
{
	const struct report *report = it->report;

	it->at = NULL;
	for (it->record = 0; it->record < report->n_records; it->record++)
		if (at <
		    report->log + report->records[it->record].at + report->records[it->record].len)
			return;
}

bool line_matches(const struct line *line, const char *pattern)
{
	const char *at = line->text, *end = at + line->len;
	bool first = true;

	while (*pattern) {
		size_t len = strcspn(pattern, "*");

		if (len > 0 && first) {
			if ((size_t)(end - at) < len || memcmp(at, pattern, len) != 0)
				return false;
		} else if (len > 0) {
			at = memmem(at, end - at, pattern, len);
			if (!at)
				return false;
		}
		at += len;
		pattern += len + (pattern[len] == '*');
		first = false;
	}
	return true;
}

void line_copy(const struct line *line, char *buf, size_t size)
{
	size_t len = MIN(line->len, size - 1);

	memcpy(buf, line->text, len);
	buf[len] = '\0';
	/* Not in the middle of a character. */
	while (len < line->len && len > 0 && ((uint8_t)line->text[len] & 0xc0) == 0x80)
		buf[--len] = '\0';
}

/* The first row that matches counts. */
static const struct {
	enum clue_kind kind;
	const char *pattern;
} rows[] = {
	{ CLUE_PANIC, "Kernel panic - not syncing: " },
	{ CLUE_OOPS, "Oops: * [#" },
	{ CLUE_OOPS, "Oops [#" },
	{ CLUE_OOPS, "Internal error: * [#" },
	{ CLUE_OOPS, "general protection fault* [#" },
	{ CLUE_OOPS, "invalid opcode: * [#" },
	{ CLUE_OOPS, "divide error: * [#" },
	{ CLUE_OOPS, "stack guard page: * [#" },
	{ CLUE_OOPS, "kernel BUG at * [#" },
	{ CLUE_OOPS, "Kernel BUG [#" },
	{ CLUE_WARNING, "WARNING: CPU: * at " },
	{ CLUE_WARNING, "WARNING: *:* at *, CPU#" },

	{ CLUE_FREED, "BUG: KASAN: *use-after-free" },
	{ CLUE_FREED, "BUG: KASAN: *double-free" },
	{ CLUE_FREED, "BUG: KASAN: *invalid-free" },
	{ CLUE_FREED, "BUG: KFENCE: use-after-free" },
	{ CLUE_FREED, "BUG: KFENCE: invalid free" },
	{ CLUE_FREED, "BUG *): Poison overwritten" },
	{ CLUE_FREED, "BUG *): * Poison overwritten" },
	{ CLUE_FREED, "BUG *): Object already free" },
	{ CLUE_FREED, "list_*corruption*LIST_POISON" },
	{ CLUE_OVERWRITTEN, "BUG: KASAN: *out-of-bounds" },
	{ CLUE_OVERWRITTEN, "BUG: KFENCE: out-of-bounds" },
	{ CLUE_OVERWRITTEN, "BUG: KFENCE: memory corruption" },
	{ CLUE_OVERWRITTEN, "BUG *): *edzone overwritten" },
	{ CLUE_REFCOUNT, "refcount_t: underflow" },
	{ CLUE_REFCOUNT, "refcount_t: addition on 0" },
	{ CLUE_REFCOUNT, "refcount_t: decrement hit 0" },
	{ CLUE_REFCOUNT, "refcount_t: saturated" },
	{ CLUE_LIST, "list_add corruption" },
	{ CLUE_LIST, "list_del corruption" },
	{ CLUE_OOM, "Out of memory: Kill" },

	{ CLUE_MCE_FATAL, "mce: [Hardware Error]: CPU *: Machine Check Exception: " },
	{ CLUE_MCE_FATAL, "mce: Uncorrected hardware memory error" },
	{ CLUE_MCE_FATAL, "{*}[Hardware Error]: event severity: fatal" },
	{ CLUE_MCE, "mce: [Hardware Error]: CPU *: Machine Check: " },
	{ CLUE_MCE, "mce: [Hardware Error]: Machine check events logged" },
	{ CLUE_MCE, "{*}[Hardware Error]: event severity: " },
	{ CLUE_ECC_FATAL, "EDAC *: * UE " },
	{ CLUE_ECC_FATAL, "Memory failure: 0x*: " },
	{ CLUE_ECC, "EDAC *: * CE " },
	{ CLUE_PCI_FATAL, "*PCIe Bus Error: severity=Uncorrect*" },
	{ CLUE_PCI_FATAL, "*AER: *ncorrect*error*received" },
	{ CLUE_PCI_FATAL, "pcieport *: DPC: containment event" },
	{ CLUE_PCI, "*PCIe Bus Error: severity=Correct" },
	{ CLUE_PCI, "*AER: *orrect*error*received" },

	{ CLUE_STUCK, "watchdog: BUG: soft lockup - CPU#" },
	{ CLUE_STUCK, "*atchdog: *detected hard LOCKUP on cpu " },
	{ CLUE_HUNG, "INFO: task *:* blocked for more than " },
	{ CLUE_RCU, "rcu: INFO: * stall* on CPU" },
	{ CLUE_RCU, "INFO: rcu* stall* on CPU" },
	{ CLUE_RCU, "rcu: INFO: * detected expedited stalls on CPUs/tasks: " },
	{ CLUE_RCU_TASK, "rcu: *Tasks blocked on level-* rcu_node (CPUs *): P" },
	{ CLUE_RCU_CPU, "rcu: *-*: (*) idle=" },
	{ CLUE_RCU_STARVED, "rcu: rcu_* kthread starved for * jiffies" },

	{ CLUE_IO, "nvme nvme*: I/O *timeout" },
	{ CLUE_IO, "nvme nvme*: controller is down; will reset" },
	{ CLUE_IO, "ata*: lost interrupt" },
	{ CLUE_IO, "ata*: qc timeout" },
	{ CLUE_IO, "ata*: exception Emask *frozen" },
	{ CLUE_IO, "sd *: timing out command" },
	{ CLUE_IO, "sd *FAILED Result: *DID_TIME_OUT" },
	{ CLUE_IO, "mmc*: Timeout waiting for hardware interrupt" },
	{ CLUE_IO, "nfs: server * not responding" },
	{ CLUE_IO, "xhci_hcd *: xHCI host controller not responding, assume dead" },
	{ CLUE_IO, "NETDEV WATCHDOG: *timed out" },
	{ CLUE_IO_ERROR, "I/O error, dev *, sector " },
	{ CLUE_IO_ERROR, "blk_update_request: * error, dev *, sector " },
	{ CLUE_IO_ERROR, "Buffer I/O error on dev* " },

	{ CLUE_NOBODY_CARED, "irq *: nobody cared" },
	{ CLUE_STORM, "*Detect HardIRQ Time exceeds " },
};

/* The crash itself is no warning that came before it. */
static bool is_late(enum clue_kind kind, const struct line *line, const char *crash)
{
	return kind == CLUE_WARNING && crash && line->text >= crash;
}

/* Letters of a task's name, which may be any text (include/linux/sched.h). */
#define TASK_NAME 15

/* True when the line may begin with the name of a task: "NAME[123]: segfault at 0". */
static bool is_of_task(const struct line *line)
{
	for (size_t i = 1; i < MIN(line->len, (size_t)TASK_NAME + 1); i++) {
		size_t n = line->text[i] == '[' ? strspn(line->text + i + 1, "0123456789") : 0;

		if (n > 0 && strncmp(line->text + i + 1 + n, "]: ", 3) == 0)
			return true;
	}
	return false;
}

void clues_find(const struct report *report, const char *crash, struct clue ret[static CLUES])
{
	struct lines it = { .report = report };
	struct line line;
	char first;

	memset(ret, 0, CLUES * sizeof(*ret));
	while (lines_next(&it, &line)) {
		if (line.len == 0 || line.level > MAX_LEVEL || is_of_task(&line))
			continue;
		first = line.text[0];
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
			struct clue *clue = &ret[rows[i].kind];

			if ((rows[i].pattern[0] != first && rows[i].pattern[0] != '*') ||
			    !line_matches(&line, rows[i].pattern))
				continue;
			if (is_late(rows[i].kind, &line, crash))
				break;
			if (clue->n++ == 0)
				clue->first = line;
			clue->last = line;
			break;
		}
	}
}
