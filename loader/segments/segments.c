// SPDX-License-Identifier: GPL-2.0-or-later
/* segments.c - what kexec_load(2) loads, see segments.h. */
#include "loader/segments/segments.h"

#include <elf.h>
#include <errno.h>
#include <linux/kexec.h>
#include <zlib.h>

#include "loader/segments/corehdr.h"
#include "loader/segments/devtree.h"
#include "loader/segments/image.h"
#include "loader/segments/memory.h"
#include "loader/segments/stub-arm64.h"
#include "loader/system/crashmem.h"
#include "base/err.h"
#include "base/text.h"

/* No kernel has larger pages, and segments begin and end with pages. */
#define GRAIN KIB(64)

/* Images begin at a multiple of this, and no device tree lies across one
 * (Documentation/arch/arm64/booting.rst and arch/riscv/boot.rst, 6.12). */
#define BLOCK MIB(2)

struct arch {
	const char *machine; /* uname -m */
	uint16_t elf;
	unsigned long flags;
	int (*parse)(const void *data, size_t len, const char *what, struct image *ret);
	/* Code that enters the kernel; NULL: the running kernel does all that is needed. */
	int (*stub)(uint64_t kernel, uint64_t tree, void **ret, size_t *ret_len);
};

static const struct arch arches[] = {
	{ "aarch64", EM_AARCH64, KEXEC_ARCH_AARCH64, image_parse_arm64, stub_arm64 },
	{ "riscv64", EM_RISCV, KEXEC_ARCH_RISCV, image_parse_riscv64, NULL },
};

const char *const segment_names[] = {
	[SEGMENT_KERNEL] = "the kernel",
	[SEGMENT_INITRD] = "the initrd",
	[SEGMENT_COREHDR] = "the core header",
	[SEGMENT_TREE] = "the device tree",
	[SEGMENT_STUB] = "the code that enters the kernel",
};

static const struct arch *find_arch(const char *machine)
{
	for (size_t i = 0; i < ARRAY_SIZE(arches); i++)
		if (streq(arches[i].machine, machine))
			return &arches[i];
	return NULL;
}

bool segments_know(const char *machine)
{
	return find_arch(machine);
}

void segments_done(struct segments *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->list[i].owned);
	*s = (struct segments){};
}

/* What all of it is made of. */
struct build {
	const struct segments_request *req;
	const struct arch *arch;
	struct image image;
	struct memory memory;
	struct ranges dumped; /* memory that goes into a dump */
	void *tree;           /* of the running kernel */
	size_t tree_len;
};

static void build_done(struct build *b)
{
	memory_done(&b->memory);
	ranges_done(&b->dumped);
	free(b->tree);
}

/* Memory in one piece that is filled from its start. */
struct space {
	uint64_t at, end;
};

/* Puts a segment @want->address bytes behind the next multiple of @align. What it owns becomes that
 * of @s, also on failure. -ENOSPC, with the name of the segment as its text. */
static int put(struct segments *s, struct space *space, const struct segment *want, uint64_t align)
{
	struct segment *new = &s->list[s->n++];

	*new = *want;
	new->room = ALIGN_UP(MAX(want->room, want->len), GRAIN);
	new->address = ALIGN_UP(space->at, align) + want->address;
	if (new->address < space->at || new->address >= space->end ||
	    new->room > space->end - new->address)
		return errf(-ENOSPC, "%s", segment_names[want->kind]);
	space->at = new->address + new->room;
	return 0;
}

static int put_kernel(const struct build *b, struct segments *s, struct space *space)
{
	const struct segment kernel = {
		.kind = SEGMENT_KERNEL,
		.data = b->req->kernel.data,
		.len = b->req->kernel.len,
		.address = b->image.text_offset,
		.room = b->image.size,
	};
	int r = put(s, space, &kernel, BLOCK);

	s->entry = s->list[0].address;
	return r;
}

static int put_initrd(const struct build *b, struct segments *s, struct space *space,
                      struct iomem_range *ret)
{
	const struct span *initrd = &b->req->initrd;
	const struct segment want = { .kind = SEGMENT_INITRD,
		                      .data = initrd->data,
		                      .len = initrd->len };
	int r;

	if (initrd->len == 0)
		return 0;
	r = put(s, space, &want, GRAIN);
	ret->start = s->list[s->n - 1].address;
	ret->end = ret->start + initrd->len;
	return r;
}

static int put_corehdr(const struct build *b, struct segments *s, struct space *space,
                       struct iomem_range *ret)
{
	struct segment want = { .kind = SEGMENT_COREHDR };
	int r;

	if (b->req->place != KEXEC_CAPTURE)
		return 0;
	r = corehdr_build(b->req->root_fd, b->arch->elf, &b->dumped, &want.owned, &want.len);
	if (r < 0)
		return r;
	want.data = want.owned;
	r = put(s, space, &want, GRAIN);
	ret->start = s->list[s->n - 1].address;
	ret->end = ret->start + s->list[s->n - 1].room;
	return r;
}

static int put_tree(const struct devtree_request *req, struct segments *s, struct space *space)
{
	struct segment want = { .kind = SEGMENT_TREE };
	uint64_t at = ALIGN_UP(space->at, GRAIN);
	int r = devtree_build(req, &want.owned, &want.len);

	if (r < 0)
		return r;
	want.data = want.owned;
	return put(s, space, &want, at / BLOCK == (at + want.len - 1) / BLOCK ? GRAIN : BLOCK);
}

