// SPDX-License-Identifier: GPL-2.0-or-later
/* parts.c - the list of the parts of a report, see parts.h. */
#include "vmcore/text/parts.h"

/* In the order of the text. */
// clang-format off
#define PARTS(row) \
	row(title) \
	row(fingerprint) \
	row(system) \
	row(load) \
	row(cpu_count) \
	row(taint) \
	row(command_line) \
	row(findings) \
	row(cpus) \
	row(tasks) \
	row(waits) \
	row(meminfo) \
	row(zones) \
	row(caches) \
	row(processes) \
	row(modules) \
	row(log) \
	row(dump) \
	row(pages) \
	row(classes)
// clang-format on

#define DECLARED(name) extern const struct report_part part_##name;
#define LISTED(name)   &part_##name,

PARTS(DECLARED)

const struct report_part *const report_parts[] = { PARTS(LISTED) NULL };
