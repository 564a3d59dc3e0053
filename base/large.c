// SPDX-License-Identifier: GPL-2.0-or-later
/* large.c - memory in large pages, see large.h. */
#include "base/large.h"

#include <sys/mman.h>

#define LARGE_PAGE MIB(2)

void *large_alloc(size_t size)
{
	void *p;

	if (posix_memalign(&p, LARGE_PAGE, size) != 0)
		return NULL;
	/* If it fails, the pages are small. */
	(void)madvise(p, ALIGN_DOWN(size, LARGE_PAGE), MADV_HUGEPAGE);
	return p;
}
