// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dmesg.c - the kernel log out of a dump.
 *
 * Since 5.10 the log is a lockless ring (kernel/printk/printk_ringbuffer.c, Linux 6.12). Record
 * number id has its descriptor in descs[id % n] and its facts in infos[id % n]; the top two bits of
 * the descriptor's state say if it is reserved (0), committed (1), finalized (2) or reusable (3),
 * the others repeat the id. Its text lies in a second ring of bytes between two logical positions,
 * which are taken modulo the size of that ring; each block of text begins with the id, eight bytes.
 * A block that does not fit before the end of the ring begins again at its start.
 */
#include "vmcore/kernel/dmesg.h"

#include <ctype.h>
#include <endian.h>
#include <errno.h>
#include <stdio.h>

#include "vmcore/base/err.h"

#define STATE_SHIFT     62
#define STATE_COMMITTED 1
#define STATE_FINALIZED 2
#define ID_MASK         ((UINT64_C(1) << STATE_SHIFT) - 1)

/* Limits against a broken dump: a million records, 1 GiB of text. */
#define MAX_COUNT_BITS 20
#define MAX_SIZE_BITS  30

/* One record: text_len is 16 bits wide, and each byte becomes at most four. */
#define MAX_TEXT   65536
#define MAX_INDENT 64

enum {
	DESC_RING,
	TEXT_RING, /* in printk_ringbuffer */
	COUNT_BITS,
	DESCS,
	INFOS,
	HEAD_ID,
	TAIL_ID, /* in prb_desc_ring */
	STATE_VAR,
	TEXT_LPOS, /* in prb_desc */
	BEGIN,
	NEXT, /* in prb_data_blk_lpos */
	TS_NSEC,
	TEXT_LEN, /* in printk_info */
	SIZE_BITS,
	DATA,    /* in prb_data_ring */
	COUNTER, /* in atomic_long_t */
	OFFSETS,
};

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

struct log {
	struct kspace *ks;
	uint64_t offsets[OFFSETS];
	uint64_t desc_size, info_size; /* bytes of a struct */
	uint64_t descs, infos;         /* addresses */
	uint64_t head_id, tail_id;
	uint32_t count_bits;
	uint64_t data; /* address of the text ring */
	uint32_t size_bits;
	dmesg_emit_fn emit;
	void *arg;
	uint8_t text[MAX_TEXT];
	char out[4 * MAX_TEXT + MAX_INDENT + 2];
};

static int log_find(struct log *l)
{
	const struct vmcoreinfo *vi = &l->ks->dump->vmcoreinfo;

	for (size_t i = 0; i < OFFSETS; i++)
		if (!vmcoreinfo_get(vi, "OFFSET", offset_names[i], &l->offsets[i]))
			return errf(-ENODATA,
			            "VMCOREINFO has no OFFSET(%s): the kernel log cannot be found",
			            offset_names[i]);
	if (!vmcoreinfo_get(vi, "SIZE", "prb_desc", &l->desc_size) ||
	    !vmcoreinfo_get(vi, "SIZE", "printk_info", &l->info_size))
		return errf(-ENODATA,
		            "VMCOREINFO has no SIZE(prb_desc): the kernel log cannot be found");
	return 0;
}

/* Reads where the two rings are. */
static int log_open(struct log *l)
{
	const uint64_t *o = l->offsets;
	uint64_t prb, desc_ring, text_ring;
	int r;

	if (!vmcoreinfo_get(&l->ks->dump->vmcoreinfo, "SYMBOL", "prb", &prb))
		return errf(-ENODATA,
		            "VMCOREINFO has no SYMBOL(prb): the kernel log cannot be found");
	r = log_find(l);
	if (r == 0)
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
	if (l->count_bits > MAX_COUNT_BITS || l->size_bits > MAX_SIZE_BITS)
		return errf(-EBADMSG,
		            "the kernel log claims 2^%u records and 2^%u bytes, which cannot be",
		            l->count_bits, l->size_bits);
	return 0;
}

/* Reads the text between two logical positions into l->text; returns its length. */
static int log_read_text(struct log *l, uint64_t begin, uint64_t next, uint16_t len)
{
	uint64_t size = UINT64_C(1) << l->size_bits, start = begin % size, end = next % size;
	int r;

	/* Equal positions, and odd ones (1 failed, 3 none), stand for no text. */
	if (begin == next || begin & 1)
		return 0;
	/* A block that would cross the end of the ring lies at its start as a whole. */
	if (begin / size != next / size && end != 0)
		start = 0;
	else if (end == 0)
		end = size;
	start += sizeof(uint64_t);
	if (start >= end)
		return 0;
	len = MIN(len, end - start);
	r = kspace_read(l->ks, l->data + start, l->text, len);
	return r < 0 ? r : len;
}

