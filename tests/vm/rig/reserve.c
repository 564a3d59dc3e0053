// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * reserve.c - the reserve of a target directory, by the loader's own functions.
 *
 * reserve make DIR BYTES writes DIR/.reserve and prints the id of the store in it. Where its blocks
 * are on the disk is not asked: the file is to be copied to another one.
 *
 * reserve fetch DIR does what the next load does: a crash that DIR/.reserve holds becomes a
 * directory beside it. Prints its name, or nothing when there is none.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "loader/image/reserve.h"
#include "base/err.h"
#include "base/text.h"

/* A reserve_map_fn. */
static int no_map(int fd, uint64_t size, char ***ret)
{
	return 0;
}

static int make(int dir_fd, const char *path, const char *bytes)
{
	_cleanup_(reserve_done) struct reserve reserve = {};
	struct reserve_request req = {
		.dir_fd = dir_fd,
		.path = path,
		.fstype = "ext4",
		.free = UINT64_MAX,
		.map = no_map,
	};
	int r = text_to_u64(bytes, 10, &req.size);

	if (r < 0)
		return errf(r, "%s: no size", bytes);
	r = reserve_prepare(&req, &reserve);
	if (r == 0)
		puts(reserve.id);
	return r;
}

static int fetch(int dir_fd, const char *path)
{
	_cleanup_free_ char *name = NULL;
	int r = reserve_fetch(dir_fd, path, &name, NULL);

	if (r > 0)
		puts(name);
	return r;
}

static int run(int argc, char **argv)
{
	_cleanup_close_ int fd = open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return errf(-errno, "%s: %s", argv[2], strerror(errno));
	return argc == 4 ? make(fd, argv[2], argv[3]) : fetch(fd, argv[2]);
}

int main(int argc, char **argv)
{
	int r;

	if (!(argc == 4 && streq(argv[1], "make")) && !(argc == 3 && streq(argv[1], "fetch"))) {
		fprintf(stderr, "usage: reserve make DIR BYTES | reserve fetch DIR\n");
		return 2;
	}
	r = run(argc, argv);
	if (r >= 0)
		return 0;
	fprintf(stderr, "reserve: %s\n", r == -ENOMEM ? "no memory" : err_text(r));
	return 1;
}
