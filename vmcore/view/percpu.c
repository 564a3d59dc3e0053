// SPDX-License-Identifier: GPL-2.0-or-later
/* percpu.c - counters that are split over the CPUs, see percpu.h. */
#include "vmcore/view/percpu.h"

#include <errno.h>

#include "base/err.h"

int percpu_counter_sum(const struct kview *v, int64_t count, uint64_t counters, int64_t *ret)
{
	const struct bitmap *cpus = &v->possible;

	if (counters && v->no_cpus[0])
		return errf(-ENODATA, "the CPUs are not known: %s", v->no_cpus);
	for (uint64_t cpu = bitmap_next_set(cpus, 0); counters && cpu < cpus->bits;
	     cpu = bitmap_next_set(cpus, cpu + 1)) {
		uint32_t part;
		int r = kspace_u32(v->ks, kview_on_cpu(v, counters, cpu), &part);

		if (r < 0)
			return r;
		count += (int32_t)part;
	}
	*ret = count;
	return 0;
}
