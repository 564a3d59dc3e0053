// SPDX-License-Identifier: GPL-2.0-or-later
/* store.c - files of a crash on bare blocks, see store.h. */
#include "config/store.h"

#include <endian.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <zlib.h>

#include "system/file.h"
#include "base/err.h"
#include "base/text.h"

#define STORE_SPARE "kdump-lite spare"
#define STORE_HEAD  "kdump-lite crash"
#define STORE_FILE  "kdump-lite file"

#define MAGIC_SIZE 16
#define CHUNK      KIB(256)
#define CLAIM_MAX  MIB(64)

/* Fills a spare block: STORE_BLOCK / sizeof(struct spare) of them. */
struct spare {
	char magic[MAGIC_SIZE];
	uint8_t id[STORE_ID_SIZE];
	uint64_t number;
	uint8_t zero[24];
};

/* Of the store and of a file. The CRC is that of all before it. */
struct head {
	char magic[MAGIC_SIZE];
	uint8_t id[STORE_ID_SIZE];
	uint64_t size;
	union {
		uint32_t data_crc; /* of a file */
		uint32_t ours;     /* of a marked store, see struct store; blocks */
	};
	char name[STORE_NAME_MAX + 1];
	uint32_t crc;
};

struct store {
	struct store_area area;
	char name[STORE_NAME_MAX + 1];
	uint64_t ours;      /* bytes from the start that were spare, so all writes may go there */
	uint64_t committed; /* of finished files; includes the first block */
	uint64_t file;      /* where the block of the open file is; 0: no file is open */
	uint64_t size;      /* bytes of its data so far */
	uint32_t crc;       /* of these */
	char file_name[STORE_NAME_MAX + 1];
	bool broken;      /* no further file can be written */
	bool given_up;    /* the open file is too large */
	uint8_t *check;   /* CHUNK bytes, to look at what is to be overwritten */
	uint8_t *pending; /* CHUNK bytes that follow what is written */
	size_t n_pending;
};

uint64_t store_device_size(int fd)
{
	off_t end = lseek(fd, 0, SEEK_END);

	return ALIGN_DOWN((uint64_t)MAX(end, 0), STORE_BLOCK);
}

uint64_t store_size(const struct store_area *a)
{
	uint64_t size = 0;

	for (size_t i = 0; i < a->n; i++)
		size += a->extents[i].size;
	return size;
}

static int parse_extent(const char *word, struct store_extent *ret)
{
	const char *plus = strchr(word, '+');
	_cleanup_free_ char *first = plus ? strndup(word, plus - word) : NULL;

	if (!first || text_to_u64(first, 10, &ret->offset) < 0 ||
	    text_to_u64(plus + 1, 10, &ret->size) < 0 || ret->size == 0 ||
	    ret->offset % STORE_BLOCK || ret->size % STORE_BLOCK ||
	    ret->offset + ret->size < ret->offset || ret->offset + ret->size > INT64_MAX)
		return errf(-EINVAL, "%s: OFFSET+SIZE in whole blocks is expected", word);
	return 0;
}

int store_parse_extents(char *const *words, struct store_extent **ret, size_t *ret_n)
{
	_cleanup_free_ struct store_extent *extents = NULL;
	size_t n = 0;

	while (words && words[n])
		n++;
	extents = calloc(MAX(n, 1), sizeof(*extents));
	if (!extents)
		return oom("the extents of a store");
	for (size_t i = 0; i < n; i++) {
		int r = parse_extent(words[i], &extents[i]);

		if (r < 0)
			return r;
	}
	*ret = TAKE_PTR(extents);
	*ret_n = n;
	return 0;
}

/* One read or write of a piece that lies in one extent. */
typedef int (*piece_fn)(const struct store_area *a, uint64_t offset, void *buf, size_t len);

