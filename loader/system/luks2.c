// SPDX-License-Identifier: GPL-2.0-or-later
/* luks2.c - reads the JSON of a LUKS2 header, see luks2.h. */
#include "loader/system/luks2.h"

#include <endian.h>
#include <errno.h>

#include "base/err.h"

enum { MAGIC_SIZE = 6, VERSION_AT = 6, SIZE_AT = 8, BINARY_SIZE = 4096 };

/* The largest that cryptsetup makes (lib/luks2/luks2.h, LUKS2_HDR_OFFSET_MAX). */
#define HEADER_MAX MIB(4)

/* All of @len bytes; -ENODATA when the device ends before. */
static int read_at(int fd, void *buf, size_t len, off_t offset)
{
	uint8_t *p = buf;

	while (len > 0) {
		ssize_t n = pread(fd, p, len, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -ENODATA;
		p += n;
		len -= n;
		offset += n;
	}
	return 0;
}

static int parse_json(int fd, const char *what, size_t len, json_t **ret)
{
	_cleanup_free_ char *text = malloc(len + 1);
	json_t *object;
	int r;

	if (!text)
		return -ENOMEM;
	r = read_at(fd, text, len, BINARY_SIZE);
	if (r < 0)
		return errf(r, "%s: LUKS2 header: %s", what, strerror(-r));
	text[len] = '\0';
	object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(object)) {
		json_decref(object);
		return errf(-EBADMSG, "%s: LUKS2 header: its JSON is broken", what);
	}
	*ret = object;
	return 0;
}

int luks2_read(int fd, const char *what, json_t **ret)
{
	static const uint8_t magic[MAGIC_SIZE] = { 'L', 'U', 'K', 'S', 0xba, 0xbe };
	uint8_t head[SIZE_AT + sizeof(uint64_t)];
	uint16_t version;
	uint64_t size;
	int r = read_at(fd, head, sizeof(head), 0);

	if (r == -ENODATA)
		return -ENOENT;
	if (r < 0)
		return errf(r, "%s: %s", what, strerror(-r));
	if (memcmp(head, magic, MAGIC_SIZE) != 0)
		return -ENOENT;
	memcpy(&version, head + VERSION_AT, sizeof(version));
	memcpy(&size, head + SIZE_AT, sizeof(size));
	version = be16toh(version);
	size = be64toh(size);
	if (version != 2)
		return errf(-EBADMSG, "%s: LUKS header of version %u instead of 2", what, version);
	if (size <= BINARY_SIZE || size > HEADER_MAX)
		return errf(-EBADMSG, "%s: LUKS2 header of %llu bytes, which cannot be", what,
		            (unsigned long long)size);
	return parse_json(fd, what, size - BINARY_SIZE, ret);
}
