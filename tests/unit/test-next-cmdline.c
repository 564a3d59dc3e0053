// SPDX-License-Identifier: GPL-2.0-or-later
/* test-next-cmdline.c - the command line of a kernel that is started by kexec. */
#include "loader/kexec/next-cmdline.h"
#include "tests/unit/temptree.h"
#include "base/text.h"

#define TAIL "kdump_lite.returned=2 memmap=0x7fee0000@0x100000 disable_cpu_apicid=0"

static void builds(const struct next_cmdline_request *req, const char *expected)
{
	_cleanup_free_ char *line = NULL;

	assert_int_equal(next_cmdline_build(req, &line), 0);
	assert_string_equal(line, expected);
}

static void hands_the_running_one_on(void **state)
{
	builds(
		&(struct next_cmdline_request){
			.running = "elfcorehdr=0x1 BOOT_IMAGE=/vmlinuz root=/dev/vda1 "
				   "initrd=\\initrd ro dyndbg=\"file a +p\" dmcryptkeys=0x2 -- "
				   "single" },
		"root=/dev/vda1 ro dyndbg=\"file a +p\" -- single");
	builds(&(struct next_cmdline_request){ .running = "" }, "");
}

/* An ordinary kexec keeps what the way back from a crash added; the next crash takes it off. */
static void keeps_or_drops_what_a_return_added(void **state)
{
	struct next_cmdline_request req = { .running = "root=/dev/vda1 quiet " TAIL " -- 3" };

	builds(&req, "root=/dev/vda1 quiet " TAIL " -- 3");
	req.after_crash = true;
	builds(&req, "root=/dev/vda1 quiet -- 3");
	req.base = "root=LABEL=x";
	builds(&req, "root=LABEL=x");
	req.after_crash = false;
	builds(&req, "root=LABEL=x " TAIL);
	/* That of the running kernel alone: not what somebody wrote down in the boot loader. */
	req.base = "root=LABEL=x kdump-lite.returned=9 memmap=1G@0 -- 5";
	builds(&req, "root=LABEL=x " TAIL " -- 5");
	req.running = "root=/dev/vda1 -- " TAIL;
	builds(&req, "root=LABEL=x -- 5");
}

static void removes_and_appends(void **state)
{
	char *remove[] = { "quiet", "rd.*", "memmap", NULL };
	char *append[] = { "console=ttyS0", "panic=5", NULL };
	struct next_cmdline_request req = {
		.running = "root=/dev/vda1 quiet rd.x=1 console=ttyS0 console=tty0 " TAIL " -- 3",
		.remove = remove,
		.append = append,
		.extra = "single \"a=b c\"",
		.rsdp = "acpi_rsdp=0x7f",
	};
	_cleanup_free_ char *once = NULL;

	builds(&req, "root=/dev/vda1 console=tty0 acpi_rsdp=0x7f console=ttyS0 panic=5 "
	             "single \"a=b c\" " TAIL " -- 3");
	/* From one kexec to the next nothing piles up, and nothing is lost. */
	assert_int_equal(next_cmdline_build(&req, &once), 0);
	req.running = once;
	builds(&req, once);
	req.after_crash = true;
	builds(&req, "root=/dev/vda1 console=tty0 acpi_rsdp=0x7f console=ttyS0 panic=5 single "
	             "\"a=b c\" -- 3");
}

static void loses(const char *running, const char *line, const char *a, const char *b)
{
	_cleanup_(strv_freep) char **notes = NULL;

	assert_int_equal(next_cmdline_losses(running, line, &notes), 0);
	assert_int_equal(strv_length(notes), (a != NULL) + (b != NULL));
	if (a)
		assert_non_null(strstr(notes[0], a));
	if (b)
		assert_non_null(strstr(notes[1], b));
}

static void tells_what_is_lost(void **state)
{
	const char *crash = "lacks crashkernel=256M, so no memory is reserved for a capture kernel";
	const char *root = "lacks root=/dev/vda1, so the kernel may not find its root";
	const char *empty = "the next command line is empty";

	loses("root=/dev/vda1 crashkernel=256M", "root=LABEL=x crashkernel=1G", NULL, NULL);
	loses("root=/dev/vda1 crashkernel=256M", "root=LABEL=x ro", crash, NULL);
	loses("crashkernel=1G crashkernel=256M", "quiet", crash, NULL);
	loses("root=/dev/vda1 crashkernel=256M", "rootwait crashkernel=1G", root, NULL);
	loses("root=/dev/vda1 crashkernel=256M -- 3", "ro", crash, root);
	loses("root=/dev/vda1", "ro -- root=/dev/vda1", root, NULL);
	loses("quiet -- root=x crashkernel=1M", "quiet", NULL, NULL);
	/* A system that finds its root by itself. */
	loses("BOOT_IMAGE=/vmlinuz initrd=x", "", NULL, NULL);
	loses("", "", NULL, NULL);
	loses("quiet", "", empty, NULL);
	loses("quiet", TAIL, empty, NULL);
	loses("crashkernel=256M", "", empty, crash);
}

