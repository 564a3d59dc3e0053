// SPDX-License-Identifier: GPL-2.0-or-later
/* corehdr.c - the ELF core header of a capture kernel, see corehdr.h. */
#include "segments/corehdr.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

#include "system/tree.h"
#include "base/array.h"
#include "base/err.h"
#include "base/text.h"

#define CPUS_PATH       "/sys/devices/system/cpu"
#define VMCOREINFO_PATH "/sys/kernel/vmcoreinfo"

/* The program headers so far. */
struct headers {
	Elf64_Phdr *list;
	size_t n;
};

static void headers_done(struct headers *h)
{
	free(h->list);
}

static int add(struct headers *h, const Elf64_Phdr *p)
{
	int r = array_grow(&h->list, h->n, "the ELF core header");

	if (r < 0)
		return r;
	h->list[h->n++] = *p;
	return 0;
}

static int add_note(struct headers *h, uint64_t address, uint64_t size)
{
	return add(h, &(Elf64_Phdr){ .p_type = PT_NOTE,
	                             .p_offset = address,
	                             .p_paddr = address,
	                             .p_filesz = size,
	                             .p_memsz = size });
}

/* The address is in hex without 0x, the size is decimal (drivers/base/cpu.c, 6.12). */
static int add_cpu(int root_fd, uint64_t number, struct headers *h)
{
	_cleanup_free_ char *line = NULL;
	char path[96];
	uint64_t address, size;
	int r;

	snprintf(path, sizeof(path), CPUS_PATH "/cpu%" PRIu64 "/crash_notes", number);
	r = tree_read_line(root_fd, path, &line);
	if (r < 0)
		return r;
	if (text_to_u64(line, 16, &address) < 0 || address == 0)
		return errf(-EBADMSG, "%s: holds \"%s\" instead of an address", path, line);
	snprintf(path, sizeof(path), CPUS_PATH "/cpu%" PRIu64 "/crash_notes_size", number);
	r = tree_read_u64(root_fd, path, &size);
	return r < 0 ? r : add_note(h, address, size);
}

static int by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* All that are present, since one that is off now may be on when it crashes. */
static int add_cpus(int root_fd, struct headers *h)
{
	_cleanup_(strv_freep) char **names = NULL;
	_cleanup_free_ uint64_t *numbers = NULL;
	size_t n = 0;
	int r = tree_list(root_fd, CPUS_PATH, &names);

	if (r < 0)
		return r;
	for (char **name = names; name && *name; name++) {
		uint64_t number;

		if (strncmp(*name, "cpu", 3) != 0 || text_to_u64(*name + 3, 10, &number) < 0)
			continue;
		r = array_grow(&numbers, n, "a list of CPUs");
		if (r < 0)
			return r;
		numbers[n++] = number;
	}
	if (n == 0)
		return errf(-EBADMSG, CPUS_PATH ": has no CPU");
	qsort(numbers, n, sizeof(*numbers), by_number);
	for (size_t i = 0; i < n; i++)
		if ((r = add_cpu(root_fd, numbers[i], h)) < 0)
			return r;
	return 0;
}

/* "0x48e5d000 1024": both are in hex, the second without 0x (kernel/ksysfs.c, 6.12). */
static int add_vmcoreinfo(int root_fd, struct headers *h)
{
	_cleanup_free_ char *line = NULL;
	uint64_t address, size;
	int r = tree_read_line(root_fd, VMCOREINFO_PATH, &line);

	if (r < 0)
		return r;
	if (sscanf(line, "%" SCNx64 " %" SCNx64, &address, &size) != 2 || address == 0)
		return errf(-EBADMSG, VMCOREINFO_PATH ": holds \"%s\" instead of address and size",
		            line);
	return add_note(h, address, size);
}

static int add_memory(const struct ranges *memory, struct headers *h)
{
	if (memory->n == 0)
		return errf(-ENODATA,
		            "/proc/iomem: shows no memory that could be dumped beside what is "
		            "reserved; put a smaller crashkernel= on the kernel command line and "
		            "reboot");
	for (size_t i = 0; i < memory->n; i++) {
		uint64_t start = memory->list[i].start, size = memory->list[i].end - start;
		int r = add(h, &(Elf64_Phdr){ .p_type = PT_LOAD,
		                              .p_flags = PF_R | PF_W | PF_X,
		                              .p_offset = start,
		                              .p_paddr = start,
		                              .p_filesz = size,
		                              .p_memsz = size });

		if (r < 0)
			return r;
	}
	return 0;
}

