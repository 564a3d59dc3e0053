// SPDX-License-Identifier: GPL-2.0-or-later
/* test-device.c - from the target directory to its block device. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "loader/system/device-id.h"
#include "loader/system/room.h"
#include "tests/unit/machine.h"
#include "base/text.h"

#define VIRTIO "pci0000:00/0000:00:02.0/virtio0"

static int setup(void **state)
{
	static struct temptree t;

	temptree_make(&t);
	temptree_text(&t, "var/crash/keep", "");
	temptree_text(&t, "srv/dumps/keep", "");
	*state = &t;
	return 0;
}

static int teardown(void **state)
{
	temptree_remove(*state);
	return 0;
}

static void mounts(const struct temptree *t, const char *text)
{
	temptree_text(t, "proc/self/mountinfo", text);
}

static int find(void **state, const char *path, struct device *ret)
{
	return device_find_target(((struct temptree *)*state)->fd, path, ret);
}

static void takes_the_deepest_mount(void **state)
{
	_cleanup_(device_done) struct device root = {}, srv = {};

	machine_disk(*state, VIRTIO, "vda");
	mounts(*state, "20 1 8:1 / / rw - xfs /dev/sda1 rw\n"
	               "21 20 254:1 / /var rw - ext4 /dev/vda1 rw,errors=remount-ro\n"
	               "22 20 254:0 / /srv/dum rw - ext4 /dev/vda rw\n"
	               "23 20 0:5 / /srv rw - tmpfs tmpfs rw\n"
	               "24 20 254:0 / /srv rw - ext4 /dev/vda rw\n");
	assert_int_equal(find(state, "/var/crash", &root), 0);
	assert_string_equal(root.path, "/var/crash");
	assert_string_equal(root.node, "/dev/vda1");
	assert_string_equal(root.fstype, "ext4");
	assert_string_equal(root.directory, "/crash");
	assert_string_equal(root.mount_options, "");
	assert_int_equal(root.number, makedev(254, 1));
	assert_true(root.size > 0 && root.free <= root.size);
	/* The last mount on a place hides the others; "/srv/dum" is another directory. */
	assert_int_equal(find(state, "/srv/dumps", &srv), 0);
	assert_string_equal(srv.node, "/dev/vda");
	assert_string_equal(srv.directory, "/dumps");
}

/* /var/crash was mounted first, then something else on /var. */
static void a_hidden_mount_does_not_count(void **state)
{
	_cleanup_(device_done) struct device d = {};

	machine_disk(*state, VIRTIO, "vda");
	mounts(*state, "20 1 254:1 / / rw - ext4 /dev/vda1 rw\n"
	               "21 20 254:0 / /var/crash rw - xfs /dev/vda rw\n"
	               "22 20 0:5 / /var rw - tmpfs tmpfs rw\n");
	assert_fails(find(state, "/var/crash", &d), -EOPNOTSUPP, "lies on tmpfs");
	mounts(*state, "20 1 254:1 / / rw - ext4 /dev/vda1 rw\n"
	               "22 20 0:5 / /var rw - tmpfs tmpfs rw\n"
	               "21 22 254:0 / /var/crash rw - xfs /dev/vda rw\n");
	assert_int_equal(find(state, "/var/crash", &d), 0);
	assert_string_equal(d.fstype, "xfs");
}

static void names_a_dangling_link(void **state)
{
	struct temptree *t = *state;
	struct device d;

	machine_disk(t, VIRTIO, "vda");
	mounts(t, "20 1 254:1 / / rw - ext4 /dev/vda1 rw\n");
	temptree_link(t, "dumps", "/srv/gone");
	assert_fails(find(state, "/dumps", &d), -ENOLINK,
	             "/dumps: is a symbolic link to /srv/gone, which is not there");
	assert_fails(find(state, "/dumps/x", &d), -ENOLINK, "/dumps/x: leads through the symbolic");
	assert_fails(device_make_directory(t->fd, "/dumps"), -ENOLINK,
	             "/dumps: is a symbolic link");
	assert_fails(device_make_directory(t->fd, "/dumps/x"), -ENOLINK, "/dumps/x: leads through");
}

