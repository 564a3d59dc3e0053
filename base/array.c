// SPDX-License-Identifier: GPL-2.0-or-later
/* array.c - arrays that grow by one element at a time, see array.h. */
#include "base/array.h"

#include "base/err.h"

int array_grow_bytes(void **array, size_t n, size_t size, const char *what)
{
	void *grown;

	if ((n & (n - 1)) != 0)
		return 0;
	grown = reallocarray(*array, n ? 2 * n : 1, size);
	if (!grown)
		return oom(what);
	*array = grown;
	return 0;
}
