/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crashmem.h - the memory reserved for a capture kernel, and whether one is loaded there.
 *
 * From /sys/kernel/kexec/{crash_size,crash_loaded} (Linux 7.0) or /sys/kernel/kexec_crash_size and
 * kexec_crash_loaded (before; kernel/ksysfs.c), and "Crash kernel" lines of /proc/iomem.
 */
#pragma once

#include "system/kexec.h"

struct crashmem {
	uint64_t size; /* bytes reserved in all; 0: none */
	/* Bytes of the piece that kernel, image and tables all have to go to. That is the upper one
	 * of two: the other is for devices that cannot reach it (crashk_low_res, kernel/
	 * crash_reserve.c, 6.12), and when the kernel runs it has both. */
	uint64_t piece;
	bool loaded;
};

/* -EOPNOTSUPP when the kernel cannot have a capture kernel at all, or could not start it (see
 * kexec_possible()); the text has the remedy. */
int crashmem_read(int root_fd, struct crashmem *ret);

/* 0 when memory is reserved, else what crashkernel_explain() says: -ENODATA where nobody asked for
 * memory, -ENOSPC where crashkernel= yielded none. */
int crashmem_require(int root_fd, const struct crashmem *c);

/* How much memory a capture kernel is going to need. */
struct crashmem_need {
	uint64_t init_size;      /* bytes the kernel needs in one piece; 0 unknown */
	uint64_t image_size;     /* of the initramfs as it is loaded */
	uint64_t image_unpacked; /* and as it lies in the file system */
	uint64_t cpus;           /* that it brings up; 0 counts as 1 */
};

/* Bytes that each CPU after the first takes. Debian's 6.1 and 6.12, cloud: 0.3M for its area and
 * struct pages, 0.9M of slabs, and 4M to 5M for a thread that compresses, most of it for packed
 * pages; the rest is for stacks of more kernel threads and for drivers with queues for each CPU, of
 * which they have but one in a capture kernel if they are those of disks (block/blk-mq.c,
 * is_kdump_kernel()). The 4M that several threads have more for twins (vmcore/format/twins.h) are
 * within what the capture program may take anyway. */
#define CRASHMEM_PER_CPU MIB(8)

/* Bytes that a capture kernel would leave; 0 when that is not known or it is too small. */
uint64_t crashmem_spare(const struct crashmem *c, const struct crashmem_need *need);

/* 0 when @c is enough for it, else -ENOSPC with what to put in crashkernel=. */
int crashmem_check(const struct crashmem *c, const struct crashmem_need *need);
