// SPDX-License-Identifier: GPL-2.0-or-later
/* html-parts.c - the parts of the page of a report, see html-parts.h. */
#include "loader/show/html-parts.h"

struct html_part {
	const char *member; /* of the report; NULL: all that no other part shows */
	const char *title;  /* NULL: after the member */

	/* NULL: by html_value(). */
	void (*write)(FILE *f, const struct html_shown *s);

	/* Counts the things that it shows; with 0 the part is left out. NULL: it is always shown,
	 * without a number. */
	size_t (*count)(const json_t *value);

	const char *id; /* in the page; NULL: the member */
	bool uncounted; /* the number is not shown */
};

/* --- Summary --------------------------------------------------------------------------------- */

static void put_taint(FILE *f, const json_t *taint)
{
	size_t i;
	json_t *v;

	if (json_array_size(taint) == 0)
		html_printf(f, json_is_array(taint) ? "no" : "not known");
	json_array_foreach((json_t *)taint, i, v)
		html_printf(f, "<div><b>%s</b> %s</div>", html_string(v, "letter"),
		            html_string(v, "reason"));
}

static void put_load(FILE *f, const json_t *load)
{
	size_t i;
	json_t *v;

	json_array_foreach((json_t *)load, i, v) {
		char buf[32];

		snprintf(buf, sizeof(buf), "%.2f ", json_number_value(v));
		html_printf(f, "%s", buf);
	}
}

static void write_summary(FILE *f, const struct html_shown *s)
{
	static const char *const elsewhere[] = {
		/* At the head of the page, or below. */
		"title", "hostname", "kernel_release", "crash_time", "uptime",
		"taint", "load",     "command_line",   NULL,
	};
	const json_t *taint = json_object_get(s->value, "taint");
	const json_t *load = json_object_get(s->value, "load");

	html_pairs(f, s->value, elsewhere);
	html_printf(f, "<dl>");
	if (json_is_array(load)) {
		html_printf(f, "<div><dt>Load</dt><dd>");
		put_load(f, load);
		html_printf(f, "</dd></div>");
	}
	html_printf(f, "<div><dt>Tainted</dt><dd>");
	put_taint(f, taint);
	html_printf(f,
	            "</dd></div><div class=all><dt>Command "
	            "line</dt><dd><code>%s</code></dd></div></dl>",
	            html_string(s->value, "command_line"));
}

static size_t count_remarks(const json_t *value)
{
	return json_object_size(value);
}

static void write_remarks(FILE *f, const struct html_shown *s)
{
	char name[HTML_NAME_MAX];
	const char *key;
	json_t *v;

	html_printf(f, "<ul class=remarks>");
	json_object_foreach((json_t *)s->value, key, v)
		html_printf(f, "<li><b>%s</b> %s", html_name(key, name), json_string_value(v));
	html_printf(f, "</ul>");
}

/* --- CPUs ------------------------------------------------------------------------------------ */

static bool has_panicked(const json_t *cpu)
{
	return json_is_true(json_object_get(cpu, "panicked"));
}

static void put_task_name(FILE *f, const json_t *task)
{
	bool kernel = json_is_true(json_object_get(task, "kernel"));
	const char *name = html_string(task, "name");

	html_printf(f, kernel ? "<b>[%s]</b>" : "<b>%s</b>", *name ? name : "?");
	if (json_is_integer(json_object_get(task, "pid")))
		html_printf(f, " <small class=fact>PID %d</small>",
		            (int)json_integer_value(json_object_get(task, "pid")));
}

/* Registers, and the code with its instruction marked. */
static void put_state(FILE *f, const char *title, const json_t *state)
{
	if (!json_is_object(state))
		return;
	html_printf(f, "<h3>%s</h3>", title);
	html_value(f, "registers", json_object_get(state, "registers"));
	if (*html_string(state, "code"))
		html_printf(f, "<pre class=code>%s</pre>", html_string(state, "code"));
}

static void put_cpu(FILE *f, const json_t *cpu)
{
	static const char *const known[] = { "cpu",   "panicked", "online", "to_run", "task",
		                             "trace", "at",       "user",   "queue",  NULL };
	const json_t *queue = json_object_get(cpu, "queue");
	const json_t *task = json_object_get(cpu, "task");
	const json_t *trace = json_object_get(cpu, "trace");
	bool panicked = has_panicked(cpu);

	html_fold(f, panicked, panicked ? "card panicked" : "card");
	html_printf(f, "<span class=tag>CPU %d</span> ",
	            (int)json_integer_value(json_object_get(cpu, "cpu")));
	if (json_is_object(task))
		put_task_name(f, task);
	if (json_is_integer(json_object_get(cpu, "to_run")))
		html_printf(f, " <small class=fact>%d to run</small>",
		            (int)json_integer_value(json_object_get(cpu, "to_run")));
	if (json_is_false(json_object_get(cpu, "online")))
		html_printf(f, " <small class=fact>offline</small>");
	html_printf(f, "</summary>");
	if (trace)
		html_trace(f, trace);
	put_state(f, "Registers", json_object_get(cpu, "at"));
	put_state(f, "Registers in user space", json_object_get(cpu, "user"));
	if (json_array_size(queue) > 0) {
		html_printf(f, "<h3>Waiting to run</h3>");
		html_value(f, "queue", queue);
	}
	html_pairs(f, cpu, known);
	html_printf(f, "</details>\n");
}

