// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * supervise.c - the children that carry out the steps, see supervise.h.
 *
 * The first child may be ended by the kernel, when memory runs out or has faults that the kernel
 * does not survive for it, or by us, when it takes too long. What it did is on the disk. The second
 * one reads the crash directory for what is known, opens memory again and runs the steps that are
 * left. It takes care: it reads memory instead of mapping it, and uses little of its own.
 */
#include "capture/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "capture/firmware.h"
#include "capture/log.h"
#include "capture/rescue-steps.h"
#include "capture/place.h"
#include "config/places.h"
#include "base/child.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"

/* Of the time for the whole capture the second child has at least this share, but no more seconds
 * than are of use: it may have to wait for a slow disk to write what is in memory. */
#define REST_SHARE   0.25
#define REST_SECONDS 120.0

/* A child that hangs in the kernel may take some of that until it is given up. */
#define REST_LEAST 2.0

/* That a child may be without progress, beside the time that it may wait for the disk: longer than
 * the limits of its modules and mounts, and than the 120 s after which the kernel speaks of a hung
 * task. */
#define PATIENCE_SECONDS 180

/* For the console, where a line at 9600 baud takes a tenth of a second. */
#define SHOW_SECONDS 60.0
#define SHOW_SHARE   0.5

/* For a plan that does not tell. */
#define UNTOLD_SECONDS 1800

struct job {
	const struct os *os;
	const struct plan *plan;
	const char *vmcore;
	const struct rescue_step *steps;
	size_t n;
	struct watchdog *watchdog;
	double started;
	struct rescue_progress *progress; /* shared by all processes */

	/* Of the first child: */
	bool late; /* it took too long */
	char why[ERR_WHY];
};

static struct rescue new_rescue(const struct job *job, double end)
{
	return (struct rescue){
		.os = job->os,
		.plan = job->plan,
		.vmcore = job->vmcore,
		.dir_fd = -1,
		.started = job->started,
		.end = end,
		.progress = job->progress,
		.crash = { .outcome = CRASH_FAILED, .capture_version = strdup(KDUMP_LITE_VERSION) },
	};
}

/* A child_fn. */
static void show(void *arg, void *answer)
{
	rescue_show(arg);
}

/* In a process of its own, since a terminal that nobody reads from blocks who writes to it. */
static void show_in_time(struct rescue *rescue)
{
	double limit = MIN(SHOW_SECONDS, rescue_time_left(rescue) * SHOW_SHARE);
	struct rusage usage;
	uint8_t none;
	int r = child_run(show, rescue, MAX(limit, 0.1), &none, sizeof(none), &usage);

	if (r == -ETIMEDOUT || r == -ECHILD)
		log_error("place console: %s", err_text(r));
	else if (r < 0)
		rescue_show(rescue);
}

static void finish(struct rescue *rescue)
{
	int r;

	if (!place_has_log(rescue) && places_have(rescue->plan->capture.target, PLACE_CONSOLE))
		show_in_time(rescue);
	/* After the console, since some firmware does not return. */
	if (!place_has_log(rescue) && places_have(rescue->plan->capture.target, PLACE_FIRMWARE) &&
	    (r = firmware_save(rescue)) < 0)
		log_error("place firmware: %s", err_text(r));
	rescue_done(rescue);
}

static void run_first(const struct job *job, double end)
{
	struct rescue rescue = new_rescue(job, end);

	rescue_run_steps(&rescue, job->steps, job->n);
	finish(&rescue);
}

/* What the steps set has no value before. */
static void forget_empty(struct crash *c)
{
	char **const texts[] = { &c->panic_message, &c->verify, &c->fingerprint,
		                 &c->fingerprint_text, &c->fingerprint_loose };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (*texts[i] && !**texts[i]) {
			free(*texts[i]);
			*texts[i] = NULL;
		}
}