static void reads_the_marker(void **state)
{
	uint64_t cpus = 77;

	assert_false(next_cmdline_returned("root=/dev/vda1", &cpus));
	assert_false(next_cmdline_returned("root=/dev/vda1 -- " TAIL, &cpus));
	assert_false(next_cmdline_returned("kdump_lite.returned", &cpus));
	assert_false(next_cmdline_returned("kdump_lite.returned=x", &cpus));
	assert_false(next_cmdline_returned("kdump_lite.returned2=3", &cpus));
	assert_int_equal(cpus, 77);
	assert_true(next_cmdline_returned("root=/dev/vda1 " TAIL " -- 3", &cpus));
	assert_int_equal(cpus, 2);
}

static void knows_a_parked_cpu(void **state)
{
	uint64_t apicid = 77;

	assert_false(next_cmdline_parked("no_ipi_broadcast=1 disable_cpu_apicid=3", &apicid));
	assert_false(next_cmdline_parked("no_ipi_broadcast=1 " TAIL, &apicid));
	assert_false(next_cmdline_parked(TAIL " -- no_ipi_broadcast=1", &apicid));
	assert_int_equal(apicid, 77);
	assert_true(next_cmdline_parked("a kdump_lite.returned=2 no_ipi_broadcast=1", &apicid));
	assert_true(next_cmdline_parked("kdump_lite.returned=2 no_ipi_broadcast=1 "
	                                "disable_cpu_apicid=x -- disable_cpu_apicid=1",
	                                &apicid));
	assert_int_equal(apicid, 77);
	assert_true(next_cmdline_parked("a disable_cpu_apicid=1 kdump_lite.returned=2 "
	                                "no_ipi_broadcast=1 disable-cpu-apicid=4 panic=10",
	                                &apicid));
	assert_int_equal(apicid, 4);
}

static void assert_rsdp(void **state, const char *running, const char *expected)
{
	_cleanup_free_ char *word = NULL;

	assert_int_equal(next_cmdline_rsdp(((struct temptree *)*state)->fd, running, &word), 0);
	if (!expected)
		assert_null(word);
	else
		assert_string_equal(word, expected);
}

static void knows_where_the_tables_are(void **state)
{
	uint8_t params[4096] = {};

	assert_rsdp(state, "a", NULL);
	assert_rsdp(state, "a acpi_rsdp=0x5 b -- c", "acpi_rsdp=0x5");
	assert_rsdp(state, "a -- acpi_rsdp=0x5", NULL);
	temptree_text(*state, "sys/firmware/efi/systab",
	              "ACPI=0x7e014\nACPI20=0x7e000\nSMBIOS=1\n");
	assert_rsdp(state, "a", NULL);
	temptree_bytes(*state, "sys/kernel/boot_params/data", params, sizeof(params));
	assert_rsdp(state, "a", "acpi_rsdp=0x7e000");
	assert_rsdp(state, "acpi_rsdp=0x5", "acpi_rsdp=0x5");
	temptree_text(*state, "sys/firmware/efi/systab", "SMBIOS=0x1\nACPI=0x7e014\n");
	assert_rsdp(state, "a", "acpi_rsdp=0x7e014");
	temptree_text(*state, "sys/firmware/efi/systab", "ACPI20=0xffffffffffffffffff\nXACPI=0x1");
	assert_rsdp(state, "a", NULL);
	temptree_text(*state, "sys/firmware/efi/systab", "ACPI=0x7e014");
	assert_rsdp(state, "a", "acpi_rsdp=0x7e014");
	/* The boot parameters tell; then those that are cut off. */
	params[0x75] = 1;
	temptree_bytes(*state, "sys/kernel/boot_params/data", params, sizeof(params));
	assert_rsdp(state, "a", NULL);
	temptree_bytes(*state, "sys/kernel/boot_params/data", params, 0x74);
	assert_rsdp(state, "a", NULL);
	params[0x75] = 0;
	temptree_bytes(*state, "sys/kernel/boot_params/data", params, sizeof(params));
	temptree_dir(*state, "sys/firmware/efi/runtime-map");
	assert_rsdp(state, "a", NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, temptree_setup, temptree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hands_the_running_one_on),
		cmocka_unit_test(keeps_or_drops_what_a_return_added),
		cmocka_unit_test(removes_and_appends),
		cmocka_unit_test(tells_what_is_lost),
		cmocka_unit_test(reads_the_marker),
		cmocka_unit_test(knows_a_parked_cpu),
		TEST(knows_where_the_tables_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
