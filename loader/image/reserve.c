// SPDX-License-Identifier: GPL-2.0-or-later
/* reserve.c - blocks that lie ready for a crash, see reserve.h. */
#include "loader/image/reserve.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "config/store.h"
#include "system/file.h"
#include "base/err.h"
#include "base/text.h"

#define RESERVE_NEXT CRASH_RESERVE ".next"

/* A file in more pieces is not worth a plan of this length. */
#define EXTENTS_MAX 128

/* File systems whose blocks stay where they are, at places that FIEMAP tells from the start of the
 * device. btrfs tells places within its own pool, and others move blocks as they like. */
static const char *const fixed[] = { "ext2", "ext3", "ext4", "xfs" };

void reserve_done(struct reserve *r)
{
	free(r->id);
	strv_free(r->extents);
	*r = (struct reserve){};
}

/* Flags of an extent that the capture must not write to by itself. */
#define UNFIT                                                                                      \
	(FIEMAP_EXTENT_UNKNOWN | FIEMAP_EXTENT_DELALLOC | FIEMAP_EXTENT_ENCODED |                  \
	 FIEMAP_EXTENT_DATA_ENCRYPTED | FIEMAP_EXTENT_NOT_ALIGNED | FIEMAP_EXTENT_DATA_INLINE |    \
	 FIEMAP_EXTENT_DATA_TAIL | FIEMAP_EXTENT_UNWRITTEN | FIEMAP_EXTENT_SHARED)

/* Adds one extent that has to begin at @logical. */
static int add_extent(const struct fiemap_extent *e, uint64_t logical, uint64_t size, char ***ret)
{
	uint64_t len = MIN(e->fe_length, size - logical);

	if (e->fe_flags & UNFIT || e->fe_logical != logical || e->fe_physical % STORE_BLOCK ||
	    len % STORE_BLOCK || len == 0)
		return errf(-EOPNOTSUPP, "its blocks have no fixed place on the device");
	return strv_pushf(ret, "%llu+%llu", (unsigned long long)e->fe_physical,
	                  (unsigned long long)len);
}

int reserve_map(int fd, uint64_t size, char ***ret)
{
	_cleanup_(strv_freep) char **extents = NULL;
	_cleanup_free_ struct fiemap *map =
		calloc(1, sizeof(*map) + EXTENTS_MAX * sizeof(map->fm_extents[0]));
	uint64_t logical = 0;

	if (!map)
		return oom("the map of a file");
	map->fm_length = size;
	map->fm_flags = FIEMAP_FLAG_SYNC;
	map->fm_extent_count = EXTENTS_MAX;
	if (ioctl(fd, FS_IOC_FIEMAP, map) < 0)
		return errf(-errno, "its blocks cannot be found: %s", strerror(errno));
	for (size_t i = 0; i < map->fm_mapped_extents && logical < size; i++) {
		int r = add_extent(&map->fm_extents[i], logical, size, &extents);

		if (r < 0)
			return r;
		logical += map->fm_extents[i].fe_length;
	}
	if (logical < size)
		return errf(-EOPNOTSUPP, "it has holes, or lies in more than %d pieces",
		            EXTENTS_MAX);
	*ret = TAKE_PTR(extents);
	return 0;
}

/* The file as a store of one piece. @whole has to stay. */
static struct store_area area_of(int fd, uint64_t size, struct store_extent *whole)
{
	*whole = (struct store_extent){ 0, size };
	return (struct store_area){
		.fd = fd, .what = CRASH_RESERVE, .extents = whole, .n = 1, .marked = true
	};
}

