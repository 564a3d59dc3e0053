// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dmesg-ring.c - the kernel log since Linux 5.10.
 *
 * The log is a lockless ring (kernel/printk/printk_ringbuffer.c, Linux 6.12). Record number id has
 * its descriptor in descs[id % n] and its facts in infos[id % n]; the top two bits of the
 * descriptor's state say if it is reserved (0), committed (1), finalized (2) or reusable (3), the
 * others repeat the id. Its text lies in a second ring of bytes between two logical positions,
 * which are taken modulo the size of that ring; each block of text begins with the id, eight bytes.
 * A block that does not fit before the end of the ring begins again at its start.
 *
 * A reserved record is one that a CPU was writing when the kernel stopped. It may be the kernel's
 * last words, so its text so far is shown and marked.
 */
#include <errno.h>

#include "base/err.h"
#include "vmcore/kernel/dmesg-ring.h"

static const char *const offset_names[OFFSETS] = {
	[DESC_RING] = "printk_ringbuffer.desc_ring",
	[TEXT_RING] = "printk_ringbuffer.text_data_ring",
	[COUNT_BITS] = "prb_desc_ring.count_bits",
	[DESCS] = "prb_desc_ring.descs",
	[INFOS] = "prb_desc_ring.infos",
	[HEAD_ID] = "prb_desc_ring.head_id",
	[TAIL_ID] = "prb_desc_ring.tail_id",
	[STATE_VAR] = "prb_desc.state_var",
	[TEXT_LPOS] = "prb_desc.text_blk_lpos",
	[BEGIN] = "prb_data_blk_lpos.begin",
	[NEXT] = "prb_data_blk_lpos.next",
	[TS_NSEC] = "printk_info.ts_nsec",
	[TEXT_LEN] = "printk_info.text_len",
	[SIZE_BITS] = "prb_data_ring.size_bits",
	[DATA] = "prb_data_ring.data",
	[COUNTER] = "atomic_long_t.counter",
};

static int ring_find(struct ring *l)
{
	const struct vmcoreinfo *vi = &l->ks->dump->vmcoreinfo;
	uint64_t caller;
	int r = log_offsets(vi, offset_names, OFFSETS, l->offsets);

	if (r < 0)
		return r;
	if (!vmcoreinfo_get(vi, "SIZE", "prb_desc", &l->desc_size))
		return log_missing("SIZE", "prb_desc");
	if (!vmcoreinfo_get(vi, "SIZE", "printk_info", &l->info_size))
		return log_missing("SIZE", "printk_info");
	/* Facility and level are in the two bytes between these members, if there are just two. */
	l->has_author = vmcoreinfo_get(vi, "OFFSET", "printk_info.caller_id", &caller) &&
	                caller == l->offsets[TEXT_LEN] + 4;
	return 0;
}

/* Reads where the two rings are. */
static int ring_open(struct ring *l, uint64_t prb)
{
	const uint64_t *o = l->offsets;
	uint64_t desc_ring, text_ring;
	int r;

	r = kspace_u64(l->ks, prb, &prb);
	if (r < 0)
		return r;
	desc_ring = prb + o[DESC_RING];
	text_ring = prb + o[TEXT_RING];
	if ((r = kspace_u32(l->ks, desc_ring + o[COUNT_BITS], &l->count_bits)) < 0 ||
	    (r = kspace_u64(l->ks, desc_ring + o[DESCS], &l->descs)) < 0 ||
	    (r = kspace_u64(l->ks, desc_ring + o[INFOS], &l->infos)) < 0 ||
	    (r = kspace_u64(l->ks, desc_ring + o[HEAD_ID] + o[COUNTER], &l->head_id)) < 0 ||
	    (r = kspace_u64(l->ks, desc_ring + o[TAIL_ID] + o[COUNTER], &l->tail_id)) < 0 ||
	    (r = kspace_u32(l->ks, text_ring + o[SIZE_BITS], &l->size_bits)) < 0 ||
	    (r = kspace_u64(l->ks, text_ring + o[DATA], &l->data)) < 0)
		return r;
	if (!ring_is_plausible(l))
		return errf(
			-EBADMSG,
			"the kernel log claims 2^%u records and 2^%u bytes, which is not plausible",
			l->count_bits, l->size_bits);
	return 0;
}

bool ring_is_plausible(const struct ring *l)
{
	return l->count_bits <= RING_MAX_COUNT_BITS && l->size_bits <= LOG_MAX_SIZE_BITS;
}

