// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * synth-page.c - struct pages as kernels of several years lay them out, see synth.h.
 *
 * Offsets and values are those of x86_64 (include/linux/mm_types.h and page-flags.h of the version
 * that each row names, which holds until the next).
 */
#include "tests/unit/synth.h"

#define FLAGS         0
#define COMPOUND_HEAD 8
#define MAPPING       24
#define PRIVATE       40
#define MAPCOUNT      48

#define HUGETLB_DTOR   2
#define OTHER_DTOR     1
#define ADDRESS_SPACE  UINT64_C(0xffff888000abcde0)
#define ANON_VMA       UINT64_C(0xffff888000abcde1)
#define PAGE_TYPE(top) ((int32_t)((uint32_t)(top) << 24))

const struct synth_era synth_eras[] = {
	{ .name = "4.19",
	  .lru = 5,
	  .private = 12,
	  .swapcache = 9,
	  .swapbacked = 18,
	  .slab = 8,
	  .hwpoison = 22,
	  .head = 15,
	  .buddy = ~0x80,
	  .owner = ~0x400,
	  .order_key = "page.compound_order",
	  .order_offset = 17,
	  .dtor_key = "page.compound_dtor",
	  .dtor_offset = 16,
	  .compound_key = "page.compound_head" },
	{ .name = "5.4",
	  .lru = 4,
	  .private = 13,
	  .swapcache = 10,
	  .swapbacked = 19,
	  .slab = 9,
	  .hwpoison = 23,
	  .head = 16,
	  .buddy = ~0x80,
	  .owner = ~0x400,
	  .offline = ~0x100,
	  .order_key = "page.compound_order",
	  .order_offset = 17,
	  .dtor_key = "page.compound_dtor",
	  .dtor_offset = 16,
	  .compound_key = "page.compound_head" },
	{ .name = "5.10",
	  .lru = 4,
	  .private = 13,
	  .swapcache = 10,
	  .swapbacked = 19,
	  .slab = 9,
	  .hwpoison = 23,
	  .head = 16,
	  .buddy = ~0x80,
	  .owner = ~0x400,
	  .offline = ~0x100,
	  .order_key = "page.compound_order",
	  .order_offset = 17,
	  .dtor_key = "page.compound_dtor",
	  .dtor_offset = 16,
	  .compound_key = "page.compound_head" },
	{ .name = "6.1",
	  .lru = 4,
	  .private = 13,
	  .swapcache = 10,
	  .swapbacked = 19,
	  .slab = 9,
	  .hwpoison = 23,
	  .head = 16,
	  .buddy = ~0x80,
	  .owner = ~0x400,
	  .offline = ~0x100,
	  .order_key = "page.compound_order",
	  .order_offset = 17,
	  .dtor_key = "page.compound_dtor",
	  .dtor_offset = 16,
	  .compound_key = "page.compound_head" },
	{ .name = "6.3",
	  .lru = 4,
	  .private = 13,
	  .swapcache = 10,
	  .swapbacked = 19,
	  .slab = 9,
	  .hwpoison = 23,
	  .head = 16,
	  .buddy = ~0x80,
	  .owner = ~0x400,
	  .offline = ~0x100,
	  .order_key = "folio._folio_order",
	  .order_offset = 17,
	  .dtor_key = "folio._folio_dtor",
	  .dtor_offset = 16,
	  .compound_key = "page.compound_head" },
	{ .name = "6.6",
	  .lru = 5,
	  .private = 14,
	  .swapcache = 11,
	  .swapbacked = 19,
	  .slab = 10,
	  .hwpoison = 22,
	  .head = 6,
	  .hugetlb = 8,
	  .buddy = ~0x80,
	  .owner = ~0x400,
	  .offline = ~0x100,
	  .compound_key = "page.compound_head" },
	{ .name = "6.9",
	  .lru = 5,
	  .private = 14,
	  .swapcache = 11,
	  .swapbacked = 19,
	  .slab = 10,
	  .hwpoison = 22,
	  .head = 6,
	  .buddy = ~0x80,
	  .owner = ~0x400,
	  .offline = ~0x100,
	  .hugetlb_type = ~0x800,
	  .compound_key = "page.compound_head" },
	{ .name = "6.10",
	  .lru = 5,
	  .private = 13,
	  .swapcache = 10,
	  .swapbacked = 18,
	  .hwpoison = 21,
	  .head = 6,
	  .buddy = ~0x80,
	  .owner = ~0x400,
	  .offline = ~0x100,
	  .hugetlb_type = ~0x800,
	  .slab_type = ~0x1000,
	  .compound_key = "page.compound_head" },
	{ .name = "6.11",
	  .lru = 5,
	  .private = 13,
	  .swapcache = 10,
	  .swapbacked = 18,
	  .hwpoison = 21,
	  .head = 6,
	  .buddy = ~0x40000000,
	  .owner = ~0x10000000,
	  .offline = ~0x20000000,
	  .hugetlb_type = ~0x04000000,
	  .slab_type = ~0x02000000,
	  .compound_key = "page.compound_head" },
	{ .name = "6.12",
	  .lru = 5,
	  .private = 14,
	  .swapcache = 10,
	  .swapbacked = 17,
	  .hwpoison = 20,
	  .head = 6,
	  .buddy = PAGE_TYPE(0xf0),
	  .offline = PAGE_TYPE(0xf1),
	  .owner = PAGE_TYPE(0xf2),
	  .hugetlb_type = PAGE_TYPE(0xf4),
	  .slab_type = PAGE_TYPE(0xf5),
	  .compound_key = "page.compound_head" },
	{ .name = "6.15",
	  .lru = 5,
	  .private = 14,
	  .swapcache = 10,
	  .swapbacked = 17,
	  .hwpoison = 20,
	  .head = 6,
	  .buddy = PAGE_TYPE(0xf0),
	  .offline = PAGE_TYPE(0xf1),
	  .owner = PAGE_TYPE(0xf6),
	  .hugetlb_type = PAGE_TYPE(0xf4),
	  .slab_type = PAGE_TYPE(0xf5),
	  .compound_key = "page.compound_head" },
	{ .name = "6.16",
	  .lru = 5,
	  .private = 14,
	  .swapcache = 10,
	  .swapbacked = 17,
	  .hwpoison = 20,
	  .head = 6,
	  .buddy = PAGE_TYPE(0xf0),
	  .offline = PAGE_TYPE(0xf1),
	  .owner = PAGE_TYPE(0xf8),
	  .hugetlb_type = PAGE_TYPE(0xf4),
	  .slab_type = PAGE_TYPE(0xf5),
	  .unaccepted = PAGE_TYPE(0xf7),
	  .compound_key = "page.compound_head" },
	{ .name = "7.1",
	  .lru = 5,
	  .private = 14,
	  .swapcache = 10,
	  .swapbacked = 17,
	  .hwpoison = 20,
	  .head = 6,
	  .buddy = PAGE_TYPE(0xf0),
	  .offline = PAGE_TYPE(0xf1),
	  .owner = PAGE_TYPE(0xfe),
	  .hugetlb_type = PAGE_TYPE(0xf4),
	  .slab_type = PAGE_TYPE(0xf5),
	  .unaccepted = PAGE_TYPE(0xf7),
	  .compound_key = "page.compound_info" },
};

