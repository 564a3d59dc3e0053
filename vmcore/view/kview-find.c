// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kview-find.c - variables of a kernel without symbols of its data, see kview.h.
 *
 * The kernel exports much, but not these, so they are known by what they hold:
 *
 *	runqueues	For each CPU a struct rq, which has the number of the CPU and its idle task.
 *			That of the first CPU is init_task. They lie in the area of the CPU's
 *			variables, as does kstat, which is exported.
 *	modules		A list of struct module. Each has, in mkobj, the address of itself.
 *	slab_caches	A list of struct kmem_cache, each with a name and a size.
 *
 * A list head in the image leads to the first and the last node, which lead back to it.
 */
#include <ctype.h>
#include <endian.h>
#include <errno.h>

#include "base/err.h"
#include "vmcore/kernel/image-search.h"
#include "vmcore/view/kcopy.h"
#include "vmcore/view/kview.h"

/* How far apart variables of a CPU can be; Linux 6.12 has 200 KiB of them. */
#define PERCPU_AREA MIB(1)

/* A larger object is not plausible. */
#define MAX_OBJECT MIB(1)

/* --- Run queues ------------------------------------------------------------------------------ */

enum { RQ_CPU, RQ_IDLE, RQ_MEMBERS };

static const char *const rq_members[RQ_MEMBERS] = { [RQ_CPU] = "cpu", [RQ_IDLE] = "idle" };

enum { TASK_COMM, TASK_MEMBERS };

static const char *const task_members[TASK_MEMBERS] = { [TASK_COMM] = "comm" };

/* True if each CPU has its run queue at the per-CPU address @rqs. */
static bool are_runqueues(const struct kview *v, const struct ktype *rq, const struct ktype *task,
                          uint64_t rqs)
{
	struct kcopy c = {};
	char name[16] = "";
	bool fits = true;

	for (uint64_t nr = bitmap_next_set(&v->possible, 0); fits && nr < v->possible.bits;
	     nr = bitmap_next_set(&v->possible, nr + 1)) {
		uint64_t idle;

		fits = kcopy_read(&c, v->ks, rq, kview_on_cpu(v, rqs, nr)) == 0 &&
		       kcopy_has(&c, RQ_CPU) && kcopy_u64(&c, RQ_CPU) == nr;
		idle = kcopy_u64(&c, RQ_IDLE);
		/* A CPU that never was online has no idle task. */
		if (fits && idle)
			fits = kcopy_read(&c, v->ks, task, idle) == 0 &&
			       strncmp(kcopy_string(&c, TASK_COMM, name, sizeof(name)), "swapper",
			               strlen("swapper")) == 0;
	}
	kcopy_done(&c);
	return fits;
}

static void find_runqueues(struct kview *v)
{
	uint64_t near, init, page = dump_page_size(v->ks->dump), first;
	_cleanup_free_ uint64_t *words = malloc(page);
	struct ktype rq, task;

	first = bitmap_next_set(&v->possible, 0);
	if (!words || first >= v->possible.bits || kview_address(v, "kstat", &near) < 0 ||
	    kview_address(v, "init_task", &init) < 0 ||
	    ktype_find(v->types, "rq", rq_members, RQ_MEMBERS, &rq) < 0 ||
	    ktype_find(v->types, "task_struct", task_members, TASK_MEMBERS, &task) < 0)
		return;
	near = ALIGN_DOWN(kview_on_cpu(v, near, first), page);
	for (uint64_t va = near - PERCPU_AREA; va < near + PERCPU_AREA; va += page) {
		if (kspace_read(v->ks, va, words, page) < 0)
			continue;
		for (uint64_t i = 0; i < page / 8; i++) {
			uint64_t rqs =
				ktype_around(&rq, RQ_IDLE, va + 8 * i) - kview_on_cpu(v, 0, first);

			if (le64toh(words[i]) == init && are_runqueues(v, &rq, &task, rqs)) {
				v->found[KVIEW_RUNQUEUES] = rqs;
				return;
			}
		}
	}
}

/* --- Lists ----------------------------------------------------------------------------------- */

enum { MODULE_LIST, MODULE_SELF, MODULE_MEMBERS };

static const char *const module_members[MODULE_MEMBERS] = {
	[MODULE_LIST] = "list", [MODULE_SELF] = "mkobj.mod"
};

static bool is_module(const struct kview *v, const struct kcopy *c)
{
	return kcopy_u64(c, MODULE_SELF) == c->address;
}

