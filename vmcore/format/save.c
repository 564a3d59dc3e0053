// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * save.c - brings the kept pages of a dump to a writer, see save.h and writer.h.
 *
 * Threads take batches of kept pages and have the format pack and write them. A page has a fixed
 * place in the file, or gets its place, together with others, by one atomic addition. So no thread
 * waits for another.
 */
#include "vmcore/format/save.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>

#include "base/err.h"
#include "vmcore/format/writer.h"

#define READ_WINDOW MIB(4)

/* The descriptors of a batch are written together: large ones, but BATCH_PART for each thread. */
#define BATCH_PAGES 8192
#define BATCH_LEAST 4096
#define BATCH_PART  32

/* Kept pages in the order of page frames. Pages of other passes may lie between them. */
struct batch {
	uint64_t pfns[BATCH_PAGES];
	uint64_t index[BATCH_PAGES]; /* how many kept pages come before each */
	unsigned n;
	unsigned row_end; /* behind the row of page frames that was looked at last */
};

struct save {
	struct writer writer;
	_Atomic int error; /* of the first thread that failed; the others then stop */
	char error_text[256];

	/* One pass over all pages, or one over each set of options->first and one over the rest. */
	const struct bitmap *set;  /* pages of this pass, as far as they are kept ... */
	const struct bitmap *done; /* ... but for these, of earlier passes; NULL: none were */
	bool has_gaps;             /* pages of other passes lie between those of a pass */

	unsigned batch_pages; /* the most that a batch has */

	pthread_mutex_t lock; /* of what follows */
	uint64_t next_pfn;    /* where the next batch begins */
	uint64_t next_index;  /* how many kept pages come before next_pfn */
	uint64_t taken;       /* pages in batches so far */
};

/* The state of one thread. */
struct worker {
	struct save *save;
	struct reader *reader;
	void *lane; /* of the format */
	struct batch batch;
	uint8_t *whole; /* joins a page that the reader gives in pieces */
};

bool page_is_zero(const uint8_t *page, size_t size)
{
	/* Equal to itself shifted by one byte, with the first byte zero. */
	return page[0] == 0 && memcmp(page, page + 1, size - 1) == 0;
}

/* The first page from @pfn on that belongs to this pass. */
static uint64_t pass_next(const struct save *s, uint64_t pfn)
{
	const struct bitmap *keep = s->writer.keep, *set = s->set;

	while ((pfn = bitmap_next_set(set, pfn)) < set->bits &&
	       (!bitmap_test(keep, pfn) || (s->done && bitmap_test(s->done, pfn))))
		pfn++;
	return pfn < set->bits ? pfn : keep->bits;
}

static bool batch_take(struct save *s, struct batch *b)
{
	const struct writer *w = &s->writer;
	uint64_t pfn, next;

	pthread_mutex_lock(&s->lock);
	pfn = s->next_pfn;
	b->row_end = 0;
	for (b->n = 0; b->n < s->batch_pages; pfn = next + 1) {
		next = pass_next(s, pfn);
		if (next >= w->keep->bits) {
			pfn = w->keep->bits;
			break;
		}
		if (s->has_gaps)
			s->next_index += bitmap_count(w->keep, pfn, next);
		b->pfns[b->n] = next;
		b->index[b->n++] = s->next_index++;
	}
	s->next_pfn = pfn;
	if (w->options->progress && b->n > 0)
		w->options->progress(w->options->arg, s->taken, w->n_pages);
	s->taken += b->n;
	pthread_mutex_unlock(&s->lock);
	return b->n > 0;
}

/* How many pages of the batch, from number @i on, have consecutive page frames. Numbers only go up.
 * Pages of a row may be lost one by one, and the row is not to be looked at again for each. */
static unsigned batch_row(struct batch *b, unsigned i)
{
	if (b->row_end <= i)
		for (b->row_end = i + 1; b->row_end < b->n; b->row_end++)
			if (b->pfns[b->row_end] != b->pfns[i] + (b->row_end - i))
				break;
	return b->row_end - i;
}

/* Reads pages of the batch from number @i on, as many as lie in a row. Returns how many; *@ret is
 * NULL when the first of them cannot be read. */
static unsigned batch_read(struct worker *w, unsigned i, const uint8_t **ret)
{
	const struct dump *d = w->save->writer.dump;
	uint64_t paddr = w->batch.pfns[i] << d->page_shift;
	size_t page_size = dump_page_size(d), len;
	unsigned n = batch_row(&w->batch, i);

	if (reader_span(w->reader, paddr, n * page_size, ret, &len) < 0) {
		*ret = NULL;
		return 1;
	}
	if (len >= page_size)
		return len / page_size;
	*ret = reader_read(w->reader, paddr, w->whole, page_size) < 0 ? NULL : w->whole;
	return 1;
}

