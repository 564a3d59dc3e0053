// SPDX-License-Identifier: GPL-2.0-or-later
/* disk.c - finds a block device by what is on it, see disk.h. */
#include "capture/disk.h"

#include <blkid/blkid.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "base/err.h"

#define POLL_NS 20000000L

/* Name of the tag in libblkid's results, by its prefix in the plan. */
static const struct {
	const char *prefix;
	const char *value;
} tags[] = {
	{ "UUID=", "UUID" },
	{ "LABEL=", "LABEL" },
	{ "PARTUUID=", "PART_ENTRY_UUID" },
};

static bool probe_matches(const char *path, const char *name, const char *wanted)
{
	const char *value;
	blkid_probe probe;
	bool matches;

	probe = blkid_new_probe_from_filename(path);
	if (!probe)
		return false;
	blkid_probe_enable_superblocks(probe, 1);
	blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_UUID | BLKID_SUBLKS_LABEL);
	blkid_probe_enable_partitions(probe, 1);
	blkid_probe_set_partitions_flags(probe, BLKID_PARTS_ENTRY_DETAILS);
	matches = blkid_do_safeprobe(probe) == 0 &&
	          blkid_probe_lookup_value(probe, name, &value, NULL) == 0 &&
	          strcasecmp(value, wanted) == 0;
	blkid_free_probe(probe);
	return matches;
}

/* Optical and floppy drives answer slowly and hold no dumps. */
static bool is_slow_drive(const char *name)
{
	return strncmp(name, "sr", 2) == 0 || strncmp(name, "fd", 2) == 0;
}

/* Returns 1 and the path when a device has the tag, 0 when none has. The names seen are left in
 * @seen. */
static int disk_find(const char *name, const char *wanted, char *seen, size_t size, char **ret)
{
	struct dirent *e;
	int r = 0;
	DIR *dir;

	seen[0] = '\0';
	dir = opendir("/sys/class/block");
	if (!dir)
		return errf(-errno, "/sys/class/block: %s", strerror(errno));
	while (r == 0 && (e = readdir(dir))) {
		char path[300];

		if (e->d_name[0] == '.' || is_slow_drive(e->d_name))
			continue;
		strncat(seen, " ", size - strlen(seen) - 1);
		strncat(seen, e->d_name, size - strlen(seen) - 1);
		snprintf(path, sizeof(path), "/dev/%s", e->d_name);
		if (!probe_matches(path, name, wanted))
			continue;
		*ret = strdup(path);
		r = *ret ? 1 : -ENOMEM;
	}
	closedir(dir);
	return r;
}

static int path_find(const char *path, char **ret)
{
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISBLK(st.st_mode))
		return 0;
	*ret = strdup(path);
	return *ret ? 1 : -ENOMEM;
}

int disk_wait(const char *tag, uint64_t timeout, char **ret)
{
	const char *name = NULL, *wanted = tag;
	char seen[256] = "";
	time_t end = time(NULL) + MIN(timeout, 3600);
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(tags) && !name; i++)
		if (strncmp(tag, tags[i].prefix, strlen(tags[i].prefix)) == 0) {
			name = tags[i].value;
			wanted = tag + strlen(tags[i].prefix);
		}
	for (;;) {
		r = name ? disk_find(name, wanted, seen, sizeof(seen), ret) : path_find(tag, ret);
		if (r != 0)
			return MIN(r, 0);
		if (time(NULL) >= end)
			break;
		nanosleep(&(struct timespec){ .tv_nsec = POLL_NS }, NULL);
	}
	return errf(-ETIMEDOUT, "%s: no such disk after %llu s; there are:%s", tag,
	            (unsigned long long)timeout, seen[0] ? seen : " none");
}
