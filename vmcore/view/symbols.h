/* SPDX-License-Identifier: GPL-2.0-or-later */
/* symbols.h - the symbols of a kernel, of its modules and of BPF programs together. */
#pragma once

#include "vmcore/view/modlist.h"

struct symbols;

/* Without symbols or types fewer addresses have names. -ENOMEM only. @v must outlive the result. */
int symbols_open(const struct kview *v, struct symbols **ret);
struct symbols *symbols_free(struct symbols *s);
BASE_FREEP(symbols)

/* The modules; their remark says why some or all are missing. */
const struct modlist *symbols_modules(const struct symbols *s);

/* The address of the symbol @name of the kernel, or else of a module. -ENOENT with a text: none. */
int symbols_address(struct symbols *s, const char *name, uint64_t *ret);

/* The symbol at or before @address, as in kallsyms_find(). @ret_module is the module that has the
 * address, NULL for the kernel and BPF programs; it is set even when the result is -ENOENT. */
int symbols_find(struct symbols *s, uint64_t address, struct symbol *ret,
                 const struct module **ret_module);

/* "name+0x12/0x340 [module]" as the kernel writes it, or the address when it has no symbol. Without
 * @exact, @address is a return address: the byte before it tells the function, since behind a call
 * that never returns another function may begin. Returns @buf. */
#define SYMBOLS_TEXT_MAX 640
char *symbols_text(struct symbols *s, uint64_t address, bool exact,
                   char buf[static SYMBOLS_TEXT_MAX]);