static int read_piece(const struct store_area *a, uint64_t offset, void *buf, size_t len)
{
	while (len > 0) {
		ssize_t n = pread(a->fd, buf, len, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return errf(n < 0 ? -errno : -EIO, "%s: reading at offset %llu: %s",
			            a->what, (unsigned long long)offset,
			            n < 0 ? strerror(errno) : "it ends there");
		buf = (char *)buf + n;
		offset += n;
		len -= n;
	}
	return 0;
}

static int write_piece(const struct store_area *a, uint64_t offset, void *buf, size_t len)
{
	while (len > 0) {
		ssize_t n = pwrite(a->fd, buf, len, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errf(-errno, "%s: writing at offset %llu: %s", a->what,
			            (unsigned long long)offset, strerror(errno));
		buf = (char *)buf + n;
		offset += n;
		len -= n;
	}
	return 0;
}

/* Has @fn done for each piece of the bytes at @pos of the store. */
static int each_piece(const struct store_area *a, uint64_t pos, void *buf, size_t len, piece_fn fn)
{
	for (size_t i = 0; i < a->n && len > 0; i++) {
		const struct store_extent *e = &a->extents[i];
		size_t n;
		int r;

		if (pos >= e->size) {
			pos -= e->size;
			continue;
		}
		n = MIN(len, e->size - pos);
		r = fn(a, e->offset + pos, buf, n);
		if (r < 0)
			return r;
		buf = (char *)buf + n;
		len -= n;
		pos = 0;
	}
	return len > 0 ? errf(-ENOSPC, "%s: is too small", a->what) : 0;
}

static void make_spare(const struct store_area *a, uint64_t pos, uint8_t *block)
{
	struct spare spare = { .magic = STORE_SPARE, .number = htole64(pos / STORE_BLOCK) };

	memcpy(spare.id, a->id, sizeof(spare.id));
	for (size_t i = 0; i < STORE_BLOCK; i += sizeof(spare))
		memcpy(block + i, &spare, sizeof(spare));
}

static int sync_area(const struct store_area *a)
{
	if (fsync(a->fd) < 0)
		return errf(-errno, "%s: cannot be written to the disk: %s", a->what,
		            strerror(errno));
	return 0;
}

int store_format(const struct store_area *a)
{
	_cleanup_free_ uint8_t *chunk = malloc(CHUNK);
	uint64_t size = store_size(a);

	if (!chunk)
		return oom("a store");
	for (uint64_t pos = 0; pos < size; pos += CHUNK) {
		size_t n = MIN(CHUNK, size - pos);
		int r;

		for (size_t i = 0; i < n; i += STORE_BLOCK)
			make_spare(a, pos + i, chunk + i);
		r = each_piece(a, pos, chunk, n, write_piece);
		if (r < 0)
			return r;
	}
	return sync_area(a);
}

/* -ESTALE unless all of the blocks are spare. @scratch and @len have CHUNK bytes at most. */
static int check_chunk(const struct store_area *a, uint64_t pos, size_t len, uint8_t *scratch)
{
	uint8_t spare[STORE_BLOCK];
	int r = each_piece(a, pos, scratch, len, read_piece);

	if (r < 0)
		return r;
	for (size_t i = 0; i < len; i += STORE_BLOCK) {
		make_spare(a, pos + i, spare);
		if (memcmp(spare, scratch + i, STORE_BLOCK) != 0)
			return errf(-ESTALE,
			            "%s: block %llu is not a spare one; nothing is written to it",
			            a->what, (unsigned long long)((pos + i) / STORE_BLOCK));
	}
	return 0;
}

static int check_spare(const struct store_area *a, uint64_t pos, uint64_t len, uint8_t *scratch)
{
	int r = 0;

	for (uint64_t done = 0; done < len && r >= 0; done += CHUNK)
		r = check_chunk(a, pos + done, MIN(CHUNK, len - done), scratch);
	return r;
}

int store_check(const struct store_area *a)
{
	_cleanup_free_ uint8_t *scratch = malloc(CHUNK);
	uint64_t size = store_size(a), n = MIN(CHUNK, size);
	int r;

	if (!scratch)
		return oom("a store");
	r = check_spare(a, 0, n, scratch);
	return r < 0 ? r : check_spare(a, size - n, n, scratch);
}

/* Completes @head, and makes a block of it. */
static void make_head(const struct store *s, struct head *head, uint8_t block[static STORE_BLOCK])
{
	memcpy(head->id, s->area.id, sizeof(head->id));
	head->crc = htole32(crc32(0, (const void *)head, offsetof(struct head, crc)));
	memset(block, 0, STORE_BLOCK);
	memcpy(block, head, sizeof(*head));
}

/* Says in the first block how far the store is filled. */
static int write_used(struct store *s, uint64_t used)
{
	struct head head = {
		.magic = STORE_HEAD,
		.size = htole64(used),
		.ours = htole32(s->ours / STORE_BLOCK),
	};

	uint8_t block[STORE_BLOCK];

	memcpy(head.name, s->name, sizeof(head.name));
	make_head(s, &head, block);
	return each_piece(&s->area, 0, block, sizeof(block), write_piece);
}

/* Looks at the blocks up to @end, and beyond so that it is not often. The disk tells of it before
 * anything is written there: should this process be ended, the next one has the same blocks. */
static int claim(struct store *s, uint64_t end)
{
	uint64_t more = MIN(end + MIN(s->ours, CLAIM_MAX), store_size(&s->area));
	int r = check_spare(&s->area, s->ours, more - s->ours, s->check);

	if (r < 0 && more > end) {
		more = end;
		r = check_spare(&s->area, s->ours, more - s->ours, s->check);
	}
	if (r < 0)
		return r;
	s->ours = more;
	r = write_used(s, s->committed);
	return r < 0 ? r : sync_area(&s->area);
}

/* @data, whole blocks, go to @pos. */
static int write_blocks(struct store *s, uint64_t pos, void *data, size_t len)
{
	uint64_t end = pos + len;
	int r;

	if (end > store_size(&s->area))
		return errf(-ENOSPC, "%s: is too small", s->area.what);
	if (s->area.marked && end > s->ours && (r = claim(s, end)) < 0)
		return r;
	return each_piece(&s->area, pos, data, len, write_piece);
}

static int write_head(struct store *s, uint64_t pos, struct head *head)
{
	uint8_t block[STORE_BLOCK];

	make_head(s, head, block);
	return write_blocks(s, pos, block, sizeof(block));
}

static int commit(struct store *s, uint64_t used)
{
	int r;

	/* The head is not to be on the disk before what it tells of. */
	if ((r = sync_area(&s->area)) < 0 || (r = write_used(s, used)) < 0 ||
	    (r = sync_area(&s->area)) < 0)
		return r;
	s->committed = used;
	return 0;
}

/* Reads the block at @pos, and checks it as far as it tells by itself. */
static bool read_head(const struct store_area *a, uint64_t pos, const char *magic, struct head *ret)
{
	if (each_piece(a, pos, ret, sizeof(*ret), read_piece) < 0)
		return false;
	return memcmp(ret->magic, magic, strlen(magic)) == 0 &&
	       memcmp(ret->id, a->id, sizeof(ret->id)) == 0 &&
	       le32toh(ret->crc) == crc32(0, (const void *)ret, offsetof(struct head, crc)) &&
	       ret->name[0] && ret->name[0] != '.' && !memchr(ret->name, '/', sizeof(ret->name)) &&
	       memchr(ret->name, '\0', sizeof(ret->name));
}

int store_read_id(struct store_area *a)
{
	struct head head;
	int r = each_piece(a, 0, &head, sizeof(head), read_piece);

	static_assert(offsetof(struct head, id) == offsetof(struct spare, id),
	              "the id is at one place in all blocks");
	if (r < 0)
		return r;
	memcpy(a->id, head.id, sizeof(a->id));
	return 0;
}

char *store_id_to_text(const uint8_t id[static STORE_ID_SIZE], char buf[static STORE_ID_TEXT])
{
	for (size_t i = 0; i < STORE_ID_SIZE; i++)
		snprintf(buf + 2 * i, 3, "%02x", id[i]);
	return buf;
}

int store_id_from_text(const char *text, uint8_t ret[static STORE_ID_SIZE])
{
	char digits[3] = "";
	uint64_t byte;

	for (size_t i = 0; i < STORE_ID_SIZE; i++) {
		strncpy(digits, text, 2);
		if (strlen(digits) != 2 || text_to_u64(digits, 16, &byte) < 0)
			return errf(-EINVAL, "32 hexadecimal digits are expected");
		ret[i] = byte;
		text += 2;
	}
	return *text ? errf(-EINVAL, "32 hexadecimal digits are expected") : 0;
}

/* Goes on behind the files that are there. */
static int resume(struct store *s, const struct head *head)
{
	if (!streq(head->name, s->name))
		return errf(-EEXIST, "%s: holds the crash %s, which was not fetched yet",
		            s->area.what, head->name);
	s->committed = ALIGN_UP(le64toh(head->size), STORE_BLOCK);
	s->ours = MAX(s->committed, (uint64_t)le32toh(head->ours) * STORE_BLOCK);
	return 0;
}

int store_open(const struct store_area *a, const char *name, struct store **ret)
{
	_cleanup_(store_freep) struct store *s = calloc(1, sizeof(*s));
	struct head head;
	int r;

	if (!s)
		return oom("a store");
	s->area = *a;
	s->committed = s->ours = STORE_BLOCK;
	s->check = malloc(CHUNK);
	s->pending = malloc(CHUNK);
	if (!s->check || !s->pending)
		return oom("a store");
	strncpy(s->name, name, sizeof(s->name) - 1);
	if (read_head(a, 0, STORE_HEAD, &head))
		r = resume(s, &head);
	else
		r = a->marked ? check_spare(a, 0, STORE_BLOCK, s->check) : 0;
	if (r < 0)
		return r;
	*ret = TAKE_PTR(s);
	return 0;
}

struct store *store_free(struct store *s)
{
	if (!s)
		return NULL;
	free(s->check);
	free(s->pending);
	free(s);
	return NULL;
}

uint64_t store_room(const struct store *s)
{
	uint64_t size = store_size(&s->area), used = s->committed + STORE_BLOCK;

	return s->broken || size < used ? 0 : size - used;
}

/* A file that is too large costs itself, any other error all further ones. */
static int broken_by(struct store *s, int r)
{
	s->given_up = s->given_up || r == -ENOSPC;
	s->broken = s->broken || (r < 0 && r != -ENOSPC);
	return r;
}

static int check_open(const struct store *s)
{
	if (s->broken)
		return errf(-EIO, "%s: not tried, writing to it has failed before", s->area.what);
	return s->given_up ? errf(-ENOSPC, "%s: is too small", s->area.what) : 0;
}

int store_begin(struct store *s, const char *name)
{
	struct head head = { .magic = STORE_FILE };
	int r;

	s->given_up = false;
	r = check_open(s);
	if (r < 0)
		return r;
	s->file = s->committed;
	s->size = 0;
	s->crc = crc32(0, NULL, 0);
	s->n_pending = 0;
	memset(s->file_name, 0, sizeof(s->file_name));
	strncpy(s->file_name, name, sizeof(s->file_name) - 1);
	memcpy(head.name, s->file_name, sizeof(head.name));
	return broken_by(s, write_head(s, s->file, &head));
}

static int flush(struct store *s)
{
	size_t len = ALIGN_UP(s->n_pending, STORE_BLOCK);
	uint64_t pos = s->file + STORE_BLOCK + s->size - s->n_pending;
	int r;

	memset(s->pending + s->n_pending, 0, len - s->n_pending);
	r = write_blocks(s, pos, s->pending, len);
	s->n_pending = 0;
	return r;
}

int store_write(struct store *s, const void *buf, size_t len)
{
	int r = check_open(s);

	if (r < 0)
		return r;
	s->crc = crc32_z(s->crc, buf, len);
	while (len > 0) {
		size_t n = MIN(len, CHUNK - s->n_pending);

		memcpy(s->pending + s->n_pending, buf, n);
		s->n_pending += n;
		s->size += n;
		buf = (const char *)buf + n;
		len -= n;
		if (s->n_pending == CHUNK && (r = flush(s)) < 0)
			return broken_by(s, r);
	}
	return 0;
}

int store_end(struct store *s)
{
	struct head head = {
		.magic = STORE_FILE,
		.size = htole64(s->size),
		.data_crc = htole32(s->crc),
	};
	uint64_t end = s->file + STORE_BLOCK + ALIGN_UP(s->size, STORE_BLOCK);
	int r = check_open(s);

	if (r < 0)
		return r;
	memcpy(head.name, s->file_name, sizeof(head.name));
	if ((r = flush(s)) < 0 || (r = write_head(s, s->file, &head)) < 0 ||
	    (r = commit(s, end)) < 0)
		return broken_by(s, r);
	return 0;
}

uint64_t store_written(const struct store *s)
{
	return s->size;
}

/* Puts @file in the place of one that has its name, or behind the others. */
static int add_file(struct store_contents *c, const struct store_file *file)
{
	size_t i = 0;

	while (i < c->n && !streq(c->files[i].name, file->name))
		i++;
	if (i == STORE_FILES_MAX)
		return errf(-EBADMSG, "more than %d files", STORE_FILES_MAX);
	c->n = MAX(c->n, i + 1);
	c->files[i] = *file;
	return 0;
}

int store_list(const struct store_area *a, struct store_contents *ret)
{
	uint64_t pos = STORE_BLOCK, end, size;
	struct head head;
	int r;

	*ret = (struct store_contents){};
	if (!read_head(a, 0, STORE_HEAD, &head))
		return -ENODATA;
	memcpy(ret->name, head.name, sizeof(ret->name));
	for (end = MIN(le64toh(head.size), store_size(a)); pos < end;) {
		struct store_file file = { .start = pos + STORE_BLOCK };

		if (!read_head(a, pos, STORE_FILE, &head))
			return errf(-EBADMSG, "%s: is damaged at block %llu", a->what,
			            (unsigned long long)(pos / STORE_BLOCK));
		size = le64toh(head.size);
		if (file.start > end || size > end - file.start)
			return errf(-EBADMSG, "%s: %s has more bytes than there are", a->what,
			            head.name);
		memcpy(file.name, head.name, sizeof(file.name));
		file.size = size;
		file.crc = le32toh(head.data_crc);
		r = add_file(ret, &file);
		if (r < 0)
			return err_prefix(r, "%s", a->what);
		pos = file.start + ALIGN_UP(size, STORE_BLOCK);
	}
	return 0;
}

int store_copy(const struct store_area *a, const struct store_file *file, int fd)
{
	_cleanup_free_ uint8_t *chunk = malloc(CHUNK);
	uint32_t crc = crc32(0, NULL, 0);

	if (!chunk)
		return oom("a store");
	for (uint64_t done = 0; done < file->size; done += CHUNK) {
		size_t n = MIN(CHUNK, file->size - done);
		int r = each_piece(a, file->start + done, chunk, n, read_piece);

		if (r < 0)
			return r;
		crc = crc32(crc, chunk, n);
		r = file_write(fd, chunk, n);
		if (r < 0)
			return errf(r, "%s: cannot be written: %s", file->name, strerror(-r));
	}
	if (crc != file->crc)
		return errf(-EBADMSG, "%s: %s is damaged", a->what, file->name);
	return 0;
}
