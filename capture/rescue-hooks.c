// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rescue-hooks.c - the steps that run programs of the administrator, see rescue-steps.h.
 *
 * A hook is a process of its own, which the kernel takes first when memory runs out. What it prints
 * goes into the log. What it leaves in the background goes on.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "capture/log.h"
#include "capture/rescue-steps.h"
#include "capture/room.h"
#include "system/tree.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/printable.h"
#include "base/text.h"

/* The hooks of a directory have this together, and a part of the time left. */
#define HOOK_SECONDS 30.0
#define TIME_SHARE   0.25

/* One that hangs in the kernel is left behind. */
#define KILL_SECONDS 2.0

#define PIPE_SIZE KIB(64) /* pipe(7) */

/* The kernel's log is small, and holds that of the capture. */
#define LINES_MAX 100

/* A hook that runs. */
struct hook {
	const char *name; /* "pre.d/10-fence" */
	pid_t pid;
	int fd; /* what it prints comes here; -1: it has closed it */
	unsigned lines;
	size_t len;
	char line[256]; /* the begin of the next one */
};

/* For the KDUMP_LITE_ variables. */
static int add_variable(char ***env, const char *name, const char *value)
{
	_cleanup_free_ char *clean = NULL, *text = NULL;
	int r;

	/* It may come from the memory of the crashed kernel. */
	if ((r = printable(value ?: "", strlen(value ?: ""), false, &clean)) < 0 ||
	    (r = text_printf(&text, "KDUMP_LITE_%s=%s", name, clean)) < 0)
		return r;
	return strv_push(env, text);
}

static int make_environment(const struct rescue *rescue, char ***ret)
{
	const struct crash *crash = &rescue->crash;
	char directory[PATH_MAX] = "", link[64];
	const struct {
		const char *name, *value;
	} variables[] = {
		{ "DIRECTORY", directory },
		{ "OUTCOME", crash_outcome_name(crash->outcome) },
		{ "TITLE", crash->panic_message },
		{ "FINGERPRINT", crash->fingerprint },
		{ "HOSTNAME", crash->hostname },
	};
	int r = strv_push(ret, "PATH=/usr/sbin:/usr/bin:/sbin:/bin");

	snprintf(link, sizeof(link), "/proc/self/fd/%d", rescue->dir_fd);
	if (readlink(link, directory, sizeof(directory) - 1) < 0)
		directory[0] = '\0';
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(variables); i++)
		r = add_variable(ret, variables[i].name, variables[i].value);
	return r;
}

/* In the new process. Paths of hooks are relative to the root, also for the interpreter of a
 * script. */
static _Noreturn void become(const struct rescue *rescue, const char *name, char **env, int out)
{
	int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	char path[PATH_MAX];
	char *argv[] = { path, NULL };

	setsid();
	snprintf(path, sizeof(path), "%s/%s", &PLAN_HOOK_DIR[1], name);
	(void)tree_write(rescue->os->root_fd, "/proc/self/oom_score_adj", "1000");
	if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0 &&
	    dup2(out, STDERR_FILENO) >= 0 && fchdir(rescue->os->root_fd) == 0)
		execve(path, argv, env);
	dprintf(out, "cannot be started: %s\n", strerror(errno));
	_exit(127);
}

static int start(const struct rescue *rescue, char **env, struct hook *h)
{
	_cleanup_close_ int reading = -1, writing = -1;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return errf(-errno, "%s: no pipe: %s", h->name, strerror(errno));
	reading = fds[0];
	writing = fds[1];
	h->pid = fork();
	if (h->pid == 0)
		become(rescue, h->name, env, writing);
	if (h->pid < 0)
		return errf(-errno, "%s: no process: %s", h->name, strerror(errno));
	(void)fcntl(reading, F_SETFL, O_NONBLOCK);
	h->fd = reading;
	reading = -1;
	return 0;
}

static void log_line(struct hook *h)
{
	h->line[h->len] = '\0';
	h->len = 0;
	h->lines++;
	if (h->lines <= LINES_MAX)
		log_info("%s: %s", h->name, h->line);
	else if (h->lines == LINES_MAX + 1)
		log_info("%s: more lines are left out", h->name);
}

