// SPDX-License-Identifier: GPL-2.0-or-later
/* sink.c - where a dump goes, see sink.h. */
#include "vmcore/io/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>

#include "vmcore/base/err.h"

struct sink {
	char *name;
	int fd; /* -1: memory */

	pthread_mutex_t lock; /* of what follows, for memory, which moves when it grows */
	uint8_t *data;
	size_t size;
};

static int sink_new(const char *name, struct sink **ret)
{
	struct sink *s;

	s = malloc(sizeof(*s));
	if (!s)
		return -ENOMEM;
	*s = (struct sink){ .fd = -1, .name = strdup(name), .lock = PTHREAD_MUTEX_INITIALIZER };
	if (!s->name) {
		free(s);
		return -ENOMEM;
	}
	*ret = s;
	return 0;
}

int sink_create(int dir_fd, const char *name, struct sink **ret)
{
	_cleanup_(sink_freep) struct sink *s = NULL;
	int r;

	r = sink_new(name, &s);
	if (r < 0)
		return r;
	s->fd = openat(dir_fd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (s->fd < 0)
		return errf(-errno, "%s: cannot be created: %s", name, strerror(errno));
	*ret = TAKE_PTR(s);
	return 0;
}

int sink_to_memory(struct sink **ret)
{
	return sink_new("memory", ret);
}

const void *sink_memory(const struct sink *s, size_t *ret_len)
{
	*ret_len = s->size;
	return s->data;
}

struct sink *sink_free(struct sink *s)
{
	if (!s)
		return NULL;
	if (s->fd >= 0)
		close(s->fd);
	free(s->data);
	free(s->name);
	free(s);
	return NULL;
}

void sink_freep(struct sink **s)
{
	*s = sink_free(*s);
}

static int memory_resize(struct sink *s, uint64_t size)
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
		r = memory_resize(s, offset + len);
	if (r == 0)
		memcpy(s->data + offset, buf, len);
	pthread_mutex_unlock(&s->lock);
	return r;
}

int sink_write(struct sink *s, uint64_t offset, const void *buf, size_t len)
{
	if (s->fd < 0)
		return memory_write(s, offset, buf, len);
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
	return 0;
}

int sink_truncate(struct sink *s, uint64_t size)
{
	if (s->fd < 0)
		return memory_resize(s, size);
	if (ftruncate(s->fd, size) < 0)
		return errf(-errno, "%s: cannot be made %llu bytes long: %s", s->name,
		            (unsigned long long)size, strerror(errno));
	return 0;
}

int sink_sync(struct sink *s)
{
	if (s->fd >= 0 && fsync(s->fd) < 0)
		return errf(-errno, "%s: cannot be written to the disk: %s", s->name,
		            strerror(errno));
	return 0;
}
