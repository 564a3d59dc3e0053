// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * verb-announce.c - kdump-lite announce: tells the journal of crashes, of boots that ended without
 * a shutdown, of how a test crash went, and of a return by kexec.
 *
 * A service of its own runs it on each boot. Each part goes on without those before.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>

#include "loader/cli/verb.h"
#include "system/file.h"
#include "loader/crashes/announce.h"
#include "loader/crashes/crashes.h"
#include "loader/crashes/state.h"
#include "system/libraries.h"
#include "loader/system/armed.h"
#include "loader/system/record.h"
#include "base/err.h"
#include "base/text.h"

#define MAX_FIELDS 32

#define RETURNED_TOLD "returned-announced"

static void send_record(char *const *record)
{
	struct iovec fields[MAX_FIELDS];
	int n = 0, r;

	for (; record[n] && n < MAX_FIELDS; n++)
		fields[n] = (struct iovec){ record[n], strlen(record[n]) };
	r = libsystemd_open();
	if (r >= 0)
		r = libsystemd.sd_journal_sendv(fields, n);
	if (r < 0)
		cli_log(LOG_WARNING, "the journal did not take a record (%s): %s", strerror(-r),
		        announce_get(record, "MESSAGE"));
	else if (isatty(STDERR_FILENO))
		cli_log(LOG_INFO, "%s", announce_get(record, "MESSAGE"));
}

/* By the clocks of the crashed kernel, of the capture kernel and of this one. */
static void measure(const struct crashes *c, const struct crash *item, struct test_times *ret)
{
	_cleanup_free_ char *vmcore = NULL;
	struct stat st;
	time_t now = time(NULL);

	*ret = (struct test_times){ .capture = -1, .saved = -1, .back = -1 };
	if (!item)
		return;
	if (item->seconds > 0)
		ret->capture = item->seconds;
	if (item->crash_time == 0 || now < item->crash_time)
		return;
	ret->back = now - item->crash_time;
	if (text_printf(&vmcore, "%s/" CRASH_VMCORE, item->name) == 0 &&
	    fstatat(c->fd, vmcore, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_mtime >= item->crash_time && st.st_mtime <= now)
		ret->saved = st.st_mtime - item->crash_time;
}

static int report_test(const struct cli *cli, const struct crashes *c, int state_fd)
{
	_cleanup_(strv_freep) char **record = NULL;
	_cleanup_free_ char *path = NULL;
	char boot_id[STATE_ID_SIZE];
	const struct crash *item;
	struct test_times times;
	struct marker m;
	int r = marker_read(state_fd, &m);

	if (r == -ENOENT)
		return 0;
	if (r == -EBADMSG) {
		cli_log(LOG_WARNING, "%s, removing it", err_text(r));
		return marker_remove(state_fd);
	}
	if (r < 0 || (r = state_boot_id(cli->root_fd, boot_id)) < 0)
		return r;
	if (streq(boot_id, m.boot_id))
		return 0; /* has not crashed yet */
	item = announce_find_test(c->fd, c->list, c->n, &m);
	measure(c, item, &times);
	if ((item && (r = text_printf(&path, "%s/%s", c->path, item->name)) < 0) ||
	    (r = announce_test(&m, item, path, &times, &record)) < 0)
		return r;
	send_record(record);
	return marker_remove(state_fd);
}

/* Once in a boot, however often the service is started; a file that is gone after it remembers. */
static int report_returned(const struct cli *cli)
{
	_cleanup_(strv_freep) char **record = NULL;
	_cleanup_close_ int directory_fd = -1, fd = -1;
	struct returned back;
	int r = returned_read(cli->root_fd, &back);

	if (r < 0 || !back.by_kexec)
		return r;
	directory_fd = record_open(cli->root_fd);
	if (directory_fd < 0)
		return directory_fd;
	fd = openat(directory_fd, RETURNED_TOLD, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == EEXIST ? 0 : errf(-errno, RETURNED_TOLD ": %s", strerror(errno));
	r = announce_returned(&back, &record);
	if (r < 0)
		return r;
	send_record(record);
	return 0;
}

/* This program has no rights to look what a load would do now; the load has left word. */
static void warn_of_armed(const struct cli *cli)
{
	_cleanup_free_ char *remark = NULL;

	if (armed_remark(cli->root_fd, &remark) == 0 && *remark)
		cli_log(LOG_WARNING, "%s", remark);
}

static int run_announce(const struct cli *cli, int argc, char *argv[])
{
	_cleanup_(crashes_done) struct crashes c = CRASHES_NULL;
	_cleanup_close_ int state_fd = -1;
	int r, r_unclean, r_test, r_back;

	if ((r = state_open(cli->root_fd, &state_fd)) < 0 || (r = crashes_open(cli, &c)) < 0)
		return r;
	/* The unit has waited for it. When it comes later, its unit has this run again. */
	verb_warn_of_mounts(cli, c.path, "crashes there are not announced");
	warn_of_armed(cli);
	r_unclean = announce_uncleans(cli->root_fd, state_fd, &c, send_record);
	if (r_unclean < 0)
		cli_log(LOG_ERR, "kdump-lite announce: %s", err_text(r_unclean));
	r = announce_new(&c, state_fd, send_record);
	if (r < 0)
		cli_log(LOG_ERR, "kdump-lite announce: %s", err_text(r));
	r_test = report_test(cli, &c, state_fd);
	if (r_test < 0)
		cli_log(LOG_ERR, "kdump-lite announce: %s", err_text(r_test));
	r_back = report_returned(cli);
	if (r_back < 0)
		return r_back;
	return r < 0 || r_unclean < 0 || r_test < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const struct verb verb_announce = {
	.name = "announce",
	.help = "log new crashes to the journal; the service does it at boot",
	.run = run_announce,
};
