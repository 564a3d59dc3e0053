// SPDX-License-Identifier: GPL-2.0-or-later
/* leave.c - the way out of the capture kernel, see leave.h. */
#include "capture/leave.h"

#include <fcntl.h>
#include <sys/reboot.h>

#include "capture/back.h"
#include "capture/log.h"
#include "capture/target.h"
#include "base/err.h"

#define LEAVE_SECONDS 60

static const struct {
	int command; /* of reboot(2) */
	const char *text;
} actions[] = {
	[FINAL_KEXEC] = { RB_KEXEC, "going back by kexec" },
	[FINAL_REBOOT] = { RB_AUTOBOOT, "rebooting" },
	[FINAL_POWEROFF] = { RB_POWER_OFF, "powering off" },
	[FINAL_HALT] = { RB_HALT_SYSTEM, "halting" },
};

static void sysrq_reboot(void)
{
	int fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "b", 1) < 0)
		log_error("sysrq-b does not work either");
}

/* A disk that does not answer holds up sync(), umount() and even reboot(): this process does not
 * wait for it. */
static void start_guard(void)
{
	if (fork() != 0)
		return;
	sleep(LEAVE_SECONDS);
	log_error("not gone after %d s, rebooting at once", LEAVE_SECONDS);
	sysrq_reboot();
	_exit(1);
}

_Noreturn void leave(enum final_action action)
{
	int r;

	if (action == FINAL_AUTO || action == FINAL_KEXEC)
		action = back_is_loaded() ? FINAL_KEXEC : FINAL_REBOOT;
	start_guard();
	r = target_unmount();
	if (r < 0)
		log_error("%s, leaving all the same", err_text(r));
	log_info("%s", actions[action].text);
	reboot(actions[action].command);
	log_error("%s did not work, rebooting", actions[action].text);
	reboot(RB_AUTOBOOT);
	sysrq_reboot();
	/* The end of PID 1 is a panic, and the command line says panic=10: reboot after ten
	 * seconds. */
	_exit(1);
}
