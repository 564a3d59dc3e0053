// SPDX-License-Identifier: GPL-2.0-or-later
/* test-kallsyms.c - names and addresses of the kernel's symbols. */
#include <errno.h>
#include <stdio.h>

#include "tests/unit/synth-symbols.h"
#include "vmcore/kernel/kallsyms.h"

#define VA(offset) (SYNTH_IMAGE_VA + (offset))

/* 128 characters, none of which a token stands for but "_". */
#define LONG_NAME                                                                                  \
	"_RNvXNtCs1Kq_4core3fmt9Formatter9Debug5Tuple6Struct7fields8Closure3Map6Filter5Chain4Zip"  \
	"Xa0Xb1Xc2Xd3Xe4Xf5Xg6Xh7Xi8Xj9Xk0Xl1Xm2Xn"

static const struct synth_symbol kernel[] = {
	{ "_text", 'T', VA(0x200) },
	{ "_stext", 'T', VA(0x1000) },
	{ "__pfx_start_kernel", 't', VA(0x1000) },
	{ "sys_read", 'T', VA(0x1040) },
	{ "__x64_sys_read", 'W', VA(0x1040) },
	{ "__pfx_panic", 't', VA(0x1200) },
	{ "panic", 'T', VA(0x1210) },
	{ LONG_NAME, 't', VA(0x1400) },
	{ "last_function.cold", 't', VA(0x1500) },
	{ "_etext", 'T', VA(0x1800) },
	{ "init_task", 'D', VA(0x3000) },
	{ "__start_BTF", 'R', VA(0x5000) },
	{ "start_secondary", 't', VA(0x6000) },
	{ "_einittext", 'T', VA(0x6100) },
	{ "_end", 'B', VA(0x8000) },
	{ "__brk_limit", 'B', VA(0x8000) },
	{ "__init_scratch_end", 'D', VA(0x10000) },
};

/* What x86_64 has in front of them up to 6.14. */
static const struct synth_symbol percpu[] = {
	{ "__per_cpu_start", 'A', 0 },
	{ "runqueues", 'A', 0x21a40 },
	{ "__per_cpu_end", 'A', 0x30000 },
};

struct fixture {
	struct synth m;
	struct synth_tables tables;
	struct synth_symbol symbols[64];
	const struct synth_symbol *many;
	size_t n;
	struct dump *d;
	struct kspace *ks;
	struct kallsyms *k;
};

static void add(struct fixture *f, const struct synth_symbol *symbols, size_t n)
{
	memcpy(f->symbols + f->n, symbols, n * sizeof(*symbols));
	f->n += n;
	assert_true(f->n <= ARRAY_SIZE(f->symbols));
}

/* A machine with tables as @t wants them. */
static void begin(struct fixture *f, const struct synth_tables *t)
{
	*f = (struct fixture){};
	synth_init(&f->m, NULL);
	if (t)
		f->tables = *t;
	else
		f->tables = (struct synth_tables){ .addresses = SYNTH_ABSOLUTE_PERCPU,
			                           .long_lengths = true };
	if (f->tables.addresses == SYNTH_ABSOLUTE || f->tables.addresses == SYNTH_ABSOLUTE_PERCPU)
		add(f, percpu, ARRAY_SIZE(percpu));
	add(f, kernel, ARRAY_SIZE(kernel));
	synth_tables(&f->m, &f->tables, f->symbols, f->n);
}

/* What kallsyms_open() says to the machine as it is now. */
static int open_now(struct fixture *f)
{
	kallsyms_freep(&f->k);
	kspace_freep(&f->ks);
	dump_freep(&f->d);
	f->d = synth_dump(&f->m);
	f->ks = synth_kspace(f->d);
	return kallsyms_open(f->ks, &f->k);
}

static void end(struct fixture *f)
{
	kallsyms_free(f->k);
	kspace_free(f->ks);
	dump_free(f->d);
	synth_done(&f->m);
}

