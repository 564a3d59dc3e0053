// SPDX-License-Identifier: GPL-2.0-or-later
/* text-report.c - a report as text, see report.h. */
#include <errno.h>
#include <inttypes.h>
#include <time.h>

#include "base/err.h"
#include "base/text.h"
#include "vmcore/report/fingerprint.h"
#include "vmcore/text/text-kit.h"

#define LOG_TAIL 50 /* lines */

static void write_taint(const struct writing *w)
{
	const struct report *r = w->r;
	const char *key = "Tainted";

	if (r->no_taint[0] || r->taint == 0) {
		writing_row(w, key, r->no_taint[0] ? r->no_taint : "no");
		return;
	}
	for (size_t i = 0; i < 64; i++) {
		if (!(r->taint >> i & 1))
			continue;
		if (i < report_n_taints)
			fprintf(w->f, "%14s%s %c, %s\n", key, *key ? ":" : " ",
			        report_taints[i].letter, report_taints[i].reason);
		else
			fprintf(w->f, "%14s%s bit %zu\n", key, *key ? ":" : " ", i);
		key = "";
	}
}

static void write_fingerprint(const struct writing *w)
{
	struct fingerprint f;

	if (fingerprint_of_report(w->r, &f) < 0)
		return;
	fprintf(w->f, "%14s: %s  %s\n", "Fingerprint", f.hash, f.text);
	fprintf(w->f, "%14s: %s  %s\n", "Looser", f.loose, f.loose_text);
}

static void write_summary(const struct writing *w)
{
	const struct report *r = w->r;
	char buf[64], when[64] = "";
	time_t t = r->crashed;
	struct tm tm;

	writing_style(w, REPORT_TITLE);
	fprintf(w->f, "%s\n\n", r->title ? r->title : "A crash without a message");
	writing_style(w, REPORT_PLAIN);
	writing_row(w, "Remark", r->no_title);
	write_fingerprint(w);
	writing_row(w, "Kernel", r->uts.release);
	writing_row(w, "Version", r->uts.version);
	writing_row(w, "Machine", r->uts.machine);
	writing_row(w, "Host", r->uts.nodename);
	if (t > 0 && gmtime_r(&t, &tm) && strftime(when, sizeof(when), "%F %T UTC", &tm) > 0)
		writing_row(w, "Time", when);
	if (r->uptime > 0)
		writing_row(w, "Up", writing_duration(r->uptime, buf));
	if (r->no_loads[0] == '\0')
		fprintf(w->f, "%14s: %.2f %.2f %.2f\n", "Load", r->loads[0] / 2048.0,
		        r->loads[1] / 2048.0, r->loads[2] / 2048.0);
	if (r->tasks.n_cpus > 0)
		fprintf(w->f, "%14s: %zu\n", "CPUs", r->tasks.n_cpus);
	write_taint(w);
	writing_row(w, "Command line", r->command_line ? r->command_line : r->no_command_line);
}

static void write_modules(const struct writing *w)
{
	static const char *const states[MODULE_STATES] = {
		[MODULE_LIVE] = "",
		[MODULE_COMING] = " (being set up)",
		[MODULE_GOING] = " (being removed)",
		[MODULE_UNFORMED] = " (being loaded)",
	};
	const struct modlist *m = symbols_modules(w->r->symbols);

	writing_heading(w, "Modules");
	writing_missing(w, "remark", m->remark);
	for (size_t i = 0; i < m->n; i++) {
		const struct module *module = &m->modules[i];
		char size[TEXT_SIZE_MAX], taints[32] = "";
		size_t n = 0;

		for (size_t bit = 0; bit < report_n_taints; bit++)
			if (module->taints >> bit & 1)
				taints[n++] = report_taints[bit].letter;
		fprintf(w->f, "  %-24s %8s%s%s%s\n", module->name,
		        text_from_size(module->size, size), n ? " " : "", taints,
		        states[module->state]);
	}
	if (m->n == 0 && !m->remark[0])
		fprintf(w->f, "  none\n");
}

/* From emergency to debug. */
static enum report_style level_style(int level)
{
	static const enum report_style styles[] = {
		REPORT_ERROR,   REPORT_ERROR,  REPORT_ERROR, REPORT_ERROR,
		REPORT_WARNING, REPORT_NOTICE, REPORT_PLAIN, REPORT_ASIDE,
	};

	return level >= 0 && level < (int)ARRAY_SIZE(styles) ? styles[level] : REPORT_PLAIN;
}

static void write_records(const struct writing *w, const char *from)
{
	const struct report *r = w->r;

	for (size_t i = 0; i < r->n_records; i++) {
		const struct report_record *record = &r->records[i];
		const char *at = r->log + record->at, *end = at + record->len;

		if (end <= from)
			continue;
		writing_style(w, level_style(record->level));
		fwrite(MAX(at, from), 1, end - MAX(at, from), w->f);
		writing_style(w, REPORT_PLAIN);
	}
}

static void write_log(const struct writing *w)
{
	const struct report *r = w->r;
	const char *from = r->log;

	writing_heading(w, w->o->whole_log ? "Log" : "End of the log");
	writing_missing(w, "remark", r->no_log);
	if (!r->log)
		return;
	if (!w->o->whole_log) {
		unsigned lines = 0;

		for (from = r->log + r->log_len; from > r->log; from--)
			if (from[-1] == '\n' && lines++ == LOG_TAIL)
				break;
	}
	write_records(w, from);
}

int report_text(const struct report *r, const struct report_options *o, FILE *f)
{
	const struct writing w = { .r = r, .o = o, .f = f };

	if (!r->ks) {
		fprintf(f, "The kernel cannot be found in this dump: %s\n", r->no_kernel);
		writing_dump(&w);
		return ferror(f) ? errf(-EIO, "the report cannot be written") : 0;
	}
	write_summary(&w);
	writing_cpus(&w);
	writing_waits(&w);
	if (o->all_tasks)
		writing_tasks(&w);
	writing_memory(&w);
	write_modules(&w);
	write_log(&w);
	writing_dump(&w);
	return ferror(f) ? errf(-EIO, "the report cannot be written") : 0;
}
