// SPDX-License-Identifier: GPL-2.0-or-later
/* test-modules.c - modules in load order, out of the indexes of depmod. */
#include <errno.h>
#include <unistd.h>

#include "loader/system/modules.h"
#include "tests/unit/gzip.h"
#include "tests/unit/machine.h"
#include "base/text.h"

static const struct machine_module modules[] = {
	{ "virtio", "kernel/virtio.ko", "kernel/virtio_ring.ko" },
	{ "virtio_ring", "kernel/virtio_ring.ko" },
	/* As depmod writes it: all, also those of those. */
	{ "virtio_blk", "kernel/virtio_blk.ko", "kernel/virtio.ko kernel/virtio_ring.ko",
	  .alias = "virtio:d00000002v*" },
	{ "ext4", "kernel/fs/ext4.ko", "kernel/fs/jbd2.ko kernel/lib/mbcache.ko", "fs-ext4",
	  "pre: crc32c post: after_ext4" },
	{ "jbd2", "kernel/fs/jbd2.ko", .softdep = "pre: hash_of_jbd2 not_there" },
	{ "mbcache", "kernel/lib/mbcache.ko" },
	{ "crc32c_intel", "kernel/crc32c-intel.ko", .alias = "crc32c" },
	{ "crc32c_generic", "kernel/crc32c_generic.ko", .alias = "crc32c" },
	{ "hash_of_jbd2", "kernel/hash.ko" },
	{ "after_ext4", "kernel/after.ko" },
	{ "xfs", NULL, .alias = "fs-xfs", .softdep = "pre: hash_of_jbd2" },
	{ "loop_a", "kernel/a.ko", .softdep = "pre: loop_b" },
	{ "loop_b", "kernel/b.ko", .softdep = "pre: loop_a" },
};

static int setup(void **state)
{
	static struct temptree t;

	temptree_make(&t);
	machine_modules(&t, "6.1-x", modules, ARRAY_SIZE(modules));
	*state = &t;
	return 0;
}

static int teardown(void **state)
{
	temptree_remove(*state);
	return 0;
}

static struct modules_request request(const struct temptree *t, const char *fstype)
{
	static const char *fstypes[2];

	fstypes[0] = fstype;
	return (struct modules_request){ .root_fd = t->fd, .release = "6.1-x", .fstypes = fstypes };
}

static size_t position(const struct modules *m, const char *name)
{
	for (size_t i = 0; m->names && m->names[i]; i++)
		if (streq(m->names[i], name))
			return i;
	fail_msg("%s is not in the list", name);
	return 0;
}

static void orders_by_dependency(void **state)
{
	_cleanup_(modules_done) struct modules m = {};
	struct modules_request req = request(*state, "ext4");
	char *required[] = { "virtio_blk", "virtio", NULL };

	req.required = required;
	assert_int_equal(modules_resolve(&req, &m), 0);
	assert_true(position(&m, "virtio_ring") < position(&m, "virtio"));
	assert_true(position(&m, "virtio") < position(&m, "virtio_blk"));
	assert_true(position(&m, "crc32c_intel") < position(&m, "ext4"));
	assert_true(position(&m, "crc32c_generic") < position(&m, "ext4"));
	assert_true(position(&m, "hash_of_jbd2") < position(&m, "jbd2"));
	assert_true(position(&m, "jbd2") < position(&m, "ext4"));
	assert_true(position(&m, "mbcache") < position(&m, "ext4"));
	assert_true(position(&m, "after_ext4") > position(&m, "ext4"));
	assert_int_equal(strv_length(m.names), 10);
	assert_int_equal(strv_length(m.paths), 10);
	assert_string_equal(m.paths[position(&m, "ext4")],
	                    "/usr/lib/modules/6.1-x/kernel/fs/ext4.ko");
}

static void built_in_is_left_out(void **state)
{
	_cleanup_(modules_done) struct modules m = {};
	struct modules_request req = request(*state, "xfs");
	char *required[] = { "xfs", NULL };

	req.required = required;
	assert_int_equal(modules_resolve(&req, &m), 0);
	for (char **n = m.names; n && *n; n++)
		assert_string_not_equal(*n, "xfs");
}

static void looks_aliases_up(void **state)
{
	_cleanup_(modules_done) struct modules m = {};
	struct modules_request req = request(*state, "xfs");
	char *optional[] = { "virtio:d00000002v00001AF4", "pci:nobody", NULL };

	req.optional = optional;
	assert_int_equal(modules_resolve(&req, &m), 0);
	(void)position(&m, "virtio_blk");
}

static void some_come_before_all_others(void **state)
{
	_cleanup_(modules_done) struct modules m = {};
	struct modules_request req = request(*state, "xfs");
	char *first[] = { "virtio:d00000002v00001AF4", "pci:nobody", NULL };
	char *required[] = { "loop_a", NULL };

	req.first = first;
	req.required = required;
	assert_int_equal(modules_resolve(&req, &m), 0);
	assert_true(position(&m, "virtio_blk") < position(&m, "loop_a"));
}

static void ends_in_a_circle(void **state)
{
	_cleanup_(modules_done) struct modules m = {};
	struct modules_request req = request(*state, "xfs");
	char *required[] = { "loop_a", NULL };

	req.required = required;
	assert_int_equal(modules_resolve(&req, &m), 0);
	assert_true(position(&m, "loop_b") < position(&m, "loop_a"));
}

