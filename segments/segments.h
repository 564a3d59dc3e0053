/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * segments.h - what kexec_load(2) loads: all that the next kernel finds in memory, and where.
 *
 * With kexec_file_load(2) the kernel makes all of this of two files and a command line, and it is
 * the better call, since it checks signatures. Kernels without CONFIG_KEXEC_FILE have kexec_load(2)
 * alone; Debian's for arm64 and riscv64 are built so (7.2).
 *
 * No program runs between two kernels, as kexec-tools have it ("purgatory"): on riscv64 the kernel
 * finds the device tree among the segments itself, and on arm64 a few instructions do.
 */
#pragma once

#include "segments/image.h"
#include "system/kexec.h"

/* Bytes that the caller keeps. */
struct span {
	const void *data;
	size_t len;
};

struct segments_request {
	int root_fd;         /* of the running system */
	const char *machine; /* uname -m */
	enum kexec_place place;
	struct span kernel; /* an Image, unpacked */
	struct span initrd; /* empty: none */
	const char *cmdline;
	const char *what; /* names the kernel in texts */
};

enum segment_kind {
	SEGMENT_KERNEL,
	SEGMENT_INITRD,
	SEGMENT_COREHDR,
	SEGMENT_TREE,   /* the device tree */
	SEGMENT_PARAMS, /* the boot parameters, where there is no tree */
	SEGMENT_STUB,   /* code that enters the kernel */
};

extern const char *const segment_names[];

struct segment {
	enum segment_kind kind;
	const void *data;
	size_t len;
	uint64_t address; /* physical */
	uint64_t room;    /* bytes from there on that it takes, with zeroes behind its data */
	void *owned;      /* freed with it; NULL: the data are of the request */
};

#define SEGMENTS_MAX 8

struct segments {
	struct segment list[SEGMENTS_MAX];
	size_t n;
	uint64_t entry;      /* where the machine goes */
	unsigned long flags; /* KEXEC_ARCH_... */
	uint32_t digest;     /* CRC-32 of places, bytes and entry, but for what differs between two
	                        builds of the same on the same system: seeds, and the linear map */
};

/* True when kernels have been seen to come up by it on such a machine (uname -m). */
bool segments_know(const char *machine);

/* Reads the header of a kernel for such a machine into @ret, see image.h. */
int segments_parse(const char *machine, const void *data, size_t len, const char *what,
                   struct image *ret);

/* Builds it all, and loads nothing. Kernel and initrd must stay. -EOPNOTSUPP: the machine is not
 * known; -ENOEXEC: not an Image; -ENODATA: no memory is reserved; -ENOSPC: too little is. */
int segments_build(const struct segments_request *req, struct segments *ret);
void segments_done(struct segments *s);
