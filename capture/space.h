/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * space.h - how much of the target's file system a dump may take: all that is free but KeepFree=.
 *
 * Old crashes make room for it, see config/prune.h. Files in memory and in a store have no such
 * limits.
 */
#pragma once

#include "capture/rescue.h"

/* Asks the file system of @fd. -ENODATA without a text: it does not tell. */
int space_read(const struct rescue *rescue, int fd, struct statvfs *ret);

/* Bytes that a dump may take now; UINT64_MAX when there is no limit, or it is not known. */
uint64_t space_left(const struct rescue *rescue);

/* Whether @need bytes have room, if old crashes are pruned for them. */
bool space_fits(const struct rescue *rescue, uint64_t need);

/* Prunes old crashes until @need bytes have room, or as far as that goes. */
void space_make(const struct rescue *rescue, uint64_t need);

/* Prunes once more when the dump is complete: until then the newest complete one had to stay,
 * beside the limits. */
void space_settle(const struct rescue *rescue);

/* The text for a dump that has no room; returns -ENOSPC. @what: what became of it. */
int space_is_short(const struct rescue *rescue, const char *what);