static void put(struct fixture *f, uint64_t va, uint64_t v, size_t size)
{
	uint8_t bytes[8];

	synth_put(bytes, v, size, false);
	synth_store(&f->m, va, bytes, size);
}

static void set_symbol(struct fixture *f, const char *name, uint64_t va)
{
	char key[64];

	snprintf(key, sizeof(key), "SYMBOL(%s)", name);
	synth_drop(&f->m.info, key);
	synth_key(&f->m.info, "%s=%llx", key, (unsigned long long)va);
}

static void set_release(struct fixture *f, const char *release)
{
	synth_drop(&f->m.info, "OSRELEASE");
	synth_key(&f->m.info, "OSRELEASE=%s", release);
	synth_store(&f->m, SYNTH_IMAGE_VA + 0x1000 + 2 * 65, release, strlen(release) + 1);
}

static void check_all(struct fixture *f)
{
	struct symbol s;
	uint64_t address;

	assert_int_equal(kallsyms_count(f->k), f->n);
	for (size_t i = 0; i < f->n; i++) {
		kallsyms_at(f->k, i, &s);
		assert_string_equal(s.name, f->symbols[i].name);
		assert_int_equal(s.type, f->symbols[i].type);
		assert_int_equal(s.address, f->symbols[i].address);
	}
	/* Backwards, so that the first goes through all names. */
	for (size_t i = f->n; i-- > 0;) {
		assert_int_equal(kallsyms_address(f->k, f->symbols[i].name, &address), 0);
		assert_int_equal(address, f->symbols[i].address);
	}
	assert_fails(kallsyms_address(f->k, "runqueue", &address), -ENOENT, "\"runqueue\"");
	assert_fails(kallsyms_address(f->k, "", &address), -ENOENT, "no symbol");
}

static void every_way_to_store_them_is_read(void **state)
{
	for (unsigned i = 0; i < SYNTH_ADDRESSES * 8; i++) {
		struct fixture f;

		begin(&f, &(struct synth_tables){ .addresses = i / 8,
		                                  .long_lengths = i & 1,
		                                  .addresses_first = i & 2,
		                                  .seqs = i & 4 });
		assert_int_equal(open_now(&f), 0);
		check_all(&f);
		end(&f);
	}
}

/* The synthetic machine claims to be 6.12, but a length of 129 has one byte. */
static void lengths_go_by_the_markers(void **state)
{
	struct fixture f;

	begin(&f, &(struct synth_tables){ .addresses = SYNTH_BASE_RELATIVE });
	assert_int_equal(open_now(&f), 0);
	check_all(&f);
	/* Without them the other form does not fit: it runs over the end. */
	put(&f, f.tables.markers, 1, 4);
	assert_int_equal(open_now(&f), 0);
	check_all(&f);
	end(&f);
}

/* When the only long name is the last one, each form fits. */
static void lengths_go_by_the_version_last(void **state)
{
	const struct synth_symbol symbols[] = {
		{ "_stext", 'T', VA(0x1000) },
		{ LONG_NAME "_of_more_than_that", 't', VA(0x1400) },
	};
	struct fixture f = { .tables = { .addresses = SYNTH_BASE_RELATIVE, .long_lengths = true } };
	uint64_t address;

	synth_init(&f.m, NULL);
	add(&f, symbols, ARRAY_SIZE(symbols));
	synth_tables(&f.m, &f.tables, f.symbols, f.n);
	put(&f, f.tables.markers, 1, 4);
	assert_int_equal(open_now(&f), 0);
	check_all(&f);
	set_release(&f, "6.1.0");
	assert_int_equal(open_now(&f), 0);
	check_all(&f);
	set_release(&f, "6.0.19");
	assert_int_equal(open_now(&f), 0);
	assert_int_equal(kallsyms_address(f.k, "_stext", &address), 0);
	assert_int_equal(kallsyms_address(f.k, symbols[1].name, &address), -ENOENT);
	/* With them the version does not matter. */
	put(&f, f.tables.markers, 0, 4);
	assert_int_equal(open_now(&f), 0);
	check_all(&f);
	end(&f);
}

