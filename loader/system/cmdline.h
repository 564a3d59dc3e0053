/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmdline.h - the command line of the capture kernel.
 *
 * It is made from that of the running kernel, since consoles, PCI quirks and the like have to be
 * the same. Words that waste memory or start another system are left out. Words are added that make
 * the capture small, quick and sure to end. The two tables in cmdline.c give the reason for each
 * word.
 */
#pragma once

#include "base/base.h"

struct cmdline_request {
	const char *base;    /* CommandLine=, or /proc/cmdline */
	char *const *remove; /* CommandLineRemove=: names, names ending in *, or whole name=value */
	char *const *append; /* CommandLineAppend=; replaces a word of ours of the same name */
	const char *machine; /* uname -m */
	const char *release; /* uname -r of the capture kernel */
	uint64_t cpus;       /* that the capture kernel brings up; 0 counts as 1 */
	uint64_t boot_apicid; /* x86: of the CPU that the firmware started. It must stay off when
	                         another CPU crashed, since waking it resets the machine */
	unsigned gentler;     /* rows of gentler.h that count */
	uint64_t limit;       /* bytes with the NUL, of cmdline_limit(); 0: none */
};

/* Builds the command line. Words that stand there twice are there once. Where it gets longer than
 * the limit, words of ours that a capture is possible without are left out: @ret_left_out has them,
 * and is "" when there are none. Both results are allocated. The result may be longer than the
 * limit all the same, see cmdline_check(). */
int cmdline_build(const struct cmdline_request *req, char **ret, char **ret_left_out);

/* Longest command line that a kernel can be loaded with, in bytes with the NUL. @header_size is
 * kernel.cmdline_size, 0 where the image does not tell. */
uint64_t cmdline_limit(const char *machine, uint64_t header_size);

/* 0 when the kernel takes it, with room for what it puts in front itself. @header_size is
 * kernel.cmdline_size. Otherwise -E2BIG, with a text that tells how many bytes @what, "the command
 * line of ...", is too long, and which settings or options shorten it: @where. */
int cmdline_check(const char *cmdline, const char *machine, uint64_t header_size, const char *what,
                  const char *where);
