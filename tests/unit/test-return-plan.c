// SPDX-License-Identifier: GPL-2.0-or-later
/* test-return-plan.c - what the loader plans for the way back, and what it finds in the way. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "capture/return.h"
#include "loader/kexec/next-choice.h"
#include "loader/kexec/return-plan.h"
#include "loader/kexec/returned.h"
#include "loader/system/cmdline.h"
#include "system/param.h"
#include "tests/unit/armbox.h"
#include "tests/unit/gzip.h"
#include "tests/unit/machine.h"
#include "base/err.h"
#include "base/text.h"

struct world {
	struct temptree tree;
	struct settings settings;
	struct utsname uts;
	struct crashmem mem;
	struct plan plan;
	struct device boot;
	char *lacks;
};

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->uts = (struct utsname){ .machine = "x86_64", .release = MACHINE_RELEASE };
	w->mem = (struct crashmem){ .size = MIB(256), .piece = MIB(256) };
	machine_make(&w->tree);
	temptree_text(&w->tree, "boot/initrd.img-" MACHINE_RELEASE, "0707");
	temptree_text(&w->tree, "sys/devices/system/cpu/online", "0-3\n");
	temptree_text(&w->tree, "proc/iomem",
	              "00001000-0009fbff : System RAM\n"
	              "00100000-7ffd9fff : System RAM\n"
	              "  66000000-75ffffff : Crash kernel\n"
	              "100000000-13fffffff : System RAM (virtio_mem)\n");
	assert_int_equal(settings_init(&w->settings), 0);
	assert_int_equal(plan_init(&w->plan), 0);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	settings_done(&w->settings);
	plan_done(&w->plan);
	device_done(&w->boot);
	free(w->lacks);
	temptree_remove(&w->tree);
	free(w);
	return 0;
}

static struct return_plan_request request(struct world *w)
{
	return (struct return_plan_request){
		.root_fd = w->tree.fd,
		.settings = &w->settings,
		.uts = &w->uts,
		.crashmem = &w->mem,
		.init_size = MIB(50),
	};
}

static void make_plan(struct world *w)
{
	struct return_plan_request req = request(w);

	plan_done(&w->plan);
	device_done(&w->boot);
	assert_int_equal(plan_init(&w->plan), 0);
	free(w->lacks);
	w->lacks = NULL;
	assert_int_equal(return_plan_make(&req, &w->plan, &w->boot, &w->lacks), 0);
}

static void check_obstacle(struct world *w, const char *part)
{
	make_plan(w);
	if (!*w->plan.back_obstacle || !strstr(w->plan.back_obstacle, part))
		fail_msg("\"%s\" is not in \"%s\"", part, w->plan.back_obstacle);
	assert_null(w->boot.node);
}

static void check_clear(struct world *w)
{
	make_plan(w);
	assert_string_equal(w->plan.back_obstacle, "");
	assert_string_equal(w->boot.node, "/dev/vda1");
}

static void plans_the_running_kernel(void **state)
{
	struct world *w = *state;

	check_clear(w);
	assert_string_equal(w->plan.back_kernel, "/boot/vmlinuz-" MACHINE_RELEASE);
	assert_int_equal(strv_length(w->plan.back_initrds), 1);
	assert_string_equal(w->plan.back_initrds[0], "/boot/initrd.img-" MACHINE_RELEASE);
	assert_true(strv_contains(w->plan.back_device_facts, "name=vda1"));
	assert_string_equal(w->plan.back_fstype, "ext4");
	assert_string_equal(w->plan.back_cmdline, "root=/dev/vda1 console=ttyS0");
	assert_int_equal(w->plan.back_limit, 2047 - 31);
	assert_int_equal(strv_length(w->plan.back_memory), 2);
	assert_string_equal(w->plan.back_memory[1], "0x100000-0x7ffd9fff");
	assert_int_equal(w->plan.cpus, 4);
	assert_int_equal(w->plan.back_need,
	                 BZIMAGE_SIZE + (50 << 20) + 2 * strlen("0707") + MIB(20));
	/* Kernels before 6.9 have to be told not to wake the boot CPU. */
	assert_string_equal(w->plan.back_fewer, "no_ipi_broadcast=1 disable_cpu_apicid=0");
}

static void passes_settings_on(void **state)
{
	struct world *w = *state;

	strv_push(&w->settings.kexec_remove, "console");
	strv_push(&w->settings.kexec_append, "reset_devices");
	check_clear(w);
	assert_string_equal(w->plan.back_cmdline, "root=/dev/vda1 reset_devices");
	w->settings.capture.final_action = FINAL_REBOOT;
	make_plan(w);
	assert_string_equal(w->plan.back_kernel, "");
	assert_string_equal(w->plan.back_obstacle, "");
}

