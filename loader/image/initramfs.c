// SPDX-License-Identifier: GPL-2.0-or-later
/* initramfs.c - builds the capture image, see initramfs.h. */
#include "loader/image/initramfs.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <zlib.h>
#include <zstd.h>

#include "loader/image/closure.h"
#include "loader/image/cpio.h"
#include "loader/image/ldcache.h"
#include "loader/system/kernel.h"
#include "loader/system/module-labels.h"
#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

#define FILE_MAX_SIZE MIB(256)

/* Of 2.2 MB, level 3 leaves 1.55 in 0.03 s, 9 leaves 1.41 in 0.15 s, 19 leaves 1.28 in 2.7 s: the
 * image is small enough, so time counts. */
#define ZSTD_LEVEL 3

void initramfs_done(struct initramfs *i)
{
	free(i->data);
	*i = (struct initramfs){};
}

int initramfs_module_name(size_t i, const char *module, char **ret)
{
	return asprintf(ret, "%03zu-%s.ko", i, module) < 0 ? oom("a name") : 0;
}

static int add_skeleton(struct cpio *c)
{
	static const char *const directories[] = { "dev", "proc", "sys", "mnt", "tmp" };
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
		if ((r = cpio_add_dir(c, directories[i], 0755)) < 0)
			return r;
	/* The kernel opens it for init before anything can be mounted on /dev. */
	return cpio_add_device(c, "dev/console", S_IFCHR | 0600, 5, 1);
}

/* Adds the directories above @path that are not in @added, which has what the archive has. */
static int add_parents(struct cpio *c, const char *path, char ***added)
{
	char part[PATH_MAX];
	int r;

	for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
		if (strv_contains(*added, part))
			continue;
		r = cpio_add_dir(c, part, 0755);
		if (r < 0)
			return r;
		if (strv_push(added, part) < 0)
			return oom("a list of directories");
	}
	return 0;
}

static int add_copy(struct cpio *c, int root_fd, const char *from, const char *to, mode_t mode)
{
	_cleanup_free_ char *data = NULL;
	size_t len;
	int r = tree_read(root_fd, from, FILE_MAX_SIZE, &data, &len);

	return r < 0 ? r : cpio_add_file(c, to, mode, data, len);
}

/* Adds files under their own names, but for those that are in @added. */
static int add_files(struct cpio *c, int root_fd, char *const *paths, char ***added)
{
	for (char *const *path = paths; path && *path; path++) {
		int r;

		if (strv_contains(*added, *path))
			continue;
		if ((r = add_parents(c, *path, added)) < 0 ||
		    (r = add_copy(c, root_fd, *path, *path, 0755)) < 0)
			return r;
		if (strv_push(added, *path) < 0)
			return oom("a list of files");
	}
	return 0;
}

static int add_program(struct cpio *c, int root_fd, const char *program, char ***added)
{
	_cleanup_(closure_done) struct closure closure = {};
	int r = closure_add(root_fd, program, &closure);

	if (r < 0)
		return r;
	if (closure.needs_cache && strv_push(&closure.files, LDCACHE_FILE) < 0)
		return oom("a list of files");
	r = add_copy(c, root_fd, program, "init", 0755);
	return r < 0 ? r : add_files(c, root_fd, closure.files, added);
}

static int add_hooks(struct cpio *c, int root_fd, const struct hooks *hooks, char ***added)
{
	for (size_t i = 0; hooks && hooks->names && hooks->names[i]; i++) {
		char path[PATH_MAX];
		int r;

		snprintf(path, sizeof(path), PLAN_HOOK_DIR "/%s", hooks->names[i]);
		if ((r = add_parents(c, path, added)) < 0 ||
		    (r = add_copy(c, root_fd, hooks->paths[i], path, 0755)) < 0)
			return r;
	}
	return hooks ? add_files(c, root_fd, hooks->files, added) : 0;
}