/* Logs what the hook has printed. That is as much as a pipe holds, for it may go on printing. */
static void take_output(struct hook *h)
{
	char chunk[4096];

	for (unsigned left = PIPE_SIZE / sizeof(chunk); left > 0 && h->fd >= 0; left--) {
		ssize_t n = read(h->fd, chunk, sizeof(chunk));

		if (n == 0) {
			close(h->fd);
			h->fd = -1;
		}
		for (ssize_t i = 0; i < n; i++) {
			if (chunk[i] != '\n')
				h->line[h->len++] = chunk[i];
			if (chunk[i] == '\n' || h->len == sizeof(h->line) - 1)
				log_line(h);
		}
	}
}

/* Until it ends by itself or by us; 1: it took too long. @ret_status is -1 when it does not end. */
static int wait_for(struct hook *h, double end, int *ret_status)
{
	bool killed = false;

	for (;;) {
		struct pollfd p = { .fd = h->fd, .events = POLLIN };
		pid_t pid = waitpid(h->pid, ret_status, WNOHANG);

		take_output(h);
		if (pid != 0)
			return killed;
		if (clock_seconds() < end) {
			poll(&p, 1, 10);
			continue;
		}
		*ret_status = -1;
		if (killed)
			return killed;
		kill(-h->pid, SIGKILL);
		kill(h->pid, SIGKILL);
		killed = true;
		end += KILL_SECONDS;
	}
}

static int run_hook(const struct rescue *rescue, const char *name, char **env, double end)
{
	struct hook h = { .name = name, .fd = -1 };
	double started = clock_seconds();
	int r, status = 0;

	if (started >= end)
		return errf(-ETIMEDOUT, "%s: not tried, the hooks before it took too long", name);
	r = start(rescue, env, &h);
	if (r < 0)
		return r;
	r = wait_for(&h, end, &status);
	if (h.len > 0)
		log_line(&h);
	if (h.fd >= 0)
		close(h.fd);
	if (r > 0)
		return errf(-ETIMEDOUT, "%s: took longer than %.3g s and was ended", name,
		            end - started);
	if (WIFSIGNALED(status))
		return errf(-ECHILD, "%s: was ended by signal %d", name, WTERMSIG(status));
	return WEXITSTATUS(status) == 0
	               ? 0
	               : errf(-EIO, "%s: has exited with status %d", name, WEXITSTATUS(status));
}

static bool is_of(const char *hook, const char *kind)
{
	size_t len = strlen(kind);

	return strncmp(hook, kind, len) == 0 && strncmp(hook + len, ".d/", 3) == 0;
}

static bool has_kind(const struct rescue *rescue, const char *kind)
{
	for (char **h = rescue->plan->hooks; h && *h; h++)
		if (is_of(*h, kind))
			return true;
	return false;
}

/* Runs all. The first error is that of the step. */
static int run_kind(const struct rescue *rescue, const char *kind)
{
	double end = clock_seconds() +
	             MIN(HOOK_SECONDS, MAX(rescue_time_left(rescue) * TIME_SHARE, 0.1));
	_cleanup_(strv_freep) char **env = NULL;
	char why[ERR_WHY] = "";
	int first = 0, r = make_environment(rescue, &env);

	if (r < 0)
		return r;
	for (char **h = rescue->plan->hooks; h && *h; h++) {
		if (!is_of(*h, kind))
			continue;
		r = run_hook(rescue, *h, env, end);
		if (r < 0 && first < 0)
			log_error("%s", err_text(r));
		if (r < 0)
			(void)err_note(r, why);
		first = first ?: r;
	}
	return first < 0 ? errf(first, "%s", why) : 0;
}

/* Of the last step of that name. */
static bool went_well(const struct crash *c, const char *name)
{
	for (size_t i = c->n_steps; i-- > 0;)
		if (streq(c->steps[i].name, name))
			return !c->steps[i].error || !*c->steps[i].error;
	return false;
}

/* A dump that is left out since there are enough of this crash is as wanted. */
static const char *kind_behind(const struct rescue *rescue)
{
	const struct crash *c = &rescue->crash;
	bool known = c->outcome == CRASH_MINI_ONLY && went_well(c, "vmcore");

	return c->outcome == CRASH_COMPLETE || known ? "post" : "failed";
}

bool rescue_has_pre_hooks(const struct rescue *rescue)
{
	return has_kind(rescue, "pre");
}

bool rescue_has_post_hooks(const struct rescue *rescue)
{
	return has_kind(rescue, kind_behind(rescue));
}

int rescue_pre_hooks(struct rescue *rescue)
{
	/* They may fill the disk. */
	room_take(rescue, ROOM_ALL);
	return run_kind(rescue, "pre");
}

int rescue_post_hooks(struct rescue *rescue)
{
	return run_kind(rescue, kind_behind(rescue));
}
