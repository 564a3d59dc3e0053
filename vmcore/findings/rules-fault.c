// SPDX-License-Identifier: GPL-2.0-or-later
/* rules-fault.c - rules about how a crash came about, see rules.h. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "vmcore/findings/rules.h"
#include "vmcore/report/log-values.h"

/* As many lines behind the message of a crash may have its registers. */
#define REGISTER_LINES 45

/* A warning that came earlier has little to do with the crash. */
#define WARNING_NS UINT64_C(60000000000)

/* --- Who wanted it --------------------------------------------------------------------------- */

static bool has_call(const struct inquiry *q, const char *name)
{
	for (size_t i = 0; i < q->calls.n; i++)
		if (streq(q->calls.names[i], name))
			return true;
	return false;
}

bool rule_requested(const struct inquiry *q, struct finding *ret)
{
	const struct task *task = inquiry_task(q);

	if (inquiry_is(q, "sysrq")) {
		finding_show_crash(q, ret);
		/* The keys of a keyboard or a console interrupt a task that has no part in it. */
		if (!task || !has_call(q, "write_sysrq_trigger"))
			return finding_say(ret, FINDING_CERTAIN,
			                   "The crash was asked for by SysRq.");
		return finding_say(ret, FINDING_CERTAIN,
		                   "The crash was asked for: %s (%d) wrote to /proc/sysrq-trigger.",
		                   task->name, task->pid);
	}
	/* Hardware, too, may send one whose reason nobody knows. */
	if (streq(q->kind.name, "NMI") && q->clues[CLUE_MCE_FATAL].n == 0 &&
	    q->clues[CLUE_PCI_FATAL].n == 0) {
		finding_show_crash(q, ret);
		return finding_say(
			ret, FINDING_LIKELY,
			"The crash was asked for from outside, by an NMI of the management "
			"controller or the hypervisor.");
	}
	return false;
}

bool rule_root(const struct inquiry *q, struct finding *ret)
{
	if (!inquiry_is(q, "panic: VFS: Unable to mount root fs"))
		return false;
	finding_show_crash(q, ret);
	return finding_say(ret, FINDING_CERTAIN,
	                   "The kernel had no root file system: its driver, root= or the initrd is "
	                   "missing or wrong.");
}

/* "Attempted to kill init! exitcode=0x00000009": as of wait(2). */
bool rule_init(const struct inquiry *q, struct finding *ret)
{
	const char *code;
	unsigned long status;
	char text[256];
	struct line line = { .text = q->kind.line, .len = strcspn(q->kind.line, "\n") };

	if (!inquiry_is(q, "init killed"))
		return false;
	line_copy(&line, text, sizeof(text));
	code = strstr(text, "exitcode=0x");
	if (!code)
		return false;
	status = strtoul(code + strlen("exitcode="), NULL, 16);
	finding_show_crash(q, ret);
	if (status & 0x7f)
		return finding_say(ret, FINDING_CERTAIN,
		                   "Process 1 was killed by signal %lu, so the system ended.",
		                   status & 0x7f);
	return finding_say(ret, FINDING_CERTAIN,
	                   "Process 1 ended by itself with status %lu, so the system ended.",
	                   status >> 8 & 0xff);
}

/* --- Stack and memory ------------------------------------------------------------------------ */

/* How many of the calls are the one that is there most. */
static size_t most_of(const struct calls *c, const char **ret_name)
{
	size_t most = 0;

	for (size_t i = 0; i < c->n; i++) {
		size_t n = 0;

		for (size_t j = 0; j < c->n; j++)
			n += streq(c->names[i], c->names[j]);
		if (n > most) {
			most = n;
			*ret_name = c->names[i];
		}
	}
	return most;
}

