/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * doctor.h - checks if a crash would be saved, and if a kexec would succeed.
 *
 * Each check is a row of doctor_checks[]. It looks at one thing and gives one finding: a fact about
 * this system, and a remedy if there is one. Checks change nothing, and read only below the root
 * fd.
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
	char remedy[256]; /* "" when there is none, or it is part of the fact */
};

struct doctor_check {
	const char *name;
	const char *looks_at; /* for people */
	/* A negative errno, with its text, when the check could not be made. */
	int (*run)(int root_fd, struct doctor_finding *f);
};

extern const struct doctor_check doctor_checks[];
extern const size_t doctor_n_checks;

/* By enum doctor_level: "ok", "note", "warning", "problem". */
extern const char *const doctor_levels[];

/* Always gives a finding: if the check could not be made, it is a note with the reason. */
void doctor_run(const struct doctor_check *check, int root_fd, struct doctor_finding *ret);

/* Fills @f for a check and returns 0. @remedy may be NULL. */
int doctor_found(struct doctor_finding *f, enum doctor_level level, const char *remedy,
                 const char *fact, ...) _printf_(4, 5);

/* True if systemd has started @unit and not stopped it. */
bool doctor_unit_active(int root_fd, const char *unit);

/* True if another unit wants or requires @unit, and it is not masked. */
bool doctor_unit_enabled(int root_fd, const char *unit);

/* What is known of kdump-lite.service. */
struct doctor_service {
	bool enabled;
	const char *state, *result; /* of bus_service_state(); "" when the system does not run */
	const char *message;        /* the last error that it told; NULL: not known */
};
int doctor_service_judge(const struct doctor_service *s, struct doctor_finding *f);

/* The check of doctor-service.c. */
int doctor_service(int root_fd, struct doctor_finding *f);

/* The checks of doctor-kexec.c. */
int doctor_next(int root_fd, struct doctor_finding *f);
int doctor_shutdown_hook(int root_fd, struct doctor_finding *f);
int doctor_graphics(int root_fd, struct doctor_finding *f);
int doctor_display(int root_fd, struct doctor_finding *f);
