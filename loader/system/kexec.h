/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec.h - hands the capture kernel to the running one, by kexec_file_load(2).
 *
 * An ON_CRASH load frees the image that was there before it looks at the new one: whatever can be
 * checked must be checked before, and after a failure nothing is loaded
 * (kernel/kexec_file.c, 6.12).
 */
#pragma once

#include "vmcore/base/base.h"

/* As the system call; so that a test can stand in for it. Returns 0 or a negative errno. */
typedef int (*kexec_fn)(int kernel_fd, int image_fd, const char *cmdline, unsigned long flags);

int kexec_file_load(int kernel_fd, int image_fd, const char *cmdline, unsigned long flags);

/* Loads the capture kernel. Both fds are regular files, read from their start. A busy kernel is
 * asked again for some seconds. The text of an error tells the remedy; it takes facts from /proc
 * and /sys below @root_fd. */
int kexec_load_crash(int root_fd, kexec_fn fn, int kernel_fd, int image_fd, const char *cmdline);

/* Unloads it, whoever loaded it; nothing loaded is no error. */
int kexec_unload_crash(int root_fd, kexec_fn fn);

/* Sets the text for what the system call returned; returns @error. */
int kexec_explain(int root_fd, int error);
