// SPDX-License-Identifier: GPL-2.0-or-later
/* room.c - room on the target that a dump does not get, see room.h. */
#include "capture/room.h"

#include <fcntl.h>

#define NAME ".room"

void room_take(struct rescue *rescue, uint64_t size)
{
	if (rescue->dir_fd < 0)
		return;
	if (!rescue->has_room) {
		rescue->room_fd =
			openat(rescue->dir_fd, NAME, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (rescue->room_fd < 0)
			return;
		(void)unlinkat(rescue->dir_fd, NAME, 0);
		rescue->has_room = true;
	}
	(void)posix_fallocate(rescue->room_fd, 0, size);
}

bool room_give(struct rescue *rescue)
{
	bool had = rescue->has_room;

	if (had)
		close(rescue->room_fd);
	rescue->has_room = false;
	return had;
}
