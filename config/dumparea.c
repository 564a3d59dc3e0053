// SPDX-License-Identifier: GPL-2.0-or-later
/* dumparea.c - a partition made for crashes, see dumparea.h. */
#include "config/dumparea.h"

#include <errno.h>
#include <unistd.h>

#include "base/err.h"

/* The mark as a store of two extents. */
static int mark_of(int fd, const char *what, struct store_extent ends[static 2],
                   struct store_area *ret)
{
	uint64_t size = store_device_size(fd);

	if (size < 4 * DUMP_AREA_MARK)
		return errf(-ENOSPC, "%s: is too small", what);
	ends[0] = (struct store_extent){ 0, DUMP_AREA_MARK };
	ends[1] = (struct store_extent){ size - DUMP_AREA_MARK, DUMP_AREA_MARK };
	*ret = (struct store_area){
		.fd = fd, .what = what, .extents = ends, .n = 2, .marked = true
	};
	return 0;
}

int dump_area_make(int fd, const char *what, const char *id)
{
	struct store_extent ends[2];
	struct store_area mark;
	int r;

	if ((r = mark_of(fd, what, ends, &mark)) < 0 || (r = store_id_from_text(id, mark.id)) < 0)
		return r;
	return store_format(&mark);
}

int dump_area_open(int fd, const char *what, char id[static STORE_ID_TEXT],
                   struct store_extent *whole, struct store_area *ret)
{
	struct store_extent ends[2];
	struct store_area mark;
	int r = mark_of(fd, what, ends, &mark);

	if (r < 0)
		return r;
	r = *id ? store_id_from_text(id, mark.id) : store_read_id(&mark);
	if (r < 0)
		return r;
	if (store_check(&mark) < 0)
		return errf(-ESTALE, "%s: is not made for crashes", what);
	*whole = (struct store_extent){ DUMP_AREA_MARK, ends[1].offset - DUMP_AREA_MARK };
	*ret = (struct store_area){ .fd = fd, .what = what, .extents = whole, .n = 1 };
	memcpy(ret->id, mark.id, sizeof(ret->id));
	store_id_to_text(ret->id, id);
	return 0;
}

int dump_area_clear(const struct store_area *a)
{
	const struct store_extent first = { a->extents[0].offset, STORE_BLOCK };
	struct store_area head = *a;

	head.extents = &first;
	head.n = 1;
	return store_format(&head);
}
