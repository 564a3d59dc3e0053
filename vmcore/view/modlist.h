/* SPDX-License-Identifier: GPL-2.0-or-later */
/* modlist.h - the modules that a kernel had loaded. */
#pragma once

#include "vmcore/view/kview.h"

enum module_state {
	MODULE_LIVE,
	MODULE_COMING,   /* being set up */
	MODULE_GOING,    /* being removed */
	MODULE_UNFORMED, /* being loaded: little of it is there */
	MODULE_STATES,
};

/* Where a part of a module lies: [start, end). */
struct module_range {
	uint64_t start, end;
	bool code;
};

#define MODULE_RANGES 8

/* All texts can be printed. Addresses are what the dump says, not more. */
struct module {
	uint64_t address;  /* of its struct module */
	char name[64 + 1]; /* empty: cannot be read */
	char version[64];  /* as the module says; mostly empty */
	enum module_state state;
	uint64_t taints;                           /* bits as in the kernel's tainted_mask */
	uint64_t size;                             /* bytes, of all ranges */
	struct module_range ranges[MODULE_RANGES]; /* none is empty */
	size_t n_ranges;

	/* Its tables for unwinding on x86_64: addresses of both parts, entries of each; 0 none. */
	uint64_t orc_ips, orc_entries, n_orcs;

	/* Its symbols: addresses of Elf64_Sym, of the names, of one letter for each (0: that is in
	 * st_info); how many there are. */
	uint64_t symbols, names, types, n_symbols;
};

struct modlist {
	struct module *modules; /* the one loaded last first */
	size_t n;
	char remark[256]; /* why these are not all; empty when they are */
};

/* Reads the list. When that is broken somewhere, what comes before is given, and the remark tells.
 * -ENODATA, -ENOENT or -EBADMSG with a text when it cannot be found; free what is given with
 * modlist_done(). */
int modlist_read(const struct kview *v, struct modlist *ret);
void modlist_done(struct modlist *m);

/* The range of @m that @address lies in; NULL when in none. */
const struct module_range *module_range_of(const struct module *m, uint64_t address);

/* The module that @address lies in; NULL when in none. */
const struct module *modlist_find(const struct modlist *m, uint64_t address);
