// SPDX-License-Identifier: GPL-2.0-or-later
/* test-grub.c - GRUB's menu and its default, as grub-mkconfig of distributions writes them. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "loader/boot/bootentry.h"
#include "loader/boot/grub.h"
#include "base/text.h"
#include "tests/unit/bootmenu.h"
#include "tests/unit/grubcfgs.h"
#include "tests/unit/machine.h"

#define CFG  "boot/grub/grub.cfg"
#define CFG2 "boot/grub2/grub.cfg"
#define ENV  "# GRUB Environment Block\n"

static void debian(const struct temptree *t, const char *cfg)
{
	temptree_text(t, CFG, cfg);
	for (size_t i = 0; i < 2; i++) {
		char path[64];

		snprintf(path, sizeof(path), "boot/vmlinuz-%s", i ? OLD : NEW);
		machine_bzimage(t, path, i ? OLD : NEW);
		snprintf(path, sizeof(path), "boot/initrd.img-%s", i ? OLD : NEW);
		temptree_text(t, path, "cpio");
	}
}

static void assert_chosen(const struct temptree *t, const char *id)
{
	struct boot_entries e;

	assert_int_equal(boot_entries_load(t->fd, "x86_64", &e), 0);
	assert_non_null(e.chosen);
	assert_string_equal(e.chosen->id, id);
	assert_null(e.notes);
	boot_entries_done(&e);
}

/* The id of the chosen entry, and the note about it. */
static void assert_note(const struct temptree *t, const char *id, const char *note)
{
	struct boot_entries e;

	assert_int_equal(boot_entries_load(t->fd, "x86_64", &e), 0);
	if (id)
		assert_string_equal(e.chosen->id, id);
	else
		assert_null(e.chosen);
	assert_non_null(e.notes);
	assert_string_equal(e.notes[0], note);
	assert_null(e.notes[1]);
	boot_entries_done(&e);
}

/* --- Distributions --------------------------------------------------------------------------- */

static void debian_menu(void **state)
{
	struct temptree *t = *state;
	const struct boot_entry *x;
	struct boot_entries e;

	debian(t, DEBIAN("0"));
	assert_menu(t,
	            "[simple] " NEW "-advanced " NEW "-recovery " OLD "-advanced " OLD "-recovery");
	assert_int_equal(boot_entries_load(t->fd, "x86_64", &e), 0);
	x = e.chosen;
	assert_string_equal(x->title, "Debian GNU/Linux");
	assert_string_equal(x->kernel, "/boot/vmlinuz-" NEW);
	assert_string_equal(x->initrds[0], "/boot/initrd.img-" NEW);
	assert_null(x->initrds[1]);
	assert_string_equal(x->options, "root=/dev/vda1 ro quiet");
	assert_false(x->unified);
	x = boot_entries_find(&e, "advanced>" OLD "-advanced");
	assert_string_equal(x->kernel, "/boot/vmlinuz-" OLD);
	assert_ptr_equal(boot_entries_find(&e, OLD "-advanced"), x);
	assert_ptr_equal(boot_entries_find(&e, "Debian GNU/Linux, with Linux " OLD), x);
	assert_ptr_equal(boot_entries_find(&e, "Advanced options for Debian GNU/Linux>"
	                                       "Debian GNU/Linux, with Linux " OLD),
	                 x);
	assert_null(boot_entries_find(&e, "advanced"));
	/* Where it comes from, which is no name of it: others are there too. */
	assert_string_equal(x->file, "/boot/grub/grub.cfg");
	assert_null(boot_entries_find(&e, "grub.cfg"));
	boot_entries_done(&e);
}

