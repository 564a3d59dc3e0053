// SPDX-License-Identifier: GPL-2.0-or-later
/* cmdline.c - the command line of the capture kernel, see cmdline.h. */
#include "loader/system/cmdline.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "system/kexec.h"
#include "system/param.h"
#include "loader/system/gentler.h"
#include "base/err.h"
#include "base/text.h"

/* Where a row of a table counts. */
enum on {
	ON_ALL,
	ON_X86,
	ON_OTHERS,
	ON_FAULTY, /* kernels of which kexec_next_faults() tells */
};

/* Words that are not handed on. A name that ends in * stands for all names that begin so.
 * Parameters of the table below are dropped in any case, and so are those that tells_panic() finds.
 *
 * What turns an event into a panic or a stop is after
 * Documentation/admin-guide/kernel-parameters.txt of Linux 6.1 to 6.18, and module_param() of
 * drivers. The sysctls of that kind need no look: those for events from outside, such as an NMI,
 * are 0 unless a word sets them. */
static const struct {
	const char *name;
	const char *why;
	enum on on;
} dropped[] = {
	{ "crashkernel", "the capture kernel has nothing to reserve for" },
	{ "elfcorehdr", "the kernel puts its own in front" },
	{ "dmcryptkeys", "the kernel puts its own in front" },
	{ "kho*", "its scratch area would eat the reservation" },
	{ "kdump_lite.*", "tells how the running kernel came up, see loader/kexec/next-cmdline.h" },
	{ "mem", "the memory map of the capture kernel is another one" },
	{ "memmap", "likewise; after a return by kexec it describes all the memory" },
	{ "memory_hotplug*", "likewise" },
	{ "movablecore", "sized for all the memory" },
	{ "kernelcore", "sized for all the memory" },
	{ "hugepages*", "does not fit" },
	{ "default_hugepagesz", "does not fit" },
	{ "hugetlb*", "does not fit" },
	{ "log_buf_len", "does not fit" },
	{ "swiotlb", "does not fit; the kernel finds a size itself" },
	{ "trace_buf_size", "does not fit" },
	{ "trace_event", "costs memory" },
	{ "ftrace*", "costs memory" },
	{ "slub_debug", "costs memory" },
	{ "slab_debug", "costs memory" },
	{ "page_owner", "costs memory" },
	{ "page_poison", "costs time" },
	{ "debug_pagealloc", "costs memory and time" },
	{ "kasan*", "costs memory" },
	{ "kmemleak", "costs memory" },
	{ "kfence*", "costs memory" },
	{ "zswap*", "there is nothing to swap" },
	{ "maxcpus", "ours decides" },
	{ "nosmp", "ours decides" },
	{ "possible_cpus", "ours decides" },
	{ "disable_cpu_apicid", "ours decides" },
	{ "isolcpus", "names CPUs that are not there" },
	{ "nohz_full", "names CPUs that are not there" },
	{ "rcu_nocb*", "names CPUs that are not there" },
	{ "irqaffinity", "names CPUs that are not there" },
	{ "root", "our own image is the root" },
	{ "rootflags", "likewise" },
	{ "rootwait", "likewise" },
	{ "rootdelay", "likewise" },
	{ "ro", "likewise" },
	{ "rw", "likewise" },
	{ "init", "our own program is init" },
	{ "rdinit", "our own program is init" },
	{ "rd.*", "for another initramfs" },
	{ "BOOT_IMAGE", "was for the boot loader" },
	{ "initrd", "was for the boot loader" },
	{ "bootconfig", "our image carries none" },
	{ "resume*", "a capture kernel must not wake the hibernated system" },
	{ "noresume", "likewise" },
	{ "hibernate", "likewise" },
	{ "ip", "waits for network cards" },
	{ "nfsroot", "for another root" },
	{ "netroot", "for another root" },
	{ "cryptdevice", "for another initramfs" },
	{ "luks*", "for another initramfs" },
	{ "systemd.*", "systemd does not run" },
	{ "udev.*", "udev does not run" },
	{ "fsck.*", "fsck does not run" },
	{ "plymouth.*", "plymouth does not run" },
	{ "sysctl.*", "meant for the system; may set huge pages or make warnings panic" },
	{ "splash", "hides what happens" },
	{ "quiet", "hides what happens" },
	{ "loglevel", "hides what happens, or slows a serial console" },
	{ "debug", "slows a serial console" },
	{ "ignore_loglevel", "slows a serial console" },
	{ "oops", "the capture must go on after an oops" },
	{ "pause_on_oops", "stops all CPUs" },
	{ "softlockup_all_cpu_backtrace", "a slow disk is no reason to fill a serial console" },
	{ "hardlockup_all_cpu_backtrace", "likewise" },
	{ "kgdb*", "nobody may be there to go on" },
	{ "sysrq_always_enabled", "who sends SysRq c twice has crashed the capture" },
	{ "fips", "a self-test that fails panics; no cipher guards a secret here" },
	{ "boot_delay", "waits after each line of the log" },
	{ "dm_mod.*", "may wait for a disk without end" },
	{ "fail_*", "makes errors on purpose" },
	{ "failslab", "makes errors on purpose" },
	{ "kunit*", "may reboot after its tests" },
	{ "ramoops.*", "begins the console's zone anew (fs/pstore/ram.c, 6.12), whose old contents "
	               "may be all that is left when the capture fails" },
	{ "reserve_mem", "sized for all the memory" },
	{ "crash_kexec_post_notifiers", "there is no kernel behind this one" },
	{ "security", "labels are of no use to one program" },
	{ "apparmor", "likewise" },
	{ "selinux", "likewise" },
	{ "enforcing", "likewise" },
	{ "irqpoll", "the serial console of AWS Graviton hangs with it until somebody types",
	  ON_OTHERS },
};

