// SPDX-License-Identifier: GPL-2.0-or-later
/* test-kernel-image.c - what an Image tells, however it is packed, and what is refused. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>

#include "system/kernel-image.h"
#include "loader/system/kernel.h"
#include "loader/system/unwrap.h"
#include "tests/unit/gzip.h"
#include "tests/unit/machine.h"

#define RELEASE "6.6.7-some+deb1"

/* Bytes to be looked at as the file "k". */
static int look(const struct temptree *t, const void *data, size_t len, const char *machine,
                const char *release, struct kernel *ret)
{
	_cleanup_close_ int fd = -1;

	temptree_bytes(t, "k", data, len);
	fd = openat(t->fd, "k", O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	*ret = KERNEL_NULL;
	return kernel_look(&(struct kernel_place){ fd, 0, len, machine, release, "k" }, ret);
}

static void assert_tells(const struct temptree *t, const void *data, size_t len,
                         const char *machine, const char *release)
{
	struct kernel k;

	assert_int_equal(look(t, data, len, machine, "", &k), 0);
	assert_string_equal(k.release, release);
	assert_int_equal(k.init_size, MACHINE_IMAGE_SIZE);
	assert_int_equal(k.file_size, len);
	kernel_done(&k);
}

/* vmlinux as the kernel's linker makes it: two segments, with a hole between them in memory, and
 * sections that are not loaded in front. */
static size_t make_vmlinux(const uint8_t image[static BZIMAGE_SIZE], uint16_t machine,
                           uint8_t elf[static 3 * BZIMAGE_SIZE])
{
	enum { FIRST = 1024, SECOND = 1024, HOLE = BZIMAGE_SIZE - FIRST - SECOND };
	Elf64_Ehdr *e = (Elf64_Ehdr *)elf;
	Elf64_Phdr *p = (Elf64_Phdr *)(e + 1);

	memset(elf, 0, 3 * BZIMAGE_SIZE);
	memcpy(e->e_ident, ELFMAG, SELFMAG);
	e->e_ident[EI_CLASS] = ELFCLASS64;
	e->e_ident[EI_DATA] = ELFDATA2LSB;
	e->e_machine = machine;
	e->e_phoff = sizeof(*e);
	e->e_phentsize = sizeof(*p);
	e->e_phnum = 3;
	p[0] = (Elf64_Phdr){ .p_type = PT_LOAD,
		             .p_paddr = 0x80200000 + FIRST + HOLE,
		             .p_offset = 2 * BZIMAGE_SIZE,
		             .p_filesz = SECOND,
		             .p_memsz = MACHINE_IMAGE_SIZE };
	p[1] = (Elf64_Phdr){ .p_type = PT_LOAD,
		             .p_paddr = 0x80200000,
		             .p_offset = BZIMAGE_SIZE,
		             .p_filesz = FIRST,
		             .p_memsz = FIRST };
	p[2] = (Elf64_Phdr){ .p_type = PT_NOTE, .p_offset = 1, .p_filesz = 1 };
	memcpy(elf + BZIMAGE_SIZE, image, FIRST);
	memcpy(elf + 2 * BZIMAGE_SIZE, image + FIRST + HOLE, SECOND);
	return 3 * BZIMAGE_SIZE;
}

static void every_form_tells(void **state)
{
	static const char *const machines[] = { "aarch64", "riscv64" };
	uint8_t image[BZIMAGE_SIZE], packed[BZIMAGE_SIZE] = "MZ\0\0zimg\0\2";
	struct temptree *t = *state;

	for (size_t i = 0; i < ARRAY_SIZE(machines); i++) {
		size_t len;

		machine_image_bytes(image, machines[i], RELEASE);
		assert_tells(t, image, sizeof(image), machines[i], RELEASE);
		len = gzip_pack(image, sizeof(image), packed + 512, sizeof(packed) - 512);
		assert_tells(t, packed + 512, len, machines[i], RELEASE);
		memcpy(packed + 12, (uint8_t[]){ len, len >> 8, 0, 0 }, 4);
		strcpy((char *)packed + 24, "gzip");
		assert_tells(t, packed, 512 + len + 4, machines[i], RELEASE);
	}
}

static void vmlinux_of_riscv64_tells(void **state)
{
	static uint8_t elf[3 * BZIMAGE_SIZE], packed[3 * BZIMAGE_SIZE], flat[2 * BZIMAGE_SIZE];
	_cleanup_close_ int fd = -1, out = -1;
	uint8_t image[BZIMAGE_SIZE];
	struct temptree *t = *state;
	struct kernel k;
	size_t len;

	machine_image_bytes(image, "riscv64", NULL);
	strcpy((char *)image + 3500, "Linux version " RELEASE " (me)");
	len = make_vmlinux(image, EM_RISCV, elf);
	assert_tells(t, elf, len, "riscv64", RELEASE);
	fd = openat(t->fd, "k", O_RDONLY | O_CLOEXEC);
	assert_int_equal(kernel_unwrap(fd, "k", &out), 0);
	assert_int_equal(pread(out, flat, sizeof(flat), 0), BZIMAGE_SIZE);
	memset(image + 1024, 0, 2048);
	assert_memory_equal(flat, image, BZIMAGE_SIZE);
	assert_tells(t, packed, gzip_pack(elf, len, packed, sizeof(packed)), "riscv64", RELEASE);
	assert_fails(look(t, elf, len, "aarch64", "", &k), -ENOEXEC, "k: is a kernel for riscv64");
	/* arm64 boots none. */
	make_vmlinux(image, EM_AARCH64, elf);
	assert_fails(look(t, elf, len, "aarch64", "", &k), -ENOEXEC, "k: is no Image");
	assert_fails(look(t, elf, len, "riscv64", "", &k), -ENOEXEC, "k: is a kernel for aarch64");
	assert_fails(look(t, elf, len, "x86_64", "", &k), -ENOEXEC, "k: is a kernel for aarch64");
}

static void broken_vmlinux(void **state)
{
	static uint8_t elf[3 * BZIMAGE_SIZE], good[3 * BZIMAGE_SIZE];
	static const struct {
		size_t offset;
		uint8_t value;
		int error;
		const char *text;
	} rows[] = {
		{ offsetof(Elf64_Ehdr, e_phentsize), 1, -EBADMSG, "k: its program headers have 1" },
		{ offsetof(Elf64_Ehdr, e_phoff) + 4, 1, -EBADMSG, "k: is cut short" },
		{ 64 + offsetof(Elf64_Phdr, p_offset) + 4, 1, -EBADMSG, "k: is cut short" },
		{ 64 + offsetof(Elf64_Phdr, p_paddr) + 4, 1, -EFBIG, "k: is too large" },
		{ 64 + offsetof(Elf64_Phdr, p_paddr) + 7, 0xff, -EFBIG, "k: is too large" },
		{ 64 + offsetof(Elf64_Phdr, p_filesz) + 7, 0xff, -EFBIG, "k: is too large" },
		{ offsetof(Elf64_Ehdr, e_phnum), 0, -ENOEXEC, "k: has nothing in it" },
	};
	uint8_t image[BZIMAGE_SIZE];
	struct kernel k;

	machine_image_bytes(image, "riscv64", RELEASE);
	make_vmlinux(image, EM_RISCV, good);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		memcpy(elf, good, sizeof(elf));
		elf[rows[i].offset] = rows[i].value;
		check_case("row %zu", i);
		assert_fails(look(*state, elf, sizeof(elf), "riscv64", "", &k), rows[i].error,
		             rows[i].text);
	}
	for (size_t len = 20; len < 2 * BZIMAGE_SIZE + 1024; len += 100)
		assert_fails(look(*state, good, len, "riscv64", "", &k), -EBADMSG,
		             "k: is cut short; reinstall");
}