static void default_of_debian(void **state)
{
	static const struct {
		const char *def, *chosen;
	} rows[] = {
		{ DEBIAN("0"), "simple" },
		{ DEBIAN("1>2"), OLD "-advanced" },
		{ DEBIAN("advanced>" OLD "-advanced"), OLD "-advanced" },
		{ DEBIAN("Advanced options for Debian GNU/Linux>2"), OLD "-advanced" },
		{ DEBIAN("Debian GNU/Linux"), "simple" },
		{ DEBIAN("advanced"), NEW "-advanced" },
		{ DEBIAN("1"), NEW "-advanced" },
		{ DEBIAN("advanced>" NEW "-recovery"), NEW "-recovery" },
		{ DEBIAN("gone"), "simple" },
		{ DEBIAN("99"), "simple" },
		{ DEBIAN(""), "simple" },
		{ DEBIAN("advanced>gone"), NEW "-advanced" },
		{ DEBIAN("${saved_entry}"), OLD "-advanced" },
	};
	struct temptree *t = *state;

	temptree_text(t, "boot/grub/grubenv",
	              ENV "saved_entry=advanced>" OLD "-advanced\nnext_entry=1>3\n");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		debian(t, rows[i].def);
		assert_chosen(t, rows[i].chosen);
	}
}

/* A custom.cfg is read where it is, with an entry that has all kinds of quotes. */
static void custom_entries(void **state)
{
	struct temptree *t = *state;
	struct boot_entries e;
	const struct boot_entry *x;

	debian(t, DEBIAN("mine"));
	temptree_text(t, "boot/kernels/it's", "");
	temptree_text(
		t, "boot/grub/custom.cfg",
		"# mine\n"
		"x=\"a b\"; set y='c  d'\n"
		"menuentry \"It's \\\"mine\\\"\" --unrestricted --id=mine --users '' {\n"
		"  linux ($root)/kernels/it\\'s root=/dev/sda1 $x \"$y\" $unset z=$unset q\\\n"
		"uiet # no more\n"
		"  initrd /a.img \\\n   /b.img; boot\n"
		"}\n");
	assert_chosen(t, "mine");
	assert_int_equal(boot_entries_load(t->fd, "x86_64", &e), 0);
	x = e.chosen;
	assert_string_equal(x->title, "It's \"mine\"");
	assert_string_equal(x->kernel, "/boot/kernels/it's");
	assert_string_equal(x->options, "root=/dev/sda1 a b \"c  d\" z= quiet");
	assert_string_equal(x->initrds[0], "/boot/a.img");
	assert_string_equal(x->initrds[1], "/boot/b.img");
	assert_null(x->initrds[2]);
	boot_entries_done(&e);
}

/* Without "blscfg", entries below /boot/loader are none of GRUB's. */
static void entries_that_grub_does_not_read(void **state)
{
	struct temptree *t = *state;

	debian(t, DEBIAN("0"));
	temptree_text(t, "boot/loader/entries/old.conf",
	              "title Old\nlinux /vmlinuz-" OLD "\noptions root=UUID=old-disk\n");
	assert_chosen(t, "simple");
	assert_menu(t,
	            "[simple] " NEW "-advanced " NEW "-recovery " OLD "-advanced " OLD "-recovery");
	temptree_text(t, CFG, "set x=y\n");
	assert_menu(t, "");
}

static void fedora_menu(void **state)
{
	static const struct {
		const char *cfg, *env, *menu;
	} rows[] = {
		{ FEDORA("${saved_entry}"), ENV "saved_entry=m-6.2.0\n",
		  "m-6.10.0 [m-6.2.0] m-0-rescue" },
		{ FEDORA("${saved_entry}"), ENV "saved_entry=1\n",
		  "m-6.10.0 [m-6.2.0] m-0-rescue" },
		{ FEDORA("${saved_entry}"), ENV "saved_entry=Six\n",
		  "m-6.10.0 [m-6.2.0] m-0-rescue" },
		{ FEDORA("${saved_entry}"), ENV "saved_entry=gone\n",
		  "[m-6.10.0] m-6.2.0 m-0-rescue" },
		/* What was saved before counts no more. */
		{ FEDORA("0"), ENV "saved_entry=m-6.2.0\n", "[m-6.10.0] m-6.2.0 m-0-rescue" },
	};
	struct temptree *t = *state;

	/* GRUB does not know sort keys, and reads /boot alone. */
	menu_entry(t, "boot/loader/entries/m-6.10.0.conf", "sort-key z\noptions $kernelopts");
	menu_entry(t, "boot/loader/entries/m-6.2.0.conf", "sort-key a\ntitle Six");
	menu_entry(t, "boot/loader/entries/m-0-rescue.conf", "sort-key a");
	menu_entry(t, "boot/efi/loader/entries/z.conf", "");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		temptree_text(t, CFG2, rows[i].cfg);
		temptree_text(t, "boot/grub2/grubenv", rows[i].env);
		assert_menu(t, rows[i].menu);
	}
}

