/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bootimage.h - kernel images that kexec cannot load as they are.
 *
 * A unified kernel image (UKI) is a PE program with kernel, initrd and command line in sections.
 */
#pragma once

#include "system/piece.h"

/* Finds a section of a PE file by its name (".linux"). If there are several profiles, it is that of
 * @profile; 0 is the one that boots by default, and is always there. -ENOENT without a text: the
 * section is missing or empty, there is no such profile, or it is not a PE file. @what names the
 * file in error texts. */
int bootimage_section(int fd, const char *what, unsigned profile, const char *name,
                      uint64_t *ret_offset, uint64_t *ret_size);

/* Reads a section of text (".cmdline"), stripped of white space; allocated. Errors as above. */
int bootimage_text(int fd, const char *what, unsigned profile, const char *name, char **ret);

/* True for a PE file with a ".linux" section, or broken: bootimage_section() gives the error. */
bool bootimage_is_unified(int fd);

/* True for a unified image that has the names and hashes of kernel and initrd instead of them, as
 * lanzaboote makes it for NixOS (rust/uefi/stub/src/thin.rs, 2025). */
bool bootimage_is_thin(int fd);

/* True for a program that a boot loader starts by the Multiboot protocol, also compressed: such as
 * Xen, which then starts Linux. */
bool bootimage_is_multiboot(int fd);
