/* SPDX-License-Identifier: GPL-2.0-or-later */
/* insmod.h - loads the modules of the dump path, in the order that the loader worked out. */
#pragma once

/* Loads @names (NULL-terminated, may be NULL) from the directory @dir, with @options, which have
 * the form of a command line, and those of the kernel's, which win. A module that fails is logged
 * and passed over: the dump may work without it. Tries all; returns the first error. */
int insmod_all(const char *dir, char *const *names, const char *options);

/* Gives the parameters that the kernel's command line has for the module in @file
 * ("007-nvme_core.ko"): the words that begin with the module's name and a dot, without both.
 * modprobe would pass them on, but there is none here. Allocated; "" when there are none. */
int insmod_parameters(const char *cmdline, const char *file, char **ret);