struct block {
	uint64_t id;   /* address of the id at its start */
	uint64_t text; /* address */
	uint64_t size; /* room for text, in bytes */
};

/* Finds the block between two logical positions; false when the record has no text. */
static bool ring_block(const struct ring *l, uint64_t begin, uint64_t next, struct block *ret)
{
	uint64_t size = UINT64_C(1) << l->size_bits, start = begin % size, end = next % size;

	/* Equal positions and odd ones (1: failed, 3: none) mean that there is no text. */
	if (begin == next || begin & 1)
		return false;
	/* A block that would cross the end of the ring lies at its start as a whole. */
	if (begin / size != next / size && end != 0)
		start = 0;
	else if (end == 0)
		end = size;
	if (start + sizeof(uint64_t) >= end)
		return false;
	*ret = (struct block){ .id = l->data + start,
		               .text = l->data + start + sizeof(uint64_t),
		               .size = end - start - sizeof(uint64_t) };
	return true;
}

static int ring_read_text(struct ring *l, const struct block *b, uint16_t len)
{
	len = MIN(len, b->size);
	return kspace_read(l->ks, b->text, l->w->text, len) < 0 ? -EFAULT : len;
}

/* Reads the text of a record that is being written, and returns its length. The kernel stores the
 * length last; until then it is 0, or that of an earlier part to which more is added. So the text
 * is read up to a NUL. If that is not written yet, older text of the ring follows. If the block
 * does not begin with the id, the descriptor still has the positions of the record before. */
static size_t ring_read_unfinished(struct ring *l, const struct block *b, uint64_t id, size_t len)
{
	size_t size = MIN(b->size, sizeof(l->w->text) - 1);
	uint64_t owner;

	if (kspace_u64(l->ks, b->id, &owner) < 0 || owner != id ||
	    kspace_read(l->ks, b->text, l->w->text, size) < 0)
		return 0;
	len = MIN(len, size);
	return len + strnlen((char *)l->w->text + len, size - len);
}

static uint64_t ring_slots(const struct ring *l)
{
	return UINT64_C(1) << l->count_bits;
}

static uint64_t ring_desc(const struct ring *l, uint64_t id)
{
	return l->descs + (id & (ring_slots(l) - 1)) * l->desc_size;
}

/* The state and positions of a record; false: there is none of this number. */
static bool ring_head(const struct ring *l, uint64_t id, uint64_t *ret_state, uint64_t *ret_begin,
                      uint64_t *ret_next)
{
	uint64_t desc = ring_desc(l, id), state, lpos = desc + l->offsets[TEXT_LPOS];

	if (kspace_u64(l->ks, desc + l->offsets[STATE_VAR] + l->offsets[COUNTER], &state) < 0)
		return false;
	*ret_state = state >> RING_STATE_SHIFT;
	return *ret_state != STATE_REUSABLE && (state & RING_ID_MASK) == (id & RING_ID_MASK) &&
	       kspace_u64(l->ks, lpos + l->offsets[BEGIN], ret_begin) == 0 &&
	       kspace_u64(l->ks, lpos + l->offsets[NEXT], ret_next) == 0;
}

bool ring_slot_id(const struct ring *l, uint64_t slot, uint64_t *ret_id)
{
	uint64_t at = l->descs + slot * l->desc_size + l->offsets[STATE_VAR] + l->offsets[COUNTER];
	uint64_t state;

	/* A slot that was never used is all zeroes. */
	if (kspace_u64(l->ks, at, &state) < 0 || state == 0)
		return false;
	*ret_id = state & RING_ID_MASK;
	return state >> RING_STATE_SHIFT != STATE_REUSABLE && (state & (ring_slots(l) - 1)) == slot;
}

enum ring_slot ring_look(const struct ring *l, uint64_t id)
{
	uint64_t state, begin, next, owner;
	struct block b;

	if (!ring_head(l, id, &state, &begin, &next))
		return RING_NONE;
	if (state == STATE_RESERVED || begin == next || begin & 1)
		return RING_GOOD;
	if (!ring_block(l, begin, next, &b))
		return RING_TORN;
	return kspace_u64(l->ks, b.id, &owner) == 0 && owner == (id & RING_ID_MASK) ? RING_GOOD
	                                                                            : RING_TORN;
}

size_t ring_text_length(const uint8_t *text, size_t room)
{
	size_t len = strnlen((const char *)text, room);

	return len > 0 && text[len - 1] == '\n' ? len - 1 : len;
}