static void names_what_is_missing(void **state)
{
	struct modules m = {};
	struct temptree *t = *state;
	struct modules_request req = request(t, "ext4");
	char *required[] = { "nvme", NULL };

	req.required = required;
	assert_fails(modules_resolve(&req, &m), -ENOENT,
	             "module nvme: no module for kernel 6.1-x; install the package that has it");
	req.named = required;
	req.required = NULL;
	assert_fails(modules_resolve(&req, &m), -ENOENT, "has it, or correct Modules=");
	req = request(t, "btrfs");
	assert_fails(modules_resolve(&req, &m), -ENOENT, "file system btrfs: no module");
	/* The kernel has it, so it is built in. */
	temptree_text(t, "proc/filesystems", "nodev\tsysfs\n\tbtrfs\n");
	assert_int_equal(modules_resolve(&req, &m), 0);
	modules_done(&m);
	assert_int_equal(unlinkat(t->fd, "usr/lib/modules/6.1-x/modules.dep.bin", 0), 0);
	assert_fails(modules_resolve(&req, &m), -ENOENT, "run depmod -a 6.1-x");
}

/* A kernel of which all is built in may have no directory of modules at all. */
static void asks_sys_what_is_built_in(void **state)
{
	struct modules m = {};
	struct temptree *t = *state;
	struct modules_request req = request(t, "xfs");
	char *required[] = { "nvme", NULL };

	req.release = "6.1-mono";
	req.required = required;
	temptree_text(t, "proc/filesystems", "\txfs\n\text3\n");
	temptree_text(t, "sys/module/nvme/parameters/poll_queues", "0\n");
	/* Of another kernel it says nothing. */
	assert_fails(modules_resolve(&req, &m), -ENOENT, "module nvme: the modules of kernel");
	req.running = true;
	assert_int_equal(modules_resolve(&req, &m), 0);
	assert_null(m.names);
	/* What is loaded is not built in. */
	temptree_text(t, "sys/module/xfs/initstate", "live\n");
	assert_fails(modules_resolve(&req, &m), -ENOENT,
	             "file system xfs: the modules of kernel 6.1-mono are not there "
	             "(/lib/modules/6.1-mono); reboot if that kernel was removed");
	req = request(t, "ext3");
	req.release = "6.1-mono";
	assert_int_equal(modules_resolve(&req, &m), 0);
	temptree_text(t, "sys/module/ext4/initstate", "live\n");
	assert_fails(modules_resolve(&req, &m), -ENOENT, "file system ext3");
	temptree_text(t, "sys/module/nvme/initstate", "live\n");
	req = request(t, NULL);
	req.release = "6.1-mono";
	req.running = true;
	req.required = required;
	assert_fails(modules_resolve(&req, &m), -ENOENT, "module nvme");
}

static void kernel_without_modules(void **state)
{
	struct modules m = {};
	struct modules_request req = request(*state, "ext4");
	char *required[] = { "virtio_blk", NULL };

	req.release = "6.1-mono";
	assert_fails(modules_resolve(&req, &m), -ENOENT, "file system ext4");
	temptree_text(*state, "proc/filesystems", "\text4\n");
	assert_int_equal(modules_resolve(&req, &m), 0);
	assert_null(m.names);
	req.required = required;
	assert_fails(modules_resolve(&req, &m), -ENOENT, "module virtio_blk");
}

static void configuration_of_modprobe_counts(void **state)
{
	_cleanup_(modules_done) struct modules m = {};
	struct modules_request req = request(*state, "xfs");
	char *required[] = { "mbcache", NULL };

	temptree_text(*state, "etc/modprobe.d/mine.conf", "softdep mbcache pre: after_ext4\n");
	req.required = required;
	assert_int_equal(modules_resolve(&req, &m), 0);
	assert_true(position(&m, "after_ext4") < position(&m, "mbcache"));
}

static void hands_options_of_modprobe_on(void **state)
{
	_cleanup_(modules_done) struct modules m = {};
	struct modules_request req = request(*state, "xfs");
	char *required[] = { "virtio_blk", "xfs", NULL };

	temptree_text(*state, "proc/cmdline", "virtio_ring.x=1 quiet\n");
	temptree_text(*state, "etc/modprobe.d/mine.conf",
	              "options virtio-blk num_request_queues=1 name=\"a b\"\n"
	              "options virtio_ring x=1 y=2 soft_panic=1\noptions xfs z=1\n"
	              "options loop_a q=1\n");
	req.required = required;
	assert_int_equal(modules_resolve(&req, &m), 0);
	assert_int_equal(strv_length(m.options), 3);
	assert_string_equal(m.options[0], "virtio_ring.y=2");
	assert_string_equal(m.options[1], "virtio_blk.num_request_queues=1");
	assert_string_equal(m.options[2], "virtio_blk.name=\"a b\"");
}

static void reads_compressed_files(void **state)
{
	struct temptree *t = *state;
	uint8_t packed[256];
	_cleanup_free_ char *data = NULL;
	void *plain;
	size_t len;

	temptree_bytes(t, "x.ko.gz", packed, gzip_pack("module code", 11, packed, sizeof(packed)));
	assert_int_equal(modules_read(t->fd, "/x.ko.gz", &plain, &len), 0);
	data = plain;
	assert_int_equal(len, 11);
	assert_memory_equal(data, "module code", 11);
	assert_fails(modules_read(t->fd, "/y.ko", &plain, &len), -ENOENT, "/y.ko: No such file");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(orders_by_dependency),
		TEST(built_in_is_left_out),
		TEST(looks_aliases_up),
		TEST(some_come_before_all_others),
		TEST(ends_in_a_circle),
		TEST(asks_sys_what_is_built_in),
		TEST(names_what_is_missing),
		TEST(kernel_without_modules),
		TEST(hands_options_of_modprobe_on),
		TEST(reads_compressed_files),
		TEST(configuration_of_modprobe_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
