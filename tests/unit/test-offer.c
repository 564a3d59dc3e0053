// SPDX-License-Identifier: GPL-2.0-or-later
/* test-offer.c - the entry that systemctl finds, and the kernel that an argument stands for. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "loader/kexec/next-choice.h"
#include "loader/kexec/offer.h"
#include "loader/cli/verbs.h"
#include "system/file.h"
#include "tests/unit/machine.h"

#define BASE  "run/boot-loader-entries"
#define ENTRY BASE "/loader/entries/kdump-lite.conf"

static struct temptree tree;
static struct piece initrds[2];
static struct next next;

static int setup(void **state)
{
	initrds[0] = (struct piece){ .path = (char *)"/boot/ucode.img" };
	initrds[1] = (struct piece){ .path = (char *)"/boot/initrd.img" };
	next = (struct next){ .id = (char *)"a",
		              .title = (char *)"Debian 12",
		              .release = (char *)"6.1.0-9-test",
		              .kernel = { .path = (char *)"/boot/vmlinuz" },
		              .initrds = initrds,
		              .n_initrds = 2 };
	temptree_make(&tree);
	return 0;
}

static int teardown(void **state)
{
	temptree_remove(&tree);
	return 0;
}

static void assert_link(const char *path, const char *expected)
{
	char target[256] = "";

	assert_true(readlinkat(tree.fd, path, target, sizeof(target) - 1) > 0);
	assert_string_equal(target, expected);
}

static void publishes_and_withdraws(void **state)
{
	_cleanup_free_ char *text = NULL, *again = NULL;

	assert_int_equal(offer_withdraw(tree.fd), 0);
	assert_int_equal(offer_publish(tree.fd, &next, "root=/dev/vda1 quiet"), 0);
	text = temptree_read(&tree, ENTRY);
	assert_string_equal(text, "title Debian 12\nversion 6.1.0-9-test\n"
	                          "linux /kdump-lite/linux\ninitrd /kdump-lite/initrd\n"
	                          "options root=/dev/vda1 quiet\n");
	assert_link(BASE "/kdump-lite/linux", "/boot/vmlinuz");
	assert_link(BASE "/kdump-lite/initrd", "/boot/ucode.img");
	/* Again, with another kernel that has none. */
	next.kernel.path = (char *)"/boot/other";
	next.n_initrds = 0;
	next.release = (char *)"";
	assert_int_equal(offer_publish(tree.fd, &next, "a"), 0);
	again = temptree_read(&tree, ENTRY);
	assert_string_equal(again, "title Debian 12\nlinux /kdump-lite/linux\noptions a\n");
	assert_link(BASE "/kdump-lite/linux", "/boot/other");
	assert_false(temptree_exists(&tree, BASE "/kdump-lite/initrd"));
	assert_int_equal(offer_withdraw(tree.fd), 0);
	assert_false(temptree_exists(&tree, BASE));
	assert_true(temptree_exists(&tree, "run"));
}

static void parts_of_files_are_not_linked(void **state)
{
	next.kernel = (struct piece){ .path = (char *)"/efi/a.efi", .offset = 512, .size = 9 };
	initrds[0] = (struct piece){ .path = (char *)"/efi/a.efi", .offset = 1024, .size = 9 };
	assert_int_equal(offer_publish(tree.fd, &next, "a"), 0);
	assert_link(BASE "/kdump-lite/linux", "/efi/a.efi");
	assert_false(temptree_exists(&tree, BASE "/kdump-lite/initrd"));
}

static void leaves_that_of_others_alone(void **state)
{
	temptree_text(&tree, BASE "/loader/entries/grub.conf", "title x\n");
	assert_fails(offer_publish(tree.fd, &next, "a"), -EEXIST, "another program has made it");
	assert_int_equal(offer_withdraw(tree.fd), 0);
	assert_true(temptree_exists(&tree, BASE "/loader/entries/grub.conf"));
	assert_false(temptree_exists(&tree, BASE "/kdump-lite"));
	/* Somebody adds to ours. */
	assert_int_equal(unlinkat(tree.fd, BASE "/loader/entries/grub.conf", 0), 0);
	temptree_text(&tree, ENTRY, "");
	assert_int_equal(offer_publish(tree.fd, &next, "a"), 0);
	temptree_text(&tree, BASE "/loader/loader.conf", "timeout 1\n");
	assert_int_equal(offer_withdraw(tree.fd), 0);
	assert_true(temptree_exists(&tree, BASE "/loader/loader.conf"));
	assert_false(temptree_exists(&tree, ENTRY));
}

/* A line feed in the command line would add lines to the entry. */
static void takes_no_more_than_a_line(void **state)
{
	assert_fails(offer_publish(tree.fd, &next, "a\ninitrd /x"), -EINVAL, "more than one line");
	assert_false(temptree_exists(&tree, BASE));
}

