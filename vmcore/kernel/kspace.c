// SPDX-License-Identifier: GPL-2.0-or-later
/* kspace.c - the virtual memory of the crashed kernel, see kspace.h. */
#include "vmcore/kernel/kspace.h"

#include <endian.h>
#include <errno.h>

#include "base/err.h"
#include "vmcore/format/elf-header.h"

/* Page tables and small structures are spread over all memory, so little is mapped at a time. */
#define KSPACE_WINDOW KIB(16)

/* Offset of the strings in struct uts_namespace, behind a count, where VMCOREINFO has none. */
#define UTS_NAME_OFFSET 4

/* Asks the page tables where the kernel's name is. True when they have it where VMCOREINFO says the
 * image is. */
static bool kspace_tables_agree(struct kspace *ks)
{
	const struct pagetable *pt = &ks->tables;
	struct leaf leaf;
	uint64_t va;

	if (!vmcoreinfo_get(&ks->dump->vmcoreinfo, "SYMBOL", "init_uts_ns", &va))
		return false;
	return pagetable_walk(pt, ks->reader, va, &leaf) == 0 &&
	       va - leaf.va + leaf.pa == va - pt->image_va + pt->image_pa;
}

/* Compares the kernel's release in memory with VMCOREINFO's, to notice wrong facts. A page that was
 * lost proves nothing: without that of the name, the page tables are asked. */
static int kspace_check(struct kspace *ks)
{
	char release[65], why[ERR_WHY] = "";
	struct kspace_uts uts;
	int r;

	vmcoreinfo_copy(&ks->dump->vmcoreinfo, "OSRELEASE", release, sizeof(release));
	r = kspace_uts(ks, &uts);
	if (r < 0) {
		if (r == -ENOMEM || err_note(r, why) < 0)
			return r;
		if (r != -ENXIO && kspace_tables_agree(ks))
			return 0;
		return errf(r, "the kernel's name cannot be read: %s", why);
	}
	if (!streq(release, uts.release))
		return errf(-EBADMSG, "VMCOREINFO is of kernel \"%s\", but memory says \"%.64s\"",
		            release, uts.release);
	return 0;
}

static int err_architecture(const struct dump *d)
{
	const char *name = d->machine[0] ? d->machine : elf_machine_name(d->elf_machine);

	if (name)
		return errf(-ENODATA, "%s: its architecture %.64s is not supported",
		            source_name(d->source), name);
	return errf(-ENODATA, "%s: its architecture (ELF machine %u) is not supported",
	            source_name(d->source), d->elf_machine);
}

int kspace_open(const struct dump *d, struct kspace **ret)
{
	_cleanup_(kspace_freep) struct kspace *ks = NULL;
	const struct arch *arch = arch_find(d);
	int r;

	if (d->vmcoreinfo.len == 0)
		return errf(-ENODATA, "%s: has no VMCOREINFO", source_name(d->source));
	if (!arch)
		return err_architecture(d);
	ks = calloc(1, sizeof(*ks));
	if (!ks)
		return -ENOMEM;
	ks->dump = d;
	if ((r = reader_new(d, KSPACE_WINDOW, &ks->reader)) < 0 ||
	    (r = arch->pagetable(d, &ks->tables)) < 0 || (r = kspace_check(ks)) < 0)
		return r;
	*ret = TAKE_PTR(ks);
	return 0;
}

struct kspace *kspace_free(struct kspace *ks)
{
	if (!ks)
		return NULL;
	reader_free(ks->reader);
	free(ks);
	return NULL;
}

int kspace_leaf(struct kspace *ks, uint64_t va, struct leaf *ret)
{
	const struct pagetable *pt = &ks->tables;
	struct leaf leaf;
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(ks->cache); i++)
		if (va - ks->cache[i].va < ks->cache[i].size) {
			*ret = ks->cache[i];
			return 0;
		}
	if (va - pt->image_va < pt->image_size) {
		*ret = (struct leaf){ .va = pt->image_va,
			              .pa = pt->image_pa,
			              .size = pt->image_size };
		return 0;
	}
	r = pagetable_walk(pt, ks->reader, va, &leaf);
	if (r < 0)
		return r;
	ks->cache[ks->cache_next++ % ARRAY_SIZE(ks->cache)] = leaf;
	*ret = leaf;
	return 0;
}

int kspace_read(struct kspace *ks, uint64_t va, void *buf, size_t len)
{
	while (len > 0) {
		struct leaf leaf;
		size_t n;
		int r = kspace_leaf(ks, va, &leaf);

		if (r < 0)
			return r;
		n = MIN(len, leaf.size - (va - leaf.va));
		if (ks->touch)
			ks->touch(ks->touch_arg, va, leaf.pa + (va - leaf.va), n);
		r = reader_read(ks->reader, leaf.pa + (va - leaf.va), buf, n);
		if (r < 0)
			return r;
		buf = (char *)buf + n;
		va += n;
		len -= n;
	}
	return 0;
}

/* All architectures of archs[] are little-endian. */
int kspace_u32(struct kspace *ks, uint64_t va, uint32_t *ret)
{
	uint32_t v;
	int r = kspace_read(ks, va, &v, sizeof(v));

	if (r < 0)
		return r;
	*ret = le32toh(v);
	return 0;
}

int kspace_u64(struct kspace *ks, uint64_t va, uint64_t *ret)
{
	uint64_t v;
	int r = kspace_read(ks, va, &v, sizeof(v));

	if (r < 0)
		return r;
	*ret = le64toh(v);
	return 0;
}

int kspace_uts(struct kspace *ks, struct kspace_uts *ret)
{
	const struct vmcoreinfo *vi = &ks->dump->vmcoreinfo;
	uint64_t address, offset = UTS_NAME_OFFSET;
	struct kspace_uts uts;
	int r;

	if (!vmcoreinfo_get(vi, "SYMBOL", "init_uts_ns", &address))
		return errf(-ENODATA, "VMCOREINFO has no SYMBOL(init_uts_ns)");
	vmcoreinfo_get(vi, "OFFSET", "uts_namespace.name", &offset);
	r = kspace_read(ks, address + offset, &uts, sizeof(uts));
	if (r < 0)
		return r;
	for (char *s = (char *)&uts; s < (char *)(&uts + 1); s += sizeof(uts.sysname))
		s[sizeof(uts.sysname) - 1] = '\0';
	*ret = uts;
	return 0;
}
