// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kview.c - a crashed kernel with its names, types and CPUs, see kview.h.
 *
 * __cpu_possible_mask, a struct cpumask, has one bit for each CPU that there can be. The address of
 * a per-CPU variable plus __per_cpu_offset[cpu] is the variable of that CPU
 * (include/asm-generic/percpu.h); kernels for one CPU have no such table and add nothing.
 */
#include "vmcore/view/kview.h"

#include <endian.h>
#include <errno.h>

#include "base/err.h"

/* The largest NR_CPUS (x86_64 with MAXSMP), which is also taken when the size is not known. */
#define MAX_CPUS 8192

/* Every kernel that has names of variables has this one. */
static bool has_data_symbols(const struct kview *v)
{
	uint64_t address;

	return v->symbols && kallsyms_address(v->symbols, "init_task", &address) == 0;
}

/* The types lie between two symbols. */
static int kview_open_types(struct kview *v)
{
	uint64_t start, stop;
	int r;

	if (!has_data_symbols(v) && btf_find(v->ks, &v->types) == 0)
		return 0;
	r = kview_address(v, "__start_BTF", &start);
	if (r == -ENOENT)
		return errf(r, "the kernel has no BTF");
	if (r < 0)
		return r;
	r = kview_address(v, "__stop_BTF", &stop);
	return r < 0 ? r : btf_open(v->ks, start, stop, &v->types);
}

/* Reads a struct cpumask. */
static int kview_read_mask(const struct kview *v, const char *symbol, struct bitmap *ret)
{
	uint64_t address, size = MAX_CPUS / 8;
	int r = kview_address(v, symbol, &address);

	if (r < 0)
		return r;
	if (v->types)
		btf_size(v->types, "cpumask", &size);
	if ((r = bitmap_init(ret, MIN(size * 8, MAX_CPUS))) < 0 ||
	    (r = kspace_read(v->ks, address, ret->words, ret->bits / 8)) < 0)
		return r;
	for (uint64_t i = 0; i < ret->bits / 64; i++)
		ret->words[i] = le64toh(ret->words[i]);
	return 0;
}

/* The offset of each CPU's variables; none where the kernel is for one CPU. */
static int kview_read_offsets(struct kview *v, const struct bitmap *possible, uint64_t *offsets)
{
	uint64_t address;
	int r = kview_address(v, "__per_cpu_offset", &address);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	for (uint64_t cpu = bitmap_next_set(possible, 0); cpu < possible->bits;
	     cpu = bitmap_next_set(possible, cpu + 1)) {
		r = kspace_u64(v->ks, address + cpu * 8, &offsets[cpu]);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Without offsets, masks are of no use: the view gets all of these or none. */
static int kview_open_cpus(struct kview *v)
{
	_cleanup_(bitmap_done) struct bitmap possible = {}, online = {};
	_cleanup_free_ uint64_t *offsets = NULL;
	int r;

	if ((r = kview_read_mask(v, "__cpu_possible_mask", &possible)) < 0 ||
	    (r = kview_read_mask(v, "__cpu_online_mask", &online)) < 0)
		return r;
	offsets = calloc(possible.bits + 1, sizeof(*offsets));
	if (!offsets)
		return oom("the offsets of CPUs");
	r = kview_read_offsets(v, &possible, offsets);
	if (r < 0)
		return r;
	v->possible = TAKE_STRUCT(possible);
	v->online = TAKE_STRUCT(online);
	v->cpu_offsets = TAKE_PTR(offsets);
	return 0;
}

int kview_open(struct kspace *ks, struct kview **ret)
{
	_cleanup_(kview_freep) struct kview *v = calloc(1, sizeof(*v));
	int r;

	if (!v)
		return oom("the names of the kernel");
	v->ks = ks;
	if ((r = err_note(kallsyms_open(v->ks, &v->symbols), v->no_symbols)) < 0 ||
	    (r = err_note(kview_open_types(v), v->no_types)) < 0)
		return r;
	if (!has_data_symbols(v) && (r = exports_find(v->ks, &v->exports)) == -ENOMEM)
		return r;
	if ((r = err_note(kview_open_cpus(v), v->no_cpus)) < 0)
		return r;
	if (v->exports.size > 0)
		kview_find(v);
	*ret = TAKE_PTR(v);
	return 0;
}

struct kview *kview_free(struct kview *v)
{
	if (!v)
		return NULL;
	kallsyms_free(v->symbols);
	btf_free(v->types);
	bitmap_done(&v->possible);
	bitmap_done(&v->online);
	free(v->cpu_offsets);
	free(v);
	return NULL;
}

int kview_address(const struct kview *v, const char *symbol, uint64_t *ret)
{
	if (v->symbols && kallsyms_address(v->symbols, symbol, ret) == 0)
		return 0;
	if (v->exports.size > 0 && exports_address(&v->exports, v->ks, symbol, ret) == 0)
		return 0;
	if (kview_found(v, symbol, ret))
		return 0;
	if (!v->symbols)
		return errf(-ENODATA, "the kernel's symbols are not known: %s", v->no_symbols);
	return errf(-ENOENT, "the kernel has no symbol \"%s\"", symbol);
}

int kview_number(const struct kview *v, const char *symbol, size_t size, uint64_t *ret)
{
	uint64_t address, number = 0;
	int r;

	if ((r = kview_address(v, symbol, &address)) < 0 ||
	    (r = kspace_read(v->ks, address, &number, size)) < 0)
		return r;
	*ret = le64toh(number);
	return 0;
}

/* Reads page by page, since the next page may not be readable. */
int kview_string(const struct kview *v, uint64_t address, char *buf, size_t size)
{
	uint64_t page = dump_page_size(v->ks->dump);
	size_t len = 0;

	while (len < size - 1) {
		size_t n = MIN(size - 1 - len, page - (address + len) % page), got;
		int r = kspace_read(v->ks, address + len, buf + len, n);

		if (r < 0 && len == 0)
			return r;
		got = r < 0 ? 0 : strnlen(buf + len, n);
		len += got;
		if (got < n)
			break;
	}
	buf[len] = '\0';
	return 0;
}

int kview_enumerator(const struct kview *v, const char *name, const char *enumerator, int64_t *ret)
{
	if (!v->types)
		return errf(-ENODATA, "the kernel's types are not known: %s", v->no_types);
	return btf_enumerator(v->types, name, enumerator, ret);
}
