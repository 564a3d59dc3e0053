/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * machine.h - made-up parts of a system for the tests of the loader: kernel images, modules with
 * their indexes, ELF programs and libraries, disks in /sys.
 */
#pragma once

#include "tests/unit/temptree.h"

#define MACHINE_RELEASE "6.1.0-9-test"

/* A whole machine that can be armed: 128M reserved, /boot/vmlinuz-MACHINE_RELEASE, one virtio disk
 * /dev/vda1 with ext4 on /, virtio_blk and ext4 as modules, MACHINE_PROGRAM. */
#define MACHINE_PROGRAM "/usr/lib/kdump-lite/kdump-capture"
void machine_make(struct temptree *t);

/* A file whose first bytes are the setup header of a bzImage: all that the loader reads of it. */
void machine_bzimage(const struct temptree *t, const char *path, const char *version);

/* Where in it a test may want to spoil something. */
enum {
	BZIMAGE_SETUP_SECTS = 0x1f1,
	BZIMAGE_SYSSIZE = 0x1f4,
	BZIMAGE_PROTOCOL = 0x206,
	BZIMAGE_RELOCATABLE = 0x234,
	BZIMAGE_XLOADFLAGS = 0x236,
	BZIMAGE_SIZE = 4096,
};
void machine_bzimage_bytes(uint8_t image[static BZIMAGE_SIZE], const char *version);
void machine_spoil(const struct temptree *t, const char *path, size_t offset, uint8_t value);

/* The start of a file that is a kernel for @machine (uname -m; NULL: the one that the test runs on,
 * of which programs ask the kernel), with a banner that tells @release; NULL: without one. Of
 * x86_64 it is a bzImage, of aarch64 and riscv64 an Image that takes MACHINE_IMAGE_SIZE bytes of
 * memory. */
#define MACHINE_IMAGE_SIZE MIB(40)
void machine_kernel(const struct temptree *t, const char *path, const char *machine,
                    const char *release);
void machine_image_bytes(uint8_t image[static BZIMAGE_SIZE], const char *machine,
                         const char *release);

/* --- Boot loader: machine-pe.c --------------------------------------------------------------- */

struct machine_section {
	const char *name;
	const void *data;
	size_t size; /* bytes; 0: a text */
};

/* Writes a PE file with these sections, each at a multiple of MACHINE_PE_ALIGN, where their sizes
 * are rounded up to it; so is the end of the file. */
#define MACHINE_PE_ALIGN 512
void machine_pe(const struct temptree *t, const char *path, const struct machine_section *sections,
                size_t n);

/* A unified kernel image. NULL leaves a section out; without @release there is no kernel in it. */
struct machine_uki {
	const char *osrel, *cmdline, *uname, *initrd, *ucode;
	const char *release; /* of the kernel in it */
	const char *machine; /* that it is for; NULL: x86_64 */
};
void machine_uki(const struct temptree *t, const char *path, const struct machine_uki *uki);

/* A variable of the boot loader; NULL takes it away. */
void machine_efivar(const struct temptree *t, const char *name, const char *value);

/* --- Modules: machine-modules.c -------------------------------------------------------------- */

/* One module; all but @name may be NULL. */
struct machine_module {
	const char *name;
	const char *file;    /* below the directory of the release; NULL: built in */
	const char *needs;   /* files it depends on, as in modules.dep */
	const char *alias;   /* a pattern that it claims */
	const char *softdep; /* "pre: a b" */
};

/* Writes usr/lib/modules/RELEASE with files, modules.dep.bin and the like. */
void machine_modules(const struct temptree *t, const char *release,
                     const struct machine_module *modules, size_t n);

/* A disk "vda" at @device below sys/devices, of number 254:0, with a partition vda1 of 254:1. */
void machine_disk(const struct temptree *t, const char *device, const char *name);

/* Binds @device (below sys/devices) to a driver in the module @module; NULL: built in. */
void machine_driver(const struct temptree *t, const char *device, const char *driver,
                    const char *module);

/* An ELF file for x86_64. */
struct machine_elf {
	const char *interpreter; /* NULL: none */
	const char *needed[4];   /* ends with NULL; all NULL and no interpreter: static */
	const char *rpath, *runpath;
	uint16_t machine; /* 0: EM_X86_64 */
};
void machine_elf(const struct temptree *t, const char *path, const struct machine_elf *elf);
