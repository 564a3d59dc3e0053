/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * distributions.h - made-up systems of distributions, and what is found on them by each way to ask
 * for a kernel.
 */
#pragma once

#include "tests/unit/machine.h"

enum what { IMAGE, INITRD, TEXT, LINK };

struct distribution {
	const char *name;    /* as in the manual page; "(": not there */
	const char *release; /* of the running kernel */
	struct {
		enum what what;
		const char *path;
		const char *text; /* release of an image, target of a link, content of a text */
	} tree[20];
	struct {
		const char *kernel, *files;
	} forms[6];
	size_t shown;      /* so many of them are in the manual page; 0: all */
	const char *entry; /* that is loaded without arguments; NULL: there are none */
	const char *files; /* that are loaded without arguments */
	const char *newest, *newest_files;
	const char *options; /* of the newest; NULL: those of the running kernel */
	const char *capture; /* the image of the capture kernel */
};

/* Ends with a row without a name. */
extern const struct distribution distributions[];
