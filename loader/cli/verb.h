/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verb.h - the verbs of the kdump-lite command: one constant object each, listed in main.c.
 *
 * A verb is one word or two, "kexec load"; those with the same first word are a group.
 */
#pragma once

#include "loader/show/cli.h"

/* Exit codes, as systemctl and coredumpctl have them. */
enum {
	EXIT_NOT_ARMED = 3, /* status: no capture kernel is loaded (LSB "program is not running") */
	EXIT_NOT_LOADED = 3, /* kexec status: the same of the kernel for a reboot */
	EXIT_USAGE = 2,
	EXIT_INCOMPLETE = 4, /* convert, read: something is missing, the rest is good */
};

/* Options that go with some verbs only. A verb tells which of them it takes. */
enum takes {
	TAKES_ROOT = 1 << 0,        /* --root=: it only looks at files */
	TAKES_PRINT = 1 << 1,       /* --default, --man */
	TAKES_YES = 1 << 2,         /* --yes */
	TAKES_KERNEL = 1 << 3,      /* --entry --initrd= --cmdline= --reuse-cmdline --append= */
	TAKES_DRY_RUN = 1 << 4,     /* --dry-run */
	TAKES_NOW = 1 << 5,         /* --now */
	TAKES_COMPRESSION = 1 << 6, /* --compression= */
	TAKES_CONVERT = 1 << 7,     /* --level= --format= --flatten --threads= */
	TAKES_READ = 1 << 8,        /* --virtual --raw */
	TAKES_REPORT = 1 << 9,      /* --tasks --log --pages --html --output= */
	TAKES_GROUP = 1 << 10,      /* --group */
	TAKES_DEBUG = 1 << 11,      /* --debugger= --vmlinux=, and what stands behind -- */
	TAKES_FORCE = 1 << 12,      /* --force */
};

struct verb {
	const char *name;
	const char *args; /* for the usage line: "[DUMP]"; "" when there are none */
	const char *help; /* one line; NULL: not for people, not shown by --help */
	int min_args, max_args;

	/* @argv holds what follows the verb. Returns an exit code, or a negative errno whose
	 * err_text() main prints behind the name of the verb. */
	int (*run)(const struct cli *cli, int argc, char *argv[]);

	unsigned takes; /* of enum takes */
};

extern const struct verb verb_load, verb_unload, verb_reload,
	verb_status;                                       /* verb-load.c, verb-status.c */
extern const struct verb verb_reserved;                    /* for ExecCondition= of the service */
extern const struct verb verb_list, verb_info, verb_dmesg; /* verb-list.c, -info.c, -dmesg.c */
extern const struct verb verb_verify, verb_report;         /* verb-verify.c, verb-report.c */
extern const struct verb verb_debug;                       /* verb-debug.c */
extern const struct verb verb_convert, verb_estimate,
	verb_read;                         /* verb-convert.c, -estimate.c, -read.c */
extern const struct verb verb_show_config; /* verb-show-config.c */
extern const struct verb verb_doctor,
	verb_unbind_graphics;                            /* verb-doctor.c, verb-unbind-graphics.c */
extern const struct verb verb_test_crash, verb_announce; /* verb-test-crash.c, verb-announce.c */
extern const struct verb verb_kexec_load, verb_kexec_unload, verb_kexec_status, verb_kexec_exec,
	verb_kexec_reboot;                                       /* verb-kexec.c */
extern const struct verb verb_kexec_offer, verb_kexec_if_queued; /* verb-kexec-unit.c */

/* kdump-lite under the name of kexec(8), by which systemd calls it; kexec-command.c. */
int kexec_command(int argc, char *argv[]);
