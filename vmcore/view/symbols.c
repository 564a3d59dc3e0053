// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * symbols.c - the symbols of a kernel and of its modules, see symbols.h.
 *
 * A module keeps the relocated symbol table of its ELF file; once it runs, only without the symbols
 * of its start (kernel/module/kallsyms.c, Linux 6.12). The table has entries of struct Elf64_Sym,
 * their names, and a letter of nm(1) for each, which old kernels keep in st_info. It is in the
 * module's own memory, is not sorted, and is read here when it is first needed.
 */
#include "vmcore/view/symbols.h"

#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <stdio.h>

#include "base/err.h"
#include "base/text.h"
#include "vmcore/view/bpf.h"

/* Limits against broken dumps; the largest modules have some ten thousand symbols. */
#define MAX_SYMBOLS (UINT32_C(1) << 18)
#define MAX_BYTES   MIB(128) /* read and kept for all modules; hundreds of them have 10 MiB */

/* KSYM_NAME_LEN: how much of the last name is read. */
#define NAME_SIZE 512

struct entry {
	uint64_t address;
	uint32_t name;    /* offset in the names */
	unsigned nr : 24; /* in the table as it was */
	char type;
};

/* The symbols of a module, sorted by address. */
struct table {
	bool tried; /* to read it */
	struct entry *entries;
	size_t n;
	char *names; /* NUL behind them */
};

struct symbols {
	const struct kview *v;
	struct modlist modules;
	struct table *tables; /* one for each module */
	struct bpf bpf;
	uint64_t left; /* of MAX_BYTES */
};

int symbols_open(const struct kview *v, struct symbols **ret)
{
	_cleanup_(symbols_freep) struct symbols *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return oom("the symbols of modules");
	s->v = v;
	s->left = MAX_BYTES;
	r = modlist_read(v, &s->modules);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		snprintf(s->modules.remark, sizeof(s->modules.remark), "no modules are known: %s",
		         err_text(r));
	r = bpf_read(v, &s->bpf);
	if (r < 0)
		return r;
	s->tables = calloc(s->modules.n + 1, sizeof(*s->tables));
	if (!s->tables)
		return oom("the symbols of modules");
	*ret = TAKE_PTR(s);
	return 0;
}

struct symbols *symbols_free(struct symbols *s)
{
	if (!s)
		return NULL;
	for (size_t i = 0; s->tables && i < s->modules.n; i++) {
		free(s->tables[i].entries);
		free(s->tables[i].names);
	}
	free(s->tables);
	modlist_done(&s->modules);
	bpf_done(&s->bpf);
	free(s);
	return NULL;
}

const struct modlist *symbols_modules(const struct symbols *s)
{
	return &s->modules;
}

/* --- Symbols of a module --------------------------------------------------------------------- */

/* Bytes from @address to the end of its range of the module; 0 when it is in none. */
static uint64_t room(const struct module *m, uint64_t address)
{
	const struct module_range *range = module_range_of(m, address);

	return range ? range->end - address : 0;
}

static int compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return x->nr < y->nr ? -1 : 1;
}

/* Copies the symbols that lie in the module to t->entries. Returns how many there are. */
static size_t take_entries(const struct module *m, const Elf64_Sym *sym, const char *types,
                           size_t n, struct table *t)
{
	size_t taken = 0;

	for (size_t i = 0; i < n; i++) {
		struct entry e = {
			.address = le64toh(sym[i].st_value),
			.name = le32toh(sym[i].st_name),
			.nr = i,
			.type = types ? types[i] : (char)sym[i].st_info,
		};

		if (le16toh(sym[i].st_shndx) == SHN_UNDEF || e.name == 0 ||
		    !module_range_of(m, e.address))
			continue;
		text_mask(&e.type, 1);
		t->entries[taken++] = e;
	}
	return taken;
}

/* Takes @n * @size bytes off the limit for all modules. */
static int spend(struct symbols *s, uint64_t n, uint64_t size)
{
	if (n > s->left / size)
		return -E2BIG;
	s->left -= n * size;
	return 0;
}

/* Reads the names, and drops symbols without one. */
static int read_names(struct symbols *s, const struct module *m, struct table *t)
{
	uint64_t size = 0, end = room(m, m->names);
	size_t n = 0;
	int r;

	for (size_t i = 0; i < t->n; i++)
		size = MAX(size, (uint64_t)t->entries[i].name + NAME_SIZE);
	size = MIN(size, end);
	r = spend(s, size, 1);
	if (r < 0)
		return r;
	t->names = calloc(1, size + 1);
	if (!t->names)
		return oom("the symbols of a module");
	r = kspace_read(s->v->ks, m->names, t->names, size);
	if (r < 0)
		return r;
	text_mask(t->names, size);
	for (size_t i = 0; i < t->n; i++) {
		const struct entry *e = &t->entries[i];

		/* Local labels say nothing. */
		if (e->name < size && t->names[e->name] != '\0' &&
		    strncmp(t->names + e->name, ".L", 2) != 0 && t->names[e->name] != '$')
			t->entries[n++] = *e;
	}
	t->n = n;
	return 0;
}

