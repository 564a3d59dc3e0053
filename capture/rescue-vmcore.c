// SPDX-License-Identifier: GPL-2.0-or-later
/* rescue-vmcore.c - the step that writes the dump, see rescue-steps.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "capture/elsewhere.h"
#include "capture/log.h"
#include "capture/place.h"
#include "capture/rescue-steps.h"
#include "capture/room.h"
#include "capture/space.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"
#include "vmcore/filter/lacking.h"
#include "vmcore/filter/selection.h"

#define PROGRESS_SECONDS 5

/* The free space is looked at whenever so much was written. Beside that, each thread may have data
 * in memory that is still to be written: 3 MiB (vmcore/format/kdump-write.c). */
#define WATCH_EACH MIB(1)

/* Less than this is free: it is time to prune. */
#define LITTLE MIB(16)

/* Few dumps are larger than this part of the memory in them. */
#define SHRINKS_TO 3

struct progress {
	const struct rescue *rescue;
	unsigned page_shift;
	double last;                  /* seconds, by clock_seconds() */
	_Atomic uint64_t done, total; /* pages */

	atomic_flag watching; /* by one thread */
	unsigned reached;     /* per cent, when the space was used up */
	atomic_bool stop;     /* for this */
};

/* Bytes of the rest of the dump, when it shrinks as what is done did. Little is known at the begin,
 * and what turns out to be too small is asked for again. */
static uint64_t expect_rest(const struct progress *p, uint64_t written)
{
	uint64_t pages = p->total - p->done;
	double as_before = (double)written / MAX(p->done, 1) * pages;

	return MIN(as_before, (pages << p->page_shift) / SHRINKS_TO);
}

/* A sink_watch_fn. Ends the dump when it has taken all but KeepFree=. */
static void watch_space(void *arg, uint64_t written)
{
	struct progress *p = arg;

	if (atomic_flag_test_and_set(&p->watching))
		return;
	if (!p->stop && space_left(p->rescue) < LITTLE) {
		space_make(p->rescue, expect_rest(p, written));
		p->reached = p->done * 100 / MAX(p->total, 1);
		p->stop = space_left(p->rescue) == 0;
	}
	atomic_flag_clear(&p->watching);
}

/* As in struct save_options. */
static void show_progress(void *arg, uint64_t done, uint64_t total)
{
	struct progress *p = arg;
	double now = clock_seconds();

	p->done = done;
	p->total = total;
	if (now - p->last < PROGRESS_SECONDS)
		return;
	p->last = now;
	log_info("vmcore %u%%, %llu of %llu MiB of memory", (unsigned)(done * 100 / MAX(total, 1)),
	         (unsigned long long)(done << p->page_shift >> 20),
	         (unsigned long long)(total << p->page_shift >> 20));
}

static void note_selection(struct crash_pages *pages, const struct selection *s)
{
	const struct filter_result *f = &s->filtered;

	pages->free = f->excluded[PAGE_FREE];
	pages->cache = f->excluded[PAGE_CACHE];
	pages->private_cache = f->excluded[PAGE_PRIVATE_CACHE];
	pages->user = f->excluded[PAGE_USER];
	pages->hwpoison = f->excluded[PAGE_HWPOISON];
	pages->offline = f->excluded[PAGE_OFFLINE];
	pages->unaccepted = f->excluded[PAGE_UNACCEPTED];
	if (f->remark[0])
		log_info("filter: %s", f->remark);
	log_info("filter: %llu of %llu pages kept",
	         (unsigned long long)bitmap_count(&s->keep, 0, s->keep.bits),
	         (unsigned long long)f->total);
}

static uint64_t size_of_memory(const struct rescue *rescue, const struct selection *s)
{
	return bitmap_count(&s->keep, 0, s->keep.bits) << rescue->dump->page_shift;
}

/* No dump is smaller: the pages of kernels shrink to a tenth at best. */
static uint64_t least_size(const struct rescue *rescue, const struct selection *s)
{
	return size_of_memory(rescue, s) / 10;
}

static uint64_t likely_size(const struct rescue *rescue, const struct selection *s)
{
	bool packed = !streq(rescue->plan->capture.compress, "none");

	return size_of_memory(rescue, s) / (packed ? SHRINKS_TO : 1);
}

