/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * large.h - memory in large pages.
 *
 * To be given memory a page at a time took a thirtieth of what a dump takes.
 */
#pragma once

#include "base/base.h"

/* Gives @size bytes, in pages of 2 MiB as far as they fill such and the system has any; for free().
 * NULL: there is no memory. */
void *large_alloc(size_t size);
