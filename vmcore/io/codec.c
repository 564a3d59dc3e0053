// SPDX-License-Identifier: GPL-2.0-or-later
/* codec.c - the table of codecs, see codec.h. */
#include "vmcore/io/codec.h"

#include <errno.h>
#include <stdio.h>

#include "base/err.h"
#include "vmcore/io/codecs.h"

const struct codec *codec_by_flag(uint32_t flag)
{
	for (size_t i = 1; codecs[i]; i++)
		if (codecs[i]->flag == flag)
			return codecs[i];
	return NULL;
}

const char *codec_names(char buf[static CODEC_NAMES_MAX])
{
	size_t len = 0;

	for (size_t i = 0; codecs[i] && len < CODEC_NAMES_MAX; i++)
		len += snprintf(buf + len, CODEC_NAMES_MAX - len, "%s%s", i ? ", " : "",
		                codecs[i]->name);
	return buf;
}

int codec_parse(const char *text, const struct codec **ret, int *ret_level)
{
	size_t len = strcspn(text, ":");
	const struct codec *c = NULL;
	char names[CODEC_NAMES_MAX];
	long level;
	char *end;

	for (size_t i = 0; codecs[i] && !c; i++)
		if (strlen(codecs[i]->name) == len && memcmp(codecs[i]->name, text, len) == 0)
			c = codecs[i];
	if (!c)
		return errf(-EINVAL, "\"%s\" is not a compression: use one of %s, or NAME:LEVEL",
		            text, codec_names(names));
	level = c->initial_level;
	if (text[len] == ':') {
		errno = 0;
		level = strtol(text + len + 1, &end, 10);
		if (errno || end == text + len + 1 || *end || level < c->min_level ||
		    level > c->max_level || c->min_level == c->max_level)
			return c->min_level == c->max_level
			               ? errf(-EINVAL, "%s has no levels: use just %s", c->name,
			                      c->name)
			               : errf(-EINVAL, "\"%s\" is not a level of %s: use %d to %d",
			                      text + len + 1, c->name, c->min_level, c->max_level);
	}
	*ret = c;
	*ret_level = level;
	return 0;
}

int compressor_init(struct compressor *c, const struct codec *codec, int level)
{
	size_t size = codec->scratch_size ? codec->scratch_size(level) : 0;
	int r;

	*c = (struct compressor){ .codec = codec };
	if (size == 0)
		return 0;
	c->scratch = calloc(1, size);
	if (!c->scratch)
		return oom(codec->name);
	if (!codec->scratch_init)
		return 0;
	r = codec->scratch_init(c->scratch, size, level);
	if (r < 0) {
		free(TAKE_PTR(c->scratch));
		return errf(r, "%s: cannot be prepared at level %d", codec->name, level);
	}
	return 0;
}

void compressor_done(struct compressor *c)
{
	if (c->scratch && c->codec->scratch_done)
		c->codec->scratch_done(c->scratch);
	free(c->scratch);
	*c = (struct compressor){};
}

size_t compressor_page(struct compressor *c, const void *in, size_t len, void *out, size_t room)
{
	return c->codec->compress ? c->codec->compress(c->scratch, in, len, out, room) : 0;
}

static const struct codec codec_none = { .name = "none" };

const struct codec *const codecs[] = { &codec_none,   &codec_zlib, &codec_lzo,
	                               &codec_snappy, &codec_zstd, NULL };
