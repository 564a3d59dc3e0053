// SPDX-License-Identifier: GPL-2.0-or-later
/* log.c - what the capture program says, see log.h. */
#include "capture/log.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>

#include "base/printable.h"

static int kmsg = -1;

void log_open(void)
{
	/* The kernel drops most of what comes fast, and a progress report does. */
	int fd = open("/proc/sys/kernel/printk_devkmsg", O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, "on\n", 3) < 0)
		log_error("/dev/kmsg stays rate-limited, lines may be missing");
	base_closep(&fd);
	kmsg = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
}

static void log_line(int priority, const char *fmt, va_list args)
{
	_cleanup_free_ char *clean = NULL;
	char text[900], line[960];

	vsnprintf(text, sizeof(text), fmt, args);
	/* Texts quote memory of a kernel that has crashed. */
	if (printable(text, strlen(text), false, &clean) < 0)
		clean = NULL;
	/* The kernel holds a line without its end back until the next one comes. */
	snprintf(line, sizeof(line), "<%d>kdump-capture: %.930s\n", priority, clean ?: "no memory");
	if (kmsg < 0 || write(kmsg, line, strlen(line)) < 0)
		dprintf(STDERR_FILENO, "%s", line + 3);
}

void log_info(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_line(LOG_NOTICE, fmt, args);
	va_end(args);
}

void log_error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_line(LOG_ERR, fmt, args);
	va_end(args);
}
