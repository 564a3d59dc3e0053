/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * systemd-boot.h - which entry systemd-boot would boot, by EFI variables and loader.conf(5).
 */
#pragma once

#include "loader/boot/bootentry.h"

/* True on a machine with EFI if its system partition has a loader.conf. */
bool systemd_boot_is_set_up(int root_fd);

/* Sets chosen of @e to the entry that would be booted by what is set, or else other to what would
 * be; neither when nothing is set, or that is not there. The only error is -ENOMEM. */
int systemd_boot_choose(struct boot_entries *e, int root_fd);

/* The entry that systemd-boot has booted, by its own variable. After a kexec another one may be
 * running. NULL when the variable is missing or the entry is gone. */
const struct boot_entry *systemd_boot_selected(const struct boot_entries *e, int root_fd);
