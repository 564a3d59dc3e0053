/* SPDX-License-Identifier: GPL-2.0-or-later */
/* title.h - a crash in one line, in the words that people search for. */
#pragma once

/* "kernel BUG at fs/x.c:12! in foo [module]", out of the log of the kernel, NUL-terminated: what it
 * said, without time stamp, and the function that its registers were of. Returns an allocated
 * string in @ret, -ENODATA with a text when the log tells of no crash. */
int title_of_log(const char *log, char **ret);
