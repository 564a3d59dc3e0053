// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * calls.c - the names of the functions that led to a crash, see calls.h.
 *
 * The top of a trace is the same for all crashes of a kind: there the kernel noticed the fault,
 * wrote the log and started the capture kernel. The calls end at an interrupt, a system call or the
 * start of a thread. Code that was interrupted has nothing to do with a fault in the interrupt's
 * handler.
 */
#include "vmcore/log/calls.h"

#include <ctype.h>

#include "vmcore/kernel/dmesg.h"

enum group {
	ENDING = 1 << 0,    /* ways to panic, to oops and to write the log */
	ENTRY = 1 << 1,     /* ways into the kernel, and the first functions of threads */
	NMI = 1 << 2,       /* also an ENTRY: by an NMI */
	INTERRUPT = 1 << 3, /* also an ENTRY: by an interrupt */
	WAIT = 1 << 4,
	LOCK = 1 << 5,
};

/* A star stands for any letters. Functions of Linux 4.19 to 6.18, x86_64, arm64 and riscv64:
 * kernel/panic.c, kernel/kexec_core.c, kernel/watchdog.c, lib/bug.c, lib/list_debug.c, mm/kasan/,
 * arch/x86/kernel/dumpstack.c, traps.c, nmi.c and crash.c, arch/x86/mm/fault.c, arch/x86/entry/,
 * arch/arm64/kernel/traps.c, entry-common.c and entry.S, arch/arm64/mm/fault.c,
 * arch/riscv/kernel/traps.c and entry.S. */
static const struct {
	enum group group;
	const char *names; /* with spaces between */
} groups[] = {
	{ ENDING, "panic vpanic nmi_panic panic_print_sys_info crash_kexec __crash_kexec "
	          "machine_kexec crash_setup_regs crash_save_cpu machine_crash_shutdown "
	          "native_machine_crash_shutdown crash_smp_send_stop crash_nmi_callback "
	          "kdump_nmi_callback nmi_shootdown_cpus kdump_nmi_shootdown_cpus "
	          "ipi_cpu_crash_stop local_cpu_stop stop_this_cpu smp_send_stop "
	          "native_stop_other_cpus native_halt halt add_taint riscv_crash_save_regs" },
	{ ENDING, "oops_end oops_exit die __die __die_body __die_header die_addr show_regs* "
	          "__show_regs show_stack* show_trace_log_lvl dump_stack* __dump_stack "
	          "dump_backtrace* make_task_dead rewind_stack_*" },
	{ ENDING, "page_fault_oops no_context kernelmode_fixup_or_oops __bad_area* bad_area* "
	          "do_kern_addr_fault do_user_addr_fault __do_page_fault do_page_fault "
	          "handle_page_fault do_async_page_fault exc_* do_general_protection "
	          "gp_try_fixup_and_notify do_invalid_op do_error_trap do_trap* handle_bug "
	          "handle_invalid_op fixup_bug* report_bug __report_bug do_double_fault "
	          "handle_stack_overflow do_divide_error do_stack_segment do_int3* "
	          "do_machine_check mce_panic mce_end mce_reign mce_timed_out" },
	{ ENDING, "__warn warn_slowpath_* __warn_printk check_panic_on_warn refcount_warn_saturate "
	          "__list_add_valid* __list_del_entry_valid* fortify_panic __fortify_panic "
	          "__fortify_report __stack_chk_fail usercopy_abort __check_heap_object "
	          "check_heap_object __check_object_size assfail asswarn" },
	{ ENDING, "kasan_* __kasan_* __asan_* print_report print_address_description* end_report "
	          "check_memory_region* kfence_report_error kfence_handle_page_fault "
	          "check_canary* ubsan_* __ubsan_* __kmsan_* kmsan_report" },
	{ ENDING,
	  "nmi_handle default_do_nmi do_nmi unknown_nmi_error pci_serr_error io_check_error "
	  "perf_event_nmi_handler watchdog_overflow_callback watchdog_hardlockup_check "
	  "__perf_event_overflow perf_event_overflow handle_pmi_common "
	  "intel_pmu_handle_irq* amd_pmu_*handle_irq x86_pmu_handle_irq "
	  "watchdog_timer_fn" },
	{ ENDING,
	  "do_mem_abort do_translation_fault do_bad_area __do_kernel_fault die_kernel_fault "
	  "do_alignment_fault do_tag_check_fault do_sea do_undefinstr do_el1_undef el1_* "
	  "do_debug_exception call_break_hook bug_handler bug_brk_handler brk_handler "
	  "do_el1_brk64 handle_bad_stack panic_bad_stack __bad_stack arm64_serror_panic "
	  "do_serror bad_mode arm64_notify_die" },
	{ ENTRY, "asm_exc_* page_fault async_page_fault general_protection invalid_op double_fault "
	         "asm_exc_double_fault divide_error stack_segment int3 machine_check error_entry "
	         "el1h_64_sync* el1h_64_error* el1_sync* el1_error* el0t_* el0_* do_el0_svc* "
	         "invoke_syscall el0_svc_common* ret_from_exception handle_exception "
	         "do_trap_ecall_u smp_callin secondary_start_sbi" },
	{ ENTRY, "entry_SYSCALL* do_syscall_64 x64_sys_call entry_INT80* do_int80* int80_emulation "
	         "entry_SYSENTER* do_fast_syscall_32 __do_fast_syscall_32 do_SYSENTER_32 "
	         "ia32_sys_call ret_from_fork* kthread start_secondary secondary_start* "
	         "common_startup_64 x86_64_start_* start_kernel rest_init cpu_startup_entry "
	         "secondary_startup_64*" },
	{ ENTRY | NMI, "asm_exc_nmi nmi end_repeat_nmi repeat_nmi first_nmi" },
	{ ENTRY | INTERRUPT,
	  "asm_sysvec_* asm_common_interrupt apic_timer_interrupt "
	  "hyperv_*_interrupt ret_from_intr el1h_64_irq* el1_irq el1h_64_fiq* do_irq" },
	{ WAIT,
	  "__switch_to __schedule schedule schedule_timeout* schedule_preempt_disabled "
	  "schedule_hrtimeout* schedule_rtlock io_schedule* wait_for_completion* "
	  "__wait_for_common wait_for_common do_wait_for_common bit_wait* __wait_on_bit* "
	  "out_of_line_wait_on_bit* wait_on_bit* mutex_lock* __mutex_lock* down down_* __down "
	  "__down_* rwsem_down_* folio_wait_* wait_on_page_* __lock_page* __folio_lock* "
	  "rt_mutex_* __rt_mutex_* percpu_down_* __percpu_down_*" },
	{ LOCK, "native_queued_spin_lock_slowpath __pv_queued_spin_lock_slowpath "
	        "queued_spin_lock_slowpath queued_read_lock_slowpath queued_write_lock_slowpath "
	        "virt_spin_lock _raw_spin_* _raw_read_lock* _raw_write_lock* do_raw_spin_lock" },
};

