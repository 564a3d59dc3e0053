// SPDX-License-Identifier: GPL-2.0-or-later
/* test-current.c - what is armed, compared with what a load would do now. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/text.h"
#include "loader/image/capture-load.h"
#include "loader/image/current.h"
#include "loader/image/facts.h"
#include "tests/unit/machine.h"

static struct world {
	struct temptree tree;
	struct settings settings;
	struct utsname uts;
	unsigned loads;
	bool fails;            /* the next load, and nothing is loaded then */
	const char *meanwhile; /* what becomes of /proc/iomem during the next load */
} w;

static int fake_kexec(int kernel_fd, int image_fd, const char *cmdline, unsigned long flags)
{
	w.loads++;
	temptree_text(&w.tree, "sys/kernel/kexec_crash_loaded", w.fails ? "0\n" : "1\n");
	if (w.fails) {
		w.fails = false;
		return -ENOMEM;
	}
	if (w.meanwhile)
		temptree_text(&w.tree, "proc/iomem", w.meanwhile);
	w.meanwhile = NULL;
	return 0;
}

static struct prepare_request request(void)
{
	return (struct prepare_request){ .root_fd = w.tree.fd,
		                         .settings = &w.settings,
		                         .uts = &w.uts,
		                         .program = MACHINE_PROGRAM };
}

static int load(void)
{
	const struct capture_load_request req = { .prepare = request(), .kexec = fake_kexec };
	struct armed a = {};
	int r = capture_load(&req, &a);

	armed_done(&a);
	return r;
}

static void set(const char *key, const char *value)
{
	const struct field *row = fields_find(settings_rows, settings_n_rows, NULL, key);

	assert_non_null(row);
	assert_int_equal(field_set(row, &w.settings, value), 0);
}

static void put(const char *path, const char *text)
{
	temptree_text(&w.tree, path, text);
}

#define MEMORY "00001000-3fffffff : System RAM\n"

static int setup(void **state)
{
	w = (struct world){ .uts = { .machine = "x86_64", .release = MACHINE_RELEASE } };
	machine_make(&w.tree);
	put("proc/iomem", MEMORY);
	put("sys/devices/system/cpu/online", "0-1\n");
	put("sys/devices/system/cpu/present", "0-1\n");
	put("sys/devices/system/cpu/possible", "0-3\n");
	assert_int_equal(settings_init(&w.settings), 0);
	set("FinalAction", "reboot");
	assert_int_equal(load(), 0);
	return 0;
}

static int teardown(void **state)
{
	settings_done(&w.settings);
	temptree_remove(&w.tree);
	return 0;
}

/* The differences, one a line; the caller frees them. */
static char *look(void)
{
	_cleanup_(strv_freep) char **list = NULL;
	_cleanup_(armed_done) struct armed armed = {};
	const struct prepare_request req = request();
	char *text = NULL;

	assert_int_equal(armed_check(w.tree.fd, &armed, NULL), 0);
	assert_int_equal(current_look(&req, &armed, &list), 0);
	assert_int_equal(strv_join(list, "\n", &text), 0);
	return text;
}

static void expect(const char *differences)
{
	_cleanup_free_ char *text = look();

	assert_string_equal(text, differences);
}

static void nothing_has_changed(void **state)
{
	expect("");
	assert_int_equal(load(), 1);
	assert_int_equal(w.loads, 1);
	/* To look makes no directory and loads nothing. */
	assert_int_equal(unlinkat(w.tree.fd, "var/crash", AT_REMOVEDIR), 0);
	set("Path", "/srv/other");
	{
		const struct prepare_request req = request();
		_cleanup_(strv_freep) char **list = NULL;
		_cleanup_(armed_done) struct armed armed = {};

		assert_int_equal(armed_check(w.tree.fd, &armed, NULL), 0);
		assert_fails(current_look(&req, &armed, &list), -ENOENT, "/srv/other");
	}
	assert_false(temptree_exists(&w.tree, "srv"));
}

