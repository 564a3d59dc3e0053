// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * huffman.c - the codes of a deflate block, see huffman.h.
 *
 * Only the length of each code is chosen, which is the depth of its symbol in the tree. The bits
 * follow from the lengths (RFC 1951, 3.2.2).
 */
#include "vmcore/io/huffman.h"

/* No tree is deeper: that takes frequencies that grow like Fibonacci's numbers. */
#define MAX_DEPTH 32

#define SYMBOL_BITS 9
#define SYMBOL_MASK 511

/* Sorts @n symbols, each as frequency << SYMBOL_BITS | symbol, the rarest first: frequencies below
 * 64 by counting, the few others by insertion. */
static void sort_used(const uint32_t *used, size_t n, uint32_t *sorted)
{
	uint16_t start[66] = {};
	size_t first;

	for (size_t i = 0; i < n; i++)
		start[MIN(used[i] >> SYMBOL_BITS, 64U) + 1]++;
	for (size_t i = 1; i < 65; i++)
		start[i + 1] += start[i];
	first = start[64];
	for (size_t i = 0; i < n; i++)
		sorted[start[MIN(used[i] >> SYMBOL_BITS, 64U)]++] = used[i];
	for (size_t i = first + 1; i < n; i++) {
		uint32_t v = sorted[i];
		size_t j = i;

		for (; j > first && sorted[j - 1] > v; j--)
			sorted[j] = sorted[j - 1];
		sorted[j] = v;
	}
}

/* Counts the leaves of Huffman's tree at each depth. Leaves are sorted by weight, and inner nodes
 * are made in that order, so the two lightest are always at the heads of two queues. */
static void count_depths(const uint32_t *sorted, size_t n, uint32_t *count)
{
	uint32_t weight[HUFFMAN_MAX_SYMBOLS];
	uint16_t parent[HUFFMAN_MAX_SYMBOLS];
	uint8_t depth[HUFFMAN_MAX_SYMBOLS];
	uint32_t inner[MAX_DEPTH + 1] = {};
	size_t leaf = 0, node = 0;

	for (size_t i = 0; i < n - 1; i++) {
		weight[i] = 0;
		for (int k = 0; k < 2; k++) {
			if (node == i ||
			    (leaf < n && sorted[leaf] >> SYMBOL_BITS <= weight[node])) {
				weight[i] += sorted[leaf++] >> SYMBOL_BITS;
			} else {
				weight[i] += weight[node];
				parent[node++] = i;
			}
		}
	}
	depth[n - 2] = 0;
	inner[0] = 1;
	for (size_t i = n - 2; i-- > 0;) {
		depth[i] = depth[parent[i]] + 1;
		inner[depth[i]]++;
	}
	for (size_t i = 1; i <= MAX_DEPTH; i++)
		count[i] = 2 * inner[i - 1] - inner[i];
}

/* Moves leaves that are deeper than @max up to it. Where that makes too many there, a leaf higher
 * up becomes an inner node, with itself and one of them below. */
static void limit_depths(uint32_t *count, unsigned max)
{
	uint32_t taken = 0;

	for (size_t i = max + 1; i <= MAX_DEPTH; i++)
		count[max] += count[i];
	for (size_t i = 1; i <= max; i++)
		taken += count[i] << (max - i);
	for (; taken > 1U << max; taken--) {
		size_t i = max - 1;

		while (count[i] == 0)
			i--;
		count[i]--;
		count[i + 1] += 2;
		count[max]--;
	}
}

static uint32_t reverse(uint32_t v, unsigned bits)
{
	v = (v & 0x5555) << 1 | (v >> 1 & 0x5555);
	v = (v & 0x3333) << 2 | (v >> 2 & 0x3333);
	v = (v & 0x0f0f) << 4 | (v >> 4 & 0x0f0f);
	v = (v & 0x00ff) << 8 | v >> 8;
	return v >> (16 - bits);
}

/* Codes of one length are consecutive numbers, and come behind the shorter codes. */
void huffman_set_codes(struct huffman *h, size_t n, const uint32_t *count, unsigned max)
{
	uint32_t next[HUFFMAN_MAX_BITS + 2] = {}, *code = h->code;

	/* gcc 12 for arm64 addresses the code by way of the length (-fivopts), loses sight of @h,
	 * and leaves the call out. So it must not know where this points to. */
	asm("" : "+r"(code));
	for (size_t i = 1; i <= max; i++)
		next[i + 1] = (next[i] + count[i]) << 1;
	for (size_t i = 0; i < n; i++) {
		unsigned len = h->len[i];

		if (len)
			code[i] = reverse(next[len]++, len) | len << HUFFMAN_SHIFT;
	}
}

void huffman_make(struct huffman *h, size_t n, unsigned max)
{
	uint32_t used[HUFFMAN_MAX_SYMBOLS], sorted[HUFFMAN_MAX_SYMBOLS];
	uint32_t count[MAX_DEPTH + 1] = {};
	size_t n_used = 0, leaf = 0;

	for (size_t i = 0; i < n; i++) {
		used[n_used] = h->freq[i] << SYMBOL_BITS | i;
		n_used += h->freq[i] != 0;
	}
	for (size_t i = 0; n_used < 2; i++)
		if (h->freq[i] == 0)
			used[n_used++] = i;
	sort_used(used, n_used, sorted);
	count_depths(sorted, n_used, count);
	limit_depths(count, max);
	memset(h->len, 0, n);
	for (unsigned len = max; len > 0; len--)
		for (size_t i = 0; i < count[len]; i++)
			h->len[sorted[leaf++] & SYMBOL_MASK] = len;
	huffman_set_codes(h, n, count, max);
}

uint64_t huffman_bits(const struct huffman *h, size_t n)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < n; i++)
		bits += h->freq[i] * h->len[i];
	return bits;
}
