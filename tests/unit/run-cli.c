// SPDX-License-Identifier: GPL-2.0-or-later
/* run-cli.c - runs kdump-lite on a made-up system, see run-cli.h. */
#include "tests/unit/run-cli.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>

#define TERMINAL_MAX 65536

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

/* BUILD/tests/unit/test-cli runs BUILD/kdump-lite. */
void box_find_program(char *path, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", path, size - sizeof("/kdump-lite"));

	assert_true(n > 0);
	path[n] = '\0';
	for (int i = 0; i < 3; i++)
		*strrchr(path, '/') = '\0';
	strcat(path, "/kdump-lite");
	if (access(path, X_OK) < 0)
		fail_msg("%s is not there: make it first", path);
}

static void redirect(const struct box *b, const char *name, int fd)
{
	int file = openat(b->tree.fd, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (file < 0 || dup2(file, fd) < 0)
		_exit(126);
}

/* In the child. */
static void execute(const char *program, const char *name, const char *const *env, const char *args)
{
	char copy[500], *argv[20] = { (char *)(name ? name : program) }, *save = NULL;
	size_t n = 1;

	snprintf(copy, sizeof(copy), "%s", args);
	for (char *w = strtok_r(copy, " ", &save); w && n < ARRAY_SIZE(argv) - 1;
	     w = strtok_r(NULL, " ", &save))
		argv[n++] = w;
	clearenv();
	setenv("PATH", "/usr/bin:/bin", 1);
	setenv("TZ", "UTC", 1);
	setenv("LC_ALL", "C", 1);
	setenv("ASAN_OPTIONS", "detect_leaks=1", 1);
	for (; env && *env; env++)
		putenv((char *)*env);
	dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
	execv(program, argv);
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

	box_find_program(program, sizeof(program));
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
