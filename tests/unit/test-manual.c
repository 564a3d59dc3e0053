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

#include "loader/cli/verbs.h"
#include "loader/doctor/doctor.h"
#include "system/file.h"
#include "tests/unit/check.h"
#include "vmcore/io/codec.h"

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

static bool describes(const char *page, const char *name)
{
	for (const char *hit = page; (hit = strstr(hit, name)); hit++) {
		const char *line = hit;

		while (line > page && line[-1] != '\n')
			line--;
		if (*line == '.' && line < hit && is_word(hit, strlen(name)))
			return true;
	}
	return false;
}

static void expect_described(const char *path, const char *kind, const char *name)
{
	_cleanup_free_ char *page = read_page(path);

	if (!describes(page, name))
		fail_msg("%s: does not describe the %s \"%s\": add it there", path, kind, name);
}

static void a_word_in_a_macro_is_described(void **state)
{
	assert_true(describes(".IP back 4\n", "back"));
	assert_true(describes("x\n.BR no , back ,\n", "back"));
	assert_false(describes("The way back.\n", "back"));
	assert_false(describes(".B backup\n.B call-back\n.B back_up\n", "back"));
}

static void doctor_checks_are_described(void **state)
{
	for (size_t i = 0; i < doctor_n_checks; i++)
		expect_described("man/kdump-lite.8", "check of doctor", doctor_checks[i].name);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_word_in_a_macro_is_described),
		cmocka_unit_test(doctor_checks_are_described),
		cmocka_unit_test(codecs_are_described),
		cmocka_unit_test(verbs_and_options_are_described),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
