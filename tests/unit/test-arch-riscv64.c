// SPDX-License-Identifier: GPL-2.0-or-later
/* test-arch-riscv64.c - page tables of riscv64: Sv39, Sv48 and Sv57, and every size of leaf. */
#include <elf.h>
#include <errno.h>

#include "tests/unit/synth.h"
#include "vmcore/arch/archs.h"

/* Memory: the tables, the top one first, as the kernel's image would have it. */
#define RAM      UINT64_C(0x80000000)
#define PAGE     UINT64_C(4096)
#define OFFSET   UINT64_C(0xfffffffeffe00000) /* of the image: virtual less physical address */
#define RAM_SIZE MIB(1)
#define DATA     KIB(16)

#define VALID      UINT64_C(1)
#define READ_WRITE UINT64_C(0xe7) /* with global, accessed, dirty */
#define NAPOT      (UINT64_C(1) << 63)

struct machine {
	unsigned va_bits;
	uint8_t file[DATA + RAM_SIZE];
	uint64_t next; /* free memory */
	struct synth_info info;
	struct dump *dump;
	struct reader *reader;
	struct pagetable tables;
};

static void machine_init(struct machine *m, unsigned va_bits)
{
	memset(m, 0, sizeof(*m));
	m->va_bits = va_bits;
	m->next = RAM + PAGE;
	synth_key(&m->info, "PAGESIZE=4096");
	synth_key(&m->info, "SYMBOL(swapper_pg_dir)=%llx", (unsigned long long)(RAM + OFFSET));
	synth_key(&m->info, "NUMBER(va_kernel_pa_offset)=0x%llx", (unsigned long long)OFFSET);
	synth_key(&m->info, "NUMBER(VA_BITS)=%u", va_bits);
	synth_key(&m->info, "NUMBER(phys_ram_base)=2147483648");
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
	                                                .machine = EM_RISCV });
	assert_int_equal(synth_open(m->file, sizeof(m->file), &m->dump), 0);
	assert_ptr_equal(arch_find(m->dump), &arch_riscv64);
	assert_int_equal(reader_new(m->dump, 65536, &m->reader), 0);
	assert_int_equal(arch_riscv64.pagetable(m->dump, &m->tables), 0);
}

static void machine_done(struct machine *m)
{
	m->reader = reader_free(m->reader);
	dump_free(m->dump);
}

static unsigned levels(const struct machine *m)
{
	return (m->va_bits - 12) / 9;
}

static uint8_t *entry_at(struct machine *m, uint64_t va, unsigned level)
{
	uint64_t table = RAM;

	for (unsigned l = levels(m);; l--) {
		uint8_t *at = m->file + DATA + (table - RAM) + 8 * (va >> (3 + 9 * l) & 511);
		uint64_t entry;

		if (l == level)
			return at;
		memcpy(&entry, at, sizeof(entry));
		if (!entry) {
			entry = m->next >> 12 << 10 | VALID;
			synth_put(at, entry, 8, false);
			m->next += PAGE;
			assert_true(m->next <= RAM + RAM_SIZE);
		}
		table = entry >> 10 << 12;
	}
}

static void put_leaf(struct machine *m, uint64_t va, unsigned level, uint64_t pa, uint64_t bits)
{
	synth_put(entry_at(m, va, level), pa >> 12 << 10 | bits, 8, false);
}

static void check_leaf(struct machine *m, uint64_t va, unsigned level, uint64_t pa)
{
	uint64_t size = UINT64_C(1) << (3 + 9 * level);
	struct leaf leaf;

	for (unsigned last = 0; last < 2; last++) {
		assert_int_equal(
			pagetable_walk(&m->tables, m->reader, va + (last ? size - 1 : 0), &leaf),
			0);
		assert_int_equal(leaf.va, va);
		assert_int_equal(leaf.pa, pa);
		assert_int_equal(leaf.size, size);
	}
}

static const unsigned sizes[] = { 39, 48, 57 };

static void leaves_of_all_sizes_are_found(void **state)
{
	static struct machine m;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		uint64_t base = UINT64_MAX << (sizes[i] - 1), va[4], pa[4];
		struct leaf leaf;

		machine_init(&m, sizes[i]);
		for (unsigned l = 1; l <= 3; l++) {
			va[l] = base + ((uint64_t)l << 2 << (3 + 9 * l)) + (UINT64_C(96) << 30);
			pa[l] = (UINT64_C(1) << 55) + (UINT64_C(0x35) << (3 + 9 * l));
			/* Bits 59 to 62 are reserved, or the kind of memory. */
			put_leaf(&m, va[l], l, pa[l], READ_WRITE | UINT64_C(0x78) << 56);
		}
		machine_open(&m);
		assert_int_equal(m.tables.levels, levels(&m));
		assert_int_equal(m.tables.root, RAM);
		assert_int_equal(arch_riscv64.phys_base(m.dump), RAM);
		for (unsigned l = 1; l <= 3; l++) {
			check_leaf(&m, va[l], l, pa[l]);
			assert_int_equal(pagetable_walk(&m.tables, m.reader, va[l] - 1, &leaf),
			                 -EFAULT);
		}
		machine_done(&m);
	}
}

