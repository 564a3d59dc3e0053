// SPDX-License-Identifier: GPL-2.0-or-later
/* test-unwind-facts.c - what unwinding wants to know is found in the kernel's symbols and types. */
#include <elf.h>

#include "tests/unit/synth-btf.h"
#include "tests/unit/synth-symbols.h"
#include "vmcore/stack/unwind.h"

#define TEXT    SYNTH_IMAGE_VA
#define FORK    (TEXT + 0x1000)
#define ASM     (TEXT + 0x2000)
#define ETEXT   (TEXT + 0x8000)
#define IPS     (TEXT + 0x10000)
#define N       100
#define ENTRIES (IPS + 4 * N)
#define INIT    (TEXT + 0x20000)
#define EINIT   (INIT + 0x400)

struct fixture {
	struct synth m;
	struct arch arch;
	struct synth_btf types;
	struct synth_symbol symbols[16];
	size_t n;
	bool silent; /* no symbols, no types */
	struct unwind_facts facts;
};

static void add_symbol(struct fixture *f, const char *name, uint64_t address)
{
	f->symbols[f->n++] = (struct synth_symbol){ name, 't', address };
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	synth_init(&f->m, NULL);
	synth_btf_init(&f->types);
	add_symbol(f, "_stext", TEXT);
	add_symbol(f, "ret_from_fork", FORK);
	add_symbol(f, "ret_from_fork_asm", ASM);
	add_symbol(f, "_etext", ETEXT);
	add_symbol(f, "__start_orc_unwind_ip", IPS);
	add_symbol(f, "__stop_orc_unwind_ip", IPS + 4 * N);
	add_symbol(f, "__start_orc_unwind", ENTRIES);
	add_symbol(f, "__stop_orc_unwind", ENTRIES + 6 * N);
	add_symbol(f, "_sinittext", INIT);
	add_symbol(f, "_einittext", EINIT);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	synth_done(&f->m);
	free(f);
	return 0;
}

/* A structure with one member at byte @offset; returns its id. */
static uint32_t add_struct(struct fixture *f, const char *name, uint32_t size, const char *member,
                           uint32_t type, uint32_t offset)
{
	uint32_t id = synth_btf_struct(&f->types, name, 1, size);

	synth_btf_member(&f->types, member, type, offset * 8);
	return id;
}

/* struct orc_entry as far as it tells versions apart. */
static void add_orc_entry(struct fixture *f, const char *const *flags, unsigned n, uint32_t size)
{
	uint32_t u16 = synth_btf_int(&f->types, "u16", 2);

	synth_btf_struct(&f->types, "orc_entry", 1 + n, size);
	synth_btf_member(&f->types, "sp_offset", u16, 0);
	for (unsigned i = 0; i < n; i++)
		synth_btf_member(&f->types, flags[i], u16, 32);
}

static void find(struct fixture *f)
{
	struct synth_tables tables = { .addresses = SYNTH_BASE_RELATIVE, .long_lengths = true };
	_cleanup_(dump_freep) struct dump *d = NULL;
	_cleanup_(kspace_freep) struct kspace *ks = NULL;
	_cleanup_(kallsyms_freep) struct kallsyms *k = NULL;
	_cleanup_(btf_freep) struct btf *b = NULL;
	struct kview v = {};
	size_t len;
	uint8_t *bytes = synth_btf_bytes(&f->types, &len);

	synth_tables(&f->m, &tables, f->symbols, f->n);
	d = synth_dump(&f->m);
	ks = synth_kspace(d);
	assert_int_equal(kallsyms_open(ks, &k), 0);
	assert_int_equal(btf_from_memory(bytes, len, &b), 0);
	v.ks = ks;
	if (f->arch.elf_machine) {
		f->arch.stack_size = KIB(16);
		ks->tables.arch = &f->arch;
	}
	if (!f->silent) {
		v.symbols = k;
		v.types = b;
	}
	unwind_find_facts(&v, &f->facts);
}

