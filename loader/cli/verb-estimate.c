// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * verb-estimate.c - kdump-lite estimate: how large a dump of the running system would be.
 *
 * /proc/kcore is an ELF core of the running kernel's memory. It has VMCOREINFO among its notes
 * since Linux 4.19 (fs/proc/kcore.c), and physical addresses in its segments since 4.11; to open it
 * takes CAP_SYS_RAWIO, and a kernel that is not locked down for confidentiality.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <syslog.h>

#include "config/prune.h"
#include "loader/cli/codec-option.h"
#include "loader/cli/verb.h"
#include "loader/crashes/crashes.h"
#include "loader/show/sizes.h"
#include "system/iomem.h"
#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"
#include "vmcore/filter/selection.h"

#define KCORE "/proc/kcore"

struct estimate_options {
	struct codec_choice compression;
};

static const struct option_row options[] = {
	CODEC_OPTION(struct estimate_options, compression),
	{},
};

static int open_kcore(int root_fd, struct dump **ret)
{
	_cleanup_(dump_freep) struct dump *d = NULL;
	struct source *s;
	int fd, r;

	fd = tree_open(root_fd, KCORE, O_RDONLY);
	if (fd == -EPERM || fd == -EACCES)
		return errf(fd, KCORE ": cannot be opened: it takes root, and a kernel that is not "
		                      "locked down");
	if (fd == -ENOENT)
		return errf(fd, KCORE ": is not there, the kernel was built without it "
		                      "(CONFIG_PROC_KCORE)");
	if (fd < 0)
		return fd;
	if ((r = source_from_fd(fd, KCORE, &s)) < 0 || (r = dump_open(s, &d)) < 0)
		return r;
	if (d->vmcoreinfo.len == 0)
		return errf(-ENODATA, KCORE
		            ": has no VMCOREINFO, so nothing is known of the pages; Linux has it "
		            "there since 4.19, when built with CONFIG_VMCORE_INFO");
	*ret = TAKE_PTR(d);
	return 0;
}

static int look_at_memory(const struct cli *cli, const struct codec_choice *compression,
                          struct estimate *ret)
{
	_cleanup_free_ struct iomem_range *ranges = NULL;
	size_t n = 0;
	_cleanup_(dump_freep) struct dump *d = NULL;
	_cleanup_(bitmap_done) struct bitmap pages = {};
	_cleanup_(selection_done) struct selection s = {};
	int r;

	if ((r = open_kcore(cli->root_fd, &d)) < 0 || (r = selection_open(d, &s)) < 0)
		return r;
	if (!s.ks)
		return errf(-EBADMSG, KCORE ": %s", s.remark);
	r = selection_pages(d, false, &pages);
	if (r < 0)
		return r;
	/* The memory of the capture kernel will not be in the dump. */
	(void)iomem_read(cli->root_fd, "Crash kernel", IOMEM_ANY, &ranges, &n);
	for (size_t i = 0; i < n; i++)
		bitmap_clear(&pages, ranges[i].start >> d->page_shift,
		             ranges[i].end >> d->page_shift);
	return estimate_run(d, s.ks, &s.needed[NEEDED_ALL], &pages, compression->codec,
	                    compression->level, ret);
}

/* Bytes that a dump may take where Path= lies, or will lie when it is made. */
static int find_room(int root_fd, const struct settings *s, uint64_t *ret)
{
	_cleanup_free_ char *above = strdup(s->path);
	struct statvfs fs;
	_cleanup_close_ int fd = -1;

	if (!above)
		return -ENOMEM;
	while ((fd = tree_open(root_fd, *above ? above : "/", O_PATH)) == -ENOENT && *above) {
		char *slash = strrchr(above, '/');

		*(slash ? slash : above) = '\0';
	}
	if (fd < 0)
		return fd;
	if (fstatvfs(fd, &fs) < 0)
		return errf(-errno, "%s: %s", s->path, strerror(errno));
	*ret = prune_left(&s->capture, &fs);
	return 0;
}

static int print_estimate_json(const struct settings *s, const struct estimate *e, uint64_t room)
{
	json_auto_t *o = sizes_json(e);
	json_t *target =
		json_pack("{s:s, s:I, s:I, s:s, s:b}", "path", s->path, "free", (json_int_t)room,
	                  "level", (json_int_t)s->capture.level, "compression", s->capture.compress,
	                  "fits", estimate_level(e, s->capture.level).bytes <= room);

	return json_object_set_new(o, "target", target) < 0 ? oom("JSON") : cli_print_json(o, 6);
}

static int run_estimate(const struct cli *cli, int argc, char *argv[])
{
	_cleanup_(settings_done) struct settings s = {};
	const struct estimate_options *o = cli->options;
	struct codec_choice compression = o->compression;
	char size[TEXT_SIZE_MAX], left[TEXT_SIZE_MAX];
	struct estimate e;
	uint64_t room, need;
	int r = cli_settings(cli, &s);

	if (r < 0)
		return r;
	r = compression.text ? text_replace(&s.capture.compress, compression.text)
	                     : codec_option_parse(s.capture.compress, &compression);
	if (r < 0 || (r = look_at_memory(cli, &compression, &e)) < 0 ||
	    (r = find_room(cli->root_fd, &s, &room)) < 0)
		return r;
	if (e.remark[0] && !cli->quiet)
		cli_log(LOG_NOTICE, "%s", e.remark);
	if (cli->json)
		return print_estimate_json(&s, &e, room);
	sizes_print(&e, s.capture.level);
	need = estimate_level(&e, s.capture.level).bytes;
	printf("%s: %s free beside KeepFree=, a dump of level %u with %s takes about %s%s\n",
	       s.path, text_from_size(room, left), (unsigned)s.capture.level, s.capture.compress,
	       text_from_size(need, size), need > room ? ": too little" : "");
	return EXIT_SUCCESS;
}

const struct verb verb_estimate = {
	.name = "estimate",
	.help = "estimate the size of a dump of the running system, at each level",
	.run = run_estimate,
	.page = "kdump-lite-convert(8)",
	.takes = TAKES_ROOT | TAKES_JSON | TAKES_QUIET,
	.options = options,
};