static void memory_that_touches_is_one_range(void **state)
{
	struct world *w = *state;

	temptree_text(&w->tree, "proc/iomem",
	              "00001000-0009fbff : System RAM\n"
	              "0009fc00-0009ffff : Reserved\n"
	              "00100000-3fffffff : System RAM\n"
	              "  01000000-01ffffff : Kernel code\n"
	              "40000000-7fffffff : System RAM\n"
	              "80000000-80000fff : System RAM\n"
	              "100000000-13fffffff : System RAM\n"
	              "140001000-17fffffff : System RAM\n");
	check_clear(w);
	assert_int_equal(strv_length(w->plan.back_memory), 4);
	assert_string_equal(w->plan.back_memory[0], "0x1000-0x9fbff");
	assert_string_equal(w->plan.back_memory[1], "0x100000-0x80000fff");
	assert_string_equal(w->plan.back_memory[2], "0x100000000-0x13fffffff");
	assert_string_equal(w->plan.back_memory[3], "0x140001000-0x17fffffff");
}

static bool has(char **words, const char *pattern)
{
	while (*words && !param_matches(*words, pattern))
		words++;
	return *words;
}

/* The command line that the production kernel comes back with, and what a kernel that was itself
 * loaded by kexec_file_load() has in front. */
static char *line_after_return(struct world *w, bool fewer)
{
	const struct iomem_range ram = { MIB(1), MIB(2048) };
	_cleanup_free_ char *words = NULL, *line = NULL;
	char *all;

	check_clear(w);
	assert_int_equal(return_words(&w->plan, &ram, 1, NULL, 0, fewer, &words), 0);
	assert_int_equal(return_cmdline(&w->plan, words, &line), 0);
	assert_true(asprintf(&all,
	                     "elfcorehdr=0x77000000 dmcryptkeys=0x78000000 kho=on %s "
	                     "reset_devices kho_scratch=256M",
	                     line) > 0);
	return all;
}

/* What the last return added is not there twice, but a parked CPU stays parked. */
static void plans_a_second_return(void **state)
{
	struct world *w = *state;

	temptree_text(&w->tree, "proc/cmdline",
	              "root=/dev/vda1 kdump_lite.returned=4 memmap=0x7fed9000@0x100000 "
	              "no_ipi_broadcast=1 disable_cpu_apicid=2 panic=10\n");
	check_clear(w);
	assert_string_equal(w->plan.back_cmdline, "root=/dev/vda1");
	assert_string_equal(w->plan.back_parked, "no_ipi_broadcast=1 disable_cpu_apicid=2");
	assert_string_equal(w->plan.back_fewer, "");
	/* After the second return too, whichever CPU the crash was on. */
	for (int other = 0; other < 2; other++) {
		_cleanup_free_ char *again = line_after_return(w, other);

		temptree_text(&w->tree, "proc/cmdline", again);
		check_clear(w);
		assert_string_equal(w->plan.back_parked, "no_ipi_broadcast=1 disable_cpu_apicid=2");
		assert_string_equal(w->plan.back_fewer, "");
	}
	/* The administrator's own word parks nothing. */
	temptree_text(&w->tree, "proc/cmdline",
	              "root=/dev/vda1 no_ipi_broadcast=1 kdump_lite.returned=4 memmap=1@2\n");
	check_clear(w);
	assert_string_equal(w->plan.back_cmdline, "root=/dev/vda1 no_ipi_broadcast=1");
	assert_string_equal(w->plan.back_parked, "");
	assert_string_equal(w->plan.back_fewer, "no_ipi_broadcast=1 disable_cpu_apicid=0");
}

static void tells_what_it_leaves(void **state)
{
	struct world *w = *state;
	struct return_plan_request req = request(w);
	uint64_t taken = MIB(50) + MIB(24);

	check_clear(w);
	taken += w->plan.back_need;
	assert_int_equal(return_plan_spare(&req, &w->plan), MIB(256) - taken);
	w->mem.size = taken;
	assert_int_equal(return_plan_spare(&req, &w->plan), 0);
	check_clear(w);
	/* One that is wanted at all costs. */
	w->mem.size = MIB(128);
	w->settings.capture.final_action = FINAL_KEXEC;
	check_clear(w);
	assert_int_equal(return_plan_spare(&req, &w->plan), 0);
	/* None at all. */
	w->settings.capture.final_action = FINAL_AUTO;
	make_plan(w);
	assert_int_equal(return_plan_spare(&req, &w->plan), UINT64_MAX);
	w->settings.capture.final_action = FINAL_REBOOT;
	make_plan(w);
	assert_int_equal(return_plan_spare(&req, &w->plan), UINT64_MAX);
}

