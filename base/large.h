/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * large.h - memory in large pages.
 *
 * Page faults on small pages took a thirtieth of the time of a dump.
 */
#pragma once

#include "base/base.h"

/* Allocates @size bytes, in pages of 2 MiB where a whole one fits and the system has one. NULL when
 * there is no memory. The caller frees it with free(). */
void *large_alloc(size_t size);
