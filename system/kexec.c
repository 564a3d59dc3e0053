// SPDX-License-Identifier: GPL-2.0-or-later
/* kexec.c - hands a kernel to the running one, and tells what errors mean; see kexec.h. */
#include "system/kexec.h"

#include <errno.h>
#include <linux/kexec.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>

#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

/* Another load, a change of the reservation or memory hot plug holds the lock for moments. */
#define BUSY_TRIES    20
#define BUSY_PAUSE_NS (250 * 1000 * 1000)

static const struct {
	unsigned long file_flags, flags; /* of the two system calls */
	const char *name;                /* of what is loaded there */
	const char *limit;               /* sysctl that counts the calls (Linux 6.3) */
} places[] = {
	[KEXEC_CAPTURE] = { KEXEC_FILE_ON_CRASH, KEXEC_ON_CRASH, "a capture kernel",
	                    "kexec_load_limit_panic" },
	[KEXEC_NEXT] = { 0, 0, "a kernel", "kexec_load_limit_reboot" },
};

/* True in dom0: by the features that the hypervisor tells of, of which bit 11 is XENFEAT_dom0
 * (include/xen/interface/features.h), or by xenfs, if it is mounted. */
static bool is_dom0(int root_fd)
{
	_cleanup_free_ char *features = NULL, *capabilities = NULL;
	uint64_t bits;

	if (tree_read_line(root_fd, "/sys/hypervisor/properties/features", &features) == 0 &&
	    text_to_u64(features, 16, &bits) == 0 && (bits & 1 << 11))
		return true;
	return tree_read_line(root_fd, "/proc/xen/capabilities", &capabilities) == 0 &&
	       strstr(capabilities, "control_d");
}

int kexec_possible(int root_fd)
{
	_cleanup_free_ char *hypervisor = NULL, *guest = NULL;

	if (tree_read_line(root_fd, "/sys/hypervisor/type", &hypervisor) < 0 ||
	    !streq(hypervisor, "xen"))
		return 0;
	if (is_dom0(root_fd))
		return errf(-EOPNOTSUPP,
		            "this is dom0 of Xen, where kexec goes through the hypervisor; use "
		            "kexec-tools, with crashkernel= on the command line of Xen for dumps");
	if (tree_read_line(root_fd, "/sys/hypervisor/guest_type", &guest) == 0 &&
	    streq(guest, "PV"))
		return errf(-EOPNOTSUPP,
		            "this is a PV guest of Xen, which cannot kexec; make it a PVH or HVM "
		            "guest, or have the host save its crashes (on_crash= of xl.cfg)");
	return 0;
}

/* Where there is no such call, the other one unloads as well. */
int kexec_file_load(int kernel_fd, int image_fd, const char *cmdline, unsigned long flags)
{
	long r = syscall(SYS_kexec_file_load, kernel_fd, image_fd,
	                 cmdline ? strlen(cmdline) + 1 : 0, cmdline, flags);

	if (r < 0 && errno == ENOSYS && flags & KEXEC_FILE_UNLOAD)
		return kexec_load(0, NULL, 0, flags & KEXEC_FILE_ON_CRASH ? KEXEC_ON_CRASH : 0);
	return r < 0 ? -errno : 0;
}

/* Of /proc/sys/kernel; false when it is not there, or is negative: no limit. */
static bool read_sysctl(int root_fd, const char *name, uint64_t *ret)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/sys/kernel/%s", name);
	return tree_read_u64(root_fd, path, ret) == 0;
}

/* One of the two system calls, with what it is given. */
struct call {
	kexec_fn file; /* NULL: pieces */
	int kernel_fd, image_fd;
	const char *cmdline;
	kexec_pieces_fn load;
	uint64_t entry;
	const struct kexec_piece *pieces;
	size_t n;
	unsigned long flags; /* beside those of the place */
};

static int try_once(enum kexec_place place, const struct call *c)
{
	return c->file ? c->file(c->kernel_fd, c->image_fd, c->cmdline,
	                         places[place].file_flags | c->flags)
	               : c->load(c->entry, c->pieces, c->n, places[place].flags | c->flags);
}

