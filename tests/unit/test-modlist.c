// SPDX-License-Identifier: GPL-2.0-or-later
/* test-modlist.c - the modules that a kernel had loaded. */
#include <errno.h>

#include "tests/unit/modbox.h"
#include "tests/unit/schema.h"
#include "vmcore/view/modlist.h"

#define LIST (SYNTH_IMAGE_VA + 0x9000)

static const struct synth_symbol kernel[] = {
	{ "_stext", 'T', SYNTH_IMAGE_VA + 0x1000 },
	{ "modules", 'd', LIST },
	{ "_end", 'B', SYNTH_IMAGE_VA + 0x100000 },
};

static const struct synth_symbol symbols[] = {
	{ "ext4_mount", 't', 0x100 },
	{ "ext4_sync_fs", 't', 0x200 },
};

static const struct synth_module ext4 = {
	.name = "ext4", .taints = 0x2001, .orcs = 77, .symbols = symbols, .n = 2
};
static const struct synth_module out_of_tree = {
	.name = "nv", .version = "5.0", .state = MODULE_COMING, .taints = 0x1000
};

struct fixture {
	struct modbox box;
	struct modlist found;
};

static void begin(struct fixture *f, bool layouts)
{
	f->found = (struct modlist){};
	modbox_begin(&f->box, kernel, ARRAY_SIZE(kernel), layouts, false);
}

/* What modlist_read() says to the machine as it is now. */
static int read_now(struct fixture *f)
{
	modlist_done(&f->found);
	modbox_open(&f->box);
	return modlist_read(&f->box.v, &f->found);
}

static void end(struct fixture *f)
{
	modlist_done(&f->found);
	modbox_end(&f->box);
}

static void put(struct fixture *f, uint64_t va, uint64_t v, size_t size)
{
	modbox_put(&f->box, va, v, size);
}

static void check_ranges(const struct module *m, uint64_t va)
{
	assert_int_equal(m->n_ranges, 2);
	assert_int_equal(m->ranges[0].start, va);
	assert_int_equal(m->ranges[0].end, va + SYNTH_MODULE_CODE);
	assert_true(m->ranges[0].code);
	assert_int_equal(m->ranges[1].start, va + SYNTH_MODULE_CODE);
	assert_int_equal(m->ranges[1].end, va + SYNTH_MODULE_SIZE);
	assert_false(m->ranges[1].code);
	assert_int_equal(m->size, SYNTH_MODULE_SIZE);
}

static void each_module_is_described(void **state)
{
	for (int layouts = 0; layouts < 2; layouts++) {
		struct fixture f;
		const struct module *m;
		uint64_t one, two;

		begin(&f, layouts);
		one = synth_module_add(&f.box.modules, &ext4);
		two = synth_module_add(&f.box.modules, &out_of_tree);
		assert_int_equal(read_now(&f), 0);
		assert_string_equal(f.found.remark, "");
		assert_int_equal(f.found.n, 2);

		m = &f.found.modules[0];
		assert_int_equal(m->address, one + SYNTH_MODULE_THIS);
		assert_string_equal(m->name, "ext4");
		assert_string_equal(m->version, "");
		assert_int_equal(m->state, MODULE_LIVE);
		assert_int_equal(m->taints, 0x2001);
		check_ranges(m, one);
		assert_int_equal(m->n_orcs, 77);
		assert_int_equal(m->orc_ips, one + 0x7000);
		assert_int_equal(m->orc_entries, one + 0x7400);
		assert_int_equal(m->symbols, one + SYNTH_MODULE_SYMTAB);
		assert_int_equal(m->n_symbols, 3);
		assert_int_equal(m->names, one + SYNTH_MODULE_STRTAB);
		assert_int_equal(m->types, one + SYNTH_MODULE_TYPETAB);

		m = &f.found.modules[1];
		assert_string_equal(m->name, "nv");
		assert_string_equal(m->version, "5.0");
		assert_int_equal(m->state, MODULE_COMING);
		check_ranges(m, two);

		assert_ptr_equal(modlist_find(&f.found, one), &f.found.modules[0]);
		assert_ptr_equal(modlist_find(&f.found, two + SYNTH_MODULE_SIZE - 1), m);
		assert_null(modlist_find(&f.found, two + SYNTH_MODULE_SIZE));
		assert_null(modlist_find(&f.found, one - 1));
		assert_ptr_equal(module_range_of(m, two + SYNTH_MODULE_CODE), &m->ranges[1]);
		assert_null(module_range_of(m, one));
		end(&f);
	}
}

