// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * elf-read.c - reads ELF core files: /proc/vmcore, QEMU's and makedumpfile -E's, see elf-header.h.
 *
 * Each PT_LOAD says that p_memsz bytes of physical memory at p_paddr were RAM and that the first
 * p_filesz of them lie at p_offset; the rest was excluded. On x86_64 the first PT_LOAD of
 * /proc/vmcore maps the kernel image and covers RAM that another one covers too (fs/proc/vmcore.c
 * and arch/x86/kernel/crash.c, Linux 6.12). So overlaps are cut: each byte of memory is read from
 * the segment that begins first. In /proc/kcore segments that are not RAM have p_paddr -1.
 */
#include <elf.h>
#include <errno.h>
#include <stdio.h>

#include "base/array.h"
#include "base/err.h"
#include "vmcore/format/dump-format.h"
#include "vmcore/format/elf-header.h"

#define MAX_NOTES MIB(64)

/* KERNEL_IMAGE_SIZE in arch/x86/include/asm/page_64_types.h, Linux 6.12. */
#define MAX_IMAGE MIB(1024)

/* A PT_LOAD. */
struct load {
	uint64_t start, end; /* physical addresses of the bytes in the file */
	uint64_t mem_end;    /* RAM from end up to here was excluded */
	uint64_t offset;     /* of start, in the file */
	bool cut;            /* the file ends before the segment does */
};

/* A range of physical addresses. Lists of these are sorted and have no overlaps. */
struct extent {
	uint64_t start, end;
	uint64_t offset; /* in the file; 0 in the list of RAM */
	bool cut;        /* the file ends there */
};

struct elf {
	struct load *loads; /* by start; only while the file is opened */
	size_t n_loads;
	struct extent *extents; /* bytes in the file */
	size_t n_extents;
	struct extent *ram; /* bytes that were RAM */
	size_t n_ram;
	struct extent *mapped; /* by virtual addresses, as they come; offset is the physical one */
	size_t n_mapped;
};

static int elf_read_notes(struct dump *d, const struct elf_phdr *p, bool swap)
{
	_cleanup_free_ uint8_t *notes = NULL;
	int r;

	if (p->filesz > MAX_NOTES)
		return errf(-EBADMSG, "%s: %llu bytes of notes are not plausible",
		            source_name(d->source), (unsigned long long)p->filesz);
	notes = malloc(p->filesz + 1);
	if (!notes)
		return -ENOMEM;
	r = source_read(d->source, p->offset, notes, p->filesz);
	if (r < 0)
		return r;
	dump_set_notes(d, TAKE_PTR(notes), p->filesz, swap);
	return 0;
}

/* The bits of a physical address. Of x86_64 only kernels with five levels of page tables use more
 * than 46 (MAX_PHYSMEM_BITS in asm/sparsemem.h). Notes stand in front of memory. */
static unsigned elf_address_bits(const struct dump *d)
{
	uint64_t bits;

	if (vmcoreinfo_get(&d->vmcoreinfo, "NUMBER", "MAX_PHYSMEM_BITS", &bits) && bits >= 32 &&
	    bits <= 52)
		return bits;
	return d->elf_machine == EM_X86_64 && d->vmcoreinfo.len == 0 ? 46 : 52;
}

/* More memory than this without contents is in no segment: not a 256th of it, the struct pages
 * alone, would be there. Each page takes a bit of memory here. */
static uint64_t elf_most_memory(const struct dump *d)
{
	return MAX(UINT64_C(1) << 40, source_size(d->source) << 8);
}

static void elf_leave_out(struct dump *d, uint64_t start, uint64_t len)
{
	d->state = DUMP_INCOMPLETE;
	if (!d->remark[0])
		snprintf(d->remark, sizeof(d->remark),
		         "segments are left out that no machine has: the first at %#llx, of %llu "
		         "bytes",
		         (unsigned long long)start, (unsigned long long)len);
}

/* True when no machine has such memory. The segment is left out and told of. */
static bool elf_load_is_mad(struct dump *d, const struct elf_phdr *p, uint64_t memsz)
{
	uint64_t limit = UINT64_C(1) << elf_address_bits(d);

	if (p->paddr < limit && memsz <= limit - p->paddr && memsz <= elf_most_memory(d))
		return false;
	elf_leave_out(d, p->paddr, memsz);
	return true;
}

