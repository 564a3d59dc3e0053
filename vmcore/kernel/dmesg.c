// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dmesg.c - the kernel log out of a dump: makes the lines, and picks the reader of the layout.
 */
#include "vmcore/kernel/dmesg.h"

#include <ctype.h>
#include <endian.h>
#include <errno.h>
#include <stdio.h>

#include "base/err.h"
#include "vmcore/kernel/dmesg-layout.h"

static const char incomplete_mark[] = "[incomplete record]";

int log_missing(const char *kind, const char *name)
{
	return errf(-ENODATA, "VMCOREINFO has no %s(%s): the kernel log cannot be found", kind,
	            name);
}

int log_offsets(const struct vmcoreinfo *vi, const char *const *names, size_t n, uint64_t *ret)
{
	for (size_t i = 0; i < n; i++)
		if (!vmcoreinfo_get(vi, "OFFSET", names[i], &ret[i]))
			return log_missing("OFFSET", names[i]);
	return 0;
}

int log_u16(struct log_writer *w, uint64_t va, uint16_t *ret)
{
	uint16_t v;
	int r = kspace_read(w->ks, va, &v, sizeof(v));

	if (r < 0)
		return r;
	*ret = le16toh(v);
	return 0;
}

struct log_author log_read_author(struct log_writer *w, uint64_t va)
{
	uint8_t bytes[2];

	if (kspace_read(w->ks, va, bytes, sizeof(bytes)) < 0)
		return LOG_NO_AUTHOR;
	return (struct log_author){ .facility = bytes[0], .level = bytes[1] >> 5 };
}

/* Names are those of dmesg(1) -x. */
void dmesg_facility(int facility, char ret[static DMESG_FACILITY_MAX])
{
	static const char *const names[] = {
		"kern",   "user",   "mail",   "daemon",   "auth",   "syslog",        "lpr",
		"news",   "uucp",   "cron",   "authpriv", "ftp",    [16] = "local0", "local1",
		"local2", "local3", "local4", "local5",   "local6", "local7",
	};

	if (facility >= 0 && (size_t)facility < ARRAY_SIZE(names) && names[facility])
		snprintf(ret, DMESG_FACILITY_MAX, "%s", names[facility]);
	else
		snprintf(ret, DMESG_FACILITY_MAX, "%d", facility);
}

/* Marks a record that the kernel did not write itself. Those come from /dev/kmsg, which never gives
 * them the facility of the kernel (devkmsg_write() in kernel/printk/printk.c, Linux 6.12). The form
 * is that of dmesg(1) -x. */
static int log_mark(char *out, struct log_author a)
{
	static const char *const levels[] = { "emerg", "alert",  "crit", "err",
		                              "warn",  "notice", "info", "debug" };
	char facility[DMESG_FACILITY_MAX];

	if (a.facility <= 0)
		return 0;
	dmesg_facility(a.facility, facility);
	return sprintf(out, "%-6s:%-6s: ", facility, levels[a.level]);
}

/* Writes the time of a record. An unknown time has the same width. */
static int log_stamp(char *out, uint64_t ns, bool known)
{
	if (!known)
		return sprintf(out, "[    ?.??????] ");
	return sprintf(out, "[%5llu.%06llu] ", (unsigned long long)(ns / 1000000000),
	               (unsigned long long)(ns % 1000000000 / 1000));
}

/* A record becomes a line, or several: the later ones are indented below the text of the first. */
int log_write_record(struct log_writer *w, uint64_t ns, struct log_author author, size_t len,
                     bool incomplete)
{
	struct dmesg_record record = {
		.text = w->out, .ns = ns, .level = author.level, .facility = author.facility
	};
	bool known = !w->no_time && (!incomplete || ns != 0);
	int mark = log_mark(w->out, author), indent = mark + log_stamp(w->out + mark, ns, known);
	char *out = w->out + indent, *end = out + 4 * LOG_MAX_TEXT;

	for (size_t i = 0; i < len && out < end; i++) {
		uint8_t c = w->text[i];

		if (c == '\n')
			out += sprintf(out, "\n%*s", indent, "");
		else if (isprint(c) || c == '\t')
			*out++ = c;
		else
			out += sprintf(out, "\\x%02x", c);
	}
	if (incomplete)
		out += sprintf(out, "%s%s", len > 0 ? " " : "", incomplete_mark);
	*out++ = '\n';
	record.stamp = indent;
	record.len = out - w->out;
	return w->emit(w->arg, &record);
}

/* The newer layout first. */
static const struct {
	const char *symbol;
	int (*write)(struct log_writer *w, uint64_t symbol);
} layouts[] = {
	{ "prb", log_write_ring },       /* since 5.10 */
	{ "log_buf", log_write_buffer }, /* 3.5 to 5.9 */
};

int dmesg_records(struct kspace *ks, dmesg_record_fn emit, void *arg)
{
	_cleanup_free_ struct log_writer *w = malloc(sizeof(*w));
	uint64_t symbol;

	if (!w)
		return -ENOMEM;
	w->ks = ks;
	w->emit = emit;
	w->arg = arg;
	w->no_time = false;
	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++)
		if (vmcoreinfo_get(&ks->dump->vmcoreinfo, "SYMBOL", layouts[i].symbol, &symbol))
			return layouts[i].write(w, symbol);
	return errf(-ENODATA, "VMCOREINFO has neither SYMBOL(prb) nor SYMBOL(log_buf): the kernel "
	                      "log cannot be found");
}

struct text_taker {
	dmesg_emit_fn emit;
	void *arg;
};

/* A dmesg_record_fn. */
static int emit_text(void *arg, const struct dmesg_record *record)
{
	const struct text_taker *t = arg;

	return t->emit(t->arg, record->text, record->len);
}

int dmesg_write(struct kspace *ks, dmesg_emit_fn emit, void *arg)
{
	struct text_taker t = { emit, arg };

	return dmesg_records(ks, emit_text, &t);
}

size_t dmesg_mark_length(const char *line)
{
	const char *at = line;

	for (int i = 0; i < 2; i++) {
		const char *from = at;

		at += strspn(at, "abcdefghijklmnopqrstuvwxyz0123456789");
		at += at > from ? strspn(at, " ") : 0;
		if (at - from < 6 || *at++ != ':')
			return 0;
	}
	return at[0] == ' ' && at[1] == '[' ? at + 1 - line : 0;
}

const char *dmesg_skip_programs(const char *line)
{
	while (dmesg_mark_length(line) > 0 && strncmp(line, "kern ", 5) != 0)
		do {
			line += strcspn(line, "\n");
			line += *line == '\n';
		} while (*line == ' ');
	return line;
}

const char *dmesg_skip_stamp(const char *line)
{
	line += dmesg_mark_length(line);
	while (*line == '[') {
		const char *end = line + strcspn(line, "]\n");

		if (end[0] != ']' || (end[1] != ' ' && end[1] != '['))
			break;
		line = end + 1 + (end[1] == ' ');
	}
	return line;
}
