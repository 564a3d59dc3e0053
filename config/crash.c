// SPDX-License-Identifier: GPL-2.0-or-later
/* crash.c - a crash and its JSON, one row per key; see crash.h. */
#include "config/crash.h"

#include <errno.h>

#include "base/err.h"
#include "config/fields-json.h"

/* Numbers of seconds get six digits. */
#define TEXT_FORMAT (JSON_INDENT(2) | JSON_REAL_PRECISION(6))

static const char *const outcomes[] = { [CRASH_UNKNOWN] = "unknown",
	                                [CRASH_COMPLETE] = "complete",
	                                [CRASH_INCOMPLETE] = "incomplete",
	                                [CRASH_MINI_ONLY] = "mini",
	                                [CRASH_DMESG_ONLY] = "dmesg-only",
	                                [CRASH_FAILED] = "failed",
	                                NULL };

static const struct field rows[] = {
	{ "outcome", CHOICE_AT(struct crash, outcome), .choices = outcomes },
	{ "step", FOREIGN_AT(struct crash, step) },
	{ "crash_time", TIME_AT(struct crash, crash_time) },
	{ "panic_message", FOREIGN_AT(struct crash, panic_message) },
	{ "kernel_release", FOREIGN_AT(struct crash, kernel_release) },
	{ "kernel_version", FOREIGN_AT(struct crash, kernel_version) },
	{ "build_id", FOREIGN_AT(struct crash, build_id) },
	{ "hostname", FOREIGN_AT(struct crash, hostname) },
	{ "machine", FOREIGN_AT(struct crash, machine) },
	{ "capture_version", FOREIGN_AT(struct crash, capture_version) },
	{ "level", NUMBER_AT(struct crash, level) },
	{ "codec", FOREIGN_AT(struct crash, codec) },
	{ "cpus", COUNT_AT(struct crash, cpus) },
	{ "memory_size", NUMBER_AT(struct crash, memory_size) },
	{ "memory_lacking", NUMBER_AT(struct crash, memory_lacking) },
	{ "vmcore_size", NUMBER_AT(struct crash, vmcore_size) },
	{ "dmesg_size", NUMBER_AT(struct crash, dmesg_size) },
	{ "peak_memory", NUMBER_AT(struct crash, peak_memory) },
	{ "seconds", REAL_AT(struct crash, seconds) },
	{ "final_action", FOREIGN_AT(struct crash, final_action) },
	{ "final_reason", FOREIGN_AT(struct crash, final_reason) },
	{ "verify", FOREIGN_AT(struct crash, verify) },
	{ "dump_reason", FOREIGN_AT(struct crash, dump_reason) },
	{ "fingerprint", FOREIGN_AT(struct crash, fingerprint) },
	{ "fingerprint_text", FOREIGN_AT(struct crash, fingerprint_text) },
	{ "fingerprint_loose", FOREIGN_AT(struct crash, fingerprint_loose) },
	{ "report_memory", NUMBER_AT(struct crash, report_memory) },
};

/* Those that can still be found out later. */
static const struct field later_rows[] = {
	{ "fingerprint", FOREIGN_AT(struct crash, fingerprint) },
	{ "fingerprint_text", FOREIGN_AT(struct crash, fingerprint_text) },
	{ "fingerprint_loose", FOREIGN_AT(struct crash, fingerprint_loose) },
};

static const struct field page_rows[] = {
	{ "total", NUMBER_AT(struct crash_pages, total) },
	{ "saved", NUMBER_AT(struct crash_pages, saved) },
	{ "zero", NUMBER_AT(struct crash_pages, zero) },
	{ "free", NUMBER_AT(struct crash_pages, free) },
	{ "cache", NUMBER_AT(struct crash_pages, cache) },
	{ "private_cache", NUMBER_AT(struct crash_pages, private_cache) },
	{ "user", NUMBER_AT(struct crash_pages, user) },
	{ "hwpoison", NUMBER_AT(struct crash_pages, hwpoison) },
	{ "offline", NUMBER_AT(struct crash_pages, offline) },
	{ "unaccepted", NUMBER_AT(struct crash_pages, unaccepted) },
	{ "unreadable", NUMBER_AT(struct crash_pages, unreadable) },
};

/* The last one is left out of a step that went well. */
static const struct field step_rows[] = {
	{ "name", FOREIGN_AT(struct crash_step, name) },
	{ "seconds", REAL_AT(struct crash_step, seconds) },
	{ "error", FOREIGN_AT(struct crash_step, error) },
};

const char *crash_outcome_name(enum crash_outcome o)
{
	return outcomes[o];
}

