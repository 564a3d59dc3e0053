// SPDX-License-Identifier: GPL-2.0-or-later
/* disk.c - finds a block device by what is on it, see disk.h. */
#include "capture/disk.h"

#include <blkid/blkid.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "system/tree.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"

#define DEVICES "/sys/class/block"

#define POLL_NS 20000000L

/* Name of the tag in libblkid's results, by its prefix in the plan. */
static const struct {
	const char *prefix;
	const char *name;
} tags[] = {
	{ "UUID=", "UUID" },
	{ "LABEL=", "LABEL" },
	{ "PARTUUID=", "PART_ENTRY_UUID" },
};

static bool probe_matches(blkid_probe probe, int fd, const char *name, const char *wanted)
{
	const char *value;

	if (blkid_probe_set_device(probe, fd, 0, 0) != 0)
		return false;
	blkid_probe_enable_superblocks(probe, 1);
	blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_UUID | BLKID_SUBLKS_LABEL);
	blkid_probe_enable_partitions(probe, 1);
	blkid_probe_set_partitions_flags(probe, BLKID_PARTS_ENTRY_DETAILS);
	return blkid_do_safeprobe(probe) == 0 &&
	       blkid_probe_lookup_value(probe, name, &value, NULL) == 0 &&
	       strcasecmp(value, wanted) == 0;
}

static bool device_matches(int root_fd, const char *path, const char *name, const char *wanted)
{
	/* O_NONBLOCK: a drive without a medium opens as well. */
	_cleanup_close_ int fd = tree_open(root_fd, path, O_RDONLY | O_NONBLOCK);
	blkid_probe probe;
	bool matches;

	if (fd < 0)
		return false;
	probe = blkid_new_probe();
	if (!probe)
		return false;
	matches = probe_matches(probe, fd, name, wanted);
	blkid_free_probe(probe);
	return matches;
}

/* Returns 1 and the path when a device has the tag, 0 when none has. */
static int find_by_tag(int root_fd, const char *name, const char *wanted, char **ret)
{
	_cleanup_(strv_freep) char **devices = NULL;
	int r = tree_list(root_fd, DEVICES, &devices);

	if (r < 0)
		return r;
	for (char **device = devices; device && *device; device++) {
		char path[300];

		snprintf(path, sizeof(path), "/dev/%s", *device);
		/* Optical and floppy drives answer slowly and hold no dumps. */
		if (strncmp(*device, "sr", 2) == 0 || strncmp(*device, "fd", 2) == 0 ||
		    !device_matches(root_fd, path, name, wanted))
			continue;
		*ret = strdup(path);
		return *ret ? 1 : oom("the name of a disk");
	}
	return 0;
}

static int find(int root_fd, const char *tag, char **ret)
{
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(tags); i++) {
		size_t len = strlen(tags[i].prefix);

		if (strncmp(tag, tags[i].prefix, len) == 0)
			return find_by_tag(root_fd, tags[i].name, tag + len, ret);
	}
	if (fstatat(root_fd, tag + strspn(tag, "/"), &st, 0) < 0 || !S_ISBLK(st.st_mode))
		return 0;
	*ret = strdup(tag);
	return *ret ? 1 : oom("the name of a disk");
}

static int not_found(int root_fd, const char *tag, uint64_t timeout)
{
	_cleanup_(strv_freep) char **devices = NULL;
	_cleanup_free_ char *names = NULL;
	int r;

	if ((r = tree_list(root_fd, DEVICES, &devices)) < 0 ||
	    (r = strv_join(devices, " ", &names)) < 0)
		return r;
	return errf(-ETIMEDOUT, "%s: no such disk after %llu s; there are: %.250s", tag,
	            (unsigned long long)timeout, *names ? names : "none");
}

int disk_wait(int root_fd, const char *tag, uint64_t timeout, char **ret)
{
	double limit = clock_seconds() + MIN(timeout, 3600);
	int r;

	for (;;) {
		r = find(root_fd, tag, ret);
		if (r != 0)
			return MIN(r, 0);
		if (clock_seconds() >= limit)
			return not_found(root_fd, tag, timeout);
		nanosleep(&(struct timespec){ .tv_nsec = POLL_NS }, NULL);
	}
}
