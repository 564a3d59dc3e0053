// SPDX-License-Identifier: GPL-2.0-or-later
/* current.c - compares what is armed with what a load would do now, see current.h. */
#include "loader/image/current.h"

#include <errno.h>
#include <fcntl.h>
#include <zlib.h>

#include "loader/image/facts.h"
#include "loader/system/unwrap.h"
#include "segments/either.h"
#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

static int compare_image(int root_fd, const struct initramfs *now, char ***list)
{
	_cleanup_free_ char *image = NULL;
	size_t len;

	if (tree_read(root_fd, ARMED_DIRECTORY "/" ARMED_IMAGE, MIB(512), &image, &len) == 0 &&
	    len == now->len && memcmp(image, now->data, len) == 0)
		return 0;
	return strv_push(list, "the capture image has changed");
}

/* Newer kernels keep their list of memory and CPUs up to date themselves
 * (Documentation/ABI/testing/sysfs-devices-memory, 6.6). They tell so only while one is loaded that
 * lets them (crash_check_hotplug_support() in kernel/crash_core.c, 6.12). */
static int list_ignored(int root_fd, char ***ret)
{
	static const char *const lists[][2] = {
		{ "/sys/devices/system/memory/crash_hotplug", "memory" },
		{ "/sys/devices/system/cpu/crash_hotplug", "cpus present" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		uint64_t itself;

		if (tree_read_u64(root_fd, lists[i][0], &itself) == 0 && itself &&
		    strv_push(ret, lists[i][1]) < 0)
			return oom("a list of facts");
	}
	return 0;
}

int current_compare(int root_fd, const struct prepared *now, char ***list)
{
	_cleanup_(strv_freep) char **ignored = NULL;
	_cleanup_free_ char *facts = NULL;
	int r = tree_read(root_fd, ARMED_DIRECTORY "/" ARMED_FACTS, MIB(16), &facts, NULL);

	if (r == -ENOENT)
		return strv_push(list, "another version of kdump-lite has armed");
	if (r < 0 || (r = list_ignored(root_fd, &ignored)) < 0 ||
	    (r = facts_compare(facts, now->facts, ignored, list)) < 0)
		return r;
	return now->image.data && !*list ? compare_image(root_fd, &now->image, list) : 0;
}

bool current_has_image(int root_fd, const struct armed *armed)
{
	_cleanup_free_ char *image = NULL;
	size_t len;

	return tree_read(root_fd, ARMED_DIRECTORY "/" ARMED_IMAGE, MIB(512), &image, &len) == 0 &&
	       crc32(0, (const Bytef *)image, len) == armed->image_crc32;
}

int current_compare_tables(const struct prepare_request *req, const struct armed *armed,
                           char ***list)
{
	_cleanup_close_ int kernel_fd = -1, image_fd = -1;
	struct either_request either = {
		.root_fd = req->root_fd,
		.machine = req->uts->machine,
		.unwrap = kernel_unwrap,
		.place = KEXEC_CAPTURE,
		.cmdline = armed->command_line,
		.what = armed->kernel,
	};
	uint32_t digest;
	int r;

	if (!armed->digest || *list)
		return 0;
	either.kernel_fd = kernel_fd = tree_open(req->root_fd, armed->kernel, O_RDONLY);
	either.image_fd = image_fd =
		tree_open(req->root_fd, ARMED_DIRECTORY "/" ARMED_IMAGE, O_RDONLY);
	if ((r = kernel_fd) < 0 || (r = image_fd) < 0 || (r = either_digest(&either, &digest)) < 0)
		return r;
	return digest == armed->digest
	               ? 0
	               : strv_push(list,
	                           "the tables of the capture kernel, as where memory is and where "
	                           "CPUs leave their registers, would now be others");
}

int current_look(const struct prepare_request *req, const struct armed *armed, char ***list)
{
	_cleanup_(prepared_done) struct prepared now = PREPARED_NULL;
	struct prepare_request only_decide = *req;
	int r;

	only_decide.like = armed;
	r = prepare(&only_decide, &now);
	if (r < 0 || (r = current_compare(req->root_fd, &now, list)) < 0)
		return r;
	if (!current_has_image(req->root_fd, armed))
		return strv_push(list, ARMED_DIRECTORY "/" ARMED_IMAGE
		                                       " is not the image that was loaded");
	return current_compare_tables(req, armed, list);
}
