// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * verb-kexec-unit.c - kexec offer and kexec if-queued: the two halves of kdump-lite-kexec.service.
 *
 * While it runs an entry is published, so that "systemctl kexec" has something to load. When it is
 * stopped on the way to kexec.target, the file systems still being there, the kernel is loaded for
 * good: with all initrds, and as the files are by then. verb-kexec-hold.c keeps them there.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <syslog.h>

#include "loader/cli/verb.h"
#include "loader/kexec/offer.h"
#include "loader/kexec/bus.h"
#include "loader/cli/next-cli.h"
#include "system/tree.h"
#include "base/err.h"

/* The name of a unit cannot hold all that a release can, such as "+": systemctl makes "\x2b" of it,
 * and leaves alone the "-", of which systemd would make "/". */
static void undo_escapes(const char *name, char buf[static NAME_MAX + 1])
{
	size_t n = 0;

	while (*name && n < NAME_MAX) {
		unsigned byte;
		int len = 0;

		if (sscanf(name, "\\x%2x%n", &byte, &len) == 1 && len == 4 && byte != 0) {
			buf[n++] = (char)byte;
			name += len;
		} else {
			buf[n++] = *name++;
		}
	}
	buf[n] = '\0';
}

/* NAME and PATH are "%i" and "%f" of the unit. An instance is a release as it stands
 * ("6.1.0-9-amd64", of which %f makes nonsense), or what systemd-escape(1) made of a release or a
 * path. Neither: the default entry. @name has to live as long as the result. */
static void choose(const struct cli *cli, int argc, char *argv[], char name[static NAME_MAX + 1],
                   struct next_choice *ret)
{
	*ret = (struct next_choice){};
	if (argc < 2)
		return;
	if (tree_exists(cli->root_fd, argv[1]))
		ret->kernel = argv[1];
	else if (!strchr(argv[1] + strspn(argv[1], "/"), '/'))
		ret->kernel = argv[1] + strspn(argv[1], "/");
	else if (strstr(argv[0], "\\x") && !(*argv[0] >= '0' && *argv[0] <= '9'))
		ret->kernel = argv[1];
	else
		ret->kernel = name;
	undo_escapes(argv[0], name);
}

static int run_offer(const struct cli *cli, int argc, char *argv[])
{
	_cleanup_(next_done) struct next next = {};
	_cleanup_free_ char *cmdline = NULL;
	struct next_choice choice;
	char name[NAME_MAX + 1];
	int r;

	choose(cli, argc, argv, name, &choice);
	r = next_cli_resolve(cli, &choice, &next, &cmdline);
	if (r < 0)
		return r;
	r = offer_publish(cli->root_fd, &next, cmdline);
	if (r == -EEXIST) {
		cli_log(LOG_NOTICE, "kdump-lite kexec offer: %s; going on without", err_text(r));
		return 0;
	}
	if (r < 0)
		return r;
	if (!cli->quiet)
		printf("offered to systemctl kexec: %s\n", next.title);
	return 0;
}

/* Who has loaded what is loaded. The kernel tells no more than that something is. */
enum loaded {
	NOTHING,
	CHOSEN,  /* "kexec load": it stays */
	OFFERED, /* systemctl, by kdump-lite under the name of kexec(8) */
	FOREIGN, /* another program, or systemctl by another one or by itself */
};

static enum loaded what_is_loaded(const struct cli *cli)
{
	_cleanup_(next_loaded_done) struct next_loaded n = {};
	int r = next_loaded_check(cli->root_fd, &n);

	if (r == 0)
		return offer_is_kernel(n.kernel) ? OFFERED : CHOSEN;
	return r == -EEXIST ? FOREIGN : NOTHING;
}

static int is_queued(bool *ret)
{
	_cleanup_(bus_closep) sd_bus *bus = NULL;
	int r = bus_open(&bus);

	return r < 0 ? r : bus_is_going_to_kexec(bus, ret);
}

/* What systemctl has loaded may have more on its command line (--kernel-cmdline= of systemd 261).
 * It stays if an entry could tell all, and the offer has not become old. */
static bool has_all(const struct cli *cli, const struct next_choice *choice)
{
	_cleanup_(next_done) struct next next = {};
	_cleanup_free_ char *cmdline = NULL;

	return next_cli_resolve(cli, choice, &next, &cmdline) == 0 &&
	       offer_is_all(cli->root_fd, &next, cmdline);
}

/* On failure nothing is left loaded: the system reboots through the firmware then, instead of
 * starting a kernel without half of its initrds. */
static int load_chosen(const struct cli *cli, const struct next_choice *choice)
{
	_cleanup_(next_loaded_done) struct next_loaded n = {};
	_cleanup_free_ char *text = NULL;
	int r = next_cli_load(cli, choice, false, &n);

	if (r >= 0) {
		printf("loaded: %s\n", n.title);
		return 0;
	}
	text = strdup(err_text(r));
	if (next_unload(cli->root_fd, kexec_file_load) < 0)
		return errf(r, "%s", text ?: strerror(-r));
	return errf(r, "%s; nothing is loaded, so the reboot goes through the firmware",
	            text ?: strerror(-r));
}

static int load_if_needed(const struct cli *cli, int argc, char *argv[], enum loaded loaded)
{
	struct next_choice choice;
	char name[NAME_MAX + 1];

	choose(cli, argc, argv, name, &choice);
	if (loaded == NOTHING)
		return load_chosen(cli, &choice);
	if (has_all(cli, &choice)) {
		puts("what is loaded stays");
		return 0;
	}
	if (loaded == FOREIGN)
		cli_log(LOG_NOTICE, "kdump-lite kexec if-queued: what another program has loaded "
		                    "is replaced, it may be old or lack initrds");
	return load_chosen(cli, &choice);
}

static int run_if_queued(const struct cli *cli, int argc, char *argv[])
{
	enum loaded loaded = what_is_loaded(cli);
	bool queued = false;
	int r, also;

	r = is_queued(&queued);
	/* Without an answer: it was systemctl kexec that loaded what is offered. */
	if (r < 0 && loaded != OFFERED) {
		cli_log(LOG_WARNING, "kdump-lite kexec if-queued: %s; nothing is loaded",
		        err_text(r));
		r = 0;
	} else {
		queued = queued || r < 0;
		r = queued && loaded != CHOSEN ? load_if_needed(cli, argc, argv, loaded) : 0;
	}
	also = offer_withdraw(cli->root_fd);
	return r < 0 ? r : also;
}

const struct verb verb_kexec_offer = {
	.name = "kexec offer",
	.args = "[NAME PATH]",
	.max_args = 2,
	.run = run_offer,
	.takes = TAKES_QUIET,
};

const struct verb verb_kexec_if_queued = {
	.name = "kexec if-queued",
	.args = "[NAME PATH]",
	.max_args = 2,
	.run = run_if_queued,
};
