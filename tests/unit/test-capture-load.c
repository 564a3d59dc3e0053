// SPDX-License-Identifier: GPL-2.0-or-later
/* test-capture-load.c - loading as a whole, on a made-up machine with a made-up system call. */
#include <errno.h>
#include <linux/kexec.h>
#include <sys/stat.h>
#include <zstd.h>

#include "config/plan.h"
#include "loader/cli/verbs.h"
#include "loader/image/capture-load.h"
#include "tests/unit/machine.h"
#include "base/text.h"
#include "base/err.h"

#define RECORD "run/kdump-lite/armed.json"
#define IMAGE  "run/kdump-lite/initramfs.img"

struct world {
	struct temptree tree;
	struct settings settings;
	struct utsname uts;
	int results[4]; /* of the next loads */
	unsigned calls;
	off_t image_size; /* of the last load that went well */
	char cmdline[4096];
};

static struct world w;

/* What the kernel does: the old image goes before the new one is looked at. */
static int fake_kexec(int kernel_fd, int image_fd, const char *cmdline, unsigned long flags)
{
	int r = w.calls < ARRAY_SIZE(w.results) ? w.results[w.calls] : 0;
	struct stat st;

	w.calls++;
	if (r == -EPERM)
		return r;
	temptree_text(&w.tree, "sys/kernel/kexec_crash_loaded", "0\n");
	if (flags & KEXEC_FILE_UNLOAD || r < 0)
		return r;
	assert_int_equal(flags, KEXEC_FILE_ON_CRASH);
	assert_int_equal(fstat(kernel_fd, &st), 0);
	assert_int_equal(st.st_size, BZIMAGE_SIZE);
	assert_int_equal(fstat(image_fd, &st), 0);
	w.image_size = st.st_size;
	snprintf(w.cmdline, sizeof(w.cmdline), "%s", cmdline);
	temptree_text(&w.tree, "sys/kernel/kexec_crash_loaded", "1\n");
	return 0;
}

static int setup(void **state)
{
	w = (struct world){ .uts = { .machine = "x86_64", .release = MACHINE_RELEASE } };
	machine_make(&w.tree);
	assert_int_equal(settings_init(&w.settings), 0);
	return 0;
}

static int teardown(void **state)
{
	settings_done(&w.settings);
	temptree_remove(&w.tree);
	return 0;
}

static int load(bool always, struct armed *ret)
{
	struct capture_load_request req = {
		.prepare = { .root_fd = w.tree.fd,
		             .settings = &w.settings,
		             .uts = &w.uts,
		             .program = MACHINE_PROGRAM },
		.kexec = fake_kexec,
		.always = always,
	};

	w.calls = 0;
	return capture_load(&req, ret);
}

static int load_only(bool always)
{
	struct armed a = {};
	int r = load(always, &a);

	armed_done(&a);
	return r;
}

static void set(const char *key, const char *value)
{
	const struct field *row = fields_find(settings_rows, settings_n_rows, NULL, key);

	assert_non_null(row);
	assert_int_equal(field_set(row, &w.settings, value), 0);
}

static void assert_armed(int expected)
{
	struct armed a = {};
	int r = armed_check(w.tree.fd, &a, NULL);

	armed_done(&a);
	assert_int_equal(r, expected);
}

static void loads_and_remembers(void **state)
{
	_cleanup_(armed_done) struct armed now = {}, read = {};
	struct crashmem mem;

	assert_armed(-ENOENT);
	assert_int_equal(load(false, &now), 0);
	assert_int_equal(w.calls, 1);
	assert_int_equal(armed_check(w.tree.fd, &read, &mem), 0);
	assert_int_equal(mem.size, MIB(128));
	assert_string_equal(read.kernel, "/boot/vmlinuz-" MACHINE_RELEASE);
	assert_string_equal(read.kernel_release, MACHINE_RELEASE);
	assert_string_equal(read.command_line, w.cmdline);
	assert_non_null(strstr(w.cmdline, "console=ttyS0 nr_cpus=1 "));
	assert_string_equal(read.path, "/var/crash");
	assert_string_equal(read.device, "/dev/vda1");
	assert_string_equal(read.fstype, "ext4");
	assert_int_equal(read.image_size, w.image_size);
	assert_int_equal(read.image_size, now.image_size);
	assert_int_equal(read.reservation, MIB(128));
	assert_true(read.since > 1000000000);
	assert_true(temptree_exists(&w.tree, IMAGE));
	assert_false(temptree_exists(&w.tree, IMAGE ".next"));
	assert_true(temptree_exists(&w.tree, "var/crash"));
}

