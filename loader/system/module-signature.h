/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * module-signature.h - whether a kernel wants signatures of its modules.
 *
 * A kernel takes a module without one, unless it is told otherwise (kernel/module/signing.c,
 * module_sig_check(), Linux 6.12).
 */
#pragma once

#include "base/base.h"

/* True unless it is known that a kernel like the running one, with the words @cmdline besides those
 * of the running one, takes modules without a signature. @cmdline may be NULL. */
bool modules_need_signatures(int root_fd, char *const *cmdline);
