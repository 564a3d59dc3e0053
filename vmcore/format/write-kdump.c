// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * write-kdump.c - writes kdump-compressed files, see kdump-header.h.
 *
 * The order of data in the file is free. So a thread compresses a batch into a buffer of its own,
 * reserves its stretch of the file by one atomic addition, and writes the data first, then the
 * descriptors that point at it: a descriptor never points at what was not written, and those that
 * were not written read as zero, which means "lost".
 */
#include <endian.h>
#include <errno.h>

#include "vmcore/base/err.h"
#include "vmcore/format/writer.h"

#define BITMAP_CHUNK KIB(32)

struct kdump {
	struct kdump_header header;
	uint64_t zero_offset; /* of the shared page of zeroes; 0 when there is none */
};

struct lane {
	struct writer *writer;
	struct compressor compressor;
	uint8_t *data; /* room for all pages of a batch */
	size_t used;
	uint8_t descs[BATCH_PAGES * KDUMP_DESC_SIZE];
	struct kdump_desc
		pending[BATCH_PAGES]; /* offsets from the start of data until it is placed */
};

static int kdump_lane_new(struct writer *w, void **ret)
{
	struct lane *l;

	*ret = l = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	l->writer = w;
	l->data = malloc(BATCH_PAGES * (size_t)dump_page_size(w->dump));
	if (!l->data)
		return -ENOMEM;
	return compressor_init(&l->compressor, w->options->codec, w->options->codec_level);
}

static void kdump_lane_free(void *lane)
{
	struct lane *l = lane;

	if (l->compressor.codec)
		compressor_done(&l->compressor);
	free(l->data);
	free(l);
}

static void kdump_page(void *lane, const struct batch *b, unsigned i, const uint8_t *page)
{
	struct lane *l = lane;
	const struct kdump *k = l->writer->private;
	size_t page_size = k->header.block_size, size;
	struct kdump_desc *desc = &l->pending[i];

	*desc = (struct kdump_desc){};
	if (!page)
		return;
	if (k->zero_offset && page_is_zero(page, page_size)) {
		*desc = (struct kdump_desc){ .offset = k->zero_offset, .size = page_size };
		atomic_fetch_add_explicit(&l->writer->zero, 1, memory_order_relaxed);
		return;
	}
	size = compressor_page(&l->compressor, page, page_size, l->data + l->used);
	*desc = (struct kdump_desc){ .size = size ?: page_size,
		                     .flags = size ? l->compressor.codec->flag : 0 };
	if (size == 0)
		memcpy(l->data + l->used, page, page_size);
	l->used += desc->size;
}

/* Writes the descriptors, a run that lies in a row at a time. */
static int write_descs(struct lane *l, const struct batch *b)
{
	const struct kdump_header *h = &((struct kdump *)l->writer->private)->header;
	int r = 0;

	for (unsigned i = 0, n; i < b->n && r == 0; i += n) {
		for (n = 1; i + n < b->n && b->index[i + n] == b->index[i] + n;)
			n++;
		r = sink_write(l->writer->sink,
		               kdump_desc_offset(h) + b->index[i] * KDUMP_DESC_SIZE,
		               l->descs + i * KDUMP_DESC_SIZE, n * KDUMP_DESC_SIZE);
	}
	return r;
}

static int kdump_flush(void *lane, const struct batch *b)
{
	struct lane *l = lane;
	struct writer *w = l->writer;
	const struct kdump_header *h = &((struct kdump *)w->private)->header;
	uint64_t offset = atomic_fetch_add(&w->end, l->used);
	int r;

	r = l->used ? sink_write(w->sink, offset, l->data, l->used) : 0;
	l->used = 0;
	if (r < 0)
		return r;
	for (unsigned i = 0; i < b->n; i++) {
		struct kdump_desc *desc = &l->pending[i];

		if (desc->size > 0 && desc->offset == 0) {
			desc->offset = offset;
			offset += desc->size;
		}
		kdump_desc_encode(desc, h->swap, l->descs + i * KDUMP_DESC_SIZE);
	}
	return write_descs(l, b);
}

/* Writes bits [start, end) of a bitmap whose first bit lies at @offset; stretches without a bit
 * stay holes. */
static int write_bitmap_chunk(struct writer *w, uint64_t offset, const struct bitmap *b,
                              uint64_t start, uint64_t end)
{
	uint64_t words[BITMAP_CHUNK / 8];
	size_t n = ALIGN_UP(end - start, 64) / 64;
	bool empty = true;

	for (size_t i = 0; i < n; i++) {
		words[i] = htole64(b->words[start / 64 + i]);
		empty &= words[i] == 0;
	}
	return empty ? 0
	             : sink_write(w->sink, offset + start / 8, words, ALIGN_UP(end - start, 8) / 8);
}

static int write_bitmap(struct writer *w, uint64_t offset, const struct bitmap *b)
{
	int r = 0;

	for (uint64_t start = 0; start < b->bits && r == 0; start += BITMAP_CHUNK * 8)
		r = write_bitmap_chunk(w, offset, b, start, MIN(start + BITMAP_CHUNK * 8, b->bits));
	return r;
}

