// SPDX-License-Identifier: GPL-2.0-or-later
/* findbox.c - what tests of findings have in common, see findbox.h. */
#include "tests/unit/findbox.h"

#include "tests/unit/schema.h"

void findbox_log(struct synth_log *log, const char *lines)
{
	while (*lines) {
		size_t len = strcspn(lines, "\n");
		char *text;
		uint64_t seconds;

		log->facility = strncmp(lines, "user ", 5) == 0 ? 1 : 0;
		lines += log->facility ? 5 : 0;
		len -= log->facility ? 5 : 0;
		log->level = *lines == '<' ? lines[1] - '0' : 4;
		seconds = strtoull(lines + (*lines == '<' ? 3 : 0), &text, 10);
		assert_true(*text == ' ');
		text++;
		synth_log_add(log, seconds * 1000000000, text, lines + len - text, SYNTH_FINAL);
		lines += len + (lines[len] == '\n');
	}
}

void findbox_fail(const struct findings *all, const char *what, const char *lines)
{
	for (size_t i = 0; i < all->n; i++)
		print_error("%s, %s: %s (%s)\n", all->list[i].rule,
		            finding_degrees[all->list[i].degree], all->list[i].text,
		            all->list[i].evidence);
	fail_msg("%s\n%s", what, lines);
}

void findbox_check(const struct findings *all, const char *rule, enum finding_degree degree,
                   const char *text, const char *evidence, const char *lines)
{
	const struct finding *found = NULL;

	schema_check_manual(rule);
	for (size_t i = 0; i < all->n; i++)
		if (streq(all->list[i].rule, rule)) {
			assert_null(found);
			found = &all->list[i];
		}
	if (!found)
		findbox_fail(all, rule, lines);
	if (found->degree != degree || !strstr(found->text, text) ||
	    !strstr(found->evidence, evidence))
		findbox_fail(all, text, lines);
	assert_true(found->text[strlen(found->text) - 1] == '.');
}
