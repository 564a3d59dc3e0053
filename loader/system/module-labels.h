/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * module-labels.h - a kernel module without labels of the compiler's.
 *
 * The assembler keeps each local label (".L123") as a symbol where the linker may shorten code: on
 * RISC-V these are most of what a module is made of. The kernel has no use for a symbol that no
 * relocation refers to (kernel/module/main.c, simplify_symbols(), Linux 6.12), and leaves such
 * names out of its backtraces (include/linux/module_symbol.h, is_mapping_symbol()).
 */
#pragma once

#include "base/base.h"

/* Below this there is too little to gain. */
#define MODULE_LABELS_MIN KIB(64)

/* Drops from the module @data the local labels that no relocation refers to. Returns its size then;
 * the signature behind it is gone too. Returns @len, and changes nothing, when their symbols take
 * less than MODULE_LABELS_MIN bytes, when the module is damaged or has what is not known here, and
 * without memory. @data is aligned as malloc() does it. */
size_t module_drop_labels(void *data, size_t len);
