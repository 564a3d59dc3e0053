// SPDX-License-Identifier: GPL-2.0-or-later
/* rescue.c - saves what can be saved of a crashed kernel, see rescue.h. */
#include "capture/rescue.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/klog.h>
#include <sys/random.h>
#include <time.h>

#include "capture/log.h"
#include "capture/modules.h"
#include "capture/target.h"
#include "vmcore/base/err.h"
#include "vmcore/base/text.h"
#include "vmcore/format/save.h"
#include "vmcore/io/sink.h"
#include "vmcore/kernel/dmesg.h"
#include "vmcore/kernel/filter.h"

/* Commands of syslog(2). */
#define SYSLOG_READ_ALL 3
#define SYSLOG_SIZE     10

#define PROGRESS_SECONDS 5

double rescue_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

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

static int step_target(struct rescue *r)
{
	_cleanup_free_ char *name = NULL;
	uint32_t id;
	int e;

	/* Two crashes may have the same second; early in the boot there may be no randomness yet.
	 */
	if (getrandom(&id, sizeof(id), GRND_NONBLOCK) != sizeof(id))
		id = rescue_clock() * 1e9;
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

static int rescue_need_target(const struct rescue *r)
{
	return r->dir_fd < 0 ? errf(-ENODEV, "not tried, there is no target") : 0;
}

static int write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		len -= n;
	}
	return 0;
}

static int emit_to_fd(void *arg, const char *text, size_t len)
{
	int r = write_all(*(int *)arg, text, len);

	return r < 0 ? errf(r, "kernel log: cannot be written: %s", strerror(-r)) : 0;
}

/* The panic message stands near the end of the log. */
static void rescue_find_panic(struct rescue *r, int fd)
{
	static char tail[KIB(64) + 1];
	off_t size = lseek(fd, 0, SEEK_END);
	ssize_t n;

	r->crash.dmesg_size = MAX(size, 0);
	n = pread(fd, tail, sizeof(tail) - 1,
	          size > (off_t)sizeof(tail) - 1 ? size - (off_t)sizeof(tail) + 1 : 0);
	if (n < 0)
		return;
	tail[n] = '\0';
	if (dmesg_panic_message(tail, &r->crash.panic_message) == 0)
		log_info("panic: %s", r->crash.panic_message);
}

