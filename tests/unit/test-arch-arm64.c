// SPDX-License-Identifier: GPL-2.0-or-later
/* test-arch-arm64.c - page tables of arm64: every size of page, of addresses and of leaf. */
#include <elf.h>
#include <errno.h>

#include "tests/unit/synth.h"
#include "vmcore/arch/archs.h"

/* Memory: the tables, the top one first, as the kernel's image would have it. */
#define RAM      UINT64_C(0x40000000)
#define VOFFSET  UINT64_C(0xffff92ce51400000)
#define RAM_SIZE MIB(1)
#define DATA     KIB(16)

/* What a kernel was built for and runs on, and what that makes of its tables. */
struct shape {
	unsigned page_shift, va_bits;
	unsigned t1sz; /* 0: not told */
	unsigned levels, used_bits;
};

static const struct shape shapes[] = {
	{ 12, 39, 25, 3, 39 }, { 12, 48, 16, 4, 48 }, { 12, 48, 0, 4, 48 },
	{ 12, 52, 12, 5, 52 }, { 12, 52, 16, 4, 48 }, /* the processor has 48 */
	{ 14, 36, 28, 2, 36 }, { 14, 47, 17, 3, 47 }, { 14, 48, 16, 4, 48 },
	{ 14, 52, 12, 4, 52 }, { 14, 52, 17, 3, 47 }, { 16, 42, 22, 2, 42 },
	{ 16, 48, 16, 3, 48 }, { 16, 52, 12, 3, 52 }, { 16, 52, 16, 3, 52 }, /* keeps its shape */
};

struct machine {
	const struct shape *shape;
	uint8_t file[DATA + RAM_SIZE];
	uint64_t next; /* free memory */
	struct synth_info info;
	struct dump *dump;
	struct reader *reader;
	struct pagetable tables;
};

static void machine_init(struct machine *m, const struct shape *s)
{
	memset(m, 0, sizeof(*m));
	m->shape = s;
	m->next = RAM + (1U << s->page_shift);
	synth_key(&m->info, "PAGESIZE=%u", 1U << s->page_shift);
	synth_key(&m->info, "SYMBOL(swapper_pg_dir)=%llx", (unsigned long long)(RAM + VOFFSET));
	synth_key(&m->info, "NUMBER(kimage_voffset)=0x%llx", (unsigned long long)VOFFSET);
	synth_key(&m->info, "NUMBER(VA_BITS)=%u", s->va_bits);
	if (s->t1sz)
		synth_key(&m->info, "NUMBER(TCR_EL1_T1SZ)=0x%x", s->t1sz);
}

static void machine_open(struct machine *m)
{
	struct synth_segment segments[] = {
		{ PT_NOTE, KIB(4), 0, 0, 0, 0 },
		{ PT_LOAD, DATA, 0, RAM, RAM_SIZE, RAM_SIZE },
	};
	struct synth_notes notes = {};

	synth_note(&notes, "VMCOREINFO", 0, m->info.text, m->info.len);
	segments[0].filesz = notes.len;
	memcpy(m->file + KIB(4), notes.bytes, notes.len);
	synth_elf_headers(m->file, &(struct synth_elf){ .segments = segments,
	                                                .n = ARRAY_SIZE(segments),
	                                                .machine = EM_AARCH64 });
	assert_int_equal(synth_open(m->file, sizeof(m->file), &m->dump), 0);
	assert_ptr_equal(arch_find(m->dump), &arch_arm64);
	assert_int_equal(reader_new(m->dump, 65536, &m->reader), 0);
	assert_int_equal(arch_arm64.pagetable(m->dump, &m->tables), 0);
}

static void machine_done(struct machine *m)
{
	m->reader = reader_free(m->reader);
	dump_free(m->dump);
}

/* An address as an entry holds it: bits 48 to 51 elsewhere (Arm ARM, D8.3). */
static uint64_t address_bits(const struct shape *s, uint64_t pa)
{
	uint64_t low = pa & UINT64_C(0xffffffffffff);

	if (s->page_shift == 16)
		return low | (pa >> 48 & 0xf) << 12;
	return low | (pa & UINT64_C(0x3000000000000)) | (pa >> 50 & 3) << 8;
}

/* What else may stand in an entry: execute-never and software's bits above, attributes below. */
static uint64_t decoration(const struct shape *s)
{
	return UINT64_C(0x00f8000000000000) |
	       (s->page_shift == 16 || s->used_bits == 52 ? 0xdc : 0x7dc);
}

