// SPDX-License-Identifier: GPL-2.0-or-later
/* survey.c - the memory that readers of a dump cannot do without, see survey.h. */
#include "vmcore/filter/survey.h"

#include <endian.h>
#include <errno.h>
#include <limits.h>

#include "base/clock.h"
#include "base/err.h"
#include "vmcore/format/notes.h"
#include "vmcore/kernel/dmesg.h"
#include "vmcore/filter/freed.h"
#include "vmcore/filter/memmap.h"

/* Tables for memory that is all mapped by single pages, twice, are a 256th of it; more than this
 * means that something else was taken for tables. */
#define TABLES_FRACTION 64
#define TABLES_MIN      4096

/* The highest process id there can be (PID_MAX_LIMIT in include/linux/threads.h). */
#define MAX_TASKS (1U << 22)

/* Tests of the clock are this many steps apart. */
#define STEPS_PER_LOOK 256

const char *survey_part_name(enum survey_part part)
{
	static const char *const names[SURVEY_PARTS] = {
		[SURVEY_TABLES] = "page tables",    [SURVEY_LOG] = "kernel log",
		[SURVEY_STACKS] = "stacks of CPUs", [SURVEY_TASKS] = "tasks",
		[SURVEY_IMAGE] = "kernel image",    [SURVEY_MODULES] = "modules",
		[SURVEY_MEMMAP] = "memory map",
	};

	return names[part];
}

bool survey_is_late(struct survey *s)
{
	if (s->deadline > 0 && !s->late && s->steps++ % STEPS_PER_LOOK == 0)
		s->late = clock_seconds() > s->deadline;
	return s->late;
}

static void survey_tell(struct survey *s, enum survey_part part, uint64_t va, uint64_t pa,
                        uint64_t size)
{
	if (size > 0)
		s->pages(s->arg, part, va, pa, size);
}

/* What kspace_read() reads on the way belongs to the part. */
static void survey_touch(void *arg, uint64_t va, uint64_t pa, uint64_t size)
{
	struct survey *s = arg;

	survey_tell(s, s->part, va, pa, size);
}

/* Virtual memory, as far as it is mapped. */
static void survey_range(struct survey *s, uint64_t va, uint64_t size)
{
	uint64_t page = dump_page_size(s->ks->dump);

	while (size > 0 && !survey_is_late(s)) {
		struct leaf leaf;
		uint64_t n;

		if (kspace_leaf(s->ks, va, &leaf) == 0) {
			n = MIN(size, leaf.size - (va - leaf.va));
			survey_tell(s, s->part, va, leaf.pa + (va - leaf.va), n);
		} else {
			n = MIN(size, page - va % page);
		}
		va += n;
		size -= n;
	}
}

/* Tells of a stretch of the image without what the kernel has given back of it. */
static void survey_tell_image(struct survey *s, uint64_t va, uint64_t pa, uint64_t size)
{
	unsigned shift = s->ks->dump->page_shift;
	uint64_t at = pa, end = pa + size, to;
	enum survey_part part = s->part;

	s->part = SURVEY_MEMMAP; /* what is read to find that out */
	for (; s->freed && at < end && !survey_is_late(s); at = to) {
		uint64_t next;
		bool freed = freed_look(s->freed, at >> shift, &next);

		to = MIN(next << shift, end);
		if (freed) {
			survey_tell(s, SURVEY_IMAGE, va, pa, at - pa);
			va += to - pa;
			pa = to;
		}
	}
	s->part = part;
	survey_tell(s, SURVEY_IMAGE, va, pa, end - pa);
}

static void survey_leaf(struct survey *s, uint64_t va, uint64_t pa, uint64_t size)
{
	const struct pagetable *pt = &s->ks->tables;

	/* Where the image has no place of its own, nothing else is so far from its memory. */
	if (va - pt->image_va < pt->image_size || va - pa == pt->image_va - pt->image_pa)
		survey_tell_image(s, va, pa, size);
	else if (va >= pt->modules_va && va < pt->modules_end)
		survey_tell(s, SURVEY_MODULES, va, pa, size);
}

/* The table at @pa, whose first entry stands for @va, and all below it. A table that is used in
 * many places, as KASAN does, is gone through once. */
