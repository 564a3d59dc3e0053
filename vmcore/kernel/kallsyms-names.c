// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kallsyms-names.c - the names of the kernel's symbols, as scripts/kallsyms.c compresses them.
 *
 * For each symbol, kallsyms_names has a length and that many bytes. Each byte stands for a token.
 * kallsyms_token_index, 256 offsets of 16 bits, tells where in kallsyms_token_table the text of a
 * token begins; the text ends with a NUL. All texts of a symbol together are its type, one letter
 * as in nm(1), and its name. Since Linux 6.1 a length from 128 on has two bytes, the lower seven
 * bits first, marked by bit 7.
 *
 * VMCOREINFO does not tell which form the lengths have. Nor does it tell of kallsyms_markers, which
 * lie behind the names: the offsets of every 256th name, 32 bits each. So both forms are tried, and
 * the one is right whose names end at markers that agree with them.
 *
 * The order in memory is names, markers, token table, token index. Up to 6.3 another table lies
 * before the tokens. This order tells how much is read.
 */
#include "vmcore/kernel/kallsyms-names.h"

#include <endian.h>
#include <errno.h>

#include "base/cursor.h"
#include "base/err.h"
#include "base/text.h"

/* Limits against broken dumps; an ordinary kernel has 200 thousand symbols in 2 MiB. */
#define MAX_SYMBOLS (UINT32_C(1) << 21)
#define MAX_NAMES   MIB(32)
#define MAX_TOKENS  KIB(128)

#define PER_GROUP  64 /* names */
#define PER_MARKER 256
#define CHAIN_BITS 16
#define N_CHAINS   (UINT32_C(1) << CHAIN_BITS)

void kallsyms_names_done(struct kallsyms_names *names)
{
	free(names->bytes);
	free(names->groups);
	free(names->token_table);
	free(names->chains);
	free(names->next);
	*names = (struct kallsyms_names){};
}

/* The hash of a name is had without decoding it. Its letters are the digits of a number to the base
 * BASE, modulo 2^32. So to append a token is to multiply by BASE to the power of the token's
 * length, and to add the token's hash. */
#define BASE 16777619

static uint32_t hash_letters(const char *text, size_t len, uint32_t *ret_power)
{
	uint32_t hash = 0, power = 1;

	for (size_t i = 0; i < len; i++) {
		hash = hash * BASE + (uint8_t)text[i];
		power *= BASE;
	}
	*ret_power = power;
	return hash;
}

static void hash_token(struct kallsyms_token *t)
{
	t->hash = hash_letters(t->text, t->len, &t->power);
	t->tail_hash = t->tail_power = 0;
	if (t->len > 0)
		t->tail_hash = hash_letters(t->text + 1, t->len - 1, &t->tail_power);
}

static int read_tokens(struct kallsyms_names *names, struct kspace *ks,
                       const struct kallsyms_places *t)
{
	uint64_t size = t->token_index - t->token_table;
	uint16_t index[ARRAY_SIZE(names->tokens)];
	int r;

	if (size == 0 || size > MAX_TOKENS)
		return errf(
			-EBADMSG,
			"the kernel's symbol table: tokens from %#llx to %#llx are not plausible",
			(unsigned long long)t->token_table, (unsigned long long)t->token_index);
	names->token_table = malloc(size);
	if (!names->token_table)
		return -ENOMEM;
	if ((r = kspace_read(ks, t->token_table, names->token_table, size)) < 0 ||
	    (r = kspace_read(ks, t->token_index, index, sizeof(index))) < 0)
		return err_prefix(r, "the kernel's symbol table: tokens");
	/* Names must be printable, even those of a broken dump. */
	text_mask(names->token_table, size);
	for (unsigned i = 0; i < ARRAY_SIZE(index); i++) {
		uint64_t at = le16toh(index[i]);
		const char *text = names->token_table + MIN(at, size);
		size_t len = strnlen(text, size - MIN(at, size));

		if (at + len >= size)
			return errf(-EBADMSG,
			            "the kernel's symbol table: token %u, from byte %llu on, does "
			            "not end within the %llu bytes of all",
			            i, (unsigned long long)at, (unsigned long long)size);
		names->tokens[i].text = text;
		names->tokens[i].len = len;
		hash_token(&names->tokens[i]);
	}
	return 0;
}

