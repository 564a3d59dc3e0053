/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conffiles.h - the configuration files of a program, found as systemd finds those of its own.
 *
 * For NAME, the main file is the first of /etc/NAME, /run/NAME, /usr/local/lib/NAME and
 * /usr/lib/NAME. Drop-ins are the files *.conf in the directories NAME.d of the same places. They
 * are read in the order of their file names, and one in an earlier place hides those of the same
 * name in later ones. See "Configuration files" in systemd-system.conf(5).
 */
#pragma once

#include "base/base.h"

/* The path of the main file below the root, without a slash in front; allocated, NULL when there is
 * none. It may be a link to nowhere. */
int conffiles_main(int root_fd, const char *name, char **ret);

/* The paths of the drop-ins in the order to read them; NULL when there are none. A directory that
 * cannot be read is reported through @fault with its error: a negative return ends the search. */
typedef int (*conffiles_fault_fn)(void *arg, int error);
int conffiles_drop_ins(int root_fd, const char *name, conffiles_fault_fn fault, void *arg,
                       char ***ret);
