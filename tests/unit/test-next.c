// SPDX-License-Identifier: GPL-2.0-or-later
/* test-next.c - the files of the next kernel: by path, and those of the running kernel. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "loader/kexec/next.h"
#include "tests/unit/machine.h"
#include "tests/unit/nextfiles.h"
#include "base/err.h"

#define RELEASE NEXT_RELEASE

static const struct utsname x86 = { .machine = "x86_64", .release = RELEASE };
static const struct utsname arm = { .machine = "aarch64", .release = RELEASE };

/* The four numbers that a boot loader leaves about the initrd. */
static void boot_params(const struct temptree *t, uint32_t size)
{
	uint8_t params[4096] = {};

	for (size_t i = 0; i < 4; i++)
		params[0x21c + i] = size >> (8 * i);
	temptree_bytes(t, "sys/kernel/boot_params/data", params, sizeof(params));
}

/* --- By path --------------------------------------------------------------------------------- */

static void assert_file(const struct temptree *t, const char *path, char *const *initrds,
                        const char *expected)
{
	struct next n = {};

	assert_int_equal(next_file(t->fd, path, initrds, &x86, &n), 0);
	assert_files(&n, expected);
	assert_string_equal(n.id, "");
	assert_string_equal(n.title, path);
	next_done(&n);
}

static void file_with_the_initrd_of_its_name(void **state)
{
	static const char *const pairs[][2] = {
		{ "/boot/vmlinuz-" RELEASE, "/boot/initrd.img-" RELEASE },
		{ "/fedora/vmlinuz-" RELEASE, "/fedora/initramfs-" RELEASE ".img" },
		{ "/suse/vmlinuz-" RELEASE, "/suse/initrd-" RELEASE },
		{ "/suse/Image-" RELEASE, "/suse/initrd-" RELEASE },
		{ "/alpine/vmlinuz-lts", "/alpine/initramfs-lts" },
		{ "/arch/vmlinuz-linux-lts", "/arch/initramfs-linux-lts.img" },
		{ "/mageia/vmlinuz-" RELEASE, "/mageia/initrd-" RELEASE ".img" },
		{ "/gentoo/kernel-" RELEASE, "/gentoo/initramfs-" RELEASE ".img" },
		{ "/efi/abc/" RELEASE "/linux", "/efi/abc/" RELEASE "/initrd" },
		{ "/live/vmlinuz", "/live/initrd.img" },
		{ "/usr/lib/modules/" RELEASE "/vmlinuz",
		  "/usr/lib/modules/" RELEASE "/initramfs.img" },
	};
	struct temptree *t = *state;

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		char expected[512];

		machine_bzimage(t, pairs[i][0] + 1, RELEASE);
		assert_file(t, pairs[i][0], NULL, pairs[i][0]);
		temptree_text(t, pairs[i][1] + 1, "cpio");
		snprintf(expected, sizeof(expected), "%s %s", pairs[i][0], pairs[i][1]);
		assert_file(t, pairs[i][0], NULL, expected);
		assert_int_equal(unlinkat(t->fd, pairs[i][1] + 1, 0), 0);
	}
}

static void file_by_a_link(void **state)
{
	struct temptree *t = *state;

	machine_bzimage(t, "boot/vmlinuz-" RELEASE, RELEASE);
	temptree_link(t, "vmlinuz", "boot/vmlinuz-" RELEASE);
	temptree_text(t, "initrd.img", "cpio");
	assert_file(t, "/vmlinuz", NULL, "/vmlinuz /initrd.img");
	temptree_text(t, "boot/initrd.img-" RELEASE, "cpio");
	assert_file(t, "/vmlinuz", NULL, "/vmlinuz /boot/initrd.img-" RELEASE);
}

static void file_among_the_modules(void **state)
{
	struct temptree *t = *state;

	machine_bzimage(t, "usr/lib/modules/6.9/vmlinuz", "6.9");
	temptree_text(t, "etc/machine-id", "abc\n");
	temptree_text(t, "efi/abc/6.9/initrd", "cpio");
	assert_file(t, "/usr/lib/modules/6.9/vmlinuz", NULL,
	            "/usr/lib/modules/6.9/vmlinuz /efi/abc/6.9/initrd");
	temptree_text(t, "etc/kernel/entry-token", " debian\n");
	temptree_text(t, "boot/debian/6.9/initrd", "cpio");
	assert_file(t, "/usr/lib/modules/6.9/vmlinuz", NULL,
	            "/usr/lib/modules/6.9/vmlinuz /boot/debian/6.9/initrd");
	temptree_text(t, "boot/initramfs-6.9.img", "cpio");
	assert_file(t, "/usr/lib/modules/6.9/vmlinuz", NULL,
	            "/usr/lib/modules/6.9/vmlinuz /boot/initramfs-6.9.img");
}

