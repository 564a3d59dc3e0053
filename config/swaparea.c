// SPDX-License-Identifier: GPL-2.0-or-later
/* swaparea.c - a swap partition as a store, see swaparea.h. */
#include "config/swaparea.h"

#include <errno.h>
#include <unistd.h>

#include "base/err.h"

#define SIGNATURE_SIZE 10

/* Of the kernel, of userspace tools for hibernation. */
static const char *const hibernated[] = { "S1SUSPEND", "S2SUSPEND", "LINHIB0001", "ULSUSPEND" };

int swap_area_check(int fd, const char *what)
{
	char signature[SIGNATURE_SIZE + 1] = "";
	ssize_t n = pread(fd, signature, SIGNATURE_SIZE, sysconf(_SC_PAGESIZE) - SIGNATURE_SIZE);

	if (n != SIGNATURE_SIZE)
		return errf(n < 0 ? -errno : -EIO, "%s: its header cannot be read", what);
	if (memcmp(signature, "SWAPSPACE2", SIGNATURE_SIZE) == 0)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(hibernated); i++)
		if (strncmp(signature, hibernated[i], strlen(hibernated[i])) == 0)
			return errf(-EBUSY, "%s: holds the image of a system that hibernates",
			            what);
	return errf(-EMEDIUMTYPE, "%s: is no swap area any more", what);
}

int swap_area_store(int fd, const char *what, const char *id, struct store_extent *whole,
                    struct store_area *ret)
{
	uint64_t size = store_device_size(fd);

	if (size < 2 * SWAP_AREA_SKIP)
		return errf(-ENOSPC, "%s: is too small", what);
	*whole = (struct store_extent){ SWAP_AREA_SKIP, size - SWAP_AREA_SKIP };
	*ret = (struct store_area){ .fd = fd, .what = what, .extents = whole, .n = 1 };
	return store_id_from_text(id, ret->id);
}
