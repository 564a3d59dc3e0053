// SPDX-License-Identifier: GPL-2.0-or-later
/* insmod.c - loads the modules of the dump path, see insmod.h. */
#include "capture/insmod.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "capture/limited.h"
#include "capture/log.h"
#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

/* Some drivers wait for disks that answer late. */
#define MODULE_SECONDS 20.0

/* Once one hangs, others are held up by it: those that use it, for 30 s (kernel/module/main.c,
 * resolve_symbol_wait(), Linux 6.12), and all, where devices are looked for in the background (same
 * file, do_init_module()). They are in place before. */
#define WAITING_SECONDS 5.0

/* Compares names of modules, in which "-" and "_" are one character. */
static bool same_name(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((a[i] == '-' ? '_' : a[i]) != (b[i] == '-' ? '_' : b[i]))
			return false;
	return true;
}

int insmod_parameters(const char *cmdline, const char *file, char **ret)
{
	_cleanup_(strv_freep) char **words = NULL, **found = NULL;
	const char *name = strchr(file, '-') ? strchr(file, '-') + 1 : file;
	size_t len = strcspn(name, ".");

	if (strv_split(&words, cmdline, true) < 0)
		return oom("the parameters of a module");
	for (char **w = words; w && *w && !streq(*w, "--"); w++)
		if (strcspn(*w, ".=") == len && (*w)[len] == '.' && same_name(*w, name, len) &&
		    strv_push(&found, *w + len + 1) < 0)
			return oom("the parameters of a module");
	return strv_join(found, " ", ret) < 0 ? oom("the parameters of a module") : 0;
}

/* One module. */
struct load {
	const struct os *os;
	const char *cmdline;
	const char *name;
};

static int module_load(void *arg)
{
	const struct load *l = arg;
	_cleanup_free_ char *parameters = NULL;
	_cleanup_close_ int fd = -1;
	char path[512];
	int r = insmod_parameters(l->cmdline, l->name, &parameters);

	if (r < 0)
		return r;
	snprintf(path, sizeof(path), PLAN_MODULE_DIR "/%s", l->name);
	fd = tree_open(l->os->root_fd, path, O_RDONLY);
	if (fd < 0)
		return fd;
	/* ENODEV: made for another CPU, as crc32c_intel; the generic one is planned too. */
	if (l->os->finit_module(fd, parameters, 0) < 0 && errno != EEXIST && errno != ENODEV)
		return errf(-errno, "module %s does not load: %s", l->name, strerror(errno));
	/* A file in an initramfs takes memory. */
	unlinkat(l->os->root_fd, path + 1, 0);
	return 0;
}

static int load_in_time(struct rescue *rescue, struct load *l)
{
	const struct limited call = {
		.work = module_load,
		.arg = l,
		.what = l->name,
		.seconds = rescue->hangs ? WAITING_SECONDS : MODULE_SECONDS,
	};

	return limited(rescue, &call);
}

int insmod_all(struct rescue *rescue)
{
	_cleanup_free_ char *cmdline = NULL, *all = NULL;
	struct load l = { .os = rescue->os };
	char first_text[ERR_WHY] = "";
	int first = 0;

	if (tree_read(l.os->root_fd, "/proc/cmdline", KIB(64), &cmdline, NULL) < 0)
		log_error("/proc/cmdline cannot be read, so modules get no parameters of it");
	else
		cmdline[strcspn(cmdline, "\n")] = '\0';
	/* Of a parameter that is there twice the kernel takes the last. */
	if (text_printf(&all, "%s %s", rescue->plan->module_options, cmdline ? cmdline : "") < 0)
		return -ENOMEM;
	l.cmdline = all;
	for (char *const *name = rescue->plan->modules; name && *name; name++) {
		int r;

		l.name = *name;
		r = load_in_time(rescue, &l);
		if (r == 0)
			continue;
		log_error("%s, going on without", err_text(r));
		first = first ?: r;
		(void)err_note(r, first_text);
	}
	return first < 0 ? errf(first, "%s", first_text) : 0;
}
