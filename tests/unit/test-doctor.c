// SPDX-License-Identifier: GPL-2.0-or-later
/* test-doctor.c - each check of the doctor, where it fires and where it does not. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "loader/doctor/doctor.h"
#include "loader/image/current.h"
#include "tests/unit/machine.h"
#include "base/text.h"

static struct temptree tree;

static int setup(void **state)
{
	machine_make(&tree);
	return 0;
}

static int teardown(void **state)
{
	temptree_remove(&tree);
	return 0;
}

/* The check @name finds @level, with @part in the fact. */
static void expect(const char *name, enum doctor_level level, const char *part)
{
	struct doctor_finding f = {};
	size_t i;

	for (i = 0; i < doctor_n_checks && !streq(doctor_checks[i].name, name); i++)
		;
	assert_true(i < doctor_n_checks);
	doctor_run(&doctor_checks[i], tree.fd, &f);
	if (f.level != level || !strstr(f.fact, part))
		fail_msg("%s: %s: %s; %s", name, doctor_levels[f.level], f.fact, f.remedy);
	/* Whoever has to do something is told what. */
	if (level >= DOCTOR_WARNING && !*f.remedy && !strchr(f.fact, ';'))
		fail_msg("%s: no remedy for: %s", name, f.fact);
}

/* In a file of /proc or /sys. */
static void put(const char *path, const char *text)
{
	temptree_text(&tree, path, text);
}

static void table(void **state)
{
	for (size_t i = 0; i < doctor_n_checks; i++) {
		assert_non_null(doctor_checks[i].run);
		assert_true(*doctor_checks[i].looks_at);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(doctor_checks[i].name, doctor_checks[j].name);
	}
}

static void settings(void **state)
{
	expect("settings", DOCTOR_OK, "can be read");
	put("etc/kdump-lite.conf", "[Dump]\nFoo=1\n");
	expect("settings", DOCTOR_NOTE, "kdump-lite.conf:2: Foo");
	put("etc/kdump-lite.conf", "[Dump]\nLevel=99\n");
	expect("settings", DOCTOR_PROBLEM, "kdump-lite.conf:2: Level=99");
	expect("target", DOCTOR_NOTE, "settings");
}

static void reservation(void **state)
{
	expect("reservation", DOCTOR_OK, "128.0M are reserved");
	put("sys/kernel/kexec_crash_size", "0\n");
	expect("reservation", DOCTOR_PROBLEM, "no memory is reserved");
	put("proc/cmdline", "crashkernel=64M root=/dev/vda1 crashkernel=256M@16M quiet\n");
	put("proc/meminfo", "MemTotal: 1782579 kB\n");
	expect("reservation", DOCTOR_PROBLEM, "crashkernel=256M@16M is on the kernel command line");
	put("proc/cmdline", "crashkernel=4G-64G:256M,64G-:512M\n");
	expect("reservation", DOCTOR_PROBLEM, "no range of it fits the memory of 1.6G");
	unlinkat(tree.fd, "sys/kernel/kexec_crash_size", 0);
	expect("reservation", DOCTOR_PROBLEM, "cannot hold a capture kernel");
	put("sys/hypervisor/type", "xen\n");
	put("proc/xen/capabilities", "control_d\n");
	expect("reservation", DOCTOR_PROBLEM, "this is dom0 of Xen");
}

static void hooks(void **state)
{
	expect("hooks", DOCTOR_OK, "there are none");
	temptree_text(&tree, "etc/kdump-lite/pre.d/10-a", "#!/bin/none\n");
	expect("hooks", DOCTOR_WARNING, "/etc/kdump-lite/pre.d/10-a: is not executable; run chmod");
	assert_int_equal(fchmodat(tree.fd, "etc/kdump-lite/pre.d/10-a", 0755, 0), 0);
	expect("hooks", DOCTOR_WARNING, "left out: /etc/kdump-lite/pre.d/10-a: /bin/none: ");
	machine_elf(&tree, "bin/none", &(struct machine_elf){});
	expect("hooks", DOCTOR_OK, "pre.d/10-a");
	put("etc/kdump-lite.conf", "[Capture]\nHookPrograms=nope\n");
	expect("hooks", DOCTOR_WARNING, "HookPrograms=: nope: is not in");
	put("etc/kdump-lite.conf", "[Dump]\nLevel=99\n");
	expect("hooks", DOCTOR_NOTE, "settings");
}

