/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dump.h - pages of a crashed machine, from a file of any format.
 *
 * A dump is opened on a source and is read-only from then on, so threads may share it. Each thread
 * reads through a reader of its own, which holds the windows and buffers.
 */
#pragma once

#include "vmcore/format/touched.h"
#include "vmcore/format/vmcoreinfo.h"
#include "vmcore/io/source.h"

struct dump;
struct reader;

/* Page frames [start, end) that were RAM. */
struct ram_range {
	uint64_t start;
	uint64_t end;
};

enum dump_state {
	DUMP_COMPLETE,
	DUMP_INCOMPLETE, /* pages are missing: its header says so, or the file is cut off */
};

struct dump {
	const struct dump_format *format;
	struct source *source; /* of a split dump: one of its parts */
	uint16_t elf_machine;  /* EM_ of elf.h; 0 when the format names the machine instead */
	char machine[65];      /* as utsname.machine; empty when the format has a number instead */
	bool swap;             /* the machine has the other byte order */
	bool class32;          /* the file is of a 32-bit machine */
	char uts[6][65];       /* of the header, see kdump-header.h; empty if it has none */
	uint64_t crash_time;   /* of the header, seconds since 1970; 0 if it has none */
	unsigned page_shift;
	enum dump_state state;
	unsigned level;        /* dump level that was applied; 0 for /proc/vmcore */
	struct ram_range *ram; /* sorted, without overlaps */
	size_t n_ram;
	uint64_t max_pfn;       /* highest page frame + 1 */
	struct ram_range image; /* the kernel image; empty if the format does not tell */
	uint64_t image_va;      /* virtual address of the image; 0: not told */
	bool has_va;            /* segments of the file have virtual addresses */
	uint64_t linear_va;     /* virtual address of the linear map; 0: not told */
	int64_t phys_base;      /* 0 if the format does not tell */
	uint8_t *notes;         /* the ELF notes as they were in the PT_NOTE segment */
	size_t notes_len;
	unsigned n_cpus;              /* NT_PRSTATUS notes */
	size_t vmcoreinfo_offset;     /* of the text, in the notes; 0 when there is none */
	struct vmcoreinfo vmcoreinfo; /* points into the notes; empty when there is none */
	char remark[256];             /* what of the file was passed over; empty: nothing */
	struct touched *touched;      /* notes the pages that are read; NULL, unless who opened
	                                 the dump sets it: borrowed, and for one thread */
	struct source **parts;        /* all sources, owned */
	size_t n_parts;
	void *private; /* of the format */
};

/* Opens the dump in @source, an ELF core or a kdump-compressed file. Takes the source over, also on
 * failure. -EBADMSG: it is neither, or broken, and the text says how. VMCOREINFO may be missing. */
int dump_open(struct source *source, struct dump **ret);

/* Opens the parts of a split dump, in any order, and takes all of them over, also on failure. If
 * parts are missing, and when dump_open() gets a single part, the dump is incomplete. */
int dump_open_parts(struct source *const *sources, size_t n, struct dump **ret);

struct dump *dump_free(struct dump *d);
BASE_FREEP(dump)

static inline uint64_t dump_page_size(const struct dump *d)
{
	return UINT64_C(1) << d->page_shift;
}

/* Makes @ret a bitmap of page frames without a set bit, which has bits for those that were RAM. */
int dump_bitmap(const struct dump *d, struct bitmap *ret);

/* Clears in @pages, a bitmap of page frames, those that were excluded from the file. With @lost
 * also those that could not be saved or were cut off, if the format tells. */
int dump_clear_missing(const struct dump *d, bool lost, struct bitmap *pages);

/* Makes a note of VMCOREINFO from @text, in the place of the one that the dump has. */
int dump_set_vmcoreinfo(struct dump *d, const char *text, size_t len);

/* The physical address of @va by the segments of the file, and how many bytes follow in a row;
 * false when none has it. Page tables are right, where they can be found. */
bool dump_by_segment(const struct dump *d, uint64_t va, uint64_t *ret_pa, uint64_t *ret_len);

/* Name of the format, for people: "ELF" or "kdump". */
const char *dump_format_name(const struct dump *d);

/* @window: bytes to map at a time, few for jumping about, some MiB for going through memory. */
int reader_new(const struct dump *d, size_t window, struct reader **ret);

/* See window_read_size(). */
void reader_read_size(struct reader *r, size_t size);

/* See window_prefer_map(). */
void reader_prefer_map(struct reader *r);
struct reader *reader_free(struct reader *r);
BASE_FREEP(reader)

/* *@ret points at the bytes of physical memory at @paddr, at least 1 and at most @want, until the
 * next call on this reader. -ENXIO: there is no RAM. -ENODATA: excluded from the dump, or not
 * saved. Other errors: broken or unreadable. */
int reader_span(struct reader *r, uint64_t paddr, size_t want, const uint8_t **ret,
                size_t *ret_len);

/* How many pages turned out to be unreadable behind the back of who had them from reader_span();
 * compare it with what it was before. */
unsigned reader_faults(const struct reader *r);

/* Copies @len bytes of physical memory. Errors as of reader_span(). */
int reader_read(struct reader *r, uint64_t paddr, void *buf, size_t len);
