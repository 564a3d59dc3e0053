// SPDX-License-Identifier: GPL-2.0-or-later
/* test-bootentry.c - the boot loader's entries: what they say, their order, which one is chosen. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "loader/boot/bootentry.h"
#include "loader/boot/systemd-boot.h"
#include "loader/boot/efivar.h"
#include "loader/boot/grubenv.h"
#include "tests/unit/bootmenu.h"
#include "tests/unit/machine.h"

static void load(const struct temptree *t, struct boot_entries *e)
{
	assert_int_equal(boot_entries_load(t->fd, "x86_64", e), 0);
}

/* --- Files ----------------------------------------------------------------------------------- */

static void reads_a_text_entry(void **state)
{
	struct temptree *t = *state;
	struct boot_entries e;
	const struct boot_entry *entry;

	temptree_text(t, "boot/loader/entries/debian-6.1+3-1.conf",
	              "# made by kernel-install\n"
	              "title      \"Debian \33[31m12\"\r\n"
	              "\n"
	              "version 6.1.0-9\n"
	              "machine-id\tabc\n"
	              "  sort-key   debian  \n"
	              "options    root=UUID=1 ro\n"
	              "linux      /abc/6.1.0-9/linux\n"
	              "initrd     /ucode.img\n"
	              "initrd     abc/6.1.0-9/initrd\n"
	              "options    quiet \"a=b c\" $x\n"
	              "grub_users $grub_users\n"
	              "devicetree /x.dtb\n"
	              "nonsense\n");
	load(t, &e);
	assert_int_equal(e.n, 1);
	assert_ptr_equal(e.chosen, &e.list[0]);
	entry = &e.list[0];
	assert_string_equal(entry->id, "debian-6.1");
	assert_string_equal(entry->file, "/boot/loader/entries/debian-6.1+3-1.conf");
	assert_string_equal(entry->title, "Debian \\x1b[31m12");
	assert_string_equal(entry->version, "6.1.0-9");
	assert_string_equal(entry->machine_id, "abc");
	assert_string_equal(entry->sort_key, "debian");
	assert_string_equal(entry->kernel, "/boot/abc/6.1.0-9/linux");
	assert_string_equal(entry->initrds[0], "/boot/ucode.img");
	assert_string_equal(entry->initrds[1], "/boot/abc/6.1.0-9/initrd");
	assert_null(entry->initrds[2]);
	assert_string_equal(entry->options, "root=UUID=1 ro quiet \"a=b c\" $x");
	assert_false(entry->unified);
	assert_int_equal(entry->tries_left, 3);
	assert_int_equal(entry->tries_done, 1);
	boot_entries_done(&e);
}

static void reads_a_unified_image(void **state)
{
	const struct machine_uki uki = {
		.osrel = "NAME=\"Fedora Linux\"\nVERSION=\"42 (Cloud \\\"x\\\")\"\nID=fedora\n"
			 "PRETTY_NAME='Fedora Linux 42'\nVERSION_ID=42",
		.cmdline = "root=LABEL=x ro\n",
		.uname = "6.12.1-200.fc42.x86_64",
		.release = "6.12.1-200.fc42.x86_64",
	};
	struct temptree *t = *state;
	struct boot_entries e;

	machine_uki(t, "efi/EFI/Linux/fedora.efi", &uki);
	load(t, &e);
	assert_int_equal(e.n, 1);
	assert_string_equal(e.list[0].id, "fedora");
	assert_string_equal(e.list[0].title, "Fedora Linux 42");
	assert_string_equal(e.list[0].version, "42 (Cloud \"x\")");
	assert_string_equal(e.list[0].sort_key, "fedora");
	assert_string_equal(e.list[0].kernel, "/efi/EFI/Linux/fedora.efi");
	assert_string_equal(e.list[0].options, "root=LABEL=x ro");
	assert_true(e.list[0].unified);
	assert_int_equal(e.list[0].tries_left, UINT_MAX);
	boot_entries_done(&e);
}

