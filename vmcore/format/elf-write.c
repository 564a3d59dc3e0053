// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * elf-write.c - writes ELF64 core files.
 *
 *	ELF header, program headers, [section header], notes
 *	the kept pages in their order, aligned to a page
 *
 * There is a PT_LOAD for each run of kept pages. Its p_memsz also counts the excluded pages behind
 * it, up to the next run or the end of the RAM; p_filesz does not. Pages of zeroes count in
 * p_filesz, which tells them from excluded ones, but they are holes in the file. If the address of
 * the kernel image is known, the first PT_LOADs are the image's: they show the same bytes of the
 * file a second time, as in /proc/vmcore (arch/x86/kernel/crash.c, Linux 6.12).
 *
 * The file grows as it is written, so one that ends early is short. Until it is complete its header
 * has makedumpfile's mark of incomplete files, e_flags 1.
 */
#include <byteswap.h>
#include <elf.h>
#include <errno.h>

#include "base/err.h"
#include "vmcore/format/elf-header.h"
#include "vmcore/format/writer.h"

/* The fewest zero pages in a row that become a hole. Fewer are written with their neighbours. */
#define MIN_HOLE 16

/* Program headers to write at a time. */
#define PHDRS 512

struct elf {
	uint64_t n_phdrs;
	uint64_t notes, data; /* file offsets */
	uint16_t machine;
};

/* The most that one write has. A run of a quarter of this or more is written from where it was read
 * to, shorter runs are collected in a buffer. */
#define LANE_BYTES MIB(2)
#define LANE_PAGES (LANE_BYTES / KIB(4))

/* Consecutive kept pages that are to be written together. */
struct lane {
	struct writer *writer;
	uint8_t *data; /* LANE_BYTES */
	unsigned room; /* pages in LANE_BYTES */
	bool zero[LANE_PAGES];
	uint64_t index; /* how many kept pages come before them */
	unsigned n;
};

static int elf_lane_new(struct writer *w, void **ret)
{
	struct lane *l;

	*ret = l = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	l->writer = w;
	l->room = LANE_BYTES / dump_page_size(w->dump);
	l->data = malloc(LANE_BYTES);
	return l->data ? 0 : -ENOMEM;
}

static void elf_lane_free(void *lane)
{
	struct lane *l = lane;

	free(l->data);
	free(l);
}

/* How many pages from @i on are like page @i, which is zero or not. */
static unsigned elf_alike(const struct lane *l, unsigned i)
{
	unsigned n = 1;

	while (i + n < l->n && l->zero[i + n] == l->zero[i])
		n++;
	return n;
}

/* Writes the pages of the lane, which lie at @data. */
static int elf_write(struct lane *l, const uint8_t *data)
{
	struct writer *w = l->writer;
	const struct elf *e = w->private;
	size_t size = dump_page_size(w->dump);
	int r = 0;

	for (unsigned i = 0, n; i < l->n && r == 0; i += n) {
		n = elf_alike(l, i);
		if (l->zero[i] && n >= MIN_HOLE) {
			atomic_fetch_add_explicit(&w->zero, n, memory_order_relaxed);
			continue;
		}
		/* The run goes up to the next hole. */
		while (i + n < l->n) {
			unsigned more = elf_alike(l, i + n);

			if (l->zero[i + n] && more >= MIN_HOLE)
				break;
			n += more;
		}
		r = sink_write(w->sink, e->data + (l->index + i) * size, data + i * size, n * size);
	}
	l->n = 0;
	return r;
}

static int elf_drain(void *lane)
{
	struct lane *l = lane;

	return elf_write(l, l->data);
}

/* Writes @n pages, at most as many as a lane has room for, without copying them to the lane. */
static int elf_pass_on(struct lane *l, uint64_t index, const uint8_t *pages, unsigned n)
{
	size_t size = dump_page_size(l->writer->dump);

	l->index = index;
	for (l->n = 0; l->n < n; l->n++)
		l->zero[l->n] = page_is_zero(pages + l->n * size, size);
	return elf_write(l, pages);
}

/* ELF cannot mark a page as lost: zeroes are written for it. */
static int elf_pages(void *lane, uint64_t index, const uint8_t *pages, unsigned n)
{
	struct lane *l = lane;
	size_t size = dump_page_size(l->writer->dump);
	int r = 0;

	for (unsigned i = 0; i < n && r == 0; i++) {
		unsigned row = MIN(n - i, l->room);
		bool pass_on = pages && row >= l->room / 4;
		uint8_t *to;

		if (l->n == l->room || index + i != l->index + l->n || pass_on)
			r = elf_drain(l);
		if (r < 0)
			break;
		if (pass_on) {
			r = elf_pass_on(l, index + i, pages + i * size, row);
			i += row - 1;
			continue;
		}
		if (l->n == 0)
			l->index = index + i;
		to = l->data + l->n * size;
		l->zero[l->n++] = pages && page_is_zero(pages + i * size, size);
		if (pages)
			memcpy(to, pages + i * size, size);
		else
			memset(to, 0, size);
	}
	return r;
}