/* 64 KiB are mapped by 16 entries, which are all the same. */
static void entries_that_belong_together_are_told_apart(void **state)
{
	const uint64_t va = UINT64_C(0xffffffc800120000), pa = RAM + MIB(16);
	static struct machine m;

	machine_init(&m, 39);
	for (unsigned i = 0; i < 16; i++)
		put_leaf(&m, va + i * PAGE, 1, pa | 8 << 12, READ_WRITE | NAPOT);
	machine_open(&m);
	for (unsigned i = 0; i < 16; i++)
		check_leaf(&m, va + i * PAGE, 1, pa + i * PAGE);
	machine_done(&m);
}

static void addresses_of_others_are_refused(void **state)
{
	static struct machine m;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		const uint64_t va = UINT64_MAX << (sizes[i] - 1), low = ~(UINT64_MAX << sizes[i]);
		const uint64_t others[] = { 0, va & low, va & ~(UINT64_C(1) << 63),
			                    UINT64_MAX << sizes[i] };
		struct leaf leaf;

		machine_init(&m, sizes[i]);
		put_leaf(&m, va, 1, RAM, READ_WRITE);
		put_leaf(&m, 0, 1, RAM, READ_WRITE);
		machine_open(&m);
		check_leaf(&m, va, 1, RAM);
		for (size_t k = 0; k < ARRAY_SIZE(others); k++)
			assert_fails(pagetable_walk(&m.tables, m.reader, others[k], &leaf), -EFAULT,
			             "nothing is mapped at");
		machine_done(&m);
	}
}

static void entries_of_no_kind_end_the_walk(void **state)
{
	static struct machine m;
	const uint64_t va = UINT64_C(0xffffaf8000000000);
	struct leaf leaf;

	/* A swap entry, and a table where only pages can be. */
	for (unsigned level = 1; level <= 4; level++) {
		machine_init(&m, 48);
		put_leaf(&m, va, 1, RAM, READ_WRITE);
		put_leaf(&m, va, level, RAM, level == 1 ? VALID : READ_WRITE & ~VALID);
		machine_open(&m);
		assert_int_equal(pagetable_walk(&m.tables, m.reader, va, &leaf), -EFAULT);
		machine_done(&m);
	}
}

static void missing_key_is_named(void **state)
{
	static const char *const keys[] = { "SYMBOL(swapper_pg_dir)", "NUMBER(va_kernel_pa_offset)",
		                            "NUMBER(VA_BITS)" };
	static struct machine m;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		struct pagetable pt = { .levels = 99 };

		machine_init(&m, 48);
		machine_open(&m);
		synth_drop(&m.info, keys[i]);
		m.dump->vmcoreinfo = synth_vmcoreinfo(&m.info);
		assert_fails(arch_riscv64.pagetable(m.dump, &pt), -ENODATA, keys[i]);
		assert_int_equal(pt.levels, 99);
		machine_done(&m);
	}
}

static void addresses_of_strange_sizes_are_refused(void **state)
{
	static struct machine m;
	struct pagetable pt;

	machine_init(&m, 48);
	machine_open(&m);
	synth_drop(&m.info, "NUMBER(VA_BITS)");
	synth_key(&m.info, "NUMBER(VA_BITS)=32");
	m.dump->vmcoreinfo = synth_vmcoreinfo(&m.info);
	assert_fails(arch_riscv64.pagetable(m.dump, &pt), -EBADMSG, "not plausible");
	machine_done(&m);
}

/* struct elf_prstatus: 112 bytes, then pc, ra and sp. */
static void stack_pointer_is_that_of_the_kernel(void **state)
{
	uint8_t desc[376] = {};
	uint64_t sp = 99;

	synth_put(desc + 112, UINT64_C(0xffffffff80a66214), 8, false);
	synth_put(desc + 112 + 16, UINT64_C(0xff20000000013c00), 8, false);
	assert_true(arch_riscv64.stack_pointer(desc, sizeof(desc), &sp));
	assert_int_equal(sp, UINT64_C(0xff20000000013c00));
	assert_false(arch_riscv64.stack_pointer(desc, 120, &sp));
	synth_put(desc + 112, 0x3f9a4411de, 8, false);
	assert_false(arch_riscv64.stack_pointer(desc, sizeof(desc), &sp));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaves_of_all_sizes_are_found),
		cmocka_unit_test(entries_that_belong_together_are_told_apart),
		cmocka_unit_test(addresses_of_others_are_refused),
		cmocka_unit_test(entries_of_no_kind_end_the_walk),
		cmocka_unit_test(missing_key_is_named),
		cmocka_unit_test(addresses_of_strange_sizes_are_refused),
		cmocka_unit_test(stack_pointer_is_that_of_the_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
