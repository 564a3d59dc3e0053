// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * crash-kind.c - finds the kind of a crash in the kernel's log, see crash-kind.h.
 *
 * For a fault the kernel writes several lines. The first one names it ("BUG: kernel NULL pointer
 * dereference, address: ..."), later ones say that it was fatal ("Oops: ...", "Kernel panic - not
 * syncing: Fatal exception"). With a capture kernel there is often no panic after an oops. A kernel
 * goes on after a warning and after most lines with "BUG: ", so the last line that matches counts.
 *
 * Programs write lines too, and give themselves names with which lines of the kernel begin. Neither
 * counts.
 *
 * The texts are those of Linux 4.19 to 6.18: arch/x86/mm/fault.c, arch/x86/kernel/{traps,nmi}.c and
 * cpu/mce/core.c, arch/arm64/{mm/fault,kernel/traps}.c, kernel/{panic,watchdog,hung_task}.c,
 * kernel/rcu/tree_stall.h, drivers/tty/sysrq.c, lib/bug.c, lib/ubsan.c, mm/{oom_kill,kasan/report,
 * kfence/report}.c.
 */
#include "vmcore/log/crash-kind.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include "base/err.h"
#include "base/text.h"
#include "vmcore/kernel/dmesg.h"

enum flags {
	PANIC = 1 << 0,     /* the text follows "Kernel panic - not syncing: " */
	OOPS = 1 << 1,      /* a fault of the kernel; MORE lines may follow */
	MORE = 1 << 2,      /* belongs to the oops before; a kind of its own only without one */
	MINOR = 1 << 3,     /* the kernel goes on: any other line counts more */
	WARNING = 1 << 4,   /* counts only if a panic with WARNED follows */
	WARNED = 1 << 5,    /* the panic is because of a warning */
	FIRST = 1 << 6,     /* if there are several, the first is the cause */
	UP_TO_IN = 1 << 7,  /* the kind also has the words up to " in " */
	FILE_NAME = 1 << 8, /* ... the name of the file, without directories and line */
	TEXT = 1 << 9,      /* ... the whole line */
	CPU = 1 << 10,      /* "on cpu 3" follows: the calls of that CPU count */
	TASK = 1 << 11,     /* "name:123 blocked": the calls of that task count */
	NOBODY = 1 << 12,   /* no calls count */
	LOG_FIRST = 1 << 13,
	BEFORE = 1 << 14, /* the panic that follows replaces it */
};

struct row {
	const char *text; /* the start of the line; a star stands for any text */
	const char *kind;
	unsigned flags;
	unsigned skip;
	const char *behind; /* must follow on the line */
};

#define INTERRUPTED (CALLS_SKIP_INTERRUPT | CALLS_SKIP_LOCKS)

/* The first row that matches counts. */
static const struct row rows[] = {
	{ "sysrq triggered crash", "sysrq", PANIC },
	{ "*Fatal exception", "oops", PANIC | MORE },
	{ "Aiee, killing interrupt handler", "oops", PANIC | MORE },
	{ "Attempted to kill init", "init killed", PANIC | MORE },
	{ "Attempted to kill the idle task", "idle task killed", PANIC | MORE },
	{ "kasan.fault", "KASAN", PANIC | MORE },
	{ "*panic_on_warn set", "warning", PANIC | WARNED },
	{ "softlockup", "soft lockup", PANIC, INTERRUPTED },
	{ "hung_task", "hung task", PANIC | NOBODY },
	{ "RCU Stall", "RCU stall", PANIC, INTERRUPTED },
	{ "Hard LOCKUP", "hard lockup", PANIC, CALLS_SKIP_NMI | INTERRUPTED },
	{ "*hard LOCKUP", "hard lockup", PANIC | CPU, CALLS_SKIP_NMI | INTERRUPTED },
	{ "*ut of memory", "out of memory", PANIC | NOBODY },
	{ "System is deadlocked on memory", "out of memory", PANIC | NOBODY },
	{ "stack-protector: Kernel stack is corrupted", "stack corrupted", PANIC | OOPS },
	{ "corrupted stack end", "stack overflow", PANIC | OOPS },
	{ "kernel stack overflow", "stack overflow", PANIC | OOPS },
	{ "*achine check", "machine check", PANIC | NOBODY },
	{ "Timeout: Not all CPUs entered", "machine check", PANIC | NOBODY },
	{ "Memory error", "machine check", PANIC | NOBODY },
	{ "*atal hardware error", "hardware error", PANIC | NOBODY },
	{ "Asynchronous SError", "SError", PANIC | NOBODY },
	{ "*NMI", "NMI", PANIC | NOBODY },
	{ "", "panic", PANIC | TEXT },

	{ "BUG: kernel NULL pointer dereference", "null pointer", OOPS },
	{ "BUG: unable to handle kernel NULL pointer", "null pointer", OOPS },
	{ "Unable to handle kernel NULL pointer", "null pointer", OOPS },
	{ "BUG: unable to handle ", "page fault", OOPS },
	{ "Unable to handle kernel ", "page fault", OOPS },
	{ "kernel BUG at ", "BUG at", OOPS | FILE_NAME, .behind = ":" },
	{ "general protection fault", "general protection fault", OOPS },
	{ "Oops: general protection fault", "general protection fault", OOPS },
	{ "BUG: *stack guard page was hit", "stack overflow", OOPS },
	{ "Insufficient stack space", "stack overflow", OOPS },
	{ "traps: PANIC: double fault", "double fault", OOPS },
	{ "PANIC: double fault", "double fault", OOPS },
	{ "double fault: ", "double fault", OOPS | MORE },
	{ "Oops: double fault", "double fault", OOPS | MORE },
	{ "divide error: ", "divide error", OOPS },
	{ "Oops: divide error", "divide error", OOPS },
	{ "CFI failure", "CFI failure", OOPS },
	{ "invalid opcode: ", "invalid opcode", OOPS | MORE },
	{ "Oops: invalid opcode", "invalid opcode", OOPS | MORE },
	{ "Internal error: Oops", "oops", OOPS | MORE },
	{ "Internal error: ", "internal error", OOPS | MORE | TEXT },
	{ "Oops: ", "oops", OOPS | MORE },
	{ "Oops", "oops", OOPS | MORE, .behind = "[#" },

	{ "BUG: KASAN: ", "KASAN", UP_TO_IN | OOPS },
	{ "BUG: KFENCE: ", "KFENCE", UP_TO_IN | WARNING },
	{ "BUG: KMSAN: ", "KMSAN", UP_TO_IN | WARNING },
	{ "BUG: KCSAN: ", "KCSAN", UP_TO_IN | WARNING },
	{ "UBSAN: ", "UBSAN", UP_TO_IN | WARNING },
	{ "WARNING: ", "warning", WARNING },

	{ "BUG: soft lockup", "soft lockup", 0, INTERRUPTED },
	{ "Watchdog detected hard LOCKUP", "hard lockup", CPU, CALLS_SKIP_NMI | INTERRUPTED },
	{ "CPU*: Watchdog detected hard LOCKUP", "hard lockup", CPU, CALLS_SKIP_NMI | INTERRUPTED },
	{ "INFO: task * blocked for more than", "hung task", FIRST | TASK, CALLS_SKIP_WAITS },
	{ "rcu: INFO: * stall", "RCU stall", LOG_FIRST, INTERRUPTED },
	{ "INFO: rcu* stall", "RCU stall", LOG_FIRST, INTERRUPTED },
	{ "sysrq: Trigger a crash", "sysrq", BEFORE },
	{ "sysrq: SysRq : Trigger a crash", "sysrq", BEFORE },
	{ "SysRq : Trigger a crash", "sysrq", BEFORE },
	{ "BUG: ", "BUG", MINOR | TEXT },
};

static const char panic[] = "Kernel panic - not syncing: ";

/* Matches the line of @len bytes at @text; returns the text behind the pattern, or NULL. */
static const char *match_line(const char *pattern, const char *text, size_t len)
{
	size_t head = strcspn(pattern, "*");
	const char *found;

	if (len < head || strncmp(text, pattern, head) != 0)
		return NULL;
	if (!pattern[head])
		return text + head;
	found = memmem(text + head, len - head, pattern + head + 1, strlen(pattern + head + 1));
	return found ? found + strlen(pattern + head + 1) : NULL;
}

/* The letters of a task's name, of any program's choice (include/linux/sched.h). */
#define NAME_MAX_LETTERS 15

/* True if @text goes on as behind a task's name at the start of a line, where the kernel tells of
 * the task: "NAME[123]: segfault at", "NAME (123): drop_caches", "NAME invoked oom-killer". */
static bool is_behind_name(const char *text)
{
	static const char *const rest[] = { " invoked oom-killer", ": page allocation failure",
		                            ": vmalloc ", " uses " };
	const char *number = text + (*text == ' ');

	if (strchr("[(/", *number) && *number && isdigit((unsigned char)number[1])) {
		char end = *number == '[' ? ']' : *number == '(' ? ')' : ' ';

		number++;
		while (isdigit((unsigned char)*number))
			number++;
		return *number == end;
	}
	for (size_t i = 0; i < ARRAY_SIZE(rest); i++)
		if (strncmp(text, rest[i], strlen(rest[i])) == 0)
			return true;
	return false;
}

/* True if the line of @len bytes may begin with the name of a task, which may be any text. */
static bool begins_with_name(const char *text, size_t len)
{
	for (size_t i = 1; i < MIN(len, (size_t)NAME_MAX_LETTERS + 1); i++)
		if (is_behind_name(text + i))
			return true;
	return false;
}

/* Skips what watchdogs write in front of their messages. */
static const char *skip_watchdog(const char *text)
{
	text += strncmp(text, "NMI ", 4) == 0 ? 4 : 0;
	return text + (strncmp(text, "watchdog: ", 10) == 0 ? 10 : 0);
}

/* A line of the log that matches a row. */
struct event {
	const struct row *row; /* NULL: there is none */
	const char *line;      /* start of the line */
	const char *rest;      /* the text behind the pattern */
};

static struct event look_at_line(const char *line)
{
	const char *text = dmesg_skip_stamp(line);
	bool is_panic = strncmp(text, panic, sizeof(panic) - 1) == 0;
	size_t len;

	if (begins_with_name(text, strcspn(text, "\n")))
		return (struct event){};
	text = is_panic ? text + sizeof(panic) - 1 : skip_watchdog(text);
	len = strcspn(text, "\n");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *rest;

		if (!(rows[i].flags & PANIC) == is_panic)
			continue;
		rest = match_line(rows[i].text, text, len);
		if (rest && (!rows[i].behind || memmem(rest, text + len - rest, rows[i].behind,
		                                       strlen(rows[i].behind))))
			return (struct event){ &rows[i], line, rest };
	}
	return (struct event){};
}

