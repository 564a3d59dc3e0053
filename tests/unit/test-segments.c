// SPDX-License-Identifier: GPL-2.0-or-later
/* test-segments.c - what kexec_load(2) loads on made-up machines, by what must be in it. */
#include <elf.h>
#include <libfdt.h>
#include <linux/kexec.h>
#include <malloc.h>
#include <stdio.h>

#include "tests/unit/armbox.h"

#define LOW       UINT64_C(0x70000000)
#define LOW_SIZE  MIB(64)
#define HIGH      UINT64_C(0x120000000)
#define HIGH_SIZE MIB(256)

static struct armbox box;

static int setup(const char *what)
{
	armbox_make(&box, what);
	return 0;
}

static int setup_arm64(void **state)
{
	return setup("aarch64");
}

static int setup_efi(void **state)
{
	return setup("aarch64 efi");
}

static int setup_riscv64(void **state)
{
	return setup("riscv64");
}

static int teardown(void **state)
{
	temptree_remove(&box.tree);
	return 0;
}

static void build(struct segments *ret)
{
	const struct segments_request req = armbox_request(&box);

	assert_int_equal(segments_build(&req, ret), 0);
}

static const struct segment *find(const struct segments *s, enum segment_kind kind)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->list[i].kind == kind)
			return &s->list[i];
	return NULL;
}

/* The demands of kernel/kexec_core.c, sanity_check_segment_list(), for the largest pages. */
static void check_places(const struct segments *s, uint64_t start, uint64_t end)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct segment *g = &s->list[i];

		check_case("segment %zu, %s", i, segment_names[g->kind]);
		assert_int_equal(g->address % KIB(64), 0);
		assert_int_equal(g->room % KIB(64), 0);
		assert_true(g->len > 0 && g->len <= g->room);
		assert_true(g->address >= start && g->room <= end - g->address);
		for (size_t k = 0; k < i; k++)
			assert_true(s->list[k].address + s->list[k].room <= g->address);
	}
}

static void check_kernel(const struct segments *s, uint64_t address)
{
	const struct segment *kernel = find(s, SEGMENT_KERNEL), *initrd = find(s, SEGMENT_INITRD);

	assert_int_equal(kernel->address, address);
	assert_int_equal(kernel->room, s->flags == KEXEC_ARCH_RISCV
	                                       ? ALIGN_UP(ARMBOX_IMAGE_SIZE, MIB(2))
	                                       : ARMBOX_IMAGE_SIZE);
	assert_ptr_equal(kernel->data, box.kernel);
	assert_int_equal(kernel->len, sizeof(box.kernel));
	assert_ptr_equal(initrd->data, box.initrd);
	assert_int_equal(initrd->len, sizeof(box.initrd));
}

static void arm64_has_all_in_the_upper_piece(void **state)
{
	_cleanup_(segments_done) struct segments s = {};
	const struct segment *stub, *tree;
	uint32_t code[6];
	uint64_t words[2];

	build(&s);
	assert_int_equal(s.n, 5);
	assert_int_equal(s.flags, KEXEC_ARCH_AARCH64);
	check_places(&s, HIGH, HIGH + HIGH_SIZE);
	check_kernel(&s, HIGH);
	stub = find(&s, SEGMENT_STUB);
	tree = find(&s, SEGMENT_TREE);
	assert_int_equal(s.entry, stub->address);
	assert_int_equal(stub->len, 40);
	memcpy(code, stub->data, sizeof(code));
	memcpy(words, (const uint8_t *)stub->data + sizeof(code), sizeof(words));
	/* As GNU as assembles "ldr x0, tree; ldr x16, kernel; mov x1, #0; ...; br x16". */
	assert_int_equal(code[0], 0x580000c0);
	assert_int_equal(code[1], 0x580000f0);
	assert_int_equal(code[5], 0xd61f0200);
	assert_int_equal(words[0], tree->address);
	assert_int_equal(words[1], HIGH);
}

static void arm64_heeds_the_text_offset(void **state)
{
	_cleanup_(segments_done) struct segments s = {};

	box.kernel[10] = 0x08;
	build(&s);
	check_kernel(&s, HIGH + 0x80000);
	check_places(&s, HIGH, HIGH + HIGH_SIZE);
}

