/* SPDX-License-Identifier: GPL-2.0-or-later */
/* huffman.h - the codes of a deflate block (RFC 1951): from frequencies to lengths to bits. */
#pragma once

#include "base/base.h"

#define HUFFMAN_MAX_SYMBOLS 286
#define HUFFMAN_MAX_BITS    15

/* A code is its bits, the first one lowest, and their number above HUFFMAN_SHIFT. */
#define HUFFMAN_SHIFT 16

struct huffman {
	uint32_t freq[HUFFMAN_MAX_SYMBOLS];
	uint32_t code[HUFFMAN_MAX_SYMBOLS]; /* undefined where len is 0 */
	uint8_t len[HUFFMAN_MAX_SYMBOLS];   /* 0: the symbol has no code */
};

/* Sets lengths of at most @max bits, and codes, for the first @n symbols, from their frequencies.
 * Symbols in use get a length. At least two symbols get one, since some readers insist on two.
 * 1 << @max must be at least @n, and the sum of the frequencies below 1 << 21. */
void huffman_make(struct huffman *h, size_t n, unsigned max);

/* Sets the codes of @n symbols from their lengths. @count[i] symbols have length i, 0 to @max. */
void huffman_set_codes(struct huffman *h, size_t n, const uint32_t *count, unsigned max);

/* The sum of length times frequency over the first @n symbols, in bits. */
uint64_t huffman_bits(const struct huffman *h, size_t n);
