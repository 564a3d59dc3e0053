/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dmesg-ring.h - the ring of the kernel log since Linux 5.10, shared by who reads it and who
 * salvages what is left of it; only for dmesg-*.c. dmesg-ring.c teaches the format.
 */
#pragma once

#include "vmcore/kernel/dmesg-layout.h"

#define RING_STATE_SHIFT 62
#define RING_ID_MASK     ((UINT64_C(1) << RING_STATE_SHIFT) - 1)

enum { STATE_RESERVED, STATE_COMMITTED, STATE_FINALIZED, STATE_REUSABLE };

/* Limit against a broken dump: a million records. */
#define RING_MAX_COUNT_BITS 20

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

struct ring {
	struct log_writer *w;
	struct kspace *ks;
	uint64_t offsets[OFFSETS];
	uint64_t desc_size, info_size; /* bytes of a struct */
	bool has_author;
	uint64_t descs, infos; /* addresses */
	uint64_t head_id, tail_id;
	uint32_t count_bits;
	uint64_t data; /* address of the text ring */
	uint32_t size_bits;
};

/* True for sizes that a ring may have. */
bool ring_is_plausible(const struct ring *l);

/* What stands in the place of a record. */
enum ring_slot {
	RING_NONE, /* no record, or another one */
	RING_TORN, /* one of which the text is not where it should be */
	RING_GOOD,
};

enum ring_slot ring_look(const struct ring *l, uint64_t id);

/* Who wrote the record whose struct printk_info is at @info. */
struct log_author ring_author(const struct ring *l, uint64_t info);

/* True when the time and the length of the text can be read. */
bool ring_has_facts(const struct ring *l, uint64_t id);

/* How long a text is whose length is not known: up to the NUL that vsnprintf(3) wrote, without the
 * line feed before it. */
size_t ring_text_length(const uint8_t *text, size_t room);

/* Finds the record that lies in a slot, from 0; false: there is none. */
bool ring_slot_id(const struct ring *l, uint64_t slot, uint64_t *ret_id);

/* Writes one record. Returns 1, or 0 when it cannot be read, or what emit() says if that fails. */
int ring_record(struct ring *l, uint64_t id);

/* Writes what can still be found of a ring whose own counters and pointers do not lead to its
 * records: by the number that each slot has, else by the number in front of each text. Where the
 * arrays are it also asks the kernel's symbols. A last line, which is not counted, says so. Returns
 * as log_write_ring(). When nothing is found that is @error, whose text is set, or -EBADMSG when it
 * is 0. @prb: where the pointer to the ring is. */
int ring_salvage(struct ring *l, uint64_t prb, int error);