static void check_note(const Elf64_Phdr *p, uint64_t address, uint64_t size)
{
	assert_int_equal(p->p_type, PT_NOTE);
	assert_int_equal(p->p_offset, address);
	assert_int_equal(p->p_filesz, size);
	assert_int_equal(p->p_memsz, size);
}

static void check_load(const Elf64_Phdr *p, uint64_t start, uint64_t end, uint64_t linear)
{
	assert_int_equal(p->p_type, PT_LOAD);
	assert_int_equal(p->p_offset, start);
	assert_int_equal(p->p_paddr, start);
	assert_int_equal(p->p_vaddr, linear + start);
	assert_int_equal(p->p_filesz, end - start);
	assert_int_equal(p->p_memsz, end - start);
}

/* Memory that is "reserved" belongs to the kernel on arm64, and into the dump. */
static void core_header_has_notes_and_memory(void **state)
{
	_cleanup_(segments_done) struct segments s = {};
	const Elf64_Ehdr *e;
	const Elf64_Phdr *p;

	build(&s);
	e = find(&s, SEGMENT_COREHDR)->data;
	p = (const Elf64_Phdr *)(e + 1);
	assert_memory_equal(e->e_ident,
	                    "\x7f"
	                    "ELF\2\1\1",
	                    7);
	assert_int_equal(e->e_type, ET_CORE);
	assert_int_equal(e->e_machine, EM_AARCH64);
	assert_int_equal(e->e_phoff, 64);
	assert_int_equal(e->e_phentsize, 56);
	assert_int_equal(e->e_phnum, 7);
	assert_int_equal(find(&s, SEGMENT_COREHDR)->len, 64 + 7 * 56);
	check_note(&p[0], ARMBOX_NOTES, 436);
	check_note(&p[1], ARMBOX_NOTES + 0x400, 436);
	check_note(&p[2], ARMBOX_VMCOREINFO, 0x1024);
	check_load(&p[3], 0x40000000, LOW, ARMBOX_LINEAR);
	check_load(&p[4], LOW + LOW_SIZE, 0x80000000, ARMBOX_LINEAR);
	check_load(&p[5], 0x100000000, HIGH, ARMBOX_LINEAR);
	check_load(&p[6], HIGH + HIGH_SIZE, 0x148000000, ARMBOX_LINEAR);
}

/* Holes between banks, and one that a driver has taken out of the middle; the reservation is at the
 * edge of a piece. */
static void core_header_leaves_holes_out(void **state)
{
	_cleanup_(segments_done) struct segments s = {};
	const Elf64_Ehdr *e;
	const Elf64_Phdr *p;

	temptree_text(&box.tree, "proc/iomem",
	              "40000000-4fffffff : System RAM\n"
	              "50010000-5001ffff : System RAM\n"
	              "50020000-5002ffff : soc@0\n"
	              "50030000-7fffffff : System RAM\n"
	              "  60000000-6fffffff : Crash kernel\n"
	              "  70000000-7000ffff : reserved\n"
	              "100000000-13fffffff : System RAM\n"
	              "140000000-147ffffff : System RAM (virtio_mem)\n"
	              "  140000000-143ffffff : System RAM (virtio_mem)\n");
	build(&s);
	check_places(&s, 0x60000000, 0x70000000);
	e = find(&s, SEGMENT_COREHDR)->data;
	p = (const Elf64_Phdr *)(e + 1);
	assert_int_equal(e->e_phnum, 8);
	check_load(&p[3], 0x40000000, 0x50000000, ARMBOX_LINEAR);
	check_load(&p[4], 0x50010000, 0x50020000, ARMBOX_LINEAR);
	check_load(&p[5], 0x50030000, 0x60000000, ARMBOX_LINEAR);
	check_load(&p[6], 0x70000000, 0x80000000, ARMBOX_LINEAR);
	check_load(&p[7], 0x100000000, 0x148000000, ARMBOX_LINEAR);
}

static void core_header_without_kcore_has_no_linear_map(void **state)
{
	_cleanup_(segments_done) struct segments s = {};
	const Elf64_Ehdr *e;

	assert_int_equal(unlinkat(box.tree.fd, "proc/kcore", 0), 0);
	build(&s);
	e = find(&s, SEGMENT_COREHDR)->data;
	assert_int_equal(((const Elf64_Phdr *)(e + 1))[3].p_vaddr, 0);
	assert_int_equal(((const Elf64_Phdr *)(e + 1))[3].p_paddr, 0x40000000);
}

