// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kdump-write.c - writes kdump-compressed files, see kdump-header.h.
 *
 * The order of data in the file is free. So a thread compresses pages into a buffer of its own.
 * When the buffer is full, the thread reserves a range of the file by one atomic addition and
 * writes it. The descriptors that point at the data are written later, many at a time. So a
 * descriptor never points at data that was not written. Descriptors that are not written yet read
 * as zero: "lost".
 */
#include <endian.h>
#include <errno.h>

#include "base/err.h"
#include "base/large.h"
#include "vmcore/format/twins.h"
#include "vmcore/format/writer.h"

#define BITMAP_CHUNK KIB(256)

struct kdump {
	struct kdump_header header;
	uint64_t zero_offset; /* of the shared page of zeroes; 0 when there is none */
	struct twins *twins;  /* NULL: equal pages are not looked for */
	size_t data_room;     /* bytes of each lane's data */
};

/* A lane's buffer of data, in whole blocks. A single thread with a table of twins has less, since
 * memory may be scarce then. When a write fails, data is written by DATA_PIECE. */
#define DATA_ROOM       MIB(3)
#define DATA_ROOM_TWINS KIB(1536)
#define DATA_ROOM_LEAST KIB(256)
#define DATA_PIECE      KIB(64)

/* The size of a table of twins; twice that for several threads. */
#define TWINS_ROOM MIB(4)

/* The most descriptors that a lane collects. In small dumps it is one DESCS_PART of all pages, so
 * that a dump that ends early has the descriptors of most of its data. */
#define DESCS_BITS 14
#define DESCS_ROOM (1U << DESCS_BITS)
#define DESCS_PART 4
#define DESCS_MIN  256

/* Pages of an earlier pass leave gaps in a row of descriptors. Gaps up to this many descriptors are
 * read and written again, so that the row is one write. */
#define DESCS_GAP 16384

/* Levels that keep only the kernel's pages. Few of these are equal, apart from those of zeroes, and
 * they pack well. Of all other pages up to a quarter are equal: copies of files in free memory, in
 * the page cache and in programs. */
#define LEVEL_KERNEL 0x1e

/* A page that was packed, or that equals such a page. */
struct packed {
	uint64_t index;            /* how many kept pages come before it */
	bool begins_batch;         /* other lanes may have the pages before it */
	struct twin_key key;       /* hash 0: not looked at, or not the first of its kind */
	const struct packed *same; /* a page with the same contents and descriptor, or NULL */
	struct kdump_desc desc;
};

/* The descriptors of the first n_placed pages are ready to be written. The pages behind these are
 * still in the buffer, so their descriptors have no offsets yet, except of data written before. */
struct lane {
	struct writer *writer;
	struct compressor compressor;
	uint8_t *data; /* pages and table lie behind it */
	size_t used;   /* bytes of data */
	bool begins_batch;
	struct packed *pages;
	uint16_t *latest; /* with twins: for a slot, the index of the newest of pages[] */
	unsigned n, n_placed, room;
	uint8_t *table; /* descriptors as they stand in the file */
};

static int kdump_lane_new(struct writer *w, void **ret)
{
	const struct kdump *k = w->private;
	struct lane *l;

	*ret = l = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	l->writer = w;
	l->room = MIN(MAX(w->n_pages / DESCS_PART, DESCS_MIN), DESCS_ROOM);
	l->data = large_alloc(k->data_room + l->room * sizeof(*l->pages) +
	                      DESCS_ROOM * KDUMP_DESC_SIZE);
	if (k->twins)
		l->latest = calloc(DESCS_ROOM, sizeof(*l->latest));
	if (!l->data || (k->twins && !l->latest))
		return -ENOMEM;
	l->pages = (struct packed *)(l->data + k->data_room);
	l->table = (uint8_t *)(l->pages + l->room);
	return compressor_init(&l->compressor, w->options->codec, w->options->codec_level);
}

static void kdump_lane_free(void *lane)
{
	struct lane *l = lane;

	if (l->compressor.codec)
		compressor_done(&l->compressor);
	free(l->data);
	free(l->latest);
	free(l);
}

/* The descriptor of a page that takes @size bytes in the file; less than a page means packed. */
static struct kdump_desc make_desc(const struct lane *l, uint64_t offset, size_t size)
{
	return (struct kdump_desc){
		.offset = offset,
		.size = size,
		.flags = size < dump_page_size(l->writer->dump) ? l->compressor.codec->flag : 0,
	};
}

