// SPDX-License-Identifier: GPL-2.0-or-later
/* outfile.c - the file that a verb makes, see outfile.h. */
#include "loader/crashes/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <sys/statvfs.h>

#include "system/file.h"
#include "base/err.h"
#include "base/text.h"

atomic_bool outfile_interrupted;

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
static struct sigaction old_actions[ARRAY_SIZE(signals)];
static bool caught;

static void on_signal(int sig)
{
	atomic_store(&outfile_interrupted, true);
}

/* One that was ignored before, as nohup does, stays so. */
static void catch_signals(void)
{
	const struct sigaction catch = { .sa_handler = on_signal };

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		sigaction(signals[i], NULL, &old_actions[i]);
		if (old_actions[i].sa_handler != SIG_IGN)
			sigaction(signals[i], &catch, NULL);
	}
	caught = true;
}

const char *outfile_room(int fd, int error, char buf[static OUTFILE_ROOM_MAX])
{
	char size[TEXT_SIZE_MAX];
	struct statvfs fs;

	buf[0] = '\0';
	if ((error == -ENOSPC || error == -EDQUOT) && fstatvfs(fd, &fs) == 0)
		snprintf(buf, OUTFILE_ROOM_MAX, ", %s are free there",
		         text_from_size((uint64_t)fs.f_bavail * fs.f_frsize, size));
	return buf;
}

/* A regular file at its beginning can be written at any offset. */
static int open_stdout(struct outfile *o)
{
	o->path = strdup("standard output");
	if (!o->path)
		return -ENOMEM;
	o->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	if (o->fd < 0 || fstat(o->fd, &o->st) < 0)
		return errf(-errno, "%s: %s", o->path, strerror(errno));
	if (isatty(o->fd))
		return errf(-EINVAL, "%s: is a terminal; send the dump to a file or a pipe",
		            o->path);
	if (!S_ISREG(o->st.st_mode) || fcntl(o->fd, F_GETFL) & O_APPEND ||
	    lseek(o->fd, 0, SEEK_CUR) != 0)
		o->flatten = true;
	return 0;
}

