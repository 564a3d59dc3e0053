/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * doctor.h - looks for what keeps a crash from being saved, or a kexec from arriving.
 *
 * Each check is a row of doctor_checks[]: it looks at one thing and gives one finding, a fact about
 * this system with a remedy if there is one. Checks only look, and only through the fd of the root.
 */
#pragma once

#include "base/base.h"

enum doctor_level {
	DOCTOR_OK,
	DOCTOR_NOTE,    /* good to know; nothing has to be done */
	DOCTOR_WARNING, /* may go wrong */
	DOCTOR_PROBLEM, /* does not work as it is */
};

struct doctor_finding {
	enum doctor_level level;
	char fact[512];
	char remedy[256]; /* "" when there is none, or the fact has it */
};

struct doctor_check {
	const char *name;
	const char *looks_at; /* for people */
	/* A negative errno with its text when it could not be looked at. */
	int (*run)(int root_fd, struct doctor_finding *f);
};

extern const struct doctor_check doctor_checks[];
extern const size_t doctor_n_checks;

/* By enum doctor_level: "ok", "note", "warning", "problem". */
extern const char *const doctor_levels[];

/* Always gives a finding: what could not be looked at is a note with the reason. */
void doctor_run(const struct doctor_check *check, int root_fd, struct doctor_finding *ret);

/* For the checks: fills @f and returns 0. @remedy may be NULL. */
int doctor_found(struct doctor_finding *f, enum doctor_level level, const char *remedy,
                 const char *fact, ...) _printf_(4, 5);

/* Whether systemd has started @unit and not stopped it. */
bool doctor_unit_active(int root_fd, const char *unit);

/* Those of doctor-kexec.c. */
int doctor_shutdown_hook(int root_fd, struct doctor_finding *f);
int doctor_graphics(int root_fd, struct doctor_finding *f);
int doctor_display(int root_fd, struct doctor_finding *f);