static uint16_t put16(uint16_t v, bool swap)
{
	return swap ? bswap_16(v) : v;
}

static uint32_t put32(uint32_t v, bool swap)
{
	return swap ? bswap_32(v) : v;
}

static uint64_t put64(uint64_t v, bool swap)
{
	return swap ? bswap_64(v) : v;
}

/* Program headers that are collected before they are written. */
struct phdrs {
	struct writer *writer; /* NULL: headers are only counted */
	uint64_t done;
	unsigned n;
	Elf64_Phdr list[PHDRS];
};

static int phdrs_flush(struct phdrs *p)
{
	uint64_t offset = sizeof(Elf64_Ehdr) + p->done * sizeof(Elf64_Phdr);
	unsigned n = p->n;

	p->done += n;
	p->n = 0;
	return n && p->writer ? sink_write(p->writer->sink, offset, p->list, n * sizeof(Elf64_Phdr))
	                      : 0;
}

static int phdrs_add(struct phdrs *p, uint32_t type, const struct elf_phdr *h, bool swap)
{
	p->list[p->n++] = (Elf64_Phdr){
		.p_type = put32(type, swap),
		.p_flags = put32(type == PT_LOAD ? PF_R | PF_W | PF_X : 0, swap),
		.p_offset = put64(h->offset, swap),
		.p_vaddr = put64(h->vaddr, swap),
		.p_paddr = put64(h->paddr, swap),
		.p_filesz = put64(h->filesz, swap),
		.p_memsz = put64(h->memsz, swap),
	};
	return p->n == PHDRS ? phdrs_flush(p) : 0;
}

/* Adds a PT_LOAD of kept pages [start, end) and excluded ones up to @mem_end. @index kept pages
 * come before them. @bias is virtual less physical address; 0: not known. */
static int phdrs_add_load(struct phdrs *p, const struct writer *w, uint64_t start, uint64_t end,
                          uint64_t mem_end, uint64_t bias, uint64_t index)
{
	const struct elf *e = w->private;
	unsigned shift = w->dump->page_shift;
	struct elf_phdr h = {
		.offset = end > start ? e->data + (index << shift) : 0,
		.vaddr = bias ? bias + (start << shift) : 0,
		.paddr = start << shift,
		.filesz = (end - start) << shift,
		.memsz = (mem_end - start) << shift,
	};

	return phdrs_add(p, PT_LOAD, &h, w->dump->swap);
}

/* Adds the runs of one range of memory; *@index counts kept pages. */
static int phdrs_add_runs(struct phdrs *p, const struct writer *w, const struct ram_range *range,
                          uint64_t bias, uint64_t *index)
{
	uint64_t start = MIN(bitmap_next_set(w->keep, range->start), range->end);
	int r = 0;

	if (start > range->start)
		r = phdrs_add_load(p, w, range->start, range->start, start, bias, 0);
	while (r >= 0 && start < range->end) {
		uint64_t end = MIN(bitmap_next_clear(w->keep, start), range->end);
		uint64_t next = MIN(bitmap_next_set(w->keep, end), range->end);

		r = phdrs_add_load(p, w, start, end, next, bias, *index);
		*index += end - start;
		start = next;
	}
	return r;
}

static int phdrs_add_all(struct phdrs *p, const struct writer *w)
{
	const struct dump *d = w->dump;
	const struct elf *e = w->private;
	struct elf_phdr notes = { .offset = e->notes,
		                  .filesz = d->notes_len,
		                  .memsz = d->notes_len };
	uint64_t index = 0;
	int r = phdrs_add(p, PT_NOTE, &notes, d->swap);

	if (r < 0)
		return r;
	/* The place and the mapping of the kernel image are known. */
	if (d->image_va != 0 && d->image.end > d->image.start && d->image.start < w->keep->bits) {
		/* The file may claim more than there is. */
		const struct ram_range image = { d->image.start, MIN(d->image.end, w->keep->bits) };
		uint64_t image_index = bitmap_count(w->keep, 0, image.start);

		r = phdrs_add_runs(p, w, &image, d->image_va - (image.start << d->page_shift),
		                   &image_index);
	}
	for (size_t i = 0; r >= 0 && i < d->n_ram; i++)
		r = phdrs_add_runs(p, w, &d->ram[i], d->linear_va, &index);
	return r < 0 ? r : phdrs_flush(p);
}

