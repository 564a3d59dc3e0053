/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * err.h - one line of text beside an errno.
 *
 * The place that finds a fault describes it once, with errf(), and returns the code; everybody
 * above returns that code unchanged. Only the two main programs print err_text(). The line is
 * thread-local and of fixed size, so reporting an error never needs memory.
 */
#pragma once

#include "base/base.h"

/* Remembers the text for @error (a negative errno) and returns @error. */
int errf(int error, const char *fmt, ...) _printf_(2, 3);

/* Puts the text and a colon before the one remembered for @error; returns @error. */
int err_prefix(int error, const char *fmt, ...) _printf_(2, 3);

/* Puts @text behind the one remembered for @error, with nothing between; returns @error. */
int err_suffix(int error, const char *text);

/* The text remembered for @error, or strerror() when none was. Valid until the next errf(). */
const char *err_text(int error);

/* "no memory for WHAT"; returns -ENOMEM. */
int oom(const char *what);

/* For work that goes on without the part that failed: copies the text of @error to @why, unless
 * that holds an earlier one. Returns 0, or -ENOMEM when @error is that. */
#define ERR_WHY 256
int err_note(int error, char why[static ERR_WHY]);
