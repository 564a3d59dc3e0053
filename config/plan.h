/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan.h - what the capture program is to do, decided while the machine is well.
 *
 * The loader writes the plan into the capture initramfs as /plan, a text of Key=value lines; the
 * capture program reads it and carries it out.
 */
#pragma once

#include "config/settings.h"

#define PLAN_FILE "/plan"
#define PLAN_MODULE_DIR                                                                            \
	"/modules" /* the modules lie here, named 000-NAME.ko, ... in the order to load them */
#define PLAN_HOOK_DIR "/hooks" /* the hooks lie here, as KIND.d/NAME */

/* When hooks run: before the dump, after a good one, after any other end. NULL-terminated. */
extern const char *const plan_hook_kinds[];

/* Begins with the settings that the capture obeys, as struct settings does. */
struct plan {
	struct capture_settings capture;
	char *kernel_release; /* of the capture kernel */
	char *device;         /* "UUID=...", "PARTUUID=...", "LABEL=..." or a path in /dev */
	char **device_facts;  /* what else is known of it, see system/disk-facts.h */
	char *fstype;         /* of the target, as for mount(2) */
	char *mount_options;  /* for mount(2), beside rw */
	char *obstacle;       /* why there is no device; empty: there is one */
	char *directory;      /* below the root of that file system: gets one directory per crash */
	char *reserve_id;     /* of the store that lies ready on the device; empty: none */
	char **reserve;       /* its extents, see config/store.h */
	char **swap;          /* swap partitions, as in disk_list_next() */
	char *swap_id;        /* of the store in each, see config/swaparea.h */
	char **partition;     /* one made for crashes, as in disk_list_next() */
	char *partition_id;   /* of the store in it, see config/dumparea.h; empty: none */
	char *reserve_device; /* that these are of; empty: @device */
	char **reserve_facts; /* of it */
	char **modules;       /* file names below PLAN_MODULE_DIR in the order to load them */
	char **hooks;         /* file names below PLAN_HOOK_DIR in the order to run them */
	char *module_options; /* for them, as on a command line; those of the command line win */

	/* The way back into production by kexec; see loader/kexec/return-plan.h. */
	char *back_obstacle; /* why it cannot be; empty: nothing known against it */
	char *back_device;   /* that holds the files, named as @device is */
	char **back_device_facts;
	char *back_fstype; /* of it */
	char *back_mount_options;
	char *back_kernel;    /* a piece, see system/piece.h; below the root of that file system */
	char **back_initrds;  /* pieces, in order */
	char *back_cmdline;   /* of the production kernel, without what only a return adds */
	char *back_parked;    /* words to add, since the boot CPU is parked already; or empty */
	char *back_fewer;     /* words to add when it becomes so now; or empty */
	char **back_memory;   /* "0x100000-0x7fffffff": RAM that the firmware told of */
	uint64_t back_need;   /* bytes of free memory that the load takes */
	uint64_t back_limit;  /* longest command line, bytes without the NUL */
	uint64_t cpus;        /* that were online when the plan was made */
	uint64_t boot_apicid; /* of the CPU that the firmware started */
};

/* The rows one after another, those of the settings last; NULL behind them. */
const struct field *plan_row(size_t i);

/* Nothing found out yet, and the settings as they are without a file. */
int plan_init(struct plan *p);
void plan_done(struct plan *p);

/* Sets one field from the text that stands behind "Key=" in a plan. Takes smaller values than the
 * settings allow, such as a TimeoutSec= of 4s. */
int plan_set(struct plan *p, const char *key, const char *value);

/* Writes all rows. -EINVAL when a value cannot stand on one line. */
int plan_print(const struct plan *p, FILE *f);

/* Reads what plan_print() wrote. A key that this program does not know is an error, as is a missing
 * one: both programs come from one build. */
int plan_parse(const char *text, size_t len, struct plan *ret);
