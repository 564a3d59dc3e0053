// SPDX-License-Identifier: GPL-2.0-or-later
/* place.c - where the files of a crash go, see place.h. */
#include "capture/place.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "capture/disk.h"
#include "capture/limited.h"
#include "capture/log.h"
#include "capture/room.h"
#include "capture/space.h"
#include "capture/target.h"
#include "config/dumparea.h"
#include "config/places.h"
#include "config/store.h"
#include "config/swaparea.h"
#include "system/tree.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"

/* Files in memory: the root file system of the capture kernel. */
#define MEMORY_DIR "/saved"

/* A target with less free is given the blocks of the reserve: for the small files, and so that
 * production does not come back to a full disk. */
#define PLACE_LOW MIB(16)

/* The directory and its files. */
#define PLACE_INODES 8

/* A journal may have much to write. */
#define MOUNT_SECONDS 120.0

/* To read some blocks of a disk. */
#define RESERVE_SECONDS 20.0

struct place_kind {
	const char *name;
	int (*open)(struct rescue *rescue, const char *name);
};

static bool has_reserve(const struct plan *plan)
{
	return plan->reserve_id && *plan->reserve_id;
}

/* Whether the blocks of the reserve are worth more to the file system: for the small files, when
 * it has inodes for them. */
static bool needs_blocks(const struct rescue *rescue)
{
	_cleanup_close_ int fd = target_open_parent(rescue->os, rescue->plan);
	struct statvfs st;

	if (fd < 0 || space_read(rescue, fd, &st) < 0)
		return true;
	return (uint64_t)st.f_bavail * st.f_frsize < PLACE_LOW &&
	       (st.f_files == 0 || st.f_favail >= PLACE_INODES);
}

static int give_reserve(struct rescue *rescue)
{
	int r = target_drop_reserve(rescue->os, rescue->plan);

	/* Should that have failed half-way, it is not known whose the blocks are. */
	rescue->no_reserve = true;
	if (rescue->progress)
		rescue->progress->no_reserve = true;
	return r;
}

/* Makes the directory, or opens it when its place is known already. */
static int open_directory(struct rescue *rescue, const char *name)
{
	const struct plan *plan = rescue->plan;
	_cleanup_close_ int parent_fd = -1;
	int r;

	if (rescue->place && (r = target_open_directory(rescue->os, plan, name, &parent_fd,
	                                                &rescue->dir_fd)) != -ENOENT)
		return r;
	if (has_reserve(plan) && !rescue->no_reserve && needs_blocks(rescue)) {
		r = give_reserve(rescue);
		log_info("little room in %s: %s", plan->directory,
		         r < 0 ? err_text(r) : "the reserve gives its blocks back");
	}
	r = target_make_directory(rescue->os, plan, name, &rescue->dir_fd);
	if (r < 0)
		return r;
	/* No inode may be left, or the disk fails at the first write. */
	r = crash_save(&rescue->crash, rescue->dir_fd);
	if (r < 0) {
		close(rescue->dir_fd);
		rescue->dir_fd = -1;
		return r;
	}
	room_take(rescue, ROOM_FACTS);
	log_info("saving to %s/%s", plan->directory, name);
	return 0;
}

static int mount_target(void *arg)
{
	const struct rescue *rescue = arg;

	return target_mount(rescue->os, rescue->plan);
}

static int open_path(struct rescue *rescue, const char *name)
{
	const struct limited mount = {
		.work = mount_target,
		.arg = rescue,
		.what = "the mount",
		.waits = rescue->plan->capture.device_timeout,
		.seconds = MOUNT_SECONDS,
	};
	int r;

	if (rescue->plan->obstacle && *rescue->plan->obstacle)
		return errf(-EOPNOTSUPP, "not tried: %s", rescue->plan->obstacle);
	if (!rescue->mounted && (r = limited(rescue, &mount)) < 0)
		return r;
	rescue->mounted = true;
	r = open_directory(rescue, name);
	if (r >= 0)
		return 0;
	/* The next place may be blocks of this file system. */
	if (has_reserve(rescue->plan) && rescue->os->umount2(TARGET_MOUNT, 0) == 0)
		rescue->mounted = false;
	return r;
}

