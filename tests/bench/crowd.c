// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * crowd.c - a crashed machine with more tasks than a machine for tests can hold, as an ELF core.
 *
 * crowd PROCESSES THREADS FILE writes FILE. The threads are more tasks of the first process. The
 * machine is that of tests/unit/synth-kernel.h, with a stretch of RAM behind its own for the tasks
 * and for the page tables of their stacks. Its memory is the mapped file, since it is large.
 *
 * Structures lie in pages of their own, and have members where Linux 6.12 has them, or nearby: so
 * readers come to as many pages as on a real machine.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "tests/unit/synth-kernel.h"
#include "tests/unit/synth-orc.h"

#define PAGE         UINT64_C(4096)
#define STACK_SIZE   KIB(16)
#define STACK_STRIDE KIB(32) /* a stack is aligned to its size, and has a hole behind it */

/* Where the crowd is, and what it takes at most: of RAM for each task with its page tables. */
#define CROWD_START MIB(5120)
#define CROWD_STACK UINT64_C(0xffffc90000000000)
#define PER_TASK    (6 * PAGE)

/* In the kernel image. A variable of a CPU is SYNTH_CPU_OFFSET() behind its place. */
#define TEXT     (SYNTH_DATA)
#define ORC_IPS  (SYNTH_DATA + 0x1000)
#define ORC      (SYNTH_DATA + 0x2000)
#define RUNQUEUE (SYNTH_DATA + 0x3000)
#define COUNTERS (SYNTH_DATA + 0x3800)
#define IDLE(n)  (SYNTH_DATA + 0x4000 + (n)*0x8000)

enum {
	TASK_CPU = 16,
	TASK_STATE = 24,
	TASK_STACK = 32,
	TASK_FLAGS = 44,
	TASK_ON_CPU = 52,
	TASK_ON_RQ = 0x60,
	TASK_ARRIVAL = 0x480,
	TASK_TASKS = 0x8e0,
	TASK_MM = 0x930,
	TASK_EXIT_STATE = 0x948,
	TASK_PID = 0x9b0,
	TASK_TGID = 0x9b4,
	TASK_PARENT = 0x9c0,
	TASK_NODE = 0xa80,
	TASK_UTIME = 0xaa0,
	TASK_STIME = 0xaa8,
	TASK_STARTED = 0xb00,
	TASK_COMM = 0xbc0,
	TASK_SIGNAL = 0xc08,
	TASK_THREAD = 0x1a40,
	TASK_SIZE = 0x2000,
	THREAD_SP = 24,
	SIGNAL_HEAD = 16,
	SIGNAL_SIZE = 0x480,
	MM_TOTAL_VM = 0xf0,
	MM_TABLES = 0x88,
	MM_RSS = 0x2a0,
	MM_SIZE = 0x580,
	COUNTER_COUNT = 8,
	COUNTER_COUNTERS = 32,
	COUNTER_SIZE = 40,
	RQ_CURR = 8,
	RQ_IDLE = 16,
	RQ_CLOCK = 24,
};

static const char *const mm_kinds[] = { "MM_FILEPAGES", "MM_ANONPAGES", "MM_SWAPENTS",
	                                "MM_SHMEMPAGES", NULL };
#define MM_KINDS 4

#define SECOND UINT64_C(1000000000)

/* Where tasks sleep. All but the entry from user space have frames of the same size. */
#define MAX_CALLS    9
#define FRAME        48 /* bytes, with the return address */
#define SWITCH_FRAME 56 /* struct inactive_task_frame */
#define CODE_SIZE    64 /* of a function */
#define CODE_CALL    20 /* where a call in it returns to */
#define REGS_WORDS   21 /* struct pt_regs */
#define REGS_CS      17
#define ENTRY        "entry_SYSCALL_64_after_hwframe"

