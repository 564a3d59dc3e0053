// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-distributions.c - which kernel and initrds are found on each distribution, by each way to
 * ask for them; and that the table LAYOUTS of the manual page says so.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "loader/kexec/next-choice.h"
#include "loader/kexec/return-plan.h"
#include "loader/system/kernel.h"
#include "system/file.h"
#include "tests/unit/distributions.h"
#include "base/err.h"
#include "base/text.h"

#define RUNNING "root=/dev/vda1 console=ttyS0"

/* --- The trees ------------------------------------------------------------------------------- */

struct world {
	struct temptree tree;
	struct settings settings;
	struct utsname uts;
};

static void boot_params(const struct temptree *t, bool initrd)
{
	uint8_t params[4096] = { [0x21c] = initrd };

	temptree_bytes(t, "sys/kernel/boot_params/data", params, sizeof(params));
}

static void make_tree_of(struct world *w, const struct distribution *d, const char *machine)
{
	machine_make(&w->tree);
	assert_int_equal(unlinkat(w->tree.fd, "boot/vmlinuz-" MACHINE_RELEASE, 0), 0);
	temptree_text(&w->tree, "sys/devices/system/cpu/online", "0-3\n");
	temptree_text(&w->tree, "proc/iomem", "00100000-7ffd9fff : System RAM\n");
	for (size_t i = 0; i < ARRAY_SIZE(d->tree) && d->tree[i].path; i++) {
		const char *path = d->tree[i].path, *text = d->tree[i].text;

		if (d->tree[i].what == IMAGE)
			machine_kernel(&w->tree, path, machine, text);
		else if (d->tree[i].what == LINK)
			temptree_link(&w->tree, path, text);
		else
			temptree_text(&w->tree, path, text ? text : "cpio");
	}
	boot_params(&w->tree, true);
	assert_int_equal(settings_init(&w->settings), 0);
	w->uts = (struct utsname){};
	strcpy(w->uts.machine, machine);
	strcpy(w->uts.release, d->release);
}

static void make_tree(struct world *w, const struct distribution *d)
{
	make_tree_of(w, d, "x86_64");
}

static void remove_tree(struct world *w)
{
	settings_done(&w->settings);
	temptree_remove(&w->tree);
}

/* "KERNEL INITRD..." */
static void write_files(const struct next *n, char *buf, size_t size)
{
	size_t len = snprintf(buf, size, "%s", n->kernel.path);

	for (size_t i = 0; i < n->n_initrds; i++)
		len += snprintf(buf + len, size - len, " %s", n->initrds[i].path);
}

static void expect(struct world *w, const char *who, const struct next_choice *c, const char *files,
                   const char *cmdline)
{
	_cleanup_(next_done) struct next n = {};
	_cleanup_free_ char *line = NULL;
	int r = next_choice_resolve(w->tree.fd, &w->settings, c, &w->uts, &n, &line);
	char found[1024];

	if (r < 0)
		fail_msg("%s, %s (%s): %s", who, c->kernel ? c->kernel : "", w->uts.machine,
		         err_text(r));
	write_files(&n, found, sizeof(found));
	if (!streq(found, files))
		fail_msg("%s, %s (%s): %s instead of %s", who, c->kernel ? c->kernel : "",
		         w->uts.machine, found, files);
	if (cmdline)
		assert_string_equal(line, cmdline);
	assert_null(n.notes);
}

static void try_ways(struct world *w, const struct distribution *d)
{
	for (size_t i = 0; i < ARRAY_SIZE(d->forms) && d->forms[i].kernel; i++)
		expect(w, d->name, &(struct next_choice){ .kernel = d->forms[i].kernel },
		       d->forms[i].files, streq(d->name, "NixOS") ? NULL : RUNNING);
	expect(w, d->name, &(struct next_choice){ .by_entry = d->entry }, d->files,
	       d->entry ? NULL : RUNNING);
	expect(w, d->name, &(struct next_choice){ .newest = true }, d->newest_files,
	       d->options ? d->options : RUNNING);
}

