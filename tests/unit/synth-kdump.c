// SPDX-License-Identifier: GPL-2.0-or-later
/* synth-kdump.c - kdump-compressed files of all kinds of machines, see synth-kdump.h. */
#include "tests/unit/synth-kdump.h"

#include <elf.h>

#include "vmcore/io/codec.h"

#define PAGE  SYNTH_KDUMP_PAGE
#define BITS1 (2 * PAGE) /* the first bitmap; notes are shorter than the rest of a block */

/* Offsets as the compilers of these machines lay out the structures of diskdump_mod.h. */
static const struct offsets {
	size_t time, time_size, status;
	size_t word, level, split, start, end;
	size_t info, info_size, note, note_size, start64, end64, max64;
} layouts[SYNTH_KDUMP_LAYOUTS] = {
	[SYNTH_KDUMP_64] = { 408, 8, 424, 8, 8, 12, 16, 24, 32, 40, 48, 56, 80, 88, 96 },
	[SYNTH_KDUMP_I386] = { 404, 4, 412, 4, 4, 8, 12, 16, 20, 28, 32, 40, 56, 64, 72 },
	[SYNTH_KDUMP_ARM] = { 404, 4, 412, 4, 4, 8, 12, 16, 24, 32, 40, 48, 72, 80, 88 },
	[SYNTH_KDUMP_ARM_TIME64] = { 408, 8, 424, 4, 4, 8, 12, 16, 24, 32, 40, 48, 72, 80, 88 },
	[SYNTH_KDUMP_I386_TIME64] = { 404, 8, 420, 4, 4, 8, 12, 16, 20, 28, 32, 40, 56, 64, 72 },
};

bool synth_kdump_is_ram(uint64_t pfn)
{
	return (pfn >= 0x10 && pfn < 0x60) || (pfn >= 0x1000 && pfn < SYNTH_KDUMP_MAX_PFN);
}

bool synth_kdump_is_saved(uint64_t pfn)
{
	return synth_kdump_is_ram(pfn) && pfn % 5 != 0;
}

void synth_kdump_page(uint64_t pfn, uint8_t *page)
{
	memset(page, 'a' + pfn % 26, PAGE);
	check_noise(page, pfn % 3 * PAGE / 3, pfn);
	page[PAGE - 1] = pfn;
}

static void put_main(uint8_t *file, const struct synth_kdump *k, const struct offsets *o)
{
	uint8_t *status = file + o->status;

	memcpy(file, "KDUMP   ", 8);
	synth_put(file + 8, k->version, 4, k->swap);
	strcpy((char *)file + 12, "Linux");
	strcpy((char *)file + 12 + 4 * 65, "machine");
	synth_put(file + o->time, SYNTH_CRASH_TIME, o->time_size, k->swap);
	synth_put(status, k->status, 4, k->swap);
	synth_put(status + 4, PAGE, 4, k->swap);
	synth_put(status + 8, 1, 4, k->swap);
	synth_put(status + 12, k->one_bitmap ? 1 : 2, 4, k->swap);
	synth_put(status + 16, SYNTH_KDUMP_MAX_PFN, 4, k->swap);
	synth_put(status + 36, 3, 4, k->swap);
}

/* What later versions brought is left full of noise: nobody may look at it. */
static void put_sub(uint8_t *sub, const struct synth_kdump *k, const struct offsets *o, size_t info,
                    size_t info_size, size_t notes_size)
{
	size_t note = PAGE + 104;

	check_noise(sub, 104, 17);
	synth_put(sub, -UINT64_C(0x1000000), o->word, k->swap);
	if (k->version >= 1)
		synth_put(sub + o->level, 31, 4, k->swap);
	if (k->version >= 2) {
		synth_put(sub + o->split, k->end > 0, 4, k->swap);
		synth_put(sub + o->start, k->start, o->word, k->swap);
		synth_put(sub + o->end, k->end, o->word, k->swap);
	}
	if (k->version >= 3) {
		synth_put(sub + o->info, note + info, 8, k->swap);
		synth_put(sub + o->info_size, info_size, o->word, k->swap);
	}
	if (k->version >= 4) {
		synth_put(sub + o->note, note, 8, k->swap);
		synth_put(sub + o->note_size, notes_size, o->word, k->swap);
	}
	if (k->version >= 6) {
		synth_put(sub + o->start64, k->start, 8, k->swap);
		synth_put(sub + o->end64, k->end, 8, k->swap);
		synth_put(sub + o->max64, SYNTH_KDUMP_MAX_PFN, 8, k->swap);
	}
}

static void put_notes(uint8_t *file, const struct synth_kdump *k, const struct offsets *o)
{
	struct synth_notes notes = { .swap = k->swap };
	uint8_t registers[144] = {};
	size_t info;

	synth_note(&notes, "CORE", NT_PRSTATUS, registers, sizeof(registers));
	info = notes.len + 12 + ALIGN_UP(sizeof("VMCOREINFO"), 4);
	synth_note(&notes, "VMCOREINFO", 0, SYNTH_KDUMP_INFO, strlen(SYNTH_KDUMP_INFO));
	memcpy(file + PAGE + 104, notes.bytes, notes.len);
	put_sub(file + PAGE, k, o, info, strlen(SYNTH_KDUMP_INFO), notes.len);
}

/* Stores a page at @data as codec number @pfn has it, or as it is; returns its size. */
static size_t put_page(uint8_t *data, uint64_t pfn, uint32_t *ret_flags)
{
	uint8_t page[PAGE];
	struct compressor c;
	size_t n, turn = 0;

	while (codecs[turn])
		turn++;
	turn = pfn % turn;
	synth_kdump_page(pfn, page);
	assert_int_equal(compressor_init(&c, codecs[turn], codecs[turn]->initial_level), 0);
	n = compressor_page(&c, page, PAGE, data, PAGE);
	compressor_done(&c);
	if (n == 0)
		memcpy(data, page, PAGE);
	*ret_flags = n ? codecs[turn]->flag : 0;
	return n ?: PAGE;
}

size_t synth_kdump(const struct synth_kdump *k, uint8_t *file)
{
	const struct offsets *o = &layouts[k->layout];
	uint64_t end = k->end ?: SYNTH_KDUMP_MAX_PFN;
	uint8_t *bits2 = file + BITS1 + (k->one_bitmap ? 0 : PAGE), *desc = bits2 + PAGE;
	size_t used = desc - file;

	memset(file, 0, SYNTH_KDUMP_SIZE);
	put_main(file, k, o);
	put_notes(file, k, o);
	for (uint64_t pfn = 0; pfn < SYNTH_KDUMP_MAX_PFN; pfn++) {
		if (synth_kdump_is_ram(pfn) && !k->one_bitmap)
			file[BITS1 + pfn / 8] |= 1 << pfn % 8;
		if (synth_kdump_is_saved(pfn)) {
			bits2[pfn / 8] |= 1 << pfn % 8;
			used += pfn >= k->start && pfn < end ? 24 : 0;
		}
	}
	for (uint64_t pfn = k->start; pfn < end; pfn++) {
		uint32_t flags;
		size_t n;

		if (!synth_kdump_is_saved(pfn))
			continue;
		n = put_page(file + used, pfn, &flags);
		synth_put(desc, used, 8, k->swap);
		synth_put(desc + 8, n, 4, k->swap);
		synth_put(desc + 12, flags, 4, k->swap);
		desc += 24;
		used += n;
		assert_true(used < SYNTH_KDUMP_SIZE - 2 * PAGE);
	}
	return used;
}
