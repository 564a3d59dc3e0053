/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hooks.h - programs of the administrator for the capture kernel.
 *
 * They lie in HOOKS_SOURCE/KIND.d, one directory for each of plan_hook_kinds[], and run in the
 * order of their names. Only root may be able to change them, since they run as root.
 */
#pragma once

#include "base/base.h"

#define HOOKS_SOURCE "/etc/kdump-lite"

struct hooks {
	char **names;   /* as the plan has them: "pre.d/10-fence" */
	char **paths;   /* as many, in the same order */
	char **files;   /* paths of what they need to run, each once */
	char **refused; /* for each that is left out, one line that says why */
};

void hooks_done(struct hooks *h);

/* Adds the program or script @path, whoever may change it, as the hook @name. */
int hooks_add(int root_fd, const char *name, const char *path, struct hooks *h);

/* Finds the hooks, and what they and the @programs that they run need (words of HookPrograms=, may
 * be NULL). What cannot be taken is refused, and no error: -ENOMEM only. */
int hooks_find(int root_fd, char *const *programs, struct hooks *ret);