/* The code for the start of a module that is still starting. */
static void members_are_described(void **state)
{
	struct fixture f;
	struct report report;

	begin(&f, false);
	synth_module_add(&f.box.modules, &ext4);
	modbox_open(&f.box);
	report = (struct report){ .dump = f.box.d, .ks = f.box.v.ks, .view = &f.box.v };
	report.models = REPORT_ALL;
	assert_int_equal(symbols_open(&f.box.v, &report.symbols), 0);
	schema_check_report(&report, "modules");
	symbols_free(report.symbols);
	end(&f);
}

static void code_for_the_start_is_code(void **state)
{
	for (int layouts = 0; layouts < 2; layouts++) {
		uint64_t this, second;
		struct fixture f;

		begin(&f, layouts);
		this = synth_module_add(&f.box.modules, &out_of_tree) + SYNTH_MODULE_THIS;
		second = this + SYNTH_MODULE_MEM + (layouts ? 32 : 4 * 16);
		put(&f, second, 0xffffffffc1000000, 8);
		put(&f, second + 8, 0x3000, 4);
		put(&f, second + 12, 0x1000, 4);
		assert_int_equal(read_now(&f), 0);
		assert_int_equal(f.found.modules[0].n_ranges, layouts ? 4 : 3);
		assert_int_equal(f.found.modules[0].ranges[2].start, 0xffffffffc1000000);
		assert_int_equal(f.found.modules[0].ranges[2].end,
		                 0xffffffffc1000000 + (layouts ? 0x1000 : 0x3000));
		assert_true(f.found.modules[0].ranges[2].code);
		end(&f);
	}
}

static void no_modules_are_no_error(void **state)
{
	struct fixture f;

	begin(&f, false);
	assert_int_equal(read_now(&f), 0);
	assert_int_equal(f.found.n, 0);
	assert_string_equal(f.found.remark, "");
	assert_null(modlist_find(&f.found, 0xffffffffc0000000));
	end(&f);
}

static void a_broken_list_gives_what_is_before(void **state)
{
	uint64_t this;
	struct fixture f;

	begin(&f, false);
	this = synth_module_add(&f.box.modules, &ext4) + SYNTH_MODULE_THIS;
	synth_module_add(&f.box.modules, &out_of_tree);
	put(&f, this + SYNTH_MODULE_LIST, 0x1000, 8);
	assert_int_equal(read_now(&f), 0);
	assert_int_equal(f.found.n, 1);
	assert_string_equal(f.found.modules[0].name, "ext4");
	assert_non_null(strstr(f.found.remark, "not all modules are known: "));
	put(&f, this + SYNTH_MODULE_LIST, this + SYNTH_MODULE_LIST, 8);
	assert_int_equal(read_now(&f), 0);
	assert_int_equal(f.found.n, 1);
	assert_non_null(strstr(f.found.remark, "in a circle"));
	end(&f);
}

static void what_a_module_claims_is_checked(void **state)
{
	uint64_t this;
	struct fixture f;
	char name[56];

	begin(&f, false);
	this = synth_module_add(&f.box.modules, &ext4) + SYNTH_MODULE_THIS;
	memset(name, 'n', sizeof(name));
	name[3] = '\033';
	synth_store(&f.box.m, this + SYNTH_MODULE_NAME, name, sizeof(name));
	put(&f, this + SYNTH_MODULE_STATE, 0x80000001, 4);
	put(&f, this + SYNTH_MODULE_VERSION_PTR, 0x1000, 8);
	put(&f, this + SYNTH_MODULE_KALLSYMS_PTR, 0x1000, 8);
	put(&f, this + SYNTH_MODULE_MEM + 8, UINT32_MAX, 4);  /* larger than can be */
	put(&f, this + SYNTH_MODULE_MEM + 16, UINT64_MAX, 8); /* over the end */
	put(&f, this + SYNTH_MODULE_MEM + 24, 0x1000, 4);
	assert_int_equal(read_now(&f), 0);
	assert_int_equal(f.found.n, 1);
	name[3] = '?';
	assert_memory_equal(f.found.modules[0].name, name, sizeof(name));
	assert_int_equal(strlen(f.found.modules[0].name), sizeof(name));
	assert_int_equal(f.found.modules[0].state, MODULE_UNFORMED);
	assert_string_equal(f.found.modules[0].version, "");
	assert_int_equal(f.found.modules[0].n_symbols, 0);
	assert_int_equal(f.found.modules[0].n_ranges, 1);
	end(&f);
}

/* The page behind the version is not in the dump. */
static void a_version_is_read_up_to_its_end(void **state)
{
	struct fixture f;
	uint64_t va;

	begin(&f, false);
	va = synth_module_add(&f.box.modules, &out_of_tree);
	memset(synth_entry(&f.box.m, va + SYNTH_MODULE_SYMTAB, 1), 0, 8);
	assert_int_equal(read_now(&f), 0);
	assert_string_equal(f.found.modules[0].version, "5.0");
	end(&f);
}

