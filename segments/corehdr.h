/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * corehdr.h - the ELF core header: what /proc/vmcore of the capture kernel shows.
 *
 * The capture kernel is told where it lies, and makes /proc/vmcore of it (fs/proc/vmcore.c, 6.12):
 * a PT_NOTE for each CPU and one for VMCOREINFO, which tell where the notes lie in memory, and a
 * PT_LOAD for each range of memory. All offsets are physical addresses. kexec_file_load(2) has the
 * kernel make it (kernel/crash_core.c, crash_prepare_elf64_headers(), 6.12); with kexec_load(2) it
 * is for us to do.
 */
#pragma once

#include "segments/ranges.h"

/* Makes the header. @machine is EM_...; @memory is what is to be dumped, sorted. The notes are of
 * all CPUs that are present. Virtual addresses are 0. @ret is allocated. */
int corehdr_build(int root_fd, uint16_t machine, const struct ranges *memory, void **ret,
                  size_t *ret_len);

/* Gives all memory in @header, which corehdr_build() made, the virtual addresses of the linear map.
 * They stay 0 where /proc/kcore does not tell; the readers of dumps that want them are few. */
void corehdr_set_linear(int root_fd, void *header);
