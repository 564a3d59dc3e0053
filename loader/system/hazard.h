/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hazard.h - what makes a kexec after a crash risky on this machine.
 *
 * Each function returns true, with one line about it in @buf, when the hazard is there or cannot be
 * ruled out.
 */
#pragma once

#include "base/base.h"

#define HAZARD_MAX 256

/* A confidential guest (SEV, SEV-ES, SEV-SNP, TDX, or isolated by Hyper-V), by CPUID: its pages
 * would have to change hands. x86 only. */
bool hazard_confidential(char buf[static HAZARD_MAX]);

/* For tests: hazard_confidential() on made-up registers. The function fills @ret with EAX, EBX, ECX
 * and EDX of a leaf (subleaf 0), or with zeroes when the CPU does not have the leaf. */
typedef void (*hazard_cpuid_fn)(void *arg, uint32_t leaf, uint32_t ret[static 4]);
bool hazard_confidential_by(hazard_cpuid_fn cpuid, void *arg, char buf[static HAZARD_MAX]);

/* An open LUKS2 volume whose key a TPM gives out only in a state that a kexec does not restore: its
 * token names a PCR above 7 (10: IMA, 11 and 15: phases of the boot), by /sys/block/dm-*\/dm/uuid,
 * the devices below it and the JSON in their headers. Tokens of an unknown kind count when they
 * mention a TPM. Needs root, to read block devices. */
bool hazard_tpm(int root_fd, char buf[static HAZARD_MAX]);

/* CPUs that the kernel of arm64 has by "spin-table" cannot be given back to the firmware: they go
 * on in the memory of the crashed kernel, and no other kernel can start them (arch/arm64/kernel/
 * smp_spin_table.c, 6.12). By the device tree; systems with ACPI have none. */
bool hazard_spin_table(int root_fd, char buf[static HAZARD_MAX]);
