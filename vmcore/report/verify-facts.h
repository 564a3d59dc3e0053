/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verify-facts.h - what a kernel's own symbols and types tell of what its dump must have. */
#pragma once

#include "vmcore/filter/survey.h"
#include "vmcore/view/kview.h"

struct verify_facts {
	struct survey_tasks tasks;
	uint64_t present; /* page frames with memory, as the kernel counted them; 0: not known */
	uint64_t crash;   /* of these, reserved for the capture kernel, and in no dump */
};

/* The tasks by the symbols and types of @v, which may be NULL; zeroes when they are not known. */
void verify_facts_tasks(const struct kview *v, struct survey_tasks *ret);

/* Facts that cannot be found are 0. Fails for lack of memory only. */
int verify_facts_find(const struct dump *d, struct verify_facts *ret);
