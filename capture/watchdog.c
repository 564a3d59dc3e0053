// SPDX-License-Identifier: GPL-2.0-or-later
/* watchdog.c - a hardware watchdog, see watchdog.h. */
#include "capture/watchdog.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/watchdog.h>

#include "capture/log.h"
#include "system/tree.h"
#include "base/clock.h"

#define DEVICE "/dev/watchdog0"

/* Until a machine that has stopped is reset. */
#define CAPTURE_SECONDS 60

/* From the way out until the next system's own driver takes the watchdog over. */
#define LEAVE_SECONDS 300

static void feed(const struct watchdog *w, const struct os *os)
{
	(void)os->ioctl(w->fd, WDIOC_KEEPALIVE, NULL);
}

/* Returns the timeout in effect. A device with a lower maximum refuses @seconds: then what it is
 * set to has to do. */
static int set_timeout(const struct watchdog *w, const struct os *os, int seconds)
{
	int timeout = seconds;

	if (os->ioctl(w->fd, WDIOC_SETTIMEOUT, &timeout) < 0)
		(void)os->ioctl(w->fd, WDIOC_GETTIMEOUT, &timeout);
	feed(w, os);
	return timeout;
}

/* The devices come with their drivers, one by one. */
static void try_open(struct watchdog *w, const struct os *os)
{
	if (!tree_exists(os->root_fd, DEVICE))
		return;
	w->fd = tree_open(os->root_fd, DEVICE, O_WRONLY);
	if (w->fd >= 0)
		log_info("a watchdog resets the machine when the capture stops for %d s",
		         set_timeout(w, os, CAPTURE_SECONDS));
}

void watchdog_tick(struct watchdog *w, const struct os *os, uint64_t progress)
{
	double now = clock_seconds();
	bool hungry;

	if (w->fd < 0)
		try_open(w, os);
	if (progress != w->progress || w->since <= 0) {
		w->progress = progress;
		w->since = now;
	}
	hungry = now - w->since > w->patience;
	if (w->fd < 0)
		return;
	if (hungry && !w->hungry)
		log_error("no progress for %.3g s, the watchdog is left to reset the machine",
		          w->patience);
	w->hungry = hungry;
	if (!hungry)
		feed(w, os);
}

void watchdog_leave(struct watchdog *w, const struct os *os, bool stop)
{
	int disable = WDIOS_DISABLECARD;

	if (w->fd < 0)
		try_open(w, os);
	if (w->fd < 0)
		return;
	/* Closing it does not stop it while a child has it open too. */
	if (!stop)
		log_info("a watchdog resets the machine unless a system is up within %d s",
		         set_timeout(w, os, LEAVE_SECONDS));
	else if (os->ioctl(w->fd, WDIOC_SETOPTIONS, &disable) < 0)
		log_error("the watchdog cannot be stopped: %s", strerror(errno));
}