static void types_that_do_not_tell_are_told_of(void **state)
{
	struct fixture f;
	uint32_t u32;

	begin(&f, false);
	synth_module_add(&f.box.modules, &ext4);
	synth_btf_init(&f.box.types);
	u32 = synth_btf_int(&f.box.types, "unsigned int", 4);
	assert_fails(read_now(&f), -ENOENT, "no structure module");
	synth_btf_struct(&f.box.types, "module", 2, 1 << 20);
	synth_btf_member(&f.box.types, "list", u32, 0);
	synth_btf_member(&f.box.types, "nam", u32, 8 * 70000);
	assert_fails(read_now(&f), -ENOENT, "module.name");
	strcpy(strstr(f.box.types.strings + f.box.types.strings_len - 4, "nam"), "name");
	f.box.types.strings_len++;
	assert_fails(read_now(&f), -EBADMSG, "70004 bytes cannot be");
	end(&f);
}

/* Members that reach into each other and out of the module, and of sizes that they do not have. */
static void types_that_lie_do_no_harm(void **state)
{
	uint32_t u64, u128, memory, many;
	const struct module *m;
	struct fixture f;

	begin(&f, false);
	synth_module_add(&f.box.modules, &ext4);
	synth_btf_init(&f.box.types);
	u64 = synth_btf_int(&f.box.types, "unsigned long", 8);
	u128 = synth_btf_int(&f.box.types, "unsigned __int128", 16);
	memory = synth_btf_struct(&f.box.types, "module_memory", 2, 16);
	synth_btf_member(&f.box.types, "base", u64, 0);
	synth_btf_member(&f.box.types, "size", u64, 0);
	many = synth_btf_array(&f.box.types, memory, 1000);
	synth_btf_struct(&f.box.types, "module", 6, 64);
	synth_btf_member(&f.box.types, "list", u64, 8 * SYNTH_MODULE_LIST);
	synth_btf_member(&f.box.types, "name", many, 8 * SYNTH_MODULE_NAME);
	synth_btf_member(&f.box.types, "mem", many, 8 * SYNTH_MODULE_NAME);
	synth_btf_member(&f.box.types, "state", u128, 0);
	synth_btf_member(&f.box.types, "taints", many, 0);
	synth_btf_member(&f.box.types, "kallsyms", many, 0);
	assert_int_equal(read_now(&f), 0);
	assert_int_equal(f.found.n, 1);
	m = f.found.modules;
	assert_string_equal(m->name, "ext4");
	assert_int_equal(m->state, MODULE_LIVE);
	assert_int_equal(m->taints, 0);
	assert_int_equal(m->n_symbols, 0);
	assert_true(m->n_ranges > 0 && m->n_ranges <= MODULE_RANGES);
	for (size_t i = 0; i < m->n_ranges; i++)
		assert_true(m->ranges[i].start < m->ranges[i].end);
	end(&f);
}

/* Kernels of all versions have state, list and name at the same place. */
static void without_types_there_are_names(void **state)
{
	struct fixture f;
	struct kview less;
	uint64_t one;

	begin(&f, true);
	one = synth_module_add(&f.box.modules, &ext4) + SYNTH_MODULE_THIS;
	synth_module_add(&f.box.modules, &out_of_tree);
	assert_int_equal(read_now(&f), 0);
	modlist_done(&f.found);
	less = f.box.v;
	less.types = NULL;
	assert_int_equal(modlist_read(&less, &f.found), 0);
	assert_int_equal(f.found.n, 2);
	assert_string_equal(f.found.modules[0].name, "ext4");
	assert_int_equal(f.found.modules[0].address, one);
	assert_int_equal(f.found.modules[0].n_ranges, 0);
	assert_string_equal(f.found.modules[1].name, "nv");
	assert_int_equal(f.found.modules[1].state, MODULE_COMING);
	assert_non_null(strstr(f.found.remark, "names alone"));
	modlist_done(&f.found);
	/* Something else stands there. */
	put(&f, one + 24, 0x4034, 2);
	modbox_open(&f.box);
	less = f.box.v;
	less.types = NULL;
	assert_fails(modlist_read(&less, &f.found), -ENODATA, "types are not known");
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_module_is_described),
		cmocka_unit_test(without_types_there_are_names),
		cmocka_unit_test(code_for_the_start_is_code),
		cmocka_unit_test(members_are_described),
		cmocka_unit_test(no_modules_are_no_error),
		cmocka_unit_test(a_broken_list_gives_what_is_before),
		cmocka_unit_test(what_a_module_claims_is_checked),
		cmocka_unit_test(a_version_is_read_up_to_its_end),
		cmocka_unit_test(types_that_do_not_tell_are_told_of),
		cmocka_unit_test(types_that_lie_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
