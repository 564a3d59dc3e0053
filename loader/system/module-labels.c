// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * module-labels.c - a kernel module without labels of the compiler's, see module-labels.h.
 *
 * A module is an ELF file of the type ET_REL: a header, sections, and the table of the sections
 * (elf(5)). One section has the symbols, local ones first, and refers to one with their names.
 * Others have relocations, which refer to symbols by number. Names may share their ends.
 *
 * First all is checked. Then symbols and names are made fewer where they are, and each section
 * moves towards the start of the file by a multiple of its alignment: what was aligned still is.
 */
#include "loader/system/module-labels.h"

#include <elf.h>

#define LITTLE_ENDIAN_HOST (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)

/* Of symbols, relocations and section headers. */
#define TABLE_ALIGN 8

struct module {
	uint8_t *data;
	size_t len;
	Elf64_Ehdr *header;
	Elf64_Shdr *sections;
	Elf64_Shdr **placed; /* all but the first, by their places in the file; owned */
	size_t n_sections, n_placed;
	Elf64_Shdr *symtab, *strtab;
	Elf64_Sym *symbols;
	char *names;
	uint32_t n_symbols;
	uint32_t *numbers; /* of each symbol whether it is kept, then its new number; owned */
	uint32_t *offsets; /* of each byte of the names whether one begins, then its place; owned */
};

static void module_done(struct module *m)
{
	free(m->placed);
	free(m->numbers);
	free(m->offsets);
}

/* Bytes that it takes in the file. */
static size_t size_of(const Elf64_Shdr *s)
{
	return s->sh_type == SHT_NOBITS || s->sh_type == SHT_NULL ? 0 : s->sh_size;
}

/* Elements of @size bytes that can be used as they lie there. */
static bool is_table(const Elf64_Shdr *s, size_t size)
{
	return s->sh_entsize == size && s->sh_size % size == 0 && s->sh_offset % TABLE_ALIGN == 0;
}

static bool is_relocations(const Elf64_Shdr *s)
{
	return s->sh_type == SHT_REL || s->sh_type == SHT_RELA;
}

/* MIPS has the symbol of a relocation in other bits. */
static bool find_sections(struct module *m)
{
	const Elf64_Ehdr *h = m->header = (Elf64_Ehdr *)m->data;

	if (!LITTLE_ENDIAN_HOST || m->len < sizeof(*h) || m->len > UINT32_MAX ||
	    memcmp(h->e_ident, ELFMAG, SELFMAG) != 0 || h->e_ident[EI_CLASS] != ELFCLASS64 ||
	    h->e_ident[EI_DATA] != ELFDATA2LSB || h->e_type != ET_REL || h->e_machine == EM_MIPS ||
	    h->e_phnum || h->e_shentsize != sizeof(Elf64_Shdr) || h->e_shoff % TABLE_ALIGN ||
	    h->e_shoff > m->len || h->e_shnum > (m->len - h->e_shoff) / sizeof(Elf64_Shdr))
		return false;
	m->sections = (Elf64_Shdr *)(m->data + h->e_shoff);
	m->n_sections = h->e_shnum;
	return true;
}

static int compare_places(const void *a, const void *b)
{
	const Elf64_Shdr *s = *(Elf64_Shdr *const *)a, *t = *(Elf64_Shdr *const *)b;

	if (s->sh_offset != t->sh_offset)
		return s->sh_offset < t->sh_offset ? -1 : 1;
	return size_of(s) < size_of(t) ? -1 : size_of(s) > size_of(t);
}

/* Sections lie between the header and their table, none over another. An alignment is a power of
 * two, or 0. */
static bool place_sections(struct module *m)
{
	uint64_t end = sizeof(*m->header), most = m->header->e_shoff;

	m->placed = calloc(m->n_sections + 1, sizeof(*m->placed));
	if (!m->placed)
		return false;
	for (size_t i = 1; i < m->n_sections; i++)
		m->placed[m->n_placed++] = &m->sections[i];
	qsort(m->placed, m->n_placed, sizeof(*m->placed), compare_places);
	for (size_t i = 0; i < m->n_placed; i++) {
		const Elf64_Shdr *s = m->placed[i];

		if (!size_of(s))
			continue;
		if (s->sh_offset < end || s->sh_offset > most || size_of(s) > most - s->sh_offset ||
		    (s->sh_addralign & (s->sh_addralign - 1)))
			return false;
		end = s->sh_offset + size_of(s);
	}
	return true;
}

static bool find_symbols(struct module *m)
{
	for (size_t i = 1; i < m->n_sections; i++) {
		Elf64_Shdr *s = &m->sections[i];

		if ((s->sh_flags & SHF_COMPRESSED) || (s->sh_type == SHT_SYMTAB && m->symtab))
			return false;
		if (s->sh_type == SHT_SYMTAB)
			m->symtab = s;
	}
	if (!m->symtab || !is_table(m->symtab, sizeof(Elf64_Sym)) || !m->symtab->sh_link ||
	    m->symtab->sh_link >= m->n_sections || m->symtab->sh_link == m->header->e_shstrndx)
		return false;
	m->strtab = &m->sections[m->symtab->sh_link];
	if (m->strtab->sh_type != SHT_STRTAB || !m->strtab->sh_size || !m->symtab->sh_size)
		return false;
	m->symbols = (Elf64_Sym *)(m->data + m->symtab->sh_offset);
	m->n_symbols = m->symtab->sh_size / sizeof(Elf64_Sym);
	m->names = (char *)m->data + m->strtab->sh_offset;
	if (m->names[m->strtab->sh_size - 1] || m->symtab->sh_info > m->n_symbols)
		return false;
	for (uint32_t i = 0; i < m->n_symbols; i++)
		if (m->symbols[i].st_name >= m->strtab->sh_size)
			return false;
	return true;
}

