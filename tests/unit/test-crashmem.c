// SPDX-License-Identifier: GPL-2.0-or-later
/* test-crashmem.c - the reservation and whether it is enough. */
#include <errno.h>

#include "loader/system/crashmem.h"
#include "tests/unit/temptree.h"
#include "base/err.h"

static void reads_old_and_new_places(void **state)
{
	struct temptree *t = *state;
	struct crashmem c = {};

	assert_fails(crashmem_read(t->fd, &c), -EOPNOTSUPP, "CONFIG_KEXEC_FILE");
	temptree_text(t, "sys/kernel/kexec_crash_size", "0\n");
	temptree_text(t, "sys/kernel/kexec_crash_loaded", "0\n");
	assert_int_equal(crashmem_read(t->fd, &c), 0);
	assert_int_equal(c.size, 0);
	assert_fails(
		crashmem_require(t->fd, &c), -ENODATA,
		"no memory is reserved for a capture kernel: add crashkernel=" CRASHKERNEL_ADVICE
		" to the kernel "
		"command line and reboot");
	temptree_text(t, "sys/kernel/kexec/crash_size", "201326592\n");
	temptree_text(t, "sys/kernel/kexec/crash_loaded", "1\n");
	assert_int_equal(crashmem_read(t->fd, &c), 0);
	assert_int_equal(c.size, MIB(192));
	assert_int_equal(c.piece, MIB(192));
	assert_true(c.loaded);
	assert_int_equal(crashmem_require(t->fd, &c), 0);
	temptree_text(t, "sys/hypervisor/type", "xen\n");
	temptree_text(t, "sys/hypervisor/guest_type", "PV\n");
	assert_fails(crashmem_read(t->fd, &c), -EOPNOTSUPP, "PV guest of Xen");
	temptree_text(t, "sys/hypervisor/guest_type", "HVM\n");
	temptree_text(t, "sys/kernel/kexec/crash_size", "many\n");
	assert_fails(crashmem_read(t->fd, &c), -EBADMSG, "holds \"many\" instead of a number");
}

/* What is wrong with a word is told from the word and the memory. */
static void names_what_yielded_nothing(void **state)
{
	static const struct {
		const char *cmdline;
		int r;
		const char *part;
	} rows[] = {
		{ "quiet", -ENODATA,
		  "no memory is reserved for a capture kernel: add crashkernel=" },
		{ "crashkernel=0", -ENODATA, "no memory is reserved" },
		{ "crashkernel=0-4G:0,4G-:256M", -ENODATA, "no memory is reserved" },
		{ "crashkernel=4G-64G:256M,64G-:512M", -ENOSPC,
		  "crashkernel=4G-64G:256M,64G-:512M is on the kernel command line, but no range "
		  "of it "
		  "fits the memory of 1.9G; put crashkernel=256M there instead and reboot" },
		{ "crashkernel=auto", -ENOSPC, "does not know auto" },
		{ "crashkernel=many", -ENOSPC, "cannot read it" },
		{ "crashkernel=256M,hihg", -ENOSPC, "cannot read it" },
		{ "crashkernel=1G:256M", -ENOSPC, "cannot read it" },
		{ "crashkernel=2G-1G:256M", -ENOSPC, "cannot read it" },
		{ "crashkernel=4G", -ENOSPC, "asks for more than the memory of 1.9G" },
		{ "crashkernel=4G,high", -ENOSPC, "asks for more" },
		/* The kernel stops at the first range that asks for more than there is. */
		{ "crashkernel=8G-:4G,1G-:128M", -ENOSPC, "asks for more" },
		{ "crashkernel=256M@16M", -ENOSPC, "no place at the offset behind @; leave" },
		{ "crashkernel=1G-:256M@0x1000000", -ENOSPC, "no place at the offset" },
		{ "crashkernel=64M,low", -ENOSPC, "by itself it reserves nothing" },
		{ "crashkernel=64M,cma", -ENOSPC, "by itself it reserves nothing" },
		{ "crashkernel=1g", -ENOSPC, "found no place for it" },
		/* 1.9G count as 2G, as the kernel rounds. */
		{ "crashkernel=2G-:256M", -ENOSPC, "found no place for it" },
		{ "crashkernel=256M,high crashkernel=64M,low", -ENOSPC,
		  "crashkernel=256M,high is on the kernel command line, but the kernel has found" },
		{ "crashkernel=64M crashkernel=auto crashkernel=64M,cma", -ENOSPC,
		  "crashkernel=auto is on" },
	};
	struct temptree *t = *state;
	struct crashmem c = {};

	temptree_text(t, "proc/meminfo", "MemTotal:        2017652 kB\n");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		temptree_text(t, "proc/cmdline", rows[i].cmdline);
		assert_fails(crashmem_require(t->fd, &c), rows[i].r, rows[i].part);
	}
	/* The map of addresses knows what MemTotal lacks. */
	temptree_text(t, "proc/cmdline", "crashkernel=4G-:256M");
	temptree_text(t, "proc/iomem",
	              "00001000-bfffffff : System RAM\n100000000-13fffffff : System RAM\n");
	assert_fails(crashmem_require(t->fd, &c), -ENOSPC, "found no place for it");
}

