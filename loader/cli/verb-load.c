// SPDX-License-Identifier: GPL-2.0-or-later
/* verb-load.c - load, reload and unload: arm the machine, arm it anew, disarm it. */
#include <inttypes.h>
#include <stdio.h>
#include <syslog.h>

#include "config/places.h"
#include "loader/cli/verb.h"
#include "loader/image/capture-load.h"
#include "loader/kexec/bus.h"
#include "loader/kexec/return-plan.h"
#include "loader/crashes/mark.h"
#include "loader/system/device-id.h"
#include "base/err.h"
#include "loader/system/room.h"
#include "base/text.h"

/* Nobody should believe that there will be a dump. */
static void warn_of_obstacle(const struct armed *a)
{
	_cleanup_free_ char *left = NULL;
	const char *remedy;

	if (armed_what_is_left(a, &left, &remedy) >= 0)
		cli_log(LOG_WARNING, "%s; %s; %s", a->obstacle, left, remedy);
}

static void print_armed(const struct armed *a, const char *how)
{
	char image[TEXT_SIZE_MAX], reserved[TEXT_SIZE_MAX], hooks[32] = "";
	size_t n = strv_length(a->hooks);

	if (n > 0)
		snprintf(hooks, sizeof(hooks), "%zu hook%s, ", n, n == 1 ? "" : "s");
	printf("%s: kernel %s, image %s, %s%" PRIu64 " CPU%s, %s reserved, target ", how,
	       a->kernel_release, text_from_size(a->image_size, image), hooks, a->cpus,
	       a->cpus == 1 ? "" : "s", text_from_size(a->reservation, reserved));
	if (armed_has_target(a))
		printf("%s (%s) %s\n", a->device, a->fstype, a->path);
	else
		printf("none, places %s\n", *a->places ? a->places : "none");
	if (*a->left_out)
		printf("too long for the command line, and left out: %s\n", a->left_out);
}

/* Should this boot have no clean end, the next one tells if it was armed. */
static void mark(const struct cli *cli, bool armed, bool console_only)
{
	int r = mark_set_armed(cli->root_fd, armed, console_only);

	if (r < 0)
		cli_log(LOG_WARNING, "%s, going on without", err_text(r));
}

/* What somebody has to mend, though the machine is armed: little room, a copy of the disk. */
static void warn_of_target(const struct cli *cli, const struct armed *armed,
                           const struct device *target)
{
	_cleanup_free_ char *copy = NULL;
	char why[ROOM_WHY_MAX];

	if (room_is_gone(target, why))
		cli_log(LOG_WARNING, "%s: %s; %s, make room", armed->path, why,
		        armed->reserve ? "only the reserve takes a crash"
		                       : "not even the log of a crash fits");
	if (device_find_copy(cli->root_fd, target, &copy) > 0)
		cli_log(LOG_WARNING, "%s has the UUID of %s, where dumps go; " DEVICE_COPY_REMEDY,
		        copy, target->node);
}

static void warn_of_way_back(const struct prepare_request *prepare, const struct armed *a,
                             const struct device *target)
{
	const struct return_plan_request req = { .root_fd = prepare->root_fd,
		                                 .settings = prepare->settings,
		                                 .uts = prepare->uts };
	_cleanup_(device_done) struct device back = {};
	_cleanup_free_ char *copy = NULL;

	if (!*a->back_obstacle && return_plan_copy(&req, target, &back, &copy) > 0)
		cli_log(LOG_WARNING,
		        "%s has the UUID of %s, where the kernel for the way back "
		        "lies; " DEVICE_COPY_REMEDY,
		        copy, back.node);
}

static void warn_of_disks(const struct cli *cli, const struct prepare_request *prepare,
                          const struct armed *a)
{
	_cleanup_(device_done) struct device target = {};

	if (!armed_has_target(a))
		warn_of_obstacle(a);
	else if (device_find_target(cli->root_fd, a->path, &target) == 0)
		warn_of_target(cli, a, &target);
	warn_of_way_back(prepare, a, &target);
}

