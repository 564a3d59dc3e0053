// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dump-elf.c - ELF64 core files: /proc/vmcore, QEMU's and makedumpfile -E's.
 *
 * Each PT_LOAD says that p_memsz bytes of physical memory at p_paddr were RAM and that the first
 * p_filesz of them lie at p_offset; the rest was excluded. On x86_64 the first PT_LOAD of
 * /proc/vmcore maps the kernel image and covers RAM that another one covers too (fs/proc/vmcore.c
 * and arch/x86/kernel/crash.c, Linux 6.12), so segments are cut until each byte of memory has one
 * place. A segment of /proc/kcore that is no memory has p_paddr -1.
 */
#include <byteswap.h>
#include <elf.h>
#include <errno.h>

#include "vmcore/base/cursor.h"
#include "vmcore/base/err.h"
#include "vmcore/format/dump-format.h"

/* Limits against hostile headers; a machine with 32 TiB in 128 MiB pieces has 262144 segments. */
#define MAX_SEGMENTS (1U << 20)
#define MAX_NOTES    MIB(64)

struct segment {
	uint64_t start, end; /* physical bytes in the file */
	uint64_t mem_end;    /* RAM, but excluded, from end up to here */
	uint64_t offset;     /* of start, in the file */
};

struct elf {
	struct segment *segments; /* sorted, apart from each other */
	size_t n;
};

struct elf_header {
	uint64_t phoff, shoff;
	uint16_t machine, phentsize, phnum, shentsize;
	bool swap;
};

struct phdr {
	uint32_t type;
	uint64_t offset, vaddr, paddr, filesz, memsz;
};

static int elf_read_header(const struct source *s, struct elf_header *ret)
{
	uint8_t bytes[sizeof(Elf64_Ehdr)] = {};
	struct cursor c = cursor_over(bytes, sizeof(bytes), "ELF header");
	struct elf_header h = {};
	uint16_t type;

	if (source_size(s) < sizeof(bytes) || source_read(s, 0, bytes, sizeof(bytes)) < 0 ||
	    memcmp(bytes, ELFMAG, SELFMAG) != 0)
		return 0;
	if (bytes[EI_CLASS] != ELFCLASS64)
		return errf(-EBADMSG, "%s: a 32-bit ELF file; only 64-bit ones can be read",
		            source_name(s));
	h.swap = (bytes[EI_DATA] == ELFDATA2MSB) != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
	c.swap = h.swap;
	cursor_seek(&c, offsetof(Elf64_Ehdr, e_type));
	cursor_u16(&c, &type);
	cursor_u16(&c, &h.machine);
	cursor_seek(&c, offsetof(Elf64_Ehdr, e_phoff));
	cursor_u64(&c, &h.phoff);
	cursor_u64(&c, &h.shoff);
	/* e_ehsize is not trusted: QEMU writes 8. */
	cursor_seek(&c, offsetof(Elf64_Ehdr, e_phentsize));
	cursor_u16(&c, &h.phentsize);
	cursor_u16(&c, &h.phnum);
	cursor_u16(&c, &h.shentsize);
	if (type != ET_CORE)
		return errf(-EBADMSG, "%s: an ELF file, but no core dump", source_name(s));
	*ret = h;
	return 1;
}

/* With PN_XNUM the count is in sh_info of the first section header. */
static int elf_count_phdrs(const struct source *s, const struct elf_header *h, uint32_t *ret)
{
	uint32_t n = h->phnum;
	int r;

	if (n == PN_XNUM) {
		r = source_read(s, h->shoff + offsetof(Elf64_Shdr, sh_info), &n, sizeof(n));
		if (r < 0)
			return r;
		if (h->swap)
			n = bswap_32(n);
	}
	if (n > MAX_SEGMENTS || h->phentsize < sizeof(Elf64_Phdr))
		return errf(-EBADMSG, "%s: %u program headers of %u bytes are not plausible",
		            source_name(s), n, h->phentsize);
	*ret = n;
	return 0;
}

static int elf_read_phdr(const struct source *s, const struct elf_header *h, uint32_t i,
                         struct phdr *ret)
{
	uint8_t bytes[sizeof(Elf64_Phdr)] = {};
	struct cursor c = cursor_over(bytes, sizeof(bytes), "ELF program header");
	uint32_t flags;
	int r;

	r = source_read(s, h->phoff + (uint64_t)i * h->phentsize, bytes, sizeof(bytes));
	if (r < 0)
		return r;
	c.swap = h->swap;
	cursor_u32(&c, &ret->type);
	cursor_u32(&c, &flags);
	cursor_u64(&c, &ret->offset);
	cursor_u64(&c, &ret->vaddr);
	cursor_u64(&c, &ret->paddr);
	cursor_u64(&c, &ret->filesz);
	cursor_u64(&c, &ret->memsz);
	return 0;
}

static int elf_read_notes(struct dump *d, const struct phdr *p, bool swap)
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

static int elf_add_load(struct dump *d, struct elf *e, const struct phdr *p)
{
	uint64_t memsz = MAX(p->memsz, p->filesz), size = source_size(d->source);
	uint64_t in_file = p->offset < size ? MIN(p->filesz, size - p->offset) : 0;
	struct segment *grown;

	if (p->paddr == UINT64_MAX || memsz == 0)
		return 0;
	if (p->paddr + memsz < p->paddr || p->offset + p->filesz < p->offset)
		return errf(-EBADMSG, "%s: segment at %#llx wraps around", source_name(d->source),
		            (unsigned long long)p->paddr);
	/* A file that was cut off is still good for what it holds. */
	if (in_file < p->filesz)
		d->state = DUMP_INCOMPLETE;
	/* There is room for a power of two. */
	if ((e->n & (e->n - 1)) == 0) {
		grown = reallocarray(e->segments, MAX(2 * e->n, 1), sizeof(*e->segments));
		if (!grown)
			return -ENOMEM;
		e->segments = grown;
	}
	e->segments[e->n++] = (struct segment){
		.start = p->paddr,
		.end = p->paddr + in_file,
		.mem_end = p->paddr + memsz,
		.offset = p->offset,
	};
	return 0;
}

