// SPDX-License-Identifier: GPL-2.0-or-later
/* rescue-log.c - saves the logs of the crashed and of the capture kernel, see rescue-steps.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/klog.h>

#include "capture/elsewhere.h"
#include "capture/log.h"
#include "capture/place.h"
#include "capture/rescue-steps.h"
#include "capture/room.h"
#include "system/file.h"
#include "system/tree.h"
#include "base/err.h"
#include "vmcore/kernel/dmesg.h"
#include "vmcore/log/title.h"

/* Commands of syslog(2). */
#define SYSLOG_READ_ALL 3
#define SYSLOG_SIZE     10

/* Lines for the console when nothing else takes them. The report comes last, since a screen shows
 * just the end. */
#define SHOW_LOG    200
#define SHOW_REPORT 24

/* The panic message stands near the end of the log. */
#define TAIL_MAX KIB(64)

struct log_file {
	int fd;
	bool unwritten; /* the place does not take it, whatever the log is */
};

/* A dmesg_emit_fn. */
static int emit_to_file(void *arg, const char *text, size_t len)
{
	struct log_file *f = arg;
	int r = file_write(f->fd, text, len);

	f->unwritten = r < 0;
	return r < 0 ? errf(r, "kernel log: cannot be written: %s", strerror(-r)) : 0;
}

/* Notes the panic message of the log in @fd. */
static void find_panic(struct crash *crash, int fd)
{
	_cleanup_free_ char *tail = malloc(TAIL_MAX + 1);
	size_t start;
	ssize_t n;

	if (!tail)
		return;
	n = pread(fd, tail, TAIL_MAX,
	          crash->dmesg_size > TAIL_MAX ? crash->dmesg_size - TAIL_MAX : 0);
	if (n < 0)
		return;
	tail[n] = '\0';
	/* Of a line that is cut off it is not known who wrote it. */
	start = crash->dmesg_size > TAIL_MAX ? strcspn(tail, "\n") : 0;
	if (title_of_log(tail + start, &crash->panic_message) == 0)
		log_info("panic: %s", crash->panic_message);
}

static int write_dmesg(struct rescue *rescue, struct log_file *f)
{
	int n_records = dmesg_write(rescue->kspace, emit_to_file, f);

	if (n_records == 0)
		n_records = errf(-ENODATA, "the kernel log has no record");
	if (n_records < 0) {
		/* Part of a log is better than none, an empty file is not. */
		if (lseek(f->fd, 0, SEEK_END) == 0)
			unlinkat(rescue->dir_fd, CRASH_DMESG_INCOMPLETE, 0);
		return n_records;
	}
	if (fsync(f->fd) < 0 ||
	    renameat(rescue->dir_fd, CRASH_DMESG_INCOMPLETE, rescue->dir_fd, CRASH_DMESG) < 0 ||
	    fsync(rescue->dir_fd) < 0) {
		f->unwritten = true;
		return errf(-errno, "%s: cannot be written to the disk: %s", CRASH_DMESG,
		            strerror(errno));
	}
	return n_records;
}

