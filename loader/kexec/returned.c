// SPDX-License-Identifier: GPL-2.0-or-later
/* returned.c - systems that were started by kexec after a crash, see returned.h. */
#include "loader/kexec/returned.h"

#include <inttypes.h>
#include <stdio.h>

#include "loader/kexec/next-cmdline.h"
#include "system/cpus.h"
#include "loader/system/crashmem.h"
#include "system/tree.h"

int returned_read(int root_fd, struct returned *ret)
{
	_cleanup_free_ char *running = NULL;
	struct crashmem mem;
	struct returned found = {};
	uint64_t boot_apicid;
	int r = tree_read_line(root_fd, "/proc/cmdline", &running);

	if (r < 0)
		return r;
	found.by_kexec = next_cmdline_returned(running, &found.cpus_before);
	if (found.by_kexec) {
		r = cpus_read(root_fd, &found.cpus_now, &boot_apicid);
		if (r < 0)
			return r;
		found.unreserved = strstr(running, "crashkernel=") &&
		                   crashmem_read(root_fd, &mem) == 0 && mem.size == 0;
	}
	*ret = found;
	return 0;
}

bool returned_is_degraded(const struct returned *r)
{
	return r->by_kexec && (r->cpus_now < r->cpus_before || r->unreserved);
}

char *returned_describe(const struct returned *r, char buf[static RETURNED_MAX])
{
	char cpus[64] = "";

	if (r->cpus_now < r->cpus_before)
		snprintf(cpus, sizeof(cpus), ", with %" PRIu64 " of %" PRIu64 " CPUs", r->cpus_now,
		         r->cpus_before);
	snprintf(buf, RETURNED_MAX, "back by kexec after a crash%s%s%s", cpus,
	         r->unreserved ? ", without memory for the next capture kernel" : "",
	         returned_is_degraded(r) ? "; reboot through the firmware when convenient" : "");
	return buf;
}
