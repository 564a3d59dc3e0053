// SPDX-License-Identifier: GPL-2.0-or-later
/* json-waits.c - what tasks wait for, see json-waits.h. */
#include "vmcore/text/json-waits.h"

#include "vmcore/text/json-kit.h"

static json_t *symbol_json(const struct report *r, uint64_t address, bool exact)
{
	char name[SYMBOLS_TEXT_MAX];

	return address ? text_json(symbols_text(r->symbols, address, exact, name)) : json_null();
}

/* What a lock is, and who holds it. */
static json_t *lock_json(const struct report *r, const struct wait *wait)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:b, s:I}", "kind", wait_kinds[wait->kind],
	                 "address", wait->lock ? address_json(wait->lock) : json_null(), "symbol",
	                 symbol_json(r, wait->lock, true), "owner",
	                 wait->owner ? json_integer(wait->owner->pid) : json_null(), "shared",
	                 wait->shared, "readers", (json_int_t)wait->readers);
}

void report_json_wait(const struct report *r, const struct task *task, json_t *o)
{
	const struct wait *wait = waits_find(&r->waits, task);
	json_t *lock;

	if (!wait)
		return;
	lock = lock_json(r, wait);
	json_object_set_new(lock, "sure", json_boolean(wait->sure));
	json_object_set_new(lock, "in", symbol_json(r, wait->ip, wait->exact));
	json_object_set_new(lock, "deadlock",
	                    wait->cycle ? json_integer(wait->cycle) : json_null());
	json_object_set_new(o, "waits_for", lock);
}

json_t *report_json_deadlocks(const struct report *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->waits.n_cycles; i++) {
		const struct wait *wait = r->waits.cycles[i];
		json_t *members = json_array();

		do {
			json_array_append_new(members, json_integer(wait->task->pid));
			wait = wait->next;
		} while (wait != r->waits.cycles[i]);
		json_array_append_new(list, members);
	}
	return list;
}

json_t *report_json_locks(const struct report *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->waits.n_locks; i++) {
		json_t *lock = lock_json(r, r->waits.locks[i].wait);

		json_object_set_new(lock, "waiters", json_integer(r->waits.locks[i].n));
		json_array_append_new(list, lock);
	}
	return list;
}
