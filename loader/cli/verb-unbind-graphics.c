// SPDX-License-Identifier: GPL-2.0-or-later
/* verb-unbind-graphics.c - unbind-graphics: what its service does before a kexec. */
#include <syslog.h>

#include "loader/cli/verb.h"
#include "loader/kexec/graphics.h"

static void print_step(void *arg, bool failed, const char *text)
{
	const struct cli *cli = arg;

	if (failed || !cli->quiet)
		cli_log(failed ? LOG_WARNING : LOG_INFO, "%s%s", text, failed ? ", going on" : "");
}

/* The exit code is for the journal; the kexec goes its way all the same. */
static int run_unbind_graphics(const struct cli *cli, int argc, char *argv[])
{
	const struct graphics_release req = {
		.root_fd = cli->root_fd,
		.delete_module = graphics_delete_module,
		.pause = 100,
		.limit = GRAPHICS_LIMIT,
		.tell = print_step,
		.arg = (void *)cli,
	};

	return graphics_release(&req) > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const struct verb verb_unbind_graphics = {
	.name = "unbind-graphics",
	.run = run_unbind_graphics,
	.takes = TAKES_QUIET,
};
