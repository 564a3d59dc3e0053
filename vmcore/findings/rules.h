/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules.h - the rules by which findings are made, and what they look at.
 *
 * A new rule is a function here and a row in findings.c. It is asked when the crash is of the kind
 * that its row wants, and either fills the finding and returns true, or returns false.
 */
#pragma once

#include "vmcore/findings/findings.h"
#include "vmcore/findings/lines.h"
#include "vmcore/log/crash-kind.h"

/* What the rules look at. */
struct inquiry {
	struct report *report;
	bool crashed;           /* the log tells of a crash: */
	struct crash_kind kind; /* of this kind, */
	uint64_t crash_ns;      /* then after boot; 0 when not known, */
	struct calls calls;     /* in these calls, without the ways to panic */
	uint64_t address;       /* the one that could not be used; 0: not known */
	struct clue clues[CLUES];
};

/* What a rule wants. */
enum rule_wants {
	WANTS_ANYTHING,
	WANTS_CRASH, /* the log tells of a crash */
	WANTS_FAULT, /* an access, or an instruction, failed */
};

struct rule {
	const char *name;
	enum rule_wants wants;
	bool (*check)(const struct inquiry *q, struct finding *ret);
};

/* True when the kind of the crash begins with @name. */
bool inquiry_is(const struct inquiry *q, const char *name);

/* The task that the CPU ran that panicked; NULL when not known. */
const struct task *inquiry_task(const struct inquiry *q);

/* " 3 s before the crash", " with the crash", or nothing when the times are not known. */
#define INQUIRY_BEFORE_MAX 64
const char *inquiry_before(const struct inquiry *q, uint64_t ns,
                           char buf[static INQUIRY_BEFORE_MAX]);

/* Finds the value of a row of /proc/meminfo, in KiB. False: it is not known. */
bool inquiry_find_meminfo(const struct inquiry *q, const char *name, uint64_t *ret);

/* The same, 0 when it is not known. */
uint64_t inquiry_meminfo(const struct inquiry *q, const char *name);

/* Both return true, for the rule to return. */
bool finding_say(struct finding *f, enum finding_degree degree, const char *fmt, ...)
	_printf_(3, 4);
bool finding_show(struct finding *f, const char *fmt, ...) _printf_(2, 3);

/* The line of the log is the evidence. */
bool finding_show_line(struct finding *f, const struct line *line);

/* The line of the crash is. */
bool finding_show_crash(const struct inquiry *q, struct finding *ret);

/* Says @text, which ends without a full stop, with number and time of the clue, and shows its last
 * line. False: it is not in the log. */
bool finding_say_clue(const struct inquiry *q, enum clue_kind kind, enum finding_degree degree,
                      const char *text, struct finding *ret);

/* rules-fault.c */
bool rule_requested(const struct inquiry *q, struct finding *ret);
bool rule_root(const struct inquiry *q, struct finding *ret);
bool rule_init(const struct inquiry *q, struct finding *ret);
bool rule_stack(const struct inquiry *q, struct finding *ret);
bool rule_freed(const struct inquiry *q, struct finding *ret);
bool rule_overwritten(const struct inquiry *q, struct finding *ret);
bool rule_bit(const struct inquiry *q, struct finding *ret);
bool rule_module(const struct inquiry *q, struct finding *ret);
bool rule_warning(const struct inquiry *q, struct finding *ret);
bool rule_oopses(const struct inquiry *q, struct finding *ret);
bool rule_panics(const struct inquiry *q, struct finding *ret);

/* rules-machine.c */
bool rule_machine_check(const struct inquiry *q, struct finding *ret);
bool rule_ecc(const struct inquiry *q, struct finding *ret);
bool rule_pci(const struct inquiry *q, struct finding *ret);
bool rule_io(const struct inquiry *q, struct finding *ret);
bool rule_io_error(const struct inquiry *q, struct finding *ret);
bool rule_interrupts(const struct inquiry *q, struct finding *ret);

/* rules-stuck.c */
bool rule_deadlock(const struct inquiry *q, struct finding *ret);
bool rule_lock(const struct inquiry *q, struct finding *ret);
bool rule_rcu(const struct inquiry *q, struct finding *ret);
bool rule_cpu(const struct inquiry *q, struct finding *ret);
bool rule_hung(const struct inquiry *q, struct finding *ret);

/* rules-memory.c */
bool rule_memory(const struct inquiry *q, struct finding *ret);