static struct cursor over_names(const struct kallsyms_names *names)
{
	return cursor_over(names->bytes, names->len, "the kernel's symbol names");
}

/* Takes the tokens of the next name from @c. */
static int next_name(struct cursor *c, bool long_lengths, const uint8_t **ret, size_t *ret_len)
{
	const void *tokens = NULL;
	uint8_t low, high = 0;
	size_t len;
	int r = cursor_u8(c, &low);

	if (r < 0)
		return r;
	if (long_lengths && low & 0x80) {
		r = cursor_u8(c, &high);
		if (r < 0)
			return r;
		low &= 0x7f;
	}
	len = low | high << 7;
	r = cursor_bytes(c, len, &tokens);
	if (r < 0)
		return r;
	*ret = tokens;
	*ret_len = len;
	return 0;
}

/* Fills groups[] by lengths of this form; they end at *@ret_end. False: too few, or empty ones. */
static bool walk_names(struct kallsyms_names *names, bool long_lengths, size_t *ret_end)
{
	struct cursor c = over_names(names);
	const uint8_t *tokens;
	size_t len;

	for (uint32_t i = 0; i < names->n; i++) {
		if (i % PER_GROUP == 0)
			names->groups[i / PER_GROUP] = cursor_offset(&c);
		if (next_name(&c, long_lengths, &tokens, &len) < 0 || len == 0)
			return false;
	}
	*ret_end = cursor_offset(&c);
	return true;
}

/* True if the markers at offset @at, in the same block as the names, agree with groups[]. */
static bool markers_agree(const struct kallsyms_names *names, size_t at)
{
	struct cursor c = over_names(names);
	uint32_t marker;

	if (cursor_seek(&c, at) < 0)
		return false;
	for (uint32_t i = 0; i < names->n; i += PER_MARKER)
		if (cursor_u32(&c, &marker) < 0 || marker != names->groups[i / PER_GROUP])
			return false;
	return true;
}

static bool release_has_long_lengths(const struct vmcoreinfo *vi)
{
	unsigned major = 0, minor = 0;
	char release[65];

	sscanf(vmcoreinfo_copy(vi, "OSRELEASE", release, sizeof(release)), "%u.%u", &major, &minor);
	return major > 6 || (major == 6 && minor >= 1);
}

/* Decides on the form of the lengths, for names at @va. */
static int choose_lengths(struct kallsyms_names *names, const struct vmcoreinfo *vi, uint64_t va)
{
	bool fits[2], chosen;
	size_t end[2];

	for (int form = 1; form >= 0; form--) {
		fits[form] = walk_names(names, form, &end[form]);
		if (fits[form] && markers_agree(names, ALIGN_UP(va + end[form], 8) - va)) {
			names->long_lengths = form;
			names->len = end[form];
			return 0;
		}
	}
	if (!fits[false] && !fits[true])
		return errf(-EBADMSG,
		            "the kernel's symbol table: the %zu bytes from %#llx on are not %u "
		            "names",
		            names->len, (unsigned long long)va, names->n);
	chosen = fits[false] && fits[true] ? release_has_long_lengths(vi) : fits[true];
	names->long_lengths = chosen;
	walk_names(names, chosen, &names->len);
	return 0;
}

int kallsyms_names_read(struct kallsyms_names *names, struct kspace *ks,
                        const struct kallsyms_places *t)
{
	const struct vmcoreinfo *vi = &ks->dump->vmcoreinfo;
	uint64_t size;
	uint8_t *less;
	int r;

	*names = (struct kallsyms_names){};
	r = read_tokens(names, ks, t);
	if (r < 0)
		return r;
	r = kspace_u32(ks, t->num_syms, &names->n);
	if (r < 0)
		return err_prefix(r, "the kernel's symbol table: how many there are");
	size = t->token_table - t->names;
	/* A name has two bytes or more. */
	if (names->n == 0 || names->n > MAX_SYMBOLS || size > MAX_NAMES || names->n > size / 2)
		return errf(
			-EBADMSG,
			"the kernel's symbol table: %u names from %#llx to %#llx are not plausible",
			names->n, (unsigned long long)t->names, (unsigned long long)t->token_table);
	names->len = size;
	names->bytes = malloc(size);
	names->groups = calloc(names->n / PER_GROUP + 1, sizeof(*names->groups));
	names->chains = calloc(N_CHAINS, sizeof(*names->chains));
	names->next = calloc(names->n, sizeof(*names->next));
	if (!names->bytes || !names->groups || !names->chains || !names->next)
		return -ENOMEM;
	r = kspace_read(ks, t->names, names->bytes, size);
	if (r < 0)
		return err_prefix(r, "the kernel's symbol table: names");
	r = choose_lengths(names, vi, t->names);
	if (r < 0)
		return r;
	less = realloc(names->bytes, names->len);
	if (less)
		names->bytes = less;
	return 0;
}

