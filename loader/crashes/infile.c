// SPDX-License-Identifier: GPL-2.0-or-later
/* infile.c - the dump that a verb reads, see infile.h. */
#include "loader/crashes/infile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "system/file.h"
#include "loader/crashes/crashes.h"
#include "loader/crashes/outfile.h"
#include "base/err.h"

#define COPY_SIZE MIB(1)

#define STDIN_NAME "standard input"

void infile_done(struct infile *in)
{
	dump_free(in->dump);
	free(in->files);
	*in = (struct infile){};
}

bool infile_has(const struct infile *in, const struct stat *st)
{
	for (size_t i = 0; i < in->n; i++)
		if (in->files[i].st_dev == st->st_dev && in->files[i].st_ino == st->st_ino)
			return true;
	return false;
}

/* A file without a name. */
static int spool_make(const char *dir, int *ret)
{
	_cleanup_free_ char *name = NULL;
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	/* Not every file system has such files. */
	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
		if (asprintf(&name, "%s/kdump-lite-XXXXXX", dir) < 0) {
			name = NULL;
			return -ENOMEM;
		}
		fd = mkostemp(name, O_CLOEXEC);
		if (fd >= 0)
			unlink(name);
	}
	if (fd < 0)
		return errf(-errno,
		            "%s: no file for the dump that comes through a pipe can be made "
		            "there: %s; set TMPDIR to another directory",
		            dir, strerror(errno));
	*ret = fd;
	return 0;
}

static int spool_copy(int from, const char *name, int to, const char *dir)
{
	_cleanup_free_ char *buf = malloc(COPY_SIZE);
	char room[OUTFILE_ROOM_MAX];
	ssize_t n = 1;
	int r = buf ? 0 : -ENOMEM;

	while (r == 0 && n > 0) {
		n = read(from, buf, COPY_SIZE);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n < 0)
			r = errf(-errno, "%s: cannot be read: %s", name, strerror(errno));
		else if (n > 0 && (r = file_write(to, buf, n)) < 0)
			r = errf(r,
			         "%s: cannot be kept in %s: %s%s; set TMPDIR to another directory",
			         name, dir, strerror(-r), outfile_room(to, r, room));
	}
	return r;
}

/* Takes @fd over. */
static int open_pipe(int fd, const char *name, struct source **ret)
{
	const char *dir = getenv("TMPDIR");
	_cleanup_close_ int from = fd, spool = -1;
	int r;

	if (!dir || !*dir)
		dir = "/var/tmp";
	r = spool_make(dir, &spool);
	if (r == 0)
		r = spool_copy(from, name, spool, dir);
	return r < 0 ? r : source_from_fd(TAKE_FD(spool), name, ret);
}

static int open_stdin(struct stat *st, struct source **ret)
{
	int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);

	if (fd < 0 || fstat(fd, st) < 0) {
		int r = errf(-errno, STDIN_NAME ": %s", strerror(errno));

		if (fd >= 0)
			close(fd);
		return r;
	}
	if (isatty(fd)) {
		close(fd);
		return errf(-EINVAL, STDIN_NAME ": is a terminal, a dump is expected");
	}
	return S_ISREG(st->st_mode) ? source_from_fd(fd, STDIN_NAME, ret)
	                            : open_pipe(fd, STDIN_NAME, ret);
}

static int open_subject(const struct cli *cli, const char *arg, struct stat *st,
                        struct source **ret)
{
	_cleanup_(subject_done) struct subject s = SUBJECT_NULL;
	_cleanup_free_ char *path = NULL;
	int r;

	r = subject_open(cli, arg, &s);
	if (r == 0)
		r = subject_dump(&s, &path);
	if (r < 0)
		return r;
	if (!*path)
		return errf(-ENOENT, "%s: has no dump", s.path);
	if (stat(path, st) < 0)
		return errf(-errno, "%s: cannot be opened: %s", path, strerror(errno));
	return source_open(path, ret);
}

static int open_source(const struct cli *cli, const char *arg, struct stat *st, struct source **ret)
{
	int fd;

	if (streq(arg, "-"))
		return open_stdin(st, ret);
	if (stat(arg, st) < 0 || !S_ISFIFO(st->st_mode))
		return open_subject(cli, arg, st, ret);
	fd = open(arg, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errf(-errno, "%s: cannot be opened: %s", arg, strerror(errno));
	return open_pipe(fd, arg, ret);
}

int infile_open(const struct cli *cli, size_t n, char *const args[], struct infile *ret)
{
	_cleanup_free_ struct source **sources = calloc(n, sizeof(*sources));
	_cleanup_(infile_done) struct infile in = { .files = calloc(n, sizeof(*in.files)) };
	int r = sources && in.files ? 0 : -ENOMEM;

	while (r == 0 && in.n < n) {
		r = open_source(cli, args[in.n], &in.files[in.n], &sources[in.n]);
		in.n += r == 0;
	}
	if (r < 0) {
		for (size_t i = 0; i < in.n; i++)
			source_free(sources[i]);
		return r;
	}
	r = dump_open_parts(sources, n, &in.dump);
	if (r < 0)
		return r;
	*ret = in;
	in = (struct infile){};
	return 0;
}
