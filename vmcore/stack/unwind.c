// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * unwind.c - the part of unwinding that all architectures share, see unwind.h.
 *
 * A stack may be broken, so each frame must lie above the one before it, unless an interrupt or
 * exception has switched to another stack. A trace has a few switches at most. So every trace ends.
 */
#include "vmcore/stack/unwind-kind.h"

#include <errno.h>
#include <stdio.h>

#include "base/cursor.h"
#include "base/err.h"

/* Limit of switches to another stack; real traces have three or four. */
#define MAX_SWITCHES 16

/* A larger stack is not plausible. */
#define MAX_STACK MIB(1)

static const struct unwind_kind *const kinds[] = { &unwind_x86_64, &unwind_arm64, &unwind_riscv64 };

static const struct unwind_kind *unwind_kind(const struct kspace *ks)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i]->elf_machine == ks->tables.arch->elf_machine)
			return kinds[i];
	return NULL;
}

/* The range between two symbols; empty when one of these is not known. */
static struct unwind_range find_range(const struct kview *v, const char *start, const char *end)
{
	struct unwind_range range;

	if (kview_address(v, start, &range.start) < 0 || kview_address(v, end, &range.end) < 0)
		return (struct unwind_range){};
	return range;
}

void unwind_find_facts(const struct kview *v, struct unwind_facts *ret)
{
	const struct unwind_kind *kind = unwind_kind(v->ks);
	struct unwind_facts f = {
		.text = { find_range(v, "_stext", "_etext"),
		          find_range(v, "_sinittext", "_einittext"),
		          find_range(v, "_start", "_stext") },
		.stack_size = v->ks->tables.arch->stack_size,
	};
	uint64_t size;

	/* x86_64 has ret_from_fork up to 6.4, other architectures have it still. */
	if (kview_address(v, "ret_from_fork_asm", &f.ret_from_fork) < 0)
		kview_address(v, "ret_from_fork", &f.ret_from_fork);
	/* KASAN needs larger stacks. */
	if (v->types && btf_size(v->types, "thread_union", &size) == 0 && size >= f.stack_size &&
	    size <= MAX_STACK && (size & (size - 1)) == 0)
		f.stack_size = size;
	returns_find(v, f.returns);
	if (kind)
		kind->find_facts(v, &f);
	*ret = f;
}

int unwind_open(struct kspace *ks, const struct unwind_facts *facts, const struct modlist *modules,
                struct unwind **ret)
{
	_cleanup_(unwind_freep) struct unwind *u = NULL;
	const struct unwind_kind *kind = unwind_kind(ks);

	if (!kind)
		return errf(-ENODATA, "stacks of %s cannot be unwound", ks->tables.arch->machine);
	u = calloc(1, sizeof(*u));
	if (!u)
		return -ENOMEM;
	u->ks = ks;
	u->kind = kind;
	u->facts = *facts;
	u->modules = modules;
	if (facts->x86_64.orc.kernel.n > 0 && orc_open(ks, &facts->x86_64.orc, &u->orc) == -ENOMEM)
		return -ENOMEM;
	*ret = TAKE_PTR(u);
	return 0;
}

struct unwind *unwind_free(struct unwind *u)
{
	if (!u)
		return NULL;
	orc_free(u->orc);
	free(u);
	return NULL;
}

uint64_t unwind_stack_size(const struct unwind *u)
{
	return u->facts.stack_size;
}

/* BPF programs and trampolines are code outside of image and modules. */
static bool is_generated(const struct unwind *u, uint64_t address)
{
	const struct pagetable *pt = &u->ks->tables;
	struct leaf leaf;

	if (!pt->no_exec)
		return address >= pt->modules_va && address < pt->modules_end;
	return kspace_leaf(u->ks, address, &leaf) == 0 && !(leaf.entry & pt->no_exec);
}

enum code unwind_code(const struct unwind *u, uint64_t address, struct orc_table *ret)
{
	const struct module *m;

	for (size_t i = 0; i < ARRAY_SIZE(u->facts.text); i++)
		if (address >= u->facts.text[i].start && address < u->facts.text[i].end)
			return CODE_KERNEL;
	m = u->modules ? modlist_find(u->modules, address) : NULL;
	if (!m)
		return is_generated(u, address) ? CODE_GENERATED : CODE_NONE;
	if (!module_range_of(m, address)->code)
		return CODE_NONE;
	if (ret)
		*ret = (struct orc_table){ .ips = m->orc_ips,
			                   .entries = m->orc_entries,
			                   .n = m->n_orcs };
	return CODE_MODULE;
}

int walk_read(struct walk *w, uint64_t va, uint64_t *ret)
{
	uint64_t page = ALIGN_DOWN(va, dump_page_size(w->u->ks->dump));
	const char *why;
	int r;

	if (va % sizeof(uint64_t))
		return errf(-EBADMSG, "the stack leads to %#llx, which is not aligned",
		            (unsigned long long)va);
	r = kspace_u64(w->u->ks, va, ret);
	if (r == 0)
		return 0;
	why = r == -EFAULT    ? "is not mapped"
	      : r == -ENODATA ? "is not in the dump"
	      : r == -ENXIO   ? "is not in RAM"
	                      : "cannot be read";
	return errf(-EIO, "the stack's page at %#llx %s", (unsigned long long)page, why);
}

