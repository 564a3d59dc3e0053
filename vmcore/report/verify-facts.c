// SPDX-License-Identifier: GPL-2.0-or-later
/* verify-facts.c - asks symbols and types of a kernel, see verify-facts.h. */
#include "vmcore/report/verify-facts.h"

#include "vmcore/report/report.h"
#include "vmcore/view/ktype.h"

enum { TASKS, STACK, SIGNAL, THREAD_NODE, FPU, TASK_MEMBERS };

static const char *const task_members[TASK_MEMBERS] = {
	[TASKS] = "tasks",     [STACK] = "stack",
	[SIGNAL] = "?signal",  [THREAD_NODE] = "?thread_node",
	[FPU] = "?thread.fpu",
};

/* The FPU's registers end a task on x86 up to 6.15. Their type is as large as those of any CPU, and
 * memory is had for those of this one (fpu__init_task_struct_size() in arch/x86/kernel/fpu/init.c,
 * 5.10): what is behind belongs to others. No reader asks for them. */
static uint64_t size_of_task(const struct ktype *task)
{
	return ktype_has(task, FPU) ? task->members[FPU].offset : task->size;
}

void verify_facts_tasks(const struct kview *v, struct survey_tasks *ret)
{
	struct btf_member head;
	struct ktype task;
	uint64_t address;

	*ret = (struct survey_tasks){};
	if (!v || !v->types ||
	    ktype_find(v->types, "task_struct", task_members, TASK_MEMBERS, &task) < 0 ||
	    kview_address(v, "init_task", &address) < 0)
		return;
	*ret = (struct survey_tasks){
		.init_task = address,
		.size = size_of_task(&task),
		.tasks = task.members[TASKS].offset,
		.stack = task.members[STACK].offset,
	};
	if (!ktype_has(&task, SIGNAL) || !ktype_has(&task, THREAD_NODE) ||
	    btf_member(v->types, "signal_struct", "thread_head", &head) < 0)
		return;
	ret->signal = task.members[SIGNAL].offset;
	ret->thread_node = task.members[THREAD_NODE].offset;
	ret->thread_head = head.offset;
}

/* The page frames of a struct resource, whose end is its last byte; 0: none. */
static uint64_t resource_pages(const struct kview *v, const char *symbol)
{
	static const char *const members[] = { "start", "end" };
	uint64_t address, start = 0, end = 0;
	struct ktype resource;

	if (ktype_find(v->types, "resource", members, 2, &resource) < 0 ||
	    kview_address(v, symbol, &address) < 0 ||
	    kspace_u64(v->ks, address + resource.members[0].offset, &start) < 0 ||
	    kspace_u64(v->ks, address + resource.members[1].offset, &end) < 0)
		return 0;
	return end > start ? (end - start + 1) >> v->ks->dump->page_shift : 0;
}

int verify_facts_find(const struct dump *d, struct verify_facts *ret)
{
	_cleanup_(report_freep) struct report *report = NULL;
	struct verify_facts facts = {};
	int r;

	if ((r = report_open(d, &report)) < 0 ||
	    (r = report_need(report, REPORT_VIEW | REPORT_ZONES)) < 0)
		return r;
	verify_facts_tasks(report->view, &facts.tasks);
	if (report->view && report->view->types) {
		for (size_t i = 0; i < report->zones.n; i++)
			facts.present += report->zones.list[i].present;
		facts.crash = resource_pages(report->view, "crashk_res") +
		              resource_pages(report->view, "crashk_low_res");
	}
	*ret = facts;
	return 0;
}
