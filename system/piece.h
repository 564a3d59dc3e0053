/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * piece.h - a kernel or an initrd: a file, or a part of one, as a unified kernel image holds them.
 *
 * As text it is the path, or "OFFSET+SIZE:PATH" with decimal numbers of bytes.
 */
#pragma once

#include "base/base.h"

struct piece {
	char *path;      /* begins with a slash; owned */
	uint64_t offset; /* bytes */
	uint64_t size;   /* bytes; 0: the whole file */
};

void piece_done(struct piece *p);

/* Allocated; NULL for want of memory. */
char *piece_to_text(const struct piece *p);

/* -EINVAL with a text for anything else. */
int piece_from_text(const char *text, struct piece *ret);

/* Opens the file that a piece is in, and sees that the piece is there. @ret_size: its bytes.
 * -ENODATA when it is no longer where it was. */
int piece_look(int root_fd, const struct piece *p, int *ret_fd, uint64_t *ret_size);

/* Opens for kexec_file_load(2), which takes whole files: one whole file as it is, anything else as
 * a copy of the pieces one behind the other in an unlinked file that is made in @scratch_fd, a
 * directory with room for it; each is padded to four bytes as initrds have to be. Paths are taken
 * below @root_fd. -ENODATA when a part is no longer where it was. */
int piece_open(int root_fd, const struct piece *pieces, size_t n, int scratch_fd, int *ret_fd);
