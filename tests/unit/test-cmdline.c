// SPDX-License-Identifier: GPL-2.0-or-later
/* test-cmdline.c - the command line of the capture kernel. */
#include <errno.h>
#include <unistd.h>

#include "loader/system/cmdline.h"
#include "loader/system/gentler.h"
#include "tests/unit/check.h"
#include "base/text.h"

static char **build(const struct cmdline_request *req)
{
	_cleanup_free_ char *text = NULL, *left_out = NULL;
	char **words = NULL;

	assert_int_equal(cmdline_build(req, &text, &left_out), 0);
	assert_int_equal(strv_split(&words, text, true), 0);
	return words;
}

static char **build_from(const char *base)
{
	return build(&(struct cmdline_request){ .base = base, .machine = "x86_64" });
}

static size_t count_prefix(char **words, const char *prefix)
{
	size_t n = 0;

	for (; words && *words; words++)
		n += strncmp(*words, prefix, strlen(prefix)) == 0;
	return n;
}

static void drops_and_keeps(void **state)
{
	static const char *const gone[] = {
		"BOOT_IMAGE=/boot/vmlinuz",
		"root=/dev/vda1",
		"ro",
		"quiet",
		"crashkernel=192M",
		"hugepagesz=1G",
		"hugepages=4",
		"rd.luks.uuid=1",
		"resume=/dev/vda2",
		"panic_on_warn=1",
		"memmap=4G@0",
		"systemd.unit=rescue.target",
		"log-buf-len=16M",
		"elfcorehdr=0x1",
		"kho=on",
		"sysctl.vm.nr_hugepages=9",
		"lsm=landlock,lockdown,yama,integrity,apparmor",
		"apparmor=1",
		"selinux=1",
	};
	static const char *const kept[] = {
		"console=tty0",
		"console=ttyS0,115200",
		"earlycon=uart8250,io,0x3f8",
		"pci=nommconf",
		"acpi=noirq",
		"intel_iommu=on",
		"nvme.use_threaded_interrupts=1",
		"memory_corruption_check=1",
	};
	_cleanup_(strv_freep) char **base = NULL, **words = NULL;
	_cleanup_free_ char *text = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(gone); i++)
		assert_int_equal(strv_push(&base, gone[i]), 0);
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		assert_int_equal(strv_push(&base, kept[i]), 0);
	assert_int_equal(strv_join(base, " ", &text), 0);
	words = build_from(text);
	for (size_t i = 0; i < ARRAY_SIZE(gone); i++)
		assert_false(strv_contains(words, gone[i]));
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		assert_string_equal(words[i], kept[i]);
	assert_true(strv_contains(words, "nr_cpus=1"));
	assert_true(strv_contains(words, "panic=10"));
	assert_true(strv_contains(words, "rootfstype=ramfs"));
}

/* Whoever presses the NMI button twice has pressed it in the capture kernel too. */
static void nothing_from_outside_panics(void **state)
{
	static const char *const gone[] = {
		"unknown_nmi_panic",
		"softlockup_panic=1",
		"hardlockup-panic=1",
		"hung_task_panic=1",
		"panic_on_taint=0x20",
		"oops=panic",
		"smp.panic_on_ipistall=30000",
		"workqueue.panic_on_stall=1",
		"edac_core.edac_mc_panic_on_ue=1",
		"sysctl.kernel.panic_on_unrecovered_nmi=1",
		"pause_on_oops=60",
		"softlockup_all_cpu_backtrace=1",
		"kgdboc=ttyS0,115200",
		"kgdbwait",
		"dm-mod.waitfor=/dev/sdb",
		"boot_delay=100",
		"sysrq_always_enabled",
		"fips=1",
		"fail_page_alloc=1,100,0,-1",
		"ramoops.mem_address=0x8000000",
		"reserve_mem=2M:4096:oops",
		"kunit_shutdown=reboot",
		"nmi_watchdog=panic",
	};
	_cleanup_(strv_freep) char **base = NULL, **words = NULL;
	_cleanup_free_ char *text = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(gone); i++)
		assert_int_equal(strv_push(&base, gone[i]), 0);
	assert_int_equal(strv_join(base, " ", &text), 0);
	words = build_from(text);
	for (size_t i = 0; i < ARRAY_SIZE(gone); i++)
		if (strv_contains(words, gone[i]))
			fail_msg("%s is handed on", gone[i]);
	assert_int_equal(count_prefix(words, "nmi_watchdog"), 0);
	/* Some kernels are built with these on. */
	assert_true(strv_contains(words, "softlockup_panic=0"));
	assert_true(strv_contains(words, "hung_task_panic=0"));
}

