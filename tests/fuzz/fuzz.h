/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz.h - programs that give hostile bytes to readers of dumps.
 *
 * Each tests/fuzz/fuzz-NAME.c has one function, which must survive any bytes. "make fuzz" links it
 * with libFuzzer, which looks for bytes that it does not survive; "make check-fuzz" links it with
 * replay.c, which tries those of tests/fuzz/corpus/NAME: seeds, and what was found before.
 */
#pragma once

#include "vmcore/format/dump.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program, for what must never be. */
void fuzz_check(bool good);

/* What dump_open() makes of the bytes; NULL when it refuses them, for which it must have words. */
struct dump *fuzz_open(const uint8_t *data, size_t size);

/* Reads some of a dump's memory: of each of its ranges, of what is around them, in steps that fit
 * no page. Then writes it in each format, and what is read of that must be the same. */
void fuzz_dump(const struct dump *d);