static int open_special(struct outfile *o)
{
	if (!S_ISFIFO(o->st.st_mode) && !S_ISCHR(o->st.st_mode))
		return errf(-EINVAL, "%s: is %s; name a file", o->path,
		            S_ISDIR(o->st.st_mode) ? "a directory" : "no regular file");
	o->fd = open(o->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (o->fd < 0)
		return errf(-errno, "%s: cannot be opened: %s", o->path, strerror(errno));
	o->flatten = true;
	return 0;
}

static int open_path(const char *arg, struct outfile *o)
{
	int r;

	if (!*arg)
		return errf(-ENOENT, "the name of the output is empty");
	/* What a symbolic link leads to is replaced, not the link. */
	o->path = realpath(arg, NULL) ?: strdup(arg);
	if (!o->path)
		return -ENOMEM;
	if (stat(o->path, &o->st) < 0) {
		if (lstat(o->path, &o->st) == 0)
			return errf(-ENOENT, "%s: is a link that leads to nothing", o->path);
		o->st = (struct stat){};
	}
	if (o->st.st_mode && !S_ISREG(o->st.st_mode))
		return open_special(o);
	if (o->st.st_mode && !o->force)
		return errf(-EEXIST, "%s: is there already; --force replaces it", o->path);
	r = text_printf(&o->partial, "%s.incomplete", o->path);
	if (r < 0)
		return r;
	if (stat(o->partial, &o->partial_st) < 0)
		o->partial_st = (struct stat){};
	if (o->partial_st.st_mode && !o->force)
		return errf(
			-EEXIST,
			"%s: is there already, and %s has this name while it is written; choose "
			"another name, or --force replaces the file",
			o->partial, o->path);
	return 0;
}

int outfile_open(const char *arg, bool flatten, bool force, struct outfile *ret)
{
	_cleanup_(outfile_done) struct outfile o = OUTFILE_NULL;
	int r;

	o.flatten = flatten;
	o.force = force;
	r = streq(arg, "-") ? open_stdout(&o) : open_path(arg, &o);
	if (r < 0)
		return r;
	*ret = o;
	o = OUTFILE_NULL;
	return 0;
}

static int make_partial(struct outfile *o)
{
	if (o->force)
		unlink(o->partial);
	o->fd = open(o->partial, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (o->fd < 0)
		return errf(-errno, "%s: cannot be created: %s", o->partial, strerror(errno));
	o->made = true;
	return 0;
}

int outfile_begin(struct outfile *o)
{
	const char *name = o->partial ?: o->path;
	int r;

	/* Both are errors of the write as well. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (o->partial) {
		catch_signals();
		r = make_partial(o);
		if (r < 0)
			return r;
	} else if (S_ISREG(o->st.st_mode) && !o->flatten && ftruncate(o->fd, 0) < 0) {
		return errf(-errno, "%s: cannot be emptied: %s", o->path, strerror(errno));
	}
	return o->flatten ? sink_flatten(o->fd, name, &o->sink) : sink_to_fd(o->fd, name, &o->sink);
}

static int sync_directory(const char *path)
{
	_cleanup_free_ char *copy = strdup(path);
	_cleanup_close_ int fd = -1;

	if (!copy)
		return -ENOMEM;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0)
		return errf(-errno, "%s: its name cannot be written to the disk: %s", path,
		            strerror(errno));
	return 0;
}

/* Not over a file that has come up meanwhile, where the file system can tell. */
static int give_name(const struct outfile *o)
{
	if (!o->force) {
		if (renameat2(AT_FDCWD, o->partial, AT_FDCWD, o->path, RENAME_NOREPLACE) == 0)
			return 0;
		if (errno != EINVAL)
			return -1;
	}
	return rename(o->partial, o->path);
}

int outfile_commit(struct outfile *o)
{
	if (!o->partial)
		return 0;
	if (give_name(o) < 0)
		return errf(-errno, "%s: cannot be renamed to %s: %s", o->partial, o->path,
		            strerror(errno));
	o->made = false;
	return sync_directory(o->path);
}

/* A stream tells that there was an error, but not which. */
struct stream {
	int fd;
	int error;
};

static ssize_t put_bytes(void *arg, const char *bytes, size_t len)
{
	struct stream *s = arg;
	int r = s->error < 0 ? s->error : file_write(s->fd, bytes, len);

	s->error = r;
	return r < 0 ? 0 : (ssize_t)len;
}

static int fill_stream(struct stream *s, outfile_fill_fn fill, void *arg)
{
	FILE *f = fopencookie(s, "w", (cookie_io_functions_t){ .write = put_bytes });
	int r;

	if (!f)
		return oom("a stream");
	r = fill(arg, f);
	return fclose(f) != 0 && r >= 0 ? -EIO : r;
}

int outfile_put(struct outfile *o, outfile_fill_fn fill, void *arg)
{
	struct stream s = {};
	char room[OUTFILE_ROOM_MAX];
	int r, error;

	if (o->partial && (r = outfile_begin(o)) < 0)
		return r;
	s.fd = o->fd;
	r = fill_stream(&s, fill, arg);
	if (r < 0 && s.error == 0)
		return r;
	error = s.error < 0 ? s.error : o->partial && fsync(o->fd) < 0 ? -errno : 0;
	if (error < 0)
		return errf(error, "%s: cannot be written: %s%s", o->partial ?: o->path,
		            strerror(-error), outfile_room(o->fd, error, room));
	if (atomic_load(&outfile_interrupted))
		return errf(-EINTR, "%s: interrupted", o->path);
	return outfile_commit(o);
}

void outfile_keep(struct outfile *o)
{
	o->made = false;
}

void outfile_done(struct outfile *o)
{
	if (o->made)
		unlink(o->partial);
	for (size_t i = 0; i < ARRAY_SIZE(signals) && caught; i++)
		sigaction(signals[i], &old_actions[i], NULL);
	caught = false;
	sink_free(o->sink);
	if (o->fd >= 0)
		close(o->fd);
	free(o->path);
	free(o->partial);
	*o = OUTFILE_NULL;
}
