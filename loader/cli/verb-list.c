// SPDX-License-Identifier: GPL-2.0-or-later
/* verb-list.c - kdump-lite list: one line for each saved crash. */
#include <errno.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <syslog.h>

#include "config/printable.h"
#include "loader/cli/crashes.h"
#include "loader/cli/pager.h"
#include "vmcore/base/err.h"
#include "vmcore/base/text.h"

enum {
	WHEN,
	ID,
	KERNEL,
	MESSAGE,
	SIZE,
	STATE,
	N_COLUMNS
};

static const char *const titles[N_COLUMNS] = { "WHEN",          "ID",   "KERNEL",
	                                       "PANIC MESSAGE", "SIZE", "STATE" };

/* Cells are UTF-8 fit for a terminal; freed by table_free(). */
struct cells {
	char *cell[N_COLUMNS];
};

static void cells_free(struct cells *rows, size_t n)
{
	for (size_t i = 0; rows && i < n; i++)
		for (size_t c = 0; c < N_COLUMNS; c++)
			free(rows[i].cell[c]);
	free(rows);
}

/* Characters, each taken for one column wide. */
static size_t width_of(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += (*s & 0xc0) != 0x80;
	return n;
}

/* Keeps @width characters, the last of them an ellipsis. */
static void ellipsise(char *s, size_t width)
{
	static const char dots[] = "...";
	size_t n = 0;

	if (width_of(s) <= width || width < strlen(dots))
		return;
	while (n < width - strlen(dots)) {
		s++;
		n += (*s & 0xc0) != 0x80;
	}
	strcpy(s, dots);
}

static int fill_row(const struct crash *c, struct cells *row)
{
	char when[CLI_TIME_MAX], size[TEXT_SIZE_MAX];
	const char *values[N_COLUMNS] = {
		[WHEN] = cli_time(c->crash_time, when),
		[ID] = crash_id(c->name),
		[KERNEL] = *c->kernel_release ? c->kernel_release : "-",
		[MESSAGE] = *c->panic_message ? c->panic_message : "-",
		[SIZE] = c->vmcore_size ? text_from_size(c->vmcore_size, size) : "-",
		[STATE] = crash_outcome_name(c->outcome),
	};

	for (size_t i = 0; i < N_COLUMNS; i++) {
		int r = printable(values[i], strlen(values[i]), false, &row->cell[i]);

		if (r < 0)
			return r;
	}
	return 0;
}

/* 0: no limit. */
static size_t terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	uint64_t v;

	if (columns && text_to_u64(columns, 10, &v) == 0)
		return v;
	if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		return size.ws_col;
	return 0;
}

static void print_cells(const char *const cell[N_COLUMNS], const size_t widths[N_COLUMNS])
{
	for (size_t c = 0; c < N_COLUMNS; c++) {
		int pad = widths[c] - width_of(cell[c]);

		if (c == SIZE)
			printf("%*s%s", pad, "", cell[c]);
		else
			printf("%s%*s", cell[c], c < N_COLUMNS - 1 ? pad : 0, "");
		fputs(c < N_COLUMNS - 1 ? " " : "\n", stdout);
	}
}

/* Makes the panic messages short enough for the lines to fit, but not shorter than their title. */
static void fit(struct cells *rows, size_t n, size_t widths[N_COLUMNS], size_t width)
{
	size_t total = N_COLUMNS - 1, room;

	for (size_t c = 0; c < N_COLUMNS; c++)
		total += widths[c];
	if (width == 0 || total <= width)
		return;
	room = width + widths[MESSAGE] > total ? width + widths[MESSAGE] - total : 0;
	widths[MESSAGE] = MAX(room, strlen(titles[MESSAGE]));
	for (size_t i = 0; i < n; i++)
		ellipsise(rows[i].cell[MESSAGE], widths[MESSAGE]);
}

static int print_table(const struct cli *cli, const struct crashes *c)
{
	_cleanup_(pager_close) struct pager pager = { .terminal = -1 };
	size_t widths[N_COLUMNS], width = terminal_width();
	struct cells *rows = calloc(c->n, sizeof(*rows));
	int r = rows ? 0 : errf(-ENOMEM, "no memory for the table");

	for (size_t i = 0; r == 0 && i < c->n; i++)
		r = fill_row(&c->list[i], &rows[i]);
	if (r == 0) {
		for (size_t k = 0; k < N_COLUMNS; k++) {
			widths[k] = strlen(titles[k]);
			for (size_t i = 0; i < c->n; i++)
				widths[k] = MAX(widths[k], width_of(rows[i].cell[k]));
		}
		fit(rows, c->n, widths, width);
		pager_open(cli, &pager);
		print_cells(titles, widths);
		for (size_t i = 0; i < c->n; i++)
			print_cells((const char *const *)rows[i].cell, widths);
	}
	cells_free(rows, c->n);
	return r;
}

static int print_json(const struct crashes *c)
{
	json_t *list = json_array(), *o;
	int r;

	for (size_t i = 0; i < c->n; i++) {
		_cleanup_free_ char *path = NULL;

		if (asprintf(&path, "%s/%s", c->path, c->list[i].name) < 0)
			path = NULL;
		r = crashes_json(&c->list[i], path, &o);
		if (r == 0 && json_array_append_new(list, o) < 0)
			r = errf(-ENOMEM, "no memory for JSON");
		if (r < 0) {
			json_decref(list);
			return r;
		}
	}
	return crashes_print_json(list);
}

static int run_list(const struct cli *cli, int argc, char *argv[])
{
	_cleanup_(crashes_done) struct crashes c = CRASHES_NULL;
	int r;

	r = crashes_open(cli, &c);
	if (r < 0)
		return r;
	if (cli->json)
		r = print_json(&c);
	else if (c.n > 0)
		r = print_table(cli, &c);
	if (r < 0)
		return r;
	if (c.n == 0 && !cli->quiet)
		cli_log(LOG_NOTICE, "No crashes found.");
	for (size_t i = 0; i < c.n; i++)
		if (c.list[i].fault)
			cli_log(LOG_WARNING, "%s/%s: %s", c.path, c.list[i].name, c.list[i].fault);
	return c.n > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

const struct verb verb_list = {
	.name = "list",
	.args = "",
	.help = "list the saved crashes, the newest last",
	.run = run_list,
	.takes = TAKES_ROOT,
};
