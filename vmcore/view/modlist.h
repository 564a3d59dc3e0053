/* SPDX-License-Identifier: GPL-2.0-or-later */
/* modlist.h - the modules that a kernel had loaded. */
#pragma once

#include "vmcore/view/kview.h"

enum module_state {
	MODULE_LIVE,
	MODULE_COMING,   /* being set up */
	MODULE_GOING,    /* being removed */
	MODULE_UNFORMED, /* being loaded; little of it is set */
	MODULE_STATES,
};

/* A part of a module's memory: [start, end). */
struct module_range {
	uint64_t start, end;
	bool code;
};

#define MODULE_RANGES 8

/* Texts are printable. Addresses are taken from the dump and not checked. */
struct module {
	uint64_t address;  /* of its struct module */
	char name[64 + 1]; /* empty: cannot be read */
	char version[64];  /* as the module says; mostly empty */
	enum module_state state;
	uint64_t taints;                           /* bits as in the kernel's tainted_mask */
	uint64_t size;                             /* bytes, of all ranges; 0: not known */
	struct module_range ranges[MODULE_RANGES]; /* none is empty */
	size_t n_ranges;

	/* ORC tables for unwinding, x86_64 only: both addresses, and the entries of each; or 0. */
	uint64_t orc_ips, orc_entries, n_orcs;

	/* Addresses of the symbols (Elf64_Sym), of their names and of a letter for the type of each
	 * (0: it is in st_info); number of symbols. */
	uint64_t symbols, names, types, n_symbols;
};

struct modlist {
	struct module *modules; /* the one loaded last first */
	size_t n;
	char remark[256]; /* why these are not all; empty when they are */
};

/* Reads the list; release it with modlist_done(). A broken list gives the modules before the break,
 * and a remark. Without types modules have a name and a state only, and a remark. -ENODATA, -ENOENT
 * or -EBADMSG with a text when the list cannot be found. */
int modlist_read(const struct kview *v, struct modlist *ret);
void modlist_done(struct modlist *m);

/* The range of @m that has @address; NULL when none has. */
const struct module_range *module_range_of(const struct module *m, uint64_t address);

/* The module that has @address; NULL when none has. */
const struct module *modlist_find(const struct modlist *m, uint64_t address);
