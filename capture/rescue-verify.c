// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rescue-verify.c - the step that reads the saved dump back, see rescue-steps.h.
 *
 * What readers need is in the dump by the way it is made; this sees that it is. Where tasks and
 * their stacks are has been found by the report, whose process could read the kernel's types.
 * Should pages be missing that memory has, the dump is written once more with all pages, beside the
 * first one, which it replaces only when it is better.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "capture/log.h"
#include "capture/rescue-steps.h"
#include "capture/space.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"
#include "vmcore/filter/page.h"
#include "vmcore/filter/verify.h"

/* For one look at a dump. */
#define VERIFY_SECONDS 20.0

/* The part of the time left that a second dump may take by what the first one took. */
#define TIME_SHARE 0.7

/* The facts about one dump. */
struct verdict {
	struct verify_result found;
	int error; /* the kernel is not found in it; else 0 */
	char words[VERIFY_WORDS_MAX];
};

static void look_at(const struct rescue *rescue, const struct dump *d, struct verdict *v)
{
	double seconds = MIN(VERIFY_SECONDS, rescue_time_left(rescue) / 2);

	*v = (struct verdict){};
	v->error = verify_tasks(d, clock_seconds() + MAX(seconds, 0.1), &rescue->tasks, &v->found);
	if (v->error < 0)
		snprintf(v->words, sizeof(v->words), "the kernel is not found in it: %.300s",
		         err_text(v->error));
	else
		verify_words(&v->found, v->words);
}

/* What was written is still in memory, and says nothing about the disk. It was synced, so the
 * kernel can drop it. */
static void forget_contents(const struct rescue *rescue, const char *name)
{
	_cleanup_close_ int fd = openat(rescue->dir_fd, name, O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
}

static void look_at_file(const struct rescue *rescue, const char *name, struct verdict *v)
{
	_cleanup_(dump_freep) struct dump *d = NULL;
	int r;

	forget_contents(rescue, name);
	r = rescue_open_saved(rescue, name, &d);
	if (r == 0) {
		look_at(rescue, d, v);
		return;
	}
	*v = (struct verdict){ .error = r };
	snprintf(v->words, sizeof(v->words), "%.350s", err_text(r));
}

/* Looking failed for a reason that is not the dump's, such as no memory. */
static bool is_unknown(const struct verdict *v)
{
	return v->error < 0 && v->error != -ENODATA && v->error != -EBADMSG &&
	       v->error != -EFAULT && v->error != -ENXIO && v->error != -EIO;
}

static bool is_better(const struct verdict *a, const struct verdict *b)
{
	if (a->error < 0 || b->error < 0)
		return a->error == 0 && b->error < 0;
	return a->found.missing < b->found.missing;
}

/* Seconds that the first dump took; 0 when it is not known. */
static double seconds_of_vmcore(const struct crash *crash)
{
	for (size_t i = 0; i < crash->n_steps; i++)
		if (crash->steps[i].name && streq(crash->steps[i].name, "vmcore"))
			return crash->steps[i].seconds;
	return 0;
}

/* Why there is no second dump; NULL: it is worth trying. */
static const char *obstacle(const struct rescue *rescue, const struct verdict *first,
                            unsigned level)
{
	const struct crash *crash = &rescue->crash;
	/* How much longer and larger a dump of all pages would be. */
	double more = (double)crash->pages.total / MAX(crash->pages.saved, 1);
	struct verdict memory;

	if ((crash->level & ~(uint64_t)LEVEL_ZERO) == 0 || crash->level == level)
		return "it has all pages already";
	if (seconds_of_vmcore(crash) * more > rescue_time_left(rescue) * TIME_SHARE)
		return "there is no time";
	if (crash->vmcore_size * more > space_left(rescue))
		return "there is no space";
	look_at(rescue, rescue->dump, &memory);
	return is_better(&memory, first) ? NULL : "memory lacks them too";
}

/* Makes a dump that is better than the first, in its place. */
static int replace(struct rescue *rescue, unsigned level, const struct verdict *first,
                   struct verdict *ret_second)
{
	int r = rescue_write_vmcore(rescue, level);

	if (r < 0)
		return r;
	look_at_file(rescue, CRASH_VMCORE_INCOMPLETE, ret_second);
	if (!is_better(ret_second, first))
		return errf(-ENODATA, "it was no better");
	return rescue_rename_vmcore(rescue);
}

/* The dump answers: what was kept in case it would not is not needed. crash.json says so first. */
static void settle(struct rescue *rescue)
{
	rescue_drop_mini(rescue);
	if (rescue->crash.outcome != CRASH_COMPLETE)
		return;
	rescue_save_metadata(rescue);
	space_settle(rescue);
}

/* Sets crash.verify when there is a better dump now. */
static int write_again(struct rescue *rescue, unsigned level, const struct verdict *first)
{
	struct crash *crash = &rescue->crash;
	const struct crash_pages pages = crash->pages;
	const uint64_t old_level = crash->level, size = crash->vmcore_size;
	struct verdict second;
	int r;

	log_info("verify: %s, writing the dump again at level %u", first->words, level);
	r = replace(rescue, level, first, &second);
	if (r < 0) {
		/* The first one is still there, and so is what is known of it. */
		unlinkat(rescue->dir_fd, CRASH_VMCORE_INCOMPLETE, 0);
		crash->pages = pages;
		crash->level = old_level;
		crash->vmcore_size = size;
		return r;
	}
	(void)text_printf(&crash->verify,
	                  "%s, since it was written again at level %u: at level %u %s",
	                  second.words, level, (unsigned)old_level, first->words);
	if (second.error < 0 || verify_finds_fault(&second.found))
		return errf(-ENODATA, "%s", second.words);
	settle(rescue);
	return 0;
}

/* Decides what to do with a dump that lacks pages. */
static int mend(struct rescue *rescue, const struct verdict *first)
{
	unsigned level = rescue->plan->capture.level & LEVEL_ZERO;
	struct crash *crash = &rescue->crash;
	const char *why = obstacle(rescue, first, level);
	int r = why ? errf(-ENODATA, "%s", why) : write_again(rescue, level, first);

	if (crash->verify)
		return r;
	if (first->error == -EIO)
		crash->outcome = CRASH_INCOMPLETE;
	if (asprintf(&crash->verify, "%s; not written again: %s", first->words, err_text(r)) < 0)
		crash->verify = NULL;
	return errf(-ENODATA, "%s", crash->verify ?: first->words);
}

int rescue_verify(struct rescue *rescue)
{
	struct crash *crash = &rescue->crash;
	struct verdict first;

	if (!crash->dump)
		return 0;
	if (!rescue->kspace) {
		crash->verify = strdup("not checked, the kernel could not be found in memory");
		return 0;
	}
	look_at_file(rescue, CRASH_VMCORE, &first);
	if (is_unknown(&first)) {
		if (asprintf(&crash->verify, "not checked: %s", err_text(first.error)) < 0)
			crash->verify = NULL;
		return first.error;
	}
	if (first.error < 0 || verify_finds_fault(&first.found))
		return mend(rescue, &first);
	log_info("verify: %s", first.words);
	crash->verify = strdup(first.words);
	settle(rescue);
	return 0;
}
