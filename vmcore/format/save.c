// SPDX-License-Identifier: GPL-2.0-or-later
/* save.c - writes a kdump-compressed file, see save.h. */
#include "vmcore/format/save.h"

#include <endian.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "vmcore/base/err.h"

#define BATCH_PAGES  256
#define READ_WINDOW  MIB(4)
#define BITMAP_CHUNK KIB(32)

struct save {
	const struct dump *dump;
	const struct bitmap *keep;
	const struct save_options *options;
	struct sink *sink;
	struct kdump_header header;
	uint64_t n_pages;
	uint64_t zero_offset; /* of the shared page of zeroes; 0 when there is none */
	_Atomic uint64_t end; /* of the file so far */
	_Atomic int error;    /* of the first thread that failed; ends the others */
	char error_text[256];
	_Atomic uint64_t zero, unreadable;

	pthread_mutex_t lock; /* of what follows */
	uint64_t next_pfn;    /* where the next batch begins */
	uint64_t next_index;  /* and the index of its first descriptor */
};

/* Kept pages in the order of page frames. */
struct batch {
	uint64_t pfns[BATCH_PAGES];
	unsigned n;
	uint64_t index;
};

/* What one thread works with. */
struct worker {
	struct save *save;
	struct reader *reader;
	struct compressor compressor;
	struct batch batch;
	uint8_t *data; /* BATCH_PAGES pages, and one more for a page that comes in pieces */
	uint8_t descs[BATCH_PAGES * KDUMP_DESC_SIZE];
	struct kdump_desc
		pending[BATCH_PAGES]; /* offsets from the start of data until it is placed */
};

static bool page_is_zero(const uint8_t *page, size_t size)
{
	/* Equal to itself shifted by one byte, with the first byte zero. */
	return page[0] == 0 && memcmp(page, page + 1, size - 1) == 0;
}

static bool batch_take(struct save *s, struct batch *b)
{
	uint64_t pfn;

	pthread_mutex_lock(&s->lock);
	b->n = 0;
	b->index = s->next_index;
	pfn = s->next_pfn;
	for (; b->n < BATCH_PAGES; pfn++) {
		pfn = bitmap_next_set(s->keep, pfn);
		if (pfn >= s->keep->bits)
			break;
		b->pfns[b->n++] = pfn;
	}
	s->next_pfn = pfn;
	s->next_index += b->n;
	if (s->options->progress && b->n > 0)
		s->options->progress(s->options->arg, b->index, s->n_pages);
	pthread_mutex_unlock(&s->lock);
	return b->n > 0;
}

/* Puts one page behind the @used bytes of the batch's data. */
static size_t batch_add_page(struct worker *w, unsigned i, const uint8_t *page, size_t used)
{
	struct save *s = w->save;
	size_t page_size = s->header.block_size, size;
	struct kdump_desc *desc = &w->pending[i];

	if (s->zero_offset && page_is_zero(page, page_size)) {
		*desc = (struct kdump_desc){ .offset = s->zero_offset, .size = page_size };
		atomic_fetch_add_explicit(&s->zero, 1, memory_order_relaxed);
		return used;
	}
	size = compressor_page(&w->compressor, page, page_size, w->data + used);
	*desc = (struct kdump_desc){ .size = size ?: page_size,
		                     .flags = size ? w->compressor.codec->flag : 0 };
	if (size == 0)
		memcpy(w->data + used, page, page_size);
	return used + desc->size;
}

/* Compresses the pages of the batch; returns the bytes of data. A page that cannot be read is lost,
 * the dump goes on. */
static size_t batch_pack(struct worker *w)
{
	struct save *s = w->save;
	size_t page_size = s->header.block_size, used = 0, len = 0;
	uint8_t *whole = w->data + BATCH_PAGES * page_size;
	const uint8_t *page = NULL;

	for (unsigned i = 0; i < w->batch.n; i++) {
		uint64_t pfn = w->batch.pfns[i];
		bool follows = i > 0 && pfn == w->batch.pfns[i - 1] + 1;

		if (follows && len >= 2 * page_size) {
			page += page_size;
			len -= page_size;
		} else if (reader_span(w->reader, pfn << s->dump->page_shift,
		                       (BATCH_PAGES - i) * page_size, &page, &len) < 0) {
			len = 0;
		}
		if (len > 0 && len < page_size) {
			page = whole;
			len = reader_read(w->reader, pfn << s->dump->page_shift, whole, page_size) <
			                      0
			              ? 0
			              : page_size;
		}
		if (len == 0) {
			w->pending[i] = (struct kdump_desc){};
			atomic_fetch_add_explicit(&s->unreadable, 1, memory_order_relaxed);
			continue;
		}
		used = batch_add_page(w, i, page, used);
	}
	return used;
}