static void core_header_has_cpus_in_their_order(void **state)
{
	_cleanup_(segments_done) struct segments s = {};
	const Elf64_Ehdr *e;
	const Elf64_Phdr *p;

	temptree_text(&box.tree, "sys/devices/system/cpu/cpu10/crash_notes", "a0000\n");
	temptree_text(&box.tree, "sys/devices/system/cpu/cpu10/crash_notes_size", "436\n");
	temptree_text(&box.tree, "sys/devices/system/cpu/cpu9/crash_notes", "90000\n");
	temptree_text(&box.tree, "sys/devices/system/cpu/cpu9/crash_notes_size", "436\n");
	build(&s);
	e = find(&s, SEGMENT_COREHDR)->data;
	p = (const Elf64_Phdr *)(e + 1);
	check_note(&p[2], 0x90000, 436);
	check_note(&p[3], 0xa0000, 436);
}

/* The value of a property of /chosen, which must be of @len bytes. */
static const void *chosen(const void *tree, const char *name, int len)
{
	int found = 0, node = fdt_path_offset(tree, "/chosen");
	const void *value = fdt_getprop(tree, node, name, &found);

	check_case("property %s", name);
	assert_true(node > 0);
	assert_int_equal(found, len);
	return value;
}

static uint64_t cell(const void *value, size_t i)
{
	return fdt64_ld((const fdt64_t *)value + i);
}

/* Copies, since what is behind the tree must not be needed. */
static const void *tree_of(const struct segments *s)
{
	static uint8_t copy[KIB(64)];
	const struct segment *g = find(s, SEGMENT_TREE);

	assert_true(g->len <= sizeof(copy));
	memcpy(copy, g->data, g->len);
	assert_int_equal(fdt_check_full(copy, g->len), 0);
	assert_int_equal(fdt_totalsize(copy), g->len);
	return copy;
}

static void check_chosen(const struct segments *s, const void *tree)
{
	const struct segment *initrd = find(s, SEGMENT_INITRD), *header = find(s, SEGMENT_COREHDR);
	static const uint8_t none[56];
	const void *v;

	assert_string_equal(chosen(tree, "bootargs", 30), "console=ttyAMA0 reset_devices");
	assert_int_equal(cell(chosen(tree, "linux,initrd-start", 8), 0), initrd->address);
	assert_int_equal(cell(chosen(tree, "linux,initrd-end", 8), 0),
	                 initrd->address + sizeof(box.initrd));
	v = chosen(tree, "linux,elfcorehdr", 16);
	assert_int_equal(cell(v, 0), header->address);
	assert_int_equal(cell(v, 1), header->room);
	assert_memory_not_equal(chosen(tree, "kaslr-seed", 8), none, 8);
	assert_memory_not_equal(chosen(tree, "rng-seed", 56), none, 56);
}

static void tree_tells_the_capture_kernel(void **state)
{
	_cleanup_(segments_done) struct segments s = {};
	const void *tree, *v;

	build(&s);
	tree = tree_of(&s);
	assert_true(find(&s, SEGMENT_TREE)->len < KIB(2));
	check_chosen(&s, tree);
	v = chosen(tree, "linux,usable-memory-range", 32);
	assert_int_equal(cell(v, 0), HIGH);
	assert_int_equal(cell(v, 1), HIGH_SIZE);
	assert_int_equal(cell(v, 2), LOW);
	assert_int_equal(cell(v, 3), LOW_SIZE);
	assert_string_equal(chosen(tree, "stdout-path", 15), "/pl011@9000000");
	assert_true(fdt_path_offset(tree, "/pl011@9000000") > 0);
}

static void seeds_are_fresh(void **state)
{
	_cleanup_(segments_done) struct segments a = {}, b = {};
	uint8_t seed[56];

	build(&a);
	memcpy(seed, chosen(tree_of(&a), "rng-seed", 56), sizeof(seed));
	build(&b);
	assert_memory_not_equal(chosen(tree_of(&b), "rng-seed", 56), seed, sizeof(seed));
}

/* With anything but /chosen in it, an arm64 kernel would not take ACPI (arch/arm64/kernel/acpi.c,
 * dt_is_stub(), 6.12). */
