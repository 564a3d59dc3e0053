// SPDX-License-Identifier: GPL-2.0-or-later
/* doctor.c - the table of checks, and the checks for a capture kernel; see doctor.h. */
#include "loader/doctor/doctor.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/utsname.h>

#include "config/prune.h"
#include "config/settings.h"
#include "loader/image/current.h"
#include "loader/image/hooks.h"
#include "loader/kexec/return-plan.h"
#include "loader/kexec/returned.h"
#include "loader/system/device.h"
#include "loader/system/mounts.h"
#include "loader/system/armed.h"
#include "loader/system/gentler.h"
#include "loader/system/kernel.h"
#include "loader/system/device-id.h"
#include "loader/system/room.h"
#include "system/kexec.h"
#include "system/procfile.h"
#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

const char *const doctor_levels[] = { "ok", "note", "warning", "problem" };

int doctor_found(struct doctor_finding *f, enum doctor_level level, const char *remedy,
                 const char *fact, ...)
{
	va_list args;

	f->level = level;
	va_start(args, fact);
	vsnprintf(f->fact, sizeof(f->fact), fact, args);
	va_end(args);
	snprintf(f->remedy, sizeof(f->remedy), "%s", remedy ? remedy : "");
	return 0;
}

void doctor_run(const struct doctor_check *check, int root_fd, struct doctor_finding *ret)
{
	int r = check->run(root_fd, ret);

	if (r < 0)
		doctor_found(ret, DOCTOR_NOTE, r == -EACCES ? "run it as root" : NULL,
		             "cannot be checked: %s", err_text(r));
}

static int check_armed(int root_fd, struct doctor_finding *f)
{
	_cleanup_(armed_done) struct armed armed = {};
	_cleanup_free_ char *left = NULL;
	const char *remedy;
	int r = armed_check(root_fd, &armed, NULL);

	if (r == -EACCES || r == -ENOMEM)
		return r;
	if (r < 0) /* the text has the remedy */
		return doctor_found(f, DOCTOR_PROBLEM, NULL, "%s", err_text(r));
	if (!armed_has_target(&armed)) {
		r = armed_what_is_left(&armed, &left, &remedy);
		return r < 0 ? r
		             : doctor_found(f, DOCTOR_WARNING, remedy, "kernel %s is loaded; %s",
		                            armed.kernel_release, left);
	}
	return doctor_found(f, DOCTOR_OK, NULL, "kernel %s is loaded, dumps go to %s on %s",
	                    armed.kernel_release, armed.path, armed.device);
}

static int check_current(int root_fd, struct doctor_finding *f)
{
	_cleanup_(settings_done) struct settings settings = {};
	_cleanup_(armed_done) struct armed armed = {};
	_cleanup_(strv_freep) char **differences = NULL;
	_cleanup_free_ char *text = NULL;
	struct utsname uts;
	const struct prepare_request req = prepare_here(root_fd, &settings, &uts);
	int r = armed_check(root_fd, &armed, NULL);

	if (r == -EACCES || r == -ENOMEM)
		return r;
	if (r < 0)
		return doctor_found(f, DOCTOR_NOTE, NULL, "unknown: no capture kernel is loaded");
	if (settings_load(root_fd, NULL, NULL, &settings) < 0)
		return doctor_found(f, DOCTOR_NOTE, NULL, "unknown: the settings cannot be used");
	r = current_look(&req, &armed, &differences);
	if (r == -EACCES || r == -ENOMEM)
		return r;
	if (r < 0)
		return doctor_found(f, DOCTOR_WARNING, "what is loaded stays until the next boot",
		                    "a load would fail: %s", err_text(r));
	if (!differences)
		return doctor_found(f, DOCTOR_OK, NULL, "a load would do the same again");
	r = strv_join(differences, "; ", &text);
	return r < 0 ? r
	             : doctor_found(f, DOCTOR_WARNING, "systemctl reload kdump-lite",
	                            "changed since: %s", text);
}

