// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kdump-read.c - reads kdump-compressed files, see kdump-header.h.
 *
 * The descriptor of a page is found by its rank: the number of bits in the second bitmap before its
 * own. One count is kept per 4096 pages, so a rank takes one look-up and a few population counts.
 * In a part of a split dump the descriptors begin with that of the part's first page.
 *
 * A file may lack its end, because the disk was full or because it was cut off later. Then only the
 * pages there are lost, as long as headers and bitmaps are whole.
 */
#include <byteswap.h>
#include <endian.h>
#include <errno.h>

#include "base/bitmap.h"
#include "base/array.h"
#include "base/err.h"
#include "vmcore/format/dump-format.h"
#include "vmcore/format/kdump-header.h"
#include "vmcore/format/notes.h"
#include "vmcore/io/codec.h"

#define RANK_STEP 64
#define MAX_NOTES MIB(64)

/* Holes of a bitmap in the file are looked for at the ends of pieces of this many bytes. */
#define BITMAP_PIECE MIB(1)

/* Bytes of a note named VMCOREINFO before its text: three numbers, and the name in 12 bytes. */
#define NOTE_OVERHEAD 24

/* The number of last descriptors that are looked at to find out if a file was cut off. */
#define CUT_CHECK 4096

/* An unpacked page that was returned to this often outlives as many rounds of others. */
#define MAX_USES 15

/* One file. */
struct part {
	struct source *source; /* borrowed */
	struct kdump_header header;
	uint64_t start, end; /* its page frames */
	uint64_t rank;       /* of the first of them */
};

struct kdump {
	struct part *parts; /* sorted by page frames, apart from each other */
	size_t n_parts;
	struct bitmap saved;
	uint64_t *ranks; /* bits of @saved before word i * RANK_STEP of those in memory */
};

static int kdump_read_header(const struct source *s, struct kdump_header *ret)
{
	uint8_t main[KDUMP_MAIN_SIZE] = {}, sub[KDUMP_SUB_SIZE];
	uint64_t size = source_size(s);
	int r;

	if (source_read(s, 0, main, MIN(size, sizeof(main))) < 0)
		return 0;
	if (size < sizeof(main) && memcmp(main, KDUMP_SIGNATURE, 8) == 0)
		return errf(-EBADMSG, "%s: ends within its header, at %llu bytes", source_name(s),
		            (unsigned long long)size);
	r = kdump_header_decode_main(main, ret);
	if (r <= 0)
		return r < 0 ? err_prefix(r, "%s", source_name(s)) : 0;
	r = source_read(s, ret->block_size, sub, sizeof(sub));
	if (r < 0)
		return r;
	r = kdump_header_decode_sub(sub, ret);
	if (r < 0)
		return err_prefix(r, "%s", source_name(s));
	/* Without whole bitmaps nothing is known of the pages. */
	if (kdump_desc_offset(ret) > size)
		return errf(-EBADMSG, "%s: ends before its bitmaps do, at %llu bytes",
		            source_name(s), (unsigned long long)size);
	return 1;
}

/* Makes @ret a bitmap with words for what is no hole of the file at @offset. */
static int kdump_bitmap_over(const struct source *s, uint64_t offset, uint64_t bits,
                             struct bitmap *ret)
{
	_cleanup_free_ struct bitmap_range *ranges = NULL;
	size_t n = 0;

	for (uint64_t at = 0, end; at < ALIGN_UP(bits, 8) / 8; at = end) {
		at = ALIGN_DOWN(source_next_contents(s, offset + at) - offset, 8);
		end = at + BITMAP_PIECE;
		if (n > 0 && ranges[n - 1].end == at * 8) {
			ranges[n - 1].end = end * 8;
			continue;
		}
		if (array_grow(&ranges, n, "the bitmap of a dump") < 0)
			return -ENOMEM;
		ranges[n++] = (struct bitmap_range){ at * 8, end * 8 };
	}
	return bitmap_init_over(ret, bits, ranges, n);
}

