// SPDX-License-Identifier: GPL-2.0-or-later
/* efivar.c - reads EFI variables of the boot loader, see efivar.h. */
#include "loader/boot/efivar.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "system/tree.h"

#define VENDOR "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
#define GLOBAL "8be4df61-93ca-11d2-aa0d-00e098032b8c"

enum { ATTRIBUTES_SIZE = 4, VALUE_MAX = 16 << 10 };

/* Writes one character of UTF-16 as UTF-8. Surrogates are not supported: no entry has them. */
static char *put_utf8(char *out, unsigned c)
{
	if (c < 0x80) {
		*out++ = c;
	} else if (c < 0x800) {
		*out++ = 0xc0 | c >> 6;
		*out++ = 0x80 | (c & 0x3f);
	} else {
		*out++ = 0xe0 | c >> 12;
		*out++ = 0x80 | (c >> 6 & 0x3f);
		*out++ = 0x80 | (c & 0x3f);
	}
	return out;
}

int efivar_read(int root_fd, const char *name, char **ret)
{
	_cleanup_free_ char *raw = NULL, *text = NULL;
	char path[PATH_MAX];
	size_t len;
	char *out;
	int r;

	snprintf(path, sizeof(path), "/sys/firmware/efi/efivars/%s-" VENDOR, name);
	r = tree_read(root_fd, path, VALUE_MAX, &raw, &len);
	if (r < 0)
		return r == -ENOMEM ? r : -ENOENT;
	if (len < ATTRIBUTES_SIZE || len % 2 != 0)
		return -ENOENT;
	text = out = malloc((len - ATTRIBUTES_SIZE) / 2 * 3 + 1);
	if (!text)
		return -ENOMEM;
	for (size_t i = ATTRIBUTES_SIZE; i < len; i += 2) {
		unsigned c = (uint8_t)raw[i] | (uint8_t)raw[i + 1] << 8;

		if (c == 0)
			break;
		if (c >= 0xd800 && c <= 0xdfff)
			return -ENOENT;
		out = put_utf8(out, c);
	}
	*out = '\0';
	if (!*text)
		return -ENOENT;
	*ret = TAKE_PTR(text);
	return 0;
}

bool efivar_secure_boot(int root_fd)
{
	_cleanup_free_ char *raw = NULL;
	size_t len;

	return tree_read(root_fd, "/sys/firmware/efi/efivars/SecureBoot-" GLOBAL, VALUE_MAX, &raw,
	                 &len) == 0 &&
	       len == ATTRIBUTES_SIZE + 1 && raw[ATTRIBUTES_SIZE] == 1;
}