/* openSUSE's GRUB has entries and configuration on the EFI system partition. */
static void entries_on_the_esp(void **state)
{
	struct temptree *t = *state;

	temptree_dir(t, "sys/firmware/efi");
	temptree_text(t, "boot/efi/EFI/opensuse/grub.cfg", "set default=1\nblscfg\n");
	menu_entry(t, "boot/efi/loader/entries/s-6.2.0.conf", "");
	menu_entry(t, "boot/efi/loader/entries/s-6.10.0.conf", "");
	assert_menu(t, "s-6.10.0 [s-6.2.0]");
}

/* RHEL 8 has kernelopts in grubenv, and else in grub.cfg. */
static void variables_of_entries(void **state)
{
	static const struct {
		const char *cfg, *env, *options, *note;
	} rows[] = {
		{ FEDORA("0"), ENV "kernelopts=root=/dev/a quiet\n", "root=/dev/a quiet", NULL },
		{ FEDORA("0"), ENV, "root=/dev/mapper/rhel-root ro crashkernel=auto", NULL },
		{ "blscfg\n", ENV, "",
		  "/boot/loader/entries/m-1.conf: has the variable kernelopts, which GRUB has no "
		  "value for, and no root=" },
	};
	struct temptree *t = *state;

	menu_entry(t, "boot/loader/entries/m-1.conf", "options $kernelopts $tuned_params");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct boot_entries e;

		temptree_text(t, CFG2, rows[i].cfg);
		temptree_text(t, "boot/grub2/grubenv", rows[i].env);
		assert_int_equal(boot_entries_load(t->fd, "x86_64", &e), 0);
		assert_string_equal(e.list[0].options, rows[i].options);
		if (rows[i].note)
			assert_string_equal(e.list[0].note, rows[i].note);
		else
			assert_null(e.list[0].note);
		boot_entries_done(&e);
	}
}

/* The command line of an entry is a command of GRUB's script. */
static void words_of_options(void **state)
{
	static const struct {
		const char *options, *line;
	} rows[] = {
		{ "root=/dev/a x=$unset quiet", "root=/dev/a x= quiet" },
		{ "root=/dev/a  'a b' 'c'd", "root=/dev/a \"a b\" cd" },
		{ "root=/dev/a $quoted ${quoted}x", "root=/dev/a \"b c\" d \"b c\" dx" },
		{ "root=/dev/a dyndbg=\"file a.c +p\"", "root=/dev/a \"dyndbg=file a.c +p\"" },
		{ "root=/dev/a a\\\"b", "root=/dev/a a\\\"b" },
		{ "root=/dev/a x={1;2} $ $1", "root=/dev/a x={1;2} $" },
	};
	struct temptree *t = *state;

	temptree_text(t, CFG2, "set quoted='\"b c\" d'\nblscfg\n");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct boot_entries e;
		char text[256];

		snprintf(text, sizeof(text), "options %s", rows[i].options);
		menu_entry(t, "boot/loader/entries/m-1.conf", text);
		assert_int_equal(boot_entries_load(t->fd, "x86_64", &e), 0);
		assert_string_equal(e.list[0].options, rows[i].line);
		boot_entries_done(&e);
	}
}

