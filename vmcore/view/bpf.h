/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bpf.h - the names of code that the kernel made of BPF programs. */
#pragma once

#include "vmcore/kernel/kallsyms.h"
#include "vmcore/view/kview.h"

/* KSYM_NAME_LEN of include/linux/kallsyms.h. */
#define BPF_NAME_MAX 512

struct bpf_program {
	uint64_t start, end; /* of its code */
	uint64_t name;       /* address */
};

struct bpf {
	struct bpf_program *list;
	size_t n;
	size_t name_size; /* bytes that a name has room for */
	char name[BPF_NAME_MAX];
};

/* Reads the list, as far as it is whole; release it with bpf_done(). It is empty where the kernel
 * does not tell of its symbols and types. -ENOMEM only. */
int bpf_read(const struct kview *v, struct bpf *ret);
void bpf_done(struct bpf *b);

/* The program that has @address, as kallsyms_find() gives a symbol: its name is valid until the
 * next call. -ENOENT: there is none, or its name cannot be read. */
int bpf_find(const struct kview *v, struct bpf *b, uint64_t address, struct symbol *ret);