static void knows_its_own_kernel(void **state)
{
	assert_true(offer_is_kernel("/" BASE "/kdump-lite/linux"));
	assert_true(offer_is_kernel("/" BASE "//kdump-lite/linux"));
	assert_true(offer_is_kernel("512+9:/" BASE "/kdump-lite/linux"));
	assert_false(offer_is_kernel("/" BASE "/kdump-lite/linux2"));
	assert_false(offer_is_kernel("/" BASE "/kdump-lite"));
	assert_false(offer_is_kernel("/boot/vmlinuz"));
	assert_false(offer_is_kernel(""));
}

static void knows_when_it_tells_all(void **state)
{
	struct next other = next;

	next.n_initrds = 1;
	assert_false(offer_is_all(tree.fd, &next, "root=/dev/vda1"));
	assert_int_equal(offer_publish(tree.fd, &next, "root=/dev/vda1"), 0);
	assert_true(offer_is_all(tree.fd, &next, "root=/dev/vda1"));
	/* An upgrade changes what a person reads, at the same paths. */
	next.title = next.release = (char *)"6.12";
	assert_true(offer_is_all(tree.fd, &next, "root=/dev/vda1"));
	assert_false(offer_is_all(tree.fd, &next, "root=/dev/vda"));
	assert_false(offer_is_all(tree.fd, &next, "root=/dev/vda1 quiet"));
	assert_false(offer_is_all(tree.fd, &other, "root=/dev/vda1"));
	other = next;
	other.kernel.path = (char *)"/boot/vmlinuz-6.12";
	assert_false(offer_is_all(tree.fd, &other, "root=/dev/vda1"));
	other = next;
	other.n_initrds = 0;
	assert_false(offer_is_all(tree.fd, &other, "root=/dev/vda1"));
	other = next;
	other.initrds = &initrds[1];
	assert_false(offer_is_all(tree.fd, &other, "root=/dev/vda1"));
	/* Parts of files: all that a unified kernel image has. */
	initrds[0].size = next.kernel.size = 512;
	assert_int_equal(offer_publish(tree.fd, &next, "a"), 0);
	assert_false(offer_is_all(tree.fd, &next, "a"));
	/* No initrd at all. */
	next.kernel.size = next.n_initrds = 0;
	assert_int_equal(offer_publish(tree.fd, &next, ""), 0);
	assert_true(offer_is_all(tree.fd, &next, ""));
}

/* --- Which kernel is meant ------------------------------------------------------------------ */

static const struct utsname uts = { .machine = "x86_64", .release = MACHINE_RELEASE };

static int resolve(const struct next_choice *c, const char *kernel, size_t n_initrds,
                   const char *line)
{
	_cleanup_(settings_done) struct settings settings = {};
	_cleanup_(next_done) struct next n = {};
	_cleanup_free_ char *cmdline = NULL;
	int r;

	assert_int_equal(settings_load(tree.fd, NULL, NULL, &settings), 0);
	r = next_choice_resolve(tree.fd, &settings, c, &uts, &n, &cmdline);
	if (r < 0)
		return r;
	assert_string_equal(n.kernel.path, kernel);
	assert_int_equal(n.n_initrds, n_initrds);
	assert_string_equal(cmdline, line);
	return 0;
}

static void finds_what_is_meant(void **state)
{
	char *none[] = { (char *)"", NULL };

	temptree_text(&tree, "proc/cmdline", "BOOT_IMAGE=/vmlinuz root=/dev/vda1 quiet\n");
	machine_bzimage(&tree, "boot/vmlinuz-" MACHINE_RELEASE, MACHINE_RELEASE);
	temptree_text(&tree, "boot/initrd.img-" MACHINE_RELEASE, "x");
	machine_bzimage(&tree, "boot/vmlinuz-6.12.9", "6.12.9");
	temptree_text(&tree, "etc/kdump-lite.conf",
	              "[Kexec]\nCommandLineRemove=quiet\nCommandLineAppend=panic=5\n");
	/* No boot loader with entries: the running kernel. */
	assert_int_equal(resolve(&(struct next_choice){}, "/boot/vmlinuz-" MACHINE_RELEASE, 1,
	                         "root=/dev/vda1 panic=5"),
	                 0);
	assert_fails(resolve(&(struct next_choice){ .by_entry = true }, "", 0, ""), -ENOMEDIUM,
	             "no boot loader has entries");
	/* By release, and by path. */
	assert_int_equal(resolve(&(struct next_choice){ .kernel = "6.12.9", .append = "single" },
	                         "/boot/vmlinuz-6.12.9", 0, "root=/dev/vda1 panic=5 single"),
	                 0);
	assert_int_equal(resolve(&(struct next_choice){ .kernel = "/boot/vmlinuz-" MACHINE_RELEASE,
	                                                .initrds = none,
	                                                .cmdline = "root=x quiet" },
	                         "/boot/vmlinuz-" MACHINE_RELEASE, 0, "root=x panic=5"),
	                 0);
	assert_fails(resolve(&(struct next_choice){ .kernel = "6.99" }, "", 0, ""), -ENOENT,
	             "there is no kernel 6.99 in /boot or /usr/lib/modules");
	assert_fails(resolve(&(struct next_choice){ .kernel = "/boot/none" }, "", 0, ""), -ENOENT,
	             "/boot/none: No such file");
	/* An entry, with a command line of its own. */
	temptree_text(&tree, "boot/loader/entries/d.conf",
	              "title D\nlinux /vmlinuz-6.12.9\noptions root=y\n");
	assert_int_equal(
		resolve(&(struct next_choice){}, "/boot/vmlinuz-6.12.9", 0, "root=y panic=5"), 0);
	assert_int_equal(resolve(&(struct next_choice){ .by_entry = true, .reuse = true },
	                         "/boot/vmlinuz-6.12.9", 0, "root=/dev/vda1 panic=5"),
	                 0);
	assert_fails(resolve(&(struct next_choice){ .by_entry = true, .entry = "e" }, "", 0, ""),
	             -ENOENT, "there is no such entry; there are: d");
}