static void finds_the_upper_piece(void **state)
{
	struct temptree *t = *state;
	struct crashmem c = {};

	temptree_text(t, "sys/kernel/kexec_crash_size", "402653184\n");
	temptree_text(t, "sys/kernel/kexec_crash_loaded", "0\n");
	temptree_text(t, "proc/iomem",
	              "00001000-0009fbff : System RAM\n00100000-bfffffff : System RAM\n"
	              "  a7000000-b6ffffff : Crash kernel\n"
	              "100000000-13fffffff : System RAM\n  130000000-137ffffff : Crash kernel\n");
	assert_int_equal(crashmem_read(t->fd, &c), 0);
	assert_int_equal(c.size, MIB(384));
	assert_int_equal(c.piece, MIB(128));
	/* As kernels before 6.5 tell it. */
	temptree_text(t, "sys/kernel/kexec_crash_size", "134217728\n");
	assert_int_equal(crashmem_read(t->fd, &c), 0);
	assert_int_equal(c.size, MIB(384));
	assert_int_equal(c.piece, MIB(128));
	/* To those without CAP_SYS_ADMIN all addresses are 0. */
	temptree_text(t, "proc/iomem", "00000000-00000000 : Crash kernel\n");
	assert_int_equal(crashmem_read(t->fd, &c), 0);
	assert_int_equal(c.piece, MIB(128));
}

static void knows_what_is_too_small(void **state)
{
	/* Debian 6.12, cloud: works with 96M. */
	struct crashmem_need need = { .init_size = MIB(55),
		                      .image_size = MIB(1),
		                      .image_unpacked = MIB(2) };
	struct crashmem c = { .size = MIB(96), .piece = MIB(96) };

	assert_int_equal(crashmem_check(&c, &need), 0);
	c.piece = c.size = MIB(64);
	assert_fails(crashmem_check(&c, &need), -ENOSPC, "too small: 64.0M of the");
	assert_fails(crashmem_check(&c, &need), -ENOSPC,
	             "put crashkernel=96M on the kernel command line");
	/* Two pieces: it is loaded into the upper one, and runs with both. */
	c.size = MIB(512);
	assert_int_equal(crashmem_check(&c, &need), 0);
	c.piece = MIB(56);
	assert_fails(crashmem_check(&c, &need), -ENOSPC,
	             "too small: 56.0M in the upper one of its pieces of the 82M that this kernel "
	             "needs; put crashkernel=96M");
	/* Devices have all of a small one. */
	c.piece = MIB(64);
	c.size = MIB(64 + 72);
	assert_fails(crashmem_check(&c, &need), -ENOSPC, "too small: 72.0M of the 82M");
	c.size = MIB(128);
	/* A large image is there twice: packed and unpacked. */
	c.piece = MIB(128);
	assert_int_equal(crashmem_check(&c, &need), 0);
	need.image_size = MIB(20);
	need.image_unpacked = MIB(60);
	assert_fails(crashmem_check(&c, &need), -ENOSPC, "crashkernel=176M");
	/* Each CPU after the first takes some more. */
	need.cpus = 8;
	assert_fails(crashmem_check(&c, &need), -ENOSPC, "crashkernel=224M");
	/* Of a kernel that does not tell, nothing is known. */
	need.init_size = 0;
	assert_int_equal(crashmem_check(&c, &need), 0);
	assert_int_equal(crashmem_spare(&c, &need), 0);
}

static void tells_what_is_left(void **state)
{
	struct crashmem_need need = { .init_size = MIB(55), .image_size = MIB(1) };
	struct crashmem c = { .size = MIB(96), .piece = MIB(96) };

	assert_int_equal(crashmem_spare(&c, &need), MIB(96 - 55 - 1 - 24));
	need.cpus = 1;
	assert_int_equal(crashmem_spare(&c, &need), MIB(96 - 55 - 1 - 24));
	need.cpus = 2;
	assert_int_equal(crashmem_spare(&c, &need), MIB(96 - 55 - 1 - 24) - CRASHMEM_PER_CPU);
	c.size = MIB(96 + 128);
	assert_int_equal(crashmem_spare(&c, &need), MIB(96 + 64 - 55 - 1 - 24 - 8));
	c.piece = MIB(56);
	assert_int_equal(crashmem_spare(&c, &need), 0);
	c.size = c.piece = MIB(64);
	assert_int_equal(crashmem_spare(&c, &need), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, temptree_setup, temptree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_old_and_new_places), TEST(names_what_yielded_nothing),
		TEST(finds_the_upper_piece),    TEST(knows_what_is_too_small),
		TEST(tells_what_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