/* To unpack a kernel takes long. */
static void a_known_release_is_not_looked_for(void **state)
{
	uint8_t image[BZIMAGE_SIZE], packed[BZIMAGE_SIZE];
	struct kernel k;
	size_t len;

	machine_image_bytes(image, "aarch64", RELEASE);
	assert_int_equal(look(*state, image, sizeof(image), "aarch64", "6.9", &k), 0);
	assert_string_equal(k.release, "6.9");
	assert_int_equal(k.init_size, MACHINE_IMAGE_SIZE);
	kernel_done(&k);
	len = gzip_pack(image, sizeof(image), packed, sizeof(packed));
	memset(packed + 20, 0, len - 20);
	assert_int_equal(look(*state, packed, len, "aarch64", "6.9", &k), 0);
	assert_string_equal(k.release, "6.9");
	kernel_done(&k);
	assert_fails(look(*state, packed, len, "aarch64", "", &k), -EBADMSG,
	             "k: its compressed data are damaged");
}

/* What a boot loader would not notice, and only the crash would. */
static void an_image_that_is_cut_short_is_refused(void **state)
{
	uint8_t image[BZIMAGE_SIZE];
	struct kernel k;

	machine_image_bytes(image, "aarch64", RELEASE);
	image[60] = 0x40;
	memcpy(image + 0x40, "PE\0\0", 4);
	image[0x40 + 6] = 2;
	image[0x40 + 20] = 0xa0;
	/* The first section has a page at 1024; the second ends with the file. */
	memcpy(image + 0x40 + 24 + 0xa0 + 16, "\0\2\0\0\0\4\0\0", 8);
	memcpy(image + 0x40 + 24 + 0xa0 + 40 + 16, "\0\6\0\0\0\12\0\0", 8);
	assert_tells(*state, image, sizeof(image), "aarch64", RELEASE);
	assert_tells(*state, image, sizeof(image) - 511, "aarch64", RELEASE);
	assert_fails(look(*state, image, sizeof(image) - 512, "aarch64", "", &k), -ENOEXEC,
	             "k: is cut short; reinstall its package");
	/* Behind it are signatures, and sizes that no file can have. */
	image[0x40 + 6] = 1;
	assert_tells(*state, image, 2048, "aarch64", RELEASE);
	memset(image + 0x40 + 24 + 0xa0 + 16, 0xff, 8);
	assert_fails(look(*state, image, sizeof(image), "aarch64", "", &k), -ENOEXEC,
	             "k: is cut short");
	memset(image + 60, 0xff, 4);
	assert_tells(*state, image, 2048, "aarch64", RELEASE);
}