/* Places the batch in the file: first the data, then the descriptors that point at it. */
static int batch_write(struct worker *w, size_t used)
{
	struct save *s = w->save;
	uint64_t offset = atomic_fetch_add(&s->end, used);
	int r;

	r = used ? sink_write(s->sink, offset, w->data, used) : 0;
	if (r < 0)
		return r;
	for (unsigned i = 0; i < w->batch.n; i++) {
		struct kdump_desc *desc = &w->pending[i];

		if (desc->size > 0 && desc->offset == 0) {
			desc->offset = offset;
			offset += desc->size;
		}
		kdump_desc_encode(desc, w->descs + i * KDUMP_DESC_SIZE);
	}
	return sink_write(s->sink, kdump_desc_offset(&s->header) + w->batch.index * KDUMP_DESC_SIZE,
	                  w->descs, w->batch.n * KDUMP_DESC_SIZE);
}

static void save_fail(struct save *s, int error)
{
	pthread_mutex_lock(&s->lock);
	if (s->error == 0) {
		snprintf(s->error_text, sizeof(s->error_text), "%s", err_text(error));
		s->error = error;
	}
	pthread_mutex_unlock(&s->lock);
}

static int worker_init(struct worker *w, struct save *s)
{
	int r;

	*w = (struct worker){ .save = s };
	w->data = malloc((BATCH_PAGES + 1) * (size_t)s->header.block_size);
	if (!w->data)
		return -ENOMEM;
	r = reader_new(s->dump, READ_WINDOW, &w->reader);
	if (r < 0)
		return r;
	return compressor_init(&w->compressor, s->options->codec, s->options->codec_level);
}

static void worker_done(struct worker *w)
{
	if (w->compressor.codec)
		compressor_done(&w->compressor);
	reader_free(w->reader);
	free(w->data);
}

/* Works until all batches are taken. @helps: other threads can do without this one, should it not
 * get its memory. */
static void worker_run(struct save *s, bool helps)
{
	struct worker *w;
	int r;

	w = malloc(sizeof(*w));
	r = w ? worker_init(w, s) : -ENOMEM;
	if (r < 0 && !helps)
		save_fail(s, r);
	while (r == 0 && s->error == 0 && batch_take(s, &w->batch)) {
		r = batch_write(w, batch_pack(w));
		if (r < 0)
			save_fail(s, r);
	}
	if (w)
		worker_done(w);
	free(w);
}

static void *worker_thread(void *arg)
{
	worker_run(arg, true);
	return NULL;
}

/* Writes bits [start, end) of a bitmap whose first bit lies at @offset; stretches without a bit
 * stay holes. */
static int save_bitmap_chunk(struct save *s, uint64_t offset, const struct bitmap *b,
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
	             : sink_write(s->sink, offset + start / 8, words, ALIGN_UP(end - start, 8) / 8);
}

static int save_bitmap(struct save *s, uint64_t offset, const struct bitmap *b)
{
	int r = 0;

	for (uint64_t start = 0; start < b->bits && r == 0; start += BITMAP_CHUNK * 8)
		r = save_bitmap_chunk(s, offset, b, start, MIN(start + BITMAP_CHUNK * 8, b->bits));
	return r;
}

/* The first bitmap comes from the list of RAM, a stretch at a time, so that it needs no memory of
 * its own. */