static void early_initrds(void **state)
{
	struct temptree *t = *state;
	struct boot_entries e;

	temptree_text(t, CFG2, "set early_initrd=\"ucode.img b.img\"\nblscfg\n");
	menu_entry(t, "boot/loader/entries/m-1.conf", "initrd /sub/initrd.img $tuned_initrd");
	assert_int_equal(boot_entries_load(t->fd, "x86_64", &e), 0);
	assert_string_equal(e.list[0].initrds[0], "/boot/sub/ucode.img");
	assert_string_equal(e.list[0].initrds[1], "/boot/sub/b.img");
	assert_string_equal(e.list[0].initrds[2], "/boot/sub/initrd.img");
	assert_null(e.list[0].initrds[3]);
	boot_entries_done(&e);
}

/* What GRUB finds out about the hardware is not known here. */
static void variables_that_only_grub_knows(void **state)
{
	struct temptree *t = *state;
	struct boot_entries e;

	temptree_text(t, CFG2, "smbios --set=who\nblscfg\n");
	menu_entry(t, "boot/loader/entries/m-1.conf", "options root=/dev/a who=$who quiet");
	assert_int_equal(boot_entries_load(t->fd, "x86_64", &e), 0);
	assert_string_equal(e.chosen->options, "root=/dev/a quiet");
	assert_string_equal(e.chosen->note, "/boot/loader/entries/m-1.conf: has a variable that "
	                                    "only GRUB knows");
	boot_entries_done(&e);
}

/* Menus of other distributions, as far as they are not like Debian's. */
static void other_distributions(void **state)
{
	static const struct {
		const char *cfg, *kernel, *initrds, *options;
		bool btrfs; /* the subvolume @ is mounted on / */
	} rows[] = {
		/* Arch Linux: names without a version, microcode. */
		{ "menuentry 'Arch Linux' --class arch $menuentry_id_option 'a' {\n"
		  "\tlinux\t/vmlinuz-linux root=UUID=1 rw  loglevel=3 quiet\n"
		  "\tinitrd\t/intel-ucode.img /amd-ucode.img /initramfs-linux.img\n}\n",
		  "/boot/vmlinuz-linux",
		  "/boot/intel-ucode.img /boot/amd-ucode.img /boot/initramfs-linux.img",
		  "root=UUID=1 rw loglevel=3 quiet" },
		/* Ubuntu: a look at the hardware, and what follows from it. */
		{ "function gfxmode {\n\tset gfxpayload=\"${1}\"\n"
		  "\tif [ \"${1}\" = \"keep\" ]; then\n\t\tset vt_handoff=vt.handoff=7\n"
		  "\telse\n\t\tset vt_handoff=\n\tfi\n}\n"
		  "if [ \"${recordfail}\" != 1 ]; then\n"
		  "  if [ -e ${prefix}/gfxblacklist.txt ]; then\n"
		  "    if [ ${grub_platform} != pc ]; then\n      set linux_gfx_mode=keep\n"
		  "    elif hwmatch ${prefix}/gfxblacklist.txt 3; then\n"
		  "      if [ ${match} = 0 ]; then\n        set linux_gfx_mode=keep\n"
		  "      else\n        set linux_gfx_mode=text\n      fi\n"
		  "    else\n      set linux_gfx_mode=text\n    fi\n"
		  "  else\n    set linux_gfx_mode=keep\n  fi\n"
		  "else\n  set linux_gfx_mode=text\nfi\nexport linux_gfx_mode\n"
		  "menuentry 'Ubuntu' --class ubuntu $menuentry_id_option 'u' {\n"
		  "\trecordfail\n\tload_video\n\tgfxmode $linux_gfx_mode\n"
		  "\tlinux\t/boot/vmlinuz-6.8.0 root=UUID=1 ro  quiet splash $vt_handoff\n"
		  "\tinitrd\t/boot/initrd.img-6.8.0\n}\n",
		  "/boot/vmlinuz-6.8.0", "/boot/initrd.img-6.8.0",
		  "root=UUID=1 ro quiet splash vt.handoff=7" },
		/* openSUSE: other commands on EFI, a subvolume, snapshots. */
		{ "set btrfs_relative_path=\"y\"\nexport btrfs_relative_path\n"
		  "menuentry 'openSUSE'  --class opensuse $menuentry_id_option 's' {\n"
		  "\tlinuxefi /@/boot/vmlinuz-6.4.0-default root=UUID=1  ${extra_cmdline} x\n"
		  "\tinitrdefi /@/boot/initrd-6.4.0-default\n}\n"
		  "if [ -f \"/.snapshots/grub-snapshot.cfg\" ]; then\n"
		  "  source \"/.snapshots/grub-snapshot.cfg\"\nfi\n",
		  "/boot/vmlinuz-6.4.0-default", "/boot/initrd-6.4.0-default", "root=UUID=1 x",
		  true },
		/* RHEL 7. */
		{ "menuentry 'RHEL' --unrestricted $menuentry_id_option 'r' {\n"
		  "\tlinux16 /vmlinuz-3.10.0 root=/dev/mapper/rhel-root ro LANG=en_US.UTF-8\n"
		  "\tinitrd16 /initramfs-3.10.0.img\n}\n",
		  "/boot/vmlinuz-3.10.0", "/boot/initramfs-3.10.0.img",
		  "root=/dev/mapper/rhel-root ro LANG=en_US.UTF-8" },
		/* NixOS: /nix/store is on the same file system. */
		{ "menuentry \"NixOS - Default\" --class nixos --unrestricted {\n"
		  "search --set=drive1 --fs-uuid 1\n"
		  "  linux ($drive1)//kernels/abc-bzImage init=/nix/store/x/init loglevel=4\n"
		  "  initrd ($drive1)//kernels/def-initrd\n}\n",
		  "/boot/kernels/abc-bzImage", "/boot/kernels/def-initrd",
		  "init=/nix/store/x/init loglevel=4" },
	};
	struct temptree *t = *state;

	temptree_text(t, "boot/grub/gfxblacklist.txt", "");
	temptree_text(t, "boot/initrd-6.4.0-default", "");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_free_ char *initrds = NULL;
		struct boot_entries e;

		temptree_text(t, "proc/self/mountinfo",
		              rows[i].btrfs ? "1 1 0:1 /@ / rw - btrfs /dev/a rw\n" : "");
		temptree_text(t, rows[i].kernel + 1, "");
		temptree_text(t, CFG, rows[i].cfg);
		assert_int_equal(boot_entries_load(t->fd, "x86_64", &e), 0);
		assert_null(e.notes);
		assert_string_equal(e.chosen->kernel, rows[i].kernel);
		assert_int_equal(strv_join(e.chosen->initrds, " ", &initrds), 0);
		assert_string_equal(e.chosen->options, rows[i].options);
		assert_string_equal(initrds, rows[i].initrds);
		boot_entries_done(&e);
	}
}

