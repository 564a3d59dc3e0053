/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * return-plan.h - plans the return into production by kexec after a crash.
 *
 * The plan has everything that can be known while the machine is well: the files and their device,
 * the command line, the memory, and all obstacles. The capture program finds out the rest: the CPU
 * it runs on, CPUs that did not stop, free memory, crash loops.
 */
#pragma once

#include <sys/utsname.h>

#include "config/plan.h"
#include "config/settings.h"
#include "loader/system/crashmem.h"
#include "loader/system/device.h"

struct return_plan_request {
	int root_fd;
	const struct settings *settings;
	const struct utsname *uts;
	const struct crashmem *crashmem;
	uint64_t init_size; /* bytes that the capture kernel needs in one piece; 0: unknown */
};

/* Fills the back_ fields of @plan, the crash-loop limits and the CPUs. An obstacle, which makes a
 * return impossible, or unsafe with FinalAction=auto, becomes back_obstacle and is no error.
 * Without one *@ret_boot is set to the device of the files, whose drivers the capture kernel
 * needs, and *@ret_lacks to one line about what the system would lack then, NULL for nothing (see
 * next_cmdline_losses()); the caller frees both. */
int return_plan_make(const struct return_plan_request *req, struct plan *plan,
                     struct device *ret_boot, char **ret_lacks);

/* Finds the device that the kernel for the way back lies on. -ENOTSUP without a text: FinalAction=
 * wants none. */
int return_plan_device(const struct return_plan_request *req, struct device *ret);

/* Looks for a disk with the UUID of the one that the kernel for the way back lies on, when that is
 * not @target. @ret_back is that one, its node NULL when there is none. 1: there is a copy, and its
 * node is @ret_copy, which the caller frees; else 0. */
int return_plan_copy(const struct return_plan_request *req, const struct device *target,
                     struct device *ret_back, char **ret_copy);

/* Bytes of the reservation that are left when a capture kernel with one CPU has loaded the
 * production kernel of @plan; UINT64_MAX when the plan has no return. */
uint64_t return_plan_spare(const struct return_plan_request *req, const struct plan *plan);
