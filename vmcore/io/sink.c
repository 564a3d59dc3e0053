// SPDX-License-Identifier: GPL-2.0-or-later
/* sink.c - where a dump goes: files and memory, see sink.h. */
#include "vmcore/io/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>

#include "base/err.h"
#include "vmcore/io/sink-kind.h"

/* Smaller writes are headers and descriptors, whose neighbours in the block are written later. */
#define HURRY_LEAST MIB(1)

int sink_new(const struct sink_kind *kind, const char *name, struct sink **ret)
{
	struct sink *s;

	s = malloc(sizeof(*s));
	if (!s)
		return -ENOMEM;
	*s = (struct sink){
		.kind = kind,
		.name = strdup(name),
		.fd = -1,
		.lock = PTHREAD_MUTEX_INITIALIZER,
	};
	if (!s->name) {
		free(s);
		return -ENOMEM;
	}
	*ret = s;
	return 0;
}

struct sink *sink_free(struct sink *s)
{
	if (!s)
		return NULL;
	if (s->kind->close)
		s->kind->close(s);
	free(s->name);
	free(s);
	return NULL;
}

bool sink_is_stream(const struct sink *s)
{
	return s->kind->stream;
}

void sink_watch(struct sink *s, uint64_t each, sink_watch_fn fn, void *arg)
{
	s->watch = fn;
	s->watch_arg = arg;
	s->watch_each = each;
}

int sink_write(struct sink *s, uint64_t offset, const void *buf, size_t len)
{
	int r = s->kind->write(s, offset, buf, len);
	uint64_t before;

	if (r < 0 || !s->watch)
		return r;
	before = atomic_fetch_add(&s->written, len);
	if (before / s->watch_each != (before + len) / s->watch_each)
		s->watch(s->watch_arg, before + len);
	return r;
}

bool sink_can_read(const struct sink *s)
{
	return s->kind->read && (s->fd < 0 || (fcntl(s->fd, F_GETFL) & O_ACCMODE) == O_RDWR);
}

int sink_read(struct sink *s, uint64_t offset, void *buf, size_t len)
{
	return s->kind->read(s, offset, buf, len);
}

void sink_reserve(struct sink *s, uint64_t offset, uint64_t len)
{
	if (s->kind->reserve && len > 0)
		s->kind->reserve(s, offset, len);
}

int sink_truncate(struct sink *s, uint64_t size)
{
	return s->kind->truncate(s, size);
}

int sink_sync(struct sink *s)
{
	return s->kind->sync ? s->kind->sync(s) : 0;
}

int sink_finish(struct sink *s)
{
	return s->kind->finish ? s->kind->finish(s) : sink_sync(s);
}

static int file_write(struct sink *s, uint64_t offset, const void *buf, size_t len)
{
	uint64_t start = offset;
	size_t all = len;

	while (len > 0) {
		ssize_t n = pwrite(s->fd, buf, len, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errf(-errno, "%s: writing at offset %llu: %s", s->name,
			            (unsigned long long)offset, strerror(errno));
		buf = (const char *)buf + n;
		offset += n;
		len -= n;
	}
	/* Starts writing to the disk, so that fsync() has little left to wait for. This may fail
	 * without harm: fsync() still tells of errors (ksys_sync_file_range(), fs/sync.c, 6.12). */
	if (all >= HURRY_LEAST)
		(void)sync_file_range(s->fd, start, all, SYNC_FILE_RANGE_WRITE);
	return 0;
}

static int file_read(struct sink *s, uint64_t offset, void *buf, size_t len)
{
	while (len > 0) {
		ssize_t n = pread(s->fd, buf, len, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return errf(n < 0 ? -errno : -EIO, "%s: reading back at offset %llu: %s",
			            s->name, (unsigned long long)offset,
			            n < 0 ? strerror(errno) : "the file ends there");
		buf = (char *)buf + n;
		offset += n;
		len -= n;
	}
	return 0;
}

/* If it fails, a full disk is only noticed later. */
static void file_reserve(struct sink *s, uint64_t offset, uint64_t len)
{
	(void)fallocate(s->fd, 0, offset, len);
}

static int file_truncate(struct sink *s, uint64_t size)
{
	if (ftruncate(s->fd, size) < 0)
		return errf(-errno, "%s: cannot be made %llu bytes long: %s", s->name,
		            (unsigned long long)size, strerror(errno));
	return 0;
}

static int file_sync(struct sink *s)
{
	if (fsync(s->fd) < 0)
		return errf(-errno, "%s: cannot be written to the disk: %s", s->name,
		            strerror(errno));
	return 0;
}

static void file_close(struct sink *s)
{
	if (s->fd >= 0 && !s->borrowed)
		close(s->fd);
}

static const struct sink_kind sink_file = {
	.write = file_write,
	.read = file_read,
	.reserve = file_reserve,
	.truncate = file_truncate,
	.sync = file_sync,
	.close = file_close,
};

int sink_create(int dir_fd, const char *name, struct sink **ret)
{
	_cleanup_(sink_freep) struct sink *s = NULL;
	int r = sink_new(&sink_file, name, &s);

	if (r < 0)
		return r;
	s->fd = openat(dir_fd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (s->fd < 0)
		return errf(-errno, "%s: cannot be created: %s", name, strerror(errno));
	*ret = TAKE_PTR(s);
	return 0;
}

int sink_to_fd(int fd, const char *name, struct sink **ret)
{
	struct sink *s;
	int r = sink_new(&sink_file, name, &s);

	if (r < 0)
		return r;
	s->fd = fd;
	s->borrowed = true;
	*ret = s;
	return 0;
}

static int memory_truncate(struct sink *s, uint64_t size)
{
	uint8_t *grown;

	grown = realloc(s->data, MAX(size, 1));
	if (!grown)
		return -ENOMEM;
	if (size > s->size)
		memset(grown + s->size, 0, size - s->size);
	s->data = grown;
	s->size = size;
	return 0;
}

static int memory_write(struct sink *s, uint64_t offset, const void *buf, size_t len)
{
	int r = 0;

	pthread_mutex_lock(&s->lock);
	if (offset + len > s->size)
		r = memory_truncate(s, offset + len);
	if (r >= 0)
		memcpy(s->data + offset, buf, len);
	pthread_mutex_unlock(&s->lock);
	return r;
}

static int memory_read(struct sink *s, uint64_t offset, void *buf, size_t len)
{
	int r = 0;

	pthread_mutex_lock(&s->lock);
	if (offset + len <= s->size)
		memcpy(buf, s->data + offset, len);
	else
		r = errf(-EIO, "%s: ends before offset %llu", s->name,
		         (unsigned long long)(offset + len));
	pthread_mutex_unlock(&s->lock);
	return r;
}

static void memory_close(struct sink *s)
{
	free(s->data);
}

static const struct sink_kind sink_kind_memory = {
	.write = memory_write,
	.read = memory_read,
	.truncate = memory_truncate,
	.close = memory_close,
};

int sink_to_memory(struct sink **ret)
{
	return sink_new(&sink_kind_memory, "memory", ret);
}

const void *sink_memory(const struct sink *s, size_t *ret_len)
{
	*ret_len = s->size;
	return s->data;
}
