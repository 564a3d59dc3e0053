// SPDX-License-Identifier: GPL-2.0-or-later
/* common.c - what programs that give hostile bytes share, see fuzz.h. */
#include <errno.h>

#include "tests/fuzz/fuzz.h"
#include "base/err.h"

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

/* All but the first of the pages. */
static void drop_most(struct bitmap *keep)
{
	uint64_t pfn = 0;

	for (unsigned n = 0; n < MAX_PAGES; n++)
		pfn = bitmap_next_set(keep, pfn) + 1;
	bitmap_clear(keep, pfn, keep->bits);
}

/* Pages that cannot be read are lost. */
static void compare(const struct dump *a, const struct dump *b, const struct bitmap *keep)
{
	_cleanup_(reader_freep) struct reader *x = NULL, *y = NULL;
	size_t size = dump_page_size(a);
	uint8_t *page = malloc(2 * size);

	fuzz_check(page && reader_new(a, KIB(64), &x) == 0 && reader_new(b, KIB(64), &y) == 0);
	for (uint64_t pfn = bitmap_next_set(keep, 0); pfn < keep->bits;
	     pfn = bitmap_next_set(keep, pfn + 1)) {
		if (reader_read(x, pfn << a->page_shift, page, size) < 0)
			continue;
		fuzz_check(reader_read(y, pfn << a->page_shift, page + size, size) == 0);
		fuzz_check(memcmp(page, page + size, size) == 0);
	}
	free(page);
}

void fuzz_converted_done(struct fuzz_converted *c)
{
	dump_free(c->dump);
	sink_free(c->sink);
	selection_done(&c->selection);
	*c = (struct fuzz_converted){};
}

bool fuzz_convert(const struct dump *d, unsigned level, const struct writer_format *f,
                  struct fuzz_converted *ret)
{
	_cleanup_(fuzz_converted_done) struct fuzz_converted c = {};
	struct save_options o = { .threads = 1 };
	struct save_result result;
	const void *bytes;
	size_t size;

	fuzz_check(codec_parse("lzo", &o.codec, &o.codec_level) == 0);
	if (selection_open(d, &c.selection) < 0 || selection_choose(&c.selection, level, f) < 0 ||
	    selection_prepare(&c.selection, f, &o) < 0)
		return false;
	drop_most(&c.selection.keep);
	if (sink_to_memory(&c.sink) < 0 ||
	    save_as(f, d, &c.selection.keep, &o, c.sink, &result) < 0)
		return false;
	bytes = sink_memory(c.sink, &size);
	c.dump = fuzz_open(bytes, size);
	fuzz_check(c.dump);
	/* An ELF file tells its page size in VMCOREINFO, which the dump may lack. */
	if (c.dump->page_shift == d->page_shift)
		compare(d, c.dump, &c.selection.keep);
	*ret = c;
	c = (struct fuzz_converted){};
	return true;
}

void fuzz_dump(const struct dump *d)
{
	_cleanup_(reader_freep) struct reader *r = NULL;

	if (reader_new(d, KIB(64), &r) < 0)
		return;
	for (size_t i = 0; i < MIN(d->n_ram, MAX_RANGES); i++)
		read_range(r, &d->ram[i], d->page_shift);
	for (size_t i = 0; writer_formats[i] && d->max_pfn <= MAX_PFN; i++) {
		struct fuzz_converted c;

		if (fuzz_convert(d, 1, writer_formats[i], &c))
			fuzz_converted_done(&c);
	}
}
