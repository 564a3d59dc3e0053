// SPDX-License-Identifier: GPL-2.0-or-later
/* graphics.c - finds display devices and their holders, see graphics.h. */
#include "loader/kexec/graphics.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "system/tree.h"
#include "base/array.h"
#include "base/text.h"

#define PCI_DEVICES       "/sys/bus/pci/devices"
#define PCI_CLASS_DISPLAY 0x03

void graphics_done(struct graphics *g)
{
	for (size_t i = 0; i < g->n; i++) {
		free(g->devices[i].address);
		free(g->devices[i].driver);
		free(g->devices[i].module);
	}
	free(g->devices);
	*g = (struct graphics){};
}

static int add_device(int root_fd, const char *address, struct graphics *g)
{
	struct graphics_device *d;
	char path[PATH_MAX];
	int r = array_grow(&g->devices, g->n, "a list of display devices");

	if (r < 0)
		return r;
	d = &g->devices[g->n];
	*d = (struct graphics_device){ .address = strdup(address) };
	if (!d->address)
		return -ENOMEM;
	g->n++;
	snprintf(path, sizeof(path), PCI_DEVICES "/%s/driver", address);
	if (tree_link_name(root_fd, path, &d->driver) == -ENOMEM)
		return -ENOMEM;
	snprintf(path, sizeof(path), PCI_DEVICES "/%s/driver/module", address);
	return tree_link_name(root_fd, path, &d->module) == -ENOMEM ? -ENOMEM : 0;
}

int graphics_find(int root_fd, struct graphics *ret)
{
	_cleanup_(graphics_done) struct graphics g = {};
	_cleanup_(strv_freep) char **names = NULL;
	int r;

	if (tree_list(root_fd, PCI_DEVICES, &names) == -ENOMEM)
		return -ENOMEM;
	for (char **n = names; n && *n; n++) {
		char path[PATH_MAX];
		uint64_t class;

		snprintf(path, sizeof(path), PCI_DEVICES "/%s/class", *n);
		if (tree_read_u64(root_fd, path, &class) == 0 && class >> 16 == PCI_CLASS_DISPLAY &&
		    (r = add_device(root_fd, *n, &g)) < 0)
			return r;
	}
	*ret = TAKE_STRUCT(g);
	return 0;
}

/* From reports. None is true for all devices and versions, so the texts say "may".
 *
 * nvidia: its shutdown handler hangs (github.com/NVIDIA/open-gpu-kernel-modules issue 1027), and
 * 	"unbind" loops in the kernel until nobody uses the device, be it a process or a module of
 * 	its own: nvidia_modeset counts too (kernel-open/nvidia/nv-pci.c, nv_pci_remove_helper(),
 * 	and issue 1119; 610.57).
 * nouveau: had no shutdown handler up to 6.19; its removal, which took the place of one, fails over
 * 	display memory in use (kernel commit 310326bb7df4).
 * amdgpu, radeon: the screen is dark until the driver itself is loaded again, since the firmware's
 * 	frame buffer is gone (kexec list, 2021-12-09, "Reuse framebuffer after a kexec").
 * i915: memory was damaged from the second kexec_file_load on (dri-devel list, 2025, "strange
 * 	interaction in kexec_file_load and i915").
 * mgag200: the next kernel reset the machine while it unpacked itself (LKML, 2019-06-26).
 * vfio-pci: waits for the virtual machine (drivers/vfio/vfio_main.c, 6.12,
 * 	vfio_unregister_group_dev()). */
static const struct graphics_driver drivers[] = {
	{ "nvidia", .severe = true, .waits = true, .trouble = "may hang when it is shut down" },
	{ "nouveau", .severe = true, .trouble = "may fail to shut the device down" },
	{ "mgag200", .severe = true, .trouble = "may make the next kernel reset the machine" },
	{ "amdgpu", .trouble = "may leave no picture until the next kernel loads it too" },
	{ "radeon", .trouble = "may leave no picture until the next kernel loads it too" },
	{ "i915", .trouble = "may disturb the kernel after the next one" },
	{ "vfio-pci", .waits = true, .foreign = true },
	{ "pci-stub", .foreign = true },
};

const struct graphics_driver *graphics_driver(const char *name)
{
	/* Variants such as nvgrace_gpu_vfio_pci share the core of vfio-pci. */
	if (strstr(name, "vfio"))
		name = "vfio-pci";
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++)
		if (streq(drivers[i].name, name))
			return &drivers[i];
	return NULL;
}

/* True if the open file @fd of @pid is a display device. */
static bool is_display(int root_fd, const char *pid, const char *fd)
{
	static const char *const nodes[] = { "/dev/dri/", "/dev/nvidia" };
	char path[PATH_MAX], target[64];
	ssize_t n;

	snprintf(path, sizeof(path), "proc/%s/fd/%s", pid, fd);
	n = readlinkat(root_fd, path, target, sizeof(target) - 1);
	if (n < 0)
		return false;
	target[n] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(nodes); i++)
		if (strncmp(target, nodes[i], strlen(nodes[i])) == 0)
			return true;
	return false;
}

/* Appends the process if it holds a display. Processes that are gone or hidden are skipped. */
static int add_holder(int root_fd, const char *pid, char ***holders)
{
	_cleanup_free_ char *comm = NULL, *text = NULL;
	_cleanup_(strv_freep) char **fds = NULL;
	char path[PATH_MAX];
	bool holds = false;
	int r;

	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	if (tree_list(root_fd, path, &fds) < 0)
		return 0;
	for (char **f = fds; f && *f && !holds; f++)
		holds = is_display(root_fd, pid, *f);
	if (!holds)
		return 0;
	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	(void)tree_read_line(root_fd, path, &comm);
	r = text_printf(&text, "%s (%s)", comm ?: "process", pid);
	return r < 0 ? r : strv_push(holders, text);
}

int graphics_holders(int root_fd, char ***ret)
{
	_cleanup_(strv_freep) char **names = NULL, **holders = NULL;
	int r = tree_list(root_fd, "/proc", &names);

	if (r < 0)
		return r;
	for (char **n = names; n && *n; n++)
		if ((*n)[strspn(*n, "0123456789")] == '\0' &&
		    (r = add_holder(root_fd, *n, &holders)) < 0)
			return r;
	*ret = TAKE_PTR(holders);
	return 0;
}
