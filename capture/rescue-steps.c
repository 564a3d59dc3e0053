// SPDX-License-Identifier: GPL-2.0-or-later
/* rescue-steps.c - the steps of a capture and their order, see rescue-steps.h. */
#include "capture/rescue-steps.h"

#include <sys/random.h>
#include <time.h>

#include "capture/insmod.h"
#include "capture/limited.h"
#include "capture/log.h"
#include "capture/return.h"
#include "capture/place.h"
#include "capture/quiesce.h"
#include "capture/room.h"
#include "base/clock.h"
#include "base/err.h"

/* To wake a device takes up to a tenth of a second. */
#define MASTERS_SECONDS 10.0

static int stop_masters(void *arg)
{
	const struct rescue *rescue = arg;
	unsigned n = quiesce_masters(rescue->os->root_fd);

	if (n > 0)
		log_info("%u PCI devices without a driver stopped", n);
	return 0;
}

/* What still writes to memory is stopped before anything else. */
static int step_modules(struct rescue *rescue)
{
	const struct limited stop = {
		.work = stop_masters,
		.arg = rescue,
		.what = "PCI devices",
		.seconds = MASTERS_SECONDS,
	};
	int r = limited(rescue, &stop);

	if (r < 0)
		log_error("%s, going on", err_text(r));
	return insmod_all(rescue);
}

/* Notes what VMCOREINFO and the kernel itself say about the crash. */
static void identify(struct rescue *rescue)
{
	const struct dump *dump = rescue->dump;
	const struct vmcoreinfo *vi = &dump->vmcoreinfo;
	struct crash *crash = &rescue->crash;
	struct kspace_uts uts = {};
	uint64_t crash_time;
	char buf[128];

	if (rescue->kspace)
		kspace_uts(rescue->kspace, &uts);
	if (vmcoreinfo_plain(vi, "CRASHTIME", 10, &crash_time))
		crash->crash_time = crash_time;
	crash->kernel_release = strdup(vmcoreinfo_copy(vi, "OSRELEASE", buf, sizeof(buf)));
	crash->build_id = strdup(vmcoreinfo_copy(vi, "BUILD-ID", buf, sizeof(buf)));
	crash->kernel_version = strdup(uts.version);
	crash->hostname = strdup(uts.nodename);
	crash->machine = strdup(uts.machine);
	crash->cpus = dump->n_cpus;
	for (size_t i = 0; i < dump->n_ram; i++)
		crash->pages.total += dump->ram[i].end - dump->ram[i].start;
	crash->memory_size = crash->pages.total << dump->page_shift;
}

/* Without memory for it there is no mini dump. */
static void note_touched(struct rescue *rescue)
{
	struct bitmap none;

	if (dump_bitmap(rescue->dump, &none) == 0)
		(void)touched_new(&none, &rescue->touched);
	rescue->dump->touched = rescue->touched;
}

int rescue_open_memory(struct rescue *rescue)
{
	struct source *source;
	int r;

	if ((r = rescue_open_source(rescue, &source)) < 0 ||
	    (r = dump_open(source, &rescue->dump)) < 0)
		return r;
	note_touched(rescue);
	r = kspace_open(rescue->dump, &rescue->kspace);
	if (!rescue->crash.memory_size)
		identify(rescue);
	return r < 0 ? err_prefix(r, "going on with a dump of all memory") : 0;
}

int rescue_make_target(struct rescue *rescue)
{
	_cleanup_free_ char *name = NULL;
	uint32_t id;
	int r;

	/* Two crashes may have the same second; early in the boot there may be no randomness. */
	if (getrandom(&id, sizeof(id), GRND_NONBLOCK) != sizeof(id))
		id = clock_seconds() * 1e9;
	r = crash_make_name(rescue->crash.crash_time ?: time(NULL), id, &name);
	if (r < 0)
		return r;
	r = place_open(rescue, name);
	rescue->crash.name = TAKE_PTR(name);
	return r;
}

const struct rescue_step rescue_steps[RESCUE_STEPS] = {
	{ "modules", step_modules },
	{ "memory", rescue_open_memory, .opens = true },
	{ "target", rescue_make_target },
	{ "dmesg", rescue_save_dmesg, .again = true },
	{ "report", rescue_report },
	{ "mini", rescue_save_mini },
	{ "pre", rescue_pre_hooks, .wanted = rescue_has_pre_hooks, .slow = true },
	{ "vmcore", rescue_save_vmcore, .again = true, .slow = true },
	{ "verify", rescue_verify, .slow = true },
	{ "post", rescue_post_hooks, .wanted = rescue_has_post_hooks },
	{ "log", rescue_save_log },
	{ "back", rescue_return },
};
