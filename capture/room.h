/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * room.h - room on the target that a dump does not get: what is written behind it is small, and
 * tells what became of it.
 *
 * It is a file without a name, so it goes with the process that has it.
 */
#pragma once

#include "capture/rescue.h"

/* For crash.json, before the log is written. */
#define ROOM_FACTS KIB(16)

/* For log of the capture and crash.json, before hooks and the dump fill the disk. */
#define ROOM_ALL KIB(512)

/* Has the room be @size bytes. On a disk that has less, it is what there is. */
void room_take(struct rescue *rescue, uint64_t size);

/* Gives it back. Returns whether there was any. */
bool room_give(struct rescue *rescue);