/* The innermost first. */
static const char *const chains[][MAX_CALLS] = {
	{ "__schedule", "schedule", "do_nanosleep", "hrtimer_nanosleep",
	  "__x64_sys_clock_nanosleep", "do_syscall_64", ENTRY },
	{ "__schedule", "schedule", "__x64_sys_pause", "do_syscall_64", ENTRY },
	{ "__schedule", "schedule", "pipe_read", "vfs_read", "ksys_read", "do_syscall_64", ENTRY },
	{ "__schedule", "schedule", "schedule_hrtimeout_range_clock", "do_sys_poll",
	  "__x64_sys_poll", "do_syscall_64", ENTRY },
	{ "__schedule", "schedule", "futex_wait_queue", "__futex_wait", "futex_wait", "do_futex",
	  "__x64_sys_futex", "do_syscall_64", ENTRY },
	{ "__schedule", "schedule", "schedule_timeout", "wait_for_completion_state", "kernel_clone",
	  "__do_sys_vfork", "do_syscall_64", ENTRY },
};

/* One task of so many is blocked; it has another chain than the one before, so all come in turn. */
#define BLOCKED              41
#define TASK_INTERRUPTIBLE   1
#define TASK_UNINTERRUPTIBLE 2

/* A structure of the kernel: its address, and its bytes. */
struct thing {
	uint64_t va;
	uint8_t *bytes;
};

struct crowd {
	struct synth_kernel k;
	uint8_t page[PAGE]; /* what was in a page before it got a structure */
	const char *functions[SYNTH_MAX_SYMBOLS];
	unsigned n_functions;
	uint64_t next_pid;
};

/* --- The machine ----------------------------------------------------------------------------- */

/* Makes the file the machine's memory, with @size bytes of RAM more, which synth_alloc() gives out
 * from then on. */
static void add_memory(struct synth *m, const char *path, uint64_t size)
{
	uint64_t offset = ALIGN_UP(m->core_len, PAGE), len = offset + size;
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	uint8_t *core;

	if (fd < 0 || ftruncate(fd, len) < 0)
		fail_msg("%s: %m", path);
	core = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (core == MAP_FAILED)
		fail_msg("%s: %m", path);
	close(fd);
	memcpy(core, m->core, m->core_len);
	free(m->core);
	m->core = core;
	m->core_len = len;
	assert_true(m->n_ram < ARRAY_SIZE(m->ram));
	m->ram[m->n_ram++] = (struct synth_ram){ CROWD_START, CROWD_START + size, offset };
	m->next_free = CROWD_START;
	m->end_free = CROWD_START + size;
	synth_map(m, SYNTH_DIRECT_VA + CROWD_START, CROWD_START, size, MIB(2));
}

static void put(const struct thing *t, uint64_t at, uint64_t v, size_t size)
{
	synth_put(t->bytes + at, v, size, false);
}

/* A structure of @n pages, which are not empty. */
static struct thing make_thing(struct crowd *c, unsigned n)
{
	uint64_t pa = synth_alloc(&c->k.m, n * PAGE, PAGE);
	struct thing t = { SYNTH_DIRECT_VA + pa, synth_at(&c->k.m, pa) };

	for (unsigned i = 0; i < n; i++)
		memcpy(t.bytes + i * PAGE, c->page, PAGE);
	return t;
}

static void make_head(struct crowd *c, uint64_t head)
{
	synth_kernel_ring(&c->k, &head, 1);
}

/* list_add_tail() of the kernel. */
static void add_to_list(struct crowd *c, uint64_t head, uint64_t node)
{
	uint64_t last;

	synth_load(&c->k.m, head + 8, &last, sizeof(last));
	synth_kernel_put(&c->k, node, head, 8);
	synth_kernel_put(&c->k, node + 8, last, 8);
	synth_kernel_put(&c->k, last, node, 8);
	synth_kernel_put(&c->k, head + 8, node, 8);
}

/* --- Types and code -------------------------------------------------------------------------- */

