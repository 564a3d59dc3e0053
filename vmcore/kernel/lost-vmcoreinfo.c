// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lost-vmcoreinfo.c - VMCOREINFO out of a dump's memory, see lost-vmcoreinfo.h.
 *
 * A kernel writes the text to a page of its own, vmcoreinfo_data, and as an ELF note, behind 24
 * bytes of it, to another, vmcoreinfo_note. Once a capture kernel is loaded, the text is copied to
 * a page of the reserved memory (kernel/crash_core.c, kernel/kexec_core.c
 * kimage_crash_copy_vmcoreinfo(), Linux 6.6). It begins with OSRELEASE. When a capture kernel has
 * run, memory has its text too. The kernel that crashed has added CRASHTIME to its own.
 */
#include "vmcore/kernel/lost-vmcoreinfo.h"

#include <ctype.h>
#include <errno.h>

#include "base/err.h"
#include "vmcore/kernel/kspace.h"

#define FIRST_KEY     "OSRELEASE="
#define NOTE_HEAD     24 /* bytes of an ELF note named VMCOREINFO before its text */
#define SEARCH_WINDOW MIB(1)

/* Memory may hold any number of pages that begin likewise. */
#define MAX_TRIES 64

struct search {
	struct dump *dump;
	uint8_t best[KIB(4)]; /* the text that the dump's kernel was found with */
	size_t best_len;
	bool crashed; /* it is of the kernel that crashed */
	unsigned tries;
	uint8_t *page;
};

/* The length of the text at @text: lines of printable characters, up to a NUL or the end. */
static size_t text_length(const uint8_t *text, size_t room)
{
	size_t len = 0;

	while (len < room && (isprint(text[len]) || text[len] == '\n'))
		len++;
	return len < room && text[len] != '\0' ? 0 : len;
}

/* Takes the text when the dump's memory has a kernel where it says. */
static int try_text(struct search *s, const uint8_t *text, size_t room)
{
	struct dump *d = s->dump;
	struct vmcoreinfo before = d->vmcoreinfo,
			  vi = { (const char *)text, text_length(text, room) };
	struct kspace *ks = NULL;
	uint64_t number;
	bool crashed = vmcoreinfo_plain(&vi, "CRASHTIME", 10, &number);
	int r;

	if (vi.len == 0 || s->tries >= MAX_TRIES || (s->best_len > 0 && !crashed) ||
	    !vmcoreinfo_plain(&vi, "PAGESIZE", 10, &number) || number != dump_page_size(d))
		return 0;
	s->tries++;
	d->vmcoreinfo = vi;
	r = kspace_open(d, &ks);
	d->vmcoreinfo = before;
	kspace_free(ks);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	memcpy(s->best, text, vi.len);
	s->best_len = vi.len;
	s->crashed = crashed;
	return 0;
}

static int look_at_page(struct search *s, const uint8_t *page, size_t size)
{
	static const size_t places[] = { 0, NOTE_HEAD };
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(places) && r == 0; i++)
		if (memcmp(page + places[i], FIRST_KEY, strlen(FIRST_KEY)) == 0)
			r = try_text(s, page + places[i], MIN(size - places[i], sizeof(s->best)));
	return r;
}

/* Looks at all pages of @pages, which the file has. */
static int search_pages(struct search *s, struct reader *reader, const struct bitmap *pages)
{
	size_t page_size = dump_page_size(s->dump);
	unsigned shift = s->dump->page_shift;
	uint64_t pfn = 0;

	while ((pfn = bitmap_next_set(pages, pfn)) < pages->bits && !s->crashed) {
		uint64_t n = MIN(bitmap_next_clear(pages, pfn) - pfn, SEARCH_WINDOW >> shift);
		const uint8_t *data;
		size_t len;
		int r = reader_span(reader, pfn << shift, n * page_size, &data, &len);

		if (r == 0 && len < page_size) {
			/* A page in pieces. */
			r = reader_read(reader, pfn << shift, s->page, page_size);
			data = s->page;
			len = page_size;
		}
		if (r == -ENOMEM)
			return r;
		/* What cannot be read is passed over. */
		n = r < 0 ? 1 : len / page_size;
		for (uint64_t i = 0; i < n && r == 0 && !s->crashed; i++)
			if ((r = look_at_page(s, data + i * page_size, page_size)) < 0)
				return r;
		pfn += n;
	}
	return 0;
}

static int search(struct search *s)
{
	const struct dump *d = s->dump;
	_cleanup_(bitmap_done) struct bitmap pages = {};
	_cleanup_(reader_freep) struct reader *reader = NULL;
	int r;

	s->page = malloc(dump_page_size(d));
	if (!s->page)
		return oom("a page");
	if ((r = dump_bitmap(d, &pages)) < 0 || (r = reader_new(d, SEARCH_WINDOW, &reader)) < 0)
		return r;
	for (size_t i = 0; i < d->n_ram; i++)
		bitmap_set(&pages, d->ram[i].start, d->ram[i].end);
	r = dump_clear_missing(d, false, &pages);
	return r < 0 ? r : search_pages(s, reader, &pages);
}

/* True when the dump needs no search, or none can help. */
static bool is_known(const struct dump *d)
{
	struct kspace *ks = NULL;
	int r;

	if (!arch_find(d))
		return true;
	r = d->vmcoreinfo.len > 0 ? kspace_open(d, &ks) : -ENODATA;
	kspace_free(ks);
	return r == 0;
}

int lost_vmcoreinfo_find(struct dump *d)
{
	struct search *s;
	int r;

	if (is_known(d))
		return 0;
	s = calloc(1, sizeof(*s));
	if (!s)
		return oom("a search for VMCOREINFO");
	s->dump = d;
	r = search(s);
	if (r == 0 && s->best_len > 0)
		r = dump_set_vmcoreinfo(d, (const char *)s->best, s->best_len);
	free(s->page);
	free(s);
	return r == -ENOMEM ? r : 0;
}
