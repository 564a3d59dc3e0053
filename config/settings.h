/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * settings.h - what the administrator decides: kdump-lite.conf and its drop-ins.
 *
 * system/conffiles.h tells which files count, and in which order. An empty file or a link to
 * /dev/null hides those of its name in later places.
 */
#pragma once

#include "config/fields.h"

enum final_action {
	FINAL_AUTO,  /* by kexec when nothing is lost by it, else by firmware */
	FINAL_KEXEC, /* by kexec when it can be done at all */
	FINAL_REBOOT,
	FINAL_POWEROFF,
	FINAL_HALT,
};

/* [Kexec] Return= */
enum return_to { RETURN_CRASHED, RETURN_DEFAULT };

/* What the capture obeys. The plan takes it over as a whole. */
struct capture_settings {
	uint64_t level;                 /* [Dump] Level= 0..31 */
	char *compress;                 /* [Dump] Compress= codec[:level] */
	uint64_t threads;               /* [Dump] Threads= 0: auto, see loader/image/threads.h */
	uint64_t keep_per_fingerprint;  /* [Dump] KeepPerFingerprint= 0: any number */
	uint64_t keep_free;             /* [Target] KeepFree= bytes; 0: auto, see config/prune.h */
	uint64_t max_use;               /* [Target] MaxUse= bytes of all crashes; 0: any number */
	uint64_t max_dumps;             /* [Target] MaxDumps= 0: any number */
	uint64_t device_timeout;        /* [Capture] DeviceTimeoutSec= for the target to appear */
	uint64_t timeout;               /* [Capture] TimeoutSec= 0: auto, see image/limit.h */
	enum final_action final_action; /* [Capture] FinalAction= */
	uint64_t loop_burst;    /* [Kexec] CrashLoopBurst= this one counted; 0: any number */
	uint64_t loop_interval; /* [Kexec] CrashLoopIntervalSec= */
	char *target;           /* [Target] Target= see config/places.h */
};

/* Like the plan, it begins with the settings of the capture, so that their rows fit both. */
struct settings {
	struct capture_settings capture;
	char *path;                 /* [Target] Path= directory that gets one directory per crash */
	char *kernel;               /* [Capture] Kernel= empty: the running one */
	char **modules;             /* [Capture] Modules= more modules than the target needs */
	char **hook_programs;       /* [Capture] HookPrograms= that hooks run */
	char *command_line;         /* [Capture] CommandLine= empty: that of the running kernel */
	char **command_line_remove; /* [Capture] CommandLineRemove= see loader/system/cmdline.h */
	char **command_line_append; /* [Capture] CommandLineAppend= */
	uint64_t reserve;           /* [Target] Reserve= bytes */
	enum return_to return_to;   /* [Kexec] Return= */
	char **kexec_remove;        /* [Kexec] CommandLineRemove= */
	char **kexec_append;        /* [Kexec] CommandLineAppend= */
};

/* In a help text: stands for the names of all codecs. */
#define SETTINGS_CODECS "@CODECS@"

extern const struct field settings_rows[];
extern const size_t settings_n_rows;
extern const char *const settings_final_actions[]; /* by enum final_action; NULL-terminated */

/* True for a row whose field is in struct capture_settings. */
bool settings_row_is_of_capture(const struct field *row);

/* Copies all settings of the capture; @to is initialized. -ENOMEM leaves @to valid. */
int settings_copy_capture(const struct capture_settings *from, struct capture_settings *to);

/* Sets all to what they are without a file. */
int settings_init(struct settings *s);

/* Called for each remark about a file; @text is one line "FILE:LINE: ..." */
typedef void (*settings_warn_fn)(void *arg, const char *text);

/* Reads the files of the system whose root directory is @root_fd. An unknown section or key is
 * reported through @warn, which may be NULL, and ignored, since the file may be meant for a newer
 * version too. A bad value or a file that cannot be read is an error, with the text "FILE:LINE:
 * ...", and leaves @ret untouched. */
int settings_load(int root_fd, settings_warn_fn warn, void *arg, struct settings *ret);

/* For programs that only look at saved crashes. Errors, too, are reported through @warn: a bad
 * value is ignored, and the rest of a file behind a line that cannot be parsed. -ENOMEM only. */
int settings_load_usable(int root_fd, settings_warn_fn warn, void *arg, struct settings *ret);

void settings_done(struct settings *s);

/* settings-text.c: writes the shipped file, all comments, and the section of the manual page. */
int settings_print_default(FILE *f);
int settings_print_man(FILE *f);

/* Writes a file that has the value in effect of each setting. */
int settings_print(const struct settings *s, FILE *f);
