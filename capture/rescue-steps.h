/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rescue-steps.h - saves what can be saved of a crashed kernel, the surest and most useful first.
 */
#pragma once

#include "capture/rescue.h"

/* All steps, in their order. */
#define RESCUE_STEPS 12
extern const struct rescue_step rescue_steps[RESCUE_STEPS];

/* The steps that need only files: they open the crashed kernel's memory by the path rescue->vmcore,
 * and write into the directory rescue->dir_fd. */
int rescue_open_memory(struct rescue *rescue);
int rescue_make_target(struct rescue *rescue); /* finds a place, see capture/place.h */
int rescue_save_dmesg(struct rescue *rescue);
int rescue_save_mini(struct rescue *rescue);
int rescue_save_vmcore(struct rescue *rescue);
int rescue_verify(struct rescue *rescue);
int rescue_report(struct rescue *rescue);
int rescue_save_log(struct rescue *rescue);

/* Hooks of the plan. Behind the dump those for a good one or those for any other end, so these are
 * asked for when the step comes. */
bool rescue_has_pre_hooks(const struct rescue *rescue);
bool rescue_has_post_hooks(const struct rescue *rescue);
int rescue_pre_hooks(struct rescue *rescue);
int rescue_post_hooks(struct rescue *rescue);

/* Parts of rescue_save_vmcore(). The first writes vmcore.incomplete at @level and notes its facts
 * in the crash. The second renames it to vmcore, in place of an older one, and sets crash.dump. */
int rescue_write_vmcore(struct rescue *rescue, unsigned level);
int rescue_rename_vmcore(struct rescue *rescue);

/* True when enough dumps of this crash are there, and a mini dump of it; notes why in the crash. */
bool rescue_knows_crash(struct rescue *rescue);

/* Removes the mini dump when there is a complete dump. */
void rescue_drop_mini(struct rescue *rescue);

/* Puts the end of the crashed kernel's log, and the begin of the report, on the console, when the
 * log could not be saved. */
void rescue_show(struct rescue *rescue);
