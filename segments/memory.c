// SPDX-License-Identifier: GPL-2.0-or-later
/* memory.c - where memory is, see memory.h. */
#include "segments/memory.h"

#include <errno.h>

#include "system/kexec.h"
#include "base/err.h"

void memory_done(struct memory *m)
{
	ranges_done(&m->ram);
	ranges_done(&m->plain);
	ranges_done(&m->reserve);
	ranges_done(&m->closed);
}

static int add_named(int root_fd, const char *name, unsigned depth, struct ranges *ret)
{
	_cleanup_free_ struct iomem_range *list = NULL;
	size_t n = 0;
	int r = iomem_read(root_fd, name, depth, &list, &n);

	for (size_t i = 0; i < n && r >= 0; i++)
		r = ranges_add(ret, list[i].start, list[i].end);
	return r;
}

/* Memory that drivers have plugged in has their names behind, see facts.c. What the kernel itself
 * has taken before it could allocate is "reserved" in the same way as what firmware left for it; it
 * belongs into a dump, but nothing is put there (arch/arm64/kernel/setup.c and
 * arch/riscv/kernel/setup.c, 6.12). */
int memory_read(int root_fd, bool crash, struct memory *ret)
{
	static const struct {
		const char *name;
		unsigned depth;
		size_t list;
	} rows[] = {
		{ "System RAM", IOMEM_ANY, offsetof(struct memory, ram) },
		{ "System RAM (kmem)", IOMEM_ANY, offsetof(struct memory, ram) },
		{ "System RAM (virtio_mem)", IOMEM_ANY, offsetof(struct memory, ram) },
		{ "System RAM", 0, offsetof(struct memory, plain) },
		{ "Crash kernel", IOMEM_ANY, offsetof(struct memory, reserve) },
		{ "reserved", IOMEM_ANY, offsetof(struct memory, closed) },
		{ "Reserved", IOMEM_ANY, offsetof(struct memory, closed) },
	};
	_cleanup_(memory_done) struct memory m = {};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ranges *list = (struct ranges *)((char *)&m + rows[i].list);
		int r = add_named(root_fd, rows[i].name, rows[i].depth, list);

		if (r < 0)
			return r;
	}
	/* The reservation is sorted as the file is: two parts of it stay two, also where they
	 * touch. */
	ranges_sort(&m.ram);
	ranges_sort(&m.plain);
	ranges_sort(&m.closed);
	if (crash && m.reserve.n == 0)
		return errf(-ENODATA, "/proc/iomem: shows no memory that is reserved for a capture "
		                      "kernel; put crashkernel=" CRASHKERNEL_ADVICE
		                      " on the kernel command line and reboot");
	*ret = TAKE_STRUCT(m);
	return 0;
}
