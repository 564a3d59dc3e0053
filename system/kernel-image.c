// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kernel-image.c - what an Image tells, see kernel-image.h.
 *
 * Both kinds have 64 bytes of little-endian numbers. Those that count are at the same places: u64
 * offset of the text at 8, u64 size in memory at 16, u64 flags at 24, and a magic number of four
 * bytes at 56. Where the kernel is an EFI program, the offset of a PE header is at 60.
 */
#include "system/kernel-image.h"

#include <elf.h>
#include <errno.h>

#include "system/file.h"
#include "base/cursor.h"
#include "base/err.h"

enum {
	IMAGE_TEXT_OFFSET = 8,
	IMAGE_MAGIC = 56,
	IMAGE_PE_OFFSET = 60,
	FLAG_BIG_ENDIAN = 1,

	PE_N_SECTIONS = 6,
	PE_OPTIONAL_SIZE = 20,
	PE_HEADER_SIZE = 24,
	ROW_RAW_SIZE = 16,
	ROW_SIZE = 40,
	SECTIONS_MAX = 64,
	FILE_ALIGNMENT = 512, /* PECOFF_FILE_ALIGNMENT of the two vmlinux.lds.S, 6.12 */

	CHUNK = 1 << 20,
	BANNER_MAX = 128,
	RELEASE_MAX = 64, /* __NEW_UTS_LEN */
};

/* Kernels by their magic: Documentation/arch/x86/boot.rst, arm64/booting.rst,
 * riscv/boot-image-header.rst, arch/loongarch/kernel/head.S, arch/arm/boot/compressed/head.S. */
static const struct {
	const char *machine;
	size_t offset;
	const char *magic;
} kinds[] = {
	{ "x86_64", 0x202, "HdrS" },           { "aarch64", IMAGE_MAGIC, "ARM\x64" },
	{ "riscv64", IMAGE_MAGIC, "RSC\x05" }, { "loongarch64", IMAGE_MAGIC, "\xcd\x23\x82\x81" },
	{ "arm", 0x24, "\x18\x28\x6f\x01" },
};

static const struct {
	const char *machine;
	uint16_t elf;
} elf_machines[] = {
	{ "x86_64", EM_X86_64 }, { "aarch64", EM_AARCH64 }, { "riscv64", EM_RISCV },
	{ "ppc64le", EM_PPC64 }, { "s390x", EM_S390 },      { "loongarch64", 258 },
};

const char *kernel_machine_of(const void *head, size_t len)
{
	const uint8_t *p = head;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (len >= kinds[i].offset + 4 &&
		    memcmp(p + kinds[i].offset, kinds[i].magic, 4) == 0)
			return kinds[i].machine;
	if (len < sizeof(Elf64_Ehdr) || memcmp(p, ELFMAG, SELFMAG) != 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(elf_machines); i++) {
		bool big = p[EI_DATA] == ELFDATA2MSB;
		size_t at = offsetof(Elf64_Ehdr, e_machine);

		if ((p[at + !big] << 8 | p[at + big]) == elf_machines[i].elf)
			return elf_machines[i].machine;
	}
	return NULL;
}

int kernel_refuse_other(const void *head, size_t len, const char *machine, const char *what)
{
	const char *found = kernel_machine_of(head, len);

	if (!found || streq(found, machine))
		return 0;
	return errf(-ENOEXEC,
	            "%s: is a kernel for %s, and this machine is %s; use one that is built for it",
	            what, found, machine);
}

bool kernel_is_image_machine(const char *machine)
{
	return streq(machine, "aarch64") || streq(machine, "riscv64");
}

/* Where the last section of the PE file ends, which must be in the file; 0: it is none. What is
 * behind it is a signature. */
