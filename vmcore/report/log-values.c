// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * log-values.c - what the kernel's log tells of a kernel, see log-values.h.
 *
 * With each trace the kernel writes which task ran and which modules it had (print_tainted() of
 * kernel/panic.c, print_modules() of kernel/module.c, Linux 5.10):
 *
 *	Modules linked in: ext4 nvme(OE) [last unloaded: loop]
 *	CPU: 1 PID: 70 Comm: bash Tainted: G           OE     5.10.0-32-amd64 #1 Debian
 *	CPU: 1 PID: 70 Comm: bash Not tainted 5.10.0-32-amd64 #1 Debian
 *
 * A list of modules that is too long for a record goes on in the next one, with a space.
 */
#include "vmcore/report/log-values.h"

#include <errno.h>
#include <stdio.h>

/* Records are cut when they have about 1000 bytes (LOG_LINE_MAX of kernel/printk/printk.c). */
#define FULL_RECORD 900

/* The message of a record, without time stamp and line feed. */
static const char *message(const struct report *report, const struct report_record *record,
                           size_t *ret_len)
{
	size_t stamp = MIN(record->stamp, record->len), len = record->len - stamp;
	const char *text = report->log + record->at + stamp;

	*ret_len = len > 0 && text[len - 1] == '\n' ? len - 1 : len;
	return text;
}

/* Copies what stands behind @prefix in the first or last record that begins with it. */
static int find(struct report *report, const char *prefix, bool last, size_t *ret_nr,
                char ret[static LOG_VALUE_MAX])
{
	size_t skip = strlen(prefix), n;
	bool found = false;

	if (report_need(report, REPORT_LOG) < 0)
		return -ENODATA;
	for (size_t i = 0; i < report->n_records && (last || !found); i++) {
		size_t len;
		const char *text = message(report, &report->records[i], &len);

		if (report->records[i].facility > 0 || len < skip ||
		    memcmp(text, prefix, skip) != 0)
			continue;
		n = MIN(len - skip, LOG_VALUE_MAX - 1);
		memcpy(ret, text + skip, n);
		ret[n] = '\0';
		*ret_nr = i;
		found = true;
	}
	return found ? 0 : -ENODATA;
}

int log_value_command_line(struct report *report, char ret[static LOG_VALUE_MAX])
{
	size_t nr;

	return find(report, "Kernel command line: ", false, &nr, ret);
}

/* The words are the last in the line that can be the kernel's: a task may have any name. */
int log_value_taint(struct report *report, char ret[static LOG_VALUE_MAX])
{
	static const char words[] = " Tainted: ", not [] = " Not tainted ";
	char line[LOG_VALUE_MAX], *from = NULL, *end, *p;
	size_t nr, n = 0;

	if (find(report, "CPU: ", true, &nr, line) < 0)
		return -ENODATA;
	for (p = line; (p = strchr(p, ' ')); p++) {
		if (strncmp(p, words, strlen(words)) == 0)
			from = p + strlen(words);
		else if (strncmp(p, not, strlen(not )) == 0)
			from = p + strlen(not );
	}
	if (!from)
		return -ENODATA;
	/* Behind the letters comes the release, which begins with a digit. */
	end = from + strspn(from, " ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	for (p = from; p < end; p++)
		if (*p != ' ' && *p != 'G')
			ret[n++] = *p;
	ret[n] = '\0';
	return 0;
}

/* Oopses are counted: "Internal error: Oops: 96000005 [#1] SMP", "Oops [#2]" (die() of each
 * architecture's traps.c). The next line about a CPU is of the same trace. */
int log_value_oops(struct report *report, unsigned *ret_cpu, int *ret_pid)
{
	bool oops = false, found = false;

	if (report_need(report, REPORT_LOG) < 0)
		return -ENODATA;
	for (size_t i = 0; i < report->n_records; i++) {
		char line[128];
		size_t len;
		const char *text = message(report, &report->records[i], &len), *pid;

		if (report->records[i].facility > 0)
			continue;
		snprintf(line, sizeof(line), "%.*s", (int)MIN(len, sizeof(line)), text);
		pid = strncmp(line, "CPU: ", 5) == 0 ? strstr(line, " PID: ") : NULL;
		if (oops && pid) {
			*ret_cpu = strtoul(line + 5, NULL, 10);
			*ret_pid = strtol(pid + 6, NULL, 10);
			found = true;
			oops = false;
		} else if (memmem(text, len, " [#", 3)) {
			oops = true;
			found = false;
		}
	}
	return found ? 0 : -ENODATA;
}

int log_value_modules(struct report *report, char ret[static LOG_VALUE_MAX])
{
	size_t nr, len, used, part;
	char *unloaded;

	if (find(report, "Modules linked in:", true, &nr, ret) < 0)
		return -ENODATA;
	message(report, &report->records[nr], &len);
	used = strlen(ret);
	while (len >= FULL_RECORD && ++nr < report->n_records) {
		const char *text = message(report, &report->records[nr], &len);

		if (len == 0 || text[0] != ' ')
			break;
		part = MIN(len, LOG_VALUE_MAX - 1 - used);
		memcpy(ret + used, text, part);
		used += part;
		ret[used] = '\0';
	}
	unloaded = strstr(ret, " [last unloaded");
	if (unloaded)
		*unloaded = '\0';
	return 0;
}
