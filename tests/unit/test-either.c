// SPDX-License-Identifier: GPL-2.0-or-later
/* test-either.c - kexec_load(2) takes the place of kexec_file_load(2) where that is missing. */
#include <errno.h>
#include <fcntl.h>
#include <linux/kexec.h>

#include "loader/image/capture-load.h"
#include "loader/image/current.h"
#include "segments/either.h"
#include "loader/system/armed.h"
#include "loader/system/unwrap.h"
#include "tests/unit/armbox.h"
#include "tests/unit/gzip.h"
#include "tests/unit/machine.h"
#include "base/err.h"
#include "base/text.h"

#define KERNEL "boot/vmlinuz-" MACHINE_RELEASE

static struct world {
	struct armbox box;
	struct settings settings;
	struct utsname uts;
	int file_result, results[4]; /* of the one call, and of the next of the other */
	bool takes_images;           /* the one call does */
	unsigned file_calls, calls;
	unsigned long flags;
	uint64_t entry;
	size_t n, kernel_len, initrd_len;
	uint8_t kernel[4096];
} w;

static int fake_files(int kernel_fd, int image_fd, const char *cmdline, unsigned long flags)
{
	char magic[4] = "";

	w.file_calls++;
	if (w.takes_images)
		return pread(kernel_fd, magic, 4, 56) == 4 && memcmp(magic, "ARM\x64", 4) == 0
		               ? 0
		               : -EINVAL;
	return w.file_result;
}

/* As the kernel does it: the old one goes first. */
static int fake_pieces(uint64_t entry, const struct kexec_piece *pieces, size_t n,
                       unsigned long flags)
{
	int r = w.calls < ARRAY_SIZE(w.results) ? w.results[w.calls] : 0;

	w.calls++;
	w.flags = flags;
	w.entry = entry;
	w.n = n;
	w.kernel_len = pieces[0].len;
	memcpy(w.kernel, pieces[0].data, MIN(pieces[0].len, sizeof(w.kernel)));
	w.initrd_len = pieces[1].len;
	temptree_text(&w.box.tree, "sys/kernel/kexec_crash_loaded", r < 0 ? "0\n" : "1\n");
	return r;
}

static int setup_on(const char *machine)
{
	w = (struct world){ .file_result = -ENOSYS };
	machine_make(&w.box.tree);
	armbox_describe(&w.box, machine);
	temptree_bytes(&w.box.tree, KERNEL, w.box.kernel, sizeof(w.box.kernel));
	temptree_bytes(&w.box.tree, "boot/image", w.box.initrd, sizeof(w.box.initrd));
	strcpy(w.uts.machine, w.box.machine);
	strcpy(w.uts.release, MACHINE_RELEASE);
	return settings_init(&w.settings);
}

static int setup(void **state)
{
	return setup_on("aarch64");
}

static int setup_riscv64(void **state)
{
	return setup_on("riscv64");
}

static int teardown(void **state)
{
	settings_done(&w.settings);
	temptree_remove(&w.box.tree);
	return 0;
}

static int load(enum kexec_place place, uint32_t *ret_digest)
{
	_cleanup_close_ int kernel_fd = openat(w.box.tree.fd, KERNEL, O_RDONLY | O_CLOEXEC);
	_cleanup_close_ int image_fd = openat(w.box.tree.fd, "boot/image", O_RDONLY | O_CLOEXEC);
	const struct either_request req = {
		.root_fd = w.box.tree.fd,
		.machine = w.uts.machine,
		.unwrap = kernel_unwrap,
		.place = place,
		.kernel_fd = kernel_fd,
		.image_fd = image_fd,
		.cmdline = "a=b",
		.what = "/" KERNEL,
		.files = fake_files,
		.pieces = fake_pieces,
	};

	w.calls = w.file_calls = 0;
	return either_load(&req, ret_digest);
}

static void assert_refused(int error, const char *text)
{
	uint32_t digest;

	assert_fails(load(KEXEC_CAPTURE, &digest), error, text);
	assert_int_equal(w.calls, 0);
}

