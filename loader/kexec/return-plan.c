// SPDX-License-Identifier: GPL-2.0-or-later
/* return-plan.c - plans the return into production, see return-plan.h. */
#include "loader/kexec/return-plan.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

#include "loader/kexec/next.h"
#include "loader/kexec/next-cmdline.h"
#include "loader/system/cmdline.h"
#include "loader/system/device-id.h"
#include "segments/devtree.h"
#include "segments/segments.h"
#include "system/cpus.h"
#include "loader/system/hazard.h"
#include "system/iomem.h"
#include "loader/system/kernel.h"
#include "system/tree.h"
#include "base/err.h"
#include "base/text.h"

/* Memory for pages that the load sets aside, since each is the destination of another page
 * (kernel/kexec_core.c, kimage_alloc_page()), and for boot parameters and purgatory. */
#define PARKED MIB(20)

/* Memory that a running capture kernel uses beside its own image when the dump has been written:
 * page tables and struct pages, per-CPU areas, slabs, drivers, and our unpacked image. */
#define RUNNING MIB(24)

/* A plan that is being made. */
struct making {
	const struct return_plan_request *req;
	struct plan *plan;
	struct next next;
	char **lacks;          /* see next_cmdline_losses() */
	struct device boot;    /* the device of the kernel */
	uint64_t kernel_size;  /* bytes of the piece */
	uint64_t initrds_size; /* bytes of all initrds */
	uint64_t init_size;    /* bytes that the kernel needs in one piece; 0: unknown */
};

static void making_done(struct making *m)
{
	next_done(&m->next);
	strv_free(m->lacks);
	device_done(&m->boot);
}

static bool is_waived(const struct making *m)
{
	return m->req->settings->capture.final_action == FINAL_KEXEC;
}

static bool is_x86(const struct making *m)
{
	return streq(m->req->uts->machine, "x86_64");
}

/* Elsewhere than on x86 nothing but the firmware starts a CPU that a crash has stopped, and only
 * one that has been switched off. The others stay in a loop of the crashed kernel, of which a
 * capture leaves the memory alone, but no other kernel does. */
static int check_cpus(const struct making *m)
{
	uint64_t number;

	if (is_x86(m) || m->plan->cpus < 2 || !cpus_find_stuck(m->req->root_fd, &number))
		return 0;
	return errf(-EOPNOTSUPP,
	            "CPU %" PRIu64 " cannot be switched off, and would go on in the memory of the "
	            "crashed kernel",
	            number);
}

static int check_machine(struct making *m)
{
	const char *machine = m->req->uts->machine;
	char why[HAZARD_MAX];

	if (!segments_know(machine))
		return errf(-EOPNOTSUPP, "it has not been tried on %s", machine);
	if (hazard_confidential(why))
		return errf(-EOPNOTSUPP, "%s", why);
	if (!is_waived(m) && hazard_tpm(m->req->root_fd, why))
		return errf(-EOPNOTSUPP, "%s", why);
	if (!is_waived(m) && devtree_loses_interrupts(m->req->root_fd))
		return errf(-EOPNOTSUPP, DEVTREE_LOSES_INTERRUPTS);
	return check_cpus(m);
}

static int find_next(struct making *m)
{
	const struct return_plan_request *req = m->req;
	int r = -ENOMEDIUM;

	if (req->settings->return_to == RETURN_DEFAULT)
		r = next_entry(req->root_fd, NULL, req->uts, &m->next);
	return r == -ENOMEDIUM ? next_running(req->root_fd, req->uts, &m->next) : r;
}

/* Makes *@ret the piece for the capture program, with its path below the root of its file system,
 * and adds its size to *@size. All pieces must be on one file system. */
static int place_piece(struct making *m, const struct piece *p, char **ret, uint64_t *size)
{
	_cleanup_(device_done) struct device d = {};
	_cleanup_close_ int fd = -1;
	struct piece on_disk;
	uint64_t bytes;
	int r = device_find_file(m->req->root_fd, p->path, &d);

	if (r < 0)
		return r;
	if (strpbrk(d.directory, " \t\n\"'"))
		return errf(-EINVAL, "%s: has white space or quotes in its name", p->path);
	r = piece_look(m->req->root_fd, p, &fd, &bytes);
	if (r < 0)
		return r;
	*size += bytes;
	on_disk = (struct piece){ .path = d.directory, .offset = p->offset, .size = p->size };
	*ret = piece_to_text(&on_disk);
	if (!*ret)
		return -ENOMEM;
	if (!m->boot.node)
		m->boot = TAKE_STRUCT(d);
	else if (m->boot.number != d.number)
		return errf(-EXDEV, "%s: is not on the file system of the kernel", p->path);
	return 0;
}

