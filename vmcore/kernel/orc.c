// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * orc.c - the tables by which an x86_64 kernel unwinds its own stacks, see orc.h.
 *
 * A table has two parts (arch/x86/include/asm/orc_types.h, arch/x86/kernel/unwind_orc.c). The first
 * is sorted by address. It has 32 bits for each range of code: the start of the range, relative to
 * the address of the 32 bits. The second part has six bytes at the same index: two signed offsets
 * of 16 bits, and 16 bits of flags, of which there are four versions:
 *
 *	version   kernels      sp_reg  bp_reg  type   signal  end
 *	1         4.14 - 6.2   0 - 3   4 - 7   8, 9   -       10
 *	2         6.3          0 - 3   4 - 7   8, 9   10      11
 *	3         6.4 - 7.0    0 - 3   4 - 7   8 - 10 11      -
 *	4         7.1 on       as 3, with other numbers for the registers
 *
 * Distributions backport these changes, so the release does not tell the version. BTF tells which
 * members there are. The numbers of registers are macros, which leave no trace in the kernel. But
 * versions 3 and 4 have the stack pointer and di exchanged, and nearly all code counts from the
 * stack pointer, hardly any from di. So the more frequent number is the stack pointer's.
 *
 * Several entries may begin at one address. One of these may be the end of the section before, an
 * undefined entry that only fills a gap. The others are real.
 */
#include "vmcore/kernel/orc.h"

#include <endian.h>
#include <errno.h>

#include "base/err.h"

#define ENTRY_SIZE 6

/* Limit against broken dumps; kernels have half a million. */
#define MAX_ENTRIES (UINT64_C(1) << 26)

/* Limit of entries with one address; kernels have two or three. */
#define MAX_EQUAL 16

/* The number of entries that are counted to find how registers are numbered. */
#define SAMPLE 1024

/* The bits of the flags. */
struct layout {
	unsigned type_bits;
	unsigned signal_bit, end_bit; /* 0: there is none */
	uint8_t types[8];             /* enum orc_type */
};

static const struct layout layouts[] = {
	/* In the first two an undefined stack pointer stands for an undefined type. */
	{ .type_bits = 2,
	  .end_bit = 10,
	  .types = { ORC_TYPE_CALL, ORC_TYPE_REGS, ORC_TYPE_PARTIAL } },
	{ .type_bits = 2,
	  .signal_bit = 10,
	  .end_bit = 11,
	  .types = { ORC_TYPE_CALL, ORC_TYPE_REGS, ORC_TYPE_PARTIAL } },
	{ .type_bits = 3,
	  .signal_bit = 11,
	  .types = { ORC_TYPE_UNDEFINED, ORC_TYPE_END, ORC_TYPE_CALL, ORC_TYPE_REGS,
	             ORC_TYPE_PARTIAL } },
};

#define OLD_SP 5
#define NEW_SP 3

/* enum orc_reg by number. */
static const uint8_t old_registers[16] = {
	[0] = ORC_REG_UNDEFINED,   [1] = ORC_REG_PREV_SP,     [2] = ORC_REG_DX,  [3] = ORC_REG_DI,
	[4] = ORC_REG_BP,          [OLD_SP] = ORC_REG_SP,     [6] = ORC_REG_R10, [7] = ORC_REG_R13,
	[8] = ORC_REG_BP_INDIRECT, [9] = ORC_REG_SP_INDIRECT, [10] = ORC_REG_AX,
};

static const uint8_t new_registers[16] = {
	[0] = ORC_REG_UNDEFINED,   [1] = ORC_REG_AX,           [2] = ORC_REG_DX,
	[NEW_SP] = ORC_REG_SP,     [4] = ORC_REG_BP,           [5] = ORC_REG_DI,
	[6] = ORC_REG_R10,         [7] = ORC_REG_R13,          [8] = ORC_REG_PREV_SP,
	[9] = ORC_REG_SP_INDIRECT, [10] = ORC_REG_BP_INDIRECT,
};

