// SPDX-License-Identifier: GPL-2.0-or-later
/* prepare.c - resolves the settings on this system, see prepare.h. */
#include "loader/image/prepare.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/sysmacros.h>

#include "config/places.h"
#include "loader/image/facts.h"
#include "loader/image/limit.h"
#include "loader/kexec/return-plan.h"
#include "loader/kexec/next-cmdline.h"
#include "loader/system/cmdline.h"
#include "system/cpus.h"
#include "loader/system/drivers.h"
#include "loader/system/gentler.h"
#include "loader/system/hazard.h"
#include "loader/system/module-signature.h"
#include "system/tree.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"

#define NR_CPUS "nr_cpus="

const char prepare_program[] = KDUMP_LITE_LIBEXECDIR "/kdump-capture";

void prepared_done(struct prepared *p)
{
	kernel_done(&p->kernel);
	device_done(&p->target);
	initramfs_done(&p->image);
	plan_done(&p->plan);
	modules_done(&p->modules);
	hooks_done(&p->hooks);
	free(p->cmdline);
	free(p->facts);
	free(p->left_out);
	reserve_done(&p->reserve);
	device_done(&p->reserve_device);
	swap_done(&p->swap);
	partition_done(&p->partition);
	free(p->reserve_why);
	free(p->places);
	free(p->back_lacks);
	*p = PREPARED_NULL;
}

static struct crashmem_need need_of(const struct prepared *p)
{
	return (struct crashmem_need){
		.init_size = p->kernel.init_size,
		.image_size = p->image.len,
		.image_unpacked = p->image.unpacked,
		.cpus = p->cpus,
	};
}

/* Settings may put another nr_cpus= on the command line, or take it off. Of several the smallest
 * counts, and 0 does not (kernel/smp.c, nrcpus()). */
static int heed_cmdline(struct prepared *p, uint64_t online)
{
	_cleanup_(strv_freep) char **words = NULL;
	uint64_t n, cpus = online;
	int r = strv_split(&words, p->cmdline, true);

	if (r < 0)
		return r;
	for (char **w = words; w && *w; w++)
		if (strncmp(*w, NR_CPUS, strlen(NR_CPUS)) == 0 &&
		    text_to_u64(*w + strlen(NR_CPUS), 10, &n) == 0 && n > 0)
			cpus = MIN(cpus, n);
	if (cpus == p->cpus)
		return 0;
	p->cpus = cpus;
	snprintf(p->cpus_why, sizeof(p->cpus_why), "as the settings of the command line say");
	return 0;
}

static int make_cmdline(const struct prepare_request *req, uint64_t spare, struct prepared *p)
{
	const struct settings *s = req->settings;
	_cleanup_free_ char *running = NULL;
	uint64_t online = 1, parked = UINT64_MAX;
	struct crashmem_need need = need_of(p);
	char why[HAZARD_MAX];
	struct gentler gentler;
	struct threads_request t = {
		.settings = s,
		.crashmem = &p->crashmem,
		.need = &need,
		.return_plan_spare = spare,
		.confidential = hazard_confidential(why),
		.spin_table = hazard_spin_table(req->root_fd, why),
	};
	struct cmdline_request c = {
		.remove = s->command_line_remove,
		.append = s->command_line_append,
		.machine = req->uts->machine,
		.release = p->kernel.release,
		.limit = cmdline_limit(req->uts->machine, p->kernel.cmdline_size),
	};
	int r = tree_read_line(req->root_fd, "/proc/cmdline", &running);

	if (r < 0)
		return r;
	(void)cpus_read(req->root_fd, &online, &c.boot_apicid);
	t.online = online;
	if (next_cmdline_parked(running, &parked)) {
		t.parked = parked == UINT64_MAX;
		c.boot_apicid = parked;
	}
	p->cpus = threads_choose(&t, p->cpus_why);
	gentler_read(req->root_fd, req->uts->release, &gentler);
	if (gentler.row > 0 && gentler_rows[gentler.row - 1].one_cpu) {
		p->cpus = 1;
		snprintf(p->cpus_why, sizeof(p->cpus_why),
		         "since the capture kernel did not come up");
	}
	c.gentler = gentler.row;
	c.base = *s->command_line ? s->command_line : running;
	c.cpus = p->cpus;
	if ((r = cmdline_build(&c, &p->cmdline, &p->left_out)) < 0 ||
	    (r = heed_cmdline(p, online)) < 0)
		return r;
	return cmdline_check(p->cmdline, req->uts->machine, p->kernel.cmdline_size,
	                     "the command line of the capture kernel",
	                     "CommandLineRemove= or CommandLine=");
}

