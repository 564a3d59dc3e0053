// SPDX-License-Identifier: GPL-2.0-or-later
/* origin.c - what is known of a dump beside what is in it, see origin.h. */
#include "loader/crashes/origin.h"

#include <errno.h>

#include "base/err.h"

void origin_done(struct origin_facts *f)
{
	subject_done(&f->subject);
	free(f->path);
}

/* Of a pipe, or of standard input. */
static int describe_stream(const char *arg, const struct infile *in, struct origin_facts *f)
{
	f->path = strdup(streq(arg, "-") ? "standard input" : arg);
	if (!f->path)
		return errf(-ENOMEM, "no memory for a path");
	f->origin = (struct origin){ .path = f->path,
		                     .codec = "",
		                     .verify = "",
		                     .remark = "",
		                     .size = source_size(in->dump->source) };
	return 0;
}

static int describe_subject(const struct cli *cli, const char *arg, const struct infile *in,
                            struct origin_facts *f)
{
	const struct crash *c = &f->subject.crash;
	int r;

	r = subject_open(cli, arg, &f->subject);
	if (r == 0)
		r = subject_dump(&f->subject, &f->path);
	if (r < 0)
		return r;
	f->origin = (struct origin){ .path = f->path,
		                     .codec = c->codec,
		                     .verify = c->verify,
		                     .remark = c->fault ?: "",
		                     .size = in->files[0].st_size };
	if (c->pages.total > 0)
		f->origin.n_counts = crashes_counts(&c->pages, f->origin.counts);
	return 0;
}

int origin_find(const struct cli *cli, const char *arg, const struct infile *in,
                struct origin_facts *ret)
{
	bool stream = streq(arg, "-") || S_ISFIFO(in->files[0].st_mode);

	return stream ? describe_stream(arg, in, ret) : describe_subject(cli, arg, in, ret);
}