static void make_memory_types(struct synth_kernel *k)
{
	uint32_t counter = synth_kernel_struct(
		k, "percpu_counter", COUNTER_SIZE,
		(struct synth_field[]){ { "count", k->u64, COUNTER_COUNT },
	                                { "counters", k->pointer, COUNTER_COUNTERS },
	                                {} });

	synth_kernel_struct(
		k, "mm_struct", MM_SIZE,
		(struct synth_field[]){
			{ "total_vm", k->u64, MM_TOTAL_VM },
			{ "pgtables_bytes", k->u64, MM_TABLES },
			{ "rss_stat", synth_btf_array(&k->btf, counter, MM_KINDS), MM_RSS },
			{} });
	synth_kernel_enum(k, NULL, mm_kinds);
}

static void make_task_types(struct synth_kernel *k)
{
	uint32_t comm = synth_btf_array(&k->btf, k->s8, 16);
	uint32_t info = synth_kernel_struct(
		k, "sched_info", 32, (struct synth_field[]){ { "last_arrival", k->u64, 16 }, {} });
	uint32_t thread = synth_kernel_struct(
		k, "thread_struct", 128, (struct synth_field[]){ { "sp", k->u64, THREAD_SP }, {} });

	synth_kernel_struct(k, "task_struct", TASK_SIZE,
	                    (struct synth_field[]){ { "cpu", k->u32, TASK_CPU },
	                                            { "__state", k->u32, TASK_STATE },
	                                            { "stack", k->pointer, TASK_STACK },
	                                            { "flags", k->u32, TASK_FLAGS },
	                                            { "on_cpu", k->u32, TASK_ON_CPU },
	                                            { "on_rq", k->u32, TASK_ON_RQ },
	                                            { "sched_info", info, TASK_ARRIVAL - 16 },
	                                            { "tasks", k->list, TASK_TASKS },
	                                            { "mm", k->pointer, TASK_MM },
	                                            { "exit_state", k->u32, TASK_EXIT_STATE },
	                                            { "pid", k->u32, TASK_PID },
	                                            { "tgid", k->u32, TASK_TGID },
	                                            { "real_parent", k->pointer, TASK_PARENT },
	                                            { "thread_node", k->list, TASK_NODE },
	                                            { "utime", k->u64, TASK_UTIME },
	                                            { "stime", k->u64, TASK_STIME },
	                                            { "start_boottime", k->u64, TASK_STARTED },
	                                            { "comm", comm, TASK_COMM },
	                                            { "signal", k->pointer, TASK_SIGNAL },
	                                            { "thread", thread, TASK_THREAD },
	                                            {} });
	synth_kernel_struct(k, "signal_struct", SIGNAL_SIZE,
	                    (struct synth_field[]){ { "thread_head", k->list, SIGNAL_HEAD }, {} });
	synth_kernel_struct(k, "rq", 32,
	                    (struct synth_field[]){ { "nr_running", k->u32, 0 },
	                                            { "curr", k->pointer, RQ_CURR },
	                                            { "idle", k->pointer, RQ_IDLE },
	                                            { "clock", k->u64, RQ_CLOCK },
	                                            {} });
}

static void make_stack_types(struct synth_kernel *k)
{
	uint32_t u16 = synth_btf_int(&k->btf, "short unsigned int", 2);

	synth_kernel_struct(k, "inactive_task_frame", SWITCH_FRAME,
	                    (struct synth_field[]){ { "bp", k->u64, SWITCH_FRAME - 16 },
	                                            { "ret_addr", k->u64, SWITCH_FRAME - 8 },
	                                            {} });
	synth_kernel_struct(
		k, "orc_entry", 6,
		(struct synth_field[]){ { "sp_offset", u16, 0 }, { "signal", u16, 4 }, {} });
}

static uint64_t code_of(struct crowd *c, const char *function)
{
	unsigned i = 0;

	while (i < c->n_functions && !streq(c->functions[i], function))
		i++;
	if (i == c->n_functions)
		c->functions[c->n_functions++] = function;
	return SYNTH_VA(TEXT) + i * CODE_SIZE;
}

