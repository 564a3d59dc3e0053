/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stub-arm64.h - the code that enters a kernel on arm64. */
#pragma once

#include "base/base.h"

/* A kernel wants the address of its device tree in x0, and 0 in x1 to x3
 * (Documentation/arch/arm64/booting.rst). A kernel that was loaded by kexec_load(2) is entered with
 * other values there (arch/arm64/kernel/machine_kexec.c, 6.12), so these few instructions come
 * first. They run wherever they are. @ret is allocated. */
int stub_arm64(uint64_t kernel, uint64_t tree, void **ret, size_t *ret_len);
