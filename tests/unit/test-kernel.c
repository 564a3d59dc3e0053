// SPDX-License-Identifier: GPL-2.0-or-later
/* test-kernel.c - finding the kernel image and telling what it is. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "loader/system/kernel.h"
#include "tests/unit/gzip.h"
#include "tests/unit/machine.h"

#define RELEASE "6.6.7-arch1-1"

static const struct utsname x86 = { .machine = "x86_64", .release = RELEASE };

static void assert_finds(const struct temptree *t, const struct utsname *uts, const char *path)
{
	struct kernel k = KERNEL_NULL;

	assert_int_equal(kernel_find(t->fd, "", uts, &k), 0);
	assert_string_equal(k.path, path);
	assert_string_equal(k.release, RELEASE);
	assert_true(k.fd >= 0);
	kernel_done(&k);
}

static void in_order_of_places(void **state)
{
	static const char *const places[] = {
		"/boot/vmlinuz-linux",
		"/lib/modules/" RELEASE "/vmlinuz",
		"/boot/Image-" RELEASE,
		"/boot/vmlinux-" RELEASE,
		"/usr/lib/modules/" RELEASE "/vmlinuz",
		"/boot/vmlinuz-" RELEASE,
	};

	/* Each takes precedence over those before. */
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		machine_bzimage(*state, places[i] + 1, RELEASE);
		assert_finds(*state, &x86, places[i]);
	}
}

static void passes_over_another_version(void **state)
{
	struct kernel k = KERNEL_NULL;

	machine_bzimage(*state, "boot/vmlinuz-linux", "6.6.8-arch1-1");
	assert_fails(kernel_find(((struct temptree *)*state)->fd, "", &x86, &k), -ENOENT,
	             "(/boot/vmlinuz-linux is 6.6.8-arch1-1); reboot");
	machine_bzimage(*state, "boot/vmlinuz-linux-lts", RELEASE);
	assert_finds(*state, &x86, "/boot/vmlinuz-linux-lts");
	/* A name is a promise that the image may break. */
	machine_bzimage(*state, "boot/vmlinuz-" RELEASE, RELEASE "-other");
	assert_finds(*state, &x86, "/boot/vmlinuz-linux-lts");
}

static void takes_the_word_of_the_boot_loader(void **state)
{
	machine_bzimage(*state, "boot/odd/bz", RELEASE);
	temptree_text(*state, "proc/cmdline", "root=x BOOT_IMAGE=(hd0,gpt2)/odd/bz quiet\n");
	assert_finds(*state, &x86, "/boot/odd/bz");
	machine_bzimage(*state, "odd/bz", RELEASE);
	assert_finds(*state, &x86, "/odd/bz");
}

static const char *const others[] = { "aarch64", "riscv64" };

static void images_tell_their_release(void **state)
{
	struct temptree *t = *state;

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		struct utsname uts = { .release = RELEASE };
		struct kernel k = KERNEL_NULL;

		strcpy(uts.machine, others[i]);
		machine_kernel(t, "boot/vmlinuz-linux", others[i], "6.6.8-arch1-1");
		unlinkat(t->fd, "boot/vmlinuz-" RELEASE, 0);
		assert_fails(kernel_find(t->fd, "", &uts, &k), -ENOENT,
		             "(/boot/vmlinuz-linux is 6.6.8-arch1-1); reboot");
		machine_kernel(t, "boot/vmlinuz-linux", others[i], RELEASE);
		assert_finds(t, &uts, "/boot/vmlinuz-linux");
		/* A name is a promise that the image may break. */
		machine_kernel(t, "boot/vmlinuz-" RELEASE, others[i], RELEASE "-other");
		assert_finds(t, &uts, "/boot/vmlinuz-linux");
		/* Where it says nothing, it is kept. */
		machine_kernel(t, "boot/vmlinuz-" RELEASE, others[i], NULL);
		assert_finds(t, &uts, "/boot/vmlinuz-" RELEASE);
		machine_kernel(t, "opt/small", others[i], "6.9-small");
		assert_int_equal(kernel_find(t->fd, "/opt/small", &uts, &k), 0);
		assert_string_equal(k.release, "6.9-small");
		assert_int_equal(k.init_size, MACHINE_IMAGE_SIZE);
		assert_int_equal(k.file_size, BZIMAGE_SIZE);
		kernel_done(&k);
	}
}

/* No program of this machine reads them, but nothing is known of their kernels. */
static void elsewhere_the_name_is_all(void **state)
{
	static const struct utsname power = { .machine = "ppc64le", .release = RELEASE };
	struct kernel k = KERNEL_NULL;

	temptree_text(*state, "boot/vmlinuz-linux", "raw image");
	assert_fails(kernel_find(((struct temptree *)*state)->fd, "", &power, &k), -ENOENT,
	             RELEASE);
	temptree_text(*state, "boot/vmlinuz-" RELEASE, "raw image");
	assert_finds(*state, &power, "/boot/vmlinuz-" RELEASE);
}

