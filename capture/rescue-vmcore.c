// SPDX-License-Identifier: GPL-2.0-or-later
/* rescue-vmcore.c - the step that writes the dump, see rescue.h. */
#include <errno.h>
#include <stdio.h>

#include "capture/log.h"
#include "capture/rescue.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"
#include "vmcore/filter/convert.h"

#define PROGRESS_SECONDS 5

static void rescue_progress(void *arg, uint64_t done, uint64_t total)
{
	struct rescue *r = arg;
	double now = clock_seconds();

	if (now - r->last_progress < PROGRESS_SECONDS)
		return;
	r->last_progress = now;
	log_info("vmcore %u%%, %llu of %llu MiB of memory", (unsigned)(done * 100 / MAX(total, 1)),
	         (unsigned long long)(done << r->dump->page_shift >> 20),
	         (unsigned long long)(total << r->dump->page_shift >> 20));
}

static int rescue_filter(struct rescue *r, unsigned level, const struct bitmap *needed,
                         struct bitmap *keep)
{
	struct crash_pages *p = &r->crash.pages;
	struct filter_result f;
	int e;

	e = filter_around(r->dump, r->kspace, level, needed, keep, &f);
	if (e < 0)
		return e;
	if (f.remark[0])
		log_info("filter: %s", f.remark);
	p->free = f.excluded[PAGE_FREE];
	p->cache = f.excluded[PAGE_CACHE];
	p->private_cache = f.excluded[PAGE_PRIVATE_CACHE];
	p->user = f.excluded[PAGE_USER];
	p->hwpoison = f.excluded[PAGE_HWPOISON];
	p->offline = f.excluded[PAGE_OFFLINE];
	p->unaccepted = f.excluded[PAGE_UNACCEPTED];
	log_info("filter: %llu of %llu pages kept",
	         (unsigned long long)bitmap_count(keep, 0, keep->bits),
	         (unsigned long long)f.total);
	return 0;
}

static int rescue_write(struct rescue *r, unsigned level, const struct bitmap *needed,
                        const struct bitmap *keep, struct sink *sink)
{
	uint64_t threads = r->plan->capture.threads ?: (uint64_t)sysconf(_SC_NPROCESSORS_ONLN);
	struct save_options o = {
		.level = level,
		.first = needed,
		.threads = MAX(threads, 1),
		.progress = rescue_progress,
		.arg = r,
	};
	struct save_result result;
	int e;

	e = codec_parse(r->plan->capture.compress, &o.codec, &o.codec_level);
	if (e < 0)
		return e;
	convert_header(r->dump, r->kspace, &o);
	r->last_progress = clock_seconds();
	e = save_kdump(r->dump, keep, &o, sink, &result);
	r->crash.level = o.level;
	free(r->crash.codec);
	r->crash.codec = strdup(o.codec->name);
	r->crash.pages.saved = result.pages;
	r->crash.pages.zero = result.zero;
	r->crash.pages.unreadable = result.unreadable;
	r->crash.vmcore_size = result.file_size;
	return e;
}

int rescue_write_vmcore(struct rescue *r, unsigned level)
{
	_cleanup_(sink_freep) struct sink *sink = NULL;
	_cleanup_(bitmap_done) struct bitmap needed = {}, keep = {};
	int e;

	if ((e = filter_needed(r->dump, r->kspace, &needed)) < 0 ||
	    (e = filter_all(r->dump, &keep)) < 0 ||
	    (e = rescue_filter(r, level, &needed, &keep)) < 0 ||
	    (e = sink_create(r->dir_fd, CRASH_VMCORE_INCOMPLETE, &sink)) < 0)
		return e;
	if (!r->crash.dump)
		r->crash.outcome = CRASH_INCOMPLETE;
	return rescue_write(r, level, &needed, &keep, sink);
}

int rescue_rename_vmcore(struct rescue *r)
{
	if (renameat(r->dir_fd, CRASH_VMCORE_INCOMPLETE, r->dir_fd, CRASH_VMCORE) < 0 ||
	    fsync(r->dir_fd) < 0)
		return errf(-errno, "%s: cannot be renamed: %s", CRASH_VMCORE, strerror(errno));
	r->crash.dump = CRASH_VMCORE;
	r->crash.outcome = r->crash.pages.unreadable > 0 ? CRASH_INCOMPLETE : CRASH_COMPLETE;
	return 0;
}

int rescue_save_vmcore(struct rescue *r)
{
	char size[TEXT_SIZE_MAX];
	int e;

	e = rescue_need_target(r);
	if (e < 0)
		return e;
	if (!r->dump)
		return errf(-ENODATA, "%s: not tried, it could not be opened", r->vmcore);
	e = rescue_write_vmcore(r, r->plan->capture.level);
	if (e == 0)
		e = rescue_rename_vmcore(r);
	if (e < 0)
		return e;
	log_info("vmcore saved, %s in %.1f s", text_from_size(r->crash.vmcore_size, size),
	         clock_seconds() - r->started);
	if (r->crash.pages.unreadable > 0)
		return errf(-EIO, "%llu pages could not be read, the dump is marked incomplete",
		            (unsigned long long)r->crash.pages.unreadable);
	return 0;
}
