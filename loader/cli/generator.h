/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * generator.h - kdump-lite as a generator of systemd: see systemd.generator(7).
 *
 * It makes drop-ins. The service is ordered after the mounts of Path=, also those with nofail or of
 * units that are in no fstab, which local-fs.target does not wait for. A mount that comes later has
 * the capture kernel loaded anew.
 */
#pragma once

#include "base/base.h"

/* The name of the program then. */
#define GENERATOR_NAME "kdump-lite-generator"

/* The main function; @argv[1] is the folder for units. Returns an exit code. */
int generator_command(int argc, char *argv[]);

/* Writes the drop-ins for a target directory @path of the system at @root_fd below @folder_fd. */
int generator_write(int root_fd, const char *path, int folder_fd);
