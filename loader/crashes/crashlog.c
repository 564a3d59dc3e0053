// SPDX-License-Identifier: GPL-2.0-or-later
/* crashlog.c - what the log that was saved of a crash tells about it, see crashlog.h. */
#include "loader/crashes/crashlog.h"

#include <errno.h>

#include "system/file.h"
#include "base/printable.h"
#include "base/text.h"
#include "vmcore/kernel/dmesg.h"
#include "vmcore/report/fingerprint.h"
#include "vmcore/log/title.h"

#define LOG_SIZE_MAX MIB(64)

int crashlog_learn_text(char **field, const char *text, size_t len)
{
	char *clean;
	int r;

	if (*field && **field)
		return 0;
	r = printable(text, len, false, &clean);
	if (r < 0)
		return r;
	free(*field);
	*field = clean;
	return 0;
}

/* The kernel's line is among the first of its log (start_kernel() of init/main.c); arm64 and
 * loaders of microcode have some before it. */
#define BANNER_LINES 16

/* Finds "Linux version 6.1.0-9-amd64 (build@host) (gcc ...) #1 SMP ..." (init/version-timestamp.c).
 * In a log that has run over it is not there, and programs may write such a line later. */
static int learn_release(const char *log, struct crash *c)
{
	static const char key[] = "Linux version ";
	const char *line = log;

	for (unsigned n = 0; n < BANNER_LINES && *(line = dmesg_skip_programs(line)); n++) {
		const char *at = dmesg_skip_stamp(line);
		size_t len;

		if (strncmp(at, key, strlen(key)) == 0) {
			at += strlen(key);
			len = strcspn(at, " \n");
			if (strncmp(at + len, " (", 2) == 0)
				return crashlog_learn_text(&c->kernel_release, at, len);
		}
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	return 0;
}

int crashlog_set_fingerprint(struct crash *c, const struct fingerprint *f)
{
	int r;

	if ((r = text_replace(&c->fingerprint, f->hash)) < 0 ||
	    (r = text_replace(&c->fingerprint_text, f->text)) < 0)
		return r;
	return text_replace(&c->fingerprint_loose, f->loose);
}

int crashlog_learn_at(int dir_fd, struct crash *c)
{
	_cleanup_free_ char *log = NULL, *message = NULL;
	struct fingerprint f;
	size_t len;
	int r;

	if (!c->log)
		return 0;
	r = file_read_entry(dir_fd, c->log, LOG_SIZE_MAX, &log, &len);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char *nul = log; (nul = memchr(nul, '\0', log + len - nul));)
		*nul = '?';
	r = learn_release(log, c);
	if (r < 0)
		return r;
	if (title_of_log(log, &message) == 0 &&
	    (r = crashlog_learn_text(&c->panic_message, message, strlen(message))) < 0)
		return r;
	if (*c->fingerprint || fingerprint_of_log(log, &f) < 0)
		return 0;
	return crashlog_set_fingerprint(c, &f);
}

int crashlog_learn(int parent_fd, struct crash *c)
{
	_cleanup_close_ int fd = file_open_subdir(parent_fd, c->name);

	return fd < 0 ? 0 : crashlog_learn_at(fd, c);
}