static int place_files(struct making *m)
{
	struct plan *plan = m->plan;
	_cleanup_free_ char *kernel = NULL;
	int r;

	if ((r = place_piece(m, &m->next.kernel, &kernel, &m->kernel_size)) < 0 ||
	    (r = text_replace(&plan->back_kernel, kernel)) < 0)
		return r;
	for (size_t i = 0; i < m->next.n_initrds; i++) {
		_cleanup_free_ char *initrd = NULL;

		if ((r = place_piece(m, &m->next.initrds[i], &initrd, &m->initrds_size)) < 0 ||
		    (r = strv_push(&plan->back_initrds, initrd)) < 0)
			return r;
	}
	if ((r = text_replace(&plan->back_device, m->boot.spec)) < 0 ||
	    (r = strv_append(&plan->back_device_facts, m->boot.facts)) < 0 ||
	    (r = text_replace(&plan->back_fstype, m->boot.fstype)) < 0)
		return r;
	return text_replace(&plan->back_mount_options, m->boot.mount_options);
}

/* All other kernels than those of x86, which are wanted as they are put into memory. */
static int read_image(struct making *m, int fd)
{
	const struct piece *p = &m->next.kernel;
	const char *machine = m->req->uts->machine;
	struct image image;
	uint8_t head[IMAGE_HEAD];
	ssize_t n = pread(fd, head, sizeof(head), p->offset);

	if (n < 0)
		return errf(-errno, "%s: %s", p->path, strerror(errno));
	if (segments_parse(machine, head, n, p->path, &image) < 0)
		return errf(
			-ENOEXEC,
			"%s: is no Image as it is put into memory, and what is packed cannot be "
			"unpacked there",
			p->path);
	m->init_size = MAX(image.size, m->kernel_size);
	m->plan->back_limit = cmdline_limit(machine, 0) - 1;
	return 0;
}

/* Reads what the kernel needs from its header. A wrapped image cannot be loaded there. */
static int read_kernel(struct making *m)
{
	const struct piece *p = &m->next.kernel;
	_cleanup_(kernel_done) struct kernel k = KERNEL_NULL;
	int r;

	k.fd = tree_open(m->req->root_fd, p->path, O_RDONLY);
	if (k.fd < 0)
		return k.fd;
	if (!is_x86(m))
		return read_image(m, k.fd);
	r = kernel_read_bzimage(k.fd, p->offset, m->kernel_size, p->path, &k);
	if (r < 0)
		return r;
	m->init_size = k.init_size;
	/* Without the NUL. */
	m->plan->back_limit = cmdline_limit(m->req->uts->machine, k.cmdline_size) - 1;
	return 0;
}

/* True for a release such as "6.1.0-56-cloud-amd64", before 6.9. Such a kernel would wake the boot
 * CPU by INIT, and real machines then start their firmware. Newer kernels leave it alone
 * (arch/x86/kernel/cpu/topology.c, 6.9, check_for_real_bsp()). */
static bool wakes_boot_cpu(const char *release)
{
	unsigned major, minor;

	return sscanf(release, "%u.%u", &major, &minor) != 2 || major < 6 ||
	       (major == 6 && minor < 9);
}

/* Writes the words for a kernel whose boot CPU stays parked. True if it is parked already, since an
 * earlier return, whose words name it: it stays parked until the firmware starts it. */
static bool parked_words(const struct making *m, const char *running, char buf[static 128])
{
	uint64_t apicid = m->plan->boot_apicid;
	bool parked = next_cmdline_parked(running, &apicid);

	if (wakes_boot_cpu(m->next.release))
		snprintf(buf, 128,
		         NEXT_CMDLINE_NO_BROADCAST " " NEXT_CMDLINE_DISABLE_CPU "=%" PRIu64,
		         apicid);
	else
		strcpy(buf, NEXT_CMDLINE_NO_BROADCAST);
	return parked;
}

static int plan_cmdline(struct making *m)
{
	const struct return_plan_request *req = m->req;
	_cleanup_free_ char *running = NULL, *line = NULL, *rsdp = NULL;
	struct next_cmdline_request n = {
		.base = m->next.options,
		.remove = req->settings->kexec_remove,
		.append = req->settings->kexec_append,
		.after_crash = true,
	};
	char words[128] = "";
	bool parked;
	int r;

	if ((r = tree_read_line(req->root_fd, "/proc/cmdline", &running)) < 0 ||
	    (r = next_cmdline_rsdp(req->root_fd, running, &rsdp)) < 0)
		return r;
	parked = is_x86(m) && parked_words(m, running, words);
	n.running = running;
	n.rsdp = rsdp;
	if ((r = next_cmdline_build(&n, &line)) < 0 ||
	    (r = next_cmdline_losses(running, line, &m->lacks)) < 0 ||
	    (r = text_replace(&m->plan->back_cmdline, line)) < 0)
		return r;
	return text_replace(parked ? &m->plan->back_parked : &m->plan->back_fewer, words);
}