static void every_way_finds_kernel_and_initrds(void **state)
{
	static const char *const machines[] = { "x86_64", "aarch64", "riscv64" };

	for (size_t i = 0; distributions[i].name; i++)
		for (size_t m = 0; m < ARRAY_SIZE(machines); m++) {
			_cleanup_(kernel_done) struct kernel k = KERNEL_NULL;
			struct world w;

			make_tree_of(&w, &distributions[i], machines[m]);
			try_ways(&w, &distributions[i]);
			check_case("%s, %s", distributions[i].name, machines[m]);
			assert_int_equal(kernel_find(w.tree.fd, "", &w.uts, &k), 0);
			assert_string_equal(k.path, distributions[i].capture);
			remove_tree(&w);
		}
}

/* The way back from a crash finds the files of the running kernel, or of the default entry. */
static void the_return_has_no_obstacle(void **state)
{
	for (size_t i = 0; distributions[i].name; i++) {
		struct crashmem mem = { .size = MIB(256), .piece = MIB(256) };
		_cleanup_(plan_done) struct plan plan = {};
		_cleanup_(device_done) struct device boot = {};
		_cleanup_free_ char *lacks = NULL;
		struct world w;
		struct return_plan_request req;

		make_tree(&w, &distributions[i]);
		req = (struct return_plan_request){ .root_fd = w.tree.fd,
			                            .settings = &w.settings,
			                            .uts = &w.uts,
			                            .crashmem = &mem,
			                            .init_size = MIB(50) };
		assert_int_equal(plan_init(&plan), 0);
		assert_int_equal(return_plan_make(&req, &plan, &boot, &lacks), 0);
		if (*plan.back_obstacle)
			fail_msg("%s: %s", distributions[i].name, plan.back_obstacle);
		assert_true(strv_length(plan.back_initrds) > 0);
		remove_tree(&w);
	}
}

/* --- None without an initrd ------------------------------------------------------------------ */

static const struct distribution *row_of(const char *name)
{
	for (size_t i = 0; distributions[i].name; i++)
		if (streq(distributions[i].name, name))
			return &distributions[i];
	fail_msg("there is no row %s", name);
	return NULL;
}

static int resolve(struct world *w, const struct next_choice *c, struct next *ret)
{
	_cleanup_free_ char *line = NULL;

	return next_choice_resolve(w->tree.fd, &w->settings, c, &w->uts, ret, &line);
}

static void none_goes_without_an_initrd_in_silence(void **state)
{
	static const char *const kernels[] = { "linux", "vmlinuz-linux", "/boot/vmlinuz-linux",
		                               "6.12.9-arch1-1" };
	char *none[] = { "", NULL };
	struct world w;

	make_tree(&w, row_of("Arch"));
	assert_int_equal(unlinkat(w.tree.fd, "boot/initramfs-linux.img", 0), 0);
	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++) {
		struct next_choice c = { .kernel = kernels[i] };
		_cleanup_(next_done) struct next n = {};

		boot_params(&w.tree, true);
		assert_fails(resolve(&w, &c, &n), -ENOENT,
		             "and none belongs to this image; name one by --initrd=FILE, or none "
		             "by --initrd=");
		assert_non_null(strstr(err_text(-ENOENT),
		                       i < 3 ? "/boot/vmlinuz-linux: the running kernel was "
		                               "started with an initrd, "
		                             : "6.12.9-arch1-1/vmlinuz: the running kernel"));
		c.initrds = none;
		assert_int_equal(resolve(&w, &c, &n), 0);
		assert_int_equal(n.n_initrds, 0);
		assert_null(n.notes);
		next_done(&n);
		/* The running kernel did without. */
		boot_params(&w.tree, false);
		c.initrds = NULL;
		assert_int_equal(resolve(&w, &c, &n), 0);
		assert_int_equal(n.n_initrds, 0);
		assert_null(n.notes);
		next_done(&n);
		/* Nobody knows. */
		assert_int_equal(unlinkat(w.tree.fd, "sys/kernel/boot_params/data", 0), 0);
		assert_int_equal(resolve(&w, &c, &n), 0);
		assert_int_equal(strv_length(n.notes), 1);
		assert_non_null(strstr(n.notes[0], ": no initrd belongs to it"));
	}
	remove_tree(&w);
}