void crash_done(struct crash *c)
{
	fields_done(rows, ARRAY_SIZE(rows), c);
	for (size_t i = 0; i < ARRAY_SIZE(c->steps); i++)
		fields_done(step_rows, ARRAY_SIZE(step_rows), &c->steps[i]);
	free(c->name);
	free(c->fault);
	free(c->files[0]);
	free(c->files[1]);
	*c = (struct crash){};
}

int crash_fill(struct crash *c)
{
	int r = fields_fill(rows, ARRAY_SIZE(rows), c);

	if (r < 0)
		return r;
	for (size_t i = 0; i < c->n_steps; i++)
		if ((r = fields_fill(step_rows, ARRAY_SIZE(step_rows) - 1, &c->steps[i])) < 0)
			return r;
	if (!c->name)
		c->name = strdup("");
	return c->name ? 0 : oom("a name");
}

static int add_steps(const struct crash *c, json_t *steps)
{
	for (size_t i = 0; i < MIN(c->n_steps, (size_t)CRASH_MAX_STEPS); i++) {
		size_t n = ARRAY_SIZE(step_rows) - !c->steps[i].error;
		json_t *step = json_object();
		int r;

		if (json_array_append_new(steps, step) < 0)
			return oom("JSON");
		r = fields_to_json(step_rows, n, &c->steps[i], step);
		if (r < 0)
			return r;
	}
	return 0;
}

int crash_to_json(const struct crash *c, json_t **ret)
{
	json_auto_t *o = json_object(), *pages = json_object(), *steps = json_array();
	int r;

	if ((r = fields_to_json(rows, ARRAY_SIZE(rows), c, o)) < 0 ||
	    (r = fields_to_json(page_rows, ARRAY_SIZE(page_rows), &c->pages, pages)) < 0 ||
	    (r = add_steps(c, steps)) < 0)
		return r;
	if (json_object_set(o, "pages", pages) < 0 || json_object_set(o, "steps", steps) < 0)
		return oom("JSON");
	*ret = TAKE_PTR(o);
	return 0;
}

int crash_to_text(const struct crash *c, char **ret)
{
	json_auto_t *o = NULL;
	int r = crash_to_json(c, &o);

	if (r < 0)
		return r;
	*ret = json_dumps(o, TEXT_FORMAT);
	return *ret ? 0 : oom("JSON");
}

int crash_amend_text(const char *text, size_t len, const struct crash *c, char **ret)
{
	json_auto_t *o = json_loadb(text, len, 0, NULL);
	int r;

	if (!json_is_object(o))
		return errf(-EBADMSG, "an object is expected");
	r = fields_to_json(later_rows, ARRAY_SIZE(later_rows), c, o);
	if (r < 0)
		return r;
	*ret = json_dumps(o, TEXT_FORMAT);
	return *ret ? 0 : oom("JSON");
}

static int note(const char *fault, char why[static ERR_WHY])
{
	return err_note(errf(-EBADMSG, "%s", fault), why);
}

static int read_steps(const json_t *steps, struct crash *c, char why[static ERR_WHY])
{
	for (size_t i = 0; i < json_array_size(steps) && c->n_steps < CRASH_MAX_STEPS; i++) {
		const json_t *step = json_array_get(steps, i);
		int r;

		if (!json_is_object(step))
			r = note("steps: an array of objects is expected", why);
		else
			r = fields_from_json(step_rows, ARRAY_SIZE(step_rows), step,
			                     &c->steps[c->n_steps++], "steps.", why);
		if (r < 0)
			return r;
	}
	if (!json_is_array(steps))
		return note("steps: an array of objects is expected", why);
	return 0;
}

static int read_pages(const json_t *pages, struct crash *c, char why[static ERR_WHY])
{
	if (!json_is_object(pages))
		return note("pages: an object is expected", why);
	return fields_from_json(page_rows, ARRAY_SIZE(page_rows), pages, &c->pages, "pages.", why);
}

int crash_from_text(const char *text, size_t len, struct crash *c)
{
	char why[ERR_WHY] = "";
	const json_t *pages, *steps;
	json_auto_t *o = NULL;
	json_error_t where;
	int r;

	o = json_loadb(text, len, 0, &where);
	if (!o)
		return errf(-EBADMSG, "line %d: %s", where.line, where.text);
	if (!json_is_object(o))
		return errf(-EBADMSG, "an object is expected");
	r = fields_from_json(rows, ARRAY_SIZE(rows), o, c, "", why);
	if (r < 0)
		return r;
	pages = json_object_get(o, "pages");
	r = pages ? read_pages(pages, c, why) : 0;
	if (r < 0)
		return r;
	steps = json_object_get(o, "steps");
	r = steps ? read_steps(steps, c, why) : 0;
	if (r < 0)
		return r;
	return *why ? errf(-EBADMSG, "%s", why) : 0;
}
