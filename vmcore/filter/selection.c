// SPDX-License-Identifier: GPL-2.0-or-later
/* selection.c - which pages of a dump go into a new one, see selection.h. */
#include "vmcore/filter/selection.h"

#include <errno.h>
#include <stdio.h>

#include "base/err.h"
#include "vmcore/filter/memmap.h"
#include "vmcore/format/elf-header.h"

/* Pages that were read here and there lie apart, and each page that is mapped takes time. */
#define PART_WINDOW KIB(64)

void selection_done(struct selection *s)
{
	kspace_free(s->owned_ks);
	bitmap_done(&s->keep);
	needed_done(s->needed);
	*s = (struct selection){};
}

int selection_open_with(const struct dump *d, struct kspace *ks, struct selection *ret)
{
	_cleanup_(selection_done) struct selection s = { .dump = d, .ks = ks };
	int r = filter_find_needed(d, ks, s.needed);

	if (r < 0)
		return r;
	*ret = TAKE_STRUCT(s);
	return 0;
}

int selection_open(const struct dump *d, struct selection *ret)
{
	_cleanup_(kspace_freep) struct kspace *ks = NULL;
	char remark[sizeof(ret->remark)] = "";
	int r = kspace_open(d, &ks);

	if ((r = err_note(r, remark)) < 0 || (r = selection_open_with(d, ks, ret)) < 0)
		return r;
	memcpy(ret->remark, remark, sizeof(remark));
	ret->owned_ks = TAKE_PTR(ks);
	return 0;
}

int selection_pages(const struct dump *d, bool lost, struct bitmap *ret)
{
	_cleanup_(bitmap_done) struct bitmap pages = {};
	int r;

	if ((r = filter_all(d, &pages)) < 0 || (r = dump_clear_missing(d, lost, &pages)) < 0)
		return r;
	*ret = TAKE_STRUCT(pages);
	return 0;
}

/* Reads where the memory map is, but nothing of it: makedumpfile opens no dump without. */
static void touch_sections(const struct dump *d, struct kspace *ks)
{
	struct memmap mm;
	uint64_t va;

	if (memmap_init(&mm, ks) < 0)
		return;
	for (size_t i = 0; i < d->n_ram; i++)
		for (uint64_t nr = d->ram[i].start >> mm.pfn_shift;
		     nr <= (d->ram[i].end - 1) >> mm.pfn_shift; nr++)
			(void)memmap_section(&mm, nr, &va);
}

int selection_open_touched(const struct dump *d, struct kspace *ks, const struct touched *touched,
                           struct selection *ret)
{
	_cleanup_(selection_done) struct selection s = { .dump = d, .ks = ks, .is_part = true };
	_cleanup_(bitmap_done) struct bitmap pages = {};
	int r;

	touch_sections(d, ks);
	if ((r = filter_find_first(d, ks, &s.keep)) < 0 ||
	    (r = selection_pages(d, true, &pages)) < 0)
		return r;
	if (!touched_mark(touched, &s.keep))
		snprintf(s.remark, sizeof(s.remark),
		         "more than %u pages were read, the rest is left out", TOUCHED_MAX);
	bitmap_clear_others(&s.keep, &pages);
	s.level = LEVEL_MAX;
	*ret = TAKE_STRUCT(s);
	return 0;
}

int selection_choose(struct selection *s, unsigned level, const struct writer_format *f)
{
	const struct dump *d = s->dump;
	int r;

	bitmap_done(&s->keep);
	s->keep = (struct bitmap){};
	s->filtered = (struct filter_result){};
	s->level = d->level | level;
	r = s->try_all ? filter_all(d, &s->keep)
	               : selection_pages(d, !writer_format_tells_lost(f), &s->keep);
	if (r < 0)
		return r;
	/* The filter can clear nothing in a dump that has been filtered at this level before. */
	if (!streq(dump_format_name(d), "ELF") && !(level & ~d->level & ~LEVEL_ZERO))
		return 0;
	r = filter_apply(d, s->ks, level, &s->needed[NEEDED_ALL], &s->keep, NULL, &s->filtered);
	if (r < 0)
		return r;
	if (!s->remark[0])
		memcpy(s->remark, s->filtered.remark, sizeof(s->remark));
	return 0;
}

/* What the header tells about the machine and its crash. */
static void fill_header(const struct selection *s, struct save_options *o)
{
	const struct dump *d = s->dump;
	const struct arch *arch = arch_find(d);
	const char *machine = arch ? arch->machine : elf_machine_name(d->elf_machine);
	struct kspace_uts uts;

	o->phys_base = arch ? arch->phys_base(d) : d->phys_base;
	o->crash_time = d->crash_time;
	if (o->crash_time == 0)
		vmcoreinfo_plain(&d->vmcoreinfo, "CRASHTIME", 10, &o->crash_time);
	memcpy(o->uts, d->uts, sizeof(o->uts));
	if (s->ks && kspace_uts(s->ks, &uts) == 0)
		memcpy(o->uts, &uts, sizeof(o->uts));
	/* Readers go by this name, and the memory of a crashed kernel may say anything. */
	if (machine)
		snprintf(o->uts[4], sizeof(o->uts[4]), "%s", machine);
}

int selection_prepare(const struct selection *s, const struct writer_format *f,
                      struct save_options *o)
{
	const struct dump *d = s->dump;

	if (d->class32 && writer_format_is_compressed(f))
		return errf(
			-EINVAL,
			"%s: of a 32-bit machine, whose dumps are written in the format elf only",
			source_name(d->source));
	o->level = s->level;
	_Static_assert(NEEDED_SETS == SAVE_SETS, "a pass for each");
	for (enum needed set = 0; set < NEEDED_SETS; set++)
		o->first[set] = s->is_part ? NULL : &s->needed[set];
	o->window = s->is_part ? PART_WINDOW : 0;
	o->incomplete = s->is_part || d->state != DUMP_COMPLETE;
	fill_header(s, o);
	if (!o->uts[4][0] && writer_format_is_compressed(f))
		return errf(-EINVAL, "%s: of a machine without a known name (ELF machine %u)",
		            source_name(d->source), d->elf_machine);
	return 0;
}
