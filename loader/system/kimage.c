// SPDX-License-Identifier: GPL-2.0-or-later
/* kimage.c - tells one loaded kernel from another, see kimage.h. */
#include "loader/system/kimage.h"

#include <elf.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

#include "system/tree.h"

/* Eight words before the segments, and six segments of four words (include/linux/kexec.h, 6.12). No
 * load on x86 or arm64 has less than three, and nothing in them changes later. */
#define IMAGE_BYTES 256

/* Finds the address in /proc/kallsyms, which is 0 for those who may not see it. */
static uint64_t find_symbol(int root_fd, const char *name)
{
	_cleanup_close_ int fd = tree_open(root_fd, "/proc/kallsyms", O_RDONLY);
	FILE *f = fd < 0 ? NULL : fdopen(TAKE_FD(fd), "re");
	char line[1024], found[256];
	uint64_t address = 0, a;

	while (f && address == 0 && fgets(line, sizeof(line), f))
		if (sscanf(line, "%" SCNx64 " %*c %255s", &a, found) == 2 && streq(found, name))
			address = a;
	if (f)
		fclose(f);
	return address;
}

/* Reads kernel memory through the program header that has all of it. */
static bool read_memory(int fd, const Elf64_Ehdr *header, uint64_t address, void *buf, size_t len)
{
	for (unsigned i = 0; i < header->e_phnum; i++) {
		Elf64_Phdr p;

		if (pread(fd, &p, sizeof(p), header->e_phoff + i * sizeof(p)) != sizeof(p))
			return false;
		if (p.p_type == PT_LOAD && address >= p.p_vaddr &&
		    address - p.p_vaddr < p.p_memsz && len <= p.p_memsz - (address - p.p_vaddr))
			return pread(fd, buf, len, p.p_offset + (address - p.p_vaddr)) ==
			       (ssize_t)len;
	}
	return false;
}

/* FNV-1a */
static uint64_t hash_bytes(const uint8_t *bytes, size_t len)
{
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < len; i++)
		h = (h ^ bytes[i]) * 0x100000001b3;
	return h >> 11;
}

uint64_t kimage_id(int root_fd)
{
	_cleanup_close_ int fd = tree_open(root_fd, "/proc/kcore", O_RDONLY);
	uint8_t image[IMAGE_BYTES];
	Elf64_Ehdr header;
	uint64_t symbol, at;

	if (fd < 0 || pread(fd, &header, sizeof(header), 0) != sizeof(header) ||
	    memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
	    header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_phentsize != sizeof(Elf64_Phdr))
		return 0;
	symbol = find_symbol(root_fd, "kexec_image");
	if (symbol == 0 || !read_memory(fd, &header, symbol, &at, sizeof(at)) || at == 0 ||
	    !read_memory(fd, &header, at, image, sizeof(image)))
		return 0;
	return hash_bytes(image, sizeof(image));
}
