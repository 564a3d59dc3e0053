// SPDX-License-Identifier: GPL-2.0-or-later
/* cli.c - how the command talks, see cli.h. */
#include <errno.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>

#include "loader/show/cli.h"
#include "base/err.h"
#include "base/printable.h"
#include "base/text.h"

static void print_remark(void *arg, const char *text)
{
	cli_log(LOG_WARNING, "%s", text);
}

int cli_settings(const struct cli *cli, struct settings *ret)
{
	return settings_load(cli->root_fd, print_remark, NULL, ret);
}

int cli_usable_settings(const struct cli *cli, struct settings *ret)
{
	return settings_load_usable(cli->root_fd, print_remark, NULL, ret);
}

/* $JOURNAL_STREAM holds device and inode of the journal's socket, see systemd.exec(5). A program
 * that was started with another stderr inherits the variable but not the socket. */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

/* A message without memory: cut, and with what is not plain ASCII as question marks. */
static void print_plain(const char *fmt, va_list args)
{
	char text[512] = "";

	vsnprintf(text, sizeof(text), fmt, args);
	text_mask(text, strlen(text));
	fprintf(stderr, "%s\n", text);
}

/* Messages quote names and what files hold, which may be made to look like other lines, or to move
 * the cursor. */
void cli_log(int level, const char *fmt, ...)
{
	_cleanup_free_ char *text = NULL, *clean = NULL;
	va_list args, again;

	va_start(args, fmt);
	va_copy(again, args);
	if (stderr_is_journal())
		fprintf(stderr, "<%d>", level);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	if (text && printable(text, strlen(text), false, &clean) == 0)
		fprintf(stderr, "%s\n", clean);
	else
		print_plain(fmt, again);
	va_end(again);
	va_end(args);
}

char *cli_time(time_t t, char buf[static CLI_TIME_MAX])
{
	struct tm tm;

	if (t == 0 || !localtime_r(&t, &tm) ||
	    !strftime(buf, CLI_TIME_MAX, "%a %Y-%m-%d %H:%M:%S %Z", &tm))
		strcpy(buf, "-");
	return buf;
}

int cli_print_json(const json_t *o, unsigned digits)
{
	if (!o)
		return oom("JSON");
	if (json_dumpf(o, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(digits)) < 0)
		return errf(-EIO, "the output cannot be written");
	putchar('\n');
	return 0;
}

int cli_ask(const char *what)
{
	char answer[16] = "";

	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return errf(-EPERM, "there is no terminal to ask on; with --yes it does not ask");
	fprintf(stderr, "%s\nType yes to go on: ", what);
	if (!fgets(answer, sizeof(answer), stdin))
		answer[0] = '\0';
	answer[strcspn(answer, "\n")] = '\0';
	return streq(answer, "yes")
	               ? 0
	               : errf(-ECANCELED, "the answer was not yes, nothing has been done");
}
