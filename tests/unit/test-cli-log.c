// SPDX-License-Identifier: GPL-2.0-or-later
/* test-cli-log.c - messages fit for a terminal, also when there is no memory. */
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <syslog.h>

#include "loader/show/cli.h"
#include "tests/unit/temptree.h"

/* What a message that begins with @head, and is as long as @tail makes it, is on stderr. */
static char *logged(const struct temptree *t, const char *head, const char *tail, bool memory)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		const struct rlimit none = {};
		int fd = openat(t->fd, "log", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

		dup2(fd, STDERR_FILENO);
		if (!memory)
			setrlimit(RLIMIT_DATA, &none);
		cli_log(LOG_ERR, "%s: %s", head, tail);
		_exit(0);
	}
	assert_true(pid > 0 && waitpid(pid, &status, 0) == pid);
	assert_int_equal(status, 0);
	return temptree_read(t, "log");
}

static void nothing_is_kept_back(void **state)
{
	const struct temptree *t = *state;
	_cleanup_free_ char *tail = malloc(MIB(8)), *text = NULL;

	check_needs_memory_limits();
	memset(tail, 'x', MIB(8) - 1);
	tail[MIB(8) - 1] = '\0';
	text = logged(t, "a\n\033b\303\244", "c", true);
	assert_string_equal(text, "a\\x0a\\x1bb\303\244: c\n");
	free(text);
	text = logged(t, "a\n\033b\303\244", tail, false);
	assert_int_equal(strncmp(text, "a??b??: xxx", 11), 0);
	assert_in_range(strlen(text), 100, 600);
	assert_int_equal(text[strlen(text) - 1], '\n');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_kept_back, temptree_setup,
		                                temptree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
