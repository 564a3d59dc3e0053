// SPDX-License-Identifier: GPL-2.0-or-later
/* machine-pe.c - made-up PE files and EFI variables, see machine.h. */
#include <limits.h>
#include <stdio.h>

#include "tests/unit/machine.h"

enum {
	PE_AT = 0x80,
	OPTIONAL_SIZE = 240,
	ROWS_AT = PE_AT + 24 + OPTIONAL_SIZE,
};

static void put(uint8_t *p, uint64_t v, size_t size)
{
	for (size_t i = 0; i < size; i++)
		p[i] = v >> (8 * i);
}

static size_t size_of(const struct machine_section *s)
{
	return s->size ? s->size : strlen(s->data);
}

void machine_pe(const struct temptree *t, const char *path, const struct machine_section *sections,
                size_t n)
{
	size_t at = ALIGN_UP(ROWS_AT + n * 40, MACHINE_PE_ALIGN), end = at;
	uint8_t *file;

	for (size_t i = 0; i < n; i++)
		end += ALIGN_UP(size_of(&sections[i]), MACHINE_PE_ALIGN);
	file = calloc(1, end);
	assert_non_null(file);
	memcpy(file, "MZ", 2);
	put(file + 0x3c, PE_AT, 4);
	memcpy(file + PE_AT, "PE\0\0", 4);
	put(file + PE_AT + 4, 0x8664, 2);
	put(file + PE_AT + 6, n, 2);
	put(file + PE_AT + 20, OPTIONAL_SIZE, 2);
	for (size_t i = 0; i < n; i++) {
		uint8_t *row = file + ROWS_AT + i * 40;
		size_t size = size_of(&sections[i]);

		memcpy(row, sections[i].name, strnlen(sections[i].name, 8));
		put(row + 8, size, 4);
		put(row + 12, 0x10000 + at, 4);
		put(row + 16, ALIGN_UP(size, MACHINE_PE_ALIGN), 4);
		put(row + 20, at, 4);
		memcpy(file + at, sections[i].data, size);
		at += ALIGN_UP(size, MACHINE_PE_ALIGN);
	}
	temptree_bytes(t, path, file, end);
	free(file);
}

void machine_uki(const struct temptree *t, const char *path, const struct machine_uki *uki)
{
	uint8_t image[BZIMAGE_SIZE];
	const struct machine_section all[] = {
		{ ".osrel", uki->osrel },   { ".cmdline", uki->cmdline },
		{ ".uname", uki->uname },   { ".ucode", uki->ucode },
		{ ".initrd", uki->initrd }, { ".linux", uki->release ? image : NULL, BZIMAGE_SIZE },
	};
	struct machine_section some[ARRAY_SIZE(all)];
	size_t n = 0;

	if (uki->release && uki->machine)
		machine_image_bytes(image, uki->machine, uki->release);
	else if (uki->release)
		machine_bzimage_bytes(image, uki->release);
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (all[i].data)
			some[n++] = all[i];
	machine_pe(t, path, some, n);
}

void machine_efivar(const struct temptree *t, const char *name, const char *value)
{
	uint8_t raw[256] = { 7 };
	size_t len = 4;
	char path[PATH_MAX];

	snprintf(path, sizeof(path),
	         "sys/firmware/efi/efivars/%s-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f", name);
	if (!value) {
		assert_int_equal(unlinkat(t->fd, path, 0), 0);
		return;
	}
	for (size_t i = 0; i <= strlen(value); i++, len += 2)
		raw[len] = value[i];
	temptree_bytes(t, path, raw, len);
}