static int elf_add_load(struct dump *d, struct elf *e, const struct elf_phdr *p)
{
	uint64_t size = source_size(d->source);
	uint64_t in_file = p->offset < size ? MIN(p->filesz, size - p->offset) : 0;
	uint64_t memsz = MAX(p->memsz, in_file);
	int r;

	if (p->paddr == UINT64_MAX || memsz == 0 || elf_load_is_mad(d, p, memsz))
		return 0;
	/* The rest of a file that was cut off is still good. */
	if (in_file < p->filesz)
		d->state = DUMP_INCOMPLETE;
	if ((r = array_grow(&e->loads, e->n_loads, "the segments of an ELF file")) < 0 ||
	    (r = array_grow(&e->mapped, e->n_mapped, "the segments of an ELF file")) < 0)
		return r;
	if (p->vaddr != 0)
		e->mapped[e->n_mapped++] = (struct extent){ .start = p->vaddr,
			                                    .end = p->vaddr + memsz,
			                                    .offset = p->paddr };
	d->has_va = e->n_mapped > 0;
	e->loads[e->n_loads++] = (struct load){
		.start = p->paddr,
		.end = p->paddr + in_file,
		.mem_end = p->paddr + memsz,
		.offset = p->offset,
		.cut = in_file < p->filesz,
	};
	return 0;
}

static int load_compare(const void *a, const void *b)
{
	const struct load *x = a, *y = b;

	return x->start != y->start ? (x->start < y->start ? -1 : 1)
	                            : (x->end < y->end) - (x->end > y->end);
}

/* Leaves out what is too much of all loads together: first what the file holds is counted, then
 * what was excluded. */
static void elf_bound(struct dump *d, struct elf *e)
{
	uint64_t left = elf_most_memory(d), covered = 0;
	size_t n = 0;

	for (size_t i = 0; i < e->n_loads; i++) {
		const struct load *l = &e->loads[i];

		if (l->end - l->start > left) {
			elf_leave_out(d, l->start, l->mem_end - l->start);
			continue;
		}
		left -= l->end - l->start;
		e->loads[n++] = *l;
	}
	e->n_loads = n;
	for (size_t i = 0; i < n; i++) {
		struct load *l = &e->loads[i];
		uint64_t from = MAX(l->end, MIN(covered, l->mem_end));

		if (l->mem_end - from > left) {
			elf_leave_out(d, l->start, l->mem_end - l->start);
			l->mem_end = from;
		}
		left -= l->mem_end - from;
		covered = MAX(covered, l->mem_end);
	}
}

/* Makes the lists of extents and of RAM from the loads. */
static int elf_cut(struct dump *d, struct elf *e)
{
	uint64_t covered = 0;

	e->extents = reallocarray(NULL, e->n_loads, sizeof(*e->extents));
	e->ram = reallocarray(NULL, e->n_loads, sizeof(*e->ram));
	if (!e->extents || !e->ram)
		return -ENOMEM;
	qsort(e->loads, e->n_loads, sizeof(*e->loads), load_compare);
	elf_bound(d, e);
	for (size_t i = 0; i < e->n_loads; i++) {
		const struct load *l = &e->loads[i];
		struct extent *last = e->n_ram ? &e->ram[e->n_ram - 1] : NULL;
		uint64_t start = MAX(l->start, covered);

		if (start < l->end) {
			e->extents[e->n_extents++] =
				(struct extent){ start, l->end, l->offset + (start - l->start),
				                 l->cut };
			covered = l->end;
		}
		if (last && l->start <= last->end)
			last->end = MAX(last->end, l->mem_end);
		else if (l->start < l->mem_end)
			e->ram[e->n_ram++] =
				(struct extent){ .start = l->start, .end = l->mem_end };
	}
	return 0;
}

/* If others cover their memory, the first segments are the kernel image; see elf_add_image(). */
static void elf_find_image(struct dump *d, const struct elf *e, const struct elf_phdr *image)
{
	const struct load *first = &e->loads[0];
	unsigned covering = 0;

	for (size_t i = 0; i < e->n_loads; i++)
		covering +=
			e->loads[i].start <= first->start && first->mem_end <= e->loads[i].mem_end;
	if (image->memsz > 0 && image->memsz <= MAX_IMAGE && covering > 1) {
		d->image = (struct ram_range){
			.start = image->paddr >> d->page_shift,
			.end = ALIGN_UP(image->paddr + image->memsz, dump_page_size(d)) >>
			       d->page_shift,
		};
		d->image_va = image->vaddr;
	}
}

/* Extends @image by the segment @p if that continues it in both address spaces. */
static void elf_add_image(struct elf_phdr *image, const struct elf_phdr *p, bool first)
{
	if (first)
		*image = *p;
	else if (p->vaddr - p->paddr == image->vaddr - image->paddr &&
	         p->paddr - image->paddr >= image->memsz && p->paddr - image->paddr < MAX_IMAGE &&
	         p->memsz <= MAX_IMAGE - (p->paddr - image->paddr))
		image->memsz = p->paddr - image->paddr + p->memsz;
}

