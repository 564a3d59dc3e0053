/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log.h - what the capture program says: one line at a time into the kernel log, from where it
 * reaches the consoles and the saved kexec-dmesg.log.
 */
#pragma once

#include "base/base.h"

/* Lets /dev/kmsg through unlimited; call once /dev and /proc are mounted. Before, lines go to
 * stderr. */
void log_open(void);

void log_info(const char *fmt, ...) _printf_(1, 2);
void log_error(const char *fmt, ...) _printf_(1, 2);
