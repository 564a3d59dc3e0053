/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elf-header.h - the headers of ELF core files, of either class and byte order, in one struct.
 *
 * Program headers are at e_phoff, e_phentsize apart: QEMU's dump-guest-memory does not put them
 * behind the ELF header. If there are more than 65534, e_phnum is PN_XNUM and the count stands in
 * sh_info of the first section header. e_ehsize is ignored, since QEMU writes 8.
 */
#pragma once

#include "vmcore/io/source.h"

/* Limit against hostile headers; a machine with 32 TiB in 128 MiB pieces has 262144 segments. */
#define ELF_MAX_PHDRS (1U << 20)

/* makedumpfile's mark of incomplete files, in e_flags. */
#define ELF_FLAG_INCOMPLETE 1

struct elf_header {
	uint64_t phoff;
	uint32_t n; /* program headers */
	uint16_t phentsize;
	uint16_t machine; /* EM_ */
	uint32_t flags;
	bool class32, swap;
};

struct elf_phdr {
	uint32_t type;
	uint64_t offset, vaddr, paddr, filesz, memsz; /* -1 of 32 bits is -1 of 64 */
};

/* 1: *@ret is the header; 0: not an ELF file; -EBADMSG: an ELF file, but broken or no core. */
int elf_header_read(const struct source *s, struct elf_header *ret);

/* Reads program header number @i through @w, a window on the same source. */
int elf_phdr_read(const struct elf_header *h, struct window *w, uint32_t i, struct elf_phdr *ret);

/* The EM_ number of a utsname.machine; EM_NONE when it is not known. */
uint16_t elf_machine_by_name(const char *name);

/* A utsname.machine with this number; NULL when none is known. */
const char *elf_machine_name(uint16_t machine);