static int read_table(struct symbols *s, const struct module *m, struct table *t)
{
	_cleanup_free_ Elf64_Sym *sym = NULL;
	_cleanup_free_ char *types = NULL;
	size_t n = m->n_symbols;
	int r;

	if (n == 0 || n > MAX_SYMBOLS || n * sizeof(*sym) > room(m, m->symbols) ||
	    (m->types && n > room(m, m->types)))
		return -EBADMSG;
	r = spend(s, n, sizeof(*sym) + sizeof(*t->entries) + 1);
	if (r < 0)
		return r;
	sym = malloc(n * sizeof(*sym));
	types = m->types ? malloc(n) : NULL;
	t->entries = calloc(n, sizeof(*t->entries));
	if (!sym || !t->entries || (m->types && !types))
		return oom("the symbols of a module");
	r = kspace_read(s->v->ks, m->symbols, sym, n * sizeof(*sym));
	if (r < 0)
		return r;
	r = types ? kspace_read(s->v->ks, m->types, types, n) : 0;
	if (r < 0)
		return r;
	t->n = take_entries(m, sym, types, n, t);
	r = read_names(s, m, t);
	if (r < 0)
		return r;
	qsort(t->entries, t->n, sizeof(*t->entries), compare_entries);
	return 0;
}

/* The table of module number @nr, empty when it cannot be read. */
static const struct table *get_table(struct symbols *s, size_t nr)
{
	struct table *t = &s->tables[nr];

	if (!t->tried && read_table(s, &s->modules.modules[nr], t) < 0)
		t->n = 0;
	t->tried = true;
	return t;
}

static int find_in_module(struct symbols *s, size_t nr, uint64_t address, struct symbol *ret)
{
	const struct module_range *range = module_range_of(&s->modules.modules[nr], address);
	const struct table *t = get_table(s, nr);
	const struct entry *first, *e;
	size_t low = 0, high = t->n;
	uint64_t end = range->end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (t->entries[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || t->entries[low - 1].address < range->start)
		return -ENOENT;
	if (low < t->n)
		end = MIN(end, t->entries[low].address);
	for (first = &t->entries[low - 1]; first > t->entries; first--)
		if (first[-1].address != first->address)
			break;
	for (e = first; e < &t->entries[low - 1]; e++)
		if (!kallsyms_is_padding(t->names + e->name))
			break;
	*ret = (struct symbol){ .name = t->names + e->name,
		                .type = e->type,
		                .address = e->address,
		                .size = end - e->address };
	return 0;
}

/* --- Looking up ------------------------------------------------------------------------------ */

int symbols_address(struct symbols *s, const char *name, uint64_t *ret)
{
	if (kview_address(s->v, name, ret) == 0)
		return 0;
	for (size_t nr = 0; nr < s->modules.n; nr++) {
		const struct table *t = get_table(s, nr);

		for (size_t i = 0; i < t->n; i++)
			if (streq(t->names + t->entries[i].name, name)) {
				*ret = t->entries[i].address;
				return 0;
			}
	}
	return errf(-ENOENT, "neither the kernel nor a module has a symbol \"%s\"", name);
}

int symbols_find(struct symbols *s, uint64_t address, struct symbol *ret,
                 const struct module **ret_module)
{
	const struct module *m;

	*ret_module = NULL;
	if (s->v->symbols && kallsyms_find(s->v->symbols, address, ret) == 0)
		return 0;
	m = *ret_module = modlist_find(&s->modules, address);
	return m ? find_in_module(s, m - s->modules.modules, address, ret)
	         : bpf_find(s->v, &s->bpf, address, ret);
}

char *symbols_text(struct symbols *s, uint64_t address, bool exact,
                   char buf[static SYMBOLS_TEXT_MAX])
{
	const struct module *m;
	struct symbol symbol;
	size_t n;

	if (symbols_find(s, exact ? address : address - 1, &symbol, &m) == 0)
		n = snprintf(buf, SYMBOLS_TEXT_MAX, "%.511s+0x%llx/0x%llx", symbol.name,
		             (unsigned long long)(address - symbol.address),
		             (unsigned long long)symbol.size);
	else
		n = snprintf(buf, SYMBOLS_TEXT_MAX, "0x%llx", (unsigned long long)address);
	if (m)
		snprintf(buf + n, SYMBOLS_TEXT_MAX - n, " [%s]", m->name);
	return buf;
}
