// SPDX-License-Identifier: GPL-2.0-or-later
/* part-summary.c - the first lines of a report: what crashed, where and when. */
#include <errno.h>
#include <time.h>

#include "base/err.h"
#include "vmcore/report/fingerprint.h"
#include "vmcore/report/log-values.h"
#include "vmcore/text/json-kit.h"
#include "vmcore/text/text-kit.h"

/* COMMAND_LINE_SIZE of x86_64 and arm64. */
#define MAX_COMMAND_LINE LOG_VALUE_MAX

/* --- Title and fingerprint ------------------------------------------------------------------- */

static const char *title_text(const struct report *report)
{
	if (report_is_hung(report))
		return "No panic: the machine ran, or hung, when it was dumped";
	return report->title;
}

static void write_title(const struct writing *w)
{
	writing_style(w, REPORT_TITLE);
	fprintf(w->f, "%s\n\n", title_text(w->report) ?: "A crash without a message");
	writing_style(w, REPORT_PLAIN);
}

static json_t *title_json(const struct writing *w)
{
	return text_json(title_text(w->report));
}

const struct report_part part_title = {
	.name = "title",
	.within = "summary",
	.row = true,
	.needs = REPORT_LOG | REPORT_VIEW,
	.text = write_title,
	.json = title_json,
	.reasons = { REPORT_REASON("title", "remark", why.title) },
};

struct identity {
	bool known;
	struct fingerprint f;
};

/* A log that tells of no crash has no fingerprint; then nothing is missing. */
static int read_fingerprint(struct report *report, void *data)
{
	struct identity *id = data;
	int r = fingerprint_of_report(report, &id->f);

	id->known = r == 0;
	return r == -ENOMEM ? r : 0;
}

static void write_fingerprint(const struct writing *w)
{
	const struct identity *id = w->data;

	if (!id->known)
		return;
	fprintf(w->f, "%14s: %s  %s\n", "Fingerprint", id->f.hash, id->f.text);
	fprintf(w->f, "%14s: %s  %s\n", "Looser", id->f.loose, id->f.loose_text);
}

static json_t *fingerprint_json(const struct writing *w)
{
	const struct identity *id = w->data;

	if (!id->known)
		return json_null();
	return json_pack("{s:s, s:o, s:s, s:o, s:s}", "hash", id->f.hash, "text",
	                 text_json(id->f.text), "loose_hash", id->f.loose, "loose_text",
	                 text_json(id->f.loose_text), "calls_from",
	                 id->f.from_log ? "log" : "dump");
}

const struct report_part part_fingerprint = {
	.name = "fingerprint",
	.size = sizeof(struct identity),
	.read = read_fingerprint,
	.text = write_fingerprint,
	.json = fingerprint_json,
};

/* --- System and load ------------------------------------------------------------------------- */

/* In seconds, by the newest clock of all CPUs. */
static double uptime(const struct report *report)
{
	return tasks_clock(&report->tasks) / 1e9;
}

/* In seconds since 1970; 0: not known. */
static uint64_t crash_time(const struct report *report)
{
	uint64_t time = report->dump->crash_time;

	if (time == 0)
		vmcoreinfo_plain(&report->dump->vmcoreinfo, "CRASHTIME", 10, &time);
	return time;
}

static void write_system(const struct writing *w)
{
	const struct report *report = w->report;
	char buf[64], when[64] = "";
	time_t t = crash_time(report);
	struct tm tm;

	writing_row(w, "Kernel", report->uts.release);
	writing_row(w, "Version", report->uts.version);
	writing_row(w, "Machine", report->uts.machine);
	writing_row(w, "Host", report->uts.nodename);
	if (t > 0 && gmtime_r(&t, &tm) && strftime(when, sizeof(when), "%F %T UTC", &tm) > 0)
		writing_row(w, "Time", when);
	if (uptime(report) > 0)
		writing_row(w, "Up", writing_duration(uptime(report), buf));
}

static json_t *system_json(const struct writing *w)
{
	const struct kspace_uts *uts = &w->report->uts;

	return json_pack("{s:o, s:o, s:o, s:o, s:I, s:f}", "kernel_release",
	                 text_json(uts->release), "kernel_version", text_json(uts->version),
	                 "machine", text_json(uts->machine), "hostname", text_json(uts->nodename),
	                 "crash_time", (json_int_t)crash_time(w->report), "uptime",
	                 uptime(w->report));
}

const struct report_part part_system = {
	.name = "system",
	.within = "summary",
	.spread = true,
	.needs = REPORT_TASKS,
	.text = write_system,
	.json = system_json,
};

