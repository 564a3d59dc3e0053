// SPDX-License-Identifier: GPL-2.0-or-later
/* child.c - work in a process of its own, see child.h. */
#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "base/clock.h"
#include "base/err.h"

/* How long a child that was killed may take to end. One that hangs in the kernel is left behind. */
#define KILL_SECONDS 2.0

#define TICK_SECONDS 0.4

static void run(child_fn work, void *arg, double seconds, int fd, size_t size)
{
	uint8_t answer[CHILD_ANSWER_MAX] = {};

	/* Should there be nobody any more to kill it. */
	signal(SIGALRM, SIG_DFL);
	alarm(MIN(seconds, 1e6) + 2);
	work(arg, answer);
	_exit(write(fd, answer, size) != (ssize_t)size);
}

/* All of the answer; else -ECHILD without a text. */
static int take_answer(int fd, double seconds, void *ret, size_t size)
{
	double limit = clock_seconds() + seconds;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint8_t answer[CHILD_ANSWER_MAX];
	int n;

	do
		n = poll(&p, 1, MIN(MAX(limit - clock_seconds(), 0), 1e6) * 1000);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		return errf(-ETIMEDOUT, "it took longer than %.3g s and was ended", seconds);
	if (n < 0 || read(fd, answer, size) != (ssize_t)size)
		return -ECHILD;
	memcpy(ret, answer, size);
	return 0;
}

/* Returns its status, or -1 when it does not end. SIGKILL may find one that is just ending. */
static int end(pid_t child, bool killed, struct rusage *usage)
{
	double limit = clock_seconds() + KILL_SECONDS;
	_cleanup_close_ int fd = syscall(SYS_pidfd_open, child, 0);
	/* Kernels before 5.3 have none, and do not tell when it ends. */
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int status;
	pid_t pid;

	if (killed)
		kill(child, SIGKILL);
	while ((pid = wait4(child, &status, WNOHANG, usage)) == 0) {
		if (clock_seconds() > limit) {
			kill(child, SIGKILL);
			return -1;
		}
		poll(&p, 1, fd < 0 ? 10 : 100);
	}
	return pid == child ? status : -1;
}

int child_run(child_fn work, void *arg, double seconds, void *ret_answer, size_t size,
              struct rusage *ret_usage)
{
	_cleanup_close_ int reading = -1, writing = -1;
	int fds[2], r, status;
	pid_t child;

	*ret_usage = (struct rusage){};
	if (pipe2(fds, O_CLOEXEC) < 0)
		return errf(-errno, "no pipe: %s", strerror(errno));
	reading = fds[0];
	writing = fds[1];
	child = fork();
	if (child == 0)
		run(work, arg, seconds, writing, size);
	if (child < 0)
		return errf(-errno, "no second process: %s", strerror(errno));
	base_closep(&writing);
	writing = -1;
	r = take_answer(reading, seconds, ret_answer, size);
	status = end(child, r == -ETIMEDOUT, ret_usage);
	if (r != -ECHILD)
		return r;
	return status >= 0 && WIFSIGNALED(status)
	               ? errf(r, "it was ended by signal %d", WTERMSIG(status))
	               : errf(r, "it ended early");
}

static void wait_for_signal(const sigset_t *set, double seconds)
{
	struct timespec t = { .tv_sec = MIN(seconds, 1e6) };

	t.tv_nsec = (MIN(seconds, 1e6) - t.tv_sec) * 1e9;
	sigtimedwait(set, NULL, &t);
}

struct tick {
	child_tick_fn call;
	void *arg;
};

/* @sigchld is blocked, so that it stays pending when it comes between a look and the wait. */
static int wait_blocked(pid_t child, double seconds, const struct tick *tick,
                        const sigset_t *sigchld, int *ret_status)
{
	double limit = clock_seconds() + seconds;
	bool killed = false;

	for (;;) {
		int status;
		pid_t pid = waitpid(-1, &status, WNOHANG);
		double left = limit - clock_seconds();

		if (tick->call)
			tick->call(tick->arg);
		if (pid < 0)
			return errf(-errno, "process %d cannot be waited for: %s", (int)child,
			            strerror(errno));
		if (pid == child && !killed) {
			*ret_status = status;
			return 0;
		}
		if (pid == child || (killed && left <= 0))
			return errf(-ETIMEDOUT, "it took longer than %.6g s and was ended",
			            seconds);
		if (left <= 0) {
			kill(child, SIGKILL);
			killed = true;
			limit = clock_seconds() + KILL_SECONDS;
		} else if (pid == 0) {
			wait_for_signal(sigchld, tick->call ? MIN(left, TICK_SECONDS) : left);
		}
	}
}

int child_wait(pid_t child, double seconds, int *ret_status)
{
	return child_wait_ticking(child, seconds, NULL, NULL, ret_status);
}

int child_wait_ticking(pid_t child, double seconds, child_tick_fn tick, void *arg, int *ret_status)
{
	const struct tick t = { tick, arg };
	sigset_t set, old;
	int r;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, &old);
	r = wait_blocked(child, seconds, &t, &set, ret_status);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return r;
}
