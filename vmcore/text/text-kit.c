// SPDX-License-Identifier: GPL-2.0-or-later
/* text-kit.c - what the parts of a report have in common as text, see text-kit.h. */
#include "vmcore/text/text-kit.h"

#include <inttypes.h>

void writing_style(const struct writing *w, enum report_style style)
{
	if (w->o->style)
		w->o->style(w->o->arg, style);
}

void writing_heading(const struct writing *w, const char *text)
{
	fputc('\n', w->f);
	writing_style(w, REPORT_HEADING);
	fprintf(w->f, "%s\n", text);
	writing_style(w, REPORT_PLAIN);
}

void writing_missing(const struct writing *w, const char *what, const char *why)
{
	if (!*why)
		return;
	writing_style(w, REPORT_REMARK);
	fprintf(w->f, "  %s: %s\n", what, why);
	writing_style(w, REPORT_PLAIN);
}

void writing_row(const struct writing *w, const char *key, const char *value)
{
	if (*value)
		fprintf(w->f, "%14s: %s\n", key, value);
}

const char *writing_duration(double seconds, char buf[static 64])
{
	uint64_t s = seconds, days = s / 86400;

	if (seconds < 60)
		snprintf(buf, 64, "%.3f s", seconds);
	else if (days == 0)
		snprintf(buf, 64, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64, s / 3600, s / 60 % 60,
		         s % 60);
	else
		snprintf(buf, 64, "%" PRIu64 " day%s %" PRIu64 ":%02" PRIu64 ":%02" PRIu64, days,
		         days == 1 ? "" : "s", s / 3600 % 24, s / 60 % 60, s % 60);
	return buf;
}

/* As the kernel does: where a trace comes to such a stack, and where it leaves it. */
static void write_stack(const struct writing *w, const char *before, const char *here)
{
	if (before == here)
		return;
	if (before)
		fprintf(w->f, "    </%s>\n", before);
	if (here)
		fprintf(w->f, "    <%s>\n", here);
}

void writing_trace(const struct writing *w, const struct trace *t)
{
	char name[SYMBOLS_TEXT_MAX];
	const char *stack = NULL;

	for (size_t i = 0; i < t->n; i++) {
		const struct frame *f = &t->frames[i];

		write_stack(w, stack, f->stack);
		stack = f->stack;
		if (f->interrupted && i > 0)
			fprintf(w->f, "    -- interrupted --\n");
		if (!f->sure)
			writing_style(w, REPORT_ASIDE);
		fprintf(w->f, "    %s%s\n", f->sure ? "" : "? ",
		        symbols_text(w->r->symbols, f->ip, f->exact, name));
		if (!f->sure)
			writing_style(w, REPORT_PLAIN);
	}
	write_stack(w, stack, NULL);
	if (t->end == TRACE_BROKEN)
		fprintf(w->f, "    (%s)\n", t->reason);
	else if (t->end == TRACE_USER)
		fprintf(w->f, "    (from user space)\n");
}
