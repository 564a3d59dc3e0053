// SPDX-License-Identifier: GPL-2.0-or-later
/* verbs.c - finds the verb that is meant, and tells what there is, see verbs.h. */
#include "loader/cli/verbs.h"

#include <ctype.h>
#include <stdio.h>
#include <syslog.h>

#include "loader/system/mounts.h"

#define VERB_ADDRESS(name) &verb_##name,
const struct verb *const verbs[] = { VERBS(VERB_ADDRESS) NULL };
#undef VERB_ADDRESS

const struct option_row common_options[] = {
	{ "json", FIELD(struct common_options, cli.json), .takes = TAKES_JSON,
	  .help = "print JSON" },
	{ "no-pager", FIELD(struct common_options, cli.no_pager), .takes = TAKES_NO_PAGER,
	  .help = "do not pipe the output into a pager" },
	{ "root", .arg = "DIR", FIELD(struct common_options, cli.root), .takes = TAKES_ROOT,
	  .help = "look at the system below DIR" },
	{ "quiet", 'q', FIELD(struct common_options, cli.quiet), .takes = TAKES_QUIET,
	  .help = "print errors and no remarks" },
	{ "help", 'h', FIELD(struct common_options, help), .help = "show this help" },
	{ "version", FIELD(struct common_options, version), .help = "show the version" },
	{},
};

/* Letters to insert, remove or change to get from @a to @b, as far as the buffer allows. */
static size_t distance(const char *a, const char *b)
{
	size_t row[32], len = strlen(b);

	if (len >= ARRAY_SIZE(row))
		return SIZE_MAX;
	for (size_t j = 0; j <= len; j++)
		row[j] = j;
	for (size_t i = 0; a[i]; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < len; j++) {
			size_t change = diagonal + (a[i] != b[j]);

			diagonal = row[j + 1];
			row[j + 1] = MIN(change, MIN(row[j], row[j + 1]) + 1);
		}
	}
	return row[len];
}

/* How many of the words @argv are the name of @v; 0: they are another. */
static int match(const struct verb *v, int argc, char *argv[])
{
	size_t len = strcspn(v->name, " ");

	if (strlen(argv[0]) != len || strncmp(argv[0], v->name, len) != 0)
		return 0;
	if (!v->name[len])
		return 1;
	return argc > 1 && streq(argv[1], v->name + len + 1) ? 2 : 0;
}

const struct verb *verbs_find(int argc, char *argv[], int *ret_words)
{
	*ret_words = 0;
	if (argc < 1)
		return verbs[0];
	for (size_t i = 0; verbs[i]; i++) {
		*ret_words = match(verbs[i], argc, argv);
		if (*ret_words > 0)
			return verbs[i];
	}
	return NULL;
}

#define GROUP_MAX 256

/* The second words of the verbs that begin with @word; false when there are none. */
static bool list_group(const char *word, char list[static GROUP_MAX])
{
	size_t len = strlen(word);

	list[0] = '\0';
	for (size_t i = 0; verbs[i]; i++) {
		const char *name = verbs[i]->name;
		size_t used = strlen(list);

		if (verbs[i]->help && strncmp(name, word, len) == 0 && name[len] == ' ')
			snprintf(list + used, GROUP_MAX - used, "%s%s", used ? ", " : "",
			         name + len + 1);
	}
	return *list;
}

void verbs_unknown(int argc, char *argv[])
{
	const struct verb *best = NULL;
	size_t least = SIZE_MAX;
	char name[128], group[GROUP_MAX];
	bool grouped = list_group(argv[0], group);

	if (grouped && argc == 1) {
		cli_log(LOG_ERR, "kdump-lite %s: one of %s has to follow", argv[0], group);
		return;
	}
	snprintf(name, sizeof(name), "%s%s%s", argv[0], grouped ? " " : "", grouped ? argv[1] : "");
	for (size_t i = 0; verbs[i]; i++) {
		size_t d = distance(name, verbs[i]->name);

		if (verbs[i]->help && d < least) {
			least = d;
			best = verbs[i];
		}
	}
	if (best && least <= MAX(strlen(name) / 3, 1))
		cli_log(LOG_ERR, "kdump-lite: there is no verb %s, did you mean %s?", name,
		        best->name);
	else
		cli_log(LOG_ERR, "kdump-lite: there is no verb %s, see kdump-lite --help", name);
}

/* Verbs that share a table come behind each other, or nearly so. */
static void print_options_of(size_t first)
{
	const struct option_row *rows = verbs[first]->options;

	for (size_t i = 0; i < first; i++)
		if (verbs[i]->options == rows)
			return;
	printf("\nOptions of %s", verbs[first]->name);
	for (size_t i = first + 1; verbs[i]; i++)
		if (verbs[i]->options == rows && verbs[i]->help)
			printf(", %s", verbs[i]->name);
	printf(":\n");
	options_print(rows, 0);
}

static void help_for_all(void)
{
	printf("kdump-lite [OPTIONS...] [VERB]\n\nSaves the memory of a crashed kernel, and reads "
	       "it.\n\nVerbs:\n");
	for (size_t i = 0; verbs[i]; i++) {
		const struct verb *v = verbs[i];
		char words[128];

		snprintf(words, sizeof(words), "%s%s%s", v->name, v->args ? " " : "",
		         v->args ?: "");
		if (v->help)
			printf("  %-21s %s\n", words, v->help);
	}
	printf("\nOptions of several verbs:\n");
	options_print(common_options, ~0U);
	for (size_t i = 0; verbs[i]; i++)
		if (verbs[i]->help && verbs[i]->options)
			print_options_of(i);
	printf("\nWithout a verb: %s. See kdump-lite(8).\n", verbs[0]->name);
}

void verbs_help(const struct verb *v)
{
	if (!v) {
		help_for_all();
		return;
	}
	printf("kdump-lite %s [OPTIONS...]%s%s\n\n", v->name, v->args ? " " : "", v->args ?: "");
	if (v->help)
		printf("%c%s.\n\n", toupper(*v->help), v->help + 1);
	printf("Options:\n");
	options_print(v->options, 0);
	options_print(common_options, v->takes);
	printf("\nSee %s.\n", v->page ?: "kdump-lite(8)");
}

void verb_warn_of_mounts(const struct cli *cli, const char *path, const char *so)
{
	_cleanup_free_ char *missing = NULL;

	if (mounts_missing(cli->root_fd, path, &missing) == 0 && *missing)
		cli_log(LOG_WARNING, "%s: is to be mounted by /etc/fstab and is not; %s", missing,
		        so);
}
