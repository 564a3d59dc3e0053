/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rescuebox.h - a machine that crashed by sysrq, its memory as a file, and a system with a disk on
 * which the crash is saved.
 */
#pragma once

#include "capture/rescue-steps.h"
#include "tests/unit/osbox.h"
#include "tests/unit/synth.h"

struct rescuebox {
	struct osbox *box; /* its tree has the memory, and the target in "mnt" */
	struct synth m;
	struct plan plan;
	struct rescue rescue; /* for tests that run steps themselves */
	char memory[128];     /* path */
};

/* For cmocka: *state is the struct rescuebox. */
int rescuebox_setup(void **state);
int rescuebox_teardown(void **state);

/* Runs @work in a child that must not write files beyond @size bytes. Returns its status. */
int rescuebox_fork(struct rescuebox *b, void (*work)(struct rescuebox *b), uint64_t size);

/* The path of @name in the directory of the one crash that is saved, below the tree; allocated. */
char *rescuebox_path(const struct rescuebox *b, const char *name);

/* What crash.json says, whatever files there are. */
struct crash rescuebox_facts(const struct rescuebox *b);