static void setting_names_another(void **state)
{
	struct temptree *t = *state;
	struct kernel k = KERNEL_NULL;

	machine_bzimage(t, "boot/vmlinuz-" RELEASE, RELEASE);
	machine_bzimage(t, "opt/small", "6.9-small");
	assert_int_equal(kernel_find(t->fd, "/opt/small", &x86, &k), 0);
	assert_string_equal(k.release, "6.9-small");
	assert_int_equal(k.init_size, MIB(50));
	assert_int_equal(k.cmdline_size, 2047);
	assert_int_equal(k.file_size, BZIMAGE_SIZE);
	kernel_done(&k);
	assert_fails(kernel_find(t->fd, "/opt/none", &x86, &k), -ENOENT, "/opt/none: No such file");
	assert_fails(kernel_find(t->fd, "/opt", &x86, &k), -EINVAL, "/opt: is no file");
}

static void refuses_what_cannot_be_loaded(void **state)
{
	static const struct {
		size_t offset;
		uint8_t value;
		const char *part;
	} rows[] = {
		{ 0x202, 'X', "is no bzImage" },
		{ BZIMAGE_PROTOCOL, 0x0b, "boot protocol 2.11" },
		{ BZIMAGE_RELOCATABLE, 0, "CONFIG_RELOCATABLE" },
		{ BZIMAGE_XLOADFLAGS, 0x3e, "is no 64-bit kernel" },
		{ 0x211, 0, "is no 64-bit kernel" },
		{ BZIMAGE_SYSSIZE, (BZIMAGE_SIZE - 4 * 512) / 16 + 1, "/bz: is cut short" },
		{ BZIMAGE_SYSSIZE + 3, 1, "/bz: is cut short" },
		{ BZIMAGE_SETUP_SECTS, 0, "/bz: is cut short" },
	};
	struct temptree *t = *state;
	struct kernel k = KERNEL_NULL;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		machine_bzimage(t, "bz", RELEASE);
		machine_spoil(t, "bz", rows[i].offset, rows[i].value);
		assert_fails(kernel_find(t->fd, "/bz", &x86, &k), -ENOEXEC, rows[i].part);
	}
	machine_bzimage(t, "bz", RELEASE);
	machine_spoil(t, "bz", 0x20f, 0xff); /* the version lies behind the end */
	assert_fails(kernel_find(t->fd, "/bz", &x86, &k), -EBADMSG, "carries no version");
	temptree_text(t, "bz", "");
	assert_fails(kernel_find(t->fd, "/bz", &x86, &k), -ENOEXEC, "is no bzImage");
}

static void refuses_kernels_of_other_machines(void **state)
{
	static const char *const machines[] = { "x86_64", "aarch64", "riscv64" };
	struct temptree *t = *state;

	for (size_t i = 0; i < ARRAY_SIZE(machines); i++)
		for (size_t k = 0; k < ARRAY_SIZE(machines); k++) {
			struct utsname uts = { .release = RELEASE };
			struct kernel found = KERNEL_NULL;
			char text[128];

			strcpy(uts.machine, machines[k]);
			machine_kernel(t, "k", machines[i], RELEASE);
			snprintf(text, sizeof(text),
			         "/k: is a kernel for %s, and this machine is %s; use one",
			         machines[i], machines[k]);
			if (i == k)
				assert_int_equal(kernel_find(t->fd, "/k", &uts, &found), 0);
			else
				assert_fails(kernel_find(t->fd, "/k", &uts, &found), -ENOEXEC,
				             text);
			kernel_done(&found);
		}
}

/* Every length and any byte: no crash, no read outside (the sanitizers tell). */
static void survives_any_header(void **state)
{

	for (size_t len = 0; len <= 1024; len++) {
		_cleanup_free_ char *cut = malloc(len + 1);
		struct kernel k = { .fd = -1, .file_size = UINT64_MAX };

		check_noise(cut, len, len);
		if (len > 0x206)
			memcpy(cut + 0x202, "HdrS", 4);
		(void)kernel_parse_bzimage(cut, len, "noise", &k);
		kernel_done(&k);
	}
}

static void reads_the_configuration(void **state)
{
	static const char text[] = "CONFIG_RD_XZ=y\nCONFIG_RD_ZSTD=y\nCONFIG_RD_GZIP=m\n"
				   "CONFIG_RD_LZO_X=y\n";
	struct temptree *t = *state;
	uint8_t packed[256];

	assert_false(kernel_has_option(t->fd, RELEASE, "CONFIG_RD_ZSTD"));
	temptree_bytes(t, "proc/config.gz", packed,
	               gzip_pack(text, strlen(text), packed, sizeof(packed)));
	assert_true(kernel_has_option(t->fd, RELEASE, "CONFIG_RD_ZSTD"));
	temptree_text(t, "usr/lib/modules/" RELEASE "/config", "CONFIG_RD_ZSTD=y\n");
	assert_false(kernel_has_option(t->fd, RELEASE, "CONFIG_RD_XZ"));
	temptree_text(t, "boot/config-" RELEASE, text);
	assert_true(kernel_has_option(t->fd, RELEASE, "CONFIG_RD_XZ"));
	assert_false(kernel_has_option(t->fd, RELEASE, "CONFIG_RD_GZIP"));
	assert_false(kernel_has_option(t->fd, RELEASE, "CONFIG_RD_LZO"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, temptree_setup, temptree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(in_order_of_places),
		TEST(passes_over_another_version),
		TEST(takes_the_word_of_the_boot_loader),
		TEST(images_tell_their_release),
		TEST(elsewhere_the_name_is_all),
		TEST(setting_names_another),
		TEST(refuses_what_cannot_be_loaded),
		TEST(refuses_kernels_of_other_machines),
		TEST(survives_any_header),
		TEST(reads_the_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
