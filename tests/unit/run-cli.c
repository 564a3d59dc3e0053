// SPDX-License-Identifier: GPL-2.0-or-later
/* run-cli.c - runs kdump-lite on a made-up system, see run-cli.h. */
#include "tests/unit/run-cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>

#define TERMINAL_MAX 65536
#define ARGS_MAX     32

void box_make(struct box *b)
{
	*b = (struct box){};
	temptree_make(&b->tree);
	temptree_dir(&b->tree, "root");
}

void box_remove(struct box *b)
{
	free(b->out);
	free(b->err);
	temptree_remove(&b->tree);
}

/* What runs programs of another architecture here, or NULL. */
static char *emulator_words(void)
{
	const char *words = getenv("EMULATOR");

	return words && *words ? strdup(words) : NULL;
}

/* An emulator would give its own for /proc/self/exe. */
void box_find_build(char *path, size_t size)
{
	_cleanup_free_ char *tests = realpath(program_invocation_name, NULL);

	assert_non_null(tests);
	for (int i = 0; i < 3; i++)
		*strrchr(tests, '/') = '\0';
	assert_in_range(snprintf(path, size, "%s", tests), 1, size - 1);
}

static void find_program(char *path, size_t size)
{
	box_find_build(path, size - sizeof("/kdump-lite"));
	strcat(path, "/kdump-lite");
	if (access(path, X_OK) < 0)
		fail_msg("%s is not there: make it first", path);
}

void box_find_program(char *line, size_t size)
{
	_cleanup_free_ char *emulator = emulator_words();
	char program[4096];

	find_program(program, sizeof(program));
	assert_in_range(snprintf(line, size, "%s %s", emulator ? emulator : "", program), 1,
	                size - 1);
}

static void redirect(const struct box *b, const char *name, int fd)
{
	int file = openat(b->tree.fd, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (file < 0 || dup2(file, fd) < 0)
		_exit(126);
}

/* Cuts @text into words, behind the @n that are there; returns how many there are then. */
static size_t add_words(char **argv, size_t n, char *text)
{
	char *save = NULL;

	for (char *w = strtok_r(text, " ", &save); w && n < ARGS_MAX - 1;
	     w = strtok_r(NULL, " ", &save))
		argv[n++] = w;
	return n;
}

/* In the child. */
static void execute(const char *program, const char *name, const char *const *env, const char *args)
{
	char copy[500], *argv[ARGS_MAX] = {}, *emulator = emulator_words();
	size_t n = 0;

	if (emulator) {
		n = add_words(argv, n, emulator);
		argv[n++] = "--argv0";
	}
	argv[n++] = (char *)(name ? name : program);
	if (emulator)
		argv[n++] = (char *)program;
	snprintf(copy, sizeof(copy), "%s", args);
	add_words(argv, n, copy);
	clearenv();
	setenv("PATH", "/usr/bin:/bin", 1);
	setenv("TZ", "UTC", 1);
	setenv("LC_ALL", "C", 1);
	setenv("ASAN_OPTIONS", emulator ? "detect_leaks=0" : "detect_leaks=1", 1);
	for (; env && *env; env++)
		putenv((char *)*env);
	dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
	execvp(emulator ? argv[0] : program, argv);
	_exit(126);
}

/* Reads until the last writer has gone, which is EIO. */
static void read_terminal(int terminal, char *buf, size_t *len)
{
	ssize_t n;

	while ((n = read(terminal, buf + *len, TERMINAL_MAX - *len)) > 0)
		*len += n;
}

/*
 * The kernel looks whether there is something to read, then whether the other side has gone
 * (drivers/tty/n_tty.c, n_tty_read()): what is written between the two looks is there only for
 * the next read. After the child has been waited for, nothing more can be written.
 */
static void wait_at_terminal(const struct box *b, int terminal, pid_t pid, int *status)
{
	char buf[TERMINAL_MAX];
	size_t len = 0;

	read_terminal(terminal, buf, &len);
	assert_int_equal(waitpid(pid, status, 0), pid);
	read_terminal(terminal, buf, &len);
	temptree_bytes(&b->tree, "out", buf, len);
	close(terminal);
}

void box_take_output(struct box *b)
{
	free(b->out);
	free(b->err);
	b->out = temptree_read(&b->tree, "out");
	b->err = temptree_read(&b->tree, "err");
	assert_null(strstr(b->err, "Sanitizer"));
}

int box_run(struct box *b, enum box_stdout where, const char *const *env, const char *args)
{
	int terminal = -1, status;
	char program[4096];
	pid_t pid;

	find_program(program, sizeof(program));
	if (where == BOX_TERMINAL) {
		terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
		assert_true(terminal >= 0);
		assert_int_equal(grantpt(terminal), 0);
		assert_int_equal(unlockpt(terminal), 0);
	}
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		redirect(b, "out", STDOUT_FILENO);
		redirect(b, "err", STDERR_FILENO);
		if (where != BOX_FILE &&
		    dup2(open(where == BOX_FULL ? "/dev/full" : ptsname(terminal),
		              O_RDWR | O_NOCTTY | O_CLOEXEC),
		         STDOUT_FILENO) < 0)
			_exit(126);
		execute(program, b->name, env, args);
	}
	if (terminal >= 0)
		wait_at_terminal(b, terminal, pid, &status);
	else
		assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	box_take_output(b);
	return WEXITSTATUS(status);
}
