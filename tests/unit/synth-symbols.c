// SPDX-License-Identifier: GPL-2.0-or-later
/* synth-symbols.c - symbol tables as scripts/kallsyms.c writes them, see synth-symbols.h. */
#include "tests/unit/synth-symbols.h"

#include <stdio.h>

#define TABLES_VA  (SYNTH_IMAGE_VA + MIB(1))
#define TABLES_END (SYNTH_IMAGE_VA + 0x1ff000) /* page tables of synth.c */
#define BASE       SYNTH_IMAGE_VA

/* Bytes that names do not need stand for these, the others for themselves. */
static const struct {
	uint8_t byte;
	const char *text;
} tokens[] = {
	{ 0x01, "__" }, { 0x80, "T__" },   { 0xff, "Tsys_" },
	{ 0x7f, "_" },  { 0xc3, "start" }, { 0x20, "init" },
};

static const char *token_text(unsigned byte, char single[2])
{
	for (size_t i = 0; i < ARRAY_SIZE(tokens); i++)
		if (tokens[i].byte == byte)
			return tokens[i].text;
	single[0] = byte > ' ' && byte < 0x7f ? byte : '\0';
	single[1] = '\0';
	return single;
}

static size_t compress(const char *text, uint8_t *ret)
{
	size_t n = 0;

	while (*text) {
		size_t best = 0;

		ret[n] = *text;
		for (size_t i = 0; i < ARRAY_SIZE(tokens); i++) {
			size_t len = strlen(tokens[i].text);

			if (len > best && strncmp(text, tokens[i].text, len) == 0) {
				ret[n] = tokens[i].byte;
				best = len;
			}
		}
		text += MAX(best, 1);
		n++;
	}
	return n;
}

static void store(struct synth *m, uint64_t va, uint64_t v, size_t size)
{
	uint8_t bytes[8];

	synth_put(bytes, v, size, false);
	synth_store(m, va, bytes, size);
}

/* A label; tables may begin with it. */
static uint64_t label(uint64_t *at)
{
	assert_true(*at < TABLES_END);
	return *at = ALIGN_UP(*at, 8);
}

static void put_addresses(struct synth *m, struct synth_tables *t, uint64_t *at,
                          const struct synth_symbol *symbols, size_t n)
{
	size_t size = t->addresses == SYNTH_ABSOLUTE ? 8 : 4;

	t->offsets = label(at);
	for (size_t i = 0; i < n; i++, *at += size) {
		uint64_t address = symbols[i].address, v = address;

		if (t->addresses == SYNTH_BASE_RELATIVE)
			v = address - BASE;
		else if (t->addresses == SYNTH_PLACE_RELATIVE)
			v = address - *at;
		else if (t->addresses == SYNTH_ABSOLUTE_PERCPU && address >> 63)
			v = BASE - 1 - address;
		store(m, *at, v, size);
	}
	t->base = label(at);
	if (t->addresses == SYNTH_BASE_RELATIVE || t->addresses == SYNTH_ABSOLUTE_PERCPU) {
		store(m, *at, BASE, 8);
		*at += 8;
	}
}

static void put_names(struct synth *m, struct synth_tables *t, uint64_t *at,
                      const struct synth_symbol *symbols, size_t n)
{
	uint32_t *markers = calloc(n / 256 + 1, sizeof(*markers));
	size_t size = t->wide ? 8 : 4;
	char text[2048];
	uint8_t bytes[2048];

	assert_non_null(markers);
	t->num_syms = label(at);
	store(m, *at, n, size);
	*at += size;
	t->names = label(at);
	for (size_t i = 0; i < n; i++) {
		size_t len;

		if (i % 256 == 0)
			markers[i / 256] = *at - t->names;
		assert_true(snprintf(text, sizeof(text), "%c%s", symbols[i].type, symbols[i].name) <
		            (int)sizeof(text));
		len = compress(text, bytes);
		if (t->long_lengths && len > 127) {
			store(m, (*at)++, (len & 0x7f) | 0x80, 1);
			store(m, (*at)++, len >> 7, 1);
		} else {
			assert_true(len < 256);
			store(m, (*at)++, len, 1);
		}
		synth_store(m, *at, bytes, len);
		*at += len;
	}
	t->markers = label(at);
	for (size_t i = 0; i < (n + 255) / 256; i++, *at += size)
		store(m, *at, markers[i], size);
	free(markers);
}

static void put_tokens(struct synth *m, struct synth_tables *t, uint64_t *at)
{
	uint16_t index[256];
	char single[2];

	t->token_table = label(at);
	for (unsigned i = 0; i < 256; i++) {
		const char *text = token_text(i, single);

		index[i] = *at - t->token_table;
		synth_store(m, *at, text, strlen(text) + 1);
		*at += strlen(text) + 1;
	}
	t->token_index = label(at);
	for (unsigned i = 0; i < 256; i++, *at += 2)
		store(m, *at, index[i], 2);
}

/* What stands there is not read by anybody. */
static void put_seqs(struct synth *m, uint64_t *at, size_t n)
{
	label(at);
	for (size_t i = 0; i < n; i++, *at += 3)
		store(m, *at, n - 1 - i, 3);
}

static void tell(struct synth *m, const char *name, uint64_t va)
{
	synth_key(&m->info, "SYMBOL(%s)=%llx", name, (unsigned long long)va);
}

static void tell_tables(struct synth *m, const struct synth_tables *t)
{
	tell(m, "kallsyms_names", t->names);
	tell(m, "kallsyms_num_syms", t->num_syms);
	tell(m, "kallsyms_token_table", t->token_table);
	tell(m, "kallsyms_token_index", t->token_index);
	tell(m, t->addresses == SYNTH_ABSOLUTE ? "kallsyms_addresses" : "kallsyms_offsets",
	     t->offsets);
	if (t->addresses == SYNTH_BASE_RELATIVE || t->addresses == SYNTH_ABSOLUTE_PERCPU)
		tell(m, "kallsyms_relative_base", t->base);
}

void synth_tables(struct synth *m, struct synth_tables *t, const struct synth_symbol *symbols,
                  size_t n)
{
	uint64_t at = TABLES_VA;

	if (t->addresses_first)
		put_addresses(m, t, &at, symbols, n);
	put_names(m, t, &at, symbols, n);
	if (t->seqs)
		put_seqs(m, &at, n);
	put_tokens(m, t, &at);
	if (!t->addresses_first)
		put_addresses(m, t, &at, symbols, n);
	label(&at);
	if (!t->untold)
		tell_tables(m, t);
	for (size_t i = 0; i < n; i++)
		if (streq(symbols[i].name, "_stext"))
			tell(m, "_stext", symbols[i].address);
}