/* Those that a capture is possible without come last, the most useful first. They are left out from
 * the end where the command line gets too long. */
static const struct {
	const char *word;
	enum on on;
	const char *why;
	bool optional;
} appended[] = {
	{ "irqpoll", ON_X86,
	  "finds interrupts of devices that share a line with one that nobody serves now; on AWS "
	  "Graviton it makes disks crawl, so not on arm64" },
	{ "reset_devices", ON_ALL,
	  "makes storage drivers (hpsa, smartpqi, megaraid_sas...) reset what the crash left "
	  "busy" },
	{ "panic=10", ON_ALL, "the machine must not stay in a capture kernel that failed" },
	{ "mce=off", ON_X86, "an old machine check must not end the capture" },
	{ "hest_disable", ON_ALL, "the same for errors reported by the firmware; saves memory" },
	{ "arm64.nolva", ON_FAULTY,
	  "with addresses of 48 bits they can go back by kexec; no known machine has memory "
	  "beyond" },
	{ "rootfstype=ramfs", ON_ALL, "lifts the limit of half the memory on the root file system",
	  true },
	{ "softlockup_panic=0", ON_ALL,
	  "some kernels are built to panic then, and a slow disk is no reason to give the dump up; "
	  "of a hard lockup only a panic gets out",
	  true },
	{ "hung_task_panic=0", ON_ALL, "likewise", true },
	{ "watchdog.stop_on_reboot=0", ON_ALL,
	  "a watchdog has to go on when the next kernel takes over", true },
	{ "acpi_no_memhotplug", ON_ALL, "memory that comes up must not be used", true },
	{ "cgroup_disable=memory", ON_ALL, "saves its page tables", true },
	{ "numa=off", ON_ALL, "one node, one set of free lists and caches", true },
	{ "transparent_hugepage=never", ON_ALL, "no 2M pages out of a small memory", true },
	{ "novmcoredd", ON_ALL, "no device dumps, which can take tens of megabytes", true },
	{ "cma=0", ON_ALL, "sets no contiguous memory aside", true },
	{ "pcie_ports=compat", ON_ALL, "no error reports and hot plug of PCI Express ports", true },
	{ "loglevel=6", ON_ALL,
	  "what the kernel only informs of costs seconds on a serial console; it is all in "
	  "kexec-dmesg.log",
	  true },
	{ "kfence.sample_interval=0", ON_ALL, "saves 2M", true },
	{ "lsm=integrity", ON_ALL,
	  "no SELinux, AppArmor and others; Linux 5.1 to 5.11 need this one where IMA has a policy",
	  true },
	{ "init_on_alloc=0", ON_ALL, "saves time", true },
	{ "init_on_free=0", ON_ALL, "saves time", true },
	{ "cryptomgr.notests", ON_ALL,
	  "the running kernel has tested its algorithms; half a second under emulation", true },
	{ "nokaslr", ON_ALL, "the place is fixed anyway, and looking for one can fail in it",
	  true },
	{ "mitigations=off", ON_ALL, "nothing foreign runs; saves time in every system call",
	  true },
};

