// SPDX-License-Identifier: GPL-2.0-or-later
/* crash-json.c - struct crash as JSON, one row per key; see crash-json.h. */
#include "config/crash-json.h"

#include <errno.h>
#include <math.h>

#include "base/printable.h"
#include "base/err.h"

enum kind {
	STRING,  /* char * */
	U64,     /* uint64_t */
	COUNT,   /* unsigned */
	TIME,    /* time_t */
	SECONDS, /* double */
	OUTCOME, /* enum crash_outcome, by name */
};

struct row {
	const char *key;
	enum kind kind;
	size_t offset;
};

#define CRASH(name, kind)                                                                          \
	{                                                                                          \
#name, kind, offsetof(struct crash, name)                                          \
	}
#define PAGES(name)                                                                                \
	{                                                                                          \
#name, U64, offsetof(struct crash, pages.name)                                     \
	}
#define STEP(name, kind)                                                                           \
	{                                                                                          \
#name, kind, offsetof(struct crash_step, name)                                     \
	}

static const struct row crash_rows[] = {
	CRASH(outcome, OUTCOME),
	CRASH(crash_time, TIME),
	CRASH(panic_message, STRING),
	CRASH(kernel_release, STRING),
	CRASH(kernel_version, STRING),
	CRASH(build_id, STRING),
	CRASH(hostname, STRING),
	CRASH(machine, STRING),
	CRASH(capture_version, STRING),
	CRASH(level, U64),
	CRASH(codec, STRING),
	CRASH(cpus, COUNT),
	CRASH(memory_size, U64),
	CRASH(vmcore_size, U64),
	CRASH(dmesg_size, U64),
	CRASH(peak_memory, U64),
	CRASH(seconds, SECONDS),
	CRASH(final_action, STRING),
	CRASH(final_reason, STRING),
	CRASH(verify, STRING),
	CRASH(fingerprint, STRING),
	CRASH(fingerprint_text, STRING),
	CRASH(fingerprint_loose, STRING),
	CRASH(report_memory, U64),
};

/* Those that can still be found out later. */
static const struct row later_rows[] = {
	CRASH(fingerprint, STRING),
	CRASH(fingerprint_text, STRING),
	CRASH(fingerprint_loose, STRING),
};

static const struct row pages_rows[] = {
	PAGES(total),   PAGES(saved),         PAGES(zero),       PAGES(free),
	PAGES(cache),   PAGES(private_cache), PAGES(user),       PAGES(hwpoison),
	PAGES(offline), PAGES(unaccepted),    PAGES(unreadable),
};

static const struct row step_rows[] = {
	STEP(name, STRING),
	STEP(seconds, SECONDS),
	STEP(error, STRING),
};

/* JSON integers are signed here. */
static json_t *integer_of(uint64_t v)
{
	return json_integer((json_int_t)MIN(v, (uint64_t)INT64_MAX));
}

static json_t *string_of(const char *s)
{
	_cleanup_free_ char *clean = NULL;

	if (!s)
		s = "";
	return printable(s, strlen(s), false, &clean) < 0 ? NULL : json_string(clean);
}

static json_t *value_of(const struct row *row, const void *object)
{
	const void *field = (const char *)object + row->offset;

	switch (row->kind) {
	case STRING:
		return string_of(*(char *const *)field);
	case U64:
		return integer_of(*(const uint64_t *)field);
	case COUNT:
		return integer_of(*(const unsigned *)field);
	case TIME:
		return integer_of(MAX(*(const time_t *)field, 0));
	case SECONDS:
		return json_real(isfinite(*(const double *)field) ? *(const double *)field : 0.0);
	case OUTCOME:
		return json_string(crash_outcome_name(*(const enum crash_outcome *)field));
	}
	return NULL;
}

/* Adds one key per row to @o; false when memory is short. */
static bool add_rows(json_t *o, const struct row *rows, size_t n, const void *object)
{
	for (size_t i = 0; i < n; i++)
		if (json_object_set_new(o, rows[i].key, value_of(&rows[i], object)) < 0)
			return false;
	return true;
}

static bool add_steps(json_t *o, const struct crash *c)
{
	json_t *steps = json_array();

	if (json_object_set_new(o, "steps", steps) < 0)
		return false;
	for (size_t i = 0; i < MIN(c->n_steps, (size_t)CRASH_MAX_STEPS); i++) {
		/* The last row is the error, which a good step has not. */
		size_t n = c->steps[i].error ? ARRAY_SIZE(step_rows) : ARRAY_SIZE(step_rows) - 1;
		json_t *step = json_object();

		if (json_array_append_new(steps, step) < 0 ||
		    !add_rows(step, step_rows, n, &c->steps[i]))
			return false;
	}
	return true;
}

int crash_to_json(const struct crash *c, json_t **ret)
{
	json_t *o = json_object(), *pages = json_object();

	/* The functions of jansson take NULL for a failure before. */
	if (!add_rows(o, crash_rows, ARRAY_SIZE(crash_rows), c) ||
	    json_object_set(o, "pages", pages) < 0 ||
	    !add_rows(pages, pages_rows, ARRAY_SIZE(pages_rows), c) || !add_steps(o, c)) {
		json_decref(o);
		json_decref(pages);
		return errf(-ENOMEM, CRASH_METADATA ": no memory");
	}
	json_decref(pages);
	*ret = o;
	return 0;
}