static int save_ram_bitmap(struct save *s, uint64_t offset)
{
	struct bitmap chunk;
	int r;

	r = bitmap_init(&chunk, BITMAP_CHUNK * 8);
	for (uint64_t start = 0; start < s->header.max_pfn && r == 0; start += chunk.bits) {
		uint64_t end = MIN(start + chunk.bits, s->header.max_pfn);

		bitmap_clear(&chunk, 0, chunk.bits);
		for (size_t i = 0; i < s->dump->n_ram; i++) {
			const struct ram_range *ram = &s->dump->ram[i];

			if (ram->end > start && ram->start < end)
				bitmap_set(&chunk, MAX(ram->start, start) - start,
				           MIN(ram->end, end) - start);
		}
		r = save_bitmap_chunk(s, offset + start / 8, &chunk, 0, end - start);
	}
	bitmap_done(&chunk);
	return r;
}

static int save_header(struct save *s, uint32_t status)
{
	uint8_t main[KDUMP_MAIN_SIZE], sub[KDUMP_SUB_SIZE];
	int r;

	s->header.status = status;
	kdump_header_encode(&s->header, main, sub);
	r = sink_write(s->sink, s->header.block_size, sub, sizeof(sub));
	return r < 0 ? r : sink_write(s->sink, 0, main, sizeof(main));
}

static void save_prepare(struct save *s)
{
	const struct save_options *o = s->options;
	const struct dump *d = s->dump;
	struct kdump_header *h = &s->header;

	h->block_size = dump_page_size(d);
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
	s->n_pages = bitmap_count(s->keep, 0, s->keep->bits);
	s->end = kdump_desc_offset(h) + s->n_pages * KDUMP_DESC_SIZE;
}

/* Everything but descriptors and data. */
static int save_front(struct save *s)
{
	const struct kdump_header *h = &s->header;
	int r;

	if (s->options->level & 1) {
		s->zero_offset = s->end;
		s->end += h->block_size;
	}
	/* Descriptors that are not written yet read as zero, which means "lost"; so does the shared
	 * page. */
	if ((r = sink_truncate(s->sink, s->end)) < 0 ||
	    (r = save_header(s, KDUMP_STATUS_INCOMPLETE | s->options->codec->flag)) < 0)
		return r;
	if (s->dump->notes_len > 0)
		r = sink_write(s->sink, h->notes_offset, s->dump->notes, s->dump->notes_len);
	if (r == 0)
		r = save_ram_bitmap(s, kdump_bitmap_offset(h));
	if (r == 0)
		r = save_bitmap(s, kdump_bitmap_offset(h) + kdump_bitmap_size(h), s->keep);
	return r;
}

/* Marks the file complete. It ends with a whole block, see written_blocks in kdump-header.h. */
static int save_end(struct save *s)
{
	int r;

	s->end = ALIGN_UP(s->end, (uint64_t)s->header.block_size);
	kdump_header_set_size(&s->header, s->end);
	r = sink_truncate(s->sink, s->end);
	if (r == 0)
		r = sink_sync(s->sink);
	if (r == 0)
		r = save_header(s, s->options->codec->flag);
	return r < 0 ? r : sink_sync(s->sink);
}

static int save_pages(struct save *s)
{
	pthread_t threads[64];
	unsigned n = 0;

	/* A thread that does not start is work for the others. */
	while (n + 1 < MIN(s->options->threads, ARRAY_SIZE(threads)) &&
	       pthread_create(&threads[n], NULL, worker_thread, s) == 0)
		n++;
	worker_run(s, false);
	while (n > 0)
		pthread_join(threads[--n], NULL);
	return s->error ? errf(s->error, "%s", s->error_text) : 0;
}

int save_kdump(const struct dump *d, const struct bitmap *keep, const struct save_options *o,
               struct sink *sink, struct save_result *ret)
{
	struct save s = {
		.dump = d,
		.keep = keep,
		.options = o,
		.sink = sink,
		.lock = PTHREAD_MUTEX_INITIALIZER,
	};
	int r;

	save_prepare(&s);
	r = save_front(&s);
	if (r == 0)
		r = save_pages(&s);
	if (r == 0)
		r = save_end(&s);
	if (r == 0 && o->progress)
		o->progress(o->arg, s.n_pages, s.n_pages);
	*ret = (struct save_result){
		.pages = s.n_pages,
		.zero = s.zero,
		.unreadable = s.unreadable,
		.file_size = s.end,
	};
	return r;
}