/* Each range becomes a word of a command line with little room, so ranges that touch are joined.
 * Elsewhere than on x86 the device tree of the capture kernel, or the firmware, tells of all. */
static int plan_memory(struct making *m)
{
	_cleanup_free_ struct iomem_range *list = NULL;
	size_t n;
	int r;

	if (!is_x86(m))
		return 0;
	r = iomem_read(m->req->root_fd, "System RAM", 0, &list, &n);
	if (r < 0)
		return r;
	if (n == 0)
		return errf(-ENODATA, "/proc/iomem: shows no memory");
	for (size_t i = 0, next; i < n; i = next) {
		char range[64];

		for (next = i + 1; next < n && list[next].start == list[next - 1].end;)
			next++;
		snprintf(range, sizeof(range), "0x%" PRIx64 "-0x%" PRIx64, list[i].start,
		         list[next - 1].end - 1);
		if ((r = strv_push(&m->plan->back_memory, range)) < 0)
			return r;
	}
	return 0;
}

static uint64_t held_by_capture(const struct return_plan_request *req)
{
	return req->init_size + RUNNING;
}

uint64_t return_plan_spare(const struct return_plan_request *req, const struct plan *plan)
{
	uint64_t sum = plan->back_need + held_by_capture(req), size = req->crashmem->size;

	if (!*plan->back_kernel || *plan->back_obstacle)
		return UINT64_MAX;
	return size > sum ? size - sum : 0;
}

/* The kernel reads kernel and initrds as a whole before it copies them into pages; see PARKED. */
static int check_budget(struct making *m)
{
	const struct return_plan_request *req = m->req;
	char reserved[TEXT_SIZE_MAX];
	uint64_t need, held;

	need = m->kernel_size + m->init_size + 2 * m->initrds_size + PARKED;
	held = held_by_capture(req) + (req->init_size ? 0 : m->init_size);
	m->plan->back_need = need;
	if (!m->init_size || is_waived(m) || need + held <= req->crashmem->size)
		return 0;
	return errf(-ENOSPC,
	            "crashkernel= reserves %s; loading the production kernel from there needs "
	            "crashkernel=%" PRIu64 "M",
	            text_from_size(req->crashmem->size, reserved),
	            (uint64_t)(ALIGN_UP(need + held, MIB(16)) / MIB(1)));
}

static int plan_all(struct making *m)
{
	int r;

	if ((r = cpus_read(m->req->root_fd, &m->plan->cpus, &m->plan->boot_apicid)) < 0 ||
	    (r = check_machine(m)) < 0 || (r = find_next(m)) < 0 || (r = place_files(m)) < 0 ||
	    (r = read_kernel(m)) < 0 || (r = plan_cmdline(m)) < 0 || (r = plan_memory(m)) < 0)
		return r;
	return check_budget(m);
}

static bool is_wanted(const struct settings *s)
{
	return s->capture.final_action == FINAL_AUTO || s->capture.final_action == FINAL_KEXEC;
}

int return_plan_device(const struct return_plan_request *req, struct device *ret)
{
	_cleanup_(making_done) struct making m = { .req = req };
	int r = is_wanted(req->settings) ? find_next(&m) : -ENOTSUP;

	return r < 0 ? r : device_find_file(req->root_fd, m.next.kernel.path, ret);
}

int return_plan_copy(const struct return_plan_request *req, const struct device *target,
                     struct device *ret_back, char **ret_copy)
{
	_cleanup_(device_done) struct device back = {};
	int r = 0;

	*ret_back = (struct device){};
	if (return_plan_device(req, &back) < 0 || back.number == target->number)
		return 0;
	r = device_find_copy(req->root_fd, &back, ret_copy);
	if (r >= 0)
		*ret_back = TAKE_STRUCT(back);
	return r;
}

int return_plan_make(const struct return_plan_request *req, struct plan *plan,
                     struct device *ret_boot, char **ret_lacks)
{
	_cleanup_(making_done) struct making m = { .req = req, .plan = plan };
	int r;

	if (!is_wanted(req->settings))
		return 0;
	r = plan_all(&m);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return text_replace(&plan->back_obstacle, err_text(r));
	if (m.lacks && (r = strv_join(m.lacks, "; ", ret_lacks)) < 0)
		return r;
	*ret_boot = TAKE_STRUCT(m.boot);
	return 0;
}
