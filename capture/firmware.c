// SPDX-License-Identifier: GPL-2.0-or-later
/* firmware.c - the end of the log as EFI variables, see firmware.h. */
#include "capture/firmware.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>

#include "capture/log.h"
#include "system/file.h"
#include "system/tree.h"
#include "base/child.h"
#include "base/err.h"
#include "base/text.h"
#include "vmcore/kernel/dmesg.h"

/* LINUX_EFI_CRASH_GUID (include/linux/efi.h, 6.12). */
#define VENDOR "cfc8fc79-be2e-4ddc-97f0-9f98bfe298a0"

/* Non-volatile, of boot services and runtime: PSTORE_EFI_ATTRIBUTES. */
#define ATTRIBUTES 7

/* What a variable takes beside its data: name and header. */
#define OVERHEAD 256

/* More parts than that may be left of crashes that nobody collected. */
#define PRESENT_MAX 16

#define PARTS_UNTOLD 4 /* when it is not known how much is free */
#define SECONDS      15.0

unsigned firmware_parts(uint64_t size, uint64_t free, size_t present)
{
	uint64_t parts = size ? free / 3 / (FIRMWARE_PART + OVERHEAD) : PARTS_UNTOLD;

	parts = MIN(parts, FIRMWARE_PARTS);
	return MIN(parts, PRESENT_MAX - MIN(present, PRESENT_MAX));
}

/* A dmesg_emit_fn. */
static int emit_to_file(void *arg, const char *text, size_t len)
{
	return fwrite(text, 1, len, arg) == len ? 0 : oom("the kernel log");
}

static int read_log(const struct rescue *rescue, char **ret, size_t *ret_len)
{
	FILE *f;
	int r;

	if (rescue->dir_fd >= 0 &&
	    file_read(rescue->dir_fd, CRASH_DMESG, MIB(64), ret, ret_len) == 0)
		return 0;
	if (!rescue->kspace)
		return errf(-ENODATA, "there is no log");
	f = open_memstream(ret, ret_len);
	if (!f)
		return oom("the kernel log");
	r = dmesg_write(rescue->kspace, emit_to_file, f);
	if (fclose(f) != 0)
		r = oom("the kernel log");
	return r < 0 ? r : 0;
}

/* Takes as much from the end of [log, log + *len) as fits into @room, from the start of a line
 * where one is near. Returns where it starts, and leaves in *@len what is before. */
static const char *take_end(const char *log, size_t *len, size_t room)
{
	size_t start = *len > room ? *len - room : 0;
	const char *line = start ? memchr(log + start - 1, '\n', *len - start) : NULL;

	if (line && (size_t)(line + 1 - log) < *len)
		start = line + 1 - log;
	*len = start;
	return log + start;
}

/* One write() sets a variable: attributes, then data (Documentation/filesystems/efivarfs.rst). */
static int write_part(int dir_fd, unsigned part, time_t when, const char *head, const char *text,
                      size_t len)
{
	char name[128], data[sizeof(uint32_t) + FIRMWARE_PART];
	const uint32_t attributes = ATTRIBUTES;
	size_t n = sizeof(attributes), head_len = strlen(head);
	_cleanup_close_ int fd = -1;
	ssize_t written;

	snprintf(name, sizeof(name), "dump-type0-%u-1-%" PRId64 "-D-" VENDOR, part, (int64_t)when);
	memcpy(data, &attributes, n);
	memcpy(data + n, head, head_len);
	memcpy(data + n + head_len, text, len);
	n += head_len + len;
	fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errf(-errno, "%s: cannot be made: %s", name, strerror(errno));
	written = write(fd, data, n);
	if (written == (ssize_t)n)
		return 0;
	written = written < 0 ? -errno : -EIO;
	(void)unlinkat(dir_fd, name, 0);
	return errf(written, "%s: cannot be written: %s", name, strerror(-written));
}

static size_t count_records(int root_fd)
{
	_cleanup_(strv_freep) char **names = NULL;
	size_t n = 0;

	if (tree_list(root_fd, FIRMWARE_VARIABLES, &names) < 0)
		return PRESENT_MAX;
	for (char **name = names; name && *name; name++)
		n += strncmp(*name, "dump-type", 9) == 0;
	return n;
}

/* Opens the directory and says how many parts it may get. */
static int open_variables(const struct rescue *rescue, int *ret_fd, unsigned *ret_parts)
{
	const struct os *os = rescue->os;
	_cleanup_close_ int fd = -1;
	struct statfs st;

	if (!tree_exists(os->root_fd, FIRMWARE_VARIABLES))
		return errf(-ENODEV, "there is no EFI firmware that can be called");
	if (os->mount("efivarfs", FIRMWARE_VARIABLES, "efivarfs", 0, "") < 0 && errno != EBUSY)
		return errf(-errno, FIRMWARE_VARIABLES ": efivarfs cannot be mounted: %s",
		            strerror(errno));
	fd = tree_open(os->root_fd, FIRMWARE_VARIABLES, O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		return fd;
	if (fstatfs(fd, &st) < 0)
		st = (struct statfs){};
	*ret_parts = firmware_parts((uint64_t)st.f_blocks * st.f_bsize,
	                            (uint64_t)st.f_bavail * st.f_bsize, count_records(os->root_fd));
	if (*ret_parts == 0)
		return errf(-ENOSPC, "the firmware has no room for more variables");
	*ret_fd = TAKE_FD(fd);
	return 0;
}

/* The end comes first, with the panic message on top: should there be only one part, it is that. */
static int save(const struct rescue *rescue)
{
	const char *title = rescue->crash.panic_message ?: "";
	time_t when = rescue->crash.crash_time ?: time(NULL);
	_cleanup_free_ char *log = NULL;
	_cleanup_close_ int fd = -1;
	unsigned parts, part;
	size_t left;
	int r;

	if ((r = read_log(rescue, &log, &left)) < 0 ||
	    (r = open_variables(rescue, &fd, &parts)) < 0)
		return r;
	for (part = 1; part <= parts && left > 0; part++) {
		char head[FIRMWARE_PART / 2];
		const char *text;
		size_t end = left;

		snprintf(head, sizeof(head), "Panic#1 Part%u\n%.400s%s", part,
		         part == 1 ? title : "", part == 1 && *title ? "\n" : "");
		text = take_end(log, &left, FIRMWARE_PART - strlen(head));
		r = write_part(fd, part, when, head, text, end - left);
		if (r < 0)
			return r;
	}
	log_info("the end of the log is in %u variables of the firmware", part - 1);
	return 0;
}

int firmware_save(const struct rescue *rescue)
{
	pid_t child = fork();
	int r, status;

	if (child == 0) {
		r = save(rescue);
		if (r < 0)
			log_error("place firmware: %s", err_text(r));
		_exit(r < 0);
	}
	if (child < 0)
		return errf(-errno, "no process: %s", strerror(errno));
	r = child_wait(child, MIN(SECONDS, MAX(rescue_time_left(rescue), 1.0)), &status);
	if (r < 0)
		return r;
	return status == 0 ? 0 : errf(-EIO, "the firmware did not take the log");
}
