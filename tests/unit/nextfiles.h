/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nextfiles.h - the files of a next kernel, and a unified image for them.
 */
#pragma once

#include "loader/kexec/next.h"
#include "tests/unit/machine.h"

/* @expected is "KERNEL INITRD..." as pieces are written. */
void assert_files(const struct next *n, const char *expected);

#define NEXT_RELEASE "6.1.0-9-amd64"
extern const struct machine_uki next_uki;

/* What machine_uki() makes of it: 1024 bytes of headers, 512 for each text. */
#define PLACE_UCODE  "2560+9:"
#define PLACE_INITRD "3072+12:"
#define PLACE_LINUX  "3584+4096:"