static size_t count_panicked(const json_t *cpus)
{
	size_t i, n = 0;
	json_t *cpu;

	json_array_foreach((json_t *)cpus, i, cpu)
		n += has_panicked(cpu);
	return n;
}

static size_t count_others(const json_t *cpus)
{
	return json_array_size(cpus) - count_panicked(cpus);
}

static void put_cpus(FILE *f, const json_t *cpus, bool panicked)
{
	size_t i;
	json_t *cpu;

	json_array_foreach((json_t *)cpus, i, cpu)
		if (has_panicked(cpu) == panicked)
			put_cpu(f, cpu);
}

static void write_panicked(FILE *f, const struct html_shown *s)
{
	put_cpus(f, s->value, true);
}

static void write_others(FILE *f, const struct html_shown *s)
{
	put_cpus(f, s->value, false);
}

/* --- Tasks ----------------------------------------------------------------------------------- */

static size_t count_waiting(const json_t *tasks)
{
	size_t i, n = 0;
	json_t *task;

	json_array_foreach((json_t *)tasks, i, task)
		n += json_object_get(task, "trace") != NULL;
	return n;
}

/* In a few words. */
static void put_wait(FILE *f, const json_t *wait)
{
	const json_t *owner = json_object_get(wait, "owner");

	html_printf(f, " <small class=fact>waits for <b>%s %s</b>", html_string(wait, "kind"),
	            html_string(wait, "symbol"));
	if (json_is_integer(owner))
		html_printf(f, " of PID %d", (int)json_integer_value(owner));
	html_printf(f, "</small>");
}

static void put_waiting(FILE *f, const json_t *task)
{
	static const char *const known[] = {
		"pid", "name", "state", "kernel", "seconds_since_run", "trace", "waits_for", NULL
	};
	const json_t *age = json_object_get(task, "seconds_since_run");
	const json_t *wait = json_object_get(task, "waits_for");

	html_fold(f, false, "card");
	html_printf(f, "<span class=tag>%s</span> ", html_string(task, "state"));
	put_task_name(f, task);
	if (json_is_number(age)) {
		html_printf(f, " <small class=fact>ran ");
		html_value(f, "seconds", age);
		html_printf(f, " before</small>");
	}
	if (json_is_object(wait))
		put_wait(f, wait);
	html_printf(f, "</summary>");
	html_trace(f, json_object_get(task, "trace"));
	if (json_is_object(wait)) {
		html_printf(f, "<h3>Waits for</h3>");
		html_value(f, "waits_for", wait);
	}
	html_pairs(f, task, known);
	html_printf(f, "</details>\n");
}

static void write_waiting(FILE *f, const struct html_shown *s)
{
	size_t i;
	json_t *task;

	json_array_foreach((json_t *)s->value, i, task)
		if (json_object_get(task, "trace"))
			put_waiting(f, task);
}

static void write_tasks(FILE *f, const struct html_shown *s)
{
	static const char *const first[] = { "pid",
		                             "name",
		                             "state",
		                             "cpu",
		                             "seconds_since_run",
		                             "resident",
		                             "user_seconds",
		                             "system_seconds",
		                             "age",
		                             "process",
		                             "parent",
		                             "kernel",
		                             NULL };
	static const char *const skip[] = { "trace", "waits_for", NULL };

	html_table(f, s->value, first, skip);
}

static void write_modules(FILE *f, const struct html_shown *s)
{
	html_table(f, s->value, NULL, NULL);
}

/* What "memory" has, each with a heading of its own. */
static void write_memory(FILE *f, const struct html_shown *s)
{
	char name[HTML_NAME_MAX];
	const char *key;
	json_t *v;

	html_picture_memory(f, s->value);
	json_object_foreach((json_t *)s->value, key, v) {
		if (json_is_null(v) || (json_is_array(v) && json_array_size(v) == 0))
			continue;
		html_printf(f, "<h3>%s</h3>", html_name(key, name));
		html_printf(f, streq(key, "meminfo") ? "<div class=meminfo>" : "<div>");
		html_value(f, key, v);
		html_printf(f, "</div>");
	}
}