const size_t synth_n_eras = ARRAY_SIZE(synth_eras);

const struct synth_era *synth_era(const char *name)
{
	for (size_t i = 0; i < synth_n_eras; i++)
		if (streq(synth_eras[i].name, name))
			return &synth_eras[i];
	fail_msg("no era %s", name);
	return NULL;
}

bool synth_era_has(const struct synth_era *e, enum synth_kind kind)
{
	return (kind != SYNTH_OFFLINE || e->offline) && (kind != SYNTH_UNACCEPTED || e->unaccepted);
}

static void key_unless_0(struct synth_info *info, const char *name, int64_t value)
{
	if (value)
		synth_key(info, "NUMBER(%s)=%lld", name, (long long)value);
}

void synth_era_keys(const struct synth_era *e, unsigned page_size, struct synth_info *info)
{
	synth_key(info, "SIZE(page)=%u", page_size);
	synth_key(info, "OFFSET(page.flags)=%d", FLAGS);
	synth_key(info, "OFFSET(page._refcount)=%d", SYNTH_PAGE_REFCOUNT);
	synth_key(info, "OFFSET(page.mapping)=%d", MAPPING);
	synth_key(info, "OFFSET(page.lru)=%d", SYNTH_PAGE_LRU);
	synth_key(info, "OFFSET(list_head.next)=0");
	synth_key(info, "OFFSET(list_head.prev)=8");
	synth_key(info, "OFFSET(page._mapcount)=%d", MAPCOUNT);
	synth_key(info, "OFFSET(page.private)=%d", PRIVATE);
	synth_key(info, "OFFSET(%s)=%d", e->compound_key, COMPOUND_HEAD);
	if (e->order_key) {
		unsigned base = strncmp(e->order_key, "folio", 5) == 0 ? page_size : 0;

		synth_key(info, "OFFSET(%s)=%u", e->order_key, base + e->order_offset);
		synth_key(info, "OFFSET(%s)=%u", e->dtor_key, base + e->dtor_offset);
		synth_key(info, "NUMBER(HUGETLB_PAGE_DTOR)=%d", HUGETLB_DTOR);
	}
	synth_key(info, "LENGTH(zone.free_area)=11");
	key_unless_0(info, "PG_lru", e->lru);
	key_unless_0(info, "PG_private", e->private);
	key_unless_0(info, "PG_swapcache", e->swapcache);
	key_unless_0(info, "PG_swapbacked", e->swapbacked);
	key_unless_0(info, "PG_slab", e->slab);
	key_unless_0(info, "PG_hwpoison", e->hwpoison);
	key_unless_0(info, "PG_head_mask", 1 << e->head);
	key_unless_0(info, "PG_hugetlb", e->hugetlb);
	key_unless_0(info, "PAGE_BUDDY_MAPCOUNT_VALUE", e->buddy);
	key_unless_0(info, "PAGE_OFFLINE_MAPCOUNT_VALUE", e->offline);
	key_unless_0(info, "PAGE_SLAB_MAPCOUNT_VALUE", e->slab_type);
	key_unless_0(info, "PAGE_HUGETLB_MAPCOUNT_VALUE", e->hugetlb_type);
	key_unless_0(info, "PAGE_UNACCEPTED_MAPCOUNT_VALUE", e->unaccepted);
}

