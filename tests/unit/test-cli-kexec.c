// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-cli-kexec.c - the verbs for kexec and the stand-in for kexec(8) as their users meet them.
 *
 * Nothing here gets as far as loading: that is test-next-load.c.
 */
#include <stdio.h>

#include <jansson.h>

#include "tests/unit/machine.h"
#include "tests/unit/run-cli.h"

#define KERNEL "/boot/vmlinuz-" MACHINE_RELEASE

static struct box box;

static int setup(void **state)
{
	box_make(&box);
	temptree_text(&box.tree, "root/proc/cmdline", "BOOT_IMAGE=/vmlinuz root=/dev/vda1 quiet\n");
	temptree_text(&box.tree, "root/sys/kernel/kexec_loaded", "0\n");
	machine_kernel(&box.tree, "root" KERNEL, NULL, MACHINE_RELEASE);
	temptree_text(&box.tree, "root/boot/initrd.img-" MACHINE_RELEASE, "initrd");
	temptree_text(&box.tree, "root/boot/ucode", "ucode");
	return 0;
}

static int teardown(void **state)
{
	box_remove(&box);
	return 0;
}

/* On the system of the box. */
static int run(const char *args)
{
	char all[500];

	snprintf(all, sizeof(all), "--root=%s/root %s", box.tree.path, args);
	return box_run(&box, BOX_FILE, NULL, all);
}

/* Exits with @code after one line to stderr with @part in it, and nothing else. */
static void assert_refused(const char *args, int code, const char *part)
{
	assert_int_equal(run(args), code);
	assert_string_equal(box.out, "");
	if (!strstr(box.err, part))
		fail_msg("\"%s\" is not in: %s", part, box.err);
	assert_ptr_equal(strchr(box.err, '\n'), box.err + strlen(box.err) - 1);
}

static void shows_what_would_be_loaded(void **state)
{
	json_t *o;

	assert_int_equal(run("kexec load --dry-run " MACHINE_RELEASE), 0);
	assert_string_equal(box.err, "");
	assert_string_equal(box.out, "    kernel: " KERNEL " (" MACHINE_RELEASE ")\n"
	                             "    initrd: /boot/initrd.img-" MACHINE_RELEASE "\n"
	                             "   command: root=/dev/vda1 quiet\n");
	assert_int_equal(run("kexec reboot --dry-run " KERNEL " --append=single --initrd=/boot/"
	                     "ucode --initrd=/boot/initrd.img-" MACHINE_RELEASE),
	                 0);
	assert_non_null(strstr(box.out, "    initrd: /boot/ucode\n    initrd: /boot/initrd.img-"));
	assert_non_null(strstr(box.out, "   command: root=/dev/vda1 quiet single\n"));
	assert_int_equal(run("kexec load --dry-run --initrd= --cmdline=a " KERNEL), 0);
	assert_non_null(strstr(box.out, "    initrd: none\n   command: a\n"));
	assert_non_null(strstr(box.err, "the next command line lacks root=/dev/vda1, so "));
	assert_int_equal(run("kexec load --dry-run --newest --append=single"), 0);
	assert_non_null(strstr(box.out, "    kernel: " KERNEL " (" MACHINE_RELEASE ")\n"));
	assert_non_null(strstr(box.out, "   command: root=/dev/vda1 quiet single\n"));
	assert_int_equal(run("kexec load --dry-run --json " KERNEL), 0);
	o = json_loads(box.out, 0, NULL);
	assert_string_equal(json_string_value(json_object_get(o, "kernel")), KERNEL);
	assert_int_equal(json_array_size(json_object_get(o, "initrds")), 1);
	json_decref(o);
	assert_false(temptree_exists(&box.tree, "root/run"));
}

static void entries_of_the_boot_loader(void **state)
{
	check_needs_x86_64();
	assert_refused("kexec load --dry-run --entry", 1, "no boot loader has entries");
	temptree_text(&box.tree, "root/boot/loader/entries/one.conf",
	              "title The One\nlinux /vmlinuz-" MACHINE_RELEASE
	              "\ninitrd /ucode\ninitrd /initrd.img-" MACHINE_RELEASE "\noptions root=y\n");
	assert_int_equal(run("kexec load --dry-run --entry=one"), 0);
	assert_string_equal(box.out, "    kernel: " KERNEL " (" MACHINE_RELEASE ")\n"
	                             "     entry: one (The One)\n"
	                             "    initrd: /boot/ucode\n"
	                             "    initrd: /boot/initrd.img-" MACHINE_RELEASE "\n"
	                             "   command: root=y\n");
	assert_int_equal(run("kexec load --dry-run"), 0);
	assert_non_null(strstr(box.out, "entry: one (The One)\n"));
	assert_refused("kexec load --dry-run --entry=two", 1, "entry \"two\": there is no such");
}

