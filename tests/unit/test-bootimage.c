// SPDX-License-Identifier: GPL-2.0-or-later
/* test-bootimage.c - taking PE files apart and unwrapping kernels, also broken ones. */
#include <errno.h>
#include <fcntl.h>
#include <lzma.h>
#include <stdio.h>
#include <sys/stat.h>
#include <zstd.h>

#include "loader/boot/bootimage.h"
#include "loader/system/unwrap.h"
#include "tests/unit/gzip.h"
#include "tests/unit/machine.h"

static int open_at(const struct temptree *t, const char *path)
{
	int fd = openat(t->fd, path, O_RDWR | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static void assert_text(const struct temptree *t, const char *path, const char *name,
                        const char *expected)
{
	_cleanup_close_ int fd = open_at(t, path);
	_cleanup_free_ char *text = NULL;

	assert_int_equal(bootimage_text(fd, path, 0, name, &text), 0);
	assert_string_equal(text, expected);
}

/* --- Sections -------------------------------------------------------------------------------- */

static void finds_sections(void **state)
{
	const struct machine_section sections[] = {
		{ ".osrel", "ID=x\n" },
		{ ".cmdline", " root=/dev/vda1 quiet\n" },
		{ ".linuxes", "8 letters, no NUL" },
		{ ".linux", "kernel" },
		{ ".initrd", "cpio" },
	};
	_cleanup_close_ int fd = -1;
	uint64_t offset = 1, size = 2;
	char byte[7] = "";

	machine_pe(*state, "uki", sections, ARRAY_SIZE(sections));
	fd = open_at(*state, "uki");
	assert_true(bootimage_is_unified(fd));
	assert_int_equal(bootimage_section(fd, "uki", 0, ".linux", &offset, &size), 0);
	assert_int_equal(size, strlen("kernel"));
	assert_int_equal(pread(fd, byte, 6, offset), 6);
	assert_string_equal(byte, "kernel");
	assert_int_equal(bootimage_section(fd, "uki", 0, ".none", &offset, &size), -ENOENT);
	assert_text(*state, "uki", ".cmdline", "root=/dev/vda1 quiet");
}

static void knows_other_files(void **state)
{
	const struct machine_section shell = { ".text", "code" };
	static const char *const paths[] = { "empty", "text", "dos", "shell" };
	char dos[256] = "MZ";
	uint64_t offset, size;

	temptree_text(*state, "empty", "");
	temptree_text(*state, "text", "M");
	temptree_bytes(*state, "dos", dos, sizeof(dos));
	machine_pe(*state, "shell", &shell, 1);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		_cleanup_close_ int fd = open_at(*state, paths[i]);

		assert_false(bootimage_is_unified(fd));
		assert_int_equal(bootimage_section(fd, paths[i], 0, ".linux", &offset, &size),
		                 -ENOENT);
	}
}

/* The row number @i: where machine_pe() puts it. */
#define ROW(i) (0x80 + 24 + 240 + (i)*40)

static void sizes_in_doubt(void **state)
{
	const struct machine_section sections[] = { { ".linux", "kernel" }, { ".cmdline", "x" } };
	struct temptree *t = *state;
	_cleanup_close_ int fd = -1;
	uint64_t offset, size;

	machine_pe(t, "uki", sections, 2);
	fd = open_at(t, "uki");
	/* No size in memory: that in the file counts. */
	machine_spoil(t, "uki", ROW(0) + 8, 0);
	assert_int_equal(bootimage_section(fd, "uki", 0, ".linux", &offset, &size), 0);
	assert_int_equal(size, MACHINE_PE_ALIGN);
	/* More in memory than in the file: the rest is zeroes that are not there. */
	machine_spoil(t, "uki", ROW(0) + 11, 1);
	assert_int_equal(bootimage_section(fd, "uki", 0, ".linux", &offset, &size), 0);
	assert_int_equal(size, MACHINE_PE_ALIGN);
	/* An empty one is as good as none: a piece of size 0 would be the whole file. */
	machine_spoil(t, "uki", ROW(1) + 17, 0);
	assert_int_equal(bootimage_section(fd, "uki", 0, ".cmdline", &offset, &size), -ENOENT);
	/* Behind the end, and further than 32 bits go. */
	machine_spoil(t, "uki", ROW(0) + 23, 0xff);
	assert_fails(bootimage_section(fd, "uki", 0, ".linux", &offset, &size), -EBADMSG,
	             "uki: is cut short");
	for (size_t i = 16; i < 24; i++)
		machine_spoil(t, "uki", ROW(0) + i, 0xff);
	assert_fails(bootimage_section(fd, "uki", 0, ".linux", &offset, &size), -EBADMSG,
	             "uki: is cut short");
	machine_spoil(t, "uki", 0x80 + 7, 0xff);
	assert_fails(bootimage_section(fd, "uki", 0, ".linux", &offset, &size), -EBADMSG,
	             "claims to have");
}

static void first_profile_counts(void **state)
{
	const struct machine_section sections[] = {
		{ ".linux", "kernel" },   { ".cmdline", "shared" }, { ".cmdline", "again" },
		{ ".profile", "ID=one" }, { ".cmdline", "one" },    { ".cmdline", "again" },
		{ ".profile", "ID=two" }, { ".cmdline", "two" },    { ".initrd", "of two" },
	};
	_cleanup_close_ int fd = -1;
	uint64_t offset, size;

	machine_pe(*state, "uki", sections, ARRAY_SIZE(sections));
	assert_text(*state, "uki", ".cmdline", "one");
	fd = open_at(*state, "uki");
	assert_int_equal(bootimage_section(fd, "uki", 0, ".initrd", &offset, &size), -ENOENT);
	machine_pe(*state, "uki", sections, 3);
	assert_text(*state, "uki", ".cmdline", "shared");
}

static void refuses_a_text_of_megabytes(void **state)
{
	static char big[1 << 20];
	const struct machine_section sections[] = { { ".cmdline", big, sizeof(big) } };
	_cleanup_close_ int fd = -1;
	char *text;

	machine_pe(*state, "uki", sections, 1);
	fd = open_at(*state, "uki");
	assert_fails(bootimage_text(fd, "uki", 0, ".cmdline", &text), -EFBIG, "uki: its section");
}

/* A section is found whole or not at all, wherever the file ends. */
static void every_truncation(void **state)
{
	const struct machine_section sections[] = { { ".cmdline", "x" }, { ".linux", "kernel" } };
	struct temptree *t = *state;
	_cleanup_close_ int fd = -1;
	uint64_t full, offset, size;
	struct stat st;

	machine_pe(t, "uki", sections, 2);
	fd = open_at(t, "uki");
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(bootimage_section(fd, "uki", 0, ".linux", &full, &size), 0);
	for (off_t len = st.st_size; len-- > 0;) {
		int r;

		assert_int_equal(ftruncate(fd, len), 0);
		r = bootimage_section(fd, "uki", 0, ".linux", &offset, &size);
		if ((uint64_t)len >= full + strlen("kernel"))
			assert_int_equal(r, 0);
		else if (len >= 2)
			assert_fails(r, -EBADMSG, "uki: is cut short");
		else
			assert_int_equal(r, -ENOENT);
		/* A truncated image is not taken for another format. */
		assert_int_equal(bootimage_is_unified(fd), len >= 2);
	}
}

static void any_bytes(void **state)
{
	struct temptree *t = *state;

	for (uint32_t seed = 0; seed < 300; seed++) {
		_cleanup_close_ int fd = -1;
		uint64_t offset, size;
		uint8_t noise[1024];

		check_noise(noise, sizeof(noise), seed);
		memcpy(noise, "MZ", 2);
		memcpy(noise + 0x3c, "\x80\0\0\0", 4);
		memcpy(noise + 0x80, "PE\0\0", 4);
		noise[0x87] &= 3;
		noise[0x95] &= 1;
		temptree_bytes(t, "noise", noise, sizeof(noise));
		fd = open_at(t, "noise");
		(void)bootimage_section(fd, "noise", 0, ".linux", &offset, &size);
		(void)bootimage_is_unified(fd);
	}
}

/* --- Unwrapping ------------------------------------------------------------------------------ */

static const char kernel[] = "a kernel of many words, words, words, words, words, words, words";

static size_t pack_gzip(uint8_t *out, size_t room)
{
	return gzip_pack(kernel, sizeof(kernel), out, room);
}

static size_t pack_xz(uint8_t *out, size_t room)
{
	size_t len = 0;

	assert_int_equal(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC32, NULL, (void *)kernel,
	                                         sizeof(kernel), out, &len, room),
	                 LZMA_OK);
	return len;
}