/* Thousands of tasks sleep in the same few calls. */
#define FOUND 256

struct orc {
	struct kspace *ks;
	const struct layout *layout;
	const uint8_t *registers;
	struct found {
		uint64_t table, ip; /* 0: empty */
		struct orc_entry entry;
	} found[FOUND]; /* by hash of ip, the last ones */
};

int orc_find_facts(struct kallsyms *k, const struct btf *b, struct orc_facts *ret)
{
	uint64_t ips, ips_end, entries, entries_end, size = ENTRY_SIZE;
	struct btf_member unused;
	int r;

	if ((r = kallsyms_address(k, "__start_orc_unwind_ip", &ips)) < 0 ||
	    (r = kallsyms_address(k, "__stop_orc_unwind_ip", &ips_end)) < 0 ||
	    (r = kallsyms_address(k, "__start_orc_unwind", &entries)) < 0 ||
	    (r = kallsyms_address(k, "__stop_orc_unwind", &entries_end)) < 0 ||
	    (b && (r = btf_size(b, "orc_entry", &size)) < 0))
		return r;
	if (size != ENTRY_SIZE ||
	    (ips_end - ips) / sizeof(int32_t) != (entries_end - entries) / ENTRY_SIZE)
		return errf(-ENOENT, "the kernel's ORC table has an unknown form");
	*ret = (struct orc_facts){
		.kernel = { .ips = ips,
		            .entries = entries,
		            .n = (ips_end - ips) / sizeof(int32_t) },
		.has_signal = b && btf_member(b, "orc_entry", "signal", &unused) == 0,
		.has_end = b && btf_member(b, "orc_entry", "end", &unused) == 0,
		.untyped = !b,
	};
	return 0;
}

static int orc_read(struct orc *o, uint64_t va, void *buf, size_t len)
{
	int r = kspace_read(o->ks, va, buf, len);

	return r < 0 ? errf(r, "the ORC table cannot be read at %#llx", (unsigned long long)va) : 0;
}

static int orc_ip(struct orc *o, const struct orc_table *t, uint64_t i, uint64_t *ret)
{
	uint64_t va = t->ips + i * sizeof(int32_t);
	uint32_t distance;
	int r = orc_read(o, va, &distance, sizeof(distance));

	if (r < 0)
		return r;
	*ret = va + (int32_t)le32toh(distance);
	return 0;
}

/* Reads the six bytes of an entry. */
static int orc_raw(struct orc *o, const struct orc_table *t, uint64_t i, uint16_t ret[3])
{
	return orc_read(o, t->entries + i * ENTRY_SIZE, ret, ENTRY_SIZE);
}

static bool layout_bit(unsigned flags, unsigned bit)
{
	return bit && flags >> bit & 1;
}

static int orc_entry(struct orc *o, const struct orc_table *t, uint64_t i, struct orc_entry *ret)
{
	const struct layout *l = o->layout;
	struct orc_entry e;
	uint16_t raw[3];
	unsigned flags;
	int r = orc_raw(o, t, i, raw);

	if (r < 0)
		return r;
	flags = le16toh(raw[2]);
	e = (struct orc_entry){
		.type = l->types[flags >> 8 & ((1U << l->type_bits) - 1)],
		.sp_reg = o->registers[flags & 15],
		.bp_reg = o->registers[flags >> 4 & 15],
		.sp_offset = (int16_t)le16toh(raw[0]),
		.bp_offset = (int16_t)le16toh(raw[1]),
	};
	e.signal = l->signal_bit ? layout_bit(flags, l->signal_bit) : e.type != ORC_TYPE_CALL;
	if (l->end_bit && e.sp_reg == ORC_REG_UNDEFINED)
		e.type = layout_bit(flags, l->end_bit) ? ORC_TYPE_END : ORC_TYPE_UNDEFINED;
	*ret = e;
	return 0;
}