/* Finds the modules for the target, the watchdogs and @boot. That is where the files of the way
 * back are; it is all NULL when nothing is to be read from there. */
static int find_modules(const struct prepare_request *req, struct prepared *p,
                        const struct device *boot, struct modules *ret)
{
	_cleanup_(drivers_done) struct drivers watchdogs = {}, drivers = {};
	bool running = streq(p->kernel.release, req->uts->release);
	bool usable = !p->target.obstacle;
	const char *fstypes[] = { usable ? p->target.fstype : boot->fstype,
		                  usable ? boot->fstype : NULL, NULL };
	struct modules_request m = {
		.root_fd = req->root_fd,
		.release = p->kernel.release,
		.running = running,
		.fstypes = fstypes,
	};
	dev_t disks[4 + SWAP_MOST] = {
		usable ? p->target.number : 0,
		p->reserve_device.number,
		p->partition.device.number,
		boot->node ? boot->number : 0,
	};
	int r;

	if ((r = drivers_of_watchdogs(req->root_fd, running, &watchdogs)) < 0 ||
	    (r = drivers_of_virtio_mem(req->root_fd, running, &drivers)) < 0)
		return r;
	for (size_t i = 0; i < p->swap.n; i++)
		disks[4 + i] = p->swap.list[i].device.number;
	p->has_firmware = places_have(req->settings->capture.target, PLACE_FIRMWARE) &&
	                  drivers_of_firmware(req->root_fd, &drivers);
	for (size_t i = 0; i < ARRAY_SIZE(disks); i++)
		if (disks[i] &&
		    (r = drivers_of_block(req->root_fd, disks[i], running, &drivers)) < 0)
			return r;
	/* Some have a short timeout. */
	m.first = watchdogs.aliases;
	m.required = drivers.modules;
	m.named = req->settings->modules;
	m.optional = drivers.aliases;
	return modules_resolve(&m, ret);
}

/* The names that the modules have in the image. */
static int name_modules(const struct modules *modules, char ***ret)
{
	for (size_t i = 0; modules->names && modules->names[i]; i++) {
		_cleanup_free_ char *name = NULL;
		int r = initramfs_module_name(i, modules->names[i], &name);

		if (r < 0)
			return r;
		if (strv_push(ret, name) < 0)
			return oom("a list of modules");
	}
	return 0;
}

/* As disk_list_next() of the capture reads it. */
static int add_disk(const struct device *d, char ***list)
{
	return strv_push(list, d->spec) < 0 ? -ENOMEM : strv_append(list, d->facts);
}

/* Blocks that need no file system. */
static int plan_stores(const struct prepared *p, struct plan *plan)
{
	const struct device *reserve = &p->reserve_device;

	for (size_t i = 0; i < p->swap.n; i++)
		if (add_disk(&p->swap.list[i].device, &plan->swap) < 0)
			return -ENOMEM;
	if (p->partition.id && add_disk(&p->partition.device, &plan->partition) < 0)
		return -ENOMEM;
	if (text_replace(&plan->partition_id, p->partition.id ?: "") < 0 ||
	    text_replace(&plan->reserve_id, p->reserve.id ?: "") < 0 ||
	    strv_append(&plan->reserve, p->reserve.extents) < 0 ||
	    text_replace(&plan->reserve_device, reserve->spec ?: "") < 0 ||
	    strv_append(&plan->reserve_facts, reserve->facts) < 0 ||
	    text_replace(&plan->swap_id, p->swap.id ?: "") < 0)
		return -ENOMEM;
	return 0;
}

/* @boot has the files of the way back, when there is one; @p gets what is lost on it. */
static int make_plan(const struct prepare_request *req, struct prepared *p,
                     const struct return_plan_request *back, struct device *boot)
{
	struct plan *plan = &p->plan;
	int r;

	if ((r = plan_init(plan)) < 0 ||
	    (r = settings_copy_capture(&req->settings->capture, &plan->capture)) < 0)
		return r;
	plan->capture.timeout =
		plan->capture.timeout ?: limit_of_capture(req->root_fd, p->target.path);
	if (text_replace(&plan->kernel_release, p->kernel.release) < 0 ||
	    text_replace(&plan->device, p->target.spec ?: "") < 0 ||
	    strv_append(&plan->device_facts, p->target.facts) < 0 ||
	    text_replace(&plan->fstype, p->target.fstype) < 0 ||
	    text_replace(&plan->mount_options, p->target.mount_options ?: "") < 0 ||
	    text_replace(&plan->obstacle, p->target.obstacle ?: "") < 0 ||
	    text_replace(&plan->directory, p->target.directory ?: "") < 0 ||
	    plan_stores(p, plan) < 0)
		return oom("the plan");
	if (strv_append(&plan->hooks, p->hooks.names) < 0)
		return oom("the plan");
	if ((r = return_plan_make(back, plan, boot, &p->back_lacks)) < 0 ||
	    (r = find_modules(req, p, boot, &p->modules)) < 0)
		return r;
	if (!p->back_lacks && text_replace(&p->back_lacks, "") < 0)
		return oom("the plan");
	free(plan->module_options);
	plan->module_options = NULL;
	if (strv_join(p->modules.options, " ", &plan->module_options) < 0)
		return oom("the plan");
	return name_modules(&p->modules, &plan->modules);
}