static int check_line(int root_fd, struct doctor_finding *f)
{
	_cleanup_free_ char *text = NULL;
	struct gentler g;
	struct utsname uts;
	int r;

	uname(&uts);
	gentler_read(root_fd, uts.release, &g);
	r = gentler_describe(&g, &text);
	if (r < 0)
		return r;
	if (g.row > 0)
		return doctor_found(f, g.stays ? DOCTOR_NOTE : DOCTOR_WARNING,
		                    "try it by kdump-lite test-crash; to have the usual one back, "
		                    "remove " GENTLER_PATH " and reload",
		                    "%s, since the capture kernel did not come up with another",
		                    text);
	if (g.tried)
		return doctor_found(f, DOCTOR_WARNING,
		                    "watch the console in a test crash, and set CommandLine=",
		                    "the usual one: no capture kernel came up, with none of %u "
		                    "gentler ones either",
		                    GENTLER_ROWS);
	return doctor_found(f, DOCTOR_OK, NULL, "the usual one");
}

/* As the next load finds them: what is loaded has those of its own time. */
static int check_hooks(int root_fd, struct doctor_finding *f)
{
	static const char remedy[] = "correct it, see HOOKS in kdump-lite.conf(5); then systemctl "
				     "reload kdump-lite";
	_cleanup_(settings_done) struct settings settings = {};
	_cleanup_(hooks_done) struct hooks hooks = {};
	_cleanup_free_ char *text = NULL;
	int r;

	if (settings_load(root_fd, NULL, NULL, &settings) < 0)
		return doctor_found(f, DOCTOR_NOTE, NULL, "unknown: the settings cannot be used");
	if ((r = hooks_find(root_fd, settings.hook_programs, &hooks)) < 0 ||
	    (r = strv_join(hooks.refused ?: hooks.names, hooks.refused ? "; " : " ", &text)) < 0)
		return r;
	if (hooks.refused)
		return doctor_found(f, DOCTOR_WARNING, remedy, "left out: %s", text);
	return doctor_found(f, DOCTOR_OK, NULL, "%s", *text ? text : "there are none");
}

static int check_back(int root_fd, struct doctor_finding *f)
{
	_cleanup_(armed_done) struct armed armed = {};
	int r = armed_check(root_fd, &armed, NULL);

	if (r == -EACCES || r == -ENOMEM)
		return r;
	if (r < 0)
		return doctor_found(f, DOCTOR_NOTE, NULL, "unknown: no capture kernel is loaded");
	if (*armed.back_obstacle)
		return doctor_found(f, DOCTOR_NOTE, NULL, "through the firmware: %s",
		                    armed.back_obstacle);
	if (!*armed.back_kernel)
		return doctor_found(f, DOCTOR_OK, NULL, "not by kexec: FinalAction= says so");
	if (*armed.back_lacks)
		return doctor_found(f, DOCTOR_WARNING, NULL, "by kexec, kernel %s, but %s",
		                    armed.back_kernel, armed.back_lacks);
	return doctor_found(f, DOCTOR_OK, NULL, "by kexec, kernel %s", armed.back_kernel);
}

static int check_returned(int root_fd, struct doctor_finding *f)
{
	char text[RETURNED_MAX];
	struct returned returned;
	int r = returned_read(root_fd, &returned);

	if (r < 0)
		return r;
	if (!returned.by_kexec)
		return doctor_found(f, DOCTOR_OK, NULL, "nothing: started by the firmware");
	return doctor_found(f, returned_is_degraded(&returned) ? DOCTOR_WARNING : DOCTOR_OK, NULL,
	                    "%s", returned_describe(&returned, text));
}

static int check_reservation(int root_fd, struct doctor_finding *f)
{
	char size[TEXT_SIZE_MAX];
	struct crashmem mem;
	int r = crashmem_read(root_fd, &mem);

	if (r == -EOPNOTSUPP)
		return doctor_found(f, DOCTOR_PROBLEM, NULL, "%s", err_text(r));
	if (r < 0)
		return r;
	r = crashmem_require(root_fd, &mem);
	if (r == -ENODATA)
		return doctor_found(f, DOCTOR_PROBLEM,
		                    "add crashkernel=" CRASHKERNEL_ADVICE
		                    " to the kernel command line and reboot",
		                    "no memory is reserved for a capture kernel");
	if (r == -ENOSPC) /* the text has the remedy */
		return doctor_found(f, DOCTOR_PROBLEM, NULL, "%s", err_text(r));
	if (r < 0)
		return r;
	return doctor_found(f, DOCTOR_OK, NULL, "%s are reserved for a capture kernel",
	                    text_from_size(mem.size, size));
}