/* Each call counts against a limit, also one that finds the lock taken; then one has to do. */
static int call(int root_fd, enum kexec_place place, const struct call *c)
{
	uint64_t limit;
	unsigned tries = read_sysctl(root_fd, places[place].limit, &limit) ? 1 : BUSY_TRIES;
	int r;

	while ((r = try_once(place, c)) == -EBUSY && --tries) {
		struct timespec pause = { .tv_nsec = BUSY_PAUSE_NS };

		nanosleep(&pause, NULL);
	}
	return r < 0 ? kexec_explain(root_fd, place, r) : 0;
}

/* "none [integrity] confidentiality": the word in brackets is in force. */
bool kexec_is_locked_down(int root_fd)
{
	_cleanup_free_ char *line = NULL;

	return tree_read_line(root_fd, "/sys/kernel/security/lockdown", &line) == 0 &&
	       !strstr(line, "[none]") && strchr(line, '[');
}

static int load_files(int root_fd, enum kexec_place place, kexec_fn fn, int kernel_fd, int image_fd,
                      const char *cmdline)
{
	return call(root_fd, place,
	            &(struct call){ .file = fn,
	                            .kernel_fd = kernel_fd,
	                            .image_fd = image_fd,
	                            .cmdline = cmdline,
	                            .flags = image_fd < 0 ? KEXEC_FILE_NO_INITRAMFS : 0 });
}

static int unload(int root_fd, enum kexec_place place, kexec_fn fn)
{
	return call(
		root_fd, place,
		&(struct call){
			.file = fn, .kernel_fd = -1, .image_fd = -1, .flags = KEXEC_FILE_UNLOAD });
}

int kexec_load_crash(int root_fd, kexec_fn fn, int kernel_fd, int image_fd, const char *cmdline)
{
	return load_files(root_fd, KEXEC_CAPTURE, fn, kernel_fd, image_fd, cmdline);
}

int kexec_unload_crash(int root_fd, kexec_fn fn)
{
	return unload(root_fd, KEXEC_CAPTURE, fn);
}

int kexec_load_next(int root_fd, kexec_fn fn, int kernel_fd, int image_fd, const char *cmdline)
{
	return load_files(root_fd, KEXEC_NEXT, fn, kernel_fd, image_fd, cmdline);
}

int kexec_unload_next(int root_fd, kexec_fn fn)
{
	return unload(root_fd, KEXEC_NEXT, fn);
}

int kexec_load_pieces(int root_fd, enum kexec_place place, kexec_pieces_fn fn, uint64_t entry,
                      const struct kexec_piece *pieces, size_t n, unsigned long arch)
{
	int r;

	if (kexec_is_locked_down(root_fd))
		return errf(-EPERM,
		            "%s cannot be loaded: the kernel is locked down (Secure Boot), and is "
		            "built without CONFIG_KEXEC_FILE, whose call lockdown allows; boot "
		            "without Secure Boot, or another kernel",
		            places[place].name);
	r = call(root_fd, place,
	         &(struct call){
			 .load = fn, .entry = entry, .pieces = pieces, .n = n, .flags = arch });
	return r == -ENOSYS ? errf(r,
	                           "%s cannot be loaded: the kernel is built without kexec "
	                           "(CONFIG_KEXEC_FILE and CONFIG_KEXEC); boot another kernel",
	                           places[place].name)
	                    : r;
}

int kexec_is_loaded(int root_fd, bool *ret)
{
	static const char *const paths[] = { "/sys/kernel/kexec/loaded",
		                             "/sys/kernel/kexec_loaded" };

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		uint64_t loaded;
		int r;

		if (!tree_exists(root_fd, paths[i]))
			continue;
		r = tree_read_u64(root_fd, paths[i], &loaded);
		if (r < 0)
			return r;
		*ret = loaded != 0;
		return 0;
	}
	return errf(-EOPNOTSUPP,
	            "this kernel cannot start another one (/sys/kernel/kexec_loaded is missing): "
	            "it is built without CONFIG_KEXEC_FILE");
}