static bool is_free(enum synth_kind kind)
{
	return kind == SYNTH_FREE || kind == SYNTH_POISONED_FREE;
}

static void put_page(uint8_t *p, uint64_t flags, uint64_t mapping, int32_t mapcount)
{
	synth_put(p + FLAGS, flags, 8, false);
	synth_put(p + MAPPING, mapping, 8, false);
	synth_put(p + MAPCOUNT, mapcount, 4, false);
	synth_put(p + SYNTH_PAGE_REFCOUNT, 1, 4, false);
}

/* What a struct page holds that stands for itself or is the first of a block. */
struct look {
	const char *kind;
	uint64_t flags, mapping;
	int32_t mapcount;
};

static struct look look_of(const struct synth_era *e, enum synth_kind kind)
{
	const uint64_t lru = 1ULL << e->lru, private = 1ULL << e->private;
	const uint64_t swapcache = 1ULL << e->swapcache, swapbacked = 1ULL << e->swapbacked;
	const uint64_t hwpoison = 1ULL << e->hwpoison, slab = e->slab ? 1ULL << e->slab : 0;
	const struct look looks[SYNTH_KINDS] = {
#define LOOK(kind, ...) [SYNTH_##kind] = { #kind, __VA_ARGS__ }
		LOOK(KERNEL, 0, 0, -1),
		LOOK(SLAB, slab | lru, ANON_VMA, e->slab_type),
		LOOK(FREE, lru, 0, e->buddy),
		LOOK(CACHE, lru, ADDRESS_SPACE, 0),
		LOOK(PRIVATE_CACHE, lru | private, ADDRESS_SPACE, -1),
		LOOK(SWAP_CACHE, swapcache | swapbacked, ADDRESS_SPACE, -1),
		LOOK(CHECKED, swapcache, ADDRESS_SPACE, -1),
		LOOK(ANON, lru | swapbacked, ANON_VMA, 3),
		LOOK(KSM, lru | swapbacked, ANON_VMA | 2, 5),
		LOOK(MOVABLE, lru, ADDRESS_SPACE | 2, -1),
		LOOK(HUGETLB, 0, 0, e->hugetlb_type ?: 1),
		LOOK(TYPED, lru, ANON_VMA, e->owner),
		LOOK(HWPOISON, hwpoison, 0, -1),
		LOOK(POISONED_ANON, hwpoison | lru | swapbacked, ANON_VMA, 0),
		LOOK(POISONED_SLAB, hwpoison | slab, ANON_VMA, e->slab_type),
		LOOK(POISONED_FREE, hwpoison, 0, e->buddy),
		LOOK(POISONED_HUGETLB, hwpoison, 0, e->hugetlb_type ?: 1),
		LOOK(OFFLINE, 0, 0, e->offline),
		LOOK(UNACCEPTED, 0, 0, e->unaccepted),
		LOOK(NEVER, UINT64_MAX, UINT64_MAX, -1),
	};

