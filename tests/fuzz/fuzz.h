/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz.h - programs that give hostile bytes to readers of dumps.
 *
 * Each tests/fuzz/fuzz-NAME.c has one function, which must survive any bytes. "make fuzz" links it
 * with libFuzzer, which looks for bytes that it does not survive; "make check-fuzz" has replay.c
 * try those of tests/fuzz/corpus/NAME: seeds, and what was found before.
 */
#pragma once

#include "vmcore/filter/selection.h"

typedef int fuzz_fn(const uint8_t *data, size_t size);

/* The function. Where all of them are in one program, each has the name of its file: fuzz_NAME. */
fuzz_fn LLVMFuzzerTestOneInput;

/* Gives it the bytes of a file. Returns 1 when the file cannot be read. */
int fuzz_replay(fuzz_fn *fn, const char *path);

/* Gives up to four fields of a file other values, always the same for a @seed. */
void fuzz_mutate(uint8_t *data, size_t size, uint64_t seed);

/* Ends the program, for what must never be. */
void fuzz_check(bool good);

/* What dump_open() makes of the bytes; NULL when it refuses them, for which it must have words. */
struct dump *fuzz_open(const uint8_t *data, size_t size);

/* Reads some of a dump's memory: of each of its ranges, of what is around them, in steps that fit
 * no page. Then converts it to each format. */
void fuzz_dump(const struct dump *d);

/* Converts as "kdump-lite convert" does, but not more than some dozens of pages. What was written
 * must open again and hold the same. Gives the new dump, its bytes in a sink, and what selection.h
 * found out; free all three. False: it had to be refused. */
struct fuzz_converted {
	struct selection selection;
	struct sink *sink;
	struct dump *dump;
};
bool fuzz_convert(const struct dump *d, unsigned level, const struct writer_format *f,
                  struct fuzz_converted *ret);
void fuzz_converted_done(struct fuzz_converted *c);

/* An ELF core of an x86_64 machine. Its CPU was in the kernel with the stack pointer @stack. With
 * @image_va the first page of memory is the kernel image, which is mapped there. */
#define FUZZ_CORE_TIMES 32
struct fuzz_core {
	const char *info; /* VMCOREINFO */
	const uint8_t *memory;
	size_t size;
	unsigned times; /* that this memory comes one behind the other, from address 0 on */
	uint64_t stack, image_va;
};

/* Makes the file, which is malloc()ed. */
uint8_t *fuzz_make_core(const struct fuzz_core *c, size_t *ret_len);

/* A kernel with memory of any content, from address 0 on, each virtual address its own physical
 * one.
 * @info is VMCOREINFO. False when there is no memory; fuzz_kernel_done() is needed all the same. */
struct fuzz_kernel {
	uint8_t *core;
	struct dump *dump;
	struct kspace ks;
};
bool fuzz_kernel_open(struct fuzz_kernel *k, const char *info, const uint8_t *data, size_t size);
void fuzz_kernel_done(struct fuzz_kernel *k);