/* TimeoutSec=auto is longer by what a slow dump has shown, until that is deleted. */
static void dumps_that_come_and_go_are_no_change(void **state)
{
	static const char dir[] = "var/crash/20261123T140501Z-4f2a90c1";

	put("var/crash/20261123T140501Z-4f2a90c1/vmcore", "core");
	put("var/crash/20261123T140501Z-4f2a90c1/crash.json",
	    "{\"outcome\":\"complete\",\"vmcore_size\":4,\"steps\":["
	    "{\"name\":\"vmcore\",\"seconds\":100}]}");
	assert_int_equal(fchmodat(w.tree.fd, dir, 0700, 0), 0);
	expect("");
	set("Level", "1");
	assert_int_equal(load(), 0);
	put("var/crash/20261123T140501Z-4f2a90c1/crash.json", "{}");
	expect("");
	set("TimeoutSec", "20min");
	expect("TimeoutSec=: armed with auto, now 20min");
}

static void another_kernel_file(void)
{
	temptree_dir(&w.tree, "old");
	assert_int_equal(renameat(w.tree.fd, "boot/vmlinuz-" MACHINE_RELEASE, w.tree.fd, "old/k"),
	                 0);
	machine_bzimage(&w.tree, "boot/vmlinuz-" MACHINE_RELEASE, MACHINE_RELEASE);
}

static void another_mount(void)
{
	put("proc/self/mountinfo", "21 1 254:1 / / rw - ext4 /dev/vda1 rw\n"
	                           "22 21 254:16 / /var/crash rw - ext4 /dev/vdb rw\n");
	temptree_text(&w.tree, "sys/devices/pci0000:00/0000:00:03.0/virtio1/block/vdb/dev",
	              "254:16\n");
	temptree_link(&w.tree, "sys/dev/block/254:16",
	              "../../devices/pci0000:00/0000:00:03.0/virtio1/block/vdb");
	machine_driver(&w.tree, "pci0000:00/0000:00:03.0/virtio1", "virtio_too", "virtio_blk");
}

static void another_setting(void)
{
	set("Level", "17");
}

static void more_memory(void)
{
	put("proc/iomem", MEMORY "100000000-13fffffff : System RAM\n");
}

static void memory_of_a_driver(void)
{
	put("proc/iomem", MEMORY "100000000-13fffffff : 0000:00:04.0\n"
	                         "  100000000-13fffffff : virtio0\n"
	                         "    100000000-11fffffff : System RAM (virtio_mem)\n");
}

static void less_memory(void)
{
	put("proc/iomem", "00001000-1fffffff : System RAM\n");
}

static void a_new_cpu(void)
{
	put("sys/devices/system/cpu/online", "0-2\n");
	put("sys/devices/system/cpu/present", "0-2\n");
}

static void a_cpu_offline(void)
{
	put("sys/devices/system/cpu/online", "0\n");
}

static void another_module(void)
{
	set("Modules", "crc9");
	machine_modules(&w.tree, MACHINE_RELEASE,
	                (const struct machine_module[]){
				{ "virtio_blk", "kernel/virtio_blk.ko" },
				{ "crc9", "kernel/crc9.ko" },
				{ "ext4", "kernel/ext4.ko", .alias = "fs-ext4" },
			},
	                3);
}

static void another_program(void)
{
	temptree_text(&w.tree, &MACHINE_PROGRAM[1], "");
	machine_elf(&w.tree, &MACHINE_PROGRAM[1], &(struct machine_elf){});
}

static void another_command_line(void)
{
	put("proc/cmdline", "BOOT_IMAGE=/vmlinuz root=/dev/vda1 console=ttyS1\n");
}

static void make_hook(const char *name, mode_t mode)
{
	char path[64];

	snprintf(path, sizeof(path), "etc/kdump-lite/pre.d/%s", name);
	machine_elf(&w.tree, path, &(struct machine_elf){});
	assert_int_equal(fchmodat(w.tree.fd, path, mode, 0), 0);
}

