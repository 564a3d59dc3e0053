/* SPDX-License-Identifier: GPL-2.0-or-later */
/* spool.h - a pipe as a file that can be read at any place. */
#pragma once

/* Copies all that comes from @from, called @name in messages, into a file without a name in
 * $TMPDIR, or /var/tmp. The caller owns @ret_fd. */
int spool(int from, const char *name, int *ret_fd);