/* --- What is no Linux ------------------------------------------------------------------------ */

#define WINDOWS "menuentry 'Windows' --id win {\n  insmod chain\n  chainloader /EFI/w.efi\n}\n"
#define XEN                                                                                        \
	"menuentry 'Xen' --id xen {\n  multiboot2 /xen.gz placeholder\n"                           \
	"  module2 /vmlinuz placeholder root=/dev/a\n  module2 --nounzip /initrd.img\n}\n"
#define MEMTEST "menuentry 'Memory test' --id mt {\n  linux /memtest86+x64.efi\n}\n"
#define OTHER                                                                                      \
	"menuentry 'Arch (on /dev/sdb1)' $menuentry_id_option 'osprober-gnulinux-simple-1' {\n"    \
	"  linux /boot/vmlinuz-linux root=/dev/sdb1\n}\n"
#define LINUX "menuentry 'Linux' --id lin {\n  linux /vmlinuz root=/dev/a\n}\n"

static void defaults_of_no_linux(void **state)
{
	static const struct {
		const char *cfg, *other;
	} rows[] = {
		{ "set default=0\n" WINDOWS LINUX, "Windows" },
		{ "set default=xen\n" LINUX XEN, "Xen" },
		{ "set default='Memory test'\n" LINUX MEMTEST, "Memory test" },
		{ "menuentry_id_option=--id\nset default=1\n" LINUX OTHER, "Arch (on /dev/sdb1)" },
	};
	struct temptree *t = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct boot_entries e;

		temptree_text(t, CFG, rows[i].cfg);
		assert_int_equal(boot_entries_load(t->fd, "x86_64", &e), 0);
		assert_string_equal(e.other, rows[i].other);
		assert_string_equal(e.chosen->id, "lin");
		boot_entries_done(&e);
	}
}

