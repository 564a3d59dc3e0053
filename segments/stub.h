/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stub.h - the code that enters a kernel which kexec_load(2) has loaded.
 *
 * It runs wherever it is. @tables is the address of the device tree or of the boot parameters. @ret
 * is allocated.
 */
#pragma once

#include "base/base.h"

/* A kernel wants the address of its device tree in x0, and 0 in x1 to x3
 * (Documentation/arch/arm64/booting.rst). It is entered with other values there
 * (arch/arm64/kernel/machine_kexec.c, 6.12), so these few instructions come first. */
int stub_arm64(uint64_t kernel, uint64_t tables, void **ret, size_t *ret_len);

/* In 64-bit mode a kernel wants the address of the boot parameters in rsi, and memory mapped where
 * it is (Documentation/arch/x86/boot.rst); it is entered so, but with all registers 0
 * (arch/x86/kernel/relocate_kernel_64.S, 6.12). */
int stub_x86_64(uint64_t kernel, uint64_t tables, void **ret, size_t *ret_len);
