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

/* The pieces of the reservation by /proc/iomem; false: it has none, or hides addresses. */
static bool read_pieces(int root_fd, uint64_t *ret_sum, uint64_t *ret_upper)
{
	_cleanup_free_ struct iomem_range *list = NULL;
	uint64_t start = 0, sum = 0;
	size_t n;

	if (iomem_read(root_fd, "Crash kernel", IOMEM_ANY, &list, &n) < 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		sum += list[i].end - list[i].start;
		if (list[i].start >= start)
			*ret_upper = list[i].end - list[i].start;
		start = MAX(start, list[i].start);
	}
	*ret_sum = sum;
	return sum > 0;
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
		uint64_t loaded, size, sum, piece;
		int r;

		if (!tree_exists(root_fd, places[i][0]))
			continue;
		r = tree_read_u64(root_fd, places[i][0], &size);
		if (r >= 0)
			r = tree_read_u64(root_fd, places[i][1], &loaded);
		if (r < 0)
			return r;
		ret->size = ret->piece = size;
		ret->loaded = loaded != 0;
		/* Before 6.5 it told the size of the upper piece alone. */
		if (size && read_pieces(root_fd, &sum, &piece)) {
			ret->size = MAX(size, sum);
			ret->piece = piece;
		}
		return 0;
	}
	return errf(-EOPNOTSUPP,
	            "this kernel cannot hold a capture kernel (/sys/kernel/kexec_crash_size "
	            "is missing): it is built without CONFIG_CRASH_DUMP, or with none of "
	            "CONFIG_KEXEC_FILE and CONFIG_KEXEC; boot another kernel");
}

int crashmem_require(int root_fd, const struct crashmem *c)
{
	return c->size ? 0 : crashkernel_explain(root_fd);
}

/* To be loaded. */
static uint64_t sum_load(const struct crashmem_need *need)
{
	return need->init_size + need->image_size + LOADING_NEED;
}

/* To run. */
static uint64_t sum_run(const struct crashmem_need *need)
{
	return need->init_size + need->image_size + need->image_unpacked + RUNNING_NEED +
	       (MAX(need->cpus, 1) - 1) * CRASHMEM_PER_CPU;
}

/* What it has to run with. Of the lower piece the kernel takes the most for transfers of devices
 * that reach no higher (IO_TLB_DEFAULT_SIZE, include/linux/swiotlb.h, 6.12). */
static uint64_t room_to_run(const struct crashmem *c)
{
	uint64_t lower = c->size - MIN(c->piece, c->size);

	return c->piece + (lower > MIB(64) ? lower - MIB(64) : 0);
}

uint64_t crashmem_spare(const struct crashmem *c, const struct crashmem_need *need)
{
	uint64_t run = sum_run(need), room = room_to_run(c);

	return need->init_size && c->piece >= sum_load(need) && room > run ? room - run : 0;
}

int crashmem_check(const struct crashmem *c, const struct crashmem_need *need)
{
	uint64_t load = sum_load(need), run = sum_run(need), wanted;
	bool fits = c->piece >= load;
	char have_text[TEXT_SIZE_MAX];

	if (!need->init_size || (fits && room_to_run(c) >= run))
		return 0;
	/* crashkernel= is aligned to 16M on x86. Some room for drivers that take more than most. */
	wanted = ALIGN_UP(MAX(load, run) + MIB(8), MIB(16)) / MIB(1);
	return errf(-ENOSPC,
	            "the memory reserved for the capture kernel is too small: %s%s of the %lluM "
	            "that this kernel needs; put crashkernel=%lluM on the kernel command line and "
	            "reboot",
	            text_from_size(fits ? room_to_run(c) : c->piece, have_text),
	            fits || c->piece == c->size ? "" : " in the upper one of its pieces",
	            (unsigned long long)(ALIGN_UP(MAX(load, run), MIB(1)) / MIB(1)),
	            (unsigned long long)wanted);
}
