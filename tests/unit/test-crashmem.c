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
		crashmem_require(&c), -ENODATA,
		"no memory is reserved for a capture kernel: add crashkernel=" CRASHKERNEL_ADVICE
		" to the kernel "
		"command line and reboot");
	temptree_text(t, "sys/kernel/kexec/crash_size", "201326592\n");
	temptree_text(t, "sys/kernel/kexec/crash_loaded", "1\n");
	assert_int_equal(crashmem_read(t->fd, &c), 0);
	assert_int_equal(c.size, MIB(192));
	assert_int_equal(c.largest, MIB(192));
	assert_true(c.loaded);
	assert_int_equal(crashmem_require(&c), 0);
	temptree_text(t, "sys/hypervisor/type", "xen\n");
	temptree_text(t, "sys/hypervisor/guest_type", "PV\n");
	assert_fails(crashmem_read(t->fd, &c), -EOPNOTSUPP, "PV guest of Xen");
	temptree_text(t, "sys/hypervisor/guest_type", "HVM\n");
	temptree_text(t, "sys/kernel/kexec/crash_size", "many\n");
	assert_fails(crashmem_read(t->fd, &c), -EBADMSG, "holds \"many\" instead of a number");
}

static void finds_the_largest_piece(void **state)
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
	assert_int_equal(c.largest, MIB(256));
	/* To those without CAP_SYS_ADMIN all addresses are 0. */
	temptree_text(t, "proc/iomem", "00000000-00000000 : Crash kernel\n");
	assert_int_equal(crashmem_read(t->fd, &c), 0);
	assert_int_equal(c.largest, MIB(384));
}

static void knows_what_is_too_small(void **state)
{
	/* Debian 6.12, cloud: works with 96M. */
	struct crashmem_need need = { .init_size = MIB(55),
		                      .image_size = MIB(1),
		                      .image_unpacked = MIB(2) };
	struct crashmem c = { .size = MIB(96), .largest = MIB(96) };

	assert_int_equal(crashmem_check(&c, &need), 0);
	c.largest = c.size = MIB(64);
	assert_fails(crashmem_check(&c, &need), -ENOSPC, "too small: 64.0M of the");
	assert_fails(crashmem_check(&c, &need), -ENOSPC,
	             "put crashkernel=96M on the kernel command line");
	/* Enough in all, but not in one piece. */
	c.size = MIB(512);
	assert_fails(crashmem_check(&c, &need), -ENOSPC, "too small");
	/* A large image is there twice: packed and unpacked. */
	c.largest = MIB(128);
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
	struct crashmem c = { .size = MIB(512), .largest = MIB(96) };

	assert_int_equal(crashmem_spare(&c, &need), MIB(96 - 55 - 1 - 24));
	need.cpus = 1;
	assert_int_equal(crashmem_spare(&c, &need), MIB(96 - 55 - 1 - 24));
	need.cpus = 2;
	assert_int_equal(crashmem_spare(&c, &need), MIB(96 - 55 - 1 - 24) - CRASHMEM_PER_CPU);
	c.largest = MIB(64);
	assert_int_equal(crashmem_spare(&c, &need), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, temptree_setup, temptree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_old_and_new_places),
		TEST(finds_the_largest_piece),
		TEST(knows_what_is_too_small),
		TEST(tells_what_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
