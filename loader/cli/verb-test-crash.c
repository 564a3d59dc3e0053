// SPDX-License-Identifier: GPL-2.0-or-later
/* verb-test-crash.c - kdump-lite test-crash: panics the kernel, to see that the dump comes out. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>
#include <syslog.h>

#include "loader/crashes/state.h"
#include "loader/cli/verb.h"
#include "loader/system/armed.h"
#include "base/err.h"

struct test_options {
	bool yes;
};

static const struct option_row options[] = {
	{ "yes", 'y', FIELD(struct test_options, yes), .help = "do not ask" },
	{},
};

static int write_to(int root_fd, const char *path, const char *text)
{
	_cleanup_close_ int fd = openat(root_fd, path, O_WRONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		return errf(-errno, "/%s: cannot be written: %s", path, strerror(errno));
	return 0;
}

static int make_marker(const struct cli *cli, struct marker *ret)
{
	uint64_t id;

	if (getrandom(&id, sizeof(id), 0) != sizeof(id))
		return errf(-EIO, "no random number to be had");
	ret->time = time(NULL);
	snprintf(ret->id, sizeof(ret->id), "%016" PRIx64, id);
	return state_boot_id(cli->root_fd, ret->boot_id);
}

/* Does not return when all goes well. sysrq-trigger works whatever kernel.sysrq forbids. */
static int crash(const struct cli *cli, const struct marker *m)
{
	char text[128];
	int r;

	snprintf(text, sizeof(text), "<5>" MARKER_LOG_TEXT "\n", m->id);
	r = write_to(cli->root_fd, "dev/kmsg", text);
	if (r < 0)
		return r;
	sync();
	r = write_to(cli->root_fd, "proc/sysrq-trigger", "c");
	return r < 0 ? r : errf(-EIO, "the kernel was told to panic but goes on");
}

static int run_test_crash(const struct cli *cli, int argc, char *argv[])
{
	_cleanup_(armed_done) struct armed armed = {};
	const struct test_options *o = cli->options;
	_cleanup_close_ int state_fd = -1;
	struct marker m;
	int r;

	if (geteuid() != 0)
		return errf(-EPERM, "only root can do this");
	r = armed_check(cli->root_fd, &armed, NULL);
	if (r < 0) {
		cli_log(LOG_ERR, "kdump-lite test-crash: not armed, so nothing would be saved: %s",
		        err_text(r));
		return EXIT_NOT_ARMED;
	}
	if (!o->yes && (r = cli_ask("This panics the running kernel: unsaved data is lost, and the "
	                            "system is down until it has rebooted.")) < 0)
		return r;
	if ((r = make_marker(cli, &m)) < 0 || (r = state_open(cli->root_fd, &state_fd)) < 0 ||
	    (r = marker_write(state_fd, &m)) < 0)
		return r;
	cli_log(LOG_NOTICE,
	        "Test %s: the kernel panics now, \"kdump-lite list\" shows the crash after the "
	        "reboot.",
	        m.id);
	r = crash(cli, &m);
	if (marker_remove(state_fd) < 0)
		cli_log(LOG_WARNING, STATE_DIR
		        "/test.json stays behind, so the next boot will report a failed test");
	return r;
}

const struct verb verb_test_crash = {
	.name = "test-crash",
	.help = "panic the kernel to test that a dump is saved; asks first",
	.run = run_test_crash,
	.options = options,
};
