// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dmesg-salvage.c - what is left of a kernel log whose ring is damaged, see dmesg-ring.h.
 *
 * One stray write, maybe the one that crashed the kernel, makes the way to the records useless, but
 * the facts are there twice. Each slot holds the id of its record, and each text begins with it.
 * There is one slot for 32 bytes of text (PRB_AVGBITS in kernel/printk/printk.c, Linux 5.10 to
 * 6.18), so either size tells the other. The symbols log_buf and log_buf_len are those of the text,
 * and the first ring, printk_rb_static, has arrays with names.
 */
#include <endian.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "base/array.h"
#include "base/err.h"
#include "vmcore/kernel/dmesg-ring.h"
#include "vmcore/kernel/kallsyms.h"

#define AVERAGE_BITS 5

/* Of the text no more than this is looked through without descriptors, 32 MiB. */
#define TEXT_BITS_MAX 25

/* Ids in the order of their records: half of all numbers may be behind the one that wraps to 0. */
static uint64_t order_of(uint64_t id)
{
	return (id + (UINT64_C(1) << (RING_STATE_SHIFT - 1))) & RING_ID_MASK;
}

/* Takes the arrays from the kernel's symbols, as far as it has them. */
static void ask_symbols(struct ring *l, uint64_t prb)
{
	_cleanup_(kallsyms_freep) struct kallsyms *k = NULL;
	uint64_t at, data, ring, first;
	uint32_t len;

	if (kallsyms_open(l->ks, &k) < 0)
		return;
	if (kallsyms_address(k, "log_buf", &at) == 0 && kspace_u64(l->ks, at, &data) == 0 &&
	    kallsyms_address(k, "log_buf_len", &at) == 0 && kspace_u32(l->ks, at, &len) == 0 &&
	    len > 0 && (len & (len - 1)) == 0) {
		l->data = data;
		l->size_bits = __builtin_ctz(len);
		l->count_bits = l->size_bits - MIN(l->size_bits, AVERAGE_BITS);
	}
	if (kspace_u64(l->ks, prb, &ring) < 0 ||
	    kallsyms_address(k, "printk_rb_static", &first) < 0 || ring != first)
		return;
	if (kallsyms_address(k, "_printk_rb_static_descs", &at) == 0)
		l->descs = at;
	if (kallsyms_address(k, "_printk_rb_static_infos", &at) == 0)
		l->infos = at;
}

static bool slot_is_good(const struct ring *l, uint64_t slot, uint64_t *ret_id)
{
	return ring_slot_id(l, slot, ret_id) && ring_look(l, *ret_id) == RING_GOOD;
}

/* How much is found: one for each record, and one for the facts of it. */
static size_t count_found(const struct ring *l)
{
	size_t found = 0;
	uint64_t id;

	if (!ring_is_plausible(l))
		return 0;
	for (uint64_t slot = 0; slot >> l->count_bits == 0; slot++)
		if (slot_is_good(l, slot, &id))
			found += 1 + ring_has_facts(l, id);
	return found;
}

/* Fills @l with the facts by which most is found; false: no record is. */
static bool mend(struct ring *l, uint64_t prb)
{
	struct ring ways[4] = { *l, *l, *l, *l }; /* by which facts? as they are, ... */
	size_t best = 0;

	ways[1].size_bits = l->count_bits + AVERAGE_BITS;
	ways[2].count_bits = l->size_bits - MIN(l->size_bits, AVERAGE_BITS);
	ask_symbols(&ways[3], prb);
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		size_t found = count_found(&ways[i]);

		if (found > best) {
			best = found;
			*l = ways[i];
		}
	}
	/* Without descriptors the place of the text counts, which symbols know best. */
	if (best == 0 && ring_is_plausible(&ways[3]))
		*l = ways[3];
	return best > 0;
}

static int by_order(const void *a, const void *b)
{
	uint64_t x = order_of(*(const uint64_t *)a), y = order_of(*(const uint64_t *)b);

	return x < y ? -1 : x > y;
}

/* Writes the records of which the slots are good. */
static int write_slots(struct ring *l)
{
	_cleanup_free_ uint64_t *ids = calloc((size_t)1 << l->count_bits, sizeof(*ids));
	size_t found = 0;
	int r, records = 0;
	uint64_t id;

	if (!ids)
		return oom("the records of the kernel log");
	for (uint64_t slot = 0; slot >> l->count_bits == 0; slot++)
		if (slot_is_good(l, slot, &id))
			ids[found++] = id;
	qsort(ids, found, sizeof(*ids), by_order);
	for (size_t i = 0; i < found; i++) {
		r = ring_record(l, ids[i]);
		if (r < 0)
			return r;
		records += r;
	}
	return records;
}

/* A text in the ring, behind its id. */
struct block {
	uint64_t id;
	size_t start, len;
};

struct blocks {
	uint8_t *text;
	size_t size;
	uint64_t first, last; /* of the ids, by order_of() */
	struct block *list;
	size_t n;
};

static void blocks_done(struct blocks *p)
{
	free(p->text);
	free(p->list);
}

/* Pages that cannot be read are zeroes. */
static int read_text(const struct ring *l, struct blocks *p)
{
	p->size = (size_t)1 << MIN(l->size_bits, TEXT_BITS_MAX);
	p->text = calloc(1, p->size);
	if (!p->text)
		return oom("the text of the kernel log");
	for (size_t at = 0, len; at < p->size; at += len) {
		len = MIN(p->size - at, 4096 - ((l->data + at) & 4095));
		(void)kspace_read(l->ks, l->data + at, p->text + at, len);
	}
	return 0;
}