/* Makes the directory of the crash in memory. */
static int open_memory(struct rescue *rescue, const char *name)
{
	_cleanup_close_ int parent_fd = -1;

	if (mkdirat(rescue->os->root_fd, MEMORY_DIR + 1, 0700) < 0 && errno != EEXIST)
		return errf(-errno, MEMORY_DIR ": cannot be made: %s", strerror(errno));
	parent_fd = tree_open(rescue->os->root_fd, MEMORY_DIR, O_RDONLY | O_DIRECTORY);
	if (parent_fd < 0)
		return parent_fd;
	if (mkdirat(parent_fd, name, 0700) < 0 && errno != EEXIST)
		return errf(-errno, "%s: cannot be made: %s", name, strerror(errno));
	rescue->dir_fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	rescue->in_memory = true;
	return rescue->dir_fd < 0 ? errf(-errno, "%s: %s", name, strerror(errno)) : 0;
}

/* Waits for the disk @wanted, as long as is left of the time for devices, and opens it. */
static int open_disk(struct rescue *rescue, const struct disk_wanted *wanted)
{
	double left = rescue->place_began + rescue->plan->capture.device_timeout - clock_seconds();
	_cleanup_(disk_done) struct disk disk = {};
	int r = disk_wait(rescue->os->root_fd, wanted, MAX(left, 0.0), &disk);

	if (r < 0)
		return r;
	rescue->store.fd = tree_open(rescue->os->root_fd, disk.path, O_RDWR);
	return MIN(rescue->store.fd, 0);
}

/* What has damaged a file system may have taken its UUID. The reserve has marks of its own. */
static int open_marked_disk(struct rescue *rescue, const struct disk_wanted *wanted)
{
	const struct disk_wanted unread = { .facts = wanted->facts,
		                            .tag = wanted->tag,
		                            .unread = true };
	int r = open_disk(rescue, wanted);

	return r < 0 ? open_disk(rescue, &unread) : r;
}

static int open_store(struct rescue *rescue, const char *name, const struct store_area *area)
{
	int r;

	if ((r = store_open(area, name, &rescue->store.store)) < 0 ||
	    (r = open_memory(rescue, name)) < 0)
		place_done(rescue);
	return r;
}

static int try_reserve(struct rescue *rescue, const char *name)
{
	const struct plan *plan = rescue->plan;
	bool own = plan->reserve_device && *plan->reserve_device;
	const struct disk_wanted wanted = {
		.tag = own ? plan->reserve_device : plan->device,
		.facts = own ? plan->reserve_facts : plan->device_facts,
	};
	struct store_area area = { .what = "the reserve", .marked = true };
	int r;

	if (!has_reserve(plan))
		return errf(-ENOENT, "the target has no reserve");
	if (rescue->no_reserve)
		return errf(-ESTALE, "the reserve has given its blocks back");
	if (rescue->mounted)
		return errf(-EBUSY, "the target is still mounted");
	if ((r = store_id_from_text(plan->reserve_id, area.id)) < 0 ||
	    (r = store_parse_extents(plan->reserve, &rescue->store.extents, &area.n)) < 0 ||
	    (r = open_marked_disk(rescue, &wanted)) < 0) {
		place_done(rescue);
		return r;
	}
	area.fd = rescue->store.fd;
	area.extents = rescue->store.extents;
	return open_store(rescue, name, &area);
}

/* Finds the store on the disk that is open. */
static int find_in_swap(struct rescue *rescue, const char *tag, struct store_area *ret)
{
	int r = swap_area_check(rescue->store.fd, tag);

	return r < 0 ? r
	             : swap_area_store(rescue->store.fd, tag, rescue->plan->swap_id,
	                               rescue->store.extents, ret);
}

static int find_in_partition(struct rescue *rescue, const char *tag, struct store_area *ret)
{
	char id[STORE_ID_TEXT] = "";

	strncpy(id, rescue->plan->partition_id, sizeof(id) - 1);
	return dump_area_open(rescue->store.fd, tag, id, rescue->store.extents, ret);
}