/* Counts registers in the middle of the table, where ordinary functions are. */
static int orc_number_registers(struct orc *o, const struct orc_table *t, bool untyped)
{
	uint64_t n = MIN(t->n, SAMPLE), first = (t->n - n) / 2, n_first_type = 0;
	unsigned votes[16] = {}, all_flags = 0;

	for (uint64_t i = first; i < first + n; i++) {
		uint16_t raw[3];
		int r = orc_raw(o, t, i, raw);

		if (r < 0)
			return r;
		votes[le16toh(raw[2]) & 15]++;
		all_flags |= le16toh(raw[2]);
		n_first_type += (le16toh(raw[2]) >> 8 & 3) == 0;
	}
	if (untyped && (all_flags >> 11 || n_first_type <= n / 2))
		return errf(-EBADMSG, "the version of the kernel's ORC table is not known");
	if (votes[OLD_SP] == votes[NEW_SP])
		return errf(-EBADMSG, "the kernel's ORC table makes no sense");
	o->registers = votes[NEW_SP] > votes[OLD_SP] ? new_registers : old_registers;
	return 0;
}

int orc_open(struct kspace *ks, const struct orc_facts *facts, struct orc **ret)
{
	_cleanup_(orc_freep) struct orc *o = NULL;
	int r;

	if (facts->kernel.n == 0 || facts->kernel.n > MAX_ENTRIES)
		return errf(-EBADMSG, "an ORC table of %llu entries is not plausible",
		            (unsigned long long)facts->kernel.n);
	o = calloc(1, sizeof(*o));
	if (!o)
		return -ENOMEM;
	o->ks = ks;
	o->layout = &layouts[!facts->has_signal ? 0 : facts->has_end ? 1 : 2];
	r = orc_number_registers(o, &facts->kernel, facts->untyped);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(o);
	return 0;
}

struct orc *orc_free(struct orc *o)
{
	free(o);
	return NULL;
}

/* Goes back to the first entry with the same address that is not an undefined one. */
static int orc_prefer_defined(struct orc *o, const struct orc_table *t, uint64_t i, uint64_t ip,
                              struct orc_entry *ret)
{
	for (unsigned n = 0; i > 0 && n < MAX_EQUAL; n++) {
		struct orc_entry e;
		uint64_t before;
		int r = orc_ip(o, t, --i, &before);

		if (r < 0)
			return r;
		if (before != ip)
			return 0;
		r = orc_entry(o, t, i, &e);
		if (r < 0)
			return r;
		if (e.type != ORC_TYPE_UNDEFINED) {
			*ret = e;
			return 0;
		}
	}
	return 0;
}

static int orc_look_up(struct orc *o, const struct orc_table *t, uint64_t ip, struct orc_entry *ret)
{
	uint64_t low = 0, high = MIN(t->n, MAX_ENTRIES), start = 0;
	struct orc_entry e;
	int r;

	/* Entries before low begin at ip or before it, those from high on begin behind it. */
	while (low < high) {
		uint64_t mid = low + (high - low) / 2, at;

		r = orc_ip(o, t, mid, &at);
		if (r < 0)
			return r;
		if (at <= ip) {
			low = mid + 1;
			start = at;
		} else {
			high = mid;
		}
	}
	if (low == 0)
		return errf(-ENOENT, "the ORC table has nothing for %#llx", (unsigned long long)ip);
	r = orc_entry(o, t, low - 1, &e);
	if (r < 0)
		return r;
	if (e.type == ORC_TYPE_UNDEFINED && (r = orc_prefer_defined(o, t, low - 1, start, &e)) < 0)
		return r;
	e.start = start;
	*ret = e;
	return 0;
}

int orc_find(struct orc *o, const struct orc_table *t, uint64_t ip, struct orc_entry *ret)
{
	struct found *found = &o->found[(ip ^ ip >> 8) % FOUND];
	int r;

	if (found->table != t->ips || found->ip != ip) {
		struct orc_entry e;

		r = orc_look_up(o, t, ip, &e);
		if (r < 0)
			return r;
		*found = (struct found){ .table = t->ips, .ip = ip, .entry = e };
	}
	*ret = found->entry;
	return 0;
}