/* Blocks begin at multiples of eight bytes. */
static bool read_id(const struct blocks *p, size_t at, uint64_t *ret)
{
	uint64_t id;

	memcpy(&id, p->text + at, sizeof(id));
	*ret = id = le64toh(id);
	return id <= RING_ID_MASK && order_of(id) >= p->first && order_of(id) <= p->last;
}

/* Ids are small numbers, counted from some below zero, and five letters are larger ones. Ids lie
 * near to each other: there is room for one in 16 bytes. */
static int find_range(struct blocks *p)
{
	_cleanup_free_ uint64_t *ids = calloc(p->size / 8 + 1, sizeof(*ids));
	const uint64_t zero = order_of(0), most = UINT64_C(1) << 40, room = MAX(p->size / 16, 1);
	size_t n = 0, best = 0;

	if (!ids)
		return oom("the texts of the kernel log");
	p->first = zero - most;
	p->last = zero + most;
	for (size_t at = 0; at + 8 <= p->size; at += 8)
		n += read_id(p, at, &ids[n]) && ids[n] != 0;
	qsort(ids, n, sizeof(*ids), by_order);
	for (size_t i = 0, from = 0; i < n; i++) {
		while (order_of(ids[i]) - order_of(ids[from]) >= room)
			from++;
		if (i - from < best)
			continue;
		best = i - from;
		p->first = order_of(ids[from]);
		p->last = order_of(ids[i]);
	}
	return 0;
}

static bool is_text(uint8_t c)
{
	return (c >= ' ' && c < 0x7f) || c >= 0x80 || c == '\t' || c == '\n';
}

static int find_blocks(struct blocks *p)
{
	for (size_t at = 0; at + 8 < p->size; at += 8) {
		struct block block = { .start = at + 8 };
		uint64_t next;
		int r;

		if (!read_id(p, at, &block.id) || !is_text(p->text[at + 8]))
			continue;
		while (block.start + block.len < p->size && block.len < LOG_MAX_TEXT - 8 &&
		       !read_id(p, block.start + block.len, &next))
			block.len += 8;
		at = block.start + block.len - 8;
		block.len = ring_text_length(p->text + block.start, block.len);
		r = array_grow(&p->list, p->n, "the texts of the kernel log");
		if (r < 0)
			return r;
		p->list[p->n++] = block;
	}
	return 0;
}

static int by_id(const void *a, const void *b)
{
	return by_order(&((const struct block *)a)->id, &((const struct block *)b)->id);
}

/* The facts in a slot are those of the newest record that had it. */
static bool is_newest(const struct ring *l, const struct blocks *p, const struct block *block)
{
	return order_of(p->list[p->n - 1].id) - order_of(block->id) < UINT64_C(1) << l->count_bits;
}

static int write_block(struct ring *l, const struct blocks *p, const struct block *block)
{
	uint64_t slot = block->id & ((UINT64_C(1) << l->count_bits) - 1), ns = 0;
	uint64_t info = l->infos + slot * l->info_size;
	size_t n = block->len;
	uint16_t len = 0;

	l->w->no_time = !is_newest(l, p, block) ||
	                kspace_u64(l->ks, info + l->offsets[TS_NSEC], &ns) < 0 ||
	                log_u16(l->w, info + l->offsets[TEXT_LEN], &len) < 0 || len == 0 || len > n;
	if (!l->w->no_time)
		n = len;
	memcpy(l->w->text, p->text + block->start, n);
	return log_write_record(l->w, l->w->no_time ? 0 : ns,
	                        l->w->no_time ? LOG_NO_AUTHOR : ring_author(l, info), n, false);
}

/* Writes the texts of the ring without the help of descriptors. */
static int write_texts(struct ring *l)
{
	_cleanup_(blocks_done) struct blocks p = {};
	int r;

	if (!ring_is_plausible(l))
		return 0;
	if ((r = read_text(l, &p)) < 0 || (r = find_range(&p)) < 0 || (r = find_blocks(&p)) < 0)
		return r;
	if (p.n > 0)
		qsort(p.list, p.n, sizeof(*p.list), by_id);
	for (size_t i = 0; i < p.n; i++) {
		r = write_block(l, &p, &p.list[i]);
		if (r < 0)
			return r;
	}
	return MIN(p.n, (size_t)INT_MAX);
}

static int write_remark(struct log_writer *w, int records)
{
	int n = sprintf(w->out,
	                "[the ring of the kernel log is damaged: this is what was found of it]\n");

	n = w->emit(w->arg, &(struct dmesg_record){
				    .text = w->out, .len = n, .level = -1, .facility = -1 });
	return n < 0 ? n : records;
}

int ring_salvage(struct ring *l, uint64_t prb, int error)
{
	char why[ERR_WHY] = "";
	int r;

	if (err_note(error, why) < 0)
		return error;
	r = mend(l, prb) ? write_slots(l) : write_texts(l);
	l->w->no_time = false;
	if (r < 0)
		return r;
	if (r > 0)
		return write_remark(l->w, r);
	if (error < 0)
		return errf(error, "%s", why);
	return errf(-EBADMSG, "the ring of the kernel log is damaged, and no record is left of it");
}