/* Circles of tasks, by PID. */
static void write_deadlocks(FILE *f, const struct html_shown *s)
{
	size_t i, k;
	json_t *circle, *pid;

	html_printf(f, "<ul class=remarks>");
	json_array_foreach((json_t *)s->value, i, circle) {
		html_printf(f, "<li>");
		json_array_foreach(circle, k, pid) {
			html_value(f, "pid", pid);
			html_printf(f, " waits for ");
		}
		html_value(f, "pid", json_array_get(circle, 0));
	}
	html_printf(f, "</ul>");
}

/* --- Log ------------------------------------------------------------------------------------- */

/* Classes of KERN_EMERG to KERN_DEBUG; the script needs "e" and "w". */
static const char *const level_classes[] = { "e", "e", "e", "e", "w", "o", NULL, "d" };

static void put_record(FILE *f, const json_t *record)
{
	const json_t *level = json_object_get(record, "level");
	const json_t *time = json_object_get(record, "time");
	size_t l = json_is_integer(level) ? json_integer_value(level) : -1;
	char stamp[32] = "";

	if (json_is_number(time))
		snprintf(stamp, sizeof(stamp), "%12.6f ", json_number_value(time));
	if (l < ARRAY_SIZE(level_classes) && level_classes[l])
		html_printf(f, "<p class=%s>", level_classes[l]);
	else
		html_printf(f, "<p>");
	html_printf(f, "<i>%s</i>%s\n", stamp, html_string(record, "message"));
}

static void write_records(FILE *f, const struct html_shown *s)
{
	size_t i;
	json_t *record;

	html_printf(f, "<div class=log id=lines>\n");
	json_array_foreach((json_t *)s->value, i, record)
		put_record(f, record);
	html_printf(f, "</div>\n");
}

/* --- All of them ----------------------------------------------------------------------------- */

static size_t count_elements(const json_t *value)
{
	return json_array_size(value);
}

/* The part of the records shows the log. */
static size_t count_none(const json_t *value)
{
	return 0;
}

/* In their order on the page. */
static const struct html_part parts[] = {
	{ "summary", "Summary", write_summary },
	{ "remarks", "What is missing", write_remarks, count_remarks, .uncounted = true },
	{ "cpus", "The CPU that panicked", write_panicked, count_panicked, .uncounted = true },
	{ "cpus", "Other CPUs", write_others, count_others, .id = "other-cpus" },
	{ "tasks", "Blocked and waiting to run", write_waiting, count_waiting, .id = "waiting" },
	{ "deadlocks", "Deadlocks", write_deadlocks, count_elements },
	{ "locks", "Locks that others wait for", NULL, count_elements },
	{ "memory", "Memory", write_memory },
	{ NULL },
	{ "tasks", "Tasks", write_tasks, count_elements },
	{ "modules", "Modules", write_modules, count_elements },
	{ "log_records", "Log", write_records, count_elements },
	{ "fingerprint" },
	{ "dump" },
	{ "log", NULL, NULL, count_none },
	{ "schema", NULL, NULL, count_none },
};

static bool is_known(const char *member)
{
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (parts[i].member && streq(parts[i].member, member))
			return true;
	return false;
}

static void emit_part(const json_t *report, size_t i, const char *member, const json_t *value,
                      void (*emit)(FILE *f, const struct html_shown *shown), FILE *f)
{
	const struct html_part *part = &parts[i];
	size_t n = part->count ? part->count(value) : 1;
	char name[HTML_NAME_MAX];

	if (n == 0 || json_is_null(value))
		return;
	emit(f, &(struct html_shown){ .part = part,
	                              .report = report,
	                              .value = value,
	                              .member = member,
	                              .id = part->id ?: member,
	                              .title = part->title ?: html_name(member, name),
	                              .n = part->count && !part->uncounted ? (int)n : -1 });
}

void html_parts(const json_t *report, void (*emit)(FILE *f, const struct html_shown *shown),
                FILE *f)
{
	const char *key;
	json_t *v;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (parts[i].member) {
			v = json_object_get(report, parts[i].member);
			if (v)
				emit_part(report, i, parts[i].member, v, emit, f);
			continue;
		}
		json_object_foreach((json_t *)report, key, v)
			if (!is_known(key))
				emit_part(report, i, key, v, emit, f);
	}
}

void html_part_link(FILE *f, const struct html_shown *s)
{
	html_printf(f, "<li><a href=\"#%s\">%s", s->id, s->title);
	if (s->n >= 0)
		html_printf(f, " <small>%d</small>", s->n);
	html_printf(f, "</a>\n");
}

void html_part_write(FILE *f, const struct html_shown *s)
{
	html_printf(f, "<section id=\"%s\"><h2>%s", s->id, s->title);
	if (s->n >= 0)
		html_printf(f, " <small>%d</small>", s->n);
	html_printf(f, "</h2>\n");
	if (s->part->write)
		s->part->write(f, s);
	else
		html_value(f, s->member, s->value);
	html_printf(f, "</section>\n");
}
