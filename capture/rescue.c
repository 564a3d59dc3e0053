// SPDX-License-Identifier: GPL-2.0-or-later
/* rescue.c - saves what can be saved of a crashed kernel, see rescue.h. */
#include "capture/rescue.h"

#include <errno.h>
#include <stdio.h>
#include <sys/random.h>
#include <time.h>

#include "capture/back.h"
#include "capture/log.h"
#include "system/procfile.h"
#include "capture/insmod.h"
#include "capture/target.h"
#include "base/clock.h"
#include "base/err.h"

static int step_modules(struct rescue *r)
{
	return modules_load(PLAN_MODULE_DIR, r->plan->modules);
}

/* Notes what VMCOREINFO and the kernel itself say about the crash. */
static void rescue_identify(struct rescue *r)
{
	const struct vmcoreinfo *vi = &r->dump->vmcoreinfo;
	struct crash *c = &r->crash;
	struct kspace_uts uts = {};
	uint64_t crash_time;
	char buf[128];

	if (r->kspace)
		kspace_uts(r->kspace, &uts);
	if (vmcoreinfo_plain(vi, "CRASHTIME", 10, &crash_time))
		c->crash_time = crash_time;
	c->kernel_release = strdup(vmcoreinfo_copy(vi, "OSRELEASE", buf, sizeof(buf)));
	c->build_id = strdup(vmcoreinfo_copy(vi, "BUILD-ID", buf, sizeof(buf)));
	c->kernel_version = strdup(uts.version);
	c->hostname = strdup(uts.nodename);
	c->machine = strdup(uts.machine);
	c->cpus = r->dump->n_cpus;
	for (size_t i = 0; i < r->dump->n_ram; i++)
		c->pages.total += r->dump->ram[i].end - r->dump->ram[i].start;
	c->memory_size = c->pages.total << r->dump->page_shift;
}

int rescue_open_memory(struct rescue *r)
{
	struct source *source;
	int e;

	e = source_open(r->vmcore, &source);
	if (e == 0)
		e = dump_open(source, &r->dump);
	if (e < 0)
		return e;
	e = kspace_open(r->dump, &r->kspace);
	rescue_identify(r);
	return e < 0 ? err_prefix(e, "going on with a dump of all memory") : 0;
}

int rescue_need_target(const struct rescue *r)
{
	return r->dir_fd < 0 ? errf(-ENODEV, "not tried, there is no target") : 0;
}

static int step_target(struct rescue *r)
{
	_cleanup_free_ char *name = NULL;
	uint32_t id;
	int e;

	/* Two crashes may have the same second; early in the boot there may be no randomness yet.
	 */
	if (getrandom(&id, sizeof(id), GRND_NONBLOCK) != sizeof(id))
		id = clock_seconds() * 1e9;
	e = crash_make_name(r->crash.crash_time ?: time(NULL), id, &name);
	if (e == 0)
		e = target_mount(r->plan);
	if (e == 0)
		e = target_make_directory(r->plan, name, &r->dir_fd);
	if (e < 0)
		return e;
	log_info("saving to %s/%s", r->plan->directory, name);
	r->crash.name = TAKE_PTR(name);
	return 0;
}

double rescue_time_left(const struct rescue *r)
{
	return r->plan->capture.timeout ? r->started + r->plan->capture.timeout - clock_seconds()
	                                : 1e9;
}

void rescue_save_metadata(struct rescue *r)
{
	int e;

	if (r->dir_fd < 0)
		return;
	r->crash.peak_memory = procfile_number("/proc/self/status", "VmHWM");
	r->crash.seconds = clock_seconds() - r->started;
	e = crash_save(&r->crash, r->dir_fd);
	if (e < 0)
		log_error("%s: %s, going on", CRASH_METADATA, err_text(e));
}

void rescue_run_steps(struct rescue *r, const struct rescue_step *steps, size_t n)
{
	for (size_t i = 0; i < n && r->crash.n_steps < CRASH_MAX_STEPS; i++) {
		struct crash_step *s = &r->crash.steps[r->crash.n_steps++];
		double start = clock_seconds();
		int e = steps[i].run(r);

		*s = (struct crash_step){ .name = strdup(steps[i].name),
			                  .seconds = clock_seconds() - start };
		if (e < 0) {
			s->error = strdup(err_text(e));
			log_error("%s: %s", s->name, err_text(e));
		}
		/* Early and again: should a later step end this program, the directory still says
		 * what it holds. */
		rescue_save_metadata(r);
	}
}

void rescue_done(struct rescue *r)
{
	kspace_free(r->kspace);
	dump_free(r->dump);
	if (r->dir_fd >= 0)
		close(r->dir_fd);
	crash_done(&r->crash);
}

enum crash_outcome rescue_run(const struct plan *plan)
{
	static const struct rescue_step steps[] = {
		{ "modules", step_modules },      { "memory", rescue_open_memory },
		{ "target", step_target },        { "dmesg", rescue_save_dmesg },
		{ "vmcore", rescue_save_vmcore }, { "verify", rescue_verify },
		{ "report", rescue_report },      { "log", rescue_save_log },
		{ "back", rescue_back },
	};
	struct rescue r = {
		.plan = plan,
		.vmcore = "/proc/vmcore",
		.dir_fd = -1,
		.started = clock_seconds(),
		.crash = { .outcome = CRASH_FAILED, .capture_version = strdup(KDUMP_LITE_VERSION) },
	};
	enum crash_outcome outcome;

	rescue_run_steps(&r, steps, ARRAY_SIZE(steps));
	if (r.dir_fd < 0)
		rescue_show_dmesg(&r);
	outcome = r.crash.outcome;
	rescue_done(&r);
	return outcome;
}
