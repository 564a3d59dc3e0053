// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * modlist.c - the modules that a kernel had loaded, see modlist.h.
 *
 * A struct module (include/linux/module.h) is an entry of the list "modules", the newest first.
 * Where the module lies is told by mem[], one struct module_memory for each kind of content, since
 * Linux 6.4; before that by core_layout and init_layout, which have the code first, then all else.
 * Parts needed for the start only are freed afterwards: their size is then 0. Its symbol table is
 * described by a struct mod_kallsyms. All offsets come from BTF.
 */
#include "vmcore/report/modlist.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>

#include "vmcore/base/err.h"
#include "vmcore/base/text.h"
#include "vmcore/kernel/list.h"

/* Limits against broken dumps. */
#define MAX_MODULES 8192
#define MAX_STRUCT  KIB(64)
#define MAX_SIZE    MIB(1024) /* of a range */

/* Members of the kernel's structures. */
enum fact {
	LIST,
	NAME,
	STATE,
	TAINTS,
	VERSION,
	NUM_ORCS,
	ORC_IPS,
	ORC_ENTRIES,
	KALLSYMS,
	SYMTAB,
	NUM_SYMTAB,
	STRTAB,
	TYPETAB,
	MEM,
	MEM_BASE,
	MEM_SIZE,
	CORE_BASE,
	CORE_SIZE,
	CORE_TEXT,
	INIT_BASE,
	INIT_SIZE,
	INIT_TEXT,
	FACTS,
};

static const struct {
	const char *structure, *path;
	bool needed;
} fact_rows[FACTS] = {
	[LIST] = { "module", "list", true },
	[NAME] = { "module", "name", true },
	[STATE] = { "module", "state" },
	[TAINTS] = { "module", "taints" },
	[VERSION] = { "module", "version" },
	[NUM_ORCS] = { "module", "arch.num_orcs" },
	[ORC_IPS] = { "module", "arch.orc_unwind_ip" },
	[ORC_ENTRIES] = { "module", "arch.orc_unwind" },
	[KALLSYMS] = { "module", "kallsyms" },
	[SYMTAB] = { "mod_kallsyms", "symtab" },
	[NUM_SYMTAB] = { "mod_kallsyms", "num_symtab" },
	[STRTAB] = { "mod_kallsyms", "strtab" },
	[TYPETAB] = { "mod_kallsyms", "typetab" },
	[MEM] = { "module", "mem" },
	[MEM_BASE] = { "module_memory", "base" },
	[MEM_SIZE] = { "module_memory", "size" },
	[CORE_BASE] = { "module", "core_layout.base" },
	[CORE_SIZE] = { "module", "core_layout.size" },
	[CORE_TEXT] = { "module", "core_layout.text_size" },
	[INIT_BASE] = { "module", "init_layout.base" },
	[INIT_SIZE] = { "module", "init_layout.size" },
	[INIT_TEXT] = { "module", "init_layout.text_size" },
};

/* What is known of the structures, and room for one of each. */
struct shape {
	struct btf_member facts[FACTS]; /* size 0: there is no such member */
	int64_t text, init_text;        /* indices in mem[] */
	uint64_t module_size, kallsyms_size;
	uint8_t *module, *kallsyms;
};

static void shape_done(struct shape *s)
{
	free(s->module);
	free(s->kallsyms);
}

static int shape_find(const struct btf *b, struct shape *s)
{
	int r;

	for (unsigned i = 0; i < FACTS; i++) {
		r = btf_member(b, fact_rows[i].structure, fact_rows[i].path, &s->facts[i]);
		if (r < 0 && fact_rows[i].needed)
			return r;
		if (r < 0)
			s->facts[i] = (struct btf_member){};
	}
	if (btf_enumerator(b, "mod_mem_type", "MOD_TEXT", &s->text) < 0)
		s->text = 0;
	if (btf_enumerator(b, "mod_mem_type", "MOD_INIT_TEXT", &s->init_text) < 0)
		s->init_text = 4;
	r = btf_size(b, "module", &s->module_size);
	if (r < 0)
		return r;
	if (btf_size(b, "mod_kallsyms", &s->kallsyms_size) < 0)
		s->kallsyms_size = 0;
	if (s->module_size > MAX_STRUCT || s->kallsyms_size > MAX_STRUCT)
		return errf(-EBADMSG, "BTF: a module described in %llu bytes cannot be",
		            (unsigned long long)(s->module_size + s->kallsyms_size));
	s->module = calloc(1, s->module_size + 1);
	s->kallsyms = calloc(1, s->kallsyms_size + 1);
	return s->module && s->kallsyms ? 0 : -ENOMEM;
}

/* The integer that a member, @more bytes behind where it is, has in a structure; 0 when it has none
 * there. */
static uint64_t get(const uint8_t *structure, uint64_t size, const struct btf_member *m,
                    uint64_t more)
{
	uint64_t v = 0, at;

	if (m->size > sizeof(v) || __builtin_add_overflow(m->offset, more, &at) || at > size ||
	    m->size > size - at)
		return 0;
	memcpy(&v, structure + at, m->size);
	return le64toh(v);
}

static uint64_t get_fact(const struct shape *s, enum fact fact)
{
	return get(s->module, s->module_size, &s->facts[fact], 0);
}

