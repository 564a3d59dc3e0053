/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kspace.h - the virtual memory of the crashed kernel.
 *
 * It walks the kernel's own page tables, which VMCOREINFO tells of, and needs nothing else. A
 * kspace belongs to one thread.
 */
#pragma once

#include "vmcore/arch/arch.h"
#include "vmcore/format/dump.h"

struct kspace {
	const struct dump *dump;
	struct reader *reader;
	struct pagetable tables;
	struct leaf cache[4]; /* the leaves used last; size 0: unused */
	unsigned cache_next;

	/* Called before each range of physical memory that kspace_read() reads; may be NULL. */
	void (*touch)(void *arg, uint64_t va, uint64_t pa, uint64_t size);
	void *touch_arg;
};

/* -ENODATA: VMCOREINFO is missing, or lacks a key that the architecture needs. -EBADMSG: memory has
 * another kernel than VMCOREINFO names. A lost page is no reason to fail. The dump must outlive the
 * kspace. */
int kspace_open(const struct dump *d, struct kspace **ret);
struct kspace *kspace_free(struct kspace *ks);
BASE_FREEP(kspace)

/* The leaf of the page tables that maps @va: one physical range. -EFAULT: nothing is mapped. */
int kspace_leaf(struct kspace *ks, uint64_t va, struct leaf *ret);

/* Read virtual memory. Errors as of kspace_leaf() and reader_span(). */
int kspace_read(struct kspace *ks, uint64_t va, void *buf, size_t len);
int kspace_u32(struct kspace *ks, uint64_t va, uint32_t *ret);
int kspace_u64(struct kspace *ks, uint64_t va, uint64_t *ret);

/* The strings of utsname. */
struct kspace_uts {
	char sysname[65], nodename[65], release[65], version[65], machine[65], domainname[65];
};
int kspace_uts(struct kspace *ks, struct kspace_uts *ret);
