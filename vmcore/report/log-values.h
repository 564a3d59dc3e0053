/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log-values.h - what the kernel's log tells of a kernel whose own variables cannot be read.
 */
#pragma once

#include "vmcore/report/report.h"

/* As much of a value as is taken; COMMAND_LINE_SIZE of x86_64 and arm64 is 4096. */
#define LOG_VALUE_MAX 4096

/* These read the log if need be. -ENODATA, without a text: it does not tell. */

/* The command line, as the kernel writes it when it starts. */
int log_value_command_line(struct report *report, char ret[static LOG_VALUE_MAX]);

/* The letters of the taint in the last trace of the log; empty: not tainted. */
int log_value_taint(struct report *report, char ret[static LOG_VALUE_MAX]);

/* Which CPU the last oops came on, and the process that ran there. */
int log_value_oops(struct report *report, unsigned *ret_cpu, int *ret_pid);

/* The modules in the last trace of the log, "name" or "name(LETTERS)" with a space between two. */
int log_value_modules(struct report *report, char ret[static LOG_VALUE_MAX]);
