/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * current.h - what a load would do now, compared with what is armed.
 */
#pragma once

#include "loader/image/prepare.h"

/* The facts of what is loaded (see facts.h), in ARMED_DIRECTORY. */
#define ARMED_FACTS "armed.facts"

/* Compares @now with what is armed. Adds a line for each difference to @list, which stays empty
 * when a load would load the very same. Where @now has an image, its bytes are compared too. */
int current_compare(int root_fd, const struct prepared *now, char ***list);

/* Whether the image that would be loaded again if another load failed is the one of @armed. */
bool current_has_image(int root_fd, const struct armed *armed);

/* kexec_load(2) loads tables that are made of what the system is like: see segments.h. This makes
 * them once more, of the kernel and the image that are loaded, and compares their digest. It does
 * nothing for what kexec_file_load(2) has loaded, or when there are differences already. */
int current_compare_tables(const struct prepare_request *req, const struct armed *armed,
                           char ***list);

/* Finds out what a load would do, changes nothing, and compares that with @armed. Fails with the
 * reason when a load would fail. Needs root. */
int current_look(const struct prepare_request *req, const struct armed *armed, char ***list);
