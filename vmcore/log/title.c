// SPDX-License-Identifier: GPL-2.0-or-later
/* title.c - a crash in one line, see title.h. */
#include "vmcore/log/title.h"

#include <errno.h>
#include <stdio.h>

#include "vmcore/kernel/dmesg.h"
#include "vmcore/log/crash-kind.h"

/* The registers are within this many lines behind the message, before the calls. */
#define REGISTER_LINES 40

/* Words in front of the message itself. */
static const char *const before[] = { "Kernel panic - not syncing: ", "watchdog: " };

/* Words in front of the function where it happened (arch/x86/kernel/dumpstack.c show_ip(),
 * arch/arm64/kernel/process.c __show_regs(), Linux 6.12). 0010 is the kernel's code segment. */
static const char *const registers[] = { "RIP: 0010:", "pc : " };

/* The text behind the first of @n words, if the line begins with one of these; else NULL. */
static const char *text_behind(const char *line, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strncmp(line, words[i], strlen(words[i])) == 0)
			return line + strlen(words[i]);
	return NULL;
}

/* Finds "function+0x12/0x34 [module]" in the lines behind @line; NULL when there is none. */
static const char *find_place(const char *line)
{
	for (unsigned i = 0; i < REGISTER_LINES; i++) {
		const char *text, *place;

		line += strcspn(line, "\n");
		line = dmesg_skip_programs(line + (*line == '\n'));
		text = dmesg_skip_stamp(line);
		place = text_behind(text, registers, ARRAY_SIZE(registers));
		if (place)
			return memchr(place, '+', strcspn(place, "\n")) ? place : NULL;
		if (strncmp(text, "Call ", 5) == 0)
			break;
	}
	return NULL;
}

int title_of_log(const char *log, char **ret)
{
	const char *text, *message, *place = NULL;
	struct crash_kind kind;
	int r = crash_kind_find(log, &kind);

	if (r < 0)
		return r;
	text = dmesg_skip_stamp(kind.line);
	message = text_behind(text, before, ARRAY_SIZE(before)) ?: text;
	/* A panic's own message is enough. Its registers are of the code that was interrupted. */
	if (strncmp(text, before[0], strlen(before[0])) != 0)
		place = find_place(kind.line);
	if (!place) {
		*ret = strndup(message, strcspn(message, "\n"));
	} else {
		const char *module = memchr(place, ' ', strcspn(place, "\n"));

		if (asprintf(ret, "%.*s in %.*s%.*s", (int)strcspn(message, "\n"), message,
		             (int)strcspn(place, "+"), place,
		             module ? (int)strcspn(module, "\n") : 0, module ?: "") < 0)
			*ret = NULL;
	}
	return *ret ? 0 : -ENOMEM;
}
