// SPDX-License-Identifier: GPL-2.0-or-later
/* cpus.c - the processors of the running system, see cpus.h. */
#include "system/cpus.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

#define CPUS   "/sys/devices/system/cpu"
#define ONLINE CPUS "/online"

/* "0-3,8-11" */
static int count_list(const char *text, uint64_t *ret)
{
	uint64_t n = 0;

	while (*text) {
		char *end;
		unsigned long long first = strtoull(text, &end, 10), last = first;

		if (end == text)
			return -EBADMSG;
		if (*end == '-') {
			text = end + 1;
			last = strtoull(text, &end, 10);
		}
		if (end == text || last < first || (*end && *end != ','))
			return -EBADMSG;
		n += last - first + 1;
		text = end + (*end == ',');
	}
	*ret = n;
	return n > 0 ? 0 : -EBADMSG;
}

static uint64_t boot_apicid(int root_fd)
{
	_cleanup_free_ char *text = NULL;
	const char *field;

	if (tree_read(root_fd, "/proc/cpuinfo", MIB(64), &text, NULL) < 0)
		return 0;
	field = strstr(text, "initial apicid");
	field = field ? strchr(field, ':') : NULL;
	return field ? strtoull(field + 1, NULL, 10) : 0;
}

int cpus_read(int root_fd, uint64_t *ret_online, uint64_t *ret_boot_apicid)
{
	_cleanup_free_ char *line = NULL;
	int r = tree_read_line(root_fd, ONLINE, &line);

	if (r < 0)
		return r;
	if (count_list(line, ret_online) < 0)
		return errf(-EBADMSG, ONLINE ": holds \"%s\" instead of a list of CPUs", line);
	*ret_boot_apicid = boot_apicid(root_fd);
	return 0;
}

bool cpus_find_stuck(int root_fd, uint64_t *ret)
{
	_cleanup_(strv_freep) char **names = NULL;

	if (tree_list(root_fd, CPUS, &names) < 0)
		return false;
	for (char **name = names; name && *name; name++) {
		char path[PATH_MAX];

		if (strncmp(*name, "cpu", 3) != 0 || text_to_u64(*name + 3, 10, ret) < 0)
			continue;
		snprintf(path, sizeof(path), CPUS "/%s/online", *name);
		if (!tree_exists(root_fd, path))
			return true;
	}
	return false;
}
