// SPDX-License-Identifier: GPL-2.0-or-later
/* announce.c - journal records about crashes and test crashes, see announce.h. */
#include "loader/crashes/announce.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>

#include "system/file.h"
#include "base/err.h"
#include "base/text.h"

#define LOG_SIZE_MAX MIB(256)

/* A record that is being made. After an error the rest is left out. */
struct draft {
	char **fields;
	int error;
};

static void draft_done(struct draft *d)
{
	strv_freep(&d->fields);
}

static void add_field(struct draft *d, const char *fmt, ...) _printf_(2, 3);

static void add_field(struct draft *d, const char *fmt, ...)
{
	_cleanup_free_ char *field = NULL;
	va_list args;

	if (d->error < 0)
		return;
	va_start(args, fmt);
	if (vasprintf(&field, fmt, args) < 0)
		field = NULL;
	va_end(args);
	if (!field || strv_push(&d->fields, field) < 0)
		d->error = oom("a journal record");
}

static int finish(struct draft *d, char ***ret)
{
	if (d->error < 0)
		return d->error;
	*ret = TAKE_PTR(d->fields);
	return 0;
}

const char *announce_get(char *const *record, const char *field)
{
	size_t len = strlen(field);

	for (; record && *record; record++)
		if (strncmp(*record, field, len) == 0 && (*record)[len] == '=')
			return *record + len + 1;
	return "";
}

static const char *first_error(const struct crash *c)
{
	for (size_t i = 0; i < c->n_steps; i++)
		if (c->steps[i].error)
			return c->steps[i].error;
	return c->fault ? c->fault : "";
}

#define UTC_MAX 32

