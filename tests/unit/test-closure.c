// SPDX-License-Identifier: GPL-2.0-or-later
/* test-closure.c - the shared libraries of a program. */
#include <elf.h>
#include <errno.h>
#include <stdio.h>

#include "loader/image/closure.h"
#include "tests/unit/machine.h"
#include "base/text.h"

#define LD "/lib64/ld-x.so.2"

static void put32(uint8_t *p, uint32_t v)
{
	memcpy(p, &v, sizeof(v));
}

/* /etc/ld.so.cache; rows of name, path, hwcap. */
static void make_cache(const struct temptree *t, const char *const rows[][2],
                       const uint32_t *hwcaps, size_t n)
{
	uint8_t cache[4096] = "ld.so-1.7.0 old table";
	uint8_t *start = cache + 64;
	size_t strings = 48 + 24 * n;

	memcpy(start, "glibc-ld.so.cache1.1", 20);
	put32(start + 20, n);
	for (size_t i = 0; i < n; i++) {
		uint8_t *entry = start + 48 + 24 * i;

		for (size_t s = 0; s < 2; s++) {
			put32(entry + 4 + 4 * s, strings);
			strcpy((char *)start + strings, rows[i][s]);
			strings += strlen(rows[i][s]) + 1;
		}
		put32(entry + 16, hwcaps[i]);
	}
	temptree_bytes(t, "etc/ld.so.cache", cache, 64 + strings);
}

static int closure_of(void **state, const char *program, struct closure *c)
{
	return closure_add(((struct temptree *)*state)->fd, program, c);
}

static void static_program_needs_nothing(void **state)
{
	_cleanup_(closure_done) struct closure c = {};

	machine_elf(*state, "bin/p", &(struct machine_elf){});
	assert_int_equal(closure_of(state, "/bin/p", &c), 0);
	assert_null(c.files);
	assert_false(c.needs_cache);
}

static void takes_all_of_them_once(void **state)
{
	static const char *const cached[][2] = {
		{ "liba.so.1", "/usr/lib/v3/liba.so.1" },
		{ "liba.so.1", "/usr/lib32/liba.so.1" },
		{ "liba.so.1", "/usr/lib/x/liba.so.1" },
		{ "libgone.so", "/usr/lib/x/libgone.so" },
	};
	static const uint32_t hwcaps[] = { 1 << 30, 0, 0, 0 };
	_cleanup_(closure_done) struct closure c = {};

	make_cache(*state, cached, hwcaps, ARRAY_SIZE(cached));
	machine_elf(*state, "bin/p",
	            &(struct machine_elf){ .interpreter = LD,
	                                   .needed = { "liba.so.1", "libb.so", "libc.so" } });
	machine_elf(*state, "lib64/ld-x.so.2", &(struct machine_elf){});
	machine_elf(*state, "usr/lib/v3/liba.so.1", &(struct machine_elf){});
	machine_elf(*state, "usr/lib32/liba.so.1", &(struct machine_elf){ .machine = EM_386 });
	machine_elf(*state, "usr/lib/x/liba.so.1",
	            &(struct machine_elf){ .needed = { "libc.so", "libgone.so", NULL } });
	machine_elf(*state, "usr/lib/libb.so",
	            &(struct machine_elf){ .needed = { "libc.so", "ld-x.so.2" } });
	machine_elf(*state, "lib64/libc.so", &(struct machine_elf){ .needed = { "libb.so" } });
	/* The cache is older than the disk. */
	machine_elf(*state, "usr/lib64/libgone.so", &(struct machine_elf){});
	assert_int_equal(closure_of(state, "/bin/p", &c), 0);
	assert_true(strv_contains(c.files, LD));
	assert_true(strv_contains(c.files, "/usr/lib/x/liba.so.1"));
	assert_true(strv_contains(c.files, "/usr/lib/libb.so"));
	assert_true(strv_contains(c.files, "/lib64/libc.so"));
	assert_true(strv_contains(c.files, "/usr/lib64/libgone.so"));
	assert_int_equal(strv_length(c.files), 5);
	assert_true(c.needs_cache);
}

