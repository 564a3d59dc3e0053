/* SPDX-License-Identifier: GPL-2.0-or-later */
/* clock.h - how long things take. */
#pragma once

/* Seconds since some point in time; setting the date does not change it. */
double clock_seconds(void);
