// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz-report.c - the report of any dump: its models, findings, text and JSON.
 *
 * A capture makes its report in a child, in which libFuzzer sees nothing.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"
#include "vmcore/report/fingerprint.h"
#include "vmcore/text/output.h"

static const struct report_options everything = { .all_tasks = true, .whole_log = true };

/* What all of the report is as text or JSON ends with a line. */
static void check_output(struct report *report,
                         int (*write)(struct report *, const struct report_options *, FILE *))
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	fuzz_check(f);
	fuzz_check(write(report, &everything, f) == 0);
	fuzz_check(fclose(f) == 0 && len > 0 && text[len - 1] == '\n' && strlen(text) == len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(dump_freep) struct dump *d = fuzz_open(data, size);
	_cleanup_(report_freep) struct report *report = NULL;
	struct fingerprint fingerprint;

	if (!d)
		return 0;
	fuzz_check(report_open(d, &report) == 0);
	fuzz_check(report_classify(report) == 0);
	if (fingerprint_of_report(report, &fingerprint) == 0)
		fuzz_check(*fingerprint.hash && *fingerprint.text);
	check_output(report, report_text);
	check_output(report, report_json_write);
	return 0;
}
