// SPDX-License-Identifier: GPL-2.0-or-later
/* rules-machine.c - rules about hardware and devices, see rules.h. */
#include <stdio.h>

#include "vmcore/findings/rules.h"

/* Tasks in state D that wait longer than this wait for something that is lost. */
#define LONG_WAIT_NS UINT64_C(10000000000)

bool rule_machine_check(const struct inquiry *q, struct finding *ret)
{
	bool fatal = inquiry_is(q, "machine check") || inquiry_is(q, "hardware error") ||
	             inquiry_is(q, "SError");

	if (!fatal)
		return finding_say_clue(q, CLUE_MCE_FATAL, FINDING_LIKELY,
		                        "The hardware reported a fatal error", ret) ||
		       finding_say_clue(q, CLUE_MCE, FINDING_HINT,
		                        "The hardware reported an error that it corrected", ret);
	if (q->clues[CLUE_MCE_FATAL].n > 0)
		finding_show_line(ret, &q->clues[CLUE_MCE_FATAL].first);
	else
		finding_show_crash(q, ret);
	return finding_say(ret, FINDING_CERTAIN,
	                   "The hardware reported a fatal error (%s); the kernel is not to blame.",
	                   q->kind.name);
}

bool rule_ecc(const struct inquiry *q, struct finding *ret)
{
	return finding_say_clue(q, CLUE_ECC_FATAL, FINDING_LIKELY,
	                        "Memory had an error that could not be corrected", ret) ||
	       finding_say_clue(q, CLUE_ECC, FINDING_HINT, "Memory had an error that was corrected",
	                        ret);
}

bool rule_pci(const struct inquiry *q, struct finding *ret)
{
	return finding_say_clue(q, CLUE_PCI_FATAL, FINDING_LIKELY,
	                        "PCI Express reported an error that could not be corrected", ret) ||
	       finding_say_clue(q, CLUE_PCI, FINDING_HINT,
	                        "PCI Express reported an error that was corrected", ret);
}

bool rule_interrupts(const struct inquiry *q, struct finding *ret)
{
	return finding_say_clue(q, CLUE_STORM, FINDING_CERTAIN,
	                        "Interrupts took most of the time of a CPU", ret) ||
	       finding_say_clue(
		       q, CLUE_NOBODY_CARED, FINDING_LIKELY,
		       "An interrupt came again and again and no driver took it, so the kernel "
		       "turned it off",
		       ret);
}

/* --- Devices --------------------------------------------------------------------------------- */

/* The word at @from, without punctuation at its end. */
static void word_at(const char *from, char *buf, size_t size)
{
	size_t len = strcspn(from, " ,;)]");

	while (len > 0 && strchr(":.", from[len - 1]))
		len--;
	snprintf(buf, size, "%.*s", (int)len, from);
}

/* The device that a line is about: "sda" of "sd 0:0:0:0: [sda] tag#1", "I/O error, dev sda, ...";
 * "nvme0" of "nvme nvme0: I/O". */
static void device_of(const struct line *line, char *buf, size_t size)
{
	static const char *const before[] = { "] tag#",    " dev ", "server ",
		                              "xhci_hcd ", "nvme ", "NETDEV WATCHDOG: " };
	char text[256];

	line_copy(line, text, sizeof(text));
	for (size_t i = 0; i < ARRAY_SIZE(before); i++) {
		char *at = strstr(text, before[i]);

		if (!at)
			continue;
		if (i == 0) {
			*at = '\0';
			at = strrchr(text, '[');
		}
		if (!at)
			continue;
		word_at(i == 0 ? at + 1 : at + strlen(before[i]), buf, size);
		return;
	}
	word_at(text, buf, size);
}

/* How many tasks wait for I/O for long, and the one that waits longest. */
static size_t waiting(const struct inquiry *q, const struct wait **ret)
{
	const struct waits *all = &q->report->waits;
	uint64_t longest = 0;
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct wait *wait = &all->list[i];
		uint64_t age = tasks_age(&q->report->tasks, wait->task);

		if ((wait->kind != WAIT_IO && wait->kind != WAIT_PAGE && wait->kind != WAIT_BIT) ||
		    wait->task->state != 'D' || age < LONG_WAIT_NS)
			continue;
		n++;
		if (age > longest) {
			longest = age;
			*ret = wait;
		}
	}
	return n;
}

bool rule_io(const struct inquiry *q, struct finding *ret)
{
	const struct clue *clue = &q->clues[CLUE_IO];
	const struct wait *wait = NULL;
	size_t n = waiting(q, &wait);
	char device[64], before[INQUIRY_BEFORE_MAX], name[SYMBOLS_TEXT_MAX];

	if (clue->n > 0) {
		device_of(&clue->last, device, sizeof(device));
		finding_show_line(ret, &clue->last);
		inquiry_before(q, clue->last.ns, before);
		if (n == 0)
			return finding_say(ret, FINDING_LIKELY,
			                   "I/O of %s did not come back in time, %zu time%s, the "
			                   "last one%s.",
			                   device, clue->n, clue->n == 1 ? "" : "s", before);
		return finding_say(ret, FINDING_CERTAIN,
		                   "I/O of %s did not come back: %zu task%s for it, %s (%d) for "
		                   "%.0f s.",
		                   device, n, n == 1 ? " waits" : "s wait", wait->task->name,
		                   wait->task->pid, tasks_age(&q->report->tasks, wait->task) / 1e9);
	}
	if (n == 0)
		return false;
	finding_show(ret, "%s (%d) waits for %.0f s%s%.150s", wait->task->name, wait->task->pid,
	             tasks_age(&q->report->tasks, wait->task) / 1e9, wait->ip ? " in " : "",
	             wait->ip ? symbols_text(q->report->symbols, wait->ip, wait->exact, name) : "");
	return finding_say(ret, FINDING_HINT,
	                   "%zu task%s for I/O that did not come back; the log names no device.", n,
	                   n == 1 ? " waits" : "s wait");
}

bool rule_io_error(const struct inquiry *q, struct finding *ret)
{
	const struct clue *clue = &q->clues[CLUE_IO_ERROR];
	char device[64], before[INQUIRY_BEFORE_MAX];

	if (clue->n == 0)
		return false;
	device_of(&clue->last, device, sizeof(device));
	finding_show_line(ret, &clue->last);
	return finding_say(ret, FINDING_HINT, "I/O of %s failed, %zu time%s, the last one%s.",
	                   device, clue->n, clue->n == 1 ? "" : "s",
	                   inquiry_before(q, clue->last.ns, before));
}
