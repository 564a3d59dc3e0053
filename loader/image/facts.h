/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * facts.h - what a load is made of, as text; and in what two of these texts differ.
 *
 * A line is KEY=VALUE. The rows of the plan come first, then what is not in the plan: the kernel,
 * its command line, the target as people name it, memory and CPUs, and the size and time of each
 * file that is read.
 */
#pragma once

#include "loader/image/prepare.h"

/* All facts of a load that was prepared, but for facts itself; the caller frees them. */
int facts_make(const struct prepare_request *req, const struct prepared *p, char **ret);

/* The line of them that tells of the memory there is. The caller frees it. */
int facts_memory(int root_fd, char **ret);

/* Adds a line for each difference to @list, as in "target: armed with A, now B". Lines whose keys
 * are in @ignored do not count. */
int facts_compare(const char *armed, const char *now, char *const *ignored, char ***list);