static void tree_of_the_efi_stub_stays_one(void **state)
{
	_cleanup_(segments_done) struct segments s = {};
	const void *tree;
	int node, n = 0;

	build(&s);
	tree = tree_of(&s);
	check_chosen(&s, tree);
	assert_int_equal(cell(chosen(tree, "linux,uefi-system-table", 8), 0), 0x13fff1000);
	assert_int_equal(cell(chosen(tree, "linux,uefi-mmap-start", 8), 0), 0x13fff2000);
	chosen(tree, "linux,uefi-mmap-size", 4);
	fdt_for_each_subnode(node, tree, 0) n++;
	assert_int_equal(n, 1);
}

static void riscv64_is_entered_at_the_kernel(void **state)
{
	_cleanup_(segments_done) struct segments s = {};
	const Elf64_Ehdr *e;
	const Elf64_Phdr *p;

	build(&s);
	assert_int_equal(s.n, 4);
	assert_int_equal(s.flags, KEXEC_ARCH_RISCV);
	assert_int_equal(s.entry, HIGH);
	check_places(&s, HIGH, HIGH + HIGH_SIZE);
	check_kernel(&s, HIGH);
	check_chosen(&s, tree_of(&s));
	e = find(&s, SEGMENT_COREHDR)->data;
	p = (const Elf64_Phdr *)(e + 1);
	assert_int_equal(e->e_machine, EM_RISCV);
	assert_int_equal(e->e_phnum, 7);
	/* Without the firmware's memory, which the kernel must not read. */
	assert_int_equal(p[3].p_paddr, 0x80080000);
	assert_int_equal(p[3].p_paddr + p[3].p_memsz, 0xb0000000);
}

static void tree_does_not_lie_across_blocks(void **state)
{
	struct segments_request req = armbox_request(&box);
	_cleanup_(segments_done) struct segments s = {};
	_cleanup_free_ char *large = calloc(1, MIB(2));
	const struct segment *tree;

	/* 64K are left of a block behind the core header, and the tree has more. */
	memset(large, 'x', 70000);
	req.cmdline = large;
	req.initrd.len = 0;
	for (size_t room = 0; room < MIB(2); room += KIB(64)) {
		uint64_t size = ARMBOX_IMAGE_SIZE + room;

		segments_done(&s);
		memcpy(box.kernel + 16, &size, sizeof(size));
		assert_int_equal(segments_build(&req, &s), 0);
		check_places(&s, HIGH, HIGH + HIGH_SIZE);
		tree = find(&s, SEGMENT_TREE);
		assert_int_equal(tree->address / MIB(2), (tree->address + tree->len - 1) / MIB(2));
	}
}

/* The image of a kernel with pages of 64K; what it is told of lies at pages of its own. */
static void all_begins_with_the_largest_pages(void **state)
{
	bool riscv = streq(box.machine, "riscv64");

	for (unsigned odd = 0; odd < 40; odd++) {
		struct segments_request req = armbox_request(&box);
		_cleanup_(segments_done) struct segments s = {};
		uint64_t size = ARMBOX_IMAGE_SIZE + odd * KIB(4);
		uint64_t start = 0x50000000 + odd * KIB(4), end = 0x58000000 - odd * 4;
		const struct segment *initrd, *header, *tree;
		char iomem[256];
		const void *v;

		memcpy(box.kernel + 16, &size, sizeof(size));
		box.kernel[24] = riscv ? 0 : 0xe;
		req.initrd.len -= odd * 2500;
		snprintf(iomem, sizeof(iomem),
		         "40000000-7fffffff : System RAM\n  %llx-%llx : Crash kernel\n",
		         (unsigned long long)start, (unsigned long long)end - 1);
		temptree_text(&box.tree, "proc/iomem", iomem);
		assert_int_equal(segments_build(&req, &s), 0);
		check_places(&s, start, end);
		initrd = find(&s, SEGMENT_INITRD);
		header = find(&s, SEGMENT_COREHDR);
		tree = find(&s, SEGMENT_TREE);
		assert_int_equal(find(&s, SEGMENT_KERNEL)->address % MIB(2), 0);
		assert_int_equal(s.entry % KIB(64), 0);
		assert_true(initrd->room - req.initrd.len < KIB(64));
		v = chosen(tree_of(&s), "linux,initrd-start", 8);
		assert_int_equal(cell(v, 0) % KIB(64), 0);
		v = chosen(tree_of(&s), "linux,elfcorehdr", 16);
		assert_int_equal(cell(v, 0), header->address);
		assert_int_equal(cell(v, 1) % KIB(64), 0);
		assert_int_equal(tree->address / MIB(2), (tree->address + tree->len - 1) / MIB(2));
	}
}

