// SPDX-License-Identifier: GPL-2.0-or-later
/* test-next-entry.c - the files of the next kernel by an entry of the boot loader. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "loader/kexec/next.h"
#include "tests/unit/machine.h"
#include "tests/unit/nextfiles.h"
#include "base/err.h"

static const struct utsname x86 = { .machine = "x86_64", .release = NEXT_RELEASE };

static void entries(struct temptree *t)
{
	temptree_text(t, "boot/loader/entries/a.conf",
	              "title A system\nversion 1\nlinux /vmlinuz-a\ninitrd /ucode\n"
	              "initrd /initrd-a\noptions root=/dev/a ro\n");
	temptree_text(t, "boot/loader/entries/broken.conf", "linux /gone\n");
	machine_bzimage(t, "boot/vmlinuz-a", "6.9-a");
	temptree_text(t, "boot/ucode", "microcode");
	temptree_text(t, "boot/initrd-a", "cpio");
	machine_uki(t, "efi/EFI/Linux/u.efi", &next_uki);
}

static void by_entry(void **state)
{
	struct temptree *t = *state;
	struct next n = {};

	entries(t);
	assert_int_equal(next_entry(t->fd, "a", &x86, &n), 0);
	assert_files(&n, "/boot/vmlinuz-a /boot/ucode /boot/initrd-a");
	assert_string_equal(n.id, "a");
	assert_string_equal(n.title, "A system");
	assert_string_equal(n.options, "root=/dev/a ro");
	assert_string_equal(n.release, "6.9-a");
	next_done(&n);
	assert_int_equal(next_entry(t->fd, NULL, &x86, &n), 0);
	assert_files(&n, PLACE_LINUX "/efi/EFI/Linux/u.efi " PLACE_UCODE
	                             "/efi/EFI/Linux/u.efi " PLACE_INITRD "/efi/EFI/Linux/u.efi");
	assert_string_equal(n.id, "u");
	assert_string_equal(n.title, "X 1");
	assert_string_equal(n.options, "root=/dev/vda1");
	next_done(&n);
}

static void text_entry_of_a_unified_image(void **state)
{
	struct temptree *t = *state;
	struct next n = {};

	machine_uki(t, "efi/x.efi", &next_uki);
	temptree_text(t, "efi/more", "cpio");
	temptree_text(t, "efi/loader/entries/a.conf", "linux /x.efi\ninitrd /more\n");
	temptree_text(t, "efi/loader/entries/b.conf", "efi /x.efi\noptions other\n");
	assert_int_equal(next_entry(t->fd, "a", &x86, &n), 0);
	assert_files(&n, PLACE_LINUX "/efi/x.efi " PLACE_UCODE "/efi/x.efi " PLACE_INITRD
	                             "/efi/x.efi /efi/more");
	assert_string_equal(n.options, "root=/dev/vda1");
	assert_string_equal(n.title, "a");
	next_done(&n);
	assert_int_equal(next_entry(t->fd, "b", &x86, &n), 0);
	assert_string_equal(n.options, "other");
	next_done(&n);
}

static void addon(const struct temptree *t, const char *path, const char *cmdline,
                  const char *uname)
{
	const struct machine_uki addon = { .cmdline = cmdline, .uname = uname };

	machine_uki(t, path, &addon);
}

static void assert_line(const struct temptree *t, const char *id, const char *expected)
{
	struct next n = {};

	assert_int_equal(next_entry(t->fd, id, &x86, &n), 0);
	assert_string_equal(n.options, expected);
	next_done(&n);
}

/* The order is: image, add-ons for all, add-ons of the image, each by the names. */
static void command_lines_of_addons(void **state)
{
	struct temptree *t = *state;

	machine_uki(t, "efi/EFI/Linux/u+3-1.efi", &next_uki);
	addon(t, "efi/EFI/Linux/u.efi.extra.d/b.addon.efi", " crashkernel=256M\n", NULL);
	addon(t, "efi/EFI/Linux/u.efi.extra.d/a.ADDON.EFI", "own", "6.1.0-9");
	addon(t, "efi/loader/addons/z.addon.efi", "all", NEXT_RELEASE);
	addon(t, "efi/loader/addons/other.addon.efi", "other", "6.12");
	addon(t, "efi/loader/addons/other.efi", "suffix", NULL);
	addon(t, "boot/loader/addons/x.addon.efi", "partition", NULL);
	addon(t, "efi/EFI/Linux/v.efi.extra.d/x.addon.efi", "image", NULL);
	machine_uki(t, "efi/loader/addons/uki.addon.efi", &next_uki);
	temptree_text(t, "efi/loader/addons/text.addon.efi", "MZ");
	temptree_dir(t, "efi/loader/addons/dir.addon.efi");
	assert_line(t, "u", "root=/dev/vda1 all own crashkernel=256M");
	temptree_text(t, "efi/loader/entries/t.conf", "uki /EFI/Linux/u+3-1.efi\noptions x\n");
	assert_line(t, "t", "x all own crashkernel=256M");
}

