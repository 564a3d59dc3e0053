// SPDX-License-Identifier: GPL-2.0-or-later
/* devtree.c - the device tree for the next kernel, see devtree.h. */
#include "segments/devtree.h"

#include <errno.h>
#include <libfdt.h>
#include <sys/random.h>

#include "system/tree.h"
#include "base/err.h"

#define TREE_PATH "/sys/firmware/fdt"

/* What firmware gives at most; QEMU's has 1M, most of it empty. */
#define TREE_READ_MAX MIB(16)

/* Room for what is added beside the command line: properties, their names, a node. */
#define ADDED_MAX KIB(4)

#define FIRMWARE_OF_RISCV "mmode_resv"

int devtree_read(int root_fd, void **ret, size_t *ret_len)
{
	_cleanup_free_ char *data = NULL;
	size_t len;
	int r;

	if (!tree_exists(root_fd, TREE_PATH))
		return errf(-ENOENT, TREE_PATH ": is missing; without the device tree no other "
		                               "kernel can be started");
	r = tree_read(root_fd, TREE_PATH, TREE_READ_MAX, &data, &len);
	if (r < 0)
		return r;
	r = fdt_check_full(data, len);
	if (r < 0)
		return errf(-EBADMSG, TREE_PATH ": is no sound device tree: %s", fdt_strerror(r));
	if (!fdt_getprop(data, 0, "#address-cells", NULL) ||
	    !fdt_getprop(data, 0, "#size-cells", NULL))
		return errf(-EBADMSG, TREE_PATH ": does not say how addresses are written "
		                                "(#address-cells, #size-cells)");
	*ret = TAKE_PTR(data);
	*ret_len = len;
	return 0;
}

/* The error of libfdt @r, or what it returned. */
static int checked(int r)
{
	if (r >= 0)
		return r;
	return errf(r == -FDT_ERR_NOSPACE ? -EFBIG : -EBADMSG, "the device tree: %s",
	            fdt_strerror(r));
}

static int drop(void *tree, int node)
{
	static const char *const names[] = { "bootargs",
		                             "linux,initrd-start",
		                             "linux,initrd-end",
		                             "linux,elfcorehdr",
		                             "linux,usable-memory-range",
		                             "linux,booted-from-kexec",
		                             "kaslr-seed",
		                             "rng-seed" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		int r = fdt_delprop(tree, node, names[i]);

		if (r < 0 && r != -FDT_ERR_NOTFOUND)
			return r;
	}
	return 0;
}

static int set_ranges(void *tree, int node, const struct devtree_request *req)
{
	const struct iomem_range *c = &req->corehdr;
	int r = 0;

	if (c->start != c->end)
		r = fdt_appendprop_addrrange(tree, 0, node, "linux,elfcorehdr", c->start,
		                             c->end - c->start);
	/* The last one is the main one, and has to come first. */
	for (size_t i = req->usable ? req->usable->n : 0; i-- > 0 && r >= 0;) {
		const struct iomem_range *u = &req->usable->list[i];

		r = fdt_appendprop_addrrange(tree, 0, node, "linux,usable-memory-range", u->start,
		                             u->end - u->start);
	}
	return r;
}

#define SEED_MAX 56

static const struct {
	const char *name;
	size_t len;
} seeds[] = {
	{ "kaslr-seed", 8 },
	{ "rng-seed", SEED_MAX },
};

/* Returns a number of libfdt. */
static int set_chosen(void *tree, const struct devtree_request *req)
{
	static const uint8_t zeroes[SEED_MAX];
	int node = fdt_path_offset(tree, "/chosen"), r;

	if (node == -FDT_ERR_NOTFOUND)
		node = fdt_add_subnode(tree, 0, "chosen");
	if (node < 0)
		return node;
	if ((r = drop(tree, node)) < 0 ||
	    (r = fdt_setprop_string(tree, node, "bootargs", req->cmdline)) < 0 ||
	    (r = fdt_setprop(tree, node, "linux,booted-from-kexec", NULL, 0)) < 0)
		return r;
	if (req->initrd.start != req->initrd.end &&
	    ((r = fdt_setprop_u64(tree, node, "linux,initrd-start", req->initrd.start)) < 0 ||
	     (r = fdt_setprop_u64(tree, node, "linux,initrd-end", req->initrd.end)) < 0))
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(seeds); i++)
		if ((r = fdt_setprop(tree, node, seeds[i].name, zeroes, seeds[i].len)) < 0)
			return r;
	return set_ranges(tree, node, req);
}