/* Has @p share the data of an earlier page with the same contents, if there is one. If not, later
 * pages may share that of @p. latest[] may still tell of pages that were drained. */
static bool share_page(struct lane *l, const uint8_t *page, struct packed *p)
{
	const struct kdump *k = l->writer->private;
	struct twin_key key = twins_key(k->twins, page);
	uint16_t *latest = &l->latest[key.place >> (32 - DESCS_BITS)];
	const struct packed *other = &l->pages[*latest];
	uint64_t offset;
	uint32_t size;

	if (other < p && other->key.hash == key.hash) {
		p->same = other;
		return true;
	}
	if (twins_find(k->twins, &key, &offset, &size)) {
		p->desc = make_desc(l, offset, size);
		return true;
	}
	p->key = key;
	*latest = p - l->pages;
	return false;
}

static void pack_page(struct lane *l, const uint8_t *page, struct packed *p)
{
	const struct kdump *k = l->writer->private;
	size_t page_size = k->header.block_size, size;

	if (!page)
		return;
	if (k->zero_offset && page_is_zero(page, page_size)) {
		p->desc = make_desc(l, k->zero_offset, page_size);
		atomic_fetch_add_explicit(&l->writer->zero, 1, memory_order_relaxed);
		return;
	}
	if (k->twins && share_page(l, page, p))
		return;
	size = compressor_page(&l->compressor, page, page_size, l->data + l->used,
	                       k->data_room - l->used);
	if (size == 0)
		memcpy(l->data + l->used, page, page_size);
	p->desc = make_desc(l, 0, size ?: page_size);
	l->used += p->desc.size;
}

/* Writes as much of the data as fits on a full disk. Returns how many bytes were written. */
static size_t write_rest(struct lane *l, uint64_t offset)
{
	size_t done = 0, n;

	for (; done < l->used; done += n) {
		n = MIN(l->used - done, DATA_PIECE);
		if (sink_write(l->writer->sink, offset + done, l->data + done, n) < 0)
			break;
	}
	return done;
}

/* Sets the offsets of the descriptors whose data was written: @written bytes at @offset. */
static void place_pages(struct lane *l, uint64_t offset, size_t written)
{
	const struct kdump *k = l->writer->private;
	size_t at = 0;

	for (; l->n_placed < l->n; l->n_placed++) {
		struct packed *p = &l->pages[l->n_placed];

		if (p->same)
			p->desc = p->same->desc;
		if (p->desc.size == 0 || p->desc.offset > 0)
			continue;
		if (at + p->desc.size > written)
			break;
		p->desc.offset = offset + at;
		at += p->desc.size;
		if (p->key.hash)
			twins_add(k->twins, &p->key, p->desc.offset, p->desc.size);
	}
}

/* Writes the data and has the descriptors point at it. Pages that cannot be written are dropped. */
static int write_data(struct lane *l)
{
	struct writer *w = l->writer;
	size_t len = ALIGN_UP(l->used, (size_t)dump_page_size(w->dump));
	uint64_t offset = atomic_fetch_add(&w->end, len);
	int r = 0;

	memset(l->data + l->used, 0, len - l->used);
	if (len > 0)
		r = sink_write(w->sink, offset, l->data, len);
	place_pages(l, offset, r < 0 ? write_rest(l, offset) : l->used);
	l->n = l->n_placed;
	l->used = 0;
	return r;
}

/* How many pages from number @i on have descriptors that can be one write, with gaps up to @gap. */
static unsigned count_row(const struct lane *l, unsigned i, unsigned gap)
{
	const struct packed *first = &l->pages[i], *p = first;

	while (++p < l->pages + l->n && p->index - p[-1].index <= (p->begins_batch ? 1 : gap + 1) &&
	       p->index - first->index < DESCS_ROOM)
		;
	return p - first;
}

/* The descriptors that @n pages from number @i on span in the file. */
static uint64_t row_length(const struct lane *l, unsigned i, unsigned n)
{
	return l->pages[i + n - 1].index - l->pages[i].index + 1;
}

static uint64_t row_offset(const struct lane *l, unsigned i)
{
	const struct kdump *k = l->writer->private;

	return kdump_desc_offset(&k->header) + l->pages[i].index * KDUMP_DESC_SIZE;
}

