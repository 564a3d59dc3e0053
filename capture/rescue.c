// SPDX-License-Identifier: GPL-2.0-or-later
/* rescue.c - what the steps that save a crashed kernel share, see rescue.h. */
#include "capture/rescue.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "capture/log.h"
#include "capture/place.h"
#include "capture/room.h"
#include "system/procfile.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"

int rescue_need_target(const struct rescue *rescue)
{
	return rescue->dir_fd < 0 ? errf(-ENODEV, "not tried, there is no target") : 0;
}

double rescue_time_left(const struct rescue *rescue)
{
	return rescue->end > 0 ? rescue->end - clock_seconds() : 1e9;
}

int rescue_open_source(const struct rescue *rescue, struct source **ret)
{
	int r = source_open(rescue->vmcore, ret);

	/* The kernel ends who touches a mapped page whose address no page table can hold
	 * (arch/x86/mm/fault.c pgtable_bad(), Linux 6.12). To read it is just an error. */
	if (r == 0 && rescue->again)
		source_map(*ret, false);
	return r;
}

int rescue_open_saved(const struct rescue *rescue, const char *name, struct dump **ret)
{
	int fd = openat(rescue->dir_fd, name, O_RDONLY | O_CLOEXEC), r;
	struct source *source;

	if (fd < 0)
		return errf(-errno, "%s: cannot be opened: %s", name, strerror(errno));
	r = source_from_fd(fd, name, &source);
	return r < 0 ? r : dump_open(source, ret);
}

void rescue_save_metadata(struct rescue *rescue)
{
	struct crash *crash = &rescue->crash;
	int r;

	if (rescue->dir_fd < 0)
		return;
	(void)procfile_bytes(rescue->os->root_fd, "/proc/self/status", "VmHWM",
	                     &crash->peak_memory);
	crash->seconds = clock_seconds() - rescue->started;
	r = crash_save(crash, rescue->dir_fd);
	if (r == -ENOSPC && room_give(rescue))
		r = crash_save(crash, rescue->dir_fd);
	if (r < 0)
		log_error("%s: %s, going on", CRASH_METADATA, err_text(r));
}

/* Notes, in crash.json too, which step comes now; NULL: none. */
static void begin_step(struct rescue *rescue, const struct rescue_step *step)
{
	struct rescue_progress *p = rescue->progress;
	struct crash *crash = &rescue->crash;

	if (p) {
		p->mounted = rescue->mounted;
		p->place = rescue->place;
		p->no_reserve = rescue->no_reserve;
		p->tasks = rescue->tasks;
		if (rescue->dir_fd >= 0 && crash->name)
			snprintf(p->name, sizeof(p->name), "%s", crash->name);
		p->began = clock_seconds();
		p->step = step;
	}
	free(crash->step);
	crash->step = step ? strdup(step->name) : NULL;
	rescue_save_metadata(rescue);
	place_keep(rescue);
}

void rescue_run_steps(struct rescue *rescue, const struct rescue_step *steps, size_t n)
{
	struct crash *crash = &rescue->crash;

	for (size_t i = 0; i < n && crash->n_steps < CRASH_MAX_STEPS; i++) {
		struct crash_step *step;
		double start;
		int r;

		if (steps[i].wanted && !steps[i].wanted(rescue))
			continue;
		/* Should the step end this program, the directory still says how far it came. */
		begin_step(rescue, &steps[i]);
		start = clock_seconds();
		r = steps[i].run(rescue);
		step = &crash->steps[crash->n_steps++];
		*step = (struct crash_step){ .name = strdup(steps[i].name),
			                     .seconds = clock_seconds() - start };
		if (r < 0) {
			step->error = strdup(err_text(r));
			log_error("%s: %s", steps[i].name, err_text(r));
		}
	}
	begin_step(rescue, NULL);
}

void rescue_done(struct rescue *rescue)
{
	kspace_free(rescue->kspace);
	dump_free(rescue->dump);
	room_give(rescue);
	touched_free(rescue->touched);
	place_done(rescue);
	strv_free(rescue->closed);
	if (rescue->dir_fd >= 0)
		close(rescue->dir_fd);
	crash_done(&rescue->crash);
}
