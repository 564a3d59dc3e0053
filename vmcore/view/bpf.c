// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bpf.c - the names of BPF programs, see bpf.h.
 *
 * Since Linux 5.7 each program and each trampoline to one is a struct bpf_ksym in the list
 * bpf_kallsyms (kernel/bpf/core.c). Its name is the one that the kernel prints in traces:
 * "bpf_prog_6deef7357e7b4530_name".
 */
#include "vmcore/view/bpf.h"

#include <errno.h>

#include "base/array.h"
#include "base/text.h"
#include "vmcore/kernel/list.h"
#include "vmcore/view/ktype.h"

/* Limit against a broken list. */
#define MAX_PROGRAMS 65536

enum { START, END, NAME, NODE, MEMBERS };

static const char *const members[MEMBERS] = {
	[START] = "start", [END] = "end", [NAME] = "name", [NODE] = "lnode"
};

int bpf_read(const struct kview *v, struct bpf *ret)
{
	struct list_walk w;
	struct ktype t;
	uint64_t node;
	int r;

	*ret = (struct bpf){};
	if (kview_address(v, "bpf_kallsyms", &node) < 0 ||
	    ktype_find(v->types, "bpf_ksym", members, MEMBERS, &t) < 0)
		return 0;
	ret->name_size = MIN(t.members[NAME].size, (uint64_t)BPF_NAME_MAX);
	w = list_walk(v->ks, node, MAX_PROGRAMS);
	while (list_next(&w, &node) > 0) {
		uint64_t at = ktype_around(&t, NODE, node);
		struct bpf_program p = { .name = at + t.members[NAME].offset };

		if (kspace_u64(v->ks, at + t.members[START].offset, &p.start) < 0 ||
		    kspace_u64(v->ks, at + t.members[END].offset, &p.end) < 0)
			continue;
		r = array_grow(&ret->list, ret->n, "the BPF programs");
		if (r < 0)
			return r;
		ret->list[ret->n++] = p;
	}
	return 0;
}

void bpf_done(struct bpf *b)
{
	free(b->list);
	*b = (struct bpf){};
}

int bpf_find(const struct kview *v, struct bpf *b, uint64_t address, struct symbol *ret)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct bpf_program *p = &b->list[i];

		if (address < p->start || address >= p->end)
			continue;
		if (kview_string(v, p->name, b->name, b->name_size) < 0 || !*b->name)
			return -ENOENT;
		text_mask(b->name, strlen(b->name));
		*ret = (struct symbol){
			.name = b->name, .type = 't', .address = p->start, .size = p->end - p->start
		};
		return 0;
	}
	return -ENOENT;
}
