// SPDX-License-Identifier: GPL-2.0-or-later
/* generator.c - orders the service after the mounts of Path=, see generator.h. */
#include "loader/cli/generator.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <syslog.h>

#include "loader/image/swap.h"
#include "loader/show/cli.h"
#include "loader/system/mounts.h"
#include "system/file.h"
#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

#define DROP_IN "50-kdump-lite.conf"

static const char of_mount[] = "# Made by " GENERATOR_NAME ".\n"
			       "[Unit]\n"
			       "Wants=kdump-lite-reload.service\n"
			       "Before=kdump-lite-reload.service\n";

static const char *const services[] = { "kdump-lite.service", "kdump-lite-announce.service" };

static int write_drop_in(int folder_fd, const char *unit, const char *text)
{
	_cleanup_free_ char *name = NULL;
	_cleanup_close_ int fd = -1;
	int r = text_printf(&name, "%s.d", unit);

	if (r < 0)
		return r;
	if (mkdirat(folder_fd, name, 0755) < 0 && errno != EEXIST)
		return errf(-errno, "%s: %s", name, strerror(errno));
	fd = file_open_dir(folder_fd, name);
	r = fd < 0 ? fd : file_replace(fd, DROP_IN, text, strlen(text), 0644);
	return r < 0 ? errf(r, "%s/" DROP_IN ": %s", name, strerror(-r)) : 0;
}

/* Adds the names that the units of mounts on @path and above it would have, but for the root. Most
 * of them are not there, which does no harm. */
static int add_units(const char *path, char ***units)
{
	_cleanup_free_ char *part = strdup(path);

	if (!part)
		return oom("a path");
	for (char *slash = part; slash; *slash = '\0') {
		_cleanup_free_ char *unit = NULL;
		int r = mounts_unit(part, &unit);

		if (r < 0)
			return r;
		if (!streq(unit, "-.mount") && !strv_contains(*units, unit) &&
		    strv_push(units, unit) < 0)
			return oom("a list of units");
		slash = strrchr(part, '/');
		if (!slash)
			break;
	}
	return 0;
}

/* Only after mounts that come early, lest swap waits for a network. */
static int write_for_swap(int root_fd, const char *path, const char *real, int folder_fd)
{
	_cleanup_(strv_freep) char **early = NULL, **units = NULL;
	_cleanup_free_ char *after = NULL, *text = NULL;
	int r = mounts_early(root_fd, path, &early);

	if (r == 0 && real)
		r = mounts_early(root_fd, real, &early);
	for (char **m = early; r == 0 && m && *m; m++) {
		_cleanup_free_ char *unit = NULL;

		r = mounts_unit(*m, &unit);
		if (r == 0 && !strv_contains(units, unit))
			r = strv_push(&units, unit);
	}
	if (r < 0 || (r = strv_join(units, " ", &after)) < 0 ||
	    (r = text_printf(&text, "# Made by " GENERATOR_NAME ".\n[Unit]\nAfter=%s\n", after)) <
	            0)
		return r;
	return write_drop_in(folder_fd, SWAP_UNIT, text);
}

int generator_write(int root_fd, const char *path, int folder_fd)
{
	_cleanup_(strv_freep) char **units = NULL;
	_cleanup_free_ char *real = NULL, *after = NULL, *text = NULL;
	int r = add_units(path, &units);

	/* Of links that lie on file systems which are not there yet nothing is known. */
	if (r == 0 && tree_realpath(root_fd, path, &real) == 0)
		r = add_units(real, &units);
	for (char **u = units; r == 0 && u && *u; u++)
		r = write_drop_in(folder_fd, *u, of_mount);
	if (r < 0 || (r = strv_join(units, " ", &after)) < 0 ||
	    (r = text_printf(&text, "# Made by " GENERATOR_NAME ".\n[Unit]\nAfter=%s\n", after)) <
	            0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(services) && r == 0; i++)
		r = write_drop_in(folder_fd, services[i], text);
	return r < 0 ? r : write_for_swap(root_fd, path, real, folder_fd);
}

/* Remarks on the settings are for those who load. */
static int generate(const char *folder)
{
	_cleanup_(settings_done) struct settings settings = {};
	_cleanup_close_ int root_fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int folder_fd = file_open_dir(AT_FDCWD, folder);
	int r;

	if (root_fd < 0)
		return errf(-errno, "/: %s", strerror(errno));
	if (folder_fd < 0)
		return errf(folder_fd, "%s: %s", folder, strerror(-folder_fd));
	r = settings_load_usable(root_fd, NULL, NULL, &settings);
	return r < 0 ? r : generator_write(root_fd, settings.path, folder_fd);
}

int generator_command(int argc, char *argv[])
{
	int r = argc > 1 ? generate(argv[1])
	                 : errf(-EINVAL, "systemd calls it, with the folders for units");

	if (r < 0)
		cli_log(LOG_ERR, GENERATOR_NAME ": %s", err_text(r));
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
