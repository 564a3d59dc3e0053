// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * announce-new.c - finds the crashes that nobody has been told of, see announce.h.
 *
 * A crash is noted when it is announced: the next one may end this program.
 */
#include <errno.h>
#include <fcntl.h>
#include <syslog.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"
#include "loader/crashes/announce.h"
#include "loader/crashes/reportfile.h"
#include "loader/crashes/state.h"
#include "system/file.h"

/* How long the reports of one crash and of all may take. */
#define REPORT_SECONDS  60.0
#define REPORTS_SECONDS 180.0

/* What the capture kernel could not do, before @deadline of clock_seconds(). */
static bool complete(const struct crashes *c, struct crash *item, double deadline)
{
	double seconds = MIN(deadline - clock_seconds(), REPORT_SECONDS);
	_cleanup_close_ int fd = crashes_open_directory(c, item);
	int r;

	if (fd < 0)
		r = errf(fd, "cannot be opened: %s", strerror(-fd));
	else if (seconds <= 0)
		r = errf(-ETIMEDOUT, CRASH_REPORT ": those of other crashes took too long");
	else
		r = reportfile_complete(fd, item, seconds);
	if (r < 0)
		cli_log(LOG_WARNING, "%s/%s: %s, going on without", c->path, item->name,
		        err_text(r));
	return fd >= 0 && faccessat(fd, CRASH_REPORT, F_OK, 0) == 0;
}

static int announce_one(const struct crashes *c, struct crash *item, double deadline,
                        announce_fn send)
{
	_cleanup_(strv_freep) char **record = NULL;
	_cleanup_free_ char *path = NULL;
	bool has_report = complete(c, item, deadline);
	int r;

	if ((r = text_printf(&path, "%s/%s", c->path, item->name)) < 0 ||
	    (r = announce_crash(item, path, has_report, &record)) < 0)
		return r;
	send(record);
	return 0;
}

/* Those of @before that are still there. Others fall out of the list. */
static int keep(const struct crashes *c, char *const *before, char ***ret)
{
	for (size_t i = 0; i < c->n; i++) {
		int r = announced_has(before, c->list[i].name) ? strv_push(ret, c->list[i].name)
		                                               : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

int announce_new(const struct crashes *c, int state_fd, announce_fn send)
{
	_cleanup_(strv_freep) char **before = NULL, **told = NULL;
	double deadline = clock_seconds() + REPORTS_SECONDS;
	int r;

	if ((r = announced_read(state_fd, &before)) < 0 || (r = keep(c, before, &told)) < 0)
		return r;
	if (strv_length(told) < strv_length(before) && (r = announced_write(state_fd, told)) < 0)
		return r;
	for (size_t i = 0; i < c->n; i++) {
		struct crash *item = &c->list[i];

		if (item->foreign || announced_has(told, item->name))
			continue;
		if ((r = announce_one(c, item, deadline, send)) < 0 ||
		    (r = strv_push(&told, item->name)) < 0 ||
		    (r = announced_write(state_fd, told)) < 0)
			return r;
	}
	return 0;
}
