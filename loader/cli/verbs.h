/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verbs.h - the list of verbs: a verb is a file verb-NAME.c with a "const struct verb verb_NAME",
 * and a row here.
 */
#pragma once

#include "loader/cli/verb.h"

/* In the order of --help; the first is what runs without a verb. */
#define VERBS(ROW)                                                                                 \
	ROW(status)                                                                                \
	ROW(doctor)                                                                                \
	ROW(load)                                                                                  \
	ROW(unload)                                                                                \
	ROW(reload)                                                                                \
	ROW(list)                                                                                  \
	ROW(info)                                                                                  \
	ROW(dmesg)                                                                                 \
	ROW(debug)                                                                                 \
	ROW(verify)                                                                                \
	ROW(report)                                                                                \
	ROW(read)                                                                                  \
	ROW(convert)                                                                               \
	ROW(estimate)                                                                              \
	ROW(prune)                                                                                 \
	ROW(format)                                                                                \
	ROW(test_crash)                                                                            \
	ROW(kexec_load)                                                                            \
	ROW(kexec_unload)                                                                          \
	ROW(kexec_status)                                                                          \
	ROW(kexec_exec)                                                                            \
	ROW(kexec_reboot)                                                                          \
	ROW(show_config)                                                                           \
	ROW(announce)                                                                              \
	ROW(mark)                                                                                  \
	ROW(unmark)                                                                                \
	ROW(fetch_swap)                                                                            \
	ROW(reserved)                                                                              \
	ROW(stopped)                                                                               \
	ROW(kexec_offer)                                                                           \
	ROW(kexec_if_queued)                                                                       \
	ROW(kexec_hold)                                                                            \
	ROW(unbind_graphics)

#define VERB_DECLARE(name) extern const struct verb verb_##name;
VERBS(VERB_DECLARE)
#undef VERB_DECLARE

#define VERB_COUNT(name) +1
enum { N_VERBS = VERBS(VERB_COUNT) };
#undef VERB_COUNT

/* All of them; NULL-terminated. */
extern const struct verb *const verbs[];

/* The verb that the first words of @argv name, and how many words that takes; NULL: there is none.
 * Without words it is the first of all. */
const struct verb *verbs_find(int argc, char *argv[], int *ret_words);

/* Says on stderr that there is no such verb, and which one may be meant. @argc is 1 or more. */
void verbs_unknown(int argc, char *argv[]);

/* The options that go with several verbs, and the struct that they fill. */
struct common_options {
	struct cli cli;
	bool help, version;
};
extern const struct option_row common_options[];

/* What --help prints: about one verb, or, for NULL, about all of them. */
void verbs_help(const struct verb *v);