	if (!looks[kind].kind)
		fail_msg("kind number %d of enum synth_kind has no row in looks[] of "
		         "tests/unit/synth-page.c",
		         kind);
	return looks[kind];
}

const char *synth_kind_name(enum synth_kind kind)
{
	return look_of(&synth_eras[0], kind).kind;
}

static void put_first(const struct synth_era *e, uint8_t *p, enum synth_kind kind, unsigned order)
{
	struct look look = look_of(e, kind);

	put_page(p, look.flags, look.mapping, look.mapcount);
	if (is_free(kind))
		synth_put(p + PRIVATE, order, 8, false);
}

/* The second struct page tells the order of a compound page, and that it is hugetlb. */
static void put_order(const struct synth_era *e, uint8_t *second, enum synth_kind kind,
                      unsigned order)
{
	bool hugetlb = kind == SYNTH_HUGETLB || kind == SYNTH_POISONED_HUGETLB;

	if (e->order_key) {
		second[e->order_offset] = order;
		second[e->dtor_offset] = hugetlb ? HUGETLB_DTOR : OTHER_DTOR;
	} else {
		synth_put(second + FLAGS, order | (hugetlb && e->hugetlb ? 1ULL << e->hugetlb : 0),
		          8, false);
	}
}

void synth_poison(const struct synth_era *e, uint8_t *page)
{
	page[FLAGS + e->hwpoison / 8] |= 1 << e->hwpoison % 8;
}

/* From 7.1 on tails hold a mask that leads to the head, where struct page has a size for it. */
static uint64_t tail_word(const struct synth_era *e, unsigned page_size, uint64_t va,
                          unsigned order)
{
	if (streq(e->compound_key, "page.compound_info") && page_size == 64)
		return -((uint64_t)page_size << order) | 1;
	return va | 1;
}

void synth_block(const struct synth_era *e, unsigned page_size, uint8_t *pages, uint64_t va,
                 enum synth_kind kind, unsigned order)
{
	bool compound = order > 0 && !is_free(kind) && kind != SYNTH_UNACCEPTED;

	if (kind == SYNTH_NEVER) {
		memset(pages, 0xff, (size_t)page_size << order);
		return;
	}
	memset(pages, 0, (size_t)page_size << order);
	put_first(e, pages, kind, order);
	for (size_t i = 1; i < (size_t)1 << order; i++) {
		uint8_t *p = pages + i * page_size;

		if (compound) {
			/* What tails hold beside the word that makes them tails is their owner's;
			 * here it looks like an anonymous page. */
			put_page(p, i > 1 ? 1ULL << e->lru : 0, ANON_VMA, -1);
			synth_put(p + COMPOUND_HEAD, tail_word(e, page_size, va, order), 8, false);
		} else {
			put_first(e, p, SYNTH_KERNEL, 0);
		}
	}
	if (compound) {
		pages[FLAGS + e->head / 8] |= 1 << e->head % 8;
		put_order(e, pages + page_size, kind, order);
	}
}
