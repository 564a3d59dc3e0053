// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rescue-mini.c - the step that writes the mini dump, see rescue-steps.h.
 *
 * It has the pages that the report read, the log and the stacks of CPUs: some MB that answer most
 * questions if the dump does not come to its end. When as many dumps of the same crash are there as
 * KeepPerFingerprint= wants, it takes the place of the dump.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "capture/elsewhere.h"
#include "capture/log.h"
#include "capture/place.h"
#include "capture/rescue-steps.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"
#include "vmcore/filter/selection.h"

static int write_mini(struct rescue *rescue, struct save_result *ret, bool *ret_whole)
{
	const struct writer_format *format = writer_formats[0];
	_cleanup_(selection_done) struct selection s = {};
	_cleanup_(sink_freep) struct sink *sink = NULL;
	struct save_options o = { .threads = 1 };
	int r = selection_open_touched(rescue->dump, rescue->kspace, rescue->touched, &s);

	/* What is read from here on is read for the files. */
	rescue->dump->touched = NULL;
	if (r < 0 ||
	    (r = codec_parse(rescue->plan->capture.compress, &o.codec, &o.codec_level)) < 0 ||
	    (r = selection_prepare(&s, format, &o)) < 0 ||
	    (r = sink_create(rescue->dir_fd, CRASH_MINI_INCOMPLETE, &sink)) < 0 ||
	    (r = save_as(format, rescue->dump, &s.keep, &o, sink, ret)) < 0)
		return r;
	*ret_whole = !s.remark[0] && ret->unreadable == 0;
	if (s.remark[0])
		log_info("mini: %s", s.remark);
	return 0;
}

/* Sees that readers find the kernel in it. */
static int check_mini(const struct rescue *rescue)
{
	_cleanup_(dump_freep) struct dump *d = NULL;
	_cleanup_(kspace_freep) struct kspace *ks = NULL;
	int r = rescue_open_saved(rescue, CRASH_MINI_INCOMPLETE, &d);

	return r < 0 ? r : kspace_open(d, &ks);
}

static int rename_mini(const struct rescue *rescue)
{
	if (renameat(rescue->dir_fd, CRASH_MINI_INCOMPLETE, rescue->dir_fd, CRASH_MINI) < 0 ||
	    fsync(rescue->dir_fd) < 0)
		return errf(-errno, CRASH_MINI ": cannot be renamed: %s", strerror(errno));
	return 0;
}

static int save_mini(struct rescue *rescue)
{
	struct save_result saved;
	char size[TEXT_SIZE_MAX];
	bool whole = false;
	int r;

	if ((r = write_mini(rescue, &saved, &whole)) < 0 || (r = check_mini(rescue)) < 0 ||
	    (r = rename_mini(rescue)) < 0) {
		/* The dump may need its room. */
		unlinkat(rescue->dir_fd, CRASH_MINI_INCOMPLETE, 0);
		return r;
	}
	place_keep(rescue);
	if (!place_has(rescue, CRASH_MINI))
		return errf(-ENOSPC, "the %s does not take it", rescue->place);
	rescue->has_mini = true;
	rescue->mini_is_whole = whole;
	rescue->crash.outcome = CRASH_MINI_ONLY;
	log_info("mini dump saved, %s in %.1f s", text_from_size(saved.file_size, size),
	         clock_seconds() - rescue->started);
	return 0;
}

int rescue_save_mini(struct rescue *rescue)
{
	char why[ERR_WHY] = "";
	int r = rescue_need_target(rescue);

	if (r < 0)
		return r;
	if (!rescue->kspace || !rescue->touched)
		return errf(-ENODATA, "not tried, the kernel's memory could not be understood");
	r = save_mini(rescue);
	if (r >= 0 || r == -ENOMEM)
		return r;
	(void)err_note(r, why);
	return elsewhere_try(rescue, 0, save_mini) == 0 ? 0 : errf(r, "%s", why);
}

void rescue_drop_mini(struct rescue *rescue)
{
	if (rescue->has_mini && rescue->crash.dump && rescue->crash.outcome == CRASH_COMPLETE &&
	    unlinkat(rescue->dir_fd, CRASH_MINI, 0) < 0)
		log_error(CRASH_MINI ": cannot be removed: %s, going on", strerror(errno));
}

/* A test of the capture has to test all of it. kdump-lite test-crash crashes by SysRq-c. */
static bool is_test(const struct crash *c)
{
	return strncmp(c->fingerprint_text, "sysrq", strlen("sysrq")) == 0;
}

bool rescue_knows_crash(struct rescue *rescue)
{
	uint64_t keep = rescue->plan->capture.keep_per_fingerprint;
	struct crash *c = &rescue->crash;
	_cleanup_close_ int parent_fd = -1;

	if (keep == 0 || !rescue->mini_is_whole || c->dmesg_size == 0 || !c->fingerprint ||
	    !c->fingerprint_text || is_test(c))
		return false;
	parent_fd = openat(rescue->dir_fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (parent_fd < 0 || crash_count_complete(parent_fd, c->fingerprint, keep) < keep)
		return false;
	/* Without memory for the reason there is a dump. */
	return text_printf(&c->dump_reason,
	                   "left out, %llu complete dumps have this fingerprint "
	                   "(KeepPerFingerprint=%llu)",
	                   (unsigned long long)keep, (unsigned long long)keep) == 0;
}