static void survey_table(struct survey *s, unsigned level, uint64_t pa, uint64_t va)
{
	const struct pagetable *pt = &s->ks->tables;
	unsigned n = pagetable_entries(pt, level), shift = pagetable_shift(pt, level);
	uint64_t size = UINT64_C(8) << pt->index_bits, pfn = pa >> s->ks->dump->page_shift;
	uint64_t limit = TABLES_MIN + s->tables.bits / TABLES_FRACTION;
	uint8_t *entries = s->entries + (level - 1) * size;

	if (bitmap_test(&s->tables, pfn) || survey_is_late(s))
		return;
	survey_tell(s, SURVEY_TABLES, va, pa, size);
	bitmap_set(&s->tables, pfn, pfn + 1);
	if (s->n_tables++ >= limit || reader_read(s->ks->reader, pa, entries, size) < 0) {
		s->broken++;
		return;
	}
	for (unsigned i = level == pt->levels ? pt->kernel_index : 0; i < n; i++) {
		uint64_t entry, to, at = va + ((uint64_t)i << shift);

		memcpy(&entry, entries + i * sizeof(entry), sizeof(entry));
		switch (pt->arch->entry(pt, level, le64toh(entry), at, &to)) {
		case ENTRY_IS_NONE:
			break;
		case ENTRY_IS_TABLE:
			survey_table(s, level - 1, to, at);
			break;
		case ENTRY_IS_LEAF:
			survey_leaf(s, at, to, UINT64_C(1) << shift);
			break;
		}
	}
}

static int survey_tables(struct survey *s)
{
	const struct pagetable *pt = &s->ks->tables;
	int r = dump_bitmap(s->ks->dump, &s->tables);

	if (r < 0)
		return r;
	s->entries = malloc((size_t)pt->levels * 8 << pt->index_bits);
	if (s->entries)
		survey_table(s, pt->levels, pt->root, UINT64_MAX << pt->va_bits);
	else
		r = oom("a page of each level of the page tables");
	bitmap_done(&s->tables);
	free(s->entries);
	return r;
}

/* A dmesg_emit_fn. */
static int survey_drop_text(void *arg, const char *text, size_t len)
{
	struct survey *s = arg;

	return survey_is_late(s) ? -ETIMEDOUT : 0;
}

static int survey_log(struct survey *s)
{
	int r = dmesg_write(s->ks, survey_drop_text, s);

	s->unknown[SURVEY_LOG] = r == -ENODATA;
	s->log_records = MAX(r, 0);
	s->broken += r < 0 && r != -ENODATA && r != -ETIMEDOUT && r != -ENOMEM;
	return r == -ENOMEM ? r : 0;
}

/* From where the stack pointer stood up to where the stack began. */
static int survey_stacks(struct survey *s)
{
	const struct dump *d = s->ks->dump;
	const struct arch *arch = s->ks->tables.arch;
	struct cursor c = cursor_over(d->notes, d->notes_len, "ELF notes");
	struct note note;

	c.swap = d->swap;
	while (notes_next_registers(&c, &note) > 0) {
		uint64_t sp;

		if (arch->stack_pointer(note.desc, note.desc_len, &sp))
			survey_range(s, sp, ALIGN_UP(sp + 1, arch->stack_size) - sp);
	}
	return 0;
}

/* A kernel's own VMCOREINFO does not have them, but a made one may. */
static bool survey_find_tasks(const struct survey *s, struct survey_tasks *ret)
{
	const struct vmcoreinfo *vi = &s->ks->dump->vmcoreinfo;

	*ret = (struct survey_tasks){};
	if (s->tasks && s->tasks->init_task) {
		*ret = *s->tasks;
		return true;
	}
	return vmcoreinfo_get(vi, "SYMBOL", "init_task", &ret->init_task) &&
	       vmcoreinfo_get(vi, "SIZE", "task_struct", &ret->size) && ret->size <= KIB(64) &&
	       vmcoreinfo_get(vi, "OFFSET", "task_struct.tasks", &ret->tasks) &&
	       vmcoreinfo_get(vi, "OFFSET", "task_struct.stack", &ret->stack);
}

static void survey_task(struct survey *s, const struct survey_tasks *t, uint64_t task)
{
	uint64_t stack;

	s->n_tasks++;
	survey_range(s, task, t->size);
	if (kspace_u64(s->ks, task + t->stack, &stack) == 0)
		survey_range(s, stack, s->ks->tables.arch->stack_size);
}

/* A list leads from one list_head to the next and in the end back to the first. Should it lead in
 * another circle, it meets @anchor, which is moved ever less often. */
