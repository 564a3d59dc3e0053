// SPDX-License-Identifier: GPL-2.0-or-later
/* page.c - what a struct page says about its page frame, see page.h. */
#include "vmcore/filter/page.h"

#include <errno.h>

#include "base/err.h"
#include "base/unaligned.h"

/* _mapcount counts from -1; a number this far below is a type: one value in the top byte
 * since 6.12, bits taken from -1 before (PAGE_MAPCOUNT_RESERVE in include/linux/page-flags.h). */
#define TYPED_BELOW (-128)

/* mapping of a page whose owner moves it itself, as zsmalloc and balloons do (up to 6.17); an
 * anonymous page has bit 0, with or without the other (KSM). */
#define MAPPING_FLAGS   3
#define MAPPING_ANON    1
#define MAPPING_MOVABLE 2

/* What struct pages hold that were never initialised (PAGE_POISON_PATTERN). */
#define FLAGS_POISON UINT64_MAX

/* The highest order of a free block where the kernel does not tell, with 4 KiB and 64 KiB pages. */
#define FALLBACK_MAX_ORDER     10
#define FALLBACK_MAX_ORDER_64K 13

/* 16 GiB, the largest page of any architecture (ppc64). */
#define LARGEST_FOLIO_SHIFT 34

const char *page_class_name(enum page_class c)
{
	static const char *const names[PAGE_CLASSES] = {
		[PAGE_KEEP] = "kept",       [PAGE_FREE] = "free",
		[PAGE_CACHE] = "cache",     [PAGE_PRIVATE_CACHE] = "private-cache",
		[PAGE_USER] = "user",       [PAGE_HWPOISON] = "hwpoison",
		[PAGE_OFFLINE] = "offline", [PAGE_UNACCEPTED] = "unaccepted",
	};

	return names[c];
}

/* Offset of a member that must lie inside struct page. */
static bool member(const struct vmcoreinfo *vi, const char *name, unsigned size, unsigned page_size,
                   unsigned *ret)
{
	uint64_t offset;

	if (!vmcoreinfo_get(vi, "OFFSET", name, &offset) || offset > page_size - size)
		return false;
	*ret = offset;
	return true;
}

static uint64_t flag(const struct vmcoreinfo *vi, const char *name)
{
	uint64_t bit;

	return vmcoreinfo_get(vi, "NUMBER", name, &bit) && bit < 64 ? UINT64_C(1) << bit : 0;
}

static struct page_type type(const struct vmcoreinfo *vi, const char *name)
{
	uint64_t value;

	if (!vmcoreinfo_get(vi, "NUMBER", name, &value))
		return (struct page_type){};
	return (struct page_type){ .known = true, .value = value };
}

static void rules_find_flags(struct page_rules *rules, const struct vmcoreinfo *vi)
{
	rules->lru = flag(vi, "PG_lru");
	rules->private_bit = flag(vi, "PG_private");
	rules->swapcache = flag(vi, "PG_swapcache");
	rules->swapbacked = flag(vi, "PG_swapbacked");
	rules->slab_bit = flag(vi, "PG_slab");
	rules->hwpoison = flag(vi, "PG_hwpoison");
	rules->hugetlb_bit = flag(vi, "PG_hugetlb");
	vmcoreinfo_get(vi, "NUMBER", "PG_head_mask", &rules->head);

	rules->buddy = type(vi, "PAGE_BUDDY_MAPCOUNT_VALUE");
	rules->slab = type(vi, "PAGE_SLAB_MAPCOUNT_VALUE");
	rules->offline = type(vi, "PAGE_OFFLINE_MAPCOUNT_VALUE");
	rules->hugetlb = type(vi, "PAGE_HUGETLB_MAPCOUNT_VALUE");
	rules->unaccepted = type(vi, "PAGE_UNACCEPTED_MAPCOUNT_VALUE");
}

/* A byte of the second struct page that VMCOREINFO tells of by one key or the other, counted from
 * the first. Offsets in a folio are counted so already. */
static bool second_page_byte(const struct page_rules *rules, const struct vmcoreinfo *vi,
                             const char *folio, const char *page, unsigned *ret)
{
	uint64_t offset;

	if (!vmcoreinfo_get(vi, "OFFSET", folio, &offset)) {
		if (!vmcoreinfo_get(vi, "OFFSET", page, &offset))
			return false;
		offset += rules->page_size;
	}
	if (offset < rules->page_size || offset >= 2 * rules->page_size)
		return false;
	*ret = offset;
	return true;
}