/* With several CPUs, the capture kernel must leave alone the one that the firmware started: after a
 * return that is one that has been parked, not the one that the running kernel started on. */
static void leaves_the_boot_cpu_alone(void **state)
{
	temptree_text(&w.tree, "sys/devices/system/cpu/online", "0-2");
	set("Threads", "2");
	assert_int_equal(load_only(false), 0);
	assert_non_null(strstr(w.cmdline, " nr_cpus=2 disable_cpu_apicid=0 "));
	temptree_text(&w.tree, "proc/cmdline",
	              "root=/dev/vda1 kdump_lite.returned=4 memmap=1@2 no_ipi_broadcast=1 "
	              "disable_cpu_apicid=6 panic=10\n");
	assert_int_equal(load_only(true), 0);
	assert_non_null(strstr(w.cmdline, " nr_cpus=2 disable_cpu_apicid=6 "));
	set("CommandLine", "console=ttyS0");
	assert_int_equal(load_only(true), 0);
	assert_non_null(strstr(w.cmdline, " nr_cpus=2 disable_cpu_apicid=6 "));
}

/* Offset of @name in an archive; fails when it is not there. */
static size_t offset_of(const char *cpio, size_t len, const char *name)
{
	const char *found = memmem(cpio, len, name, strlen(name) + 1);

	if (!found)
		fail_msg("%s is not in the image", name);
	return found - cpio;
}

/* The archive that was loaded last, NUL-terminated. */
static char *unpack_image(size_t *ret_len)
{
	_cleanup_free_ char *packed = temptree_read(&w.tree, IMAGE);
	size_t len = ZSTD_getFrameContentSize(packed, w.image_size);
	char *cpio = malloc(len + 1);

	assert_non_null(cpio);
	assert_int_equal(ZSTD_decompress(cpio, len, packed, w.image_size), len);
	cpio[len] = '\0';
	*ret_len = len;
	return cpio;
}

static void gentler_command_line_is_used(void **state)
{
	_cleanup_(armed_done) struct armed armed = {};
	_cleanup_free_ char *text = NULL;

	temptree_text(&w.tree, "sys/devices/system/cpu/online", "0-2");
	assert_true(asprintf(&text, "%s 3 open\n", w.uts.release) > 0);
	temptree_text(&w.tree, "var/lib/kdump-lite/gentler", text);
	assert_int_equal(load(false, &armed), 0);
	assert_null(strstr(w.cmdline, "console="));
	assert_non_null(strstr(w.cmdline, "nr_cpus=1 "));
	assert_string_equal(armed.cpus_why, "since the capture kernel did not come up");
}

static void the_image_has_what_is_needed(void **state)
{
	static const char *const lines[] = {
		"\nDevice=/dev/vda1\n",
		"\nFileSystem=ext4\n",
		"\nTimeoutSec=30min\n",
		"\nDirectory=/var/crash\n",
		"\nModules=000-virtio_blk.ko 001-ext4.ko\n",
		"\nLevel=17\n",
	};
	_cleanup_free_ char *cpio = NULL;
	size_t len;

	set("Level", "17");
	assert_int_equal(load_only(false), 0);
	cpio = unpack_image(&len);
	(void)offset_of(cpio, len, "init");
	(void)offset_of(cpio, len, "dev/console");
	assert_true(offset_of(cpio, len, "modules") <
	            offset_of(cpio, len, "modules/000-virtio_blk.ko"));
	(void)offset_of(cpio, len, "modules/001-ext4.ko");
	(void)offset_of(cpio, len, "plan");
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		assert_non_null(memmem(cpio, len, lines[i], strlen(lines[i])));
}

