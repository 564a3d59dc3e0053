/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * next-cmdline.h - the command line of a kernel that is started by kexec.
 *
 * After a crash the capture program adds words to the end of it (see below), the first of which is
 * the marker NEXTLINE_MARKER. What follows the marker, up to a "--", is therefore not the
 * administrator's: it describes how the kernel came up and what of the machine it would not see
 * without, such as the memory. It is taken off before the next crash adds its own; an ordinary
 * kexec keeps it, since the kernel after the next is in the same place.
 */
#pragma once

#include "base/base.h"

/* "kdump_lite.returned=2": came back by kexec from a system with two CPUs online. */
#define NEXTLINE_MARKER "kdump_lite.returned"

/* Behind the marker when the crash was on another CPU than the one that the firmware started, which
 * stays parked until the firmware starts it again. It must not be woken by what is meant for all
 * others, such as the NMI of the next crash: it would go on with whatever lies where the crashed
 * kernel was (arch/x86/kernel/apic/ipi.c, 6.12). Kernels before 6.9 have to be told which it is.
 */
#define NEXTLINE_NO_BROADCAST "no_ipi_broadcast=1"
#define NEXTLINE_DISABLE_CPU  "disable_cpu_apicid"

struct next_cmdline_request {
	const char *running; /* /proc/cmdline */
	const char *base;    /* options of an entry, --cmdline=; NULL: the running one */
	char *const *remove; /* as CommandLineRemove= */
	char *const *append;
	const char *extra; /* --append=; or NULL */
	const char *rsdp;  /* "acpi_rsdp=0x..." when the next kernel needs it; or NULL */
	bool after_crash;  /* leave out what the marker stands before */
};

/* Words meant for a boot loader (BOOT_IMAGE=, initrd=) and those that the kernel puts in front
 * itself (elfcorehdr=, dmcryptkeys=) are left out. What is appended comes before the marker, and
 * stands there once however often it is appended. A marker in @base is cut off with all behind it:
 * what describes the machine is that of @running. The result is allocated. */
int next_cmdline_build(const struct next_cmdline_request *req, char **ret);

/* "acpi_rsdp=0x..." when a kernel started by kexec could not find the ACPI tables by itself: on an
 * EFI system whose runtime services are off and whose boot parameters do not tell (x86,
 * arch/x86/kernel/kexec-bzimage64.c, 6.12), or when the running kernel had to be told. NULL when it
 * can. Allocated. */
int next_cmdline_rsdp(int root_fd, const char *running, char **ret);

/* What the marker says: true, and the number of CPUs, when the running kernel came back by kexec
 * from a crash. */
bool next_cmdline_returned(const char *running, uint64_t *ret_cpus);

/* Whether a CPU stays parked since an earlier return. *@ret_apicid becomes its APIC ID where the
 * words tell it, and else stays as it is. */
bool next_cmdline_parked(const char *running, uint64_t *ret_apicid);