static void ordinary_kernels_go_where_nothing_is_kept(void **state)
{
	struct segments_request req = armbox_request(&box);
	_cleanup_(segments_done) struct segments s = {};
	const void *tree;
	int len;

	req.place = KEXEC_NEXT;
	assert_int_equal(segments_build(&req, &s), 0);
	assert_int_equal(s.n, 4);
	assert_null(find(&s, SEGMENT_COREHDR));
	/* Between two ranges that are "reserved"; the running kernel may be overwritten. */
	check_places(&s, 0x41f40000, 0x48000000);
	tree = tree_of(&s);
	assert_null(fdt_getprop(tree, fdt_path_offset(tree, "/chosen"), "linux,elfcorehdr", &len));
	assert_null(fdt_getprop(tree, fdt_path_offset(tree, "/chosen"), "linux,usable-memory-range",
	                        &len));
}

/* The digest is the same unless something of the system has changed. */
static void digest_tells_builds_apart(void **state)
{
	static const struct {
		const char *path, *text;
	} changes[] = {
		{ "sys/kernel/vmcoreinfo", "0x0000000048e5e000 1024\n" },
		{ "sys/devices/system/cpu/cpu1/crash_notes", "13fe00800\n" },
		{ "proc/iomem", "40000000-7fffffff : System RAM\n"
		                "  60000000-6fffffff : Crash kernel\n" },
	};
	_cleanup_(segments_done) struct segments a = {}, b = {};

	build(&a);
	assert_int_equal(unlinkat(box.tree.fd, "proc/kcore", 0), 0);
	build(&b);
	assert_int_equal(a.digest, b.digest);
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		_cleanup_(segments_done) struct segments c = {};

		temptree_text(&box.tree, changes[i].path, changes[i].text);
		build(&c);
		check_case("change %zu", i);
		assert_int_not_equal(c.digest, b.digest);
		b.digest = c.digest;
	}
	segments_done(&a);
	box.initrd[5] ^= 1;
	build(&a);
	assert_int_not_equal(a.digest, b.digest);
}

/* What malloc() gives is different each time. Padding behind a command line that is longer than the
 * tree would be of that. */
static void digest_is_of_nothing_else(void **state)
{
	struct segments_request req = armbox_request(&box);
	_cleanup_(segments_done) struct segments a = {}, b = {};
	char words[2002] = "";

	memset(words, 'x', sizeof(words) - 1);
	req.cmdline = words;
	mallopt(M_PERTURB, 0x11);
	assert_int_equal(segments_build(&req, &a), 0);
	mallopt(M_PERTURB, 0x22);
	assert_int_equal(segments_build(&req, &b), 0);
	mallopt(M_PERTURB, 0);
	assert_int_equal(a.digest, b.digest);
}

#define ON(box, test) cmocka_unit_test_setup_teardown(test, setup_##box, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(arm64, arm64_has_all_in_the_upper_piece),
		ON(arm64, arm64_heeds_the_text_offset),
		ON(arm64, core_header_has_notes_and_memory),
		ON(arm64, core_header_leaves_holes_out),
		ON(arm64, core_header_without_kcore_has_no_linear_map),
		ON(arm64, core_header_has_cpus_in_their_order),
		ON(arm64, tree_tells_the_capture_kernel),
		ON(arm64, seeds_are_fresh),
		ON(efi, tree_of_the_efi_stub_stays_one),
		ON(riscv64, riscv64_is_entered_at_the_kernel),
		ON(arm64, tree_does_not_lie_across_blocks),
		ON(arm64, all_begins_with_the_largest_pages),
		ON(riscv64, all_begins_with_the_largest_pages),
		ON(arm64, ordinary_kernels_go_where_nothing_is_kept),
		ON(arm64, digest_tells_builds_apart),
		ON(efi, digest_is_of_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
