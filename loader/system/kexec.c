// SPDX-License-Identifier: GPL-2.0-or-later
/* kexec.c - kexec_file_load(2) and what its errors mean, see kexec.h. */
#include "loader/system/kexec.h"

#include <errno.h>
#include <linux/kexec.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>

#include "loader/system/tree.h"
#include "vmcore/base/err.h"

/* Another load, a change of the reservation or memory hot plug holds the lock for moments. */
#define BUSY_TRIES    20
#define BUSY_PAUSE_NS (250 * 1000 * 1000)

int kexec_file_load(int kernel_fd, int image_fd, const char *cmdline, unsigned long flags)
{
	long r = syscall(SYS_kexec_file_load, kernel_fd, image_fd,
	                 cmdline ? strlen(cmdline) + 1 : 0, cmdline, flags);

	return r < 0 ? -errno : 0;
}

/* Every call counts against kernel.kexec_load_limit_panic where that is set, also one that finds
 * the lock taken; then one call has to do. */
static bool is_limited(int root_fd)
{
	_cleanup_free_ char *limit = NULL;

	return tree_read_line(root_fd, "/proc/sys/kernel/kexec_load_limit_panic", &limit) == 0 &&
	       *limit != '-';
}

static int call(int root_fd, kexec_fn fn, int kernel_fd, int image_fd, const char *cmdline,
                unsigned long flags)
{
	unsigned tries = is_limited(root_fd) ? 1 : BUSY_TRIES;
	int r;

	while ((r = fn(kernel_fd, image_fd, cmdline, flags)) == -EBUSY && --tries) {
		struct timespec pause = { .tv_nsec = BUSY_PAUSE_NS };

		nanosleep(&pause, NULL);
	}
	return r;
}

int kexec_load_crash(int root_fd, kexec_fn fn, int kernel_fd, int image_fd, const char *cmdline)
{
	int r = call(root_fd, fn, kernel_fd, image_fd, cmdline, KEXEC_FILE_ON_CRASH);

	return r < 0 ? kexec_explain(root_fd, r) : 0;
}

int kexec_unload_crash(int root_fd, kexec_fn fn)
{
	int r = call(root_fd, fn, -1, -1, NULL, KEXEC_FILE_UNLOAD | KEXEC_FILE_ON_CRASH);

	return r < 0 ? kexec_explain(root_fd, r) : 0;
}

/* "none [integrity] confidentiality": the word in brackets is in force. */
static bool is_locked_down(int root_fd)
{
	_cleanup_free_ char *line = NULL;

	return tree_read_line(root_fd, "/sys/kernel/security/lockdown", &line) == 0 &&
	       !strstr(line, "[none]") && strchr(line, '[');
}

/* One errno has several causes, which can be told apart by looking. */
static int explain_eperm(int root_fd)
{
	uint64_t value;

	if (geteuid() != 0)
		return errf(-EPERM, "loading a capture kernel needs root (CAP_SYS_BOOT)");
	if (tree_read_u64(root_fd, "/proc/sys/kernel/kexec_load_disabled", &value) == 0 && value)
		return errf(-EPERM,
		            "the kernel refuses: kernel.kexec_load_disabled is set; it cannot be "
		            "unset before a reboot");
	if (tree_read_u64(root_fd, "/proc/sys/kernel/kexec_load_limit_panic", &value) == 0 &&
	    !value)
		return errf(-EPERM,
		            "the kernel refuses: kernel.kexec_load_limit_panic has run out; it "
		            "cannot be raised before a reboot");
	if (is_locked_down(root_fd))
		return errf(-EPERM,
		            "the kernel is locked down (Secure Boot) and the signature of the "
		            "capture kernel is not one that it trusts; use a kernel signed by the "
		            "distribution or enrol its key");
	return errf(-EPERM,
	            "the kernel refuses: CAP_SYS_BOOT is missing (in a container?), or a security "
	            "module forbids it");
}

static int explain_enosys(int root_fd)
{
	if (tree_exists(root_fd, "/sys/kernel/kexec_crash_loaded") ||
	    tree_exists(root_fd, "/sys/kernel/kexec/crash_loaded"))
		return errf(-ENOSYS,
		            "the kernel has no kexec_file_load (CONFIG_KEXEC_FILE), or the sandbox "
		            "of the service hides it");
	return errf(-ENOSYS, "the kernel is built without kexec (CONFIG_KEXEC_FILE)");
}

static const struct {
	int error;
	const char *text;
} meanings[] = {
	{ EBUSY, "the kernel stays busy with another load, or cannot stop its other CPUs; try "
	         "again later" },
	{ ENOEXEC, "the kernel does not take this file as a kernel for kexec; set Kernel= to a "
	           "plain bzImage "
	           "(x86) or Image (arm64) of this architecture" },
	{ EADDRNOTAVAIL,
	  "the reserved memory has no room for it; put a larger crashkernel= on the kernel "
	  "command line and reboot" },
	{ ENOMEM, "the kernel has not enough free memory to take it in" },
	{ EINVAL, "the kernel does not accept the image or its command line" },
	{ EFBIG, "the kernel or its image is larger than the kernel takes" },
	{ EKEYREJECTED, "the signature of the capture kernel is not valid; reinstall its package" },
	{ ENOKEY,
	  "the capture kernel is signed with a key that the running kernel does not know; use a "
	  "kernel signed by the distribution or enrol its key" },
	{ ENODATA, "the capture kernel is not signed, and the running kernel insists on it" },
	{ ENOPKG, "the running kernel lacks the algorithm of the capture kernel's signature" },
	{ EBADMSG, "the signature of the capture kernel is damaged; reinstall its package" },
	{ ELIBBAD, "the signature of the capture kernel is damaged; reinstall its package" },
	{ EACCES, "a security module (IMA, SELinux...) forbids it; see the kernel log" },
	{ EOPNOTSUPP, "the kernel cannot do this on this machine; see the kernel log" },
};

int kexec_explain(int root_fd, int error)
{
	if (error == -EPERM)
		return explain_eperm(root_fd);
	if (error == -ENOSYS)
		return explain_enosys(root_fd);
	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++)
		if (meanings[i].error == -error)
			return errf(error, "%s", meanings[i].text);
	return errf(error, "the kernel does not load it: %s; see the kernel log", strerror(-error));
}
