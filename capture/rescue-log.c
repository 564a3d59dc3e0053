// SPDX-License-Identifier: GPL-2.0-or-later
/* rescue-log.c - the steps that save the logs of the crashed and of the capture kernel, see
 * rescue.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/klog.h>

#include "capture/log.h"
#include "capture/rescue.h"
#include "system/file.h"
#include "base/err.h"
#include "vmcore/kernel/dmesg.h"
#include "vmcore/log/title.h"

/* Commands of syslog(2). */
#define SYSLOG_READ_ALL 3
#define SYSLOG_SIZE     10

static int emit_to_fd(void *arg, const char *text, size_t len)
{
	int r = file_write(*(int *)arg, text, len);

	return r < 0 ? errf(r, "kernel log: cannot be written: %s", strerror(-r)) : 0;
}

/* The panic message stands near the end of the log. */
static void rescue_find_panic(struct rescue *r, int fd)
{
	static char tail[KIB(64) + 1];
	off_t size = lseek(fd, 0, SEEK_END);
	ssize_t n;

	r->crash.dmesg_size = MAX(size, 0);
	n = pread(fd, tail, sizeof(tail) - 1,
	          size > (off_t)sizeof(tail) - 1 ? size - (off_t)sizeof(tail) + 1 : 0);
	if (n < 0)
		return;
	tail[n] = '\0';
	if (title_of_log(tail, &r->crash.panic_message) == 0)
		log_info("panic: %s", r->crash.panic_message);
}

int rescue_save_dmesg(struct rescue *r)
{
	_cleanup_close_ int fd = -1;
	int e;

	e = rescue_need_target(r);
	if (e < 0)
		return e;
	if (!r->kspace)
		return errf(-ENODATA,
		            "kernel log: not tried, the kernel's memory could not be understood");
	fd = openat(r->dir_fd, CRASH_DMESG, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errf(-errno, "%s: %s", CRASH_DMESG, strerror(errno));
	e = dmesg_write(r->kspace, emit_to_fd, &fd);
	if (e < 0) {
		/* Part of a log is better than none, an empty file is not. */
		if (lseek(fd, 0, SEEK_END) == 0)
			unlinkat(r->dir_fd, CRASH_DMESG, 0);
		return e;
	}
	if (fsync(fd) < 0 || fsync(r->dir_fd) < 0)
		return errf(-errno, "%s: cannot be written to the disk: %s", CRASH_DMESG,
		            strerror(errno));
	rescue_find_panic(r, fd);
	r->crash.outcome = CRASH_DMESG_ONLY;
	log_info("dmesg saved, %d records", e);
	return 0;
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

/* The kernel log of the capture kernel, which also holds what this program said. */
int rescue_save_log(struct rescue *r)
{
	_cleanup_free_ char *log = NULL;
	_cleanup_close_ int fd = -1;
	int size, e;

	e = rescue_need_target(r);
	if (e < 0)
		return e;
	size = klogctl(SYSLOG_SIZE, NULL, 0);
	if (size <= 0 || !(log = calloc(1, size + 1)) ||
	    (size = klogctl(SYSLOG_READ_ALL, log, size)) < 0)
		return errf(-errno, "the capture kernel's log cannot be read: %s", strerror(errno));
	fd = openat(r->dir_fd, CRASH_CAPTURE_LOG, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errf(-errno, "%s: %s", CRASH_CAPTURE_LOG, strerror(errno));
	e = file_write(fd, log, drop_priorities(log, size));
	return e < 0 ? errf(e, "%s: %s", CRASH_CAPTURE_LOG, strerror(-e)) : 0;
}

/* The last words of the crashed kernel, when there is nowhere else to put them. */
void rescue_show_dmesg(struct rescue *r)
{
	_cleanup_close_ int fd = open("/dev/console", O_WRONLY | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 || !r->kspace)
		return;
	log_info("nothing can be saved; the log of the crashed kernel follows");
	dmesg_write(r->kspace, emit_to_fd, &fd);
}
