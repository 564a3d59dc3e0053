// SPDX-License-Identifier: GPL-2.0-or-later
/* armed.c - the record of what is loaded, see armed.h. */
#include "loader/system/armed.h"

#include <errno.h>

#include "base/err.h"

static const struct record_field fields[] = {
	{ "kernel", RECORD_TEXT, offsetof(struct armed, kernel) },
	{ "kernel_release", RECORD_TEXT, offsetof(struct armed, kernel_release) },
	{ "kernel_size", RECORD_NUMBER, offsetof(struct armed, kernel_size) },
	{ "kernel_changed", RECORD_NUMBER, offsetof(struct armed, kernel_changed) },
	{ "command_line", RECORD_TEXT, offsetof(struct armed, command_line) },
	{ "cpus", RECORD_NUMBER, offsetof(struct armed, cpus) },
	{ "cpus_why", RECORD_TEXT, offsetof(struct armed, cpus_why) },
	{ "image_size", RECORD_NUMBER, offsetof(struct armed, image_size) },
	{ "image_unpacked", RECORD_NUMBER, offsetof(struct armed, image_unpacked) },
	{ "reservation", RECORD_NUMBER, offsetof(struct armed, reservation) },
	{ "target", RECORD_TEXT, offsetof(struct armed, path) },
	{ "device", RECORD_TEXT, offsetof(struct armed, device) },
	{ "device_spec", RECORD_TEXT, offsetof(struct armed, device_spec) },
	{ "file_system", RECORD_TEXT, offsetof(struct armed, fstype) },
	{ "back_kernel", RECORD_TEXT, offsetof(struct armed, back_kernel) },
	{ "back_obstacle", RECORD_TEXT, offsetof(struct armed, back_obstacle) },
	{ "since", RECORD_NUMBER, offsetof(struct armed, since) },
	{ "build_seconds", RECORD_REAL, offsetof(struct armed, build_seconds) },
	{ "load_seconds", RECORD_REAL, offsetof(struct armed, load_seconds) },
};

void armed_done(struct armed *a)
{
	record_done(fields, ARRAY_SIZE(fields), a);
}

json_t *armed_to_json(const struct armed *a)
{
	return record_to_json(fields, ARRAY_SIZE(fields), a);
}

int armed_write(int directory_fd, const struct armed *a)
{
	return record_write(fields, ARRAY_SIZE(fields), directory_fd, ARMED_RECORD, a);
}

int armed_read(int root_fd, struct armed *ret)
{
	struct armed a = {};
	int r;

	r = record_read(fields, ARRAY_SIZE(fields), root_fd, ARMED_RECORD, &a);
	if (r == 0)
		*ret = a;
	return r;
}

int armed_check(int root_fd, struct armed *ret, struct crashmem *ret_mem)
{
	_cleanup_(armed_done) struct armed a = {};
	struct crashmem mem;
	int r;

	r = crashmem_read(root_fd, &mem);
	if (r < 0)
		return r;
	if (ret_mem)
		*ret_mem = mem;
	r = armed_read(root_fd, &a);
	if (r < 0 && r != -ENOENT && r != -EBADMSG)
		return r;
	if (!mem.loaded && r == 0)
		return errf(-ESTALE,
		            "the capture kernel that kdump-lite loaded was unloaded by another "
		            "program; run \"kdump-lite load\"");
	if (!mem.loaded) {
		r = crashmem_require(&mem);
		return r < 0 ? r
		             : errf(-ENOENT,
		                    "no capture kernel is loaded; run \"kdump-lite load\"");
	}
	if (r < 0)
		return errf(-EEXIST,
		            "a capture kernel is loaded, but not by kdump-lite; stop the service "
		            "that did it, or run \"kdump-lite unload\"");
	*ret = a;
	a = (struct armed){};
	return 0;
}
