/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * synth-btf.h - BTF of kernels that were never built.
 *
 * Types are numbered as they are made, from 1 on. Written from include/uapi/linux/btf.h of Linux
 * 6.12 and 7.1, not with the engine's code.
 */
#pragma once

#include "tests/unit/synth.h"
#include "vmcore/kernel/btf.h"

enum {
	SYNTH_INT = 1,
	SYNTH_PTR,
	SYNTH_ARRAY,
	SYNTH_STRUCT,
	SYNTH_UNION,
	SYNTH_ENUM,
	SYNTH_FWD,
	SYNTH_TYPEDEF,
	SYNTH_VOLATILE,
	SYNTH_CONST,
	SYNTH_RESTRICT,
	SYNTH_FUNC,
	SYNTH_FUNC_PROTO,
	SYNTH_VAR,
	SYNTH_DATASEC,
	SYNTH_FLOAT,
	SYNTH_DECL_TAG,
	SYNTH_TYPE_TAG,
	SYNTH_ENUM64,
};

#define SYNTH_FLAG (UINT32_C(1) << 31)

struct synth_btf {
	uint32_t header; /* bytes; 24 when it is made */
	bool swap;       /* in the other byte order; set it before all else */
	uint32_t n;      /* the id made last */
	size_t types_len, strings_len, layouts_len;
	uint8_t types[32768];
	char strings[16384];
	uint8_t layouts[1024]; /* for a header of 32 bytes and more */
};

void synth_btf_init(struct synth_btf *b);

/* A type as it stands there: @info is the kind, or SYNTH_FLAG with it; @n things follow. Name NULL:
 * none. Returns its id. */
uint32_t synth_btf_type(struct synth_btf *b, const char *name, uint32_t info, unsigned n,
                        uint32_t value);

/* Appends what follows a type. */
void synth_btf_word(struct synth_btf *b, uint32_t word);

/* Types with all that belongs to them. */
uint32_t synth_btf_int(struct synth_btf *b, const char *name, uint32_t size);
uint32_t synth_btf_array(struct synth_btf *b, uint32_t type, uint32_t n);

/* A structure of @n members, which synth_btf_member() appends; @bits is where one begins, with the
 * flag of its structure in bits 24-31 the width of a bit field. */
uint32_t synth_btf_struct(struct synth_btf *b, const char *name, unsigned n, uint32_t size);
void synth_btf_member(struct synth_btf *b, const char *name, uint32_t type, uint32_t bits);

/* An enumerator of an enum; an ENUM64 has the high half behind it. */
void synth_btf_enumerator(struct synth_btf *b, const char *name, uint32_t value);

/* The whole, allocated. */
uint8_t *synth_btf_bytes(const struct synth_btf *b, size_t *ret_len);

/* Opens it, which must succeed. */
struct btf *synth_btf_open(const struct synth_btf *b);

/* "struct pair { int a; long b; };" as an example; its int is 1, its long 2 when it comes first.
 * Returns its id. */
uint32_t synth_btf_pair(struct synth_btf *b);