/* Gives the pages of the batch to the format. A page that cannot be read is lost. */
static int batch_write(struct worker *w)
{
	struct writer *writer = &w->save->writer;
	const atomic_bool *stop = writer->options->stop;
	int r = 0;

	if (writer->format->begin_batch)
		writer->format->begin_batch(w->lane);
	for (unsigned i = 0, n; i < w->batch.n && r == 0; i += n) {
		const uint8_t *pages;
		unsigned faults;

		if (stop && atomic_load(stop))
			return errf(-EINTR, "interrupted");
		n = batch_read(w, i, &pages);
		faults = reader_faults(w->reader);
		if (!pages)
			atomic_fetch_add_explicit(&writer->lost, n, memory_order_relaxed);
		r = writer->format->pages(w->lane, w->batch.index[i], pages, n);
		atomic_fetch_add_explicit(&writer->lost, reader_faults(w->reader) - faults,
		                          memory_order_relaxed);
	}
	return r;
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

	w->save = s;
	w->whole = malloc(dump_page_size(s->writer.dump));
	if (!w->whole)
		return -ENOMEM;
	r = reader_new(s->writer.dump, s->writer.options->window ?: READ_WINDOW, &w->reader);
	if (r < 0)
		return r;
	if (s->writer.format->read_size)
		reader_read_size(w->reader, s->writer.format->read_size);
	return s->writer.format->lane_new(&s->writer, &w->lane);
}

/* Works until all batches are taken. @helps: lack of memory is no error, others do the work. */
static void worker_run(struct save *s, bool helps)
{
	struct worker *w = calloc(1, sizeof(*w));
	int r = w ? worker_init(w, s) : -ENOMEM;

	if (r < 0 && !helps)
		save_fail(s, r);
	while (r >= 0 && s->error == 0 && batch_take(s, &w->batch)) {
		r = batch_write(w);
		if (r < 0)
			save_fail(s, r);
	}
	if (w && w->lane) {
		r = s->writer.format->drain(w->lane);
		if (r < 0)
			save_fail(s, r);
		s->writer.format->lane_free(w->lane);
	}
	if (w) {
		reader_free(w->reader);
		free(w->whole);
	}
	free(w);
}

static void *worker_thread(void *arg)
{
	worker_run(arg, true);
	return NULL;
}

static int save_pass(struct save *s)
{
	pthread_t threads[64];
	unsigned n = 0;

	s->next_pfn = 0;
	s->next_index = 0;
	/* If a thread does not start, the others do its work. */
	while (n + 1 < MIN(s->writer.options->threads, ARRAY_SIZE(threads)) &&
	       pthread_create(&threads[n], NULL, worker_thread, s) == 0)
		n++;
	worker_run(s, false);
	while (n > 0)
		pthread_join(threads[--n], NULL);
	return s->error ? errf(s->error, "%s", s->error_text) : 0;
}

static int save_pages(struct save *s)
{
	const struct writer *w = &s->writer;
	bool ordered = w->format->any_order && !sink_is_stream(w->sink);
	const struct bitmap *const *first = w->options->first;
	int r = 0;

	s->has_gaps = ordered && first[0];
	for (; ordered && *first && r == 0; s->done = *first++) {
		s->set = *first;
		r = save_pass(s);
	}
	s->set = w->keep;
	return r < 0 ? r : save_pass(s);
}

bool writer_is_incomplete(const struct writer *w)
{
	return w->options->incomplete || w->lost > 0;
}

void writer_lose(struct writer *w, uint64_t n, int error)
{
	atomic_fetch_add(&w->lost, n);
	if (!atomic_flag_test_and_set(&w->unwritten))
		(void)err_note(error, w->unwritten_why);
}

int save_as(const struct writer_format *f, const struct dump *d, const struct bitmap *keep,
            const struct save_options *o, struct sink *sink, struct save_result *ret)
{
	struct save s = {
		.writer = {
			.format = f,
			.dump = d,
			.keep = keep,
			.options = o,
			.sink = sink,
			.n_pages = bitmap_count(keep, 0, keep->bits),
		},
		.lock = PTHREAD_MUTEX_INITIALIZER,
	};
	struct writer *w = &s.writer;
	int r;

	s.batch_pages =
		MAX(MIN(w->n_pages / (BATCH_PART * MAX(o->threads, 1)), BATCH_PAGES), BATCH_LEAST);
	if ((r = f->begin(w)) >= 0 && (r = save_pages(&s)) >= 0)
		r = f->finish(w);
	f->close(w);
	if (r >= 0 && o->progress)
		o->progress(o->arg, w->n_pages, w->n_pages);
	*ret = (struct save_result){
		.pages = w->n_pages,
		.zero = w->zero,
		.unreadable = w->lost,
		.file_size = w->end,
	};
	strcpy(ret->unwritten_why, w->unwritten_why);
	return r;
}

int save_kdump(const struct dump *d, const struct bitmap *keep, const struct save_options *o,
               struct sink *sink, struct save_result *ret)
{
	return save_as(&writer_kdump, d, keep, o, sink, ret);
}

const char *writer_format_name(const struct writer_format *f)
{
	return f->name;
}

bool writer_format_is_compressed(const struct writer_format *f)
{
	return f->compressed;
}

bool writer_format_tells_lost(const struct writer_format *f)
{
	return f->tells_lost;
}

int writer_format_parse(const char *name, const struct writer_format **ret)
{
	char list[64] = "";
	size_t len = 0;

	for (size_t i = 0; writer_formats[i]; i++) {
		if (streq(writer_formats[i]->name, name)) {
			*ret = writer_formats[i];
			return 0;
		}
		len += snprintf(list + len, sizeof(list) - len, "%s%s", i ? ", " : "",
		                writer_formats[i]->name);
	}
	return errf(-EINVAL, "\"%s\" is not a format that can be written: use one of %s", name,
	            list);
}

const struct writer_format *const writer_formats[] = { &writer_kdump, &writer_elf, NULL };