/* Where compound pages keep their order, and hugetlb pages their mark. */
static void rules_find_order(struct page_rules *rules, const struct vmcoreinfo *vi)
{
	if (rules->hugetlb.known || rules->hugetlb_bit) {
		rules->order_era = ORDER_SECOND_FLAGS;
		return;
	}
	if (second_page_byte(rules, vi, "folio._folio_order", "page.compound_order",
	                     &rules->order_offset))
		rules->order_era = ORDER_BYTES;
	/* A kernel built without hugetlb does not have the number. */
	if (!vmcoreinfo_get(vi, "NUMBER", "HUGETLB_PAGE_DTOR", &rules->hugetlb_dtor) ||
	    !second_page_byte(rules, vi, "folio._folio_dtor", "page.compound_dtor",
	                      &rules->dtor_offset))
		rules->dtor_offset = 0;
}

int page_rules_init(struct page_rules *ret, const struct vmcoreinfo *vi, unsigned page_shift,
                    unsigned level)
{
	struct page_rules rules = {
		.level = level,
		.max_order = page_shift < 16 ? FALLBACK_MAX_ORDER : FALLBACK_MAX_ORDER_64K,
	};
	bool has_private, has_slab, has_tail;
	uint64_t size, orders;

	if (!vmcoreinfo_get(vi, "SIZE", "page", &size) || size < 16 || size > 256)
		return errf(-ENODATA, "VMCOREINFO has no SIZE(page)");
	rules.page_size = size;
	rules.max_folio_order = LARGEST_FOLIO_SHIFT - page_shift;
	if (!member(vi, "page.flags", 8, size, &rules.flags) ||
	    !member(vi, "page._mapcount", 4, size, &rules.mapcount) ||
	    !member(vi, "page.mapping", 8, size, &rules.mapping))
		return errf(-ENODATA, "VMCOREINFO does not describe struct page");
	member(vi, "page._refcount", 4, size, &rules.refcount);
	has_private = member(vi, "page.private", 8, size, &rules.private);
	has_tail = member(vi, "page.compound_head", 8, size, &rules.compound) ||
	           member(vi, "page.compound_info", 8, size, &rules.compound);
	/* The fields of a tail page belong to its owner: tails have to be known. */
	if (!has_tail)
		return errf(-ENODATA, "VMCOREINFO has neither OFFSET(page.compound_head) nor "
		                      "OFFSET(page.compound_info)");
	rules_find_flags(&rules, vi);
	rules_find_order(&rules, vi);
	if (vmcoreinfo_get(vi, "LENGTH", "zone.free_area", &orders) && orders >= 1 &&
	    orders <= rules.max_folio_order + 1)
		rules.max_order = orders - 1;

	has_slab = rules.slab.known || rules.slab_bit;
	rules.can_free = level & LEVEL_FREE && rules.buddy.known && has_private;
	rules.can_private_cache =
		level & LEVEL_PRIVATE_CACHE && rules.lru && rules.swapcache && has_slab;
	/* As in makedumpfile, excluding private cache includes the other. */
	rules.can_cache =
		rules.can_private_cache || (level & LEVEL_CACHE && rules.lru && rules.private_bit &&
	                                    rules.swapcache && has_slab);
	/* mapping of slab pages may look like that of anonymous ones. */
	rules.can_user = level & LEVEL_USER && has_slab;
	*ret = rules;
	return 0;
}

static bool is_type(struct page_type type, uint32_t mapcount)
{
	return type.known && type.value == mapcount;
}

/* Order of a compound page as its second struct page tells, 0 where that is not believable. */
static unsigned compound_order(const struct page_rules *rules, uint64_t pfn, const uint8_t *page,
                               const uint8_t *next)
{
	unsigned order = 0;

	if (!(unaligned_le64(page + rules->flags) & rules->head) || !next ||
	    !(unaligned_le64(next + rules->compound) & 1))
		return 0;
	if (rules->order_era == ORDER_SECOND_FLAGS)
		order = unaligned_le64(next + rules->flags) & 0xff;
	else if (rules->order_era == ORDER_BYTES)
		order = next[rules->order_offset - rules->page_size];
	/* Aliases of a hugetlb page's first struct page (HVO) look like misplaced heads. */
	if (order > rules->max_folio_order || pfn & ((UINT64_C(1) << order) - 1))
		return 0;
	return order;
}

static bool is_hugetlb(const struct page_rules *rules, const uint8_t *page, const uint8_t *next,
                       uint32_t mapcount)
{
	if (is_type(rules->hugetlb, mapcount))
		return true;
	if (!(unaligned_le64(page + rules->flags) & rules->head) || !next)
		return false;
	if (rules->hugetlb_bit)
		return unaligned_le64(next + rules->flags) & rules->hugetlb_bit;
	return rules->dtor_offset &&
	       next[rules->dtor_offset - rules->page_size] == rules->hugetlb_dtor;
}

