// SPDX-License-Identifier: GPL-2.0-or-later
/* test-systemd-boot.c - which entry systemd-boot would boot. */
#include "loader/boot/systemd-boot.h"
#include "tests/unit/bootmenu.h"
#include "tests/unit/machine.h"

static void choice_of_systemd_boot(void **state)
{
	struct temptree *t = *state;

	three_entries(t);
	assert_menu(t, "[c] a b");
	/* It is for one start through the loader. */
	machine_efivar(t, "LoaderEntryOneShot", "a.conf");
	machine_efivar(t, "LoaderEntrySelected", "b.conf");
	assert_menu(t, "[c] a b");
	temptree_text(t, "boot/efi/loader/loader.conf", "timeout 3\n#default c\ndefault A*\n");
	assert_menu(t, "c [a] b");
	temptree_text(t, "boot/efi/loader/loader.conf", "default nothing\n");
	assert_menu(t, "[c] a b");
	temptree_text(t, "boot/efi/loader/loader.conf", "default [ab].conf\npreferred b\n");
	assert_menu(t, "c [a] b");
	machine_efivar(t, "LoaderEntryDefault", "b.conf");
	assert_menu(t, "c a [b]");
	machine_efivar(t, "LoaderEntryDefault", "b");
	assert_menu(t, "c a [b]");
	machine_efivar(t, "LoaderEntryDefault", "gone.conf");
	assert_menu(t, "c [a] b");
	machine_efivar(t, "LoaderEntryPreferred", "c.conf");
	assert_menu(t, "[c] a b");
	/* Preferred are only entries that work. */
	machine_efivar(t, "LoaderEntryPreferred", "b.conf");
	assert_menu(t, "c [a] b");
}

static void choice_of_the_last_one(void **state)
{
	struct temptree *t = *state;

	three_entries(t);
	temptree_text(t, "efi/loader/loader.conf", "default @saved\n");
	assert_menu(t, "[c] a b");
	machine_efivar(t, "LoaderEntrySelected", "b.conf");
	assert_menu(t, "c a [b]");
	machine_efivar(t, "LoaderEntryLastBooted", "a.conf");
	assert_menu(t, "c [a] b");
	temptree_text(t, "efi/loader/loader.conf", "default b\n");
	machine_efivar(t, "LoaderEntryDefault", "@SAVED");
	assert_menu(t, "c [a] b");
	machine_efivar(t, "LoaderEntryDefault", "@other");
	assert_menu(t, "c a [b]");
}

/* systemd-boot reads it from the partition that it lies on itself. */
static void loader_conf_of_the_esp(void **state)
{
	struct temptree *t = *state;

	three_entries(t);
	temptree_text(t, "boot/loader/loader.conf", "default a\n");
	assert_menu(t, "c [a] b");
	/* An unused directory. */
	temptree_dir(t, "efi");
	temptree_dir(t, "boot/efi");
	assert_menu(t, "c [a] b");
	temptree_text(t, "boot/efi/loader/loader.conf", "default b\n");
	assert_menu(t, "c a [b]");
	temptree_text(t, "efi/loader/loader.conf", "timeout 3\n");
	assert_menu(t, "[c] a b");
	assert_int_equal(unlinkat(t->fd, "efi/loader/loader.conf", 0), 0);
	assert_menu(t, "[c] a b");
	machine_efivar(t, "LoaderEntryDefault", "a.conf");
	assert_menu(t, "c [a] b");
}

static void esp_without_loader_conf(void **state)
{
	struct temptree *t = *state;

	three_entries(t);
	temptree_text(t, "boot/loader/loader.conf", "default a\n");
	temptree_dir(t, "boot/efi/EFI/systemd");
	assert_menu(t, "[c] a b");
}

static void last_default_wins(void **state)
{
	struct temptree *t = *state;

	three_entries(t);
	temptree_text(t, "boot/loader/loader.conf", "default a\ndefault b\n");
	assert_menu(t, "c a [b]");
	/* Words with an at sign are reserved. */
	temptree_text(t, "boot/loader/loader.conf", "default a\ndefault @unknown\n");
	assert_menu(t, "c [a] b");
	machine_efivar(t, "LoaderEntryLastBooted", "b.conf");
	temptree_text(t, "boot/loader/loader.conf", "default a\ndefault @Saved\n");
	assert_menu(t, "c a [b]");
}

/* A machine without EFI may have files of systemd-boot too. */
static void no_systemd_boot_on_a_bios(void **state)
{
	struct temptree *t = *state;

	menu_entry(t, "boot/loader/entries/a.conf", "options $kernelopts");
	menu_entry(t, "boot/loader/entries/b.conf", "");
	menu_entry(t, "boot/loader/entries/c.conf", "");
	temptree_text(t, "boot/loader/loader.conf", "default b\n");
	assert_menu(t, "[c] b a");
	temptree_text(t, "boot/grub/grubenv",
	              "# GRUB Environment Block\nsaved_entry=a\nkernelopts=ro\n");
	assert_menu(t, "c b [a]");
}

/* "Z" is before "a" in ASCII, and "z" behind it. */
static void ids_are_in_lower_case(void **state)
{
	struct temptree *t = *state;

	menu_entry(t, "boot/loader/entries/arch.conf", "");
	menu_entry(t, "boot/loader/entries/Zen.conf", "");
	menu_entry(t, "boot/loader/entries/Arch.conf", "sort-key a");
	assert_menu(t, "[Arch] Zen arch");
}

static void passes_over_missing_kernels(void **state)
{
	struct temptree *t = *state;

	three_entries(t);
	temptree_text(t, "boot/loader/entries/d.conf", "linux /gone\n");
	temptree_text(t, "boot/loader/entries/e.conf", "uki /gone.efi\n");
	assert_menu(t, "[c] a b");
	temptree_text(t, "boot/loader/loader.conf", "default d\n");
	assert_menu(t, "[c] a b");
	temptree_text(t, "boot/loader/loader.conf", "default [ad].conf\n");
	assert_menu(t, "c [a] b");
}

static void tells_what_was_selected(void **state)
{
	struct temptree *t = *state;
	struct boot_entries e;

	three_entries(t);
	machine_efivar(t, "LoaderEntrySelected", "a.conf");
	assert_int_equal(boot_entries_load(t->fd, "x86_64", &e), 0);
	assert_string_equal(systemd_boot_selected(&e, t->fd)->id, "a");
	machine_efivar(t, "LoaderEntrySelected", "gone.conf");
	assert_null(systemd_boot_selected(&e, t->fd));
	boot_entries_done(&e);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, temptree_setup, temptree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(choice_of_systemd_boot),  TEST(choice_of_the_last_one),
		TEST(loader_conf_of_the_esp),  TEST(esp_without_loader_conf),
		TEST(last_default_wins),       TEST(no_systemd_boot_on_a_bios),
		TEST(ids_are_in_lower_case),   TEST(passes_over_missing_kernels),
		TEST(tells_what_was_selected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
