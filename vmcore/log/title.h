/* SPDX-License-Identifier: GPL-2.0-or-later */
/* title.h - a crash in one line, in the words that people search for. */
#pragma once

/* Makes a title such as "kernel BUG at fs/x.c:12! in foo [module]" of the kernel's log @log, which
 * is NUL-terminated: the kernel's message without time stamp, and the function in its registers.
 * The caller frees *@ret. -ENODATA: the log has no crash. */
int title_of_log(const char *log, char **ret);
