// SPDX-License-Identifier: GPL-2.0-or-later
/* source.c - bytes at offsets, and windows onto them, see source.h. */
#include "vmcore/io/source.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/err.h"
#include "vmcore/io/source-kind.h"

/* The most that one read gets, unless window_read_size() says otherwise or more is needed. */
#define WINDOW_BUFFER KIB(256)

/* The least that one read gets: less takes as long, and bytes behind a page are rarely used. */
#define WINDOW_LEAST KIB(4)

int source_new(const char *name, struct source **ret)
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

int source_from_fd(int fd, const char *name, struct source **ret)
{
	_cleanup_(source_freep) struct source *s = NULL;
	struct statfs fs;
	struct stat st;
	int r = source_new(name, &s);

	if (r < 0) {
		close(fd);
		return r;
	}
	s->fd = fd;
	if (fstat(s->fd, &st) < 0)
		return errf(-errno, "%s: %s", name, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return errf(-EINVAL, "%s: not a regular file", name);
	s->size = st.st_size;
	/* For every page read from /proc/vmcore the kernel makes a mapping (fs/proc/vmcore.c
	 * read_from_oldmem(), Linux 6.12), so it is faster when a window maps many pages at once.
	 * With an ordinary file, mapping a page and flushing it from all TLBs takes longer. */
	s->map = fstatfs(s->fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
	s->sparse = !s->map && (uint64_t)st.st_blocks * 512 < s->size;
	*ret = TAKE_PTR(s);
	return 0;
}

int source_open(const char *path, struct source **ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errf(-errno, "%s: cannot be opened: %s", path, strerror(errno));
	return source_from_fd(fd, path, ret);
}

int source_from_memory(const void *data, size_t size, const char *name, struct source **ret)
{
	struct source *s;
	int r = source_new(name, &s);

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
	flat_map_done(&s->flat);
	source_free(s->base);
	if (s->fd >= 0)
		close(s->fd);
	free(s->name);
	free(s);
	return NULL;
}

void source_map(struct source *s, bool map)
{
	s->map = map;
}

uint64_t source_size(const struct source *s)
{
	return s->size;
}

bool source_is_memory(const struct source *s)
{
	return !s->base && s->fd < 0;
}

const char *source_name(const struct source *s)
{
	return s->name;
}

bool source_is_cut(const struct source *s)
{
	return s->flat.cut;
}

static int source_check(const struct source *s, uint64_t offset, uint64_t len)
{
	if (offset > s->size || len > s->size - offset)
		return errf(-EBADMSG, "%s: has %llu bytes, no %llu at offset %llu", s->name,
		            (unsigned long long)s->size, (unsigned long long)len,
		            (unsigned long long)offset);
	return 0;
}

/* Joins bytes that lie apart in a flattened file. */
static int source_read_flat(const struct source *s, uint64_t offset, uint8_t *buf, size_t len)
{
	while (len > 0) {
		uint64_t at, n;
		bool there = flat_map_find(&s->flat, offset, &at, &n);
		int r;

		n = MIN(n, len);
		r = there ? source_read(s->base, at, buf, n) : 0;
		if (r < 0)
			return r;
		if (!there)
			memset(buf, 0, n);
		buf += n;
		offset += n;
		len -= n;
	}
	return 0;
}

int source_read(const struct source *s, uint64_t offset, void *buf, size_t len)
{
	int r = source_check(s, offset, len);

	if (r < 0)
		return r;
	if (s->base)
		return source_read_flat(s, offset, buf, len);
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
	*w = (struct window){ .source = s,
		              .base = s->base ?: s,
		              .size = ALIGN_UP(size, (size_t)sysconf(_SC_PAGESIZE)),
		              .read_size = WINDOW_BUFFER };
}

void window_read_size(struct window *w, size_t size)
{
	w->read_size = size;
}

void window_prefer_map(struct window *w)
{
	w->prefer_map = true;
}

static void window_unmap(struct window *w)
{
	if (w->mapping) {
		fault_unwatch(&w->watch);
		munmap(w->mapping, w->len);
		w->faults += w->watch.faults;
		w->watch.faults = 0;
	}
	w->mapping = NULL;
	w->len = 0;
}

void window_done(struct window *w)
{
	window_unmap(w);
	free(w->buffer);
	free(w->joined);
	*w = (struct window){};
}

void window_switch(struct window *w, const struct source *s)
{
	if (w->source == s)
		return;
	window_unmap(w);
	w->source = s;
	w->base = s->base ?: s;
	w->known_end = 0;
}

/* Maps the window around @offset. /proc/vmcore maps no range that ends behind the file
 * (fs/proc/vmcore.c mmap_vmcore(), Linux 6.12), so the last window ends with the file. */
static int window_map(struct window *w, uint64_t offset)
{
	uint64_t start = ALIGN_DOWN(offset, (uint64_t)w->size);
	uint64_t len = MIN(w->size, w->base->size - start);
	void *p;

	window_unmap(w);
	if (!w->base->map && !w->prefer_map)
		return -ENODEV;
	p = mmap(NULL, len, PROT_READ, MAP_PRIVATE, w->base->fd, start);
	if (p == MAP_FAILED)
		return -errno;
	fault_watch(&w->watch, p, ALIGN_UP(len, (uint64_t)sysconf(_SC_PAGESIZE)));
	w->mapping = p;
	w->data = p;
	w->offset = start;
	w->len = len;
	return 0;
}

/* malloc() puts large blocks 16 bytes behind the start of a page. The kernel copies to the start of
 * a page twice as fast: measured on AMD EPYC, whose "rep movsb" is slow with unaligned targets. */
#define BUFFER_ALIGN KIB(4)

/* Reads [offset, offset + len). */
static int window_read(struct window *w, uint64_t offset, size_t len)
{
	int r;

	if (len > w->buffer_size) {
		free(w->buffer);
		w->buffer = aligned_alloc(BUFFER_ALIGN, ALIGN_UP(len, BUFFER_ALIGN));
		w->buffer_size = w->buffer ? len : 0;
	}
	if (!w->buffer)
		return -ENOMEM;
	r = source_read(w->base, offset, w->buffer, len);
	if (r < 0)
		return r;
	w->data = w->buffer;
	w->offset = offset;
	w->len = len;
	return 0;
}

/* Reads @want bytes or, when some of these cannot be read, only the @need bytes. A caller who wants
 * few bytes often asks for the same page next, so at least a page is read. */
static int window_fill(struct window *w, uint64_t offset, size_t need, size_t want)
{
	uint64_t start = want < WINDOW_LEAST ? ALIGN_DOWN(offset, WINDOW_LEAST) : offset;
	uint64_t end = offset + MAX(MIN(want, w->read_size), need);
	int r;

	window_unmap(w);
	end = MIN(MAX(end, start + WINDOW_LEAST), w->base->size);
	r = window_read(w, start, end - start);
	return r < 0 && r != -ENOMEM ? window_read(w, offset, need) : r;
}

uint64_t source_next_contents(const struct source *s, uint64_t offset)
{
	off_t to;

	if (!s->sparse || s->fd < 0 || offset >= s->size)
		return offset;
	to = lseek(s->fd, offset, SEEK_DATA);
	if (to < 0 && errno == ENXIO)
		return s->size;
	return to > (off_t)offset ? MIN((uint64_t)to, s->size) : offset;
}

/* The zeros that windows show for the holes of a sparse file. It stays in .bss, since a const array
 * would take 2 MiB of the program, and nobody writes to it. */
#define HOLE MIB(2)

static uint8_t hole[HOLE];

/* One lseek() costs as much as reading this many bytes. */
#define LEAST_TO_ASK KIB(32)

/* Asks the file system if there is a hole at @offset or contents, and how far. */
static void window_ask(struct window *w, uint64_t offset)
{
	off_t to = lseek(w->base->fd, offset, SEEK_DATA);

	w->known = offset;
	w->known_is_hole = to > (off_t)offset;
	if (!w->known_is_hole)
		to = lseek(w->base->fd, offset, SEEK_HOLE);
	/* There are no contents up to the end, or lseek() failed. Then the rest is read as
	 * contents, which shows if the file was cut off meanwhile. */
	w->known_end = to > (off_t)offset ? MIN((uint64_t)to, w->base->size) : w->base->size;
}

/* Shows the zeros of the hole at @offset, if there is one and finding out pays. Returns how many of
 * the @want bytes come before the next hole. */
static size_t window_show_hole(struct window *w, uint64_t offset, size_t want)
{
	bool known = offset >= w->known && offset < w->known_end;

	if (!w->base->sparse || (!known && want < LEAST_TO_ASK))
		return want;
	if (!known)
		window_ask(w, offset);
	if (!w->known_is_hole)
		return MIN(want, w->known_end - offset);
	window_unmap(w);
	w->data = hole;
	w->offset = offset;
	w->len = MIN(w->known_end - offset, sizeof(hole));
	return want;
}

static bool window_holds(const struct window *w, uint64_t offset, size_t need)
{
	return offset >= w->offset && offset - w->offset <= w->len &&
	       need <= w->len - (offset - w->offset);
}

/* Touches the pages of @len bytes at @offset of a mapping, before others meet one that cannot be
 * read: *@ret_len ends before it. The mapping is made anew, since zeroes are in its place now. */
static int window_touch(struct window *w, uint64_t offset, size_t need, size_t *ret_len)
{
	size_t page = sysconf(_SC_PAGESIZE), at = 0, len = *ret_len;
	const uint8_t *data = w->data + (offset - w->offset);

	while (at < len) {
		unsigned faults = w->watch.faults;

		(void)*(const volatile uint8_t *)(data + at);
		if (w->watch.faults != faults)
			break;
		at += page - (uintptr_t)(data + at) % page;
	}
	if (at >= len)
		return 0;
	window_unmap(w);
	w->faults--; /* nobody has seen it */
	if (at < need || window_map(w, offset) < 0)
		return errf(-EIO, "%s: the page at offset %llu cannot be read", w->base->name,
		            (unsigned long long)(offset + at));
	*ret_len = at;
	return 0;
}

/* window_get() for bytes that lie in a row in the base, at @offset of it. */
static int window_get_base(struct window *w, uint64_t offset, size_t need, size_t want,
                           const uint8_t **ret, size_t *ret_len)
{
	const struct source *s = w->base;
	int r = 0;

	if (s->fd < 0) {
		*ret = s->data + offset;
		*ret_len = MIN(want, s->size - offset);
		return 0;
	}
	if (!window_holds(w, offset, need)) {
		size_t contents = window_show_hole(w, offset, want);

		if (!window_holds(w, offset, need))
			window_map(w, offset);
		/* Bytes across two windows are rare and few, so they are read. */
		r = window_holds(w, offset, need) ? 0 : window_fill(w, offset, need, contents);
		if (r < 0)
			return r;
	}
	*ret_len = MIN(want, w->len - (offset - w->offset));
	if (w->mapping && (r = window_touch(w, offset, need, ret_len)) < 0)
		return r;
	*ret = w->data + (offset - w->offset);
	return 0;
}

/* window_get() for bytes that lie apart in a flattened file; gives only the @need bytes. */
static int window_join(struct window *w, uint64_t offset, size_t need, const uint8_t **ret,
                       size_t *ret_len)
{
	int r;

	if (need > w->joined_size) {
		free(w->joined);
		w->joined = malloc(need);
		w->joined_size = w->joined ? need : 0;
	}
	if (!w->joined)
		return -ENOMEM;
	r = source_read(w->source, offset, w->joined, need);
	if (r < 0)
		return r;
	*ret = w->joined;
	*ret_len = need;
	return 0;
}

int window_get(struct window *w, uint64_t offset, size_t need, size_t want, const uint8_t **ret,
               size_t *ret_len)
{
	const struct source *s = w->source;
	uint64_t at = offset, len = want;
	int r = source_check(s, offset, need);

	if (r < 0)
		return r;
	if (s->base && (!flat_map_find(&s->flat, offset, &at, &len) || len < need))
		return window_join(w, offset, need, ret, ret_len);
	return window_get_base(w, at, need, MIN(want, len), ret, ret_len);
}
