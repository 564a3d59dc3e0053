// SPDX-License-Identifier: GPL-2.0-or-later
/* places.c - the names of places, see places.h. */
#include "config/places.h"

#include <errno.h>

#include "base/err.h"
#include "base/text.h"

/* In the order of "auto". */
static const char *const known[] = { PLACE_PATH, PLACE_RESERVE, PLACE_SWAP, PLACE_FIRMWARE,
	                             PLACE_CONSOLE };

bool places_is_partition(const char *word)
{
	return strncmp(word, "PARTUUID=", 9) == 0 || strncmp(word, "/dev/", 5) == 0;
}

const char *places_kind(const char *word)
{
	return places_is_partition(word) ? PLACE_PARTITION : word;
}

static int check_words(char *const *words)
{
	unsigned partitions = 0;

	for (char *const *w = words; w && *w; w++) {
		bool is_known = places_is_partition(*w);

		partitions += is_known;
		for (size_t i = 0; i < ARRAY_SIZE(known); i++)
			is_known = is_known || streq(*w, known[i]);
		if (!is_known)
			return errf(-EINVAL,
			            "\"%s\" is no place; auto, or some of path, reserve, swap, "
			            "firmware, console and a partition as PARTUUID=... or /dev/... "
			            "are expected",
			            *w);
		if (partitions > 1)
			return errf(-EINVAL, "\"%s\" is a second partition, and one can be named",
			            *w);
		for (char *const *earlier = words; earlier < w; earlier++)
			if (streq(*earlier, *w))
				return errf(-EINVAL, "\"%s\" is named twice", *w);
	}
	return 0;
}

int places_parse(const char *value, char ***ret)
{
	_cleanup_(strv_freep) char **words = NULL;
	int r;

	if (!value || !*value || streq(value, "auto")) {
		for (size_t i = 0; i < ARRAY_SIZE(known); i++)
			if (strv_push(&words, known[i]) < 0)
				return oom("a list of places");
	} else if ((r = strv_split(&words, value, false)) < 0 || (r = check_words(words)) < 0) {
		return r;
	}
	*ret = TAKE_PTR(words);
	return 0;
}

bool places_have(const char *value, const char *place)
{
	_cleanup_(strv_freep) char **words = NULL;

	return places_parse(value, &words) == 0 && strv_contains(words, place);
}

int places_check(const char *value)
{
	_cleanup_(strv_freep) char **words = NULL;

	return places_parse(value, &words);
}
