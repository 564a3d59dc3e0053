// SPDX-License-Identifier: GPL-2.0-or-later
/* test-kexec.c - what the errors of kexec_file_load mean, and when it is asked again. */
#include <errno.h>
#include <linux/kexec.h>
#include <unistd.h>

#include "system/kexec.h"
#include "tests/unit/temptree.h"

/* The system call: busy some times, then @result. */
static struct {
	unsigned busy, calls;
	int result;
	unsigned long flags;
} fake;

static int fake_call(int kernel_fd, int image_fd, const char *cmdline, unsigned long flags)
{
	fake.calls++;
	fake.flags = flags;
	return fake.calls <= fake.busy ? -EBUSY : fake.result;
}

static int load(void **state)
{
	fake.calls = 0;
	return kexec_load_crash(((struct temptree *)*state)->fd, fake_call, 3, 4, "a=b");
}

static void asks_a_busy_kernel_again(void **state)
{
	fake.busy = 2;
	fake.result = 0;
	assert_int_equal(load(state), 0);
	assert_int_equal(fake.calls, 3);
	assert_int_equal(fake.flags, KEXEC_FILE_ON_CRASH);
	fake.calls = 0;
	assert_int_equal(kexec_unload_crash(((struct temptree *)*state)->fd, fake_call), 0);
	assert_int_equal(fake.flags, KEXEC_FILE_ON_CRASH | KEXEC_FILE_UNLOAD);
	/* Where calls are counted, one is enough. */
	temptree_text(*state, "proc/sys/kernel/kexec_load_limit_panic", "5\n");
	assert_fails(load(state), -EBUSY, "stays busy");
	assert_int_equal(fake.calls, 1);
	temptree_text(*state, "proc/sys/kernel/kexec_load_limit_panic", "-1\n");
	assert_int_equal(load(state), 0);
	assert_int_equal(fake.calls, 3);
}

/* The other place: other flags, another limit, other words. */
static void loads_for_a_reboot(void **state)
{
	int fd = ((struct temptree *)*state)->fd;

	fake.busy = fake.calls = 0;
	fake.result = 0;
	assert_int_equal(kexec_load_next(fd, fake_call, 3, 4, "a=b"), 0);
	assert_int_equal(fake.flags, 0);
	assert_int_equal(kexec_load_next(fd, fake_call, 3, -1, "a=b"), 0);
	assert_int_equal(fake.flags, KEXEC_FILE_NO_INITRAMFS);
	assert_int_equal(kexec_unload_next(fd, fake_call), 0);
	assert_int_equal(fake.flags, KEXEC_FILE_UNLOAD);
	temptree_text(*state, "proc/sys/kernel/kexec_load_limit_reboot", "5\n");
	fake.busy = 2;
	fake.calls = 0;
	assert_fails(kexec_load_next(fd, fake_call, 3, 4, "a=b"), -EBUSY, "stays busy");
	assert_int_equal(fake.calls, 1);
	fake.busy = 0;
	fake.result = -EADDRNOTAVAIL;
	assert_fails(kexec_load_next(fd, fake_call, 3, 4, "a"), -EADDRNOTAVAIL, "in one piece");
	fake.result = -EKEYREJECTED;
	assert_fails(kexec_load_next(fd, fake_call, 3, 4, "a"), -EKEYREJECTED, "of this kernel");
}

static void tells_whether_one_is_loaded(void **state)
{
	int fd = ((struct temptree *)*state)->fd;
	bool loaded = true;

	assert_fails(kexec_is_loaded(fd, &loaded), -EOPNOTSUPP, "CONFIG_KEXEC_FILE");
	temptree_text(*state, "sys/kernel/kexec_loaded", "0\n");
	assert_int_equal(kexec_is_loaded(fd, &loaded), 0);
	assert_false(loaded);
	temptree_text(*state, "sys/kernel/kexec/loaded", "1\n");
	assert_int_equal(kexec_is_loaded(fd, &loaded), 0);
	assert_true(loaded);
}