static void file_with_given_initrds(void **state)
{
	char *two[] = { "/a", "b", NULL }, *none[] = { "", NULL },
	     *gone[] = { "/a", "/gone", NULL };
	char *dir[] = { "/boot", NULL }, *empty[] = { "/e", NULL };
	struct temptree *t = *state;
	struct next n = {};

	machine_bzimage(t, "boot/vmlinuz-" RELEASE, RELEASE);
	temptree_text(t, "boot/initrd.img-" RELEASE, "cpio");
	temptree_text(t, "a", "cpio");
	temptree_text(t, "b", "cpio");
	temptree_text(t, "e", "");
	assert_file(t, "/boot/vmlinuz-" RELEASE, two, "/boot/vmlinuz-" RELEASE " /a /b");
	assert_file(t, "/boot/vmlinuz-" RELEASE, none, "/boot/vmlinuz-" RELEASE);
	assert_fails(next_file(t->fd, "/boot/vmlinuz-" RELEASE, gone, &x86, &n), -ENOENT,
	             "/gone: No such file or directory");
	assert_fails(next_file(t->fd, "/boot/vmlinuz-" RELEASE, dir, &x86, &n), -EINVAL,
	             "/boot: is no file");
	assert_fails(next_file(t->fd, "/boot/vmlinuz-" RELEASE, empty, &x86, &n), -ENODATA,
	             "/e: is empty");
	assert_null(n.kernel.path);
}

static void file_that_is_no_kernel(void **state)
{
	static char text[4096];
	struct temptree *t = *state;
	struct next n = {};

	memset(text, 'x', sizeof(text));
	assert_fails(next_file(t->fd, "/boot/vmlinuz-9.9", NULL, &x86, &n), -ENOENT,
	             "/boot/vmlinuz-9.9: No such file or directory");
	temptree_text(t, "k", "");
	assert_fails(next_file(t->fd, "/k", NULL, &x86, &n), -ENODATA, "/k: is empty");
	temptree_text(t, "k", "hello\n");
	assert_fails(next_file(t->fd, "/k", NULL, &x86, &n), -ENOEXEC,
	             "/k: is cut short, or no kernel: it has only 6 bytes");
	temptree_bytes(t, "k", text, sizeof(text));
	assert_fails(next_file(t->fd, "/k", NULL, &x86, &n), -ENOEXEC, "/k: is no bzImage");
	memcpy(text + 64, (uint32_t[3]){ 0x1badb002, 3, 0u - 0x1badb002 - 3 }, 12);
	temptree_bytes(t, "xen", text, sizeof(text));
	assert_fails(next_file(t->fd, "/xen", NULL, &x86, &n), -ENOEXEC,
	             "/xen: is a Multiboot program such as Xen");
	assert_fails(next_file(t->fd, "/", NULL, &x86, &n), -EINVAL, "/: is no file");
	assert_int_equal(mkfifoat(t->fd, "fifo", 0600), 0);
	assert_fails(next_file(t->fd, "/fifo", NULL, &x86, &n), -EINVAL, "/fifo: is no file");
}

static void images_tell_their_release(void **state)
{
	struct temptree *t = *state;
	struct next n = {};

	machine_kernel(t, "boot/Image", "aarch64", "6.13-x");
	temptree_text(t, "boot/initrd.img-6.13-x", "cpio");
	assert_int_equal(next_file(t->fd, "boot/Image", NULL, &arm, &n), 0);
	assert_files(&n, "/boot/Image /boot/initrd.img-6.13-x");
	assert_string_equal(n.release, "6.13-x");
	next_done(&n);
	temptree_text(t, "boot/Image", "no kernel");
	assert_fails(next_file(t->fd, "boot/Image", NULL, &arm, &n), -ENOEXEC,
	             "boot/Image: is no Image, the only kind of kernel that can be loaded on this "
	             "machine; name one, plain or packed");
	machine_kernel(t, "boot/Image", "riscv64", "6.13-x");
	assert_fails(next_file(t->fd, "boot/Image", NULL, &arm, &n), -ENOEXEC,
	             "boot/Image: is a kernel for riscv64, and this machine is aarch64; use one");
}

