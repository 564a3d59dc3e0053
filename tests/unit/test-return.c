// SPDX-License-Identifier: GPL-2.0-or-later
/* test-return.c - when the capture kernel goes back by kexec, and with which words. */
#include <errno.h>
#include <fcntl.h>
#include <linux/kexec.h>
#include <stdio.h>

#include "capture/place.h"
#include "capture/return.h"
#include "capture/quiesce.h"
#include "capture/rescue-steps.h"
#include "config/settings.h"
#include "tests/unit/osbox.h"
#include "tests/unit/synth.h"
#include "base/err.h"
#include "base/text.h"

#define M(n) MIB(n)

static int setup(void **state)
{
	struct plan *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	assert_int_equal(plan_init(p), 0);
	p->capture.final_action = FINAL_AUTO;
	p->cpus = 2;
	p->capture.loop_burst = 3;
	p->back_need = M(100);
	p->back_limit = 2016;
	free(p->back_cmdline);
	p->back_cmdline = strdup("root=/dev/vda1 console=ttyS0");
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	plan_done(*state);
	free(*state);
	return 0;
}

static void set(char **field, const char *value)
{
	free(*field);
	*field = strdup(value);
}

/* A machine on which nothing speaks against it. */
static struct return_facts facts(const struct plan *p)
{
	return (struct return_facts){
		.plan = p, .stopped = 2, .has_apicid = true, .crashes = 1, .free_memory = M(100)
	};
}

static void check_unwise(const struct return_facts *f, const char *part)
{
	char why[RETURN_WHY_MAX] = "";

	assert_true(return_is_unwise(f, why));
	if (!strstr(why, part))
		fail_msg("\"%s\" is not in \"%s\"", part, why);
}

static void check_wise(const struct return_facts *f)
{
	char why[RETURN_WHY_MAX] = "";

	if (return_is_unwise(f, why))
		fail_msg("%s", why);
}

static void decides(void **state)
{
	struct plan *p = *state;
	struct return_facts f = facts(p);

	check_wise(&f);
	f.stopped = 1;
	check_unwise(&f, "only 1 of 2 CPUs");
	f = facts(p);
	f.unwritten = "it is gone";
	check_unwise(&f, "not known: it is gone");
	f = facts(p);
	f.apicid = 1;
	check_unwise(&f, "APIC ID 1, and the boot CPU (0)");
	f.has_apicid = false;
	check_wise(&f);
	f = facts(p);
	f.crashes = 3;
	check_unwise(&f, "crash number 3 within CrashLoopIntervalSec=");
	p->capture.loop_burst = 0;
	check_wise(&f);
	f = facts(p);
	f.free_memory--;
	check_unwise(&f, "needs 100.0M of memory to be loaded");
	f = facts(p);
	set(&p->back_obstacle, "the moon is full");
	check_unwise(&f, "the moon is full");
}

/* FinalAction=kexec puts up with fewer CPUs and tries with less memory, but never with a CPU that
 * may still run or in a loop. */
static void decides_when_told(void **state)
{
	struct plan *p = *state;
	struct return_facts f = facts(p);

	p->capture.final_action = FINAL_KEXEC;
	f.apicid = 1;
	f.free_memory = 0;
	check_wise(&f);
	f.stopped = 1;
	check_unwise(&f, "may still run");
	f = facts(p);
	f.crashes = 4;
	check_unwise(&f, "crash number 4");
}

static void check_words(const struct plan *p, const struct iomem_range *ram, size_t n_ram,
                        const struct iomem_range *own, size_t n_own, bool fewer,
                        const char *expected)
{
	_cleanup_free_ char *words = NULL;

	assert_int_equal(return_words(p, ram, n_ram, own, n_own, fewer, &words), 0);
	assert_string_equal(words, expected);
}

