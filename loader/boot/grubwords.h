/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * grubwords.h - words of GRUB's script language: quotes, backslashes and variables.
 *
 * As in a shell, 'single' quotes keep everything, "double" quotes keep blanks, and the value of a
 * variable outside of quotes is split at blanks (grub-core/script/yylex.l and execute.c, 2.12).
 */
#pragma once

#include "loader/boot/grubenv.h"

/* A part of a script, borrowed. */
struct grub_text {
	const char *at, *end;
};

/* The value of a variable that only GRUB itself can know. A word that has this byte in it is not
 * known either. */
#define GRUB_UNKNOWN_VALUE "\1"

static inline bool grub_word_known(const char *word)
{
	return strchr(word, *GRUB_UNKNOWN_VALUE) == NULL;
}

/* The words of a command; NULL-terminated. A command that does not fit is none of a person. */
#define GRUB_WORDS_MAX 1024
struct grub_words {
	char *list[GRUB_WORDS_MAX + 1];
	size_t n;
	char text[KIB(32)];
	size_t len;
	bool open; /* the last word is not yet at its end */
};

/* The end of the word at @at, up to @end. A blank, a line feed, ';' or one of "{}|&<>" ends it. */
const char *grub_word_end(const char *at, const char *end);

/* Appends what becomes of one word: with variables there may be none or several. -E2BIG: too many
 * words, or too long. */
int grub_words_add(struct grub_words *w, struct grub_text word, const struct grubenv *vars);

/* A text without a script's signs around it, such as the options of an entry. */
int grub_words_split(struct grub_words *w, const char *text, const struct grubenv *vars);

/* The command line that "linux" makes of words, which the caller frees: blanks within a word are
 * put in quotes, and quotes get a backslash (grub-core/lib/cmdline.c, 2.12). */
int grub_words_cmdline(char *const *words, char **ret);