static void an_entry_without_an_initrd_is_told(void **state)
{
	static const char entry[] = "linux /vmlinuz-6.12.10-200.fc41.x86_64\noptions root=x\n";
	struct next n = {};
	struct world w;

	make_tree(&w, row_of("Fedora, entries"));
	temptree_text(&w.tree, "boot/loader/entries/x-6.12.10.conf", entry);
	assert_int_equal(resolve(&w, &(struct next_choice){}, &n), 0);
	assert_int_equal(n.n_initrds, 0);
	assert_int_equal(strv_length(n.notes), 1);
	assert_string_equal(n.notes[0], "entry \"x-6.12.10\" has no initrd, and the running kernel "
	                                "was started with one");
	next_done(&n);
	boot_params(&w.tree, false);
	assert_int_equal(resolve(&w, &(struct next_choice){}, &n), 0);
	assert_null(n.notes);
	next_done(&n);
	remove_tree(&w);
}

/* Modules of an older kernel that were kept have the package of the newer one, whose initrd is not
 * theirs. */
static void an_older_kernel_does_not_get_the_initrd_of_the_newer(void **state)
{
	struct world w;
	struct next n = {};

	make_tree(&w, row_of("(Arch, initrd alone in /boot)"));
	machine_bzimage(&w.tree, "usr/lib/modules/6.12.8-arch1-1/vmlinuz", "6.12.8-arch1-1");
	temptree_text(&w.tree, "usr/lib/modules/6.12.8-arch1-1/pkgbase", "linux\n");
	machine_bzimage(&w.tree, "boot/vmlinuz-linux", "6.12.9-arch1-1");
	expect(&w, "Arch", &(struct next_choice){ .kernel = "linux" },
	       "/boot/vmlinuz-linux /boot/initramfs-linux.img", RUNNING);
	assert_fails(resolve(&w, &(struct next_choice){ .kernel = "6.12.8-arch1-1" }, &n), -ENOENT,
	             "6.12.8-arch1-1/vmlinuz: the running kernel was started with an initrd, and");
	assert_int_equal(unlinkat(w.tree.fd, "boot/vmlinuz-linux", 0), 0);
	assert_fails(resolve(&w, &(struct next_choice){ .kernel = "6.12.8-arch1-1" }, &n), -ENOENT,
	             "6.12.8-arch1-1/vmlinuz: the running kernel was started with an initrd, and");
	remove_tree(&w);
}

/* --- After an upgrade ------------------------------------------------------------------------ */

static void expect_successor(struct world *w, const char *files, const char *note)
{
	_cleanup_(next_done) struct next n = {};
	int r = resolve(w, &(struct next_choice){}, &n);
	char found[1024];

	if (r < 0)
		fail_msg("%s", err_text(r));
	write_files(&n, found, sizeof(found));
	assert_string_equal(found, files);
	assert_int_equal(strv_length(n.notes), 1);
	assert_string_equal(n.notes[0], note);
}

