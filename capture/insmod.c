// SPDX-License-Identifier: GPL-2.0-or-later
/* insmod.c - loads the modules of the dump path, see insmod.h. */
#include "capture/insmod.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>

#include "capture/log.h"
#include "system/file.h"
#include "base/err.h"
#include "base/text.h"

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

static int module_load(const char *dir, const char *name, const char *cmdline)
{
	_cleanup_free_ char *parameters = NULL;
	_cleanup_close_ int fd = -1;
	char path[512];
	int r = insmod_parameters(cmdline, name, &parameters);

	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errf(-errno, "%s: %s", path, strerror(errno));
	/* ENODEV: made for another CPU, as crc32c_intel; the generic one is planned too. */
	if (syscall(SYS_finit_module, fd, parameters, 0) < 0 && errno != EEXIST && errno != ENODEV)
		return errf(-errno, "module %s does not load: %s", name, strerror(errno));
	/* A file in an initramfs takes memory. */
	unlink(path);
	return 0;
}

int insmod_all(const char *dir, char *const *names, const char *options)
{
	_cleanup_free_ char *cmdline = NULL, *all = NULL;
	char first_text[256] = "";
	int first = 0;

	if (file_read(AT_FDCWD, "/proc/cmdline", KIB(64), &cmdline, NULL) < 0)
		log_error("/proc/cmdline cannot be read, so modules get no parameters of it");
	else
		cmdline[strcspn(cmdline, "\n")] = '\0';
	/* Of a parameter that is there twice the kernel takes the last. */
	if (text_printf(&all, "%s %s", options, cmdline ? cmdline : "") < 0)
		return -ENOMEM;
	for (char *const *name = names; name && *name; name++) {
		int r = module_load(dir, *name, all);

		if (r == 0)
			continue;
		log_error("%s, going on without", err_text(r));
		if (first == 0) {
			first = r;
			snprintf(first_text, sizeof(first_text), "%s", err_text(r));
		}
	}
	return first < 0 ? errf(first, "%s", first_text) : 0;
}
