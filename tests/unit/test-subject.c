// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-subject.c - what the user may name, with each verb that reads a dump: a crash, a file, a
 * pipe, the parts of a split dump; and what is said of names that fit nothing.
 */
#include <lzma.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <zlib.h>
#include <zstd.h>

#include "tests/unit/dumpbox.h"

#define MS    UINT64_C(1000000)
#define NAME  "20261123T140501Z-4f2a90c1"
#define OTHER "20261123T150501Z-4fbb0002"
#define TEXT  "0x100400000"

/* How each verb is called: %s is what it reads. debug prints the head of what it was given. */
static const struct {
	const char *verb, *call;
} verbs[] = {
	{ "info", "$K info %s" },
	{ "info", "$K info --json %s" },
	{ "dmesg", "$K dmesg %s" },
	{ "report", "$K report --json %s" },
	{ "verify", "$K verify %s" },
	{ "read", "$K read %s " TEXT " 64" },
	{ "convert", "$K convert -q --format=elf --level=31 %s - | od -A x -t x1 -N 999" },
	{ "convert", "$K convert --dry-run %s out" },
	{ "debug", "PATH=@/bin:$PATH $K debug -q --debugger=crash --vmlinux=v %s" },
};

/* A machine with a log, and a debugger that tells of its last argument and of standard input. */
static int setup(void **state)
{
	static const char panic[] = "Kernel panic - not syncing: so it is";
	struct synth_log log;
	struct dumpbox *b;

	dumpbox_setup(state);
	b = *state;
	synth_log_init(&log, &b->m, 5, 12);
	log.level = 0;
	synth_log_add(&log, 1500 * MS, panic, strlen(panic), SYNTH_FINAL);
	dump_free(b->dump);
	b->dump = synth_dump(&b->m);
	temptree_bytes(&b->box.tree, "root/core", b->m.core, b->m.core_len);
	temptree_text(&b->box.tree, "root/v", "no kernel");
	assert_int_equal(dumpbox_run(b, "mkdir bin; printf '#!/bin/sh\\nfor f; do :; done; head -c "
	                                "4096 $f | cksum; wc -c' >bin/crash; chmod 755 bin/crash"),
	                 0);
	return 0;
}

/* Runs each verb on @subject; @before is what comes in front of it, "cat core |". */
static void run(struct dumpbox *b, size_t i, const char *before, const char *subject)
{
	char call[200];
	int code;

	snprintf(call, sizeof(call), verbs[i].call, subject);
	code = dumpbox_run(b, "%s %s", before, call);
	if (code != 0)
		fail_msg("%s %s: %d, %s", before, call, code, b->box.err);
}

/* Without what the name of the file makes different. */
static void compare(size_t i, char *got, char *expected)
{
	static const char *const differs[] = { "Crash: ", "Dump: ", "\"path\": ", "\"dump\": " };

	for (size_t d = 0; d < ARRAY_SIZE(differs); d++)
		for (int side = 0; side < 2; side++) {
			char *at = strstr(side ? got : expected, differs[d]);

			if (at)
				memmove(at, at + strcspn(at, "\n"),
				        strlen(at + strcspn(at, "\n")) + 1);
		}
	if (!streq(got, expected))
		fail_msg("%s: expected\n%s\ngot\n%s", verbs[i].call, expected, got);
}

static void all_ways_to_name_a_dump_are_alike(void **state)
{
	static const char *const ways[][2] = {
		{ "cat core |", "-" }, { "<core", "-" }, { "mkfifo p; cat core >p & ", "p" },
		{ "", "core" },        { "", "@/core" },
	};
	struct dumpbox *b = *state;

	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		_cleanup_free_ char *expected = NULL;

		run(b, i, "", "./core");
		expected = strdup(b->box.out);
		assert_true(strlen(expected) > 10);
		for (size_t w = 0; w < ARRAY_SIZE(ways); w++) {
			/* The input of a shell's first command, whatever stands before it. */
			run(b, i, streq(ways[w][0], "<core") ? "exec <core;" : ways[w][0],
			    ways[w][1]);
			compare(i, b->box.out, expected);
			dumpbox_run(b, "rm -f p");
		}
	}
}

/* Two of the kinds are in several streams, as "cat" makes of compressed pieces. */
static void pack_core(struct dumpbox *b)
{
	const uint8_t *core = b->m.core;
	size_t len = b->m.core_len, half = len / 2, n = 0, room = lzma_stream_buffer_bound(len);
	_cleanup_free_ uint8_t *out = malloc(MAX(room, ZSTD_compressBound(len) + 64));
	char path[300];

	assert_non_null(out);
	snprintf(path, sizeof(path), "%s/root/core.gz", b->box.tree.path);
	for (int i = 0; i < 2; i++) {
		gzFile f = gzopen(path, i ? "ab1" : "wb1");

		assert_true(gzwrite(f, core + i * half, i ? len - half : half) > 0);
		assert_int_equal(gzclose(f), Z_OK);
	}
	assert_int_equal(
		lzma_easy_buffer_encode(0, LZMA_CHECK_CRC32, NULL, core, len, out, &n, room),
		LZMA_OK);
	temptree_bytes(&b->box.tree, "root/core.xz", out, n);
	n = ZSTD_compress(out, ZSTD_compressBound(len), core, half, 1);
	n += ZSTD_compress(out + n, ZSTD_compressBound(len) - n + 64, core + half, len - half, 1);
	temptree_bytes(&b->box.tree, "root/core.zst", out, n);
}

