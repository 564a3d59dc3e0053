/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * luks2.h - the metadata of a LUKS2 volume.
 *
 * At the start of the device are 4096 bytes of binary header, all numbers big-endian: the magic
 * "LUKS" 0xba 0xbe, at 6 the version as 16 bits, at 8 the size of the header as 64 bits. From 4096
 * to that size follows a JSON object, filled up with zeroes. (LUKS2 On-Disk Format Specification
 * 1.1.1, sections 2 and 3. The second copy behind the first is for repairs and is not read.)
 */
#pragma once

#include <jansson.h>

/* The JSON object of the volume on @fd, a new reference. @what names it in texts. -ENOENT without a
 * text when there is no LUKS header, -EBADMSG when it is broken or of another version. */
int luks2_read(int fd, const char *what, json_t **ret);
