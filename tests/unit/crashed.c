// SPDX-License-Identifier: GPL-2.0-or-later
/* crashed.c - the memory of a small crashed kernel, see crashed.h. */
#include "tests/unit/crashed.h"

#include <elf.h>
#include <stdio.h>

#include "tests/unit/synth-btf.h"

#define BTF      0x10000
#define BTF_SIZE 0x4000

const struct crashed_task crashed_tasks[CRASHED_TASKS] = {
	{ 0, 0, 0, 0, 0, 0, 0x00200000, 900, "swapper/0", 'R', .idle = true },
	{ 0, 0, 0, 1, 0, 0, 0x00200000, 900, "swapper/1", 'R', .idle = true },
	{ 1, 1, 0, 0, 1, 0, 0, 1500, "systemd", 'S' },
	{ 2, 2, 0, 1, 0x402, 0, 0x00200000, 1000, "kworker/0:1", 'I' },
	{ 70, 70, 1, 1, 0, 0, 0, 4000, "crash\033\303\251r", 'R' },
	{ 71, 70, 1, 1, 2, 0, 0, 2000, "waits", 'D', .thread = true },
	{ 80, 80, 1, 0, 0, 0x20, 0, 0, "gone", 'Z' },
	{ 81, 81, 1, 0, 0x104, 0, 0, 0, "stopped", 'T' },
	{ 82, 82, 1, 0, 0x40, 0, 0, 0, "parked", 'P' },
};

void crashed_put(struct crashed *f, uint64_t va, uint64_t v, size_t size)
{
	uint8_t bytes[8];

	synth_put(bytes, v, 8, false);
	synth_store(&f->m, va, bytes, size);
}

static void put_types(struct crashed *f)
{
	struct synth_btf b;
	uint32_t u32, u64, list, comm, info;
	uint8_t *bytes;
	size_t len;

	synth_btf_init(&b);
	u32 = synth_btf_int(&b, "int", 4);
	u64 = synth_btf_int(&b, "long", 8);
	list = synth_btf_array(&b, u64, 2);
	comm = synth_btf_array(&b, synth_btf_int(&b, "char", 1), 16);
	synth_btf_struct(&b, "cpumask", 0, 8);
	info = synth_btf_struct(&b, "sched_info", 1, 8);
	synth_btf_member(&b, "last_arrival", u64, 0);
	synth_btf_struct(&b, "mutex", 1, 8);
	synth_btf_member(&b, "owner", u64, 0);
	synth_btf_struct(&b, "task_struct", 16, 256);
	synth_btf_member(&b, "utime", u64, UTIME * 8);
	synth_btf_member(&b, "start_boottime", u64, STARTED * 8);
	synth_btf_member(&b, "blocker", u64, BLOCKER * 8);
	synth_btf_member(&b, "flags", u32, FLAGS * 8);
	synth_btf_member(&b, "cpu", u32, CPU_NR * 8);
	synth_btf_member(&b, "__state", u32, STATE * 8);
	synth_btf_member(&b, "exit_state", u32, EXIT_STATE * 8);
	synth_btf_member(&b, "on_cpu", u32, ON_CPU * 8);
	synth_btf_member(&b, "tasks", list, TASKS * 8);
	synth_btf_member(&b, "pid", u32, PID * 8);
	synth_btf_member(&b, "tgid", u32, TGID * 8);
	synth_btf_member(&b, "real_parent", u64, PARENT * 8);
	synth_btf_member(&b, "thread_node", list, NODE * 8);
	synth_btf_member(&b, "signal", u64, SIGNAL * 8);
	synth_btf_member(&b, "comm", comm, COMM * 8);
	synth_btf_member(&b, "sched_info", info, ARRIVAL * 8);
	synth_btf_struct(&b, "signal_struct", 1, 64);
	synth_btf_member(&b, "thread_head", list, THREAD_HEAD * 8);
	synth_btf_struct(&b, "rq", 4, 32);
	synth_btf_member(&b, "nr_running", u32, 0);
	synth_btf_member(&b, "curr", u64, RQ_CURR * 8);
	synth_btf_member(&b, "idle", u64, RQ_IDLE * 8);
	synth_btf_member(&b, "clock", u64, RQ_CLOCK * 8);
	bytes = synth_btf_bytes(&b, &len);
	assert_true(len <= BTF_SIZE);
	synth_store(&f->m, AT(BTF), bytes, len);
	f->symbols[BTF_STOP].address = AT(BTF) + len;
	free(bytes);
}

