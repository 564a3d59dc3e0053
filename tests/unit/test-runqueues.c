// SPDX-License-Identifier: GPL-2.0-or-later
/* test-runqueues.c - queues of tasks that never ran. */
#include "tests/unit/synth-btf.h"
#include "tests/unit/synth-symbols.h"
#include "vmcore/report/runqueues.h"

#define AT(offset) (SYNTH_IMAGE_VA + (offset))
#define TASK(n)    AT(0x40000 + (n)*0x200)
#define RQ(cpu)    AT(0x60000 + (cpu)*UINT64_C(0x1000))
#define GROUP      AT(0x70000) /* a struct cfs_rq, and the entity for it behind it */
#define GROUP_SE   (GROUP + 0x40)
#define TASKS      10

/* Offsets in struct task_struct. */
enum {
	SE = 0x40, /* with its node, group, delayed */
	RT = 0x80,
	DL = 0xa0,
	EXT = 0xc0,
	ON_RQ = 0xd0,
};

/* In struct sched_entity, cfs_rq, rq. */
enum {
	SE_NODE = 8,
	SE_GROUP = 32,
	SE_DELAYED = 40,
	CFS_TREE = 8,
	CFS_CURR = 24,
	RQ_CFS = 0x40,
	RQ_RT = 0x80, /* three lists */
	RQ_DL = 0xc0,
	RQ_STOP = 0xe0,
	RQ_EXT = 0xf0,
};

struct fixture {
	struct synth m;
	struct dump *dump;
	struct kspace *ks;
	struct kview v;
	uint64_t offsets[2];
	bool no_queues; /* struct rq has none that are known */
	struct task list[TASKS];
	const struct task *by_address[TASKS];
	struct cpu cpus[2];
	struct tasks tasks;
	struct runqueues q;
};

static void put(struct fixture *f, uint64_t va, uint64_t v)
{
	uint8_t bytes[8];

	synth_put(bytes, v, 8, false);
	synth_store(&f->m, va, bytes, 8);
}

static void put_ring(struct fixture *f, const uint64_t *nodes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		put(f, nodes[i], nodes[(i + 1) % n]);
		put(f, nodes[i] + 8, nodes[(i + n - 1) % n]);
	}
}

/* struct rb_node: the parent, right, left. */
static void put_node(struct fixture *f, uint64_t node, uint64_t left, uint64_t right)
{
	put(f, node + 8, right);
	put(f, node + 16, left);
}

static uint64_t se_node(unsigned task)
{
	return TASK(task) + SE + SE_NODE;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	synth_init(&f->m, NULL);
	for (unsigned i = 0; i < TASKS; i++) {
		f->list[i] = (struct task){ .address = TASK(i), .pid = i, .state = 'R' };
		f->by_address[i] = &f->list[i];
	}
	for (unsigned i = 0; i < 2; i++) {
		const uint64_t ext[] = { RQ(i) + RQ_EXT };

		f->cpus[i] = (struct cpu){ .number = i, .current = TASK(i) };
		f->offsets[i] = RQ(i) - RQ(0);
		for (unsigned k = 0; k < 3; k++)
			put_ring(f, (const uint64_t[]){ RQ(i) + RQ_RT + 16 * k }, 1);
		put_ring(f, ext, 1);
	}
	f->tasks = (struct tasks){ .list = f->list,
		                   .n = TASKS,
		                   .by_address = f->by_address,
		                   .cpus = f->cpus,
		                   .n_cpus = 2 };
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	runqueues_done(&f->q);
	kallsyms_free(f->v.symbols);
	btf_free(f->v.types);
	kspace_free(f->ks);
	dump_free(f->dump);
	synth_done(&f->m);
	free(f);
	return 0;
}

static struct btf *open_types(const struct fixture *f)
{
	struct synth_btf b;
	uint32_t u64, list, lists, node, se, cfs, rt, ext, dl, active;

