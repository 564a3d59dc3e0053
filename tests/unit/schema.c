// SPDX-License-Identifier: GPL-2.0-or-later
/* schema.c - holds reports against their schema and their manual page, see schema.h. */
#include "tests/unit/schema.h"

#include <ctype.h>
#include <stdio.h>

#include "tests/unit/check.h"

/* Unit tests run at the top of the tree. */
#define SCHEMA "vmcore/text/report.schema.json"
#define MANUAL "man/kdump-lite-report.8"

static bool in_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

void schema_check_manual(const char *name)
{
	static char manual[KIB(64)];
	size_t len = strlen(name);
	FILE *f = fopen(MANUAL, "re");

	if (!f)
		fail_msg(MANUAL ": cannot be opened; run the test at the top of the tree");
	manual[fread(manual, 1, sizeof(manual) - 1, f)] = '\0';
	fclose(f);
	for (const char *at = manual; (at = strstr(at, name)); at += len)
		if (!in_word(at[-1]) && !in_word(at[len]))
			return;
	fail_msg("add \"%s\" to " MANUAL, name);
}

/* What @schema says of a value that is not null, behind references and alternatives. */
static const json_t *resolve(const json_t *root, const json_t *schema)
{
	const json_t *all, *ref;
	const char *type;

	while ((ref = json_object_get(schema, "$ref")))
		/* "#/$defs/NAME" */
		schema = json_object_get(json_object_get(root, "$defs"),
		                         strrchr(json_string_value(ref), '/') + 1);
	all = json_object_get(schema, "oneOf");
	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *one = json_array_get(all, i);

		type = json_string_value(json_object_get(one, "type"));
		if (!type || !streq(type, "null"))
			return resolve(root, one);
	}
	return schema;
}

static void check_value(const json_t *root, const json_t *schema, const json_t *value,
                        const char *where)
{
	const json_t *known, *others;
	const char *key;
	json_t *v;
	size_t i;

	schema = resolve(root, schema);
	known = json_object_get(schema, "properties");
	others = json_object_get(schema, "additionalProperties");
	json_object_foreach((json_t *)value, key, v) {
		const json_t *member = json_object_get(known, key);

		if (!member && !others)
			fail_msg("add \"%s\" to \"properties\" of %s in " SCHEMA, key, where);
		if (member)
			schema_check_manual(key);
		check_value(root, member ?: others, v, key);
	}
	json_array_foreach((json_t *)value, i, v)
		check_value(root, json_object_get(schema, "items"), v, where);
}

void schema_check_report(struct report *r, const char *path)
{
	const struct report_options o = { .all_tasks = true, .whole_log = true };
	json_t *schema = json_load_file(SCHEMA, 0, NULL), *all = report_json(r, &o), *array = all;
	char name[64];
	int n;

	if (!schema)
		fail_msg(SCHEMA ": cannot be read; run the test at the top of the tree");
	for (; sscanf(path, "%63[^/]%n", name, &n) == 1; path += n + (path[n] == '/'))
		array = json_object_get(array, name);
	assert_true(json_array_size(array) > 0);
	check_value(schema, schema, all, "the report");
	json_decref(all);
	json_decref(schema);
}
