// SPDX-License-Identifier: GPL-2.0-or-later
/* verb-dmesg.c - kdump-lite dmesg: the kernel log of a crash. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <syslog.h>

#include "loader/cli/verb.h"
#include "system/file.h"
#include "base/printable.h"
#include "loader/crashes/dumpfile.h"
#include "loader/crashes/subject.h"
#include "vmcore/kernel/dmesg.h"
#include "loader/show/pager.h"
#include "base/err.h"

#define LOG_SIZE_MAX MIB(256)

/* The log in the dump is whole. The file, written before the dump, may have been cut off.
 * @ret_unmarked is who wrote the lines without a mark: other tools mark nothing, so it is NULL for
 * their files. */
static int read_log(const struct cli *cli, struct subject *s, char **ret, size_t *ret_len,
                    const char **ret_unmarked)
{
	const char *log = s->crash.log ? s->crash.log : CRASH_DMESG;
	bool has_dump = s->n_files > 0;
	struct dump *d;
	int r_file, r = subject_dump(s, &d);

	if (r >= 0)
		r = dumpfile_log(d, ret, ret_len);
	if (r >= 0)
		*ret_unmarked = "kern";
	if (r >= 0 || s->dir_fd < 0 || (!has_dump && !s->crash.log))
		return r;
	r_file = file_read(s->dir_fd, log, LOG_SIZE_MAX, ret, ret_len);
	if (r_file < 0 && has_dump)
		return r;
	if (r_file < 0)
		return errf(r_file, "%s/%s: cannot be read: %s", s->path, log, strerror(-r_file));
	if (has_dump)
		cli_log(LOG_WARNING, "%s, going on with %s", err_text(r), log);
	else if (!cli->quiet)
		cli_log(LOG_NOTICE, "%s: no dump, this is %s", s->path, log);
	*ret_unmarked = *s->crash.capture_version ? "kern" : NULL;
	return 0;
}

/* A pipe gets the bytes as they are, a terminal nothing that it would obey. */
static int print_log(const struct cli *cli, const char *log, size_t len)
{
	_cleanup_(pager_close) struct pager pager = { .terminal = -1 };
	_cleanup_free_ char *clean = NULL;
	int r;

	if (isatty(STDOUT_FILENO)) {
		r = printable(log, len, true, &clean);
		if (r < 0)
			return r;
		log = clean;
		len = strlen(clean);
	}
	pager_open(cli, &pager);
	fwrite(log, 1, len, stdout);
	return 0;
}

/* Appends the record of @len bytes at @line, with @stamp bytes in front of the text: {"time":
 * seconds, "facility": name, "message": text}. One without a mark is of the facility @unmarked. */
static int add_record(json_t *list, const char *line, size_t stamp, size_t len,
                      const char *unmarked)
{
	size_t mark = dmesg_mark_length(line);
	_cleanup_free_ char *clean = NULL;
	json_t *record;
	int r = printable(line + stamp, len - stamp, true, &clean);

	if (r < 0)
		return r;
	record = json_pack("{s:f, s:o, s:s}", "time", strtod(line + mark + 1, NULL), "facility",
	                   mark ? json_stringn(line, strcspn(line, " :"))
	                        : json_pack("s?", unmarked),
	                   "message", clean);
	return json_array_append_new(list, record) < 0 ? -ENOMEM : 0;
}

/* Length of a mark and the "[   12.345678] " in front of a record; 0 for a line that continues a
 * record. */
static size_t stamp_length(const char *record)
{
	size_t mark = dmesg_mark_length(record), n;
	const char *line = record + mark;

	n = strspn(line + (*line == '['), " 0123456789.") + 1;
	return *line == '[' && line[n] == ']' && line[n + 1] == ' ' ? mark + n + 2 : 0;
}

static int print_log_json(const char *log, const char *unmarked)
{
	json_auto_t *list = json_array();

	while (*log) {
		size_t stamp = stamp_length(log), len = 0;

		do
			len += strcspn(log + len, "\n") + 1;
		while (log[len - 1] && log[len] && !stamp_length(log + len));
		if (add_record(list, log, stamp, len - 1, unmarked) < 0)
			return errf(-ENOMEM, "no memory for the log as JSON");
		log += log[len - 1] ? len : len - 1;
	}
	return cli_print_json(list, 0);
}

static int run_dmesg(const struct cli *cli, int argc, char *argv[])
{
	_cleanup_(subject_done) struct subject s = SUBJECT_NULL;
	_cleanup_free_ char *log = NULL;
	const char *unmarked;
	size_t len;
	int r;

	if ((r = subject_open(cli, argc, argv, &s)) < 0 ||
	    (r = read_log(cli, &s, &log, &len, &unmarked)) < 0)
		return r;
	return cli->json ? print_log_json(log, unmarked) : print_log(cli, log, len);
}

const struct verb verb_dmesg = {
	.name = "dmesg",
	.args = "[CRASH...]",
	.help = "print the kernel log of a crash, by default the last",
	.max_args = SUBJECT_PARTS_MAX,
	.run = run_dmesg,
	.takes = TAKES_ROOT | TAKES_JSON | TAKES_QUIET | TAKES_NO_PAGER,
};