/* Reads bitmap @which (0 or 1). */
static int kdump_read_bitmap(const struct dump *d, unsigned which, struct bitmap *ret)
{
	const struct kdump_header *h = &((struct kdump *)d->private)->parts[0].header;
	uint64_t offset = kdump_bitmap_offset(h), bytes = ALIGN_UP(h->max_pfn, 8) / 8;
	_cleanup_(bitmap_done) struct bitmap b = {};
	int r;

	if (which > 0 && !h->one_bitmap)
		offset += kdump_bitmap_size(h);
	r = kdump_bitmap_over(d->source, offset, h->max_pfn, &b);
	for (size_t i = 0; r >= 0 && i < b.n; i++) {
		uint64_t start = b.ranges[i].start * 8;

		r = source_read(d->source, offset + start, b.words + b.at[i],
		                MIN(b.ranges[i].end * 8, bytes) - start);
	}
	if (r < 0)
		return r;
	for (uint64_t w = 0; w < b.at[b.n]; w++)
		b.words[w] = le64toh(b.words[w]);
	/* Bits past the last page frame mean nothing. */
	if (b.bits % 64 && b.n > 0 && b.ranges[b.n - 1].end == b.bits / 64 + 1)
		b.words[b.at[b.n] - 1] &= ~(UINT64_MAX << (b.bits % 64));
	*ret = TAKE_STRUCT(b);
	return 0;
}

static int kdump_read_ram(struct dump *d)
{
	_cleanup_(bitmap_done) struct bitmap ram = {};
	int r = kdump_read_bitmap(d, 0, &ram);

	if (r < 0)
		return r;
	for (uint64_t pfn = bitmap_next_set(&ram, 0); pfn < ram.bits;) {
		uint64_t end = bitmap_next_clear(&ram, pfn);

		r = dump_add_ram(d, pfn, end);
		if (r < 0)
			return r;
		pfn = bitmap_next_set(&ram, end);
	}
	return 0;
}

/* Makes a note of VMCOREINFO, for files that have it outside their notes. Returns its size. */
static int kdump_make_vmcoreinfo(const struct dump *d, const struct kdump_header *h, uint8_t *note)
{
	static const char name[12] = "VMCOREINFO";
	uint32_t head[3] = { sizeof("VMCOREINFO"), h->vmcoreinfo_size, 0 };
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(head); i++)
		head[i] = h->swap ? bswap_32(head[i]) : head[i];
	memcpy(note, head, sizeof(head));
	memcpy(note + sizeof(head), name, sizeof(name));
	r = source_read(d->source, h->vmcoreinfo_offset, note + NOTE_OVERHEAD, h->vmcoreinfo_size);
	return r < 0 ? r : (int)(NOTE_OVERHEAD + ALIGN_UP(h->vmcoreinfo_size, 4));
}

static int kdump_read_notes(struct dump *d)
{
	const struct kdump_header *h = &((struct kdump *)d->private)->parts[0].header;
	_cleanup_free_ uint8_t *notes = NULL;
	size_t made = 0;
	uint8_t *own;
	int r;

	if (h->notes_size > MAX_NOTES || h->vmcoreinfo_size > MAX_NOTES)
		return errf(-EBADMSG, "%s: %llu bytes of notes are not plausible",
		            source_name(d->source),
		            (unsigned long long)MAX(h->notes_size, h->vmcoreinfo_size));
	/* A note that is made goes in front, since the file's own may end the list. */
	notes = calloc(1, NOTE_OVERHEAD + ALIGN_UP(h->vmcoreinfo_size, 4) + h->notes_size + 1);
	if (!notes)
		return -ENOMEM;
	own = notes + NOTE_OVERHEAD + ALIGN_UP(h->vmcoreinfo_size, 4);
	if (h->notes_size > 0 &&
	    (r = source_read(d->source, h->notes_offset, own, h->notes_size)) < 0)
		return r;
	if (h->vmcoreinfo_size > 0 &&
	    notes_scan(own, h->notes_size, h->swap).vmcoreinfo_offset == 0) {
		r = kdump_make_vmcoreinfo(d, h, notes);
		if (r < 0)
			return r;
		made = r;
	} else {
		memmove(notes, own, h->notes_size);
	}
	dump_set_notes(d, TAKE_PTR(notes), made + h->notes_size, h->swap);
	return 0;
}

static int kdump_make_ranks(struct kdump *k)
{
	uint64_t words = k->saved.at[k->saved.n], n = words / RANK_STEP + 1, rank = 0;

	k->ranks = malloc(n * sizeof(*k->ranks));
	if (!k->ranks)
		return -ENOMEM;
	for (uint64_t i = 0; i < n; i++) {
		k->ranks[i] = rank;
		rank += bitmap_count_places(&k->saved, i * RANK_STEP,
		                            MIN((i + 1) * RANK_STEP, words));
	}
	return 0;
}

