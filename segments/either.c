// SPDX-License-Identifier: GPL-2.0-or-later
/* either.c - loads a kernel by one of two system calls, see either.h. */
#include "segments/either.h"

#include <errno.h>
#include <sys/stat.h>

#include "system/file.h"
#include "base/err.h"

/* What was read from the files, and what was built of it. */
struct built {
	struct span kernel, initrd;
	struct segments segments;
};

static void built_done(struct built *b)
{
	segments_done(&b->segments);
	free((void *)b->kernel.data);
	free((void *)b->initrd.data);
}

static int read_all(int fd, const char *what, struct span *ret)
{
	_cleanup_free_ uint8_t *data = NULL;
	struct stat st;
	ssize_t got;

	if (fstat(fd, &st) < 0)
		return errf(-errno, "%s: %s", what, strerror(errno));
	data = malloc(MAX(st.st_size, 1));
	if (!data)
		return oom("a kernel and its image");
	got = file_pread(fd, data, st.st_size, 0);
	if (got < 0)
		return errf(got, "%s: %s", what, strerror(-got));
	if (got < st.st_size)
		return errf(-EIO, "%s: has become shorter while it was read", what);
	*ret = (struct span){ TAKE_PTR(data), got };
	return 0;
}

static int unwrap(const struct either_request *req, int *ret_fd)
{
	return req->unwrap ? req->unwrap(req->kernel_fd, req->what, ret_fd) : -ENOEXEC;
}

static int read_kernel(const struct either_request *req, struct span *ret)
{
	_cleanup_close_ int fd = -1;
	int r = unwrap(req, &fd);

	if (r < 0 && r != -ENOEXEC)
		return r;
	return read_all(r < 0 ? req->kernel_fd : fd, req->what, ret);
}

static const char *const image_names[] = {
	[KEXEC_CAPTURE] = "the capture image",
	[KEXEC_NEXT] = "the initrd",
};

static int build(const struct either_request *req, struct built *b)
{
	struct segments_request s = {
		.root_fd = req->root_fd,
		.machine = req->machine,
		.place = req->place,
		.cmdline = req->cmdline,
		.what = req->what,
	};
	int r = read_kernel(req, &b->kernel);

	if (r < 0 || (req->image_fd >= 0 &&
	              (r = read_all(req->image_fd, image_names[req->place], &b->initrd)) < 0))
		return r;
	s.kernel = b->kernel;
	s.initrd = b->initrd;
	return segments_build(&s, &b->segments);
}

static int load_pieces(const struct either_request *req, const struct segments *s)
{
	struct kexec_piece pieces[SEGMENTS_MAX];

	for (size_t i = 0; i < s->n; i++)
		pieces[i] = (struct kexec_piece){ s->list[i].data, s->list[i].len,
			                          s->list[i].address, s->list[i].room };
	return kexec_load_pieces(req->root_fd, req->place, req->pieces, s->entry, pieces, s->n,
	                         s->flags);
}

static int load_file(const struct either_request *req, int kernel_fd)
{
	int (*load)(int, kexec_fn, int, int, const char *) =
		req->place == KEXEC_CAPTURE ? kexec_load_crash : kexec_load_next;

	return load(req->root_fd, req->files, kernel_fd, req->image_fd, req->cmdline);
}

/* If the system call does not know the format of the kernel, once more without its wrapping. arm64
 * returns EINVAL for any unknown image (arch/arm64/kernel/kexec_image.c, 6.12). */
static int load_files(const struct either_request *req)
{
	_cleanup_close_ int fd = -1;
	int r = load_file(req, req->kernel_fd), wrapped;

	if (r != -ENOEXEC && (r != -EINVAL || !streq(req->machine, "aarch64")))
		return r;
	wrapped = unwrap(req, &fd);
	if (wrapped == 0)
		return load_file(req, fd);
	return wrapped == -ENOEXEC ? kexec_explain(req->root_fd, req->place, r) : wrapped;
}

int either_load(const struct either_request *req, uint32_t *ret_digest)
{
	_cleanup_(built_done) struct built b = {};
	int r = load_files(req);

	if (r != -ENOSYS || !req->pieces || !segments_know(req->machine)) {
		*ret_digest = 0;
		return r;
	}
	if ((r = build(req, &b)) < 0 || (r = load_pieces(req, &b.segments)) < 0)
		return r;
	*ret_digest = b.segments.digest;
	return 0;
}

int either_digest(const struct either_request *req, uint32_t *ret)
{
	_cleanup_(built_done) struct built b = {};
	int r = build(req, &b);

	if (r >= 0)
		*ret = b.segments.digest;
	return MIN(r, 0);
}