static int write_ehdr(struct writer *w, uint32_t flags)
{
	const struct elf *e = w->private;
	bool swap = w->dump->swap, xnum = e->n_phdrs >= PN_XNUM;
	bool big = (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) != swap;
	uint64_t shoff = sizeof(Elf64_Ehdr) + e->n_phdrs * sizeof(Elf64_Phdr);
	Elf64_Ehdr h = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
		             big ? ELFDATA2MSB : ELFDATA2LSB, EV_CURRENT },
		.e_type = put16(ET_CORE, swap),
		.e_machine = put16(e->machine, swap),
		.e_version = put32(EV_CURRENT, swap),
		.e_phoff = put64(sizeof(Elf64_Ehdr), swap),
		.e_shoff = put64(xnum ? shoff : 0, swap),
		.e_flags = put32(flags, swap),
		.e_ehsize = put16(sizeof(Elf64_Ehdr), swap),
		.e_phentsize = put16(sizeof(Elf64_Phdr), swap),
		.e_phnum = put16(xnum ? PN_XNUM : e->n_phdrs, swap),
		.e_shentsize = put16(xnum ? sizeof(Elf64_Shdr) : 0, swap),
		.e_shnum = put16(xnum, swap),
	};

	return sink_write(w->sink, 0, &h, sizeof(h));
}

static int write_headers(struct writer *w, struct phdrs *p)
{
	const struct elf *e = w->private;
	Elf64_Shdr section = { .sh_info = put32(e->n_phdrs, w->dump->swap) };
	bool incomplete = w->options->incomplete || !sink_is_stream(w->sink);
	int r;

	*p = (struct phdrs){ .writer = w };
	if ((r = write_ehdr(w, incomplete ? ELF_FLAG_INCOMPLETE : 0)) < 0 ||
	    (r = phdrs_add_all(p, w)) < 0)
		return r;
	if (e->n_phdrs >= PN_XNUM)
		r = sink_write(w->sink, sizeof(Elf64_Ehdr) + e->n_phdrs * sizeof(Elf64_Phdr),
		               &section, sizeof(section));
	if (r < 0 || w->dump->notes_len == 0)
		return r;
	return sink_write(w->sink, e->notes, w->dump->notes, w->dump->notes_len);
}

static int elf_begin(struct writer *w)
{
	_cleanup_free_ struct phdrs *p = calloc(1, sizeof(*p));
	struct elf *e = calloc(1, sizeof(*e));
	int r;

	w->private = e;
	if (!p || !e)
		return -ENOMEM;
	e->machine = w->dump->elf_machine ?: elf_machine_by_name(w->dump->machine);
	if (e->machine == EM_NONE)
		return errf(-EINVAL, "\"%.64s\": the number of this ELF machine is not known",
		            w->dump->machine);
	r = phdrs_add_all(p, w);
	if (r < 0)
		return r;
	e->n_phdrs = p->done;
	if (e->n_phdrs > ELF_MAX_PHDRS)
		return errf(-EFBIG, "%llu runs of pages are too many for an ELF file, use kdump",
		            (unsigned long long)e->n_phdrs);
	e->notes = sizeof(Elf64_Ehdr) + e->n_phdrs * sizeof(Elf64_Phdr) +
	           (e->n_phdrs >= PN_XNUM ? sizeof(Elf64_Shdr) : 0);
	e->data = ALIGN_UP(e->notes + w->dump->notes_len, dump_page_size(w->dump));
	w->end = e->data + w->n_pages * dump_page_size(w->dump);
	return write_headers(w, p);
}

static int elf_finish(struct writer *w)
{
	int r = sink_truncate(w->sink, w->end);

	if (r < 0)
		return r;
	if (!sink_is_stream(w->sink) &&
	    ((r = sink_sync(w->sink)) < 0 ||
	     (r = write_ehdr(w, writer_is_incomplete(w) ? ELF_FLAG_INCOMPLETE : 0)) < 0))
		return r;
	return sink_finish(w->sink);
}

static void elf_close(struct writer *w)
{
	free(w->private);
	w->private = NULL;
}

const struct writer_format writer_elf = {
	.name = "elf",
	.read_size = LANE_BYTES,
	.begin = elf_begin,
	.close = elf_close,
	.lane_new = elf_lane_new,
	.lane_free = elf_lane_free,
	.pages = elf_pages,
	.drain = elf_drain,
	.finish = elf_finish,
};