/* --- The two halves of the unit --------------------------------------------------------------- */

static int offer(const char *name, const char *path)
{
	struct cli cli = { .root_fd = tree.fd, .root = "", .quiet = true };
	char *argv[] = { (char *)name, (char *)path };

	return verb_kexec_offer.run(&cli, name ? 2 : 0, argv);
}

static void the_instance_names_the_kernel(void **state)
{
	static const struct {
		const char *name, *path, *kernel;
	} rows[] = {
		{ "6.12.9-1-amd64", "/6.12.9/1/amd64", "/boot/vmlinuz-6.12.9-1-amd64" },
		{ "6.12.9\\x2d1\\x2damd64", "/6.12.9-1-amd64", "/boot/vmlinuz-6.12.9-1-amd64" },
		{ "6.1\\x2bdeb13-amd64", "/6.1+deb13/amd64", "/boot/vmlinuz-6.1+deb13-amd64" },
		{ "srv-linux", "/srv/linux", "/srv/linux" },
	};
	struct cli cli = { .root_fd = tree.fd, .root = "", .quiet = true };

	temptree_text(&tree, "proc/cmdline", "root=/dev/vda1\n");
	machine_kernel(&tree, "boot/vmlinuz-6.12.9-1-amd64", NULL, "6.12.9-1-amd64");
	machine_kernel(&tree, "boot/vmlinuz-6.1+deb13-amd64", NULL, "6.1+deb13-amd64");
	machine_kernel(&tree, "srv/linux", NULL, "6.13");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(offer(rows[i].name, rows[i].path), 0);
		assert_link(BASE "/kdump-lite/linux", rows[i].kernel);
	}
	assert_fails(offer("6.99", "/6.99"), -ENOENT, "no kernel 6.99");
	assert_fails(offer("srv-x\\x2dy", "/srv/x-y"), -ENOENT, "/srv/x-y");
	/* No bus, so nothing is on its way; nothing is loaded. */
	setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent", 1);
	temptree_text(&tree, "sys/kernel/kexec_loaded", "0\n");
	assert_int_equal(verb_kexec_if_queued.run(&cli, 0, NULL), 0);
	assert_false(temptree_exists(&tree, BASE));
	/* Of another boot loader: no failure, so that the other half still does its work. */
	temptree_text(&tree, BASE "/loader/entries/grub.conf", "title x\n");
	assert_int_equal(offer("srv-linux", "/srv/linux"), 0);
	assert_false(temptree_exists(&tree, BASE "/kdump-lite"));
}

/* --- Mounts that come and go ------------------------------------------------------------------ */

/* An automount that idles out stops what requires it. What is set here would look at automounts at
 * the very end, when they answer no more. */
static void the_units_outlive_their_mounts(void **state)
{
	static const char *const units[] = { "units/kdump-lite-kexec.service.in",
		                             "units/kdump-lite-kexec@.service.in" };
	static const char *const unwanted[] = { "\nRequires",
		                                "\nBindsTo=", "\nPartOf=", "\nProtectSystem",
		                                "\nProtectHome" };

	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		_cleanup_free_ char *text = NULL;

		assert_int_equal(file_read(AT_FDCWD, units[i], MIB(1), &text, NULL), 0);
		check_case("%s", units[i]);
		for (size_t k = 0; k < ARRAY_SIZE(unwanted); k++)
			assert_null(strstr(text, unwanted[k]));
		assert_non_null(strstr(text, "\nAfter=kdump-lite-kexec-hold.service boot.mount "));
		assert_non_null(strstr(text, "\nWants=kdump-lite-kexec-hold.service\n"));
	}
}

