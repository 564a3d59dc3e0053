// SPDX-License-Identifier: GPL-2.0-or-later
/* swap.c - finds a swap partition, and a crash in one; see swap.h. */
#include "loader/image/swap.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "config/swaparea.h"
#include "loader/image/reserve.h"
#include "loader/system/armed.h"
#include "loader/system/mounts.h"
#include "system/disk-facts.h"
#include "system/file.h"
#include "system/tree.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"

#define BLOCKS "/sys/class/block"

void swap_done(struct swap *s)
{
	device_done(&s->device);
	free(s->id);
	*s = (struct swap){};
}

/* Reads number and bytes of the block device @name. */
static int read_block(int root_fd, const char *name, dev_t *ret_number, uint64_t *ret_size)
{
	_cleanup_free_ char *line = NULL;
	unsigned major, minor;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), BLOCKS "/%s/dev", name);
	if (tree_read_line(root_fd, path, &line) < 0 || sscanf(line, "%u:%u", &major, &minor) != 2)
		return errf(-ENODEV, "%s: is no block device", name);
	*ret_number = makedev(major, minor);
	snprintf(path, sizeof(path), BLOCKS "/%s/size", name);
	if (tree_read_u64(root_fd, path, ret_size) < 0)
		return errf(-ENODEV, "%s: has no size", name);
	*ret_size *= 512;
	return 0;
}

/* Takes the device of a line of /proc/swaps, if it is a partition that is larger than @best. */
static void look_at_line(int root_fd, const char *line, struct swap *best)
{
	_cleanup_(device_done) struct device d = {};
	char node[256], type[32];
	uint64_t size;
	dev_t number;

	if (sscanf(line, "/dev/%250s %30s", node, type) != 2 || !streq(type, "partition") ||
	    strchr(node, '/') || read_block(root_fd, node, &number, &size) < 0 ||
	    size <= best->size || device_find_node(root_fd, node, number, &d) < 0)
		return;
	device_done(&best->device);
	best->device = TAKE_STRUCT(d);
	best->size = size;
}

static int find(int root_fd, struct swap *ret)
{
	_cleanup_free_ char *text = NULL;
	int r = tree_read(root_fd, "/proc/swaps", MIB(1), &text, NULL);
	char *save = NULL;

	if (r < 0)
		return r;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		look_at_line(root_fd, line, ret);
	return ret->size ? 0 : errf(-ENOENT, "no partition is used for swap");
}

/* What CRASH_SWAP tells: "ID SPEC". */
struct ticket {
	char id[STORE_ID_TEXT];
	char spec[128]; /* of the partition */
};

/* -ENOENT: there is none that can be used. */
static int read_ticket(int dir_fd, struct ticket *ret)
{
	_cleanup_free_ char *text = NULL;
	uint8_t id[STORE_ID_SIZE];
	struct ticket t;

	if (!file_is_private(dir_fd) || file_read_entry(dir_fd, CRASH_SWAP, 256, &text, NULL) < 0 ||
	    sscanf(text, "%32s %127s", t.id, t.spec) != 2 || store_id_from_text(t.id, id) < 0)
		return -ENOENT;
	*ret = t;
	return 0;
}

static int make_ticket(int dir_fd, const char *spec, struct ticket *ret)
{
	uint8_t id[STORE_ID_SIZE];
	struct ticket t;
	char line[256];
	int r;

	if (!file_is_private(dir_fd))
		return errf(-EPERM, "others than root can write to the directory");
	if (getrandom(id, sizeof(id), GRND_NONBLOCK) != sizeof(id))
		return errf(-EAGAIN, "there is no randomness yet");
	store_id_to_text(id, t.id);
	snprintf(t.spec, sizeof(t.spec), "%s", spec);
	snprintf(line, sizeof(line), "%s %s\n", t.id, t.spec);
	r = file_replace(dir_fd, CRASH_SWAP, line, strlen(line), 0600);
	if (r < 0)
		return errf(r, CRASH_SWAP ": %s", strerror(-r));
	*ret = t;
	return 0;
}

/* PID 1 keeps a link for each unit that is active. One that has run in this boot is taken for one
 * that runs in the next. */
static bool will_be_fetched(int root_fd)
{
	_cleanup_free_ char *name = NULL;

	return tree_link_name(root_fd, "/run/systemd/units/invocation:" SWAP_UNIT, &name) == 0;
}

int swap_prepare(int root_fd, int dir_fd, const char *path, bool only_look, struct swap *ret)
{
	_cleanup_(swap_done) struct swap s = {};
	struct ticket t = {};
	int r;

	if (!will_be_fetched(root_fd))
		return errf(-ENOENT, SWAP_UNIT " has not run in this boot");
	if ((r = mounts_are_early(root_fd, path)) < 0 || (r = find(root_fd, &s)) < 0)
		return r;
	r = read_ticket(dir_fd, &t);
	if ((r < 0 || !streq(t.spec, s.device.spec)) && !only_look &&
	    (r = make_ticket(dir_fd, s.device.spec, &t)) < 0)
		return err_prefix(r, "%s", path);
	s.id = strdup(t.id);
	if (!s.id)
		return oom("a swap partition");
	*ret = TAKE_STRUCT(s);
	return 0;
}

/* Fetches what the partition @name holds. 0: nothing. @seen: it is that of the ticket. */
static int fetch(int root_fd, const char *name, const struct ticket *t, int dir_fd,
                 const char *path, bool *seen, char **ret_name)
{
	_cleanup_(device_done) struct device d = {};
	_cleanup_close_ int fd = -1;
	struct store_extent whole;
	struct store_area area;
	uint64_t size;
	dev_t number;

	if (read_block(root_fd, name, &number, &size) < 0 ||
	    device_find_node(root_fd, name, number, &d) < 0)
		return 0;
	*seen = *seen || streq(d.spec, t->spec);
	fd = tree_open(root_fd, d.node, O_RDONLY | O_NONBLOCK);
	if (fd < 0 || swap_area_check(fd, name) < 0 ||
	    swap_area_store(fd, name, size, t->id, &whole, &area) < 0)
		return 0;
	return reserve_fetch_store(&area, dir_fd, path, ret_name);
}

static int fetch_any(int root_fd, const struct ticket *t, int dir_fd, const char *path, bool *seen,
                     char **ret_name)
{
	_cleanup_(strv_freep) char **names = NULL;
	int r = tree_list(root_fd, BLOCKS, &names);

	for (char **n = names; n && *n && r == 0; n++)
		r = fetch(root_fd, *n, t, dir_fd, path, seen, ret_name);
	return r;
}

int swap_fetch(int root_fd, const char *path, double seconds, char **ret_name)
{
	_cleanup_close_ int dir_fd = tree_open(root_fd, path, O_RDONLY | O_DIRECTORY);
	double end = clock_seconds() + seconds;
	bool seen = false;
	struct ticket t;
	int r;

	/* What is armed may still need the ticket. */
	if (dir_fd < 0 || tree_exists(root_fd, ARMED_DIRECTORY "/" ARMED_RECORD) ||
	    read_ticket(dir_fd, &t) < 0)
		return 0;
	while ((r = fetch_any(root_fd, &t, dir_fd, path, &seen, ret_name)) == 0 && !seen &&
	       clock_seconds() < end)
		nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
	if (r < 0)
		return r;
	if (unlinkat(dir_fd, CRASH_SWAP, 0) < 0 || fsync(dir_fd) < 0)
		return errf(-errno, "%s/" CRASH_SWAP ": %s", path, strerror(errno));
	return r;
}
