// SPDX-License-Identifier: GPL-2.0-or-later
/* return.c - the way back into production by kexec, see return.h. */
#include "capture/return.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <sys/utsname.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "capture/limited.h"
#include "capture/log.h"
#include "capture/place.h"
#include "capture/quiesce.h"
#include "capture/target.h"
#include "system/file.h"
#include "system/piece.h"
#include "system/procfile.h"
#include "system/tree.h"
#include "config/settings.h"
#include "base/err.h"
#include "base/text.h"

/* A disk that does not answer any more must not keep the machine here. */
#define RETURN_SECONDS 90

/* Of these for a mount, beside the time that it waits for the disk. */
#define MOUNT_SECONDS 30

/* The APIC ID of the CPU that this kernel was started on. A kexec leaves the kernel on that CPU too
 * (kernel/reboot.c, migrate_to_reboot_cpu()). The processor is asked, since /proc/cpuinfo has the
 * number only where a package holds several cores. */
static bool own_apicid(uint64_t *ret)
{
#if defined(__x86_64__)
	unsigned a, b, c, d;
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	if (sched_setaffinity(0, sizeof(first), &first) < 0)
		return false;
	/* Leaf 11 has all 32 bits where it exists (EBX is not 0), else leaf 1 has eight. */
	if (__get_cpuid_count(0xb, 0, &a, &b, &c, &d) && b != 0) {
		*ret = d;
		return true;
	}
	if (__get_cpuid(1, &a, &b, &c, &d)) {
		*ret = b >> 24;
		return true;
	}
#endif
	return false;
}

/* Bytes of memory that a load may take. The kernel gives up its caches first. */
static uint64_t free_memory(const struct os *os)
{
	uint64_t bytes;
	int r = tree_write(os->root_fd, "/proc/sys/vm/drop_caches", "3");

	if (r < 0)
		log_info("caches cannot be dropped: %s", err_text(r));
	return procfile_bytes(os->root_fd, "/proc/meminfo", "MemAvailable", &bytes) < 0 ? 0 : bytes;
}

/* Counts the crashes within the plan's interval, this one included, by the names of directories. */
static unsigned count_crashes(const struct rescue *rescue)
{
	_cleanup_close_ int parent_fd = -1;
	time_t now = rescue->crash.crash_time;

	if (rescue->dir_fd < 0 || !now)
		return 1;
	parent_fd = file_open_dir(rescue->dir_fd, "..");
	if (parent_fd < 0)
		return 1;
	return MAX(crash_count(parent_fd, now - (time_t)rescue->plan->capture.loop_interval, now),
	           1);
}

static bool waived(const struct plan *plan)
{
	return plan->capture.final_action == FINAL_KEXEC;
}

bool return_is_unwise(const struct return_facts *f, char why[static RETURN_WHY_MAX])
{
	char need[TEXT_SIZE_MAX], have[TEXT_SIZE_MAX];
	const struct plan *p = f->plan;

	if (f->hangs)
		snprintf(why, RETURN_WHY_MAX, "a driver hangs, and a kexec would wait for it");
	else if (*p->back_obstacle)
		snprintf(why, RETURN_WHY_MAX, "%s", p->back_obstacle);
	else if (f->unwritten)
		snprintf(why, RETURN_WHY_MAX, "whether all CPUs stopped is not known: %s",
		         f->unwritten);
	else if (f->stopped < p->cpus)
		snprintf(why, RETURN_WHY_MAX,
		         "only %u of %" PRIu64
		         " CPUs reported that they stopped, others may still run",
		         f->stopped, p->cpus);
	else if (p->capture.loop_burst && f->crashes >= p->capture.loop_burst)
		snprintf(why, RETURN_WHY_MAX,
		         "crash number %u within CrashLoopIntervalSec=", f->crashes);
	else if (f->has_apicid && f->apicid != p->boot_apicid && !waived(p))
		snprintf(why, RETURN_WHY_MAX,
		         "the crash was on the CPU with APIC ID %" PRIu64
		         ", and the boot CPU (%" PRIu64 ") would not come up again",
		         f->apicid, p->boot_apicid);
	else if (f->free_memory < p->back_need && !waived(p))
		snprintf(why, RETURN_WHY_MAX,
		         "the production kernel needs %s of memory to be loaded, %s are free",
		         text_from_size(p->back_need, need), text_from_size(f->free_memory, have));
	else
		return false;
	return true;
}

