// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * synth-log.c - a printk ring, filled as kernel/printk/printk_ringbuffer.c of Linux 6.12 does it,
 * see synth.h.
 */
#include "tests/unit/synth.h"

/* struct printk_ringbuffer with its two rings */
enum { COUNT_BITS = 0, DESCS = 8, INFOS = 16, HEAD_ID = 24, TAIL_ID = 32, TEXT_RING = 48 };
enum { SIZE_BITS = 0, DATA = 8, RINGBUFFER = 88 };

/* struct prb_desc and printk_info */
enum { STATE = 0, BEGIN = 8, NEXT = 16, DESC = 24 };
enum { SEQ = 0, TS_NSEC = 8, TEXT_LEN = 16, FACILITY = 18, LEVEL = 19, CALLER_ID = 20, INFO = 88 };

enum { RESERVED, COMMITTED, FINALIZED, REUSABLE };

#define FAILED_LPOS  1 /* there was no room for the text */
#define NO_LPOS      3 /* there was no text */
#define ID_MASK      (UINT64_MAX >> 2)
#define CANONICAL(l) ((UINT64_C(1) << (l)->size_bits) - 1)

static void log_keys(struct synth_log *l, uint64_t pointer)
{
	struct synth_info *info = &l->machine->info;

	synth_key(info, "SYMBOL(prb)=%llx", (unsigned long long)(SYNTH_DIRECT_VA + pointer));
	synth_key(info, "OFFSET(printk_ringbuffer.desc_ring)=0");
	synth_key(info, "OFFSET(printk_ringbuffer.text_data_ring)=%d", TEXT_RING);
	synth_key(info, "OFFSET(prb_desc_ring.count_bits)=%d", COUNT_BITS);
	synth_key(info, "OFFSET(prb_desc_ring.descs)=%d", DESCS);
	synth_key(info, "OFFSET(prb_desc_ring.infos)=%d", INFOS);
	synth_key(info, "OFFSET(prb_desc_ring.head_id)=%d", HEAD_ID);
	synth_key(info, "OFFSET(prb_desc_ring.tail_id)=%d", TAIL_ID);
	synth_key(info, "SIZE(prb_desc)=%d", DESC);
	synth_key(info, "OFFSET(prb_desc.state_var)=%d", STATE);
	synth_key(info, "OFFSET(prb_desc.text_blk_lpos)=%d", BEGIN);
	synth_key(info, "OFFSET(prb_data_blk_lpos.begin)=0");
	synth_key(info, "OFFSET(prb_data_blk_lpos.next)=%d", NEXT - BEGIN);
	synth_key(info, "SIZE(printk_info)=%d", INFO);
	synth_key(info, "OFFSET(printk_info.seq)=%d", SEQ);
	synth_key(info, "OFFSET(printk_info.ts_nsec)=%d", TS_NSEC);
	synth_key(info, "OFFSET(printk_info.text_len)=%d", TEXT_LEN);
	synth_key(info, "OFFSET(printk_info.caller_id)=%d", CALLER_ID);
	synth_key(info, "OFFSET(prb_data_ring.size_bits)=%d", SIZE_BITS);
	synth_key(info, "OFFSET(prb_data_ring.data)=%d", DATA);
	synth_key(info, "OFFSET(atomic_long_t.counter)=0");
}

static void put(struct synth_log *l, uint64_t pa, uint64_t v, size_t size)
{
	synth_put(synth_at(l->machine, pa), v, size, false);
}

static uint64_t get64(struct synth_log *l, uint64_t pa)
{
	uint64_t v;

	memcpy(&v, synth_at(l->machine, pa), sizeof(v));
	return v;
}

static uint64_t slot(const struct synth_log *l, uint64_t id)
{
	return id & ((UINT64_C(1) << l->count_bits) - 1);
}

static uint64_t desc_pa(const struct synth_log *l, uint64_t id)
{
	return l->descs + slot(l, id) * DESC;
}

static void put_state(struct synth_log *l, uint64_t id, uint64_t state)
{
	put(l, desc_pa(l, id) + STATE, state << 62 | (id & ID_MASK), 8);
}

static void put_ring(struct synth_log *l)
{
	put(l, l->ring + HEAD_ID, l->head_id, 8);
	put(l, l->ring + TAIL_ID, l->tail_id, 8);
}