/* Averages of 1, 5 and 15 minutes, times 2048 (kernel/sched/loadavg.c). */
#define LOADS 3

static int read_loads(struct report *report, void *data)
{
	uint64_t address, *loads = data;
	int r = kview_address(report->view, "avenrun", &address);

	if (r < 0)
		return r;
	for (unsigned i = 0; i < LOADS; i++)
		if ((r = kspace_u64(report->ks, address + 8 * i, &loads[i])) < 0)
			return r;
	return 0;
}

static void write_loads(const struct writing *w)
{
	const uint64_t *loads = w->data;

	fprintf(w->f, "%14s: %.2f %.2f %.2f\n", w->part->title, loads[0] / 2048.0,
	        loads[1] / 2048.0, loads[2] / 2048.0);
}

static json_t *loads_json(const struct writing *w)
{
	const uint64_t *loads = w->data;

	return json_pack("[f, f, f]", loads[0] / 2048.0, loads[1] / 2048.0, loads[2] / 2048.0);
}

const struct report_part part_load = {
	.name = "load",
	.within = "summary",
	.title = "Load",
	.row = true,
	.needs = REPORT_VIEW,
	.size = LOADS * sizeof(uint64_t),
	.read = read_loads,
	.text = write_loads,
	.json = loads_json,
};

/* The JSON has none: its "cpus" lists them. */
static void write_cpu_count(const struct writing *w)
{
	if (w->report->tasks.n_cpus > 0)
		fprintf(w->f, "%14s: %zu\n", w->part->title, w->report->tasks.n_cpus);
}

const struct report_part part_cpu_count = {
	.name = "cpu_count",
	.title = "CPUs",
	.row = true,
	.needs = REPORT_TASKS,
	.text = write_cpu_count,
};

/* --- Taint and command line ------------------------------------------------------------------ */

static int read_taint(struct report *report, void *data)
{
	int r = kview_number(report->view, "tainted_mask", 8, data);
	char letters[LOG_VALUE_MAX];

	if (r == 0 || log_value_taint(report, letters) < 0)
		return r;
	*(uint64_t *)data = 0;
	for (size_t i = 0; i < TAINTS; i++)
		if (strchr(letters, taints[i].letter))
			*(uint64_t *)data |= UINT64_C(1) << i;
	return 1;
}

static void write_taint(const struct writing *w)
{
	const char *key = w->part->title;
	uint64_t taint = *(const uint64_t *)w->data;

	if (taint == 0)
		writing_row(w, key, "no");
	for (size_t i = 0; i < 64; i++) {
		if (!(taint >> i & 1))
			continue;
		if (i < TAINTS)
			fprintf(w->f, "%14s%s %c, %s%s\n", key, *key ? ":" : " ", taints[i].letter,
			        taints[i].reason, writing_mark(w));
		else
			fprintf(w->f, "%14s%s bit %zu\n", key, *key ? ":" : " ", i);
		key = "";
	}
}

static json_t *taint_json(const struct writing *w)
{
	uint64_t taint = *(const uint64_t *)w->data;
	json_t *list = json_array();

	for (size_t i = 0; i < TAINTS; i++)
		if (taint >> i & 1) {
			const char letter[] = { taints[i].letter, '\0' };

			json_array_append_new(list, json_pack("{s:s, s:s}", "letter", letter,
			                                      "reason", taints[i].reason));
		}
	return list;
}

const struct report_part part_taint = {
	.name = "taint",
	.within = "summary",
	.title = "Tainted",
	.row = true,
	.needs = REPORT_VIEW,
	.size = sizeof(uint64_t),
	.read = read_taint,
	.text = write_taint,
	.json = taint_json,
};

static int read_command_line(struct report *report, void *data)
{
	uint64_t address;
	int r = kview_number(report->view, "saved_command_line", 8, &address);

	if (r == 0)
		r = kview_string(report->view, address, data, MAX_COMMAND_LINE);
	if (r < 0 && log_value_command_line(report, data) == 0)
		return 1;
	return r;
}

static void write_command_line(const struct writing *w)
{
	writing_row(w, w->part->title, w->data);
}

static json_t *command_line_json(const struct writing *w)
{
	return text_json(w->data);
}

const struct report_part part_command_line = {
	.name = "command_line",
	.within = "summary",
	.title = "Command line",
	.row = true,
	.needs = REPORT_VIEW,
	.size = MAX_COMMAND_LINE,
	.read = read_command_line,
	.text = write_command_line,
	.json = command_line_json,
};
