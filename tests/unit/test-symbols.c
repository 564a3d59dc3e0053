// SPDX-License-Identifier: GPL-2.0-or-later
/* test-symbols.c - one look at the symbols of a kernel and of its modules. */
#include <elf.h>
#include <errno.h>

#include "tests/unit/modbox.h"
#include "vmcore/view/symbols.h"

#define LIST     (SYNTH_IMAGE_VA + 0x9000)
#define PROGRAMS (LIST + 0x40)
#define MODULE   UINT64_C(0xffffffffc0000000) /* the first, by synth-modules.c */
#define SECOND   (MODULE + 2 * SYNTH_MODULE_SIZE)

static const struct synth_symbol kernel[] = {
	{ "_stext", 'T', SYNTH_IMAGE_VA + 0x1000 }, { "panic", 'T', SYNTH_IMAGE_VA + 0x1200 },
	{ "both", 'T', SYNTH_IMAGE_VA + 0x1240 },   { "modules", 'd', LIST },
	{ "bpf_kallsyms", 'd', PROGRAMS },          { "_end", 'B', SYNTH_IMAGE_VA + 0x100000 },
};

/* Not in the order of addresses. */
static const struct synth_symbol symbols[] = {
	{ "ext4_write", 't', 0x300 },
	{ "printk", 'U', 0 },
	{ "__pfx_ext4_sync", 't', 0x1f0 },
	{ "ext4_sync", 't', 0x200 },
	{ "ext4_alias", 'T', 0x200 },
	{ "__cfi_ext4_write", 't', 0x300 },
	{ "", 't', 0x240 },
	{ ".Lloop", 't', 0x244 },
	{ "$d", 't', 0x248 },
	{ "ext4_mount", 't', 0x100 },
	{ "both", 't', 0x3000 },
	{ "ext4_table", 'd', 0x4f00 },
	{ "ext4_percpu", 'd', 0x100000 }, /* none of its own memory */
};

static const struct synth_module ext4 = { .name = "ext4",
	                                  .symbols = symbols,
	                                  .n = ARRAY_SIZE(symbols) };
static const struct synth_symbol more[] = { { "both", 't', 0x10 }, { "xfs_log", 'T', 0x20 } };
static const struct synth_module xfs = { .name = "xfs", .symbols = more, .n = ARRAY_SIZE(more) };

struct fixture {
	struct modbox box;
	struct symbols *s;
};

static void begin(struct fixture *f, bool no_types)
{
	f->s = NULL;
	modbox_begin(&f->box, kernel, ARRAY_SIZE(kernel), false, no_types);
	synth_module_add(&f->box.modules, &ext4);
	synth_module_add(&f->box.modules, &xfs);
}

/* Opens the symbols of the machine as it is now. */
static void open_now(struct fixture *f)
{
	symbols_freep(&f->s);
	modbox_open(&f->box);
	assert_int_equal(symbols_open(&f->box.v, &f->s), 0);
}

static void end(struct fixture *f)
{
	symbols_freep(&f->s);
	modbox_end(&f->box);
}

static void check_text(struct fixture *f, uint64_t address, const char *text)
{
	char buf[SYMBOLS_TEXT_MAX];

	assert_string_equal(symbols_text(f->s, address, true, buf), text);
}