static int put_stub(const struct build *b, struct segments *s, struct space *space)
{
	struct segment want = { .kind = SEGMENT_STUB };
	int r;

	if (!b->arch->stub)
		return 0;
	r = b->arch->stub(s->entry, s->list[s->n - 1].address, &want.owned, &want.len);
	if (r < 0)
		return r;
	want.data = want.owned;
	r = put(s, space, &want, GRAIN);
	s->entry = s->list[s->n - 1].address;
	return r;
}

/* Puts all of it into @space. */
static int fill(const struct build *b, struct space space, struct segments *s)
{
	struct devtree_request tree = {
		.base = b->tree,
		.cmdline = b->req->cmdline,
		.usable = b->req->place == KEXEC_CAPTURE ? &b->memory.reserve : NULL,
	};
	int r;

	if ((r = put_kernel(b, s, &space)) < 0 ||
	    (r = put_initrd(b, s, &space, &tree.initrd)) < 0 ||
	    (r = put_corehdr(b, s, &space, &tree.corehdr)) < 0 ||
	    (r = put_tree(&tree, s, &space)) < 0)
		return r;
	return put_stub(b, s, &space);
}

static int no_room(const struct build *b)
{
	const struct ranges *reserve = &b->memory.reserve;
	_cleanup_free_ char *what = strdup(err_text(-ENOSPC));
	char size[TEXT_SIZE_MAX];

	if (!what)
		return oom("the segments of a kernel");
	if (b->req->place != KEXEC_CAPTURE)
		return errf(-ENOSPC, "there is no memory in one piece that has room for %s", what);
	text_from_size(reserve->list[reserve->n - 1].end - reserve->list[reserve->n - 1].start,
	               size);
	return errf(-ENOSPC,
	            "the memory reserved for the capture kernel has no room for %s: it has %s in "
	            "%s; put a larger crashkernel= on the kernel command line and reboot",
	            what, size, reserve->n > 1 ? "the upper one of its pieces" : "one piece");
}

/* A capture kernel goes to the end of the reservation that the kernel calls crashk_res: the other
 * one, crashk_low_res, is always below (kernel/crash_reserve.c, 6.12). */
static int find_room(const struct build *b, struct segments *ret)
{
	bool capture = b->req->place == KEXEC_CAPTURE;
	const struct ranges *spaces = capture ? &b->memory.reserve : &b->memory.plain;
	int r = errf(-ENOSPC, "%s", segment_names[SEGMENT_KERNEL]);

	for (size_t i = capture ? spaces->n - 1 : 0; i < spaces->n; i++) {
		_cleanup_(segments_done) struct segments s = { .flags = b->arch->flags };

		r = fill(b, (struct space){ spaces->list[i].start, spaces->list[i].end }, &s);
		if (r == 0)
			*ret = TAKE_STRUCT(s);
		if (r != -ENOSPC)
			return r;
	}
	return no_room(b);
}

static int look_at_memory(struct build *b)
{
	bool capture = b->req->place == KEXEC_CAPTURE;
	_cleanup_(ranges_done) struct ranges firmware = {};
	int r;

	if ((r = memory_read(b->req->root_fd, capture, &b->memory)) < 0 ||
	    (r = devtree_read(b->req->root_fd, &b->tree, &b->tree_len)) < 0 ||
	    (r = devtree_add_firmware(b->tree, &firmware)) < 0)
		return r;
	b->dumped = TAKE_STRUCT(b->memory.ram);
	if ((r = ranges_subtract(&b->dumped, &b->memory.reserve)) < 0 ||
	    (r = ranges_subtract(&b->dumped, &firmware)) < 0 ||
	    (r = ranges_subtract(&b->memory.plain, &b->memory.reserve)) < 0 ||
	    (r = ranges_subtract(&b->memory.plain, &b->memory.closed)) < 0)
		return r;
	return ranges_subtract(&b->memory.plain, &firmware);
}

static uint32_t digest(const struct segments *s)
{
	uint32_t crc = crc32(0, (const Bytef *)&s->entry, sizeof(s->entry));

	for (size_t i = 0; i < s->n; i++) {
		const struct segment *g = &s->list[i];

		crc = crc32(crc, (const Bytef *)&g->address, sizeof(g->address));
		crc = crc32(crc, (const Bytef *)&g->room, sizeof(g->room));
		crc = crc32(crc, g->data, g->len);
	}
	return crc;
}

/* What is another at each load, or depends on who loads: a service may not see /proc/kcore. */
static int finish(const struct segments_request *req, struct segments *s)
{
	for (size_t i = 0; i < s->n; i++) {
		int r = 0;

		if (s->list[i].kind == SEGMENT_COREHDR)
			corehdr_set_linear(req->root_fd, s->list[i].owned);
		else if (s->list[i].kind == SEGMENT_TREE)
			r = devtree_set_seeds(s->list[i].owned);
		if (r < 0)
			return r;
	}
	return 0;
}

int segments_build(const struct segments_request *req, struct segments *ret)
{
	_cleanup_(build_done) struct build b = { .req = req, .arch = find_arch(req->machine) };
	_cleanup_(segments_done) struct segments s = {};
	int r;

	if (!b.arch)
		return errf(-EOPNOTSUPP, "kexec_load is not supported on %s", req->machine);
	if ((r = b.arch->parse(req->kernel.data, req->kernel.len, req->what, &b.image)) < 0 ||
	    (r = look_at_memory(&b)) < 0)
		return r;
	if ((r = find_room(&b, &s)) < 0)
		return r;
	s.digest = digest(&s);
	if ((r = finish(req, &s)) < 0)
		return r;
	*ret = TAKE_STRUCT(s);
	return 0;
}
