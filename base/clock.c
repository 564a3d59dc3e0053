// SPDX-License-Identifier: GPL-2.0-or-later
/* clock.c - how long things take, see clock.h. */
#include "base/clock.h"

#include <time.h>

double clock_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}
