// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * modlist.c - the modules that a kernel had loaded, see modlist.h.
 *
 * The list "modules" has a struct module (include/linux/module.h) for each, the newest first. Since
 * Linux 6.4 the memory of a module is described by mem[], a struct module_memory for each kind of
 * content; before, by core_layout and init_layout, in which the code comes first. Memory that only
 * the start needs is freed afterwards, and its size is then 0. A struct mod_kallsyms describes the
 * symbol table. All offsets come from BTF.
 */
#include "vmcore/view/modlist.h"

#include <errno.h>
#include <stdio.h>

#include "base/array.h"
#include "base/err.h"
#include "base/text.h"
#include "vmcore/kernel/list.h"
#include "vmcore/view/kcopy.h"

/* Limits against broken dumps. */
#define MAX_MODULES 8192
#define MAX_STRUCT  KIB(64)   /* bytes of struct module that have members */
#define MAX_PART    KIB(4)    /* bytes of the other structures that have members */
#define MAX_SIZE    MIB(1024) /* of a range */

enum {
	LIST,
	NAME,
	STATE,
	TAINTS,
	VERSION,
	NUM_ORCS,
	ORC_IPS,
	ORC_ENTRIES,
	KALLSYMS,
	MEM,
	CORE_BASE,
	CORE_SIZE,
	CORE_TEXT,
	INIT_BASE,
	INIT_SIZE,
	INIT_TEXT,
	MODULE_MEMBERS,
};

static const char *const module_members[MODULE_MEMBERS] = {
	[LIST] = "list",
	[NAME] = "name",
	[STATE] = "?state",
	[TAINTS] = "?taints",
	[VERSION] = "?version",
	[NUM_ORCS] = "?arch.num_orcs",
	[ORC_IPS] = "?arch.orc_unwind_ip",
	[ORC_ENTRIES] = "?arch.orc_unwind",
	[KALLSYMS] = "?kallsyms",
	[MEM] = "?mem",
	[CORE_BASE] = "?core_layout.base",
	[CORE_SIZE] = "?core_layout.size",
	[CORE_TEXT] = "?core_layout.text_size",
	[INIT_BASE] = "?init_layout.base",
	[INIT_SIZE] = "?init_layout.size",
	[INIT_TEXT] = "?init_layout.text_size",
};

enum { MEM_BASE, MEM_SIZE, MEM_MEMBERS };

static const char *const mem_members[MEM_MEMBERS] = { [MEM_BASE] = "base", [MEM_SIZE] = "size" };

enum { SYMTAB, NUM_SYMTAB, STRTAB, TYPETAB, KALLSYMS_MEMBERS };

static const char *const kallsyms_members[KALLSYMS_MEMBERS] = {
	[SYMTAB] = "symtab",
	[NUM_SYMTAB] = "num_symtab",
	[STRTAB] = "strtab",
	[TYPETAB] = "?typetab",
};

struct reading {
	const struct kview *v;
	struct ktype module, mem, kallsyms; /* n of the last two is 0 when the kernel has none */
	int64_t text, init_text;            /* indices in mem[] */
	struct kcopy copy, part;            /* of a struct module, of one of the others */
};

static void reading_done(struct reading *rd)
{
	kcopy_done(&rd->copy);
	kcopy_done(&rd->part);
}

static int reading_init(struct reading *rd, const struct kview *v)
{
	int r;

	rd->v = v;
	/* As in enum mod_mem_type of Linux 6.4. */
	if (kview_enumerator(v, "mod_mem_type", "MOD_TEXT", &rd->text) < 0)
		rd->text = 0;
	if (kview_enumerator(v, "mod_mem_type", "MOD_INIT_TEXT", &rd->init_text) < 0)
		rd->init_text = 4;
	if (ktype_find(v->types, "module_memory", mem_members, MEM_MEMBERS, &rd->mem) < 0 ||
	    rd->mem.end > MAX_PART)
		rd->mem.n = 0;
	if (ktype_find(v->types, "mod_kallsyms", kallsyms_members, KALLSYMS_MEMBERS,
	               &rd->kallsyms) < 0 ||
	    rd->kallsyms.end > MAX_PART)
		rd->kallsyms.n = 0;
	r = ktype_find(v->types, "module", module_members, MODULE_MEMBERS, &rd->module);
	if (r < 0)
		return r;
	if (rd->module.end > MAX_STRUCT)
		return errf(-EBADMSG, "the kernel's types: a struct module of %llu bytes cannot be",
		            (unsigned long long)rd->module.end);
	return 0;
}

static void add_range(struct module *m, uint64_t start, uint64_t size, bool code)
{
	if (start == 0 || size == 0 || size > MAX_SIZE || start > UINT64_MAX - size ||
	    m->n_ranges >= MODULE_RANGES)
		return;
	m->ranges[m->n_ranges++] = (struct module_range){ start, start + size, code };
	m->size += size;
}

static void read_mem(struct reading *rd, struct module *m)
{
	uint64_t count = MIN(rd->module.members[MEM].count, MODULE_RANGES);

	for (uint64_t i = 0; i < count && rd->mem.n > 0; i++)
		if (kcopy_read(&rd->part, rd->v->ks, &rd->mem,
		               kcopy_at(&rd->copy, MEM) + i * rd->mem.size) == 0)
			add_range(m, kcopy_u64(&rd->part, MEM_BASE), kcopy_u64(&rd->part, MEM_SIZE),
			          (int64_t)i == rd->text || (int64_t)i == rd->init_text);
}

static void read_layout(struct reading *rd, struct module *m, unsigned base, unsigned size,
                        unsigned text)
{
	uint64_t start = kcopy_u64(&rd->copy, base), all = kcopy_u64(&rd->copy, size);
	uint64_t code = MIN(kcopy_u64(&rd->copy, text), all);

	add_range(m, start, code, true);
	add_range(m, start + code, all - code, false);
}