/* Pieces of add-ons: 512 bytes of headers, and 512 for each section. */
static void initrds_of_addons(void **state)
{
#define UKI "/efi/EFI/Linux/u.efi"
	const struct machine_uki both = { .ucode = "new ucode", .initrd = "more" };
	struct temptree *t = *state;
	struct next n = {};

	machine_uki(t, UKI + 1, &next_uki);
	machine_uki(t, "efi/loader/addons/1.addon.efi", &both);
	machine_uki(t, "efi/loader/addons/2.addon.efi", &both);
	assert_int_equal(next_entry(t->fd, "u", &x86, &n), 0);
	assert_files(&n,
	             PLACE_LINUX UKI " 512+9:/efi/loader/addons/2.addon.efi "
	                             "512+9:/efi/loader/addons/1.addon.efi " PLACE_UCODE UKI
	                             " " PLACE_INITRD UKI " 1024+4:/efi/loader/addons/1.addon.efi "
	                             "1024+4:/efi/loader/addons/2.addon.efi");
	assert_string_equal(n.options, "root=/dev/vda1");
	assert_null(n.notes);
	next_done(&n);
	/* The package of a kernel has some to choose from. */
	machine_uki(t, "usr/lib/modules/6/vmlinuz.efi", &next_uki);
	machine_uki(t, "usr/lib/modules/6/vmlinuz.efi.extra.d/1.addon.efi", &both);
	assert_int_equal(next_file(t->fd, "/usr/lib/modules/6/vmlinuz.efi", NULL, &x86, &n), 0);
	assert_int_equal(n.n_initrds, 2);
	next_done(&n);
}

static void what_only_the_stub_passes_on(void **state)
{
	struct temptree *t = *state;
	struct next n = {};

	machine_uki(t, "efi/EFI/Linux/u.efi", &next_uki);
	temptree_text(t, "efi/EFI/Linux/u.efi.extra.d/a.cred", "secret");
	temptree_text(t, "efi/EFI/Linux/u.efi.extra.d/b.sysext.raw", "image");
	temptree_text(t, "efi/loader/credentials/c.cred", "secret");
	temptree_text(t, "efi/loader/credentials/readme", "");
	assert_int_equal(next_entry(t->fd, "u", &x86, &n), 0);
	assert_string_equal(n.notes[0],
	                    "left out, as only the boot loader can pass them on: "
	                    "/efi/EFI/Linux/u.efi.extra.d/a.cred, /efi/loader/credentials/c.cred, "
	                    "/efi/EFI/Linux/u.efi.extra.d/b.sysext.raw");
	assert_null(n.notes[1]);
	next_done(&n);
}

/* The stub does not let a boot loader replace a signed command line. */
static void options_with_secure_boot(void **state)
{
#define SECURE_BOOT "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
	const struct machine_uki bare = { .osrel = "ID=x", .release = NEXT_RELEASE };
	struct temptree *t = *state;
	struct next n = {};

	machine_uki(t, "efi/x.efi", &next_uki);
	machine_uki(t, "efi/bare.efi", &bare);
	temptree_text(t, "efi/loader/entries/a.conf", "uki /x.efi\noptions other\n");
	temptree_text(t, "efi/loader/entries/b.conf", "uki /bare.efi\noptions other\n");
	temptree_text(t, "efi/loader/entries/c.conf", "uki /x.efi\noptions root=/dev/vda1\n");
	temptree_bytes(t, SECURE_BOOT, "\6\0\0\0\0", 5);
	assert_line(t, "a", "other");
	temptree_bytes(t, SECURE_BOOT, "\6\0\0\0\1", 5);
	assert_line(t, "b", "other");
	assert_int_equal(next_entry(t->fd, "a", &x86, &n), 0);
	assert_string_equal(n.options, "root=/dev/vda1");
	assert_string_equal(n.notes[0], "with Secure Boot the options of the entry do not count, "
	                                "but those in its unified image");
	next_done(&n);
	assert_int_equal(next_entry(t->fd, "c", &x86, &n), 0);
	assert_null(n.notes);
	next_done(&n);
}

