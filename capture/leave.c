// SPDX-License-Identifier: GPL-2.0-or-later
/* leave.c - the way out of the capture kernel, see leave.h. */
#include "capture/leave.h"

#include <sys/reboot.h>
#include <time.h>

#include "capture/log.h"
#include "capture/target.h"
#include "system/tree.h"
#include "base/child.h"
#include "base/err.h"

static const struct {
	int command; /* of reboot(2) */
	const char *text;
} actions[] = {
	[FINAL_KEXEC] = { RB_KEXEC, "going back by kexec" },
	[FINAL_REBOOT] = { RB_AUTOBOOT, "rebooting" },
	[FINAL_POWEROFF] = { RB_POWER_OFF, "powering off" },
	[FINAL_HALT] = { RB_HALT_SYSTEM, "halting" },
};

static void sysrq_reboot(const struct os *os)
{
	int r = tree_write(os->root_fd, "/proc/sysrq-trigger", "b");

	if (r < 0)
		log_error("sysrq-b does not work either: %s", err_text(r));
}

static void start_guard(const struct os *os, double seconds)
{
	struct timespec t = { .tv_sec = seconds };

	t.tv_nsec = (seconds - t.tv_sec) * 1e9;
	if (fork() != 0)
		return;
	nanosleep(&t, NULL);
	log_error("not gone after %g s, rebooting at once", seconds);
	sysrq_reboot(os);
	_exit(1);
}

static void unmount(void *arg, void *answer)
{
	const struct os *os = arg;
	int r = target_unmount(os);

	if (r < 0)
		log_error("%s, leaving all the same", err_text(r));
}

void leave_at_once(const struct os *os, double seconds)
{
	struct rusage usage;
	uint8_t none;
	int r = child_run(unmount, (void *)(uintptr_t)os, seconds, &none, sizeof(none), &usage);

	if (r < 0)
		log_error("the disks: %s, leaving all the same", err_text(r));
	log_info("a driver hangs, rebooting at once");
	sysrq_reboot(os);
}

void leave(const struct os *os, enum final_action action, double seconds)
{
	bool loaded = false;
	int r;

	/* A kernel that cannot tell has none loaded. */
	if (action == FINAL_AUTO || action == FINAL_KEXEC)
		action = kexec_is_loaded(os->root_fd, &loaded) == 0 && loaded ? FINAL_KEXEC
		                                                              : FINAL_REBOOT;
	start_guard(os, seconds);
	r = target_unmount(os);
	if (r < 0)
		log_error("%s, leaving all the same", err_text(r));
	log_info("%s", actions[action].text);
	os->reboot(actions[action].command);
	log_error("%s did not work, rebooting", actions[action].text);
	os->reboot(RB_AUTOBOOT);
	sysrq_reboot(os);
}