/* Decodes the name at @c to text[]; an empty name becomes "?". */
static void decode_name(struct kallsyms_names *names, struct cursor *c)
{
	const uint8_t *tokens;
	size_t n = 0, len = 0;

	/* It cannot fail, since walk_names() has read all names. */
	if (next_name(c, names->long_lengths, &tokens, &n) < 0)
		n = 0;
	for (size_t i = 0; i < n && len < sizeof(names->text) - 1; i++) {
		size_t part = MIN(names->tokens[tokens[i]].len, sizeof(names->text) - 1 - len);

		memcpy(names->text + len, names->tokens[tokens[i]].text, part);
		len += part;
	}
	while (len < 2)
		names->text[len++] = '?';
	names->text[len] = '\0';
}

void kallsyms_names_get(struct kallsyms_names *names, uint32_t nr)
{
	struct cursor c = over_names(names);
	const uint8_t *tokens;
	size_t len;

	cursor_seek(&c, names->groups[nr / PER_GROUP]);
	for (uint32_t i = 0; i < nr % PER_GROUP; i++)
		next_name(&c, names->long_lengths, &tokens, &len);
	decode_name(names, &c);
}

static uint32_t *chain_of(const struct kallsyms_names *names, uint32_t hash)
{
	return &names->chains[(hash ^ hash >> CHAIN_BITS) % N_CHAINS];
}

static uint32_t hash_name(const char *name)
{
	uint32_t power;

	return hash_letters(name, strlen(name), &power);
}

/* The hash of the name at @c, without its first letter, which is the type. Only names that
 * decode_name() cuts or fills up are decoded for it. */
static uint32_t hash_next(struct kallsyms_names *names, struct cursor *c)
{
	struct cursor start = *c;
	const uint8_t *tokens;
	size_t n = 0, len = 0;
	uint32_t hash = 0;

	if (next_name(c, names->long_lengths, &tokens, &n) < 0)
		n = 0;
	for (size_t i = 0; i < n; i++) {
		const struct kallsyms_token *t = &names->tokens[tokens[i]];

		hash = len == 0 ? t->tail_hash : hash * t->power + t->hash;
		len += t->len;
	}
	if (len >= 2 && len < sizeof(names->text))
		return hash;
	decode_name(names, &start);
	return hash_name(names->text + 1);
}

/* Puts more names into the index until one of them is @name, whose hash is @hash. */
static bool index_until(struct kallsyms_names *names, const char *name, uint32_t hash)
{
	struct cursor c = over_names(names);

	cursor_seek(&c, names->indexed_end);
	while (names->indexed < names->n) {
		uint32_t nr = names->indexed++, own, *chain;
		struct cursor start = c;

		own = hash_next(names, &c);
		names->indexed_end = cursor_offset(&c);
		chain = chain_of(names, own);
		names->next[nr] = *chain;
		*chain = nr + 1;
		if (own != hash)
			continue;
		decode_name(names, &start);
		if (streq(names->text + 1, name))
			return true;
	}
	return false;
}

bool kallsyms_names_search(struct kallsyms_names *names, const char *name, uint32_t *ret)
{
	uint32_t hash = hash_name(name);
	bool found = false;

	/* The last one in a chain is the first one in the table. */
	for (uint32_t next = *chain_of(names, hash); next; next = names->next[next - 1]) {
		kallsyms_names_get(names, next - 1);
		if (streq(names->text + 1, name)) {
			*ret = next - 1;
			found = true;
		}
	}
	if (!found && index_until(names, name, hash)) {
		*ret = names->indexed - 1;
		found = true;
	}
	return found;
}
