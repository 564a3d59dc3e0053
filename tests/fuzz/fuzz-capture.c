// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz-capture.c - the steps of the capture, with any file as the memory of the crashed kernel.
 *
 * Whatever that holds, the steps come to an end and leave crash.json.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "capture/rescue-steps.h"
#include "system/file.h"
#include "tests/fuzz/fuzz.h"

/* All memory is tried. Where it is not there, that takes its time, which PID 1 limits. */
#define PAGES_MAX (UINT64_C(1) << 20)

static int save_vmcore(struct rescue *rescue)
{
	uint64_t pages = 0;

	for (size_t i = 0; rescue->dump && i < rescue->dump->n_ram; i++)
		pages += rescue->dump->ram[i].end - rescue->dump->ram[i].start;
	return pages > PAGES_MAX ? errf(-EFBIG, "too much memory") : rescue_save_vmcore(rescue);
}

static const struct rescue_step steps[] = {
	{ "memory", rescue_open_memory }, { "dmesg", rescue_save_dmesg },
	{ "report", rescue_report },      { "mini", rescue_save_mini },
	{ "vmcore", save_vmcore },        { "verify", rescue_verify },
};

static void remove_all(int dir_fd, const char *path)
{
	static const char *const names[] = { CRASH_VMCORE,     CRASH_VMCORE_INCOMPLETE,
		                             CRASH_MINI,       CRASH_MINI_INCOMPLETE,
		                             CRASH_DMESG,      CRASH_METADATA,
		                             CRASH_REPORT,     "." CRASH_METADATA ".new",
		                             CRASH_CAPTURE_LOG };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		(void)unlinkat(dir_fd, names[i], 0);
	fuzz_check(rmdir(path) == 0);
}

static int quiet(int *ret_stderr)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	*ret_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	return null < 0 || dup2(null, STDERR_FILENO) < 0 ? -1 : null;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct plan plan = { .capture = { 31, (char *)"lzo", .threads = 1 } };
	struct os os = { .root_fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
	char directory[] = "/tmp/fuzz-capture-XXXXXX", memory[32];
	int fd = memfd_create("memory", MFD_CLOEXEC), null, old;
	struct rescue rescue = { .os = &os,
		                 .plan = &plan,
		                 .vmcore = memory,
		                 .started = clock_seconds(),
		                 .end = clock_seconds() + 10,
		                 .crash = { .outcome = CRASH_FAILED } };
	struct crash c = {};

	fuzz_check(fd >= 0 && mkdtemp(directory) && file_write(fd, data, size) == 0);
	snprintf(memory, sizeof(memory), "/proc/self/fd/%d", fd);
	rescue.dir_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	null = quiet(&old);
	rescue_run_steps(&rescue, steps, ARRAY_SIZE(steps));
	dup2(old, STDERR_FILENO);
	fuzz_check(faccessat(rescue.dir_fd, CRASH_METADATA, F_OK, 0) == 0);
	fuzz_check(crash_load(AT_FDCWD, directory, &c) == 0 && !c.fault);
	crash_done(&c);
	remove_all(rescue.dir_fd, directory);
	rescue_done(&rescue);
	close(os.root_fd);
	close(null);
	close(old);
	close(fd);
	return 0;
}