struct survey_list {
	uint64_t head, node, anchor;
	unsigned n;
};

/* False at the end of the list, or where it is broken. */
static bool survey_next(struct survey *s, struct survey_list *l)
{
	if (survey_is_late(s))
		return false;
	if (kspace_u64(s->ks, l->node, &l->node) < 0 || s->n_tasks >= MAX_TASKS) {
		s->broken++;
		return false;
	}
	if (l->node == l->head)
		return false;
	if (l->node == l->anchor) {
		s->broken++;
		return false;
	}
	l->n++;
	if ((l->n & (l->n - 1)) == 0)
		l->anchor = l->node;
	return true;
}

/* The other threads of a process. */
static void survey_threads(struct survey *s, const struct survey_tasks *t, uint64_t leader)
{
	struct survey_list l = {};
	uint64_t signal;

	if (kspace_u64(s->ks, leader + t->signal, &signal) < 0 || signal == 0)
		return;
	l.head = l.node = l.anchor = signal + t->thread_head;
	while (survey_next(s, &l))
		if (l.node - t->thread_node != leader)
			survey_task(s, t, l.node - t->thread_node);
}

static int survey_tasks(struct survey *s)
{
	struct survey_list l = {};
	struct survey_tasks t;

	if (!survey_find_tasks(s, &t)) {
		s->unknown[SURVEY_TASKS] = true;
		return 0;
	}
	l.head = l.node = l.anchor = t.init_task + t.tasks;
	do {
		survey_task(s, &t, l.node - t.tasks);
		if (t.signal)
			survey_threads(s, &t, l.node - t.tasks);
	} while (survey_next(s, &l));
	return 0;
}

/* Pages of the image are told of by its page tables too, but not all of them need to be mapped. */
static int survey_image(struct survey *s)
{
	const struct dump *d = s->ks->dump;
	const struct pagetable *pt = &s->ks->tables;
	uint64_t pa = d->image.start << d->page_shift;
	struct kspace_uts uts;

	/* By its name a kernel is known again, wherever VMCOREINFO says that this is. */
	kspace_uts(s->ks, &uts);
	survey_tell_image(s, pa - pt->image_pa + pt->image_va, pa,
	                  (d->image.end - d->image.start) << d->page_shift);
	return 0;
}

/* All struct pages of the sections that have RAM, those of holes in them too. @from: sections
 * before it were gone through; returns the first that was not. */
static uint64_t survey_memmap_of(struct survey *s, struct memmap *mm, const struct ram_range *ram,
                                 uint64_t from)
{
	uint64_t end = ((ram->end - 1) >> mm->pfn_shift) + 1, va;

	for (uint64_t nr = MAX(from, ram->start >> mm->pfn_shift); nr < end && !survey_is_late(s);
	     nr++)
		if (memmap_section(mm, nr, &va) > 0)
			survey_range(s, va, mm->struct_page << mm->pfn_shift);
	return end;
}

static int survey_memmap(struct survey *s)
{
	const struct dump *d = s->ks->dump;
	uint64_t from = 0;
	struct memmap mm;

	s->unknown[SURVEY_MEMMAP] = memmap_init(&mm, s->ks) < 0;
	for (size_t i = 0; i < d->n_ram && !s->unknown[SURVEY_MEMMAP]; i++)
		from = survey_memmap_of(s, &mm, &d->ram[i], from);
	return 0;
}

int survey_run(struct survey *s)
{
	/* The tables lead to image and modules as well. */
	static int (*const parts[SURVEY_PARTS])(struct survey * s) = {
		[SURVEY_TABLES] = survey_tables, [SURVEY_LOG] = survey_log,
		[SURVEY_STACKS] = survey_stacks, [SURVEY_TASKS] = survey_tasks,
		[SURVEY_IMAGE] = survey_image,   [SURVEY_MEMMAP] = survey_memmap,
	};
	struct freed freed;
	int r = 0;

	s->parts = s->parts ?: UINT_MAX;
	s->freed = freed_init(&freed, s->ks) == 0 ? &freed : NULL;
	s->ks->touch = survey_touch;
	s->ks->touch_arg = s;
	for (s->part = 0; s->part < SURVEY_PARTS && r == 0; s->part++)
		if (parts[s->part] && s->parts & 1U << s->part)
			r = parts[s->part](s);
	s->ks->touch = NULL;
	s->freed = NULL;
	return r;
}
