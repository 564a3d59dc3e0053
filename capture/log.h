/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log.h - messages of the capture program.
 *
 * Each is one line in the kernel log, from where it reaches the consoles and kexec-dmesg.log.
 */
#pragma once

#include "base/base.h"

/* Opens the kernel log, and takes its limit of lines per second away. Call it once /dev and /proc
 * are mounted; until then messages go to stderr. */
void log_open(void);

void log_info(const char *fmt, ...) _printf_(1, 2);
void log_error(const char *fmt, ...) _printf_(1, 2);
