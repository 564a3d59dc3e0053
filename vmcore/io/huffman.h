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
	uint32_t code[HUFFMAN_MAX_SYMBOLS]; /* of symbols without a length: anything */
	uint8_t len[HUFFMAN_MAX_SYMBOLS];   /* 0: is not used */
};

/* Sets lengths of at most @max bits, and codes, for the first @n symbols, from the frequencies.
 * Symbols in use get a length; when they are fewer than two, others get one as well, since some
 * readers want two. 1 << @max must be at least @n, and the sum of the frequencies below 1 << 21. */
void huffman_make(struct huffman *h, size_t n, unsigned max);

/* Sets the codes from the lengths of the first @n symbols; @count is how many symbols have each
 * length, from 0 up to @max. */
void huffman_set_codes(struct huffman *h, size_t n, const uint32_t *count, unsigned max);

/* Bits that all the symbols take, each as often as its frequency says. */
uint64_t huffman_bits(const struct huffman *h, size_t n);
