// SPDX-License-Identifier: GPL-2.0-or-later
/* device.c - from the target directory to its block device, see device.h. */
#include "loader/system/device.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "loader/system/device-id.h"
#include "loader/system/mounts.h"
#include "loader/system/secret.h"
#include "loader/system/room.h"
#include "system/disk-facts.h"
#include "system/libraries.h"
#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

void device_done(struct device *d)
{
	free(d->path);
	free(d->node);
	free(d->spec);
	strv_free(d->facts);
	free(d->fstype);
	free(d->mount_options);
	free(d->directory);
	free(d->obstacle);
	*d = (struct device){};
}

/* 0, or -ENOLINK with a text when @path is, or leads through, a symbolic link to nowhere. */
static int refuse_dangling(int root_fd, const char *path)
{
	_cleanup_free_ char *part = strdup(path);

	if (!part)
		return oom("a path");
	for (char *slash = strchr(part + 1, '/'); part;) {
		_cleanup_free_ char *real = NULL;
		char target[PATH_MAX];
		ssize_t n;

		if (slash)
			*slash = '\0';
		n = readlinkat(root_fd, part + strspn(part, "/"), target, sizeof(target) - 1);
		if (n > 0 && tree_realpath(root_fd, part, &real) == -ENOENT) {
			target[n] = '\0';
			if (!slash)
				return errf(-ENOLINK,
				            "%s: is a symbolic link to %s, which is not there; "
				            "make that directory or correct the link",
				            path, target);
			return errf(-ENOLINK,
			            "%s: leads through the symbolic link %s to %s, which is not "
			            "there; make that directory or correct the link",
			            path, part, target);
		}
		if (!slash)
			break;
		*slash = '/';
		slash = strchr(slash + 1, '/');
	}
	return 0;
}

int device_make_directory(int root_fd, const char *path)
{
	_cleanup_free_ char *copy = strdup(path + strspn(path, "/"));
	char *slash = copy;
	int r;

	if (!copy)
		return -ENOMEM;
	r = refuse_dangling(root_fd, path);
	if (r < 0)
		return r;
	for (size_t len = strlen(copy); len && copy[len - 1] == '/'; len--)
		copy[len - 1] = '\0';
	while (slash && *slash) {
		slash = strchr(slash, '/');
		if (slash)
			*slash = '\0';
		r = mkdirat(root_fd, copy, slash ? 0755 : 0700);
		if (r < 0 && errno != EEXIST)
			return errf(-errno, "%s: cannot be made: %s", path, strerror(errno));
		if (slash) {
			*slash++ = '/';
			slash += strspn(slash, "/");
		}
	}
	return 0;
}

/* File systems without a block device of their own; the rest has "no block device". */
static const struct {
	const char *fstype;
	const char *why;
} unreachable[] = {
	{ "tmpfs", "which is gone after a reboot" },
	{ "ramfs", "which is gone after a reboot" },
	{ "overlay", "which the capture program cannot put together" },
	{ "nfs", "a network file system, which the capture program cannot reach yet" },
	{ "nfs4", "a network file system, which the capture program cannot reach yet" },
	{ "cifs", "a network file system, which the capture program cannot reach yet" },
	{ "smb3", "a network file system, which the capture program cannot reach yet" },
	{ "ceph", "a network file system, which the capture program cannot reach yet" },
	{ "9p", "a directory of the host, which the capture program cannot reach yet" },
	{ "virtiofs", "a directory of the host, which the capture program cannot reach yet" },
	{ "zfs", "which the capture program cannot mount" },
	{ "bcachefs", "which the capture program cannot mount yet" },
};

static int refuse_fstype(const char *path, const char *fstype)
{
	const char *why = "which has no block device of its own";

	for (size_t i = 0; i < ARRAY_SIZE(unreachable); i++)
		if (streq(fstype, unreachable[i].fstype))
			why = unreachable[i].why;
	return errf(-EOPNOTSUPP, "%s: lies on %s, %s", path, fstype, why);
}

/* Number of the block device of a mount. btrfs has anonymous numbers, but names the device. */
static int find_number(int root_fd, const struct mount *m, const char *path, dev_t *ret)
{
	_cleanup_free_ char *real = NULL;

	*ret = m->number;
	if (strncmp(m->fstype, "fuse", 4) == 0 || streq(m->fstype, "bcachefs"))
		return refuse_fstype(path, m->fstype);
	if (major(*ret) != 0)
		return 0;
	if (!streq(m->fstype, "btrfs") || strncmp(m->source, "/dev/", 5) != 0)
		return refuse_fstype(path, m->fstype);
	if (tree_realpath(root_fd, m->source, &real) < 0)
		return errf(-ENOENT, "%s: its device %s is not there", path, m->source);
	if (device_read_block(root_fd, strrchr(real, '/') + 1, ret, NULL) < 0)
		return errf(-ENOENT, "%s: its device %s is no block device", path, m->source);
	return 0;
}

