// SPDX-License-Identifier: GPL-2.0-or-later
/* swap.c - finds a swap partition, and a crash in one; see swap.h. */
#include "loader/image/swap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <time.h>

#include "config/swaparea.h"
#include "loader/image/reserve.h"
#include "loader/system/armed.h"
#include "loader/system/mounts.h"
#include "system/disk-facts.h"
#include "system/file.h"
#include "system/tree.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"

#define BLOCKS "/sys/class/block"

void swap_done(struct swap *s)
{
	for (size_t i = 0; i < s->n; i++)
		device_done(&s->list[i].device);
	free(s->id);
	*s = (struct swap){};
}

/* Keeps the largest ones, in order. Takes @d. */
static void add(struct swap *s, struct swap_device *d)
{
	size_t at = s->n;

	while (at > 0 && s->list[at - 1].size < d->size)
		at--;
	if (s->n == SWAP_MOST)
		device_done(at == SWAP_MOST ? &d->device : &s->list[--s->n].device);
	if (at == SWAP_MOST)
		return;
	memmove(&s->list[at + 1], &s->list[at], (s->n++ - at) * sizeof(*d));
	s->list[at] = *d;
}

/* Adds the device of a line of /proc/swaps, if it is a partition. */
static void look_at_line(int root_fd, const char *line, struct swap *s)
{
	struct swap_device d = {};
	char node[256], type[32];
	dev_t number;

	if (sscanf(line, "/dev/%250s %30s", node, type) != 2 || !streq(type, "partition") ||
	    strchr(node, '/') || device_read_block(root_fd, node, &number, &d.size) < 0 ||
	    d.size == 0 || device_find_node(root_fd, node, number, &d.device) < 0)
		return;
	add(s, &d);
}

static int find(int root_fd, struct swap *ret)
{
	_cleanup_free_ char *text = NULL;
	int r = tree_read(root_fd, "/proc/swaps", MIB(1), &text, NULL);
	char *save = NULL;

	if (r < 0)
		return r;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		look_at_line(root_fd, line, ret);
	return ret->n ? 0 : errf(-ENOENT, "no partition is used for swap");
}

/* What CRASH_SWAP tells: "ID SPEC SPEC...". */
struct ticket {
	const char *id;
	char *const *specs; /* of the partitions */
	char **words;       /* all of these */
};

static void ticket_done(struct ticket *t)
{
	strv_free(t->words);
}

/* -ENOENT: there is none that can be used. */
static int read_ticket(int dir_fd, struct ticket *ret)
{
	_cleanup_(ticket_done) struct ticket t = {};
	_cleanup_free_ char *text = NULL;
	uint8_t id[STORE_ID_SIZE];

	if (!file_is_private(dir_fd) ||
	    file_read_entry(dir_fd, CRASH_SWAP, KIB(4), &text, NULL) < 0 ||
	    strv_split(&t.words, text, false) < 0 || strv_length(t.words) < 2 ||
	    store_id_from_text(t.words[0], id) < 0)
		return -ENOENT;
	t.id = t.words[0];
	t.specs = t.words + 1;
	*ret = TAKE_STRUCT(t);
	return 0;
}

/* Whether the ticket is for these partitions. */
static bool is_for(const struct ticket *t, const struct swap *s)
{
	size_t i = 0;

	while (i < s->n && t->specs[i] && streq(t->specs[i], s->list[i].device.spec))
		i++;
	return i == s->n && !t->specs[i];
}

static int make_ticket(int dir_fd, const struct swap *s, char **ret_id)
{
	_cleanup_(strv_freep) char **words = NULL;
	_cleanup_free_ char *line = NULL;
	char text[STORE_ID_TEXT];
	uint8_t id[STORE_ID_SIZE];
	int r;

	if (!file_is_private(dir_fd))
		return errf(-EPERM, "others than root can write to the directory");
	if (getrandom(id, sizeof(id), GRND_NONBLOCK) != sizeof(id))
		return errf(-EAGAIN, "there is no randomness yet");
	r = strv_push(&words, store_id_to_text(id, text));
	for (size_t i = 0; i < s->n && r == 0; i++)
		r = strv_push(&words, s->list[i].device.spec);
	if (r < 0 || (r = strv_join(words, " ", &line)) < 0)
		return oom("a swap partition");
	r = file_replace(dir_fd, CRASH_SWAP, line, strlen(line), 0600);
	if (r < 0)
		return errf(r, CRASH_SWAP ": %s", strerror(-r));
	return text_replace(ret_id, text) < 0 ? oom("a swap partition") : 0;
}

