// SPDX-License-Identifier: GPL-2.0-or-later
/* elsewhere.c - another place for what the first one does not take, see elsewhere.h. */
#include "capture/elsewhere.h"

#include <errno.h>
#include <sys/mount.h>

#include "capture/disk.h"
#include "capture/log.h"
#include "capture/place.h"
#include "capture/room.h"
#include "capture/target.h"
#include "config/places.h"
#include "system/disk-facts.h"
#include "base/err.h"
#include "base/text.h"

static uint64_t size_of_reserve(const struct plan *plan)
{
	_cleanup_free_ struct store_extent *extents = NULL;
	struct store_area area = {};

	if (!plan->reserve_id || !*plan->reserve_id ||
	    store_parse_extents(plan->reserve, &extents, &area.n) < 0)
		return 0;
	area.extents = extents;
	return store_size(&area);
}

/* Bytes of the largest disk in a list of the plan; UINT64_MAX when one does not tell its size. */
static uint64_t size_of_disks(char *const *list)
{
	uint64_t most = 0;

	for (int more = 1; more > 0;) {
		_cleanup_(strv_freep) char **facts = NULL;
		struct disk_wanted disk;
		uint64_t size;

		more = disk_list_next(&list, &disk, &facts);
		if (more > 0 && (!disk_facts_get(facts, "size") ||
		                 text_to_u64(disk_facts_get(facts, "size"), 10, &size) < 0))
			size = UINT64_MAX;
		if (more > 0)
			most = MAX(most, size);
	}
	return most;
}

/* Bytes that a place may have for a file; 0: it takes none. */
static uint64_t room_in(const struct rescue *rescue, const char *place)
{
	const struct plan *plan = rescue->plan;

	if (streq(place, PLACE_PATH))
		return plan->obstacle && *plan->obstacle ? 0 : UINT64_MAX;
	if (streq(place, PLACE_RESERVE))
		return rescue->no_reserve ? 0 : size_of_reserve(plan);
	if (streq(place, PLACE_SWAP))
		return size_of_disks(plan->swap);
	if (streq(place, PLACE_PARTITION))
		return size_of_disks(plan->partition);
	return 0;
}

/* Blocks of a file system are not written to while it is mounted. */
static void leave(struct rescue *rescue)
{
	room_give(rescue);
	if (rescue->dir_fd >= 0)
		close(rescue->dir_fd);
	rescue->dir_fd = -1;
	rescue->in_memory = false;
	if (rescue->mounted && rescue->os->umount2(TARGET_MOUNT, 0) == 0)
		rescue->mounted = false;
	if (rescue->progress)
		rescue->progress->mounted = rescue->mounted;
}

static int enter(struct rescue *rescue, const char *place)
{
	int r = place_reopen(rescue, place, rescue->crash.name);

	if (r < 0) {
		log_error("place %s: %s", place, err_text(r));
		(void)strv_push(&rescue->closed, place);
	}
	return r;
}

/* Where it began. A disk that is gone leaves the files in memory, for the console. */
static void return_to(struct rescue *rescue, const char *place)
{
	if (enter(rescue, place) < 0)
		(void)enter(rescue, PLACE_MEMORY);
}

/* The places of Target= that have room and have not failed, but the one that is open; only those
 * behind it, when @behind. */
static int list_others(const struct rescue *rescue, uint64_t least, bool behind, char ***ret)
{
	_cleanup_(strv_freep) char **list = NULL, **others = NULL;
	int r = places_parse(rescue->plan->capture.target, &list);
	bool reached = !behind;

	for (char **word = list; r == 0 && word && *word; word++) {
		const char *place = places_kind(*word);

		if (streq(place, rescue->place))
			reached = true;
		else if (reached && room_in(rescue, place) > least &&
		         !strv_contains(rescue->closed, place))
			r = strv_push(&others, place);
	}
	if (r == 0)
		*ret = TAKE_PTR(others);
	return r;
}

int elsewhere_move(struct rescue *rescue)
{
	_cleanup_(strv_freep) char **others = NULL;
	const char *first = rescue->place;

	if (!first || !rescue->crash.name || list_others(rescue, 0, true, &others) < 0 || !others)
		return errf(-ENODEV, "there is no other place");
	leave(rescue);
	place_done(rescue);
	for (char **word = others; *word; word++)
		if (enter(rescue, *word) == 0) {
			log_info("going on in %s", rescue->place);
			return 0;
		}
	return_to(rescue, first);
	return errf(-ENODEV, "no other place can be used");
}

/* With a store as the first place that one stays open. */
static int try_in(struct rescue *rescue, const char *place, int (*work)(struct rescue *rescue))
{
	const char *first = rescue->place;
	struct rescue_store store = rescue->store;
	int r;

	rescue->store = (struct rescue_store){};
	leave(rescue);
	r = enter(rescue, place);
	if (r == 0) {
		log_info("trying %s", place);
		r = work(rescue);
	}
	leave(rescue);
	place_done(rescue);
	if (store.store) {
		(void)enter(rescue, PLACE_MEMORY);
		rescue->store = store;
		rescue->place = first;
	} else {
		return_to(rescue, first);
	}
	return r;
}

int elsewhere_try(struct rescue *rescue, uint64_t least, int (*work)(struct rescue *rescue))
{
	_cleanup_(strv_freep) char **others = NULL;
	int r = -ENODEV;

	if (!rescue->place || !rescue->crash.name || list_others(rescue, least, false, &others) < 0)
		return -ENODEV;
	for (char **word = others; word && *word && r < 0; word++)
		r = try_in(rescue, *word, work);
	return r;
}