/* Marks the symbols that relocations refer to. Other sections that refer to symbols or names, such
 * as groups, are not known here. */
static bool mark_used(struct module *m)
{
	const uint32_t symtab = m->symtab - m->sections, strtab = m->strtab - m->sections;

	for (size_t i = 1; i < m->n_sections; i++) {
		const Elf64_Shdr *s = &m->sections[i];
		size_t size = s->sh_type == SHT_REL ? sizeof(Elf64_Rel) : sizeof(Elf64_Rela);

		if (!is_relocations(s)) {
			if (s != m->symtab && (s->sh_link == symtab || s->sh_link == strtab))
				return false;
			continue;
		}
		if (s->sh_link != symtab || !is_table(s, size))
			return false;
		for (size_t at = 0; at < s->sh_size; at += size) {
			const Elf64_Rel *r = (Elf64_Rel *)(m->data + s->sh_offset + at);

			if (ELF64_R_SYM(r->r_info) >= m->n_symbols)
				return false;
			m->numbers[ELF64_R_SYM(r->r_info)] = 1;
		}
	}
	return true;
}

/* Marks all others that are kept. Returns how many are not. */
static uint32_t mark_others(struct module *m)
{
	uint32_t dropped = 0;

	for (uint32_t i = 0; i < m->n_symbols; i++) {
		const Elf64_Sym *s = &m->symbols[i];

		if (i == 0 || i >= m->symtab->sh_info ||
		    s->st_info != ELF64_ST_INFO(STB_LOCAL, STT_NOTYPE) ||
		    strncmp(m->names + s->st_name, ".L", 2) != 0)
			m->numbers[i] = 1;
		dropped += !m->numbers[i];
	}
	return dropped;
}

static void drop_symbols(struct module *m, uint32_t dropped)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < m->n_symbols; i++) {
		if (!m->numbers[i])
			continue;
		m->numbers[i] = n;
		m->symbols[n++] = m->symbols[i];
	}
	m->n_symbols = n;
	m->symtab->sh_size = n * sizeof(Elf64_Sym);
	m->symtab->sh_info -= dropped;
}

static void renumber(struct module *m)
{
	for (size_t i = 1; i < m->n_sections; i++) {
		const Elf64_Shdr *s = &m->sections[i];

		for (size_t at = 0; is_relocations(s) && at < s->sh_size; at += s->sh_entsize) {
			Elf64_Rel *r = (Elf64_Rel *)(m->data + s->sh_offset + at);

			r->r_info = ELF64_R_INFO((uint64_t)m->numbers[ELF64_R_SYM(r->r_info)],
			                         ELF64_R_TYPE(r->r_info));
		}
	}
}

/* Keeps of each string what the first name in it needs. The string at 0 is that of no name. */
static void drop_names(struct module *m)
{
	size_t pos = 0, size = m->strtab->sh_size;

	m->offsets[0] = 1;
	for (uint32_t i = 0; i < m->n_symbols; i++)
		m->offsets[m->symbols[i].st_name] = 1;
	for (size_t at = 0, end; at < size; at = end) {
		end = at + strlen(m->names + at) + 1;
		while (at < end && !m->offsets[at])
			at++;
		memmove(m->names + pos, m->names + at, end - at);
		for (; at < end; at++)
			m->offsets[at] = pos++;
	}
	for (uint32_t i = 0; i < m->n_symbols; i++)
		m->symbols[i].st_name = m->offsets[m->symbols[i].st_name];
	m->strtab->sh_size = pos;
}

/* Moves @size bytes from @from to behind what ends at *@end. Returns where they are. */
static size_t move_towards(struct module *m, size_t *end, size_t from, size_t size, size_t align)
{
	size_t to = from - ALIGN_DOWN(from - *end, align);

	memset(m->data + *end, 0, to - *end);
	memmove(m->data + to, m->data + from, size);
	*end = to + size;
	return to;
}

static size_t move_sections(struct module *m)
{
	size_t end = sizeof(*m->header), size = m->n_sections * sizeof(*m->sections);

	for (size_t i = 0; i < m->n_placed; i++) {
		Elf64_Shdr *s = m->placed[i];

		if (size_of(s))
			s->sh_offset = move_towards(m, &end, s->sh_offset, size_of(s),
			                            MAX(s->sh_addralign, TABLE_ALIGN));
		else
			s->sh_offset = end;
	}
	m->header->e_shoff = move_towards(m, &end, m->header->e_shoff, size, TABLE_ALIGN);
	return end;
}

size_t module_drop_labels(void *data, size_t len)
{
	_cleanup_(module_done) struct module m = { .data = data, .len = len };
	uint32_t dropped;

	if (!find_sections(&m) || !place_sections(&m) || !find_symbols(&m))
		return len;
	m.numbers = calloc(m.n_symbols, sizeof(*m.numbers));
	m.offsets = calloc(m.strtab->sh_size, sizeof(*m.offsets));
	if (!m.numbers || !m.offsets || !mark_used(&m))
		return len;
	dropped = mark_others(&m);
	if (dropped * sizeof(Elf64_Sym) < MODULE_LABELS_MIN)
		return len;
	drop_symbols(&m, dropped);
	renumber(&m);
	drop_names(&m);
	return move_sections(&m);
}