static int save(struct rescue *rescue, const struct writer_format *format,
                const struct selection *s)
{
	struct crash *crash = &rescue->crash;
	_cleanup_(sink_freep) struct sink *sink = NULL;
	uint64_t threads = rescue->plan->capture.threads ?: (uint64_t)sysconf(_SC_NPROCESSORS_ONLN);
	struct progress progress = {
		.rescue = rescue,
		.page_shift = rescue->dump->page_shift,
		.last = clock_seconds(),
		.watching = ATOMIC_FLAG_INIT,
	};
	struct save_options o = {
		.threads = rescue->again ? 1 : MAX(threads, 1),
		.little_memory = rescue->again,
		.stop = &progress.stop,
		.progress = show_progress,
		.arg = &progress,
	};
	struct save_result saved;
	char ended[32];
	int r;

	if ((r = codec_parse(rescue->plan->capture.compress, &o.codec, &o.codec_level)) < 0 ||
	    (r = selection_prepare(s, format, &o)) < 0 ||
	    (r = place_create(rescue, CRASH_VMCORE_INCOMPLETE, least_size(rescue, s), &sink)) < 0)
		return r;
	if (!rescue->crash.dump) {
		/* It is on the disk before the rest of the dump may end this program. */
		if (!rescue->has_mini)
			rescue->crash.outcome = CRASH_INCOMPLETE;
		rescue_save_metadata(rescue);
	}
	sink_watch(sink, WATCH_EACH, watch_space, &progress);
	r = save_as(format, rescue->dump, &s->keep, &o, sink, &saved);
	crash->level = o.level;
	free(crash->codec);
	crash->codec = strdup(o.codec->name);
	crash->pages.saved = saved.pages;
	crash->pages.zero = saved.zero;
	crash->pages.unreadable = saved.unreadable;
	crash->vmcore_size = saved.file_size;
	strcpy(rescue->unwritten_why, saved.unwritten_why);
	if (r == -EINTR && progress.stop) {
		snprintf(ended, sizeof(ended), "ended at %u %%", progress.reached);
		return space_is_short(rescue, ended);
	}
	return r;
}

static int open_selection(const struct rescue *rescue, struct selection *ret)
{
	int r = selection_open_with(rescue->dump, rescue->kspace, ret);

	ret->try_all = true;
	return r;
}

/* Chooses the pages of the level that is wanted, or of a stricter one when only that has room. */
static int choose_fitting(struct rescue *rescue, const struct writer_format *format,
                          struct selection *s)
{
	unsigned level = rescue->plan->capture.level;
	int r = selection_choose(s, level, format);

	if (r == 0 && level != LEVEL_MAX && !space_fits(rescue, likely_size(rescue, s))) {
		log_info("vmcore: no room for level %u, trying %u", level, LEVEL_MAX);
		r = selection_choose(s, LEVEL_MAX, format);
	}
	if (r < 0)
		return r;
	rescue->least_dump = least_size(rescue, s);
	/* Without a mini dump, a part of the dump is better than nothing. */
	if (rescue->has_mini && !space_fits(rescue, rescue->least_dump))
		return space_is_short(rescue, "left out");
	space_make(rescue, likely_size(rescue, s));
	return 0;
}

int rescue_write_vmcore(struct rescue *rescue, unsigned level)
{
	const struct writer_format *format = writer_formats[0];
	_cleanup_(selection_done) struct selection s = {};
	int r;

	if ((r = open_selection(rescue, &s)) < 0 || (r = selection_choose(&s, level, format)) < 0)
		return r;
	note_selection(&rescue->crash.pages, &s);
	return save(rescue, format, &s);
}

static int write_fitting(struct rescue *rescue)
{
	const struct writer_format *format = writer_formats[0];
	_cleanup_(selection_done) struct selection s = {};
	int r;

	if ((r = open_selection(rescue, &s)) < 0 || (r = choose_fitting(rescue, format, &s)) < 0)
		return r;
	note_selection(&rescue->crash.pages, &s);
	return save(rescue, format, &s);
}

/* First crash.json, so that a power cut leaves no dump of which nothing tells. Until the file has
 * its name, the name counts more than what is told. */
static int rename_vmcore(struct rescue *rescue)
{
	rescue_save_metadata(rescue);
	if (renameat(rescue->dir_fd, CRASH_VMCORE_INCOMPLETE, rescue->dir_fd, CRASH_VMCORE) < 0 ||
	    fsync(rescue->dir_fd) < 0)
		return errf(-errno, "%s: cannot be renamed: %s", CRASH_VMCORE, strerror(errno));
	return 0;
}