/* What is otherwise than a user may think. */
static void notes_are_told(void **state)
{
	temptree_text(&box.tree, "root/boot/loader/entries/one.conf",
	              "linux /vmlinuz-" MACHINE_RELEASE "\noptions root=y\n");
	temptree_text(&box.tree, "root/boot/loader/entries/other.conf",
	              "title Memory test\nefi /memtest.efi\n");
	temptree_text(&box.tree, "root/boot/memtest.efi", "a program");
	assert_int_equal(run("kexec load --dry-run"), 0);
	assert_non_null(strstr(box.out, "entry: one"));
	assert_string_equal(box.err, "the default of the boot loader, \"Memory test\", is no Linux "
	                             "kernel on this machine; taking \"one\"\n");
	assert_int_equal(run("kexec load --dry-run --quiet"), 0);
	assert_string_equal(box.err, "");
	assert_refused("kexec load --dry-run --entry=other", 1,
	               "entry \"other\": /boot/memtest.efi: is no Linux kernel on this machine");
}

/* One clear line, and nothing has been done. */
static void wrong_input(void **state)
{
	char path[128];

	check_needs_x86_64();
	assert_refused("kexec load --dry-run 6.99", 1,
	               "kdump-lite kexec load: there is no kernel 6.99 in /boot");
	assert_refused("kexec load --dry-run /boot/none", 1, "/boot/none: No such file");
	assert_refused("kexec load --dry-run /boot/ucode", 1, "/boot/ucode: is cut short, or no");
	assert_refused("kexec load --dry-run --initrd=/boot/none " KERNEL, 1,
	               "/boot/none: No such file");
	snprintf(path, sizeof(path), "%s/root%s", box.tree.path, KERNEL);
	assert_int_equal(truncate(path, BZIMAGE_SIZE - 16), 0);
	assert_refused("kexec load --dry-run " KERNEL, 1, KERNEL ": is cut short");
	assert_refused("kexec load --dry-run " MACHINE_RELEASE, 1, KERNEL ": is cut short");
	assert_false(temptree_exists(&box.tree, "root/run"));
}

static void not_below_xen(void **state)
{
	temptree_text(&box.tree, "root/sys/hypervisor/type", "xen\n");
	temptree_text(&box.tree, "root/sys/hypervisor/guest_type", "PV\n");
	assert_refused("kexec load --dry-run " KERNEL, 1, "kexec load: this is a PV guest of Xen");
	assert_refused("kexec reboot --dry-run", 1, "PV guest of Xen");
}

static void wrong_usage(void **state)
{
	assert_refused("kexec load --dry-run a --entry", 2, "--entry does not go with a kernel");
	assert_refused("kexec load --dry-run --newest a", 2, "--newest names the kernel");
	assert_refused("kexec load --dry-run --newest --entry", 2, "--newest names the kernel");
	assert_refused("kexec load --dry-run --initrd=a", 2, "--initrd= goes with a kernel only");
	assert_refused("kexec load --dry-run --initrd= --initrd=x a", 2, "stands alone");
	assert_refused("kexec load --dry-run --cmdline=a --reuse-cmdline", 2, "does not go with");
	assert_refused("kexec load --dry-run --cmdline=a --append=b", 2, "does not go with");
	assert_refused("kexec load", 2, "--root= goes with --dry-run only");
	assert_refused("kexec load a b", 2, "wrong number of arguments, it takes [KERNEL]");
	assert_refused("kexec unload", 2, "--root= does not go with this verb");
	assert_refused("list --entry", 2, "kdump-lite list: --entry does not go with this");
	assert_refused("kexec status --now", 2, "--now does not go with this verb");
	assert_refused("kexec", 2,
	               "kdump-lite kexec: one of load, unload, status, exec, reboot has to follow");
	assert_refused("kexec lod", 2, "no verb kexec lod, did you mean kexec load?");
	assert_refused("load-kexec", 2, "there is no verb load-kexec");
}

