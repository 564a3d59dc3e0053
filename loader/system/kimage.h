/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kimage.h - tells one loaded kernel from another.
 *
 * The kernel shows that something is loaded (kernel/kexec_core.c, 5.10..7.0), not what. But each
 * load makes a new "struct kimage" for kexec_image: it holds the pages that were taken, and place
 * and size of each segment. Root can read it in /proc/kcore.
 */
#pragma once

#include "base/base.h"

/* A number that stays until another kernel is loaded; below 2^53, as JSON wants it. 0: it cannot be
 * found out, for want of rights or of CONFIG_PROC_KCORE or CONFIG_KALLSYMS_ALL. */
uint64_t kimage_id(int root_fd);