bool rule_stack(const struct inquiry *q, struct finding *ret)
{
	const char *name;
	size_t n = most_of(&q->calls, &name);

	finding_show_crash(q, ret);
	if (inquiry_is(q, "stack corrupted"))
		return finding_say(ret, FINDING_CERTAIN,
		                   "A function wrote past a variable on its stack.");
	if (!inquiry_is(q, "stack overflow"))
		return false;
	if (n >= 8)
		return finding_say(ret, FINDING_CERTAIN,
		                   "The stack overflowed: %s called itself without end, %zu of the "
		                   "last %zu calls are its own.",
		                   name, n, q->calls.n);
	return finding_say(ret, FINDING_CERTAIN, "The stack overflowed%s%s.",
	                   q->calls.n ? " in " : "", q->calls.n ? q->calls.names[0] : "");
}

/* include/linux/poison.h; a pointer of a list that is freed is illegal on all 64-bit machines that
 * have CONFIG_ILLEGAL_POINTER_VALUE (0xdead000000000000). */
static const struct {
	uint64_t value, below; /* [value - below, value + below) are it, as a member of a struct */
	bool certain;          /* also in a register that was not the address */
	const char *text;
} poisons[] = {
	{ UINT64_C(0x6b6b6b6b6b6b6b6b), 0x10000, true,
	  "Freed memory was used: it has the "
	  "allocator's pattern 6b." },
	{ UINT64_C(0xdead000000000100), 0x11, true,
	  "An element was used that is no longer on its "
	  "list: its next is LIST_POISON1." },
	{ UINT64_C(0xdead000000000122), 0x11, true,
	  "An element was used that is no longer on its "
	  "list: its prev is LIST_POISON2." },
	{ UINT64_C(0xdead000000000000), 0x10000, false,
	  "An element was used that is no longer on "
	  "its list." },
	{ UINT64_C(0x5a5a5a5a5a5a5a5a), 0x10000, false,
	  "Memory was used before it was set: it has "
	  "the allocator's pattern 5a." },
	{ UINT64_C(0xaaaaaaaaaaaaaaaa), 0x10000, false,
	  "A freed page was used: it has the "
	  "allocator's pattern aa." },
};

/* The text for @value, or NULL. */
static const char *poison_of(uint64_t value, bool is_address)
{
	for (size_t i = 0; i < ARRAY_SIZE(poisons); i++)
		if (value - poisons[i].value + poisons[i].below < 2 * poisons[i].below)
			return is_address || poisons[i].certain ? poisons[i].text : NULL;
	return NULL;
}

/* Finds the next register in a line of the log, "RAX: 0123456789abcdef" or " a0 : 0123...". */
static bool next_register(const char **at, const char **ret_name, uint64_t *ret)
{
	for (const char *p = *at; (p = strchr(p, ':')); p++) {
		const char *name = p, *digits = p + 1 + strspn(p + 1, " ");

		while (name > *at && name[-1] == ' ')
			name--;
		while (name > *at && isalnum((unsigned char)name[-1]))
			name--;
		if (name == p || digits == p + 1 || strspn(digits, "0123456789abcdef") != 16)
			continue;
		*ret = strtoull(digits, NULL, 16);
		*ret_name = name;
		*at = digits + 16;
		return true;
	}
	return false;
}

/* The registers of the crash as the log has them, for a poison in one. */
static const char *poison_in_registers(const struct inquiry *q, struct finding *ret)
{
	struct lines it = { .report = q->report };
	struct line line;
	char text[256];

	lines_seek(&it, q->kind.line);
	for (unsigned i = 0; i < REGISTER_LINES && lines_next(&it, &line); i++) {
		const char *at = text, *name, *found;
		uint64_t value;

		if (line_matches(&line, "Call ") || line_matches(&line, "---[ end"))
			break;
		line_copy(&line, text, sizeof(text));
		while (next_register(&at, &name, &value)) {
			found = poison_of(value, false);
			if (found) {
				finding_show(ret, "%.*s", (int)(at - name), name);
				return found;
			}
		}
	}
	return NULL;
}

/* Faults whose registers have the pointer that was used. */
static bool is_access(const struct inquiry *q)
{
	return inquiry_is(q, "page fault") || inquiry_is(q, "general protection fault") ||
	       inquiry_is(q, "BUG at list_debug.c") || inquiry_is(q, "internal error") ||
	       inquiry_is(q, "oops");
}

