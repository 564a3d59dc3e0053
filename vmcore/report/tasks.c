// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tasks.c - the processes, threads and CPUs of a crashed kernel, see tasks.h.
 *
 * Processes are linked into a ring by the member tasks; init_task is one of them. The threads of a
 * process are linked by thread_node into a list that begins at signal->thread_head
 * (include/linux/sched.h). Idle tasks are in neither: the struct rq of a CPU points to its idle
 * task and to the task that ran. Before a capture kernel starts, each CPU writes its registers as
 * an ELF note into its crash_notes.
 */
#include "vmcore/report/tasks.h"

#include <elf.h>
#include <errno.h>

#include "base/array.h"
#include "base/err.h"
#include "base/printable.h"
#include "vmcore/format/notes.h"
#include "vmcore/kernel/list.h"
#include "vmcore/view/kcopy.h"

/* PID_MAX_LIMIT of include/linux/threads.h. */
#define MAX_TASKS (1U << 22)

/* Larger than a note with struct elf_prstatus on any architecture. */
#define NOTE_BYTES 1024

/* include/linux/sched.h, Linux 6.12, unchanged since 4.14 at least. States are bits; ps shows the
 * highest up to TASK_PARKED (fs/proc/array.c task_state_array). */
#define TASK_REPORTED        0x7f
#define TASK_UNINTERRUPTIBLE 0x002
#define TASK_NOLOAD          0x400
#define PF_KTHREAD           0x00200000

enum {
	TASKS,
	SIGNAL,
	THREAD_NODE,
	PID,
	TGID,
	PARENT,
	COMM,
	STATE,
	EXIT_STATE,
	FLAGS,
	ON_CPU,
	CPU,
	LAST_ARRIVAL,
	EXEC_START,
	ON_RQ,
	STACK,
	UTIME,
	STIME,
	STARTED,
	MM,
	TASK_MEMBERS,
};

static const char *const task_members[TASK_MEMBERS] = {
	[TASKS] = "tasks",
	[SIGNAL] = "signal",
	[THREAD_NODE] = "thread_node",
	[PID] = "pid",
	[TGID] = "tgid",
	[PARENT] = "?real_parent",
	[COMM] = "comm",
	[STATE] = "__state|state",
	[EXIT_STATE] = "?exit_state",
	[FLAGS] = "?flags",
	[ON_CPU] = "?on_cpu",
	[CPU] = "?thread_info.cpu|cpu",
	[LAST_ARRIVAL] = "?sched_info.last_arrival",
	[EXEC_START] = "?se.exec_start",
	[ON_RQ] = "?on_rq",
	[STACK] = "?stack",
	[UTIME] = "?utime",
	[STIME] = "?stime",
	[STARTED] = "?start_boottime|real_start_time|start_time",
	[MM] = "?mm",
};

enum { THREAD_HEAD, SIGNAL_MEMBERS };

static const char *const signal_members[SIGNAL_MEMBERS] = { [THREAD_HEAD] = "thread_head" };

enum { CURR, IDLE, NR_RUNNING, CLOCK, RQ_MEMBERS };

static const char *const rq_members[RQ_MEMBERS] = {
	[CURR] = "curr", [IDLE] = "?idle", [NR_RUNNING] = "?nr_running", [CLOCK] = "?clock"
};

struct reading {
	const struct kview *v;
	struct tasks *tasks;
	struct ktype task, signal;
	struct kcopy copy;
};

static char task_state(uint64_t state, uint64_t exit_state)
{
	static const char letters[] = "RSDTtXZP";
	uint64_t shown = (state | exit_state) & TASK_REPORTED;

	if (state == (TASK_UNINTERRUPTIBLE | TASK_NOLOAD))
		return 'I';
	return letters[shown ? 64 - __builtin_clzll(shown) : 0];
}

static int32_t read_pid(struct reading *rd, uint64_t task)
{
	const struct btf_member *m = &rd->task.members[PID];
	uint8_t bytes[4];

	if (task == 0 || kspace_read(rd->v->ks, task + m->offset, bytes, sizeof(bytes)) < 0)
		return 0;
	return (int32_t)(bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (uint32_t)bytes[3] << 24);
}

/* A process names itself as it likes. Fails for lack of memory only. */
static int read_name(const struct kcopy *c, char name[static TASK_NAME_MAX])
{
	char comm[TASK_COMM_LEN + 1] = "";
	_cleanup_free_ char *clean = NULL;
	int r;

	kcopy_string(c, COMM, comm, sizeof(comm));
	r = printable(comm, strlen(comm), false, &clean);
	if (r == 0)
		strcpy(name, clean);
	return r;
}

