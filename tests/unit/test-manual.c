// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-manual.c - what the programs have in tables is in the manual pages.
 *
 * A name counts as described when it is set off from the text: a line that begins with a macro, as
 * ".IP name" or ".BR name ,", has it as a word. The tests run in the folder of the sources.
 */
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>

#include "capture/rescue-steps.h"
#include "config/crash.h"
#include "config/settings.h"
#include "loader/cli/verbs.h"
#include "loader/doctor/doctor.h"
#include "system/file.h"
#include "tests/unit/check.h"
#include "vmcore/io/codec.h"

#define CRASH_PAGE "man/kdump-lite-crash.5"

/* The page as its reader sees the words: "\-" is a dash, changes of the font are not seen. */
static char *read_page(const char *path)
{
	char *text, *out;

	if (file_read(AT_FDCWD, path, MIB(1), &text, NULL) < 0)
		fail_msg("%s: cannot be read", path);
	out = text;
	for (const char *in = text; *in; in++) {
		if (in[0] == '\\' && in[1] == 'f' && in[2])
			in += 2;
		else if (in[0] != '\\' || in[1] != '-')
			*out++ = *in;
	}
	*out = '\0';
	return text;
}

static bool is_word(const char *start, size_t len)
{
	return !isalnum(start[-1]) && start[-1] != '_' && start[-1] != '-' &&
	       !isalnum(start[len]) && start[len] != '_' && start[len] != '-';
}

/* The line that describes @name, NULL when there is none. */
static const char *describes(const char *page, const char *name)
{
	for (const char *hit = page; (hit = strstr(hit, name)); hit++) {
		const char *line = hit;

		while (line > page && line[-1] != '\n')
			line--;
		if (*line == '.' && line < hit && is_word(hit, strlen(name)))
			return line;
	}
	return NULL;
}

static void expect_described(const char *path, const char *kind, const char *name)
{
	_cleanup_free_ char *page = read_page(path);

	if (!describes(page, name))
		fail_msg("%s: does not describe the %s \"%s\": add it there", path, kind, name);
}

static void a_word_in_a_macro_is_described(void **state)
{
	assert_non_null(describes(".IP back 4\n", "back"));
	assert_non_null(describes("x\n.BR no , back ,\n", "back"));
	assert_null(describes("The way back.\n", "back"));
	assert_null(describes(".B backup\n.B call-back\n.B back_up\n", "back"));
}

static void doctor_checks_are_described(void **state)
{
	for (size_t i = 0; i < doctor_n_checks; i++)
		expect_described("man/kdump-lite-doctor.8", "check of doctor",
		                 doctor_checks[i].name);
}

static void steps_are_described(void **state)
{
	for (size_t i = 0; i < RESCUE_STEPS; i++)
		expect_described(CRASH_PAGE, "step", rescue_steps[i].name);
}

static void codecs_are_described(void **state)
{
	for (size_t i = 0; codecs[i]; i++) {
		expect_described("man/kdump-lite-convert.8", "compression", codecs[i]->name);
		expect_described("man/kdump-lite-crash.5", "compression", codecs[i]->name);
	}
}

static void options_are_described(const char *path, const struct option_row *rows)
{
	for (; rows && rows->name; rows++) {
		char typed[64];

		snprintf(typed, sizeof(typed), "--%s", rows->name);
		expect_described(path, "option", typed);
	}
}

/* The page of a verb describes its own options; those of several verbs are in one place. */
static void verbs_and_options_are_described(void **state)
{
	static const char main_page[] = "man/kdump-lite.8";

	options_are_described(main_page, common_options);
	for (size_t i = 0; verbs[i]; i++) {
		const char *page = verbs[i]->page;
		char path[64];

		if (!verbs[i]->help)
			continue;
		if (page)
			snprintf(path, sizeof(path), "man/%.*s.%c", (int)strcspn(page, "("), page,
			         page[strcspn(page, "(") + 1]);
		expect_described(main_page, "verb", verbs[i]->name);
		options_are_described(page ? path : main_page, verbs[i]->options);
	}
}

/* The keys of an object are described behind the key that has the object. */
static void keys_are_described(const char *page, const char *where, const json_t *value)
{
	const char *key;
	json_t *v;
	size_t i;

	json_object_foreach((json_t *)value, key, v) {
		const char *line = describes(page, key);

		if (!line)
			fail_msg(CRASH_PAGE
			         ": does not describe the key \"%s\" of %s: add it there",
			         key, where);
		keys_are_described(line, key, v);
	}
	json_array_foreach((json_t *)value, i, v)
		keys_are_described(page, where, v);
}

static void keys_of_crash_json_are_described(void **state)
{
	struct crash crash = { .n_steps = 1, .steps[0].error = "no disk" };
	_cleanup_free_ char *page = read_page(CRASH_PAGE);
	const char *below = describes(page, "outcome");
	json_auto_t *json = NULL;

	assert_int_equal(crash_to_json(&crash, &json), 0);
	assert_true(json_object_size(json) > 0);
	assert_int_equal(json_array_size(json_object_get(json, "steps")), 1);
	if (!below)
		fail_msg(CRASH_PAGE ": does not describe the key \"outcome\": add it there");
	keys_are_described(below, "crash.json", json);
}

static void states_and_final_actions_are_described(void **state)
{
	for (enum crash_outcome o = CRASH_UNKNOWN; o <= CRASH_FAILED; o++)
		expect_described(CRASH_PAGE, "state", crash_outcome_name(o));
	for (size_t i = FINAL_AUTO + 1; settings_final_actions[i]; i++)
		expect_described(CRASH_PAGE, "final action", settings_final_actions[i]);
}

/* Its template has a place for what settings_print_man() makes of the rows. */
static void settings_are_described(void **state)
{
	_cleanup_free_ char *template = read_page("man/kdump-lite.conf.5.in"), *page = NULL;
	size_t size;
	FILE *f = open_memstream(&page, &size);

	assert_non_null(strstr(template, "\n@SETTINGS@\n"));
	for (size_t i = 0; i < settings_n_rows; i++)
		if (!settings_rows[i].help)
			fail_msg("config/settings.c: %s= has no help: add it to its row",
			         settings_rows[i].key);
	assert_int_equal(settings_print_man(f), 0);
	fclose(f);
	for (size_t i = 0; i < settings_n_rows; i++) {
		const struct field *row = &settings_rows[i];
		const char *const *choices = row->choices;

		if (!describes(page, row->key))
			fail_msg("config/settings-text.c: %s= is not in the manual page", row->key);
		for (; choices && *choices; choices++)
			if (!strstr(row->help, *choices))
				fail_msg("config/settings.c: the help of %s= lacks the value %s: "
				         "add it there",
				         row->key, *choices);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_word_in_a_macro_is_described),
		cmocka_unit_test(doctor_checks_are_described),
		cmocka_unit_test(steps_are_described),
		cmocka_unit_test(codecs_are_described),
		cmocka_unit_test(verbs_and_options_are_described),
		cmocka_unit_test(keys_of_crash_json_are_described),
		cmocka_unit_test(states_and_final_actions_are_described),
		cmocka_unit_test(settings_are_described),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
