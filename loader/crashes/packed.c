// SPDX-License-Identifier: GPL-2.0-or-later
/* packed.c - gzip, xz and zstd, one buffer after the other, see packed.h. */
#include "loader/crashes/packed.h"

#include <errno.h>
#include <unistd.h>

#include "base/err.h"
#include "system/decoder.h"
#include "system/file.h"

#define BUFFER_SIZE KIB(256)

static const struct decoder_kind *find_kind(int fd)
{
	char head[8];
	ssize_t n = pread(fd, head, sizeof(head), 0);

	return n > 0 ? decoder_find(head, n) : NULL;
}

bool packed_is(int fd)
{
	return find_kind(fd) != NULL;
}

/* Returns the bytes written. -ENODATA: it ends within a stream. */
static int64_t copy(struct decoder *d, int from, int to, uint64_t max)
{
	_cleanup_free_ uint8_t *buf = malloc(2 * BUFFER_SIZE);
	struct decoder_io io = {};
	uint64_t at = 0, written = 0;

	if (!buf)
		return -ENOMEM;
	for (;;) {
		size_t n;
		int r;

		if (io.in_len == 0 && !io.last) {
			ssize_t got = pread(from, buf, BUFFER_SIZE, at);

			if (got < 0)
				return -errno;
			io.in = buf;
			io.in_len = got;
			io.last = got == 0;
			at += got;
		}
		if (io.last && d->whole)
			return written;
		io.out = buf + BUFFER_SIZE;
		io.room = BUFFER_SIZE;
		r = decoder_step(d, &io);
		n = BUFFER_SIZE - io.room;
		if (n > max - written)
			return -EFBIG;
		if (r == 0)
			r = file_write(to, buf + BUFFER_SIZE, n);
		if (r < 0)
			return r;
		written += n;
		if (io.last && n == 0 && !d->whole)
			return -ENODATA;
	}
}

int64_t packed_copy(int from, const char *name, int to, uint64_t max)
{
	const struct decoder_kind *k = find_kind(from);
	struct decoder d;
	int64_t n;
	int r;

	if (!k)
		return -EINVAL;
	r = decoder_begin(&d, k, true);
	if (r < 0)
		return oom("a decoder");
	n = copy(&d, from, to, max);
	decoder_done(&d);
	if (n == -EBADMSG || n == -ENODATA)
		return errf(-EBADMSG,
		            "%s: compressed by %s, but %s: \"%s FILE | kdump-lite report -\" reads "
		            "what comes before",
		            name, k->name, n == -ENODATA ? "ends early" : "damaged", k->tool);
	if (n == -ENOMEM)
		return oom("an unpacked file");
	return n;
}