/* Reads the task at @address and adds it to the list. rd->copy keeps its members. */
static int add_task(struct reading *rd, uint64_t address)
{
	struct tasks *t = rd->tasks;
	struct kcopy *c = &rd->copy;
	struct task *task;
	int r;

	if ((r = array_grow(&t->list, t->n, "a list of tasks")) < 0 ||
	    (r = kcopy_read(c, rd->v->ks, &rd->task, address)) < 0)
		return r;
	task = &t->list[t->n++];
	*task = (struct task){
		.address = address,
		.pid = kcopy_s64(c, PID),
		.tgid = kcopy_s64(c, TGID),
		.parent = read_pid(rd, kcopy_u64(c, PARENT)),
		.state = task_state(kcopy_u64(c, STATE), kcopy_u64(c, EXIT_STATE)),
		.kernel = kcopy_u64(c, FLAGS) & PF_KTHREAD,
		.cpu = kcopy_u64(c, CPU),
		.on_cpu = kcopy_u64(c, ON_CPU),
		.on_rq = kcopy_u64(c, ON_RQ),
		.arrived = kcopy_u64(c, LAST_ARRIVAL),
		.last_run = kcopy_u64(c, LAST_ARRIVAL) ?: kcopy_u64(c, EXEC_START),
		.stack = kcopy_u64(c, STACK),
		.user_time = kcopy_u64(c, UTIME),
		.system_time = kcopy_u64(c, STIME),
		.started = kcopy_u64(c, STARTED),
		.mm = kcopy_u64(c, MM),
		.signal = kcopy_u64(c, SIGNAL),
	};
	return read_name(c, task->name);
}

/* Adds the other threads of the process at @leader, which was just added. */
static int add_threads(struct reading *rd, uint64_t leader)
{
	uint64_t signal = kcopy_u64(&rd->copy, SIGNAL), node;
	struct list_walk w;
	int r;

	if (signal == 0)
		return 0;
	w = list_walk(rd->v->ks, signal + rd->signal.members[THREAD_HEAD].offset, MAX_TASKS);
	while ((r = list_next(&w, &node)) > 0) {
		uint64_t task = ktype_around(&rd->task, THREAD_NODE, node);

		if (task != leader && (r = add_task(rd, task)) < 0)
			return r;
	}
	return r;
}

static int read_processes(struct reading *rd)
{
	uint64_t init, node;
	struct list_walk w;
	int r, wrong = 0;

	r = kview_address(rd->v, "init_task", &init);
	if (r < 0)
		return r;
	w = list_walk(rd->v->ks, init + rd->task.members[TASKS].offset, MAX_TASKS);
	while (wrong == 0 && (r = list_next(&w, &node)) > 0) {
		uint64_t task = ktype_around(&rd->task, TASKS, node);

		wrong = add_task(rd, task);
		wrong = err_note(wrong < 0 ? wrong : add_threads(rd, task), rd->tasks->remark);
	}
	return wrong ?: r;
}

static int read_list(struct reading *rd)
{
	int r;

	if (!rd->v->types)
		return errf(-ENODATA, "the kernel's types are not known: %s", rd->v->no_types);
	if ((r = ktype_find(rd->v->types, "task_struct", task_members, TASK_MEMBERS, &rd->task)) <
	            0 ||
	    (r = ktype_find(rd->v->types, "signal_struct", signal_members, SIGNAL_MEMBERS,
	                    &rd->signal)) < 0)
		return r;
	for (size_t i = 0; i < rd->tasks->n_cpus; i++)
		if (rd->tasks->cpus[i].idle &&
		    (r = err_note(add_task(rd, rd->tasks->cpus[i].idle), rd->tasks->remark)) < 0)
			return r;
	return read_processes(rd);
}

static int keep_registers(struct cpu *cpu, const struct note *note)
{
	cpu->registers = malloc(note->desc_len);
	if (!cpu->registers)
		return oom("the registers of a CPU");
	memcpy(cpu->registers, note->desc, note->desc_len);
	cpu->registers_len = note->desc_len;
	return 0;
}