bool rule_freed(const struct inquiry *q, struct finding *ret)
{
	const struct clue *freed = &q->clues[CLUE_FREED], *count = &q->clues[CLUE_REFCOUNT];
	char before[INQUIRY_BEFORE_MAX];
	const char *text;

	if (is_access(q) && q->address && (text = poison_of(q->address, true))) {
		finding_show_crash(q, ret);
		return finding_say(ret, FINDING_CERTAIN, "%s", text);
	}
	if (freed->n > 0) {
		finding_show_line(ret, &freed->first);
		return finding_say(ret, FINDING_CERTAIN, "Freed memory was used%s.",
		                   inquiry_before(q, freed->first.ns, before));
	}
	if (is_access(q) && (text = poison_in_registers(q, ret)))
		return finding_say(ret, FINDING_LIKELY, "%s", text);
	if (count->n > 0) {
		finding_show_line(ret, &count->first);
		return finding_say(
			ret, FINDING_LIKELY,
			"A count of references went wrong%s: something is freed while it "
			"is in use, or never.",
			inquiry_before(q, count->first.ns, before));
	}
	return false;
}

bool rule_overwritten(const struct inquiry *q, struct finding *ret)
{
	const struct clue *clue = &q->clues[CLUE_OVERWRITTEN], *list = &q->clues[CLUE_LIST];
	char before[INQUIRY_BEFORE_MAX];

	if (clue->n > 0) {
		finding_show_line(ret, &clue->first);
		return finding_say(ret, FINDING_CERTAIN, "Memory beyond an object was used%s.",
		                   inquiry_before(q, clue->first.ns, before));
	}
	if (list->n > 0) {
		finding_show_line(ret, &list->first);
		return finding_say(
			ret, FINDING_LIKELY,
			"A list is damaged%s: its memory was overwritten, or freed while it "
			"was in use.",
			inquiry_before(q, list->first.ns, before));
	}
	return false;
}

/* Lower bits differ between neighbours, and then it is mostly an index that is wrong. */
#define LOWEST_BIT 30

bool rule_bit(const struct inquiry *q, struct finding *ret)
{
	uint64_t address = q->address, found = 0, sign;
	struct leaf leaf;
	unsigned bit = 0, n = 0;

	if (address < 4096 || !q->report->ks || poison_of(address, true) ||
	    kspace_leaf(q->report->ks, address, &leaf) != -EFAULT)
		return false;
	for (unsigned i = LOWEST_BIT; i < 64; i++)
		if (kspace_leaf(q->report->ks, address ^ UINT64_C(1) << i, &leaf) == 0) {
			found = address ^ UINT64_C(1) << i;
			bit = i;
			n++;
		}
	if (n != 1)
		return false;
	/* No address of the kernel lacks one of these. */
	sign = UINT64_MAX << (q->report->ks->tables.va_bits & 63);
	finding_show(ret, "0x%016" PRIx64 " failed, 0x%016" PRIx64 " is mapped", address, found);
	return finding_say(ret, (address & sign) != sign ? FINDING_LIKELY : FINDING_HINT,
	                   "One bit of the address that failed is wrong, bit %u: suspect the "
	                   "memory or the processor.",
	                   bit);
}

/* --- Whose code it was ----------------------------------------------------------------------- */

/* The module of a call, "function [module]". */
static bool module_of(const char *call, char ret[static CALLS_NAME_MAX])
{
	const char *from = strrchr(call, '['), *to = from ? strchr(from, ']') : NULL;

	if (!to)
		return false;
	snprintf(ret, CALLS_NAME_MAX, "%.*s", (int)(to - from - 1), from + 1);
	return true;
}

/* Bits of a module's taint (include/linux/panic.h). */
#define PROPRIETARY (UINT64_C(1) << 0)
#define OUT_OF_TREE (UINT64_C(1) << 12)