static int ring_read_until_nul(struct ring *l, const struct block *b)
{
	int n = ring_read_text(l, b, UINT16_MAX);

	return n < 0 ? n : (int)ring_text_length(l->w->text, n);
}

bool ring_has_facts(const struct ring *l, uint64_t id)
{
	uint64_t info = l->infos + (id & (ring_slots(l) - 1)) * l->info_size, ns;
	uint16_t len;

	return kspace_u64(l->ks, info + l->offsets[TS_NSEC], &ns) == 0 &&
	       log_u16(l->w, info + l->offsets[TEXT_LEN], &len) == 0;
}

struct log_author ring_author(const struct ring *l, uint64_t info)
{
	return l->has_author ? log_read_author(l->w, info + l->offsets[TEXT_LEN] + 2)
	                     : LOG_NO_AUTHOR;
}

int ring_record(struct ring *l, uint64_t id)
{
	const uint64_t *o = l->offsets;
	uint64_t info = l->infos + (id & (ring_slots(l) - 1)) * l->info_size;
	uint64_t state, begin, next, ns;
	struct log_author author = LOG_NO_AUTHOR;
	struct block b;
	bool reserved;
	uint16_t len;
	int n = 0;

	if (!ring_head(l, id, &state, &begin, &next))
		return 0;
	l->w->no_time = kspace_u64(l->ks, info + o[TS_NSEC], &ns) < 0 ||
	                log_u16(l->w, info + o[TEXT_LEN], &len) < 0;
	reserved = state == STATE_RESERVED && !l->w->no_time;
	if (ring_block(l, begin, next, &b))
		n = l->w->no_time ? ring_read_until_nul(l, &b)
		    : reserved    ? (int)ring_read_unfinished(l, &b, id & RING_ID_MASK, len)
		                  : ring_read_text(l, &b, len);
	if (n < 0)
		return 0;
	/* A reserved record has none yet. */
	if (!reserved)
		author = ring_author(l, info);
	n = log_write_record(l->w, l->w->no_time ? 0 : ns, author, n, reserved);
	return n < 0 ? n : 1;
}

/* The records from tail to head. Ids count modulo 2^62. The ring holds no more than its slots. */
static uint64_t ring_count(const struct ring *l)
{
	return MIN(((l->head_id - l->tail_id) & RING_ID_MASK) + 1, ring_slots(l));
}

/* The first descriptor of the kernel is no record. */
static bool ring_was_never_used(const struct ring *l)
{
	uint64_t at = ring_desc(l, l->head_id) + l->offsets[STATE_VAR] + l->offsets[COUNTER], state;

	return kspace_u64(l->ks, at, &state) == 0 && state >> RING_STATE_SHIFT == STATE_REUSABLE;
}

/* True when tail and head span all records there are, and texts are where they should be. One that
 * is overwritten itself does not make the ring a broken one. */
static bool ring_is_sound(const struct ring *l)
{
	uint64_t count = ring_count(l), good = 0, torn = 0, id;

	if (((l->head_id - l->tail_id) & RING_ID_MASK) >= ring_slots(l))
		return false;
	for (uint64_t i = 0; i < count; i++) {
		enum ring_slot found = ring_look(l, l->tail_id + i);

		good += found == RING_GOOD;
		torn += found == RING_TORN;
	}
	if (!ring_has_facts(l, l->head_id))
		return false;
	for (uint64_t i = count; i < ring_slots(l); i++)
		if (ring_slot_id(l, (l->tail_id + i) & (ring_slots(l) - 1), &id))
			return false;
	return good + torn > 0 ? torn <= good + 1 : count == 1 && ring_was_never_used(l);
}

int log_write_ring(struct log_writer *w, uint64_t prb)
{
	struct ring l = { .w = w, .ks = w->ks };
	int r, records = 0;
	uint64_t count;

	r = ring_find(&l);
	if (r < 0)
		return r;
	r = ring_open(&l, prb);
	if (r == -ENOMEM)
		return r;
	if (r < 0 || !ring_is_sound(&l))
		return ring_salvage(&l, prb, r);
	count = ring_count(&l);
	for (uint64_t i = 0; i < count; i++) {
		r = ring_record(&l, l.tail_id + i);
		if (r < 0)
			return r;
		records += r;
	}
	return records > 0 || ring_was_never_used(&l) ? records : ring_salvage(&l, prb, 0);
}
