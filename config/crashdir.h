/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crashdir.h - the layout of a saved crash.
 *
 *	/var/crash/20261123T140501Z-4f2a90c1/	0700, UTC time of the crash and a short id
 *		vmcore-dmesg.txt	0600, kernel log, written and synced first, as
 *					vmcore-dmesg.txt.incomplete until all of it is there
 *		vmcore.mini		0600, the pages that a report reads; removed when vmcore
 *					is complete, written as vmcore.mini.incomplete
 *		vmcore.incomplete	0600, becomes vmcore when all of it is on the disk
 *		vmcore.first		of a capture that had to begin again, while it does
 *		vmcore			the dump
 *		report.txt		0600, what crashed, for people
 *		crash.json		0600, facts about the crash and the capture
 *		kexec-dmesg.log		0600, kernel log of the capture kernel
 *
 * kdump-utils uses the names vmcore, vmcore-dmesg.txt and kexec-dmesg.log, too, and other tools
 * look for them. The directories of other tools are read as well.
 */
#pragma once

#include "config/crash.h"

#define CRASH_VMCORE            "vmcore"
#define CRASH_VMCORE_INCOMPLETE "vmcore.incomplete"
#define CRASH_VMCORE_FIRST      "vmcore.first"
#define CRASH_MINI              "vmcore.mini"
#define CRASH_MINI_INCOMPLETE   "vmcore.mini.incomplete"
#define CRASH_PART              ".incomplete" /* behind the name of a file that is damaged */
#define CRASH_DMESG             "vmcore-dmesg.txt"
#define CRASH_DMESG_INCOMPLETE  "vmcore-dmesg.txt.incomplete"
#define CRASH_REPORT            "report.txt"
#define CRASH_METADATA          "crash.json"
#define CRASH_RESERVE           ".reserve" /* beside the directories, see config/store.h */
#define CRASH_CAPTURE_LOG       "kexec-dmesg.log"

/* Directory name for a crash at @t, ending in @id as eight hexadecimal digits. Allocated. */
int crash_make_name(time_t t, uint32_t id, char **ret);

/* True for a name that crash_make_name() may have made. Such names sort by their time. */
bool crash_is_own_name(const char *name);

/* Replaces crash.json in the crash directory @dir_fd, mode 0600. After a power cut the old or the
 * new file is there. Strings may hold any bytes. */
int crash_save(const struct crash *c, int dir_fd);

/* Changes the fingerprint in crash.json to that of @c, and nothing else. -ENOENT: there is none. */
int crash_amend(const struct crash *c, int dir_fd);

/* Reads the crash directory @name below @parent_fd, and follows no link there. Files count more
 * than the JSON: a directory with only vmcore.incomplete is CRASH_INCOMPLETE even if crash.json
 * says otherwise, and one with vmcore.mini, but no vmcore, is CRASH_MINI_ONLY. A dump that
 * crash.json tells of and that is gone was deleted: @dump_reason then says so. When crash.json is
 * missing or broken, the files alone tell, and @fault says what is wrong with it. A directory with
 * a name of crash_make_name() that only root can change is a crash in any case: with nothing in it,
 * it is CRASH_FAILED. Another one without a vmcore, a log or crash.json is no crash directory:
 * -ENOENT. */
int crash_load(int parent_fd, const char *name, struct crash *ret);

/* All crash directories below @parent_fd, oldest first, read by crash_load(); allocated. */
int crash_list(int parent_fd, struct crash **ret, size_t *ret_n);
void crash_list_free(struct crash *list, size_t n);

/* Counts the crash directories below @parent_fd whose names have a time from @from to @to. */
unsigned crash_count(int parent_fd, time_t from, time_t to);

/* Counts the complete dumps below @parent_fd of crashes with this fingerprint, up to @most. Only
 * what none but root can change counts. Of very many directories some are looked at. */
unsigned crash_count_complete(int parent_fd, const char *fingerprint, unsigned most);