/* Text of the attribute @name of a block device, or "". */
#define ATTRIBUTE_MAX 160
static void read_attribute(int root_fd, const char *sysfs, const char *name,
                           char buf[static ATTRIBUTE_MAX])
{
	_cleanup_free_ char *line = NULL;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", sysfs, name);
	*buf = '\0';
	if (tree_read_line(root_fd, path, &line) == 0)
		snprintf(buf, ATTRIBUTE_MAX, "%s", line);
}

/* Devices made of other devices need programs that the capture image does not hold. @sysfs is the
 * real path of a block device, of its disk if it is a partition. */
static int refuse_stack(int root_fd, dev_t number, const char *sysfs, const char *path,
                        const char *node)
{
	static const struct {
		const char *prefix; /* of the kernel's name for the device */
		const char *what;
	} kinds[] = {
		{ "md", "a software RAID" },         { "loop", "a loop device" },
		{ "zram", "compressed memory" },     { "nbd", "a network block device" },
		{ "rbd", "a network block device" }, { "drbd", "a network block device" },
		{ "bcache", "a cached device" },     { "ram", "a RAM disk" },
	};
	const char *name = strrchr(sysfs, '/') + 1, *what = "a virtual device";
	char dm[ATTRIBUTE_MAX], uuid[ATTRIBUTE_MAX];
	bool encrypted;

	if (!strstr(sysfs, "/devices/virtual/") || strstr(sysfs, "/nvme-subsystem/"))
		return 0;
	read_attribute(root_fd, sysfs, "dm/name", dm);
	if (*dm) {
		read_attribute(root_fd, sysfs, "dm/uuid", uuid);
		encrypted = strncmp(uuid, "CRYPT-", 6) == 0;
		what = strncmp(uuid, "LVM-", 4) == 0     ? "an LVM volume"
		       : encrypted                       ? "an encrypted volume"
		       : strncmp(uuid, "mpath-", 6) == 0 ? "a multipath device"
		                                         : "a device-mapper device";
		return errf(-EOPNOTSUPP,
		            "%s: lies on %s (/dev/mapper/%s)%s, which the capture program cannot "
		            "set up yet",
		            path, what, dm,
		            !encrypted && device_may_be_secret(root_fd, "", number)
		                    ? " on an encrypted one"
		                    : "");
	}
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strncmp(name, kinds[i].prefix, strlen(kinds[i].prefix)) == 0) {
			what = kinds[i].what;
			break;
		}
	return errf(-EOPNOTSUPP, "%s: lies on %s (%s), which the capture program cannot set up yet",
	            path, what, node);
}

/* Name of the node. Refuses devices that have to be set up by a program. */
static int find_node(int root_fd, const char *path, dev_t number, char **ret)
{
	_cleanup_free_ char *sysfs = NULL, *node = NULL;
	char link[64], partition[ATTRIBUTE_MAX];
	int r;

	snprintf(link, sizeof(link), "/sys/dev/block/%u:%u", major(number), minor(number));
	r = tree_realpath(root_fd, link, &sysfs);
	if (r < 0)
		return err_prefix(r, "%s: its block device", path);
	r = disk_node(strrchr(sysfs, '/') + 1, &node);
	if (r < 0)
		return r;
	read_attribute(root_fd, sysfs, "partition", partition);
	if (*partition)
		*strrchr(sysfs, '/') = '\0';
	r = refuse_stack(root_fd, number, sysfs, path, node);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(node);
	return 0;
}

/* btrfs on several disks would need all of them announced to the kernel before the mount. */
static int refuse_btrfs_raid(int root_fd, const char *path, const char *spec)
{
	_cleanup_(strv_freep) char **devices = NULL;
	char directory[PATH_MAX];

	snprintf(directory, sizeof(directory), "/sys/fs/btrfs/%s/devinfo",
	         spec + (strncmp(spec, "UUID=", 5) == 0 ? 5 : 0));
	if (tree_list(root_fd, directory, &devices) < 0 || strv_length(devices) < 2)
		return 0;
	return errf(
		-EOPNOTSUPP,
		"%s: lies on a btrfs of several devices, which the capture program cannot set up "
		"yet",
		path);
}

/* True if "ro" is one of the options "a,b=c". */
static bool has_ro(const char *options)
{
	return libmount.mnt_optstr_get_option(options, "ro", NULL, NULL) == 0;
}

/* Free space, and a look whether files can be made. */
static int check_writable(int root_fd, const char *path, const struct mount *m, struct device *d)
{
	_cleanup_close_ int fd = tree_open(root_fd, path, O_PATH | O_DIRECTORY);
	struct statvfs st;

	if (fd < 0)
		return fd;
	if (has_ro(m->flags) || has_ro(m->options))
		return errf(-EROFS,
		            "%s: lies on a file system mounted read-only (%s); mount it read-write "
		            "or set Path= to another directory",
		            path, m->target);
	if (faccessat(fd, ".", W_OK, AT_EACCESS) < 0)
		return errf(-errno, "%s: cannot be written to: %s", path, strerror(errno));
	if (fstatvfs(fd, &st) < 0)
		return errf(-errno, "%s: %s", path, strerror(errno));
	room_set(root_fd, &st, d);
	return 0;
}