static void make_code(struct crowd *c)
{
	struct synth_kernel *k = &c->k;
	struct synth_orc o = { .machine = &k->m,
		               .version = 3,
		               .table = { .ips = SYNTH_VA(ORC_IPS), .entries = SYNTH_VA(ORC) } };

	for (size_t i = 0; i < ARRAY_SIZE(chains); i++)
		for (size_t j = 0; j < MAX_CALLS && chains[i][j]; j++)
			code_of(c, chains[i][j]);
	for (unsigned i = 0; i < c->n_functions; i++) {
		const char *name = c->functions[i];
		uint64_t at = code_of(c, name);
		bool entry = streq(name, ENTRY);

		synth_kernel_symbol(k, name, at);
		synth_orc_add(&o, at,
		              (struct orc_entry){ .type = entry ? ORC_TYPE_REGS : ORC_TYPE_CALL,
		                                  .sp_reg = ORC_REG_SP,
		                                  .sp_offset = entry ? 0 : FRAME,
		                                  .bp_reg = ORC_REG_UNDEFINED,
		                                  .signal = entry });
	}
	synth_kernel_symbol(k, "_etext", SYNTH_VA(TEXT) + c->n_functions * CODE_SIZE);
	synth_kernel_symbol(k, "__start_orc_unwind_ip", o.table.ips);
	synth_kernel_symbol(k, "__stop_orc_unwind_ip", o.table.ips + 4 * o.table.n);
	synth_kernel_symbol(k, "__start_orc_unwind", o.table.entries);
	synth_kernel_symbol(k, "__stop_orc_unwind", o.table.entries + 6 * o.table.n);
}

/* --- Tasks ----------------------------------------------------------------------------------- */

/* A stack on which a task sleeps. Only its uppermost page is there, which is the one in use.
 * Returns the stack pointer. */
static uint64_t make_stack(struct crowd *c, const char *const *chain, uint64_t va)
{
	struct thing page = make_thing(c, 1);
	uint64_t last = va + STACK_SIZE - PAGE, at = PAGE - 8 * REGS_WORDS;
	size_t n = 0;

	synth_map(&c->k.m, last, page.va - SYNTH_DIRECT_VA, PAGE, PAGE);
	put(&page, at + 8 * REGS_CS, 0x33, 8);
	while (n < MAX_CALLS && chain[n])
		n++;
	/* Above the return address of the call to the next function is the frame of each. */
	while (n-- > 0) {
		put(&page, at - 8, code_of(c, chain[n]) + CODE_CALL, 8);
		at -= n > 0 ? FRAME : SWITCH_FRAME;
	}
	return last + at;
}

struct process {
	struct thing signal, mm;
	uint64_t pid;
};

/* A process's first task, or a thread. */
static void make_task(struct crowd *c, const struct process *p)
{
	struct thing t = make_thing(c, TASK_SIZE / PAGE);
	uint64_t pid = c->next_pid++, started = SECOND + pid * 100000;
	uint64_t stack = CROWD_STACK + pid * STACK_STRIDE;
	char name[16] = "";

	snprintf(name, sizeof(name), "worker/%u", (unsigned)pid);
	put(&t, TASK_CPU, pid % SYNTH_CPUS, 4);
	put(&t, TASK_STATE, pid % BLOCKED ? TASK_INTERRUPTIBLE : TASK_UNINTERRUPTIBLE, 4);
	put(&t, TASK_STACK, stack, 8);
	put(&t, TASK_FLAGS, 0, 4);
	put(&t, TASK_ON_CPU, 0, 4);
	put(&t, TASK_ON_RQ, 0, 4);
	put(&t, TASK_ARRIVAL, started, 8);
	put(&t, TASK_MM, p->mm.va, 8);
	put(&t, TASK_EXIT_STATE, 0, 4);
	put(&t, TASK_PID, pid, 4);
	put(&t, TASK_TGID, p->pid, 4);
	put(&t, TASK_PARENT, SYNTH_VA(IDLE(0)), 8);
	put(&t, TASK_UTIME, 0, 8);
	put(&t, TASK_STIME, pid % 3 * 4000000, 8);
	put(&t, TASK_STARTED, started, 8);
	put(&t, TASK_SIGNAL, p->signal.va, 8);
	put(&t, TASK_THREAD + THREAD_SP, make_stack(c, chains[pid % ARRAY_SIZE(chains)], stack), 8);
	memcpy(t.bytes + TASK_COMM, name, sizeof(name));
	add_to_list(c, p->signal.va + SIGNAL_HEAD, t.va + TASK_NODE);
	if (pid == p->pid)
		add_to_list(c, SYNTH_VA(IDLE(0)) + TASK_TASKS, t.va + TASK_TASKS);
}