static void count_remark(void *arg, const char *text)
{
	char *first = arg;

	if (!*first)
		snprintf(first, 256, "%s", text);
}

static int check_settings(int root_fd, struct doctor_finding *f)
{
	struct settings settings;
	char remark[256] = "";
	int r = settings_load(root_fd, count_remark, remark, &settings);

	if (r == -EACCES || r == -ENOMEM)
		return r;
	if (r < 0)
		return doctor_found(f, DOCTOR_PROBLEM, "correct it; nothing can be loaded before",
		                    "%s", err_text(r));
	settings_done(&settings);
	if (*remark)
		return doctor_found(f, DOCTOR_NOTE, NULL, "%s", remark);
	return doctor_found(f, DOCTOR_OK, NULL, "they can be read");
}

/* A dump has at most all memory. Without the pages of programs and free pages (bits 8 and 16 of
 * Level=) it has the kernel's: rarely more than a quarter, mostly a few hundredths. */
#define LEVEL_USER_AND_FREE 0x18

static int compare_space(const struct settings *s, const struct device *target, uint64_t memory,
                         bool has_reserve, struct doctor_finding *f)
{
	bool filtered = (s->capture.level & LEVEL_USER_AND_FREE) == LEVEL_USER_AND_FREE;
	uint64_t keep = prune_keep_free(&s->capture, target->size), left;
	char space[TEXT_SIZE_MAX], all[TEXT_SIZE_MAX], why[ROOM_WHY_MAX];

	if (room_is_gone(target, why))
		return doctor_found(f, has_reserve ? DOCTOR_WARNING : DOCTOR_PROBLEM,
		                    "make room, or set Path= to another file system", "%s: %s; %s",
		                    target->path, why,
		                    has_reserve ? "only the reserve takes a crash"
		                                : "not even the log of a crash fits");
	left = target->available - MIN(target->available, keep);
	text_from_size(left, space);
	text_from_size(memory, all);
	if (left >= memory)
		return doctor_found(f, DOCTOR_OK, NULL,
		                    "%s: %s are free beside KeepFree=, memory is %s", target->path,
		                    space, all);
	if (filtered && left >= memory / 4)
		return doctor_found(f, DOCTOR_OK, NULL,
		                    "%s: %s are free beside KeepFree=, memory is %s, of which most "
		                    "is not saved (Level=%llu)",
		                    target->path, space, all, (unsigned long long)s->capture.level);
	return doctor_found(f, DOCTOR_WARNING,
	                    filtered ? "make room, or set Path= to a larger file system"
	                             : "make room, set Path= to a larger file system, or set "
	                               "Level=31",
	                    "%s: only %s are free beside KeepFree=, memory is %s; a dump may not "
	                    "fit",
	                    target->path, space, all);
}

static int check_target(int root_fd, struct doctor_finding *f)
{
	_cleanup_(settings_done) struct settings settings = {};
	_cleanup_(device_done) struct device target = {};
	_cleanup_free_ char *missing = NULL;
	_cleanup_(armed_done) struct armed armed = {};
	_cleanup_free_ char *left = NULL;
	char remark[256] = "";
	const char *remedy;
	uint64_t memory;
	bool kept = false;
	int r = armed_check(root_fd, &armed, NULL);

	/* Where no file system takes them; the check of what is armed tells of it. */
	if (r == 0 && !armed_has_target(&armed))
		kept = armed_what_is_left(&armed, &left, &remedy) > 0;
	r = settings_load(root_fd, count_remark, remark, &settings);
	if (r < 0)
		return doctor_found(f, DOCTOR_NOTE, NULL, "unknown: the settings cannot be used");
	r = device_find_target(root_fd, settings.path, &target);
	if (r == -ENOENT && !tree_exists(root_fd, settings.path))
		return doctor_found(f, DOCTOR_NOTE, "\"kdump-lite load\" makes it",
		                    "%s is not there yet", settings.path);
	if (r == -EACCES || r == -ENOMEM)
		return r;
	if (r < 0)
		return doctor_found(f, r == -EOPNOTSUPP && kept ? DOCTOR_NOTE : DOCTOR_PROBLEM,
		                    NULL, "%s", err_text(r));
	r = mounts_missing(root_fd, target.path, &missing);
	if (r < 0)
		return r;
	if (*missing)
		return doctor_found(f, DOCTOR_WARNING, "mount it, or correct that file",
		                    "%s: is to be mounted by /etc/fstab and is not", missing);
	r = procfile_bytes(root_fd, "/proc/meminfo", "MemTotal", &memory);
	return r < 0 ? r : compare_space(&settings, &target, memory, armed.reserve > 0, f);
}