/* True if @name matches @pattern, a word of @len bytes that may have one star. */
static bool name_matches(const char *pattern, size_t len, const char *name, size_t name_len)
{
	const char *star = memchr(pattern, '*', len);
	size_t head = star ? (size_t)(star - pattern) : len, tail = star ? len - head - 1 : 0;

	if (name_len < head + tail || (!star && name_len != len))
		return false;
	return memcmp(pattern, name, head) == 0 &&
	       memcmp(pattern + len - tail, name + name_len - tail, tail) == 0;
}

/* The groups of a function, a set of enum group. Functions of modules are in none. */
static unsigned groups_of(const char *name)
{
	size_t len = strlen(name);
	unsigned found = 0;

	for (size_t i = 0; i < ARRAY_SIZE(groups) && !strchr(name, ' '); i++)
		for (const char *p = groups[i].names; *p; p += *p == ' ') {
			size_t n = strcspn(p, " ");

			if (name_matches(p, n, name, len))
				found |= groups[i].group;
			p += n;
		}
	return found;
}

static bool in_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$' || c == '.';
}

/* Skips "0x" and hexadecimal digits at @s; NULL when there are none. */
static const char *skip_hex(const char *s, const char *end)
{
	const char *from = s + 2;

	if (end - s < 3 || s[0] != '0' || s[1] != 'x')
		return NULL;
	for (s = from; s < end && isxdigit((unsigned char)*s); s++)
		;
	return s > from ? s : NULL;
}

