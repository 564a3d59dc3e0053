/* SPDX-License-Identifier: GPL-2.0-or-later */
/* foreign.h - files that are taken for dumps and are none that can be read. */
#pragma once

#include "vmcore/io/source.h"

/* Says that the file is no dump, what it is when that shows, and what to do. Returns -EBADMSG. */
int foreign_refuse(const struct source *s);
