/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * notes.h - ELF notes, as in the PT_NOTE segment of /proc/vmcore.
 *
 * A note is three 32-bit numbers (size of name, size of description, type), the name and the
 * description, each padded to 4 bytes. The kernel fills unused room with zeroes: a note without
 * name, type and description ends the list (fs/proc/vmcore.c, Linux 6.12).
 */
#pragma once

#include "base/cursor.h"

struct note {
	const char *name; /* borrowed, not NUL-terminated */
	size_t name_len;  /* without the NUL */
	uint32_t type;
	const uint8_t *desc; /* borrowed */
	size_t desc_len;
};

/* 1: *@ret is the next note; 0: there are no more; -EBADMSG: a note runs past the end. */
int notes_next(struct cursor *c, struct note *ret);

/* The next note with the registers of a CPU, which is CORE's NT_PRSTATUS. Returns as above. */
int notes_next_registers(struct cursor *c, struct note *ret);

/* Copies the @len bytes of @notes, with a note of VMCOREINFO with @text in front, and without such
 * notes that they have. NULL: no memory. Free the copy. */
uint8_t *notes_with_vmcoreinfo(const uint8_t *notes, size_t len, bool swap, const char *text,
                               size_t text_len, size_t *ret_len);

struct notes_summary {
	unsigned n_cpus;          /* NT_PRSTATUS notes */
	size_t vmcoreinfo_offset; /* of the VMCOREINFO text; 0 when there is none */
	size_t vmcoreinfo_len;
};

/* Reads all notes up to the end or the first broken one. */
struct notes_summary notes_scan(const uint8_t *notes, size_t len, bool swap);
