// SPDX-License-Identifier: GPL-2.0-or-later
/* test-hooks.c - which hooks go into the capture image. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/text.h"
#include "loader/image/hooks.h"
#include "tests/unit/machine.h"

static void mode(const struct temptree *t, const char *path, mode_t mode)
{
	assert_int_equal(fchmodat(t->fd, path, mode, 0), 0);
}

/* A script that can be a hook. */
static void make_hook(const struct temptree *t, const char *path)
{
	temptree_text(t, path, "#!/bin/sh\necho\n");
	mode(t, path, 0755);
}

static int setup(void **state)
{
	struct temptree *t;

	temptree_setup(state);
	t = *state;
	machine_elf(t, "bin/sh", &(struct machine_elf){ .needed = { "liba.so" } });
	machine_elf(t, "usr/bin/nc", &(struct machine_elf){ .needed = { "liba.so", "libb.so" } });
	machine_elf(t, "lib/liba.so", &(struct machine_elf){});
	machine_elf(t, "lib/libb.so", &(struct machine_elf){});
	return 0;
}

/* What is found is @names and @files, with blanks between them, and @refused, one a line. */
static void expect(const struct temptree *t, const char *names, const char *files,
                   const char *refused)
{
	static const char *const programs[] = { "nc", NULL };
	_cleanup_free_ char *all_names = NULL, *all_files = NULL, *all_refused = NULL;
	_cleanup_(hooks_done) struct hooks h = {};

	assert_int_equal(hooks_find(t->fd, (char *const *)programs, &h), 0);
	assert_int_equal(strv_join(h.names, " ", &all_names), 0);
	assert_int_equal(strv_join(h.files, " ", &all_files), 0);
	assert_int_equal(strv_join(h.refused, "\n", &all_refused), 0);
	assert_string_equal(all_refused, refused);
	assert_string_equal(all_names, names);
	assert_string_equal(all_files, files);
	assert_int_equal(strv_length(h.paths), strv_length(h.names));
	for (size_t i = 0; h.names && h.names[i]; i++)
		assert_string_equal(h.paths[i] + strlen(HOOKS_SOURCE "/"), h.names[i]);
}

static void without_hooks_nothing_is_taken(void **state)
{
	struct temptree *t = *state;

	expect(t, "", "", "");
	temptree_dir(t, "etc/kdump-lite/pre.d");
	temptree_dir(t, "etc/kdump-lite/other.d");
	make_hook(t, "etc/kdump-lite/10-a");
	make_hook(t, "etc/kdump-lite/other.d/10-a");
	expect(t, "", "", "");
}

static void hooks_come_in_order_with_their_needs(void **state)
{
	struct temptree *t = *state;

	make_hook(t, "etc/kdump-lite/failed.d/a");
	make_hook(t, "etc/kdump-lite/post.d/20-b");
	make_hook(t, "etc/kdump-lite/pre.d/9_z");
	machine_elf(t, "etc/kdump-lite/pre.d/10-a", &(struct machine_elf){});
	mode(t, "etc/kdump-lite/pre.d/10-a", 0700);
	expect(t, "pre.d/10-a pre.d/9_z post.d/20-b failed.d/a",
	       "/lib/liba.so /bin/sh /lib/libb.so /usr/bin/nc", "");
}

#define PRE "etc/kdump-lite/pre.d/"

static void not_executable(const struct temptree *t)
{
	mode(t, PRE "bad", 0644);
}

static void writable_by_a_group(const struct temptree *t)
{
	mode(t, PRE "bad", 0775);
}

static void of_another_user(const struct temptree *t)
{
	/* Without root there is no other user to give it to. */
	mode(t, PRE "bad", fchownat(t->fd, PRE "bad", 1000, 0, 0) == 0 ? 0755 : 0777);
}

static void a_link_out(const struct temptree *t)
{
	assert_int_equal(unlinkat(t->fd, PRE "bad", 0), 0);
	make_hook(t, "home/user/hook");
	temptree_link(t, PRE "bad", "/home/user/hook");
}

