// SPDX-License-Identifier: GPL-2.0-or-later
/* codec-option.c - the option --compression=, see codec-option.h. */
#include "loader/cli/codec-option.h"

_Static_assert(CODEC_NAMES_MAX <= OPTION_HELP_MAX, "the help has room for all codecs");

int codec_option_parse(const char *value, void *field)
{
	struct codec_choice *choice = field;

	choice->text = value;
	return codec_parse(value, &choice->codec, &choice->level);
}
