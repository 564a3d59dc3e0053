/* SPDX-License-Identifier: GPL-2.0-or-later */
/* archs.h - the architectures that arch.c puts into its table, one file each. */
#pragma once

#include "vmcore/arch/arch.h"

extern const struct arch arch_x86_64, arch_arm64, arch_riscv64;