/* Reads the note with the registers of a CPU from the address of its buffer. */
static int read_registers(const struct kview *v, uint64_t address, struct cpu *cpu)
{
	uint8_t bytes[NOTE_BYTES];
	struct cursor c = cursor_over(bytes, sizeof(bytes), "registers");
	struct note note;
	int r;

	/* The buffer may end with its page. */
	for (size_t len = NOTE_BYTES; len >= NOTE_BYTES / 2; len /= 2) {
		r = kspace_read(v->ks, address, bytes, len);
		c = cursor_over(bytes, len, "registers");
		if (r == 0)
			break;
	}
	if (r < 0 || notes_next(&c, &note) <= 0 || note.type != NT_PRSTATUS)
		return 0;
	return keep_registers(cpu, &note);
}

static int read_cpu(const struct kview *v, const struct ktype *rq, uint64_t rqs, uint64_t notes,
                    struct cpu *cpu)
{
	struct kcopy c = {};

	if (kcopy_read(&c, v->ks, rq, kview_on_cpu(v, rqs, cpu->number)) == 0) {
		cpu->current = kcopy_u64(&c, CURR);
		cpu->idle = kcopy_u64(&c, IDLE);
		cpu->n_running = kcopy_u64(&c, NR_RUNNING);
		cpu->clock = kcopy_u64(&c, CLOCK);
	}
	kcopy_done(&c);
	return notes ? read_registers(v, kview_on_cpu(v, notes, cpu->number), cpu) : 0;
}

static int read_cpus(const struct kview *v, struct tasks *t)
{
	uint64_t rqs, notes = 0, panicked, n = bitmap_count(&v->possible, 0, v->possible.bits);
	struct ktype rq;
	int r;

	t->panic_cpu = -1;
	if (v->no_cpus[0])
		return errf(-ENODATA, "%s", v->no_cpus);
	if (kview_number(v, "panic_cpu", 4, &panicked) == 0 && panicked < v->possible.bits &&
	    bitmap_test(&v->possible, panicked))
		t->panic_cpu = panicked;
	kview_number(v, "crash_notes", 8, &notes);
	if (!v->types)
		return errf(-ENODATA, "the kernel's types are not known: %s", v->no_types);
	if ((r = ktype_find(v->types, "rq", rq_members, RQ_MEMBERS, &rq)) < 0 ||
	    (r = kview_address(v, "runqueues", &rqs)) < 0)
		return r;
	t->cpus = calloc(n + 1, sizeof(*t->cpus));
	if (!t->cpus)
		return oom("a list of CPUs");
	for (uint64_t nr = bitmap_next_set(&v->possible, 0); nr < v->possible.bits;
	     nr = bitmap_next_set(&v->possible, nr + 1)) {
		struct cpu *cpu = &t->cpus[t->n_cpus++];

		cpu->number = nr;
		cpu->online = bitmap_test(&v->online, nr);
		r = read_cpu(v, &rq, rqs, notes, cpu);
		if (r < 0)
			return r;
	}
	return 0;
}

/* True when note number n of the dump is that of CPU n. Linux leaves out CPUs that are offline.
 * QEMU writes a note for each CPU, and one named QEMU (target/i386/arch_dump.c, 7.2). */
static bool notes_have_all_cpus(const struct kview *v)
{
	const struct dump *d = v->ks->dump;
	struct cursor c = cursor_over(d->notes, d->notes_len, "ELF notes");
	struct note note;

	if (d->n_cpus > 0 && d->n_cpus == bitmap_count(&v->possible, 0, v->possible.bits))
		return true;
	c.swap = d->swap;
	while (notes_next(&c, &note) > 0)
		if (note.name_len == strlen("QEMU") && memcmp(note.name, "QEMU", 4) == 0)
			return true;
	return false;
}

/* A kernel that started no capture kernel left no registers, but who wrote the dump from outside
 * of the machine may have asked the CPUs. After a capture kernel has run, these registers are its
 * own. */
static int read_outer_registers(const struct kview *v, struct tasks *t)
{
	const struct dump *d = v->ks->dump;
	struct cursor c = cursor_over(d->notes, d->notes_len, "ELF notes");
	struct note note;

	for (size_t i = 0; i < t->n_cpus; i++)
		if (t->cpus[i].registers)
			return 0;
	if (!notes_have_all_cpus(v))
		return 0;
	c.swap = d->swap;
	for (unsigned nr = 0; notes_next_registers(&c, &note) > 0; nr++)
		for (size_t i = 0; i < t->n_cpus; i++)
			if (t->cpus[i].number == nr && !t->cpus[i].registers) {
				int r = keep_registers(&t->cpus[i], &note);

				if (r < 0)
					return r;
			}
	return 0;
}

