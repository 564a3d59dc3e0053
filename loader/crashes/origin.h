/* SPDX-License-Identifier: GPL-2.0-or-later */
/* origin.h - what is known of the dump that a verb reads beside what is in it. */
#pragma once

#include "loader/crashes/crashes.h"
#include "loader/crashes/infile.h"
#include "vmcore/text/output.h"

struct origin_facts {
	struct subject subject;
	char *path;
	struct origin origin; /* borrows from these */
};

#define ORIGIN_NULL                                                                                \
	(struct origin_facts)                                                                      \
	{                                                                                          \
		.subject = SUBJECT_NULL                                                            \
	}

/* @arg is what @in was opened by. */
int origin_find(const struct cli *cli, const char *arg, const struct infile *in,
                struct origin_facts *ret);
void origin_done(struct origin_facts *f);
