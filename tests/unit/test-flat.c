// SPDX-License-Identifier: GPL-2.0-or-later
/* test-flat.c - flattened files, read and written, also by makedumpfile's judgement. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/unit/synth.h"
#include "tests/unit/temptree.h"
#include "vmcore/io/sink.h"
#include "vmcore/io/source.h"

#define HEADER 4096
#define ROOM   (HEADER + 200000)

/* A flattened file that is put together here, and the dump it stands for. */
struct flat_file {
	uint8_t bytes[ROOM], dump[ROOM];
	size_t len, size;
};

static void flat_begin(struct flat_file *f)
{
	memset(f, 0, sizeof(*f));
	strcpy((char *)f->bytes, "makedumpfile");
	synth_put(f->bytes + 16, 1, 8, true);
	synth_put(f->bytes + 24, 1, 8, true);
	f->len = HEADER;
}

/* Appends a record of noise. */
static void flat_add(struct flat_file *f, uint64_t offset, size_t n)
{
	assert_true(f->len + 16 + n < ROOM && offset + n <= ROOM);
	synth_put(f->bytes + f->len, offset, 8, true);
	synth_put(f->bytes + f->len + 8, n, 8, true);
	f->len += 16;
	check_noise(f->bytes + f->len, n, f->len);
	memcpy(f->dump + offset, f->bytes + f->len, n);
	f->len += n;
	f->size = MAX(f->size, offset + n);
}

static void flat_end(struct flat_file *f)
{
	memset(f->bytes + f->len, 0xff, 16);
	f->len += 16;
}

static int unflatten(const void *bytes, size_t len, struct source **ret)
{
	struct source *s;

	assert_int_equal(source_from_memory(bytes, len, "flat", &s), 0);
	return source_unflatten(s, ret);
}

/* Reads all of @s, in one go and through a window in all kinds of steps. */
static void check_source(const struct source *s, const uint8_t *dump, size_t size)
{
	static const size_t needs[] = { 1, 24, 4096 };
	uint8_t *all = malloc(size + 1);
	struct window w;

	assert_non_null(all);
	assert_int_equal(source_size(s), size);
	assert_int_equal(source_read(s, 0, all, size), 0);
	assert_memory_equal(all, dump, size);
	assert_fails(source_read(s, 0, all, size + 1), -EBADMSG, "has ");
	window_init(&w, s, 4096);
	for (size_t n = 0; n < ARRAY_SIZE(needs); n++)
		for (size_t at = 0; at + needs[n] <= size; at += 509) {
			const uint8_t *data;
			size_t len;

			assert_int_equal(window_get(&w, at, needs[n], needs[n] + 999, &data, &len),
			                 0);
			assert_in_range(len, needs[n], needs[n] + 999);
			assert_memory_equal(data, dump + at, len);
		}
	window_done(&w);
	free(all);
}

static void check_flat(const struct flat_file *f)
{
	_cleanup_(source_freep) struct source *s = NULL;

	assert_int_equal(unflatten(f->bytes, f->len, &s), 0);
	assert_false(source_is_cut(s));
	assert_string_equal(source_name(s), "flat");
	check_source(s, f->dump, f->size);
}

static void records_are_put_where_they_belong(void **state)
{
	struct flat_file *f = malloc(sizeof(*f));

	assert_non_null(f);
	flat_begin(f);
	flat_end(f);
	check_flat(f);

	flat_begin(f);
	flat_add(f, 0, 464);
	flat_add(f, 60000, 20000);
	flat_add(f, 4096, 5000); /* touches the next one */
	flat_add(f, 9096, 1);
	flat_add(f, 9097, 100);
	flat_add(f, 100000, 1); /* the last byte, behind a hole */
	flat_end(f);
	check_flat(f);
	free(f);
}

static void later_record_for_the_same_bytes_counts(void **state)
{
	struct flat_file *f = malloc(sizeof(*f));

	assert_non_null(f);
	for (uint32_t seed = 1; seed <= 300; seed++) {
		uint8_t random[64];

		check_noise(random, sizeof(random), seed);
		flat_begin(f);
		for (size_t i = 0; i < seed % 20 + 2; i++)
			flat_add(f, random[3 * i] * 16, random[3 * i + 1] % 64 * 64 + 1);
		flat_end(f);
		check_flat(f);
	}
	free(f);
}