static void compressed_files_are_unpacked(void **state)
{
	static const char *const ways[][2] = {
		{ "", "./core.gz" },       { "", "./core.xz" },       { "", "./core.zst" },
		{ "exec <core.gz;", "-" }, { "cat core.zst |", "-" },
	};
	struct dumpbox *b = *state;

	pack_core(b);
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		_cleanup_free_ char *expected = NULL;

		run(b, i, "", "./core");
		expected = strdup(b->box.out);
		for (size_t w = 0; w < ARRAY_SIZE(ways); w++) {
			run(b, i, ways[w][0], ways[w][1]);
			compare(i, b->box.out, expected);
		}
	}
}

static void compressed_files_that_are_damaged_are_refused(void **state)
{
	static const char *const kinds[][2] = { { "gz", "gzip" },
		                                { "xz", "xz" },
		                                { "zst", "zstd" } };
	struct dumpbox *b = *state;

	pack_core(b);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		char text[64];

		snprintf(text, sizeof(text), "compressed by %s, but ", kinds[i][1]);
		assert_int_equal(
			dumpbox_run(b, "head -c 5000 core.%s >cut; $K info cut", kinds[i][0]), 1);
		assert_non_null(strstr(b->box.err, text));
		assert_non_null(strstr(b->box.err, "ends early"));
		assert_int_equal(
			dumpbox_run(b,
		                    "{ cat core.%s; echo what comes after it; } >bad; $K info bad",
		                    kinds[i][0]),
			1);
		assert_non_null(strstr(b->box.err, text));
		assert_non_null(strstr(b->box.err, "damaged"));
	}
	assert_int_equal(dumpbox_run(b, "TMPDIR=@/none $K info core.gz"), 1);
	assert_non_null(strstr(b->box.err, "is compressed, and no file to keep it can be made in"));
}

static void crashes_go_by_name_id_and_last(void **state)
{
	static const char *const ways[] = {
		NAME, "4f2a", "20261123T14", "last", "var/crash/" NAME, "./var/crash/" NAME "/"
	};
	struct dumpbox *b = *state;

	assert_int_equal(
		dumpbox_run(b, "mkdir -p var/crash/" NAME "; cp core var/crash/" NAME "/vmcore"),
		0);
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		_cleanup_free_ char *expected = NULL;

		run(b, i, "", ways[0]);
		expected = strdup(b->box.out);
		for (size_t w = 1; w < ARRAY_SIZE(ways); w++) {
			run(b, i, "", ways[w]);
			assert_string_equal(b->box.out, expected);
		}
	}
}

/* makedumpfile splits, as only it does. */
static void parts_of_a_split_dump_are_one(void **state)
{
	struct dumpbox *b = *state;

	if (dumpbox_run(b, "command -v makedumpfile") != 0)
		skip();
	/* Both hold the same pages: makedumpfile 1.7.6 would leave out the page that is only partly
	 * RAM when it splits, but not when it writes one file. */
	assert_int_equal(dumpbox_run(b, "makedumpfile --split -d 1 -l core s1 s2 >log 2>&1 && "
	                                "makedumpfile --reassemble s1 s2 s >log 2>&1"),
	                 0);
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		_cleanup_free_ char *expected = NULL;

		if (streq(verbs[i].verb, "info") || streq(verbs[i].verb, "debug"))
			continue;
		run(b, i, "", "./s");
		expected = strdup(b->box.out);
		if (streq(verbs[i].verb, "report"))
			continue; /* the sizes differ */
		run(b, i, "", "./s2 ./s1");
		compare(i, b->box.out, expected);
		run(b, i, "cat s1 |", "- s2");
		compare(i, b->box.out, expected);
	}
	assert_int_equal(dumpbox_run(b, "$K report ./s1 s2"), 0);
	assert_non_null(strstr(b->box.out, "so it is"));
	assert_int_equal(dumpbox_run(b, "$K info s2 ./s1"), 0);
	assert_non_null(strstr(b->box.out, "State: complete\n"));
	assert_int_equal(dumpbox_run(b, "$K info s2"), 0);
	assert_non_null(strstr(b->box.out, "State: incomplete\n"));
	/* crash takes the parts one behind the other, drgn takes one file. */
	assert_int_equal(dumpbox_run(b, "PATH=@/bin:$PATH $K debug --dry-run --debugger=crash "
	                                "--vmlinux=v ./s1 s2"),
	                 0);
	assert_non_null(strstr(b->box.out, "root/s1 "));
	assert_non_null(strstr(b->box.out, "root/s2\n"));
	assert_int_equal(dumpbox_run(b, "cp bin/crash bin/drgn; PATH=@/bin:$PATH $K debug "
	                                "--debugger=drgn --vmlinux=v ./s1 s2"),
	                 1);
	assert_non_null(strstr(b->box.err, "./s1: drgn does not read split dumps"));
}