/* What statvfs() tells of an ext4 with 5000 free blocks of 4K. */
static void counts_the_room_that_root_has(void **state)
{
	struct temptree *t = *state;
	struct statvfs st = { .f_frsize = 4096,
		              .f_blocks = 100000,
		              .f_bfree = 5000,
		              .f_bavail = 100,
		              .f_files = 1000,
		              .f_favail = 7 };
	char node[] = "/dev/vda1", ext4[] = "ext4", xfs[] = "xfs", why[ROOM_WHY_MAX];
	struct device d = { .node = node, .fstype = ext4 };

	room_set(t->fd, &st, &d);
	assert_int_equal(d.free, 100 * 4096);
	temptree_text(t, "sys/fs/ext4/vda1/reserved_clusters", "4096\n");
	room_set(t->fd, &st, &d);
	assert_int_equal(d.free, (5000 - 4096) * 4096);
	assert_int_equal(d.available, 100 * 4096);
	assert_true(room_is_gone(&d, why));
	assert_string_equal(why, "only 7 more files can be made");
	st.f_favail = 900;
	room_set(t->fd, &st, &d);
	assert_false(room_is_gone(&d, why));
	st.f_bfree = 4100;
	room_set(t->fd, &st, &d);
	assert_true(room_is_gone(&d, why));
	assert_string_equal(why, "only 16.0K are free");
	st.f_bfree = 4000;
	room_set(t->fd, &st, &d);
	assert_int_equal(d.free, 0);
	/* Others tell by themselves, and may have no number of files. */
	d.fstype = xfs;
	st.f_bavail = 300;
	st.f_files = st.f_favail = 0;
	room_set(t->fd, &st, &d);
	assert_int_equal(d.free, 300 * 4096);
	assert_false(room_is_gone(&d, why));
}

static void follows_links_and_bind_mounts(void **state)
{
	_cleanup_(device_done) struct device d = {}, top = {};

	machine_disk(*state, VIRTIO, "vda");
	temptree_link(*state, "crashes", "var/crash");
	mounts(*state, "20 1 254:1 / / rw - ext4 /dev/vda1 rw\n"
	               "21 20 254:1 /data/a\\040b /var rw - ext4 /dev/vda1 rw\n");
	assert_int_equal(find(state, "/crashes", &d), 0);
	assert_string_equal(d.path, "/var/crash");
	assert_string_equal(d.directory, "/data/a b/crash");
	mounts(*state, "20 1 254:1 / /var/crash rw - ext4 /dev/vda1 rw\n");
	assert_int_equal(find(state, "/var/crash", &top), 0);
	assert_string_equal(top.directory, "/");
}

static void btrfs_from_the_top_subvolume(void **state)
{
	_cleanup_(device_done) struct device d = {};

	machine_disk(*state, VIRTIO, "vda");
	temptree_text(*state, "dev/vda1", "");
	mounts(*state, "20 1 0:25 /@/sub / rw - btrfs /dev/vda1 rw,subvolid=257,subvol=/@/sub\n");
	assert_int_equal(find(state, "/var/crash", &d), 0);
	assert_string_equal(d.node, "/dev/vda1");
	assert_int_equal(d.number, makedev(254, 1));
	assert_string_equal(d.mount_options, "subvolid=5");
	assert_string_equal(d.directory, "/@/sub/var/crash");
}

static void refuses_btrfs_of_several_devices(void **state)
{
	struct device d;

	machine_disk(*state, VIRTIO, "vda");
	temptree_text(*state, "dev/vda1", "");
	temptree_text(*state, "run/udev/data/b254:1", "E:ID_FS_TYPE=btrfs\nE:ID_FS_UUID=ab-cd\n");
	temptree_text(*state, "sys/fs/btrfs/ab-cd/devinfo/1/x", "");
	temptree_text(*state, "sys/fs/btrfs/ab-cd/devinfo/3/x", "");
	mounts(*state, "20 1 0:25 / / rw - btrfs /dev/vda1 rw\n");
	assert_fails(find(state, "/var/crash", &d), -EOPNOTSUPP, "btrfs of several devices");
}

