// SPDX-License-Identifier: GPL-2.0-or-later
/* crashdir.c - finds, reads and writes saved crashes, see crashdir.h. */
#include "config/crashdir.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>

#include "system/file.h"
#include "base/array.h"
#include "base/printable.h"
#include "base/err.h"
#include "base/text.h"

#define METADATA_SIZE_MAX MIB(1)

int crash_make_name(time_t t, uint32_t id, char **ret)
{
	char stamp[TEXT_STAMP_MAX];

	return text_printf(ret, "%s-%08" PRIx32, text_from_stamp(t, stamp), id);
}

/* The time in a name that crash_make_name() made; 0 in any other. */
static time_t time_of_name(const char *name)
{
	struct tm tm = {};
	const char *end = strptime(name, "%Y%m%dT%H%M%SZ", &tm);
	time_t t = end && *end == '-' ? timegm(&tm) : 0;

	return MAX(t, 0);
}

bool crash_is_own_name(const char *name)
{
	const char *id = strchr(name, '-');

	return time_of_name(name) > 0 && id - name == (ptrdiff_t)strlen("20261123T140501Z") &&
	       strlen(id) == strlen("-4f2a90c1") && strspn(id + 1, "0123456789abcdef") == 8;
}

int crash_save(const struct crash *c, int dir_fd)
{
	_cleanup_free_ char *text = NULL;
	int r = crash_to_text(c, &text);

	if (r < 0)
		return err_prefix(r, CRASH_METADATA);
	return file_replace(dir_fd, CRASH_METADATA, text, strlen(text), 0600);
}

int crash_amend(const struct crash *c, int dir_fd)
{
	_cleanup_free_ char *text = NULL, *amended = NULL;
	size_t len;
	int r = file_read_entry(dir_fd, CRASH_METADATA, METADATA_SIZE_MAX, &text, &len);

	if (r < 0)
		return errf(r, CRASH_METADATA ": %s", strerror(-r));
	r = crash_amend_text(text, len, c, &amended);
	if (r < 0)
		return err_prefix(r, CRASH_METADATA);
	return file_replace(dir_fd, CRASH_METADATA, amended, strlen(amended), 0600);
}

/* More are not looked at for a fingerprint: a crash has to be saved soon. */
#define COUNTED_MAX 500

enum kind {
	DUMP,
	MINI, /* dump: its pages are those that a report reads */
	PART, /* of a dump: its writer did not finish it */
	LOG,
	OTHER,
	KINDS,
};

/* The files that make a directory that of a crash; of each kind the first one counts, of parts the
 * one with the most on the disk. */
static const struct {
	enum kind kind;
	const char *name;
	bool stamped; /* it goes on with the time, all digits */
} known[] = {
	{ DUMP, CRASH_VMCORE },
	{ MINI, CRASH_MINI },
	{ PART, CRASH_VMCORE_INCOMPLETE },
	{ PART, CRASH_VMCORE_FIRST },
	{ LOG, CRASH_DMESG },
	{ LOG, CRASH_DMESG CRASH_PART },
	{ OTHER, CRASH_METADATA },
	{ OTHER, CRASH_CAPTURE_LOG },
	/* kdump-utils of Fedora; the first is a "flattened" stream. */
	{ DUMP, "vmcore.flat" },
	{ PART, "vmcore-incomplete" },
	{ LOG, "vmcore-dmesg-incomplete.txt" },
	/* kdump of openSUSE. */
	{ LOG, "dmesg" },
	{ LOG, "dmesg.txt" },
	/* kdump-tools of Debian and Ubuntu. */
	{ DUMP, "dump.", true },
	{ DUMP, "vmcore.", true },
	{ PART, "dump-incomplete" },
	{ LOG, "dmesg.", true },
};

/* What lies in a crash directory. */
struct files {
	int64_t size[KINDS]; /* -1: not there */
	char *name[KINDS];   /* owned; NULL: not there */
	blkcnt_t part;       /* blocks of that one */
	time_t mtime;        /* the earliest: the log was written first */
};

static void files_done(struct files *f)
{
	for (size_t i = 0; i < KINDS; i++)
		free(f->name[i]);
}

static int look(int dir_fd, enum kind kind, const char *name, struct files *f)
{
	struct stat st;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
		return 0;
	if (f->mtime == 0 || st.st_mtime < f->mtime)
		f->mtime = st.st_mtime;
	if (f->name[kind] && (kind != PART || st.st_blocks <= f->part))
		return 0;
	if (kind == PART)
		f->part = st.st_blocks;
	free(f->name[kind]);
	f->size[kind] = st.st_size;
	f->name[kind] = strdup(name);
	return f->name[kind] ? 0 : oom("a name");
}

