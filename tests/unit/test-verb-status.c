// SPDX-License-Identifier: GPL-2.0-or-later
/* test-verb-status.c - what kdump-lite status tells of a system, as JSON. */
#include <stdio.h>
#include <sys/utsname.h>

#include <jansson.h>

#include "base/text.h"
#include "loader/cli/verb.h"
#include "loader/cli/verbs.h"
#include "tests/unit/machine.h"

static struct temptree tree;

static int setup(void **state)
{
	machine_make(&tree);
	return 0;
}

static int teardown(void **state)
{
	temptree_remove(&tree);
	return 0;
}

/* To be freed with json_decref(). */
static json_t *status(int code)
{
	struct cli cli = { .root_fd = tree.fd, .json = true };
	FILE *out = tmpfile();
	int saved, r;
	json_t *o;

	assert_non_null(out);
	assert_int_equal(fflush(stdout), 0);
	saved = dup(STDOUT_FILENO);
	assert_true(saved >= 0 && dup2(fileno(out), STDOUT_FILENO) >= 0);
	r = verb_status.run(&cli, 0, NULL);
	assert_int_equal(fflush(stdout), 0);
	assert_true(dup2(saved, STDOUT_FILENO) >= 0);
	close(saved);
	assert_int_equal(r, code);
	rewind(out);
	o = json_loadf(out, 0, NULL);
	assert_non_null(o);
	fclose(out);
	return o;
}

static void tells_of_a_gentler_command_line(void **state)
{
	_cleanup_free_ char *text = NULL;
	struct utsname uts;
	json_t *o = status(EXIT_NOT_ARMED);

	assert_true(json_is_null(json_object_get(o, "gentler")));
	json_decref(o);
	uname(&uts);
	assert_true(asprintf(&text, "%s 1 open\n", uts.release) > 0);
	temptree_text(&tree, "var/lib/kdump-lite/gentler", text);
	o = status(EXIT_NOT_ARMED);
	assert_string_equal(json_string_value(json_object_get(o, "gentler")), "without console=");
	json_decref(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(tells_of_a_gentler_command_line, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
