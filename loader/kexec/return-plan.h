/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * return-plan.h - plans the way back into production by kexec after a crash.
 *
 * What can be known while the machine is well is found out here: the files and on which device they
 * are, the command line, the memory, and everything that speaks against it. What is left for the
 * capture program: which CPU it runs on, whether all others stopped, free memory, crash loops.
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
	uint64_t init_size; /* bytes that the capture kernel needs in one piece; 0 unknown */
};

/* Fills the back_ fields of @plan, and those for the decision. What makes it impossible, or unsafe
 * while the setting is "auto", becomes back_obstacle and is no error. @ret_boot is the device with
 * the files, of which the drivers are needed too; all NULL when there is an obstacle. */
int return_plan_make(const struct return_plan_request *req, struct plan *plan,
                     struct device *ret_boot);

/* Bytes of the reservation that are left when a capture kernel with one CPU has loaded the
 * production kernel of @plan; UINT64_MAX when it is not to load one. */
uint64_t return_plan_spare(const struct return_plan_request *req, const struct plan *plan);
