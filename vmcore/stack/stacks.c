// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stacks.c - stacks for interrupts and exceptions, see stacks.h.
 *
 * On x86_64 (arch/x86/kernel/dumpstack_64.c, Linux 6.12) hardirq_stack_ptr points to the upper end
 * of a CPU's stack for interrupts; from 6.2 to 6.14 it is a member of pcpu_hot. Since 5.2
 * cea_exception_stacks points to a structure of stacks for some exceptions. On arm64
 * (arch/arm64/kernel/irq.c) irq_stack_ptr points to the lower end of the stack for interrupts.
 */
#include "vmcore/stack/stacks.h"

#include <errno.h>

#include "vmcore/view/ktype.h"

/* Stacks end with a page. */
#define PAGE UINT64_C(4096)

/* A kind of stack. */
static const struct row {
	const char *name;
	const char *variable;  /* a per-CPU variable */
	const char *structure; /* NULL: the variable is the pointer to the stack */
	const char *member;    /* the stack, or with @holds the pointer to it */
	bool holds;            /* the variable is the structure; else it points to the structure */
	bool end;              /* the pointer is to the upper end */
} rows[] = {
	{ "IRQ", "hardirq_stack_ptr", .end = true },
	{ "IRQ", "pcpu_hot", "pcpu_hot", "hardirq_stack_ptr", .holds = true, .end = true },
	{ "NMI", "cea_exception_stacks", "cea_exception_stacks", "NMI_stack" },
	{ "#DF", "cea_exception_stacks", "cea_exception_stacks", "DF_stack" },
	{ "#DB", "cea_exception_stacks", "cea_exception_stacks", "DB_stack" },
	{ "#MC", "cea_exception_stacks", "cea_exception_stacks", "MCE_stack" },
	{ "#VC", "cea_exception_stacks", "cea_exception_stacks", "VC_stack" },
	{ "#VC2", "cea_exception_stacks", "cea_exception_stacks", "VC2_stack" },
	{ "IRQ", "irq_stack_ptr" },
};
#define N_ROWS ARRAY_SIZE(rows)

struct range {
	uint64_t start, end; /* both 0: there is none */
};

struct stacks {
	uint64_t n_cpus;
	struct range ranges[][N_ROWS];
};

static void find_range(const struct kview *v, const struct row *row, const struct ktype *type,
                       uint64_t variable, uint64_t size, struct range *ret)
{
	uint64_t at;

	if (row->holds)
		variable += type->members[0].offset;
	if (kspace_u64(v->ks, variable, &at) < 0 || at == 0)
		return;
	if (row->structure && !row->holds) {
		at += type->members[0].offset;
		size = type->members[0].size;
	} else if (row->end) {
		at = ALIGN_UP(at, PAGE) - size;
	}
	*ret = (struct range){ at, at + size };
}

int stacks_open(const struct kview *v, uint64_t size, struct stacks **ret)
{
	uint64_t n = v->no_cpus[0] ? 0 : v->possible.bits, variable;
	struct stacks *s = calloc(1, sizeof(*s) + n * sizeof(s->ranges[0]));

	if (!s)
		return -ENOMEM;
	s->n_cpus = n;
	for (size_t i = 0; i < N_ROWS; i++) {
		struct ktype type = {};

		if (kview_address(v, rows[i].variable, &variable) < 0 ||
		    (rows[i].structure &&
		     ktype_find(v->types, rows[i].structure, &rows[i].member, 1, &type) < 0))
			continue;
		for (uint64_t cpu = bitmap_next_set(&v->possible, 0); cpu < n;
		     cpu = bitmap_next_set(&v->possible, cpu + 1))
			find_range(v, &rows[i], &type, kview_on_cpu(v, variable, cpu), size,
			           &s->ranges[cpu][i]);
	}
	*ret = s;
	return 0;
}

struct stacks *stacks_free(struct stacks *s)
{
	free(s);
	return NULL;
}

const char *stacks_name(const struct stacks *s, unsigned cpu, uint64_t sp)
{
	if (cpu >= s->n_cpus)
		return NULL;
	/* If a stack is empty, the stack pointer is its end. */
	for (size_t i = 0; i < N_ROWS; i++)
		if (sp > s->ranges[cpu][i].start && sp <= s->ranges[cpu][i].end)
			return rows[i].name;
	return NULL;
}
