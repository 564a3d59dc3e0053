// SPDX-License-Identifier: GPL-2.0-or-later
/* next-load.c - loads the kernel that a reboot by kexec starts, see next-load.h. */
#include "loader/kexec/next-load.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "segments/either.h"
#include "loader/system/cmdline.h"
#include "loader/system/kernel.h"
#include "loader/system/kimage.h"
#include "loader/system/unwrap.h"
#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

static const struct field rows[] = {
	{ "id", TEXT_AT(struct next_loaded, id) },
	{ "title", TEXT_AT(struct next_loaded, title) },
	{ "kernel", TEXT_AT(struct next_loaded, kernel) },
	{ "kernel_release", TEXT_AT(struct next_loaded, kernel_release) },
	{ "initrds", WORDS_AT(struct next_loaded, initrds) },
	{ "command_line", TEXT_AT(struct next_loaded, command_line) },
	{ "since", NUMBER_AT(struct next_loaded, since) },
	{ "image", NUMBER_AT(struct next_loaded, image) },
};

/* The last is of no use to people. */
#define SHOWN (ARRAY_SIZE(rows) - 1)

void next_loaded_done(struct next_loaded *n)
{
	fields_done(rows, ARRAY_SIZE(rows), n);
}

json_t *next_loaded_to_json(const struct next_loaded *n)
{
	return record_to_json(rows, SHOWN, n);
}

/* A load that is under way. */
struct loading {
	const struct next_load_request *req;
	int directory_fd, lock_fd;
	int kernel_fd, image_fd; /* -1: no initrd */
	uint64_t cmdline_size;   /* as in struct kernel */
};

static void loading_done(struct loading *l)
{
	base_closep(&l->image_fd);
	base_closep(&l->kernel_fd);
	base_closep(&l->lock_fd);
	base_closep(&l->directory_fd);
}

/* Opens the file of @p; the piece must not be empty. */
static int look_at(int root_fd, const struct piece *p, int *ret_fd, uint64_t *ret_size)
{
	_cleanup_close_ int fd = -1;
	int r = piece_look(root_fd, p, &fd, ret_size);

	if (r < 0)
		return r;
	if (*ret_size == 0)
		return errf(-ENODATA, "%s: is empty", p->path);
	*ret_fd = TAKE_FD(fd);
	return 0;
}

/* Looks at the image at @offset of @fd. 0: nothing speaks against loading it; 1: it is not a
 * bzImage, but may be a wrapped kernel; negative: it is a broken bzImage. */
static int check_image(struct loading *l, int fd, uint64_t offset, uint64_t size)
{
	const char *what = l->req->next->kernel.path;
	_cleanup_(kernel_done) struct kernel k = KERNEL_NULL;
	int r;

	/* Elsewhere an image does not tell. */
	if (!streq(l->req->machine, "x86_64"))
		return 0;
	if (!kernel_is_bzimage(fd, offset, size))
		return 1;
	r = kernel_read_bzimage(fd, offset, size, what, &k);
	if (r < 0)
		return r;
	l->cmdline_size = k.cmdline_size;
	return 0;
}

static int not_a_kernel(const struct loading *l)
{
	return errf(-ENOEXEC, "%s: is not a kernel that kexec can start on this machine",
	            l->req->next->kernel.path);
}

/* Replaces a wrapped kernel by the one inside; -ENOEXEC without a text: it is not wrapped. */
static int unwrap_kernel(struct loading *l)
{
	int fd, r;

	r = kernel_unwrap(l->kernel_fd, l->req->next->kernel.path, &fd);
	if (r < 0)
		return r;
	close(l->kernel_fd);
	l->kernel_fd = fd;
	return 0;
}

static int open_kernel(struct loading *l)
{
	const struct piece *p = &l->req->next->kernel;
	_cleanup_close_ int fd = -1;
	struct stat st;
	uint64_t size;
	bool wrapped;
	int r;

	if ((r = look_at(l->req->root_fd, p, &fd, &size)) < 0 ||
	    (r = check_image(l, fd, p->offset, size)) < 0)
		return r;
	wrapped = r > 0;
	/* A part of a file would have to be copied first. */
	if (l->req->dry_run && p->size)
		return 0;
	r = piece_open(l->req->root_fd, p, 1, l->directory_fd, &l->kernel_fd);
	if (r < 0 || !wrapped)
		return r;
	r = unwrap_kernel(l);
	if (r < 0)
		return r == -ENOEXEC ? not_a_kernel(l) : r;
	if (fstat(l->kernel_fd, &st) < 0)
		return errf(-errno, "%s: %s", p->path, strerror(errno));
	r = check_image(l, l->kernel_fd, 0, st.st_size);
	return r > 0 ? not_a_kernel(l) : r;
}

static int open_initrds(struct loading *l)
{
	const struct next *n = l->req->next;

	for (size_t i = 0; i < n->n_initrds; i++) {
		_cleanup_close_ int fd = -1;
		uint64_t size;
		int r = look_at(l->req->root_fd, &n->initrds[i], &fd, &size);

		if (r < 0)
			return r;
	}
	if (n->n_initrds == 0 || l->req->dry_run)
		return 0;
	return piece_open(l->req->root_fd, n->initrds, n->n_initrds, l->directory_fd, &l->image_fd);
}

