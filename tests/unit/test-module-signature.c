// SPDX-License-Identifier: GPL-2.0-or-later
/* test-module-signature.c - where modules need their signatures. */
#include "tests/unit/osbox.h"
#include "loader/system/module-signature.h"

/* What a row of NULL leaves out is not there. */
static const struct {
	const char *enforce, *lockdown, *running, *append;
	bool needed;
} rows[] = {
	{ "N", "[none] integrity confidentiality", "ro quiet", "panic=10", false },
	{ "N", "[none] integrity confidentiality", "ro quiet", NULL, false },
	{ "Y", "[none] integrity confidentiality", "ro quiet", NULL, true },
	{ NULL, "[none] integrity confidentiality", "ro quiet", NULL, true },
	{ "N", "none [integrity] confidentiality", "ro quiet", NULL, true },
	{ "N", NULL, "ro quiet", NULL, true },
	{ "N", "[none] integrity confidentiality", NULL, NULL, true },
	{ "N", "[none] integrity confidentiality", "ro ima_policy=secure_boot", NULL, true },
	{ "N", "[none] integrity confidentiality", "ro", "module.sig_enforce=1", true },
	{ "N", "[none] integrity confidentiality", "ro", "lockdown=integrity", true },
};

static void signatures_go_only_where_none_is_asked_for(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *append[] = { (char *)rows[i].append, NULL };
		void *box;

		osbox_setup(&box);
		struct temptree *tree = &((struct osbox *)box)->tree;

		if (rows[i].enforce)
			temptree_text(tree, "sys/module/module/parameters/sig_enforce",
			              rows[i].enforce);
		if (rows[i].lockdown)
			temptree_text(tree, "sys/kernel/security/lockdown", rows[i].lockdown);
		if (rows[i].running)
			temptree_text(tree, "proc/cmdline", rows[i].running);
		if (modules_need_signatures(((struct osbox *)box)->os.root_fd, append) !=
		    rows[i].needed)
			fail_msg("row %zu", i);
		osbox_teardown(&box);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signatures_go_only_where_none_is_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