static void only_a_banner_tells_a_release(void **state)
{
	static const struct {
		const char *text, *release;
	} rows[] = {
		{ "Linux version 6.1 (me)", "6.1" },
		{ "Linux version %s (%s)\nLinux version 6.1 (me)", "6.1" },
		{ "Linux version 6.1", "" },
		{ "Linux version 6.1)(me)", "" },
		{ "Linux version new (me)", "" },
		{ "Linux version 6\33[2J (me)", "" },
		{ "Linux version  (me)", "" },
		{ "Linux version 6.1 or newer (me)", "" },
		{ "Linux version 6aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa "
		  "(me)",
		  "6aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" },
		{ "Linux version 6aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa "
		  "(me)",
		  "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint8_t image[BZIMAGE_SIZE];

		machine_image_bytes(image, "aarch64", NULL);
		strcpy((char *)image + 0x500, rows[i].text);
		check_case("row %zu", i);
		assert_tells(*state, image, sizeof(image), "aarch64", rows[i].release);
		/* At the very end of the file, too, where not even a NUL follows. */
		memset(image + 0x500, 0, 256);
		memcpy(image + sizeof(image) - strlen(rows[i].text), rows[i].text,
		       strlen(rows[i].text));
		assert_tells(*state, image, sizeof(image), "aarch64", rows[i].release);
	}
}

/* Parts of 1 MiB are read, one behind the other. */
static void a_banner_is_found_wherever_it_lies(void **state)
{
	static const char banner[] = "Linux version " RELEASE " (me@here)";
	size_t len = MIB(2) + 4096;
	_cleanup_free_ uint8_t *image = calloc(1, len);

	for (size_t at = MIB(1) - 200; at < MIB(1) + 8; at++) {
		machine_image_bytes(image, "aarch64", NULL);
		memcpy(image + at, banner, sizeof(banner));
		assert_tells(*state, image, len, "aarch64", RELEASE);
		memset(image + at, 0, sizeof(banner));
	}
	memcpy(image + len - sizeof(banner), banner, sizeof(banner));
	assert_tells(*state, image, len, "aarch64", RELEASE);
}

/* Every length and any byte: no crash, no read outside (the sanitizers tell). */
static void survives_any_image(void **state)
{
	for (size_t len = 0; len <= 512; len++) {
		_cleanup_free_ uint8_t *cut = malloc(len + 1);
		struct image_header h;

		check_noise(cut, len, len);
		if (len >= 60)
			memcpy(cut + 56, "ARM\x64", 4);
		if (len >= 64)
			memcpy(cut + 60, (uint8_t[]){ len / 2, 0, 0, 0 }, 4);
		if (len >= 140)
			memcpy(cut + len / 2, "PE\0\0", 4);
		(void)image_header_parse(cut, len, len, "aarch64", "noise", &h);
		(void)kernel_machine_of(cut, len);
		(void)kernel_is_wrapped(cut, len);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, temptree_setup, temptree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_form_tells),
		TEST(vmlinux_of_riscv64_tells),
		TEST(broken_vmlinux),
		TEST(a_known_release_is_not_looked_for),
		TEST(an_image_that_is_cut_short_is_refused),
		TEST(only_a_banner_tells_a_release),
		TEST(a_banner_is_found_wherever_it_lies),
		TEST(survives_any_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
