/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rescue.h - what the steps that save a crashed kernel share.
 */
#pragma once

#include "capture/os.h"
#include "config/crashdir.h"
#include "config/plan.h"
#include "config/store.h"
#include "base/err.h"
#include "vmcore/filter/survey.h"

struct rescue;

struct rescue_step {
	const char *name;
	int (*run)(struct rescue *rescue);
	bool (*wanted)(const struct rescue *rescue); /* NULL: always */

	/* For the process that goes on when the first one was ended (capture/supervise.h): */
	bool opens; /* the process needs what this step opens, in any case */
	bool again; /* worth a second try when a signal has ended it */
	bool slow;  /* not to be begun when the time is over */
};

/* What is known of a process that was ended. */
struct rescue_progress {
	const struct rescue_step *step; /* that was begun last */
	double began;                   /* then, by clock_seconds() */
	bool mounted;                   /* as in struct rescue */
	bool hangs;                     /* as in struct rescue */
	char name[64];                  /* of the crash directory; empty: there is none */
	const char *place;              /* as in struct rescue */
	bool no_reserve;                /* as in struct rescue */
	struct survey_tasks tasks;      /* as in struct rescue */
};

/* The store that lies ready, once it is open. */
struct rescue_store {
	struct store *store; /* NULL: none is open */
	int fd;              /* of the device, while it is; 0: none */
	struct store_extent *extents;
	off_t kept[8]; /* bytes of each file of capture/place.c that are in it */
	bool told;     /* that it does not take one of them */
};

struct rescue {
	const struct os *os;
	const struct plan *plan;
	const char *vmcore;    /* path: /proc/vmcore */
	struct dump *dump;     /* NULL until it is open */
	struct kspace *kspace; /* NULL when the kernel's memory cannot be understood */
	int dir_fd;            /* of the crash directory; -1 until there is one */
	bool in_memory;        /* the crash directory is */
	const char *place;  /* where the crash directory is, see capture/place.h; NULL: nowhere */
	double place_began; /* the search for one, by clock_seconds() */
	struct rescue_store store; /* its files go there too */
	char **closed;             /* places that could not be used */
	bool no_reserve;           /* the file system has its blocks back */
	uint64_t least_dump;       /* bytes; what a place must have for the dump */
	bool mounted;              /* the target is, also when there is no directory on it */
	bool hangs;                /* a module or a mount came to no end, see limited.h */
	bool again;    /* another process was ended: read memory, map nothing, use little */
	bool has_room; /* see room.h */
	int room_fd;
	double started; /* seconds, by clock_seconds() */
	double end;     /* when this process will be ended, by clock_seconds(); 0: never */
	struct rescue_progress *progress; /* outlives this process; may be NULL */
	struct crash crash;               /* becomes crash.json */
	char unwritten_why[ERR_WHY];      /* as in struct save_result, of the latest dump */

	struct survey_tasks tasks; /* as the report has found them; zeroes: not known */
	struct touched *touched;   /* pages that were read for log and report; may be NULL */
	bool has_mini;             /* there is vmcore.mini ... */
	bool mini_is_whole;        /* ... and it has all of these pages */
};

/* Runs all of @n steps. Notes time and error of each in the crash. Writes crash.json before each,
 * with the step's name, and at the end. */
void rescue_run_steps(struct rescue *rescue, const struct rescue_step *steps, size_t n);
void rescue_done(struct rescue *rescue);

/* -ENODEV with a text while there is no crash directory. */
int rescue_need_target(const struct rescue *rescue);

/* Seconds until the capture is ended from outside. */
double rescue_time_left(const struct rescue *rescue);

/* Opens the crashed kernel's memory. */
int rescue_open_source(const struct rescue *rescue, struct source **ret);

/* Opens a file of the crash directory for reading. */
int rescue_open_saved(const struct rescue *rescue, const char *name, struct dump **ret);

/* Writes crash.json as things stand; does nothing without a crash directory. */
void rescue_save_metadata(struct rescue *rescue);
