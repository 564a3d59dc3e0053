// SPDX-License-Identifier: GPL-2.0-or-later
/* armbox.c - made-up machines of other architectures, see armbox.h. */
#include "tests/unit/armbox.h"

#include <elf.h>
#include <endian.h>
#include <libfdt.h>
#include <stdio.h>

#include "base/text.h"

#define TREE_ROOM 65536

/* Level by level as arm64 writes it: what the kernel took early is "reserved" too. */
static const char iomem_arm64[] = "09000000-09000fff : pl011@9000000\n"
				  "40000000-7fffffff : System RAM\n"
				  "  40210000-4195ffff : Kernel code\n"
				  "  41960000-41f3ffff : reserved\n"
				  "  41f40000-4243ffff : Kernel data\n"
				  "  48000000-4801ffff : reserved\n"
				  "  70000000-73ffffff : Crash kernel\n"
				  "100000000-13fffffff : System RAM\n"
				  "  120000000-12fffffff : Crash kernel\n"
				  "  13fff0000-13fffffff : reserved\n"
				  "140000000-147ffffff : System RAM (kmem)\n"
				  "  140000000-147ffffff : System RAM\n";

static const char iomem_riscv64[] = "10000000-100000ff : serial\n"
				    "80000000-bfffffff : System RAM\n"
				    "  80000000-8007ffff : Reserved\n"
				    "  80200000-81bfffff : Kernel image\n"
				    "  b0000000-b3ffffff : Crash kernel\n"
				    "100000000-13fffffff : System RAM\n"
				    "  120000000-12fffffff : Crash kernel\n";

static void make_kcore(const struct temptree *t)
{
	struct {
		Elf64_Ehdr e;
		Elf64_Phdr p[4];
	} kcore = {
		.e = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		       .e_type = ET_CORE,
		       .e_phoff = sizeof(Elf64_Ehdr),
		       .e_phentsize = sizeof(Elf64_Phdr),
		       .e_phnum = 4 },
		.p = { { .p_type = PT_NOTE },
		       /* The vmalloc area, which is at no physical address. */
		       { .p_type = PT_LOAD,
		         .p_vaddr = 0xffff800080000000,
		         .p_paddr = UINT64_MAX,
		         .p_memsz = MIB(1) << 20 },
		       { .p_type = PT_LOAD,
		         .p_vaddr = ARMBOX_LINEAR + 0x40000000,
		         .p_paddr = 0x40000000,
		         .p_memsz = MIB(8192) },
		       /* The text of the kernel. */
		       { .p_type = PT_LOAD,
		         .p_vaddr = 0xffffc00080000000,
		         .p_paddr = 0x40000000,
		         .p_memsz = MIB(48) } },
	};

	temptree_bytes(t, "proc/kcore", &kcore, sizeof(kcore));
}

static void make_cpus(const struct temptree *t)
{
	for (unsigned i = 0; i < 2; i++) {
		char path[96], text[32];

		snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%u/crash_notes", i);
		snprintf(text, sizeof(text), "%llx\n",
		         (unsigned long long)ARMBOX_NOTES + i * 0x400ULL);
		temptree_text(t, path, text);
		snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%u/crash_notes_size", i);
		temptree_text(t, path, "436\n");
	}
	temptree_dir(t, "sys/devices/system/cpu/cpufreq");
	temptree_text(t, "sys/devices/system/cpu/online", "0-1\n");
	temptree_text(t, "sys/kernel/vmcoreinfo", "0x0000000048e5d000 1024\n");
}

/* What a kernel is told for one boot, and what stays. */
static void write_chosen(void *tree, bool efi)
{
	assert_int_equal(fdt_begin_node(tree, "chosen"), 0);
	fdt_property_string(tree, "bootargs", "root=/dev/vda1 crashkernel=256M,high");
	fdt_property_u64(tree, "linux,initrd-start", 0x48000000);
	fdt_property_u64(tree, "linux,initrd-end", 0x48012345);
	/* As after a capture that came back. */
	fdt_property_u64(tree, "linux,elfcorehdr", 0x7fe00000);
	fdt_property_u64(tree, "linux,usable-memory-range", 0x70000000);
	fdt_property_u64(tree, "kaslr-seed", 0);
	fdt_property(tree, "rng-seed", "", 0);
	if (efi) {
		fdt_property_u64(tree, "linux,uefi-system-table", 0x13fff1000);
		fdt_property_u64(tree, "linux,uefi-mmap-start", 0x13fff2000);
		fdt_property_u32(tree, "linux,uefi-mmap-size", 0x780);
	} else {
		fdt_property_string(tree, "stdout-path", "/pl011@9000000");
	}
	fdt_end_node(tree);
}