static void after_an_upgrade_the_new_kernel_is_taken(void **state)
{
	struct kernel k = KERNEL_NULL;
	struct next n = {};
	struct world w;

	make_tree(&w, row_of("Arch"));
	strcpy(w.uts.release, "6.6.69-1-lts");
	expect_successor(&w, "/boot/vmlinuz-linux /boot/intel-ucode.img /boot/initramfs-linux.img",
	                 "the running kernel 6.6.69-1-lts has no image any more, as after an "
	                 "upgrade; this is /boot/vmlinuz-linux, 6.12.9-arch1-1");
	temptree_text(&w.tree, "proc/cmdline", "BOOT_IMAGE=/boot/vmlinuz-linux-lts x\n");
	expect_successor(
		&w, "/boot/vmlinuz-linux-lts /boot/intel-ucode.img /boot/initramfs-linux-lts.img",
		"the running kernel 6.6.69-1-lts has no image any more, as after an upgrade; this "
		"is /boot/vmlinuz-linux-lts, 6.6.70-1-lts");
	/* What a crash needs is the running kernel itself. */
	assert_fails(next_running(w.tree.fd, &w.uts, &n), -ENOENT,
	             "no image of the running kernel 6.6.69-1-lts");
	assert_null(strstr(err_text(-ENOENT), "Kernel="));
	assert_fails(kernel_find(w.tree.fd, "", &w.uts, &k), -ENOENT,
	             "; reboot if the kernel was upgraded, or set Kernel=");
	remove_tree(&w);
}

static void nothing_is_installed(void **state)
{
	static const struct distribution bare = { "", "6.1" };
	struct next n = {};
	struct world w;

	make_tree(&w, &bare);
	assert_fails(resolve(&w, &(struct next_choice){ .newest = true }, &n), -ENOENT,
	             "tells its release");
	assert_fails(resolve(&w, &(struct next_choice){}, &n), -ENOENT, "tells its release");
	assert_fails(resolve(&w, &(struct next_choice){ .kernel = "linux" }, &n), -ENOENT,
	             "there is no kernel linux in /boot or /usr/lib/modules");
	assert_null(strstr(err_text(-ENOENT), "there are"));
	machine_bzimage(&w.tree, "boot/vmlinuz-6.1", "6.1");
	assert_fails(resolve(&w, &(struct next_choice){ .kernel = "linux" }, &n), -ENOENT,
	             "there is no kernel linux in /boot or /usr/lib/modules; there are: 6.1");
	remove_tree(&w);
}

/* --- Command lines --------------------------------------------------------------------------- */

static void a_command_line_that_names_the_system_is_kept(void **state)
{
	static const char entry[] = "version 6.2\nlinux /ostree/x/vmlinuz-6.2\n"
				    "initrd /ostree/x/initramfs-6.2.img\noptions root=LABEL=x %s\n";
	static const char files[] = "/boot/ostree/x/vmlinuz-6.2 /boot/ostree/x/initramfs-6.2.img";
	static const struct distribution bare = { "", "6.1" };
	char text[512];
	struct world w;

	make_tree(&w, &bare);
	machine_bzimage(&w.tree, "boot/ostree/x/vmlinuz-6.2", "6.2");
	temptree_text(&w.tree, "boot/ostree/x/initramfs-6.2.img", "cpio");
	snprintf(text, sizeof(text), entry, "ostree=/ostree/boot.1/x/0");
	temptree_text(&w.tree, "boot/loader/entries/a.conf", text);
	expect(&w, "OSTree", &(struct next_choice){ .newest = true }, files,
	       "root=LABEL=x ostree=/ostree/boot.1/x/0");
	expect(&w, "OSTree", &(struct next_choice){ .kernel = "6.2", .reuse = true }, files,
	       RUNNING);
	/* Of the running kernel, the running system is meant, but for --newest. */
	strcpy(w.uts.release, "6.2");
	expect(&w, "OSTree", &(struct next_choice){ .kernel = "6.2" }, files, RUNNING);
	expect(&w, "OSTree", &(struct next_choice){ .newest = true }, files,
	       "root=LABEL=x ostree=/ostree/boot.1/x/0");
	strcpy(w.uts.release, "6.1");
	snprintf(text, sizeof(text), entry, "init=/bin/sh");
	temptree_text(&w.tree, "boot/loader/entries/a.conf", text);
	expect(&w, "other", &(struct next_choice){ .newest = true }, files, RUNNING);
	remove_tree(&w);
}

