// SPDX-License-Identifier: GPL-2.0-or-later
/* core.c - an ELF core around memory of any content, see fuzz.h. */
#include <elf.h>

#include "tests/fuzz/fuzz.h"

#define DIRECT_VA UINT64_C(0xffff888000000000)
#define PAGE      4096

/* In struct elf_prstatus of x86_64: a code segment of the kernel, the stack pointer. */
#define PRSTATUS_SIZE 336
#define PRSTATUS_CS   248
#define PRSTATUS_SP   264

struct headers {
	Elf64_Ehdr ehdr;
	Elf64_Phdr phdrs[2 + FUZZ_CORE_TIMES];
	Elf64_Nhdr cpu;
	char cpu_name[8];
	uint8_t prstatus[PRSTATUS_SIZE];
	Elf64_Nhdr info;
	char info_name[12];
	char text[];
};

uint8_t *fuzz_make_core(const struct fuzz_core *c, size_t *ret_len)
{
	size_t text = strlen(c->info), memory = sizeof(struct headers) + ALIGN_UP(text, 4);
	size_t image = c->image_va ? MIN(c->size, PAGE) : 0;
	struct headers *h = calloc(1, memory + c->size);
	const uint64_t cs = 0x10;

	fuzz_check(h && c->times <= FUZZ_CORE_TIMES);
	memcpy(h->ehdr.e_ident, ELFMAG, SELFMAG);
	h->ehdr.e_ident[EI_CLASS] = ELFCLASS64;
	h->ehdr.e_ident[EI_DATA] = ELFDATA2LSB;
	h->ehdr.e_type = ET_CORE;
	h->ehdr.e_machine = EM_X86_64;
	h->ehdr.e_phoff = offsetof(struct headers, phdrs);
	h->ehdr.e_phentsize = sizeof(Elf64_Phdr);
	h->ehdr.e_phnum = 2 + c->times;
	h->phdrs[0] = (Elf64_Phdr){ .p_type = PT_NOTE,
		                    .p_offset = offsetof(struct headers, cpu),
		                    .p_filesz = memory - offsetof(struct headers, cpu) };
	h->phdrs[1] = (Elf64_Phdr){ .p_type = PT_LOAD,
		                    .p_offset = memory,
		                    .p_vaddr = c->image_va,
		                    .p_filesz = image,
		                    .p_memsz = image };
	for (unsigned i = 0; i < c->times; i++)
		h->phdrs[2 + i] = (Elf64_Phdr){ .p_type = PT_LOAD,
			                        .p_offset = memory,
			                        .p_vaddr = DIRECT_VA + i * c->size,
			                        .p_paddr = i * c->size,
			                        .p_filesz = c->size,
			                        .p_memsz = c->size };
	h->cpu = (Elf64_Nhdr){ .n_namesz = 5, .n_descsz = PRSTATUS_SIZE, .n_type = NT_PRSTATUS };
	strcpy(h->cpu_name, "CORE");
	memcpy(h->prstatus + PRSTATUS_CS, &cs, sizeof(cs));
	memcpy(h->prstatus + PRSTATUS_SP, &c->stack, sizeof(c->stack));
	h->info = (Elf64_Nhdr){ .n_namesz = 11, .n_descsz = text };
	strcpy(h->info_name, "VMCOREINFO");
	memcpy(h->text, c->info, text);
	if (c->size > 0)
		memcpy((uint8_t *)h + memory, c->memory, c->size);
	*ret_len = memory + c->size;
	return (uint8_t *)h;
}

bool fuzz_kernel_open(struct fuzz_kernel *k, const char *info, const uint8_t *data, size_t size)
{
	static const struct arch arch = {};
	size_t len;

	/* Without levels of tables, nothing is mapped at the only address that is left. */
	*k = (struct fuzz_kernel){ .ks.tables = { .arch = &arch, .image_size = UINT64_MAX } };
	k->core = fuzz_make_core(
		&(struct fuzz_core){ .info = info, .memory = data, .size = size, .times = 1 },
		&len);
	k->ks.dump = k->dump = fuzz_open(k->core, len);
	if (!k->dump)
		return false;
	fuzz_check(reader_new(k->dump, KIB(64), &k->ks.reader) == 0);
	return true;
}

void fuzz_kernel_done(struct fuzz_kernel *k)
{
	reader_free(k->ks.reader);
	dump_free(k->dump);
	free(k->core);
}