/* A superblock as libblkid wants it: magic, revision and a UUID. */
static void make_ext_superblock(const struct temptree *t, const char *path)
{
	static const uint8_t uuid[16] = { 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0,
		                          0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0 };
	_cleanup_free_ uint8_t *disk = calloc(1, MIB(1));

	assert_non_null(disk);
	disk[1024] = 16;          /* inodes */
	disk[1024 + 5] = 4;       /* blocks: 1024 */
	disk[1024 + 0x38] = 0x53; /* magic */
	disk[1024 + 0x39] = 0xef;
	disk[1024 + 0x4c] = 1;    /* revision */
	disk[1024 + 0x5c] = 4;    /* has a journal */
	disk[1024 + 0x60] = 0x40; /* extents: ext4 */
	memcpy(disk + 1024 + 0x68, uuid, sizeof(uuid));
	temptree_bytes(t, path, disk, MIB(1));
}

static void names_by_uuid(void **state)
{
	_cleanup_(device_done) struct device none = {}, udev = {}, super = {};

	machine_disk(*state, VIRTIO, "vda");
	mounts(*state, "20 1 254:1 / / rw - ext4 /dev/root rw\n");
	assert_int_equal(find(state, "/var/crash", &none), 0);
	assert_string_equal(none.spec, "/dev/vda1");
	temptree_text(*state, "run/udev/data/b254:1", "S:disk/x\nE:ID_FS_UUID=ab-cd\nE:A=b\n");
	assert_int_equal(find(state, "/var/crash", &udev), 0);
	assert_string_equal(udev.spec, "UUID=ab-cd");
	make_ext_superblock(*state, "dev/vda1");
	assert_int_equal(find(state, "/var/crash", &super), 0);
	assert_string_equal(super.spec, "UUID=12345678-9abc-def0-1234-56789abcdef0");
}

static void has_more_facts_than_the_uuid(void **state)
{
	static const char disk[] = "sys/devices/" VIRTIO "/block/vda";
	_cleanup_(device_done) struct device d = {};
	_cleanup_free_ char *facts = NULL;
	char path[200];

	machine_disk(*state, VIRTIO, "vda");
	snprintf(path, sizeof(path), "%s/serial", disk);
	temptree_text(*state, path, "A 1");
	snprintf(path, sizeof(path), "%s/vda1/size", disk);
	temptree_text(*state, path, "2048\n");
	temptree_text(*state, "run/udev/data/b254:1",
	              "E:ID_FS_UUID=ab-cd\nE:ID_PART_ENTRY_UUID=12-01\n");
	mounts(*state, "20 1 254:1 / / rw - ext4 /dev/root rw\n");
	assert_int_equal(find(state, "/var/crash", &d), 0);
	assert_int_equal(strv_join(d.facts, " ", &facts), 0);
	assert_string_equal(facts, "name=vda1 path=pci0000:00/0000:00:02.0/virtio/part1 "
	                           "size=1048576 serial=A_1 partuuid=12-01");
}

static void add_disk(const struct temptree *t, const char *name, const char *number)
{
	char path[100];

	snprintf(path, sizeof(path), "sys/class/block/%s/dev", name);
	temptree_text(t, path, number);
	snprintf(path, sizeof(path), "sys/class/block/%s/size", name);
	temptree_text(t, path, "2048\n");
}

static void finds_copies(void **state)
{
	const struct temptree *t = *state;
	_cleanup_(device_done) struct device d = {};
	_cleanup_free_ char *by_udev = NULL, *by_superblock = NULL, *none = NULL;

	machine_disk(t, VIRTIO, "vda");
	make_ext_superblock(t, "dev/vda1");
	mounts(t, "20 1 254:1 / / rw - ext4 /dev/root rw\n");
	assert_int_equal(find(state, "/var/crash", &d), 0);
	assert_int_equal(device_find_copy(t->fd, &d, &none), 0);
	/* udev knows better than to look at it. */
	add_disk(t, "sda", "8:0\n");
	make_ext_superblock(t, "dev/sda");
	temptree_text(t, "run/udev/data/b8:0", "E:ID_FS_TYPE=mpath_member\n");
	assert_int_equal(device_find_copy(t->fd, &d, &none), 0);
	add_disk(t, "cciss!c0d0", "104:0\n");
	make_ext_superblock(t, "dev/cciss/c0d0");
	assert_int_equal(device_find_copy(t->fd, &d, &by_superblock), 1);
	assert_string_equal(by_superblock, "/dev/cciss/c0d0");
	temptree_text(t, "run/udev/data/b8:0",
	              "E:ID_FS_UUID=12345678-9ABC-DEF0-1234-56789ABCDEF0\n");
	unlinkat(t->fd, "dev/cciss/c0d0", 0);
	assert_int_equal(device_find_copy(t->fd, &d, &by_udev), 1);
	assert_string_equal(by_udev, "/dev/sda");
}

