// SPDX-License-Identifier: GPL-2.0-or-later
/* notes.c - ELF notes, see notes.h. */
#include "vmcore/format/notes.h"

#include <byteswap.h>
#include <elf.h>

#define NAME_CORE       "CORE"
#define NAME_VMCOREINFO "VMCOREINFO"

int notes_next(struct cursor *c, struct note *ret)
{
	uint32_t name_size, desc_size, type;
	const void *name, *desc;
	struct cursor at = *c;
	int r;

	if (cursor_left(&at) < sizeof(Elf64_Nhdr))
		return 0;
	if ((r = cursor_u32(&at, &name_size)) < 0 || (r = cursor_u32(&at, &desc_size)) < 0 ||
	    (r = cursor_u32(&at, &type)) < 0)
		return r;
	if (name_size == 0 && desc_size == 0 && type == 0)
		return 0;
	if ((r = cursor_bytes(&at, name_size, &name)) < 0 || (r = cursor_align(&at, 4)) < 0 ||
	    (r = cursor_bytes(&at, desc_size, &desc)) < 0)
		return r;
	/* The last note may end without its padding. */
	if (cursor_align(&at, 4) < 0)
		at.pos = at.end;
	*ret = (struct note){
		.name = name,
		.name_len = strnlen(name, name_size),
		.type = type,
		.desc = desc,
		.desc_len = desc_size,
	};
	*c = at;
	return 1;
}

static bool note_is(const struct note *n, const char *name, uint32_t type)
{
	return n->type == type && n->name_len == strlen(name) &&
	       memcmp(n->name, name, n->name_len) == 0;
}

int notes_next_registers(struct cursor *c, struct note *ret)
{
	int r;

	do {
		r = notes_next(c, ret);
	} while (r > 0 && !note_is(ret, NAME_CORE, NT_PRSTATUS));
	return r;
}

static size_t note_put(uint8_t *to, const char *name, const void *text, size_t len, bool swap)
{
	uint32_t head[3] = { strlen(name) + 1, len, 0 };
	size_t name_size = ALIGN_UP(head[0], 4);

	for (size_t i = 0; i < ARRAY_SIZE(head); i++)
		head[i] = swap ? bswap_32(head[i]) : head[i];
	memcpy(to, head, sizeof(head));
	memcpy(to + sizeof(head), name, strlen(name));
	memcpy(to + sizeof(head) + name_size, text, len);
	return sizeof(head) + name_size + ALIGN_UP(len, 4);
}

uint8_t *notes_with_vmcoreinfo(const uint8_t *notes, size_t len, bool swap, const char *text,
                               size_t text_len, size_t *ret_len)
{
	struct cursor c = cursor_over(notes, len, "ELF notes");
	uint8_t *made = calloc(1, len + text_len + 32);
	size_t n, from = 0;
	struct note note;

	if (!made)
		return NULL;
	n = note_put(made, NAME_VMCOREINFO, text, text_len, swap);
	c.swap = swap;
	for (; notes_next(&c, &note) > 0; from = cursor_offset(&c)) {
		if (note_is(&note, NAME_VMCOREINFO, 0))
			continue;
		memcpy(made + n, notes + from, cursor_offset(&c) - from);
		n += cursor_offset(&c) - from;
	}
	*ret_len = n;
	return made;
}

struct notes_summary notes_scan(const uint8_t *notes, size_t len, bool swap)
{
	struct cursor c = cursor_over(notes, len, "ELF notes");
	struct notes_summary sum = {};
	struct note n;

	c.swap = swap;
	while (notes_next(&c, &n) > 0) {
		if (note_is(&n, NAME_CORE, NT_PRSTATUS))
			sum.n_cpus++;
		else if (note_is(&n, NAME_VMCOREINFO, 0) && sum.vmcoreinfo_offset == 0) {
			sum.vmcoreinfo_offset = n.desc - notes;
			sum.vmcoreinfo_len = strnlen((const char *)n.desc, n.desc_len);
		}
	}
	return sum;
}
