// SPDX-License-Identifier: GPL-2.0-or-later
/* segments.c - what kexec_load(2) loads, see segments.h. */
#include "segments/segments.h"

#include <elf.h>
#include <errno.h>
#include <linux/kexec.h>
#include <zlib.h>

#include "segments/corehdr.h"
#include "segments/devtree.h"
#include "segments/image.h"
#include "segments/memory.h"
#include "segments/params-x86.h"
#include "segments/stub.h"
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
	int (*stub)(uint64_t kernel, uint64_t tables, void **ret, size_t *ret_len);
	uint64_t lowest; /* where kernels may lie */
	uint64_t kept;   /* bytes from 0 on that any kernel uses for itself; not dumped */
	bool has_params; /* boot parameters, and no device tree */
	bool seen;       /* kernels have been seen to come up by it */
};

static const struct arch arches[] = {
	{ "aarch64", EM_AARCH64, KEXEC_ARCH_AARCH64, image_parse_arm64, stub_arm64, .seen = true },
	{ "riscv64", EM_RISCV, KEXEC_ARCH_RISCV, image_parse_riscv64, NULL, .seen = true },
	/* Since 5.5 nothing is in the first MiB of a kernel that has a reservation
	 * (arch/x86/realmode/init.c, 6.12). */
	{ "x86_64", EM_X86_64, KEXEC_ARCH_X86_64, image_parse_x86_64, stub_x86_64, MIB(16), MIB(1),
	  .has_params = true, .seen = true },
};

const char *const segment_names[] = {
	[SEGMENT_KERNEL] = "the kernel",
	[SEGMENT_INITRD] = "the initrd",
	[SEGMENT_COREHDR] = "the core header",
	[SEGMENT_TREE] = "the device tree",
	[SEGMENT_PARAMS] = "the boot parameters",
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
	const struct arch *a = find_arch(machine);

	return a && a->seen;
}

int segments_parse(const char *machine, const void *data, size_t len, const char *what,
                   struct image *ret)
{
	const struct arch *a = find_arch(machine);

	if (!a)
		return errf(-EOPNOTSUPP, "kexec_load is not supported on %s", machine);
	return a->parse(data, len, what, ret);
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
	struct ranges usable; /* memory that the kernel may use */
	void *tree;           /* of the running kernel */
	size_t tree_len;
};

static void build_done(struct build *b)
{
	memory_done(&b->memory);
	ranges_done(&b->dumped);
	ranges_done(&b->usable);
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
		.data = (const uint8_t *)b->req->kernel.data + b->image.skip,
		.len = b->req->kernel.len - b->image.skip,
		.address = b->image.text_offset,
		.room = b->image.size,
	};
	int r = put(s, space, &kernel, b->image.align);

	s->entry = s->list[0].address + b->image.entry;
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

static int put_params(const struct params_request *req, struct segments *s, struct space *space)
{
	struct segment want = { .kind = SEGMENT_PARAMS };
	int r = params_build_x86(req, &want.owned, &want.len);

	if (r < 0)
		return r;
	want.data = want.owned;
	return put(s, space, &want, GRAIN);
}

/* What the kernel is told. */
static int put_tables(const struct build *b, struct segments *s, struct space *space,
                      const struct iomem_range *initrd, const struct iomem_range *corehdr)
{
	const struct devtree_request tree = {
		.base = b->tree,
		.cmdline = b->req->cmdline,
		.initrd = *initrd,
		.corehdr = *corehdr,
		.usable = b->req->place == KEXEC_CAPTURE ? &b->memory.reserve : NULL,
	};
	const struct params_request params = {
		.root_fd = b->req->root_fd,
		.kernel = &b->req->kernel,
		.cmdline = b->req->cmdline,
		.address = ALIGN_UP(space->at, GRAIN),
		.initrd = *initrd,
		.corehdr = *corehdr,
		.usable = &b->usable,
	};

	return b->arch->has_params ? put_params(&params, s, space) : put_tree(&tree, s, space);
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
	struct iomem_range initrd = {}, corehdr = {};
	int r;

	space.at = MAX(space.at, b->arch->lowest);
	if ((r = put_kernel(b, s, &space)) < 0 || (r = put_initrd(b, s, &space, &initrd)) < 0 ||
	    (r = put_corehdr(b, s, &space, &corehdr)) < 0 ||
	    (r = put_tables(b, s, &space, &initrd, &corehdr)) < 0)
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
		return errf(-ENOSPC,
		            "there is no memory in one piece that has room for %s; reboot through "
		            "the firmware",
		            what);
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

/* What is before @end of @from goes into @to as well. */
static int add_below(struct ranges *to, const struct ranges *from, uint64_t end)
{
	int r = 0;

	for (size_t i = 0; i < from->n && r >= 0; i++)
		r = ranges_add(to, from->list[i].start, MIN(from->list[i].end, end));
	return r;
}

/* The memory that is in @b->memory is shared out. */
static int share_memory(struct build *b, const struct ranges *firmware)
{
	struct memory *m = &b->memory;
	struct iomem_range low = { 0, b->arch->kept };
	const struct ranges kept = { &low, b->arch->kept ? 1 : 0 };
	bool capture = b->req->place == KEXEC_CAPTURE;
	int r;

	if ((r = add_below(&b->usable, &m->plain, capture ? b->arch->kept : UINT64_MAX)) < 0 ||
	    (capture && (r = add_below(&b->usable, &m->reserve, UINT64_MAX)) < 0))
		return r;
	b->dumped = TAKE_STRUCT(m->ram);
	if ((r = ranges_subtract(&b->dumped, &m->reserve)) < 0 ||
	    (r = ranges_subtract(&b->dumped, firmware)) < 0 ||
	    (r = ranges_subtract(&b->dumped, &kept)) < 0 ||
	    (r = ranges_subtract(&m->plain, &m->reserve)) < 0 ||
	    (r = ranges_subtract(&m->plain, &m->closed)) < 0)
		return r;
	return ranges_subtract(&m->plain, firmware);
}

static int look_at_memory(struct build *b)
{
	_cleanup_(ranges_done) struct ranges firmware = {};
	int r = memory_read(b->req->root_fd, b->req->place == KEXEC_CAPTURE, &b->memory);

	if (r < 0 || (!b->arch->has_params &&
	              ((r = devtree_read(b->req->root_fd, &b->tree, &b->tree_len)) < 0 ||
	               (r = devtree_add_firmware(b->tree, &firmware)) < 0)))
		return r;
	return share_memory(b, &firmware);
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