static void refuses_what_has_no_disk(void **state)
{
	static const struct {
		const char *mount, *part;
	} rows[] = {
		{ "20 1 0:5 / / rw - tmpfs tmpfs rw\n",
		  "lies on tmpfs, which is gone after a reboot" },
		{ "20 1 0:5 / / rw - overlay overlay rw\n", "lies on overlay" },
		{ "20 1 0:5 / / rw - nfs4 srv:/x rw\n", "lies on nfs4, a network file system" },
		{ "20 1 0:5 / / rw - zfs tank rw\n", "lies on zfs" },
		{ "20 1 0:5 / / rw - newfs none rw\n", "no block device of its own" },
		{ "20 1 254:1 / / rw - fuseblk /dev/vda1 rw\n", "lies on fuseblk" },
		{ "20 1 0:5 / / rw - btrfs none rw\n", "lies on btrfs" },
	};
	struct device d;

	machine_disk(*state, VIRTIO, "vda");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		mounts(*state, rows[i].mount);
		assert_fails(find(state, "/var/crash", &d), -EOPNOTSUPP, rows[i].part);
		assert_fails(find(state, "/var/crash", &d), -EOPNOTSUPP, "set Path=");
	}
}

static void refuses_stacks(void **state)
{
	struct device d;

	mounts(*state, "20 1 254:0 / / rw - ext4 /dev/mapper/vg-var rw\n");
	temptree_text(*state, "sys/devices/virtual/block/dm-3/dm/name", "vg-var\n");
	temptree_text(*state, "sys/devices/virtual/block/dm-3/dm/uuid", "LVM-x\n");
	temptree_link(*state, "sys/dev/block/254:0", "../../devices/virtual/block/dm-3");
	assert_fails(find(state, "/var/crash", &d), -EOPNOTSUPP,
	             "/var/crash: lies on an LVM volume (/dev/mapper/vg-var)");
	temptree_text(*state, "sys/devices/virtual/block/dm-3/dm/uuid", "CRYPT-LUKS2-x\n");
	assert_fails(find(state, "/var/crash", &d), -EOPNOTSUPP, "an encrypted volume");
	/* A partition of an array is as unreachable as the array. */
	mounts(*state, "20 1 254:1 / / rw - ext4 /dev/md0p1 rw\n");
	temptree_text(*state, "sys/devices/virtual/block/md0/md0p1/partition", "1\n");
	temptree_link(*state, "sys/dev/block/254:1", "../../devices/virtual/block/md0/md0p1");
	assert_fails(find(state, "/var/crash", &d), -EOPNOTSUPP, "a software RAID (/dev/md0p1)");
}

/* What a volume of device mapper is made of. */
static void volume(struct temptree *t, const char *name, const char *uuid, const char *below)
{
	char path[128], target[128];

	snprintf(path, sizeof(path), "sys/devices/virtual/block/%s/dm/name", name);
	temptree_text(t, path, "x\n");
	snprintf(path, sizeof(path), "sys/devices/virtual/block/%s/dm/uuid", name);
	temptree_text(t, path, uuid);
	snprintf(path, sizeof(path), "sys/class/block/%s", name);
	snprintf(target, sizeof(target), "../../devices/virtual/block/%s", name);
	temptree_link(t, path, target);
	snprintf(path, sizeof(path), "sys/devices/virtual/block/%s/slaves/%s", name, below);
	temptree_dir(t, path);
}

