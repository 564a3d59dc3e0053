// SPDX-License-Identifier: GPL-2.0-or-later
/* test-profiles.c - unified images with several profiles, thin ones, and entries that name them. */
#include <errno.h>

#include "loader/kexec/next.h"
#include "tests/unit/bootmenu.h"
#include "tests/unit/machine.h"

static const struct utsname x86 = { .machine = "x86_64", .release = "6.1" };
static const struct utsname arm = { .machine = "aarch64", .release = "6.1" };

/* Profiles 0 to 2, of which 1 has an initrd of its own, and 2 no id. */
static void image_with_profiles(const struct temptree *t, const char *path)
{
	uint8_t image[BZIMAGE_SIZE];
	const struct machine_section sections[] = {
		{ ".osrel", "ID=x\nPRETTY_NAME=\"X 1\"" },
		{ ".cmdline", "shared" },
		{ ".initrd", "cpio" },
		{ ".linux", image, BZIMAGE_SIZE },
		{ ".profile", "TITLE=Usual" },
		{ ".cmdline", "usual" },
		{ ".profile", "ID=factory\nTITLE=Factory reset\n" },
		{ ".cmdline", "systemd.factory_reset=yes" },
		{ ".initrd", "other cpio" },
		{ ".profile", "ID=a@b" },
	};

	machine_bzimage_bytes(image, "6.1");
	machine_pe(t, path, sections, ARRAY_SIZE(sections));
}

static void assert_next(const struct temptree *t, const char *id, const char *title,
                        const char *options, uint64_t initrd_size)
{
	struct next n = {};

	assert_int_equal(next_entry(t->fd, id, &x86, &n), 0);
	assert_string_equal(n.title, title);
	assert_string_equal(n.options, options);
	assert_int_equal(n.n_initrds, 1);
	assert_int_equal(n.initrds[0].size, initrd_size);
	next_done(&n);
}

static void each_profile_is_an_entry(void **state)
{
	struct temptree *t = *state;

	image_with_profiles(t, "efi/EFI/Linux/u+3.efi");
	machine_uki(t, "efi/EFI/Linux/t.efi",
	            &(struct machine_uki){ .osrel = "ID=x", .release = "6.1" });
	assert_menu(t, "[u] u.efi@factory u.efi@2 t");
	assert_next(t, NULL, "X 1 (Usual)", "usual", 4);
	assert_next(t, "u.efi", "X 1 (Usual)", "usual", 4);
	assert_next(t, "u.efi@factory", "X 1 (Factory reset)", "systemd.factory_reset=yes", 10);
	assert_next(t, "u.efi@2", "X 1 (a@b)", "shared", 4);
	machine_efivar(t, "LoaderEntryDefault", "u.efi@factory");
	assert_menu(t, "u [u.efi@factory] u.efi@2 t");
}

static void text_entry_of_a_profile(void **state)
{
	struct temptree *t = *state;
	struct next n = {};

	image_with_profiles(t, "efi/x.efi");
	temptree_text(t, "efi/loader/entries/a.conf", "uki /x.efi\nprofile 1\n");
	temptree_text(t, "efi/loader/entries/b.conf", "efi /x.efi\nprofile 7\n");
	temptree_text(t, "efi/loader/entries/c.conf", "uki /x.efi\nprofile x\noptions own\n");
	assert_next(t, "a", "a", "systemd.factory_reset=yes", 10);
	assert_next(t, "c", "c", "own", 4);
	assert_fails(next_entry(t->fd, "b", &x86, &n), -ENOEXEC,
	             "entry \"b\": /efi/x.efi: has no profile 7");
}

static void keys_that_do_not_go_together(void **state)
{
	struct temptree *t = *state;

	image_with_profiles(t, "boot/x.efi");
	temptree_text(t, "boot/loader/entries/a.conf", "uki /x.efi\n");
	temptree_text(t, "boot/loader/entries/b.conf", "uki /x.efi\nefi /x.efi\n");
	temptree_text(t, "boot/loader/entries/c.conf", "linux /x.efi\nuki-url http://h/x.efi\n");
	assert_menu(t, "[a]");
}

static void kernel_from_the_network(void **state)
{
	struct temptree *t = *state;
	struct next n = {};

	temptree_text(t, "efi/loader/entries/net.conf", "title Net\nuki-url http://h/x.efi\n");
	image_with_profiles(t, "efi/EFI/Linux/u.efi");
	temptree_dir(t, "sys/firmware/efi");
	temptree_text(t, "efi/loader/loader.conf", "default net*\n");
	assert_int_equal(next_entry(t->fd, NULL, &x86, &n), 0);
	assert_string_equal(n.notes[0],
	                    "the default of the boot loader, \"Net\", is no Linux kernel "
	                    "on this machine; taking \"u\"");
	next_done(&n);
	assert_fails(next_entry(t->fd, "net", &x86, &n), -ENOEXEC,
	             "entry \"net\": http://h/x.efi: is no Linux kernel on this machine");
}

static void what_only_the_loader_passes_on(void **state)
{
	struct temptree *t = *state;
	struct next n = {};

	image_with_profiles(t, "efi/x.efi");
	temptree_text(t, "efi/loader/entries/a.conf",
	              "uki /x.efi\nextra /a.cred\nextra \\b.raw\ndevicetree /board.dtb\n");
	assert_int_equal(next_entry(t->fd, "a", &x86, &n), 0);
	assert_string_equal(n.notes[0], "left out, as only the boot loader can pass them on: "
	                                "/efi/a.cred, /efi/b.raw");
	assert_null(n.notes[1]);
	next_done(&n);
	machine_kernel(t, "efi/k", "aarch64", "6.1");
	temptree_text(t, "efi/loader/entries/a.conf",
	              "linux /k\nextra /a.cred\nextra \\b.raw\ndevicetree /board.dtb\n");
	assert_int_equal(next_entry(t->fd, "a", &arm, &n), 0);
	assert_string_equal(n.notes[0], "left out, as only the boot loader can pass them on: "
	                                "/efi/a.cred, /efi/b.raw, /efi/board.dtb");
	next_done(&n);
}

/* As lanzaboote makes them. */
static void thin_image(void **state)
{
	const struct machine_section sections[] = {
		{ ".osrel", "ID=nixos" },
		{ ".cmdline", "init=/nix/store/x/init" },
		{ ".linux", "\\EFI\\nixos\\kernel-6.1.efi" },
		{ ".linuxh", "0123456789abcdef0123456789abcdef" },
		{ ".initrd", "\\EFI\\nixos\\initrd-6.1.efi" },
		{ ".initrdh", "0123456789abcdef0123456789abcdef" },
	};
	struct temptree *t = *state;
	struct next n = {};

	machine_pe(t, "efi/EFI/Linux/nixos.efi", sections, ARRAY_SIZE(sections));
	assert_fails(next_entry(t->fd, NULL, &x86, &n), -EOPNOTSUPP,
	             "entry \"nixos\": /efi/EFI/Linux/nixos.efi: is a thin image of lanzaboote, "
	             "which has no kernel but names the file \\EFI\\nixos\\kernel-6.1.efi; load "
	             "that by its path");
	assert_fails(next_file(t->fd, "/efi/EFI/Linux/nixos.efi", NULL, &arm, &n), -EOPNOTSUPP,
	             "is a thin image");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, temptree_setup, temptree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_profile_is_an_entry),       TEST(text_entry_of_a_profile),
		TEST(keys_that_do_not_go_together),   TEST(kernel_from_the_network),
		TEST(what_only_the_loader_passes_on), TEST(thin_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