/* What the first child has saved, and what it knew. */
static int take_over(struct rescue *rescue, const struct rescue_progress *p)
{
	_cleanup_close_ int parent_fd = -1;
	struct crash saved = {};
	int r;

	rescue->mounted = p->mounted;
	rescue->hangs = p->hangs;
	rescue->no_reserve = p->no_reserve;
	rescue->tasks = p->tasks;
	if (!*p->name)
		return 0;
	r = place_reopen(rescue, p->place, p->name);
	if (r < 0)
		return r;
	parent_fd = openat(rescue->dir_fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = crash_load(parent_fd, p->name, &saved);
	if (r < 0)
		return r;
	crash_done(&rescue->crash);
	rescue->crash = saved;
	/* The steps know only of a dump that is whole. */
	if (saved.dump)
		rescue->crash.dump = streq(saved.dump, CRASH_VMCORE) ? CRASH_VMCORE : NULL;
	rescue->has_mini = faccessat(rescue->dir_fd, CRASH_MINI, F_OK, 0) == 0;
	forget_empty(&rescue->crash);
	return 0;
}

static void note_step(struct rescue *rescue, const struct job *job)
{
	const struct rescue_progress *p = job->progress;
	struct crash *crash = &rescue->crash;

	if (crash->n_steps == CRASH_MAX_STEPS)
		return;
	crash->steps[crash->n_steps++] = (struct crash_step){
		.name = strdup(p->step->name),
		.seconds = clock_seconds() - p->began,
		.error = strdup(job->why),
	};
}

/* Is @step for the second child? */
static bool is_left(const struct job *job, const struct rescue_step *step)
{
	const struct rescue_step *ended = job->progress->step;

	if (step->opens)
		return step != ended || !job->late;
	if (step == ended)
		return step->again && !job->late;
	return step > ended && !(step->slow && job->late);
}

static void run_rest(const struct job *job, double end)
{
	struct rescue rescue = new_rescue(job, end);
	struct rescue_step left[CRASH_MAX_STEPS];
	size_t n = 0;
	int r;

	for (size_t i = 0; i < job->n; i++)
		if (is_left(job, &job->steps[i]))
			left[n++] = job->steps[i];
	rescue.again = true;
	r = take_over(&rescue, job->progress);
	if (r < 0)
		log_error("%s", err_text(r));
	note_step(&rescue, job);
	rescue_run_steps(&rescue, left, n);
	finish(&rescue);
}

struct watch {
	const struct job *job;
	pid_t child;
};

/* Of a child that hangs in a driver the CPU time stands still. One that runs in circles is ended
 * when its time is over. */
static void tick(void *arg)
{
	const struct watch *w = arg;
	struct timespec used = {};
	clockid_t clock;

	if (clock_getcpuclockid(w->child, &clock) == 0)
		clock_gettime(clock, &used);
	watchdog_tick(w->job->watchdog, w->job->os,
	              used.tv_sec * UINT64_C(1000000000) + used.tv_nsec);
}

/* Returns 0 when the child ran to its end; else an error with a text. */
static int run_child(const struct job *job, void (*work)(const struct job *job, double end),
                     double seconds)
{
	double end = clock_seconds() + seconds;
	pid_t child = fork();
	struct watch w;
	int r, status;

	if (child == 0) {
		work(job, end);
		_exit(0);
	}
	if (child < 0) {
		log_error("no second process: %s, going on alone", strerror(errno));
		work(job, end);
		return 0;
	}
	w = (struct watch){ job, child };
	r = child_wait_ticking(child, seconds, tick, &w, &status);
	if (r == 0 && WIFSIGNALED(status))
		r = errf(-ECHILD, "it was ended by signal %d", WTERMSIG(status));
	return r;
}

static bool hangs(const struct job *job)
{
	return job->progress && job->progress->hangs;
}

bool supervise(const struct os *os, const struct plan *plan, const char *vmcore,
               const struct rescue_step *steps, size_t n, struct watchdog *watchdog)
{
	struct job job = { os, plan, vmcore, steps, n, watchdog, .started = clock_seconds() };
	double seconds = plan->capture.timeout ?: UNTOLD_SECONDS, left;
	int r;

	watchdog->patience = plan->capture.device_timeout + PATIENCE_SECONDS;
	watchdog_tick(watchdog, os, 0);
	job.progress = mmap(NULL, sizeof(*job.progress), PROT_READ | PROT_WRITE,
	                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (job.progress == MAP_FAILED)
		job.progress = NULL;
	r = run_child(&job, run_first, seconds - MIN(seconds * REST_SHARE, REST_SECONDS));
	if (r == 0)
		return hangs(&job);
	err_note(r, job.why);
	job.late = r == -ETIMEDOUT;
	log_error("the dump: %s", job.why);
	if (!job.progress || !job.progress->step || job.progress->step == steps + n - 1)
		return hangs(&job);
	log_info("going on after the step %s", job.progress->step->name);
	left = job.started + seconds - clock_seconds();
	r = run_child(&job, run_rest, MAX(left, REST_LEAST));
	if (r < 0)
		log_error("the rest: %s", err_text(r));
	return hangs(&job);
}
