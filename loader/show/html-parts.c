// SPDX-License-Identifier: GPL-2.0-or-later
/* html-parts.c - the parts of the page of a report, see html-parts.h. */
#include "loader/show/html-parts.h"

#include "loader/show/html-tasks.h"

struct html_part {
	const char *member; /* of the report; NULL: all that no other part shows */
	const char *title;  /* NULL: after the member */

	/* NULL: by html_value(). */
	void (*write)(FILE *f, const json_t *value);

	/* Counts what it shows; with 0 the part is left out. NULL: always shown, no number. */
	size_t (*count)(const json_t *value);

	const char *id; /* in the page; NULL: the member */
	bool uncounted; /* the number is not shown */

	/* For a part that shows and counts only some elements of an array. */
	bool (*picks)(const json_t *element);
	void (*write_element)(FILE *f, const json_t *element);
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

static void write_summary(FILE *f, const json_t *value)
{
	static const char *const elsewhere[] = {
		/* At the head of the page, or below. */
		"title", "hostname", "kernel_release", "crash_time", "uptime",
		"taint", "load",     "command_line",   NULL,
	};
	const json_t *taint = json_object_get(value, "taint");
	const json_t *load = json_object_get(value, "load");
	size_t i;
	json_t *v;

	html_pairs(f, value, elsewhere);
	html_printf(f, "<dl>");
	if (json_is_array(load)) {
		html_printf(f, "<div><dt>Load</dt><dd>");
		json_array_foreach((json_t *)load, i, v)
			fprintf(f, "%.2f ", json_number_value(v));
		html_printf(f, "</dd></div>");
	}
	html_printf(f, "<div><dt>Tainted</dt><dd>");
	put_taint(f, taint);
	html_printf(f,
	            "</dd></div><div class=all><dt>Command "
	            "line</dt><dd><code>%s</code></dd></div></dl>",
	            html_string(value, "command_line"));
}

static void write_remarks(FILE *f, const json_t *value)
{
	char name[HTML_NAME_MAX];
	const char *key;
	json_t *v;

	html_printf(f, "<ul class=remarks>");
	json_object_foreach((json_t *)value, key, v)
		html_printf(f, "<li><b>%s</b> %s", html_name(key, name), json_string_value(v));
	html_printf(f, "</ul>");
}

static void write_findings(FILE *f, const json_t *value)
{
	size_t i;
	json_t *v;

	html_printf(f, "<ul class=remarks>");
	json_array_foreach((json_t *)value, i, v)
		html_printf(f, "<li><span class=tag>%s</span> %s<br><small>%s</small>",
		            html_string(v, "degree"), html_string(v, "text"),
		            html_string(v, "evidence"));
	html_printf(f, "</ul>");
}

/* --- CPUs ------------------------------------------------------------------------------------ */

static bool has_panicked(const json_t *cpu)
{
	return json_is_true(json_object_get(cpu, "panicked"));
}

static bool has_gone_on(const json_t *cpu)
{
	return !has_panicked(cpu);
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
		html_task_name(f, task);
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

/* --- Tasks ----------------------------------------------------------------------------------- */

static void write_tasks(FILE *f, const json_t *value)
{
	static const char *const first[] = {
		"pid",
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
		NULL,
	};
	static const char *const skip[] = { "trace", "waits_for", "waiting", NULL };

	html_table(f, value, first, skip);
}

static void write_modules(FILE *f, const json_t *value)
{
	html_table(f, value, NULL, NULL);
}

/* What "memory" has, each with a heading of its own. */
static void write_memory(FILE *f, const json_t *value)
{
	char name[HTML_NAME_MAX];
	const char *key;
	json_t *v;

	html_picture_memory(f, value);
	json_object_foreach((json_t *)value, key, v) {
		if (json_is_null(v) || (json_is_array(v) && json_array_size(v) == 0))
			continue;
		html_printf(f, "<h3>%s</h3>", html_name(key, name));
		html_printf(f, streq(key, "meminfo") ? "<div class=meminfo>" : "<div>");
		html_value(f, key, v);
		html_printf(f, "</div>");
	}
}

/* Circles of tasks, by PID. */
static void write_deadlocks(FILE *f, const json_t *value)
{
	size_t i, k;
	json_t *circle, *pid;

	html_printf(f, "<ul class=remarks>");
	json_array_foreach((json_t *)value, i, circle) {
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

static void write_records(FILE *f, const json_t *value)
{
	size_t i;
	json_t *record;

	html_printf(f, "<div class=log id=lines>\n");
	json_array_foreach((json_t *)value, i, record)
		put_record(f, record);
	html_printf(f, "</div>\n");
}

/* --- All of them ----------------------------------------------------------------------------- */

/* The part of the records shows the log. */
static size_t count_none(const json_t *value)
{
	return 0;
}

/* In their order on the page. */
static const struct html_part parts[] = {
	{ "summary", "Summary", write_summary },
	{ "findings", "Findings", write_findings, json_array_size, .uncounted = true },
	{ "remarks", "What is missing", write_remarks, json_object_size, .uncounted = true },
	{ "cpus", "The CPU that panicked", .picks = has_panicked, .write_element = put_cpu,
	  .uncounted = true },
	{ "cpus", "Other CPUs", .picks = has_gone_on, .write_element = put_cpu,
	  .id = "other-cpus" },
	{ "tasks", "Blocked and waiting to run", html_waiting, html_count_waiting,
	  .id = "waiting" },
	{ "deadlocks", "Deadlocks", write_deadlocks, json_array_size },
	{ "locks", "Locks that others wait for", NULL, json_array_size },
	{ "memory", "Memory", write_memory },
	{ NULL },
	{ "tasks", "Tasks", write_tasks, json_array_size },
	{ "tasks", "Calls of tasks that slept", html_others, html_count_others, .id = "slept" },
	{ "modules", "Modules", write_modules, json_array_size },
	{ "log_records", "Log", write_records, json_array_size },
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

/* Writes the elements that @part picks of @list, and returns their number. @f NULL only counts. */
static size_t write_picked(FILE *f, const struct html_part *part, const json_t *list)
{
	size_t i, n = 0;
	json_t *v;

	json_array_foreach((json_t *)list, i, v) {
		if (!part->picks(v))
			continue;
		n++;
		if (f)
			part->write_element(f, v);
	}
	return n;
}

/* Writes the part that shows the member @name of the report, or a link to it. */
static void put_part(FILE *f, const struct html_part *part, const char *name, const json_t *value,
                     bool link)
{
	char buf[HTML_NAME_MAX];
	size_t n = part->picks   ? write_picked(NULL, part, value)
	           : part->count ? part->count(value)
	                         : 1;

	if (n == 0 || json_is_null(value))
		return;
	html_printf(f, link ? "<li><a href=\"#%s\">" : "<section id=\"%s\"><h2>", part->id ?: name);
	html_printf(f, "%s", part->title ?: html_name(name, buf));
	if ((part->picks || part->count) && !part->uncounted)
		html_printf(f, " <small>%zu</small>", n);
	html_printf(f, link ? "</a>\n" : "</h2>\n");
	if (link)
		return;
	if (part->picks)
		write_picked(f, part, value);
	else if (part->write)
		part->write(f, value);
	else
		html_value(f, name, value);
	html_printf(f, "</section>\n");
}

static void put_parts(FILE *f, const json_t *report, bool links)
{
	const char *key;
	json_t *v;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (parts[i].member) {
			v = json_object_get(report, parts[i].member);
			if (v)
				put_part(f, &parts[i], parts[i].member, v, links);
			continue;
		}
		json_object_foreach((json_t *)report, key, v)
			if (!is_known(key))
				put_part(f, &parts[i], key, v, links);
	}
}

void html_contents(FILE *f, const json_t *report)
{
	put_parts(f, report, true);
}

void html_parts(FILE *f, const json_t *report)
{
	put_parts(f, report, false);
}
