// SPDX-License-Identifier: GPL-2.0-or-later
/* elf-header.c - the headers of ELF core files, see elf-header.h. */
#include "vmcore/format/elf-header.h"

#include <elf.h>
#include <errno.h>

#include "base/cursor.h"
#include "base/err.h"

/* An address, offset or size of the class. */
static uint64_t elf_word(struct cursor *c, bool class32)
{
	uint64_t v = 0;
	uint32_t v32 = 0;

	if (!class32) {
		cursor_u64(c, &v);
		return v;
	}
	cursor_u32(c, &v32);
	return v32;
}

static size_t elf_ehdr_size(bool class32)
{
	return class32 ? sizeof(Elf32_Ehdr) : sizeof(Elf64_Ehdr);
}

static size_t elf_phdr_size(bool class32)
{
	return class32 ? sizeof(Elf32_Phdr) : sizeof(Elf64_Phdr);
}

/* With PN_XNUM the count is in sh_info of the first section header. */
static int elf_count_phdrs(const struct source *s, struct elf_header *h, uint64_t shoff)
{
	uint64_t at = shoff +
	              (h->class32 ? offsetof(Elf32_Shdr, sh_info) : offsetof(Elf64_Shdr, sh_info));
	uint8_t bytes[4];
	struct cursor c = cursor_over(bytes, sizeof(bytes), "ELF section header");
	int r;

	if (h->n == PN_XNUM) {
		r = source_read(s, at, bytes, sizeof(bytes));
		if (r < 0)
			return r;
		c.swap = h->swap;
		cursor_u32(&c, &h->n);
	}
	if (h->n > ELF_MAX_PHDRS || h->phentsize < elf_phdr_size(h->class32))
		return errf(-EBADMSG, "%s: %u program headers of %u bytes are not plausible",
		            source_name(s), h->n, h->phentsize);
	return 0;
}

static int elf_parse_ehdr(const struct source *s, const uint8_t *bytes, struct elf_header *h)
{
	struct cursor c = cursor_over(bytes, elf_ehdr_size(h->class32), "ELF header");
	uint64_t shoff;
	uint16_t type = 0, phnum = 0;

	c.swap = h->swap;
	cursor_seek(&c, offsetof(Elf64_Ehdr, e_type)); /* the same place in both classes */
	cursor_u16(&c, &type);
	cursor_u16(&c, &h->machine);
	cursor_seek(&c, h->class32 ? offsetof(Elf32_Ehdr, e_phoff) : offsetof(Elf64_Ehdr, e_phoff));
	h->phoff = elf_word(&c, h->class32);
	shoff = elf_word(&c, h->class32);
	cursor_u32(&c, &h->flags);
	cursor_seek(&c, h->class32 ? offsetof(Elf32_Ehdr, e_phentsize)
	                           : offsetof(Elf64_Ehdr, e_phentsize));
	cursor_u16(&c, &h->phentsize);
	cursor_u16(&c, &phnum);
	h->n = phnum;
	if (type != ET_CORE)
		return errf(-EBADMSG, "%s: an ELF file, but not a core dump", source_name(s));
	return elf_count_phdrs(s, h, shoff);
}

int elf_header_read(const struct source *s, struct elf_header *ret)
{
	uint8_t bytes[sizeof(Elf64_Ehdr)] = {};
	size_t size = MIN(source_size(s), sizeof(bytes));
	struct elf_header h = {};
	int r;

	if (source_read(s, 0, bytes, size) < 0 || memcmp(bytes, ELFMAG, SELFMAG) != 0)
		return 0;
	h.class32 = bytes[EI_CLASS] == ELFCLASS32;
	if (size < elf_ehdr_size(h.class32))
		return errf(-EBADMSG, "%s: ends within its ELF header, at %zu bytes",
		            source_name(s), size);
	if (!h.class32 && bytes[EI_CLASS] != ELFCLASS64)
		return errf(-EBADMSG, "%s: ELF class %u is neither 32 nor 64 bits", source_name(s),
		            bytes[EI_CLASS]);
	h.swap = (bytes[EI_DATA] == ELFDATA2MSB) != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
	r = elf_parse_ehdr(s, bytes, &h);
	if (r < 0)
		return r;
	*ret = h;
	return 1;
}

static uint64_t widen(uint64_t v, bool class32)
{
	return class32 && v == UINT32_MAX ? UINT64_MAX : v;
}

int elf_phdr_read(const struct elf_header *h, struct window *w, uint32_t i, struct elf_phdr *ret)
{
	size_t size = elf_phdr_size(h->class32), len;
	const uint8_t *bytes;
	struct elf_phdr p;
	uint32_t flags;
	struct cursor c;
	int r = window_get(w, h->phoff + (uint64_t)i * h->phentsize, size, size, &bytes, &len);

	if (r < 0)
		return r;
	c = cursor_over(bytes, size, "ELF program header");
	c.swap = h->swap;
	cursor_u32(&c, &p.type);
	if (!h->class32)
		cursor_u32(&c, &flags);
	p.offset = elf_word(&c, h->class32);
	p.vaddr = widen(elf_word(&c, h->class32), h->class32);
	p.paddr = widen(elf_word(&c, h->class32), h->class32);
	p.filesz = elf_word(&c, h->class32);
	p.memsz = elf_word(&c, h->class32);
	*ret = p;
	return 0;
}

/* elf_machine_name() takes the first name of a number. */
static const struct {
	const char *name;
	uint16_t machine;
} known[] = {
	{ "x86_64", EM_X86_64 },
	{ "i386", EM_386 },
	{ "i586", EM_386 },
	{ "i686", EM_386 },
	{ "aarch64", EM_AARCH64 },
	{ "armv7l", EM_ARM },
	{ "ppc64", EM_PPC64 },
	{ "ppc64le", EM_PPC64 },
	{ "s390x", EM_S390 },
	{ "riscv64", EM_RISCV },
	{ "mips64", EM_MIPS },
	{ "sparc64", EM_SPARCV9 },
	{ "loongarch64", 258 /* EM_LOONGARCH, not in older elf.h */ },
};

uint16_t elf_machine_by_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (streq(known[i].name, name))
			return known[i].machine;
	return EM_NONE;
}

const char *elf_machine_name(uint16_t machine)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i].machine == machine)
			return known[i].name;
	return NULL;
}
