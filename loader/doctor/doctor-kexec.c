// SPDX-License-Identifier: GPL-2.0-or-later
/* doctor-kexec.c - checks for obstacles to a kexec, see doctor.h. */

#include "loader/doctor/doctor.h"
#include "loader/kexec/graphics.h"
#include "system/tree.h"
#include "base/text.h"

#define UNBIND_SERVICE "kdump-lite-unbind-graphics.service"

static bool exists_in(int root_fd, const char *top, const char *program)
{
	static const char *const places[] = { "/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/" };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		char path[128];

		snprintf(path, sizeof(path), "%s%s%s", top, places[i], program);
		if (tree_exists(root_fd, path))
			return true;
	}
	return false;
}

/*
 * At the end of a shutdown systemd-shutdown changes into /run/initramfs and runs the program
 * "shutdown" there, if there is one, so that the root file system can be unmounted too
 * (systemd-shutdown(8)). Those of dracut (modules.d/99shutdown/shutdown.sh) and of mkinitcpio run
 * "kexec -e" instead of the system call. If "kexec" is missing, dracut copies it from the root file
 * system. If that has none either, dracut reboots through the firmware or ends in a shell. dracut
 * unpacks its files only during a shutdown, if there is a file .need_shutdown.
 */
int doctor_shutdown_hook(int root_fd, struct doctor_finding *f)
{
	static const char top[] = "/run/initramfs";

	if (!tree_exists(root_fd, "/run/initramfs/shutdown") &&
	    !tree_exists(root_fd, "/run/initramfs/.need_shutdown"))
		return doctor_found(f, DOCTOR_OK, NULL, "the initramfs has no part in a shutdown");
	if (exists_in(root_fd, top, "kexec"))
		return doctor_found(f, DOCTOR_OK, NULL,
		                    "the initramfs ends a shutdown, with a \"kexec\" of its own");
	if (exists_in(root_fd, "", "kexec"))
		return doctor_found(
			f, DOCTOR_NOTE,
			"leave the hook out of the initramfs unless the root file system needs it",
			"the initramfs ends a shutdown (%s); a kexec may stop there if it cannot "
			"take over the program \"kexec\"",
			top);
	return doctor_found(
		f, DOCTOR_WARNING,
		"leave the hook out of the initramfs (mkinitcpio: HOOKS=, dracut: "
		"omit_dracutmodules), "
		"or install kexec-tools and build the initramfs anew",
		"the initramfs ends a shutdown (%s) and has no program \"kexec\": a kexec may go "
		"through the firmware instead, or stop at a shell",
		top);
}

/* True if UNBIND_SERVICE will run before a kexec. */
static bool unbind_is_enabled(int root_fd)
{
	_cleanup_free_ char *target = NULL;

	return tree_link_name(root_fd, "/etc/systemd/system/kexec.target.wants/" UNBIND_SERVICE,
	                      &target) == 0;
}

int doctor_graphics(int root_fd, struct doctor_finding *f)
{
	_cleanup_(graphics_done) struct graphics g = {};
	const struct graphics_device *worst = NULL;
	const struct graphics_driver *known = NULL;
	int r = graphics_find(root_fd, &g);

	if (r < 0)
		return r;
	for (size_t i = 0; i < g.n; i++) {
		const struct graphics_device *d = &g.devices[i];
		const struct graphics_driver *k = d->driver ? graphics_driver(d->driver) : NULL;

		if (!k || !k->trouble || (known && known->severe >= k->severe))
			continue;
		worst = d;
		known = k;
	}
	if (!worst)
		return doctor_found(f, DOCTOR_OK, NULL,
		                    "no driver of a display is known to disturb a kexec");
	if (unbind_is_enabled(root_fd))
		return doctor_found(f, DOCTOR_OK, NULL,
		                    "%s has %s, which " UNBIND_SERVICE " takes off before a kexec",
		                    worst->address, worst->driver);
	return doctor_found(f, known->severe ? DOCTOR_WARNING : DOCTOR_NOTE,
	                    "if it does, systemctl enable " UNBIND_SERVICE,
	                    "display %s has the driver %s, which by reports %s in a kexec",
	                    worst->address, worst->driver, known->trouble);
}

/* The active display manager, as "gdm.service", or NULL. display-manager.service links to it. */
static char *display_manager(int root_fd)
{
	_cleanup_free_ char *unit = NULL;

	if (tree_link_name(root_fd, "/etc/systemd/system/display-manager.service", &unit) < 0 ||
	    !doctor_unit_active(root_fd, unit))
		return NULL;
	return TAKE_PTR(unit);
}

/* The most holders of a display that are named. */
#define SHOWN_MAX 6

int doctor_display(int root_fd, struct doctor_finding *f)
{
	static const char remedy[] = "systemctl kexec and kdump-lite kexec reboot end them first, "
				     "kdump-lite kexec exec --now does not";
	_cleanup_free_ char *manager = display_manager(root_fd), *text = NULL;
	_cleanup_(strv_freep) char **holders = NULL;
	size_t n;
	int r = graphics_holders(root_fd, &holders);

	if (r < 0)
		return r;
	n = strv_length(holders);
	if (n == 0 && manager)
		return doctor_found(f, DOCTOR_NOTE, remedy, "%s is active", manager);
	if (n == 0)
		return doctor_found(f, DOCTOR_OK, NULL, "nobody holds a display device");
	for (size_t i = SHOWN_MAX; i < n; i++) {
		free(holders[i]);
		holders[i] = NULL;
	}
	r = strv_join(holders, ", ", &text);
	if (r < 0)
		return r;
	return doctor_found(
		f, DOCTOR_NOTE, remedy,
		"display devices are held by %s%s%s%s; a driver in use may not hand over", text,
		n > SHOWN_MAX ? ", ..." : "", manager ? ", started by " : "",
		manager ? manager : "");
}
