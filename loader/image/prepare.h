/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * prepare.h - from the settings to a kernel, an image and a command line that can be loaded.
 *
 * All faults that can be found while the machine is well are found here, before the kernel drops
 * what is loaded.
 */
#pragma once

#include <sys/utsname.h>

#include "config/settings.h"
#include "loader/image/initramfs.h"
#include "loader/image/partition.h"
#include "loader/image/reserve.h"
#include "loader/image/swap.h"
#include "loader/image/threads.h"
#include "loader/system/armed.h"
#include "loader/system/crashmem.h"
#include "loader/system/device.h"
#include "loader/system/kernel.h"
#include "loader/system/linear.h"

struct prepare_request {
	int root_fd;
	const struct settings *settings;
	const struct utsname *uts;  /* of the running kernel */
	const char *program;        /* the capture program */
	const struct armed *like;   /* NULL, or: decide only, see prepare() */
	linear_table_fn read_table; /* linear_table(); NULL: LVM volumes have no reserve */
	char ***remarks; /* gets a line for each damaged file of a crash that was fetched; or NULL
	                  */
	reserve_map_fn map_reserve; /* reserve_map(); NULL: there is to be no reserve, for tests */
};

struct prepared {
	struct kernel kernel;
	struct device target;
	struct initramfs image;
	struct plan plan;
	struct modules modules;
	struct hooks hooks;
	char *cmdline;
	char *facts;    /* see facts.h */
	char *left_out; /* words of ours that did not fit on it; "" none */
	uint64_t cpus;  /* that it brings up */
	char cpus_why[THREADS_WHY_MAX];
	char *back_lacks; /* what the system lacks after a way back by kexec; "" nothing */
	struct reserve reserve;
	struct device reserve_device; /* node NULL: that of the target */
	char *reserve_why;          /* why there is none; "" when there is one, or none is wanted */
	struct swap swap;           /* id NULL: none */
	struct partition partition; /* likewise */
	bool has_firmware;          /* that keeps variables, and may be used */
	char *places;               /* that may take a crash, in order: "path reserve console" */
	struct crashmem crashmem;
	double seconds; /* that it took */
};

#define PREPARED_NULL ((struct prepared){ .kernel = { .fd = -1 } })

/* The capture program as it is installed. */
extern const char prepare_program[];

/* What is asked for on a system that runs: a load, or a look at what a load would do. Fills @uts,
 * which has to stay, as has @settings. */
struct prepare_request prepare_here(int root_fd, const struct settings *settings,
                                    struct utsname *uts);

/* Makes the target directory and the reserve in it, moves a crash out of the reserve, and changes
 * nothing else. Fails when too little memory is reserved, and for everything that would fail later.
 * With @req->like it changes nothing and builds no image, which takes most of the time: it counts
 * as large as that of the armed one. */
int prepare(const struct prepare_request *req, struct prepared *ret);
void prepared_done(struct prepared *p);