static void tells_where_memory_must_not_be_written_in_the_clear(void **state)
{
	static const struct {
		const char *mountinfo;
		bool secret;
	} rows[] = {
		{ "20 1 254:1 / / rw - ext4 /dev/mapper/a rw\n", false },
		{ "20 1 254:2 / / rw - ext4 /dev/mapper/b rw\n", true },
		{ "20 1 254:3 / / rw - ext4 /dev/loop0 rw\n", true },
		{ "20 1 0:5 / / rw - tmpfs tmpfs rw\n", false },
		{ "20 1 0:5 / / rw - nfs4 srv:/x rw\n", false },
		{ "20 1 0:5 / / rw - zfs tank rw\n", true },
		{ "20 1 0:5 / / rw - btrfs none rw\n", true },
	};

	volume(*state, "dm-1", "LVM-x\n", "vda3");
	volume(*state, "dm-2", "LVM-y\n", "dm-4");
	volume(*state, "dm-4", "CRYPT-LUKS2-z\n", "vda4");
	temptree_text(*state, "sys/class/block/vda3/partition", "3\n");
	temptree_link(*state, "sys/dev/block/254:1", "../../devices/virtual/block/dm-1");
	temptree_link(*state, "sys/dev/block/254:2", "../../devices/virtual/block/dm-2");
	temptree_dir(*state, "sys/devices/virtual/block/loop0");
	temptree_link(*state, "sys/dev/block/254:3", "../../devices/virtual/block/loop0");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(device_done) struct device d = {};

		mounts(*state, rows[i].mountinfo);
		assert_int_equal(
			device_find_any_target(((struct temptree *)*state)->fd, "/var/crash", &d),
			0);
		assert_non_null(strstr(d.obstacle, "/var/crash: lies on"));
		assert_int_equal(d.secret, rows[i].secret);
		assert_int_equal(!!strstr(d.obstacle, "(/dev/mapper/x) on an encrypted one, which"),
		                 i == 1);
	}
}

static void nvme_multipath_is_no_stack(void **state)
{
	_cleanup_(device_done) struct device d = {};

	mounts(*state, "20 1 259:1 / / rw - ext4 /dev/nvme0n1p1 rw\n");
	temptree_text(*state,
	              "sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1/nvme0n1p1/partition",
	              "1\n");
	temptree_link(*state, "sys/dev/block/259:1",
	              "../../devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1/nvme0n1p1");
	assert_int_equal(find(state, "/var/crash", &d), 0);
	assert_string_equal(d.node, "/dev/nvme0n1p1");
}

static void refuses_read_only(void **state)
{
	struct device d;

	machine_disk(*state, VIRTIO, "vda");
	mounts(*state, "20 1 254:1 / / ro,relatime - ext4 /dev/vda1 rw\n");
	assert_fails(find(state, "/var/crash", &d), -EROFS, "mounted read-only (/)");
	mounts(*state, "20 1 254:1 / / rw,relatime - ext4 /dev/vda1 ro,errors=remount-ro\n");
	assert_fails(find(state, "/var/crash", &d), -EROFS, "mounted read-only");
	mounts(*state, "20 1 254:1 / / rw - ext4 /dev/vda1 rw\n");
	assert_fails(find(state, "/var/none", &d), -ENOENT, "/var/none: No such file");
	assert_fails(find(state, "/var/crash/keep", &d), -ENOTDIR,
	             "/var/crash/keep: Not a directory");
}

static void makes_the_directory(void **state)
{
	struct temptree *t = *state;
	struct stat st;

	assert_int_equal(device_make_directory(t->fd, "/data/deep//crash/"), 0);
	assert_int_equal(fstatat(t->fd, "data/deep/crash", &st, 0), 0);
	assert_int_equal(st.st_mode, S_IFDIR | 0700);
	assert_int_equal(fchmodat(t->fd, "data/deep/crash", 0750, 0), 0);
	assert_int_equal(device_make_directory(t->fd, "/data/deep/crash"), 0);
	assert_int_equal(fstatat(t->fd, "data/deep/crash", &st, 0), 0);
	assert_int_equal(st.st_mode, S_IFDIR | 0750);
	assert_fails(device_make_directory(t->fd, "/var/crash/keep/x"), -ENOTDIR,
	             "/var/crash/keep/x: cannot be made");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(takes_the_deepest_mount),
		TEST(a_hidden_mount_does_not_count),
		TEST(names_a_dangling_link),
		TEST(counts_the_room_that_root_has),
		TEST(follows_links_and_bind_mounts),
		TEST(btrfs_from_the_top_subvolume),
		TEST(refuses_btrfs_of_several_devices),
		TEST(names_by_uuid),
		TEST(has_more_facts_than_the_uuid),
		TEST(finds_copies),
		TEST(refuses_what_has_no_disk),
		TEST(refuses_stacks),
		TEST(tells_where_memory_must_not_be_written_in_the_clear),
		TEST(nvme_multipath_is_no_stack),
		TEST(refuses_read_only),
		TEST(makes_the_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