/* Without hooks there is nothing of them in the image. */
static void the_image_has_the_hooks(void **state)
{
	static const char *const names[] = { "bin/sh", "lib/libx.so", "usr/bin/nc" };
	_cleanup_(armed_done) struct armed armed = {}, again = {};
	_cleanup_free_ char *without = NULL, *with = NULL;
	size_t len;

	assert_int_equal(load_only(false), 0);
	without = unpack_image(&len);
	assert_null(memmem(without, len, "hooks", 5));
	machine_elf(&w.tree, "bin/sh", &(struct machine_elf){ .needed = { "libx.so" } });
	machine_elf(&w.tree, "lib/libx.so", &(struct machine_elf){});
	machine_elf(&w.tree, "usr/bin/nc", &(struct machine_elf){ .needed = { "libx.so" } });
	temptree_text(&w.tree, "etc/kdump-lite/post.d/10-a", "#!/bin/sh\nnc\n");
	temptree_text(&w.tree, "etc/kdump-lite/post.d/README", "Hooks\n");
	assert_int_equal(fchmodat(w.tree.fd, "etc/kdump-lite/post.d/10-a", 0755, 0), 0);
	set("HookPrograms", "nc");
	assert_int_equal(load(false, &armed), 0);
	with = unpack_image(&len);
	assert_true(offset_of(with, len, "hooks") < offset_of(with, len, "hooks/post.d/10-a"));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		(void)offset_of(with, len, names[i]);
	assert_non_null(memmem(with, len, "\nHooks=post.d/10-a\n", 19));
	/* A load that finds all loaded tells the same. */
	assert_int_equal(load(false, &again), 1);
	for (const struct armed *a = &armed; a; a = a == &armed ? &again : NULL) {
		assert_int_equal(strv_length(a->hooks), 1);
		assert_string_equal(a->hooks[0], "post.d/10-a");
		assert_int_equal(strv_length(a->refused), 1);
		assert_non_null(strstr(a->refused[0], "/README: is not executable"));
	}
}

/* The plan in the image that was loaded last; cpio(5), "newc" has the sizes. */
static void read_plan(struct plan *ret)
{
	size_t len, at, size;
	_cleanup_free_ char *cpio = unpack_image(&len);
	char digits[9] = "";

	at = offset_of(cpio, len, "plan");
	memcpy(digits, cpio + at - 110 + 54, 8);
	size = strtoul(digits, NULL, 16);
	at = ALIGN_UP(at + sizeof("plan"), 4);
	assert_true(at + size <= len);
	assert_int_equal(plan_parse(cpio + at, size, ret), 0);
}

static char *print_field(const struct field *row, const void *object)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_int_equal(field_print(row, object, f), 0);
	fclose(f);
	return text;
}

/* Adds a line to @conf that gives the setting another value than it has without the line. */
static void add_other_value(const struct field *row, FILE *conf)
{
	static const char *const values[] = { "1",           "11",    "none",    "2M",
		                              "/else/where", "kexec", "default", "console" };
	_cleanup_(settings_done) struct settings s = {};
	_cleanup_free_ char *before = NULL;

	assert_int_equal(settings_init(&s), 0);
	before = print_field(row, &s);
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		_cleanup_free_ char *after = NULL;

		if (field_set(row, &s, values[i]) < 0)
			continue;
		after = print_field(row, &s);
		if (streq(after, before))
			continue;
		fprintf(conf, "[%s]\n%s=%s\n", row->section, row->key, values[i]);
		return;
	}
	fail_msg("%s=: none of the values tried here is another good one; add one", row->key);
}

/* The capture tells the target and the disk of the production kernel from copies. */
/* From a file to the plan in the image: whatever the capture obeys, and who the disk is. */
static void settings_of_the_capture_reach_its_plan(void **state)
{
	_cleanup_(settings_done) struct settings s = {};
	_cleanup_(plan_done) struct plan plan = {};
	_cleanup_free_ char *text = NULL;
	unsigned n = 0;
	size_t len;
	FILE *conf = open_memstream(&text, &len);

	for (size_t i = 0; i < settings_n_rows; i++)
		if (settings_row_is_of_capture(&settings_rows[i]))
			add_other_value(&settings_rows[i], conf);
	fclose(conf);
	temptree_text(&w.tree, "etc/kdump-lite.conf", text);
	settings_done(&w.settings);
	assert_int_equal(settings_load(w.tree.fd, NULL, NULL, &w.settings), 0);
	assert_int_equal(load_only(false), 0);
	read_plan(&plan);
	assert_true(strv_contains(plan.device_facts, "name=vda1"));
	assert_true(strv_contains(plan.device_facts, "path=pci0000:00/0000:00:02.0/virtio/part1"));
	assert_int_equal(settings_init(&s), 0);
	for (size_t i = 0; i < settings_n_rows; i++) {
		const struct field *row = &settings_rows[i];
		_cleanup_free_ char *initial = NULL, *set = NULL, *planned = NULL;

		if (!settings_row_is_of_capture(row))
			continue;
		initial = print_field(row, &s);
		set = print_field(row, &w.settings);
		planned = print_field(row, &plan);
		if (streq(set, initial))
			fail_msg("%s= in kdump-lite.conf was not read", row->key);
		if (!streq(planned, set))
			fail_msg("%s=: expected %s in the plan, got %s", row->key, set, planned);
		n++;
	}
	assert_true(n >= 8);
}