/* Symbols of which two or three have the same name. */
static void begin_many(struct fixture *f, const struct synth_tables *t)
{
	static char names[5000][32];
	static struct synth_symbol symbols[ARRAY_SIZE(names)];

	*f = (struct fixture){ .tables = *t, .n = ARRAY_SIZE(names) };
	synth_init(&f->m, NULL);
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(names[i], sizeof(names[i]), "%s_%u", i % 3 ? "__init" : "do", i / 2 * 2);
		symbols[i] = (struct synth_symbol){ names[i], 'T', VA(16 * i) };
	}
	symbols[0].name = "_stext";
	f->many = symbols;
	synth_tables(&f->m, &f->tables, symbols, f->n);
}

static void check_many(struct fixture *f)
{
	struct symbol s;
	uint64_t address;

	assert_int_equal(kallsyms_count(f->k), f->n);
	for (size_t i = f->n; i-- > 0;) {
		/* Of equal names the first counts. */
		size_t first = i > 0 && streq(f->many[i - 1].name, f->many[i].name) ? i - 1 : i;

		assert_int_equal(kallsyms_find(f->k, VA(16 * i), &s), 0);
		assert_string_equal(s.name, f->many[i].name);
		assert_int_equal(kallsyms_address(f->k, f->many[i].name, &address), 0);
		assert_int_equal(address, f->many[first].address);
	}
}

static void many_symbols_have_many_markers(void **state)
{
	struct fixture f;

	begin_many(&f, &(struct synth_tables){ .addresses = SYNTH_PLACE_RELATIVE });
	assert_int_equal(open_now(&f), 0);
	check_many(&f);
	end(&f);
}

/* Before Linux 6.0 nothing but their own structure tells where they are. */
static void tables_that_nobody_tells_of_are_found(void **state)
{
	static const enum synth_addresses addresses[] = { SYNTH_ABSOLUTE, SYNTH_BASE_RELATIVE,
		                                          SYNTH_ABSOLUTE_PERCPU };

	for (size_t i = 0; i < ARRAY_SIZE(addresses) * 2; i++) {
		struct fixture f;

		begin_many(&f, &(struct synth_tables){ .addresses = addresses[i / 2],
		                                       .wide = i & 1,
		                                       .addresses_first = true,
		                                       .untold = true });
		assert_int_equal(open_now(&f), 0);
		check_many(&f);
		end(&f);
	}
}

/* Each with one place that does not fit the others. */
static void tables_that_do_not_fit_are_not_taken(void **state)
{
	static const struct {
		size_t table; /* in struct synth_tables */
		uint64_t offset, value;
		size_t size;
		int error;
		const char *text;
	} rows[] = {
#define IN(table) offsetof(struct synth_tables, table)
		{ IN(token_index), 2 * 77, 0xffff, 2, -ENODATA, "no such table is in the image" },
		{ IN(token_table), 5, 'x', 1, -ENODATA, "no such table is in the image" },
		{ IN(markers), 4, 1000000, 4, -ENODATA, "no such table is in the image" },
		{ IN(markers), 4, 700, 4, -ENODATA, "no such table is in the image" },
		{ IN(num_syms), 0, 500, 4, -ENODATA, "no such table is in the image" },
		{ IN(names), 0, 0, 1, -ENODATA, "no such table is in the image" },
		{ IN(base), 0, 0x1000, 4, -EBADMSG, "no encoding puts _stext at" },
#undef IN
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct fixture f;
		uint64_t table;

		begin_many(&f, &(struct synth_tables){ .addresses = SYNTH_BASE_RELATIVE,
		                                       .addresses_first = true,
		                                       .untold = true });
		memcpy(&table, (char *)&f.tables + rows[i].table, sizeof(table));
		put(&f, table + rows[i].offset, rows[i].value, rows[i].size);
		assert_fails(open_now(&f), rows[i].error, rows[i].text);
		end(&f);
	}
}