/* The first bitmap comes from the list of RAM, a stretch at a time, so that it needs no memory of
 * its own. */
static int write_ram_bitmap(struct writer *w, uint64_t offset)
{
	const struct dump *d = w->dump;
	struct bitmap chunk;
	size_t first = 0; /* range that reaches into the chunk */
	int r;

	r = bitmap_init(&chunk, BITMAP_CHUNK * 8);
	for (uint64_t start = 0; start < d->max_pfn && r == 0; start += chunk.bits) {
		uint64_t end = MIN(start + chunk.bits, d->max_pfn);

		bitmap_clear(&chunk, 0, chunk.bits);
		while (first < d->n_ram && d->ram[first].end <= start)
			first++;
		for (size_t i = first; i < d->n_ram && d->ram[i].start < end; i++)
			bitmap_set(&chunk, MAX(d->ram[i].start, start) - start,
			           MIN(d->ram[i].end, end) - start);
		r = write_bitmap_chunk(w, offset + start / 8, &chunk, 0, end - start);
	}
	bitmap_done(&chunk);
	return r;
}

static int write_headers(struct writer *w, uint32_t status)
{
	struct kdump_header *h = &((struct kdump *)w->private)->header;
	uint8_t main[KDUMP_MAIN_SIZE], sub[KDUMP_SUB_SIZE];
	int r;

	h->status = status;
	kdump_header_encode(h, main, sub);
	r = sink_write(w->sink, h->block_size, sub, sizeof(sub));
	return r < 0 ? r : sink_write(w->sink, 0, main, sizeof(main));
}

static void fill_header(const struct writer *w, struct kdump_header *h)
{
	const struct save_options *o = w->options;
	const struct dump *d = w->dump;

	h->block_size = dump_page_size(d);
	h->swap = d->swap;
	memcpy(h->uts, o->uts, sizeof(h->uts));
	h->crash_time = o->crash_time;
	h->n_cpus = d->n_cpus;
	h->phys_base = o->phys_base;
	h->level = o->level;
	kdump_header_layout(h, d->max_pfn, d->notes_len);
	if (d->vmcoreinfo.len > 0) {
		h->vmcoreinfo_offset = h->notes_offset + d->vmcoreinfo_offset;
		h->vmcoreinfo_size = d->vmcoreinfo.len;
	}
}

/* Everything but descriptors and data. */
static int kdump_begin(struct writer *w)
{
	uint32_t status = w->options->codec->flag;
	const struct kdump_header *h;
	struct kdump *k;
	int r;

	w->private = k = calloc(1, sizeof(*k));
	if (!k)
		return -ENOMEM;
	fill_header(w, &k->header);
	h = &k->header;
	w->end = kdump_desc_offset(h) + w->n_pages * KDUMP_DESC_SIZE;
	if (w->options->level & 1) {
		k->zero_offset = w->end;
		w->end += h->block_size;
	}
	if (w->options->incomplete || !sink_is_stream(w->sink))
		status |= KDUMP_STATUS_INCOMPLETE;
	/* Descriptors that are not written yet read as zero, and so does the shared page. */
	if ((r = sink_truncate(w->sink, w->end)) < 0 || (r = write_headers(w, status)) < 0)
		return r;
	if (w->dump->notes_len > 0)
		r = sink_write(w->sink, h->notes_offset, w->dump->notes, w->dump->notes_len);
	if (r == 0)
		r = write_ram_bitmap(w, kdump_bitmap_offset(h));
	if (r == 0)
		r = write_bitmap(w, kdump_bitmap_offset(h) + kdump_bitmap_size(h), w->keep);
	return r;
}

/* The file ends with a whole block, see kdump_header_set_size(). */
static int kdump_finish(struct writer *w)
{
	struct kdump_header *h = &((struct kdump *)w->private)->header;
	int r;

	w->end = ALIGN_UP(w->end, (uint64_t)h->block_size);
	kdump_header_set_size(h, w->end);
	r = sink_truncate(w->sink, w->end);
	if (r == 0 && !sink_is_stream(w->sink)) {
		uint32_t status = writer_is_incomplete(w) ? KDUMP_STATUS_INCOMPLETE : 0;

		r = sink_sync(w->sink);
		if (r == 0)
			r = write_headers(w, w->options->codec->flag | status);
	}
	return r < 0 ? r : sink_finish(w->sink);
}

static void kdump_close(struct writer *w)
{
	free(w->private);
	w->private = NULL;
}

const struct writer_format writer_kdump = {
	.name = "kdump",
	.compressed = true,
	.tells_lost = true,
	.any_order = true,
	.begin = kdump_begin,
	.close = kdump_close,
	.lane_new = kdump_lane_new,
	.lane_free = kdump_lane_free,
	.page = kdump_page,
	.flush = kdump_flush,
	.finish = kdump_finish,
};
