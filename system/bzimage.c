// SPDX-License-Identifier: GPL-2.0-or-later
/* bzimage.c - the setup header of a bzImage, see bzimage.h. */
#include "system/bzimage.h"

#include <errno.h>

#include "system/kernel-image.h"
#include "base/cursor.h"
#include "base/err.h"

/* The setup header lies at 0x1f1; all offsets are those of boot.rst. */
enum {
	HEADER_SETUP_SECTS = 0x1f1, /* u8: sectors of the part in real mode, less the first */
	HEADER_SYSSIZE = 0x1f4,     /* u32: 16-byte units of the rest */
	HEADER_PROTOCOL = 0x206,    /* u16 */
	HEADER_VERSION = 0x20e,     /* u16: offset of the version string, less 0x200 */
	HEADER_LOADFLAGS = 0x211,   /* u8 */
	HEADER_RELOCATABLE = 0x234,
	HEADER_XLOADFLAGS = 0x236, /* u16 */
	HEADER_CMDLINE_SIZE = 0x238,
	HEADER_INIT_SIZE = 0x260,

	PROTOCOL_MIN = 0x20c,
	LOADED_HIGH = 1,
	XLF_KERNEL_64 = 1,
	XLF_ABOVE_4G = 2,
	VERSION_MAX = 256,
};

/* "6.1.0-56-cloud-amd64 (debian-kernel@...) #1 ..." : the release is the first word. */
static int parse_version(struct cursor c, uint16_t offset, char **ret)
{
	const char *text;
	size_t len;

	if (!offset || cursor_seek(&c, 0x200 + (uint64_t)offset) < 0)
		return errf(-EBADMSG, "%s: carries no version", c.what);
	text = (const char *)c.pos;
	len = MIN(cursor_left(&c), VERSION_MAX);
	len = MIN(strnlen(text, len), strcspn(strndupa(text, len), " "));
	if (!len)
		return errf(-EBADMSG, "%s: carries no version", c.what);
	*ret = strndup(text, len);
	return *ret ? 0 : -ENOMEM;
}

int bzimage_parse(const void *data, size_t len, uint64_t file_size, const char *what,
                  struct bzimage *ret)
{
	struct cursor c = cursor_over(data, len, what);
	uint32_t syssize, cmdline_size, init_size;
	uint16_t protocol, version, xloadflags;
	uint8_t setup_sects, loadflags, relocatable;
	const void *magic;
	int r = kernel_refuse_other(data, len, "x86_64", what);

	if (r < 0)
		return r;
	if (cursor_seek(&c, BZIMAGE_MAGIC) < 0 || cursor_bytes(&c, 4, &magic) < 0 ||
	    memcmp(magic, "HdrS", 4) != 0)
		return errf(-ENOEXEC,
		            "%s: is no bzImage, the only kind of kernel that can be loaded on this "
		            "machine",
		            what);
#define FIELD(at, type, to)                                                                        \
	if (cursor_seek(&c, at) < 0 || cursor_##type(&c, to) < 0)                                  \
	return errf(-ENOEXEC, "%s: is cut short", what)
	FIELD(HEADER_SETUP_SECTS, u8, &setup_sects);
	FIELD(HEADER_SYSSIZE, u32, &syssize);
	FIELD(HEADER_PROTOCOL, u16, &protocol);
	FIELD(HEADER_VERSION, u16, &version);
	FIELD(HEADER_LOADFLAGS, u8, &loadflags);
	FIELD(HEADER_RELOCATABLE, u8, &relocatable);
	FIELD(HEADER_XLOADFLAGS, u16, &xloadflags);
	FIELD(HEADER_CMDLINE_SIZE, u32, &cmdline_size);
	FIELD(HEADER_INIT_SIZE, u32, &init_size);
#undef FIELD
	if (protocol < PROTOCOL_MIN || !(loadflags & LOADED_HIGH) ||
	    (xloadflags & (XLF_KERNEL_64 | XLF_ABOVE_4G)) != (XLF_KERNEL_64 | XLF_ABOVE_4G))
		return errf(-ENOEXEC,
		            "%s: is no 64-bit kernel that can be loaded (boot protocol %u.%u)",
		            what, protocol >> 8, protocol & 0xff);
	if (!relocatable)
		return errf(-ENOEXEC,
		            "%s: cannot run from where it is loaded: it is built without "
		            "CONFIG_RELOCATABLE",
		            what);
	/* 0 sectors stand for 4, for reasons of age. */
	if (((setup_sects ? setup_sects : 4) + 1) * UINT64_C(512) + syssize * UINT64_C(16) >
	    file_size)
		return errf(-ENOEXEC, "%s: is cut short; reinstall its package", what);
	r = parse_version(c, version, &ret->release);
	if (r < 0)
		return r;
	ret->cmdline_size = cmdline_size;
	ret->init_size = init_size;
	return 0;
}