bool walk_is_up(const struct walk *w, uint64_t sp)
{
	return sp > w->sp && sp - w->sp <= w->u->facts.stack_size;
}

int walk_moved(const struct walk *w, struct walk *next)
{
	if (walk_is_up(w, next->sp))
		return 0;
	if (w->switches == MAX_SWITCHES)
		return errf(-EBADMSG, "the stack changes again and again, the last time to %#llx",
		            (unsigned long long)next->sp);
	next->switches = w->switches + 1;
	return 0;
}

int walk_next(struct walk *w, uint64_t leaf, int (*step)(struct walk *w))
{
	struct walk next = *w;
	int r;

	if (leaf) {
		w->ip = leaf;
		w->exact = w->interrupted = false;
		return 1;
	}
	r = step(&next);
	if (r <= 0 || (r = walk_moved(w, &next)) < 0)
		return r;
	*w = next;
	return 1;
}

static bool walk_add(struct walk *w, struct frame frame)
{
	struct trace *t = w->trace;

	if (t->n == TRACE_MAX)
		return false;
	t->frames[t->n++] = frame;
	return true;
}

static void walk_end(struct walk *w, enum trace_end end, const char *reason)
{
	w->trace->end = end;
	snprintf(w->trace->reason, sizeof(w->trace->reason), "%s", reason);
}

/* Adds all that looks like a return address, up to the end of the stack or what is unreadable. */
static void walk_scan(struct walk *w)
{
	uint64_t size = w->u->facts.stack_size, end = ALIGN_DOWN(w->sp, size) + size, word;

	for (uint64_t at = ALIGN_UP(w->sp, sizeof(word)); at < end; at += sizeof(word)) {
		enum code code;

		if (walk_read(w, at, &word) < 0)
			return;
		word = returns_real(w, word, at, at);
		code = unwind_code(w->u, word - 1, NULL);
		if ((code == CODE_KERNEL || code == CODE_MODULE) &&
		    !walk_add(w, (struct frame){ .ip = word, .sp = at + sizeof(word) }))
			return;
	}
}

static void walk_run(struct walk *w)
{
	int r;

	do {
		if (w->user) {
			w->trace->user_regs = w->regs_at;
			walk_end(w, TRACE_USER, "");
			return;
		}
		if (!walk_add(w, (struct frame){ .ip = w->ip,
		                                 .sp = w->sp,
		                                 .exact = w->exact,
		                                 .interrupted = w->interrupted,
		                                 .sure = true,
		                                 .regs = w->interrupted ? w->regs_at : 0 })) {
			walk_end(w, TRACE_BROKEN, "there are more frames");
			return;
		}
		r = w->u->kind->next(w);
	} while (r > 0);
	walk_end(w, r == 0 ? TRACE_KERNEL : TRACE_BROKEN, r == 0 ? "" : err_text(r));
	if (r < 0 && r != -EIO && w->u->kind->scan)
		walk_scan(w);
}

/* Empties the trace and begins a walk for it. */
static struct walk walk_start(struct unwind *u, uint64_t task, struct trace *t)
{
	t->n = 0;
	t->user_regs = 0;
	return (struct walk){ .u = u, .task = task, .trace = t };
}

/* Goes on with the first frame; @r < 0: there is none. */
static void walk_from(struct walk *w, int r)
{
	if (r < 0)
		walk_end(w, TRACE_BROKEN, err_text(r));
	else
		walk_run(w);
}

void unwind_task(struct unwind *u, uint64_t task, struct trace *ret)
{
	struct walk w = walk_start(u, task, ret);

	walk_from(&w, u->kind->start_task(&w, task));
}

void unwind_prstatus(struct unwind *u, uint64_t task, const uint8_t *desc, size_t len,
                     struct trace *ret)
{
	struct walk w = walk_start(u, task, ret);
	struct cursor c = cursor_over(desc, len, "registers");
	int r = cursor_seek(&c, UNWIND_PRSTATUS_REGS);

	for (unsigned i = 0; r >= 0 && i < u->kind->n_regs; i++)
		r = cursor_u64(&c, &w.regs[i]);
	walk_from(&w, r < 0 ? r : u->kind->start_regs(&w));
}

void unwind_regs(struct unwind *u, uint64_t regs, struct trace *ret)
{
	struct walk w = walk_start(u, 0, ret);
	int r = 0;

	w.regs_at = regs;
	for (unsigned i = 0; r >= 0 && i < u->kind->n_regs; i++)
		r = walk_read(&w, regs + i * sizeof(regs), &w.regs[i]);
	walk_from(&w, r < 0 ? r : u->kind->start_regs(&w));
}