static void read_symbols(struct reading *rd, struct module *m)
{
	uint64_t address = kcopy_u64(&rd->copy, KALLSYMS);

	if (address == 0 || rd->kallsyms.n == 0 ||
	    kcopy_read(&rd->part, rd->v->ks, &rd->kallsyms, address) < 0)
		return;
	m->symbols = kcopy_u64(&rd->part, SYMTAB);
	m->n_symbols = kcopy_u64(&rd->part, NUM_SYMTAB);
	m->names = kcopy_u64(&rd->part, STRTAB);
	m->types = kcopy_u64(&rd->part, TYPETAB);
}

static int read_module(struct reading *rd, uint64_t address, struct modlist *to)
{
	struct module m = { .address = address };
	uint64_t version;
	int r = kcopy_read(&rd->copy, rd->v->ks, &rd->module, address);

	if (r < 0)
		return r;
	kcopy_string(&rd->copy, NAME, m.name, sizeof(m.name));
	version = kcopy_u64(&rd->copy, VERSION);
	if (version == 0 || kview_string(rd->v, version, m.version, sizeof(m.version)) < 0)
		m.version[0] = '\0';
	text_mask(m.name, sizeof(m.name));
	text_mask(m.version, sizeof(m.version));
	m.state = MIN(kcopy_u64(&rd->copy, STATE), (uint64_t)MODULE_STATES - 1);
	m.taints = kcopy_u64(&rd->copy, TAINTS);
	if (ktype_has(&rd->module, MEM)) {
		read_mem(rd, &m);
	} else {
		read_layout(rd, &m, CORE_BASE, CORE_SIZE, CORE_TEXT);
		read_layout(rd, &m, INIT_BASE, INIT_SIZE, INIT_TEXT);
	}
	m.n_orcs = kcopy_u64(&rd->copy, NUM_ORCS);
	m.orc_ips = kcopy_u64(&rd->copy, ORC_IPS);
	m.orc_entries = kcopy_u64(&rd->copy, ORC_ENTRIES);
	read_symbols(rd, &m);
	r = array_grow(&to->modules, to->n, "a list of modules");
	if (r < 0)
		return r;
	to->modules[to->n++] = m;
	return 0;
}

void modlist_done(struct modlist *m)
{
	free(m->modules);
	*m = (struct modlist){};
}

/* --- Without types --------------------------------------------------------------------------- */

/* In struct module of Linux 2.6 to 6.12 at least, include/linux/module.h: the state in 32 bits, the
 * list, and the name. */
#define PLAIN_LIST 8
#define PLAIN_NAME 24

/* MODULE_NAME_LEN of include/linux/moduleparam.h for 64 bits. */
#define PLAIN_NAME_LEN 56

/* Reads what kernels of all versions have at the same place. */
static int read_plain_module(const struct kview *v, uint64_t address, struct module *ret)
{
	struct module m = { .address = address };
	uint32_t state;
	size_t len;
	int r;

	if ((r = kspace_u32(v->ks, address, &state)) < 0 ||
	    (r = kview_string(v, address + PLAIN_NAME, m.name, PLAIN_NAME_LEN)) < 0)
		return r;
	len = strspn(m.name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
	if (len == 0 || m.name[len] || state >= MODULE_STATES)
		return errf(-EBADMSG, "there is no module at %#llx", (unsigned long long)address);
	m.state = state;
	*ret = m;
	return 0;
}

static int modlist_read_plain(const struct kview *v, uint64_t head, struct modlist *ret)
{
	_cleanup_(modlist_done) struct modlist all = {};
	struct list_walk walk = list_walk(v->ks, head, MAX_MODULES);
	struct module m;
	uint64_t node;
	int r;

	while ((r = list_next(&walk, &node)) > 0) {
		if ((r = read_plain_module(v, node - PLAIN_LIST, &m)) < 0 ||
		    (r = array_grow(&all.modules, all.n, "a list of modules")) < 0)
			return r;
		all.modules[all.n++] = m;
	}
	if (r < 0)
		return r;
	snprintf(all.remark, sizeof(all.remark),
	         "their names alone are known: the kernel's types are not");
	*ret = TAKE_STRUCT(all);
	return 0;
}

/* --- Both ------------------------------------------------------------------------------------ */

int modlist_read(const struct kview *v, struct modlist *ret)
{
	_cleanup_(reading_done) struct reading rd = {};
	_cleanup_(modlist_done) struct modlist all = {};
	struct list_walk walk;
	uint64_t head, node;
	int r;

	r = kview_address(v, "modules", &head);
	if (r < 0)
		return r;
	if (!v->types && modlist_read_plain(v, head, ret) == 0)
		return 0;
	r = reading_init(&rd, v);
	if (r < 0)
		return r;
	walk = list_walk(v->ks, head, MAX_MODULES);
	while ((r = list_next(&walk, &node)) > 0) {
		r = read_module(&rd, ktype_around(&rd.module, LIST, node), &all);
		if (r < 0)
			break;
	}
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		snprintf(all.remark, sizeof(all.remark), "not all modules are known: %s",
		         err_text(r));
	*ret = TAKE_STRUCT(all);
	return 0;
}

const struct module_range *module_range_of(const struct module *m, uint64_t address)
{
	for (size_t i = 0; i < m->n_ranges; i++)
		if (address >= m->ranges[i].start && address < m->ranges[i].end)
			return &m->ranges[i];
	return NULL;
}

const struct module *modlist_find(const struct modlist *m, uint64_t address)
{
	for (size_t i = 0; i < m->n; i++)
		if (module_range_of(&m->modules[i], address))
			return &m->modules[i];
	return NULL;
}
