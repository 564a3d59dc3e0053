/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bus.h - asks the service manager, by its interface on the system bus (org.freedesktop.systemd1).
 */
#pragma once

#include <systemd/sd-bus.h>

#include "base/base.h"

/* The system bus, by libsystemd, which stays open. */
int bus_open(sd_bus **ret);
void bus_closep(sd_bus **bus);

/* Starts kexec.target, as "systemctl kexec" does: the system goes down cleanly, and then starts
 * what is loaded. */
int bus_start_kexec(sd_bus *bus);

/* Whether the system is on its way to kexec.target. */
int bus_is_going_to_kexec(sd_bus *bus, bool *ret);
