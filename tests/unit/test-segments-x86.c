// SPDX-License-Identifier: GPL-2.0-or-later
/* test-segments-x86.c - what kexec_load(2) loads on x86_64. */
#include <elf.h>
#include <errno.h>
#include <linux/kexec.h>
#include <stdio.h>

#include "tests/unit/armbox.h"
#include "tests/unit/machine.h"

#define RESERVE      UINT64_C(0x60000000)
#define RESERVE_SIZE MIB(128)

static struct armbox box;

/* The setup header says: 1 sector and the first are not loaded, 2M alignment, init_size 48M. */
static void make_kernel(void)
{
	const uint32_t align = MIB(2), init_size = MIB(48);

	check_noise(box.kernel, sizeof(box.kernel), 1);
	machine_bzimage_bytes(box.kernel, MACHINE_RELEASE);
	box.kernel[BZIMAGE_SETUP_SECTS] = 1;
	memcpy(box.kernel + 0x230, &align, sizeof(align));
	memcpy(box.kernel + 0x260, &init_size, sizeof(init_size));
	box.kernel[0x201] = 0x6a;
}

static int setup(void **state)
{
	uint8_t running[4096];

	armbox_make(&box, "aarch64");
	box.machine = "x86_64";
	make_kernel();
	memset(running, 0xee, sizeof(running));
	temptree_bytes(&box.tree, "sys/kernel/boot_params/data", running, sizeof(running));
	temptree_text(&box.tree, "proc/iomem",
	              "00000000-00000fff : Reserved\n"
	              "00001000-0009fbff : System RAM\n"
	              "0009fc00-0009ffff : Reserved\n"
	              "000f0000-000fffff : System ROM\n"
	              "00100000-7ffdbfff : System RAM\n"
	              "  01000000-01ffffff : Kernel code\n"
	              "  60000000-67ffffff : Crash kernel\n"
	              "7ffdc000-7ffdcfff : ACPI Tables\n"
	              "7ffdd000-7ffddfff : ACPI Non-volatile Storage\n"
	              "100000000-13fffffff : System RAM\n");
	return 0;
}

static int teardown(void **state)
{
	temptree_remove(&box.tree);
	return 0;
}

static const struct segment *find(const struct segments *s, enum segment_kind kind)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->list[i].kind == kind)
			return &s->list[i];
	fail_msg("no segment of kind %d", kind);
	return NULL;
}

static uint64_t get(const void *data, size_t offset, size_t size)
{
	uint64_t v = 0;

	memcpy(&v, (const uint8_t *)data + offset, size);
	return v;
}

static void check_row(const void *page, unsigned i, uint64_t start, uint64_t end, uint32_t type)
{
	check_case("row %u of the memory map", i);
	assert_int_equal(get(page, 0x2d0 + 20 * i, 8), start);
	assert_int_equal(get(page, 0x2d0 + 20 * i + 8, 8), end - start);
	assert_int_equal(get(page, 0x2d0 + 20 * i + 16, 4), type);
}

static void capture_kernel_is_told(void **state)
{
	const struct segments_request req = armbox_request(&box);
	_cleanup_(segments_done) struct segments s = {};
	const struct segment *kernel, *initrd, *header, *params, *stub;
	char words[128];

	assert_int_equal(segments_build(&req, &s), 0);
	assert_int_equal(s.n, 5);
	assert_int_equal(s.flags, KEXEC_ARCH_X86_64);
	kernel = find(&s, SEGMENT_KERNEL);
	initrd = find(&s, SEGMENT_INITRD);
	header = find(&s, SEGMENT_COREHDR);
	params = find(&s, SEGMENT_PARAMS);
	stub = find(&s, SEGMENT_STUB);
	assert_int_equal(kernel->address, RESERVE);
	assert_int_equal(kernel->room, MIB(48));
	assert_ptr_equal(kernel->data, box.kernel + 1024);
	assert_int_equal(kernel->len, sizeof(box.kernel) - 1024);

	/* As GNU as assembles "mov $params, %rsi; mov $kernel + 512, %rax; jmp *%rax". */
	assert_int_equal(s.entry, stub->address);
	assert_int_equal(get(stub->data, 0, 2), 0xbe48);
	assert_int_equal(get(stub->data, 2, 8), params->address);
	assert_int_equal(get(stub->data, 10, 2), 0xb848);
	assert_int_equal(get(stub->data, 12, 8), RESERVE + 512);
	assert_int_equal(get(stub->data, 20, 2), 0xe0ff);

	snprintf(words, sizeof(words), "%s elfcorehdr=0x%llx", req.cmdline,
	         (unsigned long long)header->address);
	assert_string_equal((const char *)params->data + 4096, words);
	assert_int_equal(get(params->data, 0x228, 4), params->address + 4096);
	assert_int_equal(get(params->data, 0xc8, 4), 0);
	assert_int_equal(get(params->data, 0x218, 4), initrd->address);
	assert_int_equal(get(params->data, 0x21c, 4), sizeof(box.initrd));
	assert_int_equal(get(params->data, 0x210, 1), 0xd0);
	assert_memory_equal((const uint8_t *)params->data + 0x202, box.kernel + 0x202, 14);
	/* The screen is that of the running kernel, its EFI is not told of. */
	assert_int_equal(get(params->data, 0, 1), 0xee);
	assert_int_equal(get(params->data, 0x1c0, 8), 0);
	assert_int_equal(get(params->data, 0x250, 8), 0);

	assert_int_equal(get(params->data, 0x1e8, 1), 7);
	check_row(params->data, 0, 0x1000, 0x9fc00, 1);
	check_row(params->data, 1, RESERVE, header->address, 1);
	check_row(params->data, 2, header->address + header->room, RESERVE + RESERVE_SIZE, 1);
	check_row(params->data, 3, 0x7ffdc000, 0x7ffdd000, 3);
	check_row(params->data, 4, 0x7ffdd000, 0x7ffde000, 4);
	check_row(params->data, 5, 0, 0x1000, 2);
	check_row(params->data, 6, 0x9fc00, 0xa0000, 2);
}