static int arm(const struct cli *cli, bool always)
{
	_cleanup_(settings_done) struct settings settings = {};
	_cleanup_(armed_done) struct armed armed = {};
	_cleanup_(strv_freep) char **remarks = NULL;
	struct utsname uts;
	struct capture_load_request req = {
		.prepare = prepare_here(cli->root_fd, &settings, &uts),
		.kexec = kexec_file_load,
		.pieces = kexec_load,
		.always = always,
	};
	int r;

	req.prepare.remarks = &remarks;
	r = cli_settings(cli, &settings);
	r = armed_note(cli->root_fd, r < 0 ? r : capture_load(&req, &armed));
	for (char **l = remarks; l && *l; l++)
		cli_log(LOG_WARNING, "%s", *l);
	if (r < 0)
		return r;
	mark(cli, true, !*armed.places || streq(armed.places, PLACE_CONSOLE));
	/* What is there is better than nothing; when the mount comes later, its unit has it loaded
	 * anew. */
	verb_warn_of_mounts(cli, armed.path, "dumps go to the file system that is there");
	warn_of_disks(cli, &req.prepare, &armed);
	for (char **l = armed.refused; l && *l; l++)
		cli_log(LOG_WARNING, "hook left out: %s", *l);
	if (!cli->quiet)
		print_armed(&armed, r > 0 ? "already armed" : "armed");
	return 0;
}

/* Arms unless the very same is loaded already: the kernel would be without for a moment. */
static int run_load(const struct cli *cli, int argc, char *argv[])
{
	return arm(cli, false);
}

static int run_reload(const struct cli *cli, int argc, char *argv[])
{
	return arm(cli, true);
}

static int run_unload(const struct cli *cli, int argc, char *argv[])
{
	int r = capture_unload(cli->root_fd, kexec_file_load);

	if (r < 0)
		return r;
	(void)armed_note(cli->root_fd, 0);
	mark(cli, false, false);
	if (!cli->quiet)
		puts(r > 0 ? "not armed: no capture kernel was loaded" : "not armed any more");
	return 0;
}

/* A unit that restarts has the job "restart" until it has stopped (src/core/job.c, 252). */
static bool unload_after_job(const char *job)
{
	return !streq(job, "restart") && !streq(job, "start");
}

/* Nothing is unloaded when a start follows: that start may fail, and a load replaces anyway. When
 * systemd does not answer it is not known that this is no restart. */
static int run_stopped(const struct cli *cli, int argc, char *argv[])
{
	_cleanup_(bus_closep) sd_bus *bus = NULL;
	_cleanup_free_ char *job = NULL;
	int r;

	if ((r = bus_open(&bus)) < 0 || (r = bus_job_type(bus, "kdump-lite.service", &job)) < 0) {
		cli_log(LOG_WARNING, "what is loaded stays: %s; \"kdump-lite unload\" unloads it",
		        err_text(r));
		return 0;
	}
	if (!unload_after_job(job)) {
		puts("what is loaded stays, since the service starts again");
		return 0;
	}
	return run_unload(cli, argc, argv);
}

const struct verb verb_load = {
	.name = "load",
	.help = "build the capture image and load it",
	.run = run_load,
	.takes = TAKES_QUIET,
};

const struct verb verb_reload = {
	.name = "reload",
	.help = "build the image and load it, also when it is up to date",
	.run = run_reload,
	.takes = TAKES_QUIET,
};

const struct verb verb_unload = {
	.name = "unload",
	.help = "unload the capture kernel",
	.run = run_unload,
	.takes = TAKES_QUIET,
};

/* ExecStop= of the service. */
const struct verb verb_stopped = {
	.name = "stopped",
	.run = run_stopped,
	.takes = TAKES_QUIET,
};
