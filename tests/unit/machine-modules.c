// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * machine-modules.c - module directories as depmod(8) leaves them, see machine.h.
 *
 * libkmod reads the binary indexes only: a tree of nodes by the characters of the key. A node that
 * is referred to has in the top bits of its offset which parts it has: 0x40000000 values,
 * 0x20000000 children. All numbers are big-endian (kmod 30, shared/libkmod-index.c). Nodes here
 * have no prefix: one character for each step.
 */
#include <limits.h>
#include <stdio.h>

#include "tests/unit/machine.h"

struct node {
	struct node *children[128];
	char *values[8];
	size_t n_values;
};

struct index {
	struct node root;
	uint8_t bytes[KIB(256)];
	size_t len;
};

static void add(struct index *index, const char *key, const char *value)
{
	struct node *n = &index->root;

	for (; *key; key++) {
		struct node **next = &n->children[*key & 0x7f];

		if (!*next)
			*next = calloc(1, sizeof(**next));
		assert_non_null(*next);
		n = *next;
	}
	assert_true(n->n_values < ARRAY_SIZE(n->values));
	n->values[n->n_values] = strdup(value);
	assert_non_null(n->values[n->n_values]);
	n->n_values++;
}

static void put(struct index *index, const void *data, size_t len)
{
	assert_true(index->len + len <= sizeof(index->bytes));
	memcpy(index->bytes + index->len, data, len);
	index->len += len;
}

static void put_u32(struct index *index, uint32_t v)
{
	uint8_t bytes[4] = { v >> 24, v >> 16, v >> 8, v };

	put(index, bytes, sizeof(bytes));
}

/* Writes what is below first; frees. Returns offset and flags of the node. */
static uint32_t write_node(struct index *index, struct node *n)
{
	uint32_t children[128] = {}, flags = 0, offset;
	int first = -1, last = -1;

	for (int c = 0; c < 128; c++) {
		if (!n->children[c])
			continue;
		children[c] = write_node(index, n->children[c]);
		free(n->children[c]);
		n->children[c] = NULL;
		first = first < 0 ? c : first;
		last = c;
	}
	offset = index->len;
	if (first >= 0) {
		flags |= 0x20000000;
		put(index, (uint8_t[]){ first, last }, 2);
		for (int c = first; c <= last; c++)
			put_u32(index, children[c]);
	}
	if (n->n_values) {
		flags |= 0x40000000;
		put_u32(index, n->n_values);
	}
	for (size_t i = 0; i < n->n_values; i++) {
		put_u32(index, i); /* priority */
		put(index, n->values[i], strlen(n->values[i]) + 1);
		free(n->values[i]);
	}
	n->n_values = 0;
	return offset | flags;
}

static void write_index(struct index *index, const struct temptree *t, const char *dir,
                        const char *name)
{
	char path[PATH_MAX];
	uint32_t root;

	index->len = 0;
	put_u32(index, 0xb007f457);
	put_u32(index, 0x00020001);
	put_u32(index, 0);
	root = write_node(index, &index->root);
	for (int i = 0; i < 4; i++)
		index->bytes[8 + i] = root >> (24 - 8 * i);
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	temptree_bytes(t, path, index->bytes, index->len);
}

void machine_modules(const struct temptree *t, const char *release,
                     const struct machine_module *modules, size_t n)
{
	struct index *index = calloc(1, sizeof(*index));
	char dir[128], path[PATH_MAX], line[PATH_MAX], softdeps[4096] = "";

	assert_non_null(index);
	snprintf(dir, sizeof(dir), "usr/lib/modules/%s", release);
	for (size_t i = 0; i < n; i++) {
		const struct machine_module *m = &modules[i];

		if (m->softdep)
			snprintf(softdeps + strlen(softdeps), sizeof(softdeps) - strlen(softdeps),
			         "softdep %s %s\n", m->name, m->softdep);
		if (!m->file)
			continue;
		snprintf(line, sizeof(line), "%s:%s%s", m->file, m->needs ? " " : "",
		         m->needs ? m->needs : "");
		add(index, m->name, line);
		snprintf(path, sizeof(path), "%s/%s", dir, m->file);
		temptree_text(t, path, m->name);
	}
	write_index(index, t, dir, "modules.dep.bin");
	for (size_t i = 0; i < n; i++)
		if (modules[i].alias && modules[i].file)
			add(index, modules[i].alias, modules[i].name);
	write_index(index, t, dir, "modules.alias.bin");
	for (size_t i = 0; i < n; i++)
		if (!modules[i].file)
			add(index, modules[i].name, "");
	write_index(index, t, dir, "modules.builtin.bin");
	for (size_t i = 0; i < n; i++)
		if (modules[i].alias && !modules[i].file)
			add(index, modules[i].alias, modules[i].name);
	write_index(index, t, dir, "modules.builtin.alias.bin");
	write_index(index, t, dir, "modules.symbols.bin");
	snprintf(path, sizeof(path), "%s/modules.softdep", dir);
	temptree_text(t, path, softdeps);
	free(index);
}