static void another_hook(void)
{
	make_hook("10-a", 0755);
}

static void another_file_in_a_hook(void)
{
	make_hook("10-a", 0755);
	assert_int_equal(load(), 0);
	w.loads--;
	temptree_text(&w.tree, "etc/kdump-lite/pre.d/10-a", "");
	make_hook("10-a", 0755);
}

static void a_hook_that_is_none(void)
{
	make_hook("10-a", 0644);
}

static void what_has_changed_is_named(void **state)
{
	static const struct {
		void (*change)(void);
		const char *expected;
	} cases[] = {
		{ another_kernel_file, "/boot/vmlinuz-" MACHINE_RELEASE " has changed" },
		{ another_mount, "target: armed with /dev/vda1 (ext4) /var/crash, now /dev/vdb "
		                 "(ext4) /var/crash" },
		{ another_setting, "Level=: armed with 31, now 17" },
		{ more_memory, "memory: 1.0G more than when armed" },
		{ memory_of_a_driver, "memory: 512.0M more than when armed" },
		{ less_memory, "memory: 512.0M less than when armed" },
		{ a_new_cpu, "CPUs present: armed with 0-1, now 0-2" },
		{ a_cpu_offline, "command line: now with nr_cpus=1, and without nr_cpus=2" },
		{ another_module, "modules: now with crc9.ko" },
		{ another_hook, "hooks: now with pre.d/10-a" },
		{ another_file_in_a_hook, "/etc/kdump-lite/pre.d/10-a has changed" },
		{ a_hook_that_is_none, "hooks left out: armed with none, now /etc/kdump-lite/pre.d/"
		                       "10-a: is not executable" },
		{ another_program, MACHINE_PROGRAM " has changed" },
		{ another_command_line,
		  "command line: now with console=ttyS1, and without console=ttyS0" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *text = NULL;

		teardown(NULL);
		setup(NULL);
		cases[i].change();
		text = look();
		if (!strstr(text, cases[i].expected))
			fail_msg("expected: %s\ngot: %s", cases[i].expected, text);
		/* A load sees the same, and does it. */
		assert_int_equal(load(), 0);
		assert_int_equal(w.loads, 2);
		expect("");
	}
}

/* The kernel adds to its lists itself, which it tells once something is loaded. The way back has a
 * list of its own. */
static void what_the_kernel_sees_to(void **state)
{
	put("sys/devices/system/memory/crash_hotplug", "1\n");
	put("sys/devices/system/cpu/crash_hotplug", "1\n");
	expect("");
	more_memory();
	put("sys/devices/system/cpu/present", "0-2\n");
	expect("");
	assert_int_equal(load(), 1);
	put("sys/devices/system/memory/crash_hotplug", "0\n");
	expect("memory: 1.0G more than when armed");
}

static void loads_again_when_memory_comes_meanwhile(void **state)
{
	set("Level", "17");
	w.meanwhile = MEMORY "100000000-13fffffff : System RAM\n";
	assert_int_equal(load(), 0);
	assert_int_equal(w.loads, 3);
}

static void says_what_it_cannot_compare(void **state)
{
	assert_int_equal(unlinkat(w.tree.fd, "run/kdump-lite/" ARMED_FACTS, 0), 0);
	expect("another version of kdump-lite has armed");
	assert_int_equal(load(), 0);
	expect("");
	put("run/kdump-lite/initramfs.img", "x");
	expect("/run/kdump-lite/initramfs.img is not the image that was loaded");
	assert_int_equal(load(), 0);
}

static void compares_texts(void **state)
{
	static const struct {
		const char *armed, *now, *expected;
	} cases[] = {
		{ "A=1\nB=2\n", "A=1\nB=2\n", "" },
		{ "A=1\n", "A=\n", "A=: armed with 1, now none" },
		{ "A=1\nOld=x\n", "A=1\nNew=y\n",
		  "New=: armed with none, now y\nOld=: armed with x, now none" },
		{ "A=b=c\n", "A=b=d\n", "A=: armed with b=c, now b=d" },
		{ "Device=1\nDeviceSize=2\n", "Device=1\nDeviceSize=3\n",
		  "device of the target: armed with 2, now 3" },
		{ "target=a\nDevice=1\n", "target=b\nDevice=2\n", "target: armed with a, now b" },
		{ "Modules=000-a.ko 001-b.ko\n", "Modules=000-b.ko 001-a.ko\n",
		  "modules: now in another order" },
		{ "Modules=000-a.ko 001-b.ko\n", "Modules=000-b.ko\n",
		  "modules: now without a.ko" },
		{ "file /a=b=1 1\nfile /c=2 2\n", "file /a=b=1 2\n", "/a=b has changed" },
		{ "memory=0x0-0xfff \n", "memory=0x1000-0x1fff \n",
		  "memory: it lies elsewhere now" },
		{ "memory=0x0-0xfff \nBackMemory=0x0-0xfff\n",
		  "memory=0x0-0x1fff \nBackMemory=0x0-0x1fff\n",
		  "memory: 4.0K more than when armed" },
		{ "BackMemory=0x0-0xfff\n", "BackMemory=0x0-0x1fff\n",
		  "memory after the way back: 4.0K more than when armed" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(strv_freep) char **list = NULL;
		_cleanup_free_ char *text = NULL;

		assert_int_equal(facts_compare(cases[i].armed, cases[i].now, NULL, &list), 0);
		assert_int_equal(strv_join(list, "\n", &text), 0);
		assert_string_equal(text, cases[i].expected);
	}
}

/* An image that was changed in the meantime is not what worked before. */
static void only_the_old_image_is_put_back(void **state)
{
	set("Level", "1");
	w.fails = true;
	assert_fails(load(), -ENOMEM, "the one loaded before is armed again");
	assert_int_equal(w.loads, 3);
	put("run/kdump-lite/initramfs.img", "another one");
	w.fails = true;
	assert_fails(load(), -ENOMEM,
	             "not armed any more, since the one loaded before cannot be put back: "
	             "/run/kdump-lite/initramfs.img is not the image that was loaded");
	assert_int_equal(w.loads, 4);
}

/* For announce, which may not look for itself. */
static void a_load_that_failed_is_remembered(void **state)
{
	static const char why[] = "/var/crash: read-only";
	_cleanup_free_ char *none = NULL, *not_armed = NULL, *old = NULL, *well = NULL;

	assert_int_equal(armed_remark(w.tree.fd, &none), 0);
	assert_string_equal(none, "");
	assert_fails(armed_note(w.tree.fd, errf(-EROFS, why)), -EROFS, why);
	assert_int_equal(armed_remark(w.tree.fd, &old), 0);
	assert_string_equal(old, "what is armed is older than the last load, which failed: "
	                         "/var/crash: read-only");
	assert_int_equal(unlinkat(w.tree.fd, "run/kdump-lite/armed.json", 0), 0);
	assert_int_equal(armed_remark(w.tree.fd, &not_armed), 0);
	assert_string_equal(not_armed, "not armed, since the load failed: /var/crash: read-only");
	assert_int_equal(armed_note(w.tree.fd, 1), 1);
	assert_int_equal(armed_remark(w.tree.fd, &well), 0);
	assert_string_equal(well, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_has_changed),
		TEST(dumps_that_come_and_go_are_no_change),
		TEST(what_has_changed_is_named),
		TEST(what_the_kernel_sees_to),
		TEST(says_what_it_cannot_compare),
		TEST(loads_again_when_memory_comes_meanwhile),
		TEST(only_the_old_image_is_put_back),
		TEST(a_load_that_failed_is_remembered),
		cmocka_unit_test(compares_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