static size_t pack_zstd(uint8_t *out, size_t room)
{
	size_t len = ZSTD_compress(out, room, kernel, sizeof(kernel), 3);

	assert_false(ZSTD_isError(len));
	return len;
}

static const struct {
	const char *name;
	size_t (*pack)(uint8_t *out, size_t room);
	bool size_behind;
} packers[] = {
	{ "gzip", pack_gzip, false },
	{ "xzkern", pack_xz, true },
	{ "zstd22", pack_zstd, true },
};

static void assert_unwraps(const struct temptree *t, const char *path)
{
	_cleanup_close_ int fd = open_at(t, path), out = -1;
	char plain[sizeof(kernel) + 1];

	assert_int_equal(kernel_unwrap(fd, path, &out), 0);
	assert_true(fcntl(out, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(pread(out, plain, sizeof(plain), 0), sizeof(kernel));
	assert_memory_equal(plain, kernel, sizeof(kernel));
}

/* As scripts/Makefile of the kernel makes them; returns the length. */
static size_t make_zboot(uint8_t file[static 1024], size_t which)
{
	size_t len = packers[which].pack(file + 512, 256);

	if (packers[which].size_behind) {
		memcpy(file + 512 + len, (uint8_t[4]){ sizeof(kernel) }, 4);
		len += 4;
	}
	memset(file, 0, 512);
	memcpy(file, "MZ\0\0zimg\0\2\0\0", 12);
	file[12] = len;
	strcpy((char *)file + 24, packers[which].name);
	memcpy(file + 512 + len, "other sections", 14);
	return 512 + len + 14;
}

static void unwraps_all_kinds(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(packers); i++) {
		uint8_t file[1024];
		size_t len = packers[i].pack(file, sizeof(file));

		temptree_bytes(*state, "Image.packed", file, len);
		assert_unwraps(*state, "Image.packed");
		len = make_zboot(file, i);
		temptree_bytes(*state, "vmlinuz.efi", file, len);
		assert_unwraps(*state, "vmlinuz.efi");
	}
}

static void leaves_plain_kernels_alone(void **state)
{
	static const char *const paths[] = { "bz", "raw", "empty" };
	int out;

	machine_bzimage(*state, "bz", "6.1");
	temptree_text(*state, "raw", "MZ raw arm64 Image");
	temptree_text(*state, "empty", "");
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		_cleanup_close_ int fd = open_at(*state, paths[i]);

		assert_int_equal(kernel_unwrap(fd, paths[i], &out), -ENOEXEC);
	}
}