static void passes_over_what_is_none(void **state)
{
	struct temptree *t = *state;
	static char big[80000];

	memset(big, 'x', sizeof(big));
	temptree_text(t, "boot/vmlinuz", "");
	temptree_text(t, "boot/a", "");
	temptree_text(t, "boot/loader/entries/good.conf", "linux /vmlinuz");
	temptree_text(t, "boot/loader/entries/empty.conf", "");
	temptree_text(t, "boot/loader/entries/title-only.conf", "title x\n");
	temptree_text(t, "boot/loader/entries/both.conf", "linux /a\nefi /b\n");
	temptree_text(t, "boot/loader/entries/other-machine.conf", "linux /a\narchitecture aa64\n");
	temptree_text(t, "boot/loader/entries/this-machine.conf", "linux /a\narchitecture X64\n");
	temptree_text(t, "boot/loader/entries/readme.txt", "linux /a\n");
	temptree_text(t, "boot/loader/entries/.conf", "linux /a\n");
	temptree_text(t, "boot/loader/entries/+3.conf", "linux /a\n");
	temptree_text(t, "boot/loader/entries/auto-windows.conf", "linux /a\n");
	temptree_text(t, "boot/loader/entries/a space.conf", "linux /a\n");
	temptree_text(t, "boot/loader/entries/a\nline.conf", "linux /a\n");
	temptree_bytes(t, "boot/loader/entries/nul.conf", "linux /a\0b\n", 11);
	temptree_bytes(t, "boot/loader/entries/big.conf", big, sizeof(big));
	temptree_text(t, "boot/loader/entries/shell.conf", "title Shell\nefi /shell.efi\n");
	temptree_text(t, "boot/shell.efi", "not unified");
	temptree_dir(t, "boot/loader/entries/dir.conf");
	temptree_link(t, "boot/loader/entries/loop.conf", "loop.conf");
	temptree_text(t, "boot/EFI/Linux/text.efi", "MZ");
	machine_uki(t, "boot/EFI/Linux/no-osrel.efi", &(struct machine_uki){ .release = "6" });
	machine_uki(t, "boot/EFI/Linux/no-kernel.efi", &(struct machine_uki){ .osrel = "ID=x" });
	machine_uki(t, "boot/EFI/Linux/no-name.efi",
	            &(struct machine_uki){ .osrel = "HOME_URL=x\nID=", .release = "6" });
	machine_uki(t, "boot/EFI/Linux/least.efi",
	            &(struct machine_uki){ .osrel = "ID=x", .release = "6" });
	assert_menu(t, "[least] this-machine good");
	temptree_text(t, "boot/loader/loader.conf", "default both\n");
	assert_menu(t, "[least] this-machine good");
}

static void efi_entries(void **state)
{
	const struct machine_uki uki = { .cmdline = "inside", .release = "6.1" };
	struct temptree *t = *state;
	struct boot_entries e;

	temptree_text(t, "efi/loader/entries/a.conf", "efi /x/a.efi\noptions outside\n");
	temptree_text(t, "efi/loader/entries/b.conf", "uki /x/a.efi\n");
	temptree_text(t, "efi/loader/entries/gone.conf", "efi /x/gone.efi\n");
	machine_uki(t, "efi/x/a.efi", &uki);
	load(t, &e);
	assert_int_equal(e.n, 3);
	assert_true(boot_entries_find(&e, "a")->unified);
	assert_string_equal(boot_entries_find(&e, "a")->options, "outside");
	assert_string_equal(boot_entries_find(&e, "b")->kernel, "/efi/x/a.efi");
	assert_string_equal(boot_entries_find(&e, "b")->options, "");
	boot_entries_done(&e);
}

static void no_entries_is_no_error(void **state)
{
	struct boot_entries e;

	load(*state, &e);
	assert_int_equal(e.n, 0);
	assert_null(e.chosen);
	assert_null(boot_entries_find(&e, "x"));
	assert_null(systemd_boot_selected(&e, ((struct temptree *)*state)->fd));
	boot_entries_done(&e);
	temptree_text(*state, "boot/loader", "a file");
	assert_menu(*state, "");
}