/* --- What only GRUB knows -------------------------------------------------------------------- */

#define ONLY_GRUB "only GRUB knows which entry it boots by default; taking \"Linux\""

static void conditions_of_grub(void **state)
{
	static const struct {
		const char *cfg;
		bool known;
	} rows[] = {
		/* What does not matter does not. */
		{ "if keystatus --shift; then set timeout=1; fi\n" LINUX WINDOWS, true },
		{ "set default=lin\nif cpuid -l; then set default=lin; fi\n" WINDOWS LINUX, true },
		{ "set default=lin\nif cpuid -l; then\n" WINDOWS "fi\n" LINUX, true },
		{ LINUX "if cpuid -l; then\n" WINDOWS "fi\n", true },
		{ "if [ 1 = 1 ]; then set default=1; else set default=0; fi\n" WINDOWS LINUX,
		  true },
		{ "for x in a b; do echo $x; done\nwhile false; do true; done\n" LINUX, true },
		{ "if true; then :; elif cpuid -l; then set default=1; fi\n" LINUX WINDOWS, true },
		/* What does matter. */
		{ "if cpuid -l; then set default=1; fi\n" LINUX WINDOWS, false },
		{ "if cpuid -l; then true; else set default=1; fi\n" LINUX WINDOWS, false },
		{ "if ! cpuid -l; then true; elif true; then set default=1; fi\n" LINUX WINDOWS,
		  false },
		{ "if cpuid -l; then\n" WINDOWS "fi\n" LINUX, false },
		{ "set default=1\nif cpuid -l; then\n" WINDOWS "fi\n" LINUX, false },
		{ "smbios --type 1 --set x\nset default=$x\n" LINUX WINDOWS, false },
		{ "search --label a --set=x\nset default=\"$x\"\n" LINUX WINDOWS, false },
		{ "for x in win; do set default=$x; done\n" LINUX WINDOWS, false },
		{ "set default=0\nincrement default\n" LINUX WINDOWS, false },
		{ "menuentry A {\n if cpuid -l; then\n linux /x root=a\n fi\n}\n" LINUX, false },
		{ "menuentry A {\n linux /x root=$cmdpath\n}\n" LINUX, false },
	};
	struct temptree *t = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		temptree_text(t, CFG, rows[i].cfg);
		if (rows[i].known)
			assert_chosen(t, "lin");
		else
			assert_note(t, "lin", ONLY_GRUB);
	}
}

static void conditions_of_files_and_texts(void **state)
{
	static const struct {
		const char *test;
		bool yes;
	} rows[] = {
		{ "[ -f /grub/grub.cfg ]", true },
		{ "[ -f $prefix/grub.cfg -a -d $prefix ]", true },
		{ "[ -e (hd0,1)/boot/grub/grub.cfg ]", true },
		{ "[ -s $prefix/gone -o -f /gone ]", false },
		{ "[ -d $prefix/grub.cfg ]", false },
		{ "[ ! -f /gone ]", true },
		{ "! [ -f /gone ]", true },
		{ "test a = a", true },
		{ "[ a != a ]", false },
		{ "[ a == b ]", false },
		{ "[ -z \"$gone\" ]", true },
		{ "[ -n \"$prefix\" ]", true },
		{ "[ \"$gone\" ]", false },
		{ "[ 2 -gt 1 -a 2 -ge 2 -a 1 -lt 2 -a 1 -le 1 -a 1 -eq 1 -a 1 -ne 2 ]", true },
		{ "[ 2 -lt 1 ]", false },
		{ "[ x = y -o y = y ]", true },
		{ "[ $grub_platform = pc ]", true },
		{ "[ x$feature_default_font_path = xy ]", true },
		{ "source /gone", false },
	};
	struct temptree *t = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct boot_entries e;
		char cfg[512];

		snprintf(cfg, sizeof(cfg),
		         "set default=win\nif %s; then set default=lin; fi\n" WINDOWS LINUX,
		         rows[i].test);
		temptree_text(t, CFG, cfg);
		assert_int_equal(boot_entries_load(t->fd, "x86_64", &e), 0);
		assert_null(e.notes);
		assert_int_equal(e.other == NULL, rows[i].yes);
		boot_entries_done(&e);
	}
}