static bool need_signatures(const struct prepare_request *req, const struct prepared *p)
{
	const struct settings *s = req->settings;

	return !streq(p->kernel.release, req->uts->release) || *s->command_line ||
	       modules_need_signatures(req->root_fd, s->command_line_append);
}

/* @ret_spare: what the way back leaves of the memory. */
static int make_image(const struct prepare_request *req, struct prepared *p, uint64_t *ret_spare)
{
	_cleanup_(device_done) struct device boot = {};
	struct return_plan_request back = {
		.root_fd = req->root_fd,
		.settings = req->settings,
		.uts = req->uts,
		.crashmem = &p->crashmem,
		.init_size = p->kernel.init_size,
	};
	struct initramfs_request image = {
		.root_fd = req->root_fd,
		.program = req->program,
		.plan = &p->plan,
		.modules = &p->modules,
		.hooks = &p->hooks,
		.drop_labels = !need_signatures(req, p),
		.release = p->kernel.release,
	};
	int r = make_plan(req, p, &back, &boot);

	if (r < 0)
		return r;
	*ret_spare = return_plan_spare(&back, &p->plan);
	if (!req->like)
		return initramfs_build(&image, &p->image);
	p->image.len = req->like->image_size;
	p->image.unpacked = req->like->image_unpacked;
	return 0;
}

/* Opening the directory has its file system mounted, if that waits to be used
 * (systemd.automount(5)). */
static int find_target(const struct prepare_request *req, struct prepared *p)
{
	const char *path = req->settings->path;
	_cleanup_close_ int fd = -1;
	int r = req->like ? 0 : device_make_directory(req->root_fd, path);

	if (r < 0)
		return r;
	fd = tree_open(req->root_fd, path, O_RDONLY | O_DIRECTORY);
	return device_find_any_target(req->root_fd, path, &p->target);
}

/* Fetches what the reserve holds, and has one made. @volume has segments when it is to lie on what
 * a volume is made of. */
static int open_reserve(const struct prepare_request *req, struct prepared *p,
                        const struct linear *volume)
{
	_cleanup_close_ int dir_fd =
		tree_open(req->root_fd, p->target.path, O_RDONLY | O_DIRECTORY);
	struct reserve_request reserve = {
		.dir_fd = dir_fd,
		.path = p->target.path,
		.fstype = p->target.fstype,
		.size = req->map_reserve ? req->settings->reserve : 0,
		.free = p->target.free,
		.map = req->map_reserve,
		.only_look = req->like,
	};
	_cleanup_free_ char *fetched = NULL;
	int r = dir_fd;

	if (r >= 0 && !req->like)
		r = reserve_fetch(dir_fd, p->target.path, &fetched, req->remarks);
	if (r < 0 || (r = reserve_prepare(&reserve, &p->reserve)) < 0 || !volume->n ||
	    !p->reserve.id)
		return r;
	r = linear_translate(req->root_fd, volume, &p->reserve.extents, &p->reserve_device);
	if (r < 0)
		reserve_done(&p->reserve);
	return r;
}

/* The capture program sets up no LVM, but finds blocks of a plain volume. Nothing is written in the
 * clear where a target is encrypted. */
static int look_at_volume(const struct prepare_request *req, const struct prepared *p,
                          struct linear *ret)
{
	_cleanup_free_ char *table = NULL;
	char dm[64];
	int r;

	if (!p->target.obstacle)
		return 0;
	snprintf(dm, sizeof(dm), "/sys/dev/block/%u:%u/dm", major(p->target.number),
	         minor(p->target.number));
	if (p->target.secret)
		return errf(
			-EOPNOTSUPP,
			"%s: is encrypted, or may be, and nothing of it is written in the clear",
			p->target.path);
	if (!req->read_table || !tree_exists(req->root_fd, dm))
		return errf(-EOPNOTSUPP, "%s", p->target.obstacle);
	r = req->read_table(req->root_fd, p->target.number, &table);
	return r < 0 ? r : linear_parse(table, ret);
}