/* True if @next belongs to the crash that began with @e, or counts less. */
static bool goes_on(const struct event *e, const struct event *next)
{
	unsigned flags = next->row->flags;
	bool same;

	if (!e->row)
		return false;
	same = streq(e->row->kind, next->row->kind);
	return (flags & MINOR) || (flags & MORE && e->row->flags & OOPS) ||
	       (same && flags & (PANIC | FIRST) && !(e->row->flags & BEFORE));
}

static struct event find_event(const char *log)
{
	struct event e = {}, warning = {};
	bool over = false;

	for (const char *line = log; *(line = dmesg_skip_programs(line));) {
		struct event next = look_at_line(line);

		if (!next.row || (over && !(next.row->flags & PANIC))) {
			/* Only another panic counts after a panic. */
		} else if (next.row->flags & WARNING) {
			warning = next;
		} else if (next.row->flags & WARNED && warning.row &&
		           (!e.row || warning.line > e.line)) {
			e = warning;
		} else if (!(next.row->flags & WARNED && e.row) && !goes_on(&e, &next)) {
			e = next;
		}
		over |= next.row && next.row->flags & PANIC;
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	return e;
}

/* True for a number: it begins with a digit, or is hexadecimal and as long as an address. */
static bool is_number(const char *word, size_t len)
{
	size_t hex = 0;
	bool digit = false;

	if (isdigit((unsigned char)*word))
		return true;
	for (; hex < len && isxdigit((unsigned char)word[hex]); hex++)
		digit |= isdigit((unsigned char)word[hex]);
	return hex == len && len >= 8 && digit;
}

/* True for words before a name that differs from crash to crash. */
static bool is_before_name(const char *word, size_t len)
{
	static const char *const words[] = {
		"process", "comm", "Comm", "device", "task", "atomic"
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (len == strlen(words[i]) && strncmp(word, words[i], len) == 0)
			return true;
	return false;
}

/* Writes a word to @out, normalised; returns the length. */
static size_t write_word(char *out, const char *word, size_t len)
{
	if (is_number(word, len)) {
		*out = 'N';
		return 1;
	}
	if (len > 3 && strncasecmp(word, "cpu", 3) == 0 && isdigit((unsigned char)word[3])) {
		memcpy(out, "cpuN", 4);
		return 4;
	}
	memcpy(out, word, len);
	return len;
}

/* The length of a name of a program or device: a word, with punctuation inside. */
static size_t name_length(const char *s)
{
	size_t len = 1 + strcspn(s + 1, " ,;)]\n");

	while (len > 1 && strchr(":.!", s[len - 1]))
		len--;
	return len;
}

void crash_kind_normalise(const char *text, char *buf, size_t size)
{
	bool name_next = false;
	char *out = buf, *end = buf + size - 1;

	while (*text && *text != '\n' && out < end) {
		size_t len = 0;

		while (isalnum((unsigned char)text[len]) || text[len] == '_')
			len++;
		/* "[#1] PREEMPT SMP" is a count, and options of the kernel's build. */
		if (strncmp(text, " [#", 3) == 0)
			break;
		if (name_next && !strchr(" :=", *text)) {
			*out++ = 'X';
			text += name_length(text);
			name_next = false;
		} else if (len > 0) {
			if (len > (size_t)(end - out))
				break;
			out += write_word(out, text, len);
			name_next = is_before_name(text, len);
			text += len;
		} else {
			*out++ = isprint((unsigned char)*text) ? *text : '?';
			text++;
		}
	}
	while (out > buf && strchr(" .:!,", out[-1]))
		out--;
	*out = '\0';
}

/* Makes "slub.c" of "mm/slub.c:123!". */
static void file_name(const char *text, char *buf, size_t size)
{
	size_t len = strcspn(text, ":!\n ");
	const char *slash = memrchr(text, '/', len), *from = slash ? slash + 1 : text;

	snprintf(buf, size, "%.*s", (int)(text + len - from), from);
	text_mask(buf, strlen(buf));
}

static void write_name(const struct event *e, struct crash_kind *k)
{
	char more[CRASH_KIND_MAX - 40] = "";
	unsigned flags = e->row->flags;

	if (flags & FILE_NAME) {
		file_name(e->rest, more, sizeof(more));
	} else if (flags & (TEXT | UP_TO_IN)) {
		char *in;

		crash_kind_normalise(e->rest, more, sizeof(more));
		in = flags & UP_TO_IN ? strstr(more, " in ") : NULL;
		if (in)
			*in = '\0';
	}
	snprintf(k->name, sizeof(k->name), "%s%s%s", e->row->kind,
	         !*more         ? ""
	         : flags & TEXT ? ": "
	                        : " ",
	         more);
}

/* The number behind " cpu ", or -1. */
static int read_cpu(const char *text)
{
	const char *end = text + strcspn(text, "\n"), *at = memmem(text, end - text, "cpu ", 4);

	return at && isdigit((unsigned char)at[4]) ? (int)MIN(strtoul(at + 4, NULL, 10), 65535)
	                                           : -1;
}

/* The number in "task name:123 blocked for more than", or -1. A name may have any character. */
static int read_task(const char *rest)
{
	const char *at = rest - strlen(" blocked for more than"), *digits = at;

	while (isdigit((unsigned char)digits[-1]))
		digits--;
	return digits < at && digits[-1] == ':' ? (int)MIN(strtoul(digits, NULL, 10), INT32_MAX)
	                                        : -1;
}

int crash_kind_find(const char *log, struct crash_kind *ret)
{
	struct event e = find_event(log);
	unsigned flags;

	if (!e.row)
		return errf(-ENODATA, "the log has no message of a crash");
	flags = e.row->flags;
	*ret = (struct crash_kind){
		.line = e.line,
		.whose = flags & NOBODY ? CRASH_OF_NOBODY
		         : flags & TASK ? CRASH_OF_TASK
		         : flags & CPU  ? CRASH_OF_CPU
		                        : CRASH_OF_PANIC_CPU,
		.number = flags & TASK  ? read_task(e.rest)
		          : flags & CPU ? read_cpu(e.rest)
		                        : -1,
		.skip = e.row->skip,
		.log_first = flags & LOG_FIRST,
	};
	write_name(&e, ret);
	return 0;
}
