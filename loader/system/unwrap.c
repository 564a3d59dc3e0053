// SPDX-License-Identifier: GPL-2.0-or-later
/* unwrap.c - takes kernels out of other files, see unwrap.h. All numbers are little-endian. */
#include "loader/system/unwrap.h"

#include <elf.h>
#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "system/decoder.h"
#include "system/file.h"
#include "loader/system/unpack.h"
#include "base/err.h"
#include "base/unaligned.h"

/* Limits against broken files. Kernels with debugging information have some 300 MiB unpacked. */
#define PACKED_MAX   MIB(256)
#define UNPACKED_MAX MIB(512)

/* The header of zboot: "MZ", "zimg" at 4, offset and size of the packed kernel at 8 and 12, the
 * name of the compression at 24. Unless that is gzip, four bytes with the unpacked size follow the
 * packed data; the unpackers ignore them. */
enum {
	ZBOOT_MAGIC = 4,
	ZBOOT_OFFSET = 8,
	ZBOOT_SIZE = 12,
	ZBOOT_COMPRESSION = 24,
	ZBOOT_COMPRESSION_MAX = 32,
	HEAD_SIZE = ZBOOT_COMPRESSION + ZBOOT_COMPRESSION_MAX,
};

/* Where it lies. */
struct part {
	int fd;
	uint64_t offset, size;
	const char *what;
};

static int cut_short(const struct part *p)
{
	return errf(-EBADMSG, "%s: is cut short; reinstall or rebuild it", p->what);
}

/* Reads all of @len bytes at @offset of the part. */
static int read_at(const struct part *p, void *buf, uint64_t len, uint64_t offset)
{
	ssize_t n;

	if (offset > p->size || len > p->size - offset)
		return cut_short(p);
	n = file_pread(p->fd, buf, len, p->offset + offset);
	if (n < 0)
		return errf(n, "%s: %s", p->what, strerror(-n));
	return (uint64_t)n < len ? cut_short(p) : 0;
}

/* Copies @data to a memfd, which the kernel can read. */
static int to_memfd(const void *data, size_t len, const char *what, int *ret_fd)
{
	_cleanup_close_ int fd = memfd_create("kernel", MFD_CLOEXEC);
	int r;

	if (fd < 0)
		return errf(-errno, "%s: no room to unpack it: %s", what, strerror(errno));
	r = file_write(fd, data, len);
	if (r < 0)
		return errf(r, "%s: no room to unpack it: %s", what, strerror(-r));
	*ret_fd = TAKE_FD(fd);
	return 0;
}

static int unpack_at(const struct part *p, uint64_t offset, uint64_t size, int *ret_fd)
{
	_cleanup_free_ void *packed = NULL, *plain = NULL;
	size_t len;
	int r;

	if (size > PACKED_MAX)
		return errf(-EFBIG, "%s: is too large for a packed kernel", p->what);
	packed = malloc(size);
	if (!packed)
		return oom("a packed kernel");
	if ((r = read_at(p, packed, size, offset)) < 0 ||
	    (r = unpack(packed, size, UNPACKED_MAX, p->what, &plain, &len)) < 0)
		return r;
	return to_memfd(plain, len, p->what, ret_fd);
}

static bool is_zboot(const uint8_t *head, size_t len)
{
	return len >= ZBOOT_OFFSET && memcmp(head, "MZ", 2) == 0 &&
	       memcmp(head + ZBOOT_MAGIC, "zimg", 4) == 0;
}

static int unwrap_zboot(const struct part *p, const uint8_t *head, size_t head_len, int *ret_fd)
{
	uint64_t offset = unaligned_le32(head + ZBOOT_OFFSET),
		 len = unaligned_le32(head + ZBOOT_SIZE);
	char name[ZBOOT_COMPRESSION_MAX + 1] = "";
	uint8_t start[8];
	int r;

	if (head_len < HEAD_SIZE || len == 0 || offset + len > p->size)
		return cut_short(p);
	r = read_at(p, start, MIN(len, sizeof(start)), offset);
	if (r < 0)
		return r;
	if (decoder_find(start, MIN(len, sizeof(start))))
		return unpack_at(p, offset, len, ret_fd);
	for (size_t i = 0; i < ZBOOT_COMPRESSION_MAX; i++) {
		char c = head[ZBOOT_COMPRESSION + i];

		if (c <= ' ' || c > '~')
			break;
		name[i] = c;
	}
	return errf(-ENOTSUP, "%s: its kernel is packed by \"%s\"; use gzip, xz or zstd", p->what,
	            name);
}

static bool is_vmlinux(const uint8_t *head, size_t len)
{
	return len >= EI_NIDENT + 4 && memcmp(head, ELFMAG, SELFMAG) == 0 &&
	       head[EI_CLASS] == ELFCLASS64 && head[EI_DATA] == ELFDATA2LSB &&
	       head[offsetof(Elf64_Ehdr, e_machine)] == EM_RISCV &&
	       head[offsetof(Elf64_Ehdr, e_machine) + 1] == 0;
}