typedef int (*find_fn)(struct rescue *rescue, const char *tag, struct store_area *ret);

static int try_disk(struct rescue *rescue, const char *name, const struct disk_wanted *wanted,
                    find_fn find)
{
	struct store_area area;
	int r;

	rescue->store.extents = calloc(1, sizeof(struct store_extent));
	if (!rescue->store.extents)
		return oom("the extents of a store");
	if ((r = open_disk(rescue, wanted)) < 0 || (r = find(rescue, wanted->tag, &area)) < 0) {
		place_done(rescue);
		return r;
	}
	return open_store(rescue, name, &area);
}

/* Takes the first disk of a list in the plan that has the store. @what names it in texts. */
static int try_disks(struct rescue *rescue, const char *name, char *const *list, find_fn find,
                     const char *what)
{
	int r = errf(-ENOENT, "there is no %s for it", what);

	for (int more = 1; more > 0 && r < 0;) {
		_cleanup_(strv_freep) char **facts = NULL;
		struct disk_wanted wanted;

		more = disk_list_next(&list, &wanted, &facts);
		if (more < 0)
			return more;
		if (more > 0 && (r = try_disk(rescue, name, &wanted, find)) < 0 && list && *list)
			log_error("%s, trying the next", err_text(r));
	}
	return r;
}

static int try_swap(struct rescue *rescue, const char *name)
{
	return try_disks(rescue, name, rescue->plan->swap, find_in_swap, "swap partition");
}

static int try_partition(struct rescue *rescue, const char *name)
{
	return try_disks(rescue, name, rescue->plan->partition, find_in_partition, "partition");
}

struct store_call {
	struct rescue *rescue;
	const char *name;
	int (*open)(struct rescue *rescue, const char *name);
};

static int try_store(void *arg)
{
	const struct store_call *call = arg;

	return call->open(call->rescue, call->name);
}

static int open_bare(const struct store_call *call, const char *what)
{
	const struct limited look = {
		.work = try_store,
		.arg = (void *)(uintptr_t)call,
		.what = what,
		.seconds = RESERVE_SECONDS,
	};
	/* The disk may be what hangs. */
	int r = call->rescue->hangs ? limited(call->rescue, &look) : 0;

	return r < 0 ? r : call->open(call->rescue, call->name);
}

static int open_reserve(struct rescue *rescue, const char *name)
{
	return open_bare(&(struct store_call){ rescue, name, try_reserve }, "the reserve");
}

static int open_swap(struct rescue *rescue, const char *name)
{
	return open_bare(&(struct store_call){ rescue, name, try_swap }, "the swap partition");
}

static int open_partition(struct rescue *rescue, const char *name)
{
	return open_bare(&(struct store_call){ rescue, name, try_partition }, "the partition");
}

static const struct place_kind kinds[] = {
	{ PLACE_PATH, open_path },     { PLACE_RESERVE, open_reserve },
	{ PLACE_SWAP, open_swap },     { PLACE_PARTITION, open_partition },
	{ PLACE_MEMORY, open_memory }, /* whatever the settings say */
};

/* NULL: it takes no files. */
static const struct place_kind *find_kind(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (streq(kinds[i].name, places_kind(name)))
			return &kinds[i];
	return NULL;
}

int place_open(struct rescue *rescue, const char *name)
{
	_cleanup_(strv_freep) char **list = NULL;
	char why[ERR_WHY] = "";
	int first = 0, r = places_parse(rescue->plan->capture.target, &list);

	rescue->place_began = clock_seconds();
	if (r < 0 || strv_push(&list, PLACE_MEMORY) < 0)
		return r < 0 ? r : oom("a list of places");
	for (char **word = list; *word && !rescue->place; word++) {
		const struct place_kind *kind = find_kind(*word);

		r = kind ? kind->open(rescue, name) : 0;
		if (r < 0) {
			log_error("place %s: %s", kind->name, err_text(r));
			(void)err_note(r, why);
			(void)strv_push(&rescue->closed, kind->name);
			first = first ?: r;
		} else if (kind) {
			rescue->place = kind->name;
		}
	}
	if (rescue->place && !streq(rescue->place, PLACE_PATH))
		log_info("saving to %s", rescue->place);
	return place_is_durable(rescue)
	               ? 0
	               : errf(first ?: -ENODEV, "%s", first ? why : "Target= names no disk");
}