/* A kernel without zstd gets what it can unpack. */
static void packs_as_the_kernel_can_unpack(void **state)
{
	_cleanup_free_ char *gzip = NULL, *plain = NULL;

	temptree_text(&w.tree, "boot/config-" MACHINE_RELEASE, "CONFIG_RD_GZIP=y\n");
	assert_int_equal(load_only(false), 0);
	gzip = temptree_read(&w.tree, IMAGE);
	assert_memory_equal(gzip, "\x1f\x8b", 2);
	temptree_text(&w.tree, "boot/config-" MACHINE_RELEASE, "");
	assert_int_equal(load_only(false), 0);
	plain = temptree_read(&w.tree, IMAGE);
	assert_memory_equal(plain, "070701", 6);
}

static void does_not_load_the_same_again(void **state)
{
	assert_int_equal(load_only(false), 0);
	assert_int_equal(load_only(false), 1);
	assert_int_equal(w.calls, 0);
	assert_int_equal(load_only(true), 0);
	assert_int_equal(w.calls, 1);
	set("Level", "1");
	assert_int_equal(load_only(false), 0);
	assert_int_equal(w.calls, 1);
	/* The same size and place, but another file. */
	temptree_dir(&w.tree, "old");
	assert_int_equal(renameat(w.tree.fd, "boot/vmlinuz-" MACHINE_RELEASE, w.tree.fd, "old/k"),
	                 0);
	machine_bzimage(&w.tree, "boot/vmlinuz-" MACHINE_RELEASE, MACHINE_RELEASE);
	assert_int_equal(load_only(false), 0);
	assert_int_equal(w.calls, 1);
}

/* What can be known before leaves the old image alone. */
static void faults_found_early_change_nothing(void **state)
{
	_cleanup_free_ char *before = NULL, *after = NULL;

	assert_int_equal(load_only(false), 0);
	before = temptree_read(&w.tree, RECORD);
	set("Modules", "nvme");
	assert_fails(load_only(true), -ENOENT, "module nvme");
	set("Modules", "");
	temptree_text(&w.tree, "proc/self/mountinfo", "21 1 254:1 / / ro - ext4 /dev/vda1 ro\n");
	assert_fails(load_only(true), -EROFS, "mounted read-only");
	temptree_text(&w.tree, "proc/self/mountinfo", "21 1 0:5 / / rw - tmpfs tmpfs rw\n");
	assert_fails(load_only(true), -EOPNOTSUPP, "what saves to /var/crash is still armed");
	set("Kernel", "/none");
	assert_fails(load_only(true), -ENOENT, "/none");
	set("Kernel", "");
	temptree_text(&w.tree, "proc/self/mountinfo", "21 1 254:1 / / rw - ext4 /dev/vda1 rw\n");
	temptree_text(&w.tree, "sys/kernel/kexec_crash_size", "67108864\n");
	assert_fails(load_only(true), -ENOSPC, "too small");
	assert_int_equal(w.calls, 0);
	assert_armed(0);
	after = temptree_read(&w.tree, RECORD);
	assert_string_equal(before, after);
}

static void sheds_optional_words(void **state)
{
	_cleanup_(armed_done) struct armed a = {};
	char line[4096] = "console=ttyS0 x=";

	memset(line + strlen(line), 'a', 1890 - strlen(line));
	temptree_text(&w.tree, "proc/cmdline", line);
	assert_int_equal(load_only(false), 0);
	assert_true(strlen(w.cmdline) < 2017);
	assert_int_equal(armed_read(w.tree.fd, &a), 0);
	assert_non_null(strstr(a.left_out, "mitigations=off"));
	assert_null(strstr(w.cmdline, "mitigations=off"));
	memset(line + 1890, 'a', 120);
	temptree_text(&w.tree, "proc/cmdline", line);
	assert_fails(load_only(false), -E2BIG, "the command line of the capture kernel is");
}

