/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dmesg-layout.h - what the readers of the two layouts of the kernel log share; private to
 * dmesg*.c.
 */
#pragma once

#include "vmcore/kernel/dmesg.h"

/* Limit against a broken dump: a GiB of log. */
#define LOG_MAX_SIZE_BITS 30

/* One record: its length is 16 bits wide, each byte becomes at most four. */
#define LOG_MAX_TEXT  65536
#define LOG_MAX_EXTRA 128 /* a stamp, a last indent, what stands behind the text */

struct log_writer {
	struct kspace *ks;
	dmesg_record_fn emit;
	void *arg;
	uint8_t text[LOG_MAX_TEXT]; /* of the record at hand */
	char out[4 * LOG_MAX_TEXT + LOG_MAX_EXTRA];
};

/* The offsets of the members @names ("struct.member") from VMCOREINFO; -ENODATA names the one that
 * is missing. */
int log_offsets(const struct vmcoreinfo *vi, const char *const *names, size_t n, uint64_t *ret);

int log_missing(const char *kind, const char *name);

int log_u16(struct log_writer *w, uint64_t va, uint16_t *ret);

/* The level of a record, -1 when it cannot be read. VMCOREINFO does not say where it is, but in
 * struct printk_log (kernel/printk/printk.c, Linux 3.11 to 5.9) and struct printk_info
 * (kernel/printk/printk_ringbuffer.h, Linux 5.10 to 6.12) the same two bytes stand behind the
 * lengths, at @va: u8 facility; u8 flags:5, level:3. */
int log_level(struct log_writer *w, uint64_t va);

/* Writes the record of @len bytes in w->text, logged @ns after boot. @incomplete: the kernel was
 * still writing it, which is said behind the text; @ns is then 0 when not known. @level is -1 when
 * not known. Returns what emit() returns. */
int log_write_record(struct log_writer *w, uint64_t ns, int level, size_t len, bool incomplete);

/* The readers. Each returns the number of records, or what dmesg_write() returns. */
int log_write_ring(struct log_writer *w, uint64_t prb);
int log_write_buffer(struct log_writer *w, uint64_t log_buf);