static uint8_t *entry_at(struct machine *m, uint64_t va, unsigned level)
{
	const struct shape *s = m->shape;
	unsigned bits = s->page_shift - 3;
	uint64_t table = RAM;

	for (unsigned l = s->levels;; l--) {
		uint64_t index = va >> (s->page_shift + bits * (l - 1)) & ((1U << bits) - 1), entry;
		uint8_t *at;

		/* The top table has no more than the addresses need. */
		if (l == s->levels)
			index &= (UINT64_C(1) << (s->used_bits - s->page_shift - bits * (l - 1))) -
			         1;
		at = m->file + DATA + (table - RAM) + 8 * index;
		if (l == level)
			return at;
		memcpy(&entry, at, sizeof(entry));
		if (!(entry & 1)) {
			entry = m->next | 3;
			synth_put(at, entry, 8, false);
			m->next += 1U << s->page_shift;
			assert_true(m->next <= RAM + RAM_SIZE);
		}
		table = entry & ~UINT64_C(3);
	}
}

static void put_leaf(struct machine *m, uint64_t va, unsigned level, uint64_t pa)
{
	synth_put(entry_at(m, va, level),
	          address_bits(m->shape, pa) | decoration(m->shape) | (level == 1 ? 3 : 1), 8,
	          false);
}

static void check_leaf(struct machine *m, uint64_t va, unsigned level, uint64_t pa)
{
	uint64_t size = UINT64_C(1)
	                << (m->shape->page_shift + (m->shape->page_shift - 3) * (level - 1));
	struct leaf leaf;

	for (unsigned last = 0; last < 2; last++) {
		assert_int_equal(
			pagetable_walk(&m->tables, m->reader, va + (last ? size - 1 : 0), &leaf),
			0);
		assert_int_equal(leaf.va, va);
		assert_int_equal(leaf.pa, pa);
		assert_int_equal(leaf.size, size);
	}
	assert_int_equal(pagetable_walk(&m->tables, m->reader, va - 1, &leaf), -EFAULT);
	assert_int_equal(pagetable_walk(&m->tables, m->reader, va + size, &leaf), -EFAULT);
}

static void leaves_of_all_sizes_are_found(void **state)
{
	static struct machine m;

	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
		const struct shape *s = &shapes[i];
		unsigned pa_bits =
			s->va_bits == 52 && (s->page_shift == 16 || s->used_bits == 52) ? 52 : 48;
		uint64_t base = UINT64_MAX << s->used_bits, va[4], pa[4];
		/* Blocks are of the second level from below, and with 4 KiB of the third. */
		unsigned n = MIN(s->levels, s->page_shift == 12 ? 3U : 2U);

		machine_init(&m, s);
		for (unsigned l = 1; l <= n; l++) {
			unsigned shift = s->page_shift + (s->page_shift - 3) * (l - 1);

			va[l] = base + (UINT64_C(5) << (s->used_bits - 3)) +
			        ((uint64_t)l << 2 << shift);
			pa[l] = (UINT64_C(1) << (pa_bits - 1)) + (UINT64_C(0x35) << shift);
			put_leaf(&m, va[l], l, pa[l]);
		}
		machine_open(&m);
		assert_int_equal(m.tables.levels, s->levels);
		assert_int_equal(m.tables.va_bits, s->used_bits);
		assert_int_equal(m.tables.root, RAM);
		for (unsigned l = 1; l <= n; l++)
			check_leaf(&m, va[l], l, pa[l]);
		machine_done(&m);
	}
}

/* Its low bits may be those of an address that is mapped. */
static void addresses_of_others_are_refused(void **state)
{
	static struct machine m;

	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
		const unsigned bits = shapes[i].used_bits;
		const uint64_t va = UINT64_MAX << bits, low = va & ~(UINT64_MAX << bits);
		const uint64_t tag = UINT64_C(0x0b) << 56, low56 = UINT64_MAX >> 8;
		const uint64_t others[] = { low, va & ~(UINT64_C(1) << 55),
			                    va & ~(UINT64_C(1) << bits), UINT64_C(1) << 63 };
		struct leaf leaf;

		machine_init(&m, &shapes[i]);
		put_leaf(&m, va, 1, RAM);
		machine_open(&m);
		for (size_t k = 0; k < ARRAY_SIZE(others); k++)
			assert_fails(pagetable_walk(&m.tables, m.reader, others[k], &leaf), -EFAULT,
			             "not an address of the kernel");
		/* KASAN's tag in the upper byte. */
		assert_int_equal(pagetable_walk(&m.tables, m.reader, tag | (va & low56) | 8, &leaf),
		                 0);
		assert_int_equal(leaf.va, tag | (va & low56));
		assert_int_equal(leaf.pa, RAM);
		machine_done(&m);
	}
}

