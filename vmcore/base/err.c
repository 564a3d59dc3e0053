// SPDX-License-Identifier: GPL-2.0-or-later
/* err.c - one line of text beside an errno, see err.h. */
#include "vmcore/base/err.h"

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
	char earlier[sizeof(last.text)];
	va_list args;
	int n;

	snprintf(earlier, sizeof(earlier), "%s", err_text(error));
	va_start(args, fmt);
	n = vsnprintf(last.text, sizeof(last.text), fmt, args);
	va_end(args);
	if (n >= 0 && (size_t)n < sizeof(last.text))
		snprintf(last.text + n, sizeof(last.text) - n, ": %s", earlier);
	last.error = error;
	return error;
}

const char *err_text(int error)
{
	return last.error == error && error != 0 ? last.text : strerror(-error);
}