/* The first MiB is for the trampolines of each kernel. */
static void core_header_leaves_out_the_first_mib(void **state)
{
	const struct segments_request req = armbox_request(&box);
	_cleanup_(segments_done) struct segments s = {};
	const Elf64_Ehdr *e;
	const Elf64_Phdr *p;

	assert_int_equal(segments_build(&req, &s), 0);
	e = find(&s, SEGMENT_COREHDR)->data;
	p = (const Elf64_Phdr *)(e + 1);
	assert_int_equal(e->e_machine, EM_X86_64);
	assert_int_equal(e->e_phnum, 6);
	assert_int_equal(p[3].p_paddr, MIB(1));
	assert_int_equal(p[3].p_memsz, RESERVE - MIB(1));
	assert_int_equal(p[4].p_paddr, RESERVE + RESERVE_SIZE);
	assert_int_equal(p[5].p_paddr, 0x100000000);
}

static void ordinary_kernel_has_all_memory(void **state)
{
	struct segments_request req = armbox_request(&box);
	_cleanup_(segments_done) struct segments s = {};
	const void *page;

	req.place = KEXEC_NEXT;
	assert_int_equal(segments_build(&req, &s), 0);
	assert_int_equal(find(&s, SEGMENT_KERNEL)->address, MIB(16));
	page = find(&s, SEGMENT_PARAMS)->data;
	assert_string_equal((const char *)page + 4096, req.cmdline);
	check_row(page, 0, 0x1000, 0x9fc00, 1);
	check_row(page, 1, 0x100000, 0x7ffdc000, 1);
	check_row(page, 2, 0x100000000, 0x140000000, 1);
}

static void acpi_tables_are_found_again(void **state)
{
	const struct segments_request req = armbox_request(&box);
	_cleanup_(segments_done) struct segments s = {};

	assert_int_equal(unlinkat(box.tree.fd, "sys/kernel/boot_params/data", 0), 0);
	temptree_text(&box.tree, "sys/firmware/efi/systab", "ACPI20=0x7ff7e014\nACPI=0x7ff7e000\n");
	assert_int_equal(segments_build(&req, &s), 0);
	assert_int_equal(get(find(&s, SEGMENT_PARAMS)->data, 0x70, 8), 0x7ff7e014);
}

static void says_why_not(void **state)
{
	const struct segments_request req = armbox_request(&box);
	_cleanup_(segments_done) struct segments s = {};
	_cleanup_free_ char *text = calloc(1, 65536);
	size_t at = 0;

	at += sprintf(text, "00100000-7ffdbfff : System RAM\n  60000000-67ffffff : Crash kernel\n");
	for (unsigned i = 0; i < 130; i++)
		at += sprintf(text + at, "%x-%x : Reserved\n", 0x80000000 + i * 0x2000,
		              0x80000fff + i * 0x2000);
	temptree_text(&box.tree, "proc/iomem", text);
	assert_fails(segments_build(&req, &s), -E2BIG, "in more than 128 pieces");
	box.kernel[BZIMAGE_XLOADFLAGS] = 0;
	assert_fails(segments_build(&req, &s), -ENOEXEC, "is no 64-bit kernel");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(capture_kernel_is_told),
		TEST(core_header_leaves_out_the_first_mib),
		TEST(ordinary_kernel_has_all_memory),
		TEST(acpi_tables_are_found_again),
		TEST(says_why_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
