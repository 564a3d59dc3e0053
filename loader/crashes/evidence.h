/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * evidence.h - what is still to be found of how a boot ended.
 */
#pragma once

#include "loader/crashes/unclean.h"

/* Adds what there is to u->evidence, each in one line, and sets u->last. @is_last: it was the boot
 * before this one, so that traces in firmware and devices are of its end. What cannot be read is
 * passed over; only want of memory is an error. */
int evidence_find(int root_fd, bool is_last, struct unclean *u);