static void a_directory(const struct temptree *t)
{
	assert_int_equal(unlinkat(t->fd, PRE "bad", 0), 0);
	temptree_dir(t, PRE "bad");
}

static void a_copy(const struct temptree *t)
{
	assert_int_equal(renameat(t->fd, PRE "bad", t->fd, PRE "bad.dpkg-old\n"), 0);
}

static void no_program(const struct temptree *t)
{
	temptree_text(t, PRE "bad", "");
}

static void no_interpreter(const struct temptree *t)
{
	temptree_text(t, PRE "bad", "#!/bin/gone\n");
}

static void what_is_no_hook_is_refused(void **state)
{
	static const struct {
		void (*spoil)(const struct temptree *t);
		const char *refused;
	} cases[] = {
		{ not_executable, "/" PRE "bad: is not executable; run chmod +x" },
		{ writable_by_a_group,
		  "/" PRE "bad: others than root can change it; run chown root and chmod go-w" },
		{ of_another_user,
		  "/" PRE "bad: others than root can change it; run chown root and chmod go-w" },
		{ a_link_out, "/" PRE "bad: is a symbolic link; put the file itself there" },
		{ a_directory, "/" PRE "bad: is no regular file" },
		{ a_copy, "/" PRE "bad.dpkg-old?: the name of a hook has only letters, digits, - "
		          "and _" },
		{ no_program, "/" PRE "bad: is no ELF program or library, or damaged" },
		{ no_interpreter, "/" PRE "bad: /bin/gone: No such file or directory" },
	};
	void *box = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_case("%s", cases[i].refused);
		make_hook(box, PRE "bad");
		make_hook(box, PRE "good");
		cases[i].spoil(box);
		expect(box, "pre.d/good", "/lib/liba.so /bin/sh /lib/libb.so /usr/bin/nc",
		       cases[i].refused);
		temptree_teardown(&box);
		setup(&box);
	}
	*state = box;
}

/* Who can change the directory can put hooks of others there. */
static void directories_of_others_are_refused(void **state)
{
	struct temptree *t = *state;

	make_hook(t, "etc/kdump-lite/pre.d/a");
	make_hook(t, "etc/kdump-lite/post.d/b");
	mode(t, "etc/kdump-lite/pre.d", 0777);
	expect(t, "post.d/b", "/lib/liba.so /bin/sh /lib/libb.so /usr/bin/nc",
	       "/etc/kdump-lite/pre.d: others than root can change it; run chown root and chmod "
	       "go-w");
	mode(t, "etc/kdump-lite", 0777);
	expect(t, "", "",
	       "/etc/kdump-lite: others than root can change it; run chown root and chmod go-w");
	mode(t, "etc/kdump-lite", 0755);
	mode(t, "etc/kdump-lite/pre.d", 0755);
	assert_int_equal(renameat(t->fd, "etc/kdump-lite/pre.d", t->fd, "elsewhere"), 0);
	temptree_link(t, "etc/kdump-lite/pre.d", "/elsewhere");
	expect(t, "post.d/b", "/lib/liba.so /bin/sh /lib/libb.so /usr/bin/nc",
	       "/etc/kdump-lite/pre.d: Not a directory");
}

static void programs_that_are_missing_are_named(void **state)
{
	struct temptree *t = *state;

	make_hook(t, "etc/kdump-lite/pre.d/a");
	assert_int_equal(unlinkat(t->fd, "usr/bin/nc", 0), 0);
	expect(t, "pre.d/a", "/lib/liba.so /bin/sh",
	       "HookPrograms=: nc: is not in /usr/sbin:/usr/bin:/sbin:/bin");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, temptree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_hooks_nothing_is_taken),
		TEST(hooks_come_in_order_with_their_needs),
		TEST(what_is_no_hook_is_refused),
		TEST(directories_of_others_are_refused),
		TEST(programs_that_are_missing_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