void synth_log_init(struct synth_log *l, struct synth *m, unsigned count_bits, unsigned size_bits)
{
	uint64_t count = UINT64_C(1) << count_bits, pointer;

	*l = (struct synth_log){
		.machine = m, .count_bits = count_bits, .size_bits = size_bits, .level = 6
	};
	l->descs = synth_alloc(m, count * DESC, 64);
	l->infos = synth_alloc(m, count * INFO, 64);
	l->data = synth_alloc(m, UINT64_C(1) << size_bits, 64);
	l->ring = synth_alloc(m, RINGBUFFER, 64);
	pointer = synth_alloc(m, 8, 8);
	put(l, pointer, SYNTH_DIRECT_VA + l->ring, 8);
	put(l, l->ring + COUNT_BITS, count_bits, 4);
	put(l, l->ring + DESCS, SYNTH_DIRECT_VA + l->descs, 8);
	put(l, l->ring + INFOS, SYNTH_DIRECT_VA + l->infos, 8);
	put(l, l->ring + TEXT_RING + SIZE_BITS, size_bits, 4);
	put(l, l->ring + TEXT_RING + DATA, SYNTH_DIRECT_VA + l->data, 8);
	/* The kernel begins such that both counters soon wrap (_DESC_ID0 and BLK0_LPOS). */
	l->head_id = l->tail_id = -(count + 1) & ID_MASK;
	l->head_lpos = l->tail_lpos = -(UINT64_C(1) << size_bits);
	put_state(l, l->head_id, REUSABLE);
	put(l, desc_pa(l, l->head_id) + BEGIN, FAILED_LPOS, 8);
	put(l, desc_pa(l, l->head_id) + NEXT, FAILED_LPOS, 8);
	put_ring(l);
	log_keys(l, pointer);
}

static void drop_oldest(struct synth_log *l)
{
	uint64_t begin = get64(l, desc_pa(l, l->tail_id) + BEGIN);

	put_state(l, l->tail_id, REUSABLE);
	if (!(begin & 1))
		l->tail_lpos = get64(l, desc_pa(l, l->tail_id) + NEXT);
	l->tail_id = (l->tail_id + 1) & ID_MASK;
}

/* Reserves room for @len bytes of text; a block that would cross the end, or just reach it, begins
 * at the start of the ring. Returns where the id goes, and the positions. */
static uint64_t reserve(struct synth_log *l, size_t len, uint64_t *begin, uint64_t *next)
{
	uint64_t size = ALIGN_UP(8 + len, 8), at;

	*begin = l->head_lpos;
	*next = *begin + size;
	at = *begin & CANONICAL(l);
	if (*begin >> l->size_bits != *next >> l->size_bits) {
		*next = (*next & ~CANONICAL(l)) + size;
		at = 0;
	}
	while (*next - l->tail_lpos > CANONICAL(l) + 1)
		drop_oldest(l);
	l->head_lpos = *next;
	return l->data + at;
}

void synth_log_add(struct synth_log *l, uint64_t ns, const char *text, size_t len,
                   enum synth_state state)
{
	static const uint64_t states[] = { FINALIZED, COMMITTED, RESERVED };
	uint64_t id = (l->head_id + 1) & ID_MASK, begin = NO_LPOS, next = NO_LPOS, pa;

	/* As the kernel does: first a descriptor, then room for the text. */
	if (slot(l, id) == slot(l, l->tail_id))
		drop_oldest(l);
	l->head_id = id;
	if (text) {
		pa = reserve(l, len, &begin, &next);
		put(l, pa, id, 8);
		memcpy(synth_at(l->machine, pa + 8), text, len);
	}
	put(l, desc_pa(l, id) + BEGIN, begin, 8);
	put(l, desc_pa(l, id) + NEXT, next, 8);
	pa = l->infos + slot(l, id) * INFO;
	put(l, pa + SEQ, l->seq++, 8);
	put(l, pa + TS_NSEC, state == SYNTH_RESERVED ? 0 : ns, 8);
	put(l, pa + TEXT_LEN, state == SYNTH_RESERVED ? 0 : len, 2);
	put(l, pa + FACILITY, state == SYNTH_RESERVED ? 0 : l->facility, 1);
	put(l, pa + LEVEL, state == SYNTH_RESERVED ? 0 : l->level << 5 | 2, 1);
	put(l, pa + CALLER_ID, state == SYNTH_RESERVED ? 0 : 0x80000001, 4);
	put_state(l, id, states[state]);
	put_ring(l);
}

uint8_t *synth_log_desc(struct synth_log *l, uint64_t id)
{
	return synth_at(l->machine, desc_pa(l, id));
}
