/* SPDX-License-Identifier: GPL-2.0-or-later */
/* findbox.h - logs that findings are made of, and what has to be among them. */
#pragma once

#include "tests/unit/synth.h"
#include "vmcore/findings/findings.h"

/* Logs these lines: "SECONDS text" or "<LEVEL>SECONDS text"; the level is 4 if none is given. Those
 * that begin with "user " are a program's. */
void findbox_log(struct synth_log *log, const char *lines);

/* Fails, and tells all findings. */
void findbox_fail(const struct findings *all, const char *what, const char *lines);

/* The finding of @rule is there once, and has these words. @lines are what it was made of. */
void findbox_check(const struct findings *all, const char *rule, enum finding_degree degree,
                   const char *text, const char *evidence, const char *lines);