static void entries_of_no_kind_end_the_walk(void **state)
{
	static struct machine m;
	const uint64_t va = UINT64_C(0xffffa00000000000);
	struct leaf leaf;

	/* A swap entry, none at all, and a block where only pages can be. */
	for (unsigned level = 1; level <= 4; level++)
		for (unsigned type = 0; type < 3; type += level == 1 ? 1 : 2) {
			machine_init(&m, &shapes[1]);
			put_leaf(&m, va, 1, RAM);
			synth_put(entry_at(&m, va, level), RAM | type, 8, false);
			machine_open(&m);
			assert_fails(pagetable_walk(&m.tables, m.reader, va, &leaf), -EFAULT,
			             "nothing is mapped at 0xffffa00000000000");
			machine_done(&m);
		}
}

static void missing_key_is_named(void **state)
{
	static const char *const keys[] = { "SYMBOL(swapper_pg_dir)", "NUMBER(kimage_voffset)",
		                            "NUMBER(VA_BITS)" };
	static struct machine m;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		struct pagetable pt = { .levels = 99 };

		machine_init(&m, &shapes[1]);
		machine_open(&m);
		synth_drop(&m.info, keys[i]);
		m.dump->vmcoreinfo = synth_vmcoreinfo(&m.info);
		assert_fails(arch_arm64.pagetable(m.dump, &pt), -ENODATA, keys[i]);
		assert_int_equal(pt.levels, 99);
		machine_done(&m);
	}
}

/* With KASLR the image is far from the place for modules, and so are these. */
#define MODULES UINT64_C(0xffff800000000000)
#define NEAR    (MODULES + MIB(2048) + MIB(16))
#define FAR     UINT64_C(0xffffa35b83810000)

static void modules_are_near_the_image(void **state)
{
	static const struct {
		bool told;
		uint64_t stext, start, end;
	} rows[] = {
		{ true, 0, MODULES, MODULES + MIB(2048) },
		{ true, NEAR, MODULES, MODULES + MIB(2048) },
		{ true, FAR, FAR - MIB(2048), FAR + MIB(2048) },
		{ false, FAR, FAR - MIB(2048), FAR + MIB(2048) },
		{ false, 0, 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		static struct machine m;

		machine_init(&m, &shapes[1]);
		if (rows[i].told) {
			synth_key(&m.info, "NUMBER(MODULES_VADDR)=0x%llx",
			          (unsigned long long)MODULES);
			synth_key(&m.info, "NUMBER(MODULES_END)=0x%llx",
			          (unsigned long long)MODULES + MIB(2048));
		}
		if (rows[i].stext)
			synth_key(&m.info, "SYMBOL(_stext)=%llx",
			          (unsigned long long)rows[i].stext);
		machine_open(&m);
		assert_int_equal(m.tables.modules_va, rows[i].start);
		assert_int_equal(m.tables.modules_end, rows[i].end);
		machine_done(&m);
	}
}

static void addresses_of_strange_sizes_are_refused(void **state)
{
	static struct machine m;
	struct pagetable pt;

	machine_init(&m, &shapes[1]);
	machine_open(&m);
	synth_drop(&m.info, "NUMBER(TCR_EL1_T1SZ)");
	for (unsigned bits = 53; bits <= 64; bits += 11) {
		synth_drop(&m.info, "NUMBER(VA_BITS)");
		synth_key(&m.info, "NUMBER(VA_BITS)=%u", bits);
		m.dump->vmcoreinfo = synth_vmcoreinfo(&m.info);
		assert_fails(arch_arm64.pagetable(m.dump, &pt), -EBADMSG, "not plausible");
	}
	machine_done(&m);
}

/* struct elf_prstatus: 112 bytes, then x0 to x30, sp, pc and pstate. */
static void stack_pointer_is_that_of_the_kernel(void **state)
{
	uint8_t desc[392] = {};
	uint64_t sp = 99;

	synth_put(desc + 112 + 31 * 8, UINT64_C(0xffff800080083d00), 8, false);
	synth_put(desc + 112 + 33 * 8, 0x604000c5, 8, false); /* EL1h */
	assert_true(arch_arm64.stack_pointer(desc, sizeof(desc), &sp));
	assert_int_equal(sp, UINT64_C(0xffff800080083d00));
	assert_false(arch_arm64.stack_pointer(desc, 200, &sp));
	synth_put(desc + 112 + 33 * 8, 0x60001000, 8, false); /* EL0t */
	assert_false(arch_arm64.stack_pointer(desc, sizeof(desc), &sp));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaves_of_all_sizes_are_found),
		cmocka_unit_test(addresses_of_others_are_refused),
		cmocka_unit_test(entries_of_no_kind_end_the_walk),
		cmocka_unit_test(missing_key_is_named),
		cmocka_unit_test(modules_are_near_the_image),
		cmocka_unit_test(addresses_of_strange_sizes_are_refused),
		cmocka_unit_test(stack_pointer_is_that_of_the_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