static void tells_the_causes_of_eperm_apart(void **state)
{
	int fd = ((struct temptree *)*state)->fd;

	if (geteuid() != 0) {
		assert_fails(kexec_explain(fd, KEXEC_CAPTURE, -EPERM), -EPERM, "needs root");
		skip();
	}
	assert_fails(kexec_explain(fd, KEXEC_CAPTURE, -EPERM), -EPERM, "CAP_SYS_BOOT is missing");
	temptree_text(*state, "sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
	assert_fails(kexec_explain(fd, KEXEC_CAPTURE, -EPERM), -EPERM, "CAP_SYS_BOOT is missing");
	temptree_text(*state, "sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	assert_fails(kexec_explain(fd, KEXEC_CAPTURE, -EPERM), -EPERM, "is locked down");
	temptree_text(*state, "proc/sys/kernel/kexec_load_limit_panic", "3\n");
	assert_fails(kexec_explain(fd, KEXEC_CAPTURE, -EPERM), -EPERM, "is locked down");
	assert_fails(kexec_explain(fd, KEXEC_NEXT, -EPERM), -EPERM, "is locked down");
	temptree_text(*state, "proc/sys/kernel/kexec_load_limit_panic", "0\n");
	temptree_text(*state, "proc/sys/kernel/kexec_load_limit_reboot", "-1\n");
	assert_fails(kexec_explain(fd, KEXEC_NEXT, -EPERM), -EPERM, "is locked down");
	temptree_text(*state, "proc/sys/kernel/kexec_load_limit_reboot", "0\n");
	assert_fails(kexec_explain(fd, KEXEC_NEXT, -EPERM), -EPERM,
	             "kernel.kexec_load_limit_reboot has run out");
	assert_fails(kexec_explain(fd, KEXEC_CAPTURE, -EPERM), -EPERM,
	             "kernel.kexec_load_limit_panic has run out");
	temptree_text(*state, "proc/sys/kernel/kexec_load_disabled", "1\n");
	assert_fails(kexec_explain(fd, KEXEC_CAPTURE, -EPERM), -EPERM,
	             "kernel.kexec_load_disabled is set");
}

static void gives_each_error_its_words(void **state)
{
	static const struct {
		int error;
		const char *part;
	} rows[] = {
		{ -EADDRNOTAVAIL, "larger crashkernel=" },
		{ -ENOEXEC, "plain bzImage" },
		{ -ENOMEM, "not enough free memory" },
		{ -EKEYREJECTED, "signature" },
		{ -ENOKEY, "enrol its key" },
		{ -ENOSYS, "CONFIG_KEXEC_FILE" },
		{ -EINVAL, "command line" },
		{ -ENOTTY, "Inappropriate ioctl" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		fake.busy = 0;
		fake.result = rows[i].error;
		assert_fails(load(state), rows[i].error, rows[i].part);
		assert_int_equal(fake.calls, 1);
	}
	temptree_text(*state, "sys/firmware/efi/fw_platform_size", "32\n");
	fake.result = -ENOEXEC;
	assert_fails(load(state), -ENOEXEC, "a plain bzImage");
	temptree_dir(*state, "sys/firmware/efi/runtime-map");
	assert_fails(load(state), -ENOEXEC, "32-bit EFI; boot with efi=noruntime");
	temptree_text(*state, "sys/firmware/efi/fw_platform_size", "64\n");
	assert_fails(load(state), -ENOEXEC, "a plain bzImage");
	temptree_text(*state, "sys/kernel/kexec_crash_loaded", "0\n");
	fake.result = -ENOSYS;
	assert_fails(load(state), -ENOSYS, "sandbox");
}

static void set_xen(struct temptree *t, const char *features, const char *guest)
{
	temptree_text(t, "sys/hypervisor/properties/features", features);
	temptree_text(t, "sys/hypervisor/guest_type", guest);
}

/* Only dom0 and PV guests cannot. */
static void knows_where_kexec_is_xens(void **state)
{
	struct temptree *t = *state;

	assert_int_equal(kexec_possible(t->fd), 0);
	set_xen(t, "00000805\n", "PV\n");
	temptree_text(t, "sys/hypervisor/type", "other\n");
	assert_int_equal(kexec_possible(t->fd), 0);
	temptree_text(t, "sys/hypervisor/type", "xen\n");
	assert_fails(kexec_possible(t->fd), -EOPNOTSUPP, "this is dom0 of Xen");
	set_xen(t, "00000805\n", "PVH\n");
	assert_fails(kexec_possible(t->fd), -EOPNOTSUPP, "this is dom0 of Xen");
	set_xen(t, "00000705\n", "PV\n");
	assert_fails(kexec_possible(t->fd), -EOPNOTSUPP, "this is a PV guest of Xen");
	set_xen(t, "00000705\n", "PVH\n");
	assert_int_equal(kexec_possible(t->fd), 0);
	set_xen(t, "00000705\n", "HVM\n");
	assert_int_equal(kexec_possible(t->fd), 0);
	temptree_text(t, "proc/xen/capabilities", "");
	assert_int_equal(kexec_possible(t->fd), 0);
	temptree_text(t, "proc/xen/capabilities", "control_d\n");
	assert_fails(kexec_possible(t->fd), -EOPNOTSUPP, "kexec-tools, with crashkernel= on");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, temptree_setup, temptree_teardown)

/* arm64 alone, with the kernels and the page tables that have the fault. */
static void knows_kernels_that_would_fault(void **state)
{
	static const struct {
		const char *machine, *release;
		uint64_t page;
		unsigned bits;
		bool faults;
	} rows[] = {
		{ "aarch64", "6.12.117+deb13-cloud-arm64", KIB(4), 52, true },
		{ "aarch64", "6.9.0", KIB(4), 52, true },
		{ "aarch64", "6.19.8", KIB(4), 52, true },
		{ "aarch64", "6.8.12", KIB(4), 52, false },
		{ "aarch64", "7.0.1", KIB(4), 52, false },
		{ "aarch64", "6.12.117+deb13-cloud-arm64", KIB(4), 48, false },
		{ "aarch64", "6.12.117+deb13-arm64-16k", KIB(16), 52, false },
		{ "aarch64", "6.12.0", KIB(64), 52, false },
		{ "aarch64", "next", KIB(4), 52, false },
		{ "x86_64", "6.12.117+deb13-amd64", KIB(4), 57, false },
		{ "riscv64", "6.12.117+deb13-riscv64", KIB(4), 57, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (kexec_next_faults(rows[i].machine, rows[i].release, rows[i].page,
		                      rows[i].bits) != rows[i].faults)
			fail_msg("row %zu, %s", i, rows[i].release);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(asks_a_busy_kernel_again),       TEST(loads_for_a_reboot),
		TEST(tells_whether_one_is_loaded),    TEST(tells_the_causes_of_eperm_apart),
		TEST(gives_each_error_its_words),     TEST(knows_where_kexec_is_xens),
		TEST(knows_kernels_that_would_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