/* What is wrong with a value; remembers only the first of a file. */
struct faults {
	const char *where; /* "pages." */
	int error;
};

static void fault(struct faults *f, const char *key, const char *expected)
{
	if (f->error == 0)
		f->error = errf(-EBADMSG, "%s%s: %s is expected", f->where, key, expected);
}

static void read_string(const struct row *row, const json_t *v, char **field, struct faults *f)
{
	char *clean;

	if (!json_is_string(v)) {
		fault(f, row->key, "a string");
		return;
	}
	if (printable(json_string_value(v), json_string_length(v), false, &clean) < 0) {
		fault(f, row->key, "a shorter string");
		return;
	}
	free(*field);
	*field = clean;
}

static void read_integer(const struct row *row, const json_t *v, uint64_t max, uint64_t *ret,
                         struct faults *f)
{
	json_int_t i = json_integer_value(v);

	if (!json_is_integer(v) || i < 0 || (uint64_t)i > max)
		fault(f, row->key, "a whole number within its range");
	else
		*ret = i;
}

static void read_outcome(const struct row *row, const json_t *v, enum crash_outcome *field,
                         struct faults *f)
{
	const char *name = json_string_value(v);

	for (enum crash_outcome o = CRASH_UNKNOWN; name && o <= CRASH_FAILED; o++)
		if (streq(crash_outcome_name(o), name)) {
			*field = o;
			return;
		}
	fault(f, row->key, "complete, incomplete, dmesg-only or failed");
}

static void read_value(const struct row *row, const json_t *v, void *object, struct faults *f)
{
	void *field = (char *)object + row->offset;
	uint64_t number = 0;

	switch (row->kind) {
	case STRING:
		read_string(row, v, field, f);
		break;
	case U64:
		number = *(uint64_t *)field;
		read_integer(row, v, INT64_MAX, &number, f);
		*(uint64_t *)field = number;
		break;
	case COUNT:
		number = *(unsigned *)field;
		read_integer(row, v, UINT32_MAX, &number, f);
		*(unsigned *)field = number;
		break;
	case TIME:
		/* Later than the year 9999 no calendar function is at ease. */
		number = *(time_t *)field;
		read_integer(row, v, UINT64_C(253402300799), &number, f);
		*(time_t *)field = number;
		break;
	case SECONDS:
		if (!json_is_number(v) || !(json_number_value(v) >= 0))
			fault(f, row->key, "a number of seconds");
		else
			*(double *)field = json_number_value(v);
		break;
	case OUTCOME:
		read_outcome(row, v, field, f);
		break;
	}
}

static void read_rows(const json_t *o, const struct row *rows, size_t n, void *object,
                      struct faults *f)
{
	for (size_t i = 0; i < n; i++) {
		const json_t *v = json_object_get(o, rows[i].key);

		if (v)
			read_value(&rows[i], v, object, f);
	}
}

static void read_steps(const json_t *steps, struct crash *c, struct faults *f)
{
	for (size_t i = 0; i < json_array_size(steps) && c->n_steps < CRASH_MAX_STEPS; i++) {
		const json_t *step = json_array_get(steps, i);

		f->where = json_is_object(step) ? "steps." : "";
		if (json_is_object(step))
			read_rows(step, step_rows, ARRAY_SIZE(step_rows), &c->steps[c->n_steps++],
			          f);
		else
			fault(f, "steps", "an array of objects");
	}
	f->where = "";
	if (!json_is_array(steps))
		fault(f, "steps", "an array of objects");
}

static void read_pages(const json_t *pages, struct crash *c, struct faults *f)
{
	f->where = "pages.";
	read_rows(pages, pages_rows, ARRAY_SIZE(pages_rows), c, f);
	f->where = "";
	if (!json_is_object(pages))
		fault(f, "pages", "an object");
}

int crash_from_json(const char *text, size_t len, struct crash *c)
{
	struct faults f = { .where = "" };
	json_error_t where;
	const json_t *v;
	json_t *o;

	o = json_loadb(text, len, 0, &where);
	if (!o)
		return errf(-EBADMSG, "line %d: %s", where.line, where.text);
	if (!json_is_object(o)) {
		json_decref(o);
		return errf(-EBADMSG, "an object is expected");
	}
	read_rows(o, crash_rows, ARRAY_SIZE(crash_rows), c, &f);
	v = json_object_get(o, "pages");
	if (v)
		read_pages(v, c, &f);
	v = json_object_get(o, "steps");
	if (v)
		read_steps(v, c, &f);
	json_decref(o);
	return f.error;
}

int crash_amend_json(const char *text, size_t len, const struct crash *c, char **ret)
{
	json_t *o = json_loadb(text, len, 0, NULL);
	int r = 0;

	if (!json_is_object(o))
		r = errf(-EBADMSG, CRASH_METADATA ": an object is expected");
	else if (!add_rows(o, later_rows, ARRAY_SIZE(later_rows), c) ||
	         !(*ret = json_dumps(o, CRASH_JSON_FORMAT)))
		r = errf(-ENOMEM, CRASH_METADATA ": no memory");
	json_decref(o);
	return r;
}