static void code_is_found(void **state)
{
	struct fixture *f = *state;

	find(f);
	assert_int_equal(f->facts.text[0].start, TEXT);
	assert_int_equal(f->facts.text[0].end, ETEXT);
	assert_int_equal(f->facts.text[1].start, INIT);
	assert_int_equal(f->facts.text[1].end, EINIT);
	assert_int_equal(f->facts.ret_from_fork, ASM);
	assert_int_equal(f->facts.stack_size, KIB(16));
	/* Without BTF there is no telling which tables these are. */
	assert_int_equal(f->facts.x86_64.orc.kernel.n, 0);
	assert_int_equal(f->facts.x86_64.thread_sp, 0);
}

static void code_may_be_missing(void **state)
{
	struct fixture *f = *state;

	f->n = 2;
	find(f);
	assert_int_equal(f->facts.text[0].start, 0);
	assert_int_equal(f->facts.text[0].end, 0);
	assert_int_equal(f->facts.text[1].end, 0);
	assert_int_equal(f->facts.ret_from_fork, FORK);
}

static void stacks_may_be_larger(void **state)
{
	struct fixture *f = *state;
	uint32_t u64 = synth_btf_int(&f->types, "u64", 8);

	add_struct(f, "thread_union", KIB(32), "stack", u64, 0);
	find(f);
	assert_int_equal(f->facts.stack_size, KIB(32));
}

static void stacks_of_no_size_are_not_believed(void **state)
{
	static const uint32_t sizes[] = { 0, 1, KIB(16) - 1, KIB(17), MIB(2), UINT32_MAX };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		synth_btf_init(&f->types);
		synth_btf_struct(&f->types, "thread_union", 0, sizes[i]);
		find(f);
		assert_int_equal(f->facts.stack_size, KIB(16));
	}
}

static void versions_of_tables_are_told(void **state)
{
	static const char *const flags[] = { "signal", "end" };
	struct fixture *f = *state;

	for (unsigned has = 0; has < 4; has++) {
		synth_btf_init(&f->types);
		add_orc_entry(f, flags + !(has & 1), (has & 1) + (has >> 1), 6);
		find(f);
		assert_int_equal(f->facts.x86_64.orc.kernel.ips, IPS);
		assert_int_equal(f->facts.x86_64.orc.kernel.entries, ENTRIES);
		assert_int_equal(f->facts.x86_64.orc.kernel.n, N);
		assert_int_equal(f->facts.x86_64.orc.has_signal, has & 1);
		assert_int_equal(f->facts.x86_64.orc.has_end, has >> 1);
	}
}

static void tables_of_another_form_are_left_alone(void **state)
{
	struct fixture *f = *state;

	add_orc_entry(f, NULL, 0, 8);
	find(f);
	assert_int_equal(f->facts.x86_64.orc.kernel.n, 0);
	synth_btf_init(&f->types);
	add_orc_entry(f, NULL, 0, 6);
	f->symbols[7].address += 6;
	find(f);
	assert_int_equal(f->facts.x86_64.orc.kernel.n, 0);
	f->symbols[7].address -= 6;
	find(f);
	assert_int_equal(f->facts.x86_64.orc.kernel.n, N);
}

static void frames_of_sleeping_tasks_are_found(void **state)
{
	struct fixture *f = *state;
	uint32_t u64 = synth_btf_int(&f->types, "u64", 8);
	uint32_t thread = add_struct(f, "thread_struct", 64, "sp", u64, 24);

	add_struct(f, "task_struct", 512, "thread", thread, 256);
	synth_btf_struct(&f->types, "inactive_task_frame", 2, 56);
	synth_btf_member(&f->types, "bp", u64, 40 * 8);
	synth_btf_member(&f->types, "ret_addr", u64, 48 * 8);
	find(f);
	assert_int_equal(f->facts.x86_64.thread_sp, 280);
	assert_int_equal(f->facts.x86_64.frame_bp, 40);
	assert_int_equal(f->facts.x86_64.frame_ret, 48);
	assert_int_equal(f->facts.x86_64.frame_size, 56);
}