static uint64_t end_of_sections(struct cursor c)
{
	uint16_t n = 0, optional = 0;
	uint64_t end = 0;
	const void *magic;
	uint32_t at;

	if (cursor_seek(&c, IMAGE_PE_OFFSET) < 0 || cursor_u32(&c, &at) < 0 ||
	    cursor_seek(&c, at) < 0 || cursor_bytes(&c, 4, &magic) < 0 ||
	    memcmp(magic, "PE\0\0", 4) != 0 || cursor_seek(&c, at + PE_N_SECTIONS) < 0 ||
	    cursor_u16(&c, &n) < 0 || cursor_seek(&c, at + PE_OPTIONAL_SIZE) < 0 ||
	    cursor_u16(&c, &optional) < 0)
		return 0;
	for (uint64_t i = 0; i < MIN(n, SECTIONS_MAX); i++) {
		uint32_t size, offset;

		if (cursor_seek(&c, at + PE_HEADER_SIZE + optional + i * ROW_SIZE + ROW_RAW_SIZE) <
		            0 ||
		    cursor_u32(&c, &size) < 0 || cursor_u32(&c, &offset) < 0)
			break;
		end = MAX(end, (uint64_t)size + offset);
	}
	return end;
}

static int check_kind(const void *data, size_t len, const char *machine, const char *what)
{
	int r = kernel_refuse_other(data, len, machine, what);

	if (r < 0)
		return r;
	/* vmlinux has the machine as well. */
	if (!kernel_machine_of(data, len) || memcmp(data, ELFMAG, SELFMAG) == 0)
		return errf(-ENOEXEC,
		            "%s: is no Image, the only kind of kernel that can be loaded on this "
		            "machine; name one, plain or packed by gzip, xz or zstd",
		            what);
	return 0;
}

int image_header_parse(const void *data, size_t len, uint64_t file_size, const char *machine,
                       const char *what, struct image_header *ret)
{
	struct cursor c = cursor_over(data, len, what);
	struct image_header h;
	int r = check_kind(data, len, machine, what);

	if (r < 0)
		return r;
	cursor_seek(&c, IMAGE_TEXT_OFFSET);
	cursor_u64(&c, &h.text_offset);
	cursor_u64(&c, &h.size);
	cursor_u64(&c, &h.flags);
	if (h.flags & FLAG_BIG_ENDIAN)
		return errf(-ENOEXEC,
		            "%s: is a big-endian kernel, which is not supported; use another one",
		            what);
	/* Kernels before 3.17 do not tell their size. */
	if (h.size == 0 || h.size > MIB(1024) || h.text_offset > MIB(2))
		return errf(-ENOEXEC,
		            "%s: its header says no size that is possible; reinstall its package",
		            what);
	/* What fills the last section up may be missing. */
	if (end_of_sections(cursor_over(data, len, what)) > ALIGN_UP(file_size, FILE_ALIGNMENT))
		return errf(-ENOEXEC, "%s: is cut short; reinstall its package", what);
	*ret = h;
	return 0;
}

/* "Linux version 6.1.0-50-cloud-arm64 (debian-kernel@...": linux_banner[] of init/version-
 * timestamp.c (6.12). Length of the release at @at; 0: it is another text. */
static size_t release_at(const char *at, size_t left)
{
	size_t len = 0;

	while (len < MIN(left, RELEASE_MAX + 1) && at[len] > ' ' && at[len] <= '~')
		len++;
	if (len == 0 || len > RELEASE_MAX || *at < '0' || *at > '9' || left - len < 2 ||
	    memcmp(at + len, " (", 2) != 0)
		return 0;
	return len;
}

static char *release_in(const char *buf, size_t n, size_t *ret_len)
{
	static const char banner[] = "Linux version ";
	const char *end = buf + n;
	char *at = (char *)buf;

	while ((at = memmem(at, end - at, banner, strlen(banner)))) {
		at += strlen(banner);
		*ret_len = release_at(at, end - at);
		if (*ret_len)
			return at;
	}
	return NULL;
}

int kernel_find_release(int fd, uint64_t offset, uint64_t size, const char *what, char **ret)
{
	_cleanup_free_ char *buf = malloc(CHUNK + BANNER_MAX);
	const char *found = "";
	size_t len = 0;

	if (!buf)
		return oom("a part of a kernel");
	/* A banner across the end of a part is whole in the next one. */
	for (uint64_t at = 0; at < size && len == 0; at += CHUNK) {
		ssize_t n = file_pread(fd, buf, MIN(size - at, CHUNK + BANNER_MAX), offset + at);
		const char *release;

		if (n < 0)
			return errf(n, "%s: %s", what, strerror(-n));
		release = release_in(buf, n, &len);
		if (release)
			found = release;
	}
	*ret = strndup(found, len);
	return *ret ? 0 : oom("the release of a kernel");
}
