/* SPDX-License-Identifier: GPL-2.0-or-later */
/* leave.h - the way out of the capture kernel. */
#pragma once

#include "config/settings.h"

/* Writes everything to the disks and does what @action says: with auto or kexec it starts the
 * kernel that is loaded, if one is. When that fails, reboots by whatever works. */
_Noreturn void leave(enum final_action action);