/* PG_swapcache is also PG_owner_priv_1 and PG_checked: it counts only for swappable pages. */
static bool is_cache(const struct page_rules *rules, uint64_t flags)
{
	return flags & rules->lru ||
	       (flags & rules->swapcache && (!rules->swapbacked || flags & rules->swapbacked));
}

/* Cache and user pages: those that mapping tells about. */
static enum page_class classify_mapped(const struct page_rules *rules, const uint8_t *page,
                                       const uint8_t *next, uint32_t mapcount)
{
	uint64_t flags = unaligned_le64(page + rules->flags);
	uint64_t mapping = unaligned_le64(page + rules->mapping) & MAPPING_FLAGS;
	bool anon = mapping & MAPPING_ANON;

	if (rules->can_user && is_hugetlb(rules, page, next, mapcount))
		return PAGE_USER;
	/* The owner of a page of any type may use mapping and flags for something else. */
	if ((int32_t)mapcount < TYPED_BELOW || mapping == MAPPING_MOVABLE)
		return PAGE_KEEP;
	if (rules->can_cache && is_cache(rules, flags) && !anon) {
		if (!(flags & rules->private_bit))
			return PAGE_CACHE;
		if (rules->can_private_cache)
			return PAGE_PRIVATE_CACHE;
	}
	return rules->can_user && anon ? PAGE_USER : PAGE_KEEP;
}

static bool is_free_block(const struct page_rules *rules, uint64_t pfn, uint64_t order)
{
	return order <= rules->max_order && !(pfn & ((UINT64_C(1) << order) - 1));
}

/* What the level excludes. */
static enum page_class classify_wanted(const struct page_rules *rules, uint64_t pfn,
                                       const uint8_t *page, const uint8_t *next, bool slab,
                                       unsigned *ret_order)
{
	uint32_t mapcount = unaligned_le32(page + rules->mapcount);
	enum page_class class;

	if (slab)
		return PAGE_KEEP;
	if (is_type(rules->buddy, mapcount)) {
		uint64_t order =
			rules->can_free ? unaligned_le64(page + rules->private) : UINT64_MAX;

		if (!is_free_block(rules, pfn, order))
			return PAGE_KEEP;
		*ret_order = order;
		return PAGE_FREE;
	}
	class = classify_mapped(rules, page, next, mapcount);
	*ret_order = class == PAGE_KEEP ? 0 : compound_order(rules, pfn, page, next);
	return class;
}

/* What must not be touched, whatever the level. */
static enum page_class classify_untouchable(const struct page_rules *rules, uint64_t pfn,
                                            const uint8_t *page, const uint8_t *next, bool slab,
                                            unsigned *ret_order)
{
	uint32_t mapcount = unaligned_le32(page + rules->mapcount);

	if (is_type(rules->unaccepted, mapcount)) {
		*ret_order = is_free_block(rules, pfn, rules->max_order) ? rules->max_order : 0;
		return PAGE_UNACCEPTED;
	}
	/* The mark is on the very page, but for hugetlb, whose first page has it for all. */
	if (unaligned_le64(page + rules->flags) & rules->hwpoison) {
		if (is_hugetlb(rules, page, next, mapcount))
			*ret_order = compound_order(rules, pfn, page, next);
		return PAGE_HWPOISON;
	}
	if (!slab && is_type(rules->offline, mapcount)) {
		*ret_order = compound_order(rules, pfn, page, next);
		return PAGE_OFFLINE;
	}
	return PAGE_KEEP;
}

enum page_class page_classify(const struct page_rules *rules, uint64_t pfn, const uint8_t *page,
                              const uint8_t *next, unsigned *ret_order)
{
	uint64_t flags = unaligned_le64(page + rules->flags);
	enum page_class class;
	bool slab;

	*ret_order = 0;
	if (flags == FLAGS_POISON)
		return PAGE_KEEP;
	/* A tail goes the way of its head, but it may be the poisoned one. */
	if (unaligned_le64(page + rules->compound) & 1)
		return flags & rules->hwpoison ? PAGE_HWPOISON : PAGE_KEEP;
	slab = rules->slab.known ? is_type(rules->slab, unaligned_le32(page + rules->mapcount))
	                         : flags & rules->slab_bit;
	class = classify_wanted(rules, pfn, page, next, slab, ret_order);
	return class == PAGE_KEEP ? classify_untouchable(rules, pfn, page, next, slab, ret_order)
	                          : class;
}

bool page_is_unused(const struct page_rules *rules, const uint8_t *page)
{
	uint64_t flags = unaligned_le64(page + rules->flags);

	if (flags == FLAGS_POISON)
		return true;
	return rules->refcount && unaligned_le32(page + rules->refcount) == 0 &&
	       unaligned_le32(page + rules->mapcount) == UINT32_MAX && !(flags & rules->lru) &&
	       !(unaligned_le64(page + rules->compound) & 1);
}