static void make_process(struct crowd *c, unsigned threads)
{
	struct process p = { make_thing(c, 1), make_thing(c, 1), c->next_pid };

	put(&p.mm, MM_TOTAL_VM, 1000 + p.pid % 1000, 8);
	put(&p.mm, MM_TABLES, 45056, 8);
	for (unsigned i = 0; i < MM_KINDS; i++) {
		put(&p.mm, MM_RSS + i * COUNTER_SIZE + COUNTER_COUNT, p.pid % (7 + i), 8);
		put(&p.mm, MM_RSS + i * COUNTER_SIZE + COUNTER_COUNTERS, SYNTH_VA(COUNTERS), 8);
	}
	make_head(c, p.signal.va + SIGNAL_HEAD);
	for (unsigned i = 0; i <= threads; i++)
		make_task(c, &p);
}

/* Each CPU was idle. */
static void make_cpus(struct crowd *c)
{
	struct synth_kernel *k = &c->k;

	for (unsigned i = 0; i < SYNTH_CPUS; i++) {
		uint64_t rq = SYNTH_VA(RUNQUEUE) + SYNTH_CPU_OFFSET(i), idle = SYNTH_VA(IDLE(i));
		char name[16];

		snprintf(name, sizeof(name), "swapper/%u", i);
		synth_kernel_text(k, idle + TASK_COMM, name);
		synth_kernel_put(k, idle + TASK_CPU, i, 4);
		synth_kernel_put(k, idle + TASK_PARENT, idle, 8);
		synth_kernel_put(k, rq + RQ_CURR, idle, 8);
		synth_kernel_put(k, rq + RQ_IDLE, idle, 8);
		synth_kernel_put(k, rq + RQ_CLOCK, 100 * SECOND, 8);
	}
	make_head(c, SYNTH_VA(IDLE(0)) + TASK_TASKS);
	synth_kernel_symbol(k, "runqueues", SYNTH_VA(RUNQUEUE));
	synth_kernel_symbol(k, "init_task", SYNTH_VA(IDLE(0)));
}

static void make_log(struct synth *m)
{
	static const char text[] = "Kernel panic - not syncing: sysrq triggered crash";
	struct synth_log log;

	synth_log_init(&log, m, 5, 12);
	synth_log_add(&log, 100 * SECOND, text, strlen(text), SYNTH_FINAL);
}

/* One word of four is in use, with a number that is no address. */
static void fill_page(uint8_t page[static PAGE])
{
	for (unsigned at = 0; at < PAGE; at += 32)
		check_noise(page + at, 6, at + 1);
}

int main(int argc, char **argv)
{
	static struct crowd c = { .next_pid = 1 };
	unsigned processes, threads;

	if (argc != 4) {
		fputs("crowd PROCESSES THREADS FILE\n", stderr);
		return 2;
	}
	processes = strtoul(argv[1], NULL, 10);
	threads = strtoul(argv[2], NULL, 10);
	fill_page(c.page);
	synth_kernel_init(&c.k);
	add_memory(&c.k.m, argv[3], ALIGN_UP((processes + threads) * PER_TASK + MIB(4), MIB(2)));
	make_log(&c.k.m);
	make_task_types(&c.k);
	make_memory_types(&c.k);
	make_stack_types(&c.k);
	make_code(&c);
	make_cpus(&c);
	for (unsigned i = 0; i < processes; i++)
		make_process(&c, i == 0 ? threads : 0);
	synth_kernel_dump(&c.k);
	return 0;
}
