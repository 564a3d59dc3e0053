// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * addon.c - finds the files that systemd-stub adds to an image, see addon.h.
 *
 * Rules and order are those of src/boot/stub.c, 257 to 262: load_all_addons(), load_addons() and
 * generate_sidecar_initrds(); loader/extensions is read since 258.
 */
#include "loader/boot/addon.h"

#include <errno.h>
#include <fcntl.h>
#include <strings.h>

#include "loader/boot/bootentry.h"
#include "loader/boot/bootimage.h"
#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

#define DIGITS "0123456789"

void addons_done(struct addons *a)
{
	strv_freep(&a->images);
	strv_freep(&a->left_out);
}

/* The directory where the partition of @image is mounted; NULL when it is on none for booting. */
static const char *find_partition(const char *image)
{
	const char *found = NULL;

	for (size_t i = 0; i < BOOT_DIRS; i++) {
		size_t len = strlen(boot_dirs[i]);

		if (strncmp(image, boot_dirs[i], len) == 0 && image[len] == '/' &&
		    (!found || strlen(found) < len))
			found = boot_dirs[i];
	}
	return found;
}

/* Removes the counter of tries, "+LEFT" or "+LEFT-DONE" (util.c, remove_boot_count()). */
static void remove_counter(char *path)
{
	char *plus = strchr(path, '+'), *end;

	if (!plus || !strspn(plus + 1, DIGITS))
		return;
	end = plus + 1 + strspn(plus + 1, DIGITS);
	if (*end == '-' && strspn(end + 1, DIGITS))
		end += 1 + strspn(end + 1, DIGITS);
	if (*end == '\0' || *end == '.')
		memmove(plus, end, strlen(end) + 1);
}

static bool has_suffix(const char *name, const char *suffix)
{
	size_t len = strlen(name), suffix_len = strlen(suffix);

	return len > suffix_len && strcasecmp(name + len - suffix_len, suffix) == 0;
}

/* True unless it is broken, has a kernel, or is for a kernel of another release. */
static bool fits(int root_fd, const char *path, const char *uname)
{
	static const char *const sections[] = { ".cmdline", ".initrd", ".ucode" };
	_cleanup_close_ int fd = tree_open(root_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	_cleanup_free_ char *own = NULL;
	uint64_t offset, size;

	if (fd < 0 || bootimage_is_unified(fd))
		return false;
	if (uname && bootimage_text(fd, path, 0, ".uname", &own) == 0 && *own &&
	    strncmp(uname, own, strlen(own)) != 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		if (bootimage_section(fd, path, 0, sections[i], &offset, &size) == 0)
			return true;
	return false;
}

/* Adds the files of a directory, by their names. @uname counts for add-ons. */
static int add_files(int root_fd, const char *dir, const char *suffix, const char *uname,
                     struct addons *a)
{
	_cleanup_(strv_freep) char **names = NULL;
	bool image = streq(suffix, ".addon.efi");
	int r = tree_list(root_fd, dir, &names);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char **name = names; name && *name; name++) {
		_cleanup_free_ char *path = NULL;

		if (!has_suffix(*name, suffix))
			continue;
		r = text_printf(&path, "%s/%s", dir, *name);
		if (r < 0)
			return r;
		if (image && !fits(root_fd, path, uname))
			continue;
		r = strv_push(image ? &a->images : &a->left_out, path);
		if (r < 0)
			return r;
	}
	return 0;
}

int addons_find(int root_fd, const char *image, const char *uname, struct addons *ret)
{
	static const struct {
		const char *shared; /* directory on the partition; NULL: that of the image */
		const char *suffix;
	} places[] = {
		{ "loader/addons", ".addon.efi" },
		{ NULL, ".addon.efi" },
		{ NULL, ".cred" },
		{ "loader/credentials", ".cred" },
		{ NULL, ".raw" },
		{ "loader/extensions", ".raw" },
	};
	_cleanup_(addons_done) struct addons a = {};
	const char *partition = find_partition(image);
	_cleanup_free_ char *own = strdup(image);

	if (!own)
		return oom("a path");
	remove_counter(own);
	for (size_t i = 0; partition && i < ARRAY_SIZE(places); i++) {
		_cleanup_free_ char *dir = NULL;
		int r = places[i].shared ? text_printf(&dir, "%s/%s", partition, places[i].shared)
		                         : text_printf(&dir, "%s.extra.d", own);

		if (r < 0 || (r = add_files(root_fd, dir, places[i].suffix, uname, &a)) < 0)
			return r;
	}
	*ret = TAKE_STRUCT(a);
	return 0;
}