/* What else such a word says still counts. */
static void takes_panic_out_of_a_list(void **state)
{
	_cleanup_(strv_freep) char **words =
		build_from("nmi_watchdog=panic,1 iommu=pt,panic \"nmi_watchdog=nopanic\" "
	                   "reboot=panic_warm nmi-watchdog=panic,panic watchdog=panicky");

	assert_string_equal(words[0], "nmi_watchdog=1");
	assert_string_equal(words[1], "iommu=pt");
	assert_string_equal(words[2], "\"nmi_watchdog=nopanic\"");
	assert_string_equal(words[3], "reboot=panic_warm");
	assert_string_equal(words[4], "watchdog=panicky");
}

/* What the running kernel has of our own words must not stand there twice. */
static void has_own_words_once(void **state)
{
	_cleanup_(strv_freep) char **words =
		build_from("nr_cpus=8 panic=30 numa=fake=2 transparent-hugepage=always irqpoll");

	assert_int_equal(count_prefix(words, "nr_cpus="), 1);
	assert_int_equal(count_prefix(words, "panic"), 1);
	assert_int_equal(count_prefix(words, "numa="), 1);
	assert_int_equal(count_prefix(words, "transparent"), 1);
	assert_int_equal(count_prefix(words, "irqpoll"), 1);
	assert_true(strv_contains(words, "panic=10"));
}

/* What stands on the command line after a return by kexec describes the machine for the kernel that
 * runs now. For the next capture kernel it would be fatal: memmap= makes it use the memory that it
 * is to save. Only where the ACPI tables are it needs to know as well. */
static void takes_nothing_over_from_a_return(void **state)
{
	static const char *const gone[] = {
		"memmap=0x7fee0000@0x100000,0x80000000@0x100000000",
		"elfcorehdr=0x77000000",
		"dmcryptkeys=0x78000000",
		"kho=on",
		"kho_scratch=256M",
		"kdump_lite.returned=2",
		"kdump-lite.returned=2",
		"panic=30",
		"panic_on_oops=1",
		"maxcpus=1",
	};
	_cleanup_(strv_freep) char **words = NULL;
	struct cmdline_request req = { .machine = "x86_64", .cpus = 2, .boot_apicid = 4 };
	char base[1024] = "console=ttyS0 reset_devices panic=3 acpi_rsdp=0x7ff0014";

	for (size_t i = 0; i < ARRAY_SIZE(gone); i++) {
		strcat(base, " ");
		strcat(base, gone[i]);
	}
	strcat(base, " disable_cpu_apicid=0 nr_cpus=7 reset_devices -- 3");
	req.base = base;
	words = build(&req);
	for (size_t i = 0; i < ARRAY_SIZE(gone); i++)
		assert_false(strv_contains(words, gone[i]));
	assert_int_equal(count_prefix(words, "memmap"), 0);
	assert_int_equal(count_prefix(words, "reset_devices"), 1);
	assert_int_equal(count_prefix(words, "panic"), 1);
	assert_int_equal(count_prefix(words, "nr_cpus="), 1);
	assert_int_equal(count_prefix(words, "acpi_rsdp="), 1);
	assert_int_equal(count_prefix(words, "disable_cpu_apicid="), 1);
	assert_true(strv_contains(words, "disable_cpu_apicid=4"));
	assert_true(strv_contains(words, "panic=10"));
}

static void keeps_quotes_and_drops_what_is_for_init(void **state)
{
	_cleanup_(strv_freep) char **words = build_from(
		"dyndbg=\"file drivers/usb/* +p\" \"root=LABEL=a b\" console=ttyS0 -- single x");

	assert_string_equal(words[0], "dyndbg=\"file drivers/usb/* +p\"");
	assert_string_equal(words[1], "console=ttyS0");
	assert_false(strv_contains(words, "\"root=LABEL=a b\""));
	assert_false(strv_contains(words, "single"));
	assert_false(strv_contains(words, "--"));
}