static void file_for_another_machine(void **state)
{
	static const struct utsname power = { .machine = "ppc64le", .release = RELEASE };
	struct temptree *t = *state;
	struct next n = {};

	temptree_text(t, "boot/vmlinuz-6", "vmlinux");
	temptree_text(t, "boot/initrd.img-6", "cpio");
	assert_int_equal(next_file(t->fd, "boot/vmlinuz-6", NULL, &power, &n), 0);
	assert_files(&n, "/boot/vmlinuz-6 /boot/initrd.img-6");
	assert_string_equal(n.release, "");
	assert_null(n.options);
	next_done(&n);
}

static void cuts(const struct temptree *t, const char *path, size_t good)
{
	_cleanup_close_ int fd = openat(t->fd, path, O_RDWR | O_CLOEXEC);
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	for (off_t len = st.st_size; len-- > 0;) {
		struct next n = {};
		int r;

		assert_int_equal(ftruncate(fd, len), 0);
		r = next_file(t->fd, "/image", NULL, &x86, &n);
		if ((size_t)len >= good) {
			assert_int_equal(r, 0);
			next_done(&n);
			continue;
		}
		assert_fails(r,
		             len == 0        ? -ENODATA
		             : r == -ENOEXEC ? -ENOEXEC
		                             : -EBADMSG,
		             len == 0 ? "/image: is empty" : "/image: is cut short");
	}
}

/* Only what fills up the last section may be missing. */
static void truncated_images(void **state)
{
	const struct machine_section sections[] = {
		{ ".osrel", "ID=x" },
		{ ".cmdline", "quiet" },
		{ ".linux", NULL, BZIMAGE_SIZE },
		{ ".initrd", "cpio" },
	};
	struct machine_section copy[ARRAY_SIZE(sections)];
	uint8_t image[BZIMAGE_SIZE];

	machine_bzimage(*state, "image", RELEASE);
	cuts(*state, "image", BZIMAGE_SIZE);
	machine_bzimage_bytes(image, RELEASE);
	memcpy(copy, sections, sizeof(copy));
	copy[2].data = image;
	machine_pe(*state, "image", copy, ARRAY_SIZE(copy));
	/* Headers take two places, osrel and cmdline one each. */
	cuts(*state, "image", 4 * MACHINE_PE_ALIGN + BZIMAGE_SIZE + strlen("cpio"));
}

static void unified_file(void **state)
{
	char *none[] = { "", NULL }, *one[] = { "/a", NULL };
	struct temptree *t = *state;
	struct machine_uki bare = { .osrel = "ID=x", .release = "6.9" };
	struct machine_uki image = { .osrel = "ID=x", .release = "6.9", .machine = "aarch64" };
	struct next n = {};

	machine_uki(t, "x.efi", &next_uki);
	temptree_text(t, "a", "cpio");
	assert_file(t, "/x.efi", NULL,
	            PLACE_LINUX "/x.efi " PLACE_UCODE "/x.efi " PLACE_INITRD "/x.efi");
	assert_file(t, "/x.efi", none, PLACE_LINUX "/x.efi");
	assert_file(t, "/x.efi", one, PLACE_LINUX "/x.efi /a");
	assert_int_equal(next_file(t->fd, "/x.efi", NULL, &x86, &n), 0);
	assert_string_equal(n.options, "root=/dev/vda1");
	assert_string_equal(n.release, RELEASE);
	next_done(&n);
	machine_uki(t, "arm.efi", &image);
	assert_int_equal(next_file(t->fd, "/arm.efi", NULL, &arm, &n), 0);
	assert_string_equal(n.release, "6.9");
	next_done(&n);
	machine_uki(t, "y.efi", &bare);
	assert_int_equal(next_file(t->fd, "/y.efi", NULL, &x86, &n), 0);
	assert_files(&n, "1024+4096:/y.efi");
	assert_null(n.options);
	assert_string_equal(n.release, "6.9");
	next_done(&n);
}

/* --- What runs ------------------------------------------------------------------------------- */

static void assert_running(const struct temptree *t, const struct utsname *uts,
                           const char *expected)
{
	struct next n = {};

	assert_int_equal(next_running(t->fd, uts, &n), 0);
	assert_files(&n, expected);
	assert_string_equal(n.id, "");
	assert_string_equal(n.title, n.kernel.path);
	assert_string_equal(n.release, RELEASE);
	assert_null(n.options);
	next_done(&n);
}

