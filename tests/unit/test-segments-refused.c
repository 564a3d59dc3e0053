// SPDX-License-Identifier: GPL-2.0-or-later
/* test-segments-refused.c - what kexec_load(2) cannot load, in one line each. */
#include <errno.h>
#include <libfdt.h>

#include "tests/unit/armbox.h"

static struct armbox box;

static void spoil_nothing(struct segments_request *req)
{
}

static void spoil_magic(struct segments_request *req)
{
	box.kernel[56] = 'x';
}

static void spoil_length(struct segments_request *req)
{
	req->kernel.len = 40;
}

static void spoil_architecture(struct segments_request *req)
{
	memcpy(box.kernel + 56, "RSC\x05", 4);
}

static void spoil_endian(struct segments_request *req)
{
	box.kernel[24] |= 1;
}

static void spoil_size(struct segments_request *req)
{
	memset(box.kernel + 16, 0, 8);
}

static void spoil_machine(struct segments_request *req)
{
	req->machine = "ppc64le";
}

/* Kernel, initrd and core header fit, and some pages of the tree. */
static void spoil_room_of_tree(struct segments_request *req)
{
	static char words[KIB(200)];

	memset(words, 'x', sizeof(words) - 1);
	req->cmdline = words;
	temptree_text(&box.tree, "proc/iomem",
	              "40000000-7fffffff : System RAM\n"
	              "  78000000-7a27ffff : Crash kernel\n");
}

static void spoil_holes(struct segments_request *req)
{
	req->place = KEXEC_NEXT;
	temptree_text(&box.tree, "proc/iomem",
	              "40000000-41ffffff : System RAM\n"
	              "43000000-44ffffff : System RAM\n"
	              "  43800000-4381ffff : reserved\n");
}

static void spoil_tree(struct segments_request *req)
{
	unlinkat(box.tree.fd, "sys/firmware/fdt", 0);
}

static void spoil_tree_size(struct segments_request *req)
{
	static char words[MIB(2)];

	memset(words, 'x', sizeof(words) - 1);
	req->cmdline = words;
}

static void spoil_cells(struct segments_request *req)
{
	uint8_t tree[1024];

	fdt_create_empty_tree(tree, sizeof(tree));
	temptree_bytes(&box.tree, "sys/firmware/fdt", tree, sizeof(tree));
}

static void spoil_narrow_cells(struct segments_request *req)
{
	uint8_t tree[1024];

	fdt_create_empty_tree(tree, sizeof(tree));
	fdt_setprop_u32(tree, 0, "#address-cells", 1);
	fdt_setprop_u32(tree, 0, "#size-cells", 1);
	temptree_bytes(&box.tree, "sys/firmware/fdt", tree, sizeof(tree));
}

static void says_why_not(void **state)
{
	static const struct {
		void (*spoil)(struct segments_request *req); /* NULL: the file has other contents */
		int error;
		const char *text;
		const char *file, *contents;
	} rows[] = {
		{ spoil_magic, -ENOEXEC, "/boot/vmlinuz: is no Image" },
		{ spoil_length, -ENOEXEC, "/boot/vmlinuz: is no Image" },
		{ spoil_architecture, -ENOEXEC,
		  "/boot/vmlinuz: is a kernel for riscv64, and this machine is aarch64; use one" },
		{ spoil_endian, -ENOEXEC, "is a big-endian kernel" },
		{ spoil_size, -ENOEXEC, "says no size that is possible" },
		{ spoil_machine, -EOPNOTSUPP, "kexec_load is not supported on ppc64le" },
		{ NULL, -ENODATA, "put crashkernel=", "proc/iomem",
		  "40000000-7fffffff : System RAM\n" },
		{ NULL, -ENOSPC,
		  "no room for the kernel: it has 32.0M in the upper one of its pieces",
		  "proc/iomem",
		  "40000000-7fffffff : System RAM\n"
		  "  50000000-6fffffff : Crash kernel\n"
		  "  78000000-79ffffff : Crash kernel\n" },
		{ NULL, -ENOSPC, "no room for the initrd: it has 34.1M in one piece", "proc/iomem",
		  "40000000-7fffffff : System RAM\n"
		  "  78000000-7a22ffff : Crash kernel\n" },
		{ spoil_room_of_tree, -ENOSPC,
		  "no room for the device tree: it has 34.5M in one piece; put a larger "
		  "crashkernel=" },
		{ spoil_holes, -ENOSPC,
		  "no memory in one piece that has room for the kernel; reboot through" },
		{ NULL, -ENODATA,
		  "no memory that could be dumped beside what is reserved; put a smaller",
		  "proc/iomem",
		  "78000000-7fffffff : System RAM\n"
		  "  78000000-7fffffff : Crash kernel\n" },
		{ NULL, -EACCES, "only root", "proc/iomem", "00000000-00000000 : System RAM\n" },
		{ spoil_tree, -ENOENT, "/sys/firmware/fdt: is missing" },
		{ NULL, -EBADMSG, "/sys/firmware/fdt: is no sound device tree", "sys/firmware/fdt",
		  "this is no device tree, but is long enough" },
		{ spoil_tree_size, -EFBIG, "and a kernel takes 2097152; shorten the command line" },
		{ spoil_cells, -EBADMSG, "/sys/firmware/fdt: does not say how addresses" },
		{ spoil_narrow_cells, -EBADMSG, "the device tree: FDT_ERR_BADVALUE" },
		{ NULL, -EBADMSG, "cpu1/crash_notes: holds \"none\"",
		  "sys/devices/system/cpu/cpu1/crash_notes", "none\n" },
		{ NULL, -EBADMSG, "/sys/kernel/vmcoreinfo: holds \"0 0\"", "sys/kernel/vmcoreinfo",
		  "0 0\n" },
		{ spoil_nothing, 0, "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(segments_done) struct segments s = {};
		struct segments_request req;

		armbox_make(&box, "aarch64");
		req = armbox_request(&box);
		if (rows[i].spoil)
			rows[i].spoil(&req);
		else
			temptree_text(&box.tree, rows[i].file, rows[i].contents);
		check_case("row %zu", i);
		if (rows[i].error)
			assert_fails(segments_build(&req, &s), rows[i].error, rows[i].text);
		else
			assert_int_equal(segments_build(&req, &s), 0);
		temptree_remove(&box.tree);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_why_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