static void entries_that_will_not_do(void **state)
{
	struct temptree *t = *state;
	struct next n = {};

	assert_fails(next_entry(t->fd, NULL, &x86, &n), -ENOMEDIUM, "no boot loader has entries");
	assert_fails(next_entry(t->fd, "a", &x86, &n), -ENOMEDIUM, "no boot loader has entries");
	entries(t);
	assert_int_equal(next_entry(t->fd, "foo", &x86, &n), -ENOENT);
	assert_string_equal(err_text(-ENOENT),
	                    "entry \"foo\": there is no such entry; there are: u, broken, a");
	assert_fails(next_entry(t->fd, "broken", &x86, &n), -ENOENT,
	             "entry \"broken\": /boot/gone: No such file");
	assert_int_equal(unlinkat(t->fd, "boot/initrd-a", 0), 0);
	assert_fails(next_entry(t->fd, "a", &x86, &n), -ENOENT,
	             "entry \"a\": /boot/initrd-a: No such file");
	temptree_text(t, "boot/vmlinuz-a", "short");
	assert_fails(next_entry(t->fd, "a", &x86, &n), -ENOEXEC,
	             "entry \"a\": /boot/vmlinuz-a: is cut short");
}

/* What the boot loader would boot if it could. */
static void default_that_is_gone(void **state)
{
	struct temptree *t = *state;
	struct next n = {};

	entries(t);
	assert_int_equal(unlinkat(t->fd, "efi/EFI/Linux/u.efi", 0), 0);
	assert_int_equal(next_entry(t->fd, NULL, &x86, &n), 0);
	assert_string_equal(n.id, "a");
	assert_null(n.notes);
	next_done(&n);
	assert_int_equal(unlinkat(t->fd, "boot/vmlinuz-a", 0), 0);
	assert_fails(next_entry(t->fd, NULL, &x86, &n), -ENOENT,
	             "entry \"broken\": /boot/gone: No such file");
}

static void default_that_is_no_linux(void **state)
{
	static const struct {
		const char *conf, *other;
	} rows[] = {
		{ "default memtest*\n", "Memory test" },
		{ "default auto-windows\n", "auto-windows" },
		{ "", "Memory test" },
		{ "default a.conf\n", NULL },
	};
	struct temptree *t = *state;
	struct next n = {};
	char note[256];

	entries(t);
	assert_int_equal(unlinkat(t->fd, "efi/EFI/Linux/u.efi", 0), 0);
	temptree_dir(t, "sys/firmware/efi");
	temptree_text(t, "boot/loader/entries/memtest86.conf", "title Memory test\nefi /m.efi\n");
	machine_pe(t, "boot/m.efi", &(struct machine_section){ ".text", "code" }, 1);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		temptree_text(t, "efi/loader/loader.conf", rows[i].conf);
		assert_int_equal(next_entry(t->fd, NULL, &x86, &n), 0);
		assert_string_equal(n.id, "a");
		if (rows[i].other) {
			snprintf(note, sizeof(note),
			         "the default of the boot loader, \"%s\", is no Linux kernel on "
			         "this machine; taking \"a\"",
			         rows[i].other);
			assert_string_equal(n.notes[0], note);
		} else {
			assert_null(n.notes);
		}
		next_done(&n);
	}
	assert_fails(
		next_entry(t->fd, "memtest86", &x86, &n), -ENOEXEC,
		"entry \"memtest86\": /boot/m.efi: is no Linux kernel on this machine, so only");
	assert_fails(next_entry(t->fd, "x", &x86, &n), -ENOENT, "there are: broken, a");
	assert_int_equal(unlinkat(t->fd, "boot/loader/entries/a.conf", 0), 0);
	assert_int_equal(unlinkat(t->fd, "boot/loader/entries/broken.conf", 0), 0);
	assert_fails(next_entry(t->fd, NULL, &x86, &n), -ENOMEDIUM, "no boot loader has entries");
}

static void names_only_ten_entries(void **state)
{
	struct temptree *t = *state;
	struct next n = {};

	for (size_t i = 10; i < 30; i++) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "boot/loader/entries/e%zu.conf", i);
		temptree_text(t, path, "linux /x\n");
	}
	assert_fails(next_entry(t->fd, "foo", &x86, &n), -ENOENT, "e29, e28,");
	assert_fails(next_entry(t->fd, "foo", &x86, &n), -ENOENT, ", e20, ...");
}

static void notes_are_lines(void **state)
{
	struct next n = {};

	assert_int_equal(next_note(&n, "the default \"%s\" is no Linux", "memtest"), 0);
	assert_int_equal(next_note(&n, "and %d", 2), 0);
	assert_string_equal(n.notes[0], "the default \"memtest\" is no Linux");
	assert_string_equal(n.notes[1], "and 2");
	assert_null(n.notes[2]);
	next_done(&n);
	assert_null(n.notes);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, temptree_setup, temptree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(by_entry),
		TEST(text_entry_of_a_unified_image),
		TEST(command_lines_of_addons),
		TEST(initrds_of_addons),
		TEST(what_only_the_stub_passes_on),
		TEST(options_with_secure_boot),
		TEST(entries_that_will_not_do),
		TEST(default_that_is_gone),
		TEST(default_that_is_no_linux),
		TEST(names_only_ten_entries),
		TEST(notes_are_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