/* The first file whose name is @prefix and digits. */
static int look_stamped(int dir_fd, enum kind kind, const char *prefix, struct files *f)
{
	_cleanup_(file_closedirp) DIR *dir = NULL;
	struct dirent *entry;

	file_opendir(dir_fd, ".", &dir);
	while (dir && (entry = readdir(dir))) {
		const char *stamp = entry->d_name + strlen(prefix);

		if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0 && *stamp &&
		    stamp[strspn(stamp, "0123456789")] == '\0')
			return look(dir_fd, kind, entry->d_name, f);
	}
	return 0;
}

/* -ENOENT: it is no crash directory. */
static int look_at_files(int dir_fd, struct files *f)
{
	bool any = false;
	int r;

	for (size_t i = 0; i < KINDS; i++)
		f->size[i] = -1;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		r = known[i].stamped ? look_stamped(dir_fd, known[i].kind, known[i].name, f)
		                     : look(dir_fd, known[i].kind, known[i].name, f);
		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < KINDS; i++)
		any |= f->name[i] != NULL;
	return any ? 0 : -ENOENT;
}

/* Error texts may quote what the file holds. */
static int set_fault(struct crash *c, const char *text)
{
	return c->fault ? 0 : printable(text, strlen(text), false, &c->fault);
}

/* -ENOENT: there is no crash.json. */
static int read_metadata(int dir_fd, struct crash *c)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	int r = file_read_entry(dir_fd, CRASH_METADATA, METADATA_SIZE_MAX, &text, &len);

	if (r == -ENOENT)
		return r;
	if (r < 0)
		errf(r, "cannot be read: %s", strerror(-r));
	else
		r = crash_from_text(text, len, c);
	if (r < 0) {
		err_prefix(r, CRASH_METADATA);
		return set_fault(c, err_text(r));
	}
	return 0;
}

/* The outcome as the files show it; what they do not show is left as crash.json says. */
static int set_outcome(struct files *f, struct crash *c)
{
	/* The mini dump has what a report needs; what a part has is left to chance. */
	enum kind dump = f->name[DUMP] ? DUMP : f->name[MINI] ? MINI : PART;
	uint64_t promised = c->vmcore_size;
	bool had_dump = c->outcome == CRASH_COMPLETE || c->outcome == CRASH_INCOMPLETE;

	c->dump = c->files[0] = TAKE_PTR(f->name[dump]);
	c->log = c->files[1] = TAKE_PTR(f->name[LOG]);
	c->vmcore_size = MAX(f->size[dump], 0);
	c->dmesg_size = MAX(f->size[LOG], 0);
	if (dump == MINI) {
		c->outcome = CRASH_MINI_ONLY;
	} else if (dump == PART) {
		c->outcome = c->dump            ? CRASH_INCOMPLETE
		             : f->size[LOG] > 0 ? CRASH_DMESG_ONLY
		                                : CRASH_FAILED;
		/* As kdump-lite prune does. */
		if (!c->dump && promised && had_dump && !(c->dump_reason && *c->dump_reason) &&
		    text_replace(&c->dump_reason, "deleted after the capture") < 0)
			return oom("a reason");
	} else if (promised && promised != c->vmcore_size) {
		c->outcome = CRASH_INCOMPLETE;
		return set_fault(c, "vmcore is not as large as " CRASH_METADATA
		                    " says: it is cut off, or not the original");
	} else if (c->outcome != CRASH_COMPLETE && c->outcome != CRASH_INCOMPLETE) {
		c->outcome = CRASH_UNKNOWN;
	}
	return 0;
}

/* How far a capture came that left no crash.json. Its directory is made in the step target. */
static int guess_step(const struct files *f, struct crash *c)
{
	const char *step = f->name[DUMP]    ? ""
	                   : f->name[OTHER] ? "log"
	                   : f->name[PART]  ? "vmcore"
	                   : f->name[LOG]   ? "dmesg"
	                                    : "target";

	return text_replace(&c->step, step) < 0 ? oom("a step") : 0;
}

