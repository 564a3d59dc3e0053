// SPDX-License-Identifier: GPL-2.0-or-later
/* back.c - the way back into production by kexec, see back.h. */
#include "capture/back.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/kexec.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "capture/log.h"
#include "system/procfile.h"
#include "capture/quiesce.h"
#include "capture/target.h"
#include "system/file.h"
#include "system/piece.h"
#include "config/settings.h"
#include "base/err.h"
#include "base/text.h"

/* A disk that does not answer any more must not keep the machine here. */
#define BACK_SECONDS 90

/* From the jump until the next system's own driver takes the watchdog over. */
#define WATCHDOG_SECONDS 300

#define MAX_OWN 64

/* Of the CPU that this kernel was started on, on which a kexec also leaves it (kernel/reboot.c,
 * migrate_to_reboot_cpu()). What the processor says itself: /proc/cpuinfo has it only where a
 * package holds several cores. */
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

/* What the kernel can do without is given up first, so that the number below tells the truth. */
static uint64_t free_memory(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, "3", 1) < 0)
		log_info("caches cannot be dropped: %s", strerror(errno));
	base_closep(&fd);
	return procfile_number("/proc/meminfo", "MemAvailable");
}

/* Crashes of the last time, by the names of their directories. */
static unsigned count_crashes(const struct rescue *r)
{
	_cleanup_close_ int parent_fd = r->dir_fd < 0 ? -1 : file_open_dir(r->dir_fd, "..");
	time_t now = r->crash.crash_time;
	unsigned n = 0;

	if (parent_fd >= 0 && now)
		n = crash_count(parent_fd, now - (time_t)r->plan->capture.loop_interval, now);
	return MAX(n, 1);
}

static bool waived(const struct plan *plan)
{
	return plan->capture.final_action == FINAL_KEXEC;
}

bool back_is_unwise(const struct back_facts *f, char why[static BACK_WHY_MAX])
{
	char need[TEXT_SIZE_MAX], have[TEXT_SIZE_MAX];
	const struct plan *p = f->plan;

	if (*p->back_obstacle)
		snprintf(why, BACK_WHY_MAX, "%s", p->back_obstacle);
	else if (f->unwritten)
		snprintf(why, BACK_WHY_MAX, "whether all CPUs stopped is not known: %s",
		         f->unwritten);
	else if (f->stopped < p->cpus)
		snprintf(why, BACK_WHY_MAX,
		         "only %u of %" PRIu64
		         " CPUs reported that they stopped, others may still run",
		         f->stopped, p->cpus);
	else if (p->capture.loop_burst && f->crashes >= p->capture.loop_burst)
		snprintf(why, BACK_WHY_MAX,
		         "crash number %u within CrashLoopIntervalSec=", f->crashes);
	else if (f->has_apicid && f->apicid != p->boot_apicid && !waived(p))
		snprintf(why, BACK_WHY_MAX,
		         "the crash was on the CPU with APIC ID %" PRIu64
		         ", and the boot CPU (%" PRIu64 ") would not come up again",
		         f->apicid, p->boot_apicid);
	else if (f->free_memory < p->back_need && !waived(p))
		snprintf(why, BACK_WHY_MAX,
		         "the production kernel needs %s of memory to be loaded, %s are free",
		         text_from_size(p->back_need, need), text_from_size(f->free_memory, have));
	else
		return false;
	return true;
}

/* "System RAM" of /proc/iomem: what the capture kernel runs in. */
static size_t read_own(struct back_range *own)
{
	_cleanup_free_ char *text = NULL;
	char *save = NULL;
	size_t n = 0;

	if (file_read(AT_FDCWD, "/proc/iomem", MIB(1), &text, NULL) < 0)
		return 0;
	for (char *line = strtok_r(text, "\n", &save); line && n < MAX_OWN;
	     line = strtok_r(NULL, "\n", &save)) {
		uint64_t first, last;

		if (*line != ' ' && strstr(line, " : System RAM") &&
		    sscanf(line, "%" SCNx64 "-%" SCNx64, &first, &last) == 2)
			own[n++] = (struct back_range){ first, last + 1 };
	}
	return n;
}

static int make_cmdline(const struct rescue *r, bool fewer, char **ret)
{
	struct back_range own[MAX_OWN], *ram = calloc(MAX(r->dump->n_ram, 1), sizeof(*ram));
	_cleanup_free_ char *words = NULL;
	size_t n_own = read_own(own);
	int e;

	if (!ram)
		return errf(-ENOMEM, "no memory for a command line");
	for (size_t i = 0; i < r->dump->n_ram; i++)
		ram[i] = (struct back_range){ r->dump->ram[i].start << r->dump->page_shift,
			                      r->dump->ram[i].end << r->dump->page_shift };
	e = back_words(r->plan, ram, r->dump->n_ram, own, n_own, fewer, &words);
	free(ram);
	return e < 0 ? e : back_cmdline(r->plan, words, ret);
}

/* The directory below which the plan's paths are. */
static int open_production(const struct rescue *r, int *ret_fd)
{
	const struct plan *p = r->plan;
	const struct target_mount m = {
		.device = p->back_device,
		.fstype = p->back_fstype,
		.options = p->back_mount_options,
		.read_only = true,
		.timeout = p->capture.device_timeout,
	};
	const char *place = TARGET_MOUNT;
	int e;

	/* A file system is mounted once. */
	if (r->dir_fd < 0 || !streq(p->back_device, p->device)) {
		place = TARGET_PRODUCTION;
		e = target_mount_at(&m, place);
		if (e < 0)
			return e;
	}
	*ret_fd = file_open_dir(AT_FDCWD, place);
	return *ret_fd < 0 ? errf(*ret_fd, "%s: %s", place, strerror(-*ret_fd)) : 0;
}

