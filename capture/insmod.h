/* SPDX-License-Identifier: GPL-2.0-or-later */
/* insmod.h - loads the modules of the dump path, in the order that the loader worked out. */
#pragma once

#include "capture/rescue.h"

/* Loads the modules of the plan from PLAN_MODULE_DIR, with the plan's options and those of the
 * kernel's command line, which win. A module that fails is logged and passed over: the dump may
 * work without it. So is one that takes too long, see limited.h. Tries all; returns the first
 * error. */
int insmod_all(struct rescue *rescue);

/* Gives the parameters that the kernel's command line has for the module in @file
 * ("007-nvme_core.ko"): the words that begin with the module's name and a dot, without both.
 * modprobe would pass them on, but there is none here. Allocated; "" when there are none. */
int insmod_parameters(const char *cmdline, const char *file, char **ret);
