/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan.h - what the capture program is to do, decided while the machine is well.
 *
 * The loader writes the plan into the capture initramfs as /plan, a text of Key=value lines; the
 * capture program reads it and carries it out.
 */
#pragma once

#include "config/table.h"

#define PLAN_FILE "/plan"
#define PLAN_MODULE_DIR                                                                            \
	"/modules" /* the modules lie here, named 000-NAME.ko, ... in the order to load them */

struct plan {
	char *kernel_release; /* of the capture kernel */
	char *device;         /* "UUID=...", "PARTUUID=...", "LABEL=..." or a path in /dev */
	char *fstype;         /* of the target, as for mount(2) */
	char *mount_options;  /* for mount(2), beside rw */
	char *directory;      /* below the root of that file system: gets one directory per crash */
	char **modules;       /* file names below PLAN_MODULE_DIR in the order to load them */
	uint64_t level;       /* dump level 0..31 */
	char *compress;       /* codec[:level] */
	uint64_t threads;     /* 0: as many as there are CPUs */
	uint64_t device_timeout; /* seconds */
	uint64_t timeout;        /* seconds for the whole capture */
	unsigned final_action;   /* enum final_action of settings.h */
};

extern const struct table_row plan_rows[];
extern const size_t plan_n_rows;

/* Start from table_init(plan_rows, plan_n_rows, &plan). */
void plan_done(struct plan *p);

/* Writes all rows. -EINVAL when a value cannot stand on one line. */
int plan_print(const struct plan *p, FILE *f);

/* Reads what plan_print() wrote. A key that this program does not know is an error, as is a missing
 * one: both programs come from one build. */
int plan_parse(const char *text, size_t len, struct plan *ret);