enum { CACHE_LIST, CACHE_NAME, CACHE_SIZE, CACHE_OBJECT_SIZE, CACHE_MEMBERS };

static const char *const cache_members[CACHE_MEMBERS] = {
	[CACHE_LIST] = "list",
	[CACHE_NAME] = "name",
	[CACHE_SIZE] = "size",
	[CACHE_OBJECT_SIZE] = "object_size",
};

static bool is_cache(const struct kview *v, const struct kcopy *c)
{
	uint64_t size = kcopy_u64(c, CACHE_SIZE), object = kcopy_u64(c, CACHE_OBJECT_SIZE);
	char name[32];

	if (object == 0 || object > size || size > MAX_OBJECT ||
	    kview_string(v, kcopy_u64(c, CACHE_NAME), name, sizeof(name)) < 0 || strlen(name) < 2)
		return false;
	for (const char *s = name; *s; s++)
		if (!isprint((unsigned char)*s))
			return false;
	return true;
}

/* The first member is the list. */
static const struct list_kind {
	const char *structure;
	const char *const *members;
	unsigned n;
	unsigned found;
	bool (*is)(const struct kview *v, const struct kcopy *c);
} kinds[] = {
	{ "module", module_members, MODULE_MEMBERS, KVIEW_MODULES, is_module },
	{ "kmem_cache", cache_members, CACHE_MEMBERS, KVIEW_SLAB_CACHES, is_cache },
};

struct search {
	struct kview *v;
	struct ktype types[ARRAY_SIZE(kinds)]; /* n 0: there is none */
	struct kcopy copy;
	unsigned left; /* to be found */
};

/* True if the nodes @next and @prev lead back to @head. */
static bool is_head(struct kspace *ks, uint64_t head, uint64_t next, uint64_t prev)
{
	uint64_t from_next, from_prev;

	return kspace_u64(ks, next + 8, &from_next) == 0 && from_next == head &&
	       kspace_u64(ks, prev, &from_prev) == 0 && from_prev == head;
}

static void look_at_head(struct search *s, uint64_t head, uint64_t next, uint64_t prev)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const struct ktype *t = &s->types[i];
		uint64_t *found = &s->v->found[kinds[i].found];

		if (t->n == 0 || *found ||
		    kcopy_read(&s->copy, s->v->ks, t, ktype_around(t, 0, next)) < 0 ||
		    !kinds[i].is(s->v, &s->copy) ||
		    kcopy_read(&s->copy, s->v->ks, t, ktype_around(t, 0, prev)) < 0 ||
		    !kinds[i].is(s->v, &s->copy))
			continue;
		*found = head;
		s->left--;
	}
}

/* An image_look_fn. */
static int look(void *arg, uint64_t va, const uint8_t *bytes, size_t len)
{
	struct search *s = arg;

	for (size_t at = 0; at + 16 <= len; at += 8) {
		uint64_t words[2], next, prev;

		memcpy(words, bytes + at, sizeof(words));
		next = le64toh(words[0]);
		prev = le64toh(words[1]);
		/* The kernel's addresses are the highest ones; an empty list leads to itself. */
		if (next % 8 || prev % 8 || next >> 52 != 0xfff || prev >> 52 != 0xfff ||
		    next == va + at)
			continue;
		if (is_head(s->v->ks, va + at, next, prev))
			look_at_head(s, va + at, next, prev);
	}
	return s->left == 0;
}

static void find_lists(struct kview *v)
{
	struct search s = { .v = v };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (ktype_find(v->types, kinds[i].structure, kinds[i].members, kinds[i].n,
		               &s.types[i]) == 0)
			s.left++;
		else
			s.types[i].n = 0;
	if (s.left > 0)
		image_search(v->ks, 8, look, &s);
	kcopy_done(&s.copy);
}

/* --- All ------------------------------------------------------------------------------------- */

void kview_find(struct kview *v)
{
	if (!v->types)
		return;
	find_runqueues(v);
	find_lists(v);
}

bool kview_found(const struct kview *v, const char *symbol, uint64_t *ret)
{
	static const char *const names[KVIEW_FOUND] = {
		[KVIEW_RUNQUEUES] = "runqueues",
		[KVIEW_MODULES] = "modules",
		[KVIEW_SLAB_CACHES] = "slab_caches",
	};

	for (size_t i = 0; i < KVIEW_FOUND; i++)
		if (v->found[i] && streq(names[i], symbol)) {
			*ret = v->found[i];
			return true;
		}
	return false;
}
