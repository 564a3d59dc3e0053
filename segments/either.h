/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * either.h - loads a kernel by kexec_file_load(2), or by kexec_load(2) where that is all there is.
 */
#pragma once

#include "segments/segments.h"

struct either_request {
	int root_fd;
	const char *machine; /* uname -m */
	enum kexec_place place;
	int kernel_fd; /* regular files, as for kexec_load_crash(); the kernel may be wrapped */
	int image_fd;  /* -1: no initrd */
	const char *cmdline;
	const char *what; /* names the kernel in texts */
	/* Replaces a kernel that is packed, see kernel_unwrap(); NULL: it is not. */
	int (*unwrap)(int fd, const char *what, int *ret_fd);
	kexec_fn files;         /* kexec_file_load(); tests have another */
	kexec_pieces_fn pieces; /* kexec_load(); likewise; NULL: there is no second way */
};

/* Loads. A wrapped kernel that the first call does not take is unwrapped for it. Only -ENOSYS of it
 * leads to the second one: it changed nothing then, and all is built before the second one does.
 * @ret_digest is that of the segments; 0 where the first call did it. Fails as kexec_load_crash()
 * and segments_build(). */
int either_load(const struct either_request *req, uint32_t *ret_digest);

/* Builds what the second call would load, and tells its digest. */
int either_digest(const struct either_request *req, uint32_t *ret);
