/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memory-limit.h - keeps this program from taking all memory, whatever a dump claims to hold.
 */
#pragma once

/* Sets the soft limit of the memory that this process allocates, RLIMIT_DATA of getrlimit(2), to
 * what it has and @share of what is available, by /proc of @root_fd. More is -ENOMEM then, for who
 * asks for it. Where /proc does not tell there is no limit. */
void memory_limit(int root_fd, double share);

/* Takes the limit away, for another program that is executed in this process. */
void memory_unlimit(void);
