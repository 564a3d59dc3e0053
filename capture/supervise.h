/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * supervise.h - carries out the steps of a capture in a child, and what is left of them in a second
 * one should the first be ended.
 */
#pragma once

#include "capture/rescue.h"
#include "capture/watchdog.h"

/* Runs the @n steps in a child with the limits of the plan, for the crashed kernel's memory at the
 * path @vmcore. A child that a signal ends, or that takes too long, is followed by one more, which
 * goes on where the first was. Both together have the plan's TimeoutSec=, or two seconds more when
 * the first one does not let itself be ended. The watchdog is fed
 * in the meantime. True when a module or a mount hangs: what waits for
 * all devices, as reboot(2), would hang too. */
bool supervise(const struct os *os, const struct plan *plan, const char *vmcore,
               const struct rescue_step *steps, size_t n, struct watchdog *watchdog);