int rescue_save_dmesg(struct rescue *r)
{
	_cleanup_close_ int fd = -1;
	int e;

	e = rescue_need_target(r);
	if (e < 0)
		return e;
	if (!r->kspace)
		return errf(-ENODATA, "kernel log: cannot be found without VMCOREINFO");
	fd = openat(r->dir_fd, CRASH_DMESG, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errf(-errno, "%s: %s", CRASH_DMESG, strerror(errno));
	e = dmesg_write(r->kspace, emit_to_fd, &fd);
	if (e < 0)
		return e;
	if (fsync(fd) < 0 || fsync(r->dir_fd) < 0)
		return errf(-errno, "%s: cannot be written to the disk: %s", CRASH_DMESG,
		            strerror(errno));
	rescue_find_panic(r, fd);
	r->crash.outcome = CRASH_DMESG_ONLY;
	log_info("dmesg saved, %d records", e);
	return 0;
}

static void rescue_progress(void *arg, uint64_t done, uint64_t total)
{
	struct rescue *r = arg;
	double now = rescue_clock();

	if (now - r->last_progress < PROGRESS_SECONDS)
		return;
	r->last_progress = now;
	log_info("vmcore %u%%, %llu of %llu MiB of memory", (unsigned)(done * 100 / MAX(total, 1)),
	         (unsigned long long)(done << r->dump->page_shift >> 20),
	         (unsigned long long)(total << r->dump->page_shift >> 20));
}

static int rescue_filter(struct rescue *r, struct bitmap *keep)
{
	struct crash_pages *p = &r->crash.pages;
	struct filter_result f;
	int e;

	e = filter_run(r->dump, r->kspace, r->plan->level, keep, &f);
	if (e < 0)
		return e;
	if (f.remark[0])
		log_info("filter: %s", f.remark);
	p->free = f.excluded[PAGE_FREE];
	p->cache = f.excluded[PAGE_CACHE];
	p->private_cache = f.excluded[PAGE_PRIVATE_CACHE];
	p->user = f.excluded[PAGE_USER];
	p->hwpoison = f.excluded[PAGE_HWPOISON];
	p->offline = f.excluded[PAGE_OFFLINE];
	p->unaccepted = f.excluded[PAGE_UNACCEPTED];
	log_info("filter: %llu of %llu pages kept",
	         (unsigned long long)bitmap_count(keep, 0, keep->bits),
	         (unsigned long long)f.total);
	return 0;
}

static void rescue_fill_header(const struct rescue *r, struct save_options *o)
{
	const struct arch *arch = arch_find(r->dump);
	struct kspace_uts uts;

	o->crash_time = r->crash.crash_time;
	o->phys_base = arch ? arch->phys_base(r->dump) : 0;
	if (r->kspace && kspace_uts(r->kspace, &uts) == 0)
		memcpy(o->uts, &uts, sizeof(o->uts));
	else if (arch)
		snprintf(o->uts[4], sizeof(o->uts[4]), "%s", arch->machine);
}

static int rescue_write(struct rescue *r, const struct bitmap *keep, struct sink *sink)
{
	uint64_t threads = r->plan->threads ?: (uint64_t)sysconf(_SC_NPROCESSORS_ONLN);
	struct save_options o = {
		.level = r->plan->level,
		.threads = MAX(threads, 1),
		.progress = rescue_progress,
		.arg = r,
	};
	struct save_result result;
	int e;

	e = codec_parse(r->plan->compress, &o.codec, &o.codec_level);
	if (e < 0)
		return e;
	rescue_fill_header(r, &o);
	r->last_progress = rescue_clock();
	e = save_kdump(r->dump, keep, &o, sink, &result);
	r->crash.level = o.level;
	r->crash.codec = strdup(o.codec->name);
	r->crash.pages.saved = result.pages;
	r->crash.pages.zero = result.zero;
	r->crash.pages.unreadable = result.unreadable;
	r->crash.vmcore_size = result.file_size;
	return e;
}

int rescue_save_vmcore(struct rescue *r)
{
	_cleanup_(sink_freep) struct sink *sink = NULL;
	_cleanup_(bitmap_done) struct bitmap keep = {};
	char size[TEXT_SIZE_MAX];
	int e;

	e = rescue_need_target(r);
	if (e < 0)
		return e;
	if (!r->dump)
		return errf(-ENODATA, "%s: not tried, it could not be opened", r->vmcore);
	if ((e = filter_all(r->dump, &keep)) < 0 || (e = rescue_filter(r, &keep)) < 0 ||
	    (e = sink_create(r->dir_fd, CRASH_VMCORE_INCOMPLETE, &sink)) < 0)
		return e;
	r->crash.outcome = CRASH_INCOMPLETE;
	e = rescue_write(r, &keep, sink);
	if (e < 0)
		return e;
	if (renameat(r->dir_fd, CRASH_VMCORE_INCOMPLETE, r->dir_fd, CRASH_VMCORE) < 0 ||
	    fsync(r->dir_fd) < 0)
		return errf(-errno, "%s: cannot be renamed: %s", CRASH_VMCORE, strerror(errno));
	r->crash.outcome = CRASH_COMPLETE;
	log_info("vmcore saved, %s in %.1f s", text_from_size(r->crash.vmcore_size, size),
	         rescue_clock() - r->started);
	return 0;
}

/* Takes the "<6>" in front of each line away, in place; returns the length that is left. */
static size_t drop_priorities(char *log, size_t len)
{
	char *out = log;
	bool line_start = true;

	for (size_t i = 0; i < len; i++) {
		if (line_start && log[i] == '<') {
			size_t digits = strspn(log + i + 1, "0123456789");

			if (digits > 0 && log[i + 1 + digits] == '>') {
				i += 1 + digits;
				line_start = false;
				continue;
			}
		}
		line_start = log[i] == '\n';
		*out++ = log[i];
	}
	return out - log;
}

/* The kernel log of the capture kernel, which also holds what this program said. */
static int step_log(struct rescue *r)
{
	_cleanup_free_ char *log = NULL;
	_cleanup_close_ int fd = -1;
	int size, e;

	e = rescue_need_target(r);
	if (e < 0)
		return e;
	size = klogctl(SYSLOG_SIZE, NULL, 0);
	if (size <= 0 || !(log = calloc(1, size + 1)) ||
	    (size = klogctl(SYSLOG_READ_ALL, log, size)) < 0)
		return errf(-errno, "the capture kernel's log cannot be read: %s", strerror(errno));
	fd = openat(r->dir_fd, CRASH_CAPTURE_LOG, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errf(-errno, "%s: %s", CRASH_CAPTURE_LOG, strerror(errno));
	e = write_all(fd, log, drop_priorities(log, size));
	return e < 0 ? errf(e, "%s: %s", CRASH_CAPTURE_LOG, strerror(-e)) : 0;
}

/* The last words of the crashed kernel, when there is nowhere else to put them. */
static void rescue_show_dmesg(struct rescue *r)
{
	_cleanup_close_ int fd = open("/dev/console", O_WRONLY | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 || !r->kspace)
		return;
	log_info("nothing can be saved; the log of the crashed kernel follows");
	dmesg_write(r->kspace, emit_to_fd, &fd);
}

static uint64_t peak_memory(void)
{
	_cleanup_free_ char *line = NULL;
	unsigned long long kib = 0;
	size_t size = 0;
	FILE *f;

	f = fopen("/proc/self/status", "re");
	if (!f)
		return 0;
	while (getline(&line, &size, f) > 0 && sscanf(line, "VmHWM: %llu", &kib) != 1)
		;
	fclose(f);
	return KIB(kib);
}

static void rescue_save_metadata(struct rescue *r)
{
	int e;

	if (r->dir_fd < 0)
		return;
	r->crash.peak_memory = peak_memory();
	r->crash.seconds = rescue_clock() - r->started;
	e = crash_save(&r->crash, r->dir_fd);
	if (e < 0)
		log_error("%s: %s, going on", CRASH_METADATA, err_text(e));
}

void rescue_run_steps(struct rescue *r, const struct rescue_step *steps, size_t n)
{
	for (size_t i = 0; i < n && r->crash.n_steps < CRASH_MAX_STEPS; i++) {
		struct crash_step *s = &r->crash.steps[r->crash.n_steps++];
		double start = rescue_clock();
		int e = steps[i].run(r);

		*s = (struct crash_step){ .name = strdup(steps[i].name),
			                  .seconds = rescue_clock() - start };
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
		{ "vmcore", rescue_save_vmcore }, { "log", step_log },
	};
	struct rescue r = {
		.plan = plan,
		.vmcore = "/proc/vmcore",
		.dir_fd = -1,
		.started = rescue_clock(),
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