static void follows_rpath_and_runpath(void **state)
{
	_cleanup_(closure_done) struct closure c = {};

	machine_elf(*state, "opt/p/bin/p",
	            &(struct machine_elf){ .needed = { "liba.so" },
	                                   .runpath = "/none::${ORIGIN}/../lib" });
	machine_elf(*state, "opt/p/lib/liba.so",
	            &(struct machine_elf){ .needed = { "libb.so" }, .rpath = "$ORIGIN/deep" });
	machine_elf(*state, "opt/p/lib/deep/libb.so", &(struct machine_elf){});
	machine_elf(*state, "lib/liba.so", &(struct machine_elf){});
	assert_int_equal(closure_of(state, "/opt/p/bin/p", &c), 0);
	assert_int_equal(strv_length(c.files), 2);
	assert_string_equal(c.files[0], "/opt/p/bin/../lib/liba.so");
	assert_string_equal(c.files[1], "/opt/p/bin/../lib/deep/libb.so");
	assert_false(c.needs_cache);
}

/* Without a cache, as in a tree that was never booted. */
static void looks_beside_the_interpreter(void **state)
{
	_cleanup_(closure_done) struct closure c = {};

	machine_elf(*state, "bin/p",
	            &(struct machine_elf){ .interpreter = LD, .needed = { "liba.so" } });
	machine_elf(*state, "usr/lib/x86_64-linux-gnu/ld-x.so.2", &(struct machine_elf){});
	machine_elf(*state, "usr/lib/x86_64-linux-gnu/liba.so", &(struct machine_elf){});
	temptree_link(*state, &LD[1], "../usr/lib/x86_64-linux-gnu/ld-x.so.2");
	assert_int_equal(closure_of(state, "/bin/p", &c), 0);
	assert_int_equal(strv_length(c.files), 2);
	assert_string_equal(c.files[0], LD);
	assert_string_equal(c.files[1], "/usr/lib/x86_64-linux-gnu/liba.so");
	assert_false(c.needs_cache);
}

static void names_what_is_wrong(void **state)
{
	struct temptree *t = *state;
	_cleanup_(closure_done) struct closure a = {}, b = {}, d = {}, e = {};

	machine_elf(t, "bin/p", &(struct machine_elf){ .needed = { "libnone.so.3" } });
	assert_fails(closure_of(state, "/bin/p", &a), -ENOENT,
	             "/bin/p: the library libnone.so.3 that it needs is not there");
	temptree_text(t, "bin/script", "#!/bin/sh\n");
	assert_fails(closure_of(state, "/bin/script", &b), -ENOEXEC,
	             "/bin/script: is no ELF program");
	assert_fails(closure_of(state, "/bin/none", &d), -ENOENT, "/bin/none: No such file");
	temptree_text(t, "bin/empty", "");
	assert_fails(closure_of(state, "/bin/empty", &e), -ENOEXEC, "/bin/empty");
}

/* The files, in their order: "/lib64/liba.so /bin/sh". */
static void expect_needs(void **state, const char *path, const char *expected)
{
	struct temptree *t = *state;
	_cleanup_(closure_done) struct closure c = {};
	_cleanup_free_ char *text = NULL;

	assert_int_equal(closure_add_executable(t->fd, path, &c), 0);
	assert_int_equal(strv_join(c.files, " ", &text), 0);
	assert_string_equal(text, expected);
}

static void scripts_need_their_interpreters(void **state)
{
	struct temptree *t = *state;
	char chain[64], line[64];

	machine_elf(t, "bin/sh", &(struct machine_elf){ .needed = { "liba.so" } });
	machine_elf(t, "usr/bin/env", &(struct machine_elf){});
	machine_elf(t, "usr/bin/bash", &(struct machine_elf){ .needed = { "liba.so" } });
	machine_elf(t, "lib/liba.so", &(struct machine_elf){});
	temptree_text(t, "s/sh", "#! /bin/sh -e\necho\n");
	temptree_text(t, "s/env", "#!/usr/bin/env -S A=b bash -x\n");
	temptree_text(t, "s/script", "#!/s/sh");
	expect_needs(state, "/bin/sh", "/lib/liba.so");
	expect_needs(state, "/s/sh", "/lib/liba.so /bin/sh");
	expect_needs(state, "/s/env", "/usr/bin/env /lib/liba.so /usr/bin/bash");
	expect_needs(state, "/s/script", "/lib/liba.so /bin/sh /s/sh");
	temptree_text(t, "s/0", "#!/bin/sh\n");
	for (unsigned i = 1; i < 6; i++) {
		snprintf(chain, sizeof(chain), "s/%u", i);
		snprintf(line, sizeof(line), "#!/s/%u\n", i - 1);
		temptree_text(t, chain, line);
	}
	expect_needs(state, "/s/4", "/lib/liba.so /bin/sh /s/0 /s/1 /s/2 /s/3");
}