/* Reads what is in the gaps of a row. They belong to an earlier pass, so no other thread writes
 * there now. */
static int read_gaps(struct lane *l, unsigned i, unsigned n)
{
	uint64_t len = row_length(l, i, n);

	return len == n ? 0
	                : sink_read(l->writer->sink, row_offset(l, i), l->table,
	                            len * KDUMP_DESC_SIZE);
}

/* Writes the descriptors of @n pages from number @i on, with the gaps between them. */
static int write_row(struct lane *l, unsigned i, unsigned n)
{
	const struct kdump_header *h = &((struct kdump *)l->writer->private)->header;
	uint64_t first = l->pages[i].index;

	for (unsigned j = i; j < i + n; j++)
		kdump_desc_encode(&l->pages[j].desc, h->swap,
		                  l->table + (l->pages[j].index - first) * KDUMP_DESC_SIZE);
	return sink_write(l->writer->sink, row_offset(l, i), l->table,
	                  row_length(l, i, n) * KDUMP_DESC_SIZE);
}

/* On a disk that does not give back what was written, rows have no gaps. The kernel reads, too,
 * when a part of a block is written that it no longer has in memory; pages whose descriptors cannot
 * be written for that reason are lost, and the dump goes on. */
static int write_descs(struct lane *l)
{
	struct writer *w = l->writer;
	unsigned gap = sink_can_read(w->sink) ? DESCS_GAP : 0;
	int r = 0;

	for (unsigned i = 0, n; i < l->n && (r == 0 || r == -EIO); i += n) {
		n = count_row(l, i, gap);
		if (read_gaps(l, i, n) < 0) {
			gap = 0;
			n = count_row(l, i, gap);
		}
		r = write_row(l, i, n);
		if (r == -EIO)
			writer_lose(w, n, r);
	}
	l->n = l->n_placed = 0;
	return r == -EIO ? 0 : r;
}

/* Writes all data and descriptors. On a full disk the latter still have room: it was reserved. */
static int kdump_drain(void *lane)
{
	struct lane *l = lane;
	int r_data = write_data(l), r_descs = write_descs(l);

	return r_data < 0 ? r_data : r_descs;
}

static int kdump_pages(void *lane, uint64_t index, const uint8_t *pages, unsigned n)
{
	struct lane *l = lane;
	const struct kdump *k = l->writer->private;
	size_t page_size = dump_page_size(l->writer->dump);
	int r = 0;

	for (unsigned i = 0; i < n && r == 0; i++) {
		struct packed *p = &l->pages[l->n++];

		*p = (struct packed){ .index = index + i, .begins_batch = l->begins_batch };
		l->begins_batch = false;
		pack_page(l, pages ? pages + i * page_size : NULL, p);
		if (l->n == l->room)
			r = kdump_drain(l);
		else if (l->used + page_size > k->data_room)
			r = write_data(l);
	}
	return r;
}

static void kdump_begin_batch(void *lane)
{
	((struct lane *)lane)->begins_batch = true;
}

/* Writes bits [start, end) of a bitmap, which begins at @offset. Without a set bit: a hole. */
static int write_bitmap_chunk(struct writer *w, uint64_t offset, const struct bitmap *b,
                              uint64_t start, uint64_t end)
{
	uint64_t words[BITMAP_CHUNK / 8];
	size_t n = ALIGN_UP(end - start, 64) / 64;
	bool empty = true;

	for (size_t i = 0; i < n; i++) {
		words[i] = htole64(bitmap_word(b, start / 64 + i));
		empty &= words[i] == 0;
	}
	return empty ? 0
	             : sink_write(w->sink, offset + start / 8, words, ALIGN_UP(end - start, 8) / 8);
}

static int write_bitmap(struct writer *w, uint64_t offset, const struct bitmap *b)
{
	int r = 0;

	for (uint64_t pfn = 0, end; r == 0 && (pfn = bitmap_next_set(b, pfn)) < b->bits;
	     pfn = end) {
		uint64_t start = ALIGN_DOWN(pfn, BITMAP_CHUNK * UINT64_C(8));

		end = MIN(start + BITMAP_CHUNK * 8, b->bits);
		r = write_bitmap_chunk(w, offset, b, start, end);
	}
	return r;
}

