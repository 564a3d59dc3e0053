/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crashkernel.h - why crashkernel= on the kernel command line has set no memory aside.
 *
 * The word is read as kernel/crash_reserve.c does (6.12; ",cma" since 6.17): SIZE, SIZE@OFFSET,
 * START-END:SIZE,START-:SIZE[@OFFSET] against the memory of the machine, SIZE,high, SIZE,low and
 * SIZE,cma. The last word without a suffix counts, else the last with ",high".
 */
#pragma once

#include "base/base.h"

/* To be called where nothing is reserved. Returns -ENODATA when nothing was asked for: no word, or
 * one that asks for 0. Returns -ENOSPC when something was. The text says what to do; it names the
 * word, the reason and the remedy. */
int crashkernel_explain(int root_fd);
