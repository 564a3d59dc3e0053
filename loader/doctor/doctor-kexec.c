// SPDX-License-Identifier: GPL-2.0-or-later
/* doctor-kexec.c - checks for obstacles to a kexec, see doctor.h. */
#include "loader/doctor/doctor.h"

#include <errno.h>
#include <stdio.h>

#include "loader/kexec/graphics.h"
#include "loader/kexec/next-choice.h"
#include "loader/kexec/next-load.h"
#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

#define UNBIND_SERVICE "kdump-lite-unbind-graphics.service"

/* As "kexec load" finds and checks it without arguments. */
static int find_next(int root_fd, const struct settings *settings, struct next *n)
{
	_cleanup_(next_loaded_done) struct next_loaded would = {};
	const struct next_choice choice = {};
	_cleanup_free_ char *cmdline = NULL;
	struct utsname uts;
	int r;

	uname(&uts);
	r = next_choice_resolve(root_fd, settings, &choice, &uts, n, &cmdline);
	if (r < 0)
		return r;
	return next_load(&(struct next_load_request){ .root_fd = root_fd,
	                                              .next = n,
	                                              .cmdline = cmdline,
	                                              .machine = uts.machine,
	                                              .dry_run = true },
	                 &would);
}

int doctor_next(int root_fd, struct doctor_finding *f)
{
	static const char remedy[] = "\"kdump-lite kexec load --dry-run\" shows all of it";
	_cleanup_(settings_done) struct settings settings = {};
	_cleanup_free_ char *notes = NULL, *from = NULL;
	_cleanup_(next_done) struct next n = {};
	char initrds[32];
	int r;

	if (settings_load(root_fd, NULL, NULL, &settings) < 0)
		return doctor_found(f, DOCTOR_NOTE, NULL, "unknown: the settings cannot be used");
	r = find_next(root_fd, &settings, &n);
	if (r == -EACCES || r == -ENOMEM)
		return r;
	if (r < 0)
		return doctor_found(f, DOCTOR_WARNING, "name a kernel when you need a kexec",
		                    "nothing: %s", err_text(r));
	if ((r = *n.id ? text_printf(&from, "entry %s of %s", n.id, n.source)
	               : text_printf(&from, "the files of the running kernel")) < 0 ||
	    (r = strv_join(n.notes, "; ", &notes)) < 0)
		return r;
	if (n.n_initrds == 0)
		strcpy(initrds, "no initrd");
	else
		snprintf(initrds, sizeof(initrds), "%zu initrd%s", n.n_initrds,
		         n.n_initrds == 1 ? "" : "s");
	return doctor_found(f, n.notes ? DOCTOR_WARNING : DOCTOR_OK, n.notes ? remedy : NULL,
	                    "%s with %s, from %s%s%s", n.kernel.path, initrds, from,
	                    n.notes ? "; but " : "", n.notes ? notes : "");
}

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
