/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hazard.h - what about a machine makes a kexec risky that follows a crash.
 *
 * Each fills @buf with one line "what it is" and returns true when it applies; what cannot be
 * determined counts as applying.
 */
#pragma once

#include "base/base.h"

#define HAZARD_MAX 256

/* A confidential guest (SEV, SEV-ES, SEV-SNP, TDX, or isolated by Hyper-V), by CPUID: its pages
 * would have to change hands. x86 only. */
bool hazard_confidential(char buf[static HAZARD_MAX]);

/* The same by made-up registers, for tests: fills @ret with EAX, EBX, ECX and EDX of a leaf
 * (subleaf 0); a leaf that the CPU does not have is all zeroes. */
typedef void (*hazard_cpuid_fn)(void *arg, uint32_t leaf, uint32_t ret[static 4]);
bool hazard_confidential_by(hazard_cpuid_fn cpuid, void *arg, char buf[static HAZARD_MAX]);

/* An open LUKS2 volume whose key a TPM gives out only in a state that a kexec does not restore: its
 * token names a PCR above 7 (10: IMA, 11 and 15: phases of the boot), by /sys/block/dm-*\/dm/uuid,
 * the devices below it and the JSON in their headers. Tokens of a kind that is not known count when
 * they speak of a TPM. Needs root, as reading a block device does. */
bool hazard_tpm(int root_fd, char buf[static HAZARD_MAX]);