static uint64_t kdump_rank(const struct kdump *k, uint64_t pfn)
{
	uint64_t place;

	pfn = MIN(pfn, k->saved.bits);
	place = bitmap_place(&k->saved, pfn / 64);
	return k->ranks[place / RANK_STEP] +
	       bitmap_count_places(&k->saved, ALIGN_DOWN(place, RANK_STEP), place) +
	       bitmap_count(&k->saved, ALIGN_DOWN(pfn, 64), pfn);
}

static uint64_t desc_offset(const struct part *p, uint64_t rank)
{
	return kdump_desc_offset(&p->header) + (rank - p->rank) * KDUMP_DESC_SIZE;
}

static bool desc_in_file(const struct part *p, const struct kdump_desc *desc)
{
	uint64_t size = source_size(p->source);

	return desc->offset <= size && desc->size <= size - desc->offset;
}

/* True if one of the last descriptors points behind the end of the file. For files of other
 * writers, which write data in the order of descriptors. */
static bool part_data_is_cut(const struct kdump *k, const struct part *p)
{
	uint64_t end = kdump_rank(k, p->end);
	uint64_t from = end - MIN(end - p->rank, CUT_CHECK);
	bool cut = false;
	struct window w;

	window_init(&w, p->source, KIB(64));
	for (uint64_t rank = from; rank < end && !cut; rank++) {
		const uint8_t *bytes;
		struct kdump_desc desc;
		size_t len;

		if (window_get(&w, desc_offset(p, rank), KDUMP_DESC_SIZE, KDUMP_DESC_SIZE, &bytes,
		               &len) < 0)
			break;
		kdump_desc_decode(bytes, p->header.swap, &desc);
		cut = !desc_in_file(p, &desc);
	}
	window_done(&w);
	return cut;
}

/* True if the file ends before its descriptors or its data do. */
static bool part_is_cut(const struct kdump *k, const struct part *p)
{
	uint64_t size = source_size(p->source);

	if (desc_offset(p, kdump_rank(k, p->end)) > size)
		return true;
	return p->header.written_blocks ? kdump_header_cut(&p->header, size)
	                                : part_data_is_cut(k, p);
}

static bool same_dump(const struct kdump_header *a, const struct kdump_header *b)
{
	return a->swap == b->swap && a->layout == b->layout && a->word == b->word &&
	       a->crash_time == b->crash_time && a->block_size == b->block_size &&
	       a->bitmap_blocks == b->bitmap_blocks && a->max_pfn == b->max_pfn &&
	       memcmp(a->uts, b->uts, sizeof(a->uts)) == 0;
}

static int part_compare(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return (x->end > y->end) - (x->end < y->end);
}

/* Reads the headers of all files. 0: the first one is of another format. */
static int kdump_read_parts(struct dump *d, struct kdump *k)
{
	int r;

	k->parts = calloc(d->n_parts, sizeof(*k->parts));
	if (!k->parts)
		return -ENOMEM;
	for (size_t i = 0; i < d->n_parts; i++) {
		struct part *p = &k->parts[i];
		struct kdump_header *h = &p->header;

		p->source = d->parts[i];
		r = kdump_read_header(p->source, h);
		if (r < 0 || (r == 0 && i == 0))
			return r;
		if (d->n_parts > 1 && (r == 0 || !h->split))
			return errf(-EINVAL, "%s: is not a part of a split dump, open it alone",
			            source_name(p->source));
		if (!same_dump(h, &k->parts[0].header))
			return errf(-EINVAL, "%s: is a part of another dump than %s",
			            source_name(p->source), source_name(d->source));
		p->start = h->split ? h->start_pfn : 0;
		p->end = h->split ? MIN(h->end_pfn, h->max_pfn) : h->max_pfn;
	}
	k->n_parts = d->n_parts;
	return 1;
}

/* Sorts the parts. -EINVAL: two have the same pages. A missing one makes the dump incomplete. */
static int kdump_join_parts(struct dump *d, struct kdump *k)
{
	const struct part *last = NULL;
	uint64_t covered = 0;

	qsort(k->parts, k->n_parts, sizeof(*k->parts), part_compare);
	for (size_t i = 0; i < k->n_parts; i++) {
		struct part *p = &k->parts[i];

		if (p->header.status & KDUMP_STATUS_INCOMPLETE)
			d->state = DUMP_INCOMPLETE;
		if (p->start == p->end)
			continue;
		if (p->start < covered)
			return errf(-EINVAL, "%s: the same part of the dump as %s",
			            source_name(p->source), source_name(last->source));
		if (p->start > covered)
			d->state = DUMP_INCOMPLETE;
		covered = p->end;
		last = p;
	}
	if (covered < k->parts[0].header.max_pfn)
		d->state = DUMP_INCOMPLETE;
	d->source = k->parts[0].source;
	return 0;
}