/* A ring of list_heads: the nodes at @at. */
static void put_ring(struct crashed *f, const uint64_t *at, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		crashed_put(f, at[i], at[(i + 1) % n], 8);
		crashed_put(f, at[i] + 8, at[(i + n - 1) % n], 8);
	}
}

static void put_task(struct crashed *f, size_t i)
{
	char name[16] = "";

	strncpy(name, crashed_tasks[i].name, sizeof(name) - 1);
	crashed_put(f, TASK(i) + FLAGS, crashed_tasks[i].flags, 4);
	crashed_put(f, TASK(i) + CPU_NR, crashed_tasks[i].cpu, 4);
	crashed_put(f, TASK(i) + STATE, crashed_tasks[i].state, 4);
	crashed_put(f, TASK(i) + EXIT_STATE, crashed_tasks[i].exit_state, 4);
	crashed_put(f, TASK(i) + PID, crashed_tasks[i].pid, 4);
	crashed_put(f, TASK(i) + TGID, crashed_tasks[i].tgid, 4);
	crashed_put(f, TASK(i) + PARENT, crashed_tasks[i].parent ? TASK(2) : TASK(0), 8);
	crashed_put(f, TASK(i) + ARRIVAL, crashed_tasks[i].arrival, 8);
	synth_store(&f->m, TASK(i) + COMM, name, sizeof(name));
	crashed_put(f, TASK(i) + SIGNAL, SIGNAL_OF(crashed_tasks[i].thread ? i - 1 : i), 8);
}

static void put_tasks(struct crashed *f)
{
	uint64_t ring[CRASHED_TASKS] = { TASK(0) + TASKS };
	size_t n = 1;

	for (size_t i = 0; i < CRASHED_TASKS; i++) {
		uint64_t threads[3] = { SIGNAL_OF(i) + THREAD_HEAD, TASK(i) + NODE,
			                TASK(i + 1) + NODE };

		put_task(f, i);
		if (!crashed_tasks[i].idle && !crashed_tasks[i].thread)
			ring[n++] = TASK(i) + TASKS;
		if (!crashed_tasks[i].thread)
			put_ring(f, threads,
			         i + 1 < CRASHED_TASKS && crashed_tasks[i + 1].thread ? 3 : 2);
	}
	put_ring(f, ring, n);
}

/* CPU 1 ran the crasher and left its registers, CPU 0 was idle and left none. */
static void put_cpus(struct crashed *f)
{
	crashed_put(f, AT(0x21000), 3, 8);
	crashed_put(f, AT(0x21800), 2, 8);
	for (unsigned i = 0; i < 2; i++) {
		crashed_put(f, AT(0x22000) + 8 * i, CPU(i) - AT(0), 8);
		crashed_put(f, CPU(i) + RUNQUEUES, 1 + i, 4);
		crashed_put(f, CPU(i) + RUNQUEUES + RQ_CURR, TASK(i ? 4 : 0), 8);
		crashed_put(f, CPU(i) + RUNQUEUES + RQ_IDLE, TASK(i), 8);
		crashed_put(f, CPU(i) + RUNQUEUES + RQ_CLOCK, UINT64_C(90061) * 1000000000, 8);
	}
	crashed_put(f, CPU(1) + NOTES, 5, 4);
	crashed_put(f, CPU(1) + NOTES + 4, 336, 4);
	crashed_put(f, CPU(1) + NOTES + 8, NT_PRSTATUS, 4);
	synth_store(&f->m, CPU(1) + NOTES + 12, "CORE", 5);
	crashed_put(f, CPU(1) + NOTES + 20 + 32, 70, 4);
	/* ip and ax. */
	crashed_put(f, CPU(1) + NOTES + 20 + 112 + 16 * 8, AT(0x30), 8);
	crashed_put(f, CPU(1) + NOTES + 20 + 112 + 10 * 8, 0xabc, 8);
}

