// SPDX-License-Identifier: GPL-2.0-or-later
/* test-kview.c - a crashed kernel with its names, types and CPUs. */
#include <errno.h>

#include "tests/unit/synth-btf.h"
#include "tests/unit/synth-symbols.h"
#include "vmcore/view/kview.h"

#define AT(offset) (SYNTH_IMAGE_VA + (offset))
#define BTF_SIZE   0x4000
#define PAGE_VA    UINT64_C(0xffffc90000000000) /* none is mapped behind it */

/* CPUs 0, 2 and 69 are possible, of those 2 and 69 online. */
#define CPU_0  UINT64_C(0x1000000)
#define CPU_2  UINT64_C(0x2000000)
#define CPU_69 UINT64_C(0xffff888000000000)

enum { RUNQUEUES, STEXT, BTF_START, BTF_STOP, NUMBER, POSSIBLE, ONLINE, OFFSETS, SYMBOLS };

struct fixture {
	struct synth m;
	struct synth_tables tables;
	struct synth_symbol symbols[SYMBOLS];
	size_t n;
	struct dump *dump;
	struct kspace *ks;
	struct kview *v;
};

static void put(struct fixture *f, uint64_t va, uint64_t v)
{
	uint8_t bytes[8];

	synth_put(bytes, v, 8, false);
	synth_store(&f->m, va, bytes, 8);
}

/* struct cpumask is for 128 CPUs; what is behind it has nothing to do with it. */
static void put_types(struct fixture *f)
{
	struct synth_btf s;
	uint8_t *bytes;
	size_t len;

	synth_btf_init(&s);
	synth_btf_struct(&s, "cpumask", 0, 16);
	synth_btf_type(&s, "zone_stat_item", SYNTH_ENUM, 1, 4);
	synth_btf_enumerator(&s, "NR_FREE_PAGES", 3);
	bytes = synth_btf_bytes(&s, &len);
	assert_true(len <= BTF_SIZE);
	synth_store(&f->m, AT(0x10000), bytes, len);
	f->symbols[BTF_STOP].address = AT(0x10000) + len;
	free(bytes);
}

static int setup(void **state)
{
	static const struct synth_symbol symbols[SYMBOLS] = {
		[RUNQUEUES] = { "runqueues", 'A', 0x2340 },
		[STEXT] = { "_stext", 'T', AT(0) },
		[BTF_START] = { "__start_BTF", 'R', AT(0x10000) },
		[BTF_STOP] = { "__stop_BTF", 'R', 0 },
		[NUMBER] = { "number", 'D', AT(0x20000) },
		[POSSIBLE] = { "__cpu_possible_mask", 'R', AT(0x21000) },
		[ONLINE] = { "__cpu_online_mask", 'R', AT(0x21800) },
		[OFFSETS] = { "__per_cpu_offset", 'R', AT(0x22000) },
	};
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	synth_init(&f->m, NULL);
	memcpy(f->symbols, symbols, sizeof(symbols));
	f->n = SYMBOLS;
	f->tables =
		(struct synth_tables){ .addresses = SYNTH_ABSOLUTE_PERCPU, .long_lengths = true };
	put_types(f);
	put(f, AT(0x20000), UINT64_C(0x8877665544332211));
	put(f, AT(0x21000), 1 << 0 | 1 << 2);
	put(f, AT(0x21008), 1 << 5);
	put(f, AT(0x21010), UINT64_MAX);
	put(f, AT(0x21800), 1 << 2);
	put(f, AT(0x21808), 1 << 5);
	put(f, AT(0x22000), CPU_0);
	put(f, AT(0x22000 + 8), UINT64_MAX);
	put(f, AT(0x22000 + 16), CPU_2);
	put(f, AT(0x22000 + 69 * 8), CPU_69);
	*state = f;
	return 0;
}

static struct kview *view(struct fixture *f)
{
	synth_tables(&f->m, &f->tables, f->symbols, f->n);
	f->dump = synth_dump(&f->m);
	f->ks = synth_kspace(f->dump);
	assert_int_equal(kview_open(f->ks, &f->v), 0);
	return f->v;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	kview_free(f->v);
	kspace_free(f->ks);
	dump_free(f->dump);
	synth_done(&f->m);
	free(f);
	return 0;
}

static void all_is_found(void **state)
{
	struct kview *v = view(*state);
	uint64_t address;
	int64_t value;

	assert_string_equal(v->no_symbols, "");
	assert_string_equal(v->no_types, "");
	assert_string_equal(v->no_cpus, "");
	assert_int_equal(kview_address(v, "number", &address), 0);
	assert_true(address == AT(0x20000));
	assert_fails(kview_address(v, "nimbers", &address), -ENOENT, "nimbers");
	assert_int_equal(kview_enumerator(v, "zone_stat_item", "NR_FREE_PAGES", &value), 0);
	assert_int_equal(value, 3);
	assert_fails(kview_enumerator(v, "zone_stat_item", "NR_NONE", &value), -ENOENT,
	             "no enumerator NR_NONE");
}

static void cpus_have_variables_of_their_own(void **state)
{
	struct kview *v = view(*state);
	uint64_t address;

	assert_int_equal(v->possible.bits, 128);
	assert_int_equal(bitmap_count(&v->possible, 0, 128), 3);
	assert_true(bitmap_test(&v->possible, 0) && bitmap_test(&v->possible, 2) &&
	            bitmap_test(&v->possible, 69));
	assert_int_equal(bitmap_count(&v->online, 0, 128), 2);
	assert_false(bitmap_test(&v->online, 0));
	assert_int_equal(kview_address(v, "runqueues", &address), 0);
	assert_true(kview_on_cpu(v, address, 0) == CPU_0 + 0x2340);
	assert_true(kview_on_cpu(v, address, 2) == CPU_2 + 0x2340);
	assert_true(kview_on_cpu(v, address, 69) == CPU_69 + 0x2340);
}

