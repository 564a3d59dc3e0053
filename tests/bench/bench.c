// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bench.c - one run of the engine over a file, for tests/bench/run to time.
 *
 *	bench VMCORE OUTPUT LEVEL COMPRESS THREADS
 *
 * With "-" for OUTPUT it only filters.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "vmcore/base/err.h"
#include "vmcore/base/text.h"
#include "vmcore/kernel/convert.h"

static int write_dump(const struct dump *d, struct kspace *ks, const struct bitmap *keep,
                      const char *path, struct save_options *o)
{
	_cleanup_(sink_freep) struct sink *sink = NULL;
	struct save_result result;
	int r;

	convert_header(d, ks, o);
	unlink(path);
	r = sink_create(AT_FDCWD, path, &sink);
	return r < 0 ? r : save_kdump(d, keep, o, sink, &result);
}

static int run(char *argv[])
{
	_cleanup_(dump_freep) struct dump *d = NULL;
	_cleanup_(kspace_freep) struct kspace *ks = NULL;
	_cleanup_(bitmap_done) struct bitmap keep = {};
	struct save_options o = {};
	struct filter_result filtered;
	struct source *source;
	uint64_t level, threads;
	int r;

	if (text_to_u64(argv[3], 10, &level) < 0 || text_to_u64(argv[5], 10, &threads) < 0)
		return errf(-EINVAL, "LEVEL and THREADS are numbers");
	o.level = level;
	o.threads = threads;
	if ((r = codec_parse(argv[4], &o.codec, &o.codec_level)) < 0 ||
	    (r = source_open(argv[1], &source)) < 0 || (r = dump_open(source, &d)) < 0 ||
	    (r = kspace_open(d, &ks)) < 0 || (r = filter_all(d, &keep)) < 0 ||
	    (r = filter_run(d, ks, level, &keep, &filtered)) < 0)
		return r;
	return streq(argv[2], "-") ? 0 : write_dump(d, ks, &keep, argv[2], &o);
}

int main(int argc, char *argv[])
{
	int r = argc == 6 ? run(argv)
	                  : errf(-EINVAL, "usage: bench VMCORE OUTPUT LEVEL COMPRESS THREADS");

	if (r < 0)
		fprintf(stderr, "bench: %s\n", err_text(r));
	return r < 0;
}
