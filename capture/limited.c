// SPDX-License-Identifier: GPL-2.0-or-later
/* limited.c - calls that a driver may hold up for ever, see limited.h. */
#include "capture/limited.h"

#include <errno.h>
#include <stdio.h>

#include "base/child.h"

#define SHARE 0.25

/* What is only slow does not hang, even if little time is left. */
#define LEAST 2.0

struct answer {
	int r;
	char text[1024];
};

static void run(void *arg, void *answer)
{
	const struct limited *l = arg;
	struct answer *a = answer;

	a->r = l->work(l->arg);
	if (a->r < 0)
		snprintf(a->text, sizeof(a->text), "%s", err_text(a->r));
}

static void note_hang(struct rescue *rescue)
{
	rescue->hangs = true;
	if (rescue->progress)
		rescue->progress->hangs = true;
}

int limited(struct rescue *rescue, const struct limited *l)
{
	double share = MAX(rescue_time_left(rescue) * SHARE, LEAST);
	struct answer a = {};
	struct rusage usage;
	int r = child_run(run, (void *)(uintptr_t)l, l->waits + MIN(l->seconds, share), &a,
	                  sizeof(a), &usage);

	if (r == -ETIMEDOUT)
		note_hang(rescue);
	if (r == -ETIMEDOUT || r == -ECHILD)
		return err_prefix(r, "%s", l->what);
	/* There is no second process. */
	if (r < 0)
		return l->work(l->arg);
	return a.r < 0 ? errf(a.r, "%s", a.text) : a.r;
}