int rescue_rename_vmcore(struct rescue *rescue)
{
	struct crash *crash = &rescue->crash;
	enum crash_outcome before = crash->outcome;
	int r = place_finish(rescue);

	if (r < 0)
		return r;
	crash->outcome = crash->pages.unreadable > 0 || crash->memory_lacking > 0 ? CRASH_INCOMPLETE
	                                                                          : CRASH_COMPLETE;
	r = rescue->store.store ? 0 : rename_vmcore(rescue);
	if (r < 0) {
		crash->outcome = before;
		return r;
	}
	/* A flattened file is larger than what it holds. */
	if (rescue->store.store)
		crash->vmcore_size = store_written(rescue->store.store);
	crash->dump = rescue->store.store ? NULL : CRASH_VMCORE;
	return 0;
}

static int write_and_rename(struct rescue *rescue)
{
	int r = write_fitting(rescue);

	if (r < 0)
		return r;
	if (rescue->kspace)
		rescue->crash.memory_lacking = lacking_memory(rescue->kspace);
	return rescue_rename_vmcore(rescue);
}

/* Bytes on the disk. */
static uint64_t room_of(const struct rescue *rescue, const char *name)
{
	struct stat st;

	return fstatat(rescue->dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0
	               ? 0
	               : (uint64_t)st.st_blocks * 512;
}

/* Keeps the dump that another process has begun until there is a better one. */
static int write_beside(struct rescue *rescue)
{
	int fd = rescue->dir_fd, r;

	if (renameat(fd, CRASH_VMCORE_INCOMPLETE, fd, CRASH_VMCORE_FIRST) < 0)
		return write_and_rename(rescue);
	r = write_and_rename(rescue);
	if (r == 0 ||
	    room_of(rescue, CRASH_VMCORE_INCOMPLETE) >= room_of(rescue, CRASH_VMCORE_FIRST))
		(void)unlinkat(fd, CRASH_VMCORE_FIRST, 0);
	else
		(void)renameat(fd, CRASH_VMCORE_FIRST, fd, CRASH_VMCORE_INCOMPLETE);
	return r;
}

/* The dump fails here for @error. It is alone in another place then, so nothing can look at it. */
static int write_elsewhere(struct rescue *rescue, int error)
{
	struct crash *crash = &rescue->crash;
	const struct crash before = *crash;
	char why[ERR_WHY] = "";

	(void)err_note(error, why);
	if (elsewhere_try(rescue, rescue->least_dump, write_and_rename) < 0) {
		crash->outcome = before.outcome;
		crash->pages = before.pages;
		crash->level = before.level;
		crash->vmcore_size = before.vmcore_size;
		return errf(error, "%s", why);
	}
	log_info("vmcore: %s; it is in another place", why);
	crash->dump = NULL;
	(void)unlinkat(rescue->dir_fd, CRASH_VMCORE_INCOMPLETE, 0);
	return 0;
}

int rescue_save_vmcore(struct rescue *rescue)
{
	struct crash *crash = &rescue->crash;
	char size[TEXT_SIZE_MAX];
	int r = rescue_need_target(rescue);

	if (r < 0)
		return r;
	if (!rescue->dump)
		return errf(-ENODATA, "%s: not tried, it could not be opened", rescue->vmcore);
	if (rescue_knows_crash(rescue)) {
		log_info("vmcore %s", crash->dump_reason);
		return 0;
	}
	room_take(rescue, ROOM_ALL);
	r = rescue->again ? write_beside(rescue) : write_and_rename(rescue);
	if (r < 0 && r != -ENOMEM)
		r = write_elsewhere(rescue, r);
	/* What did not fit into a store is not in it. */
	if (r < 0 && rescue->store.store)
		rescue->crash.outcome = rescue->has_mini    ? CRASH_MINI_ONLY
		                        : crash->dmesg_size ? CRASH_DMESG_ONLY
		                                            : CRASH_FAILED;
	if (r == -ENOSPC && rescue->has_mini)
		crash->dump_reason = strdup(err_text(r));
	if (r < 0)
		return r;
	log_info("vmcore saved, %s in %.1f s", text_from_size(crash->vmcore_size, size),
	         clock_seconds() - rescue->started);
	if (*rescue->unwritten_why)
		return errf(-EIO, "%llu pages are lost: %s",
		            (unsigned long long)crash->pages.unreadable, rescue->unwritten_why);
	if (crash->pages.unreadable > 0)
		return errf(-EIO, "%llu pages could not be read, the dump is marked incomplete",
		            (unsigned long long)crash->pages.unreadable);
	if (crash->memory_lacking > 0)
		return errf(-ENODATA,
		            "%s of memory that was added after the load are not in the dump, which "
		            "is marked incomplete",
		            text_from_size(crash->memory_lacking, size));
	return 0;
}