int place_reopen(struct rescue *rescue, const char *place, const char *name)
{
	const struct place_kind *kind = find_kind(place);

	if (!kind)
		return errf(-EINVAL, "there is no place %s", place);
	rescue->place = kind->name;
	return kind->open(rescue, name);
}

void place_done(struct rescue *rescue)
{
	struct rescue_store *s = &rescue->store;

	s->store = store_free(s->store);
	if (s->fd > 0)
		close(s->fd);
	free(s->extents);
	*s = (struct rescue_store){};
}

bool place_is_durable(const struct rescue *rescue)
{
	return rescue->dir_fd >= 0 && (rescue->store.store || !rescue->in_memory);
}

/* What goes into a store, in order of need: first the log. The last one changes with each step. */
static const char *const files[] = {
	CRASH_DMESG, CRASH_REPORT, CRASH_MINI, CRASH_CAPTURE_LOG, CRASH_METADATA,
};

bool place_has(const struct rescue *rescue, const char *name)
{
	for (size_t i = 0; rescue->store.store && i < ARRAY_SIZE(files); i++)
		if (streq(files[i], name))
			return rescue->store.kept[i] > 0;
	return true;
}

bool place_has_log(const struct rescue *rescue)
{
	if (!place_is_durable(rescue))
		return false;
	if (rescue->crash.outcome == CRASH_COMPLETE)
		return true;
	return rescue->store.store ? place_has(rescue, CRASH_DMESG) : rescue->crash.dmesg_size > 0;
}

static int keep_file(struct store *store, int fd, const char *name)
{
	_cleanup_free_ char *chunk = malloc(KIB(64));
	ssize_t n;
	int r;

	if (!chunk)
		return oom("a file");
	r = store_begin(store, name);
	while (r == 0 && (n = read(fd, chunk, KIB(64))) != 0)
		r = n < 0 ? errf(-errno, "%s: %s", name, strerror(errno))
		          : store_write(store, chunk, n);
	return r < 0 ? r : store_end(store);
}

void place_keep(struct rescue *rescue)
{
	for (size_t i = 0; rescue->store.store && i < ARRAY_SIZE(files); i++) {
		_cleanup_close_ int fd = openat(rescue->dir_fd, files[i], O_RDONLY | O_CLOEXEC);
		struct stat st;
		int r;

		if (fd < 0 || fstat(fd, &st) < 0 || st.st_size == 0 ||
		    st.st_size == rescue->store.kept[i])
			continue;
		if ((uint64_t)st.st_size <= store_room(rescue->store.store))
			r = keep_file(rescue->store.store, fd, files[i]);
		else
			r = errf(-ENOSPC, "the %s has no room for it", rescue->place);
		if (r == 0)
			rescue->store.kept[i] = st.st_size;
		else if (!rescue->store.told)
			log_error("%s: %s", files[i], err_text(r));
		rescue->store.told = rescue->store.told || r < 0;
	}
}

/* A sink_put_fn. */
static int put_into_store(void *arg, const void *buf, size_t len)
{
	return store_write(arg, buf, len);
}

int place_create(struct rescue *rescue, const char *name, uint64_t least, struct sink **ret)
{
	int r;

	if (!place_is_durable(rescue))
		return errf(-ENODEV, "not tried, there is no target");
	if (!rescue->store.store)
		return sink_create(rescue->dir_fd, name, ret);
	if (store_room(rescue->store.store) < least)
		return errf(-ENOSPC, "the %s has no room for it", rescue->place);
	r = store_begin(rescue->store.store, CRASH_VMCORE);
	return r < 0 ? r : sink_flatten_by(put_into_store, rescue->store.store, CRASH_VMCORE, ret);
}

int place_finish(struct rescue *rescue)
{
	return rescue->store.store ? store_end(rescue->store.store) : 0;
}
