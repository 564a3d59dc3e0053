// SPDX-License-Identifier: GPL-2.0-or-later
/* unwindbox.c - a machine with stacks, see unwindbox.h. */
#include "tests/unit/unwindbox.h"

#define ORC         (SYNTH_IMAGE_VA + 0x10000)
#define MODULE_ORC  (SYNTH_IMAGE_VA + 0x30000)
#define MODULE_SIZE KIB(64)

int unwindbox_setup(void **state)
{
	struct unwindbox *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	synth_init(&b->m, NULL);
	for (unsigned i = 0; i < UNWINDBOX_STACKS; i++)
		synth_map(&b->m, UNWINDBOX_STACK(i),
		          SYNTH_TEST_PFN * UNWINDBOX_PAGE + i * UNWINDBOX_STACK_SIZE,
		          UNWINDBOX_STACK_SIZE, UNWINDBOX_PAGE);
	b->orc = (struct synth_orc){ .machine = &b->m,
		                     .version = 3,
		                     .table = { .ips = ORC, .entries = ORC + 0x10000 } };
	b->module_orc = (struct synth_orc){ .machine = &b->m,
		                            .version = 3,
		                            .table = { .ips = MODULE_ORC,
		                                       .entries = MODULE_ORC + 0x10000 } };
	b->facts = (struct unwind_facts){
		.text = { { UNWINDBOX_TEXT, UNWINDBOX_TEXT_END },
		          { UNWINDBOX_INIT, UNWINDBOX_INIT_END } },
		.stack_size = UNWINDBOX_STACK_SIZE,
	};
	unwindbox_on(b, 0);
	*state = b;
	return 0;
}

static void shut(struct unwindbox *b)
{
	b->unwind = unwind_free(b->unwind);
	b->ks = kspace_free(b->ks);
	b->dump = dump_free(b->dump);
}

int unwindbox_teardown(void **state)
{
	struct unwindbox *b = *state;

	shut(b);
	synth_done(&b->m);
	free(b);
	return 0;
}

void unwindbox_open(struct unwindbox *b)
{
	uint16_t elf_machine = b->arch.elf_machine;

	shut(b);
	b->module = (struct module){
		.name = "synth",
		.ranges = { { UNWINDBOX_MODULE, UNWINDBOX_MODULE + MODULE_SIZE, true },
		            { UNWINDBOX_DATA, UNWINDBOX_DATA + MODULE_SIZE, false } },
		.n_ranges = 2,
		.orc_ips = b->module_orc.table.ips,
		.orc_entries = b->module_orc.table.entries,
		.n_orcs = b->module_orc.table.n,
	};
	b->modules.modules = &b->module;
	b->modules.n = 1;
	b->facts.x86_64.orc = synth_orc_facts(&b->orc);
	b->dump = synth_dump(&b->m);
	b->ks = synth_kspace(b->dump);
	b->arch = *b->ks->tables.arch;
	if (elf_machine)
		b->arch.elf_machine = elf_machine;
	b->ks->tables.arch = &b->arch;
	b->ks->tables.no_exec = b->no_exec;
	assert_int_equal(unwind_open(b->ks, &b->facts, &b->modules, &b->unwind), 0);
}

uint64_t unwindbox_ip(unsigned i)
{
	return UNWINDBOX_TEXT + 64 * i + 20;
}

void unwindbox_put(struct unwindbox *b, uint64_t va, uint64_t value)
{
	uint8_t bytes[8];

	synth_put(bytes, value, sizeof(bytes), false);
	synth_store(&b->m, va, bytes, sizeof(bytes));
}

void unwindbox_on(struct unwindbox *b, unsigned i)
{
	b->stack = UNWINDBOX_STACK(i) + UNWINDBOX_STACK_SIZE;
}

uint64_t unwindbox_push(struct unwindbox *b, uint64_t value)
{
	b->stack -= 8;
	unwindbox_put(b, b->stack, value);
	return b->stack;
}

void unwindbox_junk(struct unwindbox *b, unsigned n)
{
	while (n-- > 0)
		unwindbox_push(b, UNWINDBOX_JUNK);
}

static const char *frame_is(const struct frame *f)
{
	if (!f->sure)
		return f->exact || f->interrupted ? "nonsense" : "unsure";
	if (f->interrupted)
		return f->exact ? "interrupted" : "interrupted, but not exact";
	return f->exact ? "exact" : "call";
}

void unwindbox_check(const struct unwindbox *b, enum trace_end end, const char *reason,
                     const struct unwindbox_frame *frames, size_t n)
{
	const struct trace *t = &b->trace;

	for (size_t i = 0; i < MIN(n, t->n); i++) {
		if (t->frames[i].ip != frames[i].ip ||
		    !streq(frame_is(&t->frames[i]), frames[i].is))
			print_error("frame %zu\n", i);
		assert_int_equal(t->frames[i].ip, frames[i].ip);
		assert_string_equal(frame_is(&t->frames[i]), frames[i].is);
	}
	assert_int_equal(t->n, n);
	assert_int_equal(t->end, end);
	if (!strstr(t->reason, reason) || (!reason[0] && t->reason[0]))
		fail_msg("the reason is \"%s\", expected \"%s\" in it", t->reason, reason);
}