static int kdump_open(struct dump *d)
{
	const struct kdump_header *h;
	struct kdump *k;
	int r;

	d->private = k = calloc(1, sizeof(*k));
	if (!k)
		return -ENOMEM;
	r = kdump_read_parts(d, k);
	if (r <= 0)
		return r;
	r = kdump_join_parts(d, k);
	if (r < 0)
		return r;
	h = &k->parts[0].header;
	d->page_shift = __builtin_ctz(h->block_size);
	d->swap = h->swap;
	d->level = h->level;
	d->phys_base = h->phys_base;
	d->max_pfn = h->max_pfn;
	d->crash_time = h->crash_time;
	d->class32 = h->word == 4;
	memcpy(d->uts, h->uts, sizeof(d->uts));
	memcpy(d->machine, h->uts[4], sizeof(d->machine));
	if ((r = kdump_read_notes(d)) < 0 || (r = kdump_read_ram(d)) < 0 ||
	    (r = kdump_read_bitmap(d, 1, &k->saved)) < 0 || (r = kdump_make_ranks(k)) < 0)
		return r;
	for (size_t i = 0; i < k->n_parts; i++) {
		k->parts[i].rank = kdump_rank(k, k->parts[i].start);
		if (part_is_cut(k, &k->parts[i]))
			d->state = DUMP_INCOMPLETE;
	}
	return 1;
}

static void kdump_close(struct dump *d)
{
	struct kdump *k = d->private;

	if (k) {
		bitmap_done(&k->saved);
		free(k->ranks);
		free(k->parts);
	}
	free(k);
	d->private = NULL;
}

static const struct part *kdump_part(const struct kdump *k, uint64_t pfn)
{
	for (size_t i = 0; i < k->n_parts; i++)
		if (pfn >= k->parts[i].start && pfn < k->parts[i].end)
			return &k->parts[i];
	return NULL;
}

/* Finds the descriptor of a page, and the file it is in. */
static int kdump_find(struct reader *reader, uint64_t pfn, struct kdump_desc *ret,
                      const struct part **ret_part)
{
	const struct kdump *k = reader->dump->private;
	const struct part *p = kdump_part(k, pfn);
	const uint8_t *bytes;
	uint64_t offset;
	size_t len;
	int r;

	if (!bitmap_test(&k->saved, pfn))
		return dump_no_page(reader->dump, pfn);
	if (!p)
		return errf(-ENODATA, "page %#llx is in a part of the dump that is not here",
		            (unsigned long long)pfn);
	offset = desc_offset(p, kdump_rank(k, pfn));
	if (offset + KDUMP_DESC_SIZE > source_size(p->source))
		return errf(-ENODATA, "%s: was cut off before page %#llx", source_name(p->source),
		            (unsigned long long)pfn);
	window_switch(&reader->index, p->source);
	r = window_get(&reader->index, offset, KDUMP_DESC_SIZE, KDUMP_DESC_SIZE, &bytes, &len);
	if (r < 0)
		return r;
	kdump_desc_decode(bytes, p->header.swap, ret);
	if (ret->offset == 0)
		return errf(-ENODATA, "%s: page %#llx was lost", source_name(p->source),
		            (unsigned long long)pfn);
	*ret_part = p;
	return 0;
}