	synth_btf_init(&b);
	u64 = synth_btf_int(&b, "long", 8);
	list = synth_btf_struct(&b, "list_head", 2, 16);
	synth_btf_member(&b, "next", u64, 0);
	synth_btf_member(&b, "prev", u64, 64);
	lists = synth_btf_array(&b, list, 3);
	node = synth_btf_array(&b, u64, 3);
	se = synth_btf_struct(&b, "sched_entity", 3, 48);
	synth_btf_member(&b, "run_node", node, SE_NODE * 8);
	synth_btf_member(&b, "my_q", u64, SE_GROUP * 8);
	synth_btf_member(&b, "sched_delayed", u64, SE_DELAYED * 8);
	cfs = synth_btf_struct(&b, "cfs_rq", 2, 48);
	synth_btf_member(&b, "tasks_timeline", list, CFS_TREE * 8);
	synth_btf_member(&b, "curr", u64, CFS_CURR * 8);
	rt = synth_btf_struct(&b, "sched_rt_entity", 1, 16);
	synth_btf_member(&b, "run_list", list, 0);
	dl = synth_btf_struct(&b, "sched_dl_entity", 1, 24);
	synth_btf_member(&b, "rb_node", node, 0);
	ext = synth_btf_struct(&b, "sched_ext_entity", 1, 16);
	synth_btf_member(&b, "runnable_node", list, 0);
	synth_btf_struct(&b, "task_struct", 5, 0x200);
	synth_btf_member(&b, "se", se, SE * 8);
	synth_btf_member(&b, "rt", rt, RT * 8);
	synth_btf_member(&b, "dl", dl, DL * 8);
	synth_btf_member(&b, "scx", ext, EXT * 8);
	synth_btf_member(&b, "on_rq", u64, ON_RQ * 8);
	active = synth_btf_struct(&b, "rt_prio_array", 1, 48);
	synth_btf_member(&b, "queue", lists, 0);
	rt = synth_btf_struct(&b, "rt_rq", 1, 48);
	synth_btf_member(&b, "active", active, 0);
	dl = synth_btf_struct(&b, "dl_rq", 1, 16);
	synth_btf_member(&b, "root", list, 0);
	ext = synth_btf_struct(&b, "scx_rq", 1, 16);
	synth_btf_member(&b, "runnable_list", list, 0);
	synth_btf_struct(&b, "rq", f->no_queues ? 1 : 5, 0x200);
	synth_btf_member(&b, "stop", u64, RQ_STOP * 8);
	if (!f->no_queues) {
		synth_btf_member(&b, "cfs", cfs, RQ_CFS * 8);
		synth_btf_member(&b, "rt", rt, RQ_RT * 8);
		synth_btf_member(&b, "dl", dl, RQ_DL * 8);
		synth_btf_member(&b, "scx", ext, RQ_EXT * 8);
	}
	return synth_btf_open(&b);
}

static void read_queues(struct fixture *f)
{
	struct synth_tables tables = { .addresses = SYNTH_BASE_RELATIVE, .long_lengths = true };
	const struct synth_symbol symbols[] = { { "_stext", 'T', AT(0) },
		                                { "runqueues", 'D', RQ(0) } };

	synth_tables(&f->m, &tables, symbols, ARRAY_SIZE(symbols));
	f->dump = synth_dump(&f->m);
	f->ks = synth_kspace(f->dump);
	f->v = (struct kview){ .ks = f->ks, .types = open_types(f), .cpu_offsets = f->offsets };
	assert_int_equal(kallsyms_open(f->ks, &f->v.symbols), 0);
	assert_int_equal(runqueues_read(&f->v, &f->tasks, &f->q), 0);
}

struct expected {
	unsigned task;
	enum queue_class class;
	bool delayed;
};

static void check_queue(const struct fixture *f, unsigned cpu, const struct expected *e, size_t n)
{
	const struct runqueue *q = &f->q.cpus[cpu];

	assert_int_equal(q->n, n);
	for (size_t i = 0; i < n; i++) {
		assert_ptr_equal(q->list[i].task, &f->list[e[i].task]);
		assert_int_equal(q->list[i].class, e[i].class);
		assert_int_equal(q->list[i].delayed, e[i].delayed);
	}
}
#define check(f, cpu, ...)                                                                         \
	check_queue(f, cpu, (const struct expected[]){ __VA_ARGS__ },                              \
	            sizeof((const struct expected[]){ __VA_ARGS__ }) / sizeof(struct expected))