static void addresses_have_names(void **state)
{
	static const struct {
		uint64_t address;
		const char *text;
	} rows[] = {
		{ SYNTH_IMAGE_VA + 0x1200, "panic+0x0/0x40" },
		{ SYNTH_IMAGE_VA + 0x1234, "panic+0x34/0x40" },
		{ 0x1234, "0x1234" },
		{ SYNTH_IMAGE_VA, "0xffffffff81000000" },
		{ MODULE + 0x80, "0xffffffffc0000080 [ext4]" }, /* in front of all */
		{ MODULE + 0x100, "ext4_mount+0x0/0xf0 [ext4]" },
		{ MODULE + 0x1ef, "ext4_mount+0xef/0xf0 [ext4]" },
		{ MODULE + 0x1f0, "__pfx_ext4_sync+0x0/0x10 [ext4]" },
		{ MODULE + 0x250, "ext4_sync+0x50/0x100 [ext4]" },
		{ MODULE + 0x310, "ext4_write+0x10/0x2d00 [ext4]" },
		{ MODULE + 0x3fff, "both+0xfff/0x1000 [ext4]" },  /* up to the end of the code */
		{ MODULE + 0x4000, "0xffffffffc0004000 [ext4]" }, /* where data begins */
		{ MODULE + 0x7fff, "ext4_table+0x30ff/0x3100 [ext4]" },
		{ MODULE + 0x8000, "0xffffffffc0008000" },
		{ SECOND + 0x21, "xfs_log+0x1/0x3fe0 [xfs]" },
	};

	for (int no_types = 0; no_types < 2; no_types++) {
		const struct module *m;
		struct symbol s;
		struct fixture f;

		begin(&f, no_types);
		open_now(&f);
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
			check_text(&f, rows[i].address, rows[i].text);
		assert_int_equal(symbols_find(f.s, MODULE + 0x220, &s, &m), 0);
		assert_string_equal(m->name, "ext4");
		assert_string_equal(s.name, "ext4_sync");
		assert_int_equal(s.type, 't');
		assert_int_equal(s.address, MODULE + 0x200);
		assert_int_equal(s.size, 0x100);
		assert_int_equal(symbols_find(f.s, MODULE + 0x10, &s, &m), -ENOENT);
		assert_string_equal(m->name, "ext4");
		assert_int_equal(symbols_find(f.s, SYNTH_IMAGE_VA + 0x1200, &s, &m), 0);
		assert_null(m);
		end(&f);
	}
}

#define PROGRAM(i) (SYNTH_DIRECT_VA + (SYNTH_TEST_PFN << 12) + 0x100 * (uint64_t)(i))

/* struct bpf_ksym of Linux 6.12 with a shorter name: start, end, name, lnode. */
static void add_program(struct fixture *f, unsigned i, uint64_t start, uint64_t end,
                        const char *name, uint64_t next)
{
	modbox_put(&f->box, PROGRAM(i), start, 8);
	modbox_put(&f->box, PROGRAM(i) + 8, end, 8);
	synth_store(&f->box.m, PROGRAM(i) + 16, name, strlen(name) + 1);
	modbox_put(&f->box, PROGRAM(i) + 72, next, 8);
}

/* The list cannot be read any more behind the second program. */
static void bpf_programs_have_names(void **state)
{
	struct fixture f;
	struct synth_btf *b = &f.box.types;
	uint32_t u64, list, name;

	begin(&f, false);
	u64 = synth_btf_int(b, "u64", 8);
	list = synth_btf_struct(b, "list_head", 1, 16);
	synth_btf_member(b, "next", u64, 0);
	name = synth_btf_array(b, synth_btf_int(b, "char", 1), 56);
	synth_btf_struct(b, "bpf_ksym", 4, 88);
	synth_btf_member(b, "start", u64, 0);
	synth_btf_member(b, "end", u64, 64);
	synth_btf_member(b, "name", name, 128);
	synth_btf_member(b, "lnode", list, 72 * 8);
	modbox_put(&f.box, PROGRAMS, PROGRAM(1) + 72, 8);
	add_program(&f, 1, MODULE - 0x2000, MODULE - 0x1000, "bpf_prog_6deef7357e7b4530_a\033[",
	            PROGRAM(2) + 72);
	add_program(&f, 2, MODULE - 0x1000, MODULE - 0xf00, "bpf_trampoline_6442", 0x1234567);
	open_now(&f);
	check_text(&f, MODULE - 0x1ff0, "bpf_prog_6deef7357e7b4530_a?[+0x10/0x1000");
	check_text(&f, MODULE - 0x1000, "bpf_trampoline_6442+0x0/0x100");
	check_text(&f, MODULE - 0xf00, "0xffffffffbffff100");
	check_text(&f, MODULE + 0x100, "ext4_mount+0x0/0xf0 [ext4]");
	end(&f);
}

