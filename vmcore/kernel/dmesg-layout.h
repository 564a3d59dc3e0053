/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dmesg-layout.h - shared by the readers of the two layouts of the kernel log; only for dmesg*.c.
 */
#pragma once

#include "vmcore/kernel/dmesg.h"

/* Limit against a broken dump: a GiB of log. */
#define LOG_MAX_SIZE_BITS 30

/* The length of a record has 16 bits. Each byte of its text becomes at most four. */
#define LOG_MAX_TEXT  65536
#define LOG_MAX_EXTRA 192 /* marks, a stamp, a last indent */

struct log_writer {
	struct kspace *ks;
	dmesg_record_fn emit;
	void *arg;
	bool no_time;               /* when the record was logged cannot be read */
	uint8_t text[LOG_MAX_TEXT]; /* of the record being written */
	char out[4 * LOG_MAX_TEXT + LOG_MAX_EXTRA];
};

/* Reads offsets of @names ("struct.member") from VMCOREINFO. -ENODATA with a text: one lacks. */
int log_offsets(const struct vmcoreinfo *vi, const char *const *names, size_t n, uint64_t *ret);

/* Returns -ENODATA, with a text that VMCOREINFO lacks KIND(NAME). */
int log_missing(const char *kind, const char *name);

int log_u16(struct log_writer *w, uint64_t va, uint16_t *ret);

/* Who wrote a record, and how urgent it is; -1 when not known. */
struct log_author {
	int facility, level;
};

#define LOG_NO_AUTHOR ((struct log_author){ -1, -1 })

/* VMCOREINFO does not tell its place. But struct printk_log (kernel/printk/printk.c, Linux 3.11 to
 * 5.9) and struct printk_info (kernel/printk/printk_ringbuffer.h, Linux 5.10 to 6.12) both have two
 * bytes behind the lengths, at @va: u8 facility; u8 flags:5, level:3. */
struct log_author log_read_author(struct log_writer *w, uint64_t va);

/* Writes the record of @len bytes in w->text, logged @ns nanoseconds after boot. @incomplete: the
 * kernel was still writing it, so a mark follows the text, and @ns may be 0: not known. Returns
 * what emit() returns. */
int log_write_record(struct log_writer *w, uint64_t ns, struct log_author author, size_t len,
                     bool incomplete);

/* The readers. Each returns the number of records, or what dmesg_write() returns. */
int log_write_ring(struct log_writer *w, uint64_t prb);
int log_write_buffer(struct log_writer *w, uint64_t log_buf);
