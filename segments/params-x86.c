// SPDX-License-Identifier: GPL-2.0-or-later
/* params-x86.c - the boot parameters of a kernel on x86_64, see params-x86.h. */
#include "segments/params-x86.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

#define RUNNING "/sys/kernel/boot_params/data"
#define SYSTAB  "/sys/firmware/efi/systab"

enum {
	PAGE = 4096,
	EXT_RAMDISK_IMAGE = 0xc0, /* the upper halves of the addresses below */
	EXT_RAMDISK_SIZE = 0xc4,
	EXT_CMDLINE = 0xc8,
	ACPI_RSDP = 0x70, /* u64 */
	EFI_INFO = 0x1c0,
	EFI_INFO_SIZE = 0x20,
	E820_ENTRIES = 0x1e8, /* u8 */
	SENTINEL = 0x1ef,
	HEADER = 0x1f1,
	HEADER_JUMP = 0x201, /* what is behind the second byte of a jump is its distance */
	TYPE_OF_LOADER = 0x210,
	RAMDISK_IMAGE = 0x218,
	RAMDISK_SIZE = 0x21c,
	CMDLINE = 0x228,
	SETUP_DATA = 0x250,
	HEADER_END = 0x290,
	E820 = 0x2d0, /* rows of u64 address, u64 size, u32 type */
	E820_ROW = 20,
	E820_MAX = 128,

	TYPE_KEXEC = 0xd0,
};

/* Names in /proc/iomem, and their types (arch/x86/include/asm/e820/types.h, 6.12). */
static const struct {
	const char *name;
	uint32_t type;
} kinds[] = {
	{ "ACPI Tables", 3 },
	{ "ACPI Non-volatile Storage", 4 },
	{ "Reserved", 2 },
};

#define TYPE_RAM 1

static void put32(uint8_t *at, uint32_t v)
{
	v = htole32(v);
	memcpy(at, &v, sizeof(v));
}

static void put64(uint8_t *at, uint64_t v)
{
	v = htole64(v);
	memcpy(at, &v, sizeof(v));
}

static int add_row(uint8_t *page, uint64_t start, uint64_t end, uint32_t type)
{
	uint8_t *row = page + E820 + page[E820_ENTRIES] * E820_ROW;

	if (page[E820_ENTRIES] == E820_MAX)
		return errf(-E2BIG,
		            "the memory of this machine is in more than %d pieces, of which "
		            "no kernel can be told",
		            E820_MAX);
	page[E820_ENTRIES]++;
	put64(row, start);
	put64(row + 8, end - start);
	put32(row + 16, type);
	return 0;
}

/* The core header must stay as it is. */
static int add_memory(const struct params_request *req, uint8_t *page)
{
	_cleanup_(ranges_done) struct ranges usable = {}, header = {};
	int r = ranges_add(&header, req->corehdr.start, req->corehdr.end);

	for (size_t i = 0; i < req->usable->n && r >= 0; i++)
		r = ranges_add(&usable, req->usable->list[i].start, req->usable->list[i].end);
	if (r < 0 || (r = ranges_subtract(&usable, &header)) < 0)
		return r;
	for (size_t i = 0; i < usable.n; i++)
		if ((r = add_row(page, usable.list[i].start, usable.list[i].end, TYPE_RAM)) < 0)
			return r;
	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		_cleanup_free_ struct iomem_range *list = NULL;
		size_t n = 0;

		r = iomem_read(req->root_fd, kinds[k].name, 0, &list, &n);
		for (size_t i = 0; i < n && r >= 0; i++)
			r = add_row(page, list[i].start, list[i].end, kinds[k].type);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The kernel that runs knows since 5.0; before, EFI tells: "ACPI20=0x7ff7e014". Without EFI a
 * kernel finds the tables itself. */
static void set_acpi(int root_fd, uint8_t *page)
{
	_cleanup_free_ char *text = NULL;
	const char *at;
	uint64_t known;

	memcpy(&known, page + ACPI_RSDP, sizeof(known));
	if (known || tree_read(root_fd, SYSTAB, KIB(64), &text, NULL) < 0)
		return;
	at = strstr(text, "ACPI20=");
	if (at && sscanf(at, "ACPI20=%" SCNx64, &known) == 1)
		put64(page + ACPI_RSDP, known);
}

static int start_page(const struct params_request *req, uint8_t *page)
{
	_cleanup_free_ char *running = NULL;
	const uint8_t *kernel = req->kernel->data;
	size_t len, end;

	if (tree_read(req->root_fd, RUNNING, PAGE, &running, &len) == 0 && len == PAGE)
		memcpy(page, running, PAGE);
	memset(page + EFI_INFO, 0, EFI_INFO_SIZE);
	memset(page + HEADER, 0, HEADER_END - HEADER);
	memset(page + E820, 0, E820_MAX * E820_ROW);
	page[E820_ENTRIES] = page[SENTINEL] = 0;
	if (req->kernel->len < HEADER_END)
		return errf(-ENOEXEC, "the kernel is cut short");
	end = MIN(HEADER_JUMP + 1 + kernel[HEADER_JUMP], HEADER_END);
	memcpy(page + HEADER, kernel + HEADER, end - HEADER);
	page[TYPE_OF_LOADER] = TYPE_KEXEC;
	put64(page + SETUP_DATA, 0);
	set_acpi(req->root_fd, page);
	return 0;
}

static void set_address(uint8_t *page, size_t low, size_t high, uint64_t v)
{
	put32(page + low, v);
	put32(page + high, v >> 32);
}

int params_build_x86(const struct params_request *req, void **ret, size_t *ret_len)
{
	_cleanup_free_ char *words = NULL;
	_cleanup_free_ uint8_t *page = NULL;
	bool capture = req->corehdr.start != req->corehdr.end;
	int r;

	r = capture ? text_printf(&words, "%s elfcorehdr=0x%" PRIx64, req->cmdline,
	                          req->corehdr.start)
	            : text_printf(&words, "%s", req->cmdline);
	if (r < 0)
		return r;
	page = calloc(1, PAGE + strlen(words) + 1);
	if (!page)
		return oom("the boot parameters");
	if ((r = start_page(req, page)) < 0 || (r = add_memory(req, page)) < 0)
		return r;
	strcpy((char *)page + PAGE, words);
	set_address(page, CMDLINE, EXT_CMDLINE, req->address + PAGE);
	set_address(page, RAMDISK_IMAGE, EXT_RAMDISK_IMAGE, req->initrd.start);
	set_address(page, RAMDISK_SIZE, EXT_RAMDISK_SIZE, req->initrd.end - req->initrd.start);
	*ret_len = PAGE + strlen(words) + 1;
	*ret = TAKE_PTR(page);
	return 0;
}
