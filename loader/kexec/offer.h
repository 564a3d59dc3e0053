/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * offer.h - tells systemctl which kernel "systemctl kexec" should load.
 *
 * systemctl takes the default entry from OFFER_DIRECTORY before it looks for a boot loader. The
 * paths in the entry are below that directory. An entry with more than one initrd is an error
 * (systemd 252..260, src/systemctl/systemctl-start-special.c and src/shared/bootspec.c). An offer
 * loads nothing: a loaded kernel would make a kexec of every reboot.
 */
#pragma once

#include "loader/kexec/next.h"

#define OFFER_DIRECTORY "/run/boot-loader-entries"

/* Publishes @next with at most its first initrd. -EEXIST: the directory is another program's. */
int offer_publish(int root_fd, const struct next *next, const char *cmdline);

/* Removes the offer, if there is one. */
int offer_withdraw(int root_fd);

/* True if @kernel, a piece as text, is that of an offer; then initrds may be missing. */
bool offer_is_kernel(const char *kernel);