static void finds_commands_by_name(void **state)
{
	struct temptree *t = *state;
	_cleanup_(closure_done) struct closure c = {}, none = {};
	_cleanup_free_ char *text = NULL;

	machine_elf(t, "usr/bin/nc", &(struct machine_elf){ .needed = { "liba.so" } });
	machine_elf(t, "lib/liba.so", &(struct machine_elf){});
	temptree_text(t, "opt/x", "#!/usr/bin/nc\n");
	assert_int_equal(closure_add_command(t->fd, "nc", &c), 0);
	assert_int_equal(closure_add_command(t->fd, "/opt/x", &c), 0);
	assert_int_equal(closure_add_command(t->fd, "nc", &c), 0);
	assert_int_equal(strv_join(c.files, " ", &text), 0);
	assert_string_equal(text, "/lib/liba.so /usr/bin/nc /opt/x");
	assert_fails(closure_add_command(t->fd, "gone", &none), -ENOENT, "gone: is not in /usr");
}

static void names_what_is_wrong_with_a_script(void **state)
{
	static const struct {
		const char *text;
		int error;
		const char *says;
	} cases[] = {
		{ "", -ENOEXEC, "/s: is no ELF program" },
		{ "echo\n", -ENOEXEC, "/s: is no ELF program" },
		{ "#!\n", -ENOEXEC, "/s: the path of an interpreter is expected" },
		{ "#!sh\n", -ENOEXEC, "/s: the path of an interpreter is expected" },
		{ "#!/bin/gone\n", -ENOENT, "/s: /bin/gone: No such file" },
		{ "#!/bin/env gone\n", -ENOENT, "gone: is not in " },
		{ "#!/s\n", -ELOOP, "/s: is one script too many" },
	};
	struct temptree *t = *state;

	machine_elf(t, "bin/env", &(struct machine_elf){});
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct closure c = {};

		check_case("%s", cases[i].text);
		temptree_text(t, "s", cases[i].text);
		assert_fails(closure_add_executable(t->fd, "/s", &c), cases[i].error,
		             cases[i].says);
		closure_done(&c);
	}
}

/* Damaged anywhere: an answer, whichever, and no read outside (the sanitizers tell). */
static void survives_damage(void **state)
{
	static const char *const cached[][2] = { { "liba.so", "/lib/liba.so" } };
	static const uint32_t hwcaps[] = { 0 };
	struct temptree *t = *state;

	make_cache(t, cached, hwcaps, 1);
	for (size_t offset = 0; offset < 0x100; offset++) {
		struct closure c = {};

		machine_elf(t, "bin/p",
		            &(struct machine_elf){ .interpreter = "/lib/liba.so",
		                                   .needed = { "liba.so" } });
		machine_elf(t, "lib/liba.so", &(struct machine_elf){});
		machine_spoil(t, "bin/p", offset, 0xff);
		machine_spoil(t, "etc/ld.so.cache", offset % 0xa0, 0xff);
		(void)closure_of(state, "/bin/p", &c);
		closure_done(&c);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, temptree_setup, temptree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(static_program_needs_nothing),      TEST(takes_all_of_them_once),
		TEST(follows_rpath_and_runpath),         TEST(names_what_is_wrong),
		TEST(scripts_need_their_interpreters),   TEST(finds_commands_by_name),
		TEST(names_what_is_wrong_with_a_script), TEST(survives_damage),
		TEST(looks_beside_the_interpreter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
