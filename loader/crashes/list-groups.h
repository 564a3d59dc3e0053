/* SPDX-License-Identifier: GPL-2.0-or-later */
/* list-groups.h - list --group: the saved crashes, counted by their fingerprints. */
#pragma once

#include "loader/crashes/crashes.h"

/* Prints a line for each fingerprint, those with most crashes first. */
int list_groups(const struct cli *cli, const struct crashes *c);