static int elf_add_ram(struct dump *d, const struct elf *e)
{
	int r = 0;

	/* A page counts as RAM if any byte of it is. */
	for (size_t i = 0; r >= 0 && i < e->n_ram; i++)
		r = dump_add_ram(d, e->ram[i].start >> d->page_shift,
		                 ((e->ram[i].end - 1) >> d->page_shift) + 1);
	return r;
}

static unsigned elf_page_shift(const struct dump *d)
{
	uint64_t size;

	if (vmcoreinfo_plain(&d->vmcoreinfo, "PAGESIZE", 10, &size) && size >= KIB(4) &&
	    size <= KIB(256) && (size & (size - 1)) == 0)
		return __builtin_ctzll(size);
	return 12;
}

/* Reads all program headers; *@image becomes what the first PT_LOADs span. */
static int elf_read_phdrs(struct dump *d, struct elf *e, const struct elf_header *h,
                          struct elf_phdr *image)
{
	_cleanup_(window_done) struct window w;
	uint64_t most = 0;
	int r;

	window_init(&w, d->source, KIB(64));
	for (uint32_t i = 0; i < h->n; i++) {
		struct elf_phdr p;

		r = elf_phdr_read(h, &w, i, &p);
		if (r < 0)
			return r;
		if (p.type == PT_NOTE && !d->notes) {
			r = elf_read_notes(d, &p, h->swap);
		} else if (p.type == PT_LOAD) {
			elf_add_image(image, &p, e->n_loads == 0);
			/* Most memory lies in the linear map. QEMU leaves 0, or adds segments for
			 * whatever else the page tables map. */
			if (p.vaddr != 0 && p.paddr != UINT64_MAX && p.memsz >= most) {
				d->linear_va = p.vaddr - p.paddr;
				most = p.memsz;
			}
			r = elf_add_load(d, e, &p);
		}
		if (r < 0)
			return r;
	}
	return 0;
}

static int elf_open(struct dump *d)
{
	struct elf_phdr image = {};
	struct elf_header h = {};
	struct elf *e;
	int r = elf_header_read(d->source, &h);

	if (r <= 0)
		return r;
	d->private = e = calloc(1, sizeof(*e));
	if (!e)
		return -ENOMEM;
	d->elf_machine = h.machine;
	r = elf_read_phdrs(d, e, &h, &image);
	if (r < 0)
		return r;
	if (e->n_loads == 0 && d->remark[0])
		return errf(-EBADMSG, "%s: holds no memory: %s", source_name(d->source), d->remark);
	if (e->n_loads == 0)
		return errf(-EBADMSG, "%s: holds no memory, it has no PT_LOAD segment",
		            source_name(d->source));
	d->swap = h.swap;
	d->class32 = h.class32;
	if (h.flags & ELF_FLAG_INCOMPLETE)
		d->state = DUMP_INCOMPLETE;
	d->page_shift = elf_page_shift(d);
	elf_find_image(d, e, &image);
	if ((r = elf_cut(d, e)) < 0 || (r = elf_add_ram(d, e)) < 0)
		return r;
	free(TAKE_PTR(e->loads));
	return 1;
}

static void elf_close(struct dump *d)
{
	struct elf *e = d->private;

	if (e) {
		free(e->loads);
		free(e->extents);
		free(e->ram);
		free(e->mapped);
	}
	free(e);
	d->private = NULL;
}

