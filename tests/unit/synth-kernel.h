/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * synth-kernel.h - a crashed kernel with symbols, types and two CPUs.
 *
 * A test puts types, symbols and numbers into it and opens it then. Variables of a CPU have an
 * address of the image, to which SYNTH_CPU_OFFSET(cpu) is added.
 */
#pragma once

#include "tests/unit/synth-btf.h"
#include "tests/unit/synth-symbols.h"
#include "vmcore/view/kview.h"

/* Where the types are, and what is left to tests: all that lies up to 0x100000 behind this. */
#define SYNTH_BTF  UINT64_C(0x10000)
#define SYNTH_DATA UINT64_C(0x30000)

#define SYNTH_VA(offset)     (SYNTH_IMAGE_VA + (offset))
#define SYNTH_CPU_OFFSET(n)  (UINT64_C(0x40000) * (1 + (n)))
#define SYNTH_MAX_SYMBOLS    64
#define SYNTH_MAX_OF_STRUCTS 32

struct synth_kernel {
	struct synth m;
	struct synth_btf btf;
	uint32_t s8, u32, u64, pointer, list; /* ids of types */
	struct synth_symbol symbols[SYNTH_MAX_SYMBOLS];
	size_t n;
	struct dump *dump;
	struct kspace *ks;
	struct kview *view;
};

void synth_kernel_init(struct synth_kernel *k);
void synth_kernel_done(struct synth_kernel *k);

/* Memory at a virtual address of the image. */
void synth_kernel_put(struct synth_kernel *k, uint64_t va, uint64_t v, size_t size);
void synth_kernel_text(struct synth_kernel *k, uint64_t va, const char *s);

/* A ring of struct list_head. */
void synth_kernel_ring(struct synth_kernel *k, const uint64_t *at, size_t n);

void synth_kernel_symbol(struct synth_kernel *k, const char *name, uint64_t va);

/* Forgets a symbol. */
void synth_kernel_drop(struct synth_kernel *k, const char *name);

struct synth_field {
	const char *name;
	uint32_t type;
	uint32_t offset; /* bytes */
};

/* The fields end with one without a name. Returns the id. */
uint32_t synth_kernel_struct(struct synth_kernel *k, const char *name, uint32_t size,
                             const struct synth_field *fields);

/* Enumerators from 0 on; NULL ends them. @name may be NULL. */
void synth_kernel_enum(struct synth_kernel *k, const char *name, const char *const *enumerators);

/* Writes types and symbols to memory and opens it as a dump. */
struct dump *synth_kernel_dump(struct synth_kernel *k);

/* Opens such a dump as a kernel. */
const struct kview *synth_kernel_open(struct synth_kernel *k);
