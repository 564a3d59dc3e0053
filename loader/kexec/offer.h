/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * offer.h - tells systemctl which kernel a "systemctl kexec" is to load.
 *
 * It takes the default entry from OFFER_DIRECTORY before it looks for a boot loader, with paths of
 * files below that directory, and gives up on an entry with more than one initrd (systemd 252..260,
 * src/systemctl/systemctl-start-special.c and src/shared/bootspec.c). Nothing is loaded by an
 * offer: a kernel that is loaded makes a kexec of every reboot.
 */
#pragma once

#include "loader/kexec/next.h"

#define OFFER_DIRECTORY "/run/boot-loader-entries"

/* Publishes @next with at most its first initrd. -EEXIST when another program has made the
 * directory. */
int offer_publish(int root_fd, const struct next *next, const char *cmdline);

/* Takes it away, if it is there and ours. */
int offer_withdraw(int root_fd);

/* Whether @kernel, a piece as text, is of the file that is offered: then what was loaded by it may
 * lack initrds. */
bool offer_is_kernel(const char *kernel);
