// SPDX-License-Identifier: GPL-2.0-or-later
/* dump.c - pages of a crashed machine, see dump.h. */
#include <errno.h>

#include "base/array.h"
#include "base/err.h"
#include "vmcore/format/dump-format.h"
#include "vmcore/format/foreign.h"
#include "vmcore/format/notes.h"

static const struct dump_format *const formats[] = { &dump_format_elf, &dump_format_kdump };

/* An empty dump that owns the sources. They are freed on failure. */
static int dump_new(struct source *const *sources, size_t n, struct dump **ret)
{
	struct dump *d = malloc(sizeof(*d));
	struct source **parts = calloc(n, sizeof(*parts));

	if (!d || !parts) {
		for (size_t i = 0; i < n; i++)
			source_free(sources[i]);
		free(d);
		free(parts);
		return -ENOMEM;
	}
	memcpy(parts, sources, n * sizeof(*parts));
	*d = (struct dump){ .parts = parts, .n_parts = n };
	*ret = d;
	return 0;
}

/* Replaces each flattened file by the dump within it. */
static int dump_unflatten(struct dump *d)
{
	for (size_t i = 0; i < d->n_parts; i++) {
		int r = source_unflatten(TAKE_PTR(d->parts[i]), &d->parts[i]);

		if (r < 0)
			return r;
		if (source_is_cut(d->parts[i]))
			d->state = DUMP_INCOMPLETE;
	}
	d->source = d->parts[0];
	return 0;
}

static int dump_open_format(struct dump *d)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(formats) && r == 0; i++) {
		d->format = formats[i];
		r = d->format->open(d);
		if (r == 0)
			d->format->close(d);
	}
	if (r < 0)
		return r;
	if (r == 0)
		return foreign_refuse(d->source);
	if (d->n_parts > 1 && !d->format->splits)
		return errf(-EINVAL, "%s: an %s file is not a part of a split dump, open it alone",
		            source_name(d->source), d->format->name);
	/* Such a dump could be read but not converted: the copy would not open. */
	if (d->n_ram == 0)
		return errf(-EBADMSG, "%s: holds no memory", source_name(d->source));
	d->max_pfn = MAX(d->max_pfn, d->ram[d->n_ram - 1].end);
	return 0;
}

int dump_open_parts(struct source *const *sources, size_t n, struct dump **ret)
{
	_cleanup_(dump_freep) struct dump *d = NULL;
	int r;

	if (n == 0)
		return errf(-EINVAL, "no file to open as a dump");
	if ((r = dump_new(sources, n, &d)) < 0 || (r = dump_unflatten(d)) < 0 ||
	    (r = dump_open_format(d)) < 0)
		return r;
	*ret = TAKE_PTR(d);
	return 0;
}

int dump_open(struct source *source, struct dump **ret)
{
	return dump_open_parts(&source, 1, ret);
}

struct dump *dump_free(struct dump *d)
{
	if (!d)
		return NULL;
	if (d->private)
		d->format->close(d);
	for (size_t i = 0; i < d->n_parts; i++)
		source_free(d->parts[i]);
	free(d->parts);
	free(d->ram);
	free(d->notes);
	free(d);
	return NULL;
}

const char *dump_format_name(const struct dump *d)
{
	return d->format->name;
}

void dump_set_notes(struct dump *d, uint8_t *notes, size_t len, bool swap)
{
	struct notes_summary sum = notes_scan(notes, len, swap);

	free(d->notes);
	d->notes = notes;
	d->notes_len = len;
	d->n_cpus = sum.n_cpus;
	d->vmcoreinfo_offset = sum.vmcoreinfo_offset;
	d->vmcoreinfo = (struct vmcoreinfo){ .text = (const char *)notes + sum.vmcoreinfo_offset,
		                             .len = sum.vmcoreinfo_len };
}

int dump_set_vmcoreinfo(struct dump *d, const char *text, size_t len)
{
	size_t notes_len;
	uint8_t *notes =
		notes_with_vmcoreinfo(d->notes, d->notes_len, d->swap, text, len, &notes_len);

	if (!notes)
		return oom("the notes of the dump");
	dump_set_notes(d, notes, notes_len, d->swap);
	return 0;
}