/* Without a reserve the machine is armed all the same. */
static int make_reserve(const struct prepare_request *req, struct prepared *p)
{
	_cleanup_(linear_done) struct linear volume = {};
	int r = 0;

	if (places_have(req->settings->capture.target, PLACE_RESERVE) &&
	    (r = look_at_volume(req, p, &volume)) >= 0)
		r = open_reserve(req, p, &volume);
	p->reserve_why = strdup(r < 0 ? err_text(r) : "");
	return p->reserve_why ? 0 : oom("the reserve");
}

/* What lies on an encrypted volume, or may do so, is not written to a swap partition in the clear.
 * Without a swap partition the machine is armed all the same. */
static int make_swap(const struct prepare_request *req, struct prepared *p)
{
	_cleanup_close_ int dir_fd = -1;
	int r;

	if (!places_have(req->settings->capture.target, PLACE_SWAP) || p->target.secret)
		return 0;
	dir_fd = tree_open(req->root_fd, p->target.path, O_RDONLY | O_DIRECTORY);
	if (dir_fd < 0)
		return 0;
	r = swap_prepare(req->root_fd, dir_fd, p->target.path, req->like, &p->swap);
	return r == -ENOMEM ? r : 0;
}

/* Who names a partition counts on it, so without it the machine is not armed. */
static int make_partition(const struct prepare_request *req, struct prepared *p)
{
	_cleanup_(strv_freep) char **words = NULL;
	_cleanup_close_ int dir_fd = -1;
	int r = places_parse(req->settings->capture.target, &words);
	char **w = words;

	while (w && *w && !places_is_partition(*w))
		w++;
	if (r < 0 || !w || !*w)
		return r;
	if (p->target.secret)
		return errf(-EOPNOTSUPP,
		            "Target=: nothing is written in the clear to %s, since %s lies on an "
		            "encrypted volume; take one of them out",
		            *w, p->target.path);
	dir_fd = tree_open(req->root_fd, p->target.path, O_RDONLY | O_DIRECTORY);
	return partition_prepare(req->root_fd, *w, dir_fd, p->target.path, req->like, req->remarks,
	                         &p->partition);
}

/* What is left of Target= on this machine. */
static int list_places(const struct prepare_request *req, struct prepared *p)
{
	const struct {
		const char *name;
		bool is_there;
	} rows[] = {
		{ PLACE_PATH, !p->target.obstacle }, { PLACE_RESERVE, p->reserve.id },
		{ PLACE_SWAP, p->swap.id },          { PLACE_PARTITION, p->partition.id },
		{ PLACE_FIRMWARE, p->has_firmware }, { PLACE_CONSOLE, true },
	};
	_cleanup_(strv_freep) char **wanted = NULL, **list = NULL;
	int r = places_parse(req->settings->capture.target, &wanted);

	if (r < 0)
		return r;
	for (char **w = wanted; *w; w++)
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
			if (rows[i].is_there && streq(places_kind(*w), rows[i].name) &&
			    strv_push(&list, *w) < 0)
				return oom("a list of places");
	return strv_join(list, " ", &p->places);
}

struct prepare_request prepare_here(int root_fd, const struct settings *settings,
                                    struct utsname *uts)
{
	uname(uts);
	return (struct prepare_request){
		.root_fd = root_fd,
		.settings = settings,
		.uts = uts,
		.program = prepare_program,
		.map_reserve = reserve_map,
		.read_table = linear_table,
	};
}

int prepare(const struct prepare_request *req, struct prepared *ret)
{
	_cleanup_(prepared_done) struct prepared p = PREPARED_NULL;
	double start = clock_seconds();
	struct crashmem_need need;
	uint64_t spare;
	int r;

	if ((r = crashmem_read(req->root_fd, &p.crashmem)) < 0 ||
	    (r = crashmem_require(req->root_fd, &p.crashmem)) < 0 ||
	    (r = kernel_find(req->root_fd, req->settings->kernel, req->uts, &p.kernel)) < 0 ||
	    (r = find_target(req, &p)) < 0 || (r = make_reserve(req, &p)) < 0 ||
	    (r = make_swap(req, &p)) < 0 || (r = make_partition(req, &p)) < 0 ||
	    (r = hooks_find(req->root_fd, req->settings->hook_programs, &p.hooks)) < 0 ||
	    (r = make_image(req, &p, &spare)) < 0 || (r = list_places(req, &p)) < 0 ||
	    (r = make_cmdline(req, spare, &p)) < 0)
		return r;
	need = need_of(&p);
	if ((r = crashmem_check(&p.crashmem, &need)) < 0 || (r = facts_make(req, &p, &p.facts)) < 0)
		return r;
	p.seconds = clock_seconds() - start;
	*ret = p;
	p = PREPARED_NULL;
	return 0;
}
