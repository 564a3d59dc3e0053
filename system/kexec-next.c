// SPDX-License-Identifier: GPL-2.0-or-later
/* kexec-next.c - kernels that cannot take in another one for a reboot, see kexec.h. */
#include "system/kexec.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"

/* A process gets addresses above the usual 48 bits only if it asks for one
 * (Documentation/arch/arm64/memory.rst, 6.12). */
static unsigned address_bits(void)
{
	unsigned bits = 48;
#if defined(__aarch64__)
	size_t size = sysconf(_SC_PAGESIZE);
	void *at = mmap((void *)(UINT64_C(1) << 51), size, PROT_NONE,
	                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (at == MAP_FAILED)
		return bits;
	if ((uintptr_t)at >> bits)
		bits = 52;
	munmap(at, size);
#endif
	return bits;
}

bool kexec_next_faults(const char *machine, const char *release, uint64_t page, unsigned bits)
{
	unsigned major, minor;

	return streq(machine, "aarch64") && page == KIB(4) && bits > 48 &&
	       sscanf(release, "%u.%u", &major, &minor) == 2 && major == 6 && minor >= 9;
}

int kexec_next_possible(const char *machine, const char *release)
{
	if (!kexec_next_faults(machine, release, sysconf(_SC_PAGESIZE), address_bits()))
		return 0;
	return errf(-EOPNOTSUPP,
	            "kernel %s would crash while it takes in another one, since it uses addresses "
	            "of 52 bits with pages of 4K; boot with arm64.nolva, or a kernel from 7.0 on",
	            release);
}
