// SPDX-License-Identifier: GPL-2.0-or-later
/* test-entrypath.c - the files that entries of the boot loader name. */
#include "loader/boot/bootentry.h"
#include "tests/unit/machine.h"

static void assert_kernel(const struct temptree *t, const char *expected)
{
	struct boot_entries e;

	assert_int_equal(boot_entries_load(t->fd, "x86_64", &e), 0);
	assert_string_equal(e.list[0].kernel, expected);
	boot_entries_done(&e);
}

/* The boot loader sees the top of a btrfs, the system a subvolume of it. */
static void boot_on_a_subvolume(void **state)
{
	struct temptree *t = *state;

	temptree_text(t, "boot/loader/entries/x.conf", "linux /root/boot/vmlinuz-6\n");
	temptree_text(t, "boot/vmlinuz-6", "");
	temptree_text(t, "proc/self/mountinfo",
	              "36 1 0:31 /root / rw shared:1 - btrfs /dev/vda3 rw,subvol=/root\n"
	              "40 36 0:31 /home /home rw - btrfs /dev/vda3 rw,subvol=/home\n"
	              "41 36 8:1 / /boot/efi rw - vfat /dev/vda1 rw\n");
	assert_kernel(t, "/boot/vmlinuz-6");
	temptree_text(t, "boot/loader/entries/x.conf", "linux /other/boot/vmlinuz-6\n");
	assert_kernel(t, "/boot/other/boot/vmlinuz-6");
	/* /boot is a subvolume itself. */
	temptree_text(t, "boot/loader/entries/x.conf", "linux /@boot/vmlinuz-6\n");
	temptree_text(t, "proc/self/mountinfo",
	              "36 1 0:31 /@ / rw shared:1 - btrfs /dev/vda3 rw,subvol=/@\n"
	              "40 36 0:31 /@old /boot rw - btrfs /dev/vda3 rw\n"
	              "41 36 0:31 /@boot /boot rw - btrfs /dev/vda3 rw\nnonsense\n");
	assert_kernel(t, "/boot/vmlinuz-6");
	temptree_text(t, "boot/loader/entries/x.conf", "linux /@old/vmlinuz-6\n");
	assert_kernel(t, "/boot/@old/vmlinuz-6");
	/* proc_pid_mountinfo(5): a space is written as \040. */
	temptree_text(t, "proc/self/mountinfo",
	              "36 1 0:31 /my\\040root / rw - btrfs /dev/vda3 rw\n");
	temptree_text(t, "boot/loader/entries/x.conf", "linux /my root/boot/vmlinuz-6\n");
	assert_kernel(t, "/boot/vmlinuz-6");
}

static void paths_with_backslashes(void **state)
{
	struct temptree *t = *state;
	struct boot_entries e;

	temptree_text(t, "boot/loader/entries/x.conf",
	              "linux \\EFI\\arch\\vmlinuz\ninitrd \\EFI/arch\\initrd\n");
	temptree_text(t, "boot/EFI/arch/vmlinuz", "");
	assert_int_equal(boot_entries_load(t->fd, "x86_64", &e), 0);
	assert_string_equal(e.list[0].kernel, "/boot/EFI/arch/vmlinuz");
	assert_string_equal(e.list[0].initrds[0], "/boot/EFI/arch/initrd");
	boot_entries_done(&e);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, temptree_setup, temptree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(boot_on_a_subvolume),
		TEST(paths_with_backslashes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