static int add_plan(struct cpio *c, const struct plan *plan)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	int r;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return oom("the plan");
	r = plan_print(plan, f);
	if (fclose(f) != 0)
		return oom("the plan");
	if (r < 0)
		return r;
	return cpio_add_file(c, PLAN_FILE, 0600, text, len);
}

static int add_modules(struct cpio *c, const struct initramfs_request *req)
{
	int r = cpio_add_dir(c, PLAN_MODULE_DIR, 0755);

	if (r < 0)
		return r;
	for (size_t i = 0; req->modules->names && req->modules->names[i]; i++) {
		_cleanup_free_ char *name = NULL;
		_cleanup_free_ void *data = NULL;
		char path[PATH_MAX];
		size_t len;

		if ((r = initramfs_module_name(i, req->modules->names[i], &name)) < 0 ||
		    (r = modules_read(req->root_fd, req->modules->paths[i], &data, &len)) < 0)
			return r;
		if (req->drop_labels)
			len = module_drop_labels(data, len);
		snprintf(path, sizeof(path), PLAN_MODULE_DIR "/%s", name);
		r = cpio_add_file(c, path, 0600, data, len);
		if (r < 0)
			return r;
	}
	return 0;
}

static int pack_zstd(const void *data, size_t len, void **ret, size_t *ret_len)
{
	size_t size = ZSTD_compressBound(len);
	_cleanup_free_ void *out = malloc(size);

	if (!out)
		return oom("the capture image");
	size = ZSTD_compress(out, size, data, len, ZSTD_LEVEL);
	if (ZSTD_isError(size))
		return errf(-EIO, "the capture image cannot be packed: %s",
		            ZSTD_getErrorName(size));
	*ret = TAKE_PTR(out);
	*ret_len = size;
	return 0;
}

static int pack_gzip(const void *data, size_t len, void **ret, size_t *ret_len)
{
	z_stream z = { .next_in = (void *)data, .avail_in = len };
	_cleanup_free_ void *out = NULL;
	size_t size;
	int z_ret;

	if (deflateInit2(&z, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return oom("the capture image");
	size = deflateBound(&z, len);
	out = malloc(size);
	z.next_out = out;
	z.avail_out = size;
	z_ret = out ? deflate(&z, Z_FINISH) : Z_MEM_ERROR;
	size -= z.avail_out;
	deflateEnd(&z);
	if (z_ret != Z_STREAM_END)
		return oom("the capture image");
	*ret = TAKE_PTR(out);
	*ret_len = size;
	return 0;
}

/* Best first. Without any of them the image stays unpacked, which every kernel takes. */
static const struct {
	const char *option; /* of the kernel that has to unpack it */
	int (*pack)(const void *data, size_t len, void **ret, size_t *ret_len);
} packers[] = {
	{ "CONFIG_RD_ZSTD", pack_zstd },
	{ "CONFIG_RD_GZIP", pack_gzip },
};

static int pack(const struct initramfs_request *req, struct cpio *c, struct initramfs *ret)
{
	ret->unpacked = c->unpacked;
	for (size_t i = 0; i < ARRAY_SIZE(packers); i++)
		if (kernel_has_option(req->root_fd, req->release, packers[i].option))
			return packers[i].pack(c->data, c->len, &ret->data, &ret->len);
	ret->len = c->len;
	ret->data = TAKE_PTR(c->data);
	return 0;
}

int initramfs_build(const struct initramfs_request *req, struct initramfs *ret)
{
	_cleanup_(cpio_done) struct cpio c = {};
	_cleanup_(strv_freep) char **added = NULL;
	int r;

	if ((r = add_skeleton(&c)) < 0 ||
	    (r = add_program(&c, req->root_fd, req->program, &added)) < 0 ||
	    (r = add_plan(&c, req->plan)) < 0 || (r = add_modules(&c, req)) < 0 ||
	    (r = add_hooks(&c, req->root_fd, req->hooks, &added)) < 0 || (r = cpio_finish(&c)) < 0)
		return r;
	return pack(req, &c, ret);
}
