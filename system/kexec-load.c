// SPDX-License-Identifier: GPL-2.0-or-later
/* kexec-load.c - kexec_load(2), see kexec.h. */
#include <errno.h>
#include <linux/kexec.h>
#include <sys/syscall.h>

#include "system/kexec.h"

int kexec_load(uint64_t entry, const struct kexec_piece *pieces, size_t n, unsigned long flags)
{
	struct kexec_segment list[KEXEC_SEGMENT_MAX];

	if (n > ARRAY_SIZE(list))
		return -EINVAL;
	for (size_t i = 0; i < n; i++)
		list[i] = (struct kexec_segment){
			.buf = pieces[i].data,
			.bufsz = pieces[i].len,
			.mem = (const void *)(uintptr_t)pieces[i].address,
			.memsz = pieces[i].room,
		};
	return syscall(SYS_kexec_load, entry, n, list, flags) < 0 ? -errno : 0;
}
