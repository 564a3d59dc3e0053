// SPDX-License-Identifier: GPL-2.0-or-later
/* source.c - bytes at offsets, and windows onto them, see source.h. */
#include "vmcore/io/source.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "vmcore/base/err.h"

#define WINDOW_BUFFER KIB(64)

struct source {
	char *name;
	int fd;              /* -1: memory */
	const uint8_t *data; /* memory only; borrowed */
	uint64_t size;
};

static int source_new(const char *name, struct source **ret)
{
	struct source *s;

	s = malloc(sizeof(*s));
	if (!s)
		return -ENOMEM;
	*s = (struct source){ .fd = -1, .name = strdup(name) };
	if (!s->name) {
		free(s);
		return -ENOMEM;
	}
	*ret = s;
	return 0;
}

int source_open(const char *path, struct source **ret)
{
	_cleanup_(source_freep) struct source *s = NULL;
	struct stat st;
	int r;

	r = source_new(path, &s);
	if (r < 0)
		return r;
	s->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (s->fd < 0)
		return errf(-errno, "%s: cannot be opened: %s", path, strerror(errno));
	if (fstat(s->fd, &st) < 0)
		return errf(-errno, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return errf(-EINVAL, "%s: not a regular file", path);
	s->size = st.st_size;
	*ret = TAKE_PTR(s);
	return 0;
}

int source_from_memory(const void *data, size_t size, const char *name, struct source **ret)
{
	struct source *s;
	int r;

	r = source_new(name, &s);
	if (r < 0)
		return r;
	s->data = data;
	s->size = size;
	*ret = s;
	return 0;
}

struct source *source_free(struct source *s)
{
	if (!s)
		return NULL;
	if (s->fd >= 0)
		close(s->fd);
	free(s->name);
	free(s);
	return NULL;
}

void source_freep(struct source **s)
{
	*s = source_free(*s);
}

uint64_t source_size(const struct source *s)
{
	return s->size;
}

const char *source_name(const struct source *s)
{
	return s->name;
}

static int source_check(const struct source *s, uint64_t offset, uint64_t len)
{
	if (offset > s->size || len > s->size - offset)
		return errf(-EBADMSG, "%s: has %llu bytes, no %llu at offset %llu", s->name,
		            (unsigned long long)s->size, (unsigned long long)len,
		            (unsigned long long)offset);
	return 0;
}

int source_read(const struct source *s, uint64_t offset, void *buf, size_t len)
{
	int r;

	r = source_check(s, offset, len);
	if (r < 0)
		return r;
	if (s->fd < 0) {
		memcpy(buf, s->data + offset, len);
		return 0;
	}
	while (len > 0) {
		ssize_t n = pread(s->fd, buf, len, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errf(-errno, "%s: reading at offset %llu: %s", s->name,
			            (unsigned long long)offset, strerror(errno));
		if (n == 0)
			return errf(-EBADMSG, "%s: ends early, at offset %llu", s->name,
			            (unsigned long long)offset);
		buf = (char *)buf + n;
		offset += n;
		len -= n;
	}
	return 0;
}

void window_init(struct window *w, const struct source *s, size_t size)
{
	*w = (struct window){ .source = s, .size = ALIGN_UP(size, (size_t)sysconf(_SC_PAGESIZE)) };
}

static void window_unmap(struct window *w)
{
	if (w->mapping)
		munmap(w->mapping, w->len);
	w->mapping = NULL;
	w->len = 0;
}

void window_done(struct window *w)
{
	window_unmap(w);
	free(w->buffer);
	*w = (struct window){};
}

void window_turn(struct window *w, const struct source *s)
{
	if (w->source == s)
		return;
	window_unmap(w);
	w->len = 0;
	w->source = s;
}

/* Maps the stretch around @offset. /proc/vmcore wants the whole range inside the file
 * (fs/proc/vmcore.c mmap_vmcore(), Linux 6.12), so the last window ends with it. */
static int window_map(struct window *w, uint64_t offset)
{
	uint64_t start = ALIGN_DOWN(offset, (uint64_t)w->size);
	uint64_t len = MIN(w->size, w->source->size - start);
	void *p;

	window_unmap(w);
	p = mmap(NULL, len, PROT_READ, MAP_PRIVATE, w->source->fd, start);
	if (p == MAP_FAILED)
		return -errno;
	w->mapping = p;
	w->data = p;
	w->offset = start;
	w->len = len;
	return 0;
}

static int window_fill(struct window *w, uint64_t offset, size_t need)
{
	size_t len = MIN(MAX(need, WINDOW_BUFFER), w->source->size - offset);
	int r;

	window_unmap(w);
	if (len > w->buffer_size) {
		free(w->buffer);
		w->buffer = malloc(len);
		w->buffer_size = w->buffer ? len : 0;
	}
	if (!w->buffer)
		return -ENOMEM;
	r = source_read(w->source, offset, w->buffer, len);
	if (r < 0)
		return r;
	w->data = w->buffer;
	w->offset = offset;
	w->len = len;
	return 0;
}

static bool window_holds(const struct window *w, uint64_t offset, size_t need)
{
	return offset >= w->offset && offset - w->offset <= w->len &&
	       need <= w->len - (offset - w->offset);
}

int window_get(struct window *w, uint64_t offset, size_t need, size_t want, const uint8_t **ret,
               size_t *ret_len)
{
	const struct source *s = w->source;
	int r;

	r = source_check(s, offset, need);
	if (r < 0)
		return r;
	if (s->fd < 0) {
		*ret = s->data + offset;
		*ret_len = MIN(want, s->size - offset);
		return 0;
	}
	if (!window_holds(w, offset, need)) {
		/* What straddles two windows is rare and small: read it. */
		r = window_map(w, offset);
		if (r < 0 || !window_holds(w, offset, need))
			r = window_fill(w, offset, need);
		if (r < 0)
			return r;
	}
	*ret = w->data + (offset - w->offset);
	*ret_len = MIN(want, w->len - (offset - w->offset));
	return 0;
}