static void names_the_memory(void **state)
{
	/* 4 GiB with a hole below 4 GiB; the capture kernel sits at 2 GiB, with its elfcorehdr
	 * between two parts of it. */
	static const struct iomem_range ram[] = {
		{ 0x1000, 0x9f000 },
		{ M(1), 0x80000000 },
		{ 0x90000000, 0xbffd9000 },
		{ 0x100000000, 0x140000000 },
	};
	static const struct iomem_range own[] = {
		{ 0x1000, 0x9fc00 },
		{ 0x80000000, 0x8ff00000 },
		{ 0x8ff80000, 0x90000000 },
	};
	struct plan *p = *state;

	strv_push(&p->back_memory, "0x1000-0x9fbff");
	strv_push(&p->back_memory, "0x100000-0xbffd9fff");
	strv_push(&p->back_memory, "0x100000000-0x13fffffff");
	check_words(p, ram, ARRAY_SIZE(ram), own, ARRAY_SIZE(own), false,
	            "kdump_lite.returned=2 memmap=0xbfeda000@0x100000,0x40000000@0x100000000 "
	            "panic=10");
	/* A word that only a return on another CPU needs. */
	set(&p->back_fewer, "disable_cpu_apicid=0");
	set(&p->back_cmdline, "root=/dev/vda1 panic=30");
	check_words(p, ram, ARRAY_SIZE(ram), own, ARRAY_SIZE(own), true,
	            "kdump_lite.returned=2 memmap=0xbfeda000@0x100000,0x40000000@0x100000000 "
	            "disable_cpu_apicid=0");
	/* The administrator names all memory. */
	set(&p->back_cmdline, "memmap=exactmap memmap=1G@1M panic=1");
	check_words(p, ram, ARRAY_SIZE(ram), own, ARRAY_SIZE(own), false, "kdump_lite.returned=2");
}

/* A DIMM of 128 MiB was taken out after the plan was made, and another put in. */
static void leaves_out_what_was_unplugged(void **state)
{
	static const struct iomem_range ram[] = {
		{ M(1), M(1024) },
		{ M(4096), M(4224) },
		{ M(4352), M(4480) },
		{ M(8192), M(8320) },
	};
	struct plan *p = *state;

	strv_push(&p->back_memory, "0x100000-0x3fffffff");
	strv_push(&p->back_memory, "0x100000000-0x117ffffff");
	check_words(p, ram, ARRAY_SIZE(ram), NULL, 0, false,
	            "kdump_lite.returned=2 "
	            "memmap=0x3ff00000@0x100000,0x8000000@0x100000000,0x8000000@0x110000000 "
	            "panic=10");
	p->back_memory = strv_free(p->back_memory);
	strv_push(&p->back_memory, "0x100000000-0x117ffffff");
	check_words(p, NULL, 0, NULL, 0, false, "kdump_lite.returned=2 panic=10");
}

static void refuses_a_bad_range(void **state)
{
	static const char *const bad[] = { "", "0x1000", "0x2000-0x1000", "0x1-0x2x", "1-2-3" };
	struct plan *p = *state;
	char *words;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		p->back_memory = strv_free(p->back_memory);
		strv_push(&p->back_memory, bad[i]);
		assert_fails(return_words(p, NULL, 0, NULL, 0, false, &words), -EINVAL,
		             "is no range of memory");
	}
}

static void puts_words_before_those_of_init(void **state)
{
	_cleanup_free_ char *plain = NULL, *with_init = NULL;
	struct plan *p = *state;
	char *line;

	assert_int_equal(return_cmdline(p, "a=1 b", &plain), 0);
	assert_string_equal(plain, "root=/dev/vda1 console=ttyS0 a=1 b");
	set(&p->back_cmdline, "root=/dev/vda1 -- single -- x");
	assert_int_equal(return_cmdline(p, "a=1 b", &with_init), 0);
	assert_string_equal(with_init, "root=/dev/vda1 a=1 b -- single -- x");
	p->back_limit = strlen(with_init);
	assert_int_equal(return_cmdline(p, "a=1 b", &line), 0);
	free(line);
	p->back_limit--;
	assert_fails(return_cmdline(p, "a=1 b", &line), -E2BIG,
	             "has 35 bytes, the kernel takes 34");
}