static void make_armed(const char *back_kernel, const char *back_obstacle, const char *back_lacks)
{
	char empty[] = "", release[] = MACHINE_RELEASE, path[] = "/var/crash", node[] = "/dev/vda1";
	struct armed a = {
		.kernel = empty,
		.kernel_release = release,
		.command_line = empty,
		.left_out = empty,
		.path = path,
		.device = node,
		.device_spec = empty,
		.fstype = empty,
		.back_kernel = (char *)back_kernel,
		.back_obstacle = (char *)back_obstacle,
		.back_lacks = (char *)back_lacks,
	};
	int fd = record_open(tree.fd);

	assert_true(fd >= 0);
	assert_int_equal(armed_write(fd, &a), 0);
	close(fd);
}

/* What was armed has no target. */
static void make_obstacle(const char *obstacle, const char *places)
{
	_cleanup_(armed_done) struct armed a = {};
	int fd = record_open(tree.fd);

	assert_int_equal(armed_read(tree.fd, &a), 0);
	assert_int_equal(text_replace(&a.obstacle, obstacle), 0);
	assert_int_equal(text_replace(&a.places, places), 0);
	assert_int_equal(armed_write(fd, &a), 0);
	close(fd);
}

static void armed(void **state)
{
	expect("armed", DOCTOR_PROBLEM, "no capture kernel is loaded");
	put("sys/kernel/kexec_crash_loaded", "1\n");
	expect("armed", DOCTOR_PROBLEM, "not by kdump-lite");
	make_armed("/boot/vmlinuz", "", "");
	expect("armed", DOCTOR_OK, "/var/crash on /dev/vda1");
	make_obstacle("/var/crash: lies on an encrypted volume", "firmware console");
	expect("armed", DOCTOR_WARNING,
	       "only the end of the log is kept, in variables of the firmware and on the console");
	make_obstacle("/var/crash: lies on an LVM volume", "reserve swap console");
	expect("armed", DOCTOR_WARNING,
	       "log, report and a small dump of a crash go into its reserve");
	make_obstacle("/var/crash: lies on an LVM volume", "swap console");
	expect("armed", DOCTOR_WARNING, "go into a swap partition, and the next boot fetches them");
	make_obstacle("/var/crash: lies on an LVM volume", "console");
	expect("armed", DOCTOR_WARNING, "only the end of the log is kept, on the console");
	make_obstacle("/var/crash: lies on an LVM volume", "");
	expect("armed", DOCTOR_WARNING, "nothing is kept of a crash");
	put("sys/kernel/kexec_crash_loaded", "0\n");
	expect("armed", DOCTOR_PROBLEM, "unloaded by another program");
}

