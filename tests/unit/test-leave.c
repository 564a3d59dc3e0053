// SPDX-License-Identifier: GPL-2.0-or-later
/* test-leave.c - the capture kernel is always left, whatever fails on the way. */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/child.h"
#include "base/clock.h"
#include "capture/leave.h"
#include "tests/unit/osbox.h"

#define GUARD_SECONDS 60

/* What the process ends with that found every way closed. */
#define STAYED 78

/* The child that leaves has a process group, in which its guard is too. */
static int leave_in_child(const struct osbox *box, enum final_action action, double seconds)
{
	pid_t child = fork();
	int r, status = -1;

	assert_true(child >= 0);
	if (child == 0) {
		setpgid(0, 0);
		leave(&box->os, action, seconds);
		_exit(STAYED);
	}
	r = child_wait(child, 30, &status);
	kill(-child, SIGKILL);
	assert_int_equal(r, 0);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void check_left(const struct osbox *box, enum final_action action, const char *reboot)
{
	char expected[128] = "sync; umount /mnt; umount /production; reboot ";

	strcat(strcat(expected, reboot), "; ");
	osbox_calls->noted[0] = '\0';
	assert_int_equal(leave_in_child(box, action, GUARD_SECONDS), OSBOX_REBOOTED);
	osbox_noted(expected);
	temptree_text(&box->tree, "proc/sysrq-trigger", "");
}

static void takes_the_action_of_the_plan(void **state)
{
	struct osbox *box = *state;

	temptree_text(&box->tree, "sys/kernel/kexec_loaded", "1\n");
	check_left(box, FINAL_REBOOT, "again");
	check_left(box, FINAL_POWEROFF, "off");
	check_left(box, FINAL_HALT, "halt");
	check_left(box, FINAL_KEXEC, "kexec");
	check_left(box, FINAL_AUTO, "kexec");
}

static void starts_a_kernel_only_when_one_is_loaded(void **state)
{
	struct osbox *box = *state;

	/* This kernel has no kexec at all. */
	check_left(box, FINAL_KEXEC, "again");
	check_left(box, FINAL_AUTO, "again");
	temptree_text(&box->tree, "sys/kernel/kexec_loaded", "0\n");
	check_left(box, FINAL_KEXEC, "again");
	check_left(box, FINAL_AUTO, "again");
	/* Where Linux 7.0 has it. */
	temptree_text(&box->tree, "sys/kernel/kexec/loaded", "1\n");
	check_left(box, FINAL_AUTO, "kexec");
}

static void leaves_disks_that_cannot_be_unmounted(void **state)
{
	struct osbox *box = *state;

	osbox_calls->umount_error = EBUSY;
	check_left(box, FINAL_POWEROFF, "off");
}

static void tries_every_way(void **state)
{
	static const struct {
		enum final_action action;
		const char *first;
	} ways[] = {
		{ FINAL_AUTO, "kexec" },   { FINAL_KEXEC, "kexec" }, { FINAL_REBOOT, "again" },
		{ FINAL_POWEROFF, "off" }, { FINAL_HALT, "halt" },
	};
	struct osbox *box = *state;

	temptree_text(&box->tree, "sys/kernel/kexec_loaded", "1\n");
	osbox_calls->reboot_error = EPERM;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		_cleanup_free_ char *trigger = NULL;
		char expected[128] = "sync; umount /mnt; umount /production; reboot ";

		strcat(strcat(expected, ways[i].first), "; reboot again; ");
		temptree_text(&box->tree, "proc/sysrq-trigger", "");
		osbox_calls->noted[0] = '\0';
		assert_int_equal(leave_in_child(box, ways[i].action, GUARD_SECONDS), STAYED);
		osbox_noted(expected);
		trigger = temptree_read(&box->tree, "proc/sysrq-trigger");
		assert_string_equal(trigger, "b");
	}
	/* Not even that is there: PID 1 ends. */
	assert_int_equal(unlinkat(box->tree.fd, "proc/sysrq-trigger", 0), 0);
	assert_int_equal(leave_in_child(box, FINAL_REBOOT, GUARD_SECONDS), STAYED);
}

static void disk_that_does_not_answer_delays_it_no_longer_than_the_guard(void **state)
{
	struct osbox *box = *state;
	double before = clock_seconds();
	pid_t child;

	temptree_text(&box->tree, "proc/sysrq-trigger", "");
	osbox_calls->sync_seconds = 1000;
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		setpgid(0, 0);
		leave(&box->os, FINAL_REBOOT, 0.2);
		_exit(STAYED);
	}
	for (bool done = false; !done && clock_seconds() - before < 20; usleep(10000)) {
		_cleanup_free_ char *trigger = temptree_read(&box->tree, "proc/sysrq-trigger");

		done = streq(trigger, "b");
	}
	assert_true(clock_seconds() - before >= 0.2);
	assert_true(clock_seconds() - before < 20);
	osbox_noted("sync; ");
	setpgid(child, child);
	kill(-child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

/* What waits for all devices would hang too. */
static void driver_that_hangs_is_left_at_once(void **state)
{
	struct osbox *box = *state;
	_cleanup_free_ char *trigger = NULL;
	double before = clock_seconds();

	temptree_text(&box->tree, "proc/sysrq-trigger", "");
	leave_at_once(&box->os, 10);
	osbox_noted("sync; umount /mnt; umount /production; ");
	trigger = temptree_read(&box->tree, "proc/sysrq-trigger");
	assert_string_equal(trigger, "b");

	temptree_text(&box->tree, "proc/sysrq-trigger", "");
	osbox_calls->sync_seconds = 1000;
	leave_at_once(&box->os, 0.2);
	free(trigger);
	trigger = temptree_read(&box->tree, "proc/sysrq-trigger");
	assert_string_equal(trigger, "b");
	assert_true(clock_seconds() - before < 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, osbox_setup, osbox_teardown)
		TEST(takes_the_action_of_the_plan),
		TEST(starts_a_kernel_only_when_one_is_loaded),
		TEST(leaves_disks_that_cannot_be_unmounted),
		TEST(tries_every_way),
		TEST(driver_that_hangs_is_left_at_once),
		TEST(disk_that_does_not_answer_delays_it_no_longer_than_the_guard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