/* The caller of a function that does not return may end with the call. */
static void return_addresses_belong_to_the_caller(void **state)
{
	char buf[SYMBOLS_TEXT_MAX];
	struct fixture f;

	begin(&f, false);
	open_now(&f);
	assert_string_equal(symbols_text(f.s, SYNTH_IMAGE_VA + 0x1240, false, buf),
	                    "panic+0x40/0x40");
	assert_string_equal(symbols_text(f.s, MODULE + SYNTH_MODULE_CODE, false, buf),
	                    "both+0x1000/0x1000 [ext4]");
	assert_string_equal(symbols_text(f.s, MODULE + 0x101, false, buf),
	                    "ext4_mount+0x1/0xf0 [ext4]");
	assert_string_equal(symbols_text(f.s, 0, false, buf), "0x0");
	end(&f);
}

static void names_have_addresses(void **state)
{
	struct fixture f;
	uint64_t address;

	begin(&f, false);
	open_now(&f);
	assert_int_equal(symbols_address(f.s, "panic", &address), 0);
	assert_int_equal(address, SYNTH_IMAGE_VA + 0x1200);
	assert_int_equal(symbols_address(f.s, "both", &address), 0);
	assert_int_equal(address, SYNTH_IMAGE_VA + 0x1240);
	assert_int_equal(symbols_address(f.s, "ext4_alias", &address), 0);
	assert_int_equal(address, MODULE + 0x200);
	assert_int_equal(symbols_address(f.s, "xfs_log", &address), 0);
	assert_int_equal(address, SECOND + 0x20);
	assert_fails(symbols_address(f.s, "printk", &address), -ENOENT, "\"printk\"");
	assert_fails(symbols_address(f.s, "", &address), -ENOENT, "neither");
	end(&f);
}

static void less_is_known_without_the_rest(void **state)
{
	struct kview less;
	struct fixture f;
	uint64_t address;

	begin(&f, false);
	open_now(&f);
	less = f.box.v;
	less.types = NULL;
	symbols_freep(&f.s);
	assert_int_equal(symbols_open(&less, &f.s), 0);
	assert_string_equal(symbols_modules(f.s)->remark,
	                    "their names alone are known: the kernel's types are not");
	check_text(&f, SYNTH_IMAGE_VA + 0x1234, "panic+0x34/0x40");
	check_text(&f, MODULE + 0x100, "0xffffffffc0000100");
	less = f.box.v;
	less.symbols = NULL;
	strcpy(less.no_symbols, "so");
	symbols_freep(&f.s);
	assert_int_equal(symbols_open(&less, &f.s), 0);
	assert_string_equal(symbols_modules(f.s)->remark,
	                    "no modules are known: the kernel's symbols are not known: so");
	check_text(&f, SYNTH_IMAGE_VA + 0x1234, "0xffffffff81001234");
	assert_fails(symbols_address(f.s, "panic", &address), -ENOENT, "\"panic\"");
	end(&f);
}

