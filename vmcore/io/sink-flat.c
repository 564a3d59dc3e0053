// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sink-flat.c - a dump as a flattened stream, see sink.h and source-flat.h.
 *
 * Readers disagree about bytes that come twice, so writers ask sink_is_stream() and write each byte
 * once. crash reads past its list of records unless one of them has the last byte of the dump, and
 * makedumpfile -R counts the bytes of a record in an int.
 */
#include <endian.h>
#include <errno.h>
#include <sys/uio.h>

#include "base/err.h"
#include "vmcore/io/sink-kind.h"
#include "vmcore/io/source-flat.h"

#define MAX_RECORD MIB(1024)

static int flat_put(struct sink *s, const void *head, size_t head_len, const void *buf, size_t len)
{
	int r = s->put(s->arg, head, head_len);

	return r < 0 || len == 0 ? r : s->put(s->arg, buf, len);
}

static int flat_writev(struct sink *s, const void *head, size_t head_len, const void *buf,
                       size_t len)
{
	struct iovec v[2] = { { (void *)head, head_len }, { (void *)buf, len } };
	size_t i = 0;

	if (s->put)
		return flat_put(s, head, head_len, buf, len);
	while (i < ARRAY_SIZE(v)) {
		ssize_t n = writev(s->fd, v + i, ARRAY_SIZE(v) - i);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errf(-errno, "%s: cannot be written: %s", s->name, strerror(errno));
		for (; i < ARRAY_SIZE(v) && (size_t)n >= v[i].iov_len; i++)
			n -= v[i].iov_len;
		if (i < ARRAY_SIZE(v)) {
			v[i].iov_base = (char *)v[i].iov_base + n;
			v[i].iov_len -= n;
		}
	}
	return 0;
}

static int flat_record(struct sink *s, uint64_t offset, const void *buf, size_t len)
{
	uint64_t head[2] = { htobe64(offset), htobe64(len) };

	s->end = MAX(s->end, offset + len);
	return flat_writev(s, head, sizeof(head), buf, len);
}

static int flat_write(struct sink *s, uint64_t offset, const void *buf, size_t len)
{
	int r = 0;

	pthread_mutex_lock(&s->lock);
	while (len > 0 && r == 0) {
		size_t n = MIN(len, MAX_RECORD);

		r = flat_record(s, offset, buf, n);
		buf = (const char *)buf + n;
		offset += n;
		len -= n;
	}
	pthread_mutex_unlock(&s->lock);
	return r;
}

/* Only remembers the size: bytes before it may still be written. */
static int flat_truncate(struct sink *s, uint64_t size)
{
	s->size = size;
	return 0;
}

static int flat_finish(struct sink *s)
{
	static const uint64_t end[2] = { UINT64_MAX, UINT64_MAX };
	int r;

	if ((s->end < s->size && (r = flat_record(s, s->size - 1, "", 1)) < 0) ||
	    (r = flat_writev(s, end, sizeof(end), NULL, 0)) < 0)
		return r;
	/* It may be a file; pipes and sockets cannot be synced. */
	if (!s->put && fsync(s->fd) < 0 && errno != EINVAL && errno != EROFS)
		return errf(-errno, "%s: cannot be written to the disk: %s", s->name,
		            strerror(errno));
	return 0;
}

static const struct sink_kind sink_flat = {
	.stream = true,
	.write = flat_write,
	.truncate = flat_truncate,
	.finish = flat_finish,
};

static int flatten(int fd, sink_put_fn put, void *arg, const char *name, struct sink **ret)
{
	static const uint8_t header[FLAT_HEADER_SIZE] = {
		'm', 'a', 'k', 'e', 'd', 'u', 'm', 'p', 'f', 'i', 'l', 'e', [23] = 1, [31] = 1,
	};
	_cleanup_(sink_freep) struct sink *s = NULL;
	int r = sink_new(&sink_flat, name, &s);

	if (r < 0)
		return r;
	s->fd = fd;
	s->put = put;
	s->arg = arg;
	r = flat_writev(s, header, sizeof(header), NULL, 0);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(s);
	return 0;
}

int sink_flatten(int fd, const char *name, struct sink **ret)
{
	return flatten(fd, NULL, NULL, name, ret);
}

int sink_flatten_by(sink_put_fn put, void *arg, const char *name, struct sink **ret)
{
	return flatten(-1, put, arg, name, ret);
}