/* What is loaded of an ELF file, of which a debugger's part is by far the larger. */
static int read_headers(const struct part *p, Elf64_Phdr **ret, size_t *ret_n, uint64_t *ret_start,
                        uint64_t *ret_len)
{
	_cleanup_free_ Elf64_Phdr *list = NULL;
	uint64_t start = UINT64_MAX, end = 0;
	Elf64_Ehdr e;
	int r = read_at(p, &e, sizeof(e), 0);

	if (r < 0)
		return r;
	if (e.e_phentsize != sizeof(*list))
		return errf(-EBADMSG, "%s: its program headers have %u bytes each", p->what,
		            e.e_phentsize);
	list = calloc(MAX(e.e_phnum, 1), sizeof(*list));
	if (!list)
		return oom("the headers of a kernel");
	r = read_at(p, list, e.e_phnum * sizeof(*list), e.e_phoff);
	if (r < 0)
		return r;
	for (size_t i = 0; i < e.e_phnum; i++) {
		if (list[i].p_type != PT_LOAD || list[i].p_filesz == 0)
			continue;
		if (list[i].p_filesz > UNPACKED_MAX || list[i].p_paddr > UINT64_MAX - UNPACKED_MAX)
			return errf(-EFBIG, "%s: is too large for a kernel", p->what);
		start = MIN(start, list[i].p_paddr);
		end = MAX(end, list[i].p_paddr + list[i].p_filesz);
	}
	if (start >= end)
		return errf(-ENOEXEC, "%s: has nothing in it that could be loaded", p->what);
	if (end - start > UNPACKED_MAX)
		return errf(-EFBIG, "%s: is too large for a kernel", p->what);
	*ret = TAKE_PTR(list);
	*ret_n = e.e_phnum;
	*ret_start = start;
	*ret_len = end - start;
	return 0;
}

static int flatten(const struct part *p, int *ret_fd)
{
	_cleanup_free_ Elf64_Phdr *list = NULL;
	_cleanup_free_ uint8_t *image = NULL;
	uint64_t start, len;
	size_t n;
	int r = read_headers(p, &list, &n, &start, &len);

	if (r < 0)
		return r;
	image = calloc(1, len);
	if (!image)
		return oom("the image of a kernel");
	for (size_t i = 0; i < n; i++) {
		if (list[i].p_type != PT_LOAD || list[i].p_filesz == 0)
			continue;
		r = read_at(p, image + (list[i].p_paddr - start), list[i].p_filesz,
		            list[i].p_offset);
		if (r < 0)
			return r;
	}
	return to_memfd(image, len, p->what, ret_fd);
}

bool kernel_is_wrapped(const void *head, size_t len)
{
	return is_zboot(head, len) || is_vmlinux(head, len) || decoder_find(head, len);
}

/* Unpacks vmlinux, which may be in the packed file. */
static int flatten_unpacked(const struct part *p, int *fd)
{
	struct part inner = { .fd = *fd, .what = p->what };
	uint8_t head[HEAD_SIZE];
	ssize_t n = file_pread(*fd, head, sizeof(head), 0);
	struct stat st;
	int r, flat;

	if (n < 0 || !is_vmlinux(head, n) || fstat(*fd, &st) < 0)
		return 0;
	inner.size = st.st_size;
	r = flatten(&inner, &flat);
	if (r < 0)
		return r;
	close(*fd);
	*fd = flat;
	return 0;
}

int kernel_unwrap_part(int fd, uint64_t offset, uint64_t size, const char *what, int *ret_fd)
{
	const struct part p = { fd, offset, size, what };
	_cleanup_close_ int unpacked = -1;
	uint8_t head[HEAD_SIZE] = {};
	ssize_t n = file_pread(fd, head, MIN(size, sizeof(head)), offset);
	int r;

	if (n < 0)
		return errf(n, "%s: %s", what, strerror(-n));
	if (is_vmlinux(head, n))
		return flatten(&p, ret_fd);
	if (is_zboot(head, n))
		r = unwrap_zboot(&p, head, n, &unpacked);
	else
		r = decoder_find(head, n) ? unpack_at(&p, 0, size, &unpacked) : -ENOEXEC;
	if (r < 0 || (r = flatten_unpacked(&p, &unpacked)) < 0)
		return r;
	*ret_fd = TAKE_FD(unpacked);
	return 0;
}

int kernel_unwrap(int fd, const char *what, int *ret_fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return errf(-errno, "%s: %s", what, strerror(errno));
	return kernel_unwrap_part(fd, 0, st.st_size, what, ret_fd);
}
