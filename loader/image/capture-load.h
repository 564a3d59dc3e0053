/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * capture-load.h - loads the capture kernel, and leaves the machine armed as before when that
 * fails.
 */
#pragma once

#include "loader/image/prepare.h"
#include "loader/system/armed.h"
#include "system/kexec.h"

struct capture_load_request {
	struct prepare_request prepare;
	kexec_fn kexec;         /* kexec_file_load, but for tests */
	kexec_pieces_fn pieces; /* kexec_load, likewise; see either.h */
	bool always;            /* load even if the same is loaded already */
};

/* Builds and loads. 0: loaded; 1: all that is loaded is the same already (see current.h). On a
 * failure before the system call, the old kernel stays loaded. When the call itself fails, the last
 * good image is loaded again, and the text says so. @ret tells what is loaded now. */
int capture_load(const struct capture_load_request *req, struct armed *ret);

/* Unloads the capture kernel, also that of another program. 0: unloaded; 1: none was loaded. */
int capture_unload(int root_fd, kexec_fn kexec);
