// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * synth-buffer.c - a log buffer, filled as kernel/printk/printk.c of Linux 5.4 does it, see
 * synth.h.
 */
#include "tests/unit/synth.h"

/* struct printk_log */
enum {
	TS_NSEC = 0,
	LEN = 8,
	TEXT_LEN = 10,
	DICT_LEN = 12,
	FACILITY = 14,
	FLAGS = 15,
	CALLER_ID = 16,
	ALIGNMENT = 4
};

static const struct {
	const char *name;
	unsigned offset, size;
} variables[] = {
	{ "log_buf", 0, 8 },       { "log_buf_len", 8, 4 }, { "log_first_idx", 12, 4 },
	{ "log_next_idx", 16, 4 }, { "clear_idx", 20, 4 },
};

static void put(struct synth_buffer *b, uint32_t at, uint64_t v, size_t size)
{
	synth_put(synth_at(b->machine, b->buffer + at), v, size, false);
}

static uint16_t length_at(struct synth_buffer *b, uint32_t at)
{
	uint16_t len;

	memcpy(&len, synth_at(b->machine, b->buffer + at + LEN), sizeof(len));
	return len;
}

void synth_buffer_put(struct synth_buffer *b, unsigned variable, uint64_t value)
{
	synth_put(synth_at(b->machine, b->variables + variables[variable].offset), value,
	          variables[variable].size, false);
}

void synth_buffer_init(struct synth_buffer *b, struct synth *m, const char *name, uint32_t size,
                       bool caller)
{
	*b = (struct synth_buffer){ .machine = m, .size = size, .head_size = caller ? 20 : 16 };
	b->buffer = synth_alloc(m, size, 64);
	b->variables = synth_alloc(m, 24, 8);
	for (size_t i = 0; i < ARRAY_SIZE(variables); i++)
		synth_key(
			&m->info, "SYMBOL(%s)=%llx", variables[i].name,
			(unsigned long long)(SYNTH_DIRECT_VA + b->variables + variables[i].offset));
	synth_key(&m->info, "SIZE(%s)=%u", name, b->head_size);
	synth_key(&m->info, "OFFSET(%s.ts_nsec)=%d", name, TS_NSEC);
	synth_key(&m->info, "OFFSET(%s.len)=%d", name, LEN);
	synth_key(&m->info, "OFFSET(%s.text_len)=%d", name, TEXT_LEN);
	synth_key(&m->info, "OFFSET(%s.dict_len)=%d", name, DICT_LEN);
	if (caller)
		synth_key(&m->info, "OFFSET(%s.caller_id)=%d", name, CALLER_ID);
	synth_buffer_put(b, 0, SYNTH_DIRECT_VA + b->buffer);
	synth_buffer_put(b, 1, size);
}

/* There must always be room for one more head, that of length 0. */
static bool has_room(const struct synth_buffer *b, uint32_t len)
{
	uint32_t room;

	if (b->next > b->first || b->first_seq == b->next_seq)
		room = MAX(b->size - b->next, b->first);
	else
		room = b->first - b->next;
	return room >= len + b->head_size;
}

static void drop_oldest(struct synth_buffer *b)
{
	uint16_t len = length_at(b, b->first);

	b->first = len ? b->first + len : length_at(b, 0);
	b->first_seq++;
}

uint32_t synth_buffer_add(struct synth_buffer *b, uint64_t ns, unsigned flags, const char *text,
                          const char *dict)
{
	size_t text_len = strlen(text), dict_len = dict ? strlen(dict) : 0;
	uint32_t len = ALIGN_UP(b->head_size + text_len + dict_len, ALIGNMENT), at;

	while (b->first_seq < b->next_seq && !has_room(b, len))
		drop_oldest(b);
	assert_true(has_room(b, len));
	if (b->next + len + b->head_size > b->size) {
		memset(synth_at(b->machine, b->buffer + b->next), 0, b->head_size);
		b->next = 0;
	}
	at = b->next;
	memset(synth_at(b->machine, b->buffer + at), 0, len);
	put(b, at + TS_NSEC, ns, 8);
	put(b, at + LEN, len, 2);
	put(b, at + TEXT_LEN, text_len, 2);
	put(b, at + DICT_LEN, dict_len, 2);
	put(b, at + FACILITY, b->facility, 1);
	put(b, at + FLAGS, flags | 6 << 5, 1);
	if (b->head_size > CALLER_ID)
		put(b, at + CALLER_ID, 0x80000001, 4);
	memcpy(synth_at(b->machine, b->buffer + at + b->head_size), text, text_len);
	if (dict)
		memcpy(synth_at(b->machine, b->buffer + at + b->head_size + text_len), dict,
		       dict_len);
	b->next += len;
	b->next_seq++;
	synth_buffer_put(b, 2, b->first);
	synth_buffer_put(b, 3, b->next);
	return at;
}
