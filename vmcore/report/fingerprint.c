// SPDX-License-Identifier: GPL-2.0-or-later
/* fingerprint.c - the identity of a crash, see fingerprint.h. */
#include "vmcore/report/fingerprint.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/err.h"

/* FNV-1a, 64 bits: offset basis and prime (draft-eastlake-fnv, section 5). */
#define FNV_START UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

static void hash(const char *text, char ret[static FINGERPRINT_HASH])
{
	uint64_t h = FNV_START;

	for (; *text; text++)
		h = (h ^ (uint8_t)*text) * FNV_PRIME;
	snprintf(ret, FINGERPRINT_HASH, "%016" PRIx64, h);
}

/* "kind: first, second" of the first @n calls. */
static void write_text(const char *kind, const struct calls *c, size_t n,
                       char ret[static FINGERPRINT_TEXT])
{
	char *out = ret + snprintf(ret, FINGERPRINT_TEXT, "%s", kind);

	for (size_t i = 0; i < MIN(n, c->n); i++)
		out += snprintf(out, ret + FINGERPRINT_TEXT - out, "%s %s", i ? "," : ":",
		                c->names[i]);
}

static void finish(const char *kind, const struct calls *c, struct fingerprint *ret)
{
	/* Up to 4.20, SysRq-c wrote to address 0 (drivers/tty/sysrq.c). */
	if (c->n > 0 && streq(c->names[0], "sysrq_handle_crash"))
		kind = "sysrq";
	write_text(kind, c, FINGERPRINT_CALLS, ret->text);
	write_text(kind, c, 1, ret->loose_text);
	hash(ret->text, ret->hash);
	hash(ret->loose_text, ret->loose);
}

static void calls_of_log(const struct crash_kind *k, size_t max, struct calls *ret)
{
	struct calls all;
	bool registers;

	calls_read_log(k->line, &all, &registers);
	/* A dump of registers is that of the code that was interrupted. */
	calls_pick(&all, registers ? k->skip & ~(CALLS_SKIP_INTERRUPT | CALLS_SKIP_NMI) : k->skip,
	           max, ret);
}

/* Returns false when there is no such CPU or task. */
static bool trace_of(const struct report *report, const struct crash_kind *k, struct trace *ret)
{
	int cpu = k->whose == CRASH_OF_CPU && k->number >= 0 ? k->number : report->tasks.panic_cpu;

	if (k->whose == CRASH_OF_TASK) {
		for (size_t i = 0; i < report->tasks.n; i++)
			if (k->number > 0 && report->tasks.list[i].pid == k->number) {
				report_trace_task(report, &report->tasks.list[i], ret);
				return true;
			}
		return false;
	}
	for (size_t i = 0; i < report->tasks.n_cpus; i++)
		if ((int)report->tasks.cpus[i].number == cpu) {
			report_trace_cpu(report, &report->tasks.cpus[i], ret);
			return true;
		}
	return false;
}

static void calls_of_dump(const struct report *report, const struct crash_kind *k, size_t max,
                          struct calls *ret)
{
	char name[SYMBOLS_TEXT_MAX];
	struct calls all = {};
	bool seen = false;
	struct trace t;

	ret->n = 0;
	if (!report->symbols || !trace_of(report, k, &t))
		return;
	for (size_t i = 0; i < t.n; i++)
		if (t.frames[i].sure) {
			symbols_text(report->symbols, t.frames[i].ip, t.frames[i].exact, name);
			/* What panic() called came after the crash. */
			if (!seen &&
			    (strncmp(name, "panic+", 6) == 0 || strncmp(name, "vpanic+", 7) == 0)) {
				seen = true;
				all.n = 0;
			}
			calls_add(&all, name, strlen(name));
		}
	calls_pick(&all, k->skip, max, ret);
}

bool fingerprint_calls(const struct report *report, const struct crash_kind *k, size_t max,
                       struct calls *ret)
{
	ret->n = 0;
	if (k->whose == CRASH_OF_NOBODY)
		return false;
	if (report && !k->log_first)
		calls_of_dump(report, k, max, ret);
	if (ret->n > 0)
		return false;
	calls_of_log(k, max, ret);
	if (ret->n > 0)
		return true;
	if (report && k->log_first)
		calls_of_dump(report, k, max, ret);
	return false;
}

static int make(const char *log, const struct report *report, struct fingerprint *ret)
{
	struct crash_kind k;
	struct calls calls;
	int r = crash_kind_find(log, &k);

	if (r < 0)
		return r;
	*ret = (struct fingerprint){};
	ret->from_log = fingerprint_calls(report, &k, FINGERPRINT_CALLS, &calls);
	finish(k.name, &calls, ret);
	return 0;
}

int fingerprint_of_log(const char *log, struct fingerprint *ret)
{
	return make(log, NULL, ret);
}

int fingerprint_of_report(struct report *report, struct fingerprint *ret)
{
	int r = report_need(report, REPORT_LOG | REPORT_TASKS | REPORT_TRACES);

	if (r < 0)
		return r;
	if (!report->log)
		return errf(-ENODATA, "without its log the kind of the crash is not known");
	return make(report->log, report, ret);
}
