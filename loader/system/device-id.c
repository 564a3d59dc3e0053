// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * device-id.c - by what the capture kernel knows a block device again, see device-id.h.
 *
 * What is on the device is told by libblkid, or by what udev found with it, for a device that we
 * may not open.
 */
#include "loader/system/device-id.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/sysmacros.h>

#include "system/disk-facts.h"
#include "system/libraries.h"
#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

/* What is on a device; NULL: nothing, or not known. */
struct contents {
	char *uuid;     /* of the file system */
	char *partuuid; /* of the partition */
};

static void contents_done(struct contents *c)
{
	free(c->uuid);
	free(c->partuuid);
}

/* One chain of libblkid at a time: an error in the partition table would also hide the file system
 * (partitions_probe(), util-linux 2.38). */
static void take_value(blkid_probe probe, bool partition, char **ret)
{
	const char *value;

	libblkid.blkid_probe_enable_superblocks(probe, !partition);
	libblkid.blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_UUID);
	libblkid.blkid_probe_enable_partitions(probe, partition);
	libblkid.blkid_probe_set_partitions_flags(probe, BLKID_PARTS_ENTRY_DETAILS);
	if (libblkid.blkid_do_safeprobe(probe) == 0 &&
	    libblkid.blkid_probe_lookup_value(probe, partition ? "PART_ENTRY_UUID" : "UUID", &value,
	                                      NULL) == 0)
		*ret = strdup(value);
}

/* Reads superblock and partition table. */
static int probe_contents(int root_fd, const char *node, struct contents *ret)
{
	_cleanup_close_ int fd = tree_open(root_fd, node, O_RDONLY | O_NONBLOCK);
	blkid_probe probe;
	int r;

	if (fd < 0)
		return fd;
	r = libblkid_open();
	if (r < 0)
		return r;
	probe = libblkid.blkid_new_probe();
	if (!probe)
		return -ENOMEM;
	if (libblkid.blkid_probe_set_device(probe, fd, 0, 0) == 0) {
		take_value(probe, false, &ret->uuid);
		take_value(probe, true, &ret->partuuid);
	}
	libblkid.blkid_free_probe(probe);
	return ret->uuid ? 0 : -ENOENT;
}

/* What udev has found. -ENOENT when it knows nothing of the device. */
static int udev_contents(int root_fd, dev_t number, struct contents *ret)
{
	static const char uuid[] = "E:ID_FS_UUID=", partuuid[] = "E:ID_PART_ENTRY_UUID=";
	_cleanup_free_ char *text = NULL;
	char path[64], *save = NULL;

	snprintf(path, sizeof(path), "/run/udev/data/b%u:%u", major(number), minor(number));
	if (tree_read(root_fd, path, MIB(1), &text, NULL) < 0)
		return -ENOENT;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (!ret->uuid && strncmp(line, uuid, strlen(uuid)) == 0)
			ret->uuid = strdup(line + strlen(uuid));
		if (!ret->partuuid && strncmp(line, partuuid, strlen(partuuid)) == 0)
			ret->partuuid = strdup(line + strlen(partuuid));
	}
	return 0;
}

static int make_spec(const struct contents *c, const char *node, char **ret)
{
	return c->uuid ? text_printf(ret, "UUID=%s", c->uuid) : text_printf(ret, "%s", node);
}

int device_identify(int root_fd, struct device *d)
{
	_cleanup_(contents_done) struct contents c = {};
	_cleanup_free_ char *name = NULL;
	int r;

	if (probe_contents(root_fd, d->node, &c) < 0)
		(void)udev_contents(root_fd, d->number, &c);
	r = make_spec(&c, d->node, &d->spec);
	name = strdup(d->node + strlen("/dev/"));
	if (!name)
		return oom("the name of a disk");
	for (char *slash = name; (slash = strchr(slash, '/'));)
		*slash = '!';
	if (r < 0 || (r = disk_facts_add_place(root_fd, name, &d->facts)) < 0 ||
	    (r = disk_facts_add_identity(root_fd, name, &d->facts)) < 0)
		return r;
	return c.partuuid ? disk_facts_add(&d->facts, "partuuid", c.partuuid) : 0;
}

/* True if the block device @name has the UUID. Optical drives answer slowly, and loop devices and
 * card readers may be empty. */
static bool has_uuid(int root_fd, const char *name, dev_t own, const char *uuid, const char *node)
{
	_cleanup_(contents_done) struct contents c = {};
	uint64_t size;
	dev_t number;

	if (device_read_block(root_fd, name, &number, &size) < 0 || size == 0 ||
	    strncmp(name, "sr", 2) == 0 || number == own)
		return false;
	if (udev_contents(root_fd, number, &c) < 0)
		(void)probe_contents(root_fd, node, &c);
	return c.uuid && strcasecmp(c.uuid, uuid) == 0;
}

int device_find_copy(int root_fd, const struct device *d, char **ret)
{
	static const char prefix[] = "UUID=";
	_cleanup_(strv_freep) char **names = NULL;
	int r;

	if (strncmp(d->spec, prefix, strlen(prefix)) != 0)
		return 0;
	r = tree_list(root_fd, "/sys/class/block", &names);
	if (r < 0)
		return r;
	for (char **name = names; name && *name; name++) {
		_cleanup_free_ char *node = NULL;

		r = disk_node(*name, &node);
		if (r < 0)
			return r;
		if (has_uuid(root_fd, *name, d->number, d->spec + strlen(prefix), node)) {
			*ret = TAKE_PTR(node);
			return 1;
		}
	}
	return 0;
}

/* 1 when one chain of libblkid finds something. */
static int probe_kind(blkid_probe probe, bool partitions, char **ret)
{
	const char *value = NULL;
	int r;

	libblkid.blkid_probe_enable_superblocks(probe, !partitions);
	libblkid.blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_BADCSUM);
	libblkid.blkid_probe_enable_partitions(probe, partitions);
	libblkid.blkid_probe_set_partitions_flags(probe, 0);
	r = libblkid.blkid_do_safeprobe(probe);
	if (r == 1)
		return 0;
	if (r == -1)
		return errf(-EIO, "cannot be read");
	if (r == 0)
		(void)libblkid.blkid_probe_lookup_value(probe, partitions ? "PTTYPE" : "TYPE",
		                                        &value, NULL);
	*ret = strdup(value ?: r == 0 ? "something" : "more than one thing");
	return *ret ? 1 : oom("what is on a device");
}

int device_find_signature(int fd, char **ret)
{
	blkid_probe probe;
	int r = libblkid_open();

	if (r < 0)
		return r;
	probe = libblkid.blkid_new_probe();
	if (!probe)
		return oom("a probe");
	r = libblkid.blkid_probe_set_device(probe, fd, 0, 0) != 0 ? errf(-EIO, "cannot be read")
	                                                          : probe_kind(probe, false, ret);
	if (r == 0)
		r = probe_kind(probe, true, ret);
	libblkid.blkid_free_probe(probe);
	return r;
}
