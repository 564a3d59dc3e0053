// SPDX-License-Identifier: GPL-2.0-or-later
/* subject.c - finds and opens what the user named, see subject.h. */
#include "loader/crashes/subject.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "loader/crashes/spool.h"
#include "system/file.h"
#include "base/array.h"
#include "base/err.h"
#include "base/text.h"
#include "vmcore/kernel/lost-vmcoreinfo.h"

#define STDIN_NAME "standard input"

void subject_done(struct subject *s)
{
	dump_free(s->dump);
	crash_done(&s->crash);
	free(s->path);
	base_closep(&s->dir_fd);
	for (size_t i = 0; i < s->n_files; i++) {
		free(s->files[i].path);
		free(s->files[i].name);
		base_closep(&s->files[i].fd);
	}
	free(s->files);
	*s = SUBJECT_NULL;
}

/* Puts @typed in front of the text of an error that does not begin with it. */
static int name_it(int error, const char *typed)
{
	if (!typed || strncmp(err_text(error), typed, strlen(typed)) == 0)
		return error;
	return err_prefix(error, "%s", typed);
}

static int add_file(struct subject *s, const char *path, const char *name, const struct stat *st,
                    enum subject_kind kind)
{
	struct subject_file f = { .kind = kind, .fd = -1, .st = *st };
	int r = array_grow(&s->files, s->n_files, "a list of files");

	if (r < 0)
		return r;
	f.path = strdup(path);
	f.name = strdup(name);
	s->files[s->n_files++] = f;
	return f.path && f.name ? 0 : oom("a path");
}

/* The dump of the loaded crash. If it cannot be read, that is an error for who opens it. */
static int add_dump_of_crash(struct subject *s)
{
	_cleanup_free_ char *path = NULL;
	struct stat st = {};
	int r;

	if (!s->crash.dump)
		return 0;
	r = text_printf(&path, "%s/%s", s->path, s->crash.dump);
	if (r < 0)
		return r;
	(void)stat(path, &st);
	return add_file(s, path, path, &st, SUBJECT_FILE);
}

static int open_stdin(struct subject *s)
{
	struct stat st;
	int r;

	if (fstat(STDIN_FILENO, &st) < 0)
		return errf(-errno, "-: " STDIN_NAME ": %s", strerror(errno));
	if (isatty(STDIN_FILENO))
		return errf(-EINVAL, "-: " STDIN_NAME " is a terminal, a dump is expected");
	if ((r = text_replace(&s->path, STDIN_NAME)) < 0 ||
	    (r = add_file(s, STDIN_NAME, STDIN_NAME, &st, SUBJECT_STDIN)) < 0)
		return r;
	return crash_fill(&s->crash);
}

/* A crash directory by its path, wherever it lies. */
static int open_directory(const char *typed, struct subject *s)
{
	char *slash = strrchr(s->path, '/');
	_cleanup_close_ int parent = -1;
	int r;

	/* The path is real, so there is a slash, and nothing but the root directory ends in one. */
	*slash = '\0';
	parent = file_open_dir(AT_FDCWD, *s->path ? s->path : "/");
	*slash = '/';
	if (parent < 0)
		return errf(parent, "%s: cannot be opened: %s", typed, strerror(-parent));
	s->dir_fd = file_open_dir(AT_FDCWD, s->path);
	if (s->dir_fd < 0)
		return errf(s->dir_fd, "%s: cannot be opened: %s", typed, strerror(-s->dir_fd));
	r = crash_load(parent, slash[1] ? slash + 1 : ".", &s->crash);
	return r < 0 ? r : add_dump_of_crash(s);
}