static void running_by_names(void **state)
{
	static const char *const initrds[] = {
		"/boot/initramfs-" RELEASE ".img",
		"/boot/initrd.img-" RELEASE,
	};
	struct temptree *t = *state;

	machine_bzimage(t, "boot/vmlinuz-" RELEASE, RELEASE);
	assert_running(t, &x86, "/boot/vmlinuz-" RELEASE);
	for (size_t i = 0; i < ARRAY_SIZE(initrds); i++) {
		char expected[512];

		temptree_text(t, initrds[i] + 1, "cpio");
		snprintf(expected, sizeof(expected), "/boot/vmlinuz-" RELEASE " %s", initrds[i]);
		assert_running(t, &x86, expected);
		machine_kernel(t, "boot/vmlinuz-" RELEASE, "aarch64", RELEASE);
		assert_running(t, &arm, expected);
		machine_bzimage(t, "boot/vmlinuz-" RELEASE, RELEASE);
	}
}

static void running_arch(void **state)
{
	struct temptree *t = *state;

	machine_bzimage(t, "boot/vmlinuz-linux", "6.9");
	machine_bzimage(t, "boot/vmlinuz-linux-lts", RELEASE);
	temptree_text(t, "boot/initramfs-linux.img", "cpio");
	temptree_text(t, "boot/initramfs-linux-lts.img", "cpio");
	assert_running(t, &x86, "/boot/vmlinuz-linux-lts /boot/initramfs-linux-lts.img");
}

static void running_among_the_modules(void **state)
{
	struct temptree *t = *state;

	machine_bzimage(t, "usr/lib/modules/" RELEASE "/vmlinuz", RELEASE);
	temptree_text(t, "etc/machine-id", "abc\n");
	temptree_text(t, "boot/efi/abc/" RELEASE "/initrd", "cpio");
	assert_running(t, &x86,
	               "/usr/lib/modules/" RELEASE "/vmlinuz /boot/efi/abc/" RELEASE "/initrd");
}

static void running_with_or_without_initrd(void **state)
{
	struct temptree *t = *state;
	struct next n = {};

	machine_bzimage(t, "boot/vmlinuz-" RELEASE, RELEASE);
	boot_params(t, 4096);
	assert_fails(next_running(t->fd, &x86, &n), -ENOENT,
	             "/boot/vmlinuz-" RELEASE ": the running kernel was started with an initrd");
	boot_params(t, 0);
	assert_running(t, &x86, "/boot/vmlinuz-" RELEASE);
	/* It did without. */
	temptree_text(t, "boot/initrd.img-" RELEASE, "cpio");
	assert_running(t, &x86, "/boot/vmlinuz-" RELEASE);
	boot_params(t, 0x80000000);
	assert_running(t, &x86, "/boot/vmlinuz-" RELEASE " /boot/initrd.img-" RELEASE);
	temptree_text(t, "sys/kernel/boot_params/data", "short");
	assert_running(t, &x86, "/boot/vmlinuz-" RELEASE " /boot/initrd.img-" RELEASE);
}

static void running_by_entry(void **state)
{
	struct temptree *t = *state;

	temptree_text(t, "boot/loader/entries/new.conf", "linux /vmlinuz-6.9\n");
	temptree_text(t, "boot/loader/entries/gone.conf", "linux /gone\n");
	temptree_text(t, "boot/loader/entries/b.conf",
	              "title B\nlinux /vmlinuz-" RELEASE "\ninitrd /ucode\ninitrd /i\noptions x\n");
	temptree_text(t, "boot/loader/entries/a.conf", "linux /vmlinuz-" RELEASE "\ninitrd /i\n");
	temptree_text(t, "boot/loader/entries/none.conf", "linux /vmlinuz-" RELEASE "\n");
	machine_bzimage(t, "boot/vmlinuz-6.9", "6.9");
	machine_bzimage(t, "boot/vmlinuz-" RELEASE, RELEASE);
	temptree_text(t, "boot/initrd.img-" RELEASE, "cpio");
	temptree_text(t, "boot/i", "cpio");
	temptree_text(t, "boot/ucode", "microcode");
	boot_params(t, 1);
	assert_running(t, &x86, "/boot/vmlinuz-" RELEASE " /boot/ucode /boot/i");
	machine_kernel(t, "boot/vmlinuz-" RELEASE, "aarch64", RELEASE);
	assert_running(t, &arm, "/boot/vmlinuz-" RELEASE " /boot/ucode /boot/i");
	machine_bzimage(t, "boot/vmlinuz-" RELEASE, RELEASE);
	machine_efivar(t, "LoaderEntrySelected", "a.conf");
	assert_running(t, &x86, "/boot/vmlinuz-" RELEASE " /boot/i");
	machine_efivar(t, "LoaderEntrySelected", "new.conf");
	assert_running(t, &x86, "/boot/vmlinuz-" RELEASE " /boot/ucode /boot/i");
}