/* What the mount itself tells. */
static int fill_from_mount(const struct mount *m, struct device *d)
{
	const char *rest = mounts_below(d->path, m->target);

	/* A subvolume is a directory below the top one. */
	d->mount_options = strdup(streq(d->fstype, "btrfs") ? "subvolid=5" : "");
	if (asprintf(&d->directory, "%s%s", streq(m->root, "/") && *rest ? "" : m->root, rest) < 0)
		d->directory = NULL;
	return d->mount_options && d->directory ? 0 : -ENOMEM;
}

/* The device below @path; *@ret_mount belongs to @mounts. */
static int find(int root_fd, const char *path, struct device *d, struct mounts *mounts,
                const struct mount **ret_mount)
{
	const struct mount *m;
	int r;

	if ((r = refuse_dangling(root_fd, path)) < 0 ||
	    (r = tree_realpath(root_fd, path, &d->path)) < 0 ||
	    (r = mounts_read(root_fd, mounts)) < 0)
		return r;
	m = mounts_find(mounts, d->path);
	if (!m)
		return errf(-ENOENT, "%s: is on no mount of /proc/self/mountinfo", d->path);
	if ((r = text_replace(&d->fstype, m->fstype)) < 0 ||
	    (r = find_number(root_fd, m, d->path, &d->number)) < 0 ||
	    (r = find_node(root_fd, d->path, d->number, &d->node)) < 0 ||
	    (r = device_identify(root_fd, d)) < 0)
		return r;
	*ret_mount = m;
	r = streq(d->fstype, "btrfs") ? refuse_btrfs_raid(root_fd, d->path, d->spec) : 0;
	return r < 0 ? r : fill_from_mount(m, d);
}

/* @d has what was found so far when it fails. */
static int find_target(int root_fd, const char *path, struct device *d)
{
	_cleanup_(mounts_done) struct mounts mounts = {};
	const struct mount *m = NULL;
	int r = find(root_fd, path, d, &mounts, &m);

	return r < 0 ? r : check_writable(root_fd, path, m, d);
}

int device_find_target(int root_fd, const char *path, struct device *ret)
{
	_cleanup_(device_done) struct device d = {};
	int r = find_target(root_fd, path, &d);

	if (r == -EOPNOTSUPP)
		return err_suffix(r, "; set Path= to a directory of a file system on a plain disk "
		                     "or partition");
	if (r < 0)
		return r;
	*ret = TAKE_STRUCT(d);
	return 0;
}

static void find_room(int root_fd, struct device *d)
{
	_cleanup_close_ int fd = tree_open(root_fd, d->path, O_PATH | O_DIRECTORY);
	struct statvfs st;

	if (fd >= 0 && fstatvfs(fd, &st) == 0)
		room_set(root_fd, &st, d);
}

int device_find_any_target(int root_fd, const char *path, struct device *ret)
{
	_cleanup_(device_done) struct device d = {};
	int r = find_target(root_fd, path, &d);

	if (r == -EOPNOTSUPP) {
		find_room(root_fd, &d);
		d.obstacle = strdup(err_text(r));
		d.secret = device_may_be_secret(root_fd, d.fstype, d.number);
		r = d.obstacle ? 0 : oom("a device");
	}
	if (r < 0)
		return r;
	*ret = TAKE_STRUCT(d);
	return 0;
}

int device_find_file(int root_fd, const char *path, struct device *ret)
{
	_cleanup_(device_done) struct device d = {};
	_cleanup_(mounts_done) struct mounts mounts = {};
	const struct mount *m = NULL;
	int r = find(root_fd, path, &d, &mounts, &m);

	if (r < 0)
		return r;
	*ret = TAKE_STRUCT(d);
	return 0;
}

int device_find_node(int root_fd, const char *what, dev_t number, struct device *ret)
{
	_cleanup_(device_done) struct device d = { .number = number };
	int r;

	if ((r = find_node(root_fd, what, number, &d.node)) < 0 ||
	    (r = device_identify(root_fd, &d)) < 0)
		return r;
	*ret = TAKE_STRUCT(d);
	return 0;
}

int device_read_block(int root_fd, const char *name, dev_t *ret_number, uint64_t *ret_size)
{
	_cleanup_free_ char *line = NULL;
	unsigned major, minor;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/class/block/%s/dev", name);
	if (tree_read_line(root_fd, path, &line) < 0 || sscanf(line, "%u:%u", &major, &minor) != 2)
		return errf(-ENODEV, "%s: is no block device", name);
	*ret_number = makedev(major, minor);
	if (!ret_size)
		return 0;
	snprintf(path, sizeof(path), "/sys/class/block/%s/size", name);
	if (tree_read_u64(root_fd, path, ret_size) < 0)
		return errf(-ENODEV, "%s: has no size", name);
	*ret_size *= 512;
	return 0;
}