static const char *in_utc(time_t t, char buf[static UTC_MAX])
{
	struct tm tm;

	*buf = '\0';
	if (gmtime_r(&t, &tm))
		strftime(buf, UTC_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return buf;
}

/* What the records of crashes and of tests tell of a crash. */
static void add_crash(struct draft *d, const struct crash *c, const char *path)
{
	const struct {
		const char *field, *value;
	} texts[] = {
		{ "KDUMP_LITE_NAME", c->name },
		{ "KDUMP_LITE_DIRECTORY", path },
		{ "KDUMP_LITE_OUTCOME", crash_outcome_name(c->outcome) },
		{ "KDUMP_LITE_PANIC_MESSAGE", c->panic_message },
		{ "KDUMP_LITE_KERNEL", c->kernel_release },
		{ "KDUMP_LITE_BUILD_ID", c->build_id },
		{ "KDUMP_LITE_FINGERPRINT", c->fingerprint },
		{ "KDUMP_LITE_FINGERPRINT_TEXT", c->fingerprint_text },
		{ "KDUMP_LITE_FINGERPRINT_LOOSE", c->fingerprint_loose },
		{ "KDUMP_LITE_STEP", c->step },
		{ "KDUMP_LITE_ERROR", first_error(c) },
		{ "KDUMP_LITE_FINAL_ACTION", c->final_action },
		{ "KDUMP_LITE_FINAL_REASON", c->final_reason },
	};
	char when[UTC_MAX];

	add_field(d, "KDUMP_LITE_DUMP=%s%s%s", path, c->dump ? "/" : "", c->dump ? c->dump : "");
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (*texts[i].value)
			add_field(d, "%s=%s", texts[i].field, texts[i].value);
	add_field(d, "KDUMP_LITE_CRASH_TIME=%s", in_utc(c->crash_time, when));
	add_field(d, "KDUMP_LITE_SIZE=%" PRIu64, c->vmcore_size);
}

/* "the dump (48.3M) is saved" */
static void describe_outcome(const struct crash *c, char *buf, size_t size)
{
	char bytes[TEXT_SIZE_MAX];

	text_from_size(c->vmcore_size, bytes);
	switch (c->outcome) {
	case CRASH_COMPLETE:
	case CRASH_UNKNOWN:
		snprintf(buf, size, "its memory is saved (%s)", bytes);
		break;
	case CRASH_INCOMPLETE:
		snprintf(buf, size, "its memory is saved in part (%s)", bytes);
		break;
	case CRASH_MINI_ONLY:
		snprintf(buf, size, "its log and a mini dump are saved (%s)", bytes);
		break;
	case CRASH_DMESG_ONLY:
		snprintf(buf, size, "only its log is saved");
		break;
	case CRASH_FAILED:
		snprintf(buf, size, "nothing of it could be saved");
		break;
	}
}

/* ": the capture ended in its step vmcore", or the first error; "" when all was saved. */
static void describe_reason(const struct crash *c, char *buf, size_t size)
{
	const char *error = first_error(c);

	*buf = '\0';
	if (c->outcome == CRASH_COMPLETE)
		return;
	if (*c->step)
		snprintf(buf, size, ": the capture ended in its step %s", c->step);
	else if (*error)
		snprintf(buf, size, ": %s", error);
}

int announce_crash(const struct crash *c, const char *path, bool has_report, char ***ret)
{
	_cleanup_(draft_done) struct draft d = {};
	char outcome[64], reason[512];

	describe_outcome(c, outcome, sizeof(outcome));
	describe_reason(c, reason, sizeof(reason));
	add_field(&d, "MESSAGE=Kernel %s crashed (%s), %s in %s%s",
	          *c->kernel_release ? c->kernel_release : "?",
	          *c->panic_message ? c->panic_message : "no message known", outcome, path, reason);
	add_field(&d, "MESSAGE_ID=" ANNOUNCE_CRASH_ID);
	add_field(&d, "PRIORITY=%d", LOG_CRIT);
	if (has_report)
		add_field(&d, "KDUMP_LITE_REPORT=%s/" CRASH_REPORT, path);
	add_crash(&d, c, path);
	return finish(&d, ret);
}

int announce_unclean(const struct unclean *u, char ***ret)
{
	_cleanup_(draft_done) struct draft d = {};
	_cleanup_free_ char *text = NULL;
	char when[CLI_TIME_MAX], utc[UTC_MAX];
	int r = unclean_describe(u, &text);

	if (r < 0)
		return r;
	add_field(&d, "MESSAGE=Kernel %s, running since %s, %s",
	          *u->mark.kernel ? u->mark.kernel : "?", cli_time(u->mark.time, when), text);
	add_field(&d, "MESSAGE_ID=" ANNOUNCE_UNCLEAN_ID);
	add_field(&d, "PRIORITY=%d", LOG_ERR);
	add_field(&d, "KDUMP_LITE_OUTCOME=" UNCLEAN_STATE);
	add_field(&d, "KDUMP_LITE_BOOT_ID=%s", u->mark.boot_id);
	if (*u->mark.kernel)
		add_field(&d, "KDUMP_LITE_KERNEL=%s", u->mark.kernel);
	if (u->mark.known)
		add_field(&d, "KDUMP_LITE_ARMED=%s", u->mark.armed ? "yes" : "no");
	add_field(&d, "KDUMP_LITE_CRASH_TIME=%s", in_utc(u->last, utc));
	for (char **line = u->evidence; line && *line; line++)
		add_field(&d, "KDUMP_LITE_EVIDENCE=%s", *line);
	return finish(&d, ret);
}

int announce_returned(const struct returned *b, char ***ret)
{
	_cleanup_(draft_done) struct draft d = {};
	bool degraded = returned_is_degraded(b);
	char text[RETURNED_MAX];

	add_field(&d, "MESSAGE=System is %s", returned_describe(b, text));
	add_field(&d, "MESSAGE_ID=" ANNOUNCE_BACK_ID);
	add_field(&d, "PRIORITY=%d", degraded ? LOG_WARNING : LOG_NOTICE);
	add_field(&d, "KDUMP_LITE_DEGRADED=%s", degraded ? "yes" : "no");
	add_field(&d, "KDUMP_LITE_CPUS=%" PRIu64, b->cpus_now);
	add_field(&d, "KDUMP_LITE_CPUS_BEFORE=%" PRIu64, b->cpus_before);
	return finish(&d, ret);
}

/* Why a test has failed; an empty string when it has not. */
static void find_fault(const struct crash *c, char *buf, size_t size)
{
	char reason[384] = "";

	*buf = '\0';
	if (!c) {
		snprintf(buf, size,
		         "no saved log has its id, so the capture kernel did not reach the target; "
		         "its console tells more");
		return;
	}
	describe_reason(c, reason, sizeof(reason));
	if (c->outcome == CRASH_FAILED)
		snprintf(buf, size, "nothing is saved%s", reason);
	else if (c->outcome != CRASH_COMPLETE)
		snprintf(buf, size, "the dump is %s%s", crash_outcome_name(c->outcome), reason);
}

static void add_times(struct draft *d, const struct test_times *t)
{
	const struct {
		const char *field;
		double seconds;
	} rows[] = {
		{ "KDUMP_LITE_CAPTURE_SECONDS", t->capture },
		{ "KDUMP_LITE_SAVED_SECONDS", t->saved },
		{ "KDUMP_LITE_BACK_SECONDS", t->back },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].seconds >= 0)
			add_field(d, "%s=%.3f", rows[i].field, rows[i].seconds);
}