static int segment_compare(const void *a, const void *b)
{
	const struct segment *x = a, *y = b;

	return x->start != y->start ? (x->start < y->start ? -1 : 1)
	                            : (x->mem_end < y->mem_end) - (x->mem_end > y->mem_end);
}

/* Leaves each byte of memory in one segment only: the one that begins first. */
static void elf_cut_overlaps(struct elf *e)
{
	uint64_t covered = 0;
	size_t kept = 0;

	qsort(e->segments, e->n, sizeof(*e->segments), segment_compare);
	for (size_t i = 0; i < e->n; i++) {
		struct segment s = e->segments[i];

		if (s.start < covered) {
			s.offset += covered - s.start;
			s.start = covered;
			s.end = MAX(s.end, covered);
		}
		if (s.start >= s.mem_end)
			continue;
		covered = s.mem_end;
		e->segments[kept++] = s;
	}
	e->n = kept;
}

/* The kernel image is the first segment, if another one covers the same memory. Call before they
 * are cut. */
static void elf_find_image(struct dump *d, const struct elf *e, const struct phdr *first)
{
	unsigned covering = 0;

	for (size_t i = 0; i < e->n; i++)
		covering += e->segments[i].start <= first->paddr &&
		            first->paddr + first->memsz <= e->segments[i].mem_end;
	if (first->memsz > 0 && covering > 1)
		d->image = (struct ram_range){
			.start = first->paddr >> d->page_shift,
			.end = ALIGN_UP(first->paddr + first->memsz, dump_page_size(d)) >>
			       d->page_shift,
		};
}

static int elf_add_ram(struct dump *d, const struct elf *e)
{
	int r = 0;

	/* A page of which any byte is RAM is RAM. */
	for (size_t i = 0; i < e->n && r == 0; i++)
		r = dump_add_ram(d, e->segments[i].start >> d->page_shift,
		                 ((e->segments[i].mem_end - 1) >> d->page_shift) + 1);
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

static int elf_open(struct dump *d)
{
	struct phdr first = {};
	struct elf_header h = {};
	struct elf *e;
	uint32_t n = 0;
	int r;

	r = elf_read_header(d->source, &h);
	if (r <= 0)
		return r;
	d->private = e = calloc(1, sizeof(*e));
	if (!e)
		return -ENOMEM;
	r = elf_count_phdrs(d->source, &h, &n);
	for (uint32_t i = 0; i < n && r == 0; i++) {
		struct phdr p;

		r = elf_read_phdr(d->source, &h, i, &p);
		if (r == 0 && p.type == PT_NOTE && !d->notes)
			r = elf_read_notes(d, &p, h.swap);
		else if (r == 0 && p.type == PT_LOAD) {
			if (e->n == 0)
				first = p;
			r = elf_add_load(d, e, &p);
		}
	}
	if (r < 0)
		return r;
	if (e->n == 0)
		return errf(-EBADMSG, "%s: holds no memory, it has no PT_LOAD segment",
		            source_name(d->source));
	d->elf_machine = h.machine;
	d->page_shift = elf_page_shift(d);
	elf_find_image(d, e, &first);
	elf_cut_overlaps(e);
	r = elf_add_ram(d, e);
	return r < 0 ? r : 1;
}

static void elf_close(struct dump *d)
{
	struct elf *e = d->private;

	if (e)
		free(e->segments);
	free(e);
	d->private = NULL;
}

/* Index of the last segment that starts at or before @paddr; SIZE_MAX when there is none. */
static size_t elf_find(const struct elf *e, uint64_t paddr)
{
	size_t low = 0, high = e->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (e->segments[mid].start <= paddr)
			low = mid + 1;
		else
			high = mid;
	}
	return low - 1;
}

/* The bytes of a RAM page that no segment covers read as zero. */
static int elf_span_gap(struct reader *r, uint64_t paddr, size_t next, size_t want,
                        const uint8_t **ret, size_t *ret_len)
{
	const struct elf *e = r->dump->private;
	uint64_t page_size = dump_page_size(r->dump);
	uint64_t end = ALIGN_DOWN(paddr, page_size) + page_size;

	if (!dump_is_ram(r->dump, paddr >> r->dump->page_shift))
		return -ENXIO;
	if (next < e->n)
		end = MIN(end, e->segments[next].start);
	memset(r->page, 0, page_size);
	*ret = r->page;
	*ret_len = MIN(want, end - paddr);
	return 0;
}

static int elf_span(struct reader *r, uint64_t paddr, size_t want, const uint8_t **ret,
                    size_t *ret_len)
{
	const struct elf *e = r->dump->private;
	const struct segment *s;

	if (r->hint >= e->n || paddr < e->segments[r->hint].start ||
	    paddr >= e->segments[r->hint].mem_end)
		r->hint = elf_find(e, paddr);
	if (r->hint >= e->n || paddr >= e->segments[r->hint].mem_end)
		return elf_span_gap(r, paddr, r->hint + 1, want, ret, ret_len);
	s = &e->segments[r->hint];
	if (paddr >= s->end)
		return -ENODATA;
	return window_get(&r->window, s->offset + (paddr - s->start), 1, MIN(want, s->end - paddr),
	                  ret, ret_len);
}

const struct dump_format dump_format_elf = {
	.name = "ELF",
	.open = elf_open,
	.close = elf_close,
	.span = elf_span,
};