static int describe_next(const struct next_load_request *req, struct next_loaded *ret)
{
	const struct next *n = req->next;
	_cleanup_(next_loaded_done) struct next_loaded d = {
		.id = strdup(n->id),
		.title = strdup(n->title),
		.kernel = piece_to_text(&n->kernel),
		.kernel_release = strdup(n->release),
		.command_line = strdup(req->cmdline),
		.since = time(NULL),
	};

	if (!d.id || !d.title || !d.kernel || !d.kernel_release || !d.command_line)
		return oom("the record of the loaded kernel");
	for (size_t i = 0; i < n->n_initrds; i++) {
		_cleanup_free_ char *text = piece_to_text(&n->initrds[i]);

		if (!text || strv_push(&d.initrds, text) < 0)
			return oom("the record of the loaded kernel");
	}
	*ret = TAKE_STRUCT(d);
	return 0;
}

/* Adds to the text of @error, with which the system call failed, what is loaded now. */
static int load_failed(const struct loading *l, int error)
{
	_cleanup_free_ char *text = strdup(err_text(error));
	bool loaded = false;

	if (!text)
		return error;
	(void)kexec_is_loaded(l->req->root_fd, &loaded);
	return errf(error, "%s: %s%s", l->req->next->kernel.path, text,
	            loaded ? "; the one loaded before still is" : "");
}

static int call_kexec(const struct loading *l)
{
	const struct either_request req = {
		.root_fd = l->req->root_fd,
		.machine = l->req->machine,
		.unwrap = kernel_unwrap,
		.place = KEXEC_NEXT,
		.kernel_fd = l->kernel_fd,
		.image_fd = l->image_fd,
		.cmdline = l->req->cmdline,
		.what = l->req->next->kernel.path,
		.files = l->req->kexec,
		.pieces = l->req->pieces,
	};
	uint32_t digest;

	return either_load(&req, &digest);
}

static int load_next(struct loading *l)
{
	bool loaded;
	int r = call_kexec(l);

	if (r < 0)
		return load_failed(l, r);
	r = kexec_is_loaded(l->req->root_fd, &loaded);
	if (r < 0)
		return r;
	return loaded ? 0
	              : errf(-EIO,
	                     "the kernel took the next kernel, but does not show it as loaded");
}

/* Writes the record. If that fails, the kernel is unloaded: nothing would tell what it is. */
static int write_record(const struct loading *l, const struct next_loaded *record)
{
	int r = record_write(rows, ARRAY_SIZE(rows), l->directory_fd, NEXT_LOAD_RECORD, record);
	_cleanup_free_ char *text = r < 0 ? strdup(err_text(r)) : NULL;

	if (r >= 0)
		return 0;
	(void)kexec_unload_next(l->req->root_fd, l->req->kexec);
	return errf(r, "%s", text ? text : strerror(-r));
}

static int open_directory(int root_fd, int *ret_directory_fd, int *ret_lock_fd)
{
	*ret_directory_fd = record_open(root_fd);
	if (*ret_directory_fd < 0)
		return *ret_directory_fd;
	*ret_lock_fd = record_lock(*ret_directory_fd);
	return *ret_lock_fd < 0 ? *ret_lock_fd : 0;
}

int next_load(const struct next_load_request *req, struct next_loaded *ret)
{
	_cleanup_(loading_done) struct loading l = {
		.req = req, .directory_fd = -1, .lock_fd = -1, .kernel_fd = -1, .image_fd = -1
	};
	_cleanup_(next_loaded_done) struct next_loaded record = {};
	int r = describe_next(req, &record);

	if (r < 0)
		return r;
	if (!req->dry_run && (r = open_directory(req->root_fd, &l.directory_fd, &l.lock_fd)) < 0)
		return r;
	if ((r = open_kernel(&l)) < 0 || (r = open_initrds(&l)) < 0)
		return r;
	r = cmdline_check(req->cmdline, req->machine, l.cmdline_size, "the command line",
	                  "--cmdline=, or CommandLineRemove= in [Kexec]");
	if (r < 0)
		return r;
	if (!req->dry_run) {
		if ((r = load_next(&l)) < 0)
			return r;
		record.image = kimage_id(req->root_fd);
		if ((r = write_record(&l, &record)) < 0)
			return r;
	}
	*ret = TAKE_STRUCT(record);
	return 0;
}

int next_unload(int root_fd, kexec_fn kexec)
{
	_cleanup_close_ int directory_fd = -1, lock_fd = -1;
	bool loaded;
	int r;

	if ((r = open_directory(root_fd, &directory_fd, &lock_fd)) < 0 ||
	    (r = kexec_is_loaded(root_fd, &loaded)) < 0)
		return r;
	if (loaded && (r = kexec_unload_next(root_fd, kexec)) < 0)
		return r;
	(void)unlinkat(directory_fd, NEXT_LOAD_RECORD, 0);
	return loaded ? 0 : 1;
}

static int not_by_us(void)
{
	return errf(-EEXIST, "a kernel is loaded, but not by kdump-lite");
}

/* A record stays when another tool has unloaded the kernel, and loaded one of its own. */
static bool is_another(int root_fd, const struct next_loaded *n)
{
	uint64_t id = n->image ? kimage_id(root_fd) : 0;

	return id && id != n->image;
}

int next_loaded_check(int root_fd, struct next_loaded *ret)
{
	_cleanup_(next_loaded_done) struct next_loaded n = {};
	bool loaded;
	int r = kexec_is_loaded(root_fd, &loaded);

	if (r < 0)
		return r;
	if (!loaded)
		return errf(-ENOENT, "no kernel is loaded; run \"kdump-lite kexec load\"");
	r = record_read(rows, ARRAY_SIZE(rows), root_fd, NEXT_LOAD_RECORD, &n);
	if (r == -ENOENT || r == -EBADMSG)
		return not_by_us();
	if (r < 0)
		return r;
	if (is_another(root_fd, &n))
		return not_by_us();
	*ret = TAKE_STRUCT(n);
	return 0;
}
