// SPDX-License-Identifier: GPL-2.0-or-later
/* capture-load.c - loads and unloads the capture kernel, see capture-load.h. */
#include "loader/image/capture-load.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <zlib.h>

#include "loader/image/current.h"
#include "loader/image/facts.h"
#include "loader/system/unwrap.h"
#include "segments/either.h"
#include "system/file.h"
#include "system/tree.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"

/* The image to load waits under this name until it is the loaded one. */
#define NEXT_IMAGE ARMED_IMAGE ".next"

/* A load under way. */
struct attempt {
	const struct capture_load_request *req;
	int directory_fd;
	int lock_fd;
	bool was_armed;
	struct armed before; /* if was_armed */
	struct prepared now;
	uint32_t digest; /* of what is loaded, see either.h */
};

static void attempt_done(struct attempt *a)
{
	armed_done(&a->before);
	prepared_done(&a->now);
	base_closep(&a->lock_fd);
	base_closep(&a->directory_fd);
}

static uint64_t changed(const struct stat *st)
{
	return (uint64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

/* True when what is loaded now is all the same. */
static bool is_same(const struct attempt *a)
{
	_cleanup_(strv_freep) char **differences = NULL;

	return a->was_armed &&
	       current_compare(a->req->prepare.root_fd, &a->now, &differences) == 0 &&
	       current_compare_tables(&a->req->prepare, &a->before, &differences) == 0 &&
	       !differences;
}

static int hand_over(const struct attempt *a, int kernel_fd, int image_fd, const char *kernel,
                     const char *cmdline, uint32_t *ret_digest)
{
	const struct either_request req = {
		.root_fd = a->req->prepare.root_fd,
		.machine = a->req->prepare.uts->machine,
		.unwrap = kernel_unwrap,
		.place = KEXEC_CAPTURE,
		.kernel_fd = kernel_fd,
		.image_fd = image_fd,
		.cmdline = cmdline,
		.what = kernel,
		.files = a->req->kexec,
		.pieces = a->req->pieces,
	};

	return either_load(&req, ret_digest);
}

static int describe(const struct attempt *a, double load_seconds, struct armed *ret)
{
	const struct prepared *p = &a->now;
	char none[] = "";
	struct stat st;

	if (fstat(p->kernel.fd, &st) < 0)
		return errf(-errno, "%s: %s", p->kernel.path, strerror(errno));
	return armed_copy(
		&(struct armed){
			.kernel = p->kernel.path,
			.kernel_release = p->kernel.release,
			.kernel_size = st.st_size,
			.kernel_changed = changed(&st),
			.command_line = p->cmdline,
			.left_out = p->left_out,
			.cpus = p->cpus,
			.cpus_why = (char *)p->cpus_why,
			.image_size = p->image.len,
			.image_unpacked = p->image.unpacked,
			.image_crc32 = crc32(0, p->image.data, p->image.len),
			.digest = a->digest,
			.reservation = p->crashmem.size,
			.path = p->target.path,
			.device = p->target.node ?: none,
			.device_spec = p->target.spec ?: none,
			.obstacle = p->target.obstacle ?: none,
			.fstype = p->target.fstype,
			.places = p->places,
			.reserve = p->reserve.size,
			.reserve_why = p->reserve_why,
			.hooks = p->hooks.names,
			.refused = p->hooks.refused,
			.back_kernel = p->plan.back_kernel,
			.back_obstacle = p->plan.back_obstacle,
			.back_lacks = p->back_lacks,
			.since = time(NULL),
			.build_seconds = p->seconds,
			.load_seconds = load_seconds,
		},
		ret);
}

static int open_image(const struct attempt *a, const char *name)
{
	int fd = openat(a->directory_fd, name, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? errf(-errno, "%s/%s: %s", ARMED_DIRECTORY, name, strerror(errno)) : fd;
}

/* Loads again what a->before tells of. */
static int put_back(const struct attempt *a)
{
	const struct armed *b = &a->before;
	_cleanup_close_ int kernel_fd = -1, image_fd = -1;
	uint32_t digest;
	struct stat st;

	kernel_fd = tree_open(a->req->prepare.root_fd, b->kernel, O_RDONLY);
	if (kernel_fd < 0)
		return kernel_fd;
	if (fstat(kernel_fd, &st) < 0 || (uint64_t)st.st_size != b->kernel_size ||
	    changed(&st) != b->kernel_changed)
		return errf(-ESTALE, "%s has changed since", b->kernel);
	image_fd = open_image(a, ARMED_IMAGE);
	if (image_fd < 0)
		return image_fd;
	if (!current_has_image(a->req->prepare.root_fd, b))
		return errf(-ESTALE,
		            ARMED_DIRECTORY "/" ARMED_IMAGE " is not the image that was loaded");
	return hand_over(a, kernel_fd, image_fd, b->kernel, b->command_line, &digest);
}

/* After the system call failed with @error: restores what was there, and tells how that went. */
static int recover(const struct attempt *a, int error)
{
	_cleanup_free_ char *text = strdup(err_text(error)), *also = NULL;
	struct crashmem mem;
	int r;

	if (!text)
		return error;
	if (crashmem_read(a->req->prepare.root_fd, &mem) == 0 && mem.loaded)
		return errf(error, "%s; the one loaded before is still armed", text);
	if (!a->was_armed)
		return errf(error, "%s", text);
	r = put_back(a);
	if (r >= 0)
		return errf(error, "%s; the one loaded before is armed again", text);
	(void)unlinkat(a->directory_fd, ARMED_RECORD, 0);
	also = strdup(err_text(r));
	return errf(error,
	            "%s; not armed any more, since the one loaded before cannot be put back: %s",
	            text, also ? also : "");
}

/* Hands the image to the kernel from a file that is still called NEXT_IMAGE afterwards. */
static int load_image(struct attempt *a, double *ret_seconds)
{
	const struct prepared *p = &a->now;
	_cleanup_close_ int image_fd = -1;
	double start;
	struct crashmem mem;
	int r = file_replace(a->directory_fd, NEXT_IMAGE, p->image.data, p->image.len, 0600);

	if (r < 0)
		return errf(r, ARMED_DIRECTORY "/" NEXT_IMAGE ": %s", strerror(-r));
	image_fd = open_image(a, NEXT_IMAGE);
	if (image_fd < 0)
		return image_fd;
	start = clock_seconds();
	r = hand_over(a, p->kernel.fd, image_fd, p->kernel.path, p->cmdline, &a->digest);
	if (r < 0)
		return recover(a, r);
	*ret_seconds = clock_seconds() - start;
	r = crashmem_read(a->req->prepare.root_fd, &mem);
	if (r < 0)
		return r;
	if (!mem.loaded)
		return errf(-EIO,
		            "the kernel took the capture kernel, but does not show it as loaded");
	return 0;
}

/* While it loads, the kernel does not add memory that is plugged in to its list ("crash hp:
 * kexec_trylock() failed", kernel/crash_core.c, 6.12). Then it is to load once more. */
static int load_with_all_memory(struct attempt *a, double *ret_seconds)
{
	int root_fd = a->req->prepare.root_fd, r;

	for (unsigned left = 3; left > 0; left--) {
		_cleanup_free_ char *before = NULL, *after = NULL;

		if ((r = facts_memory(root_fd, &before)) < 0 ||
		    (r = load_image(a, ret_seconds)) < 0 || (r = facts_memory(root_fd, &after)) < 0)
			return r;
		if (streq(before, after))
			break;
	}
	return 0;
}

static int write_facts(const struct attempt *a)
{
	const char *facts = a->now.facts;
	int r = file_replace(a->directory_fd, ARMED_FACTS, facts, strlen(facts), 0600);

	return r < 0 ? errf(r, ARMED_DIRECTORY "/" ARMED_FACTS ": %s", strerror(-r)) : 0;
}

static int start(struct attempt *a)
{
	int root_fd = a->req->prepare.root_fd, r;

	a->directory_fd = record_open(root_fd);
	if (a->directory_fd < 0)
		return a->directory_fd;
	a->lock_fd = record_lock(a->directory_fd);
	if (a->lock_fd < 0)
		return a->lock_fd;
	r = armed_check(root_fd, &a->before, NULL);
	a->was_armed = r == 0;
	return r == -ENOENT || r == -ESTALE ? 0 : r;
}

/* What saves dumps is not given up for what cannot: Path= may be a mistake. */
static int keep_better(const struct attempt *a)
{
	if (!a->now.target.obstacle || !a->was_armed || !armed_has_target(&a->before))
		return 0;
	return errf(-EOPNOTSUPP,
	            "%s; set Path= to a directory of a file system on a plain disk or partition; "
	            "what saves to %s is still armed, until \"kdump-lite unload\"",
	            a->now.target.obstacle, a->before.path);
}

int capture_load(const struct capture_load_request *req, struct armed *ret)
{
	_cleanup_(attempt_done) struct attempt a = {
		.req = req, .directory_fd = -1, .lock_fd = -1, .now = PREPARED_NULL
	};
	_cleanup_(armed_done) struct armed record = {};
	double load_seconds = 0;
	int r;

	if ((r = start(&a)) < 0 || (r = prepare(&req->prepare, &a.now)) < 0 ||
	    (r = keep_better(&a)) < 0)
		return r;
	if (!req->always && is_same(&a)) {
		*ret = TAKE_STRUCT(a.before);
		return 1;
	}
	r = load_with_all_memory(&a, &load_seconds);
	if (r < 0) {
		(void)unlinkat(a.directory_fd, NEXT_IMAGE, 0);
		return r;
	}
	r = describe(&a, load_seconds, &record);
	if (r < 0)
		return r;
	/* The new image and record become those of what is loaded. */
	if (renameat(a.directory_fd, NEXT_IMAGE, a.directory_fd, ARMED_IMAGE) < 0)
		return errf(-errno, ARMED_DIRECTORY "/" ARMED_IMAGE ": %s", strerror(errno));
	if ((r = write_facts(&a)) < 0 || (r = armed_write(a.directory_fd, &record)) < 0)
		return r;
	*ret = TAKE_STRUCT(record);
	return 0;
}

int capture_unload(int root_fd, kexec_fn kexec)
{
	_cleanup_close_ int directory_fd = record_open(root_fd), lock_fd = -1;
	struct crashmem mem;
	int r;

	if (directory_fd < 0)
		return directory_fd;
	lock_fd = record_lock(directory_fd);
	if (lock_fd < 0)
		return lock_fd;
	r = crashmem_read(root_fd, &mem);
	if (r == -EOPNOTSUPP)
		return 1;
	if (r < 0)
		return r;
	r = mem.loaded ? kexec_unload_crash(root_fd, kexec) : 0;
	if (r < 0)
		return r;
	(void)unlinkat(directory_fd, ARMED_RECORD, 0);
	(void)unlinkat(directory_fd, ARMED_FACTS, 0);
	(void)unlinkat(directory_fd, ARMED_IMAGE, 0);
	return mem.loaded ? 0 : 1;
}