/* Writes one record as a line, or several: the later ones are indented below the text of the first.
 */
static int log_emit(struct log *l, uint64_t ns, size_t len)
{
	int indent = sprintf(l->out, "[%5llu.%06llu] ", (unsigned long long)(ns / 1000000000),
	                     (unsigned long long)(ns % 1000000000 / 1000));
	char *out = l->out + indent, *end = out + 4 * MAX_TEXT;

	for (size_t i = 0; i < len && out < end; i++) {
		uint8_t c = l->text[i];

		if (c == '\n')
			out += sprintf(out, "\n%*s", indent, "");
		else if (isprint(c) || isspace(c))
			*out++ = c;
		else
			out += sprintf(out, "\\x%02x", c);
	}
	*out++ = '\n';
	return l->emit(l->arg, l->out, out - l->out);
}

/* Returns 1 when there was a record to write, 0 when not, negative when emit() failed. */
static int log_record(struct log *l, uint64_t id)
{
	const uint64_t *o = l->offsets;
	uint64_t slot = id & ((UINT64_C(1) << l->count_bits) - 1);
	uint64_t desc = l->descs + slot * l->desc_size, info = l->infos + slot * l->info_size;
	uint64_t state, begin, next, ns;
	uint16_t len;
	int n;

	if (kspace_u64(l->ks, desc + o[STATE_VAR] + o[COUNTER], &state) < 0)
		return 0;
	if ((state >> STATE_SHIFT != STATE_COMMITTED && state >> STATE_SHIFT != STATE_FINALIZED) ||
	    (state & ID_MASK) != (id & ID_MASK))
		return 0;
	if (kspace_u64(l->ks, desc + o[TEXT_LPOS] + o[BEGIN], &begin) < 0 ||
	    kspace_u64(l->ks, desc + o[TEXT_LPOS] + o[NEXT], &next) < 0 ||
	    kspace_u64(l->ks, info + o[TS_NSEC], &ns) < 0 ||
	    kspace_read(l->ks, info + o[TEXT_LEN], &len, sizeof(len)) < 0)
		return 0;
	n = log_read_text(l, begin, next, le16toh(len));
	if (n < 0)
		return 0;
	n = log_emit(l, ns, n);
	return n < 0 ? n : 1;
}

int dmesg_write(struct kspace *ks, dmesg_emit_fn emit, void *arg)
{
	_cleanup_free_ struct log *l = malloc(sizeof(*l));
	uint64_t count;
	int r, records = 0;

	if (!l)
		return -ENOMEM;
	l->ks = ks;
	l->emit = emit;
	l->arg = arg;
	r = log_open(l);
	if (r < 0)
		return r;
	/* Ids count modulo 2^62; the ring never holds more than it has slots. */
	count = ((l->head_id - l->tail_id) & ID_MASK) + 1;
	count = MIN(count, UINT64_C(1) << l->count_bits);
	for (uint64_t i = 0; i < count; i++) {
		r = log_record(l, l->tail_id + i);
		if (r < 0)
			return r;
		records += r;
	}
	return records;
}

/* Where the text of the line at @line begins, behind "[   12.345678] " and "[ T123] ". */
static const char *skip_stamp(const char *line)
{
	while (*line == '[') {
		const char *end = line + strcspn(line, "]\n");

		if (end[0] != ']' || end[1] != ' ')
			break;
		line = end + 2;
	}
	return line;
}

int dmesg_panic_message(const char *log, char **ret)
{
	static const char panic[] = "Kernel panic - not syncing: ";
	static const char *const others[] = { "BUG: ", "kernel BUG at ",
		                              "Oops: ", "general protection fault" };
	const char *found = NULL;
	bool is_panic = false;

	for (const char *line = log; *line; line += *line == '\n') {
		const char *text = skip_stamp(line);

		if (strncmp(text, panic, sizeof(panic) - 1) == 0) {
			found = text + sizeof(panic) - 1;
			is_panic = true;
		}
		for (size_t i = 0; i < ARRAY_SIZE(others) && !found && !is_panic; i++)
			if (strncmp(text, others[i], strlen(others[i])) == 0)
				found = text;
		line = text + strcspn(text, "\n");
	}
	if (!found)
		return -ENODATA;
	*ret = strndup(found, strcspn(found, "\n"));
	return *ret ? 0 : -ENOMEM;
}