static void stream_that_was_cut_off_gives_what_it_holds(void **state)
{
	struct flat_file *f = malloc(sizeof(*f));

	assert_non_null(f);
	flat_begin(f);
	flat_add(f, 300, 200);
	flat_add(f, 0, 100);
	flat_end(f);
	for (size_t len = 0; len <= f->len; len++) {
		_cleanup_(source_freep) struct source *s = NULL;
		uint8_t *cut = malloc(len ?: 1), byte[1], expected[600] = {};
		size_t first = len > HEADER + 16 ? MIN(len - HEADER - 16, 200) : 0;
		size_t second = len > HEADER + 232 ? MIN(len - HEADER - 232, 100) : 0;

		assert_non_null(cut);
		memcpy(cut, f->bytes, len);
		if (len >= 12 && len < HEADER) {
			assert_fails(unflatten(cut, len, &s), -EBADMSG, "ends within its header");
			free(cut);
			continue;
		}
		assert_int_equal(unflatten(cut, len, &s), 0);
		if (len < HEADER) {
			assert_int_equal(source_size(s), len); /* not recognised */
		} else {
			assert_int_equal(source_is_cut(s), len < f->len);
			memcpy(expected, f->dump, second);
			memcpy(expected + 300, f->dump + 300, first);
			assert_int_equal(source_size(s), first ? 300 + first : 0);
			for (size_t i = 0; i < source_size(s); i++) {
				assert_int_equal(source_read(s, i, byte, 1), 0);
				assert_int_equal(*byte, expected[i]);
			}
		}
		s = source_free(s);
		free(cut);
	}
	free(f);
}

static void broken_files_are_refused(void **state)
{
	static const struct {
		size_t offset;
		uint64_t value;
		const char *error;
	} bad[] = {
		{ 16, 2, "flat: a flattened file of type 2, version 1" },
		{ 24, 9, "flat: a flattened file of type 1, version 9" },
		{ HEADER, INT64_MIN, "flat: flattened record at byte 4096, of 100 bytes at " },
		{ HEADER, INT64_MAX - 99,
		  "of 100 bytes at offset 9223372036854775708, is out of range" },
		{ HEADER + 8, UINT64_MAX, "is out of range" },
	};
	struct flat_file *f = malloc(sizeof(*f));
	struct source *s = NULL;

	assert_non_null(f);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		flat_begin(f);
		flat_add(f, 0, 100);
		flat_end(f);
		synth_put(f->bytes + bad[i].offset, bad[i].value, 8, true);
		assert_fails(unflatten(f->bytes, f->len, &s), -EBADMSG, bad[i].error);
	}
	assert_null(s);
	free(f);
}

static void other_files_stay_as_they_are(void **state)
{
	_cleanup_(source_freep) struct source *s = NULL;

	assert_int_equal(unflatten("makedumpfile was here", 21, &s), 0);
	assert_int_equal(source_size(s), 21);
}

/* A stream into file "flat" of the tree; @write does the writing. */
static void write_stream(const struct temptree *t, void (*write)(struct sink *s))
{
	_cleanup_close_ int fd =
		openat(t->fd, "flat", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	_cleanup_(sink_freep) struct sink *s = NULL;

	assert_true(fd >= 0);
	assert_int_equal(sink_flatten(fd, "stream", &s), 0);
	assert_true(sink_is_stream(s));
	write(s);
	assert_int_equal(sink_finish(s), 0);
}

static struct source *open_stream(const struct temptree *t)
{
	struct source *s;
	char path[128];

	snprintf(path, sizeof(path), "%s/flat", t->path);
	assert_int_equal(source_open(path, &s), 0);
	assert_int_equal(source_unflatten(s, &s), 0);
	return s;
}

static uint8_t content[100000];

static void write_pieces(struct sink *s)
{
	static const size_t pieces[][2] = {
		{ 0, 100 }, { 50000, 4096 }, { 100, 3996 }, { 8192, 1 }, { 60001, 20000 }
	};

	memset(content, 0, sizeof(content));
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) {
		check_noise(content + pieces[i][0], pieces[i][1], i + 1);
		assert_int_equal(sink_write(s, pieces[i][0], content + pieces[i][0], pieces[i][1]),
		                 0);
	}
	assert_int_equal(sink_truncate(s, sizeof(content)), 0);
	assert_int_equal(sink_sync(s), 0);
}