static void numbers_have_any_size(void **state)
{
	struct kview *v = view(*state);
	uint64_t number = 0;

	assert_int_equal(kview_number(v, "number", 1, &number), 0);
	assert_true(number == 0x11);
	assert_int_equal(kview_number(v, "number", 2, &number), 0);
	assert_true(number == 0x2211);
	assert_int_equal(kview_number(v, "number", 4, &number), 0);
	assert_true(number == 0x44332211);
	assert_int_equal(kview_number(v, "number", 8, &number), 0);
	assert_true(number == 0x8877665544332211);
	assert_fails(kview_number(v, "other", 8, &number), -ENOENT, "other");
	assert_fails(kview_number(v, "runqueues", 8, &number), -EFAULT, "nothing is mapped");
	assert_true(number == 0x8877665544332211);
}

static void strings_end_with_memory(void **state)
{
	struct fixture *f = *state;
	struct kview *v;
	char buf[32] = "x";

	synth_map(&f->m, PAGE_VA, SYNTH_TEST_PFN << 12, 4096, 4096);
	synth_store(&f->m, PAGE_VA + 4096 - 5, "hello", 5);
	synth_store(&f->m, AT(0x30000 - 4), "root=/dev/vda", 14);
	v = view(f);
	assert_int_equal(kview_string(v, AT(0x30000 - 4), buf, sizeof(buf)), 0);
	assert_string_equal(buf, "root=/dev/vda");
	assert_int_equal(kview_string(v, AT(0x30000 - 4), buf, 10), 0);
	assert_string_equal(buf, "root=/dev");
	assert_int_equal(kview_string(v, AT(0x30000 - 4), buf, 4), 0);
	assert_string_equal(buf, "roo");
	assert_int_equal(kview_string(v, PAGE_VA + 4096 - 5, buf, sizeof(buf)), 0);
	assert_string_equal(buf, "hello");
	assert_int_equal(kview_string(v, PAGE_VA, buf, sizeof(buf)), 0);
	assert_string_equal(buf, "");
	buf[0] = 'x';
	assert_fails(kview_string(v, 0x1000, buf, sizeof(buf)), -EFAULT, "nothing is mapped");
	assert_int_equal(buf[0], 'x');
}

static void kernels_without_symbols_say_so(void **state)
{
	struct fixture *f = *state;
	uint64_t address;
	int64_t value;

	f->dump = synth_dump(&f->m);
	f->ks = synth_kspace(f->dump);
	assert_int_equal(kview_open(f->ks, &f->v), 0);
	assert_null(f->v->symbols);
	assert_null(f->v->types);
	assert_non_null(strstr(f->v->no_symbols, "kallsyms"));
	assert_non_null(strstr(f->v->no_types, "the kernel's symbols are not known: "));
	assert_non_null(strstr(f->v->no_cpus, "the kernel's symbols are not known: "));
	assert_int_equal(f->v->possible.bits, 0);
	assert_fails(kview_address(f->v, "number", &address), -ENODATA, f->v->no_symbols);
	assert_fails(kview_number(f->v, "number", 8, &address), -ENODATA, f->v->no_symbols);
	assert_fails(kview_enumerator(f->v, "a", "b", &value), -ENODATA, f->v->no_types);
}

/* Then nobody tells how long a mask is. */
static void kernels_without_types_say_so(void **state)
{
	struct fixture *f = *state;
	struct kview *v;

	put(f, AT(0x10000), 0);
	put(f, AT(0x21010), 1);
	v = view(f);
	assert_null(v->types);
	assert_string_equal(v->no_types, "BTF: begins with 00 00 00, not with its magic number");
	assert_string_equal(v->no_cpus, "");
	assert_int_equal(v->possible.bits, 8192);
	assert_int_equal(bitmap_count(&v->possible, 0, 8192), 4);
	assert_true(kview_on_cpu(v, 1, 69) == CPU_69 + 1);
}

static void kernels_for_one_cpu_have_no_offsets(void **state)
{
	struct fixture *f = *state;
	struct kview *v;

	f->n = OFFSETS;
	put(f, AT(0x21000), 1);
	put(f, AT(0x21008), 0);
	v = view(f);
	assert_string_equal(v->no_cpus, "");
	assert_int_equal(bitmap_count(&v->possible, 0, 128), 1);
	assert_true(kview_on_cpu(v, AT(0x20000), 0) == AT(0x20000));
}

static void cpus_are_all_known_or_none(void **state)
{
	struct fixture *f = *state;
	struct kview *v;

	f->symbols[OFFSETS].address = PAGE_VA;
	v = view(f);
	assert_int_equal(v->possible.bits, 0);
	assert_int_equal(v->online.bits, 0);
	assert_null(v->cpu_offsets);
	assert_non_null(strstr(v->no_cpus, "nothing is mapped"));
	assert_non_null(v->types);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(all_is_found),
		TEST(cpus_have_variables_of_their_own),
		TEST(numbers_have_any_size),
		TEST(strings_end_with_memory),
		TEST(kernels_without_symbols_say_so),
		TEST(kernels_without_types_say_so),
		TEST(kernels_for_one_cpu_have_no_offsets),
		TEST(cpus_are_all_known_or_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