int crashed_setup(void **state)
{
	/* Variables of each CPU have an address of the image here, to which the offset is added. */
	static const struct synth_symbol symbols[SYMBOLS] = {
		[STEXT] = { "_stext", 'T', AT(0) },
		[CRASH_KEXEC] = { "__crash_kexec", 'T', AT(0x40) },
		[BTF_START] = { "__start_BTF", 'R', AT(BTF) },
		[BTF_STOP] = { "__stop_BTF", 'R', 0 },
		[POSSIBLE] = { "__cpu_possible_mask", 'R', AT(0x21000) },
		[ONLINE] = { "__cpu_online_mask", 'R', AT(0x21800) },
		[OFFSETS] = { "__per_cpu_offset", 'R', AT(0x22000) },
		[RQS] = { "runqueues", 'D', AT(0x22000 + RUNQUEUES) },
		[INIT_TASK] = { "init_task", 'D', TASK(0) },
		[PANIC_CPU] = { "panic_cpu", 'D', AT(0x60000) },
		[CRASH_NOTES] = { "crash_notes", 'D', AT(0x60008) },
		[TAINT] = { "tainted_mask", 'D', AT(0x60010) },
		[CMDLINE] = { "saved_command_line", 'D', AT(0x60018) },
		[AVENRUN] = { "avenrun", 'D', AVENRUN_AT },
	};
	struct crashed *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	synth_init(&f->m, NULL);
	memcpy(f->symbols, symbols, sizeof(symbols));
	f->symbols[RQS].address = AT(RUNQUEUES);
	f->n = SYMBOLS;
	f->tables = (struct synth_tables){ .addresses = SYNTH_BASE_RELATIVE, .long_lengths = true };
	put_types(f);
	put_tasks(f);
	put_cpus(f);
	crashed_put(f, TASK(5) + UTIME, 1500000000, 8);
	crashed_put(f, TASK(5) + STARTED, UINT64_C(10000000000), 8);
	crashed_put(f, AT(0x60000), 1, 4);
	crashed_put(f, AT(0x60008), AT(NOTES), 8);
	crashed_put(f, AT(0x60010), 1 << 9 | 1 << 12, 8);
	crashed_put(f, AT(0x60018), AT(0x61000), 8);
	crashed_put(f, AT(0x60020), 2048 * 3 / 2, 8);
	crashed_put(f, AT(0x60028), 2048, 8);
	crashed_put(f, AT(0x60030), 0, 8);
	synth_store(&f->m, AT(0x61000), "root=/dev/vda quiet", 20);
	*state = f;
	return 0;
}

int crashed_teardown(void **state)
{
	struct crashed *f = *state;

	report_free(f->report);
	free(f->text);
	dump_free(f->dump);
	synth_done(&f->m);
	free(f);
	return 0;
}

void crashed_open(struct crashed *f)
{
	struct synth_symbol sorted[SYMBOLS];

	memcpy(sorted, f->symbols, sizeof(sorted));
	for (size_t i = 1; i < f->n; i++)
		for (size_t j = i; j > 0 && sorted[j].address < sorted[j - 1].address; j--) {
			struct synth_symbol s = sorted[j];

			sorted[j] = sorted[j - 1];
			sorted[j - 1] = s;
		}
	synth_tables(&f->m, &f->tables, sorted, f->n);
	f->dump = synth_dump(&f->m);
	assert_int_equal(report_open(f->dump, &f->report), 0);
}

struct report *crashed_report(struct crashed *f)
{
	crashed_open(f);
	assert_int_equal(report_need(f->report, REPORT_ALL), 0);
	return f->report;
}

const char *crashed_write(struct crashed *f)
{
	const struct report_options o = { .all_tasks = true, .whole_log = true };
	size_t len;
	FILE *out = open_memstream(&f->text, &len);

	assert_non_null(out);
	assert_int_equal(report_text(f->report, &o, out), 0);
	assert_int_equal(fclose(out), 0);
	return f->text;
}

void crashed_check(struct crashed *f, const char *part)
{
	if (!strstr(f->text, part))
		fail_msg("\"%s\" is not in:\n%s", part, f->text);
}