static void pieces_free(struct piece *pieces, size_t n)
{
	for (size_t i = 0; i < n; i++)
		piece_done(&pieces[i]);
	free(pieces);
}

/* -1 in @ret_fd when there are none. */
static int open_pieces(int root_fd, char *const *texts, int scratch_fd, int *ret_fd)
{
	size_t n = strv_length(texts);
	struct piece *pieces = calloc(MAX(n, 1), sizeof(*pieces));
	int e = pieces ? 0 : errf(-ENOMEM, "no memory for a list of files");

	*ret_fd = -1;
	for (size_t i = 0; e == 0 && i < n; i++)
		e = piece_from_text(texts[i], &pieces[i]);
	if (e == 0 && n > 0)
		e = piece_open(root_fd, pieces, n, scratch_fd, ret_fd);
	if (pieces)
		pieces_free(pieces, n);
	return e;
}

static int load(struct rescue *r, const char *cmdline)
{
	_cleanup_close_ int root_fd = -1, kernel_fd = -1, initrd_fd = -1, tmp_fd = -1;
	char *kernel[] = { r->plan->back_kernel, NULL };
	unsigned long flags = 0;
	int e;

	e = open_production(r, &root_fd);
	if (e < 0)
		return e;
	tmp_fd = r->dir_fd < 0 ? file_open_dir(AT_FDCWD, "/tmp") : -1;
	e = open_pieces(root_fd, kernel, MAX(r->dir_fd, tmp_fd), &kernel_fd);
	if (e == 0)
		e = open_pieces(root_fd, r->plan->back_initrds, MAX(r->dir_fd, tmp_fd), &initrd_fd);
	if (e < 0)
		return e;
	if (initrd_fd < 0)
		flags |= KEXEC_FILE_NO_INITRAMFS;
	if (syscall(SYS_kexec_file_load, kernel_fd, initrd_fd, strlen(cmdline) + 1, cmdline,
	            flags) < 0)
		return errf(-errno, "%s: the kernel does not load it: %s", r->plan->back_kernel,
		            strerror(errno));
	return 0;
}

/* Everything of the dump that is needed later has been copied by then. */
static void drop_dump(struct rescue *r)
{
	kspace_free(r->kspace);
	r->kspace = NULL;
	dump_free(r->dump);
	r->dump = NULL;
}

/* Before the load: what is loaded is started, whatever becomes of this program. */
static void quiesce(void)
{
	_cleanup_close_ int root_fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	unsigned n = quiesce_pci(root_fd);

	if (n > 0)
		log_info("%u PCI devices without a driver enabled, so that they can be stopped", n);
	quiesce_arm_watchdog(WATCHDOG_SECONDS);
}

static void conclude(struct rescue *r, const char *action, const char *reason)
{
	free(r->crash.final_action);
	free(r->crash.final_reason);
	r->crash.final_action = strdup(action);
	r->crash.final_reason = strdup(reason);
}

/* 0: by kexec; 1: not, with the reason in @why. */
static int try_kexec(struct rescue *r, char why[static BACK_WHY_MAX])
{
	struct back_facts f = { .plan = r->plan, .crashes = count_crashes(r) };
	_cleanup_free_ char *cmdline = NULL;
	bool fewer;
	int e = 0;

	f.has_apicid = own_apicid(&f.apicid);
	fewer = f.has_apicid && f.apicid != r->plan->boot_apicid;
	f.unwritten = r->dump ? NULL : "the vmcore could not be opened";
	if (r->dump) {
		f.stopped = r->dump->n_cpus;
		e = make_cmdline(r, fewer, &cmdline);
	}
	drop_dump(r);
	f.free_memory = free_memory();
	if (back_is_unwise(&f, why))
		return 1;
	if (e == 0) {
		quiesce();
		e = load(r, cmdline);
	}
	if (e < 0)
		return e;
	snprintf(why, BACK_WHY_MAX, "%s",
	         fewer ? "the boot CPU stays off, since the crash was on another one" : "");
	return 0;
}

int rescue_back(struct rescue *r)
{
	char why[BACK_WHY_MAX] = "";
	int e;

	if (r->plan->capture.final_action != FINAL_AUTO &&
	    r->plan->capture.final_action != FINAL_KEXEC) {
		conclude(r, settings_final_actions[r->plan->capture.final_action], "");
		return 0;
	}
	/* This stays on the disk when the rest ends this program or is ended by the alarm. */
	conclude(r, "reboot", "the preparation of a kexec did not come to an end");
	rescue_save_metadata(r);
	alarm(BACK_SECONDS);
	e = try_kexec(r, why);
	if (e < 0)
		snprintf(why, sizeof(why), "%s", err_text(e));
	if (e != 0) {
		conclude(r, "reboot", why);
		log_info("not back by kexec: %s", why);
	} else {
		conclude(r, "kexec", why);
		log_info("production kernel %s loaded", r->plan->back_kernel);
	}
	alarm(0);
	return MIN(e, 0);
}

bool back_is_loaded(void)
{
	static const char *const places[] = { "/sys/kernel/kexec/loaded",
		                              "/sys/kernel/kexec_loaded" };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		_cleanup_free_ char *text = NULL;

		if (file_read(AT_FDCWD, places[i], KIB(4), &text, NULL) == 0)
			return *text == '1';
	}
	return false;
}