static void takes_the_second_call(void **state)
{
	bool riscv = streq(w.uts.machine, "riscv64");
	uint32_t digest = 0;

	assert_int_equal(load(KEXEC_CAPTURE, &digest), 0);
	assert_int_equal(w.file_calls, 1);
	assert_int_equal(w.calls, 1);
	assert_int_equal(w.flags, KEXEC_ON_CRASH | (riscv ? KEXEC_ARCH_RISCV : KEXEC_ARCH_AARCH64));
	assert_int_equal(w.n, riscv ? 4 : 5);
	assert_int_not_equal(w.entry, 0);
	assert_int_equal(w.kernel_len, sizeof(w.box.kernel));
	assert_memory_equal(w.kernel, w.box.kernel, sizeof(w.kernel));
	assert_int_equal(w.initrd_len, sizeof(w.box.initrd));
	assert_int_not_equal(digest, 0);
	assert_int_equal(load(KEXEC_NEXT, &digest), 0);
	assert_int_equal(w.flags, riscv ? KEXEC_ARCH_RISCV : KEXEC_ARCH_AARCH64);
}

static void only_where_the_first_is_missing(void **state)
{
	uint32_t digest = 1;

	w.file_result = 0;
	assert_int_equal(load(KEXEC_CAPTURE, &digest), 0);
	assert_int_equal(digest, 0);
	assert_int_equal(w.calls, 0);
	w.file_result = -EADDRNOTAVAIL;
	assert_refused(-EADDRNOTAVAIL, "larger crashkernel=");
	w.file_result = -ENOSYS;
	strcpy(w.uts.machine, "ppc64le");
	assert_refused(-ENOSYS, "CONFIG_KEXEC_FILE");
}

static void says_when_both_are_missing(void **state)
{
	uint32_t digest;

	w.results[0] = -ENOSYS;
	assert_fails(load(KEXEC_CAPTURE, &digest), -ENOSYS,
	             "a capture kernel cannot be loaded: the kernel is built without kexec "
	             "(CONFIG_KEXEC_FILE and CONFIG_KEXEC); boot another kernel");
	assert_int_equal(w.calls, 1);
}

static void asks_a_busy_kernel_again(void **state)
{
	uint32_t digest;

	w.results[0] = w.results[1] = -EBUSY;
	assert_int_equal(load(KEXEC_CAPTURE, &digest), 0);
	assert_int_equal(w.calls, 3);
}

static void says_what_lockdown_forbids(void **state)
{
	temptree_text(&w.box.tree, "sys/kernel/security/lockdown",
	              "none [integrity] confidentiality\n");
	assert_refused(-EPERM, "a capture kernel cannot be loaded: the kernel is locked down");
}

static void drops_nothing_for_what_cannot_be_built(void **state)
{
	temptree_text(&w.box.tree, KERNEL, "this is no kernel");
	assert_refused(-ENOEXEC, "/" KERNEL ": is no Image");
	temptree_bytes(&w.box.tree, KERNEL, w.box.kernel, sizeof(w.box.kernel));
	temptree_text(&w.box.tree, "proc/iomem", "40000000-7fffffff : System RAM\n");
	assert_refused(-ENODATA, "no memory that is reserved");
}

static void unpacks_the_kernel(void **state)
{
	uint8_t packed[2 * sizeof(w.box.kernel)];
	uint32_t digest = 1;

	temptree_bytes(&w.box.tree, KERNEL, packed,
	               gzip_pack(w.box.kernel, sizeof(w.box.kernel), packed, sizeof(packed)));
	assert_int_equal(load(KEXEC_CAPTURE, &digest), 0);
	assert_int_equal(w.kernel_len, sizeof(w.box.kernel));
	assert_memory_equal(w.kernel, w.box.kernel, sizeof(w.kernel));
	w.takes_images = true;
	assert_int_equal(load(KEXEC_CAPTURE, &digest), 0);
	assert_int_equal(w.file_calls, 2);
	assert_int_equal(w.calls, 0);
	assert_int_equal(digest, 0);
}

/* --- As "kdump-lite load" and "kdump-lite status" use it ------------------------------------- */

static struct prepare_request request(void)
{
	return (struct prepare_request){ .root_fd = w.box.tree.fd,
		                         .settings = &w.settings,
		                         .uts = &w.uts,
		                         .program = MACHINE_PROGRAM };
}

static int arm(bool always)
{
	const struct capture_load_request req = {
		.prepare = request(), .kexec = fake_files, .pieces = fake_pieces, .always = always
	};
	_cleanup_(armed_done) struct armed a = {};

	w.calls = 0;
	return capture_load(&req, &a);
}

/* What status shows as changed. */
static void assert_changed(const char *expected)
{
	_cleanup_(strv_freep) char **list = NULL;
	_cleanup_(armed_done) struct armed armed = {};
	_cleanup_free_ char *text = NULL;
	const struct prepare_request req = request();

	assert_int_equal(armed_check(w.box.tree.fd, &armed, NULL), 0);
	assert_int_not_equal(armed.digest, 0);
	assert_int_equal(current_look(&req, &armed, &list), 0);
	assert_int_equal(strv_join(list, "\n", &text), 0);
	assert_string_equal(text, expected);
}

