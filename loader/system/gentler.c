// SPDX-License-Identifier: GPL-2.0-or-later
/* gentler.c - gentler command lines for a capture kernel, see gentler.h. */
#include "loader/system/gentler.h"

#include <stdio.h>

#include "base/err.h"
#include "base/text.h"
#include "system/file.h"
#include "system/tree.h"

#define FILE_NAME (strrchr(GENTLER_PATH, '/') + 1)

const struct gentler_row gentler_rows[GENTLER_ROWS] = {
	/* A serial port without a reader, or with flow control, may stop the kernel when its
	 * driver takes over from earlycon. */
	{ .remove = { "console", "earlycon", "earlyprintk" }, .what = "without console=" },
	/* A line that is never quiet is polled without end. A reset that a controller does not
	 * survive takes as long as its driver waits. */
	{ .remove = { "irqpoll", "reset_devices" }, .what = "without irqpoll and reset_devices" },
	/* A CPU that the crash left in some state may not start again, or stop all. */
	{ .one_cpu = true, .what = "with one CPU" },
};

/* What is damaged counts as nothing. */
void gentler_read(int root_fd, const char *kernel, struct gentler *ret)
{
	_cleanup_free_ char *line = NULL;
	struct gentler g = {};
	char state[8];

	*ret = (struct gentler){};
	snprintf(ret->kernel, sizeof(ret->kernel), "%s", kernel);
	if (tree_read_line(root_fd, GENTLER_PATH, &line) < 0 ||
	    sscanf(line, "%64s %u %7s", g.kernel, &g.row, state) != 3 || g.row > GENTLER_ROWS ||
	    !streq(g.kernel, ret->kernel))
		return;
	ret->row = g.row;
	ret->tried = streq(state, "tried");
	ret->stays = ret->tried || streq(state, "proved");
}

static int write_state(int state_fd, const struct gentler *g)
{
	_cleanup_free_ char *text = NULL;
	const char *state = g->tried ? "tried" : g->stays ? "proved" : "open";
	int r = text_printf(&text, "%s %u %s\n", g->kernel, g->row, state);

	if (r < 0)
		return r;
	r = file_replace(state_fd, FILE_NAME, text, strlen(text), 0600);
	return r < 0 ? err_prefix(r, GENTLER_PATH) : 0;
}

int gentler_next(int root_fd, int state_fd, const char *kernel)
{
	struct gentler g;
	int r;

	gentler_read(root_fd, kernel, &g);
	if (g.stays || !*g.kernel)
		return 0;
	g.tried = g.row == GENTLER_ROWS;
	g.row = g.tried ? 0 : g.row + 1;
	r = write_state(state_fd, &g);
	return r < 0 ? r : 1;
}

int gentler_prove(int root_fd, int state_fd, const char *kernel)
{
	struct gentler g;

	gentler_read(root_fd, kernel, &g);
	if (g.stays || !*g.kernel)
		return 0;
	g.stays = true;
	return write_state(state_fd, &g);
}

int gentler_back(int root_fd, int state_fd, const char *kernel)
{
	struct gentler g;

	gentler_read(root_fd, kernel, &g);
	if (g.stays || !*g.kernel)
		return 0;
	g.row -= g.row > 0;
	g.stays = true;
	return write_state(state_fd, &g);
}

int gentler_describe(const struct gentler *g, char **ret)
{
	_cleanup_(strv_freep) char **parts = NULL;

	for (unsigned i = 0; i < g->row; i++)
		if (strv_push(&parts, gentler_rows[i].what) < 0)
			return oom("a command line");
	return strv_join(parts, ", ", ret) < 0 ? oom("a command line") : 0;
}