/* When the kernel's CPUs cannot be read, the dump's notes still have their registers: in the order
 * of the CPUs, without those that left none (fs/proc/vmcore.c merge_note_headers_elf64(), Linux
 * 6.12). */
static int read_noted_cpus(const struct kview *v, struct tasks *t)
{
	const struct dump *d = v->ks->dump;
	struct cursor c = cursor_over(d->notes, d->notes_len, "ELF notes");
	struct note note;
	int r;

	t->cpus = calloc(d->n_cpus + 1, sizeof(*t->cpus));
	if (!t->cpus)
		return oom("a list of CPUs");
	c.swap = d->swap;
	while (t->n_cpus < d->n_cpus && notes_next_registers(&c, &note) > 0) {
		struct cpu *cpu = &t->cpus[t->n_cpus];

		cpu->number = t->n_cpus++;
		cpu->online = true;
		r = keep_registers(cpu, &note);
		if (r < 0)
			return r;
	}
	/* When some are missing, these are not the kernel's numbers of CPUs. */
	if (t->n_cpus != bitmap_count(&v->possible, 0, v->possible.bits))
		t->panic_cpu = -1;
	return 0;
}

static int compare_addresses(const void *a, const void *b)
{
	const struct task *x = *(const struct task *const *)a, *y = *(const struct task *const *)b;

	return (x->address > y->address) - (x->address < y->address);
}

static int sort_tasks(struct tasks *t)
{
	t->by_address = calloc(t->n + 1, sizeof(*t->by_address));
	if (!t->by_address)
		return oom("a list of tasks");
	for (size_t i = 0; i < t->n; i++)
		t->by_address[i] = &t->list[i];
	qsort(t->by_address, t->n, sizeof(*t->by_address), compare_addresses);
	return 0;
}

static int read_all(struct reading *rd)
{
	struct tasks *t = rd->tasks;
	int r = err_note(read_cpus(rd->v, t), t->cpus_remark);

	if (r < 0)
		return r;
	r = t->cpus ? read_outer_registers(rd->v, t) : read_noted_cpus(rd->v, t);
	if (r < 0)
		return r;
	r = err_note(read_list(rd), t->remark);
	return r < 0 ? r : sort_tasks(t);
}

int tasks_read(const struct kview *v, struct tasks *ret)
{
	struct reading rd = { .v = v, .tasks = ret };
	int r;

	*ret = (struct tasks){};
	r = read_all(&rd);
	kcopy_done(&rd.copy);
	if (r < 0)
		tasks_done(ret);
	return r;
}

void tasks_done(struct tasks *t)
{
	for (size_t i = 0; i < t->n_cpus; i++)
		free(t->cpus[i].registers);
	free(t->cpus);
	free(t->by_address);
	free(t->list);
	*t = (struct tasks){};
}

const struct task *tasks_find(const struct tasks *t, uint64_t address)
{
	const struct task key = { .address = address }, *wanted = &key;
	const struct task **found = NULL;

	if (t->n > 0)
		found = bsearch(&wanted, t->by_address, t->n, sizeof(*t->by_address),
		                compare_addresses);
	return found ? *found : NULL;
}

uint64_t tasks_clock(const struct tasks *t)
{
	uint64_t ns = 0;

	for (size_t i = 0; i < t->n_cpus; i++)
		ns = MAX(ns, t->cpus[i].clock);
	return ns;
}

const struct cpu *tasks_cpu_of(const struct tasks *t, const struct task *task)
{
	for (size_t i = 0; i < t->n_cpus; i++)
		if (t->cpus[i].current == task->address)
			return &t->cpus[i];
	return NULL;
}

bool tasks_waits(const struct tasks *t, const struct task *task)
{
	if (tasks_cpu_of(t, task))
		return false;
	/* Idle tasks are always R. */
	return task->state == 'D' || (task->state == 'R' && task->pid != 0);
}

uint64_t tasks_age(const struct tasks *t, const struct task *task)
{
	for (size_t i = 0; i < t->n_cpus; i++)
		if (t->cpus[i].number == task->cpu && task->last_run > 0 &&
		    t->cpus[i].clock > task->last_run)
			return t->cpus[i].clock - task->last_run;
	return 0;
}
