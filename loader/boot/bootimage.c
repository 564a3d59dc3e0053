// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bootimage.c - finds the kernel within PE programs, see bootimage.h.
 *
 * All numbers are little-endian. A PE file has "MZ" at 0, and at 0x3c the offset of its header.
 * That is "PE\0\0" and 20 bytes, with the number of sections (u16 at 6) and the size of the
 * optional header (u16 at 20). Behind the optional header is a row of 40 bytes for each section:
 * name[8], u32 size in memory, u32 address, u32 size in the file (rounded up), u32 offset in the
 * file.
 */
#include "loader/boot/bootimage.h"

#include <errno.h>
#include <sys/stat.h>

#include "loader/system/unwrap.h"
#include "system/file.h"
#include "base/err.h"
#include "base/text.h"
#include "base/unaligned.h"

enum {
	PE_OFFSET = 0x3c,
	PE_HEADER_SIZE = 24,
	PE_N_SECTIONS = 6,
	PE_OPTIONAL_SIZE = 20,
	ROW_SIZE = 40,
	/* More than any tool makes; each profile brings some of its own. */
	SECTIONS_MAX = 1024,
	TEXT_MAX = 64 << 10,
	MULTIBOOT_HEAD = 32 << 10,
};

static int cut_short(const char *what)
{
	return errf(-EBADMSG, "%s: is cut short; reinstall or rebuild it", what);
}

static ssize_t read_some(int fd, const char *what, void *buf, size_t len, uint64_t offset)
{
	ssize_t n = file_pread(fd, buf, len, offset);

	return n < 0 ? errf(n, "%s: %s", what, strerror(-n)) : n;
}

/* Reads all of @len bytes. */
static int read_at(int fd, const char *what, void *buf, size_t len, uint64_t offset)
{
	ssize_t n = read_some(fd, what, buf, len, offset);

	return n < 0 ? n : (size_t)n < len ? cut_short(what) : 0;
}

static int file_size(int fd, const char *what, uint64_t *ret)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return errf(-errno, "%s: %s", what, strerror(errno));
	*ret = st.st_size;
	return 0;
}

/* Finds the rows of the sections. -ENOENT: it is not a PE file. */
static int find_rows(int fd, const char *what, uint64_t *ret_offset, unsigned *ret_n)
{
	uint8_t dos[PE_OFFSET + 4], pe[PE_HEADER_SIZE];
	uint32_t at;
	ssize_t n;
	int r;

	n = read_some(fd, what, dos, sizeof(dos), 0);
	if (n < 0)
		return n;
	if (n < 2 || memcmp(dos, "MZ", 2) != 0)
		return -ENOENT;
	if ((size_t)n < sizeof(dos))
		return cut_short(what);
	at = unaligned_le32(dos + PE_OFFSET);
	r = read_at(fd, what, pe, sizeof(pe), at);
	if (r < 0)
		return r;
	if (memcmp(pe, "PE\0\0", 4) != 0)
		return -ENOENT;
	if (unaligned_le16(pe + PE_N_SECTIONS) > SECTIONS_MAX)
		return errf(-EBADMSG, "%s: claims to have %u sections", what,
		            unaligned_le16(pe + PE_N_SECTIONS));
	*ret_offset = (uint64_t)at + PE_HEADER_SIZE + unaligned_le16(pe + PE_OPTIONAL_SIZE);
	*ret_n = unaligned_le16(pe + PE_N_SECTIONS);
	return 0;
}

static bool has_name(const uint8_t row[static ROW_SIZE], const char *name)
{
	return strncmp((const char *)row, name, 8) == 0;
}

/*
 * Finds the row of one section of @profile. Sections in front of the first ".profile" are shared by
 * all profiles. Those from it to the next ".profile" are of the first profile, 0, and take
 * precedence, and so on. An image without ".profile" has profile 0.
 */
