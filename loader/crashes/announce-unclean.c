// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * announce-unclean.c - finds the boots that ended without a shutdown and without a dump, see
 * announce.h.
 */
#include "base/err.h"
#include "base/text.h"
#include "loader/crashes/announce.h"
#include "loader/crashes/evidence.h"
#include "loader/system/gentler.h"

/* The clock may have been set back by so much since the mark was made. */
#define CLOCK_DIFFERENCE (24 * 60 * 60)

struct search {
	const struct crashes *c;
	bool *new; /* which of them the list has not got yet and explain no boot so far */
};

/* Takes a crash of a time within @from..@to, the second excluded. */
static bool take_crash(struct search *s, time_t from, time_t to)
{
	for (size_t i = 0; i < s->c->n; i++) {
		time_t t = s->c->list[i].crash_time;

		if (s->new[i] && t >= from && t < to) {
			s->new[i] = false;
			return true;
		}
	}
	return false;
}

static int tell(int root_fd, int state_fd, const struct mark *m, bool is_last, announce_fn send)
{
	_cleanup_(unclean_done) struct unclean u = { .mark = *m };
	_cleanup_(strv_freep) char **record = NULL;
	int r;

	if ((r = evidence_find(root_fd, is_last, &u)) < 0 ||
	    (r = announce_unclean(&u, &record)) < 0)
		return r;
	send(record);
	r = unclean_remember(state_fd, &u);
	/* On the console nobody can tell if the capture kernel came up. */
	if (r < 0 || !is_last || !m->known || !m->armed || m->console_only || u.captured)
		return r;
	r = gentler_next(root_fd, state_fd, m->kernel);
	return MIN(r, 0);
}

static int look(int root_fd, int state_fd, struct search *s, announce_fn send)
{
	_cleanup_free_ struct mark *marks = NULL;
	char boot_id[STATE_ID_SIZE];
	size_t n;
	int r, error = 0;

	if ((r = state_boot_id(root_fd, boot_id)) < 0 ||
	    (r = marks_read(state_fd, boot_id, &marks, &n)) < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		time_t from = marks[i].time, to = i + 1 < n ? marks[i + 1].time : INT64_MAX;

		if (take_crash(s, from, to) || take_crash(s, from - CLOCK_DIFFERENCE, from))
			r = gentler_prove(root_fd, state_fd, marks[i].kernel);
		else
			r = tell(root_fd, state_fd, &marks[i], i + 1 == n, send);
		if (r < 0)
			error = r;
		/* The journal has it, even if it could not be remembered. */
		if ((r = mark_remove(state_fd, marks[i].boot_id)) < 0)
			error = r;
	}
	return error;
}

/* A crash that comes out of a store, or with a disk, later than the boot was told of. It has to be
 * of a time near the last one that is known of that boot. */
static int forget_explained(int root_fd, int state_fd, struct search *s)
{
	_cleanup_(uncleans_done) struct uncleans u = {};
	int r = uncleans_read(state_fd, &u);

	for (size_t i = u.n; r >= 0 && i > 0; i--) {
		const struct unclean *boot = &u.list[i - 1];
		time_t to = i < u.n ? u.list[i].mark.time : INT64_MAX;

		if (boot->last > boot->mark.time)
			to = MIN(to, boot->last + CLOCK_DIFFERENCE);
		if (!take_crash(s, boot->mark.time, to))
			continue;
		r = unclean_forget(state_fd, boot->mark.boot_id);
		if (r == 0 && i == u.n)
			r = gentler_back(root_fd, state_fd, boot->mark.kernel);
	}
	return r;
}

int announce_uncleans(int root_fd, int state_fd, const struct crashes *c, announce_fn send)
{
	_cleanup_(strv_freep) char **told = NULL;
	_cleanup_free_ bool *new = calloc(c->n + 1, sizeof(*new));
	struct search s = { c, new };
	int r, error;

	if (!new)
		return oom("a list of crashes");
	r = announced_read(state_fd, &told);
	if (r < 0)
		return r;
	for (size_t i = 0; i < c->n; i++)
		new[i] = !c->list[i].foreign && !announced_has(told, c->list[i].name);
	/* First the boots that nobody has been told of: a crash is mostly of the last. */
	error = look(root_fd, state_fd, &s, send);
	r = forget_explained(root_fd, state_fd, &s);
	return error ?: r;
}
