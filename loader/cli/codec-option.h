/* SPDX-License-Identifier: GPL-2.0-or-later */
/* codec-option.h - the option --compression=, for the verbs that have it. */
#pragma once

#include "loader/cli/options.h"
#include "vmcore/io/codec.h"

struct codec_choice {
	const char *text; /* as it was given; NULL: none was */
	const struct codec *codec;
	int level;
};

/* clang-format off */
#define CODEC_OPTION(type, member)                                                                 \
	{ "compression", .arg = "C[:N]", FIELD_BY(type, member, codec_option_parse),               \
	  .list = codec_names, .help = "compress with C, at its level N; C is one of " }
/* clang-format on */

/* A parse() of struct option_row; @field is a struct codec_choice. */
int codec_option_parse(const char *value, void *field);
