// SPDX-License-Identifier: GPL-2.0-or-later
/* test-kview-find.c - a kernel without symbols of its data is found by what it holds. */
#include <errno.h>

#include "tests/unit/synth-kernel.h"

#define AT(offset) SYNTH_VA(SYNTH_DATA + (offset))

/* Variables, whose names the kernel exports. */
#define INIT_TASK AT(0x1000)
#define KSTAT     AT(0x2000)
#define POSSIBLE  SYNTH_VA(0x21000)
#define ONLINE    SYNTH_VA(0x21800)
#define OFFSETS   SYNTH_VA(0x22000)

/* What it does not export. */
#define RUNQUEUES AT(0x3000)
#define MODULES   AT(0x4008)
#define CACHES    AT(0x4100)

#define TASK(n)   (AT(0x5000) + 0x100 * (n)) /* idle tasks of CPUs from 1 on */
#define MODULE(n) (AT(0x6000) + 0x100 * (n))
#define CACHE(n)  (AT(0x7000) + 0x100 * (n))
#define TABLE     AT(0x8000)
#define NAMES     AT(0x9000)

enum { COMM = 0x20, IDLE = 0x38, CPU = 0x48, LIST = 8, SELF = 0x60, NAME = 0x18 };

struct fixture {
	struct synth_kernel k;
	uint64_t entry, name; /* where the next ones of the table go */
	unsigned size;        /* of an entry */
};

static void put(struct fixture *f, uint64_t va, uint64_t v)
{
	synth_kernel_put(&f->k, va, v, 8);
}

static void add_export(struct fixture *f, const char *name, uint64_t va)
{
	synth_kernel_put(&f->k, f->entry, va - f->entry, 4);
	synth_kernel_put(&f->k, f->entry + 4, f->name - (f->entry + 4), 4);
	synth_kernel_text(&f->k, f->name, name);
	f->entry += f->size;
	f->name += strlen(name) + 1;
}

/* Two sorted parts, the second for modules under the GPL; a name may be there twice. */
static void put_exports(struct fixture *f, unsigned size)
{
	f->size = size;
	f->entry = TABLE;
	f->name = NAMES + 1;
	add_export(f, "__cpu_online_mask", ONLINE);
	add_export(f, "__cpu_possible_mask", POSSIBLE);
	add_export(f, "copy_page", AT(0));
	add_export(f, "copy_page", AT(0));
	add_export(f, "init_task", INIT_TASK);
	add_export(f, "zlib_inflate", AT(0));
	add_export(f, "__per_cpu_offset", OFFSETS);
	add_export(f, "kstat", KSTAT);
	/* No name follows. */
	synth_kernel_put(&f->k, f->entry + 4, NAMES - (f->entry + 4), 4);
}

static void put_types(struct fixture *f)
{
	struct synth_kernel *k = &f->k;
	uint32_t comm = synth_btf_array(&k->btf, k->s8, 16), module;

	synth_kernel_struct(k, "task_struct", 0x100,
	                    (struct synth_field[]){ { "comm", comm, COMM }, {} });
	synth_kernel_struct(
		k, "rq", 0x80,
		(struct synth_field[]){ { "idle", k->pointer, IDLE }, { "cpu", k->u32, CPU }, {} });
	module = synth_kernel_struct(k, "module_kobject", 0x10,
	                             (struct synth_field[]){ { "mod", k->pointer, 8 }, {} });
	synth_kernel_struct(k, "module", 0x100,
	                    (struct synth_field[]){
				    { "list", k->list, LIST }, { "mkobj", module, SELF - 8 }, {} });
	synth_kernel_struct(k, "kmem_cache", 0x100,
	                    (struct synth_field[]){ { "size", k->u32, 0 },
	                                            { "object_size", k->u32, 4 },
	                                            { "name", k->pointer, NAME },
	                                            { "list", k->list, LIST },
	                                            {} });
}

