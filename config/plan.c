// SPDX-License-Identifier: GPL-2.0-or-later
/* plan.c - the plan as text, see plan.h. */
#include "config/plan.h"

#include <errno.h>

#include "config/settings.h"
#include "base/err.h"

void plan_done(struct plan *p)
{
	table_done(plan_rows, plan_n_rows, p);
}

int plan_print(const struct plan *p, FILE *f)
{
	int r;

	for (size_t i = 0; i < plan_n_rows; i++) {
		fprintf(f, "%s=", plan_rows[i].key);
		r = table_print(&plan_rows[i], p, f);
		if (r < 0)
			return err_prefix(r, "plan");
		fputc('\n', f);
	}
	return 0;
}

/* One line, NUL-terminated; is modified. Adds the row's bit to @seen. */
static int parse_line(char *s, unsigned line, struct plan *p, uint64_t *seen)
{
	char *equals = strchr(s, '=');
	const struct table_row *row;
	int r;

	if (!equals)
		return errf(-EINVAL, "plan:%u: \"%s\" has not the form Key=value", line, s);
	*equals = '\0';
	row = table_find(plan_rows, plan_n_rows, NULL, s);
	if (!row)
		return errf(
			-EINVAL,
			"plan:%u: %s=: not known; image and capture program are not of one build",
			line, s);
	*seen |= UINT64_C(1) << (row - plan_rows);
	r = table_set(row, p, equals + 1);
	return r < 0 ? err_prefix(r, "plan:%u: %s=%s", line, s, equals + 1) : 0;
}

int plan_parse(const char *text, size_t len, struct plan *ret)
{
	_cleanup_(plan_done) struct plan p = {};
	_cleanup_free_ char *copy = strndup(text, len);
	unsigned line = 0;
	uint64_t seen = 0;
	int r;

	if (!copy)
		return errf(-ENOMEM, "plan: no memory");
	if (strlen(copy) != len)
		return errf(-EINVAL, "plan: holds a NUL byte");
	if (len == 0 || text[len - 1] != '\n')
		return errf(-EINVAL, "plan: does not end in a line feed, it is cut off");
	r = table_init(plan_rows, plan_n_rows, &p);
	if (r < 0)
		return r;
	for (char *s = copy, *next; *s; s = next) {
		next = s + strcspn(s, "\n");
		if (*next)
			*next++ = '\0';
		r = parse_line(s, ++line, &p, &seen);
		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < plan_n_rows; i++)
		if (!(seen >> i & 1))
			return errf(-EINVAL, "plan: %s= is missing, it is cut off",
			            plan_rows[i].key);
	*ret = p;
	p = (struct plan){};
	return 0;
}

#define FIELD(name) offsetof(struct plan, name)

/* Limits are those of the settings, which have been checked against them. */
const struct table_row plan_rows[] = {
	{ "", "KernelRelease", TABLE_TEXT, FIELD(kernel_release), "" },
	{ "", "Device", TABLE_TEXT, FIELD(device), "" },
	{ "", "FileSystem", TABLE_TEXT, FIELD(fstype), "" },
	{ "", "MountOptions", TABLE_TEXT, FIELD(mount_options), "" },
	{ "", "Directory", TABLE_TEXT, FIELD(directory), "" },
	{ "", "Modules", TABLE_WORDS, FIELD(modules), "" },
	{ "", "Level", TABLE_NUMBER, FIELD(level), "31", .max = 31 },
	{ "", "Compress", TABLE_CUSTOM, FIELD(compress), "lzo", .check = settings_check_compress },
	{ "", "Threads", TABLE_NUMBER, FIELD(threads), "0", .max = UINT64_MAX },
	{ "", "DeviceTimeoutSec", TABLE_SECONDS, FIELD(device_timeout), "30s", .max = UINT64_MAX },
	{ "", "TimeoutSec", TABLE_SECONDS, FIELD(timeout), "30min", .max = UINT64_MAX },
	{ "", "FinalAction", TABLE_CHOICE, FIELD(final_action), "reboot",
	  .choices = settings_final_actions },
	{ "", "BackObstacle", TABLE_TEXT, FIELD(back_obstacle), "" },
	{ "", "BackDevice", TABLE_TEXT, FIELD(back_device), "" },
	{ "", "BackFileSystem", TABLE_TEXT, FIELD(back_fstype), "" },
	{ "", "BackMountOptions", TABLE_TEXT, FIELD(back_mount_options), "" },
	{ "", "BackKernel", TABLE_TEXT, FIELD(back_kernel), "" },
	{ "", "BackInitrds", TABLE_WORDS, FIELD(back_initrds), "" },
	{ "", "BackCommandLine", TABLE_TEXT, FIELD(back_cmdline), "" },
	{ "", "BackParkedCPU", TABLE_TEXT, FIELD(back_parked), "" },
	{ "", "BackFewerCPUs", TABLE_TEXT, FIELD(back_fewer), "" },
	{ "", "BackMemory", TABLE_WORDS, FIELD(back_memory), "" },
	{ "", "BackNeed", TABLE_NUMBER, FIELD(back_need), "0", .max = UINT64_MAX },
	{ "", "BackCommandLineLimit", TABLE_NUMBER, FIELD(back_limit), "0", .max = UINT64_MAX },
	{ "", "CPUs", TABLE_NUMBER, FIELD(cpus), "0", .max = UINT64_MAX },
	{ "", "BootAPICID", TABLE_NUMBER, FIELD(boot_apicid), "0", .max = UINT64_MAX },
	{ "", "CrashLoopBurst", TABLE_NUMBER, FIELD(loop_burst), "0", .max = UINT64_MAX },
	{ "", "CrashLoopIntervalSec", TABLE_SECONDS, FIELD(loop_interval), "0s",
	  .max = UINT64_MAX },
};

const size_t plan_n_rows = ARRAY_SIZE(plan_rows);