/* The debugger is not given what is left of the dump as its commands. */
static void debuggers_keep_the_terminal(void **state)
{
	struct dumpbox *b = *state;

	assert_int_equal(dumpbox_run(b, "exec <core; PATH=@/bin:$PATH $K debug -q --debugger=crash "
	                                "--vmlinux=v - | tail -n 1"),
	                 0);
	assert_string_equal(b->box.out, "0\n");
}

static void names_that_fit_nothing(void **state)
{
	static const struct {
		const char *typed, *says;
	} names[] = {
		{ "nothing", "nothing: is neither a crash in /" },
		{ "./nothing", "./nothing: cannot be opened: No such file" },
		{ "4f", "4f: more than one crash begins with it: " NAME ", " OTHER "; type more" },
		{ "4f2a", "4f2a: /" }, /* no dump */
		{ "4fbb", "4fbb: /" }, /* a broken one */
		{ "./text", "./text: neither an ELF core" },
		{ "text", "text: neither an ELF core" },
		{ ".", ".: root: is no crash directory" },
		{ "core nothing", "nothing: is neither a crash" },
		{ "core 4f2a", "4f2a: /" },
		{ "./core core", "./core: an ELF file is not a part of a split dump" },
		{ "-", "standard input: neither an ELF core" },
	};
	struct dumpbox *b = *state;

	temptree_text(&b->box.tree, "root/var/crash/" NAME "/vmcore-dmesg.txt", "");
	temptree_text(&b->box.tree, "root/var/crash/" OTHER "/vmcore", "no dump");
	temptree_text(&b->box.tree, "root/text", "no dump");
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		for (size_t n = 0; n < ARRAY_SIZE(names); n++) {
			char call[200], *says = NULL;

			/* These have something to tell without a dump. */
			if (strncmp(names[n].typed, "4f", 2) == 0 && names[n].typed[2] &&
			    (streq(verbs[i].verb, "info") || streq(verbs[i].verb, "dmesg")))
				continue;
			snprintf(call, sizeof(call), verbs[i].call, names[n].typed);
			dumpbox_run(b, "echo no dump | %s", call);
			says = strstr(b->box.err, names[n].says);
			if (!says || strncmp(b->box.err, "kdump-lite ", 11) != 0)
				fail_msg("%s: expected \"%s\", got \"%s\"", call, names[n].says,
				         b->box.err);
		}
	assert_int_equal(dumpbox_run(b, "rm -r var/crash/*; $K verify last"), 1);
	assert_non_null(strstr(b->box.err, "verify: last: "));
	assert_non_null(strstr(b->box.err, "/var/crash: no crashes found\n"));
}

/* How often files of the name are opened in the directory, while @command runs. */
static unsigned count_opens(struct dumpbox *b, const char *directory, const char *name,
                            const char *command)
{
	char path[300], buf[65536] __attribute__((aligned(8)));
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	unsigned n = 0;
	ssize_t len;

	assert_true(fd >= 0);
	snprintf(path, sizeof(path), "%s/%s", b->path, directory);
	assert_true(inotify_add_watch(fd, path, IN_OPEN) >= 0);
	assert_int_equal(dumpbox_run(b, "%s", command), 0);
	while ((len = read(fd, buf, sizeof(buf))) > 0)
		for (char *p = buf; p < buf + len;) {
			const struct inotify_event *e = (const void *)p;

			n += streq(e->len > 0 ? e->name : "", name);
			p += sizeof(*e) + e->len;
		}
	close(fd);
	return n;
}

static void nothing_is_looked_up_twice(void **state)
{
	struct dumpbox *b = *state;

	assert_int_equal(dumpbox_run(b, "mkdir -p var/crash/" NAME " etc; cp core var/crash/" NAME
	                                "/vmcore; echo '[Dump]' >etc/kdump-lite.conf"),
	                 0);
	temptree_text(&b->box.tree, "root/var/crash/" NAME "/crash.json", "{}");
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		char call[200];

		snprintf(call, sizeof(call), verbs[i].call, "last");
		assert_int_equal(count_opens(b, "var/crash/" NAME, "crash.json", call), 1);
		assert_int_equal(count_opens(b, "var/crash", "", call), 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, dumpbox_teardown)
		TEST(all_ways_to_name_a_dump_are_alike),
		TEST(compressed_files_are_unpacked),
		TEST(compressed_files_that_are_damaged_are_refused),
		TEST(crashes_go_by_name_id_and_last),
		TEST(parts_of_a_split_dump_are_one),
		TEST(debuggers_keep_the_terminal),
		TEST(names_that_fit_nothing),
		TEST(nothing_is_looked_up_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
