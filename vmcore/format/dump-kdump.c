// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dump-kdump.c - reads kdump-compressed files, see kdump-header.h.
 *
 * The descriptor of a page is found by its rank: how many bits of the second bitmap come before its
 * own. One count per 4096 pages makes that a look-up and a few population counts.
 */
#include <endian.h>
#include <errno.h>

#include "vmcore/base/bitmap.h"
#include "vmcore/base/err.h"
#include "vmcore/format/dump-format.h"
#include "vmcore/format/kdump-header.h"
#include "vmcore/io/codec.h"

#define RANK_STEP 4096
#define MAX_NOTES MIB(64)

struct kdump {
	struct kdump_header header;
	struct bitmap saved;
	uint64_t *ranks; /* bits of @saved before page frame i * RANK_STEP */
};

static int kdump_read_header(const struct source *s, struct kdump_header *ret)
{
	uint8_t main[KDUMP_MAIN_SIZE], sub[KDUMP_SUB_SIZE];
	int r;

	if (source_size(s) < sizeof(main) || source_read(s, 0, main, sizeof(main)) < 0)
		return 0;
	r = kdump_header_decode_main(main, ret);
	if (r <= 0)
		return r < 0 ? err_prefix(r, "%s", source_name(s)) : 0;
	r = source_read(s, ret->block_size, sub, sizeof(sub));
	if (r < 0)
		return r;
	r = kdump_header_decode_sub(sub, ret);
	if (r < 0)
		return err_prefix(r, "%s", source_name(s));
	if (ret->split)
		return errf(-EBADMSG, "%s: one part of a split dump; join the parts first",
		            source_name(s));
	/* A file cut off before its bitmaps end tells nothing about its pages. */
	if (kdump_desc_offset(ret) > source_size(s))
		return errf(-EBADMSG, "%s: ends before its bitmaps do, at %llu bytes",
		            source_name(s), (unsigned long long)source_size(s));
	return 1;
}

/* Reads bitmap @which (0 or 1). */
static int kdump_read_bitmap(const struct dump *d, unsigned which, struct bitmap *ret)
{
	const struct kdump *k = d->private;
	struct bitmap b;
	int r;

	r = bitmap_init(&b, k->header.max_pfn);
	if (r < 0)
		return r;
	if (b.bits > 0)
		r = source_read(d->source,
		                kdump_bitmap_offset(&k->header) +
		                        which * kdump_bitmap_size(&k->header),
		                b.words, ALIGN_UP(b.bits, 8) / 8);
	if (r < 0) {
		bitmap_done(&b);
		return r;
	}
	for (uint64_t w = 0; w < ALIGN_UP(b.bits, 64) / 64; w++)
		b.words[w] = le64toh(b.words[w]);
	/* Bits past the last page frame mean nothing. */
	if (b.bits % 64)
		b.words[b.bits / 64] &= ~(UINT64_MAX << (b.bits % 64));
	*ret = b;
	return 0;
}

static int kdump_read_ram(struct dump *d)
{
	struct bitmap ram;
	int r;

	r = kdump_read_bitmap(d, 0, &ram);
	if (r < 0)
		return r;
	for (uint64_t pfn = bitmap_next_set(&ram, 0); pfn < ram.bits && r == 0;) {
		uint64_t end = bitmap_next_clear(&ram, pfn);

		r = dump_add_ram(d, pfn, end);
		pfn = bitmap_next_set(&ram, end);
	}
	bitmap_done(&ram);
	return r;
}

static int kdump_read_notes(struct dump *d)
{
	const struct kdump_header *h = &((struct kdump *)d->private)->header;
	_cleanup_free_ uint8_t *notes = NULL;
	int r;

	if (h->notes_size == 0)
		return 0;
	if (h->notes_size > MAX_NOTES)
		return errf(-EBADMSG, "%s: %llu bytes of notes are not plausible",
		            source_name(d->source), (unsigned long long)h->notes_size);
	notes = malloc(h->notes_size + 1);
	if (!notes)
		return -ENOMEM;
	r = source_read(d->source, h->notes_offset, notes, h->notes_size);
	if (r < 0)
		return r;
	dump_set_notes(d, TAKE_PTR(notes), h->notes_size, h->swap);
	return 0;
}

static int kdump_make_ranks(struct kdump *k)
{
	uint64_t n = k->saved.bits / RANK_STEP + 1, rank = 0;

	k->ranks = malloc(n * sizeof(*k->ranks));
	if (!k->ranks)
		return -ENOMEM;
	for (uint64_t i = 0; i < n; i++) {
		k->ranks[i] = rank;
		rank += bitmap_count(&k->saved, i * RANK_STEP, (i + 1) * RANK_STEP);
	}
	return 0;
}