static int check_copy(int root_fd, struct doctor_finding *f)
{
	_cleanup_(settings_done) struct settings settings = {};
	_cleanup_(device_done) struct device target = {}, back = {};
	_cleanup_free_ char *copy = NULL;
	char remark[256] = "";
	struct utsname uts;
	const struct return_plan_request req = { .root_fd = root_fd,
		                                 .settings = &settings,
		                                 .uts = &uts };
	int r;

	uname(&uts);
	if (settings_load(root_fd, count_remark, remark, &settings) < 0 ||
	    device_find_target(root_fd, settings.path, &target) < 0)
		return doctor_found(f, DOCTOR_NOTE, NULL, "unknown: there is no target");
	r = device_find_copy(root_fd, &target, &copy);
	if (r < 0)
		return r;
	if (r > 0)
		return doctor_found(f, DOCTOR_WARNING, DEVICE_COPY_REMEDY,
		                    "%s has the UUID of %s too", copy, target.node);
	r = return_plan_copy(&req, &target, &back, &copy);
	if (r < 0)
		return r;
	if (r > 0)
		return doctor_found(f, DOCTOR_WARNING, DEVICE_COPY_REMEDY,
		                    "%s has the UUID of %s too, where the kernel for the way back "
		                    "lies",
		                    copy, back.node);
	return doctor_found(f, DOCTOR_OK, NULL, "no other disk is taken for %s%s%s", target.node,
	                    back.node ? " or " : "", back.node ?: "");
}

/* Only a reboot resets these (kernel/kexec_core.c; the limits since 6.3). */
static int check_loading(int root_fd, struct doctor_finding *f)
{
	static const char remedy[] =
		"remove it from /etc/sysctl.d, or set it after kdump-lite.service "
		"has loaded; it lasts until the next boot";
	struct crashmem mem = {};
	enum doctor_level level;
	struct utsname uts;
	uint64_t value;

	/* A loaded kernel stays, so this may be on purpose. */
	(void)crashmem_read(root_fd, &mem);
	level = mem.loaded ? DOCTOR_NOTE : DOCTOR_PROBLEM;
	if (tree_read_u64(root_fd, "/proc/sys/kernel/kexec_load_disabled", &value) == 0 && value)
		return doctor_found(f, level, remedy,
		                    "kernel.kexec_load_disabled is set: nothing can be loaded%s",
		                    mem.loaded ? " any more" : "");
	uname(&uts);
	if (kexec_is_locked_down(root_fd) &&
	    kernel_has_option(root_fd, uts.release, "CONFIG_KEXEC") &&
	    !kernel_has_option(root_fd, uts.release, "CONFIG_KEXEC_FILE"))
		return doctor_found(f, DOCTOR_PROBLEM,
		                    "boot without Secure Boot, or another kernel",
		                    "the kernel is locked down, and built without "
		                    "CONFIG_KEXEC_FILE: it refuses the only call that it has");
	/* -1, which tree_read_u64() refuses, means no limit. */
	if (tree_read_u64(root_fd, "/proc/sys/kernel/kexec_load_limit_panic", &value) == 0 &&
	    value == 0)
		return doctor_found(f, level, remedy,
		                    "kernel.kexec_load_limit_panic is 0: no capture kernel can be "
		                    "loaded%s",
		                    mem.loaded ? " any more" : "");
	if (tree_read_u64(root_fd, "/proc/sys/kernel/kexec_load_limit_reboot", &value) == 0 &&
	    value == 0)
		return doctor_found(f, DOCTOR_WARNING, remedy,
		                    "kernel.kexec_load_limit_reboot is 0: no kernel can be loaded "
		                    "for a kexec");
	return doctor_found(f, DOCTOR_OK, NULL, "the kernel may load others");
}