static int find_row(int fd, const char *what, unsigned profile, const char *name,
                    uint8_t ret[static ROW_SIZE])
{
	unsigned n, profiles = 0;
	bool found = false, in_group = false;
	uint8_t row[ROW_SIZE];
	uint64_t at;
	int r = find_rows(fd, what, &at, &n);

	if (r < 0)
		return r;
	for (unsigned i = 0; i < n; i++) {
		r = read_at(fd, what, row, sizeof(row), at + i * UINT64_C(40));
		if (r < 0)
			return r;
		if (has_name(row, ".profile")) {
			profiles++;
			in_group = false;
		}
		if (in_group || (profiles > 0 && profiles != profile + 1) || !has_name(row, name))
			continue;
		memcpy(ret, row, ROW_SIZE);
		found = in_group = true;
	}
	return found && (profile == 0 || profiles > profile) ? 0 : -ENOENT;
}

int bootimage_section(int fd, const char *what, unsigned profile, const char *name,
                      uint64_t *ret_offset, uint64_t *ret_size)
{
	uint64_t offset, size, end;
	uint8_t row[ROW_SIZE];
	int r;

	if ((r = find_row(fd, what, profile, name, row)) < 0 || (r = file_size(fd, what, &end)) < 0)
		return r;
	/* The size in the file is rounded up. Some tools leave the true size out. */
	size = unaligned_le32(row + 16);
	if (unaligned_le32(row + 8))
		size = MIN(size, unaligned_le32(row + 8));
	offset = unaligned_le32(row + 20);
	if (size == 0)
		return -ENOENT;
	if (offset + size > end)
		return cut_short(what);
	*ret_offset = offset;
	*ret_size = size;
	return 0;
}

int bootimage_text(int fd, const char *what, unsigned profile, const char *name, char **ret)
{
	_cleanup_free_ char *text = NULL;
	uint64_t offset, size;
	int r = bootimage_section(fd, what, profile, name, &offset, &size);

	if (r < 0)
		return r;
	if (size > TEXT_MAX)
		return errf(-EFBIG, "%s: its section %s is too large for a text", what, name);
	text = calloc(1, size + 1);
	if (!text)
		return -ENOMEM;
	r = read_at(fd, what, text, size, offset);
	if (r < 0)
		return r;
	*ret = strdup(text_strip(text));
	return *ret ? 0 : -ENOMEM;
}

bool bootimage_is_unified(int fd)
{
	uint8_t row[ROW_SIZE];
	int r = find_row(fd, "image", 0, ".linux", row);

	return r == 0 || r == -EBADMSG;
}

bool bootimage_is_thin(int fd)
{
	uint8_t row[ROW_SIZE];

	return find_row(fd, "image", 0, ".linuxh", row) == 0;
}

/* The header is at a multiple of 4 or 8 in the first 8 or 32 KiB: a magic number, a word or two
 * more, and a word that makes their sum 0 (Multiboot Specification 0.6.96, 3.1.1; Multiboot2
 * Specification 2.0, 3.1.1). */
static bool has_multiboot_header(const uint8_t *head, size_t len)
{
	for (size_t i = 0; i + 16 <= len; i += 4) {
		uint32_t magic = unaligned_le32(head + i),
			 sum = magic + unaligned_le32(head + i + 4);

		sum += unaligned_le32(head + i + 8);
		if (magic == 0x1badb002 && i < 8192 && sum == 0)
			return true;
		if (magic == 0xe85250d6 && i % 8 == 0 && sum + unaligned_le32(head + i + 12) == 0)
			return true;
	}
	return false;
}

bool bootimage_is_multiboot(int fd)
{
	_cleanup_free_ uint8_t *head = malloc(MULTIBOOT_HEAD);
	_cleanup_close_ int unpacked = -1;
	ssize_t n;

	if (kernel_unwrap(fd, "image", &unpacked) == 0)
		fd = unpacked;
	n = head ? read_some(fd, "image", head, MULTIBOOT_HEAD, 0) : 0;
	return n > 0 && has_multiboot_header(head, n);
}