static void add_range(struct module *m, uint64_t start, uint64_t size, bool code)
{
	if (size == 0 || size > MAX_SIZE || start > UINT64_MAX - size || start == 0 ||
	    m->n_ranges >= MODULE_RANGES)
		return;
	m->ranges[m->n_ranges++] = (struct module_range){ start, start + size, code };
	m->size += size;
}

static void read_memory(const struct shape *s, struct module *m)
{
	const struct btf_member *mem = &s->facts[MEM];
	uint64_t step = mem->count > 0 ? mem->size / mem->count : 0;

	for (uint64_t i = 0; i < mem->count && i < MODULE_RANGES; i++) {
		uint64_t more;

		if (__builtin_add_overflow(mem->offset, i * step, &more))
			break;
		add_range(m, get(s->module, s->module_size, &s->facts[MEM_BASE], more),
		          get(s->module, s->module_size, &s->facts[MEM_SIZE], more),
		          (int64_t)i == s->text || (int64_t)i == s->init_text);
	}
}

static void read_layout(const struct shape *s, struct module *m, enum fact base, enum fact size,
                        enum fact text)
{
	uint64_t start = get_fact(s, base), all = get_fact(s, size);
	uint64_t code = MIN(get_fact(s, text), all);

	add_range(m, start, code, true);
	add_range(m, start + code, all - code, false);
}

static void read_symbols(struct kspace *ks, const struct shape *s, struct module *m)
{
	static const enum fact facts[] = { SYMTAB, NUM_SYMTAB, STRTAB, TYPETAB };
	uint64_t *const members[] = { &m->symbols, &m->n_symbols, &m->names, &m->types };
	uint64_t address = get_fact(s, KALLSYMS);

	if (address == 0 || kspace_read(ks, address, s->kallsyms, s->kallsyms_size) < 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(facts); i++)
		*members[i] = get(s->kallsyms, s->kallsyms_size, &s->facts[facts[i]], 0);
}

static void read_name(const struct shape *s, struct module *m)
{
	const struct btf_member *name = &s->facts[NAME];
	uint64_t size = MIN(name->size, sizeof(m->name) - 1);

	if (name->offset <= s->module_size && size <= s->module_size - name->offset)
		memcpy(m->name, s->module + name->offset, size);
	text_mask(m->name, strlen(m->name));
}

/* Strings may end right before a page that is not in the dump. */
static void read_version(struct kspace *ks, const struct shape *s, struct module *m)
{
	uint64_t address = get_fact(s, VERSION);

	for (size_t i = 0; address != 0 && i < sizeof(m->version) - 1; i++)
		if (kspace_read(ks, address + i, m->version + i, 1) < 0 || m->version[i] == '\0')
			break;
	text_mask(m->version, strlen(m->version));
}

static int module_read(struct kspace *ks, const struct shape *s, uint64_t address,
                       struct module *ret)
{
	struct module m = { .address = address };
	int r;

	r = kspace_read(ks, address, s->module, s->module_size);
	if (r < 0)
		return r;
	read_name(s, &m);
	m.state = MIN(get_fact(s, STATE), (uint64_t)MODULE_STATES - 1);
	m.taints = get_fact(s, TAINTS);
	if (s->facts[MEM].size > 0) {
		read_memory(s, &m);
	} else {
		read_layout(s, &m, CORE_BASE, CORE_SIZE, CORE_TEXT);
		read_layout(s, &m, INIT_BASE, INIT_SIZE, INIT_TEXT);
	}
	m.n_orcs = get_fact(s, NUM_ORCS);
	m.orc_ips = get_fact(s, ORC_IPS);
	m.orc_entries = get_fact(s, ORC_ENTRIES);
	read_version(ks, s, &m);
	read_symbols(ks, s, &m);
	*ret = m;
	return 0;
}

void modlist_done(struct modlist *m)
{
	free(m->modules);
	*m = (struct modlist){};
}

static int modlist_add(struct modlist *m, const struct module *module)
{
	/* Grows when the number is a power of two. */
	if ((m->n & (m->n - 1)) == 0) {
		struct module *list = reallocarray(m->modules, m->n ? 2 * m->n : 1, sizeof(*list));

		if (!list)
			return -ENOMEM;
		m->modules = list;
	}
	m->modules[m->n++] = *module;
	return 0;
}

int modlist_read(struct kspace *ks, struct kallsyms *k, const struct btf *b, struct modlist *ret)
{
	_cleanup_(shape_done) struct shape s = {};
	_cleanup_(modlist_done) struct modlist all = {};
	struct list_walk walk;
	uint64_t head, node;
	int r;

	r = kallsyms_address(k, "modules", &head);
	if (r == 0)
		r = shape_find(b, &s);
	if (r < 0)
		return r;
	walk = list_walk(ks, head, MAX_MODULES);
	while ((r = list_next(&walk, &node)) > 0) {
		struct module m;

		r = module_read(ks, &s, node - s.facts[LIST].offset, &m);
		if (r == 0)
			r = modlist_add(&all, &m);
		if (r < 0)
			break;
	}
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		snprintf(all.remark, sizeof(all.remark), "not all modules are known: %s",
		         err_text(r));
	*ret = all;
	all = (struct modlist){};
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
