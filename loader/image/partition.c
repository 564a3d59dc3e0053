// SPDX-License-Identifier: GPL-2.0-or-later
/* partition.c - a partition for crashes, see partition.h. */
#include "loader/image/partition.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/random.h>

#include "config/dumparea.h"
#include "loader/image/reserve.h"
#include "loader/system/device-id.h"
#include "system/disk-facts.h"
#include "system/file.h"
#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

#define PARTUUID "PARTUUID="

void partition_done(struct partition *p)
{
	device_done(&p->device);
	free(p->id);
	*p = (struct partition){};
}

/* udev has links by small letters. */
static void path_of(const char *word, char path[static PATH_MAX])
{
	bool by_id = strncmp(word, PARTUUID, strlen(PARTUUID)) == 0;

	snprintf(path, PATH_MAX, "%s%s", by_id ? "/dev/disk/by-partuuid/" : "",
	         by_id ? word + strlen(PARTUUID) : word);
	for (char *c = strrchr(path, '/'); by_id && *c; c++)
		*c = tolower(*c);
}

static int find(int root_fd, const char *word, struct device *ret)
{
	_cleanup_(device_done) struct device d = {};
	_cleanup_free_ char *real = NULL;
	const char *partuuid;
	char path[PATH_MAX];
	dev_t number;
	int r;

	path_of(word, path);
	if (tree_realpath(root_fd, path, &real) < 0 || strncmp(real, "/dev/", 5) != 0)
		return errf(-ENODEV, "%s: there is no such device", word);
	for (char *slash = real + 5; (slash = strchr(slash, '/'));)
		*slash = '!';
	if (device_read_block(root_fd, real + 5, &number, NULL) < 0)
		return errf(-ENODEV, "%s: is no block device", word);
	r = device_find_node(root_fd, word, number, &d);
	if (r < 0)
		return r;
	partuuid = disk_facts_get(d.facts, "partuuid");
	if (partuuid) {
		free(d.spec);
		d.spec = NULL;
		r = text_printf(&d.spec, PARTUUID "%s", partuuid);
		if (r < 0)
			return r;
	}
	*ret = TAKE_STRUCT(d);
	return 0;
}

/* Leftovers may be of use to somebody, such as a boot loader, though nothing tells of them. */
static int check_empty(int fd, const char *word)
{
	_cleanup_free_ uint8_t *begin = malloc(DUMP_AREA_MARK);
	_cleanup_free_ char *found = NULL;
	int r = device_find_signature(fd, &found);

	if (r < 0)
		return err_prefix(r, "%s", word);
	if (r > 0)
		return errf(-EEXIST,
		            "%s: holds %s; if nobody needs it, \"wipefs --all\" makes room", word,
		            found);
	if (!begin)
		return oom("a partition");
	if (pread(fd, begin, DUMP_AREA_MARK, 0) != DUMP_AREA_MARK)
		return errf(-EIO, "%s: cannot be read", word);
	for (size_t i = 0; i < DUMP_AREA_MARK; i++)
		if (begin[i])
			return errf(-EEXIST,
			            "%s: is not empty; if nobody needs it, \"blkdiscard --zeroout "
			            "--length 1MiB\" makes room",
			            word);
	return 0;
}

/* 1: it has the mark already. */
static int check_mark(int fd, const char *word)
{
	struct store_extent whole;
	char id[STORE_ID_TEXT] = "";
	struct store_contents c;
	struct store_area area;

	if (dump_area_open(fd, word, id, &whole, &area) < 0)
		return 0;
	return store_list(&area, &c) == -ENODATA
	               ? 1
	               : errf(-EEXIST, "%s: holds the crash %s, which was not fetched yet", word,
	                      c.name);
}

int partition_format(int root_fd, const char *word, char **ret_node)
{
	_cleanup_(device_done) struct device d = {};
	_cleanup_close_ int fd = -1;
	uint8_t id[STORE_ID_SIZE];
	char text[STORE_ID_TEXT];
	int r = find(root_fd, word, &d), has;

	if (r < 0)
		return r;
	/* The kernel refuses it while the device is mounted, swap, or part of another one. */
	fd = tree_open(root_fd, d.node, O_RDWR | O_EXCL);
	if (fd == -EBUSY)
		return errf(-EBUSY, "%s: is in use", word);
	if (fd < 0)
		return fd;
	has = check_mark(fd, word);
	if (has < 0)
		return has;
	if (has == 0) {
		if (getrandom(id, sizeof(id), 0) != sizeof(id))
			return errf(-EAGAIN, "there is no randomness yet");
		if ((r = check_empty(fd, word)) < 0 ||
		    (r = dump_area_make(fd, word, store_id_to_text(id, text))) < 0)
			return r;
	}
	*ret_node = TAKE_PTR(d.node);
	return !has;
}

static int fetch(const struct store_area *area, int dir_fd, const char *path, char ***remarks)
{
	_cleanup_free_ char *name = NULL;
	struct store_contents c;
	int r;

	/* What is there is not emptied while it cannot be fetched. */
	if (store_list(area, &c) == -ENODATA)
		return 0;
	if (dir_fd < 0 || !file_is_private(dir_fd))
		return errf(-EPERM, "%s: holds the crash %s, which cannot be moved to %s",
		            area->what, c.name, path);
	r = reserve_fetch_store(area, dir_fd, path, &name, remarks);
	return r < 0 ? r : dump_area_clear(area);
}

int partition_prepare(int root_fd, const char *word, int dir_fd, const char *path, bool only_look,
                      char ***remarks, struct partition *ret)
{
	_cleanup_(partition_done) struct partition p = {};
	char id[STORE_ID_TEXT] = "";
	_cleanup_close_ int fd = -1;
	struct store_extent whole;
	struct store_area area;
	int r = find(root_fd, word, &p.device);

	if (r < 0)
		return err_prefix(r, "Target=");
	fd = tree_open(root_fd, p.device.node, only_look ? O_RDONLY : O_RDWR);
	if (fd < 0)
		return fd;
	r = dump_area_open(fd, word, id, &whole, &area);
	if (r == -ESTALE)
		return errf(
			r,
			"Target=: %s is not made for crashes; \"kdump-lite format %s\" does that",
			word, word);
	if (r < 0 || (!only_look && (r = fetch(&area, dir_fd, path, remarks)) < 0))
		return r;
	p.id = strdup(id);
	if (!p.id)
		return oom("a partition");
	*ret = TAKE_STRUCT(p);
	return 0;
}
