/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * places.h - the places that a crash may go to, by their names in Target=.
 *
 *   path      the directory Path=, through its file system
 *   reserve   blocks of its disk that lie ready, see config/store.h
 *   swap      a swap partition, until the next boot: the largest that takes it
 *   PARTUUID=..., /dev/...  a partition that is there for crashes, see config/dumparea.h
 *   firmware  variables of the EFI firmware: the end of the log alone
 *   console   the end of the log and the report, for whoever looks
 *
 * All but the last two take files, in the order of the list. The others are tried when none of
 * these took the log. A partition is not part of "auto".
 */
#pragma once

#include "base/base.h"

#define PLACE_PATH      "path"
#define PLACE_RESERVE   "reserve"
#define PLACE_SWAP      "swap"
#define PLACE_PARTITION "partition" /* as programs call it, whatever partition is named */
#define PLACE_FIRMWARE  "firmware"
#define PLACE_CONSOLE   "console"

/* Splits a value of Target= into names; "auto" and NULL are all but a partition. -EINVAL with a
 * text. */
int places_parse(const char *value, char ***ret);

/* Whether @value names @place. */
bool places_have(const char *value, const char *place);

/* Whether a word names a partition. */
bool places_is_partition(const char *word);

/* The place that a word stands for: the word itself, or PLACE_PARTITION. */
const char *places_kind(const char *word);

/* The check of the setting. */
int places_check(const char *value);
