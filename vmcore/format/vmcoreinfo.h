/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vmcoreinfo.h - the facts that a kernel leaves for the readers of its memory.
 *
 * VMCOREINFO is a text of KEY=VALUE lines in an ELF note (kernel/vmcore_info.c, kernel/crash_core.c
 * before 6.9). Keys may be missing or double; the first one counts. Numbers: SYMBOL() and
 * KERNELOFFSET are hexadecimal without 0x, NUMBER() is signed decimal or hexadecimal with 0x, the
 * others are decimal.
 */
#pragma once

#include "base/base.h"

struct vmcoreinfo {
	const char *text; /* borrowed; not NUL-terminated */
	size_t len;
};

/* *@ret is the value, borrowed and not NUL-terminated. False when there is no such key. */
bool vmcoreinfo_string(const struct vmcoreinfo *vi, const char *key, const char **ret,
                       size_t *ret_len);

/* Copies the value, cut to the buffer; an empty string when there is no such key. Returns @buf. */
const char *vmcoreinfo_copy(const struct vmcoreinfo *vi, const char *key, char *buf, size_t size);

/* KIND(name): @kind is "SYMBOL", "SIZE", "OFFSET", "LENGTH" or "NUMBER". False: none. */
bool vmcoreinfo_get(const struct vmcoreinfo *vi, const char *kind, const char *name, uint64_t *ret);

/* Plain keys such as PAGESIZE, CRASHTIME (@base 10) and KERNELOFFSET (@base 16). */
bool vmcoreinfo_plain(const struct vmcoreinfo *vi, const char *key, int base, uint64_t *ret);
