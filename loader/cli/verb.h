/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verb.h - the verbs of the kdump-lite command: one constant object each, listed in main.c.
 *
 * A verb is one word or two, "kexec load"; those with the same first word are a group.
 */
#pragma once

#include "config/settings.h"

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

/* What the command line said, the same for all verbs. */
struct cli {
	bool json;
	bool no_pager;
	bool yes;
	bool quiet;
	bool dry_run;
	bool now;
	const char *extra; /* show-config: "default" or "man" */
	int root_fd;       /* the directory taken for "/": that of --root= ... */
	const char *root;  /* ... and its path, without a slash at the end; "" for the usual one */

	/* convert, estimate: as they were given; NULL: they were not. */
	const char *level, *compression, *format, *threads;
	bool flatten, force;

	/* read */
	bool by_virtual, raw;

	/* report */
	bool all_tasks, whole_log, count_pages, html;
	const char *output; /* NULL: standard output */

	bool group; /* list */

	/* debug */
	const char *debugger, *vmlinux;
	char **rest; /* what stands behind "--", NULL-terminated */
	int n_rest;

	/* Which kernel; see loader/boot/nextchoice.h. */
	bool by_entry;
	const char *entry;
	char **initrds; /* as given; NULL: none was */
	bool reuse_cmdline;
	const char *cmdline, *append;
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

/* What follows is in cli.c. */

/* The settings of this system; prints remarks about the files to stderr. */
int cli_settings(const struct cli *cli, struct settings *ret);

/* The same to look for crashes with: what cannot be used is one more remark. */
int cli_usable_settings(const struct cli *cli, struct settings *ret);

/* One line to stderr, with @level (LOG_ERR... of syslog.h) in front in the form that the journal
 * understands when stderr is the journal. */
void cli_log(int level, const char *fmt, ...) _printf_(2, 3);

/* "Mon 2026-11-23 14:05:01 UTC" in local time, as coredumpctl; "-" when @t is 0. Returns @buf. */
#define CLI_TIME_MAX 64
char *cli_time(time_t t, char buf[static CLI_TIME_MAX]);

/* Asks on the terminal whether to go on; @what is what is going to happen, one line or more. 0:
 * yes, -EPERM there is nobody to ask, -ECANCELED anything but yes. With --yes it does not ask. */
int cli_ask(const struct cli *cli, const char *what);