static void what_is_written_is_read(void **state)
{
	struct temptree *t = *state;
	struct source *s;

	write_stream(t, write_pieces);
	s = open_stream(t);
	assert_false(source_is_cut(s));
	check_source(s, content, sizeof(content));
	source_free(s);
}

static void makedumpfile_puts_it_together_alike(void **state)
{
	struct temptree *t = *state;
	char command[256];
	struct stat st;
	uint8_t *back;

	if (system("command -v makedumpfile >/dev/null") != 0)
		skip();
	write_stream(t, write_pieces);
	snprintf(command, sizeof(command), "makedumpfile -R %s/whole <%s/flat >/dev/null 2>&1",
	         t->path, t->path);
	assert_int_equal(system(command), 0);
	assert_int_equal(fstatat(t->fd, "whole", &st, 0), 0);
	assert_int_equal(st.st_size, sizeof(content));
	back = (uint8_t *)temptree_read(t, "whole");
	assert_memory_equal(back, content, sizeof(content));
	free(back);
}

static void write_nothing(struct sink *s)
{
	assert_int_equal(sink_truncate(s, 5000), 0);
}

static void stream_of_a_hole_has_its_size(void **state)
{
	static const uint8_t zeroes[5000];
	struct temptree *t = *state;
	struct source *s;

	write_stream(t, write_nothing);
	s = open_stream(t);
	check_source(s, zeroes, sizeof(zeroes));
	source_free(s);
}

static void pipe_that_closes_is_an_error(void **state)
{
	_cleanup_(sink_freep) struct sink *s = NULL;
	int fds[2];

	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(sink_flatten(fds[1], "stream", &s), 0);
	assert_int_equal(sink_write(s, 0, content, 100), 0);
	close(fds[0]);
	assert_fails(sink_write(s, 100, content, 100), -EPIPE, "stream: cannot be written: ");
	assert_fails(sink_finish(s), -EPIPE, "stream: cannot be written: ");
	close(fds[1]);
}

/* More than a pipe holds, to a slow reader. */
static void pipe_takes_all_of_it(void **state)
{
	struct temptree *t = *state;
	struct source *s;
	char command[128];
	int fds[2];
	pid_t child;

	assert_int_equal(pipe(fds), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(fds[1]);
		dup2(fds[0], STDIN_FILENO);
		snprintf(command, sizeof(command), "sleep 0.1; exec cat >%s/flat", t->path);
		execl("/bin/sh", "sh", "-c", command, NULL);
		_exit(127);
	}
	close(fds[0]);
	{
		_cleanup_(sink_freep) struct sink *sink = NULL;

		assert_int_equal(sink_flatten(fds[1], "stream", &sink), 0);
		write_pieces(sink);
		assert_int_equal(sink_finish(sink), 0);
	}
	close(fds[1]);
	assert_int_equal(waitpid(child, NULL, 0), child);
	s = open_stream(t);
	check_source(s, content, sizeof(content));
	source_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TREE_TEST(name) cmocka_unit_test_setup_teardown(name, temptree_setup, temptree_teardown)
		cmocka_unit_test(records_are_put_where_they_belong),
		cmocka_unit_test(later_record_for_the_same_bytes_counts),
		cmocka_unit_test(stream_that_was_cut_off_gives_what_it_holds),
		cmocka_unit_test(broken_files_are_refused),
		cmocka_unit_test(other_files_stay_as_they_are),
		TREE_TEST(what_is_written_is_read),
		TREE_TEST(makedumpfile_puts_it_together_alike),
		TREE_TEST(stream_of_a_hole_has_its_size),
		cmocka_unit_test(pipe_that_closes_is_an_error),
		TREE_TEST(pipe_takes_all_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
