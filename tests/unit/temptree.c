// SPDX-License-Identifier: GPL-2.0-or-later
/* temptree.c - a directory for one test, see temptree.h. */
#include "tests/unit/temptree.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>

#include "system/file.h"

void temptree_make(struct temptree *t)
{
	strcpy(t->path, "/tmp/kdump-lite-test-XXXXXX");
	assert_non_null(mkdtemp(t->path));
	t->fd = open(t->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(t->fd >= 0);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

void temptree_remove(struct temptree *t)
{
	close(t->fd);
	assert_int_equal(nftw(t->path, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* Makes all directories in front of the last slash. */
static void make_parents(const struct temptree *t, const char *path)
{
	_cleanup_free_ char *copy = strdup(path);

	assert_non_null(copy);
	for (char *slash = strchr(copy, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdirat(t->fd, copy, 0700);
		*slash = '/';
	}
}

int temptree_setup(void **state)
{
	static struct temptree t;

	temptree_make(&t);
	*state = &t;
	return 0;
}

int temptree_teardown(void **state)
{
	temptree_remove(*state);
	return 0;
}

void temptree_dir(const struct temptree *t, const char *path)
{
	make_parents(t, path);
	assert_int_equal(mkdirat(t->fd, path, 0700), 0);
}

void temptree_bytes(const struct temptree *t, const char *path, const void *data, size_t len)
{
	int fd;

	make_parents(t, path);
	fd = openat(t->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	close(fd);
}

void temptree_text(const struct temptree *t, const char *path, const char *text)
{
	temptree_bytes(t, path, text, strlen(text));
}

void temptree_link(const struct temptree *t, const char *path, const char *target)
{
	make_parents(t, path);
	assert_int_equal(symlinkat(target, t->fd, path), 0);
}

char *temptree_read(const struct temptree *t, const char *path)
{
	char *text = NULL;
	size_t len;

	assert_int_equal(file_read(t->fd, path, MIB(16), &text, &len), 0);
	return text;
}

bool temptree_exists(const struct temptree *t, const char *path)
{
	return faccessat(t->fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}
