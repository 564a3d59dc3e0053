/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel.h - finds the kernel image to load and tells what it is.
 *
 * The drivers of the running kernel are known to work here, so it captures its own crashes, unless
 * Kernel= names another. An image must be of the version of its modules: after an upgrade without a
 * reboot the file in /boot may be newer than the running kernel.
 */
#pragma once

#include <sys/utsname.h>

#include "base/base.h"

struct kernel {
	char *path;            /* as the administrator knows it */
	char *release;         /* names its modules */
	int fd;                /* the open file */
	uint64_t file_size;    /* bytes */
	uint64_t init_size;    /* bytes in one piece while it starts; 0 unknown */
	uint64_t cmdline_size; /* longest command line, without the NUL; 0 unknown */
};

#define KERNEL_NULL ((struct kernel){ .fd = -1 })

/* Finds the capture kernel. @setting: path of Kernel=, or empty for the image of the running kernel
 * @uts. */
int kernel_find(int root_fd, const char *setting, const struct utsname *uts, struct kernel *ret);
void kernel_done(struct kernel *k);

/* Finds the image of the running kernel @uts by the layouts of distributions and by what the boot
 * loader says. -ENOENT: there is none any more, as after an upgrade. */
int kernel_find_running(int root_fd, const struct utsname *uts, struct kernel *ret);

/* The file that the boot loader has booted by its word BOOT_IMAGE= on the command line, which may
 * have been replaced since. The caller frees the path. -ENOENT without a text: there is none. */
int kernel_boot_image(int root_fd, char **ret);

/* A kernel in a file, which may be wrapped (unwrap.h). */
struct kernel_place {
	int fd;
	uint64_t offset, size; /* bytes */
	const char *machine;   /* uname -m */
	const char *release;   /* what its name says; "" nothing */
	const char *what;      /* names it in texts */
};

/* Looks at a kernel: sets release, init_size, cmdline_size and file_size of @ret. A bzImage tells
 * all but the last by its header. An Image (arm64, riscv64) tells its needs; it is searched for its
 * release, and unpacked for that, only where no name says it; "" when nothing tells it. On other
 * machines nothing is known but the name. -ENOEXEC when it is no kernel that can be loaded on the
 * machine. */
int kernel_look(const struct kernel_place *p, struct kernel *ret);

/* Opens an image and looks at it, with @release as above. */
int kernel_open(int root_fd, const char *path, const char *machine, const char *release,
                struct kernel *ret);

/* Reads the setup header of the bzImage of @size bytes at @offset of @fd into release, init_size,
 * cmdline_size and file_size of @ret. -ENOEXEC when it cannot be loaded: the demands are those of
 * arch/x86/kernel/kexec-bzimage64.c (6.12), and that it is whole, since the kernel would load an
 * image that is cut short. @what names it in texts. */
int kernel_read_bzimage(int fd, uint64_t offset, uint64_t size, const char *what,
                        struct kernel *ret);

/* The part of it that needs no file: @data are the first @len bytes, ret->file_size is set. For the
 * format see Documentation/arch/x86/boot.rst. */
int kernel_parse_bzimage(const void *data, size_t len, const char *what, struct kernel *ret);

/* True when the magic of a bzImage is in place, whether or not it can be loaded. */
bool kernel_is_bzimage(int fd, uint64_t offset, uint64_t size);

/* True when the kernel @release has @option ("CONFIG_RD_ZSTD") built in, not as a module. False
 * also when its configuration is not found. */
bool kernel_has_option(int root_fd, const char *release, const char *option);
