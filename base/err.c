// SPDX-License-Identifier: GPL-2.0-or-later
/* err.c - one line of text beside an errno, see err.h. */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

static _Thread_local struct {
	int error;
	char text[512];
} last;

int errf(int error, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(last.text, sizeof(last.text), fmt, args);
	va_end(args);
	last.error = error;
	return error;
}

int err_prefix(int error, const char *fmt, ...)
{
	char text[sizeof(last.text)];
	va_list args;
	size_t len;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	len = strlen(text);
	if (len + 2 < sizeof(text)) {
		memcpy(text + len, ": ", 3);
		strncat(text, err_text(error), sizeof(text) - len - 3);
	}
	memcpy(last.text, text, sizeof(text));
	last.error = error;
	return error;
}

int err_suffix(int error, const char *text)
{
	if (last.error != error)
		return errf(error, "%s%s", strerror(-error), text);
	strncat(last.text, text, sizeof(last.text) - strlen(last.text) - 1);
	return error;
}

const char *err_text(int error)
{
	return last.error == error && error != 0 ? last.text : strerror(-error);
}

int oom(const char *what)
{
	return errf(-ENOMEM, "no memory for %s", what);
}

int err_note(int error, char why[static ERR_WHY])
{
	if (error == -ENOMEM)
		return error;
	if (error < 0 && why[0] == '\0')
		snprintf(why, ERR_WHY, "%.*s", ERR_WHY - 1, err_text(error));
	return 0;
}