/* Index of the first extent that ends behind @paddr; @n when there is none. */
static size_t elf_find(const struct extent *list, size_t n, uint64_t paddr)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (list[mid].end <= paddr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool elf_by_segment(const struct dump *d, uint64_t va, uint64_t *ret_pa, uint64_t *ret_len)
{
	const struct elf *e = d->private;

	for (size_t i = 0; i < e->n_mapped; i++) {
		const struct extent *m = &e->mapped[i];

		if (va < m->start || va >= m->end)
			continue;
		*ret_pa = m->offset + (va - m->start);
		*ret_len = m->end - va;
		return true;
	}
	return false;
}

/* True if bytes of the page frame are in the file, and the file does not end within it. */
static bool elf_has_page(const struct dump *d, uint64_t pfn)
{
	const struct elf *e = d->private;
	uint64_t start = pfn << d->page_shift, end = start + dump_page_size(d);
	bool has = false;

	for (size_t i = elf_find(e->extents, e->n_extents, start);
	     i < e->n_extents && e->extents[i].start < end; i++) {
		if (e->extents[i].cut && e->extents[i].end < end)
			return false;
		has = true;
	}
	return has;
}

/* Pages of which nothing is in the file were excluded. Of other pages, bytes that are not in it
 * read as 0: they are no RAM, or nobody saved them. */
static int elf_span_gap(struct reader *reader, uint64_t paddr, size_t want, const uint8_t **ret,
                        size_t *ret_len)
{
	const struct dump *d = reader->dump;
	const struct elf *e = d->private;
	size_t next = elf_find(e->extents, e->n_extents, paddr);
	uint64_t page_size = dump_page_size(d), pfn = paddr >> d->page_shift;
	uint64_t end = (pfn + 1) << d->page_shift;

	if (!dump_is_ram(d, pfn) || !elf_has_page(d, pfn))
		return dump_no_page(d, pfn);
	if (next < e->n_extents)
		end = MIN(end, e->extents[next].start);
	memset(reader->pages, 0, page_size);
	reader->pfns[0] = UINT64_MAX;
	*ret = reader->pages;
	*ret_len = MIN(want, end - paddr);
	return 0;
}

/* The index of page @pfn among those that were copied; n_pages when it is not there. */
static unsigned elf_copied(const struct reader *reader, uint64_t pfn)
{
	unsigned i = 0;

	while (i < reader->n_pages && reader->pfns[i] != pfn)
		i++;
	return i;
}

/* Structures lie apart, and lists lead to the same pages again. To map a page of /proc/vmcore anew
 * takes longer than to copy it. A page that is not all there, or cannot be read, is not kept. */
static bool elf_span_copy(struct reader *reader, const struct extent *p, uint64_t paddr,
                          size_t want, const uint8_t **ret, size_t *ret_len)
{
	uint64_t page_size = dump_page_size(reader->dump), pfn = paddr >> reader->dump->page_shift;
	uint64_t start = paddr - paddr % page_size;
	unsigned i = elf_copied(reader, pfn), faults = window_faults(&reader->window);
	const uint8_t *data;
	size_t len;

	if (i == reader->n_pages) {
		if (start < p->start || p->end - start < page_size ||
		    window_get(&reader->window, p->offset + (start - p->start), page_size,
		               page_size, &data, &len) < 0)
			return false;
		i = reader->oldest;
		reader->pfns[i] = UINT64_MAX;
		memcpy(reader->pages + i * page_size, data, page_size);
		if (window_faults(&reader->window) != faults)
			return false;
		reader->pfns[i] = pfn;
		reader->oldest = (i + 1) % reader->n_pages;
	}
	*ret = reader->pages + i * page_size + paddr % page_size;
	*ret_len = MIN(want, page_size - paddr % page_size);
	return true;
}

static int elf_span(struct reader *reader, uint64_t paddr, size_t want, const uint8_t **ret,
                    size_t *ret_len)
{
	const struct elf *e = reader->dump->private;
	const struct extent *p;

	if (reader->hint >= e->n_extents || paddr < e->extents[reader->hint].start ||
	    paddr >= e->extents[reader->hint].end)
		reader->hint = elf_find(e->extents, e->n_extents, paddr);
	if (reader->hint >= e->n_extents || paddr < e->extents[reader->hint].start)
		return elf_span_gap(reader, paddr, want, ret, ret_len);
	p = &e->extents[reader->hint];
	if (want < dump_page_size(reader->dump) && !source_is_memory(reader->dump->source) &&
	    elf_span_copy(reader, p, paddr, want, ret, ret_len))
		return 0;
	return window_get(&reader->window, p->offset + (paddr - p->start), 1,
	                  MIN(want, p->end - paddr), ret, ret_len);
}

/* Clears the pages of [start, end), which is not in the file, but those that are so in part. */
static void elf_clear_gap(const struct dump *d, uint64_t start, uint64_t end, struct bitmap *pages)
{
	uint64_t first = start >> d->page_shift, after = ((end - 1) >> d->page_shift) + 1;

	if (elf_has_page(d, first))
		first++;
	if (after > first && elf_has_page(d, after - 1))
		after--;
	bitmap_clear(pages, first, after);
}

static int elf_clear_missing(const struct dump *d, bool lost, struct bitmap *pages)
{
	const struct elf *e = d->private;
	size_t p = 0;

	for (size_t i = 0; i < e->n_ram; i++) {
		uint64_t pos = e->ram[i].start, end = e->ram[i].end;

		for (; p < e->n_extents && e->extents[p].start < end; p++) {
			if (e->extents[p].start > pos)
				elf_clear_gap(d, pos, e->extents[p].start, pages);
			pos = e->extents[p].end;
		}
		if (pos < end)
			elf_clear_gap(d, pos, end, pages);
	}
	return 0;
}

const struct dump_format dump_format_elf = {
	.name = "ELF",
	.open = elf_open,
	.close = elf_close,
	.by_segment = elf_by_segment,
	.clear_missing = elf_clear_missing,
	.span = elf_span,
};
