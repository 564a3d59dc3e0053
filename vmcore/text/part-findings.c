// SPDX-License-Identifier: GPL-2.0-or-later
/* part-findings.c - what is striking about the crash, in at most ten lines. */
#include "vmcore/findings/findings.h"
#include "vmcore/text/json-kit.h"
#include "vmcore/text/text-kit.h"

static int read_findings(struct report *report, void *data)
{
	findings_make(report, data);
	return 0;
}

/* Nothing, when there is none: that is no fault of the dump. */
static void write_findings(const struct writing *w)
{
	const struct findings *all = w->data;

	if (all->n > 0)
		writing_heading(w, w->part->title);
	for (size_t i = 0; i < all->n; i++)
		fprintf(w->f, "  %-7s  %s (%s)\n", finding_degrees[all->list[i].degree],
		        all->list[i].text, all->list[i].evidence);
}

static json_t *findings_json(const struct writing *w)
{
	const struct findings *all = w->data;
	json_t *list = json_array();

	for (size_t i = 0; i < all->n; i++)
		json_array_append_new(list,
		                      json_pack("{s:s, s:s, s:o, s:o}", "rule", all->list[i].rule,
		                                "degree", finding_degrees[all->list[i].degree],
		                                "text", line_json(all->list[i].text), "evidence",
		                                line_json(all->list[i].evidence)));
	return list;
}

const struct report_part part_findings = {
	.name = "findings",
	.title = "Findings",
	.needs = FINDINGS_NEED,
	.size = sizeof(struct findings),
	.read = read_findings,
	.text = write_findings,
	.json = findings_json,
};