static void finds_by_any_form_of_the_id(void **state)
{
	static const struct {
		const char *id, *file;
	} rows[] = {
		{ "x", "/efi/loader/entries/x.conf" },
		{ "x.conf", "/efi/loader/entries/x.conf" },
		{ "x.efi", "/efi/EFI/Linux/x.efi" },
		{ "y", "/efi/loader/entries/y+2.conf" },
		{ "y+2.conf", "/efi/loader/entries/y+2.conf" },
		{ "y.conf", "/efi/loader/entries/y+2.conf" },
	};
	struct temptree *t = *state;
	struct boot_entries e;

	menu_entry(t, "efi/loader/entries/x.conf", "sort-key a");
	menu_entry(t, "efi/loader/entries/y+2.conf", "");
	machine_uki(t, "efi/EFI/Linux/x.efi",
	            &(struct machine_uki){ .osrel = "ID=z", .release = "6" });
	load(t, &e);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_non_null(boot_entries_find(&e, rows[i].id));
		assert_string_equal(boot_entries_find(&e, rows[i].id)->file, rows[i].file);
	}
	assert_null(boot_entries_find(&e, "X"));
	assert_null(boot_entries_find(&e, ""));
	assert_null(boot_entries_find(&e, "*"));
	boot_entries_done(&e);
}

static void each_directory_once(void **state)
{
	struct temptree *t = *state;

	menu_entry(t, "boot/loader/entries/a.conf", "");
	menu_entry(t, "boot/efi/loader/entries/b.conf", "");
	temptree_link(t, "efi", "boot/efi");
	assert_menu(t, "[b] a");
}

/* --- Paths ----------------------------------------------------------------------------------- */

static void boot_as_a_plain_directory(void **state)
{
	struct temptree *t = *state;
	const struct boot_entry *x;
	struct boot_entries e;

	/* /boot is part of the root file system, as GRUB sees it. */
	temptree_text(t, "boot/loader/entries/x.conf",
	              "linux /boot/vmlinuz-6\ninitrd /boot/gone\ninitrd /boot/initrd-6\n");
	temptree_text(t, "boot/vmlinuz-6", "");
	temptree_text(t, "boot/initrd-6", "");
	load(t, &e);
	x = &e.list[0];
	assert_string_equal(x->kernel, "/boot/vmlinuz-6");
	assert_string_equal(x->initrds[0], "/boot/boot/gone");
	assert_string_equal(x->initrds[1], "/boot/initrd-6");
	boot_entries_done(&e);
	/* The partition comes first. */
	temptree_text(t, "boot/boot/vmlinuz-6", "");
	load(t, &e);
	assert_string_equal(e.list[0].kernel, "/boot/boot/vmlinuz-6");
	boot_entries_done(&e);
}

/* --- Order and choice ------------------------------------------------------------------------ */

static void order_of_the_menu(void **state)
{
	struct temptree *t = *state;

	menu_entry(t, "boot/loader/entries/old-6.9.conf", "version 6.9");
	menu_entry(t, "boot/loader/entries/old-6.10.conf", "version 6.10");
	menu_entry(t, "boot/loader/entries/b-1.conf", "sort-key b\nversion 1");
	menu_entry(t, "boot/loader/entries/a-9.conf", "sort-key a\nversion 9\nmachine-id 1");
	menu_entry(t, "boot/loader/entries/a-10.conf", "sort-key a\nversion 10\nmachine-id 1");
	menu_entry(t, "boot/loader/entries/a-11.conf", "sort-key a\nversion 11\nmachine-id 2");
	menu_entry(t, "boot/loader/entries/a-12+0-3.conf", "sort-key a\nversion 12\nmachine-id 1");
	menu_entry(t, "boot/loader/entries/a-8+1-2.conf", "sort-key a\nversion 9\nmachine-id 1");
	assert_menu(t, "[a-10] a-9 a-8 a-11 b-1 old-6.10 old-6.9 a-12");
}

static void counters_break_ties(void **state)
{
	struct temptree *t = *state;
	struct boot_entries e;

	menu_entry(t, "boot/loader/entries/x+2-1.conf", "");
	menu_entry(t, "boot/loader/entries/x+3-1.conf", "");
	menu_entry(t, "boot/loader/entries/x+3.conf", "");
	menu_entry(t, "boot/loader/entries/x+z.conf", "");
	menu_entry(t, "boot/loader/entries/x+1-.conf", "");
	load(t, &e);
	assert_int_equal(e.n, 5);
	assert_string_equal(e.list[0].id, "x+1-");
	assert_string_equal(e.list[1].id, "x+z");
	assert_string_equal(e.list[2].file, "/boot/loader/entries/x+3.conf");
	assert_string_equal(e.list[3].file, "/boot/loader/entries/x+3-1.conf");
	assert_string_equal(e.list[4].file, "/boot/loader/entries/x+2-1.conf");
	boot_entries_done(&e);
}

