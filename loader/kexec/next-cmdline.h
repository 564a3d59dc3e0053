/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * next-cmdline.h - the command line of a kernel that is started by kexec.
 *
 * After a crash the capture program appends words, the first of which is NEXT_CMDLINE_MARKER. The
 * words from the marker on, up to a "--", are not the administrator's. They tell how the kernel was
 * started, and describe parts of the machine that it cannot see itself, such as the memory. They
 * are removed before the next crash adds its own. An ordinary kexec keeps them, since its kernel
 * sees no more of the machine.
 */
#pragma once

#include "base/base.h"

/* "kdump_lite.returned=2": started by kexec after the crash of a system with two CPUs online. */
#define NEXT_CMDLINE_MARKER "kdump_lite.returned"

/* Words behind the marker if the crash was not on the CPU that the firmware started, the boot CPU.
 * It stays parked until the firmware starts it again. An interrupt for all other CPUs, such as the
 * NMI of the next crash, must not wake it: it would run whatever lies where the crashed kernel was
 * (arch/x86/kernel/apic/ipi.c, 6.12). Kernels before 6.9 must be told its number. */
#define NEXT_CMDLINE_NO_BROADCAST "no_ipi_broadcast=1"
#define NEXT_CMDLINE_DISABLE_CPU  "disable_cpu_apicid"

struct next_cmdline_request {
	const char *running; /* /proc/cmdline */
	const char *base;    /* options of an entry, or --cmdline=; NULL: the running one */
	char *const *remove; /* CommandLineRemove= */
	char *const *append; /* CommandLineAppend= */
	const char *extra;   /* --append=; or NULL */
	const char *rsdp;    /* "acpi_rsdp=0x..." if the next kernel needs it; or NULL */
	bool after_crash;    /* drop the marker and the words behind it */
};

/* Builds the command line; the caller frees it. Words for a boot loader (BOOT_IMAGE=, initrd=) and
 * words that the kernel puts in front itself (elfcorehdr=, dmcryptkeys=) are left out. Appended
 * words come before the marker, and only once. The marker and what follows is that of @running. */
int next_cmdline_build(const struct next_cmdline_request *req, char **ret);

/* Adds a line to @notes for each thing that a kernel with the command line @line would lack and the
 * running one has: memory for a capture kernel, and its root file system. Words behind "--" do not
 * count. The running kernel may have none of them, as one that finds its root by itself
 * (systemd-gpt-auto-generator(8)). */
int next_cmdline_losses(const char *running, const char *line, char ***notes);

/* *@ret is "acpi_rsdp=0x..." if a kernel started by kexec could not find the ACPI tables by itself,
 * else NULL; the caller frees it. It could not on an EFI system whose runtime services are off and
 * whose boot parameters lack the address (x86, arch/x86/kernel/kexec-bzimage64.c), or when the
 * running kernel needed the word.
 *
 * They are off with efi=noruntime or noefi, and in kernels for real time. The address is missing
 * since the EFI stub starts the kernel without its decompressor, which filled it in (kernel commit
 * a1b87d54f4e4, 6.6 and stable versions after). Later kernels hand on what the EFI tables say
 * (e00ac9e5afb5, 7.0; Debian's 6.1.176 and 6.12.95 have it), which is the same address. */
int next_cmdline_rsdp(int root_fd, const char *running, char **ret);

/* True if the running kernel was started after a crash; *@ret_cpus: CPUs online before. */
bool next_cmdline_returned(const char *running, uint64_t *ret_cpus);

/* True if a CPU is parked since an earlier return; *@ret_apicid: its APIC ID, if it is known. */
bool next_cmdline_parked(const char *running, uint64_t *ret_apicid);
