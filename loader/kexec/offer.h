/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * offer.h - tells systemctl which kernel "systemctl kexec" should load.
 *
 * When no kernel is loaded, systemctl takes the default entry from OFFER_DIRECTORY before it looks
 * for a boot loader; the paths in the entry are below that directory. An entry with more than one
 * initrd is an error. It runs kexec(8) in systemd 252..260 and calls kexec_file_load() since 261,
 * which also has --kernel-cmdline= (src/systemctl/systemctl-start-special.c, src/shared/bootspec.c,
 * NEWS; tried with 252, 257 and 262). NEWS of 262 announces that 263 ignores OFFER_DIRECTORY. With
 * SYSTEMD_ESP_PATH= in its environment systemctl still finds what is there (find-esp.c).
 *
 * An offer loads nothing: "reboot", since 255 also "systemctl reboot", makes a kexec of a reboot
 * when a kernel is loaded (logind-dbus.c).
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

/* True if the offer tells all of @next and @cmdline: nothing has changed since it was published,
 * and there are no further initrds or parts of files, which an entry cannot name. */
bool offer_is_all(int root_fd, const struct next *next, const char *cmdline);