static void settings_remove_and_append(void **state)
{
	char *remove[] = { "reset-devices", "nvme*", "console=tty0", NULL };
	char *append[] = { "nr_cpus=3", "root=x", NULL };
	struct cmdline_request req = {
		.base = "console=tty0 console=ttyS0 nvme.io_timeout=5 nvme_core.x=1",
		.remove = remove,
		.append = append,
		.machine = "x86_64",
	};
	_cleanup_(strv_freep) char **words = build(&req);
	size_t n = strv_length(words);

	assert_string_equal(words[0], "console=ttyS0");
	assert_int_equal(count_prefix(words, "nvme"), 0);
	assert_int_equal(count_prefix(words, "reset_devices"), 0);
	assert_int_equal(count_prefix(words, "nr_cpus="), 1);
	/* The administrator's own are the last, whatever they are. */
	assert_string_equal(words[n - 2], "nr_cpus=3");
	assert_string_equal(words[n - 1], "root=x");
}

static void follows_cpus_and_machine(void **state)
{
	struct cmdline_request req = {
		.base = "", .machine = "x86_64", .release = "6.12.1", .cpus = 4, .boot_apicid = 2
	};
	_cleanup_(strv_freep) char **x86 = NULL, **arm = NULL, **one = NULL, **new = NULL;

	x86 = build(&req);
	assert_true(strv_contains(x86, "nr_cpus=4"));
	assert_true(strv_contains(x86, "disable_cpu_apicid=2"));
	assert_true(strv_contains(x86, "irqpoll"));
	req.machine = "aarch64";
	req.base = "irqpoll";
	arm = build(&req);
	assert_true(strv_contains(arm, "nr_cpus=4"));
	assert_int_equal(count_prefix(arm, "disable_cpu_apicid"), 0);
	assert_false(strv_contains(arm, "irqpoll"));
	assert_false(strv_contains(arm, "mce=off"));
	/* A fault of this kernel at a kexec. */
	assert_true(strv_contains(arm, "arm64.nolva") || sysconf(_SC_PAGESIZE) != KIB(4));
	assert_false(strv_contains(x86, "arm64.nolva"));
	req.release = "7.3.4";
	new = build(&req);
	assert_false(strv_contains(new, "arm64.nolva"));
	req.cpus = 1;
	req.machine = "x86_64";
	one = build(&req);
	assert_true(strv_contains(one, "nr_cpus=1"));
	assert_true(strv_contains(one, "disable_cpu_apicid=2"));
}

/* What cmdline_check() says of @text. */
static int check(const char *text, const char *machine, uint64_t header_size)
{
	return cmdline_check(text, machine, header_size, "it", "a knife");
}

/* What we add only for time and memory makes room before the capture kernel is given up. */
static void leaves_out_what_is_optional(void **state)
{
	struct cmdline_request req = { .machine = "x86_64", .cpus = 2 };
	_cleanup_free_ char *all = NULL, *base = NULL, *text = NULL, *left_out = NULL;
	_cleanup_(strv_freep) char **words = NULL, **gone = NULL;
	size_t n;

	req.base = "";
	assert_int_equal(cmdline_build(&req, &all, &left_out), 0);
	assert_string_equal(left_out, "");
	free(left_out);
	/* One byte too little: the word that matters least goes. */
	req.limit = strlen(all);
	assert_int_equal(cmdline_build(&req, &text, &left_out), 0);
	assert_null(strchr(left_out, ' '));
	assert_true(*left_out && strlen(text) == strlen(all) - strlen(left_out) - 1);
	free(text);
	free(left_out);
	/* A word as long as all of it: what must be there is there, and no more. */
	base = calloc(1, 2017);
	assert_non_null(base);
	memset(base, 'a', 1890);
	req.base = base;
	req.limit = 2017;
	assert_int_equal(cmdline_build(&req, &text, &left_out), 0);
	assert_int_equal(check(text, "x86_64", 2047), 0);
	assert_int_equal(strv_split(&words, text, true), 0);
	assert_int_equal(strv_split(&gone, left_out, true), 0);
	assert_true(strv_contains(words, "nr_cpus=2"));
	assert_true(strv_contains(words, "panic=10"));
	assert_true(strv_contains(words, "reset_devices"));
	assert_true(strv_contains(gone, "mitigations=off"));
	n = strv_length(words) - 1;
	free(text);
	free(left_out);
	strv_freep(&words);
	memset(base, 'a', 2000);
	assert_int_equal(cmdline_build(&req, &text, &left_out), 0);
	assert_int_equal(strv_split(&words, text, true), 0);
	assert_true(strv_contains(words, "panic=10") && strv_length(words) - 1 <= n);
	assert_fails(check(text, "x86_64", 2047), -E2BIG, "bytes too long");
}

