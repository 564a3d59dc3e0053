/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * array.h - arrays that grow by one element at a time.
 *
 * The room follows from the number of elements: it is the next power of two. So no member keeps the
 * room, and nothing else may allocate the array.
 *
 *	r = array_grow(&list->items, list->n, "a list of crashes");
 *	if (r < 0)
 *		return r;
 *	list->items[list->n++] = crash;
 */
#pragma once

#include "base/base.h"

/* Makes room for one more element in *@array, which has @n. The caller owns the array. On -ENOMEM
 * the text names @what and the array stays as it was. */
#define array_grow(array, n, what) array_grow_bytes((void **)(array), n, sizeof(**(array)), what)

int array_grow_bytes(void **array, size_t n, size_t size, const char *what);
