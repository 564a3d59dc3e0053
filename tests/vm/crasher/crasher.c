// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * crasher.c - a module of the kernel under test that brings it down, in the way that "how" says.
 * Functions are not inlined, and do something after each call, so that each has its frame.
 */
#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/version.h>

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Brings the kernel down in known ways, for a test");

static char *how = "";
module_param(how, charp, 0);

static volatile int sink;

/* A null pointer, in an interrupt that comes while this CPU loops. */

struct thing {
	int before[16];
	int value;
};

static struct thing *volatile no_thing;
static struct hrtimer timer;

static noinline int crasher_follow(struct thing *thing)
{
	sink++;
	return READ_ONCE(thing->value);
}

static enum hrtimer_restart crasher_timer(struct hrtimer *t)
{
	sink += crasher_follow(no_thing);
	return HRTIMER_NORESTART;
}

static noinline void crasher_loop(void)
{
	while (sink >= 0)
		cpu_relax();
}

static noinline void crasher_null(void)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	hrtimer_setup(&timer, crasher_timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
#else
	hrtimer_init(&timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	timer.function = crasher_timer;
#endif
	preempt_disable();
	hrtimer_start(&timer, ms_to_ktime(100), HRTIMER_MODE_REL_PINNED_HARD);
	crasher_loop();
	preempt_enable();
}

static noinline void crasher_bug(void)
{
	sink++;
	BUG();
	sink++;
}

/* Two tasks, each of which has the mutex that the other wants. Another waits to read what one of
 * them has for writing. */

static DEFINE_MUTEX(crasher_mutex_a);
static DEFINE_MUTEX(crasher_mutex_b);
static DECLARE_RWSEM(crasher_rwsem);

static noinline int crasher_first(void *arg)
{
	down_write(&crasher_rwsem);
	mutex_lock(&crasher_mutex_a);
	msleep(1000);
	mutex_lock(&crasher_mutex_b);
	sink++;
	return 0;
}

static noinline int crasher_second(void *arg)
{
	mutex_lock(&crasher_mutex_b);
	msleep(1000);
	mutex_lock(&crasher_mutex_a);
	sink++;
	return 0;
}

static noinline int crasher_reader(void *arg)
{
	msleep(500);
	down_read(&crasher_rwsem);
	sink++;
	return 0;
}

static void crasher_deadlock(void)
{
	kthread_run(crasher_first, NULL, "crasher_first");
	kthread_run(crasher_second, NULL, "crasher_second");
	kthread_run(crasher_reader, NULL, "crasher_reader");
}

static noinline int crasher_hog(void *arg)
{
	preempt_disable();
	crasher_loop();
	preempt_enable();
	return 0;
}

static void start_on(int (*function)(void *), unsigned int cpu, const char *name)
{
	struct task_struct *task = kthread_create(function, NULL, "%s", name);

	kthread_bind(task, cpu);
	wake_up_process(task);
}

/* The other CPU never gives up. */
static void crasher_lockup(void)
{
	start_on(crasher_hog, cpumask_last(cpu_online_mask), "crasher_hog");
}

static noinline int crasher_deeper(int depth)
{
	volatile char room[512];

	room[depth % 512] = depth;
	if (sink >= 0)
		sink = crasher_deeper(depth + 1) & 1;
	return room[depth % 512] + sink;
}

static noinline int crasher_overflow_thread(void *arg)
{
	return crasher_deeper(0);
}

static void crasher_overflow(void)
{
	start_on(crasher_overflow_thread, 0, "crasher_deep");
}

/* A driver that waits for a device which does not answer: nothing ends it. */
static void crasher_hang(void)
{
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		schedule();
	}
}

static const struct {
	const char *how;
	void (*run)(void);
} all[] = {
	{ "null", crasher_null },         { "bug", crasher_bug },
	{ "deadlock", crasher_deadlock }, { "lockup", crasher_lockup },
	{ "overflow", crasher_overflow }, { "hang", crasher_hang },
};

static int __init crasher_init(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (strcmp(how, all[i].how) == 0) {
			all[i].run();
			return 0;
		}
	pr_err("crasher: how=%s is not known\n", how);
	return -EINVAL;
}
module_init(crasher_init);

static void __exit crasher_exit(void)
{
}
module_exit(crasher_exit);
