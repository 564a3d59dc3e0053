/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * synth-modules.h - modules of machines that were never there, and the types that tell of them.
 *
 * Written from include/linux/module.h of Linux 6.1 and 6.12, not with the engine's code.
 */
#pragma once

#include "tests/unit/synth-btf.h"
#include "tests/unit/synth-symbols.h"

/* A module of 16 KiB of code and as much of data, in which its struct module and its tables are. */
#define SYNTH_MODULE_CODE UINT64_C(0x4000)
#define SYNTH_MODULE_SIZE UINT64_C(0x8000)

/* Where these are, from the start of the module. */
#define SYNTH_MODULE_THIS     UINT64_C(0x4000)
#define SYNTH_MODULE_KALLSYMS UINT64_C(0x4400) /* struct mod_kallsyms */
#define SYNTH_MODULE_VERSION  UINT64_C(0x4ffa) /* in front of the end of a page */
#define SYNTH_MODULE_SYMTAB   UINT64_C(0x5000)
#define SYNTH_MODULE_STRTAB   UINT64_C(0x6000)
#define SYNTH_MODULE_TYPETAB  UINT64_C(0x7800)

/* Offsets in struct module. */
enum {
	SYNTH_MODULE_STATE = 0,
	SYNTH_MODULE_LIST = 8,
	SYNTH_MODULE_NAME = 24,
	SYNTH_MODULE_VERSION_PTR = 80,
	SYNTH_MODULE_TAINTS = 88,
	SYNTH_MODULE_MEM = 96, /* or core_layout, and 32 bytes behind it init_layout */
	SYNTH_MODULE_KALLSYMS_PTR = 256,
	SYNTH_MODULE_ARCH = 264,
};

struct synth_module {
	const char *name, *version; /* version NULL: none */
	uint32_t state, taints, orcs;
	const struct synth_symbol *symbols; /* addresses from the start of the module; type 'U':
	                                       undefined */
	size_t n;
};

struct synth_modules {
	struct synth *machine;
	bool layouts;  /* as before 6.4: core_layout and init_layout instead of mem[] */
	bool no_types; /* the letters are in st_info */
	uint64_t head; /* of the list; the modules follow each other in memory from first on */
	uint64_t first, next;
};

/* Begins an empty list at @head, in the kernel image. Set the flags then. */
void synth_modules_init(struct synth_modules *s, struct synth *m, uint64_t head);

/* Adds a module at the end of the list; returns where it lies. */
uint64_t synth_module_add(struct synth_modules *s, const struct synth_module *module);

/* The types, as BTF. */
void synth_modules_types(const struct synth_modules *s, struct synth_btf *b);