int corehdr_build(int root_fd, uint16_t machine, const struct ranges *memory, void **ret,
                  size_t *ret_len)
{
	_cleanup_(headers_done) struct headers h = {};
	Elf64_Ehdr *e;
	size_t len;
	int r;

	if ((r = add_cpus(root_fd, &h)) < 0 || (r = add_vmcoreinfo(root_fd, &h)) < 0 ||
	    (r = add_memory(memory, &h)) < 0)
		return r;
	/* The kernel takes the number from the header alone. */
	if (h.n >= PN_XNUM)
		return errf(-E2BIG, "the core header has no room for %zu CPUs and ranges", h.n);
	len = sizeof(*e) + h.n * sizeof(*h.list);
	e = calloc(1, len);
	if (!e)
		return oom("the ELF core header");
	memcpy(e->e_ident, ELFMAG, SELFMAG);
	e->e_ident[EI_CLASS] = ELFCLASS64;
	e->e_ident[EI_DATA] = ELFDATA2LSB;
	e->e_ident[EI_VERSION] = EV_CURRENT;
	e->e_type = ET_CORE;
	e->e_machine = machine;
	e->e_version = EV_CURRENT;
	e->e_phoff = sizeof(*e);
	e->e_ehsize = sizeof(*e);
	e->e_phentsize = sizeof(Elf64_Phdr);
	e->e_phnum = h.n;
	memcpy(e + 1, h.list, h.n * sizeof(*h.list));
	*ret = e;
	*ret_len = len;
	return 0;
}

static bool is_memory(const Elf64_Phdr *p)
{
	return p->p_type == PT_LOAD && p->p_paddr != UINT64_MAX;
}

static bool holds_start(const Elf64_Phdr *p, const Elf64_Phdr *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_memory(&list[i]) && list[i].p_paddr >= p->p_paddr &&
		    list[i].p_paddr - p->p_paddr < p->p_memsz)
			return true;
	return false;
}

/* What is between virtual and physical addresses in the linear map, which is the same for all of
 * it. The program headers of /proc/kcore tell, of which those that are no memory have the physical
 * address -1 (fs/proc/kcore.c, 6.12). The kernel's text is mapped otherwise, and is small. False
 * where it is not to be found. */
static bool read_linear_map(int root_fd, const Elf64_Phdr *list, size_t n, uint64_t *ret)
{
	_cleanup_close_ int fd = tree_open(root_fd, "/proc/kcore", O_RDONLY);
	uint64_t largest = 0;
	Elf64_Ehdr e;

	if (fd < 0 || pread(fd, &e, sizeof(e), 0) != sizeof(e) ||
	    memcmp(e.e_ident, ELFMAG, SELFMAG) != 0 || e.e_ident[EI_CLASS] != ELFCLASS64 ||
	    e.e_phentsize != sizeof(Elf64_Phdr))
		return false;
	for (unsigned i = 0; i < e.e_phnum; i++) {
		Elf64_Phdr p;

		if (pread(fd, &p, sizeof(p), e.e_phoff + i * sizeof(p)) != sizeof(p))
			break;
		if (!is_memory(&p) || p.p_memsz <= largest || !holds_start(&p, list, n))
			continue;
		largest = p.p_memsz;
		*ret = p.p_vaddr - p.p_paddr;
	}
	return largest > 0;
}

void corehdr_set_linear(int root_fd, void *header)
{
	Elf64_Ehdr *e = header;
	Elf64_Phdr *list = (Elf64_Phdr *)(e + 1);
	uint64_t offset;

	if (!read_linear_map(root_fd, list, e->e_phnum, &offset))
		return;
	for (size_t i = 0; i < e->e_phnum; i++)
		if (is_memory(&list[i]))
			list[i].p_vaddr = list[i].p_paddr + offset;
}