/* Writes the first bitmap. It is made from the list of RAM in chunks, which saves memory. */
static int write_ram_bitmap(struct writer *w, uint64_t offset)
{
	const struct dump *d = w->dump;
	_cleanup_(bitmap_done) struct bitmap chunk = {};
	size_t first = 0; /* range that reaches into the chunk */
	int r = bitmap_init(&chunk, BITMAP_CHUNK * 8);

	for (uint64_t start = 0, end; r >= 0; start = end) {
		while (first < d->n_ram && d->ram[first].end <= start)
			first++;
		if (first == d->n_ram)
			break;
		start = MAX(start, ALIGN_DOWN(d->ram[first].start, chunk.bits));
		end = MIN(start + chunk.bits, d->max_pfn);
		bitmap_clear(&chunk, 0, chunk.bits);
		for (size_t i = first; i < d->n_ram && d->ram[i].start < end; i++)
			bitmap_set(&chunk, MAX(d->ram[i].start, start) - start,
			           MIN(d->ram[i].end, end) - start);
		r = write_bitmap_chunk(w, offset + start / 8, &chunk, 0, end - start);
	}
	return r;
}

/* Writes both headers, and the notes behind them. */
static int write_head(struct writer *w, uint32_t status)
{
	struct kdump_header *h = &((struct kdump *)w->private)->header;
	size_t notes_len = w->dump->notes_len;
	_cleanup_free_ uint8_t *head = calloc(1, h->notes_offset + notes_len);

	if (!head)
		return -ENOMEM;
	h->status = status;
	kdump_header_encode(h, head, head + h->block_size);
	if (notes_len > 0)
		memcpy(head + h->notes_offset, w->dump->notes, notes_len);
	return sink_write(w->sink, 0, head, h->notes_offset + notes_len);
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

/* Makes the table of twins. Without memory or random numbers there is none. */
static void share_memory(const struct writer *w, struct kdump *k)
{
	bool several = w->options->threads > 1;

	k->data_room = DATA_ROOM_LEAST;
	if (w->options->little_memory)
		return;
	if ((w->options->level & LEVEL_KERNEL) != LEVEL_KERNEL)
		(void)twins_new(w->n_pages, k->header.block_size,
		                several ? 2 * TWINS_ROOM : TWINS_ROOM, &k->twins);
	k->data_room = k->twins && !several ? DATA_ROOM_TWINS : DATA_ROOM;
}

/* Writes everything but descriptors and data. */
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
	w->end = ALIGN_UP(kdump_desc_offset(h) + w->n_pages * KDUMP_DESC_SIZE,
	                  (uint64_t)h->block_size);
	if (w->options->level & 1) {
		k->zero_offset = w->end;
		w->end += h->block_size;
	}
	if (w->options->incomplete || !sink_is_stream(w->sink))
		status |= KDUMP_STATUS_INCOMPLETE;
	/* Descriptors that are not written yet read as zero, and so does the shared page. */
	if ((r = sink_truncate(w->sink, w->end)) < 0 || (r = write_head(w, status)) < 0)
		return r;
	share_memory(w, k);
	sink_reserve(w->sink, kdump_desc_offset(h), w->n_pages * KDUMP_DESC_SIZE);
	r = write_ram_bitmap(w, kdump_bitmap_offset(h));
	return r < 0 ? r : write_bitmap(w, kdump_bitmap_offset(h) + kdump_bitmap_size(h), w->keep);
}

/* The file ends with a whole block, see kdump_header_set_size(). */
static int kdump_finish(struct writer *w)
{
	struct kdump_header *h = &((struct kdump *)w->private)->header;
	uint32_t status = w->options->codec->flag;
	int r;

	w->end = ALIGN_UP(w->end, (uint64_t)h->block_size);
	kdump_header_set_size(h, w->end);
	r = sink_truncate(w->sink, w->end);
	if (r < 0)
		return r;
	if (writer_is_incomplete(w))
		status |= KDUMP_STATUS_INCOMPLETE;
	if (!sink_is_stream(w->sink) &&
	    ((r = sink_sync(w->sink)) < 0 || (r = write_head(w, status)) < 0))
		return r;
	return sink_finish(w->sink);
}

static void kdump_close(struct writer *w)
{
	struct kdump *k = w->private;

	if (k)
		twins_free(k->twins);
	free(k);
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
	.pages = kdump_pages,
	.begin_batch = kdump_begin_batch,
	.drain = kdump_drain,
	.finish = kdump_finish,
};
