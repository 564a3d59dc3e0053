// SPDX-License-Identifier: GPL-2.0-or-later
/* part-modules.c - the modules that were loaded. */
#include <errno.h>

#include "base/err.h"
#include "base/text.h"
#include "vmcore/report/log-values.h"
#include "vmcore/text/json-kit.h"
#include "vmcore/text/text-kit.h"

/* Where the kernel's own list is not known, the log has names at least. */
static int read_modules(struct report *report, void *data)
{
	if (symbols_modules(report->symbols)->n > 0 || !report->why.modules[0])
		return 0;
	return log_value_modules(report, data) == 0;
}

/* Calls @tell for each module of the log. */
static void each_of_log(const struct writing *w, void (*tell)(void *arg, const char *name),
                        void *arg)
{
	char names[LOG_VALUE_MAX], *rest = names, *name;

	memcpy(names, w->data, sizeof(names));
	while ((name = strsep(&rest, " ")))
		if (*name)
			tell(arg, name);
}

static void tell_name(void *arg, const char *name)
{
	fprintf(arg, "  %s\n", name);
}

static void tell_json(void *arg, const char *name)
{
	json_t *bare = json_stringn(name, strcspn(name, "("));

	json_array_append_new(arg, json_pack("{s:o, s:n, s:n}", "name", bare, "version", "size"));
}

static void write_modules(const struct writing *w)
{
	static const char *const states[MODULE_STATES] = {
		[MODULE_LIVE] = "",
		[MODULE_COMING] = " (being set up)",
		[MODULE_GOING] = " (being removed)",
		[MODULE_UNFORMED] = " (being loaded)",
	};
	const struct modlist *m = symbols_modules(w->report->symbols);

	writing_part(w);
	if (w->from_log)
		each_of_log(w, tell_name, w->f);
	for (size_t i = 0; i < m->n; i++) {
		const struct module *module = &m->modules[i];
		char size[TEXT_SIZE_MAX], letters[TAINTS + 1] = "";
		size_t n = 0;

		for (size_t bit = 0; bit < TAINTS; bit++)
			if (module->taints >> bit & 1)
				letters[n++] = taints[bit].letter;
		if (module->size == 0) {
			fprintf(w->f, "  %s%s\n", module->name, states[module->state]);
			continue;
		}
		fprintf(w->f, "  %-24s %8s%s%s%s\n", module->name,
		        text_from_size(module->size, size), n ? " " : "", letters,
		        states[module->state]);
	}
	if (m->n == 0 && !m->remark[0])
		fprintf(w->f, "  none\n");
}

static json_t *size_json(uint64_t size)
{
	return size ? json_integer(size) : json_null();
}

static json_t *modules_json(const struct writing *w)
{
	const struct modlist *m = symbols_modules(w->report->symbols);
	json_t *list = json_array();

	if (w->from_log)
		each_of_log(w, tell_json, list);
	for (size_t i = 0; i < m->n; i++)
		json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "name",
		                                      text_json(m->modules[i].name), "version",
		                                      text_json(m->modules[i].version), "size",
		                                      size_json(m->modules[i].size)));
	return list;
}

const struct report_part part_modules = {
	.name = "modules",
	.title = "Modules",
	.needs = REPORT_VIEW,
	.size = LOG_VALUE_MAX,
	.read = read_modules,
	.text = write_modules,
	.json = modules_json,
	.reasons = { REPORT_REASON("modules", "remark", why.modules) },
};
