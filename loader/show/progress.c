// SPDX-License-Identifier: GPL-2.0-or-later
/* progress.c - how far a long work has come, see progress.h. */
#include "loader/show/progress.h"

#include <stdio.h>
#include <syslog.h>

#include "base/clock.h"
#include "base/text.h"

#define BAR_SECONDS  0.2
#define LINE_SECONDS 5
#define BAR_WIDTH    30

void progress_begin(const struct cli *cli, const char *what, unsigned page_shift,
                    struct progress *ret)
{
	const char *term = getenv("TERM");

	*ret = (struct progress){
		.what = what,
		.quiet = cli->quiet,
		.terminal = isatty(STDERR_FILENO) && (!term || !streq(term, "dumb")),
		.page_shift = page_shift,
		.started = clock_seconds(),
		.last = clock_seconds(),
	};
}

/* "12 s", "3 min 5 s", "2 h 10 min" */
static char *words_of(double seconds, char *buf, size_t size)
{
	uint64_t s = seconds + 0.5;

	if (s >= 3600)
		snprintf(buf, size, "%u h %u min", (unsigned)(s / 3600), (unsigned)(s % 3600 / 60));
	else if (s >= 60)
		snprintf(buf, size, "%u min %u s", (unsigned)(s / 60), (unsigned)(s % 60));
	else
		snprintf(buf, size, "%u s", (unsigned)s);
	return buf;
}

void progress_pages(void *arg, uint64_t done, uint64_t total)
{
	struct progress *p = arg;
	double now = clock_seconds(), spent = now - p->started;
	char of[TEXT_SIZE_MAX], all[TEXT_SIZE_MAX], rate[TEXT_SIZE_MAX], left[48], words[256];

	if (p->quiet || done == 0 || done >= total ||
	    now - p->last < (p->terminal ? BAR_SECONDS : LINE_SECONDS))
		return;
	p->last = now;
	text_from_size(done << p->page_shift, of);
	text_from_size(total << p->page_shift, all);
	text_from_size((uint64_t)((done << p->page_shift) / spent), rate);
	snprintf(words, sizeof(words), "%u%%, %s of %s, %s/s, %s left",
	         (unsigned)(done * 100 / total), of, all, rate,
	         words_of((total - done) * spent / done, left, sizeof(left)));
	if (p->terminal) {
		char bar[BAR_WIDTH + 1];
		unsigned full = done * BAR_WIDTH / total;

		memset(bar, '#', full);
		memset(bar + full, '-', BAR_WIDTH - full);
		bar[BAR_WIDTH] = '\0';
		fprintf(stderr, "\r[%s] %s\033[K", bar, words);
		p->shown = true;
	} else {
		cli_log(LOG_INFO, "%s: %s", p->what, words);
	}
}

void progress_end(struct progress *p)
{
	if (p->shown)
		fprintf(stderr, "\r\033[K");
	p->shown = false;
}