int devtree_build(const struct devtree_request *req, void **ret, size_t *ret_len)
{
	size_t room = fdt_totalsize(req->base) + strlen(req->cmdline) + ADDED_MAX;
	_cleanup_free_ void *tree = calloc(1, room); /* padding has to be the same each time */
	int r;

	if (!tree)
		return oom("the device tree");
	if ((r = checked(fdt_open_into(req->base, tree, room))) < 0 ||
	    (r = checked(set_chosen(tree, req))) < 0 || (r = checked(fdt_pack(tree))) < 0)
		return r;
	if (fdt_totalsize(tree) > DEVTREE_MAX)
		return errf(
			-EFBIG,
			"the device tree of this machine is too large: with the command line it "
			"has %u bytes, and a kernel takes %llu; shorten the command line by "
			"CommandLineRemove=, or have the firmware make a smaller tree",
			fdt_totalsize(tree), (unsigned long long)DEVTREE_MAX);
	*ret_len = fdt_totalsize(tree);
	*ret = TAKE_PTR(tree);
	return 0;
}

int devtree_set_seeds(void *tree)
{
	int node = fdt_path_offset(tree, "/chosen");

	for (size_t i = 0; i < ARRAY_SIZE(seeds); i++) {
		uint8_t bytes[SEED_MAX];
		int r;

		if (getrandom(bytes, seeds[i].len, 0) != (ssize_t)seeds[i].len)
			return errf(-EIO, "there are no random numbers for the next kernel");
		r = fdt_setprop_inplace(tree, node, seeds[i].name, bytes, seeds[i].len);
		if (r < 0)
			return checked(r);
	}
	return 0;
}

static uint64_t read_cells(const fdt32_t *p, int n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 32 | fdt32_ld(p++);
	return v;
}

static bool is_firmware(const void *tree, int node)
{
	const char *name = fdt_get_name(tree, node, NULL);

	return fdt_getprop(tree, node, "no-map", NULL) ||
	       (name && strncmp(name, FIRMWARE_OF_RISCV, strlen(FIRMWARE_OF_RISCV)) == 0);
}

int devtree_add_firmware(const void *tree, struct ranges *ret)
{
	int parent = fdt_path_offset(tree, "/reserved-memory"), node;
	int address = parent < 0 ? 0 : fdt_address_cells(tree, parent);
	int size = parent < 0 ? 0 : fdt_size_cells(tree, parent);

	if (address < 1 || size < 1)
		return 0;
	fdt_for_each_subnode(node, tree, parent)
	{
		int len, step = (address + size) * sizeof(fdt32_t), r;
		const fdt32_t *reg = fdt_getprop(tree, node, "reg", &len);

		if (!reg || !is_firmware(tree, node))
			continue;
		for (; len >= step; len -= step, reg += address + size) {
			uint64_t start = read_cells(reg, address);
			uint64_t bytes = read_cells(reg + address, size);

			r = ranges_add(ret, start, start + bytes);
			if (r < 0)
				return r;
		}
	}
	ranges_sort(ret);
	return 0;
}

bool devtree_loses_interrupts(int root_fd)
{
	_cleanup_free_ void *tree = NULL;
	size_t len;

	if (!tree_exists(root_fd, TREE_PATH) || devtree_read(root_fd, &tree, &len) < 0)
		return false;
	return fdt_node_offset_by_compatible(tree, -1, "arm,gic-v3-its") >= 0 &&
	       !fdt_getprop(tree, fdt_path_offset(tree, "/chosen"), "linux,uefi-system-table",
	                    NULL);
}
