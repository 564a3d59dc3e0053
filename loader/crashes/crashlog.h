/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crashlog.h - facts about a crash out of its saved log.
 *
 * They are for crashes without a crash.json, which another tool has saved, and for a crash.json of
 * an older version that lacks them.
 */
#pragma once

#include "config/crashdir.h"

/* Fills the release of the kernel, the panic message and the fingerprint of @c, whose directory is
 * @dir_fd, where they are empty and the log has them. Fails for lack of memory only. */
int crashlog_learn_at(int dir_fd, struct crash *c);

/* Likewise, of the directory that @c names, below @parent_fd. */
int crashlog_learn(int parent_fd, struct crash *c);

/* Puts @len bytes of foreign text, made printable, into @field when that is empty. */
int crashlog_learn_text(char **field, const char *text, size_t len);

/* Puts the parts of a fingerprint, as vmcore/report/fingerprint.h has them, into @c. */
struct fingerprint;
int crashlog_set_fingerprint(struct crash *c, const struct fingerprint *f);
