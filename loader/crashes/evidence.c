// SPDX-License-Identifier: GPL-2.0-or-later
/* evidence.c - what is still to be found of how a boot ended, see evidence.h. */
#include "loader/crashes/evidence.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/watchdog.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/text.h"
#include "loader/kexec/returned.h"
#include "loader/show/cli.h"
#include "system/libraries.h"
#include "system/tree.h"

static int find_returned(int root_fd, struct unclean *u)
{
	struct returned back;

	if (returned_read(root_fd, &back) < 0 || !back.by_kexec)
		return 0;
	u->captured = true;
	return strv_pushf(&u->evidence, "the capture kernel ran and came back by kexec");
}

/* What a bit of "bootstatus" tells (include/uapi/linux/watchdog.h, Linux 6.12). */
static const struct {
	uint64_t bit;
	const char *tells;
} causes[] = {
	{ WDIOF_CARDRESET, "it reset the machine" }, { WDIOF_OVERHEAT, "overheating" },
	{ WDIOF_FANFAULT, "a fan failed" },          { WDIOF_POWERUNDER, "power was too low" },
	{ WDIOF_POWEROVER, "power was too high" },   { WDIOF_EXTERN1, "external relay 1" },
	{ WDIOF_EXTERN2, "external relay 2" },
};

static int look_at_watchdog(int root_fd, const char *name, struct unclean *u)
{
	_cleanup_free_ char *status = NULL, *path = NULL, *identity = NULL;
	uint64_t bits;
	int r;

	if ((r = text_printf(&status, "/sys/class/watchdog/%s/bootstatus", name)) < 0 ||
	    (r = text_printf(&path, "/sys/class/watchdog/%s/identity", name)) < 0)
		return r;
	if (tree_read_u64(root_fd, status, &bits) < 0 || bits == 0)
		return 0;
	(void)tree_read_line(root_fd, path, &identity);
	if (identity)
		text_mask(identity, strlen(identity));
	for (size_t i = 0; i < ARRAY_SIZE(causes); i++)
		if (bits & causes[i].bit)
			return strv_pushf(&u->evidence, "%s (%s) tells: %s", name, identity ?: "?",
			                  causes[i].tells);
	return 0;
}

static int find_watchdogs(int root_fd, struct unclean *u)
{
	_cleanup_(strv_freep) char **names = NULL;
	int r = tree_list(root_fd, "/sys/class/watchdog", &names);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (size_t i = 0; names && names[i]; i++) {
		r = look_at_watchdog(root_fd, names[i], u);
		if (r < 0)
			return r;
	}
	return 0;
}

/* A panic starts the capture kernel before anything is recorded (kernel/panic.c, Linux 6.12), so
 * that a record is the capture kernel's. */
static bool records_first(int root_fd)
{
	_cleanup_free_ char *value = NULL;

	return tree_read_line(root_fd, "/sys/module/kernel/parameters/crash_kexec_post_notifiers",
	                      &value) == 0 &&
	       *value == 'Y';
}

/* The kernel gives its records the time of the panic, and systemd-pstore leaves directories that
 * have the time of the next boot. Both come after the mark. */
static int find_records(int root_fd, const char *place, struct unclean *u)
{
	_cleanup_(strv_freep) char **names = NULL;
	const char *newest = NULL;
	size_t n = 0;
	time_t latest = 0;
	int r = tree_list(root_fd, place, &names);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (size_t i = 0; names && names[i]; i++) {
		_cleanup_free_ char *path = NULL;
		_cleanup_close_ int fd = -1;
		struct stat st;

		r = text_printf(&path, "%s/%s", place, names[i]);
		if (r < 0)
			return r;
		fd = tree_open(root_fd, path, O_PATH | O_NOFOLLOW);
		if (fd < 0 || fstat(fd, &st) < 0 || st.st_mtime < u->mark.time)
			continue;
		n++;
		if (st.st_mtime >= latest)
			newest = names[i];
		latest = MAX(latest, st.st_mtime);
	}
	if (n == 0)
		return 0;
	u->captured = u->captured || !records_first(root_fd);
	if (n == 1)
		return strv_pushf(&u->evidence, "the firmware kept a record: %s/%s", place, newest);
	return strv_pushf(&u->evidence, "the firmware kept %zu records, the last is %s/%s", n,
	                  place, newest);
}

static int find_pstore(int root_fd, struct unclean *u)
{
	int r = find_records(root_fd, "/sys/fs/pstore", u);

	return r < 0 ? r : find_records(root_fd, "/var/lib/systemd/pstore", u);
}

/* The time of the last record that the journal has of a boot; 0 when it has none. */
static time_t last_in_journal(int root_fd, const char *boot_id)
{
	char match[sizeof("_BOOT_ID=") + STATE_ID_SIZE] = "_BOOT_ID=";
	size_t len = strlen(match);
	uint64_t usec = 0;
	sd_journal *j;

	for (; *boot_id && len < sizeof(match) - 1; boot_id++)
		if (*boot_id != '-')
			match[len++] = *boot_id;
	if (libsystemd_open() < 0 ||
	    libsystemd.sd_journal_open_directory_fd(&j, root_fd,
	                                            SD_JOURNAL_OS_ROOT | SD_JOURNAL_SYSTEM) < 0)
		return 0;
	if (libsystemd.sd_journal_add_match(j, match, len) < 0 ||
	    libsystemd.sd_journal_seek_tail(j) < 0 || libsystemd.sd_journal_previous(j) <= 0 ||
	    libsystemd.sd_journal_get_realtime_usec(j, &usec) < 0)
		usec = 0;
	libsystemd.sd_journal_close(j);
	return usec / 1000000;
}

static int find_journal(int root_fd, struct unclean *u)
{
	char when[CLI_TIME_MAX];
	time_t last = last_in_journal(root_fd, u->mark.boot_id);

	if (last <= 0)
		return 0;
	u->last = MAX(last, u->mark.time);
	return strv_pushf(&u->evidence, "the last record in its journal is of %s",
	                  cli_time(last, when));
}

static const struct {
	int (*find)(int root_fd, struct unclean *u);
	bool last_only; /* nothing tells which boot it is of, so that it is of the last */
} kinds[] = {
	{ find_returned, true },
	{ find_watchdogs, true },
	{ find_pstore, true },
	{ find_journal, false },
};

int evidence_find(int root_fd, bool is_last, struct unclean *u)
{
	u->last = u->mark.time;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		int r = is_last || !kinds[i].last_only ? kinds[i].find(root_fd, u) : 0;

		if (r < 0)
			return r;
	}
	return 0;
}
