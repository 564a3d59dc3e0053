/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * temptree.h - a directory for one test, to be taken for the root of a system.
 */
#pragma once

#include "tests/unit/check.h"

struct temptree {
	char path[64];
	int fd;
};

/* Fails the test when it cannot be made. */
void temptree_make(struct temptree *t);
void temptree_remove(struct temptree *t);

/* For cmocka: *state is the struct temptree of the test. */
int temptree_setup(void **state);
int temptree_teardown(void **state);

/* Paths are relative. Directories above are made. */
void temptree_dir(const struct temptree *t, const char *path);
void temptree_bytes(const struct temptree *t, const char *path, const void *data, size_t len);
void temptree_text(const struct temptree *t, const char *path, const char *text);
void temptree_link(const struct temptree *t, const char *path, const char *target);

/* All of a file, allocated; fails the test when it is not there. */
char *temptree_read(const struct temptree *t, const char *path);
bool temptree_exists(const struct temptree *t, const char *path);
