// SPDX-License-Identifier: GPL-2.0-or-later
/* common.c - what programs that give hostile bytes share, see fuzz.h. */
#include <errno.h>

#include "tests/fuzz/fuzz.h"
#include "vmcore/base/err.h"
#include "vmcore/format/save.h"

/* Of all that a dump claims to have. */
#define MAX_RANGES 16
#define MAX_PAGES  40
#define MAX_PFN    (UINT64_C(1) << 22)

void fuzz_check(bool good)
{
	if (!good)
		__builtin_trap();
}

struct dump *fuzz_open(const uint8_t *data, size_t size)
{
	struct source *s;
	struct dump *d;
	int r;

	if (source_from_memory(data, size, "fuzz", &s) < 0)
		return NULL;
	r = dump_open(s, &d);
	if (r == 0)
		return d;
	fuzz_check(r == -ENOMEM || strncmp(err_text(r), "fuzz: ", 6) == 0);
	return NULL;
}

static void read_range(struct reader *r, const struct ram_range *ram, unsigned shift)
{
	uint64_t start = ram->start << shift, end = MIN(ram->end << shift, start + KIB(32));
	uint8_t buf[777];

	reader_read(r, start - 1, buf, sizeof(buf));
	for (uint64_t pa = start; pa < end; pa += 1234)
		reader_read(r, pa, buf, sizeof(buf));
	reader_read(r, (ram->end << shift) - 100, buf, sizeof(buf));
}

/* Some of the pages that can be read. */
static uint64_t find_pages(const struct dump *d, struct reader *r, struct bitmap *keep)
{
	uint8_t *page = malloc(dump_page_size(d));
	uint64_t n = 0, tries = 0;

	fuzz_check(page);
	for (size_t i = 0; i < MIN(d->n_ram, MAX_RANGES); i++)
		for (uint64_t pfn = d->ram[i].start; pfn < d->ram[i].end && tries < MAX_PAGES;
		     pfn++, tries++)
			if (reader_read(r, pfn << d->page_shift, page, dump_page_size(d)) == 0) {
				bitmap_set(keep, pfn, pfn + 1);
				n++;
			}
	free(page);
	return n;
}

static void compare(const struct dump *a, const struct dump *b, const struct bitmap *keep)
{
	_cleanup_(reader_freep) struct reader *x = NULL, *y = NULL;
	size_t size = dump_page_size(a);
	uint8_t *page = malloc(2 * size);

	fuzz_check(page && reader_new(a, KIB(64), &x) == 0 && reader_new(b, KIB(64), &y) == 0);
	for (uint64_t pfn = bitmap_next_set(keep, 0); pfn < keep->bits;
	     pfn = bitmap_next_set(keep, pfn + 1)) {
		fuzz_check(reader_read(x, pfn << a->page_shift, page, size) == 0);
		fuzz_check(reader_read(y, pfn << a->page_shift, page + size, size) == 0);
		fuzz_check(memcmp(page, page + size, size) == 0);
	}
	free(page);
}

static void write_again(const struct dump *d, const struct writer_format *f,
                        const struct bitmap *keep)
{
	_cleanup_(sink_freep) struct sink *sink = NULL;
	_cleanup_(dump_freep) struct dump *back = NULL;
	struct save_options o = { .level = 1, .threads = 1, .uts = { [4] = "x86_64" } };
	struct save_result result;
	const void *bytes;
	size_t size;

	fuzz_check(codec_parse("lzo", &o.codec, &o.codec_level) == 0);
	if (sink_to_memory(&sink) < 0 || save_as(f, d, keep, &o, sink, &result) < 0)
		return;
	bytes = sink_memory(sink, &size);
	back = fuzz_open(bytes, size);
	/* An ELF file tells its page size in VMCOREINFO, which the dump may lack. */
	if (back && back->page_shift == d->page_shift)
		compare(d, back, keep);
}

void fuzz_dump(const struct dump *d)
{
	_cleanup_(reader_freep) struct reader *r = NULL;
	_cleanup_(bitmap_done) struct bitmap keep = {};

	if (reader_new(d, KIB(64), &r) < 0)
		return;
	for (size_t i = 0; i < MIN(d->n_ram, MAX_RANGES); i++)
		read_range(r, &d->ram[i], d->page_shift);
	if (d->max_pfn > MAX_PFN || bitmap_init(&keep, d->max_pfn) < 0)
		return;
	if (find_pages(d, r, &keep) > 0)
		for (size_t i = 0; writer_formats[i]; i++)
			write_again(d, writer_formats[i], &keep);
}
