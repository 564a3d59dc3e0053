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
#include <syslog.h>

#include "loader/cli/verb.h"
#include "loader/system/mounts.h"
#include "system/tree.h"
#include "base/err.h"

static bool is_automount(const struct mounts *m, const char *dir)
{
	for (size_t i = 0; i < m->n; i++)
		if (streq(m->list[i].fstype, "autofs") && streq(m->list[i].target, dir))
			return true;
	return false;
}

static int run_hold(const struct cli *cli, int argc, char *argv[])
{
	_cleanup_(mounts_done) struct mounts mounts = {};
	bool held = false;
	int r = mounts_read(cli->root_fd, &mounts);

	if (r < 0)
		return r;
	for (int i = 0; i < argc; i++) {
		/* Stays open until the process ends. */
		int fd = is_automount(&mounts, argv[i])
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