/* The services in Conflicts= of kdump-lite.service. */
static const char *const other_services[] = { "kdump.service", "kdump-tools.service",
	                                      "kdump-steamos.service" };

/* PID 1 keeps a link for each unit that is active (src/core/unit.c, 235 and later). */
bool doctor_unit_active(int root_fd, const char *unit)
{
	_cleanup_free_ char *target = NULL;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/run/systemd/units/invocation:%s", unit);
	return tree_link_name(root_fd, path, &target) == 0;
}

bool doctor_unit_enabled(int root_fd, const char *unit)
{
	static const char top[] = "/etc/systemd/system";
	_cleanup_(strv_freep) char **names = NULL;
	_cleanup_free_ char *mask = NULL;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", top, unit);
	if (tree_link_name(root_fd, path, &mask) == 0 && streq(mask, "null"))
		return false;
	if (tree_list(root_fd, top, &names) < 0)
		return false;
	for (char **n = names; n && *n; n++) {
		_cleanup_free_ char *target = NULL;
		const char *end = strrchr(*n, '.');

		if (!end || (!streq(end, ".wants") && !streq(end, ".requires")))
			continue;
		snprintf(path, sizeof(path), "%s/%s/%s", top, *n, unit);
		if (tree_link_name(root_fd, path, &target) == 0)
			return true;
	}
	return false;
}

static int check_others(int root_fd, struct doctor_finding *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(other_services); i++) {
		const char *unit = other_services[i];
		bool active = doctor_unit_active(root_fd, unit);
		char remedy[128];

		if (!active && !doctor_unit_enabled(root_fd, unit))
			continue;
		snprintf(remedy, sizeof(remedy), "systemctl disable --now %s", unit);
		return doctor_found(f, active ? DOCTOR_PROBLEM : DOCTOR_WARNING, remedy,
		                    "%s is %s: there is one place for a capture kernel, and both "
		                    "want it",
		                    unit, active ? "active" : "enabled");
	}
	return doctor_found(f, DOCTOR_OK, NULL, "no other service wants to load a capture kernel");
}

static int check_oops(int root_fd, struct doctor_finding *f)
{
	uint64_t value;
	int r = tree_read_u64(root_fd, "/proc/sys/kernel/panic_on_oops", &value);

	if (r < 0)
		return r;
	if (value)
		return doctor_found(f, DOCTOR_OK, NULL, "an oops becomes a panic");
	return doctor_found(f, DOCTOR_NOTE,
	                    "to get a dump, set kernel.panic_on_oops=1 in a file of "
	                    "/etc/sysctl.d",
	                    "kernel.panic_on_oops is 0: after most oopses the kernel goes on, "
	                    "and there is no dump");
}

const struct doctor_check doctor_checks[] = {
	{ "settings", "kdump-lite.conf", check_settings },
	{ "reservation", "the memory set aside for a capture kernel", check_reservation },
	{ "loading", "sysctls that forbid loading a kernel", check_loading },
	{ "armed", "the loaded capture kernel", check_armed },
	{ "service", "the service that loads it at each boot", doctor_service },
	{ "current", "what has changed since it was loaded", check_current },
	{ "line", "gentler command lines after a capture that did not start", check_line },
	{ "hooks", "the programs that run in the capture kernel", check_hooks },
	{ "back", "the way back into production after a crash", check_back },
	{ "returned", "what the system lacks after a return by kexec", check_returned },
	{ "others", "other services that load a capture kernel", check_others },
	{ "target", "the directory for dumps and its free space", check_target },
	{ "copy", "other disks with the UUID of one that is needed", check_copy },
	{ "oops", "kernel.panic_on_oops", check_oops },
	{ "next", "what \"kexec load\" would load, and from where", doctor_next },
	{ "shutdown-hook", "the part of the initramfs in a shutdown", doctor_shutdown_hook },
	{ "graphics", "the drivers of display devices", doctor_graphics },
	{ "display", "the programs that hold display devices", doctor_display },
};

const size_t doctor_n_checks = ARRAY_SIZE(doctor_checks);
