/* SPDX-License-Identifier: GPL-2.0-or-later */
/* codecs.h - the codecs that codec.c puts into its table, one file each. */
#pragma once

#include "vmcore/io/codec.h"

extern const struct codec codec_zlib, codec_lzo, codec_snappy, codec_zstd;
