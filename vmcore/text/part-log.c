// SPDX-License-Identifier: GPL-2.0-or-later
/* part-log.c - the kernel's log. */
#include "vmcore/text/json-kit.h"
#include "vmcore/text/text-kit.h"
#include "vmcore/kernel/dmesg.h"

#define LOG_TAIL 50 /* lines */

/* Of levels from 0, emergency, to 7, debug. */
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
	const struct report *report = w->report;

	for (size_t i = 0; i < report->n_records; i++) {
		const struct report_record *record = &report->records[i];
		const char *at = report->log + record->at, *end = at + record->len;

		if (end <= from)
			continue;
		writing_style(w, level_style(record->level));
		fwrite(MAX(at, from), 1, end - MAX(at, from), w->f);
		writing_style(w, REPORT_PLAIN);
	}
}

static void write_log(const struct writing *w)
{
	const struct report *report = w->report;
	const char *from = report->log;

	writing_part_as(w, w->o->whole_log ? "Log" : w->part->title);
	if (!report->log)
		return;
	if (!w->o->whole_log) {
		unsigned lines = 0;

		for (from = report->log + report->log_len; from > report->log; from--)
			if (from[-1] == '\n' && lines++ == LOG_TAIL)
				break;
	}
	write_records(w, from);
}

/* The message of a record, without the time in front of its lines. */
static json_t *message_json(const char *text, size_t len, size_t stamp)
{
	_cleanup_free_ char *message = malloc(len + 1);
	char *out = message;

	if (!message)
		return json_null();
	/* The last byte is a newline; further lines are indented by the length of the stamp. */
	for (size_t i = stamp; i + 1 < len; i++) {
		*out++ = text[i];
		if (text[i] == '\n')
			i += stamp;
	}
	*out = '\0';
	return text_json(message);
}

static json_t *facility_json(int facility)
{
	char name[DMESG_FACILITY_MAX];

	if (facility < 0)
		return json_null();
	dmesg_facility(facility, name);
	return json_string(name);
}

static json_t *records_json(const struct report *report)
{
	json_t *list = json_array();

	for (size_t i = 0; i < report->n_records; i++) {
		const struct report_record *record = &report->records[i];

		json_array_append_new(
			list,
			json_pack("{s:o, s:o, s:o, s:o}", "time",
		                  record->ns ? json_real(record->ns / 1e9) : json_null(), "level",
		                  record->level < 0 ? json_null() : json_integer(record->level),
		                  "facility", facility_json(record->facility), "message",
		                  message_json(report->log + record->at, record->len,
		                               record->stamp)));
	}
	return list;
}

static json_t *log_json(const struct writing *w)
{
	const struct report *report = w->report;

	if (!w->o->whole_log)
		return json_object();
	return json_pack("{s:o, s:o}", "log", text_json(report->log), "log_records",
	                 report->log ? records_json(report) : json_null());
}

const struct report_part part_log = {
	.name = "log",
	.title = "End of the log",
	.spread = true,
	.needs = REPORT_LOG,
	.text = write_log,
	.json = log_json,
	.reasons = { REPORT_REASON("log", "remark", why.log) },
};