/* Of two that are equal the last stays, since the last of a name counts. */
static void has_nothing_twice(void **state)
{
	_cleanup_(strv_freep) char **words =
		build_from("console=ttyS0 console=tty0 nvme.x=1 nvme.x=2 nvme.x=1 console=ttyS0");

	assert_string_equal(words[0], "console=tty0");
	assert_string_equal(words[1], "nvme.x=2");
	assert_string_equal(words[2], "nvme.x=1");
	assert_string_equal(words[3], "console=ttyS0");
	assert_int_equal(count_prefix(words, "console=ttyS0"), 1);
}

static void knows_the_limit(void **state)
{
	char text[2100];

	memset(text, 'a', sizeof(text));
	text[2016] = '\0'; /* 2017 bytes with the NUL, and 30 of the kernel's own */
	assert_int_equal(check(text, "x86_64", 2047), 0);
	assert_int_equal(check(text, "x86_64", 0), 0);
	text[2016] = 'a';
	text[2019] = '\0';
	assert_fails(check(text, "x86_64", 2047), -E2BIG,
	             "it is 3 bytes too long (2020, at most 2017): shorten it with a knife");
	assert_int_equal(check(text, "aarch64", 0), 0);
	assert_fails(check(text, "riscv64", 0), -E2BIG, "(2020, at most 1024)");
	assert_int_equal(check(text, "x86_64", 4095), 0);
	text[2019] = 'a';
	text[2048] = '\0';
	assert_fails(check(text, "aarch64", 0), -E2BIG, " 1 bytes too long");
}

/* Each row has what those before it have. */
static void gentler_lines(void **state)
{
	static const char base[] = "console=ttyS0,115200 earlycon pci=nommconf";
	char *append[] = { (char *)"irqpoll", NULL };
	struct cmdline_request req = { .base = base, .machine = "x86_64" };

	for (req.gentler = 0; req.gentler <= GENTLER_ROWS; req.gentler++) {
		_cleanup_(strv_freep) char **words = build(&req);

		assert_int_equal(count_prefix(words, "console="), req.gentler < 1);
		assert_int_equal(count_prefix(words, "earlycon"), req.gentler < 1);
		assert_int_equal(count_prefix(words, "irqpoll"), req.gentler < 2);
		assert_int_equal(count_prefix(words, "reset_devices"), req.gentler < 2);
		assert_int_equal(count_prefix(words, "pci=nommconf"), 1);
		assert_int_equal(count_prefix(words, "panic=10"), 1);
	}
	/* The administrator wins. */
	req.append = append;
	req.gentler = GENTLER_ROWS;
	{
		_cleanup_(strv_freep) char **words = build(&req);

		assert_int_equal(count_prefix(words, "irqpoll"), 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gentler_lines),
		cmocka_unit_test(drops_and_keeps),
		cmocka_unit_test(nothing_from_outside_panics),
		cmocka_unit_test(takes_panic_out_of_a_list),
		cmocka_unit_test(has_own_words_once),
		cmocka_unit_test(takes_nothing_over_from_a_return),
		cmocka_unit_test(keeps_quotes_and_drops_what_is_for_init),
		cmocka_unit_test(settings_remove_and_append),
		cmocka_unit_test(follows_cpus_and_machine),
		cmocka_unit_test(leaves_out_what_is_optional),
		cmocka_unit_test(has_nothing_twice),
		cmocka_unit_test(knows_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
