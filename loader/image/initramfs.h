/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * initramfs.h - the capture image: one program, the modules of the dump path, the plan, hooks.
 */
#pragma once

#include "config/plan.h"
#include "loader/image/hooks.h"
#include "loader/system/modules.h"

struct initramfs_request {
	int root_fd;
	const char *program;           /* becomes /init, with the libraries it needs */
	const struct plan *plan;       /* becomes /plan; plan->modules names the files below */
	const struct modules *modules; /* as many, in the same order */
	const struct hooks *hooks;     /* plan->hooks names them; NULL: none */
	bool drop_labels;    /* of the modules, and with them signatures; module-labels.h */
	const char *release; /* of the capture kernel; decides how the image is packed */
};

struct initramfs {
	void *data; /* owned */
	size_t len;
	uint64_t unpacked; /* bytes of memory that the files take in the capture kernel */
};

void initramfs_done(struct initramfs *i);

/* Builds the image. Equal contents give equal bytes. */
int initramfs_build(const struct initramfs_request *req, struct initramfs *ret);

/* Name of the @i-th module in the image: "000-virtio.ko". Allocated. */
int initramfs_module_name(size_t i, const char *module, char **ret);
