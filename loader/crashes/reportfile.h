/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reportfile.h - report.txt in the directory of a crash.
 */
#pragma once

#include "config/crashdir.h"
#include "vmcore/report/report.h"

/* Adds to the crash directory @dir_fd what the capture kernel had no time or memory for: report.txt
 * out of the dump, and the fingerprint in crash.json. It is also put into @c, which crash_load()
 * has filled. A child reads the dump, no longer than @seconds. Fails with a text. */
int reportfile_complete(int dir_fd, struct crash *c, double seconds);
