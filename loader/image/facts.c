// SPDX-License-Identifier: GPL-2.0-or-later
/* facts.c - what a load is made of, and in what two loads differ; see facts.h. */
#include "loader/image/facts.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#include "loader/image/closure.h"
#include "system/iomem.h"
#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

/* Keys of lines that tell of a file go on with its path. */
#define FILE_KEY "file "

static int print_file(FILE *f, int root_fd, const char *path)
{
	_cleanup_close_ int fd = tree_open(root_fd, path, O_PATH);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return errf(-errno, "%s: %s", path, strerror(errno));
	fprintf(f, FILE_KEY "%s=%" PRIu64 " %" PRIu64 ".%09lu\n", path, (uint64_t)st.st_size,
	        (uint64_t)st.st_mtim.tv_sec, (unsigned long)st.st_mtim.tv_nsec);
	return 0;
}

static int print_list(FILE *f, int root_fd, char *const *paths)
{
	for (char *const *path = paths; path && *path; path++) {
		int r = print_file(f, root_fd, *path);

		if (r < 0)
			return r;
	}
	return 0;
}

static int print_files(FILE *f, const struct prepare_request *req, const struct prepared *p)
{
	_cleanup_(closure_done) struct closure closure = {};
	int r;

	if ((r = print_file(f, req->root_fd, p->kernel.path)) < 0 ||
	    (r = print_file(f, req->root_fd, req->program)) < 0 ||
	    (r = closure_add(req->root_fd, req->program, &closure)) < 0)
		return r;
	if ((r = print_list(f, req->root_fd, closure.files)) < 0)
		return r;
	if ((r = print_list(f, req->root_fd, p->hooks.paths)) < 0 ||
	    (r = print_list(f, req->root_fd, p->hooks.files)) < 0)
		return r;
	return print_list(f, req->root_fd, p->modules.paths);
}

/* Memory that drivers have plugged in has their names behind (drivers/dax/kmem.c and
 * drivers/virtio/virtio_mem.c, 6.12). */
static const char *const memory_names[] = { "System RAM", "System RAM (kmem)",
	                                    "System RAM (virtio_mem)" };

static int print_memory(FILE *f, int root_fd)
{
	fputs("memory=", f);
	for (size_t i = 0; i < ARRAY_SIZE(memory_names); i++) {
		_cleanup_free_ struct iomem_range *list = NULL;
		size_t n = 0;
		int r = iomem_read(root_fd, memory_names[i], IOMEM_ANY, &list, &n);

		if (r < 0 && r != -ENOENT)
			return r;
		for (size_t k = 0; k < n; k++)
			fprintf(f, "0x%" PRIx64 "-0x%" PRIx64 " ", list[k].start, list[k].end - 1);
	}
	fputc('\n', f);
	return 0;
}

int facts_memory(int root_fd, char **ret)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	int r;

	if (!f)
		return oom("the facts of a load");
	r = print_memory(f, root_fd);
	if (fclose(f) != 0)
		return oom("the facts of a load");
	if (r < 0)
		return r;
	*ret = TAKE_PTR(text);
	return 0;
}

/* A loaded kernel has a list of the notes of the CPUs that are present, since 6.6 of all that are
 * possible (kernel/crash_core.c). */
static void print_cpus(FILE *f, int root_fd)
{
	static const char *const sets[] = { "possible", "present" };

	for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
		_cleanup_free_ char *line = NULL;
		char path[64];

		snprintf(path, sizeof(path), "/sys/devices/system/cpu/%s", sets[i]);
		if (tree_read_line(root_fd, path, &line) == 0)
			fprintf(f, "cpus %s=%s\n", sets[i], line);
	}
}

static void print_refused(FILE *f, char *const *lines)
{
	fputs("hooks_refused=", f);
	for (char *const *l = lines; l && *l; l++)
		fprintf(f, "%s%s", *l, l[1] ? "; " : "");
	fputc('\n', f);
}

/* What TimeoutSec=auto comes to changes with each dump that comes or goes, which is no reason to
 * load again: the memory has a line of its own. */
static int print_plan(FILE *f, const struct prepare_request *req, const struct prepared *p)
{
	struct plan plan = p->plan;

	plan.capture.timeout = req->settings->capture.timeout;
	return plan_print(&plan, f);
}

static int print_all(FILE *f, const struct prepare_request *req, const struct prepared *p)
{
	int r = print_plan(f, req, p);

	if (r < 0)
		return r;
	fprintf(f, "target=%s (%s) %s\n", p->target.node ?: "none", p->target.fstype,
	        p->target.path);
	fprintf(f, "kernel=%s\ncommand_line=%s\nreservation=%" PRIu64 "\n", p->kernel.path,
	        p->cmdline, p->crashmem.size);
	print_refused(f, p->hooks.refused);
	print_cpus(f, req->root_fd);
	r = print_memory(f, req->root_fd);
	return r < 0 ? r : print_files(f, req, p);
}

int facts_make(const struct prepare_request *req, const struct prepared *p, char **ret)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	int r;

	if (!f)
		return oom("the facts of a load");
	r = print_all(f, req, p);
	if (fclose(f) != 0)
		return oom("the facts of a load");
	if (r < 0)
		return r;
	*ret = TAKE_PTR(text);
	return 0;
}
