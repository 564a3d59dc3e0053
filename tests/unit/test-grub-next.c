// SPDX-License-Identifier: GPL-2.0-or-later
/* test-grub-next.c - the next kernel on machines that GRUB starts. */
#include <errno.h>

#include "base/err.h"
#include "base/text.h"
#include "loader/kexec/next.h"
#include "tests/unit/grubcfgs.h"
#include "tests/unit/machine.h"

static const struct utsname uts = { .release = OLD, .machine = "x86_64" };

static void debian(const struct temptree *t)
{
	temptree_text(t, "boot/grub/grub.cfg", DEBIAN("0"));
	machine_bzimage(t, "boot/vmlinuz-" OLD, OLD);
	machine_bzimage(t, "boot/vmlinuz-" NEW, NEW);
	temptree_text(t, "boot/initrd.img-" OLD, "cpio");
	temptree_text(t, "boot/initrd.img-" NEW, "cpio");
}

static void default_entry(void **state)
{
	struct temptree *t = *state;
	struct next n;

	debian(t);
	assert_int_equal(next_entry(t->fd, NULL, &uts, &n), 0);
	assert_string_equal(n.id, "simple");
	assert_string_equal(n.title, "Debian GNU/Linux");
	assert_string_equal(n.kernel.path, "/boot/vmlinuz-" NEW);
	assert_string_equal(n.release, NEW);
	assert_int_equal(n.n_initrds, 1);
	assert_string_equal(n.initrds[0].path, "/boot/initrd.img-" NEW);
	assert_string_equal(n.options, "root=/dev/vda1 ro quiet");
	assert_null(n.notes);
	next_done(&n);
}

static void entry_of_a_submenu(void **state)
{
	static const char *const names[] = {
		OLD "-advanced",
		"advanced>" OLD "-advanced",
		"Debian GNU/Linux, with Linux " OLD,
		"Advanced options for Debian GNU/Linux>Debian GNU/Linux, with Linux " OLD,
	};
	struct temptree *t = *state;
	struct next n;

	debian(t);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		assert_int_equal(next_entry(t->fd, names[i], &uts, &n), 0);
		assert_string_equal(n.kernel.path, "/boot/vmlinuz-" OLD);
		next_done(&n);
	}
	assert_int_equal(next_entry(t->fd, "advanced", &uts, &n), -ENOENT);
}

static void entry_of_no_linux(void **state)
{
	struct temptree *t = *state;
	struct next n;

	temptree_text(t, "boot/grub/grub.cfg",
	              "menuentry 'Xen' {\n multiboot2 /xen.gz\n module2 /vmlinuz\n}\n"
	              "menuentry 'Linux' --id lin {\n linux /vmlinuz root=/dev/a\n}\n");
	machine_bzimage(t, "boot/vmlinuz", NEW);
	assert_int_equal(next_entry(t->fd, "Xen", &uts, &n), -ENOEXEC);
	assert_string_equal(err_text(-ENOEXEC),
	                    "entry \"Xen\": multiboot2: is no Linux kernel on "
	                    "this machine, so only the boot loader can start it");
	assert_int_equal(next_entry(t->fd, NULL, &uts, &n), 0);
	assert_string_equal(n.id, "lin");
	assert_non_null(strstr(n.notes[0], "\"Xen\""));
	next_done(&n);
}

/* A command line without a root file system is not used in silence. */
static void notes_of_an_entry(void **state)
{
	struct temptree *t = *state;
	struct next n;

	temptree_text(t, "boot/grub2/grub.cfg", "blscfg\n");
	temptree_text(t, "boot/loader/entries/a.conf",
	              "linux /vmlinuz\noptions $kernelopts $tuned_params\n");
	machine_bzimage(t, "boot/vmlinuz", NEW);
	assert_int_equal(next_entry(t->fd, NULL, &uts, &n), 0);
	assert_string_equal(n.options, "");
	assert_string_equal(n.notes[0],
	                    "/boot/loader/entries/a.conf: has the variable kernelopts, which "
	                    "GRUB has no value for, and no root=");
	next_done(&n);
}

/* The menu tells which initrds the running kernel has. */
static void running_kernel(void **state)
{
	struct temptree *t = *state;
	struct next n;

	temptree_text(t, "boot/grub/grub.cfg",
	              "menuentry A {\n linux /vmlinuz-linux root=/dev/a\n"
	              " initrd /amd-ucode.img /initramfs-linux.img\n}\n");
	machine_bzimage(t, "boot/vmlinuz-linux", OLD);
	temptree_text(t, "boot/amd-ucode.img", "cpio");
	temptree_text(t, "boot/initramfs-linux.img", "cpio");
	assert_int_equal(next_running(t->fd, &uts, &n), 0);
	assert_string_equal(n.kernel.path, "/boot/vmlinuz-linux");
	assert_int_equal(n.n_initrds, 2);
	assert_string_equal(n.initrds[0].path, "/boot/amd-ucode.img");
	assert_string_equal(n.initrds[1].path, "/boot/initramfs-linux.img");
	assert_null(n.options);
	assert_null(n.notes);
	next_done(&n);
}

/* Then the running kernel is loaded as without any boot loader, which is told. */
static void menu_that_is_not_understood(void **state)
{
	struct temptree *t = *state;
	struct next n;

	debian(t);
	temptree_text(t, "boot/grub/grub.cfg", "if true; then\n");
	assert_int_equal(next_entry(t->fd, NULL, &uts, &n), -ENOMEDIUM);
	assert_string_equal(
		err_text(-ENOMEDIUM),
		"no boot loader has entries below /efi, /boot or /boot/efi; GRUB's menu is "
		"not used: /boot/grub/grub.cfg: unexpected \"end of file\"");
	for (int upgraded = 0; upgraded < 2; upgraded++) {
		assert_int_equal(upgraded ? next_running_or_upgraded(t->fd, &uts, &n)
		                          : next_running(t->fd, &uts, &n),
		                 0);
		assert_string_equal(n.kernel.path, "/boot/vmlinuz-" OLD);
		assert_string_equal(n.notes[0],
		                    "GRUB's menu is not used: /boot/grub/grub.cfg: unexpected "
		                    "\"end of file\"");
		next_done(&n);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, temptree_setup, temptree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(default_entry),     TEST(entry_of_a_submenu),
		TEST(entry_of_no_linux), TEST(notes_of_an_entry),
		TEST(running_kernel),    TEST(menu_that_is_not_understood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
