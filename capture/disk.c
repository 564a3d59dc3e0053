// SPDX-License-Identifier: GPL-2.0-or-later
/* disk.c - finds a block device by what is on it and by what it is, see disk.h. */
#include "capture/disk.h"

#include <blkid/blkid.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "system/disk-facts.h"
#include "system/tree.h"
#include "base/array.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"

#define DEVICES "/sys/class/block"

#define POLL_NS 20000000L

/* A disk that has just come may not be itself yet. */
#define SETTLE_SECONDS 1.0

/* Name of the tag in libblkid's results, by its prefix in the plan. */
static const struct {
	const char *prefix;
	const char *name;
} tags[] = {
	{ "UUID=", "UUID" },
	{ "LABEL=", "LABEL" },
	{ "PARTUUID=", "PART_ENTRY_UUID" },
};

int disk_list_next(char *const **list, struct disk_wanted *ret, char ***facts)
{
	char *const *word = *list;

	if (!word || !*word)
		return 0;
	*ret = (struct disk_wanted){ .tag = *word++ };
	for (; *word && islower(**word); word++)
		if (strv_push(facts, *word) < 0)
			return oom("a list of disks");
	ret->facts = *facts;
	*list = word;
	return 1;
}

/* A device that may be the one. */
struct candidate {
	char *name;
	char **facts;
	struct disk_fit fit;
	bool read; /* its first bytes */
};

struct search {
	int root_fd;
	const struct disk_wanted *wanted;
	struct candidate *list;
	size_t n;
	bool lost; /* the disk is there, and the tag is not on it any more */
};

void disk_done(struct disk *d)
{
	free(d->path);
	free(d->remark);
	*d = (struct disk){};
}

static void search_done(struct search *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->list[i].name);
		strv_free(s->list[i].facts);
	}
	free(s->list);
}

/* One chain of libblkid at a time: an error in the partition table
 * would also hide the file system (partitions_probe(), util-linux 2.38). */
static bool probe_value(blkid_probe probe, const char *tag, const char **ret)
{
	bool partition = streq(tag, "PART_ENTRY_UUID");

	blkid_probe_enable_superblocks(probe, !partition);
	blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_UUID | BLKID_SUBLKS_LABEL);
	blkid_probe_enable_partitions(probe, partition);
	blkid_probe_set_partitions_flags(probe, BLKID_PARTS_ENTRY_DETAILS);
	return blkid_do_safeprobe(probe) == 0 &&
	       blkid_probe_lookup_value(probe, tag, ret, NULL) == 0;
}

static int probe_matches(blkid_probe probe, int fd, const char *tag, const char *wanted,
                         char ***facts)
{
	const char *value;
	bool matches;

	if (blkid_probe_set_device(probe, fd, 0, 0) != 0)
		return 0;
	matches = probe_value(probe, tag, &value) && strcasecmp(value, wanted) == 0;
	if (probe_value(probe, "PART_ENTRY_UUID", &value) &&
	    disk_facts_add(facts, "partuuid", value) < 0)
		return -ENOMEM;
	return matches;
}

/* Reads the device, and adds its PARTUUID to the facts. 1 when it has the tag; 0: not. */
static int read_device(int root_fd, struct candidate *c, const char *tag, const char *wanted)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_close_ int fd = -1;
	blkid_probe probe;
	uint8_t begin[512];
	int r = disk_node(c->name, &path);

	if (r < 0)
		return r;
	/* O_NONBLOCK: a drive without a medium opens as well. */
	fd = tree_open(root_fd, path, O_RDONLY | O_NONBLOCK);
	if (fd < 0)
		return 0;
	c->read = pread(fd, begin, sizeof(begin), 0) == sizeof(begin);
	probe = blkid_new_probe();
	if (!probe)
		return 0;
	r = probe_matches(probe, fd, tag, wanted, &c->facts);
	blkid_free_probe(probe);
	return r;
}

/* 1 when the device has the tag of the plan. */
static int has_tag(struct search *s, struct candidate *c)
{
	const char *tag = s->wanted->tag;

	for (size_t i = 0; i < ARRAY_SIZE(tags); i++) {
		size_t len = strlen(tags[i].prefix);

		if (strncmp(tag, tags[i].prefix, len) == 0)
			return read_device(s->root_fd, c, tags[i].name, tag + len);
	}
	return 0;
}

static int add_candidate(struct search *s, const char *name)
{
	struct candidate c = {};
	int r = disk_facts_add_place(s->root_fd, name, &c.facts);

	if (r == 0)
		r = array_grow(&s->list, s->n, "a list of disks");
	if (r == 0 && !(c.name = strdup(name)))
		r = oom("a list of disks");
	if (r < 0) {
		strv_free(c.facts);
		return r;
	}
	disk_facts_compare(s->wanted->facts, c.facts, &c.fit);
	s->list[s->n++] = c;
	return 0;
}

static int list_candidates(struct search *s)
{
	_cleanup_(strv_freep) char **devices = NULL;
	int r = tree_list(s->root_fd, DEVICES, &devices);

	for (char **device = devices; r == 0 && device && *device; device++)
		/* Optical and floppy drives answer slowly and hold no dumps. */
		if (strncmp(*device, "sr", 2) != 0 && strncmp(*device, "fd", 2) != 0)
			r = add_candidate(s, *device);
	return r;
}

/* Where it was, or who it was: what else there may be is not asked for. */
static bool is_certain(const struct disk_fit *fit)
{
	return fit->placed || fit->proven;
}