/* memmap= would make the next capture kernel use the memory that it is to save, the others are
 * about another boot. A CPU that is parked stays so, and must not be woken by it either. */
static void return_leaves_nothing_to_the_next_capture_kernel(void **state)
{
	static const char *const gone[] = { "memmap",  "elfcorehdr", "dmcryptkeys",  "kho*",
		                            "kdump_*", "panic=10",   "reset_devices" };
	struct world *w = *state;

	for (int fewer = 0; fewer < 2; fewer++) {
		_cleanup_free_ char *running = line_after_return(w, fewer), *capture = NULL,
				    *left_out = NULL;
		_cleanup_(strv_freep) char **before = NULL, **after = NULL;
		char *remove[] = { "reset_devices", "panic", NULL };
		struct cmdline_request req = { .base = running,
			                       .remove = remove,
			                       .machine = "x86_64",
			                       .cpus = 1,
			                       .boot_apicid = 5 };

		assert_int_equal(cmdline_build(&req, &capture, &left_out), 0);
		assert_int_equal(strv_split(&before, running, true), 0);
		assert_int_equal(strv_split(&after, capture, true), 0);
		for (size_t i = 0; i < ARRAY_SIZE(gone); i++) {
			assert_true(has(before, gone[i]));
			assert_false(has(after, gone[i]));
		}
		assert_int_equal(strv_contains(before, "disable_cpu_apicid=0"), fewer);
		assert_true(strv_contains(after, "disable_cpu_apicid=5"));
		assert_true(strv_contains(after, "console=ttyS0"));
		assert_int_equal(strv_contains(after, "no_ipi_broadcast=1"), fewer);
	}
}

static void finds_obstacles(void **state)
{
	struct world *w = *state;

	w->mem.size = MIB(128);
	check_obstacle(w, "crashkernel= reserves 128.0M; loading the production kernel from there "
	                  "needs crashkernel=");
	w->settings.capture.final_action = FINAL_KEXEC;
	check_clear(w);
	w->settings.capture.final_action = FINAL_AUTO;
	w->mem.size = MIB(256);
	check_clear(w);
	strcpy(w->uts.machine, "ppc64le");
	check_obstacle(w, "has not been tried on ppc64le");
	strcpy(w->uts.machine, "x86_64");
	machine_spoil(&w->tree, "boot/vmlinuz-" MACHINE_RELEASE, BZIMAGE_RELOCATABLE, 0);
	check_obstacle(w, "vmlinuz-" MACHINE_RELEASE);
}

static void put_online(struct world *w, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		char path[64];

		snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%u/online", i);
		temptree_text(&w->tree, path, "1\n");
	}
}

/* Where the device tree tells of memory, and firmware starts each CPU. */
static void plans_for_other_machines(void **state)
{
	static const struct {
		const char *machine;
		uint64_t limit;
	} rows[] = { { "aarch64", 2047 }, { "aarch64 efi", 2047 }, { "riscv64", 1023 } };
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct armbox box = { .tree = w->tree };

		(void)unlinkat(w->tree.fd, "sys/devices/system/cpu/cpufreq", AT_REMOVEDIR);
		armbox_describe(&box, rows[i].machine);
		strcpy(w->uts.machine, box.machine);
		temptree_bytes(&w->tree, "boot/vmlinuz-" MACHINE_RELEASE, box.kernel,
		               sizeof(box.kernel));
		put_online(w, 2);
		check_clear(w);
		assert_int_equal(w->plan.back_limit, rows[i].limit);
		assert_string_equal(w->plan.back_cmdline, "root=/dev/vda1 console=ttyS0");
		/* Nothing of this is for them. */
		assert_int_equal(strv_length(w->plan.back_memory), 0);
		assert_string_equal(w->plan.back_fewer, "");
		assert_string_equal(w->plan.back_parked, "");
		/* RISC-V has all of its last 2 MiB. */
		assert_true(w->plan.back_need >= sizeof(box.kernel) + ARMBOX_IMAGE_SIZE + MIB(20));
		assert_true(w->plan.back_need < sizeof(box.kernel) + ARMBOX_IMAGE_SIZE + MIB(23));
	}
	w->mem.size = MIB(100);
	check_obstacle(w, "needs crashkernel=");
}