/* Unpacks one page. In an incomplete file a descriptor may have been written in part. */
static int kdump_load_page(struct reader *reader, uint64_t pfn, uint8_t *page)
{
	uint64_t page_size = dump_page_size(reader->dump);
	const struct codec *codec;
	const struct part *part;
	struct kdump_desc desc;
	const uint8_t *data;
	const char *name;
	size_t len;
	int r = kdump_find(reader, pfn, &desc, &part);

	if (r < 0)
		return r;
	name = source_name(part->source);
	if (desc.size == 0 || desc.size > page_size || (desc.flags == 0 && desc.size != page_size))
		return errf(reader->dump->state == DUMP_INCOMPLETE ? -ENODATA : -EBADMSG,
		            "%s: page %#llx has %u bytes, which is not plausible", name,
		            (unsigned long long)pfn, desc.size);
	if (!desc_in_file(part, &desc))
		return errf(-ENODATA, "%s: was cut off, page %#llx lies behind its end", name,
		            (unsigned long long)pfn);
	window_switch(&reader->window, part->source);
	r = window_get(&reader->window, desc.offset, desc.size, desc.size, &data, &len);
	if (r < 0)
		return r;
	if (desc.flags == 0) {
		memcpy(page, data, page_size);
		return 0;
	}
	codec = codec_by_flag(desc.flags);
	if (!codec)
		return errf(-EBADMSG, "%s: page %#llx has an unknown compression %#x", name,
		            (unsigned long long)pfn, desc.flags);
	r = codec->decompress(data, desc.size, page, page_size);
	if (r < 0)
		return errf(r, "%s: page %#llx does not unpack with %s", name,
		            (unsigned long long)pfn, codec->name);
	return 0;
}

/* The index of page @pfn among the unpacked ones; n_pages when it is not there. */
static unsigned kdump_unpacked(struct reader *reader, uint64_t pfn)
{
	unsigned i = 0;

	if (reader->pfns[reader->hint] == pfn)
		return reader->hint;
	while (i < reader->n_pages && reader->pfns[i] != pfn)
		i++;
	if (i < reader->n_pages && reader->uses[i] < MAX_USES)
		reader->uses[i]++;
	return i;
}

/* The index of the unpacked page that gives way to another: the oldest that was not returned to.
 * Those before it lose one use each. */
static unsigned kdump_unused(struct reader *reader)
{
	unsigned i = reader->oldest;

	for (; reader->uses[i] > 0; i = (i + 1) % reader->n_pages)
		reader->uses[i]--;
	reader->oldest = (i + 1) % reader->n_pages;
	return i;
}

static int kdump_span(struct reader *reader, uint64_t paddr, size_t want, const uint8_t **ret,
                      size_t *ret_len)
{
	uint64_t page_size = dump_page_size(reader->dump), pfn = paddr >> reader->dump->page_shift;
	unsigned i = kdump_unpacked(reader, pfn);
	int r;

	if (i == reader->n_pages) {
		i = kdump_unused(reader);
		reader->pfns[i] = UINT64_MAX;
		r = kdump_load_page(reader, pfn, reader->pages + i * page_size);
		if (r < 0)
			return r;
		reader->pfns[i] = pfn;
	}
	reader->hint = i;
	*ret = reader->pages + i * page_size + paddr % page_size;
	*ret_len = MIN(want, page_size - paddr % page_size);
	return 0;
}

/* True if page @pfn was lost, or if its descriptor or data lie behind the end of the file. */
static bool kdump_is_lost(struct window *index, const struct kdump *k, uint64_t pfn, uint64_t rank)
{
	const struct part *p = kdump_part(k, pfn);
	const uint8_t *bytes;
	struct kdump_desc desc;
	size_t len;

	if (!p || desc_offset(p, rank) + KDUMP_DESC_SIZE > source_size(p->source))
		return true;
	window_switch(index, p->source);
	if (window_get(index, desc_offset(p, rank), KDUMP_DESC_SIZE, KDUMP_DESC_SIZE, &bytes,
	               &len) < 0)
		return true;
	kdump_desc_decode(bytes, p->header.swap, &desc);
	return desc.offset == 0 || !desc_in_file(p, &desc);
}

static int kdump_clear_missing(const struct dump *d, bool lost, struct bitmap *pages)
{
	const struct kdump *k = d->private;
	uint64_t rank = 0;
	struct window w;

	bitmap_clear_others(pages, &k->saved);
	if (!lost || d->state == DUMP_COMPLETE)
		return 0;
	window_init(&w, d->source, KIB(64));
	for (uint64_t pfn = 0; (pfn = bitmap_next_set(&k->saved, pfn)) < k->saved.bits; pfn++)
		if (kdump_is_lost(&w, k, pfn, rank++))
			bitmap_clear(pages, pfn, pfn + 1);
	window_done(&w);
	return 0;
}

const struct dump_format dump_format_kdump = {
	.name = "kdump",
	.splits = true,
	.open = kdump_open,
	.close = kdump_close,
	.clear_missing = kdump_clear_missing,
	.span = kdump_span,
};
