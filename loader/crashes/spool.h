/* SPDX-License-Identifier: GPL-2.0-or-later */
/* spool.h - a pipe, or a compressed file, as a file that can be read at any place. */
#pragma once

/* Copies all that comes from @from, called @name in messages, into a file without a name in
 * $TMPDIR, or /var/tmp. The caller owns @ret_fd. */
int spool(int from, const char *name, int *ret_fd);

/* Unpacks @from, a regular file that gzip, xz or zstd has compressed, in the same way; it may take
 * three quarters of what is free there. Returns 1, or 0 when it is not compressed. */
int spool_packed(int from, const char *name, int *ret_fd);
