/* SPDX-License-Identifier: GPL-2.0-or-later */
/* symbols.h - one look at the symbols of a kernel and of its modules. */
#pragma once

#include "vmcore/view/modlist.h"

struct symbols;

/* A kernel without its names or types has fewer answers. Fails only for lack of memory; @v must
 * outlive the symbols. */
int symbols_open(const struct kview *v, struct symbols **ret);
struct symbols *symbols_free(struct symbols *s);
void symbols_freep(struct symbols **s);

/* The modules; the remark says why there are none, or not all. */
const struct modlist *symbols_modules(const struct symbols *s);

/* The address of the first symbol of that name, of the kernel or else of a module; -ENOENT with a
 * text when there is none. */
int symbols_address(struct symbols *s, const char *name, uint64_t *ret);

/* The symbol that @address lies in or behind, as kallsyms_find(). @ret_module is the module that
 * has it, NULL for the kernel; that is given even when -ENOENT is all there is to say. */
int symbols_find(struct symbols *s, uint64_t address, struct symbol *ret,
                 const struct module **ret_module);

/* "name+0x12/0x340 [module]" as the kernel writes it, the address when there is no symbol. Not
 * @exact: it is one that a call returns to, so that the byte before it has the name, which matters
 * behind a call that never returns. Returns @buf. */
#define SYMBOLS_TEXT_MAX 640
char *symbols_text(struct symbols *s, uint64_t address, bool exact,
                   char buf[static SYMBOLS_TEXT_MAX]);
