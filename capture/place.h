/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * place.h - where the files of a crash go: the first place of a list that takes them.
 *
 * The directory of the target is the best one. Where the file system cannot be used, the files are
 * made in memory, and go from there into the store that lies ready (config/store.h), each as soon
 * as it is whole. Without a store they are in memory all the same: the report is made there, and
 * the console shows it.
 */
#pragma once

#include "capture/rescue.h"
#include "vmcore/io/sink.h"

/* The place of files that no disk takes. */
#define PLACE_MEMORY "memory"

/* Finds a place for the crash directory @name, and opens it. Fails with a text when it is in memory
 * alone. */
int place_open(struct rescue *rescue, const char *name);

/* Opens it again, in a process that goes on. */
int place_reopen(struct rescue *rescue, const char *place, const char *name);
void place_done(struct rescue *rescue);

/* Puts what is new of the crash directory into the store, when the files are in memory. */
void place_keep(struct rescue *rescue);

/* Whether files that were saved are on a disk, and not in memory alone. */
bool place_is_durable(const struct rescue *rescue);

/* Whether a store, if there is one, has the file. */
bool place_has(const struct rescue *rescue, const char *name);

/* Whether the log of the crashed kernel is there, or a complete dump that has it. */
bool place_has_log(const struct rescue *rescue);

/* A sink for the dump: the file @name of the crash directory, or a stream into the store. -ENOSPC:
 * the store cannot hold @least bytes. */
int place_create(struct rescue *rescue, const char *name, uint64_t least, struct sink **ret);

/* Ends what was written to that sink, after sink_finish(): in a store it gets its final name. */
int place_finish(struct rescue *rescue);