static void puts_the_last_good_one_back(void **state)
{
	_cleanup_free_ char *before = NULL, *after = NULL;
	char cmdline[4096];
	off_t size;

	assert_int_equal(load_only(false), 0);
	before = temptree_read(&w.tree, RECORD);
	strcpy(cmdline, w.cmdline);
	size = w.image_size;
	set("CommandLineAppend", "other=1");
	set("Compress", "zlib");
	w.results[0] = -EADDRNOTAVAIL;
	assert_fails(load_only(true), -EADDRNOTAVAIL, "no room for it");
	assert_non_null(strstr(err_text(-EADDRNOTAVAIL), "; the one loaded before is armed again"));
	assert_int_equal(w.calls, 2);
	assert_armed(0);
	assert_string_equal(w.cmdline, cmdline);
	assert_int_equal(w.image_size, size);
	after = temptree_read(&w.tree, RECORD);
	assert_string_equal(before, after);
	assert_false(temptree_exists(&w.tree, IMAGE ".next"));
}

static void says_so_when_it_cannot_put_it_back(void **state)
{
	assert_int_equal(load_only(false), 0);
	w.results[0] = -ENOMEM;
	w.results[1] = -EADDRNOTAVAIL;
	assert_fails(
		load_only(true), -ENOMEM,
		"not armed any more, since the one loaded before cannot be put back: the reserved");
	assert_armed(-ENOENT);
	/* Armed anew; then the kernel file is replaced, and must not be taken for the old one. */
	w.results[0] = w.results[1] = 0;
	assert_int_equal(load_only(false), 0);
	assert_int_equal(unlinkat(w.tree.fd, "boot/vmlinuz-" MACHINE_RELEASE, 0), 0);
	machine_bzimage(&w.tree, "boot/vmlinuz-" MACHINE_RELEASE, MACHINE_RELEASE);
	w.results[0] = -ENOMEM;
	assert_fails(load_only(true), -ENOMEM, "has changed since");
	assert_int_equal(w.calls, 1);
	assert_armed(-ENOENT);
}