/* All that was planned of it is as it was, and that was not little. */
static bool is_as_planned(const struct search *s, const struct disk_fit *fit)
{
	char *const *planned = s->wanted->facts;

	return !*fit->differs && !*fit->unseen && disk_facts_get(planned, "path") &&
	       disk_facts_get(planned, "size");
}

/* 1 when the device can be the one. It is read only when nothing else speaks against it. */
static int look_at(struct search *s, struct candidate *c, bool last)
{
	char *const *planned = s->wanted->facts;
	int r = disk_facts_add_identity(s->root_fd, c->name, &c->facts);

	if (r < 0)
		return r;
	disk_facts_compare(planned, c->facts, &c->fit);
	if (c->fit.other || (!last && !is_certain(&c->fit)))
		return 0;
	r = s->wanted->unread ? 1 : has_tag(s, c);
	if (r < 0)
		return r;
	disk_facts_compare(planned, c->facts, &c->fit);
	s->lost |= r == 0 && c->read && is_as_planned(s, &c->fit);
	return r && !c->fit.other;
}

static int take(const char *node, const struct disk_fit *fit, struct disk *ret)
{
	_cleanup_(disk_done) struct disk d = { .path = strdup(node) };
	const char *sep = *fit->differs && *fit->unseen ? "; " : "";
	int r = d.path ? text_printf(&d.remark, "%s%s%s%s", fit->differs, sep,
	                             *fit->unseen ? "not seen: " : "", fit->unseen)
	               : oom("the name of a disk");

	if (r < 0)
		return r;
	*ret = TAKE_STRUCT(d);
	return 1;
}

static int take_candidate(const struct candidate *c, struct disk *ret)
{
	_cleanup_free_ char *node = NULL;
	int r = disk_node(c->name, &node);

	return r < 0 ? r : take(node, &c->fit, ret);
}

/* Looks first where the disk was, then for its name. With @last a device of which no more than the
 * place differs counts too. Returns 1 and the disk, 0 when none is it. */
static int search_list(struct search *s, bool last, struct disk *ret)
{
	struct candidate *found = NULL;

	for (unsigned order = 0; order < 4; order++) {
		for (size_t i = 0; i < s->n; i++) {
			struct candidate *c = &s->list[i];
			unsigned place = 3 - 2 * c->fit.placed - c->fit.named;
			int r = place == order ? look_at(s, c, last) : 0;

			if (r < 0)
				return r;
			if (r == 0)
				continue;
			if (is_certain(&c->fit) || c->fit.named)
				return take_candidate(c, ret);
			if (found)
				return errf(-ENOTUNIQ,
				            "%s: %s and %s fit equally, and neither is where the "
				            "disk was",
				            s->wanted->tag, found->name, c->name);
			found = c;
		}
	}
	return found ? take_candidate(found, ret) : 0;
}

/* A device that is named by its path is not read. */
static int take_node(const struct search *s, struct disk *ret)
{
	_cleanup_(strv_freep) char **facts = NULL;
	const char *node = s->wanted->tag;
	struct disk_fit fit;
	struct stat st;
	int r;

	if (fstatat(s->root_fd, node + strspn(node, "/"), &st, 0) < 0 || !S_ISBLK(st.st_mode))
		return 0;
	r = disk_facts_add_identity(s->root_fd, strrchr(node, '/') + 1, &facts);
	if (r < 0)
		return r;
	disk_facts_compare(s->wanted->facts, facts, &fit);
	return fit.other ? 0 : take(node, &fit, ret);
}

static int find(struct search *s, bool last, struct disk *ret)
{
	int r;

	if (*s->wanted->tag == '/')
		return take_node(s, ret);
	r = list_candidates(s);
	return r < 0 ? r : search_list(s, last, ret);
}

/* With the facts that show that it is another disk: "vda (size is 1048576, not 2097152)". */
static int describe(const struct candidate *c, char ***ret)
{
	return c->fit.other ? strv_pushf(ret, "%s (%.80s)", c->name, c->fit.differs)
	                    : strv_push(ret, c->name);
}

static int not_found(struct search *s, double waited)
{
	_cleanup_(strv_freep) char **devices = NULL;
	_cleanup_free_ char *names = NULL;
	int r = s->n ? 0 : list_candidates(s);

	for (size_t i = 0; i < s->n && r == 0; i++)
		r = describe(&s->list[i], &devices);
	if (r < 0 || (r = strv_join(devices, ", ", &names)) < 0)
		return r;
	return errf(-ETIMEDOUT, "%s: no such disk after %.0f s%s; there are: %.250s",
	            s->wanted->tag, waited,
	            s->lost ? ", and it is no longer on the disk that had it" : "",
	            *names ? names : "none");
}

int disk_wait(int root_fd, const struct disk_wanted *w, uint64_t timeout, struct disk *ret)
{
	double began = clock_seconds(), limit = began + MIN(timeout, 3600), lost = 0;

	for (;;) {
		_cleanup_(search_done) struct search s = { .root_fd = root_fd, .wanted = w };
		double now = clock_seconds();
		bool last = now >= limit;
		int r = find(&s, last, ret);

		if (r != 0)
			return MIN(r, 0);
		lost = !s.lost ? 0 : lost ?: now;
		if (last || (s.lost && now - lost >= SETTLE_SECONDS))
			return not_found(&s, now - began);
		nanosleep(&(struct timespec){ .tv_nsec = POLL_NS }, NULL);
	}
}