/* What makes a mount namespace for a service (exec_needs_mount_namespace() of systemd 257). */
static void what_holds_has_no_namespace(void **state)
{
	static const char *const unwanted[] = { "\nPrivate",        "\nProtectSystem",
		                                "\nProtectHome",    "\nProtectKernel",
		                                "\nProtectControl", "\nProtectProc",
		                                "\nProcSubset",     "\nReadOnly",
		                                "\nInaccessible",   "Directory=" };
	_cleanup_free_ char *text = NULL;

	assert_int_equal(
		file_read(AT_FDCWD, "units/kdump-lite-kexec-hold.service.in", MIB(1), &text, NULL),
		0);
	for (size_t k = 0; k < ARRAY_SIZE(unwanted); k++)
		assert_null(strstr(text, unwanted[k]));
}

static int hold(const char *a, const char *b)
{
	struct cli cli = { .root_fd = tree.fd, .root = "", .quiet = true };
	char *argv[] = { (char *)a, (char *)b, NULL };

	return verb_kexec_hold.run(&cli, 2, argv);
}

/* True if the process has the directory open. */
static bool has_open(pid_t pid, const char *directory)
{
	char path[64], expected[256], target[256];

	snprintf(expected, sizeof(expected), "%s/%s", tree.path, directory);
	for (int fd = 0; fd < 64; fd++) {
		ssize_t n;

		snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, fd);
		n = readlink(path, target, sizeof(target) - 1);
		target[MAX(n, 0)] = '\0';
		if (n > 0 && streq(target, expected))
			return true;
	}
	return false;
}

static void automounts_are_held(void **state)
{
	bool held = false;
	int status;
	pid_t pid;

	temptree_dir(&tree, "boot");
	temptree_dir(&tree, "efi");
	temptree_text(&tree, "proc/self/mountinfo",
	              "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
	              "30 22 8:2 / /boot rw,relatime shared:9 - ext4 /dev/sda2 rw\n"
	              "31 22 0:40 / /boot2 rw shared:9 - autofs systemd-1 rw,fd=40,timeout=120\n");
	/* Nothing that could idle out: the process ends. */
	assert_int_equal(hold("/boot", "/efi"), 0);
	temptree_text(&tree, "proc/self/mountinfo",
	              "30 22 8:2 / /boot rw,relatime shared:9 - ext4 /dev/sda2 rw\n"
	              "31 22 0:40 / /efi rw shared:9 - autofs systemd-1 rw,fd=40,timeout=120\n"
	              "32 31 8:3 / /efi rw shared:9 - vfat /dev/sda3 rw\n");
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(hold("/boot", "/efi") == 0 ? 0 : 1);
	for (int i = 0; i < 500 && !held; i++) {
		usleep(10 * 1000);
		held = has_open(pid, "efi");
	}
	assert_true(held);
	assert_false(has_open(pid, "boot"));
	assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	assert_int_equal(kill(pid, SIGTERM), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
}

/* systemctl has loaded the offer by /sbin/kexec, with one word more. Without a bus that is taken
 * for a kexec; loading it again would fail here. */
static void what_systemctl_loaded_stays(void **state)
{
	static const char record[] =
		"{\"kernel\":\"/" BASE
		"//kdump-lite/linux\",\"command_line\":\"root=/dev/vda1 single\"}";
	struct cli cli = { .root_fd = tree.fd, .root = "", .quiet = true };
	_cleanup_free_ char *after = NULL;

	setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent", 1);
	temptree_text(&tree, "proc/cmdline", "root=/dev/vda1\n");
	machine_kernel(&tree, "srv/linux", NULL, "6.13");
	assert_int_equal(offer("srv-linux", "/srv/linux"), 0);
	temptree_text(&tree, "sys/kernel/kexec_loaded", "1\n");
	temptree_text(&tree, "run/kdump-lite/next.json", record);
	assert_int_equal(verb_kexec_if_queued.run(
				 &cli, 2, (char *[]){ (char *)"srv-linux", (char *)"/srv/linux" }),
	                 0);
	after = temptree_read(&tree, "run/kdump-lite/next.json");
	assert_string_equal(after, record);
	assert_false(temptree_exists(&tree, BASE));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(publishes_and_withdraws),       TEST(parts_of_files_are_not_linked),
		TEST(leaves_that_of_others_alone),   TEST(takes_no_more_than_a_line),
		TEST(knows_its_own_kernel),          TEST(finds_what_is_meant),
		TEST(the_instance_names_the_kernel), TEST(the_units_outlive_their_mounts),
		TEST(automounts_are_held),           TEST(what_holds_has_no_namespace),
		TEST(knows_when_it_tells_all),       TEST(what_systemctl_loaded_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