static void tells_of_unknown_packing(void **state)
{
	uint8_t file[1024];
	size_t len = make_zboot(file, 0);
	_cleanup_close_ int fd = -1;
	int out;

	memcpy(file + 512, "\2\x21\x4c\x18", 4);
	strcpy((char *)file + 24, "lz4\33[2J");
	temptree_bytes(*state, "z", file, len);
	fd = open_at(*state, "z");
	assert_fails(kernel_unwrap(fd, "z", &out), -ENOTSUP,
	             "z: its kernel is packed by \"lz4\"; use gzip");
}

static void broken_packages(void **state)
{
	struct temptree *t = *state;
	uint8_t file[1024];

	for (size_t i = 0; i < ARRAY_SIZE(packers); i++) {
		size_t full = make_zboot(file, i);
		size_t payload = file[12];

		for (size_t len = 0; len < full; len++) {
			_cleanup_close_ int fd = -1, out = -1;
			int r;

			temptree_bytes(t, "z", file, len);
			fd = open_at(t, "z");
			r = kernel_unwrap(fd, "z", &out);
			if (len >= 512 + payload)
				assert_int_equal(r, 0);
			else if (len < 8)
				assert_int_equal(r, -ENOEXEC);
			else
				assert_fails(r, -EBADMSG, "z: is cut short");
		}
		/* The header is whole, the packed data are not. */
		for (size_t len = 8; len < payload - 8; len++) {
			_cleanup_close_ int fd = -1, out = -1;

			file[12] = len;
			temptree_bytes(t, "z", file, full);
			fd = open_at(t, "z");
			assert_fails(kernel_unwrap(fd, "z", &out), -EBADMSG, "z: its compressed");
		}
	}
}

static bool is_multiboot(const struct temptree *t, const void *data, size_t len)
{
	_cleanup_close_ int fd = -1;

	temptree_bytes(t, "m", data, len);
	fd = open_at(t, "m");
	return bootimage_is_multiboot(fd);
}

/* Headers as xen/arch/x86/boot/head.S of Xen has them. */
static void knows_multiboot(void **state)
{
	static const uint32_t one[] = { 0x1badb002, 3, 0u - 0x1badb002 - 3 };
	static const uint32_t two[] = { 0xe85250d6, 0, 0x78, 0u - 0xe85250d6 - 0x78 };
	uint8_t file[16384] = {}, packed[1024];
	struct temptree *t = *state;

	assert_false(is_multiboot(t, file, sizeof(file)));
	memcpy(file + 0x1004, one, sizeof(one));
	assert_true(is_multiboot(t, file, sizeof(file)));
	assert_true(is_multiboot(t, packed, gzip_pack(file, sizeof(file), packed, sizeof(packed))));
	file[0x1008] ^= 1; /* the sum is wrong */
	assert_false(is_multiboot(t, file, sizeof(file)));
	memcpy(file + 8200, one, sizeof(one)); /* too far in the file */
	assert_false(is_multiboot(t, file, sizeof(file)));
	memcpy(file + 0x3004, two, sizeof(two)); /* not at a multiple of 8 */
	assert_false(is_multiboot(t, file, sizeof(file)));
	memcpy(file + sizeof(file) - sizeof(two), two, sizeof(two));
	assert_true(is_multiboot(t, file, sizeof(file)));
	assert_false(is_multiboot(t, "", 0));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, temptree_setup, temptree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(finds_sections),
		TEST(knows_other_files),
		TEST(sizes_in_doubt),
		TEST(first_profile_counts),
		TEST(refuses_a_text_of_megabytes),
		TEST(every_truncation),
		TEST(any_bytes),
		TEST(unwraps_all_kinds),
		TEST(leaves_plain_kernels_alone),
		TEST(tells_of_unknown_packing),
		TEST(broken_packages),
		TEST(knows_multiboot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
