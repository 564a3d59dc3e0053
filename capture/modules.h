/* SPDX-License-Identifier: GPL-2.0-or-later */
/* modules.h - loads the modules of the dump path, in the order that the loader worked out. */
#pragma once

/* Loads @names (NULL-terminated, may be NULL) from the directory @dir. A module that fails is
 * logged and passed over: the dump may work without it. Returns the first error, after all have
 * been tried. */
int modules_load(const char *dir, char *const *names);
