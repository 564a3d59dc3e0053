// SPDX-License-Identifier: GPL-2.0-or-later
/* rescuebox.c - a machine that crashed and a disk to save it to, see rescuebox.h. */
#include "tests/unit/rescuebox.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "system/tree.h"
#include "base/clock.h"
#include "base/text.h"

#define CRASHES "mnt/var/crash"

int rescuebox_setup(void **state)
{
	static const char words[] = "Kernel panic - not syncing: sysrq triggered crash";
	struct rescuebox *b = calloc(1, sizeof(*b));
	struct synth_log log;
	void *box;

	assert_non_null(b);
	osbox_setup(&box);
	b->box = box;
	osbox_disk(b->box, "vda", "x");
	synth_init(&b->m, NULL);
	synth_log_init(&log, &b->m, 6, 12);
	synth_log_add(&log, 42000002000, words, strlen(words), SYNTH_FINAL);
	for (uint64_t pfn = SYNTH_HIGH_END - 0x100; pfn < SYNTH_HIGH_END; pfn++)
		check_noise(synth_at(&b->m, pfn << 12), 4096, pfn);
	dump_free(synth_dump(&b->m));
	temptree_bytes(&b->box->tree, "proc/vmcore", b->m.core, b->m.core_len);
	snprintf(b->memory, sizeof(b->memory), "%s/proc/vmcore", b->box->tree.path);
	b->plan = (struct plan){
		.capture = { .level = 31,
		             .compress = (char *)"lzo",
		             .threads = 1,
		             .final_action = FINAL_REBOOT,
		             .timeout = 60,
		             .device_timeout = 1 },
		.device = (char *)"UUID=" OSBOX_UUID,
		.fstype = (char *)"ext4",
		.mount_options = (char *)"",
		.directory = (char *)"/var/crash",
	};
	b->rescue = (struct rescue){
		.os = &b->box->os,
		.plan = &b->plan,
		.vmcore = b->memory,
		.dir_fd = -1,
		.started = clock_seconds(),
		.crash = { .outcome = CRASH_FAILED },
	};
	*state = b;
	return 0;
}

int rescuebox_teardown(void **state)
{
	struct rescuebox *b = *state;
	void *box = b->box;

	rescue_done(&b->rescue);
	synth_done(&b->m);
	osbox_teardown(&box);
	free(b);
	return 0;
}

int rescuebox_fork(struct rescuebox *b, void (*work)(struct rescuebox *b), uint64_t size)
{
	const struct rlimit limit = { size, size };
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		signal(SIGXFSZ, SIG_DFL);
		if (setrlimit(RLIMIT_FSIZE, &limit) == 0)
			work(b);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

char *rescuebox_path(const struct rescuebox *b, const char *name)
{
	_cleanup_(strv_freep) char **names = NULL;
	char *path;

	assert_int_equal(tree_list(b->box->tree.fd, CRASHES, &names), 0);
	assert_int_equal(strv_length(names), 1);
	assert_true(asprintf(&path, CRASHES "/%s/%s", names[0], name) > 0);
	return path;
}

struct crash rescuebox_facts(const struct rescuebox *b)
{
	_cleanup_free_ char *path = rescuebox_path(b, CRASH_METADATA);
	_cleanup_free_ char *text = temptree_read(&b->box->tree, path);
	struct crash c = {};

	assert_int_equal(crash_from_text(text, strlen(text), &c), 0);
	assert_int_equal(crash_fill(&c), 0);
	return c;
}