/* Two systems of one machine may have kernels of the same version. */
static void running_is_not_of_another_system(void **state)
{
	struct temptree *t = *state;

	temptree_text(t, "etc/machine-id", "abc\n");
	temptree_text(t, "boot/loader/entries/a.conf", "machine-id def\nlinux /def/linux\n");
	machine_bzimage(t, "boot/def/linux", RELEASE);
	machine_bzimage(t, "boot/vmlinuz-" RELEASE, RELEASE);
	assert_running(t, &x86, "/boot/vmlinuz-" RELEASE);
	temptree_text(t, "boot/loader/entries/a.conf", "machine-id abc\nlinux /def/linux\n");
	assert_running(t, &x86, "/boot/def/linux");
}

/* Of an image that tells nothing. */
static void running_by_the_version_of_an_entry(void **state)
{
	struct temptree *t = *state;
	struct next n = {};

	machine_kernel(t, "boot/Image", "aarch64", NULL);
	temptree_text(t, "boot/i", "cpio");
	temptree_text(t, "boot/loader/entries/a.conf", "linux /Image\ninitrd /i\n");
	assert_fails(next_running(t->fd, &arm, &n), -ENOENT, "no image of the running kernel");
	temptree_text(t, "boot/loader/entries/a.conf",
	              "version " RELEASE "\nlinux /Image\ninitrd /i\n");
	assert_running(t, &arm, "/boot/Image /boot/i");
	machine_kernel(t, "boot/m/" RELEASE "/linux", "aarch64", NULL);
	temptree_text(t, "boot/loader/entries/a.conf", "linux /m/" RELEASE "/linux\ninitrd /i\n");
	assert_running(t, &arm, "/boot/m/" RELEASE "/linux /boot/i");
	machine_kernel(t, "boot/x-" RELEASE "-rt", "aarch64", NULL);
	temptree_text(t, "boot/loader/entries/a.conf", "linux /x-" RELEASE "-rt\ninitrd /i\n");
	assert_fails(next_running(t->fd, &arm, &n), -ENOENT, "no image of the running kernel");
}

static void running_unified(void **state)
{
#define UKI "/efi/EFI/Linux/x.efi"
	static const char expected[] = PLACE_LINUX UKI " " PLACE_UCODE UKI " " PLACE_INITRD UKI;
	struct temptree *t = *state;
	struct next n = {};

	machine_uki(t, UKI + 1, &next_uki);
	boot_params(t, 1);
	assert_running(t, &x86, expected);
	/* The kernel alone lies about as well, as Fedora has it. */
	machine_bzimage(t, "usr/lib/modules/" RELEASE "/vmlinuz", RELEASE);
	assert_running(t, &x86, expected);
	temptree_text(t, "boot/initrd.img-" RELEASE, "cpio");
	assert_running(t, &x86, "/usr/lib/modules/" RELEASE "/vmlinuz /boot/initrd.img-" RELEASE);
	machine_efivar(t, "StubInfo", "systemd-stub 257");
	assert_running(t, &x86, expected);
	machine_uki(t, UKI + 1, &(struct machine_uki){ .osrel = "ID=x", .release = "6.9" });
	assert_running(t, &x86, "/usr/lib/modules/" RELEASE "/vmlinuz /boot/initrd.img-" RELEASE);
	assert_int_equal(unlinkat(t->fd, "usr/lib/modules/" RELEASE "/vmlinuz", 0), 0);
	assert_fails(next_running(t->fd, &x86, &n), -ENOENT, "no image of the running kernel");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, temptree_setup, temptree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(file_with_the_initrd_of_its_name),
		TEST(file_by_a_link),
		TEST(file_among_the_modules),
		TEST(file_with_given_initrds),
		TEST(file_that_is_no_kernel),
		TEST(images_tell_their_release),
		TEST(file_for_another_machine),
		TEST(truncated_images),
		TEST(unified_file),
		TEST(running_by_names),
		TEST(running_arch),
		TEST(running_among_the_modules),
		TEST(running_with_or_without_initrd),
		TEST(running_by_entry),
		TEST(running_is_not_of_another_system),
		TEST(running_by_the_version_of_an_entry),
		TEST(running_unified),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