static int kdump_open(struct dump *d)
{
	struct kdump_header h;
	struct kdump *k;
	int r;

	r = kdump_read_header(d->source, &h);
	if (r <= 0)
		return r;
	d->private = k = calloc(1, sizeof(*k));
	if (!k)
		return -ENOMEM;
	k->header = h;
	d->page_shift = __builtin_ctz(h.block_size);
	d->state = h.status & KDUMP_STATUS_INCOMPLETE ? DUMP_INCOMPLETE : DUMP_COMPLETE;
	d->level = h.level;
	d->phys_base = h.phys_base;
	d->max_pfn = h.max_pfn;
	memcpy(d->machine, h.uts[4], sizeof(d->machine));
	if ((r = kdump_read_notes(d)) < 0 || (r = kdump_read_ram(d)) < 0 ||
	    (r = kdump_read_bitmap(d, 1, &k->saved)) < 0 || (r = kdump_make_ranks(k)) < 0)
		return r;
	/* The file was cut off within its descriptors. */
	if (kdump_desc_offset(&h) + bitmap_count(&k->saved, 0, k->saved.bits) * KDUMP_DESC_SIZE >
	    source_size(d->source))
		d->state = DUMP_INCOMPLETE;
	return 1;
}

static void kdump_close(struct dump *d)
{
	struct kdump *k = d->private;

	if (k) {
		bitmap_done(&k->saved);
		free(k->ranks);
	}
	free(k);
}

static int kdump_find(struct reader *r, uint64_t pfn, struct kdump_desc *ret)
{
	const struct kdump *k = r->dump->private;
	const uint8_t *bytes;
	uint64_t rank;
	size_t len;
	int e;

	if (!bitmap_test(&k->saved, pfn))
		return dump_is_ram(r->dump, pfn) ? -ENODATA : -ENXIO;
	rank = k->ranks[pfn / RANK_STEP] + bitmap_count(&k->saved, ALIGN_DOWN(pfn, RANK_STEP), pfn);
	e = window_get(&r->index, kdump_desc_offset(&k->header) + rank * KDUMP_DESC_SIZE,
	               KDUMP_DESC_SIZE, KDUMP_DESC_SIZE, &bytes, &len);
	if (e < 0)
		return e;
	kdump_desc_decode(bytes, k->header.swap, ret);
	return ret->offset == 0 ? -ENODATA : 0;
}

static int kdump_load_page(struct reader *r, uint64_t pfn)
{
	uint64_t page_size = dump_page_size(r->dump);
	const char *name = source_name(r->dump->source);
	const struct codec *codec;
	struct kdump_desc desc;
	const uint8_t *data;
	size_t len;
	int e;

	e = kdump_find(r, pfn, &desc);
	if (e < 0)
		return e;
	if (desc.size == 0 || desc.size > page_size || (desc.flags == 0 && desc.size != page_size))
		return errf(-EBADMSG, "%s: page %#llx has %u bytes, which cannot be", name,
		            (unsigned long long)pfn, desc.size);
	e = window_get(&r->window, desc.offset, desc.size, desc.size, &data, &len);
	if (e < 0)
		return e;
	if (desc.flags == 0) {
		memcpy(r->page, data, page_size);
		return 0;
	}
	codec = codec_by_flag(desc.flags);
	if (!codec)
		return errf(-EBADMSG, "%s: page %#llx has an unknown compression %#x", name,
		            (unsigned long long)pfn, desc.flags);
	e = codec->decompress(data, desc.size, r->page, page_size);
	if (e < 0)
		return errf(e, "%s: page %#llx does not unpack with %s", name,
		            (unsigned long long)pfn, codec->name);
	return 0;
}

static int kdump_span(struct reader *r, uint64_t paddr, size_t want, const uint8_t **ret,
                      size_t *ret_len)
{
	uint64_t page_size = dump_page_size(r->dump), pfn = paddr >> r->dump->page_shift;
	int e;

	if (r->page_pfn != pfn) {
		r->page_pfn = UINT64_MAX;
		e = kdump_load_page(r, pfn);
		if (e < 0)
			return e;
		r->page_pfn = pfn;
	}
	*ret = r->page + paddr % page_size;
	*ret_len = MIN(want, page_size - paddr % page_size);
	return 0;
}

const struct dump_format dump_format_kdump = {
	.name = "kdump",
	.open = kdump_open,
	.close = kdump_close,
	.span = kdump_span,
};