/* Opens a file of the reserve, one that nobody else can have made. -ENOENT without a text. */
static int open_file(int dir_fd, struct stat *ret_st)
{
	_cleanup_close_ int fd =
		openat(dir_fd, CRASH_RESERVE, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? -ENOENT
		                       : errf(-errno, CRASH_RESERVE ": %s", strerror(errno));
	if (fstat(fd, ret_st) < 0)
		return errf(-errno, CRASH_RESERVE ": %s", strerror(errno));
	if (!S_ISREG(ret_st->st_mode) || ret_st->st_nlink != 1 || !file_is_private(fd))
		return errf(-EPERM,
		            CRASH_RESERVE ": is no file that only root can write to; remove it");
	return TAKE_FD(fd);
}

static int finish(const struct store_area *area, const struct reserve_request *req,
                  struct reserve *ret)
{
	_cleanup_(reserve_done) struct reserve reserve = { .size = store_size(area) };
	char id[STORE_ID_TEXT];
	int r = req->map(area->fd, reserve.size, &reserve.extents);

	if (r < 0)
		return r;
	reserve.id = strdup(store_id_to_text(area->id, id));
	if (!reserve.id)
		return oom("the reserve");
	*ret = TAKE_STRUCT(reserve);
	return 0;
}

/* Takes the file that is there. -ENOENT: there is none that fits. */
static int take(const struct reserve_request *req, uint64_t size, struct reserve *ret)
{
	struct store_extent whole;
	struct store_contents c;
	struct store_area area;
	struct stat st;
	_cleanup_close_ int fd = open_file(req->dir_fd, &st);

	if (fd < 0)
		return fd;
	area = area_of(fd, ALIGN_DOWN(st.st_size, STORE_BLOCK), &whole);
	(void)store_read_id(&area);
	if (store_list(&area, &c) != -ENODATA)
		return errf(-EEXIST, CRASH_RESERVE ": holds the crash %s, which was not fetched",
		            c.name);
	if ((uint64_t)st.st_size != size || store_check(&area) < 0)
		return -ENOENT;
	return finish(&area, req, ret);
}

static int make(const struct reserve_request *req, uint64_t size, struct reserve *ret)
{
	_cleanup_close_ int fd = -1;
	struct store_extent whole;
	struct store_area area;
	int r;

	(void)unlinkat(req->dir_fd, RESERVE_NEXT, 0);
	fd = openat(req->dir_fd, RESERVE_NEXT, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	            0600);
	if (fd < 0)
		return errf(-errno, RESERVE_NEXT ": cannot be made: %s", strerror(errno));
	area = area_of(fd, size, &whole);
	if (getrandom(area.id, sizeof(area.id), GRND_NONBLOCK) != sizeof(area.id))
		return errf(-EAGAIN, "there is no randomness yet");
	/* In few pieces, and all at once or not at all. */
	r = -posix_fallocate(fd, 0, size);
	if (r < 0)
		return errf(r, RESERVE_NEXT ": cannot be made: %s", strerror(-r));
	if ((r = store_format(&area)) < 0 || (r = finish(&area, req, ret)) < 0)
		return r;
	if (renameat(req->dir_fd, RESERVE_NEXT, req->dir_fd, CRASH_RESERVE) < 0 ||
	    fsync(req->dir_fd) < 0)
		return errf(-errno, CRASH_RESERVE ": cannot be renamed: %s", strerror(errno));
	return 0;
}

static int check_request(const struct reserve_request *req, uint64_t size)
{
	char have[TEXT_SIZE_MAX], want[TEXT_SIZE_MAX];
	bool is_fixed = false;

	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
		is_fixed = is_fixed || streq(req->fstype, fixed[i]);
	if (!is_fixed)
		return errf(-EOPNOTSUPP, "blocks of a %s have no fixed place on the device",
		            req->fstype);
	if (req->free < size + RESERVE_LEAVES)
		return errf(-ENOSPC, "only %s are free, and %s are wanted for it",
		            text_from_size(req->free, have),
		            text_from_size(size + RESERVE_LEAVES, want));
	return 0;
}

int reserve_prepare(const struct reserve_request *req, struct reserve *ret)
{
	uint64_t size = ALIGN_DOWN(req->size, STORE_BLOCK);
	int r = size ? take(req, size, ret) : -ENOENT;

	if (r != -ENOENT)
		return r < 0 ? err_prefix(r, "%s", req->path) : 0;
	if (req->only_look)
		return 0;
	(void)unlinkat(req->dir_fd, CRASH_RESERVE, 0);
	if (size == 0)
		return 0;
	r = check_request(req, size);
	if (r >= 0)
		r = make(req, size, ret);
	if (r < 0) {
		(void)unlinkat(req->dir_fd, RESERVE_NEXT, 0);
		(void)unlinkat(req->dir_fd, CRASH_RESERVE, 0);
		reserve_done(ret);
		return err_prefix(r, "%s", req->path);
	}
	return 0;
}

/* Writes what the store has of @file to the entry @temporary. -EBADMSG: it is damaged. */
static int copy_to(const struct store_area *area, const struct store_file *file, int crash_fd,
                   const char *temporary)
{
	_cleanup_close_ int fd = -1;
	int r;

	(void)unlinkat(crash_fd, temporary, 0);
	fd = openat(crash_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	            0600);
	if (fd < 0)
		return errf(-errno, "%s: cannot be made: %s", file->name, strerror(errno));
	r = store_copy(area, file, fd);
	if ((r == 0 || r == -EBADMSG) && fsync(fd) < 0)
		return errf(-errno, "%s: %s", file->name, strerror(errno));
	return r;
}

/* Copies one file of the store into the crash directory. It has its name when all of it is on the
 * disk. What is left of a log is better than none, but nobody is to take it for the whole. */
static int fetch_file(const struct store_area *area, const struct store_file *file, int crash_fd,
                      const char *crash, char ***remarks)
{
	char temporary[STORE_NAME_MAX + sizeof("..new")], name[STORE_NAME_MAX + sizeof(CRASH_PART)];
	bool damaged;
	int r;

	snprintf(temporary, sizeof(temporary), ".%s.new", file->name);
	r = copy_to(area, file, crash_fd, temporary);
	damaged = r == -EBADMSG;
	snprintf(name, sizeof(name), "%s%s", file->name, damaged ? CRASH_PART : "");
	if (damaged || r == 0)
		r = renameat(crash_fd, temporary, crash_fd, name) < 0
		            ? errf(-errno, "%s: cannot be renamed: %s", file->name, strerror(errno))
		            : 0;
	if (r < 0) {
		(void)unlinkat(crash_fd, temporary, 0);
		return r;
	}
	return damaged && remarks ? strv_pushf(remarks, "%s: %s is damaged, and kept as %s", crash,
	                                       file->name, name)
	                          : 0;
}

static int fetch_files(const struct store_area *area, const struct store_contents *c, int dir_fd,
                       char ***remarks)
{
	_cleanup_close_ int crash_fd = -1;

	if (mkdirat(dir_fd, c->name, 0700) < 0 && errno != EEXIST)
		return errf(-errno, "%s: cannot be made: %s", c->name, strerror(errno));
	crash_fd = file_open_subdir(dir_fd, c->name);
	if (crash_fd < 0 || !file_is_private(crash_fd))
		return errf(-EPERM, "%s: is no directory that only root can write to", c->name);
	for (size_t i = 0; i < c->n; i++) {
		int r = fetch_file(area, &c->files[i], crash_fd, c->name, remarks);

		if (r < 0)
			return err_prefix(r, "%s", c->name);
	}
	if (fsync(crash_fd) < 0 || fsync(dir_fd) < 0)
		return errf(-errno, "%s: %s", c->name, strerror(errno));
	return 0;
}

int reserve_fetch_store(const struct store_area *area, int dir_fd, const char *path,
                        char **ret_name, char ***remarks)
{
	struct store_contents c;
	int r = store_list(area, &c);

	if (r == -ENODATA)
		return 0;
	/* What comes behind the damage is lost. */
	if (r < 0 && remarks && (r = strv_push(remarks, err_text(r))) < 0)
		return r;
	r = fetch_files(area, &c, dir_fd, remarks);
	if (r < 0)
		return err_prefix(r, "%s", path);
	*ret_name = strdup(c.name);
	return *ret_name ? 1 : oom("the name of a crash");
}

int reserve_fetch(int dir_fd, const char *path, char **ret_name, char ***remarks)
{
	_cleanup_free_ char *name = NULL;
	struct store_extent whole;
	struct store_area area;
	struct stat st;
	_cleanup_close_ int fd = -1;
	int r;

	if (!file_is_private(dir_fd))
		return 0;
	fd = open_file(dir_fd, &st);
	if (fd < 0)
		return fd == -ENOENT ? 0 : err_prefix(fd, "%s", path);
	area = area_of(fd, ALIGN_DOWN(st.st_size, STORE_BLOCK), &whole);
	(void)store_read_id(&area);
	r = reserve_fetch_store(&area, dir_fd, path, &name, remarks);
	if (r <= 0)
		return r;
	r = store_format(&area);
	if (r < 0)
		return err_prefix(r, "%s", path);
	*ret_name = TAKE_PTR(name);
	return 1;
}