static int make_cmdline(const struct rescue *rescue, bool fewer, char **ret)
{
	const struct dump *dump = rescue->dump;
	_cleanup_free_ struct iomem_range *own = NULL, *ram = NULL;
	_cleanup_free_ char *words = NULL;
	size_t n_own = 0;
	int r;

	ram = calloc(MAX(dump->n_ram, 1), sizeof(*ram));
	if (!ram)
		return oom("a command line");
	for (size_t i = 0; i < dump->n_ram; i++)
		ram[i] = (struct iomem_range){ dump->ram[i].start << dump->page_shift,
			                       dump->ram[i].end << dump->page_shift };
	r = iomem_read(rescue->os->root_fd, "System RAM", 0, &own, &n_own);
	if (r < 0)
		log_error("%s, going on", err_text(r));
	r = return_words(rescue->plan, ram, dump->n_ram, own, n_own, fewer, &words);
	return r < 0 ? r : return_cmdline(rescue->plan, words, ret);
}

struct production_mount {
	const struct os *os;
	const struct target_mount *mount;
};

static int mount_production(void *arg)
{
	const struct production_mount *p = arg;

	return target_mount_at(p->os, p->mount, TARGET_PRODUCTION);
}

/* The directory below which the plan's paths are. */
static int open_production(struct rescue *rescue, int *ret_fd)
{
	const struct plan *p = rescue->plan;
	const struct target_mount m = {
		.device = p->back_device,
		.facts = p->back_device_facts,
		.fstype = p->back_fstype,
		.options = p->back_mount_options,
		.read_only = true,
		.timeout = p->capture.device_timeout,
	};
	struct production_mount call = { rescue->os, &m };
	const struct limited mount = {
		.work = mount_production,
		.arg = &call,
		.what = "the mount",
		.waits = m.timeout,
		.seconds = MOUNT_SECONDS,
	};
	const char *place = TARGET_MOUNT;
	int r;

	/* A file system is mounted once. */
	if (!rescue->mounted || !streq(p->back_device, p->device) ||
	    !strv_equal(p->back_device_facts, p->device_facts)) {
		place = TARGET_PRODUCTION;
		r = limited(rescue, &mount);
		if (r < 0)
			return r;
	}
	r = tree_open(rescue->os->root_fd, place, O_RDONLY | O_DIRECTORY);
	if (r < 0)
		return r;
	*ret_fd = r;
	return 0;
}

struct pieces {
	struct piece *list;
	size_t n;
};

static void pieces_done(struct pieces *pieces)
{
	for (size_t i = 0; i < pieces->n; i++)
		piece_done(&pieces->list[i]);
	free(pieces->list);
}

/* -1 in @ret_fd when there are none. */
static int open_pieces(int root_fd, char *const *texts, int scratch_fd, int *ret_fd)
{
	_cleanup_(pieces_done) struct pieces pieces = {};
	size_t n = strv_length(texts);

	*ret_fd = -1;
	if (n == 0)
		return 0;
	pieces.list = calloc(n, sizeof(*pieces.list));
	if (!pieces.list)
		return oom("a list of files");
	for (; pieces.n < n; pieces.n++) {
		int r = piece_from_text(texts[pieces.n], &pieces.list[pieces.n]);

		if (r < 0)
			return r;
	}
	return piece_open(root_fd, pieces.list, n, scratch_fd, ret_fd);
}

/* By the way that this kernel has. */
static int hand_over(const struct os *os, const char *kernel, int kernel_fd, int initrd_fd,
                     const char *cmdline)
{
	struct utsname uts;
	const struct either_request req = {
		.root_fd = os->root_fd,
		.machine = uts.machine,
		.place = KEXEC_NEXT,
		.kernel_fd = kernel_fd,
		.image_fd = initrd_fd,
		.cmdline = cmdline,
		.what = kernel,
		.files = os->kexec,
		.pieces = os->pieces,
	};
	uint32_t digest;
	int r;

	uname(&uts);
	r = kexec_next_possible(uts.machine, uts.release);
	if (r < 0)
		return r;
	r = os->either ? os->either(&req, &digest)
	               : kexec_load_next(os->root_fd, os->kexec, kernel_fd, initrd_fd, cmdline);
	return r < 0 ? err_prefix(r, "%s", kernel) : 0;
}