/* --- GRUB ------------------------------------------------------------------------------------ */

#define GRUBENV "# GRUB Environment Block\n# WARNING\n"

static void fedora_with_grub(void **state)
{
	struct temptree *t = *state;
	const struct boot_entry *x;
	struct boot_entries e;

	temptree_text(t, "boot/loader/entries/m-6.11.conf",
	              "title Fedora Linux (6.11) 41\nlinux /vmlinuz-6.11\n"
	              "initrd /initramfs-6.11.img $tuned_initrd ${extra}\n"
	              "initrd /plain.img $unknown\n"
	              "options $kernelopts $nothing a=$root_dev/x ${kernelopts}$ $1 ${open\n");
	temptree_text(t, "boot/loader/entries/m-6.12.conf", "linux /vmlinuz-6.12\n");
	temptree_text(t, "boot/loader/entries/m-0-rescue.conf", "linux /vmlinuz-0\n");
	temptree_text(t, "boot/grub2/grubenv",
	              GRUBENV
	              "saved_entry=m-6.11\nkernelopts=root=UUID=1 ro\nroot_dev=/dev/sda\n"
	              "extra=/t1.img /t2.img\ndefault_kernelopts=ro $root_dev\n###########");
	assert_menu(t, "m-6.12 [m-6.11] m-0-rescue");
	load(t, &e);
	x = boot_entries_find(&e, "m-6.11");
	assert_string_equal(x->options, "root=UUID=1 ro a=/dev/sda/x root=UUID=1 ro$ ${open");
	assert_string_equal(x->initrds[0], "/boot/initramfs-6.11.img");
	assert_string_equal(x->initrds[1], "/boot/t1.img");
	assert_string_equal(x->initrds[2], "/boot/t2.img");
	assert_string_equal(x->initrds[3], "/boot/plain.img");
	assert_null(x->initrds[4]);
	assert_string_equal(boot_entries_find(&e, "m-6.12")->options, "ro /dev/sda");
	boot_entries_done(&e);
}

static void choice_of_grub(void **state)
{
	static const struct {
		const char *env, *menu;
	} rows[] = {
		{ GRUBENV, "[c] b a" },
		{ GRUBENV "next_entry=a\n", "[c] b a" },
		{ GRUBENV "saved_entry=a\n", "c b [a]" },
		{ GRUBENV "saved_entry=b\n", "c [b] a" },
		{ GRUBENV "saved_entry=1\n", "c [b] a" },
		{ GRUBENV "saved_entry=3\n", "[c] b a" },
		{ GRUBENV "saved_entry=See\n", "[c] b a" },
		{ GRUBENV "saved_entry=\n", "[c] b a" },
		{ GRUBENV "saved_entry", "[c] b a" },
		{ GRUBENV "saved_entry=\\a\\\n", "[c] b a" },
		{ "", "[c] b a" },
	};
	struct temptree *t = *state;

	three_entries(t);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		temptree_text(t, "boot/grub/grubenv", rows[i].env);
		assert_menu(t, rows[i].menu);
	}
}

/* Both loaders may have left something behind. */
static void which_loader_it_is(void **state)
{
	struct temptree *t = *state;

	three_entries(t);
	temptree_text(t, "boot/grub/grubenv", GRUBENV "saved_entry=a\n");
	temptree_text(t, "efi/loader/loader.conf", "default b\n");
	assert_menu(t, "c a [b]");
	machine_efivar(t, "LoaderInfo", "GRUB 2.12");
	assert_menu(t, "c b [a]");
	machine_efivar(t, "LoaderInfo", "systemd-boot 257");
	assert_menu(t, "c a [b]");
}

static void grub_variables(void **state)
{
	struct temptree *t = *state;
	_cleanup_free_ char *text = NULL;
	struct grubenv g;

	assert_int_equal(grubenv_read(t->fd, &g), -ENOENT);
	temptree_text(t, "boot/grub/grubenv",
	              GRUBENV "a=1\\\\2\\\n3\nab=x\nempty=\n#c=1\nno assignment\nend=\\");
	assert_int_equal(grubenv_read(t->fd, &g), 0);
	assert_string_equal(grubenv_get(&g, "a"), "1\\2\n3");
	assert_string_equal(grubenv_get(&g, "ab"), "x");
	assert_string_equal(grubenv_get(&g, "empty"), "");
	assert_string_equal(grubenv_get(&g, "end"), "\\");
	assert_null(grubenv_get(&g, "c"));
	assert_null(grubenv_get(&g, "#c"));
	assert_int_equal(grubenv_expand(&g, "$ab-$empty$abc ${ab}c$", &text), 0);
	assert_string_equal(text, "x- xc$");
	grubenv_done(&g);
}