/* struct pt_regs with the record at byte 304, which is an array up to 6.12. */
static void add_arm64(struct fixture *f, bool meta)
{
	uint32_t u64, context, thread, record;

	synth_btf_init(&f->types);
	u64 = synth_btf_int(&f->types, "u64", 8);
	record = meta ? add_struct(f, "frame_record_meta", 24, "type", u64, 16)
	              : synth_btf_array(&f->types, u64, 2);
	add_struct(f, "pt_regs", 336, "stackframe", record, 304);
	context = synth_btf_struct(&f->types, "cpu_context", 3, 104);
	synth_btf_member(&f->types, "fp", u64, 80 * 8);
	synth_btf_member(&f->types, "sp", u64, 88 * 8);
	synth_btf_member(&f->types, "pc", u64, 96 * 8);
	thread = add_struct(f, "thread_struct", 128, "cpu_context", context, 0);
	add_struct(f, "task_struct", 512, "thread", thread, 256);
}

static void facts_of_arm64_are_found(void **state)
{
	struct fixture *f = *state;

	f->arch.elf_machine = EM_AARCH64;
	synth_key(&f->m.info, "NUMBER(KERNELPACMASK)=0x7f000000000000");
	for (unsigned meta = 0; meta < 2; meta++) {
		add_arm64(f, meta);
		find(f);
		assert_int_equal(f->facts.arm64.thread_fp, 336);
		assert_int_equal(f->facts.arm64.thread_sp, 344);
		assert_int_equal(f->facts.arm64.thread_pc, 352);
		assert_int_equal(f->facts.arm64.stackframe, 304);
		assert_int_equal(f->facts.arm64.meta, meta);
		assert_int_equal(f->facts.arm64.pac_mask, UINT64_C(0x7f000000000000));
		assert_int_equal(f->facts.x86_64.orc.kernel.n, 0);
	}
}

static void facts_of_riscv64_are_found(void **state)
{
	struct fixture *f = *state;
	uint32_t u64 = synth_btf_int(&f->types, "u64", 8);
	uint32_t saved = synth_btf_array(&f->types, u64, 12), thread;

	f->arch.elf_machine = EM_RISCV;
	f->symbols[1].name = "handle_exception";
	f->symbols[2].name = "ret_from_fork_user_asm";
	thread = synth_btf_struct(&f->types, "thread_struct", 3, 128);
	synth_btf_member(&f->types, "ra", u64, 0);
	synth_btf_member(&f->types, "sp", u64, 8 * 8);
	synth_btf_member(&f->types, "s", saved, 16 * 8);
	add_struct(f, "task_struct", 4096, "thread", thread, 2048);
	find(f);
	assert_int_equal(f->facts.riscv64.thread_ra, 2048);
	assert_int_equal(f->facts.riscv64.thread_sp, 2056);
	assert_int_equal(f->facts.riscv64.thread_s0, 2064);
	assert_int_equal(f->facts.riscv64.regs_size, 288);
	/* On the stack it is rounded up. */
	add_struct(f, "pt_regs", 296, "epc", u64, 0);
	find(f);
	assert_int_equal(f->facts.riscv64.regs_size, 304);
	assert_int_equal(f->facts.riscv64.begins[1], ASM);
	assert_int_equal(f->facts.riscv64.entry.start, FORK);
	assert_int_equal(f->facts.riscv64.entry.end, ASM);
}

static void kernel_may_tell_nothing(void **state)
{
	struct fixture *f = *state;

	f->silent = true;
	for (unsigned i = 0; i < 2; i++) {
		f->arch.elf_machine = i ? EM_AARCH64 : 0;
		add_arm64(f, true);
		find(f);
		assert_int_equal(f->facts.text[0].end, 0);
		assert_int_equal(f->facts.text[1].end, 0);
		assert_int_equal(f->facts.stack_size, KIB(16));
		assert_int_equal(f->facts.ret_from_fork, 0);
		assert_int_equal(f->facts.x86_64.orc.kernel.n, 0);
		assert_int_equal(f->facts.x86_64.thread_sp, 0);
		assert_int_equal(f->facts.arm64.thread_pc, 0);
	}
}