static bool is_x86(const char *machine)
{
	return streq(machine, "x86_64");
}

static int add_word(char ***words, const char *word)
{
	return strv_push(words, word) < 0 ? oom("a command line") : 0;
}

/* True for what a gentler command line is without. */
static bool is_too_rough(const char *word, const struct cmdline_request *req)
{
	for (unsigned i = 0; i < MIN(req->gentler, GENTLER_ROWS); i++)
		for (size_t k = 0; k < ARRAY_SIZE(gentler_rows[i].remove); k++)
			if (gentler_rows[i].remove[k] &&
			    param_matches(word, gentler_rows[i].remove[k]))
				return true;
	return false;
}

/* Adds a word of ours, unless the settings remove or replace it. */
static int add_own(char ***words, const char *word, const struct cmdline_request *req)
{
	if (param_matches_any(word, req->remove) || param_in(word, req->append) ||
	    is_too_rough(word, req))
		return 0;
	return add_word(words, word);
}

static bool is_for(enum on on, const struct cmdline_request *req)
{
	if (on == ON_FAULTY)
		return kexec_next_faults(req->machine, req->release, sysconf(_SC_PAGESIZE), 52);
	return on == ON_ALL || (on == ON_X86) == is_x86(req->machine);
}

static int own_words(const struct cmdline_request *req, char ***ret)
{
	_cleanup_(strv_freep) char **words = NULL;
	char number[48];
	int r;

	snprintf(number, sizeof(number), "nr_cpus=%llu", (unsigned long long)MAX(req->cpus, 1));
	r = add_own(&words, number, req);
	if (r < 0)
		return r;
	/* Also with one CPU, since the settings may change. Linux 6.9 and later ignore the word. */
	if (is_x86(req->machine)) {
		snprintf(number, sizeof(number), "disable_cpu_apicid=%llu",
		         (unsigned long long)req->boot_apicid);
		r = add_own(&words, number, req);
		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < ARRAY_SIZE(appended); i++) {
		if (!is_for(appended[i].on, req))
			continue;
		r = add_own(&words, appended[i].word, req);
		if (r < 0)
			return r;
	}
	*ret = TAKE_PTR(words);
	return 0;
}

/* True for names such as unknown_nmi_panic or smp.panic_on_ipistall: nothing from outside may panic
 * the capture kernel. Who presses the NMI button twice has pressed it in the capture too. */
static bool tells_panic(const char *word)
{
	const char *found = strstr(word, "panic");

	return found && (size_t)(found - word) < strcspn(word, "=");
}

/* Takes the item "panic" out of "nmi_watchdog=panic,1", in place. False when no item is left. */
static bool take_panic_out(char *word)
{
	char *in = strchr(word, '='), *out;
	bool kept = false;

	if (!in || strchr(word, '"'))
		return true;
	out = in + 1;
	do {
		size_t len = strcspn(++in, ",");

		if (len != strlen("panic") || memcmp(in, "panic", len) != 0) {
			if (kept)
				*out++ = ',';
			memmove(out, in, len);
			out += len;
			kept = true;
		}
		in += len;
	} while (*in);
	*out = '\0';
	return kept;
}