int dump_add_ram(struct dump *d, uint64_t start_pfn, uint64_t end_pfn)
{
	struct ram_range *last = d->n_ram ? &d->ram[d->n_ram - 1] : NULL;
	int r;

	if (last && start_pfn <= last->end) {
		last->end = MAX(last->end, end_pfn);
		return 0;
	}
	r = array_grow(&d->ram, d->n_ram, "the ranges of RAM");
	if (r < 0)
		return r;
	d->ram[d->n_ram++] = (struct ram_range){ .start = start_pfn, .end = end_pfn };
	return 0;
}

bool dump_is_ram(const struct dump *d, uint64_t pfn)
{
	size_t low = 0, high = d->n_ram;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (d->ram[mid].end <= pfn)
			low = mid + 1;
		else
			high = mid;
	}
	return low < d->n_ram && d->ram[low].start <= pfn;
}

int dump_no_page(const struct dump *d, uint64_t pfn)
{
	return dump_is_ram(d, pfn) ? errf(-ENODATA, "excluded or not saved")
	                           : errf(-ENXIO, "there is no memory");
}

bool dump_by_segment(const struct dump *d, uint64_t va, uint64_t *ret_pa, uint64_t *ret_len)
{
	return d->has_va && d->format->by_segment(d, va, ret_pa, ret_len);
}

int dump_bitmap(const struct dump *d, struct bitmap *ret)
{
	_cleanup_free_ struct bitmap_range *ranges = reallocarray(NULL, d->n_ram, sizeof(*ranges));

	if (!ranges)
		return oom("the ranges of a bitmap");
	for (size_t i = 0; i < d->n_ram; i++)
		ranges[i] = (struct bitmap_range){ d->ram[i].start, d->ram[i].end };
	return bitmap_init_over(ret, d->max_pfn, ranges, d->n_ram);
}

int dump_clear_missing(const struct dump *d, bool lost, struct bitmap *pages)
{
	return d->format->clear_missing(d, lost, pages);
}

int reader_new(const struct dump *d, size_t window, struct reader **ret)
{
	struct reader *reader;

	reader = malloc(sizeof(*reader));
	if (!reader)
		return -ENOMEM;
	*reader = (struct reader){ .dump = d };
	memset(reader->pfns, 0xff, sizeof(reader->pfns));
	reader->n_pages = MAX(MIN(READER_BYTES >> d->page_shift, READER_PAGES), 1);
	reader->pages = malloc(reader->n_pages * dump_page_size(d));
	if (!reader->pages) {
		free(reader);
		return -ENOMEM;
	}
	window_init(&reader->window, d->source, window);
	window_init(&reader->index, d->source, KIB(64));
	*ret = reader;
	return 0;
}

void reader_read_size(struct reader *reader, size_t size)
{
	window_read_size(&reader->window, size);
}

void reader_prefer_map(struct reader *reader)
{
	window_prefer_map(&reader->window);
}

struct reader *reader_free(struct reader *reader)
{
	if (!reader)
		return NULL;
	window_done(&reader->window);
	window_done(&reader->index);
	free(reader->pages);
	free(reader);
	return NULL;
}

int reader_span(struct reader *reader, uint64_t paddr, size_t want, const uint8_t **ret,
                size_t *ret_len)
{
	const struct dump *d = reader->dump;
	int r = d->format->span(reader, paddr, want, ret, ret_len);

	if (r == 0 && d->touched)
		touched_add(d->touched, paddr >> d->page_shift,
		            (paddr + *ret_len - 1) >> d->page_shift);
	return r;
}

unsigned reader_faults(const struct reader *reader)
{
	return window_faults(&reader->window);
}

int reader_read(struct reader *reader, uint64_t paddr, void *buf, size_t len)
{
	while (len > 0) {
		unsigned faults = window_faults(&reader->window);
		const uint8_t *data;
		size_t n;
		int r = reader_span(reader, paddr, len, &data, &n);

		if (r < 0)
			return r;
		memcpy(buf, data, n);
		if (window_faults(&reader->window) != faults)
			return errf(-EIO, "%s: memory at %#llx cannot be read",
			            source_name(reader->dump->source), (unsigned long long)paddr);
		buf = (char *)buf + n;
		paddr += n;
		len -= n;
	}
	return 0;
}
