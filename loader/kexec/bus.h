/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bus.h - calls the service manager on the system bus (org.freedesktop.systemd1).
 */
#pragma once

#include <systemd/sd-bus.h>

#include "base/base.h"

/* Connects to the system bus. libsystemd is opened for it, and stays open. */
int bus_open(sd_bus **ret);
void bus_closep(sd_bus **bus);

/* Starts kexec.target, like "systemctl kexec": a clean shutdown, then the loaded kernel. */
int bus_start_kexec(sd_bus *bus);

/* What is being done to @unit: "start", "stop", "restart", ...; "" nothing. The caller frees it. */
int bus_job_type(sd_bus *bus, const char *unit, char **ret);

/* The properties ActiveState= and Result= of a service, see org.freedesktop.systemd1(5). The caller
 * frees both. */
int bus_service_state(sd_bus *bus, const char *unit, char **ret_state, char **ret_result);

/* *@ret: kexec.target has a job "start", so the system is shutting down for a kexec. */
int bus_is_going_to_kexec(sd_bus *bus, bool *ret);