static void write_firmware(void *tree)
{
	const fdt64_t ours[] = { cpu_to_fdt64(0x80000000), cpu_to_fdt64(0x80000) };
	const fdt64_t graphics[] = { cpu_to_fdt64(0x90000000), cpu_to_fdt64(0x100000) };

	fdt_begin_node(tree, "reserved-memory");
	fdt_property_u32(tree, "#address-cells", 2);
	fdt_property_u32(tree, "#size-cells", 2);
	fdt_begin_node(tree, "mmode_resv0@80000000");
	fdt_property(tree, "reg", ours, sizeof(ours));
	fdt_end_node(tree);
	/* The kernel may use it. */
	fdt_begin_node(tree, "framebuffer@90000000");
	fdt_property(tree, "reg", graphics, sizeof(graphics));
	fdt_end_node(tree);
	fdt_end_node(tree);
}

static void make_tree(const struct temptree *t, bool efi, bool firmware, bool its)
{
	static uint8_t tree[TREE_ROOM];

	assert_int_equal(fdt_create(tree, sizeof(tree)), 0);
	assert_int_equal(fdt_finish_reservemap(tree), 0);
	fdt_begin_node(tree, "");
	fdt_property_u32(tree, "#address-cells", 2);
	fdt_property_u32(tree, "#size-cells", 2);
	write_chosen(tree, efi);
	if (!efi) {
		fdt_begin_node(tree, "pl011@9000000");
		fdt_property_string(tree, "compatible", "arm,pl011");
		fdt_end_node(tree);
	}
	if (its) {
		fdt_begin_node(tree, "its@8080000");
		fdt_property_string(tree, "compatible", "arm,gic-v3-its");
		fdt_end_node(tree);
	}
	if (firmware)
		write_firmware(tree);
	fdt_end_node(tree);
	assert_int_equal(fdt_finish(tree), 0);
	/* QEMU leaves room at its end, and the EFI stub none. */
	if (!efi)
		assert_int_equal(fdt_open_into(tree, tree, sizeof(tree)), 0);
	temptree_bytes(t, "sys/firmware/fdt", tree, fdt_totalsize(tree));
}

static void put64(uint8_t *at, uint64_t value)
{
	value = htole64(value);
	memcpy(at, &value, sizeof(value));
}

void armbox_make(struct armbox *b, const char *what)
{
	temptree_make(&b->tree);
	armbox_describe(b, what);
}

void armbox_describe(struct armbox *b, const char *what)
{
	bool riscv = streq(what, "riscv64"), efi = strstr(what, "efi");

	b->machine = riscv ? "riscv64" : "aarch64";
	temptree_text(&b->tree, "proc/iomem", riscv ? iomem_riscv64 : iomem_arm64);
	make_kcore(&b->tree);
	make_cpus(&b->tree);
	make_tree(&b->tree, efi, riscv, strstr(what, "its"));
	check_noise(b->kernel, sizeof(b->kernel), 1);
	check_noise(b->initrd, sizeof(b->initrd), 2);
	put64(b->kernel + 8, riscv ? MIB(2) : 0);
	put64(b->kernel + 16, ARMBOX_IMAGE_SIZE);
	put64(b->kernel + 24, riscv ? 0 : 0xa);
	memcpy(b->kernel + 48, "RISCV\0\0\0", 8);
	memcpy(b->kernel + 56, riscv ? "RSC\x05" : "ARM\x64", 4);
}

struct segments_request armbox_request(struct armbox *b)
{
	return (struct segments_request){
		.root_fd = b->tree.fd,
		.machine = b->machine,
		.place = KEXEC_CAPTURE,
		.kernel = { b->kernel, sizeof(b->kernel) },
		.initrd = { b->initrd, sizeof(b->initrd) },
		.cmdline = "console=ttyAMA0 reset_devices",
		.what = "/boot/vmlinuz",
	};
}
