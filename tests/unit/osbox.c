// SPDX-License-Identifier: GPL-2.0-or-later
/* osbox.c - a system for the capture program, see osbox.h. */
#include "tests/unit/osbox.h"

#include <errno.h>
#include <linux/watchdog.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <time.h>

struct osbox_calls *osbox_calls;

static void note(const char *fmt, ...) _printf_(1, 2);

static void note(const char *fmt, ...)
{
	size_t len = strlen(osbox_calls->noted);
	va_list args;

	va_start(args, fmt);
	vsnprintf(osbox_calls->noted + len, sizeof(osbox_calls->noted) - len, fmt, args);
	va_end(args);
	strncat(osbox_calls->noted, "; ",
	        sizeof(osbox_calls->noted) - strlen(osbox_calls->noted) - 1);
}

static int answer(int error)
{
	errno = error;
	return error ? -1 : 0;
}

static void sleep_seconds(double seconds)
{
	struct timespec t = { .tv_sec = seconds, .tv_nsec = (seconds - (time_t)seconds) * 1e9 };

	nanosleep(&t, NULL);
}

static int fake_mount(const char *device, const char *place, const char *fstype,
                      unsigned long flags, const void *options)
{
	note("mount %s %s %s %s%s", device, place, fstype, flags & MS_RDONLY ? "ro," : "",
	     (const char *)options);
	sleep_seconds(osbox_calls->mount_seconds);
	return answer(osbox_calls->mount_error);
}

static int fake_umount(const char *place, int flags)
{
	note("umount %s", place);
	return answer(osbox_calls->umount_error);
}

static void read_begin(int fd, char *buf, size_t size)
{
	ssize_t n = fd < 0 ? 0 : pread(fd, buf, size - 1, 0);

	buf[MAX(n, 0)] = '\0';
}

/* What is in the file tells what becomes of it. */
static int fake_finit_module(int fd, const char *parameters, int flags)
{
	char text[64];

	read_begin(fd, text, sizeof(text));
	note("module %s(%s)", text, parameters);
	if (streq(text, "hangs"))
		sleep_seconds(1000);
	return answer(streq(text, "refused") ? EPERM : 0);
}

static int fake_ioctl(int fd, unsigned long request, void *arg)
{
	switch (request) {
	case WDIOC_SETTIMEOUT:
		note("timeout %d", *(int *)arg);
		return answer(osbox_calls->timeout_error);
	case WDIOC_GETTIMEOUT:
		*(int *)arg = 5;
		return 0;
	case WDIOC_KEEPALIVE:
		osbox_calls->fed++;
		return 0;
	case WDIOC_SETOPTIONS:
		note("watchdog %s", *(int *)arg == WDIOS_DISABLECARD ? "off" : "?");
		return 0;
	}
	return answer(ENOTTY);
}

static const char *command_name(unsigned command)
{
	switch (command) {
	case RB_KEXEC:
		return "kexec";
	case RB_AUTOBOOT:
		return "again";
	case RB_POWER_OFF:
		return "off";
	case RB_HALT_SYSTEM:
		return "halt";
	}
	return "?";
}

static int fake_reboot(int command)
{
	note("reboot %s", command_name(command));
	if (osbox_calls->reboot_error == 0)
		_exit(OSBOX_REBOOTED);
	return answer(osbox_calls->reboot_error);
}

static void fake_sync(void)
{
	note("sync");
	sleep_seconds(osbox_calls->sync_seconds);
}

/* Much is free, whatever disk the tests run on. */
static int fake_statvfs(int fd, struct statvfs *ret)
{
	*ret = (struct statvfs){ .f_frsize = 4096, .f_blocks = 1 << 28, .f_bavail = 1 << 27 };
	return 0;
}

static int fake_kexec(int kernel_fd, int image_fd, const char *cmdline, unsigned long flags)
{
	struct osbox_calls *c = osbox_calls;

	note("kexec");
	read_begin(kernel_fd, c->kernel, sizeof(c->kernel));
	read_begin(image_fd, c->initrd, sizeof(c->initrd));
	snprintf(c->cmdline, sizeof(c->cmdline), "%s", cmdline);
	c->kexec_flags = flags;
	return -c->kexec_error;
}

int osbox_setup(void **state)
{
	struct osbox *box = calloc(1, sizeof(*box));

	assert_non_null(box);
	osbox_calls = mmap(NULL, sizeof(*osbox_calls), PROT_READ | PROT_WRITE,
	                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(osbox_calls != MAP_FAILED);
	temptree_make(&box->tree);
	temptree_dir(&box->tree, "sys/class/block");
	box->os = (struct os){
		.root_fd = box->tree.fd,
		.mount = fake_mount,
		.umount2 = fake_umount,
		.reboot = fake_reboot,
		.sync = fake_sync,
		.ioctl = fake_ioctl,
		.finit_module = fake_finit_module,
		.fstatvfs = fake_statvfs,
		.kexec = fake_kexec,
	};
	*state = box;
	return 0;
}

int osbox_teardown(void **state)
{
	struct osbox *box = *state;

	temptree_remove(&box->tree);
	munmap(osbox_calls, sizeof(*osbox_calls));
	free(box);
	return 0;
}

/* What libblkid looks at of a super block (fs/ext2/ext2.h): sizes, the magic number, the revision
 * that has a name and a UUID. */
void osbox_disk(const struct osbox *box, const char *name, const char *label)
{
	static const uint8_t uuid[16] = { 0x6f, 0x0b, 0x3b, 0xd8, 0x3a, 0x3f, 0x4c, 0x52,
		                          0x9c, 0x6c, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab };
	static uint8_t image[MIB(2)];
	uint8_t *super = image + 1024;
	char path[64];

	super[0] = 16;                         /* inodes */
	super[5] = sizeof(image) / 1024 / 256; /* blocks of 1024 bytes */
	super[20] = 1;                         /* the first of them with data */
	super[56] = 0x53;
	super[57] = 0xef;
	super[76] = 1; /* revision */
	memcpy(super + 104, uuid, sizeof(uuid));
	memset(super + 120, 0, 16);
	memcpy(super + 120, label, strlen(label));
	snprintf(path, sizeof(path), "dev/%s", name);
	temptree_bytes(&box->tree, path, image, sizeof(image));
	snprintf(path, sizeof(path), "sys/class/block/%s", name);
	temptree_dir(&box->tree, path);
}
