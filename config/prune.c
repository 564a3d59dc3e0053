// SPDX-License-Identifier: GPL-2.0-or-later
/* prune.c - deletes old crashes, see prune.h. */
#include "config/prune.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "config/crashdir.h"
#include "system/file.h"
#include "base/array.h"
#include "base/err.h"

#define KEEP_SHARE 20 /* auto: one part of so many */
#define KEEP_MOST  MIB(1024)

/* All files that are ours in a crash directory, in the order in which they are deleted. */
static const struct {
	const char *name;
	bool is_dump;
} ours[] = {
	{ CRASH_VMCORE, true },
	{ CRASH_VMCORE_INCOMPLETE, true },
	{ CRASH_VMCORE_FIRST, true },
	{ CRASH_MINI, true },
	{ CRASH_MINI_INCOMPLETE, true },
	/* The system went down while they came out of a store, or in file_replace(). */
	{ "." CRASH_VMCORE ".new", true },
	{ "." CRASH_MINI ".new", true },
	{ "." CRASH_DMESG ".new" },
	{ "." CRASH_CAPTURE_LOG ".new" },
	{ "." CRASH_REPORT ".new" },
	{ "." CRASH_METADATA ".new" },
	{ CRASH_CAPTURE_LOG },
	{ CRASH_DMESG_INCOMPLETE },
	{ CRASH_DMESG },
	{ CRASH_REPORT },
	/* They were damaged when they came out of a store. */
	{ CRASH_CAPTURE_LOG CRASH_PART },
	{ CRASH_DMESG CRASH_PART },
	{ CRASH_REPORT CRASH_PART },
	{ CRASH_METADATA CRASH_PART },
	/* The last one: until then the directory tells what it is. */
	{ CRASH_METADATA },
};

struct old {
	char *name;
	unsigned dumps;  /* files */
	uint64_t dump;   /* bytes of these */
	uint64_t rest;   /* bytes of the other files of ours */
	bool has_others; /* there is what is not ours */
	bool stays;
};

struct job {
	const struct prune_request *req;
	int parent_fd;
	dev_t dev;
	struct old *list; /* the oldest first */
	size_t n;
	uint64_t keep_free, free; /* bytes */
	struct prune_result result;
	int error; /* the first */
};

static void job_done(struct job *j)
{
	for (size_t i = 0; i < j->n; i++)
		free(j->list[i].name);
	free(j->list);
}

static uint64_t size_of(const struct statvfs *st)
{
	return (uint64_t)st->f_blocks * st->f_frsize;
}

uint64_t prune_keep_free(const struct capture_settings *settings, uint64_t size)
{
	return settings->keep_free ?: MIN(size / KEEP_SHARE, KEEP_MOST);
}

uint64_t prune_left(const struct capture_settings *settings, const struct statvfs *st)
{
	uint64_t keep = prune_keep_free(settings, size_of(st));
	uint64_t free = (uint64_t)st->f_bavail * st->f_frsize;

	return free - MIN(free, keep);
}

/* The row of a regular file of root, or of who runs this program; -1: it is not ours. */
static int find_ours(int dir_fd, const char *name, struct stat *ret)
{
	if (fstatat(dir_fd, name, ret, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(ret->st_mode) ||
	    (ret->st_uid != 0 && ret->st_uid != geteuid()))
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
		if (streq(name, ours[i].name))
			return i;
	return -1;
}

/* Bytes that become free with this name of a file. */
static uint64_t size_on_disk(const struct stat *st)
{
	return st->st_nlink == 1 ? (uint64_t)st->st_blocks * 512 : 0;
}

/* Opens a crash directory that nobody else can change, or returns -1. */
static int open_own(const struct job *j, const char *name)
{
	_cleanup_close_ int fd = file_open_subdir(j->parent_fd, name);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || st.st_dev != j->dev || !file_is_private(fd))
		return -1;
	return TAKE_FD(fd);
}

static void look_at(int dir_fd, struct old *old)
{
	_cleanup_(file_closedirp) DIR *dir = NULL;
	struct dirent *entry;

	/* What cannot be read is left alone. */
	old->has_others = file_opendir(dir_fd, ".", &dir) < 0;
	while (dir && (entry = readdir(dir))) {
		struct stat st;
		int row;

		if (streq(entry->d_name, ".") || streq(entry->d_name, ".."))
			continue;
		row = find_ours(dir_fd, entry->d_name, &st);
		if (row < 0) {
			old->has_others = true;
		} else if (ours[row].is_dump) {
			old->dumps++;
			old->dump += size_on_disk(&st);
		} else {
			old->rest += size_on_disk(&st);
		}
	}
}

/* Adds the directory @name, if it is a crash of ours. */
static int add(struct job *j, const char *name)
{
	_cleanup_close_ int fd = -1;
	struct old *old;
	int r;

	if (!crash_is_own_name(name) || (j->req->except && streq(name, j->req->except)))
		return 0;
	fd = open_own(j, name);
	if (fd < 0)
		return 0;
	r = array_grow(&j->list, j->n, "a list of crashes");
	if (r < 0)
		return r;
	old = &j->list[j->n];
	*old = (struct old){ .name = strdup(name) };
	if (!old->name)
		return oom("a name");
	j->n++;
	look_at(fd, old);
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct old *)a)->name, ((const struct old *)b)->name);
}

/* The clock of a crashed kernel may have been wrong. */
static void move_newest(struct job *j)
{
	for (size_t i = 0; j->req->newest && i + 1 < j->n; i++)
		if (streq(j->list[i].name, j->req->newest)) {
			struct old newest = j->list[i];

			memmove(&j->list[i], &j->list[i + 1], (j->n - i - 1) * sizeof(newest));
			j->list[j->n - 1] = newest;
			return;
		}
}

