// SPDX-License-Identifier: GPL-2.0-or-later
/* pager.c - shows long output page by page, see pager.h. */
#include "loader/show/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "system/libraries.h"
#include "base/text.h"

/* A pager can start shells and overwrite files. When the rights in use are not those of the user
 * who is logged in, as under sudo, only less will do, which can be told to stay harmless. */
static bool must_be_secure(void)
{
	const char *setting = getenv("SYSTEMD_PAGERSECURE");
	bool secure;
	uid_t owner;

	if (setting && text_to_bool(setting, &secure) == 0)
		return secure;
	if (libsystemd_open() < 0)
		return true;
	return libsystemd.sd_pid_get_owner_uid(0, &owner) >= 0 && owner != geteuid();
}

static void run_pager(const char *wanted, bool secure)
{
	const char *less = getenv("SYSTEMD_LESS"), *charset = getenv("SYSTEMD_LESSCHARSET");
	_cleanup_(strv_freep) char **words = NULL;

	setenv("LESS", less ?: "FRSXMK", 1);
	setenv("LESSCHARSET", charset ? charset : "utf-8", 1);
	if (secure)
		setenv("LESSSECURE", "1", 1);
	else if (wanted && strv_split(&words, wanted, false) == 0 && words)
		execvp(words[0], words);
	if (!secure)
		execlp("pager", "pager", NULL);
	execlp("less", "less", NULL);
	if (!secure)
		execlp("more", "more", NULL);
	execlp("cat", "cat", NULL);
}

void pager_open(const struct cli *cli, struct pager *ret)
{
	const char *term = getenv("TERM"), *wanted = getenv("SYSTEMD_PAGER") ?: getenv("PAGER");
	int fds[2];

	*ret = (struct pager){ .terminal = -1 };
	if (cli->no_pager || !isatty(STDOUT_FILENO) || !term || streq(term, "dumb") ||
	    (wanted && (!*wanted || streq(wanted, "cat"))) || pipe2(fds, O_CLOEXEC) < 0)
		return;
	ret->terminal = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	fflush(stdout);
	ret->pid = ret->terminal < 0 ? -1 : fork();
	if (ret->pid == 0) {
		dup2(fds[0], STDIN_FILENO);
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		run_pager(wanted, must_be_secure());
		_exit(EXIT_FAILURE);
	}
	if (ret->pid > 0)
		dup2(fds[1], STDOUT_FILENO);
	else
		ret->pid = 0;
	close(fds[0]);
	close(fds[1]);
}

void pager_close(struct pager *p)
{
	if (p->pid > 0) {
		fflush(stdout);
		dup2(p->terminal, STDOUT_FILENO);
		while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (p->terminal >= 0)
		close(p->terminal);
	*p = (struct pager){ .terminal = -1 };
}
