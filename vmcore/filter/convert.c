// SPDX-License-Identifier: GPL-2.0-or-later
/* convert.c - what of a dump goes into another one made of it, see convert.h. */
#include "vmcore/filter/convert.h"

#include <errno.h>
#include <stdio.h>

#include "base/err.h"
#include "vmcore/format/elf-header.h"

void convert_done(struct convert *c)
{
	kspace_free(c->ks);
	bitmap_done(&c->keep);
	bitmap_done(&c->needed);
	*c = (struct convert){};
}

int convert_open(const struct dump *d, struct convert *ret)
{
	_cleanup_(convert_done) struct convert c = {};
	int r;

	r = kspace_open(d, &c.ks);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		snprintf(c.remark, sizeof(c.remark), "%.255s", err_text(r));
	r = filter_needed(d, c.ks, &c.needed);
	if (r < 0)
		return r;
	*ret = c;
	c = (struct convert){};
	return 0;
}

int convert_pages(const struct dump *d, bool lost, struct bitmap *ret)
{
	_cleanup_(bitmap_done) struct bitmap pages = {};
	int r;

	r = filter_all(d, &pages);
	if (r == 0)
		r = dump_clear_missing(d, lost, &pages);
	if (r < 0)
		return r;
	*ret = pages;
	pages = (struct bitmap){};
	return 0;
}

/* Whether the filter could clear any page of a dump that has been filtered once. */
static bool has_to_filter(const struct dump *d, unsigned level)
{
	return streq(dump_format_name(d), "ELF") || level & ~d->level & ~LEVEL_ZERO;
}

int convert_choose(const struct dump *d, unsigned level, const struct writer_format *f,
                   struct convert *c)
{
	int r;

	bitmap_done(&c->keep);
	c->keep = (struct bitmap){};
	c->filtered = (struct filter_result){};
	c->level = d->level | level;
	r = convert_pages(d, !writer_format_tells_lost(f), &c->keep);
	if (r < 0 || !has_to_filter(d, level))
		return r;
	r = filter_around(d, c->ks, level, &c->needed, &c->keep, &c->filtered);
	if (r == 0 && c->filtered.remark[0] && !c->remark[0])
		snprintf(c->remark, sizeof(c->remark), "%s", c->filtered.remark);
	return r;
}

void convert_header(const struct dump *d, struct kspace *ks, struct save_options *o)
{
	const struct arch *arch = arch_find(d);
	const char *machine = arch ? arch->machine : elf_machine_name(d->elf_machine);
	struct kspace_uts uts;

	o->phys_base = arch ? arch->phys_base(d) : d->phys_base;
	o->crash_time = d->crash_time;
	if (o->crash_time == 0)
		vmcoreinfo_plain(&d->vmcoreinfo, "CRASHTIME", 10, &o->crash_time);
	memcpy(o->uts, d->uts, sizeof(o->uts));
	if (ks && kspace_uts(ks, &uts) == 0)
		memcpy(o->uts, &uts, sizeof(o->uts));
	/* By this name readers know how to read it, and the memory of a crashed kernel may say
	 * anything. */
	if (machine)
		snprintf(o->uts[4], sizeof(o->uts[4]), "%s", machine);
}

int convert_prepare(const struct dump *d, const struct convert *c, const struct writer_format *f,
                    struct save_options *o)
{
	if (d->class32 && writer_format_is_compressed(f))
		return errf(
			-EINVAL,
			"%s: of a 32-bit machine, whose dumps are written in the format elf only",
			source_name(d->source));
	o->level = c->level;
	o->first = &c->needed;
	o->incomplete = d->state != DUMP_COMPLETE;
	convert_header(d, c->ks, o);
	if (!o->uts[4][0] && writer_format_is_compressed(f))
		return errf(-EINVAL, "%s: of a machine without a known name (ELF machine %u)",
		            source_name(d->source), d->elf_machine);
	return 0;
}