/* Types as those of Linux 6.1. */
static void add_tracers(struct fixture *f)
{
	uint32_t u64 = synth_btf_int(&f->types, "u64", 8), u32, list;

	u32 = synth_btf_int(&f->types, "int", 4);
	list = add_struct(f, "llist_head", 8, "first", u64, 0);
	synth_btf_struct(&f->types, "task_struct", 3, 256);
	synth_btf_member(&f->types, "curr_ret_stack", u32, 64 * 8);
	synth_btf_member(&f->types, "ret_stack", u64, 72 * 8);
	synth_btf_member(&f->types, "rethooks", list, 80 * 8);
	synth_btf_struct(&f->types, "ftrace_ret_stack", 3, 32);
	synth_btf_member(&f->types, "ret", u64, 0);
	synth_btf_member(&f->types, "func", u64, 8 * 8);
	synth_btf_member(&f->types, "retp", u64, 24 * 8);
	list = add_struct(f, "llist_node", 8, "next", u64, 0);
	synth_btf_struct(&f->types, "rethook_node", 3, 48);
	synth_btf_member(&f->types, "llist", list, 16 * 8);
	synth_btf_member(&f->types, "ret_addr", u64, 32 * 8);
	synth_btf_member(&f->types, "frame", u64, 40 * 8);
}

static void returns_that_tracers_replace_are_found(void **state)
{
	struct fixture *f = *state;

	add_tracers(f);
	add_symbol(f, "arch_rethook_trampoline", EINIT + 16);
	add_symbol(f, "return_to_handler", EINIT + 32);
	find(f);
	assert_memory_equal(&f->facts.returns[0],
	                    (&(struct unwind_returns){ .trampoline = EINIT + 32,
	                                               .size = 32,
	                                               .head = 72,
	                                               .used = 64,
	                                               .frame = { 24, 24 } }),
	                    sizeof(struct unwind_returns));
	assert_memory_equal(&f->facts.returns[1],
	                    (&(struct unwind_returns){ .trampoline = EINIT + 16,
	                                               .size = 48,
	                                               .head = 80,
	                                               .ret = 32,
	                                               .frame = { 40, 40 },
	                                               .next = 16 }),
	                    sizeof(struct unwind_returns));
	assert_int_equal(f->facts.returns[2].trampoline, 0);
	/* Without these types only the trampolines are known. */
	synth_btf_init(&f->types);
	synth_btf_int(&f->types, "u64", 8);
	find(f);
	assert_int_equal(f->facts.returns[1].trampoline, EINIT + 16);
	assert_int_equal(f->facts.returns[1].size, 0);
}

/* Since 6.11 it counts words. */
static void counts_of_returns_are_told(void **state)
{
	struct fixture *f = *state;

	add_tracers(f);
	add_symbol(f, "return_to_handler", EINIT + 16);
	add_symbol(f, "fgraph_reserve_data", EINIT + 32);
	find(f);
	assert_int_equal(f->facts.returns[0].used, 64);
	assert_true(f->facts.returns[0].words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(code_is_found),
		TEST(returns_that_tracers_replace_are_found),
		TEST(counts_of_returns_are_told),
		TEST(code_may_be_missing),
		TEST(stacks_may_be_larger),
		TEST(stacks_of_no_size_are_not_believed),
		TEST(versions_of_tables_are_told),
		TEST(tables_of_another_form_are_left_alone),
		TEST(frames_of_sleeping_tasks_are_found),
		TEST(facts_of_arm64_are_found),
		TEST(facts_of_riscv64_are_found),
		TEST(kernel_may_tell_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