static bool is_dropped(char *word, char *const *own, const struct cmdline_request *req)
{
	if (tells_panic(word) || !take_panic_out(word) || is_too_rough(word, req))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(dropped); i++)
		if (is_for(dropped[i].on, req) && param_matches(word, dropped[i].name))
			return true;
	return param_in(word, own) || param_matches_any(word, req->remove);
}

/* Adds each word that does not come again further on, since the last of a name counts. */
static int add_once(char ***words, char *const *more)
{
	for (; more && *more; more++)
		if (!strv_contains(more + 1, *more) && add_word(words, *more) < 0)
			return -ENOMEM;
	return 0;
}

static bool is_optional(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(appended); i++)
		if (appended[i].optional && streq(appended[i].word, word))
			return true;
	return false;
}

/* Bytes of the words with a space or the NUL behind each. */
static uint64_t size_of(char *const *words)
{
	uint64_t size = 0;

	for (; words && *words; words++)
		size += strlen(*words) + 1;
	return size;
}

/* Takes optional words off the end of @own until it fits beside @others. */
static int make_fit(char **own, uint64_t others, uint64_t limit, char **ret_left_out)
{
	size_t n = strv_length(own), first = n;
	uint64_t size = size_of(own) + others;

	while (limit && size > limit && first > 0 && is_optional(own[first - 1]))
		size -= strlen(own[--first]) + 1;
	if (strv_join(own + first, " ", ret_left_out) < 0)
		return oom("a command line");
	for (size_t i = first; i < n; i++) {
		free(own[i]);
		own[i] = NULL;
	}
	return 0;
}

int cmdline_build(const struct cmdline_request *req, char **ret, char **ret_left_out)
{
	_cleanup_(strv_freep) char **base = NULL, **own = NULL, **kept = NULL, **words = NULL;
	_cleanup_free_ char *left_out = NULL;
	int r;

	if (strv_split(&base, req->base, true) < 0)
		return oom("a command line");
	r = own_words(req, &own);
	if (r < 0)
		return r;
	/* What follows "--" is for init. */
	for (char **w = base; w && *w && !streq(*w, "--"); w++) {
		r = is_dropped(*w, own, req) ? 0 : add_word(&kept, *w);
		if (r < 0)
			return r;
	}
	r = add_once(&words, kept);
	if (r < 0)
		return r;
	r = make_fit(own, size_of(words) + size_of(req->append), req->limit, &left_out);
	if (r < 0 || (r = add_once(&words, own)) < 0 || (r = add_once(&words, req->append)) < 0)
		return r;
	if (strv_join(words, " ", ret) < 0)
		return oom("a command line");
	*ret_left_out = TAKE_PTR(left_out);
	return 0;
}

uint64_t cmdline_limit(const char *machine, uint64_t header_size)
{
	/* On x86 the kernel puts "elfcorehdr=0x<16 digits> " in front and holds the sum against the
	 * image's own limit (arch/x86/kernel/kexec-bzimage64.c, 6.12: MAX_ELFCOREHDR_STR_LEN), for
	 * other kernels too. Elsewhere what goes over COMMAND_LINE_SIZE is cut off at boot
	 * (arch/riscv/include/uapi/asm/setup.h, 6.12, and others). */
	uint64_t other = streq(machine, "riscv64") ? 1024 : 2048;
	uint64_t limit = header_size ? header_size : is_x86(machine) ? 2047 : other;

	return is_x86(machine) ? limit - MIN(limit, 30) : limit;
}

int cmdline_check(const char *cmdline, const char *machine, uint64_t header_size, const char *what,
                  const char *where)
{
	uint64_t limit = cmdline_limit(machine, header_size);
	size_t size = strlen(cmdline) + 1;

	if (size <= limit)
		return 0;
	return errf(-E2BIG, "%s is %llu bytes too long (%zu, at most %llu): shorten it with %s",
	            what, (unsigned long long)(size - limit), size, (unsigned long long)limit,
	            where);
}