/* The same of the list of modules in the log, "loop nvme(POE)". */
static uint64_t taints_in_log(const char *modules, const char *name)
{
	size_t len = strlen(name);
	uint64_t taints = 0;

	for (const char *p = modules; (p = strstr(p, name)); p += len) {
		if ((p > modules && p[-1] != ' ') || p[len] != '(')
			continue;
		for (p += len + 1; *p && *p != ')'; p++)
			taints |= *p == 'P' ? PROPRIETARY : *p == 'O' ? OUT_OF_TREE : 0;
		break;
	}
	return taints;
}

static uint64_t taints_of(const struct inquiry *q, const char *name)
{
	struct report *report = q->report;
	const struct modlist *all = report->symbols ? symbols_modules(report->symbols) : NULL;
	char modules[LOG_VALUE_MAX];

	for (size_t i = 0; all && i < all->n; i++)
		if (streq(all->modules[i].name, name) && all->modules[i].taints)
			return all->modules[i].taints;
	return log_value_modules(report, modules) == 0 ? taints_in_log(modules, name) : 0;
}

bool rule_module(const struct inquiry *q, struct finding *ret)
{
	char name[CALLS_NAME_MAX];

	/* Who asked for the crash is not at fault. */
	if (inquiry_is(q, "sysrq"))
		return false;
	for (size_t i = 0; i < q->calls.n; i++) {
		uint64_t taints;

		if (!module_of(q->calls.names[i], name))
			continue;
		taints = taints_of(q, name);
		if (!(taints & (PROPRIETARY | OUT_OF_TREE)))
			continue;
		finding_show(ret, "%s", q->calls.names[i]);
		return finding_say(ret, i == 0 ? FINDING_LIKELY : FINDING_HINT,
		                   "The module %s is not part of the kernel%s; %s.", name,
		                   taints & PROPRIETARY ? ", and proprietary" : "",
		                   i == 0 ? "this happened in its code" : "it is among the calls");
	}
	return false;
}

bool rule_warning(const struct inquiry *q, struct finding *ret)
{
	const struct clue *clue = &q->clues[CLUE_WARNING];
	char before[INQUIRY_BEFORE_MAX], name[CALLS_NAME_MAX], text[256];
	bool module;

	if (clue->n == 0 || clue->last.ns == 0 || clue->last.ns + WARNING_NS < q->crash_ns)
		return false;
	finding_show_line(ret, &clue->last);
	line_copy(&clue->last, text, sizeof(text));
	module = module_of(text, name);
	return finding_say(ret, FINDING_HINT, "%s%s gave a warning%s.",
	                   module ? "The module " : "The kernel", module ? name : "",
	                   inquiry_before(q, clue->last.ns, before));
}

/* --- More than one --------------------------------------------------------------------------- */

/* The number in "[#2]", 0 when there is none. */
static unsigned oops_number(const struct line *line)
{
	char text[256];
	const char *at;

	line_copy(line, text, sizeof(text));
	at = strstr(text, "[#");
	return at ? strtoul(at + 2, NULL, 10) : 0;
}

bool rule_oopses(const struct inquiry *q, struct finding *ret)
{
	const struct clue *clue = &q->clues[CLUE_OOPS];
	char before[INQUIRY_BEFORE_MAX];
	unsigned number = clue->n ? oops_number(&clue->last) : 0;

	if (number < 2)
		return false;
	finding_show_line(ret, &clue->first);
	if (oops_number(&clue->first) != 1)
		return finding_say(ret, FINDING_LIKELY,
		                   "This is oops number %u since the machine started; look for the "
		                   "first one.",
		                   number);
	return finding_say(ret, FINDING_LIKELY,
	                   "This is oops number %u; the first one came%s and is nearer to the "
	                   "cause.",
	                   number, inquiry_before(q, clue->first.ns, before));
}

bool rule_panics(const struct inquiry *q, struct finding *ret)
{
	const struct clue *clue = &q->clues[CLUE_PANIC];

	if (clue->n < 2)
		return false;
	finding_show_line(ret, &clue->last);
	return finding_say(
		ret, FINDING_CERTAIN,
		"The kernel panicked %zu times; the first panic is nearest to the cause.", clue->n);
}
