/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * columns.h - a table of text that fits the terminal.
 */
#pragma once

#include "base/base.h"

struct column {
	const char *title;
	bool right;    /* aligned so */
	bool shrinks;  /* is cut when lines are too long; one column of a table */
	bool optional; /* is left out when no row has it, or when the line would be too long */
};

struct columns {
	const struct column *columns;
	size_t n;
	char **cells; /* of all rows, one behind the other; fit for a terminal */
	size_t n_cells;
};

/* A row of c->n texts, which are copied; NULL and "" are "-". */
int columns_add(struct columns *c, const char *const *values);

/* Prints them to stdout, below their titles. Fails for lack of memory. */
int columns_print(struct columns *c);
void columns_done(struct columns *c);
