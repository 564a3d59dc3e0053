// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * verb-kexec-hold.c - kexec hold: keeps automounts mounted for kdump-lite-kexec.service.
 *
 * In a shutdown systemd answers a request to mount with EHOSTDOWN (src/core/automount.c, 252..262).
 * One that is just idling out waits to be unmounted, and who looks at it waits too: for ever when
 * the unmounting waits for him. An open directory keeps a mount busy, if it is the one of the host
 * and not of another mount namespace (may_umount_tree() in fs/namespace.c, 6.1). It does not keep
 * files that an upgrade deletes, and the files that are loaded are those of the shutdown.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <syslog.h>

#include "loader/cli/verb.h"
#include "system/tree.h"
#include "base/err.h"

/* Does a line of /proc/self/mountinfo say that @dir is an automount? The place is the fifth word,
 * the type stands behind " - " (proc_pid_mountinfo(5)). */
static bool is_automount(const char *line, const char *dir)
{
	const char *type = strstr(line, " - autofs "), *end = strchr(line, '\n');
	int at = 0;

	if (!type || (end && type > end))
		return false;
	(void)sscanf(line, "%*u %*u %*s %*s %n", &at);
	return at > 0 && strncmp(line + at, dir, strlen(dir)) == 0 && line[at + strlen(dir)] == ' ';
}

static bool has_automount(const char *mountinfo, const char *dir)
{
	for (const char *p = mountinfo; p; p = strchr(p, '\n')) {
		p += *p == '\n';
		if (is_automount(p, dir))
			return true;
	}
	return false;
}

static int run_hold(const struct cli *cli, int argc, char *argv[])
{
	_cleanup_free_ char *mountinfo = NULL;
	bool held = false;
	int r = tree_read(cli->root_fd, "/proc/self/mountinfo", MIB(16), &mountinfo, NULL);

	if (r < 0)
		return r;
	for (int i = 0; i < argc; i++) {
		/* Stays open until the process ends. */
		int fd = has_automount(mountinfo, argv[i])
		                 ? tree_open(cli->root_fd, argv[i], O_RDONLY | O_DIRECTORY)
		                 : -ENOENT;

		if (fd < 0 && fd != -ENOENT)
			cli_log(LOG_WARNING, "kdump-lite kexec hold: %s", err_text(fd));
		held = held || fd >= 0;
	}
	while (held)
		pause();
	return 0;
}

const struct verb verb_kexec_hold = {
	.name = "kexec hold",
	.args = "DIR...",
	.min_args = 1,
	.max_args = 8,
	.run = run_hold,
};