int crash_load(int parent_fd, const char *name, struct crash *ret)
{
	_cleanup_(crash_done) struct crash c = {};
	_cleanup_(files_done) struct files f = {};
	bool is_own;
	int r;
	_cleanup_close_ int fd = file_open_subdir(parent_fd, name);

	if (fd < 0)
		return errf(fd, "%s: cannot be opened: %s", name, strerror(-fd));
	c.foreign = !file_is_private(fd);
	is_own = !c.foreign && crash_is_own_name(name);
	r = look_at_files(fd, &f);
	if (r == -ENOENT && !is_own)
		return errf(r, "%s: is no crash directory, it holds neither a vmcore nor a log",
		            name);
	if (r < 0 && r != -ENOENT)
		return r;
	if (text_replace(&c.name, name) < 0)
		return oom("a name");
	r = read_metadata(fd, &c);
	if (r == -ENOENT)
		r = is_own ? guess_step(&f, &c) : 0;
	if (r < 0 || (r = set_outcome(&f, &c)) < 0 || (r = crash_fill(&c)) < 0)
		return r;
	if (c.crash_time == 0)
		c.crash_time = time_of_name(name);
	if (c.crash_time == 0)
		c.crash_time = f.mtime;
	*ret = TAKE_STRUCT(c);
	return 0;
}

/* Stands for a directory that cannot be read, so that it does not go unseen. */
static int unreadable(const char *name, int error, struct crash *ret)
{
	_cleanup_(crash_done) struct crash c = {};
	int r = set_fault(&c, err_text(error));

	if (r < 0)
		return r;
	if (text_replace(&c.name, name) < 0)
		return oom("a name");
	r = crash_fill(&c);
	if (r < 0)
		return r;
	c.crash_time = time_of_name(name);
	*ret = TAKE_STRUCT(c);
	return 0;
}

void crash_list_free(struct crash *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		crash_done(&list[i]);
	free(list);
}

unsigned crash_count(int parent_fd, time_t from, time_t to)
{
	_cleanup_(file_closedirp) DIR *dir = NULL;
	struct dirent *entry;
	unsigned n = 0;

	file_opendir(parent_fd, ".", &dir);
	while (dir && (entry = readdir(dir))) {
		time_t t = time_of_name(entry->d_name);

		n += t > 0 && t >= from && t <= to;
	}
	return n;
}

unsigned crash_count_complete(int parent_fd, const char *fingerprint, unsigned most)
{
	_cleanup_(file_closedirp) DIR *dir = NULL;
	unsigned n = 0, looked_at = 0;
	struct dirent *entry;

	file_opendir(parent_fd, ".", &dir);
	while (dir && n < most && looked_at < COUNTED_MAX && (entry = readdir(dir))) {
		_cleanup_(crash_done) struct crash c = {};

		if (time_of_name(entry->d_name) == 0)
			continue;
		looked_at++;
		n += crash_load(parent_fd, entry->d_name, &c) == 0 && !c.foreign &&
		     c.outcome == CRASH_COMPLETE && streq(c.fingerprint, fingerprint);
	}
	return n;
}

static int compare(const void *a, const void *b)
{
	const struct crash *x = a, *y = b;

	if (x->crash_time != y->crash_time)
		return x->crash_time < y->crash_time ? -1 : 1;
	return strcmp(x->name, y->name);
}

struct list {
	struct crash *items;
	size_t n;
};

static void list_done(struct list *l)
{
	crash_list_free(l->items, l->n);
}

static int list_add(struct list *l, int parent_fd, const char *name)
{
	int r = array_grow(&l->items, l->n, "a list of crashes");

	if (r < 0)
		return r;
	r = crash_load(parent_fd, name, &l->items[l->n]);
	if (r == -ENOTDIR || r == -ENOENT || r == -ELOOP)
		return 0;
	if (r < 0 && r != -ENOMEM)
		r = unreadable(name, r, &l->items[l->n]);
	if (r < 0)
		return r;
	l->n++;
	return 0;
}

int crash_list(int parent_fd, struct crash **ret, size_t *ret_n)
{
	_cleanup_(list_done) struct list l = {};
	_cleanup_(file_closedirp) DIR *dir = NULL;
	struct dirent *entry;
	int r = file_opendir(parent_fd, ".", &dir);

	if (r < 0)
		return errf(r, "the list of crashes cannot be read: %s", strerror(-r));
	while ((errno = 0, entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		r = list_add(&l, parent_fd, entry->d_name);
		if (r < 0)
			return r;
	}
	if (errno != 0)
		return errf(-errno, "the list of crashes cannot be read: %s", strerror(errno));
	if (l.n > 0)
		qsort(l.items, l.n, sizeof(*l.items), compare);
	*ret = l.items;
	*ret_n = l.n;
	l = (struct list){};
	return 0;
}