/* PID 1 keeps a link for each unit that is active. One that has run in this boot is taken for one
 * that runs in the next. */
static bool will_be_fetched(int root_fd)
{
	_cleanup_free_ char *name = NULL;

	return tree_link_name(root_fd, "/run/systemd/units/invocation:" SWAP_UNIT, &name) == 0;
}

int swap_prepare(int root_fd, int dir_fd, const char *path, bool only_look, struct swap *ret)
{
	_cleanup_(swap_done) struct swap s = {};
	_cleanup_(ticket_done) struct ticket t = {};
	int r;

	if (!will_be_fetched(root_fd))
		return errf(-ENOENT, SWAP_UNIT " has not run in this boot");
	if ((r = mounts_are_early(root_fd, path)) < 0 || (r = find(root_fd, &s)) < 0)
		return r;
	r = read_ticket(dir_fd, &t);
	if (only_look || (r == 0 && is_for(&t, &s)))
		r = text_replace(&s.id, r == 0 ? t.id : "") < 0 ? oom("a swap partition") : 0;
	else
		r = make_ticket(dir_fd, &s, &s.id);
	if (r < 0)
		return err_prefix(r, "%s", path);
	*ret = TAKE_STRUCT(s);
	return 0;
}

struct fetching {
	int root_fd;
	const struct ticket *ticket;
	int dir_fd; /* of the target directory */
	const char *path;
	char ***remarks; /* the caller's */
	size_t seen;     /* partitions of the ticket that are there */
	char **done;     /* devices of which a crash was fetched */
	char **names;    /* of crashes */
};

static void fetching_done(struct fetching *f)
{
	strv_free(f->done);
	strv_free(f->names);
}

/* Fetches what the partition @name holds. */
static int fetch(struct fetching *f, const char *name)
{
	_cleanup_(device_done) struct device d = {};
	_cleanup_free_ char *crash = NULL;
	_cleanup_close_ int fd = -1;
	struct store_extent whole;
	struct store_area area;
	dev_t number;
	int r;

	if (device_read_block(f->root_fd, name, &number, NULL) < 0 ||
	    device_find_node(f->root_fd, name, number, &d) < 0)
		return 0;
	f->seen += strv_contains(f->ticket->specs, d.spec);
	fd = tree_open(f->root_fd, d.node, O_RDONLY | O_NONBLOCK);
	if (fd < 0 || strv_contains(f->done, name) || swap_area_check(fd, name) < 0 ||
	    swap_area_store(fd, name, f->ticket->id, &whole, &area) < 0)
		return 0;
	r = reserve_fetch_store(&area, f->dir_fd, f->path, &crash, f->remarks);
	if (r <= 0)
		return r;
	return strv_push(&f->done, name) < 0 ? -ENOMEM : strv_push(&f->names, crash);
}

/* 1 when all partitions of the ticket are there. */
static int fetch_all(struct fetching *f)
{
	_cleanup_(strv_freep) char **devices = NULL;
	int r = tree_list(f->root_fd, BLOCKS, &devices);

	f->seen = 0;
	for (char **d = devices; d && *d && r == 0; d++)
		r = fetch(f, *d);
	return r < 0 ? r : f->seen >= strv_length(f->ticket->specs);
}

int swap_fetch(int root_fd, const char *path, double seconds, char ***remarks, char ***ret_names)
{
	_cleanup_close_ int dir_fd = tree_open(root_fd, path, O_RDONLY | O_DIRECTORY);
	_cleanup_(ticket_done) struct ticket t = {};
	_cleanup_(fetching_done) struct fetching f = {
		.root_fd = root_fd, .ticket = &t, .dir_fd = dir_fd, .path = path, .remarks = remarks
	};
	double end = clock_seconds() + seconds;
	int r;

	/* What is armed may still need the ticket. */
	if (dir_fd < 0 || tree_exists(root_fd, ARMED_DIRECTORY "/" ARMED_RECORD) ||
	    read_ticket(dir_fd, &t) < 0)
		return 0;
	while ((r = fetch_all(&f)) == 0 && clock_seconds() < end)
		nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
	if (r < 0)
		return r;
	if (unlinkat(dir_fd, CRASH_SWAP, 0) < 0 || fsync(dir_fd) < 0)
		return errf(-errno, "%s/" CRASH_SWAP ": %s", path, strerror(errno));
	*ret_names = TAKE_PTR(f.names);
	return 0;
}
