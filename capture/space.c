// SPDX-License-Identifier: GPL-2.0-or-later
/* space.c - how much of the file system a dump may take, see space.h. */
#include "capture/space.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>

#include "capture/log.h"
#include "config/prune.h"
#include "base/err.h"
#include "base/text.h"

/* Some file systems free the blocks of a deleted file a little later. */
#define WAIT_STEPS  20
#define WAIT_STEP_N 50000000 /* nanoseconds */

static bool has_limit(const struct rescue *rescue)
{
	return rescue->dir_fd >= 0 && !rescue->in_memory && !rescue->store.store;
}

int space_read(const struct rescue *rescue, int fd, struct statvfs *ret)
{
	int (*get)(int fd, struct statvfs *st) = rescue->os->fstatvfs ?: fstatvfs;

	/* File systems that do not tell have no blocks. */
	return get(fd, ret) < 0 || ret->f_blocks == 0 ? -ENODATA : 0;
}

uint64_t space_left(const struct rescue *rescue)
{
	struct statvfs st;

	if (!has_limit(rescue) || space_read(rescue, rescue->dir_fd, &st) < 0)
		return UINT64_MAX;
	return prune_left(&rescue->plan->capture, &st);
}

/* A function of struct prune_request. */
static void tell(void *arg, const struct pruned *p)
{
	char size[TEXT_SIZE_MAX];

	log_info("pruned %s: %s deleted, %s", p->name, p->whole ? "all of it" : "its dump",
	         text_from_size(p->size, size));
}

/* Prunes, or only looks what that would do. With @need 0 the dump of this crash is the newest of
 * those that are there. */
static int run(const struct rescue *rescue, uint64_t need, bool only_look, struct prune_result *ret)
{
	const struct prune_request req = {
		.settings = &rescue->plan->capture,
		.need = need,
		.except = need ? rescue->crash.name : NULL,
		.newest = rescue->crash.name,
		.only_look = only_look,
		.tell = only_look ? NULL : tell,
		.fstatvfs = rescue->os->fstatvfs,
	};
	_cleanup_close_ int fd = -1;
	struct statvfs st;

	if (!has_limit(rescue) || space_read(rescue, rescue->dir_fd, &st) < 0)
		return -ENODATA;
	fd = openat(rescue->dir_fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? errf(-errno, "the crashes cannot be read: %s", strerror(errno))
	              : prune(fd, &req, ret);
}

bool space_fits(const struct rescue *rescue, uint64_t need)
{
	struct prune_result would = {};

	return run(rescue, MAX(need, 1), true, &would) < 0 ? space_left(rescue) >= need
	                                                   : would.lack == 0;
}

void space_make(const struct rescue *rescue, uint64_t need)
{
	const struct timespec step = { .tv_nsec = WAIT_STEP_N };
	struct prune_result done = {};
	int r = run(rescue, MAX(need, 1), false, &done);

	if (r < 0 && r != -ENODATA)
		log_error("prune: %s, going on", err_text(r));
	for (int i = 0; i < WAIT_STEPS && done.size > 0 && space_left(rescue) < done.left; i++)
		nanosleep(&step, NULL);
}

void space_settle(const struct rescue *rescue)
{
	struct prune_result done;
	int r = run(rescue, 0, false, &done);

	if (r < 0 && r != -ENODATA)
		log_error("prune: %s, going on", err_text(r));
}

int space_is_short(const struct rescue *rescue, const char *what)
{
	char keep[TEXT_SIZE_MAX], left[TEXT_SIZE_MAX];
	struct statvfs st = {};

	(void)space_read(rescue, rescue->dir_fd, &st);
	return errf(-ENOSPC, "%s: beside KeepFree= (%s) only %s are free", what,
	            text_from_size(prune_keep_free(&rescue->plan->capture,
	                                           (uint64_t)st.f_blocks * st.f_frsize),
	                           keep),
	            text_from_size(prune_left(&rescue->plan->capture, &st), left));
}
