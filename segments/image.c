// SPDX-License-Identifier: GPL-2.0-or-later
/* image.c - how an Image and a bzImage are put into memory, see image.h. */
#include "segments/image.h"

#include <errno.h>

#include "system/bzimage.h"
#include "system/kernel-image.h"
#include "base/cursor.h"
#include "base/err.h"

static int parse(const void *data, size_t len, const char *machine, const char *what,
                 struct image *ret)
{
	struct image_header h;
	int r = image_header_parse(data, len, len, machine, what, &h);

	if (r < 0)
		return r;
	*ret = (struct image){ .align = MIB(2),
		               .text_offset = h.text_offset,
		               .size = MAX(h.size, len) };
	return 0;
}

int image_parse_arm64(const void *data, size_t len, const char *what, struct image *ret)
{
	return parse(data, len, "aarch64", what, ret);
}

/* The text offset is the distance of the load address from the start of memory, not of a multiple
 * of 2M: kernels run wherever they are put (arch/riscv/kernel/head.S, 6.12). They take all of their
 * last 2M for themselves, and no initrd that begins there (arch/riscv/mm/init.c,
 * setup_bootmem()). */
int image_parse_riscv64(const void *data, size_t len, const char *what, struct image *ret)
{
	int r = parse(data, len, "riscv64", what, ret);

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
	struct bzimage b = {};
	struct cursor c = cursor_over(data, len, what);
	uint32_t align;
	uint8_t sects;
	int r;

	r = bzimage_parse(data, len, len, what, &b);
	if (r < 0)
		return r;
	free(b.release);
	cursor_seek(&c, SETUP_SECTS);
	cursor_u8(&c, &sects);
	cursor_seek(&c, KERNEL_ALIGNMENT);
	cursor_u32(&c, &align);
	*ret = (struct image){ .align = MAX(align, MIB(2)),
		               .skip = ((sects ? sects : 4) + 1) * SECTOR,
		               .entry = SECTOR };
	ret->size = MAX(b.init_size, len - ret->skip);
	return 0;
}