static void finds_obstacles_on_other_machines(void **state)
{
	struct world *w = *state;
	struct armbox box = { .tree = w->tree };
	uint8_t packed[2 * sizeof(box.kernel)];
	const struct next_choice choice = {};
	_cleanup_(next_done) struct next n = {};
	_cleanup_free_ char *line = NULL;

	armbox_describe(&box, "aarch64");
	strcpy(w->uts.machine, "aarch64");
	temptree_bytes(&w->tree, "boot/vmlinuz-" MACHINE_RELEASE, box.kernel, sizeof(box.kernel));
	put_online(w, 1);
	check_obstacle(w, "CPU 1 cannot be switched off");
	temptree_text(&w->tree, "sys/devices/system/cpu/online", "0\n");
	check_clear(w);
	put_online(w, 2);
	(void)unlinkat(w->tree.fd, "sys/devices/system/cpu/cpufreq", AT_REMOVEDIR);
	armbox_describe(&box, "aarch64 its");
	check_obstacle(w, "GICv3 with ITS");
	/* Somebody who asks for a kexec is told, and gets it. */
	assert_int_equal(next_choice_resolve(w->tree.fd, &w->settings, &choice, &w->uts, &n, &line),
	                 0);
	assert_int_equal(strv_length(n.notes), 1);
	assert_non_null(strstr(n.notes[0], "GICv3 with ITS"));
	w->settings.capture.final_action = FINAL_KEXEC;
	check_clear(w);
	w->settings.capture.final_action = FINAL_AUTO;
	(void)unlinkat(w->tree.fd, "sys/devices/system/cpu/cpufreq", AT_REMOVEDIR);
	armbox_describe(&box, "aarch64 efi its");
	check_clear(w);
	temptree_bytes(&w->tree, "boot/vmlinuz-" MACHINE_RELEASE, packed,
	               gzip_pack(box.kernel, sizeof(box.kernel), packed, sizeof(packed)));
	check_obstacle(w, "is no Image as it is put into memory");
}

/* The memory for the next capture kernel, when only an add-on of the boot loader brought it. */
static void tells_what_the_system_will_lack(void **state)
{
	struct world *w = *state;

	temptree_text(&w->tree, "proc/cmdline", "root=/dev/vda1 crashkernel=256M\n");
	check_clear(w);
	assert_null(w->lacks);
	temptree_text(&w->tree, "boot/loader/entries/a.conf",
	              "linux /vmlinuz-" MACHINE_RELEASE "\noptions root=/dev/vda1\n");
	w->settings.return_to = RETURN_DEFAULT;
	check_clear(w);
	assert_non_null(strstr(w->lacks, "lacks crashkernel=256M, so no memory is reserved"));
	strv_push(&w->settings.kexec_append, "crashkernel=256M");
	check_clear(w);
	assert_null(w->lacks);
}

static void check_returned(const struct temptree *t, const char *cmdline, const char *text)
{
	char buf[RETURNED_MAX];
	struct returned r;

	temptree_text(t, "proc/cmdline", cmdline);
	assert_int_equal(returned_read(t->fd, &r), 0);
	assert_int_equal(r.by_kexec, text != NULL);
	if (text)
		assert_string_equal(returned_describe(&r, buf), text);
	assert_int_equal(returned_is_degraded(&r), text && strstr(text, "reboot through"));
}

static void tells_what_is_missing(void **state)
{
	struct world *w = *state;

	check_returned(&w->tree, "root=/dev/vda1 crashkernel=128M\n", NULL);
	check_returned(&w->tree, "root=/dev/vda1 kdump_lite.returned=4 memmap=1@2\n",
	               "back by kexec after a crash");
	check_returned(&w->tree, "kdump_lite.returned=5 memmap=1@2\n",
	               "back by kexec after a crash, with 4 of 5 CPUs; reboot through the firmware "
	               "when convenient");
	temptree_text(&w->tree, "sys/kernel/kexec_crash_size", "0\n");
	check_returned(&w->tree, "crashkernel=128M kdump_lite.returned=4\n",
	               "back by kexec after a crash, without memory for the next capture kernel; "
	               "reboot through the firmware when convenient");
	check_returned(&w->tree, "kdump_lite.returned=4\n", "back by kexec after a crash");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(plans_the_running_kernel, setup, teardown),
		cmocka_unit_test_setup_teardown(passes_settings_on, setup, teardown),
		cmocka_unit_test_setup_teardown(memory_that_touches_is_one_range, setup, teardown),
		cmocka_unit_test_setup_teardown(plans_a_second_return, setup, teardown),
		cmocka_unit_test_setup_teardown(tells_what_it_leaves, setup, teardown),
		cmocka_unit_test_setup_teardown(return_leaves_nothing_to_the_next_capture_kernel,
		                                setup, teardown),
		cmocka_unit_test_setup_teardown(finds_obstacles, setup, teardown),
		cmocka_unit_test_setup_teardown(plans_for_other_machines, setup, teardown),
		cmocka_unit_test_setup_teardown(finds_obstacles_on_other_machines, setup, teardown),
		cmocka_unit_test_setup_teardown(tells_what_is_missing, setup, teardown),
		cmocka_unit_test_setup_teardown(tells_what_the_system_will_lack, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
