// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dmesg-buffer.c - the kernel log of Linux 3.5 to 5.9.
 *
 * The log is a buffer of records one behind the other (kernel/printk/printk.c, Linux 4.19 and 5.4;
 * kernel/printk.c before 3.15): struct printk_log, struct log before 3.11, then the text, then
 * key-value pairs that are not part of it, then padding. Both log_first_idx, where the oldest
 * record is, and log_next_idx, where the next one will be, count bytes from the start; when they
 * are equal the log is empty. A record that does not fit before the end lies at the start, and
 * where it would have been is one of length 0.
 *
 * Only the length of a record leads to the next one, so the log ends at the first wrong length.
 * Each piece of a continued line is a record of its own.
 */
#include <errno.h>
#include <stdio.h>

#include "base/err.h"
#include "vmcore/kernel/dmesg-layout.h"

/* Limits against broken dumps. struct printk_log has 16 bytes, or 20 or 24 with the caller. */
#define MIN_HEAD 16
#define MAX_HEAD 256

enum { TS_NSEC, LEN, TEXT_LEN, DICT_LEN, OFFSETS };

/* The names that the struct had, and its members. */
static const struct {
	const char *name;
	const char *offsets[OFFSETS];
	bool has_author;
} structs[] = {
	{ "printk_log",
	  { [TS_NSEC] = "printk_log.ts_nsec",
	    [LEN] = "printk_log.len",
	    [TEXT_LEN] = "printk_log.text_len",
	    [DICT_LEN] = "printk_log.dict_len" },
	  .has_author = true },
	{ "log",
	  { [TS_NSEC] = "log.ts_nsec",
	    [LEN] = "log.len",
	    [TEXT_LEN] = "log.text_len",
	    [DICT_LEN] = "log.dict_len" } },
};

struct buffer {
	struct log_writer *w;
	uint64_t offsets[OFFSETS];
	bool has_author;
	uint64_t head_size;   /* bytes of a struct printk_log */
	uint64_t start;       /* address */
	uint32_t size;        /* bytes */
	uint32_t first, next; /* bytes from the start */
};

static int buffer_find_struct(struct buffer *b)
{
	const struct vmcoreinfo *vi = &b->w->ks->dump->vmcoreinfo;
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(structs); i++) {
		if (!vmcoreinfo_get(vi, "SIZE", structs[i].name, &b->head_size))
			continue;
		b->has_author = structs[i].has_author;
		r = log_offsets(vi, structs[i].offsets, OFFSETS, b->offsets);
		if (r < 0)
			return r;
		if (b->head_size < MIN_HEAD || b->head_size > MAX_HEAD)
			return errf(-EBADMSG,
			            "VMCOREINFO: SIZE(%s) is %llu, which is not plausible",
			            structs[i].name, (unsigned long long)b->head_size);
		return 0;
	}
	return log_missing("SIZE", structs[0].name);
}

/* Reads the 32-bit variable @name. */
static int buffer_variable(struct buffer *b, const char *name, uint32_t *ret)
{
	uint64_t va;

	if (!vmcoreinfo_get(&b->w->ks->dump->vmcoreinfo, "SYMBOL", name, &va))
		return log_missing("SYMBOL", name);
	return kspace_u32(b->w->ks, va, ret);
}

static int buffer_open(struct buffer *b, uint64_t log_buf)
{
	int r;

	if ((r = buffer_find_struct(b)) < 0 || (r = kspace_u64(b->w->ks, log_buf, &b->start)) < 0 ||
	    (r = buffer_variable(b, "log_buf_len", &b->size)) < 0 ||
	    (r = buffer_variable(b, "log_first_idx", &b->first)) < 0 ||
	    (r = buffer_variable(b, "log_next_idx", &b->next)) < 0)
		return r;
	if (b->size > UINT32_C(1) << LOG_MAX_SIZE_BITS || b->first > b->size || b->next > b->size)
		return errf(-EBADMSG,
		            "the kernel log claims %u bytes with records from %u to %u, which "
		            "is not plausible",
		            b->size, b->first, b->next);
	return 0;
}

struct record {
	uint64_t ns;
	uint16_t len, text_len; /* bytes of all, and of the text; len 0: go on at the start */
};

/* Reads the head of the record at @at; -EBADMSG when it is not plausible. */
static int buffer_head(struct buffer *b, uint32_t at, struct record *ret)
{
	const uint64_t *o = b->offsets, va = b->start + at;
	struct record rec = {};
	uint16_t dict_len;
	int r;

	if (b->size - at < b->head_size)
		return -EBADMSG;
	r = log_u16(b->w, va + o[LEN], &rec.len);
	if (r < 0)
		return r;
	if (rec.len == 0) {
		/* The log goes on at the start once, and only before it comes to next. */
		if (at < b->next)
			return -EBADMSG;
		*ret = rec;
		return 0;
	}
	if ((r = kspace_u64(b->w->ks, va + o[TS_NSEC], &rec.ns)) < 0 ||
	    (r = log_u16(b->w, va + o[TEXT_LEN], &rec.text_len)) < 0 ||
	    (r = log_u16(b->w, va + o[DICT_LEN], &dict_len)) < 0)
		return r;
	if (b->head_size + rec.text_len + dict_len > rec.len || rec.len > b->size - at)
		return -EBADMSG;
	/* No record lies across the place where the next one will be written. */
	if (at < b->next && rec.len > b->next - at)
		return -EBADMSG;
	*ret = rec;
	return 0;
}

/* Writes a line that says where the log is broken. Without any record that is an error instead. */
static int buffer_broken(struct buffer *b, uint32_t at, int records)
{
	int n;

	if (records == 0)
		return errf(-EBADMSG, "the kernel log is broken: no record at byte %u of %u", at,
		            b->size);
	n = sprintf(b->w->out,
	            "[the kernel log is broken at byte %u of %u: later records are lost]\n", at,
	            b->size);
	n = b->w->emit(
		b->w->arg,
		&(struct dmesg_record){ .text = b->w->out, .len = n, .level = -1, .facility = -1 });
	return n < 0 ? n : records;
}

int log_write_buffer(struct log_writer *w, uint64_t log_buf)
{
	struct buffer b = { .w = w };
	struct record rec;
	struct log_author author;
	int r, records = 0;

	r = buffer_open(&b, log_buf);
	if (r < 0)
		return r;
	/* The loop ends: each round moves on, and buffer_head() allows one step to the start. */
	for (uint32_t at = b.first; at != b.next; at = rec.len ? at + rec.len : 0) {
		if (buffer_head(&b, at, &rec) < 0)
			return buffer_broken(&b, at, records);
		if (rec.len == 0)
			continue;
		if (kspace_read(w->ks, b.start + at + b.head_size, w->text, rec.text_len) < 0)
			return buffer_broken(&b, at, records);
		author = LOG_NO_AUTHOR;
		if (b.has_author)
			author = log_read_author(w, b.start + at + b.offsets[DICT_LEN] + 2);
		r = log_write_record(w, rec.ns, author, rec.text_len, false);
		if (r < 0)
			return r;
		records++;
	}
	return records;
}
