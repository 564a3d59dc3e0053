/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * array.h - arrays that grow by one element at a time.
 *
 * The number of elements tells how much room there is: the next power of two. So an array needs no
 * member for its room, and must have grown by nothing else.
 *
 *	r = array_grow(&list->items, list->n, "a list of crashes");
 *	if (r < 0)
 *		return r;
 *	list->items[list->n++] = crash;
 */
#pragma once

#include "base/base.h"

/* Makes room for one element behind the @n of *@array. An error is -ENOMEM, with a text that names
 * @what; the array stays as it was. The caller owns the array, and frees it. */
#define array_grow(array, n, what) array_grow_bytes((void **)(array), n, sizeof(**(array)), what)

int array_grow_bytes(void **array, size_t n, size_t size, const char *what);