static void addresses_lie_in_or_behind_symbols(void **state)
{
	static const struct {
		uint64_t offset;
		const char *name; /* NULL: none */
		uint64_t start, size;
	} rows[] = {
		{ 0x1ff, NULL },
		{ 0x200, "_text", 0x200, 0xe00 },
		{ 0xfff, "_text", 0x200, 0xe00 },
		{ 0x1000, "_stext", 0x1000, 0x40 },
		{ 0x1040, "sys_read", 0x1040, 0x1c0 }, /* the first of two */
		{ 0x11ff, "sys_read", 0x1040, 0x1c0 },
		{ 0x1200, "__pfx_panic", 0x1200, 0x10 },
		{ 0x1210, "panic", 0x1210, 0x1f0 },
		{ 0x1234, "panic", 0x1210, 0x1f0 },
		{ 0x17ff, "last_function.cold", 0x1500, 0x300 },
		{ 0x1800, "_etext", 0x1800, 0x1800 },
		{ 0x1801, NULL },
		{ 0x2fff, NULL },
		{ 0x3000, "init_task", 0x3000, 0x2000 },
		{ 0x6101, NULL },
		{ 0x8000, "_end", 0x8000, 0x8000 },
		{ 0x8001, NULL },
		{ 0x10000, "__init_scratch_end", 0x10000, 0 },
		{ 0x10001, NULL },
		{ -SYNTH_IMAGE_VA, NULL },          /* address 0 */
		{ 0x21a40 - SYNTH_IMAGE_VA, NULL }, /* that of runqueues */
		{ UINT64_MAX - SYNTH_IMAGE_VA, NULL },
	};
	struct fixture f;

	begin(&f, NULL);
	assert_int_equal(open_now(&f), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct symbol s;
		int r = kallsyms_find(f.k, VA(rows[i].offset), &s);

		assert_int_equal(r, rows[i].name ? 0 : -ENOENT);
		if (r < 0)
			continue;
		assert_string_equal(s.name, rows[i].name);
		assert_int_equal(s.address, VA(rows[i].start));
		assert_int_equal(s.size, rows[i].size);
	}
	end(&f);
}

/* Linux 6.3 and later pad functions, whose neighbours then share addresses with the padding. */
static void names_of_padding_come_last(void **state)
{
	const struct synth_symbol symbols[] = {
		{ "_stext", 'T', VA(0x1000) },      { "__pfx_one", 't', VA(0x1010) },
		{ "__cfi_one", 't', VA(0x1010) },   { "__SCT__one", 'T', VA(0x1010) },
		{ "another", 'T', VA(0x1010) },     { "__pfx_two", 't', VA(0x1020) },
		{ "__cfi_two", 't', VA(0x1020) },   { "two", 'T', VA(0x1030) },
		{ "__pfx_three", 't', VA(0x1040) }, { "_end", 'B', VA(0x1050) },
	};
	struct fixture f = { .tables = { .addresses = SYNTH_PLACE_RELATIVE } };
	struct symbol s;

	synth_init(&f.m, NULL);
	synth_tables(&f.m, &f.tables, symbols, ARRAY_SIZE(symbols));
	assert_int_equal(open_now(&f), 0);
	assert_int_equal(kallsyms_find(f.k, VA(0x1018), &s), 0);
	assert_string_equal(s.name, "__SCT__one");
	assert_int_equal(s.size, 0x10);
	assert_int_equal(kallsyms_find(f.k, VA(0x1028), &s), 0);
	assert_string_equal(s.name, "__pfx_two");
	end(&f);
}

