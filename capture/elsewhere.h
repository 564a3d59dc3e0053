/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elsewhere.h - another place for what the first one does not take.
 *
 * A place that opens may still fail: the disk at the blocks of one file, a file system that is full
 * to KeepFree=, a store that is too small. The log and crash.json go to the next place of Target=
 * then, and stay there. A dump, full or mini, goes to the first place that takes it, alone: all
 * else goes on where it began. The next load puts what is in a store beside what is in the
 * directory of the same name.
 */
#pragma once

#include "capture/rescue.h"

/* Leaves the place for the next one that opens. When none does, it is as before, and the result is
 * -ENODEV. */
int elsewhere_move(struct rescue *rescue);

/* Runs @work in one place after the other that has room for @least bytes, until it works in one.
 * Is back in the first place then. -ENODEV: there is no other place. Fails as @work did last. */
int elsewhere_try(struct rescue *rescue, uint64_t least, int (*work)(struct rescue *rescue));
