// SPDX-License-Identifier: GPL-2.0-or-later
/* machine-elf.c - programs and libraries that only name what they need, see machine.h. */
#include <elf.h>

#include "tests/unit/machine.h"

/* One segment with everything: headers, strings, dynamic section. Addresses begin here. */
#define BASE 0x10000

struct file {
	Elf64_Ehdr ehdr;
	Elf64_Phdr phdrs[3];
	char strings[1024];
	Elf64_Dyn dynamic[16];
};

/* Offset of @s among the strings, added at the end. */
static size_t add_string(struct file *f, size_t *len, const char *s)
{
	size_t at = *len;

	assert_true(at + strlen(s) + 1 <= sizeof(f->strings));
	strcpy(f->strings + at, s);
	*len += strlen(s) + 1;
	return at;
}

static void add_dynamic(struct file *f, size_t *n, int64_t tag, uint64_t value)
{
	assert_true(*n < ARRAY_SIZE(f->dynamic));
	f->dynamic[*n].d_tag = tag;
	f->dynamic[(*n)++].d_un.d_val = value;
}

static void fill_dynamic(struct file *f, size_t *strings, const struct machine_elf *elf)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(elf->needed) && elf->needed[i]; i++)
		add_dynamic(f, &n, DT_NEEDED, add_string(f, strings, elf->needed[i]));
	if (elf->rpath)
		add_dynamic(f, &n, DT_RPATH, add_string(f, strings, elf->rpath));
	if (elf->runpath)
		add_dynamic(f, &n, DT_RUNPATH, add_string(f, strings, elf->runpath));
	add_dynamic(f, &n, DT_STRTAB, BASE + offsetof(struct file, strings));
	add_dynamic(f, &n, DT_STRSZ, *strings);
	add_dynamic(f, &n, DT_NULL, 0);
	f->phdrs[1] = (Elf64_Phdr){
		.p_type = PT_DYNAMIC,
		.p_offset = offsetof(struct file, dynamic),
		.p_vaddr = BASE + offsetof(struct file, dynamic),
		.p_filesz = n * sizeof(f->dynamic[0]),
		.p_align = 8,
	};
}

void machine_elf(const struct temptree *t, const char *path, const struct machine_elf *elf)
{
	struct file f = {};
	size_t strings = 1;

	memcpy(f.ehdr.e_ident, ELFMAG, SELFMAG);
	f.ehdr.e_ident[EI_CLASS] = ELFCLASS64;
	f.ehdr.e_ident[EI_DATA] = ELFDATA2LSB;
	f.ehdr.e_ident[EI_VERSION] = EV_CURRENT;
	f.ehdr.e_type = ET_DYN;
	f.ehdr.e_machine = elf->machine ? elf->machine : EM_X86_64;
	f.ehdr.e_version = EV_CURRENT;
	f.ehdr.e_ehsize = sizeof(f.ehdr);
	f.ehdr.e_phoff = offsetof(struct file, phdrs);
	f.ehdr.e_phentsize = sizeof(f.phdrs[0]);
	f.ehdr.e_phnum = ARRAY_SIZE(f.phdrs); /* unused ones are PT_NULL */
	f.phdrs[0] = (Elf64_Phdr){
		.p_type = PT_LOAD, .p_vaddr = BASE, .p_filesz = sizeof(f), .p_memsz = sizeof(f)
	};
	if (elf->interpreter || elf->needed[0])
		fill_dynamic(&f, &strings, elf);
	if (elf->interpreter)
		f.phdrs[2] = (Elf64_Phdr){
			.p_type = PT_INTERP,
			.p_offset = offsetof(struct file, strings) +
			            add_string(&f, &strings, elf->interpreter),
			.p_filesz = strlen(elf->interpreter) + 1,
		};
	temptree_bytes(t, path, &f, sizeof(f));
}