/* A few bytes must not become gigabytes. */
static void grub_variables_have_an_end(void **state)
{
	struct temptree *t = *state;
	char env[16000], *text, options[16000];
	struct grubenv g;

	memset(env, 'x', sizeof(env));
	memcpy(env, "a=", 2);
	temptree_bytes(t, "boot/grub/grubenv", env, sizeof(env));
	assert_int_equal(grubenv_read(t->fd, &g), 0);
	for (size_t i = 0; i < sizeof(options); i++)
		options[i] = "$a"[i % 2];
	options[sizeof(options) - 2] = '\0';
	assert_int_equal(grubenv_expand(&g, options, &text), -E2BIG);
	grubenv_done(&g);
	snprintf(env, sizeof(env), "linux /x\noptions %.*s\n", 8000, options);
	temptree_text(t, "boot/loader/entries/x.conf", env);
	assert_menu(t, "");
}

/* --- EFI variables --------------------------------------------------------------------------- */

static void efi_variables(void **state)
{
#define PATH "sys/firmware/efi/efivars/X-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
	static const struct {
		const char *raw;
		size_t len;
		const char *text; /* NULL: none */
	} rows[] = {
		{ "\7\0\0\0a\0\0\0", 8, "a" },
		{ "\7\0\0\0a\0b\0", 8, "ab" },
		{ "\7\0\0\0\xe4\0\xac\x20\0\0", 10, "\xc3\xa4\xe2\x82\xac" },
		{ "\7\0\0\0\x3d\xd8\0\xde", 8, NULL },
		{ "\7\0\0\0a\0b", 7, NULL },
		{ "\7\0\0\0\0\0", 6, NULL },
		{ "\7\0\0\0", 4, NULL },
		{ "\7\0", 2, NULL },
		{ "", 0, NULL },
	};
	struct temptree *t = *state;
	char *text;

	assert_int_equal(efivar_read(t->fd, "X", &text), -ENOENT);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		temptree_bytes(t, PATH, rows[i].raw, rows[i].len);
		assert_int_equal(efivar_read(t->fd, "X", &text), rows[i].text ? 0 : -ENOENT);
		if (!rows[i].text)
			continue;
		assert_string_equal(text, rows[i].text);
		free(text);
	}
}

/* Any bytes in any of the files. */
static void survives_noise(void **state)
{
	struct temptree *t = *state;

	for (uint32_t seed = 0; seed < 100; seed++) {
		struct boot_entries e;
		uint8_t noise[600];

		check_noise(noise, sizeof(noise), seed);
		for (size_t i = 0; i < sizeof(noise); i++)
			noise[i] = noise[i] % 4 == 0 ? " \n$\"{\\=#"[noise[i] / 4 % 8] : noise[i];
		temptree_bytes(t, "boot/grub2/grubenv", noise, sizeof(noise));
		temptree_bytes(t, "boot/loader/loader.conf", noise, sizeof(noise));
		memcpy(noise, "linux /x\noptions ", 17);
		for (size_t i = 0; i < sizeof(noise); i++)
			noise[i] = noise[i] ? noise[i] : 'x';
		temptree_bytes(t, "boot/loader/entries/x.conf", noise, sizeof(noise));
		load(t, &e);
		boot_entries_done(&e);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, temptree_setup, temptree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_a_text_entry),
		TEST(reads_a_unified_image),
		TEST(passes_over_what_is_none),
		TEST(efi_entries),
		TEST(no_entries_is_no_error),
		TEST(finds_by_any_form_of_the_id),
		TEST(each_directory_once),
		TEST(boot_as_a_plain_directory),
		TEST(order_of_the_menu),
		TEST(counters_break_ties),
		TEST(fedora_with_grub),
		TEST(choice_of_grub),
		TEST(which_loader_it_is),
		TEST(grub_variables),
		TEST(grub_variables_have_an_end),
		TEST(efi_variables),
		TEST(survives_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
