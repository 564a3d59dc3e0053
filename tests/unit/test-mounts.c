// SPDX-License-Identifier: GPL-2.0-or-later
/* test-mounts.c - mounts that are wanted and not there, the units of mounts, and their drop-ins. */
#include <fcntl.h>

#include "loader/cli/generator.h"
#include "loader/system/mounts.h"
#include "tests/unit/temptree.h"

static struct temptree tree;

static int setup(void **state)
{
	temptree_make(&tree);
	temptree_text(&tree, "proc/self/mountinfo",
	              "20 1 254:1 / / rw - ext4 /dev/vda1 rw\n"
	              "21 20 254:2 / /var rw - ext4 /dev/vda2 rw\n");
	return 0;
}

static int teardown(void **state)
{
	temptree_remove(&tree);
	return 0;
}

static void expect_missing(const char *path, const char *expected)
{
	_cleanup_free_ char *missing = NULL;

	assert_int_equal(mounts_missing(tree.fd, path, &missing), 0);
	assert_string_equal(missing, expected);
}

static void a_mount_of_fstab_that_is_not_there_is_named(void **state)
{
	expect_missing("/var/crash", "");
	temptree_text(&tree, "etc/fstab",
	              "# a comment\n"
	              "UUID=1 / ext4 defaults 0 1\n"
	              "UUID=2 /var ext4 defaults 0 2\n"
	              "LABEL=late /var/crash ext4 defaults,nofail 0 2\n"
	              "LABEL=x /var/crash/x ext4 defaults 0 2\n"
	              "LABEL=other /var/crashes ext4 defaults 0 2\n"
	              "LABEL=hand /srv ext4 noauto 0 0\n"
	              "LABEL=name /data\\040disk ext4 defaults,nofail 0 0\n"
	              "UUID=3 none swap sw 0 0\n");
	expect_missing("/var/crash", "/var/crash");
	expect_missing("/var/log", "");
	expect_missing("/srv/crash", "");
	expect_missing("/data disk/crash", "/data disk");
	temptree_text(&tree, "proc/self/mountinfo",
	              "20 1 254:1 / / rw - ext4 /dev/vda1 rw\n"
	              "22 20 254:16 / /var/crash rw - ext4 /dev/vdb rw\n");
	expect_missing("/var/crash", "/var");
}

/* As systemd-escape --path --suffix=mount prints them. */
static void names_units_as_systemd_does(void **state)
{
	static const char *const cases[][2] = {
		{ "/", "-.mount" },
		{ "/var", "var.mount" },
		{ "/var/crash", "var-crash.mount" },
		{ "//var///crash//", "var-crash.mount" },
		{ "/srv/my-dumps", "srv-my\\x2ddumps.mount" },
		{ "/srv/a b%c", "srv-a\\x20b\\x25c.mount" },
		{ "/.hidden/.x", "\\x2ehidden-.x.mount" },
		{ "/a:b_c.d", "a:b_c.d.mount" },
		{ "/\xc3\xa4", "\\xc3\\xa4.mount" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *name = NULL;

		assert_int_equal(mounts_unit(cases[i][0], &name), 0);
		assert_string_equal(name, cases[i][1]);
	}
}

static void expect_text(const char *path, const char *part)
{
	_cleanup_free_ char *text = temptree_read(&tree, path);

	if (!strstr(text, part))
		fail_msg("%s: expected %s, got %s", path, part, text);
}

static void services_wait_for_the_mounts_of_the_path(void **state)
{
	_cleanup_close_ int fd = -1;

	check_needs_new_calls();
	temptree_dir(&tree, "run/units");
	temptree_dir(&tree, "srv/dumps");
	temptree_dir(&tree, "var");
	temptree_link(&tree, "var/crash", "/srv/dumps");
	fd = openat(tree.fd, "run/units", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(generator_write(tree.fd, "/var/crash", fd), 0);
	expect_text("run/units/kdump-lite.service.d/50-kdump-lite.conf",
	            "[Unit]\nAfter=var-crash.mount var.mount srv-dumps.mount srv.mount\n");
	expect_text("run/units/kdump-lite-announce.service.d/50-kdump-lite.conf",
	            "\nAfter=var-crash.mount ");
	expect_text("run/units/var-crash.mount.d/50-kdump-lite.conf",
	            "[Unit]\nWants=kdump-lite-reload.service\nBefore=kdump-lite-reload.service\n");
	assert_true(temptree_exists(&tree, "run/units/srv.mount.d/50-kdump-lite.conf"));
	assert_false(temptree_exists(&tree, "run/units/-.mount.d"));
	/* Swap does not wait for what may come late, or by network. */
	expect_text("run/units/kdump-lite-swap.service.d/50-kdump-lite.conf", "\nAfter=\n");
	temptree_text(&tree, "etc/fstab",
	              "/dev/vda2 /var ext4 defaults 0 2\nsrv:/x /srv nfs defaults 0 0\n"
	              "/dev/vdc /srv/dumps ext4 nofail 0 0\n");
	assert_int_equal(generator_write(tree.fd, "/var/crash", fd), 0);
	expect_text("run/units/kdump-lite-swap.service.d/50-kdump-lite.conf",
	            "\nAfter=var.mount\n");
	/* Nothing but the root. */
	assert_int_equal(generator_write(tree.fd, "/", fd), 0);
	expect_text("run/units/kdump-lite.service.d/50-kdump-lite.conf", "\nAfter=\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_mount_of_fstab_that_is_not_there_is_named),
		TEST(names_units_as_systemd_does),
		TEST(services_wait_for_the_mounts_of_the_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