/* The step as a whole, on a machine whose production system lies on another disk than the dump. */
struct stage {
	struct osbox *box;
	struct synth m;
	struct plan plan;
	struct rescue rescue;
};

static int stage_setup(void **state)
{
	struct stage *s = calloc(1, sizeof(*s));
	struct plan *p = &s->plan;

	assert_non_null(s);
	osbox_setup((void **)&s->box);
	osbox_disk(s->box, "vdb", "production");
	temptree_text(&s->box->tree, "production/vmlinuz", "a kernel");
	temptree_text(&s->box->tree, "production/initrd", "an initrd");
	temptree_text(&s->box->tree, "proc/sys/vm/drop_caches", "");
	temptree_text(&s->box->tree, "proc/iomem",
	              "00001000-0009ffff : System RAM\n"
	              "10000000-1fffffff : System RAM\n");
	synth_init(&s->m, NULL);
	assert_int_equal(plan_init(p), 0);
	p->capture.final_action = FINAL_KEXEC;
	p->cpus = SYNTH_CPUS;
	p->back_limit = 2016;
	p->capture.device_timeout = 0;
	set(&p->device, "LABEL=dumps");
	set(&p->back_device, "LABEL=production");
	set(&p->back_fstype, "ext4");
	set(&p->back_kernel, "/vmlinuz");
	set(&p->back_cmdline, "root=/dev/vdb");
	strv_push(&p->back_initrds, "/initrd");
	strv_push(&p->back_memory, "0x10000000-0x1fffffff");
	s->rescue = (struct rescue){
		.os = &s->box->os, .plan = p, .dump = synth_dump(&s->m), .crash.dmesg_size = 1
	};
	temptree_dir(&s->box->tree, "saved/crash");
	s->rescue.dir_fd =
		openat(s->box->tree.fd, "saved/crash", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = s;
	return 0;
}

static int stage_teardown(void **state)
{
	struct stage *s = *state;

	rescue_done(&s->rescue);
	plan_done(&s->plan);
	synth_done(&s->m);
	osbox_teardown((void **)&s->box);
	free(s);
	return 0;
}

static void check_conclusion(const struct stage *s, const char *action, const char *part)
{
	const struct crash *crash = &s->rescue.crash;

	assert_string_equal(crash->final_action, action);
	if (!strstr(crash->final_reason, part))
		fail_msg("\"%s\" is not in \"%s\"", part, crash->final_reason);
	assert_int_equal(!s->rescue.dump, place_has_log(&s->rescue));
}

static void loads_the_production_kernel(void **state)
{
	_cleanup_free_ char *dropped = NULL;
	struct stage *s = *state;

	assert_int_equal(rescue_return(&s->rescue), 0);
	check_conclusion(s, "kexec", "");
	osbox_noted("mount /dev/vdb /production ext4 ro,; kexec; ");
	assert_string_equal(osbox_calls->kernel, "a kernel");
	assert_string_equal(osbox_calls->initrd, "an initrd");
	assert_int_equal(osbox_calls->kexec_flags, 0);
	/* The range is what this kernel runs in, so it was not unplugged. */
	assert_memory_equal(osbox_calls->cmdline,
	                    "root=/dev/vdb kdump_lite.returned=2 memmap=0x10000000@0x10000000", 64);
	dropped = temptree_read(&s->box->tree, "proc/sys/vm/drop_caches");
	assert_string_equal(dropped, "3");
}

/* Then it is mounted already. Without an initrd the kernel is told so. */
/* It is on the console or in the firmware after this step. */
static void memory_stays_for_a_log_that_is_nowhere(void **state)
{
	struct stage *s = *state;

	s->rescue.crash.dmesg_size = 0;
	assert_int_equal(rescue_return(&s->rescue), 0);
	check_conclusion(s, "kexec", "");
}

static void loads_from_the_disk_of_the_dump(void **state)
{
	struct stage *s = *state;

	set(&s->plan.device, "LABEL=production");
	s->plan.back_initrds = strv_free(s->plan.back_initrds);
	temptree_text(&s->box->tree, "mnt/vmlinuz", "that kernel");
	temptree_dir(&s->box->tree, "mnt/crash");
	s->rescue.dir_fd = openat(s->box->tree.fd, "mnt/crash", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	s->rescue.mounted = true;
	assert_int_equal(rescue_return(&s->rescue), 0);
	check_conclusion(s, "kexec", "");
	osbox_noted("kexec; ");
	assert_string_equal(osbox_calls->kernel, "that kernel");
	assert_int_equal(osbox_calls->kexec_flags, KEXEC_FILE_NO_INITRAMFS);
}

/* As on a full disk. It would not be mounted a second time. */
static void loads_from_a_disk_that_takes_no_dump(void **state)
{
	struct stage *s = *state;

	set(&s->plan.device, "LABEL=production");
	set(&s->plan.fstype, "ext4");
	set(&s->plan.directory, "/crash");
	temptree_text(&s->box->tree, "mnt/vmlinuz", "that kernel");
	temptree_text(&s->box->tree, "mnt/initrd", "that initrd");
	temptree_text(&s->box->tree, "mnt/crash", "a file");
	temptree_dir(&s->box->tree, "tmp");
	assert_fails(rescue_make_target(&s->rescue), -ENOTDIR, "\"crash\" cannot be opened");
	osbox_noted("mount /dev/vdb /mnt ext4 ; ");
	assert_int_equal(rescue_return(&s->rescue), 0);
	check_conclusion(s, "kexec", "");
	osbox_noted("mount /dev/vdb /mnt ext4 ; kexec; ");
	assert_string_equal(osbox_calls->kernel, "that kernel");
}

/* The UUID is the same, and the plan knows that the disk is another one. */
static void another_disk_with_the_name_is_not_that_of_the_dump(void **state)
{
	struct stage *s = *state;

	set(&s->plan.device, "LABEL=production");
	strv_push(&s->plan.device_facts, "serial=A");
	temptree_dir(&s->box->tree, "mnt/crash");
	s->rescue.mounted = true;
	s->rescue.dir_fd = openat(s->box->tree.fd, "mnt/crash", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(rescue_return(&s->rescue), 0);
	osbox_noted("mount /dev/vdb /production ext4 ro,; kexec; ");
}

static void copy_of_the_production_disk_is_left_alone(void **state)
{
	struct stage *s = *state;

	strv_push(&s->plan.back_device_facts, "serial=A");
	temptree_text(&s->box->tree, "sys/class/block/vdb/serial", "B");
	assert_fails(rescue_return(&s->rescue), -ETIMEDOUT, "vdb (serial is B, not A)");
	check_conclusion(s, "reboot", "LABEL=production: no such disk");
	osbox_noted("");
}

static void kernel_that_is_refused_is_left_to_the_firmware(void **state)
{
	struct stage *s = *state;

	osbox_calls->kexec_error = ENOEXEC;
	assert_fails(rescue_return(&s->rescue), -ENOEXEC, "/vmlinuz: the kernel does not take");
	check_conclusion(s, "reboot", "/vmlinuz: the kernel does not take this file");
}

static int never_loaded(uint64_t entry, const struct kexec_piece *pieces, size_t n,
                        unsigned long flags)
{
	fail_msg("what is no kernel is loaded");
	return 0;
}

/* By the other call, for which the file is looked at here. */
static void kernel_may_be_handed_over_in_pieces(void **state)
{
	struct stage *s = *state;

	osbox_calls->kexec_error = ENOSYS;
	s->box->os.pieces = never_loaded;
	s->box->os.either = either_load;
	assert_fails(rescue_return(&s->rescue), -ENOEXEC, "/vmlinuz: is no ");
	check_conclusion(s, "reboot", "/vmlinuz: is no ");
}

static void files_that_cannot_be_reached_are_left_to_the_firmware(void **state)
{
	struct stage *s = *state;

	assert_int_equal(unlinkat(s->box->tree.fd, "production/initrd", 0), 0);
	assert_fails(rescue_return(&s->rescue), -ENOENT, "/initrd: No such file");
	check_conclusion(s, "reboot", "/initrd: No such file");
	osbox_noted("mount /dev/vdb /production ext4 ro,; ");
}

static void disk_that_is_gone_is_left_to_the_firmware(void **state)
{
	struct stage *s = *state;

	set(&s->plan.back_device, "LABEL=gone");
	assert_fails(rescue_return(&s->rescue), -ETIMEDOUT, "LABEL=gone: no such disk");
	check_conclusion(s, "reboot", "LABEL=gone: no such disk");
	osbox_noted("");
}

static void without_the_vmcore_it_is_the_firmware(void **state)
{
	struct stage *s = *state;

	dump_free(s->rescue.dump);
	s->rescue.dump = NULL;
	assert_int_equal(rescue_return(&s->rescue), 0);
	check_conclusion(s, "reboot", "not known: the vmcore could not be opened");
	osbox_noted("");
}

static void other_actions_load_nothing(void **state)
{
	struct stage *s = *state;

	s->plan.capture.final_action = FINAL_POWEROFF;
	assert_int_equal(rescue_return(&s->rescue), 0);
	assert_string_equal(s->rescue.crash.final_action, "poweroff");
	osbox_noted("");
}

/* As in sysfs, where the list of devices is one of links. */
#define PCI "sys/devices/pci0000:00/"

static void enables_what_no_driver_touched(void **state)
{
	struct temptree t;
	_cleanup_free_ char *free_device = NULL, *bound = NULL, *known = NULL;

	temptree_make(&t);
	assert_int_equal(quiesce_pci(t.fd), 0);
	for (unsigned i = 1; i <= 4; i++) {
		char link[64], target[64];

		snprintf(link, sizeof(link), "sys/bus/pci/devices/0000:00:0%u.0", i);
		snprintf(target, sizeof(target), "../../../devices/pci0000:00/0000:00:0%u.0", i);
		temptree_link(&t, link, target);
	}
	temptree_text(&t, PCI "0000:00:01.0/power_state", "unknown\n");
	temptree_text(&t, PCI "0000:00:01.0/enable", "0");
	temptree_text(&t, PCI "0000:00:02.0/power_state", "unknown\n");
	temptree_text(&t, PCI "0000:00:02.0/enable", "0");
	temptree_link(&t, PCI "0000:00:02.0/driver", "../../../bus/pci/drivers/x");
	temptree_dir(&t, "sys/bus/pci/drivers/x");
	temptree_text(&t, PCI "0000:00:03.0/power_state", "D0\n");
	temptree_text(&t, PCI "0000:00:03.0/enable", "0");
	/* One that refuses does not keep the others. */
	temptree_text(&t, PCI "0000:00:04.0/power_state", "unknown\n");
	assert_int_equal(quiesce_pci(t.fd), 1);
	free_device = temptree_read(&t, PCI "0000:00:01.0/enable");
	bound = temptree_read(&t, PCI "0000:00:02.0/enable");
	known = temptree_read(&t, PCI "0000:00:03.0/enable");
	assert_string_equal(free_device, "1");
	assert_string_equal(bound, "0");
	assert_string_equal(known, "0");
	temptree_remove(&t);
}

/* A device of @class, without a driver. */
static void add_device(const struct temptree *t, unsigned number, const char *class)
{
	char link[64], target[64], path[64];

	snprintf(link, sizeof(link), "sys/bus/pci/devices/0000:00:0%u.0", number);
	snprintf(target, sizeof(target), "../../../devices/pci0000:00/0000:00:0%u.0", number);
	temptree_link(t, link, target);
	snprintf(path, sizeof(path), PCI "0000:00:0%u.0/class", number);
	temptree_text(t, path, class);
	snprintf(path, sizeof(path), PCI "0000:00:0%u.0/power_state", number);
	temptree_text(t, path, "unknown\n");
	snprintf(path, sizeof(path), PCI "0000:00:0%u.0/enable", number);
	temptree_text(t, path, "?");
}

static void check_enabled(const struct temptree *t, unsigned number, const char *expected)
{
	_cleanup_free_ char *text = NULL;
	char path[64];

	snprintf(path, sizeof(path), PCI "0000:00:0%u.0/enable", number);
	text = temptree_read(t, path);
	assert_string_equal(text, expected);
}

static void stops_bus_masters(void **state)
{
	struct temptree t;

	temptree_make(&t);
	assert_int_equal(quiesce_masters(t.fd), 0);
	add_device(&t, 1, "0x020000\n"); /* a network card */
	add_device(&t, 2, "0x010802\n"); /* NVMe */
	add_device(&t, 3, "0x060400\n"); /* a bridge */
	add_device(&t, 4, "0x020000\n");
	temptree_link(&t, PCI "0000:00:04.0/driver", "../../../bus/pci/drivers/x");
	temptree_dir(&t, "sys/bus/pci/drivers/x");
	assert_int_equal(quiesce_masters(t.fd), 1);
	check_enabled(&t, 1, "0");
	check_enabled(&t, 2, "?");
	check_enabled(&t, 3, "?");
	check_enabled(&t, 4, "?");
	temptree_remove(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(decides, setup, teardown),
		cmocka_unit_test_setup_teardown(decides_when_told, setup, teardown),
		cmocka_unit_test_setup_teardown(names_the_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(leaves_out_what_was_unplugged, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_a_bad_range, setup, teardown),
		cmocka_unit_test_setup_teardown(puts_words_before_those_of_init, setup, teardown),
		cmocka_unit_test_setup_teardown(loads_the_production_kernel, stage_setup,
		                                stage_teardown),
		cmocka_unit_test_setup_teardown(memory_stays_for_a_log_that_is_nowhere, stage_setup,
		                                stage_teardown),
		cmocka_unit_test_setup_teardown(loads_from_the_disk_of_the_dump, stage_setup,
		                                stage_teardown),
		cmocka_unit_test_setup_teardown(loads_from_a_disk_that_takes_no_dump, stage_setup,
		                                stage_teardown),
		cmocka_unit_test_setup_teardown(another_disk_with_the_name_is_not_that_of_the_dump,
		                                stage_setup, stage_teardown),
		cmocka_unit_test_setup_teardown(copy_of_the_production_disk_is_left_alone,
		                                stage_setup, stage_teardown),
		cmocka_unit_test_setup_teardown(kernel_that_is_refused_is_left_to_the_firmware,
		                                stage_setup, stage_teardown),
		cmocka_unit_test_setup_teardown(kernel_may_be_handed_over_in_pieces, stage_setup,
		                                stage_teardown),
		cmocka_unit_test_setup_teardown(
			files_that_cannot_be_reached_are_left_to_the_firmware, stage_setup,
			stage_teardown),
		cmocka_unit_test_setup_teardown(disk_that_is_gone_is_left_to_the_firmware,
		                                stage_setup, stage_teardown),
		cmocka_unit_test_setup_teardown(without_the_vmcore_it_is_the_firmware, stage_setup,
		                                stage_teardown),
		cmocka_unit_test_setup_teardown(other_actions_load_nothing, stage_setup,
		                                stage_teardown),
		cmocka_unit_test(enables_what_no_driver_touched),
		cmocka_unit_test(stops_bus_masters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
