// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * btf-find.c - finds the kernel's types where no symbol tells of them, see btf.h.
 *
 * BTF begins with the bytes 9f eb 01 00 (magic number, version 1, no flags), the length of its
 * header, and two sections, the second right behind the first. The image has one that knows of
 * struct task_struct; BTF of modules builds upon that and knows little.
 */
#include <endian.h>
#include <errno.h>

#include "base/err.h"
#include "vmcore/kernel/btf.h"
#include "vmcore/kernel/image-search.h"

#define HEADER_SIZE 24
#define HEADER_MAX  256

/* Kernels have some MiB of types and of strings. */
#define SECTION_MAX MIB(64)

/* Limit against broken dumps: what looks like BTF. */
#define MAX_TRIES 64

struct search {
	struct kspace *ks;
	unsigned tries;
	struct btf *found;
};

/* The length of the BTF whose header is at @p; 0: it is none. */
static uint64_t length_at(const uint8_t *p)
{
	uint32_t words[5]; /* header, offset and length of types, of strings */

	memcpy(words, p + 4, sizeof(words));
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		words[i] = le32toh(words[i]);
	if (words[0] < HEADER_SIZE || words[0] > HEADER_MAX || words[1] != 0 || words[2] == 0 ||
	    words[2] > SECTION_MAX || words[3] != words[2] || words[4] == 0 ||
	    words[4] > SECTION_MAX)
		return 0;
	return (uint64_t)words[0] + words[3] + words[4];
}

/* An image_look_fn. */
static int look(void *arg, uint64_t va, const uint8_t *bytes, size_t len)
{
	static const uint8_t magic[] = { 0x9f, 0xeb, 0x01, 0x00 };
	struct search *s = arg;
	const uint8_t *p = bytes, *end = bytes + len;

	for (; (p = memmem(p, end - p, magic, sizeof(magic))); p++) {
		uint64_t size, start = va + (p - bytes);
		int r;

		size = end - p < HEADER_SIZE ? 0 : length_at(p);
		if (size == 0 || s->tries++ >= MAX_TRIES)
			continue;
		r = btf_open(s->ks, start, start + size, &s->found);
		if (r == -ENOMEM)
			return r;
		if (r == 0 && btf_size(s->found, "task_struct", &size) == 0)
			return 1;
		s->found = btf_free(s->found);
	}
	return 0;
}

int btf_find(struct kspace *ks, struct btf **ret)
{
	struct search s = { .ks = ks };
	int r = image_search(ks, HEADER_SIZE - 1, look, &s);

	if (r < 0)
		return r;
	if (r == 0)
		return errf(-ENOENT, "the kernel has no BTF");
	*ret = s.found;
	return 0;
}