/* 128M are reserved. */
static void takes_as_many_cpus_as_fit(void **state)
{
	static const struct {
		const char *key, *value, *online;
		uint64_t cpus;
		const char *why, *words;
	} cases[] = {
		{ "Threads", "auto", "0", 1, "all that are online",
		  " nr_cpus=1 disable_cpu_apicid=0 irqpoll" },
		{ "Threads", "auto", "0-3", 4, "all that are online",
		  " nr_cpus=4 disable_cpu_apicid=0 irqpoll" },
		{ "Threads", "2", "0-3", 2, "as Threads= says",
		  " nr_cpus=2 disable_cpu_apicid=0 irqpoll" },
		{ "CommandLineAppend", "nr_cpus=3 nr_cpus=0", "0-3", 3,
		  "as the settings of the command line say", " nr_cpus=3 nr_cpus=0" },
		{ "CommandLineAppend", "nr_cpus=3", "0-1", 2,
		  "as the settings of the command line say", " nr_cpus=3" },
		{ "CommandLineRemove", "nr_cpus", "0-3", 4,
		  "as the settings of the command line say", " disable_cpu_apicid=0 irqpoll" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(armed_done) struct armed now = {};

		temptree_text(&w.tree, "sys/devices/system/cpu/online", cases[i].online);
		set("Threads", "1");
		set("CommandLineAppend", "");
		set("CommandLineRemove", "");
		set(cases[i].key, cases[i].value);
		assert_int_equal(load(true, &now), 0);
		assert_int_equal(now.cpus, cases[i].cpus);
		assert_string_equal(now.cpus_why, cases[i].why);
		assert_non_null(strstr(w.cmdline, cases[i].words));
	}
}

/* The CPU that the firmware started, which is not known any more, must not be woken. */
static void wakes_none_beside_a_parked_one(void **state)
{
	_cleanup_(armed_done) struct armed now = {};

	temptree_text(&w.tree, "sys/devices/system/cpu/online", "0-2");
	temptree_text(&w.tree, "proc/cmdline",
	              "root=/dev/vda1 kdump_lite.returned=4 memmap=1@2 no_ipi_broadcast=1\n");
	assert_int_equal(load(true, &now), 0);
	assert_int_equal(now.cpus, 1);
	assert_string_equal(now.cpus_why, "since the boot CPU is parked");
	assert_non_null(strstr(w.cmdline, " nr_cpus=1 "));
}

static void a_refusal_keeps_what_is_loaded(void **state)
{
	assert_int_equal(load_only(false), 0);
	w.results[0] = -EPERM;
	assert_int_equal(load_only(true), -EPERM);
	assert_non_null(strstr(err_text(-EPERM), "; the one loaded before is still armed"));
	assert_int_equal(w.calls, 1);
	assert_armed(0);
}

static void tells_foreign_and_stale(void **state)
{
	/* Loaded by somebody else. */
	temptree_text(&w.tree, "sys/kernel/kexec_crash_loaded", "1\n");
	assert_armed(-EEXIST);
	assert_fails(load_only(false), -EEXIST, "not by kdump-lite");
	assert_int_equal(w.calls, 0);
	assert_int_equal(capture_unload(w.tree.fd, fake_kexec), 0);
	assert_int_equal(load_only(false), 0);
	/* Unloaded by somebody else. */
	temptree_text(&w.tree, "sys/kernel/kexec_crash_loaded", "0\n");
	assert_armed(-ESTALE);
	assert_int_equal(load_only(false), 0);
	assert_int_equal(w.calls, 1);
	/* A record that cannot be understood is none. */
	temptree_text(&w.tree, RECORD, "{ \"kernel\": 3 }");
	assert_armed(-EEXIST);
	temptree_text(&w.tree, "sys/kernel/kexec_crash_loaded", "0\n");
	assert_armed(-ENOENT);
	temptree_text(&w.tree, "sys/kernel/kexec_crash_size", "0\n");
	assert_armed(-ENODATA);
}

static void unloads(void **state)
{
	assert_int_equal(capture_unload(w.tree.fd, fake_kexec), 1);
	assert_int_equal(load_only(false), 0);
	assert_int_equal(capture_unload(w.tree.fd, fake_kexec), 0);
	assert_armed(-ENOENT);
	assert_false(temptree_exists(&w.tree, IMAGE));
	assert_int_equal(capture_unload(w.tree.fd, fake_kexec), 1);
}

static void verbs_exit_as_they_should(void **state)
{
	struct cli cli = { .root_fd = w.tree.fd, .quiet = true };

	assert_int_equal(verb_reserved.run(&cli, 0, NULL), 0);
	assert_int_equal(verb_status.run(&cli, 0, NULL), EXIT_NOT_ARMED);
	assert_int_equal(load_only(false), 0);
	assert_int_equal(verb_status.run(&cli, 0, NULL), 0);
	temptree_text(&w.tree, "sys/kernel/kexec_crash_size", "0\n");
	assert_int_equal(verb_reserved.run(&cli, 0, NULL), -ENODATA);
	set("Kernel", "/none");
	assert_fails(load_only(false), -ENODATA, "no memory is reserved");
	/* Asked for in vain: the service is not skipped, load fails. */
	temptree_text(&w.tree, "proc/cmdline", "crashkernel=auto\n");
	assert_int_equal(verb_reserved.run(&cli, 0, NULL), 0);
	assert_fails(load_only(false), -ENOSPC, "does not know auto");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(loads_and_remembers),
		TEST(leaves_the_boot_cpu_alone),
		TEST(gentler_command_line_is_used),
		TEST(the_image_has_what_is_needed),
		TEST(the_image_has_the_hooks),
		TEST(settings_of_the_capture_reach_its_plan),
		TEST(packs_as_the_kernel_can_unpack),
		TEST(does_not_load_the_same_again),
		TEST(faults_found_early_change_nothing),
		TEST(sheds_optional_words),
		TEST(puts_the_last_good_one_back),
		TEST(says_so_when_it_cannot_put_it_back),
		TEST(takes_as_many_cpus_as_fit),
		TEST(wakes_none_beside_a_parked_one),
		TEST(a_refusal_keeps_what_is_loaded),
		TEST(tells_foreign_and_stale),
		TEST(unloads),
		TEST(verbs_exit_as_they_should),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
