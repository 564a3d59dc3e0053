/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * announce.h - journal records about crashes, test crashes and what came of them, as lists of
 * FIELD=value.
 *
 * units/kdump-lite.catalog explains the kinds of record.
 */
#pragma once

#include "loader/crashes/crashes.h"
#include "loader/kexec/returned.h"
#include "loader/crashes/state.h"
#include "loader/crashes/unclean.h"

#define ANNOUNCE_CRASH_ID   "1498cd81893c40958d9d4eb539b7a05b"
#define ANNOUNCE_TEST_ID    "faf4160f15da410589a4f61e5045dc5e"
#define ANNOUNCE_BACK_ID    "1601a2b97d5b47d3a500de8373dbba48"
#define ANNOUNCE_UNCLEAN_ID "abeb04f4433545f5a2d4307f05af0926"

/* The record of the crash in @path. @has_report: report.txt is there. The caller owns @ret. */
int announce_crash(const struct crash *c, const char *path, bool has_report, char ***ret);

/* Sends one record. */
typedef void (*announce_fn)(char *const *record);

/* Sends the record of each crash that the list in @state_fd has not got yet, completes its files
 * before (reportfile.h), and adds it to the list. Directories that others than root can write to
 * are left alone. All reports together take at most some minutes; what fails of one crash is a
 * remark. */
int announce_new(const struct crashes *c, int state_fd, announce_fn send);

/* Finds the boots that ended without a shutdown (mark.h) and that no crash explains which the list
 * in @state_fd has not got yet. Sends a record of each with the evidence there is, remembers it
 * (unclean.h), and removes the marks of all. So it has to run before announce_new(). */
int announce_uncleans(int root_fd, int state_fd, const struct crashes *c, announce_fn send);

/* The record of such a boot. */
int announce_unclean(const struct unclean *u, char ***ret);

/* The record of a system that came back by kexec. */
int announce_returned(const struct returned *b, char ***ret);

/* Times around a crash in seconds; negative: unknown. */
struct test_times {
	double capture; /* the capture program worked */
	double saved;   /* from the panic to the last write to the dump */
	double back;    /* from the panic until now */
};

/* The record of a test. @c: the crash that it made, at @path; NULL when there is none. */
int announce_test(const struct marker *m, const struct crash *c, const char *path,
                  const struct test_times *times, char ***ret);

/* The text behind FIELD= in a record; "" when it has no such field. */
const char *announce_get(char *const *record, const char *field);

/* Finds the newest crash below @parent_fd whose log has the line of the test, or else one of which
 * nothing is saved since the test began; NULL: there is none. */
const struct crash *announce_find_test(int parent_fd, const struct crash *list, size_t n,
                                       const struct marker *m);
