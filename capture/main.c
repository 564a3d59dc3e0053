// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main.c - kdump-capture, the init of the capture kernel.
 *
 * PID 1 does next to nothing itself, so that nothing can go wrong with it: a child carries out the
 * plan, PID 1 waits for it with a limit and leaves the capture kernel, whatever became of the
 * child.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "capture/leave.h"
#include "capture/log.h"
#include "capture/rescue-steps.h"
#include "capture/supervise.h"
#include "system/file.h"
#include "base/err.h"
#include "vmcore/io/fault.h"

#define PLAN_MAX_SIZE KIB(64)

/* From the begin of the final action until the machine is rebooted by force. */
#define LEAVE_SECONDS 60

/* For the disks, where a driver hangs. */
#define UNMOUNT_SECONDS 10

static const struct {
	const char *type, *path;
} mounts[] = {
	{ "proc", "/proc" },
	{ "sysfs", "/sys" },
	{ "devtmpfs", "/dev" },
};

static void mount_basics(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++) {
		mkdir(mounts[i].path, 0755);
		/* The kernel may have mounted devtmpfs itself. */
		if (mount(mounts[i].type, mounts[i].path, mounts[i].type, 0, NULL) < 0 &&
		    errno != EBUSY)
			log_error("%s: cannot be mounted: %s", mounts[i].path, strerror(errno));
	}
}

static int read_plan(struct plan *ret)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	int r = file_read(AT_FDCWD, PLAN_FILE, PLAN_MAX_SIZE, &text, &len);

	return r < 0 ? errf(r, "%s: %s", PLAN_FILE, strerror(-r)) : plan_parse(text, len, ret);
}

static int load_module(int fd, const char *parameters, int flags)
{
	return syscall(SYS_finit_module, fd, parameters, flags);
}

static int control(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, request, arg);
}

int main(void)
{
	struct plan plan = { .capture.final_action = FINAL_REBOOT };
	struct os os = {
		.mount = mount,
		.umount2 = umount2,
		.reboot = reboot,
		.sync = sync,
		.ioctl = control,
		.finit_module = load_module,
		.kexec = kexec_file_load,
#if !defined(__x86_64__) /* all usual kernels have the first there */
		.pieces = kexec_load,
		.either = either_load,
#endif
	};
	struct watchdog watchdog = WATCHDOG_NULL;
	enum final_action action;
	bool hangs = false;
	int r;

	if (getpid() != 1) {
		fprintf(stderr,
		        "kdump-capture is the init of the capture kernel that kdump-lite loads; "
		        "it does nothing anywhere else\n");
		return 1;
	}
	/* The memory of the crashed machine may have faults. */
	fault_catch();
	mount_basics();
	log_open();
	log_info("started, version %s", KDUMP_LITE_VERSION);
	os.root_fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = read_plan(&plan);
	if (r < 0)
		log_error("%s", err_text(r));
	else
		hangs = supervise(&os, &plan, "/proc/vmcore", rescue_steps, RESCUE_STEPS,
		                  &watchdog);
	action = plan.capture.final_action;
	watchdog_leave(&watchdog, &os,
	               !hangs && (action == FINAL_POWEROFF || action == FINAL_HALT));
	if (hangs)
		leave_at_once(&os, UNMOUNT_SECONDS);
	leave(&os, action, LEAVE_SECONDS);
	/* The end of PID 1 is a panic; by panic=10 the kernel reboots ten seconds later. */
	return 1;
}
