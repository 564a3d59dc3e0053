// SPDX-License-Identifier: GPL-2.0-or-later
/* plan.c - the plan as text, see plan.h. */
#include "config/plan.h"

#include <assert.h>
#include <errno.h>

#include "base/err.h"

static_assert(offsetof(struct plan, capture) == 0 && offsetof(struct settings, capture) == 0,
              "rows of the settings of the capture fit both");

const char *const plan_hook_kinds[] = { "pre", "post", "failed", NULL };

static const struct field rows[] = {
	{ "KernelRelease", TEXT_AT(struct plan, kernel_release) },
	{ "Device", TEXT_AT(struct plan, device) },
	{ "DeviceFacts", WORDS_AT(struct plan, device_facts) },
	{ "FileSystem", TEXT_AT(struct plan, fstype) },
	{ "MountOptions", TEXT_AT(struct plan, mount_options) },
	{ "Obstacle", TEXT_AT(struct plan, obstacle) },
	{ "Directory", TEXT_AT(struct plan, directory) },
	{ "ReserveID", TEXT_AT(struct plan, reserve_id) },
	{ "Reserve", WORDS_AT(struct plan, reserve) },
	{ "ReserveDevice", TEXT_AT(struct plan, reserve_device) },
	{ "ReserveFacts", WORDS_AT(struct plan, reserve_facts) },
	{ "Swap", WORDS_AT(struct plan, swap) },
	{ "SwapID", TEXT_AT(struct plan, swap_id) },
	{ "Partition", WORDS_AT(struct plan, partition) },
	{ "PartitionID", TEXT_AT(struct plan, partition_id) },
	{ "Modules", WORDS_AT(struct plan, modules) },
	{ "Hooks", WORDS_AT(struct plan, hooks) },
	{ "ModuleOptions", TEXT_AT(struct plan, module_options) },
	{ "BackObstacle", TEXT_AT(struct plan, back_obstacle) },
	{ "BackDevice", TEXT_AT(struct plan, back_device) },
	{ "BackDeviceFacts", WORDS_AT(struct plan, back_device_facts) },
	{ "BackFileSystem", TEXT_AT(struct plan, back_fstype) },
	{ "BackMountOptions", TEXT_AT(struct plan, back_mount_options) },
	{ "BackKernel", TEXT_AT(struct plan, back_kernel) },
	{ "BackInitrds", WORDS_AT(struct plan, back_initrds) },
	{ "BackCommandLine", TEXT_AT(struct plan, back_cmdline) },
	{ "BackParkedCPU", TEXT_AT(struct plan, back_parked) },
	{ "BackFewerCPUs", TEXT_AT(struct plan, back_fewer) },
	{ "BackMemory", WORDS_AT(struct plan, back_memory) },
	{ "BackNeed", NUMBER_AT(struct plan, back_need) },
	{ "BackCommandLineLimit", NUMBER_AT(struct plan, back_limit) },
	{ "CPUs", NUMBER_AT(struct plan, cpus) },
	{ "BootAPICID", NUMBER_AT(struct plan, boot_apicid) },
};

const struct field *plan_row(size_t i)
{
	if (i < ARRAY_SIZE(rows))
		return &rows[i];
	i -= ARRAY_SIZE(rows);
	for (size_t k = 0; k < settings_n_rows; k++)
		if (settings_row_is_of_capture(&settings_rows[k]) && i-- == 0)
			return &settings_rows[k];
	return NULL;
}

void plan_done(struct plan *p)
{
	const struct field *row;

	for (size_t i = 0; (row = plan_row(i)); i++)
		field_done(row, p);
}

int plan_init(struct plan *p)
{
	const struct field *row;
	int r;

	*p = (struct plan){};
	for (size_t i = 0; (row = plan_row(i)); i++) {
		r = field_init(row, p);
		if (r < 0) {
			plan_done(p);
			return err_prefix(r, "plan");
		}
	}
	return 0;
}

int plan_print(const struct plan *p, FILE *f)
{
	const struct field *row;
	int r;

	for (size_t i = 0; (row = plan_row(i)); i++) {
		fprintf(f, "%s=", row->key);
		r = field_print(row, p, f);
		if (r < 0)
			return err_prefix(r, "plan");
		fputc('\n', f);
	}
	return 0;
}

static const struct field *find(const char *key, size_t *ret_i)
{
	const struct field *row;

	for (size_t i = 0; (row = plan_row(i)); i++)
		if (streq(row->key, key)) {
			*ret_i = i;
			return row;
		}
	return NULL;
}

/* The least values of settings guard against mistakes, and are no limits of the capture. */
static int set(const struct field *row, struct plan *p, const char *value)
{
	struct field free_below = *row;

	free_below.min = 0;
	return field_set(&free_below, p, value);
}

int plan_set(struct plan *p, const char *key, const char *value)
{
	size_t i;
	const struct field *row = find(key, &i);

	return row ? set(row, p, value) : errf(-EINVAL, "%s=: the plan has no such key", key);
}

/* Parses one line, which is modified. Adds the bit of the row to @seen. */
static int parse_line(char *s, unsigned line, struct plan *p, uint64_t *seen)
{
	char *equals = strchr(s, '=');
	const struct field *row;
	size_t i;
	int r;

	if (!equals)
		return errf(-EINVAL, "plan:%u: \"%s\" has not the form Key=value", line, s);
	*equals = '\0';
	row = find(s, &i);
	if (!row)
		return errf(
			-EINVAL,
			"plan:%u: %s=: not known; image and capture program are not of one build",
			line, s);
	*seen |= UINT64_C(1) << i;
	r = set(row, p, equals + 1);
	return r < 0 ? err_prefix(r, "plan:%u: %s=%s", line, s, equals + 1) : 0;
}

int plan_parse(const char *text, size_t len, struct plan *ret)
{
	_cleanup_(plan_done) struct plan p = {};
	_cleanup_free_ char *copy = strndup(text, len);
	const struct field *row;
	unsigned line = 0;
	uint64_t seen = 0;
	int r;

	if (!copy)
		return oom("the plan");
	if (strlen(copy) != len)
		return errf(-EINVAL, "plan: holds a NUL byte");
	if (len == 0 || text[len - 1] != '\n')
		return errf(-EINVAL, "plan: does not end in a line feed, it is cut off");
	r = plan_init(&p);
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
	for (size_t i = 0; (row = plan_row(i)); i++)
		if (!(seen >> i & 1))
			return errf(-EINVAL, "plan: %s= is missing, it is cut off", row->key);
	*ret = TAKE_STRUCT(p);
	return 0;
}
