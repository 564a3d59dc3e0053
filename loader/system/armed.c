// SPDX-License-Identifier: GPL-2.0-or-later
/* armed.c - the record of what is loaded, see armed.h. */
#include "loader/system/armed.h"

#include <errno.h>

#include "config/places.h"
#include "system/file.h"
#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

#define FAILED_LOAD "load-failed"

static const struct field rows[] = {
	{ "kernel", TEXT_AT(struct armed, kernel) },
	{ "kernel_release", TEXT_AT(struct armed, kernel_release) },
	{ "kernel_size", NUMBER_AT(struct armed, kernel_size) },
	{ "kernel_changed", NUMBER_AT(struct armed, kernel_changed) },
	{ "command_line", TEXT_AT(struct armed, command_line) },
	{ "left_out", TEXT_AT(struct armed, left_out) },
	{ "cpus", NUMBER_AT(struct armed, cpus) },
	{ "cpus_why", TEXT_AT(struct armed, cpus_why) },
	{ "image_size", NUMBER_AT(struct armed, image_size) },
	{ "image_unpacked", NUMBER_AT(struct armed, image_unpacked) },
	{ "image_crc32", NUMBER_AT(struct armed, image_crc32) },
	{ "digest", NUMBER_AT(struct armed, digest) },
	{ "reservation", NUMBER_AT(struct armed, reservation) },
	{ "target", TEXT_AT(struct armed, path) },
	{ "device", TEXT_AT(struct armed, device) },
	{ "device_spec", TEXT_AT(struct armed, device_spec) },
	{ "obstacle", TEXT_AT(struct armed, obstacle) },
	{ "file_system", TEXT_AT(struct armed, fstype) },
	{ "places", TEXT_AT(struct armed, places) },
	{ "reserve", NUMBER_AT(struct armed, reserve) },
	{ "reserve_why", TEXT_AT(struct armed, reserve_why) },
	{ "hooks", WORDS_AT(struct armed, hooks) },
	{ "hooks_refused", WORDS_AT(struct armed, refused) },
	{ "back_kernel", TEXT_AT(struct armed, back_kernel) },
	{ "back_obstacle", TEXT_AT(struct armed, back_obstacle) },
	{ "back_lacks", TEXT_AT(struct armed, back_lacks) },
	{ "since", NUMBER_AT(struct armed, since) },
	{ "build_seconds", REAL_AT(struct armed, build_seconds) },
	{ "load_seconds", REAL_AT(struct armed, load_seconds) },
};

void armed_done(struct armed *a)
{
	fields_done(rows, ARRAY_SIZE(rows), a);
}

static bool is_left(const struct armed *a, const char *place)
{
	/* An empty setting would stand for all places. */
	return *a->places && places_have(a->places, place);
}

int armed_what_is_left(const struct armed *a, char **ret, const char **ret_remedy)
{
	bool reserve = is_left(a, PLACE_RESERVE), swap = is_left(a, PLACE_SWAP);
	bool firmware = is_left(a, PLACE_FIRMWARE), console = is_left(a, PLACE_CONSOLE);
	char size[TEXT_SIZE_MAX];
	int r;

	*ret_remedy = "set Path= to a directory of a file system on a plain disk or partition";
	if (reserve) {
		*ret_remedy = "a larger Reserve= has room for the dump too";
		r = text_printf(ret,
		                "log, report and a small dump of a crash go into its reserve of %s",
		                text_from_size(a->reserve, size));
	} else if (swap) {
		r = text_printf(ret,
		                "log, report and dump of a crash go into a swap partition, and "
		                "the next boot fetches them");
	} else if (firmware || console) {
		r = text_printf(ret, "of a crash only the end of the log is kept, %s%s%s",
		                firmware ? "in variables of the firmware" : "",
		                firmware && console ? " and " : "",
		                console ? "on the console" : "");
	} else {
		r = text_printf(ret, "nothing is kept of a crash");
	}
	return r < 0 ? r : reserve || swap;
}

int armed_copy(const struct armed *from, struct armed *ret)
{
	return fields_copy(rows, ARRAY_SIZE(rows), from, ret);
}

json_t *armed_to_json(const struct armed *a)
{
	return record_to_json(rows, ARRAY_SIZE(rows), a);
}

int armed_write(int directory_fd, const struct armed *a)
{
	return record_write(rows, ARRAY_SIZE(rows), directory_fd, ARMED_RECORD, a);
}

int armed_read(int root_fd, struct armed *ret)
{
	struct armed a = {};
	int r = record_read(rows, ARRAY_SIZE(rows), root_fd, ARMED_RECORD, &a);

	if (r < 0)
		return r;
	*ret = a;
	return 0;
}

int armed_check(int root_fd, struct armed *ret, struct crashmem *ret_mem)
{
	_cleanup_(armed_done) struct armed a = {};
	struct crashmem mem;
	int r = crashmem_read(root_fd, &mem);

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
		r = crashmem_require(root_fd, &mem);
		return r < 0 ? r
		             : errf(-ENOENT,
		                    "no capture kernel is loaded; run \"kdump-lite load\"");
	}
	if (r < 0)
		return errf(-EEXIST,
		            "a capture kernel is loaded, but not by kdump-lite; stop the service "
		            "that did it, or run \"kdump-lite unload\"");
	*ret = TAKE_STRUCT(a);
	return 0;
}

int armed_note(int root_fd, int r)
{
	_cleanup_free_ char *text = r < 0 ? strdup(err_text(r)) : NULL;
	_cleanup_close_ int directory_fd = record_open(root_fd);

	if (directory_fd >= 0)
		(void)unlinkat(directory_fd, FAILED_LOAD, 0);
	if (directory_fd >= 0 && text)
		(void)file_replace(directory_fd, FAILED_LOAD, text, strlen(text), 0600);
	return text ? errf(r, "%s", text) : r;
}

int armed_remark(int root_fd, char **ret)
{
	_cleanup_free_ char *text = NULL;

	if (tree_read(root_fd, ARMED_DIRECTORY "/" FAILED_LOAD, MIB(1), &text, NULL) < 0)
		return text_replace(ret, "");
	return text_printf(ret, "%s: %s",
	                   tree_exists(root_fd, ARMED_DIRECTORY "/" ARMED_RECORD)
	                           ? "what is armed is older than the last load, which failed"
	                           : "not armed, since the load failed",
	                   text);
}
