/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec.h - hands a kernel to the running one, by kexec_file_load(2) or kexec_load(2).
 *
 * There are two places: one for the capture kernel, which starts by a panic, and one for the kernel
 * that reboot(RB_KEXEC) starts. An ON_CRASH load frees the image that was there before it looks at
 * the new one: whatever can be checked must be checked before, and after a failure nothing is
 * loaded. A failed load of the other kind leaves what was loaded (kernel/kexec_file.c, 6.12).
 */
#pragma once

#include "base/base.h"

/* What to reserve where nothing is known of the machine. With Debian's kernels up to 7.3 it holds
 * the capture kernel, and on the way back the production kernel and its initrd beside it. */
#define CRASHKERNEL_ADVICE "256M"

/* As the system call; so that a test can stand in for it. Returns 0 or a negative errno. */
typedef int (*kexec_fn)(int kernel_fd, int image_fd, const char *cmdline, unsigned long flags);

int kexec_file_load(int kernel_fd, int image_fd, const char *cmdline, unsigned long flags);

/* Memory that kexec_load(2) fills: @len bytes from @data, and zeroes up to @room. */
struct kexec_piece {
	const void *data;
	size_t len;
	uint64_t address;
	uint64_t room;
};

/* As that system call, of which kexec_file_load(2) takes the place where it is there. */
typedef int (*kexec_pieces_fn)(uint64_t entry, const struct kexec_piece *pieces, size_t n,
                               unsigned long flags);

int kexec_load(uint64_t entry, const struct kexec_piece *pieces, size_t n, unsigned long flags);

/* -EOPNOTSUPP with a text when a kernel that this one has loaded would never run, so that nothing
 * should be loaded: in dom0 of Xen and in PV guests. Only the hypervisor can start another kernel
 * there: kexec-tools asks it by hypercalls. The system call succeeds all the same, but a PV kernel
 * cannot set the page tables that relocate_kernel() needs, and it ignores crashkernel=
 * (arch/x86/kernel/setup.c, 6.12). In other domains kexec is a "soft reset"
 * (arch/x86/xen/enlighten_hvm.c, 6.12): the toolstack resets HVM and PVH guests and lets them go
 * on, but for dom0 the hypervisor reboots the machine (xen/common/shutdown.c, hwdom_shutdown()). */
int kexec_possible(int root_fd);

/* -EOPNOTSUPP with a text when the kernel @release on a @machine (uname -r, -m) would fault while
 * it takes in another one for a reboot, by either call. For that, arm64 copies the page tables of
 * all memory, and from 6.9 on, where they may have a fifth level, it forgets to make one
 * (arch/arm64/mm/trans_pgd.c, copy_p4d(), 6.12). After such a fault it cannot start a capture
 * kernel either, since it still holds the lock. There are five levels where addresses have 52 bits
 * (FEAT_LPA2) and pages 4 KiB. A capture kernel needs no copy. */
int kexec_next_possible(const char *machine, const char *release);

/* The same for addresses of @bits, and pages of @page bytes. */
bool kexec_next_faults(const char *machine, const char *release, uint64_t page, unsigned bits);

enum kexec_place {
	KEXEC_CAPTURE, /* for a panic */
	KEXEC_NEXT,    /* for a reboot */
};

/* Loads the capture kernel. Both fds are regular files, read from their start. A busy kernel is
 * asked again for some seconds. The text of an error tells the remedy, by facts of @root_fd. */
int kexec_load_crash(int root_fd, kexec_fn fn, int kernel_fd, int image_fd, const char *cmdline);

/* Unloads it, whoever loaded it. No error when none is loaded. */
int kexec_unload_crash(int root_fd, kexec_fn fn);

/* Loads and unloads the kernel that a reboot starts, likewise. @image_fd -1: no initrd. */
int kexec_load_next(int root_fd, kexec_fn fn, int kernel_fd, int image_fd, const char *cmdline);
int kexec_unload_next(int root_fd, kexec_fn fn);

/* Loads pieces by kexec_load(2), for a machine of @arch (KEXEC_ARCH_...). Lockdown forbids it, with
 * any signature: -EPERM, and what was loaded stays. */
int kexec_load_pieces(int root_fd, enum kexec_place place, kexec_pieces_fn fn, uint64_t entry,
                      const struct kexec_piece *pieces, size_t n, unsigned long arch);

/* True where the kernel is locked down, as it is under Secure Boot. */
bool kexec_is_locked_down(int root_fd);

/* Tells if a kernel for a reboot is loaded, from /sys/kernel/kexec/loaded (Linux 7.0) or
 * /sys/kernel/kexec_loaded (before; kernel/ksysfs.c). -EOPNOTSUPP when this kernel has no kexec. */
int kexec_is_loaded(int root_fd, bool *ret);

/* Sets the text for what the system call returned; returns @error. */
int kexec_explain(int root_fd, enum kexec_place place, int error);