/* A system that was built anew may have the kernel of the old one. */
static void the_newest_system_counts(void **state)
{
	struct world w;

	make_tree(&w, row_of("NixOS"));
	assert_int_equal(unlinkat(w.tree.fd, "nix/var/nix/profiles/system", 0), 0);
	temptree_link(&w.tree, "nix/var/nix/profiles/system", "../../../store/c-nixos");
	temptree_link(&w.tree, "nix/store/c-nixos/kernel", "../a-linux-6.6.60/bzImage");
	temptree_link(&w.tree, "nix/store/c-nixos/initrd", "../a-initrd/initrd");
	temptree_text(&w.tree, "nix/store/c-nixos/kernel-params", "root=fstab loglevel=3\n");
	expect(&w, "NixOS", &(struct next_choice){ .newest = true },
	       "/nix/var/nix/profiles/system/kernel /nix/var/nix/profiles/system/initrd",
	       "root=fstab loglevel=3 init=/nix/store/c-nixos/init");
	expect(&w, "NixOS", &(struct next_choice){ .kernel = "6.6.60" },
	       "/run/booted-system/kernel /run/booted-system/initrd", RUNNING);
	remove_tree(&w);
}

static void the_newest_may_be_in_a_unified_image(void **state)
{
	static const struct machine_uki uki = { .osrel = "ID=x\nVERSION_ID=1",
		                                .cmdline = "root=/dev/uki",
		                                .uname = "6.13",
		                                .initrd = "cpio",
		                                .release = "6.13" };
	struct world w;

	make_tree(&w, row_of("Arch"));
	machine_uki(&w.tree, "efi/EFI/Linux/x.efi", &uki);
	expect(&w, "unified", &(struct next_choice){ .newest = true },
	       "/efi/EFI/Linux/x.efi /efi/EFI/Linux/x.efi", "root=/dev/uki");
	expect(&w, "unified", &(struct next_choice){ .kernel = "linux" },
	       "/boot/vmlinuz-linux /boot/intel-ucode.img /boot/initramfs-linux.img", RUNNING);
	remove_tree(&w);
}

/* --- The manual ------------------------------------------------------------------------------ */

/* "NAME|KERNEL, KERNEL|what load takes|release that --newest takes" in the table LAYOUTS. */
static void the_manual_has_each_row(void **state)
{
	_cleanup_free_ char *page = NULL;
	char *out;

	assert_int_equal(file_read(AT_FDCWD, "man/kdump-lite-kexec.8", MIB(1), &page, NULL), 0);
	out = page;
	for (const char *in = page; *in; in++)
		if (in[0] != '\\' || in[1] != '-')
			*out++ = *in;
	*out = '\0';
	for (size_t i = 0; distributions[i].name; i++) {
		const struct distribution *d = &distributions[i];
		size_t n_shown = d->shown ? d->shown : ARRAY_SIZE(d->forms);
		char line[512];
		size_t len = snprintf(line, sizeof(line), "\n%s|", d->name);

		for (size_t f = 0; f < n_shown && d->forms[f].kernel; f++)
			len += snprintf(line + len, sizeof(line) - len, "%s%s", f ? ", " : "",
			                d->forms[f].kernel);
		snprintf(line + len, sizeof(line) - len, "|%s|%s\n",
		         d->entry ? "default entry" : "running", d->newest);
		if (*d->name != '(' && !strstr(page, line))
			fail_msg("man/kdump-lite-kexec.8: lacks the row%s", line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_way_finds_kernel_and_initrds),
		cmocka_unit_test(the_return_has_no_obstacle),
		cmocka_unit_test(none_goes_without_an_initrd_in_silence),
		cmocka_unit_test(an_entry_without_an_initrd_is_told),
		cmocka_unit_test(an_older_kernel_does_not_get_the_initrd_of_the_newer),
		cmocka_unit_test(after_an_upgrade_the_new_kernel_is_taken),
		cmocka_unit_test(nothing_is_installed),
		cmocka_unit_test(a_command_line_that_names_the_system_is_kept),
		cmocka_unit_test(the_newest_system_counts),
		cmocka_unit_test(the_newest_may_be_in_a_unified_image),
		cmocka_unit_test(the_manual_has_each_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