static void status(void **state)
{
	json_t *o;

	assert_int_equal(run("kexec status"), 3);
	assert_string_equal(box.out, "    loaded: no: no kernel is loaded; run \"kdump-lite kexec "
	                             "load\"\n");
	assert_int_equal(run("kexec status --json"), 3);
	assert_non_null(strstr(box.out, "\"loaded\": false"));
	temptree_text(&box.tree, "root/sys/kernel/kexec_loaded", "1\n");
	assert_int_equal(run("kexec status"), 0);
	assert_string_equal(box.out,
	                    "    loaded: yes: a kernel is loaded, but not by kdump-lite\n");
	temptree_text(&box.tree, "root/run/kdump-lite/next.json",
	              "{\"id\":\"one\",\"title\":\"The One\",\"kernel\":\"/boot/k\","
	              "\"kernel_release\":\"6.1\",\"initrds\":[\"/boot/i\"],"
	              "\"command_line\":\"root=y\",\"since\":1795442701}");
	assert_int_equal(run("kexec status"), 0);
	assert_string_equal(box.out, "    loaded: yes, since Mon 2026-11-23 14:05:01 UTC\n"
	                             "    kernel: /boot/k (6.1)\n"
	                             "     entry: one (The One)\n"
	                             "    initrd: /boot/i\n"
	                             "   command: root=y\n");
	assert_int_equal(run("kexec status --json"), 0);
	o = json_loads(box.out, 0, NULL);
	assert_true(json_is_true(json_object_get(o, "loaded")));
	assert_string_equal(json_string_value(json_object_get(o, "id")), "one");
	json_decref(o);
	assert_int_equal(run("kexec status --quiet"), 0);
	assert_string_equal(box.out, "");
}

/* Without a terminal and without --yes it goes no further, loaded or not. */
static void exec_refuses(void **state)
{
	int r = box_run(&box, BOX_FILE, NULL, "kexec exec --now");

	assert_true(r == 1 || r == 3);
	assert_memory_equal(box.err, "kdump-lite kexec exec: ", 23);
}

static void assert_kexec(const char *args, int code, const char *part)
{
	assert_int_equal(box_run(&box, BOX_FILE, NULL, args), code);
	if (!strstr(box.err, part))
		fail_msg("\"%s\" is not in: %s", part, box.err);
	if (*part)
		assert_ptr_equal(strchr(box.err, '\n'), box.err + strlen(box.err) - 1);
}

static void stands_in_for_kexec_tools(void **state)
{
	char args[300];

	box.name = "/sbin/kexec";
	assert_kexec("-p /boot/vmlinuz --append=a", 2, "\"kdump-lite load\"");
	assert_kexec("--load-panic --unload", 2, "\"kdump-lite unload\"");
	assert_kexec("", 2, "one of --load, --unload, --exec or --status is needed");
	assert_kexec("-l -e /boot/vmlinuz", 2, "one of --load");
	assert_kexec("-l", 2, "--load needs a kernel");
	assert_kexec("-e /boot/vmlinuz", 2, "with --load only");
	assert_kexec("-l a b", 2, "one kernel at a time");
	assert_kexec("-f -l a", 2, "--force");
	/* As systemctl calls it, and as scripts do. */
	assert_kexec("--load /nonexistent/linux --append root=a --initrd /nonexistent/i", 1,
	             "kexec: /nonexistent/");
	assert_kexec("-s -c -a -d -l /nonexistent/linux --command-line=a --reuse-cmdline", 1,
	             "kexec: /nonexistent/linux: No such file");
	snprintf(args, sizeof(args), "-l %s/root%s --initrd=%s/none", box.tree.path, KERNEL,
	         box.tree.path);
	assert_kexec(args, 1, "/none: No such file");
	assert_kexec("--help", 0, "");
	assert_non_null(strstr(box.out, "--reuse-cmdline"));
	assert_kexec("--version", 0, "");
	assert_kexec("--frob", 2, "frob");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(shows_what_would_be_loaded),
		TEST(entries_of_the_boot_loader),
		TEST(notes_are_told),
		TEST(wrong_input),
		TEST(not_below_xen),
		TEST(wrong_usage),
		TEST(status),
		TEST(exec_refuses),
		TEST(stands_in_for_kexec_tools),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
