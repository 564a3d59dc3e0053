// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * image.c - the header of an Image, see image.h.
 *
 * Both have 64 bytes, of little-endian numbers. Those that count are at the same places: u64 offset
 * of the text at 8, u64 size in memory at 16, u64 flags at 24, and a magic number of four bytes at
 * 56.
 */
#include "loader/segments/image.h"

#include <errno.h>

#include "loader/system/kernel.h"
#include "base/cursor.h"
#include "base/err.h"

enum {
	IMAGE_TEXT_OFFSET = 8,
	IMAGE_MAGIC = 56,
	FLAG_BIG_ENDIAN = 1,
};

static int parse(const void *data, size_t len, const char magic[static 4], const char *what,
                 struct image *ret)
{
	struct cursor c = cursor_over(data, len, what);
	const void *found;
	struct image image = { .align = MIB(2) };
	uint64_t flags;

	if (cursor_seek(&c, IMAGE_MAGIC) < 0 || cursor_bytes(&c, 4, &found) < 0 ||
	    memcmp(found, magic, 4) != 0)
		return errf(-ENOEXEC,
		            "%s: is no Image, the only kind of kernel that can be loaded on this "
		            "machine",
		            what);
	cursor_seek(&c, IMAGE_TEXT_OFFSET);
	cursor_u64(&c, &image.text_offset);
	cursor_u64(&c, &image.size);
	cursor_u64(&c, &flags);
	if (flags & FLAG_BIG_ENDIAN)
		return errf(-ENOEXEC, "%s: is a big-endian kernel, which is not supported", what);
	/* Kernels before 3.17 do not tell their size. */
	if (image.size == 0 || image.size > MIB(1024) || image.text_offset > MIB(2))
		return errf(-ENOEXEC, "%s: its header says no size that is possible", what);
	image.size = MAX(image.size, len);
	*ret = image;
	return 0;
}

int image_parse_arm64(const void *data, size_t len, const char *what, struct image *ret)
{
	return parse(data, len, "ARM\x64", what, ret);
}

/* The text offset is the distance of the load address from the start of memory, not of a multiple
 * of 2M: kernels run wherever they are put (arch/riscv/kernel/head.S, 6.12). They take all of their
 * last 2M for themselves, and no initrd that begins there (arch/riscv/mm/init.c,
 * setup_bootmem()). */
int image_parse_riscv64(const void *data, size_t len, const char *what, struct image *ret)
{
	int r = parse(data, len, "RSC\x05", what, ret);

	if (r < 0)
		return r;
	ret->text_offset = 0;
	ret->size = ALIGN_UP(ret->size, ret->align);
	return 0;
}

/* The part in real mode is for boot loaders of old; what is behind it is entered 512 bytes from its
 * start, in 64-bit mode. */
int image_parse_x86_64(const void *data, size_t len, const char *what, struct image *ret)
{
	enum { SECTOR = 512, SETUP_SECTS = 0x1f1, KERNEL_ALIGNMENT = 0x230 };
	_cleanup_(kernel_done) struct kernel k = KERNEL_NULL;
	struct cursor c = cursor_over(data, len, what);
	uint32_t align;
	uint8_t sects;
	int r;

	k.file_size = len;
	r = kernel_parse_bzimage(data, len, what, &k);
	if (r < 0)
		return r;
	cursor_seek(&c, SETUP_SECTS);
	cursor_u8(&c, &sects);
	cursor_seek(&c, KERNEL_ALIGNMENT);
	cursor_u32(&c, &align);
	*ret = (struct image){ .align = MAX(align, MIB(2)),
		               .skip = ((sects ? sects : 4) + 1) * SECTOR,
		               .entry = SECTOR };
	ret->size = MAX(k.init_size, len - ret->skip);
	return 0;
}