/* A module with such tables has no symbols; another one has. */
static void broken_tables_are_not_used(void **state)
{
	static const struct {
		uint64_t offset, value;
		size_t size;
	} rows[] = {
		/* struct mod_kallsyms */
		{ SYNTH_MODULE_KALLSYMS, MODULE + SYNTH_MODULE_SIZE - 100, 8 },
		{ SYNTH_MODULE_KALLSYMS, 0x1000, 8 },
		{ SYNTH_MODULE_KALLSYMS + 8, 0, 4 },
		{ SYNTH_MODULE_KALLSYMS + 8, UINT32_MAX, 4 },
		{ SYNTH_MODULE_KALLSYMS + 8, 1000, 4 },
		{ SYNTH_MODULE_KALLSYMS + 16, MODULE - 1, 8 },
		{ SYNTH_MODULE_KALLSYMS + 16, SYNTH_IMAGE_VA, 8 },
		{ SYNTH_MODULE_KALLSYMS + 24, MODULE + SYNTH_MODULE_SIZE - 3, 8 },
		{ SYNTH_MODULE_THIS + SYNTH_MODULE_KALLSYMS_PTR, 0, 8 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct fixture f;
		uint64_t address;

		begin(&f, false);
		modbox_put(&f.box, MODULE + rows[i].offset, rows[i].value, rows[i].size);
		open_now(&f);
		check_text(&f, MODULE + 0x100, "0xffffffffc0000100 [ext4]");
		check_text(&f, SECOND + 0x21, "xfs_log+0x1/0x3fe0 [xfs]");
		assert_int_equal(symbols_address(f.s, "xfs_log", &address), 0);
		end(&f);
	}
}

static void broken_symbols_are_passed_over(void **state)
{
	uint64_t first = MODULE + SYNTH_MODULE_SYMTAB + sizeof(Elf64_Sym);
	struct fixture f;
	uint64_t address;
	char *text;

	begin(&f, false);
	modbox_put(&f.box, first, UINT32_MAX, 4); /* the name of ext4_write */
	/* ext4_table's has no end: what is behind it belongs to the module still. */
	modbox_put(&f.box, first + 11 * sizeof(Elf64_Sym),
	           SYNTH_MODULE_SIZE - SYNTH_MODULE_STRTAB - 4, 4);
	synth_store(&f.box.m, MODULE + SYNTH_MODULE_SIZE - 4, "ab\x1b[", 4);
	open_now(&f);
	check_text(&f, MODULE + 0x310, "__cfi_ext4_write+0x10/0x2d00 [ext4]");
	text = (char[SYMBOLS_TEXT_MAX]){};
	assert_string_equal(symbols_text(f.s, MODULE + 0x4f00, true, text),
	                    "ab?[+0x0/0x3100 [ext4]");
	assert_int_equal(symbols_address(f.s, "ext4_mount", &address), 0);
	end(&f);
}

/* Many modules that claim to have all of one large range as names. */
static void memory_for_all_is_bounded(void **state)
{
	struct symbol symbol;
	const struct module *m;
	struct fixture f;
	uint64_t address;
	size_t named = 0;

	begin(&f, false);
	for (int i = 0; i < 20; i++) {
		static const struct synth_symbol deep[] = { { "deep", 't', 0x10 } };
		uint64_t va = synth_module_add(
			&f.box.modules,
			&(struct synth_module){ .name = "m", .symbols = deep, .n = 1 });
		uint64_t mem = va + SYNTH_MODULE_THIS + SYNTH_MODULE_MEM;

		/* Large leaves of the same memory, once more for each. */
		for (uint64_t at = 0; at < MIB(16); at += MIB(2))
			synth_map(&f.box.m, 0xffffffffd0000000 + at, SYNTH_TEST_PFN << 12, MIB(2),
			          MIB(2));
		modbox_put(&f.box, mem + 5 * 16, 0xffffffffd0000000, 8);
		modbox_put(&f.box, mem + 5 * 16 + 8, MIB(16), 4);
		modbox_put(&f.box, va + SYNTH_MODULE_KALLSYMS + 16, 0xffffffffd0000000, 8);
		modbox_put(&f.box, va + SYNTH_MODULE_SYMTAB + sizeof(Elf64_Sym), MIB(15), 4);
	}
	memset(synth_at(&f.box.m, SYNTH_TEST_PFN << 12), 'x', MIB(2));
	open_now(&f);
	assert_int_equal(symbols_address(f.s, "none", &address), -ENOENT);
	for (int i = 0; i < 20; i++)
		named += symbols_find(f.s, MODULE + (4 + 2 * i) * SYNTH_MODULE_SIZE + 0x10, &symbol,
		                      &m) == 0;
	assert_int_equal(named, 8);
	check_text(&f, MODULE + 0x100, "ext4_mount+0x0/0xf0 [ext4]");
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_have_names),
		cmocka_unit_test(bpf_programs_have_names),
		cmocka_unit_test(return_addresses_belong_to_the_caller),
		cmocka_unit_test(names_have_addresses),
		cmocka_unit_test(less_is_known_without_the_rest),
		cmocka_unit_test(broken_tables_are_not_used),
		cmocka_unit_test(broken_symbols_are_passed_over),
		cmocka_unit_test(memory_for_all_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