static int setup(void **state)
{
	static const char *const data[] = { "__start_BTF", "__cpu_possible_mask",
		                            "__cpu_online_mask", "__per_cpu_offset" };
	struct fixture *f = calloc(1, sizeof(*f));
	struct synth_kernel *k = &f->k;

	assert_non_null(f);
	synth_kernel_init(k);
	for (size_t i = 0; i < ARRAY_SIZE(data); i++)
		synth_kernel_drop(k, data[i]);
	put_types(f);
	put_exports(f, 12);
	synth_kernel_text(k, INIT_TASK + COMM, "swapper/0");
	synth_kernel_text(k, TASK(1) + COMM, "swapper/1");
	for (unsigned cpu = 0; cpu < 2; cpu++) {
		put(f, RUNQUEUES + SYNTH_CPU_OFFSET(cpu) + IDLE, cpu ? TASK(1) : INIT_TASK);
		put(f, RUNQUEUES + SYNTH_CPU_OFFSET(cpu) + CPU, cpu);
	}
	/* init_task stands in other variables of the CPU too. */
	put(f, KSTAT + SYNTH_CPU_OFFSET(0) + 0x80, INIT_TASK);
	synth_kernel_ring(k, (uint64_t[]){ MODULES, MODULE(0) + LIST, MODULE(1) + LIST }, 3);
	synth_kernel_ring(k, (uint64_t[]){ CACHES, CACHE(0) + LIST, CACHE(1) + LIST }, 3);
	for (unsigned i = 0; i < 2; i++) {
		put(f, MODULE(i) + SELF, MODULE(i));
		synth_kernel_put(k, CACHE(i), 256, 4);
		synth_kernel_put(k, CACHE(i) + 4, 200, 4);
		put(f, CACHE(i) + NAME, NAMES + 1);
	}
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	synth_kernel_done(&f->k);
	free(f);
	return 0;
}

static void check(const struct kview *v, const char *name, uint64_t expected)
{
	uint64_t address;

	if (expected == 0) {
		assert_fails(kview_address(v, name, &address), -ENOENT, name);
		return;
	}
	assert_int_equal(kview_address(v, name, &address), 0);
	assert_int_equal(address, expected);
}

static void what_is_not_named_is_found(void **state)
{
	static const unsigned sizes[] = { 8, 12 };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		const struct kview *v;

		if (i > 0) {
			teardown(state);
			setup(state);
			f = *state;
		}
		put_exports(f, sizes[i]);
		v = synth_kernel_open(&f->k);
		assert_string_equal(v->no_types, "");
		assert_string_equal(v->no_cpus, "");
		check(v, "init_task", INIT_TASK);
		check(v, "kstat", KSTAT);
		check(v, "runqueues", RUNQUEUES);
		check(v, "modules", MODULES);
		check(v, "slab_caches", CACHES);
		check(v, "tainted_mask", 0);
		check(v, "init_tas", 0);
	}
}

/* What does not fit is not taken. */
static void what_does_not_fit_is_not_taken(void **state)
{
	static const struct {
		uint64_t va, value;
		const char *lost;
	} rows[] = {
		{ RUNQUEUES + SYNTH_CPU_OFFSET(1) + CPU, 2, "runqueues" },
		{ RUNQUEUES + SYNTH_CPU_OFFSET(0) + IDLE, TASK(1), "runqueues" },
		{ TASK(1) + COMM, 'x', "runqueues" },
		{ MODULE(0) + SELF, MODULE(1), "modules" },
		{ MODULE(1) + SELF, 0, "modules" },
		{ MODULE(1) + LIST, CACHES, "modules" },
		{ CACHE(0), 100, "slab_caches" },
		{ CACHE(1) + NAME, 0, "slab_caches" },
		{ CACHE(0) + LIST + 8, MODULES, "slab_caches" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct fixture *f;

		teardown(state);
		setup(state);
		f = *state;
		put(f, rows[i].va, rows[i].value);
		check(synth_kernel_open(&f->k), rows[i].lost, 0);
	}
}

/* Without types or exported names there is nothing to find others by. */
static void nothing_is_found_without_exports(void **state)
{
	struct fixture *f = *state;
	const struct kview *v;
	uint64_t address;

	/* The name before init_task sorts behind it. */
	synth_kernel_text(&f->k,
	                  NAMES + 1 + sizeof("__cpu_online_mask") + sizeof("__cpu_possible_mask") +
	                          sizeof("copy_page"),
	                  "zopy_page");
	v = synth_kernel_open(&f->k);
	assert_int_equal(v->exports.size, 0);
	assert_string_equal(v->no_types, "");
	assert_fails(kview_address(v, "init_task", &address), -ENOENT, "init_task");
	assert_fails(kview_address(v, "modules", &address), -ENOENT, "modules");
}

static void types_that_know_no_tasks_are_not_the_kernels(void **state)
{
	struct fixture *f = *state;
	struct synth_kernel *k = &f->k;

	synth_btf_init(&k->btf);
	k->u64 = synth_btf_int(&k->btf, "long unsigned int", 8);
	synth_kernel_struct(k, "rq", 8, (struct synth_field[]){ { "cpu", k->u64, 0 }, {} });
	assert_non_null(strstr(synth_kernel_open(k)->no_types, "the kernel has no BTF"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(what_is_not_named_is_found),
		TEST(what_does_not_fit_is_not_taken),
		TEST(nothing_is_found_without_exports),
		TEST(types_that_know_no_tasks_are_not_the_kernels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