/* True for what stands in the place of a return address that a tracer has replaced. */
static bool is_tracer(const char *name, size_t len)
{
	static const char *const names[] = { "return_to_handler", "arch_rethook_trampoline",
		                             "kretprobe_trampoline", "__kretprobe_trampoline" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (len == strlen(names[i]) && memcmp(name, names[i], len) == 0)
			return true;
	return false;
}

void calls_add(struct calls *c, const char *text, size_t len)
{
	const char *end = text + len, *name = text, *s = text;
	size_t n, module = 0;

	while (s < end && in_name(*s))
		s++;
	/* Compilers add a dot and more to names: ".cold", ".isra.0", ".constprop.0". */
	n = s - name;
	for (size_t i = 1; i < n; i++)
		if (name[i] == '.')
			n = i;
	if (n == 0 || isdigit((unsigned char)*name) || s == end || *s != '+' || is_tracer(name, n))
		return;
	s = skip_hex(s + 1, end);
	if (!s || s == end || *s != '/')
		return;
	s = skip_hex(s + 1, end);
	if (!s)
		return;
	/* A build id may follow the module: "[ext4 3b43fad5034874]". */
	if (end - s > 2 && s[0] == ' ' && s[1] == '[')
		for (s += 2; s + module < end && (in_name(s[module]) || s[module] == '-');)
			module++;
	if (c->n == CALLS_MAX || n + module + 4 > CALLS_NAME_MAX)
		return;
	memcpy(c->names[c->n], name, n);
	c->names[c->n][n] = '\0';
	if (module > 0) {
		char *to = stpcpy(c->names[c->n] + n, " [");

		memcpy(to, s, module);
		strcpy(to + module, "]");
	}
	c->n++;
}

/* True for lines that cannot be part of a trace. */
static bool ends_trace(const char *text)
{
	static const char *const ends[] = {
		"Modules linked in", "---[ end",  "Kernel panic", "Kernel Offset", "Call Trace",
		"Call trace",        "BUG: ",     "INFO: ",       "NMI backtrace", "Sending NMI",
		"Allocated by",      "Freed by",  "The buggy",    "Rebooting",     "SMP: stopping",
		"Showing all",       "WARNING: ", "rcu: ",        "watchdog: ",    "------------[",
		"Last potentially",  "Mem-Info:", "Oops: ",
	};

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (strncmp(text, ends[i], strlen(ends[i])) == 0)
			return true;
	return false;
}

/* The beginning of the line of registers that has the place in the kernel. 0010 is the code segment
 * of the kernel (e030 under Xen), 0033 that of programs. */
struct place {
	const char *key;
	bool repeated; /* the trace has it too */
	bool begins;   /* no line stands before the trace */
};

static const struct place *find_place(const char *text)
{
	static const struct place rows[] = {
		{ "RIP: 0010:" },
		{ "RIP: e030:" },
		{ "pc : ", .repeated = true },
		{ "epc : ", .repeated = true, .begins = true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (strncmp(text, rows[i].key, strlen(rows[i].key)) == 0)
			return &rows[i];
	return NULL;
}

/* True for a return address behind the end of a function, whose call never returns: the name is
 * that of the next function, which did not run. arm64 (up to 6.11) and riscv64 print it so. */
static bool is_next_function(const char *text)
{
	while (in_name(*text))
		text++;
	return strncmp(text, "+0x0/", 5) == 0;
}

/* True for an address right behind a function, after one that returns: a call that nothing follows
 * is one of a function that never returns. So this is the start of the next function, such as a
 * tracer's that stands in the place of the return address. */
static bool is_behind_function(const struct calls *c, const char *text)
{
	uint64_t offset, size;
	char *end;

	while (in_name(*text))
		text++;
	if (c->n == 0 || strncmp(text, "+0x", 3) != 0)
		return false;
	offset = strtoull(text + 1, &end, 16);
	size = *end == '/' ? strtoull(end + 1, NULL, 16) : 0;
	return offset == size && !(groups_of(c->names[c->n - 1]) & ENDING);
}

#define MAX_LINES 1000

void calls_read_log(const char *from, struct calls *ret, bool *ret_registers)
{
	unsigned lines = 0;
	bool begun = false, exact = false; /* the next call is where the registers are */

	ret->n = 0;
	*ret_registers = false;
	for (const char *line = from; *(line = dmesg_skip_programs(line)) && lines < MAX_LINES;
	     lines++) {
		const char *text = dmesg_skip_stamp(line);
		const struct place *place;
		size_t len;

		text += strspn(text, " \t");
		len = strcspn(text, "\n");
		line = text + len + (text[len] == '\n');
		place = find_place(text);
		if (place && (begun || ret->n == 0)) {
			size_t skip = strlen(place->key);

			if (!place->repeated)
				calls_add(ret, text + skip, len - skip);
			*ret_registers |= !begun;
			exact = place->repeated;
			begun |= place->begins;
		} else if (!begun) {
			begun = strncmp(text, "Call Trace:", 11) == 0 ||
			        strncmp(text, "Call trace:", 11) == 0;
		} else if (ends_trace(text)) {
			break;
		} else if (*text != '?') {
			size_t n = ret->n;

			if (exact || (!is_next_function(text) && !is_behind_function(ret, text)))
				calls_add(ret, text, len);
			exact &= ret->n == n;
		}
	}
}

/* The index behind the first entry of @group and the entries that follow it; 0: there is none. */
static size_t behind_entry(const struct calls *c, unsigned group)
{
	for (size_t i = 0; i < c->n; i++) {
		if (!(groups_of(c->names[i]) & group))
			continue;
		while (i < c->n && groups_of(c->names[i]) & ENTRY)
			i++;
		return i;
	}
	return 0;
}

void calls_pick(const struct calls *c, unsigned skip, size_t max, struct calls *ret)
{
	unsigned top = ENDING | ENTRY | (skip & CALLS_SKIP_WAITS ? WAIT : 0) |
	               (skip & CALLS_SKIP_LOCKS ? LOCK : 0);
	size_t i = 0;

	ret->n = 0;
	if (skip & CALLS_SKIP_NMI)
		i = behind_entry(c, NMI);
	if (i == 0 && skip & CALLS_SKIP_INTERRUPT)
		i = behind_entry(c, INTERRUPT);
	while (i < c->n && groups_of(c->names[i]) & top)
		i++;
	for (; i < c->n && ret->n < max && !(groups_of(c->names[i]) & ENTRY); i++)
		strcpy(ret->names[ret->n++], c->names[i]);
}