static int list(struct job *j)
{
	_cleanup_(file_closedirp) DIR *dir = NULL;
	struct dirent *entry;
	int r = file_opendir(j->parent_fd, ".", &dir);

	if (r < 0)
		return errf(r, "the list of crashes cannot be read: %s", strerror(-r));
	while ((entry = readdir(dir)))
		if ((r = add(j, entry->d_name)) < 0)
			return r;
	if (j->n > 0)
		qsort(j->list, j->n, sizeof(*j->list), compare);
	move_newest(j);
	return 0;
}

static bool is_complete(const struct job *j, const struct old *old)
{
	struct crash c;
	bool complete;

	if (crash_load(j->parent_fd, old->name, &c) < 0)
		return false;
	complete = c.outcome == CRASH_COMPLETE;
	crash_done(&c);
	return complete;
}

/* Decides what stays in any case, and counts. What goes as soon as the new dump is complete is not
 * counted beside that. */
static void choose(struct job *j)
{
	bool comes = j->req->need > 0, has_dump = comes, has_complete = false;

	for (size_t i = j->n; i > 0; i--) {
		struct old *old = &j->list[i - 1];
		bool complete = old->dumps > 0 && !has_complete && is_complete(j, old);
		bool newest = (i == j->n && !comes) || (old->dumps > 0 && !has_dump);

		old->stays = complete || newest;
		has_complete |= complete;
		has_dump |= old->dumps > 0;
		j->result.use += old->rest;
		if (comes && complete)
			continue;
		j->result.use += old->dump;
		j->result.dumps += old->dumps > 0;
	}
}

/* Sets how many bytes have to go. */
static void measure(struct job *j)
{
	uint64_t need = j->req->need, max_use = j->req->settings->max_use;
	uint64_t used = j->result.use + need, wanted = j->keep_free + need;

	j->result.left = j->free - MIN(j->free, j->keep_free);
	j->result.lack = wanted - MIN(wanted, j->free);
	if (max_use)
		j->result.lack = MAX(j->result.lack, used - MIN(used, max_use));
}

static bool has_too_many(const struct job *j)
{
	uint64_t most = j->req->settings->max_dumps;

	return most && j->result.dumps + (j->req->need > 0) > most;
}

static int fail(struct job *j, const struct old *old, const char *name)
{
	int r = errf(-errno, "%s%s%s: cannot be deleted: %s", old->name, name ? "/" : "",
	             name ?: "", strerror(errno));

	j->error = j->error ?: r;
	return r;
}

static int delete_files(struct job *j, const struct old *old, bool all)
{
	_cleanup_close_ int fd = open_own(j, old->name);

	if (fd < 0)
		return fail(j, old, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(ours); i++) {
		struct stat st;

		if ((all || ours[i].is_dump) && find_ours(fd, ours[i].name, &st) >= 0 &&
		    unlinkat(fd, ours[i].name, 0) < 0)
			return fail(j, old, ours[i].name);
	}
	if (all && unlinkat(j->parent_fd, old->name, AT_REMOVEDIR) < 0)
		return fail(j, old, NULL);
	return 0;
}

static void shrink(struct job *j, struct old *old, bool whole)
{
	struct pruned p = { old->name, whole, old->dump + (whole ? old->rest : 0) };

	if (!j->req->only_look && delete_files(j, old, whole) < 0)
		return;
	j->result.dumps -= old->dumps > 0;
	j->result.use -= p.size;
	j->result.size += p.size;
	j->free += p.size;
	old->dumps = old->dump = 0;
	measure(j);
	if (j->req->tell)
		j->req->tell(j->req->arg, &p);
}

static void delete_dumps(struct job *j)
{
	for (size_t i = 0; i < j->n; i++) {
		struct old *old = &j->list[i];

		if (old->stays || old->dumps == 0)
			continue;
		if (has_too_many(j) || (j->result.lack > 0 && old->dump > 0))
			shrink(j, old, false);
	}
}

static bool can_go(const struct old *old)
{
	return !old->stays && !old->has_others && old->dumps == 0;
}

/* Logs answer most questions, and are not deleted for nothing. */
static void delete_rest(struct job *j)
{
	uint64_t most = 0;

	for (size_t i = 0; i < j->n; i++)
		most += can_go(&j->list[i]) ? j->list[i].rest : 0;
	if (most < j->result.lack)
		return;
	for (size_t i = 0; i < j->n && j->result.lack > 0; i++)
		if (can_go(&j->list[i]))
			shrink(j, &j->list[i], true);
}

int prune(int parent_fd, const struct prune_request *req, struct prune_result *ret)
{
	_cleanup_(job_done) struct job j = { .req = req, .parent_fd = parent_fd };
	int (*get)(int fd, struct statvfs *st) = req->fstatvfs ?: fstatvfs;
	struct statvfs fs;
	struct stat st;
	int r;

	if (fstat(parent_fd, &st) < 0 || get(parent_fd, &fs) < 0)
		return errf(-errno, "the free space is not known: %s", strerror(errno));
	j.dev = st.st_dev;
	j.keep_free = prune_keep_free(req->settings, size_of(&fs));
	j.free = (uint64_t)fs.f_bavail * fs.f_frsize;
	r = list(&j);
	if (r < 0)
		return r;
	choose(&j);
	measure(&j);
	delete_dumps(&j);
	delete_rest(&j);
	/* ext4 gives the blocks to others only when this is on the disk. */
	if (j.result.size > 0 && !req->only_look)
		(void)fsync(parent_fd);
	*ret = j.result;
	return j.error;
}