static void names_can_be_printed(void **state)
{
	struct fixture f;
	struct symbol s;

	begin(&f, NULL);
	/* The token of 'p': an escape sequence; that of 'a' a byte that is no ASCII. */
	for (uint64_t va = f.tables.token_table; va < f.tables.token_index; va++) {
		char c;

		synth_load(&f.m, va, &c, 1);
		if (c == 'p' || c == 'a')
			put(&f, va, c == 'p' ? '\033' : 0x9b, 1);
	}
	assert_int_equal(open_now(&f), 0);
	assert_int_equal(kallsyms_find(f.k, VA(0x1210), &s), 0);
	assert_string_equal(s.name, "??nic");
	end(&f);
}

static void long_names_are_cut(void **state)
{
	static char name[1201];
	const struct synth_symbol symbols[] = { { "_stext", 'T', VA(0) }, { name, 't', VA(16) } };
	struct fixture f = { .tables = { .long_lengths = true } };
	uint64_t address;
	struct symbol s;

	memset(name, 'x', sizeof(name) - 1);
	synth_init(&f.m, NULL);
	synth_tables(&f.m, &f.tables, symbols, ARRAY_SIZE(symbols));
	assert_int_equal(open_now(&f), 0);
	kallsyms_at(f.k, 1, &s);
	assert_int_equal(strlen(s.name), 511);
	assert_int_equal(strspn(s.name, "x"), 511);
	/* By what is left of it, it is found. */
	name[511] = '\0';
	assert_int_equal(kallsyms_address(f.k, name, &address), 0);
	assert_true(address == VA(16));
	end(&f);
}

static void kernels_that_do_not_tell_are_told_of(void **state)
{
	static const char *const keys[] = { "kallsyms_names",       "kallsyms_num_syms",
		                            "kallsyms_token_table", "kallsyms_token_index",
		                            "kallsyms_offsets",     "_stext" };
	struct fixture f;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		char key[64];

		begin(&f, NULL);
		snprintf(key, sizeof(key), "SYMBOL(%s)", keys[i]);
		synth_drop(&f.m.info, key);
		assert_fails(open_now(&f), -ENODATA, key);
		end(&f);
	}
}

/* Each with other tables that are broken in one place. */
static void broken_tables_are_refused(void **state)
{
	enum { SYMBOL, WORD32, WORD16, BYTE };
	static const struct {
		int what;
		const char *symbol; /* SYMBOL: which; else from where on, in struct synth_tables */
		size_t table;
		uint64_t offset, value;
		int error;
		const char *text;
	} rows[] = {
#define IN(table) NULL, offsetof(struct synth_tables, table)
		{ WORD32, IN(num_syms), 0, 0, -EBADMSG, "0 names" },
		{ WORD32, IN(num_syms), 0, UINT32_MAX, -EBADMSG, "4294967295 names" },
		{ WORD32, IN(num_syms), 0, 2000000, -EBADMSG, "2000000 names" },
		{ WORD32, IN(num_syms), 0, 140, -EBADMSG, "140 names" },
		{ BYTE, IN(names), 0, 0, -EBADMSG, "are not 20 names" },
		{ BYTE, IN(names), 0, 0x7f, -EBADMSG, "are not 20 names" },
		{ WORD16, IN(token_index), 2 * 'T', 0xffff, -EBADMSG, "token 84, from byte 65535" },
		{ WORD16, IN(token_index), 2 * 255, 800, -EBADMSG, "token 255, from byte 800" },
		{ WORD32, IN(offsets), 4 * 4, 0x2345, -EBADMSG, "no encoding puts _stext at" },
		{ WORD32, IN(base), 0, 0x1000, -EBADMSG, "no encoding puts _stext at" },
		{ SYMBOL, "_stext", 0, 0, VA(0x1001), -EBADMSG, "no encoding puts _stext at" },
		{ SYMBOL, "kallsyms_token_index", 0, 0, VA(0), -EBADMSG, "tokens from" },
		{ SYMBOL, "kallsyms_token_index", 0, 0, VA(0x1f0000), -EBADMSG, "tokens from" },
		{ SYMBOL, "kallsyms_names", 0, 0, VA(0x1ff000), -EBADMSG, "names from" },
		{ SYMBOL, "kallsyms_names", 0, 0, 0, -EBADMSG, "names from" },
		{ SYMBOL, "kallsyms_num_syms", 0, 0, 0x1000, -EFAULT, "how many" },
		{ SYMBOL, "kallsyms_offsets", 0, 0, 0x1000, -EFAULT, "addresses" },
		{ SYMBOL, "kallsyms_relative_base", 0, 0, 0x1000, -EFAULT, "0x1000" },
#undef IN
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		static const size_t sizes[] = { [WORD32] = 4, [WORD16] = 2, [BYTE] = 1 };
		struct fixture f;
		uint64_t table;

		begin(&f, NULL);
		if (rows[i].what == SYMBOL) {
			set_symbol(&f, rows[i].symbol, rows[i].value);
		} else {
			memcpy(&table, (char *)&f.tables + rows[i].table, sizeof(table));
			put(&f, table + rows[i].offset, rows[i].value, sizes[rows[i].what]);
		}
		assert_fails(open_now(&f), rows[i].error, rows[i].text);
		end(&f);
	}
}