/* CPU 1 runs task 1, of a group, and has one of each class, and of that group. */
static void put_queues(struct fixture *f)
{
	const uint64_t high[] = { RQ(1) + RQ_RT + 16, TASK(2) + RT, TASK(3) + RT };
	const uint64_t ext[] = { RQ(1) + RQ_EXT, TASK(8) + EXT };

	put_ring(f, high, 3);
	put_ring(f, ext, 2);
	put(f, RQ(1) + RQ_CFS + CFS_TREE, se_node(4));
	put_node(f, se_node(4), se_node(5), 0);
	put(f, TASK(5) + SE + SE_DELAYED, 1);
	put(f, RQ(1) + RQ_CFS + CFS_CURR, GROUP_SE);
	put(f, GROUP_SE + SE_GROUP, GROUP);
	put(f, GROUP + CFS_CURR, TASK(1) + SE);
	put(f, GROUP + CFS_TREE, se_node(6));
	/* A server has no task around it. */
	put(f, RQ(1) + RQ_DL, TASK(7) + DL);
	put_node(f, TASK(7) + DL, AT(0x71000), 0);
	put(f, RQ(1) + RQ_STOP, TASK(9));
	f->list[9].on_rq = true;
	f->list[9].cpu = 1;
}

static void all_classes_are_found(void **state)
{
	struct fixture *f = *state;

	put_queues(f);
	read_queues(f);
	assert_string_equal(f->q.remark, "");
	check_queue(f, 0, NULL, 0);
	check(f, 1, { 9, QUEUE_STOP }, { 7, QUEUE_DEADLINE }, { 2, QUEUE_REALTIME },
	      { 3, QUEUE_REALTIME }, { 6, QUEUE_FAIR }, { 5, QUEUE_FAIR, true }, { 4, QUEUE_FAIR },
	      { 8, QUEUE_EXT });
}

/* A group that is part of itself, a tree and a list without an end. */
static void circles_end(void **state)
{
	struct fixture *f = *state;

	put_queues(f);
	put(f, GROUP + CFS_CURR, GROUP_SE);
	put_node(f, se_node(6), se_node(6), se_node(6));
	put(f, TASK(3) + RT, TASK(2) + RT);
	read_queues(f);
	assert_true(f->q.remark[0]);
	assert_true(f->q.n <= TASKS);
	/* Those before it are there. */
	assert_ptr_equal(f->q.cpus[1].list[1].task, &f->list[7]);
	assert_ptr_equal(f->q.cpus[1].list[2].task, &f->list[2]);
}

static void tasks_say_where_they_are_queued(void **state)
{
	struct fixture *f = *state;

	f->no_queues = true;
	f->list[0].on_rq = f->list[4].on_rq = f->list[5].on_rq = f->list[6].on_rq = true;
	f->list[5].cpu = 1;
	f->list[6].cpu = 1;
	f->cpus[1].current = TASK(6);
	read_queues(f);
	check(f, 0, { 4, QUEUE_OTHER });
	check(f, 1, { 5, QUEUE_OTHER });
}

static void queues_that_cannot_be_read_are_told(void **state)
{
	struct fixture *f = *state;

	put_queues(f);
	put(f, RQ(1) + RQ_DL, 0x1000);
	f->list[7].on_rq = true;
	f->list[7].cpu = 1;
	read_queues(f);
	assert_non_null(strstr(f->q.remark, "the deadline tasks of CPU 1: "));
	assert_int_equal(f->q.cpus[1].n, 8);
	assert_ptr_equal(f->q.cpus[1].list[7].task, &f->list[7]);
	assert_int_equal(f->q.cpus[1].list[7].class, QUEUE_OTHER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(all_classes_are_found),
		TEST(circles_end),
		TEST(tasks_say_where_they_are_queued),
		TEST(queues_that_cannot_be_read_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
