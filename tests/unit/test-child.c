// SPDX-License-Identifier: GPL-2.0-or-later
/* test-child.c - how init waits for the one child that matters. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>

#include "base/child.h"
#include "base/clock.h"
#include "tests/unit/check.h"

/* Seconds that the date is set on, or back, whenever somebody asks for it. */
static time_t date_step, date_offset;

/* In the place of the C library's. */
time_t time(time_t *ret)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_sec += date_offset += date_step;
	if (ret)
		*ret = t.tv_sec;
	return t.tv_sec;
}

/* A child that lives for @seconds and then ends with @code. */
static pid_t start(double seconds, int code)
{
	struct timespec t = { seconds, (seconds - (time_t)seconds) * 1e9 };
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		nanosleep(&t, NULL);
		_exit(code);
	}
	return pid;
}

static void no_child_is_left(void)
{
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static int forget_date(void **state)
{
	date_step = date_offset = 0;
	return 0;
}

static void gives_the_status(void **state)
{
	int status = -1;

	assert_int_equal(child_wait(start(0.1, 7), 30, &status), 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
	no_child_is_left();
}

static void gives_the_signal(void **state)
{
	pid_t child = start(30, 0);
	int status = -1;

	kill(child, SIGTERM);
	assert_int_equal(child_wait(child, 30, &status), 0);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
}

static void child_that_ended_before_is_found(void **state)
{
	pid_t child = start(0, 3);
	siginfo_t info;
	int status = -1;

	assert_int_equal(waitid(P_PID, child, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(child_wait(child, 30, &status), 0);
	assert_int_equal(WEXITSTATUS(status), 3);
}

/* A child that ends with @code when the others have been reaped. */
static pid_t start_after(const pid_t others[], size_t n, int code)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	for (size_t i = 0; pid == 0 && i < n; i++)
		while (kill(others[i], 0) == 0)
			usleep(1000);
	if (pid == 0)
		_exit(code);
	return pid;
}

/* Those whose parents have ended are init's. */
static void others_are_reaped(void **state)
{
	pid_t others[5], child;
	int status = -1;

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		others[i] = start(0.05 * i, 9);
	child = start_after(others, ARRAY_SIZE(others), 4);
	assert_int_equal(child_wait(child, 30, &status), 0);
	assert_int_equal(WEXITSTATUS(status), 4);
	no_child_is_left();
}

static void child_that_takes_too_long_is_killed(void **state)
{
	double before = clock_seconds();
	int status = -1;

	assert_int_equal(child_wait(start(30, 0), 0.2, &status), -ETIMEDOUT);
	assert_true(clock_seconds() - before >= 0.2);
	assert_true(clock_seconds() - before < 10);
	no_child_is_left();
}

/* The end of another one makes init look at the clock again. */
static void date_that_is_set_on_ends_nothing(void **state)
{
	pid_t child = start(0.5, 5);
	int status = -1;

	start(0.1, 0);
	date_step = 3600;
	assert_int_equal(child_wait(child, 30, &status), 0);
	assert_int_equal(WEXITSTATUS(status), 5);
}

static void date_that_is_set_back_delays_nothing(void **state)
{
	double before = clock_seconds();
	pid_t child = start(5, 0);
	int status = -1;

	start(0.1, 0);
	date_step = -3600;
	assert_int_equal(child_wait(child, 1, &status), -ETIMEDOUT);
	assert_true(clock_seconds() - before < 4);
}

/* The status of nobody is none, and that of another is not this one's. */
static void child_that_is_not_there_has_no_status(void **state)
{
	int status = 12345;
	pid_t gone = start(0, 0);

	assert_int_equal(waitpid(gone, NULL, 0), gone);
	assert_fails(child_wait(gone, 30, &status), -ECHILD, "cannot be waited for");
	assert_int_equal(status, 12345);
	start(0.1, 6);
	assert_fails(child_wait(gone, 30, &status), -ECHILD, "cannot be waited for");
	assert_int_equal(status, 12345);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(gives_the_status, forget_date),
		cmocka_unit_test_setup(gives_the_signal, forget_date),
		cmocka_unit_test_setup(child_that_ended_before_is_found, forget_date),
		cmocka_unit_test_setup(others_are_reaped, forget_date),
		cmocka_unit_test_setup(child_that_takes_too_long_is_killed, forget_date),
		cmocka_unit_test_setup(date_that_is_set_on_ends_nothing, forget_date),
		cmocka_unit_test_setup(date_that_is_set_back_delays_nothing, forget_date),
		cmocka_unit_test_setup(child_that_is_not_there_has_no_status, forget_date),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
