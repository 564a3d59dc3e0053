// SPDX-License-Identifier: GPL-2.0-or-later
/* logtext.c - what dmesg_write() makes of a machine's log, see logtext.h. */
#include "tests/unit/logtext.h"

#include <errno.h>

#include "vmcore/kernel/dmesg.h"

static int collect(void *arg, const char *text, size_t len)
{
	struct logtext *t = arg;

	if (++t->calls == t->fail_at)
		return -ENOSPC;
	t->text = realloc(t->text, t->len + len + 1);
	assert_non_null(t->text);
	memcpy(t->text + t->len, text, len);
	t->len += len;
	t->text[t->len] = '\0';
	return 0;
}

int logtext_write(struct logtext *t, struct synth *m)
{
	struct dump *d = synth_dump(m);
	struct kspace *ks = synth_kspace(d);
	int r;

	free(t->text);
	t->text = strdup("");
	assert_non_null(t->text);
	t->len = t->calls = 0;
	r = dmesg_write(ks, collect, t);
	kspace_free(ks);
	dump_free(d);
	return r;
}

void logtext_done(struct logtext *t)
{
	free(t->text);
	*t = (struct logtext){};
}