/* Then it is as if there were no grub.cfg, and that is told. */
static void scripts_that_are_none(void **state)
{
	static const struct {
		const char *cfg, *note;
	} rows[] = {
		{ "if true; then\n", "unexpected \"end of file\"" },
		{ "fi\n", "unexpected \"fi\"" },
		{ "}\n", "unexpected \"}\"" },
		{ "menuentry A\n", "a menu entry has no \"{\"" },
		{ "menuentry --id x { true\n }\n", "a menu entry has no title" },
		{ "a | b\n", "unexpected \"|\"" },
		{ "function f\ntrue\n", "a function has no \"{\"" },
		{ "function f { f; }\nf\n", "GRUB's script goes too deep" },
		{ "source $prefix/grub.cfg\n", NULL },
		{ "function f { true; true; }\nfunction g { f; f; f; f; f; f; f; f; f; f; }\n"
		  "function h { g; g; g; g; g; g; g; g; g; g; }\n"
		  "function i { h; h; h; h; h; h; h; h; h; h; }\n"
		  "function j { i; i; i; i; i; i; i; i; i; i; }\n"
		  "function k { j; j; j; j; j; j; j; j; j; j; }\nk; k; k; k; k\n",
		  "GRUB's script has too many commands" },
		{ "$cmdpath x\n", "a command has a name that only GRUB knows" },
		{ "if cpuid -l; then exit; fi\n" LINUX,
		  "a condition that only GRUB knows ends the script" },
		{ "blscfg non-default\n", "\"blscfg non-default\" is not understood" },
	};
	struct temptree *t = *state;
	char note[256];

	menu_entry(t, "boot/loader/entries/a.conf", "");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		temptree_text(t, CFG, rows[i].cfg);
		snprintf(note, sizeof(note), "GRUB's menu is not used: /boot/grub/grub.cfg: %s",
		         rows[i].note);
		if (rows[i].note)
			assert_note(t, "a", note);
		assert_menu(t, "[a]");
	}
}

static void configuration_elsewhere(void **state)
{
	struct temptree *t = *state;

	/* Of an EFI system where /boot has none. */
	temptree_dir(t, "sys/firmware/efi");
	temptree_text(t, "boot/efi/EFI/redhat/grub.cfg", LINUX);
	assert_chosen(t, "lin");
	/* It may do no more than to read another one. */
	temptree_text(t, "boot/efi/EFI/redhat/grub.cfg",
	              "search.fs_uuid 1111 dev hd0,gpt2\nset prefix=($dev)'/grubs'\n"
	              "configfile $prefix/my.cfg\necho never\n" WINDOWS);
	temptree_text(t, "boot/grubs/my.cfg", LINUX);
	assert_menu(t, "[lin]");
	/* Fedora's link. */
	temptree_text(t, "etc/x.cfg", "menuentry X --id x {\n linux /x root=1\n}\n");
	temptree_link(t, "etc/grub2-efi.cfg", "x.cfg");
	assert_menu(t, "[x]");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, temptree_setup, temptree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(debian_menu),           TEST(default_of_debian),
		TEST(custom_entries),        TEST(entries_that_grub_does_not_read),
		TEST(fedora_menu),           TEST(entries_on_the_esp),
		TEST(variables_of_entries),  TEST(words_of_options),
		TEST(early_initrds),         TEST(variables_that_only_grub_knows),
		TEST(other_distributions),   TEST(defaults_of_no_linux),
		TEST(conditions_of_grub),    TEST(conditions_of_files_and_texts),
		TEST(scripts_that_are_none), TEST(configuration_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