static int open_path(const char *typed, struct subject *s)
{
	struct stat st;
	bool is_pipe;
	int r;

	if (stat(typed, &st) < 0)
		return errf(-errno, "%s: cannot be opened: %s", typed, strerror(errno));
	is_pipe = S_ISFIFO(st.st_mode);
	/* A pipe of the shell, /dev/fd/63, has no other path. */
	s->path = is_pipe ? strdup(typed) : realpath(typed, NULL);
	if (!s->path)
		return errf(-errno, "%s: cannot be opened: %s", typed, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return open_directory(typed, s);
	r = add_file(s, s->path, typed, &st, is_pipe ? SUBJECT_PIPE : SUBJECT_FILE);
	return r < 0 ? r : crash_fill(&s->crash);
}

/* Takes @item out of the list, with what its crash.json tells. */
static int open_listed(const struct crashes *c, struct crash *item, struct subject *s)
{
	int r = text_printf(&s->path, "%s/%s", c->path, item->name);

	if (r < 0)
		return r;
	s->dir_fd = crashes_open_directory(c, item);
	if (s->dir_fd < 0)
		return errf(s->dir_fd, "%s: cannot be opened: %s", s->path, strerror(-s->dir_fd));
	s->crash = TAKE_STRUCT(*item);
	return add_dump_of_crash(s);
}

static int open_named(const struct cli *cli, const char *typed, struct subject *s)
{
	_cleanup_(crashes_done) struct crashes c = CRASHES_NULL;
	struct crash *item;
	int r = crashes_open(cli, &c);

	if (r < 0)
		return r;
	if (!typed || streq(typed, "last")) {
		if (c.n == 0)
			return errf(-ENOENT, "%s: no crashes found", c.path);
		return open_listed(&c, crashes_last(&c), s);
	}
	r = crashes_find(&c, typed, &item);
	if (r == -ENOENT && access(typed, F_OK) == 0)
		return open_path(typed, s);
	return r < 0 ? r : open_listed(&c, item, s);
}

static int resolve(const struct cli *cli, const char *typed, struct subject *s)
{
	s->typed = typed;
	if (typed && streq(typed, "-"))
		return open_stdin(s);
	if (typed && strchr(typed, '/'))
		return open_path(typed, s);
	return open_named(cli, typed, s);
}

/* Of the parts behind the first no more than their files counts. */
static int add_part(const struct cli *cli, const char *typed, struct subject *s)
{
	_cleanup_(subject_done) struct subject part = SUBJECT_NULL;
	int r = resolve(cli, typed, &part);

	if (r < 0)
		return r;
	if (part.n_files == 0)
		return errf(-ENOENT, "%s: has no dump", part.path);
	r = array_grow(&s->files, s->n_files, "a list of files");
	if (r < 0)
		return r;
	s->files[s->n_files++] = part.files[0];
	part.n_files = 0;
	return 0;
}

int subject_open(const struct cli *cli, int n, char *const args[], struct subject *ret)
{
	_cleanup_(subject_done) struct subject s = SUBJECT_NULL;
	int r = resolve(cli, n > 0 ? args[0] : NULL, &s);

	if (r < 0)
		return name_it(r, s.typed);
	for (int i = 1; i < n; i++) {
		r = add_part(cli, args[i], &s);
		if (r < 0)
			return name_it(r, args[i]);
	}
	*ret = s;
	s = SUBJECT_NULL;
	return 0;
}

/* A regular file with all that comes from standard input, unless that is one, or from a pipe. */
static int open_stream(struct subject_file *f)
{
	_cleanup_close_ int from = -1;

	from = f->kind == SUBJECT_STDIN ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
	                                : open(f->path, O_RDONLY | O_CLOEXEC);
	if (from < 0)
		return errf(-errno, "%s: cannot be opened: %s", f->name, strerror(errno));
	if (S_ISREG(f->st.st_mode)) {
		f->fd = TAKE_FD(from);
		return 0;
	}
	return spool(from, f->name, &f->fd);
}

/* What is unpacked is from then on like something that came through a pipe. */
static int unpack(struct subject_file *f, int *fd)
{
	int unpacked = -1, r = spool_packed(*fd, f->name, &unpacked);

	if (r <= 0)
		return r;
	close(*fd);
	*fd = unpacked;
	if (f->fd >= 0)
		close(f->fd);
	f->fd = fcntl(unpacked, F_DUPFD_CLOEXEC, 3);
	if (f->kind == SUBJECT_FILE)
		f->kind = SUBJECT_PIPE;
	return f->fd < 0 ? errf(-errno, "%s: cannot be opened: %s", f->name, strerror(errno)) : 0;
}

static int open_source(struct subject_file *f, struct source **ret)
{
	_cleanup_close_ int fd = -1;
	int r;

	if (f->kind != SUBJECT_FILE) {
		r = open_stream(f);
		if (r < 0)
			return r;
		fd = fcntl(f->fd, F_DUPFD_CLOEXEC, 3);
	} else {
		fd = open(f->path, O_RDONLY | O_CLOEXEC);
	}
	if (fd < 0)
		return errf(-errno, "%s: cannot be opened: %s", f->name, strerror(errno));
	r = unpack(f, &fd);
	return r < 0 ? r : source_from_fd(TAKE_FD(fd), f->name, ret);
}

static int open_dump(struct subject *s)
{
	_cleanup_free_ struct source **sources = calloc(s->n_files, sizeof(*sources));
	int r;

	if (!sources)
		return oom("a list of files");
	for (size_t n = 0; n < s->n_files; n++) {
		r = open_source(&s->files[n], &sources[n]);
		if (r < 0) {
			while (n > 0)
				source_free(sources[--n]);
			return r;
		}
	}
	r = dump_open_parts(sources, s->n_files, &s->dump);
	return r < 0 ? r : lost_vmcoreinfo_find(s->dump);
}

/* Says what there is instead. */
static int no_dump(const struct subject *s)
{
	const struct crash *c = &s->crash;
	const char *log =
		c->dmesg_size > 0 ? ", only a log for \"kdump-lite dmesg\"" : " and no log";

	if (*c->step)
		return errf(-ENOENT, "%s: has no dump%s, the capture ended in its step %s", s->path,
		            log, c->step);
	return errf(-ENOENT, "%s: has no dump%s%s", s->path, log,
	            faccessat(s->dir_fd, CRASH_CAPTURE_LOG, F_OK, 0) == 0 ? "; " CRASH_CAPTURE_LOG
	                                                                    " tells of the capture"
	                                                                  : "");
}

int subject_dump(struct subject *s, struct dump **ret)
{
	int r;

	if (s->n_files == 0)
		return name_it(no_dump(s), s->typed);
	if (!s->dump) {
		r = open_dump(s);
		if (r < 0)
			return s->dir_fd >= 0 ? name_it(r, s->typed) : r;
	}
	*ret = s->dump;
	return 0;
}

const char *subject_dump_path(const struct subject *s)
{
	return s->n_files > 0 ? s->files[0].path : "";
}

static bool is_read(const struct subject *s, const struct stat *st)
{
	for (size_t i = 0; i < s->n_files; i++)
		if (s->files[i].st.st_dev == st->st_dev && s->files[i].st.st_ino == st->st_ino)
			return true;
	return false;
}

int subject_check_output(const struct subject *s, const struct outfile *out)
{
	const char *path = out->path;

	if (!is_read(s, &out->st)) {
		if (!is_read(s, &out->partial_st))
			return 0;
		path = out->partial;
	}
	return errf(-EINVAL, "%s: is the dump that is read; choose another name for the output",
	            path);
}

static const char *why_mini(const struct crash *c)
{
	return *c->dump_reason
	               ? c->dump_reason
	               : "has only the pages that a report reads, the dump was not finished";
}

void subject_origin(const struct subject *s, struct origin *ret)
{
	const struct crash *c = &s->crash;
	bool mini = c->outcome == CRASH_MINI_ONLY;

	*ret = (struct origin){ .path = subject_dump_path(s),
		                .codec = c->codec,
		                .verify = c->verify,
		                .remark = c->fault
		                                  ?: mini ? why_mini(c)
		                                          : "" };
	for (size_t i = 0; i < s->n_files; i++)
		ret->size += s->files[i].kind == SUBJECT_FILE ? (uint64_t)s->files[i].st.st_size
		                                              : source_size(s->dump->parts[i]);
	/* The counts are those of the dump. */
	if (c->pages.total > 0 && !mini)
		ret->n_counts = crashes_counts(&c->pages, ret->counts);
}