/* Pages of the tables may be missing from the dump, or their addresses lead to no RAM. */
static void tables_that_are_not_there_are_told_of(void **state)
{
	struct fixture f;

	begin(&f, NULL);
	set_symbol(&f, "kallsyms_token_table", 0x1000);
	set_symbol(&f, "kallsyms_token_index", 0x1400);
	assert_fails(open_now(&f), -EFAULT, "tokens");
	end(&f);
}

static void without_stext_nothing_is_believed(void **state)
{
	const struct synth_symbol symbols[] = { { "_text", 'T', VA(0) }, { "_end", 'B', VA(16) } };
	struct fixture f = {};

	synth_init(&f.m, NULL);
	synth_tables(&f.m, &f.tables, symbols, ARRAY_SIZE(symbols));
	synth_key(&f.m.info, "SYMBOL(_stext)=%llx", (unsigned long long)VA(0));
	assert_fails(open_now(&f), -EBADMSG, "has no _stext");
	end(&f);
}

/* The kernel may have written over some of it. */
static void addresses_out_of_order_do_no_harm(void **state)
{
	struct fixture f;
	struct symbol s;

	begin(&f, &(struct synth_tables){ .addresses = SYNTH_BASE_RELATIVE });
	for (size_t i = 2; i < f.n; i++)
		put(&f, f.tables.offsets + 4 * i, i * 0x9e3779b1, 4);
	assert_int_equal(open_now(&f), 0);
	for (size_t i = 0; i < f.n; i++) {
		kallsyms_at(f.k, i, &s);
		assert_string_equal(s.name, f.symbols[i].name);
		assert_true(s.address + s.size >= s.address);
	}
	for (uint64_t offset = 0; offset < UINT32_MAX; offset += 0x1234567)
		if (kallsyms_find(f.k, VA(offset), &s) == 0)
			assert_true(s.address <= VA(offset));
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_way_to_store_them_is_read),
		cmocka_unit_test(lengths_go_by_the_markers),
		cmocka_unit_test(lengths_go_by_the_version_last),
		cmocka_unit_test(many_symbols_have_many_markers),
		cmocka_unit_test(tables_that_nobody_tells_of_are_found),
		cmocka_unit_test(tables_that_do_not_fit_are_not_taken),
		cmocka_unit_test(addresses_lie_in_or_behind_symbols),
		cmocka_unit_test(names_of_padding_come_last),
		cmocka_unit_test(names_can_be_printed),
		cmocka_unit_test(long_names_are_cut),
		cmocka_unit_test(kernels_that_do_not_tell_are_told_of),
		cmocka_unit_test(broken_tables_are_refused),
		cmocka_unit_test(tables_that_are_not_there_are_told_of),
		cmocka_unit_test(without_stext_nothing_is_believed),
		cmocka_unit_test(addresses_out_of_order_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
