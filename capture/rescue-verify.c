// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rescue-verify.c - the step that reads the saved dump back, see rescue.h.
 *
 * What readers need is in the dump by the way it is made; this sees that it is. Should pages be
 * missing that memory has, the dump is written once more with all pages, beside the first one,
 * which it replaces only when it is better.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/statvfs.h>

#include "capture/log.h"
#include "capture/rescue.h"
#include "base/clock.h"
#include "base/err.h"
#include "vmcore/filter/page.h"
#include "vmcore/filter/verify.h"

/* For one look at a dump. */
#define VERIFY_SECONDS 20.0

/* The part of the time left that a second dump may take by what the first one took. */
#define TIME_SHARE 0.7

/* What is known of one dump. */
struct verdict {
	struct verify_result found;
	int error; /* the kernel is not found in it; else 0 */
	char words[VERIFY_WORDS_MAX];
};

static void judge(struct rescue *r, const struct dump *d, struct verdict *v)
{
	double seconds = MIN(VERIFY_SECONDS, rescue_time_left(r) / 2);

	v->error = verify_dump(d, clock_seconds() + MAX(seconds, 0.1), &v->found);
	if (v->error < 0)
		snprintf(v->words, sizeof(v->words), "the kernel is not found in it: %.300s",
		         err_text(v->error));
	else
		verify_words(&v->found, v->words);
}

static void judge_file(struct rescue *r, const char *name, struct verdict *v)
{
	_cleanup_(dump_freep) struct dump *d = NULL;
	struct source *source;
	char path[64];

	*v = (struct verdict){};
	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", r->dir_fd, name);
	v->error = source_open(path, &source);
	if (v->error == 0)
		v->error = dump_open(source, &d);
	if (v->error == 0)
		judge(r, d, v);
	else
		snprintf(v->words, sizeof(v->words), "%.350s", err_text(v->error));
}

/* Whether looking failed for a reason that is not the dump's: no memory, a disk that fails. */
static bool is_unknown(const struct verdict *v)
{
	return v->error < 0 && v->error != -ENODATA && v->error != -EBADMSG &&
	       v->error != -EFAULT && v->error != -ENXIO;
}

static bool is_better(const struct verdict *a, const struct verdict *b)
{
	if (a->error < 0 || b->error < 0)
		return a->error == 0 && b->error < 0;
	return a->found.missing < b->found.missing;
}

/* How much longer and larger a dump of all pages would be. */
static double growth(const struct rescue *r)
{
	return (double)r->crash.pages.total / MAX(r->crash.pages.saved, 1);
}

/* Why there is no second dump; NULL: it is worth trying. */
static const char *obstacle(struct rescue *r, const struct verdict *first, unsigned level)
{
	struct verdict memory = {};
	struct statvfs fs;
	double seconds = 0;

	if ((r->crash.level & ~(uint64_t)LEVEL_ZERO) == 0 || r->crash.level == level)
		return "it has all pages already";
	for (size_t i = 0; i < r->crash.n_steps; i++)
		if (r->crash.steps[i].name && streq(r->crash.steps[i].name, "vmcore"))
			seconds = r->crash.steps[i].seconds;
	if (seconds * growth(r) > rescue_time_left(r) * TIME_SHARE)
		return "there is no time";
	if (fstatvfs(r->dir_fd, &fs) < 0 ||
	    r->crash.vmcore_size * growth(r) > (double)fs.f_bavail * fs.f_frsize)
		return "there is no space";
	judge(r, r->dump, &memory);
	return is_better(&memory, first) ? NULL : "memory lacks them too";
}

/* Returns 0 when there is a better dump now. */
static int write_again(struct rescue *r, unsigned level, const struct verdict *first)
{
	const struct crash_pages pages = r->crash.pages;
	const uint64_t old_level = r->crash.level, size = r->crash.vmcore_size;
	struct verdict second;
	int e;

	log_info("verify: %s, writing the dump again at level %u", first->words, level);
	e = rescue_write_vmcore(r, level);
	if (e == 0) {
		judge_file(r, CRASH_VMCORE_INCOMPLETE, &second);
		e = is_better(&second, first) ? rescue_rename_vmcore(r)
		                              : errf(-ENODATA, "it was no better");
	}
	if (e == 0) {
		if (asprintf(&r->crash.verify,
		             "%s, since it was written again at level %u: at level %u %s",
		             second.words, level, (unsigned)old_level, first->words) < 0)
			r->crash.verify = NULL;
		return second.error < 0 || second.found.missing > 0
		               ? errf(-ENODATA, "%s", second.words)
		               : 0;
	}
	/* The first one is still there, and so is what is known of it. */
	unlinkat(r->dir_fd, CRASH_VMCORE_INCOMPLETE, 0);
	r->crash.pages = pages;
	r->crash.level = old_level;
	r->crash.vmcore_size = size;
	return e;
}

int rescue_verify(struct rescue *r)
{
	unsigned level = r->plan->capture.level & LEVEL_ZERO;
	struct verdict first;
	const char *why;
	int e;

	if (!r->crash.dump)
		return 0;
	if (!r->kspace) {
		r->crash.verify = strdup("not checked, the kernel could not be found in memory");
		return 0;
	}
	judge_file(r, CRASH_VMCORE, &first);
	if (is_unknown(&first)) {
		if (asprintf(&r->crash.verify, "not checked: %s", err_text(first.error)) < 0)
			r->crash.verify = NULL;
		return first.error;
	}
	if (first.error == 0 && first.found.missing == 0) {
		log_info("verify: %s", first.words);
		r->crash.verify = strdup(first.words);
		return 0;
	}
	why = obstacle(r, &first, level);
	e = why ? errf(-ENODATA, "%s", why) : write_again(r, level, &first);
	if (r->crash.verify)
		return e;
	if (asprintf(&r->crash.verify, "%s; not written again: %s", first.words, err_text(e)) < 0)
		r->crash.verify = NULL;
	return errf(-ENODATA, "%s", r->crash.verify ?: first.words);
}