static int load_kernel(struct rescue *rescue, const char *cmdline)
{
	_cleanup_close_ int root_fd = -1, kernel_fd = -1, initrd_fd = -1, tmp_fd = -1;
	const struct os *os = rescue->os;
	const struct plan *plan = rescue->plan;
	char *kernel[] = { plan->back_kernel, NULL };
	int scratch_fd = rescue->dir_fd, r;

	r = open_production(rescue, &root_fd);
	if (r < 0)
		return r;
	if (scratch_fd < 0)
		scratch_fd = tmp_fd = tree_open(os->root_fd, "/tmp", O_RDONLY | O_DIRECTORY);
	if ((r = open_pieces(root_fd, kernel, scratch_fd, &kernel_fd)) < 0 ||
	    (r = open_pieces(root_fd, plan->back_initrds, scratch_fd, &initrd_fd)) < 0)
		return r;
	return hand_over(os, plan->back_kernel, kernel_fd, initrd_fd, cmdline);
}

/* Comes before the load: once a kernel is loaded it is started, whatever becomes of it. */
static void quiesce(const struct os *os)
{
	unsigned n = quiesce_pci(os->root_fd);

	if (n > 0)
		log_info("%u PCI devices without a driver enabled, so that they can be stopped", n);
}

static void conclude(struct crash *crash, const char *action, const char *reason)
{
	free(crash->final_action);
	free(crash->final_reason);
	crash->final_action = strdup(action);
	crash->final_reason = strdup(reason);
}

/* 0: by kexec; 1: not, with the reason in @why. */
static int try_kexec(struct rescue *rescue, char why[static RETURN_WHY_MAX])
{
	const struct plan *plan = rescue->plan;
	struct return_facts f = { .plan = plan,
		                  .crashes = count_crashes(rescue),
		                  .hangs = rescue->hangs };
	_cleanup_free_ char *cmdline = NULL, *fault = NULL;
	bool fewer;
	int r = 0;

	f.has_apicid = own_apicid(&f.apicid);
	fewer = f.has_apicid && f.apicid != plan->boot_apicid;
	f.unwritten = rescue->dump ? NULL : "the vmcore could not be opened";
	if (rescue->dump) {
		f.stopped = rescue->dump->n_cpus;
		r = make_cmdline(rescue, fewer, &cmdline);
		/* It counts only where nothing speaks against a kexec. */
		fault = r < 0 ? strdup(err_text(r)) : NULL;
	}
	/* Frees the memory that a load may need. Only a log that is nowhere yet is read later. */
	if (place_has_log(rescue)) {
		kspace_free(rescue->kspace);
		rescue->kspace = NULL;
		dump_free(rescue->dump);
		rescue->dump = NULL;
	}
	f.free_memory = free_memory(rescue->os);
	if (return_is_unwise(&f, why))
		return 1;
	if (r < 0)
		return errf(r, "%s", fault ?: strerror(-r));
	quiesce(rescue->os);
	r = load_kernel(rescue, cmdline);
	if (r < 0)
		return r;
	snprintf(why, RETURN_WHY_MAX, "%s",
	         fewer ? "the boot CPU stays off, since the crash was on another one" : "");
	return 0;
}

int rescue_return(struct rescue *rescue)
{
	const struct plan *plan = rescue->plan;
	char why[RETURN_WHY_MAX] = "";
	int r;

	if (plan->capture.final_action != FINAL_AUTO && plan->capture.final_action != FINAL_KEXEC) {
		conclude(&rescue->crash, settings_final_actions[plan->capture.final_action], "");
		return 0;
	}
	/* This stays on the disk when the rest ends this program or is ended by the alarm. */
	conclude(&rescue->crash, "reboot", "the preparation of a kexec did not come to an end");
	rescue_save_metadata(rescue);
	alarm(RETURN_SECONDS);
	r = try_kexec(rescue, why);
	if (r < 0)
		snprintf(why, sizeof(why), "%s", err_text(r));
	if (r != 0) {
		conclude(&rescue->crash, "reboot", why);
		log_info("not back by kexec: %s", why);
	} else {
		conclude(&rescue->crash, "kexec", why);
		log_info("production kernel %s loaded", plan->back_kernel);
	}
	alarm(0);
	return MIN(r, 0);
}
