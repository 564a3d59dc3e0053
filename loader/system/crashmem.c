// SPDX-License-Identifier: GPL-2.0-or-later
/* crashmem.c - reservation and state of the capture kernel, see crashmem.h. */
#include "loader/system/crashmem.h"

#include <errno.h>

#include "loader/system/crashkernel.h"
#include "system/iomem.h"
#include "system/kexec.h"
#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

/* What a capture kernel takes beside its own image and ours: page tables and struct pages, per-CPU
 * areas, hash tables, slabs, drivers, and 16M for the capture program. Tried with Debian's kernels
 * (init_size 51M to 63M, of which the kernel keeps 42M to 50M): with less, init is killed. */
#define RUNNING_NEED MIB(24)

/* Tables of the load, page-aligned: elfcorehdr for 8192 ranges, boot parameters, purgatory. */
#define LOADING_NEED MIB(1)

/* Largest "start-end : Crash kernel" of /proc/iomem; 0: it has none, or hides addresses. */
static uint64_t largest_range(int root_fd)
{
	_cleanup_free_ struct iomem_range *list = NULL;
	uint64_t largest = 0;
	size_t n;

	if (iomem_read(root_fd, "Crash kernel", IOMEM_ANY, &list, &n) < 0)
		return 0;
	for (size_t i = 0; i < n; i++)
		largest = MAX(largest, list[i].end - list[i].start);
	return largest;
}

int crashmem_read(int root_fd, struct crashmem *ret)
{
	static const char *const places[][2] = {
		{ "/sys/kernel/kexec/crash_size", "/sys/kernel/kexec/crash_loaded" },
		{ "/sys/kernel/kexec_crash_size", "/sys/kernel/kexec_crash_loaded" },
	};

	int possible = kexec_possible(root_fd);

	if (possible < 0)
		return possible;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		uint64_t loaded, size;
		int r;

		if (!tree_exists(root_fd, places[i][0]))
			continue;
		r = tree_read_u64(root_fd, places[i][0], &size);
		if (r >= 0)
			r = tree_read_u64(root_fd, places[i][1], &loaded);
		if (r < 0)
			return r;
		ret->size = size;
		ret->loaded = loaded != 0;
		ret->largest = size ? largest_range(root_fd) : 0;
		if (!ret->largest || ret->largest > size)
			ret->largest = size;
		return 0;
	}
	return errf(-EOPNOTSUPP,
	            "this kernel cannot hold a capture kernel (/sys/kernel/kexec_crash_size "
	            "is missing): it is built without CONFIG_KEXEC_FILE and "
	            "CONFIG_CRASH_DUMP; boot another kernel");
}

int crashmem_require(int root_fd, const struct crashmem *c)
{
	return c->size ? 0 : crashkernel_explain(root_fd);
}

static uint64_t sum_up(const struct crashmem_need *need)
{
	uint64_t load, run;

	load = need->init_size + need->image_size + LOADING_NEED;
	run = need->init_size + need->image_size + need->image_unpacked + RUNNING_NEED +
	      (MAX(need->cpus, 1) - 1) * CRASHMEM_PER_CPU;
	return MAX(load, run);
}

uint64_t crashmem_spare(const struct crashmem *c, const struct crashmem_need *need)
{
	uint64_t sum = sum_up(need);

	return need->init_size && c->largest > sum ? c->largest - sum : 0;
}

int crashmem_check(const struct crashmem *c, const struct crashmem_need *need)
{
	char have_text[TEXT_SIZE_MAX];
	uint64_t sum = sum_up(need), wanted;

	if (!need->init_size || c->largest >= sum)
		return 0;
	/* crashkernel= is aligned to 16M on x86. Some room for drivers that take more than most. */
	wanted = ALIGN_UP(sum + MIB(8), MIB(16)) / MIB(1);
	return errf(-ENOSPC,
	            "the memory reserved for the capture kernel is too small: %s of the %lluM that "
	            "this "
	            "kernel needs; put crashkernel=%lluM on the kernel command line and reboot",
	            text_from_size(c->largest, have_text),
	            (unsigned long long)(ALIGN_UP(sum, MIB(1)) / MIB(1)),
	            (unsigned long long)wanted);
}