/* "; capture 3.2s, saved 5s and back 41s after the panic" */
static void describe_times(const struct test_times *t, char *buf, size_t size)
{
	int n = 0;

	*buf = '\0';
	if (t->capture >= 0)
		n = snprintf(buf, size, ", capture took %.1fs", t->capture);
	if (t->saved >= 0 && t->back >= 0 && n >= 0 && (size_t)n < size)
		snprintf(buf + n, size - n, ", saved %.0fs and back %.0fs after the panic",
		         t->saved, t->back);
}

int announce_test(const struct marker *m, const struct crash *c, const char *path,
                  const struct test_times *times, char ***ret)
{
	char reason[512], took[128], size[TEXT_SIZE_MAX];
	_cleanup_(draft_done) struct draft d = {};
	bool passed;

	find_fault(c, reason, sizeof(reason));
	describe_times(times, took, sizeof(took));
	passed = !*reason;
	if (passed)
		add_field(&d, "MESSAGE=Test crash %s passed: dump of %s in %s%s", m->id,
		          text_from_size(c->vmcore_size, size), path, took);
	else
		add_field(&d, "MESSAGE=Test crash %s failed: %s", m->id, reason);
	add_field(&d, "MESSAGE_ID=" ANNOUNCE_TEST_ID);
	add_field(&d, "PRIORITY=%d", passed ? LOG_NOTICE : LOG_ERR);
	add_field(&d, "KDUMP_LITE_TEST=%s", passed ? "passed" : "failed");
	add_field(&d, "KDUMP_LITE_TEST_ID=%s", m->id);
	if (!passed)
		add_field(&d, "KDUMP_LITE_TEST_REASON=%s", reason);
	if (c)
		add_crash(&d, c, path);
	add_times(&d, times);
	return finish(&d, ret);
}

const struct crash *announce_find_test(int parent_fd, const struct crash *list, size_t n,
                                       const struct marker *m)
{
	char needle[sizeof(MARKER_LOG_TEXT) + STATE_ID_SIZE];

	snprintf(needle, sizeof(needle), MARKER_LOG_TEXT, m->id);
	for (size_t i = n; i-- > 0;) {
		_cleanup_close_ int fd = file_open_subdir(parent_fd, list[i].name);
		_cleanup_free_ char *log = NULL;
		size_t len;

		if (fd >= 0 && !list[i].foreign &&
		    file_read_entry(fd, CRASH_DMESG, LOG_SIZE_MAX, &log, &len) == 0 &&
		    memmem(log, len, needle, strlen(needle)))
			return &list[i];
	}
	for (size_t i = n; i-- > 0;)
		if (list[i].outcome == CRASH_FAILED && !list[i].foreign &&
		    list[i].crash_time >= m->time)
			return &list[i];
	return NULL;
}
