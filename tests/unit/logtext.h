/* SPDX-License-Identifier: GPL-2.0-or-later */
/* logtext.h - what dmesg_write() makes of a machine's log, as one text. */
#pragma once

#include "tests/unit/synth.h"

struct logtext {
	char *text;
	size_t len, calls;
	size_t fail_at; /* which call of emit() fails, with -ENOSPC; 0 none */
};

/* Writes the log of @m as it is now to t->text; gives what dmesg_write() gave. */
int logtext_write(struct logtext *t, struct synth *m);
void logtext_done(struct logtext *t);
