// SPDX-License-Identifier: GPL-2.0-or-later
/* piece.c - files and parts of files for kexec, see piece.h. */
#include "system/piece.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#include "system/file.h"
#include "base/err.h"

void piece_done(struct piece *p)
{
	free(p->path);
	*p = (struct piece){};
}

char *piece_to_text(const struct piece *p)
{
	char *text;

	if (p->size == 0)
		return strdup(p->path);
	return asprintf(&text, "%" PRIu64 "+%" PRIu64 ":%s", p->offset, p->size, p->path) < 0
	               ? NULL
	               : text;
}

int piece_from_text(const char *text, struct piece *ret)
{
	struct piece p = {};
	int n = 0;

	if (*text != '/' &&
	    (sscanf(text, "%" SCNu64 "+%" SCNu64 ":%n", &p.offset, &p.size, &n) != 2 || n == 0 ||
	     text[n] != '/' || p.size == 0))
		return errf(-EINVAL, "\"%s\" is neither a path nor OFFSET+SIZE:PATH", text);
	p.path = strdup(text + n);
	if (!p.path)
		return errf(-ENOMEM, "no memory for a path");
	*ret = p;
	return 0;
}

int piece_look(int root_fd, const struct piece *p, int *ret_fd, uint64_t *ret_size)
{
	struct stat st;
	_cleanup_close_ int fd =
		openat(root_fd, p->path + strspn(p->path, "/"), O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0)
		return errf(-errno, "%s: %s", p->path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return errf(-EINVAL, "%s: is no file", p->path);
	if (p->offset > (uint64_t)st.st_size || p->size > st.st_size - p->offset)
		return errf(-ENODATA, "%s: is shorter than it was", p->path);
	*ret_size = p->size ? p->size : (uint64_t)st.st_size;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

/* Appends a piece to the file @out and pads it. */
static int append(int root_fd, const struct piece *p, int out)
{
	_cleanup_free_ char *buffer = malloc(MIB(1));
	_cleanup_close_ int fd = -1;
	uint64_t at, left;
	int r;

	if (!buffer)
		return errf(-ENOMEM, "%s: no memory to copy it", p->path);
	r = piece_look(root_fd, p, &fd, &left);
	if (r < 0)
		return r;
	at = p->offset;
	while (left > 0) {
		ssize_t n = pread(fd, buffer, MIN(left, MIB(1)), at);

		if (n <= 0)
			return errf(n < 0 ? -errno : -ENODATA, "%s: cannot be read: %s", p->path,
			            n < 0 ? strerror(errno) : "it has become shorter");
		r = file_write(out, buffer, n);
		if (r < 0)
			return errf(r, "%s: cannot be copied: %s", p->path, strerror(-r));
		at += n;
		left -= n;
	}
	r = file_write(out, "\0\0", ALIGN_UP(at - p->offset, 4) - (at - p->offset));
	return r < 0 ? errf(r, "%s: cannot be copied: %s", p->path, strerror(-r)) : 0;
}

int piece_open(int root_fd, const struct piece *pieces, size_t n, int scratch_fd, int *ret_fd)
{
	static const char name[] = ".kdump-lite-kexec";
	_cleanup_close_ int in = -1, out = -1;
	uint64_t size;

	if (n == 1 && pieces[0].size == 0)
		return piece_look(root_fd, &pieces[0], ret_fd, &size);
	/* Two descriptors: the kernel does not read from a file that somebody may write to
	 * (deny_write_access() in fs/kernel_read_file.c, 6.12). */
	out = openat(scratch_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	in = out < 0 ? -1 : openat(scratch_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (in < 0)
		return errf(-errno, "no file for a copy of %s: %s", pieces[0].path,
		            strerror(errno));
	(void)unlinkat(scratch_fd, name, 0);
	for (size_t i = 0; i < n; i++) {
		int r = append(root_fd, &pieces[i], out);

		if (r < 0)
			return r;
	}
	*ret_fd = TAKE_FD(in);
	return 0;
}
