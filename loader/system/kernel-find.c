// SPDX-License-Identifier: GPL-2.0-or-later
/* kernel-find.c - finds the image of the running kernel, see kernel.h. */
#include <errno.h>

#include "loader/system/kernel.h"
#include "loader/system/layout.h"
#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

/* A search, with the text why a candidate was not taken. */
struct search {
	int root_fd;
	const struct utsname *uts;
	struct layout_kernels installed;
	char *note; /* last candidate that is there but will not do; owned */
	struct kernel found;
};

static void search_done(struct search *s)
{
	layout_done(&s->installed);
	free(s->note);
	kernel_done(&s->found);
}

/* @fault: NULL when the image is good, but of another @release. */
static int take_note(struct search *s, const char *image, const char *release, const char *fault)
{
	free(s->note);
	s->note = NULL;
	if (fault)
		return text_printf(&s->note, "%s", fault);
	return text_printf(&s->note, "%s is %s", image, release);
}

/* What the image tells counts. One that tells nothing is of the running release. */
static int open_kernel(int root_fd, const char *path, const struct utsname *uts, struct kernel *ret)
{
	int r = kernel_open(root_fd, path, uts->machine, "", ret);

	return r < 0 || *ret->release ? r : text_replace(&ret->release, uts->release);
}

/* 1: taken, 0: it is another kernel, or none. */
static int try_candidate(struct search *s, const char *path)
{
	_cleanup_(kernel_done) struct kernel k = KERNEL_NULL;
	int r = open_kernel(s->root_fd, path, s->uts, &k);

	if (r < 0)
		return r == -ENOMEM ? r : take_note(s, path, "", err_text(r));
	if (!streq(k.release, s->uts->release))
		return take_note(s, path, k.release, NULL);
	s->found = k;
	k = KERNEL_NULL;
	return 1;
}

/* Most distributions put the release in the name. */
static int search_named(struct search *s)
{
	for (size_t i = 0; i < s->installed.n; i++) {
		const struct layout_kernel *k = &s->installed.list[i];
		int r = streq(k->name, s->uts->release) ? try_candidate(s, k->image) : 0;

		if (r != 0)
			return r;
	}
	return 0;
}

static int search_boot_image(struct search *s)
{
	_cleanup_free_ char *image = NULL;
	int r = kernel_boot_image(s->root_fd, &image);

	return r < 0 ? MIN(r == -ENOENT ? 0 : r, 0) : try_candidate(s, image);
}

/* Arch's /boot/vmlinuz-linux-lts and some others lack the release, but something else has it. */
static int search_unnamed(struct search *s)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->installed.n; i++) {
		const struct layout_kernel *k = &s->installed.list[i];

		if (!k->fault && streq(k->release, s->uts->release))
			r = try_candidate(s, k->image);
		else if (strncmp(k->image, "/boot/", strlen("/boot/")) == 0 && *k->release)
			r = take_note(s, k->image, k->release, k->fault);
	}
	return r;
}

int kernel_boot_image(int root_fd, char **ret)
{
	_cleanup_(strv_freep) char **words = NULL;
	_cleanup_free_ char *text = NULL;
	static const char *const places[] = { "", "/boot" };

	if (tree_read_line(root_fd, "/proc/cmdline", &text) < 0)
		return -ENOENT;
	if (strv_split(&words, text, false) < 0)
		return oom("a command line");
	for (char **w = words; w && *w; w++) {
		const char *image = *w + strlen("BOOT_IMAGE=");

		if (strncmp(*w, "BOOT_IMAGE=", strlen("BOOT_IMAGE=")) != 0)
			continue;
		/* "(hd0,gpt2)/vmlinuz-6.1" of GRUB is a path on the boot partition. */
		if (*image == '(' && strchr(image, ')'))
			image = strchr(image, ')') + 1;
		for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
			_cleanup_free_ char *path = NULL;
			int r = text_printf(&path, "%s/%s", places[i], image + strspn(image, "/"));

			if (r < 0)
				return r;
			if (*image && tree_exists(root_fd, path)) {
				*ret = TAKE_PTR(path);
				return 0;
			}
		}
	}
	return -ENOENT;
}

int kernel_find_running(int root_fd, const struct utsname *uts, struct kernel *ret)
{
	static int (*const searches[])(struct search * s) = { search_named, search_boot_image,
		                                              search_unnamed };
	_cleanup_(search_done) struct search s = { .root_fd = root_fd,
		                                   .uts = uts,
		                                   .found = KERNEL_NULL };
	int r = layout_read(root_fd, uts->machine, &s.installed);

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(searches); i++)
		r = searches[i](&s);
	if (r < 0)
		return r;
	if (r > 0) {
		*ret = s.found;
		s.found = KERNEL_NULL;
		return 0;
	}
	return errf(-ENOENT, "no image of the running kernel %s in /boot or /usr/lib/modules%s%s%s",
	            uts->release, s.note ? " (" : "", s.note ? s.note : "", s.note ? ")" : "");
}

int kernel_find(int root_fd, const char *setting, const struct utsname *uts, struct kernel *ret)
{
	int r;

	if (*setting)
		return open_kernel(root_fd, setting, uts, ret);
	r = kernel_find_running(root_fd, uts, ret);
	return r == -ENOENT ? err_suffix(r, "; reboot if the kernel was upgraded, or set Kernel=")
	                    : r;
}
