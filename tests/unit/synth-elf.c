// SPDX-License-Identifier: GPL-2.0-or-later
/* synth-elf.c - ELF headers, notes and VMCOREINFO for tests, see synth.h. */
#include "tests/unit/synth.h"

#include <elf.h>
#include <stdio.h>

void synth_put(uint8_t *p, uint64_t v, size_t size, bool swap)
{
	for (size_t i = 0; i < size; i++)
		p[swap ? size - 1 - i : i] = v >> (8 * i);
}

static void put_segment(uint8_t *p, const struct synth_segment *s, const struct synth_elf *e)
{
	bool swap = e->swap;

	if (e->class32) {
		const uint64_t words[] = { s->type,  s->offset, s->vaddr,
			                   s->paddr, s->filesz, s->memsz };

		memset(p, 0, sizeof(Elf32_Phdr));
		for (size_t i = 0; i < ARRAY_SIZE(words); i++)
			synth_put(p + 4 * i, words[i], 4, swap);
		return;
	}
	memset(p, 0, sizeof(Elf64_Phdr));
	synth_put(p + offsetof(Elf64_Phdr, p_type), s->type, 4, swap);
	synth_put(p + offsetof(Elf64_Phdr, p_offset), s->offset, 8, swap);
	synth_put(p + offsetof(Elf64_Phdr, p_vaddr), s->vaddr, 8, swap);
	synth_put(p + offsetof(Elf64_Phdr, p_paddr), s->paddr, 8, swap);
	synth_put(p + offsetof(Elf64_Phdr, p_filesz), s->filesz, 8, swap);
	synth_put(p + offsetof(Elf64_Phdr, p_memsz), s->memsz, 8, swap);
}

/* Where the classes differ. */
struct class
{
	size_t ehdr, phdr, shdr, word;
	size_t phoff, shoff, ehsize, phentsize, phnum, shentsize, shnum, sh_info;
};

#define CLASS(bits)                                                                                \
	{                                                                                          \
		sizeof(Elf##bits##_Ehdr), sizeof(Elf##bits##_Phdr), sizeof(Elf##bits##_Shdr),      \
			bits / 8, offsetof(Elf##bits##_Ehdr, e_phoff),                             \
			offsetof(Elf##bits##_Ehdr, e_shoff), offsetof(Elf##bits##_Ehdr, e_ehsize), \
			offsetof(Elf##bits##_Ehdr, e_phentsize),                                   \
			offsetof(Elf##bits##_Ehdr, e_phnum),                                       \
			offsetof(Elf##bits##_Ehdr, e_shentsize),                                   \
			offsetof(Elf##bits##_Ehdr, e_shnum), offsetof(Elf##bits##_Shdr, sh_info)   \
	}

size_t synth_elf_headers(uint8_t *file, const struct synth_elf *e)
{
	static const struct class class64 = CLASS(64), class32 = CLASS(32);
	const struct class *c = e->class32 ? &class32 : &class64;
	size_t phoff = e->phoff ?: c->ehdr, phentsize = e->phentsize ?: c->phdr;
	size_t shoff = phoff + e->n * phentsize;
	bool swap = e->swap;

	memset(file, 0, c->ehdr);
	memcpy(file, ELFMAG, SELFMAG);
	file[EI_CLASS] = e->class32 ? ELFCLASS32 : ELFCLASS64;
	file[EI_DATA] = swap ? ELFDATA2MSB : ELFDATA2LSB;
	file[EI_VERSION] = EV_CURRENT;
	synth_put(file + offsetof(Elf64_Ehdr, e_type), e->type ?: ET_CORE, 2, swap);
	synth_put(file + offsetof(Elf64_Ehdr, e_machine), e->machine ?: EM_X86_64, 2, swap);
	synth_put(file + offsetof(Elf64_Ehdr, e_version), EV_CURRENT, 4, swap);
	synth_put(file + c->phoff, phoff, c->word, swap);
	synth_put(file + c->ehsize, e->ehsize ?: c->ehdr, 2, swap);
	synth_put(file + c->phentsize, phentsize, 2, swap);
	synth_put(file + c->phnum, e->xnum ? PN_XNUM : e->n, 2, swap);
	for (size_t i = 0; i < e->n; i++)
		put_segment(file + phoff + i * phentsize, &e->segments[i], e);
	if (!e->xnum)
		return shoff;
	memset(file + shoff, 0, c->shdr);
	synth_put(file + shoff + c->sh_info, e->n, 4, swap);
	synth_put(file + c->shoff, shoff, c->word, swap);
	synth_put(file + c->shentsize, c->shdr, 2, swap);
	synth_put(file + c->shnum, 1, 2, swap);
	return shoff + c->shdr;
}

int synth_open(const void *file, size_t size, struct dump **ret)
{
	struct source *source;

	assert_int_equal(source_from_memory(file, size, "synth", &source), 0);
	return dump_open(source, ret);
}

static void put_padded(struct synth_notes *n, const void *data, size_t len)
{
	size_t padded = ALIGN_UP(len, 4);

	assert_true(padded <= sizeof(n->bytes) - n->len);
	memset(n->bytes + n->len, 0, padded);
	if (len > 0)
		memcpy(n->bytes + n->len, data, len);
	n->len += padded;
}

void synth_note(struct synth_notes *n, const char *name, uint32_t type, const void *desc,
                size_t len)
{
	uint8_t head[12];

	synth_put(head, strlen(name) + 1, 4, n->swap);
	synth_put(head + 4, len, 4, n->swap);
	synth_put(head + 8, type, 4, n->swap);
	put_padded(n, head, sizeof(head));
	put_padded(n, name, strlen(name) + 1);
	put_padded(n, desc, len);
}

void synth_key(struct synth_info *info, const char *fmt, ...)
{
	size_t room = sizeof(info->text) - info->len;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(info->text + info->len, room, fmt, args);
	va_end(args);
	assert_true(n > 0 && (size_t)n + 1 < room);
	info->len += n;
	info->text[info->len++] = '\n';
}

void synth_drop(struct synth_info *info, const char *key)
{
	size_t key_len = strlen(key), dropped = 0;

	for (char *line = info->text; line < info->text + info->len;) {
		char *end = memchr(line, '\n', info->text + info->len - line);

		assert_non_null(end);
		if (strncmp(line, key, key_len) == 0 && line[key_len] == '=') {
			memmove(line, end + 1, info->text + info->len - end - 1);
			info->len -= end + 1 - line;
			dropped++;
		} else {
			line = end + 1;
		}
	}
	/* A test that drops what is not there tests nothing. */
	assert_int_not_equal(dropped, 0);
}

struct vmcoreinfo synth_vmcoreinfo(const struct synth_info *info)
{
	return (struct vmcoreinfo){ .text = info->text, .len = info->len };
}