static void is_armed_by_it(void **state)
{
	assert_int_equal(arm(false), 0);
	assert_int_equal(w.calls, 1);
	assert_changed("");
	assert_int_equal(arm(false), 1);
	assert_int_equal(w.calls, 0);
	/* The notes of a CPU have moved, of which no fact of the load tells. */
	temptree_text(&w.box.tree, "sys/devices/system/cpu/cpu1/crash_notes", "13fe00800\n");
	assert_changed("the tables of the capture kernel, as where memory is and where CPUs leave "
	               "their registers, would now be others");
	assert_int_equal(arm(false), 0);
	assert_int_equal(w.calls, 1);
	assert_changed("");
}

static void is_armed_anew_after_a_failure(void **state)
{
	assert_int_equal(arm(false), 0);
	w.results[0] = -EADDRNOTAVAIL;
	assert_fails(arm(true), -EADDRNOTAVAIL, "the one loaded before is armed again");
	assert_int_equal(w.calls, 2);
	assert_changed("");
}

/* Memory that is plugged in or taken out, of which the kernel has the tables of the load. */
static void other_tables_are_loaded_for_other_memory(void **state)
{
	_cleanup_free_ char *iomem = temptree_read(&w.box.tree, "proc/iomem"), *more = NULL;

	assert_int_equal(arm(false), 0);
	assert_int_equal(text_printf(&more, "%s200000000-23fffffff : System RAM\n", iomem), 0);
	temptree_text(&w.box.tree, "proc/iomem", more);
	assert_changed("memory: 1.0G more than when armed");
	assert_int_equal(arm(false), 0);
	assert_int_equal(w.calls, 1);
	assert_changed("");
	assert_int_equal(arm(false), 1);
	temptree_text(&w.box.tree, "proc/iomem", iomem);
	assert_int_equal(arm(false), 0);
	assert_int_equal(w.calls, 1);
	assert_changed("");
}

/* What an Image needs is held against the reservation, and decides on the CPUs. */
static void an_image_tells_what_it_needs(void **state)
{
	_cleanup_(armed_done) struct armed a = {};

	temptree_text(&w.box.tree, "sys/devices/system/cpu/online", "0-3\n");
	assert_int_equal(arm(false), 0);
	assert_int_equal(armed_read(w.box.tree.fd, &a), 0);
	assert_int_equal(a.cpus, 4);
	assert_string_equal(a.cpus_why, "all that are online");
	temptree_text(&w.box.tree, "proc/iomem",
	              "40000000-7fffffff : System RAM\n  70000000-72ffffff : Crash kernel\n");
	temptree_text(&w.box.tree, "sys/kernel/kexec_crash_size", "50331648\n");
	assert_fails(arm(true), -ENOSPC,
	             "the memory reserved for the capture kernel is too small: 48.0M of the ");
	assert_int_equal(w.calls, 0);
}

static void other_tables_are_loaded_for_other_cpus(void **state)
{
	temptree_text(&w.box.tree, "sys/devices/system/cpu/present", "0-1\n");
	assert_int_equal(arm(false), 0);
	temptree_text(&w.box.tree, "sys/devices/system/cpu/present", "0-2\n");
	temptree_text(&w.box.tree, "sys/devices/system/cpu/cpu2/crash_notes", "13fe00800\n");
	temptree_text(&w.box.tree, "sys/devices/system/cpu/cpu2/crash_notes_size", "436\n");
	assert_int_equal(arm(false), 0);
	assert_int_equal(w.calls, 1);
	assert_changed("");
}

#define ON(setup, test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(setup, takes_the_second_call),
		ON(setup_riscv64, takes_the_second_call),
		ON(setup, only_where_the_first_is_missing),
		ON(setup, says_when_both_are_missing),
		ON(setup, asks_a_busy_kernel_again),
		ON(setup, says_what_lockdown_forbids),
		ON(setup, drops_nothing_for_what_cannot_be_built),
		ON(setup, unpacks_the_kernel),
		ON(setup, is_armed_by_it),
		ON(setup, is_armed_anew_after_a_failure),
		ON(setup, other_tables_are_loaded_for_other_cpus),
		ON(setup_riscv64, other_tables_are_loaded_for_other_cpus),
		ON(setup, other_tables_are_loaded_for_other_memory),
		ON(setup_riscv64, other_tables_are_loaded_for_other_memory),
		ON(setup, an_image_tells_what_it_needs),
		ON(setup_riscv64, an_image_tells_what_it_needs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
