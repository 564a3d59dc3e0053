// SPDX-License-Identifier: GPL-2.0-or-later
/* dumpfile.c - what a dump tells about itself, see dumpfile.h. */
#include "loader/crashes/dumpfile.h"

#include <errno.h>
#include <stdio.h>

#include "base/printable.h"
#include "loader/crashes/crashlog.h"
#include "base/err.h"
#include "vmcore/kernel/dmesg.h"
#include "vmcore/report/fingerprint.h"
#include "vmcore/log/title.h"

int dumpfile_open(const char *path, struct dump **ret)
{
	struct source *source;
	int r = source_open(path, &source);

	return r < 0 ? r : dump_open(source, ret);
}

/* A dmesg_emit_fn. */
static int write_text(void *arg, const char *text, size_t len)
{
	return fwrite(text, 1, len, arg) == len ? 0 : oom("the kernel log");
}

static int read_log(struct kspace *ks, char **ret, size_t *ret_len)
{
	_cleanup_free_ char *log = NULL;
	size_t len = 0;
	FILE *f;
	int r;

	f = open_memstream(&log, &len);
	if (!f)
		return oom("the kernel log");
	r = dmesg_write(ks, write_text, f);
	if (fclose(f) != 0 && r >= 0)
		r = oom("the kernel log");
	if (r < 0)
		return r;
	if (r == 0)
		return errf(-ENODATA, "the kernel log has no record");
	*ret = TAKE_PTR(log);
	*ret_len = len;
	return 0;
}

int dumpfile_log(const struct dump *d, char **ret, size_t *ret_len)
{
	_cleanup_(kspace_freep) struct kspace *ks = NULL;
	int r = kspace_open(d, &ks);

	return r < 0 ? r : read_log(ks, ret, ret_len);
}

/* Takes @value for @field when that is empty. */
static int learn(char **field, const char *value)
{
	return crashlog_learn_text(field, value, strlen(value));
}

static int learn_note(char **field, const struct vmcoreinfo *vi, const char *key)
{
	char buf[256];

	return learn(field, vmcoreinfo_copy(vi, key, buf, sizeof(buf)));
}

static int learn_from_headers(const struct dump *d, struct crash *c)
{
	const struct vmcoreinfo *vi = &d->vmcoreinfo;
	const struct arch *arch = arch_find(d);
	uint64_t time = 0;
	int r;

	if (c->pages.total == 0) {
		for (size_t i = 0; i < d->n_ram; i++)
			c->pages.total += d->ram[i].end - d->ram[i].start;
		c->memory_size = c->pages.total << d->page_shift;
	}
	if (c->cpus == 0)
		c->cpus = d->n_cpus;
	if (c->level == 0)
		c->level = d->level;
	if (c->vmcore_size == 0)
		for (size_t i = 0; i < d->n_parts; i++)
			c->vmcore_size += source_size(d->parts[i]);
	if (c->outcome == CRASH_UNKNOWN)
		c->outcome = d->state == DUMP_COMPLETE ? CRASH_COMPLETE : CRASH_INCOMPLETE;
	if (c->crash_time == 0 && vmcoreinfo_plain(vi, "CRASHTIME", 10, &time))
		c->crash_time = MIN(time, UINT64_C(253402300799));
	if ((r = learn_note(&c->kernel_release, vi, "OSRELEASE")) < 0 ||
	    (r = learn_note(&c->build_id, vi, "BUILD-ID")) < 0)
		return r;
	return learn(&c->machine, arch ? arch->machine : d->machine);
}

static int learn_from_kernel(const struct dump *d, struct crash *c)
{
	_cleanup_(kspace_freep) struct kspace *ks = NULL;
	_cleanup_free_ char *log = NULL, *message = NULL;
	struct kspace_uts uts = {};
	size_t len;
	int r = kspace_open(d, &ks);

	if (r < 0)
		return r;
	kspace_uts(ks, &uts);
	if ((r = learn(&c->hostname, uts.nodename)) < 0 ||
	    (r = learn(&c->kernel_version, uts.version)) < 0 || (r = read_log(ks, &log, &len)) < 0)
		return r;
	r = title_of_log(log, &message);
	return r == -ENODATA ? 0 : r < 0 ? r : learn(&c->panic_message, message);
}

static int learn_fingerprint(const struct dump *d, struct crash *c)
{
	_cleanup_(report_freep) struct report *report = NULL;
	struct fingerprint f;
	int r;

	if (*c->fingerprint)
		return 0;
	r = report_open(d, &report);
	if (r < 0)
		return r;
	return fingerprint_of_report(report, &f) == 0 ? crashlog_set_fingerprint(c, &f) : 0;
}

int dumpfile_describe(const struct dump *d, struct crash *c, char **ret_note)
{
	const char *text;
	int r;

	*ret_note = NULL;
	r = learn_from_headers(d, c);
	if (r < 0)
		return r;
	if ((r = learn_from_kernel(d, c)) >= 0 && (r = learn_fingerprint(d, c)) >= 0)
		return 0;
	if (r == -ENOMEM)
		return r;
	text = err_text(r);
	return printable(text, strlen(text), false, ret_note);
}
