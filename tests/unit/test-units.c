// SPDX-License-Identifier: GPL-2.0-or-later
/* test-units.c - units call verbs that there are, and say what is promised. They are read as
 * sources. */
#include <fcntl.h>
#include <stdio.h>

#include "base/text.h"
#include "loader/cli/verbs.h"
#include "system/file.h"
#include "tests/unit/check.h"

#define PROGRAM "=@bindir@/kdump-lite "

static char *read_unit(const char *name)
{
	char path[256], *text;

	snprintf(path, sizeof(path), "units/%s", name);
	if (file_read(AT_FDCWD, path, MIB(1), &text, NULL) < 0)
		fail_msg("%s: cannot be read", path);
	return text;
}

static void check_verb(const char *unit, const char *line)
{
	_cleanup_(strv_freep) char **words = NULL;
	char copy[256];
	int n;

	snprintf(copy, sizeof(copy), "%.*s", (int)strcspn(line, "\n"), line);
	assert_int_equal(strv_split(&words, copy, false), 0);
	if (!verbs_find(strv_length(words), words, &n))
		fail_msg("%s: \"kdump-lite %s\": no such verb", unit, copy);
}

static void verbs_are_there(void **state)
{
	_cleanup_(file_closedirp) DIR *dir = NULL;
	unsigned n = 0;

	assert_int_equal(file_opendir(AT_FDCWD, "units", &dir), 0);
	for (struct dirent *e; (e = readdir(dir));) {
		_cleanup_free_ char *text = NULL;

		if (!strstr(e->d_name, ".service.in"))
			continue;
		text = read_unit(e->d_name);
		for (char *at = text; (at = strstr(at, PROGRAM)); n++) {
			at += strlen(PROGRAM);
			check_verb(e->d_name, at);
		}
	}
	assert_true(n >= 8);
}

/* The kernel is that of the host: skipped, not failed. */
static void containers_are_left_alone(void **state)
{
	static const char *const kinds[] = { ".service", ".timer", ".path" };
	_cleanup_(file_closedirp) DIR *dir = NULL;
	unsigned n = 0;

	assert_int_equal(file_opendir(AT_FDCWD, "units", &dir), 0);
	for (struct dirent *e; (e = readdir(dir));) {
		_cleanup_free_ char *text = NULL;
		bool runs = false;

		for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
			runs = runs || strstr(e->d_name, kinds[i]);
		if (!runs)
			continue;
		text = read_unit(e->d_name);
		if (!strstr(text, "\nConditionVirtualization=!container\n"))
			fail_msg("%s: runs in a container", e->d_name);
		n++;
	}
	assert_true(n >= 13);
}

static void promises_are_kept(void **state)
{
	static const struct {
		const char *unit, *line;
	} rows[] = {
		/* A restart unloads nothing. */
		{ "kdump-lite.service.in", "\nExecStop=@bindir@/kdump-lite stopped\n" },
		/* What can be armed by hand can be armed as a service. */
		{ "kdump-lite.service.in", " CAP_DAC_OVERRIDE\n" },
		{ "kdump-lite.service.in", "\nReadWritePaths=-/boot -/efi\n" },
		{ "kdump-lite.service.in", " kexec_file_load kexec_load\n" },
		/* What can be loaded by hand can be loaded as a service. */
		{ "kdump-lite-kexec.service.in", " kexec_file_load kexec_load\n" },
		{ "kdump-lite-kexec@.service.in", " kexec_file_load kexec_load\n" },
		{ "kdump-lite-kexec.service.in", "=CAP_SYS_BOOT @iomem_capability@\n" },
		{ "kdump-lite-kexec@.service.in", "=CAP_SYS_BOOT @iomem_capability@\n" },
		/* Enabling the service enables the timer. */
		{ "kdump-lite.service.in", " kdump-lite-prune.timer\n" },
		{ "kdump-lite-prune.timer", "\nOnUnitActiveSec=1d\n" },
		/* The crashes may lie where others own the directory, or the service could not
		   write. */
		{ "kdump-lite-prune.service.in", "=CAP_DAC_OVERRIDE\n" },
		{ "kdump-lite-prune.service.in", "\nReadWritePaths=-/boot -/efi\n" },
		/* A gentler command line counts at once. */
		{ "kdump-lite.service.in", "\nAfter=kdump-lite-reload.path\n" },
		{ "kdump-lite-reload.path", "\nPathChanged=/var/lib/kdump-lite/gentler\n" },
		/* Swap waits for /tmp, and that is waited for by local-fs.target. */
		{ "kdump-lite-swap.service.in", "\nBefore=swap.target kdump-lite.service\n" },
		{ "kdump-lite-swap.service.in", "\nRemainAfterExit=yes\n" },
		{ "swap.conf", "\nAfter=kdump-lite-swap.service\n" },
		/* At boot all devices are announced, and each event costs a process. */
		{ "98-kdump-lite.rules", "\nTEST!=\"/run/kdump-lite/armed.json\", GOTO=" },
		{ "98-kdump-lite.rules", " start kdump-lite-reload.timer\"\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_free_ char *text = read_unit(rows[i].unit);

		if (!strstr(text, rows[i].line))
			fail_msg("%s: lacks%s", rows[i].unit, rows[i].line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verbs_are_there),
		cmocka_unit_test(containers_are_left_alone),
		cmocka_unit_test(promises_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
