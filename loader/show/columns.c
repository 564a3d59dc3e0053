// SPDX-License-Identifier: GPL-2.0-or-later
/* columns.c - a table of text that fits the terminal, see columns.h. */
#include "loader/show/columns.h"

#include <errno.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include "base/printable.h"
#include "base/err.h"
#include "base/text.h"

static const char none[] = "-";

void columns_done(struct columns *c)
{
	for (size_t i = 0; i < c->n_cells; i++)
		free(c->cells[i]);
	free(c->cells);
	c->cells = NULL;
	c->n_cells = 0;
}

int columns_add(struct columns *c, const char *const *values)
{
	char **grown = reallocarray(c->cells, c->n_cells + c->n, sizeof(*grown));

	if (!grown)
		return errf(-ENOMEM, "no memory for the table");
	c->cells = grown;
	for (size_t i = 0; i < c->n; i++) {
		const char *s = values[i] && *values[i] ? values[i] : none;
		int r = printable(s, strlen(s), false, &c->cells[c->n_cells]);

		if (r < 0)
			return r;
		c->n_cells++;
	}
	return 0;
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

/* Widths of the columns; 0: it is left out. */
static size_t measure(const struct columns *c, size_t *widths)
{
	size_t total = 0;

	for (size_t k = 0; k < c->n; k++) {
		bool any = !c->columns[k].optional;

		widths[k] = strlen(c->columns[k].title);
		for (size_t i = k; i < c->n_cells; i += c->n) {
			widths[k] = MAX(widths[k], width_of(c->cells[i]));
			any |= !streq(c->cells[i], none);
		}
		if (!any)
			widths[k] = 0;
		total += widths[k] ? widths[k] + 1 : 0;
	}
	return total - 1;
}

/* Leaves out what is optional, then shortens the texts that shrink, at most to their title. */
static void fit(const struct columns *c, size_t *widths)
{
	size_t total = measure(c, widths), width = terminal_width(), room;

	for (size_t k = 0; k < c->n && width > 0 && total > width; k++)
		if (c->columns[k].optional && widths[k]) {
			total -= widths[k] + 1;
			widths[k] = 0;
		}
	if (width == 0 || total <= width)
		return;
	for (size_t k = 0; k < c->n; k++) {
		if (!c->columns[k].shrinks)
			continue;
		room = width + widths[k] > total ? width + widths[k] - total : 0;
		widths[k] = MAX(room, strlen(c->columns[k].title));
		for (size_t i = k; i < c->n_cells; i += c->n)
			ellipsise(c->cells[i], widths[k]);
	}
}

static void print_row(const struct columns *c, const size_t *widths, size_t row)
{
	bool first = true;
	size_t last = 0;

	for (size_t k = 0; k < c->n; k++)
		if (widths[k])
			last = k;
	for (size_t k = 0; k < c->n; k++) {
		/* Row 0 is that of the titles. */
		const char *cell = row ? c->cells[(row - 1) * c->n + k] : c->columns[k].title;
		int pad = widths[k] - width_of(cell);

		if (!widths[k])
			continue;
		printf("%s%*s%s%*s", first ? "" : " ", c->columns[k].right ? pad : 0, "", cell,
		       c->columns[k].right || k == last ? 0 : pad, "");
		first = false;
	}
	putchar('\n');
}

int columns_print(struct columns *c)
{
	_cleanup_free_ size_t *widths = calloc(c->n, sizeof(*widths));

	if (!widths)
		return errf(-ENOMEM, "no memory for the table");
	fit(c, widths);
	for (size_t row = 0; row <= c->n_cells / c->n; row++)
		print_row(c, widths, row);
	return 0;
}