/* Fails, too, when a store does not take the file. */
static int save_dmesg(struct rescue *rescue, bool *ret_unwritten)
{
	static const char *const names[] = { CRASH_DMESG_INCOMPLETE, CRASH_DMESG };
	_cleanup_close_ int fd = -1;
	struct log_file f;
	int r;

	*ret_unwritten = true;
	/* What the process that was ended has begun. */
	for (size_t i = 0; rescue->again && i < ARRAY_SIZE(names); i++)
		(void)unlinkat(rescue->dir_fd, names[i], 0);
	if (faccessat(rescue->dir_fd, CRASH_DMESG, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return errf(-EEXIST, "%s: %s", CRASH_DMESG, strerror(EEXIST));
	fd = openat(rescue->dir_fd, CRASH_DMESG_INCOMPLETE, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
	            0600);
	if (fd < 0)
		return errf(-errno, "%s: %s", CRASH_DMESG, strerror(errno));
	f = (struct log_file){ fd };
	r = write_dmesg(rescue, &f);
	*ret_unwritten = f.unwritten;
	if (r < 0)
		return r;
	if (rescue->store.store) {
		place_keep(rescue);
		*ret_unwritten = !place_has_log(rescue);
	}
	if (*ret_unwritten)
		return errf(-EIO, "%s: the %s does not take it", CRASH_DMESG, rescue->place);
	rescue->crash.dmesg_size = MAX(lseek(fd, 0, SEEK_END), 0);
	find_panic(&rescue->crash, fd);
	rescue->crash.outcome = CRASH_DMESG_ONLY;
	log_info("dmesg saved, %d records", r);
	return 0;
}

int rescue_save_dmesg(struct rescue *rescue)
{
	bool unwritten = false;
	char why[ERR_WHY] = "";
	int r = rescue_need_target(rescue);

	if (r < 0)
		return r;
	if (!rescue->kspace)
		return errf(-ENODATA,
		            "kernel log: not tried, the kernel's memory could not be understood");
	r = save_dmesg(rescue, &unwritten);
	while (r < 0 && unwritten) {
		(void)err_note(r, why);
		if (elsewhere_move(rescue) < 0)
			return errf(r, "%s", why);
		log_error("dmesg: %s, trying another place", why);
		r = save_dmesg(rescue, &unwritten);
	}
	return r;
}

/* Takes the "<6>" in front of each line away, in place; returns the length that is left. */
static size_t drop_priorities(char *log, size_t len)
{
	char *out = log;
	bool line_start = true;

	for (size_t i = 0; i < len; i++) {
		if (line_start && log[i] == '<') {
			size_t digits = strspn(log + i + 1, "0123456789");

			if (digits > 0 && log[i + 1 + digits] == '>') {
				i += 1 + digits;
				line_start = false;
				continue;
			}
		}
		line_start = log[i] == '\n';
		*out++ = log[i];
	}
	return out - log;
}

/* Reads the kernel log of this kernel. */
static int read_log(char **ret, size_t *ret_len)
{
	_cleanup_free_ char *log = NULL;
	int size = klogctl(SYSLOG_SIZE, NULL, 0);

	if (size < 0)
		return errf(-errno, "the capture kernel's log cannot be read: %s", strerror(errno));
	log = calloc(1, size + 1);
	if (!log)
		return oom("the capture kernel's log");
	size = klogctl(SYSLOG_READ_ALL, log, size);
	if (size < 0)
		return errf(-errno, "the capture kernel's log cannot be read: %s", strerror(errno));
	*ret = TAKE_PTR(log);
	*ret_len = size;
	return 0;
}

/* The kernel log of the capture kernel, which also holds what this program said. */
int rescue_save_log(struct rescue *rescue)
{
	_cleanup_free_ char *log = NULL;
	size_t len;
	int r;

	if ((r = rescue_need_target(rescue)) < 0 || (r = read_log(&log, &len)) < 0)
		return r;
	len = drop_priorities(log, len);
	r = file_replace(rescue->dir_fd, CRASH_CAPTURE_LOG, log, len, 0600);
	if (r == -ENOSPC && room_give(rescue))
		r = file_replace(rescue->dir_fd, CRASH_CAPTURE_LOG, log, len, 0600);
	return r < 0 ? errf(r, "%s: %s", CRASH_CAPTURE_LOG, strerror(-r)) : 0;
}

/* Writes the end of the file to the console, or its begin; so many lines of it. */
static void show_lines(int dir_fd, const char *name, bool end, size_t lines, int console)
{
	_cleanup_free_ char *text = NULL;
	char *from, *to;
	size_t len;

	if (dir_fd < 0 || file_read(dir_fd, name, MIB(16), &text, &len) < 0)
		return;
	from = end ? text + len : text;
	to = end ? text + len : text;
	for (size_t n = 0; end && from > text && n <= lines; from -= n <= lines)
		n += from[-1] == '\n';
	for (size_t n = 0; !end && *to && n < lines; to++)
		n += *to == '\n';
	(void)file_write(console, from, to - from);
}

/* Makes the log once more, in the root file system, which is memory. */
static void show_log(const struct rescue *rescue, int console)
{
	int root_fd = rescue->os->root_fd;
	_cleanup_close_ int fd =
		openat(root_fd, CRASH_DMESG, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0)
		return;
	dmesg_write(rescue->kspace, emit_to_file, &(struct log_file){ fd });
	show_lines(root_fd, CRASH_DMESG, true, SHOW_LOG, console);
}

void rescue_show(struct rescue *rescue)
{
	_cleanup_close_ int fd =
		tree_open(rescue->os->root_fd, "/dev/console", O_WRONLY | O_NOCTTY);

	if (fd < 0 || (!rescue->kspace && rescue->crash.dmesg_size == 0))
		return;
	log_info("the log could not be saved; the end of the crashed kernel's log follows");
	/* The way back by kexec has let go of the memory, but not of the files. */
	if (rescue->kspace)
		show_log(rescue, fd);
	else
		show_lines(rescue->dir_fd, CRASH_DMESG, true, SHOW_LOG, fd);
	show_lines(rescue->dir_fd, CRASH_REPORT, false, SHOW_REPORT, fd);
}
