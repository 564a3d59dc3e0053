// SPDX-License-Identifier: GPL-2.0-or-later
/* iomem.c - /proc/iomem, see iomem.h. */
#include "system/iomem.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "system/tree.h"
#include "base/array.h"
#include "base/err.h"

/* "  01000000-01ffffff : Kernel code": two spaces for each level. */
static bool parse_line(const char *line, const char *name, unsigned depth, struct iomem_range *ret)
{
	size_t indent = strspn(line, " ");
	const char *text = strstr(line, " : ");
	uint64_t first, last;

	if ((depth != IOMEM_ANY && indent != 2 * (size_t)depth) || !text ||
	    !streq(text + 3, name) ||
	    sscanf(line + indent, "%" SCNx64 "-%" SCNx64, &first, &last) != 2 || last < first)
		return false;
	*ret = (struct iomem_range){ first, last + 1 };
	return true;
}

int iomem_read(int root_fd, const char *name, unsigned depth, struct iomem_range **ret,
               size_t *ret_n)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_free_ struct iomem_range *list = NULL;
	struct iomem_range range;
	char *save = NULL;
	size_t n = 0;
	int r = tree_read(root_fd, "/proc/iomem", MIB(16), &text, NULL);

	if (r < 0)
		return r;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (!parse_line(line, name, depth, &range))
			continue;
		if (range.end == 1)
			return errf(-EACCES,
			            "/proc/iomem: shows no addresses; only root may see them");
		r = array_grow(&list, n, "a list of memory ranges");
		if (r < 0)
			return r;
		list[n++] = range;
	}
	*ret = TAKE_PTR(list);
	*ret_n = n;
	return 0;
}
