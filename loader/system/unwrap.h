/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unwrap.h - kernels that lie in another file: packed, in a program that unpacks them, or in ELF.
 *
 * A "zboot" image is a PE program that unpacks the kernel within it (drivers/firmware/efi/libstub/
 * zboot-header.S, 6.12). On arm64 and riscv64 an Image may also be compressed as a whole. vmlinux
 * is an ELF file, of which "objcopy -O binary" makes the Image on riscv64
 * (arch/riscv/boot/Makefile, 6.12).
 */
#pragma once

#include "base/base.h"

/* Undoes zboot and compression, and makes an Image of vmlinux of riscv64: *@ret_fd is a memfd with
 * the kernel. -ENOEXEC without a text: the file is none of these; -ENOTSUP: the compression is not
 * supported; -EFBIG: it is too large. @what names it in texts. */
int kernel_unwrap(int fd, const char *what, int *ret_fd);

/* Likewise, of @size bytes at @offset. */
int kernel_unwrap_part(int fd, uint64_t offset, uint64_t size, const char *what, int *ret_fd);

/* True when the first @len bytes are of such a file; KERNEL_WRAP_HEAD are enough. */
#define KERNEL_WRAP_HEAD 64
bool kernel_is_wrapped(const void *head, size_t len);
