// SPDX-License-Identifier: GPL-2.0-or-later
/* next-cli.c - what the ways to ask for a kexec have in common, see next-cli.h. */
#include "loader/cli/verb.h"
#include "loader/cli/next-cli.h"

#include <errno.h>
#include <stdio.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <syslog.h>

#include "base/err.h"
#include "base/text.h"
#include "loader/crashes/mark.h"

int next_cli_resolve(const struct cli *cli, const struct next_choice *choice, struct next *ret,
                     char **ret_cmdline)
{
	_cleanup_(settings_done) struct settings settings = {};
	struct utsname uts;
	int r;

	uname(&uts);
	r = cli_settings(cli, &settings);
	if (r < 0)
		return r;
	r = next_choice_resolve(cli->root_fd, &settings, choice, &uts, ret, ret_cmdline);
	if (r < 0)
		return r;
	for (char **note = cli->quiet ? NULL : ret->notes; note && *note; note++)
		cli_log(LOG_NOTICE, "%s", *note);
	return 0;
}

int next_cli_load(const struct cli *cli, const struct next_choice *choice, bool dry_run,
                  struct next_loaded *ret)
{
	_cleanup_(next_done) struct next next = {};
	_cleanup_free_ char *cmdline = NULL;
	struct utsname uts;
	struct next_load_request req = {
		.root_fd = cli->root_fd,
		.next = &next,
		.machine = uts.machine,
		.kexec = kexec_file_load,
		.pieces = kexec_load,
		.dry_run = dry_run,
	};
	int r;

	if (!dry_run && geteuid() != 0)
		return errf(-EPERM, "only root can do this");
	uname(&uts);
	r = next_cli_resolve(cli, choice, &next, &cmdline);
	if (r < 0)
		return r;
	req.cmdline = cmdline;
	return next_load(&req, ret);
}

int next_cli_path(const char *path, char **ret)
{
	_cleanup_free_ char *here = *path == '/' ? NULL : getcwd(NULL, 0);

	if (*path != '/' && !here)
		return errf(-errno, "%s: the current directory is not to be found: %s", path,
		            strerror(errno));
	return text_printf(ret, "%s%s%s", here ? here : "", here ? "/" : "", path);
}

int next_cli_kernel(const char *name, char **ret)
{
	struct stat st;

	if (strchr(name, '/') || (stat(name, &st) == 0 && S_ISREG(st.st_mode)))
		return next_cli_path(name, ret);
	*ret = strdup(name);
	return *ret ? 0 : oom("a name");
}

int next_cli_start(const struct cli *cli)
{
	/* Somebody wants it, so there is nothing that the next boot has to explain. */
	int error, marked = mark_end(cli->root_fd);

	sync();
	reboot(RB_KEXEC);
	error = errno;
	if (marked > 0)
		(void)mark_running(cli->root_fd);
	return errf(-error, "the kernel does not start the loaded one: %s",
	            error == EINVAL ? "nothing is loaded" : strerror(error));
}