/* One errno has several causes, which can be told apart by looking. */
static int explain_eperm(int root_fd, enum kexec_place place)
{
	uint64_t value;

	if (geteuid() != 0)
		return errf(-EPERM, "loading %s needs root (CAP_SYS_BOOT)", places[place].name);
	if (read_sysctl(root_fd, "kexec_load_disabled", &value) && value)
		return errf(-EPERM,
		            "the kernel refuses: kernel.kexec_load_disabled is set; it cannot be "
		            "unset before a reboot");
	if (read_sysctl(root_fd, places[place].limit, &value) && !value)
		return errf(-EPERM,
		            "the kernel refuses: kernel.%s has run out; it cannot be raised before "
		            "a reboot",
		            places[place].limit);
	if (kexec_is_locked_down(root_fd))
		return errf(-EPERM,
		            "the kernel is locked down (Secure Boot) and does not trust the "
		            "signature of what is to be loaded, if it has one; use a kernel signed "
		            "by the distribution or enrol its key");
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
		            "of the service hides it; boot another kernel, or start the load by "
		            "hand");
	return errf(-ENOSYS,
	            "the kernel is built without kexec (CONFIG_KEXEC_FILE); boot another kernel");
}

/* What an errno means; @next where it means something else for the other place. */
static const struct {
	int error;
	const char *text, *next;
} meanings[] = {
	{ EBUSY,
	  "the kernel stays busy with another load, or cannot stop its other CPUs; try again "
	  "later" },
	{ ENOEXEC,
	  "the kernel does not take this file as a kernel for kexec; set Kernel= to a plain "
	  "bzImage (x86) or Image (arm64) of this architecture",
	  "the kernel does not take this file as a kernel for kexec; it wants a bzImage (x86) or "
	  "Image (arm64) of this architecture" },
	{ EADDRNOTAVAIL,
	  "the reserved memory has no room for it; put a larger crashkernel= on the kernel "
	  "command line and reboot",
	  "the kernel finds no memory in one piece that is large enough; without kho=on on its "
	  "command line it can use all of it" },
	{ ENOMEM, "the kernel has not enough free memory to take it in" },
	{ EINVAL, "the kernel does not accept the image or its command line" },
	{ EFBIG, "the kernel or its image is larger than the kernel takes" },
	{ EKEYREJECTED, "the signature of the capture kernel is not valid; reinstall its package",
	  "the signature of this kernel is not valid; reinstall its package" },
	{ ENOKEY,
	  "the capture kernel is signed with a key that the running kernel does not know; use a "
	  "kernel signed by the distribution or enrol its key",
	  "this kernel is signed with a key that the running one does not know; use a kernel "
	  "signed by the distribution or enrol its key" },
	{ ENODATA, "the capture kernel is not signed, and the running kernel insists on it",
	  "this kernel is not signed, and the running one insists on it" },
	{ ENOPKG, "the running kernel lacks the algorithm of the capture kernel's signature",
	  "the running kernel lacks the algorithm of this kernel's signature" },
	{ EBADMSG, "the signature of the capture kernel is damaged; reinstall its package",
	  "the signature of this kernel is damaged; reinstall its package" },
	{ ELIBBAD, "the signature of the capture kernel is damaged; reinstall its package",
	  "the signature of this kernel is damaged; reinstall its package" },
	{ EACCES, "a security module (IMA, SELinux...) forbids it; see the kernel log" },
	{ EOPNOTSUPP, "the kernel cannot do this on this machine; see the kernel log" },
};

/* On x86 a kernel with the runtime services of 32-bit EFI takes no other, since it could not pass
 * them on (arch/x86/kernel/kexec-bzimage64.c, 6.12, bzImage64_probe()). */
static bool is_32bit_efi(int root_fd)
{
	uint64_t bits;

	return tree_read_u64(root_fd, "/sys/firmware/efi/fw_platform_size", &bits) == 0 &&
	       bits == 32 && tree_exists(root_fd, "/sys/firmware/efi/runtime-map");
}

int kexec_explain(int root_fd, enum kexec_place place, int error)
{
	if (error == -ENOEXEC && is_32bit_efi(root_fd))
		return errf(-ENOEXEC,
		            "the kernel takes no other for kexec, since the firmware is a 32-bit "
		            "EFI; boot with efi=noruntime");
	if (error == -EPERM)
		return explain_eperm(root_fd, place);
	if (error == -ENOSYS)
		return explain_enosys(root_fd);
	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++)
		if (meanings[i].error == -error)
			return errf(error, "%s",
			            place == KEXEC_NEXT && meanings[i].next ? meanings[i].next
			                                                    : meanings[i].text);
	return errf(error, "the kernel does not load it: %s; see the kernel log", strerror(-error));
}
