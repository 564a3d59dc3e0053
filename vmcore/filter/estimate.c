// SPDX-License-Identifier: GPL-2.0-or-later
/* estimate.c - how large a dump would be, see estimate.h. */
#include "vmcore/filter/estimate.h"

#include "base/err.h"

#define SAMPLES 1024

/* A sample of the pages of a class: one page of each @stride that are met. When it is full, every
 * other page goes, and @stride doubles. */
struct sample {
	uint64_t pfns[SAMPLES];
	unsigned n;
	uint64_t seen;   /* pages of the class so far */
	uint64_t stride; /* pages per sample */
	uint64_t next;   /* which page of the class is the next one to take */
	uint64_t random;
};

struct estimator {
	struct sample samples[PAGE_CLASSES];
	struct reader *reader;
	struct compressor compressor;
	uint8_t *page, *packed;
	size_t page_size;
	size_t zero_size; /* a page of zeroes, compressed */
};

/* xorshift64. The page of a stride is picked at random, since memory has patterns. The numbers need
 * not be secret, and each run has the same ones. */
static uint64_t sample_random(struct sample *s)
{
	s->random ^= s->random << 13;
	s->random ^= s->random >> 7;
	s->random ^= s->random << 17;
	return s->random;
}

/* A filter_watch's excluded(). */
static void sample_add(void *arg, enum page_class class, uint64_t start, uint64_t end)
{
	struct sample *s = &((struct sample *)arg)[class];

	for (; s->next < s->seen + (end - start);
	     s->next = s->n * s->stride + sample_random(s) % s->stride) {
		s->pfns[s->n++] = start + (s->next - s->seen);
		if (s->n < SAMPLES)
			continue;
		/* Half of them stay. */
		for (unsigned i = 0; i < SAMPLES / 2; i++)
			s->pfns[i] = s->pfns[2 * i + (sample_random(s) & 1)];
		s->n = SAMPLES / 2;
		s->stride *= 2;
	}
	s->seen += end - start;
}

static size_t estimator_pack(struct estimator *e)
{
	return compressor_page(&e->compressor, e->page, e->page_size, e->packed, e->page_size)
	               ?: e->page_size;
}

static void estimate_class(struct estimator *e, enum page_class class, struct estimate_class *ret)
{
	const struct sample *s = &e->samples[class];
	uint64_t n = 0, zero = 0, bytes = 0;

	*ret = (struct estimate_class){ .pages = s->seen };
	/* No level keeps them, and they may not be read. */
	if (estimate_excludes(0, class))
		return;
	for (unsigned i = 0; i < s->n; i++) {
		if (reader_read(e->reader, s->pfns[i] * e->page_size, e->page, e->page_size) < 0)
			continue;
		n++;
		if (page_is_zero(e->page, e->page_size))
			zero++;
		else
			bytes += estimator_pack(e);
	}
	if (n == 0)
		return;
	ret->zero = (double)zero / n;
	ret->shared = (double)bytes / n;
	ret->bytes = ret->shared + ret->zero * e->zero_size;
}

static int estimator_init(struct estimator *e, const struct dump *d, const struct codec *codec,
                          int codec_level)
{
	int r;

	e->page_size = dump_page_size(d);
	for (enum page_class i = 0; i < PAGE_CLASSES; i++)
		e->samples[i] = (struct sample){ .stride = 1, .random = 88172645463325252 };
	e->page = calloc(1, e->page_size);
	e->packed = malloc(e->page_size);
	if (!e->page || !e->packed)
		return oom("an estimate");
	r = compressor_init(&e->compressor, codec ? codec : codecs[0], codec ? codec_level : 0);
	if (r < 0)
		return r;
	e->zero_size = estimator_pack(e);
	return reader_new(d, KIB(64), &e->reader);
}

static void estimator_free(struct estimator **p)
{
	struct estimator *e = *p;

	if (!e)
		return;
	if (e->compressor.codec)
		compressor_done(&e->compressor);
	reader_free(e->reader);
	free(e->page);
	free(e->packed);
	free(e);
}

int estimate_run(const struct dump *d, struct kspace *ks, const struct bitmap *needed,
                 struct bitmap *pages, const struct codec *codec, int codec_level,
                 struct estimate *ret)
{
	_cleanup_(estimator_free) struct estimator *e = calloc(1, sizeof(*e));
	struct kdump_header header = { .block_size = dump_page_size(d) };
	struct filter_result filtered;
	int r;

	if (!e)
		return oom("an estimate");
	if ((r = estimator_init(e, d, codec, codec_level)) < 0 ||
	    (r = filter_apply(d, ks, LEVEL_MAX, needed, pages,
	                      &(struct filter_watch){ sample_add, e->samples }, &filtered)) < 0)
		return r;
	for (uint64_t end, pfn = bitmap_next_set(pages, 0); pfn < pages->bits;
	     pfn = bitmap_next_set(pages, end)) {
		end = bitmap_next_clear(pages, pfn);
		sample_add(e->samples, PAGE_KEEP, pfn, end);
	}
	kdump_header_layout(&header, d->max_pfn, d->notes_len);
	*ret = (struct estimate){
		.page_shift = d->page_shift,
		.pages = filtered.total,
		.header = codec ? kdump_desc_offset(&header) : dump_page_size(d) + d->notes_len,
	};
	for (enum page_class i = 0; i < PAGE_CLASSES; i++) {
		estimate_class(e, i, &ret->classes[i]);
		/* Without compression, zeroes too are in the file, be it as holes. */
		if (!codec)
			ret->classes[i].bytes = ret->classes[i].shared = e->page_size;
		else {
			ret->classes[i].bytes += KDUMP_DESC_SIZE;
			ret->classes[i].shared += KDUMP_DESC_SIZE;
		}
	}
	memcpy(ret->remark, filtered.remark, sizeof(ret->remark));
	return 0;
}

bool estimate_excludes(unsigned level, enum page_class class)
{
	static const unsigned levels[PAGE_CLASSES] = {
		[PAGE_FREE] = LEVEL_FREE,
		[PAGE_CACHE] = LEVEL_CACHE | LEVEL_PRIVATE_CACHE,
		[PAGE_PRIVATE_CACHE] = LEVEL_PRIVATE_CACHE,
		[PAGE_USER] = LEVEL_USER,
	};

	return class == PAGE_HWPOISON || class == PAGE_OFFLINE || class == PAGE_UNACCEPTED ||
	       level & levels[class];
}

struct estimate_size estimate_level(const struct estimate *e, unsigned level)
{
	struct estimate_size size = { .bytes = e->header };
	double bytes = 0;

	for (enum page_class i = 0; i < PAGE_CLASSES; i++) {
		const struct estimate_class *c = &e->classes[i];

		if (estimate_excludes(level, i))
			continue;
		size.pages += c->pages;
		size.zero += c->pages * c->zero;
		bytes += c->pages * (level & LEVEL_ZERO ? c->shared : c->bytes);
	}
	size.bytes += bytes;
	return size;
}