static void service(void **state)
{
	static const struct {
		struct doctor_service s;
		enum doctor_level level;
		const char *part;
	} cases[] = {
		{ { true, "active", "success" }, DOCTOR_OK, "is enabled and active" },
		{ { true, "reloading", "success" }, DOCTOR_OK, "is enabled and reloading" },
		{ { true, "failed", "exit-code", "load: no room" },
		  DOCTOR_PROBLEM,
		  "failed: load: no room" },
		{ { false, "failed", "timeout" }, DOCTOR_PROBLEM, "failed: the journal does not" },
		{ { true, "inactive", "exec-condition", "no memory" },
		  DOCTOR_WARNING,
		  "skipped: no memory" },
		{ { false, "inactive", "success", "old" }, DOCTOR_WARNING, "not enabled" },
		{ { false, "active", "success" }, DOCTOR_WARNING, "not enabled" },
		{ { true, "inactive", "success", "old" },
		  DOCTOR_WARNING,
		  "enabled, but not active" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct doctor_finding f;

		assert_int_equal(doctor_service_judge(&cases[i].s, &f), 0);
		if (f.level != cases[i].level || !strstr(f.fact, cases[i].part))
			fail_msg("%s: %s; %s", doctor_levels[f.level], f.fact, f.remedy);
	}
	expect("service", DOCTOR_WARNING, "is not enabled");
	temptree_link(&tree, "etc/systemd/system/multi-user.target.wants/kdump-lite.service", "/x");
	expect("service", DOCTOR_OK, "is enabled");
}

static void current(void **state)
{
	check_needs_x86_64();
	expect("current", DOCTOR_NOTE, "no capture kernel is loaded");
	put("sys/kernel/kexec_crash_loaded", "1\n");
	make_armed("", "", "");
	/* As the running kernel, which this one is not. */
	expect("current", DOCTOR_WARNING, "a load would fail: ");
	put("etc/kdump-lite.conf", "[Capture]\nKernel=/boot/vmlinuz-" MACHINE_RELEASE "\n");
	machine_elf(&tree, &prepare_program[1], &(struct machine_elf){});
	put("proc/iomem", "00001000-3fffffff : System RAM\n");
	expect("current", DOCTOR_WARNING, "a load would fail: /var/crash");
	temptree_dir(&tree, "var/crash");
	expect("current", DOCTOR_WARNING, "changed since: another version of kdump-lite");
	put("run/kdump-lite/" ARMED_FACTS, "Target=path\n");
	expect("current", DOCTOR_WARNING, "; Target=: armed with path, now auto; ");
	put("etc/kdump-lite.conf", "[Dump]\nLevel=99\n");
	expect("current", DOCTOR_NOTE, "settings");
}

static void back(void **state)
{
	expect("back", DOCTOR_NOTE, "no capture kernel is loaded");
	put("sys/kernel/kexec_crash_loaded", "1\n");
	make_armed("/boot/vmlinuz", "", "");
	expect("back", DOCTOR_OK, "by kexec, kernel /boot/vmlinuz");
	make_armed("/boot/vmlinuz", "", "the next command line lacks crashkernel=1G; add it");
	expect("back", DOCTOR_WARNING, "kernel /boot/vmlinuz, but the next command line lacks");
	make_armed("", "the reservation is small", "");
	expect("back", DOCTOR_NOTE, "through the firmware: the reservation is small");
	make_armed("", "", "");
	expect("back", DOCTOR_OK, "FinalAction= says so");
}

static void returned(void **state)
{
	expect("returned", DOCTOR_OK, "started by the firmware");
	put("sys/devices/system/cpu/online", "0-1\n");
	put("proc/cmdline", "root=/dev/vda1 kdump_lite.returned=2 memmap=1@2\n");
	expect("returned", DOCTOR_OK, "back by kexec after a crash");
	put("sys/devices/system/cpu/online", "0\n");
	expect("returned", DOCTOR_WARNING, "with 1 of 2 CPUs; reboot through the firmware");
}

static void loading(void **state)
{
	expect("loading", DOCTOR_OK, "may load");
	put("proc/sys/kernel/kexec_load_disabled", "0\n");
	put("proc/sys/kernel/kexec_load_limit_panic", "-1\n");
	put("proc/sys/kernel/kexec_load_limit_reboot", "-1\n");
	expect("loading", DOCTOR_OK, "may load");
	put("proc/sys/kernel/kexec_load_limit_reboot", "0\n");
	expect("loading", DOCTOR_WARNING, "kexec_load_limit_reboot is 0");
	put("proc/sys/kernel/kexec_load_limit_panic", "0\n");
	expect("loading", DOCTOR_PROBLEM, "kexec_load_limit_panic is 0");
	put("proc/sys/kernel/kexec_load_disabled", "1\n");
	expect("loading", DOCTOR_PROBLEM, "kexec_load_disabled is set");
	/* Closed behind what was loaded, which may be on purpose. */
	put("sys/kernel/kexec_crash_loaded", "1\n");
	expect("loading", DOCTOR_NOTE, "any more");
}

/* Lockdown forbids kexec_load(2). */
static void loading_where_only_the_old_call_is_there(void **state)
{
	put("proc/config.gz", "CONFIG_KEXEC=y\n");
	put("sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
	expect("loading", DOCTOR_OK, "may load");
	put("sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	expect("loading", DOCTOR_PROBLEM, "locked down, and built without CONFIG_KEXEC_FILE");
	put("proc/config.gz", "CONFIG_KEXEC=y\nCONFIG_KEXEC_FILE=y\n");
	expect("loading", DOCTOR_OK, "may load");
}

static void others(void **state)
{
	put("etc/systemd/system/multi-user.target.wants/other.service", "");
	temptree_link(&tree, "etc/systemd/system/a.target.wants/kdump.timer", "/x");
	expect("others", DOCTOR_OK, "no other service");
	/* Links lead out of the made-up system, as they do out of one that is mounted. */
	temptree_link(&tree, "etc/systemd/system/multi-user.target.wants/kdump-tools.service",
	              "/usr/lib/systemd/system/kdump-tools.service");
	expect("others", DOCTOR_WARNING, "kdump-tools.service is enabled");
	temptree_link(&tree, "etc/systemd/system/kdump-tools.service", "/dev/null");
	expect("others", DOCTOR_OK, "no other service");
	temptree_link(&tree, "run/systemd/units/invocation:kdump.service", "0123456789abcdef");
	expect("others", DOCTOR_PROBLEM, "kdump.service is active");
}

static void target(void **state)
{
	put("proc/meminfo", "MemTotal:           1024 kB\n");
	expect("target", DOCTOR_NOTE, "/var/crash is not there yet");
	temptree_link(&tree, "var/crash", "/srv/gone");
	expect("target", DOCTOR_PROBLEM, "/var/crash: is a symbolic link to /srv/gone, which");
	unlinkat(tree.fd, "var/crash", 0);
	temptree_dir(&tree, "var/crash");
	put("dev/vda1", "");
	expect("target", DOCTOR_OK, "memory is 1.0M");
	/* A dump leaves that. */
	put("etc/kdump-lite.conf", "[Target]\nKeepFree=1024T\n");
	expect("target", DOCTOR_WARNING, "only 0B are free beside KeepFree=, memory is 1.0M");
	put("etc/kdump-lite.conf", "");
	/* More than any disk holds. */
	put("proc/meminfo", "MemFree: 1 kB\nMemTotal:  1125899906842624 kB\n");
	expect("target", DOCTOR_WARNING, "a dump may not fit");
	put("proc/meminfo", "MemFree: 1 kB\n");
	expect("target", DOCTOR_NOTE, "has no MemTotal");
	put("proc/self/mountinfo", "21 1 0:25 / / rw,relatime shared:1 - tmpfs tmpfs rw\n");
	expect("target", DOCTOR_PROBLEM, "/var/crash: lies on tmpfs");
	put("sys/kernel/kexec_crash_loaded", "1\n");
	make_armed("", "", "");
	make_obstacle("/var/crash: lies on tmpfs", "firmware console");
	expect("target", DOCTOR_PROBLEM, "/var/crash: lies on tmpfs");
	make_obstacle("/var/crash: lies on tmpfs", "reserve console");
	expect("target", DOCTOR_NOTE, "/var/crash: lies on tmpfs");
}

static void copy(void **state)
{
	expect("copy", DOCTOR_NOTE, "there is no target");
	temptree_dir(&tree, "var/crash");
	put("run/udev/data/b254:1", "E:ID_FS_UUID=ab-cd\n");
	expect("copy", DOCTOR_OK, "no other disk is taken for /dev/vda1");
	put("sys/class/block/sdb/dev", "8:16\n");
	put("sys/class/block/sdb/size", "2048\n");
	put("run/udev/data/b8:16", "E:ID_FS_UUID=ab-cd\n");
	expect("copy", DOCTOR_WARNING, "/dev/sdb has the UUID of /dev/vda1 too");
}

/* With /boot on another partition than /var. */
static void copy_of_the_way_back(void **state)
{
	struct utsname uts;
	char path[128];

	uname(&uts);
	temptree_dir(&tree, "var/crash");
	snprintf(path, sizeof(path), "boot/vmlinuz-%s", uts.release);
	machine_kernel(&tree, path, NULL, uts.release);
	put("proc/cmdline", "root=/dev/vda1 ro\n");
	put("sys/class/block/sdb/dev", "8:16\n");
	put("sys/class/block/sdb/size", "2048\n");
	temptree_link(&tree, "sys/dev/block/8:16", "../../class/block/sdb");
	put("run/udev/data/b8:16", "E:ID_FS_UUID=12-34\n");
	put("run/udev/data/b254:1", "E:ID_FS_UUID=ab-cd\n");
	put("proc/self/mountinfo", "21 1 254:1 / / rw - ext4 /dev/vda1 rw\n"
	                           "22 21 8:16 / /boot rw - ext4 /dev/sdb rw\n");
	expect("copy", DOCTOR_OK, "no other disk is taken for /dev/vda1 or /dev/sdb");
	put("sys/class/block/sdc/dev", "8:32\n");
	put("sys/class/block/sdc/size", "2048\n");
	put("run/udev/data/b8:32", "E:ID_FS_UUID=12-34\n");
	expect("copy", DOCTOR_WARNING, "/dev/sdc has the UUID of /dev/sdb too, where the kernel");
	put("etc/kdump-lite.conf", "[Capture]\nFinalAction=reboot\n");
	expect("copy", DOCTOR_OK, "no other disk is taken for /dev/vda1");
}

static void line(void **state)
{
	_cleanup_free_ char *text = NULL;
	struct utsname uts;

	uname(&uts);
	expect("line", DOCTOR_OK, "the usual one");
	assert_true(asprintf(&text, "%s 2 open\n", uts.release) > 0);
	put("var/lib/kdump-lite/gentler", text);
	expect("line", DOCTOR_WARNING,
	       "without console=, without irqpoll and reset_devices, since");
	free(text);
	assert_true(asprintf(&text, "%s 1 proved\n", uts.release) > 0);
	put("var/lib/kdump-lite/gentler", text);
	expect("line", DOCTOR_NOTE, "without console=, since");
	free(text);
	assert_true(asprintf(&text, "%s 0 tried\n", uts.release) > 0);
	put("var/lib/kdump-lite/gentler", text);
	expect("line", DOCTOR_WARNING, "with none of 3 gentler ones");
}

static void oops(void **state)
{
	put("proc/sys/kernel/panic_on_oops", "1\n");
	expect("oops", DOCTOR_OK, "becomes a panic");
	put("proc/sys/kernel/panic_on_oops", "0\n");
	expect("oops", DOCTOR_NOTE, "panic_on_oops is 0");
	unlinkat(tree.fd, "proc/sys/kernel/panic_on_oops", 0);
	expect("oops", DOCTOR_NOTE, "cannot be checked");
}

static void next(void **state)
{
	struct utsname uts;
	char path[128];

	uname(&uts);
	machine_kernel(&tree, "boot/vmlinuz-" MACHINE_RELEASE, NULL, MACHINE_RELEASE);
	expect("next", DOCTOR_WARNING,
	       "as after an upgrade; this is /boot/vmlinuz-" MACHINE_RELEASE);
	snprintf(path, sizeof(path), "boot/vmlinuz-%s", uts.release);
	machine_kernel(&tree, path, NULL, uts.release);
	snprintf(path, sizeof(path), "boot/initrd.img-%s", uts.release);
	put(path, "i");
	expect("next", DOCTOR_OK, "with 1 initrd, from the files of the running kernel");
	put("boot/ucode", "u");
	put("boot/initrd", "i");
	put("boot/loader/entries/one.conf",
	    "title The One\nlinux /vmlinuz-" MACHINE_RELEASE
	    "\ninitrd /ucode\ninitrd /initrd\noptions root=/dev/vda1\n");
	expect("next", DOCTOR_OK,
	       "/boot/vmlinuz-" MACHINE_RELEASE
	       " with 2 initrds, from entry one of /boot/loader/entries/one.conf");
	put("proc/cmdline", "root=/dev/vda1 crashkernel=256M\n");
	expect("next", DOCTOR_WARNING,
	       "one.conf; but the next command line lacks crashkernel=256M");
	put("boot/initrd", "");
	expect("next", DOCTOR_WARNING, "nothing: entry \"one\": /boot/initrd: is empty");
	put("sys/hypervisor/type", "xen\n");
	put("proc/xen/capabilities", "control_d\n");
	expect("next", DOCTOR_WARNING, "nothing: this is dom0 of Xen");
	put("etc/kdump-lite.conf", "[Dump]\nLevel=99\n");
	expect("next", DOCTOR_NOTE, "settings");
}

static void shutdown_hook(void **state)
{
	expect("shutdown-hook", DOCTOR_OK, "no part");
	put("run/initramfs/.need_shutdown", "");
	expect("shutdown-hook", DOCTOR_WARNING, "no program \"kexec\"");
	unlinkat(tree.fd, "run/initramfs/.need_shutdown", 0);
	put("run/initramfs/shutdown", "");
	expect("shutdown-hook", DOCTOR_WARNING, "no program \"kexec\"");
	put("usr/sbin/kexec", "");
	expect("shutdown-hook", DOCTOR_NOTE, "take over");
	put("run/initramfs/usr/sbin/kexec", "");
	expect("shutdown-hook", DOCTOR_OK, "of its own");
}

static void make_display(const char *address, const char *driver)
{
	char path[128], target[128];

	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/class", address);
	put(path, "0x030000\n");
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/driver", address);
	snprintf(target, sizeof(target), "../../drivers/%s", driver);
	temptree_link(&tree, path, target);
}

static void graphics(void **state)
{
	expect("graphics", DOCTOR_OK, "no driver");
	make_display("0000:00:01.0", "bochs-drm");
	make_display("0000:00:02.0", "vfio-pci");
	expect("graphics", DOCTOR_OK, "no driver");
	make_display("0000:00:03.0", "amdgpu");
	expect("graphics", DOCTOR_NOTE, "0000:00:03.0 has the driver amdgpu");
	make_display("0000:00:04.0", "nvidia");
	make_display("0000:00:05.0", "i915");
	expect("graphics", DOCTOR_WARNING, "nvidia, which by reports may hang");
	temptree_link(&tree,
	              "etc/systemd/system/kexec.target.wants/kdump-lite-unbind-graphics.service",
	              "/usr/lib/systemd/system/kdump-lite-unbind-graphics.service");
	expect("graphics", DOCTOR_OK, "takes off before a kexec");
}

static void display(void **state)
{
	char path[64];

	expect("display", DOCTOR_OK, "nobody");
	temptree_link(&tree, "etc/systemd/system/display-manager.service",
	              "/usr/lib/systemd/system/gdm.service");
	expect("display", DOCTOR_OK, "nobody");
	temptree_link(&tree, "run/systemd/units/invocation:gdm.service", "0123456789abcdef");
	expect("display", DOCTOR_NOTE, "gdm.service is active");
	for (int pid = 100; pid < 110; pid++) {
		snprintf(path, sizeof(path), "proc/%d/comm", pid);
		put(path, "Xorg\n");
		snprintf(path, sizeof(path), "proc/%d/fd/3", pid);
		temptree_link(&tree, path, "/dev/dri/card0");
	}
	expect("display", DOCTOR_NOTE, "Xorg (105), ..., started by gdm.service");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(table),
		TEST(settings),
		TEST(reservation),
		TEST(armed),
		TEST(hooks),
		TEST(loading),
		TEST(loading_where_only_the_old_call_is_there),
		TEST(others),
		TEST(target),
		TEST(oops),
		TEST(line),
		TEST(copy),
		TEST(copy_of_the_way_back),
		TEST(current),
		TEST(service),
		TEST(back),
		TEST(returned),
		TEST(display),
		TEST(shutdown_hook),
		TEST(graphics),
		TEST(next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
