// SPDX-License-Identifier: GPL-2.0-or-later
/* grubtest.c - conditions of GRUB's scripts, see grubscript.h. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "loader/boot/grubscript.h"
#include "system/tree.h"
#include "base/text.h"

static enum grub_truth truth(bool yes)
{
	return yes ? GRUB_TRUE : GRUB_FALSE;
}

static enum grub_truth negate(enum grub_truth t)
{
	return GRUB_TRUE - t;
}

/* -e, -f, -d and -s of a file. */
static enum grub_truth test_file(int root_fd, char what, const char *name)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_close_ int fd = -1;
	struct stat st;

	if (!grub_word_known(grub_without_device(name)))
		return GRUB_UNKNOWN;
	if (grub_script_path(root_fd, name, &path) < 0)
		return GRUB_FALSE;
	fd = tree_open(root_fd, path, O_PATH);
	if (fd < 0 || fstat(fd, &st) < 0)
		return GRUB_UNKNOWN;
	if (what == 's')
		return truth(st.st_size > 0);
	return truth(what == 'e' || (what == 'd') == S_ISDIR(st.st_mode));
}

/* "1 -lt 2": both are numbers. */
static enum grub_truth test_numbers(const char *a, const char *op, const char *b)
{
	static const struct {
		const char *op;
		bool less, equal, more;
	} ops[] = {
		{ "-eq", false, true, false }, { "-ne", true, false, true },
		{ "-lt", true, false, false }, { "-le", true, true, false },
		{ "-gt", false, false, true }, { "-ge", false, true, true },
	};
	uint64_t na, nb;

	if (text_to_u64(a, 0, &na) < 0 || text_to_u64(b, 0, &nb) < 0)
		return GRUB_UNKNOWN;
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++)
		if (streq(ops[i].op, op))
			return truth(na < nb ? ops[i].less : na > nb ? ops[i].more : ops[i].equal);
	return GRUB_UNKNOWN;
}

/* Tests what begins at args[0]; returns the number of words that it took. */
static size_t test_one(int root_fd, char *const *args, size_t n, enum grub_truth *ret)
{
	if (n >= 3 && (streq(args[1], "=") || streq(args[1], "==") || streq(args[1], "!="))) {
		*ret = !grub_word_known(args[0]) || !grub_word_known(args[2])
		               ? GRUB_UNKNOWN
		               : truth(streq(args[0], args[2]) == (*args[1] == '='));
		return 3;
	}
	if (n >= 3 && args[1][0] == '-' && strlen(args[1]) == 3) {
		*ret = test_numbers(args[0], args[1], args[2]);
		return 3;
	}
	if (n >= 2 && args[0][0] == '-' && args[0][1] && !args[0][2]) {
		if (strchr("edfs", args[0][1]))
			*ret = test_file(root_fd, args[0][1], args[1]);
		else if (strchr("nz", args[0][1]))
			*ret = grub_word_known(args[1]) ? truth(!*args[1] == (args[0][1] == 'z'))
			                                : GRUB_UNKNOWN;
		else
			*ret = GRUB_UNKNOWN;
		return 2;
	}
	*ret = grub_word_known(args[0]) ? truth(*args[0]) : GRUB_UNKNOWN;
	return 1;
}

enum grub_truth grub_test(int root_fd, char *const *args, size_t n)
{
	enum grub_truth any = GRUB_FALSE, all = n ? GRUB_TRUE : GRUB_FALSE, one;
	bool negated = false;

	for (size_t i = 0; i < n;) {
		if (streq(args[i], "(") || streq(args[i], ")"))
			return GRUB_UNKNOWN;
		if (streq(args[i], "!")) {
			negated = !negated;
			i++;
		} else if (streq(args[i], "-a")) {
			i++;
		} else if (streq(args[i], "-o")) {
			any = MAX(any, all);
			all = GRUB_TRUE;
			i++;
		} else {
			i += test_one(root_fd, args + i, n - i, &one);
			all = MIN(all, negated ? negate(one) : one);
			negated = false;
		}
	}
	return MAX(any, all);
}
