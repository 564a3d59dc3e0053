// SPDX-License-Identifier: GPL-2.0-or-later
/* test-graphics.c - display devices of made-up machines, and letting go of them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "loader/kexec/graphics.h"
#include "tests/unit/temptree.h"
#include "base/text.h"

/* A PCI device with a driver; @module may be NULL. */
static void make_device(struct temptree *t, const char *address, const char *class,
                        const char *driver, const char *module)
{
	char path[256], target[256];

	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/class", address);
	temptree_text(t, path, class);
	if (!driver)
		return;
	snprintf(path, sizeof(path), "sys/bus/pci/drivers/%s/unbind", driver);
	temptree_text(t, path, "");
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/driver", address);
	snprintf(target, sizeof(target), "../../drivers/%s", driver);
	temptree_link(t, path, target);
	snprintf(path, sizeof(path), "sys/bus/pci/drivers/%s/module", driver);
	if (!module || temptree_exists(t, path))
		return;
	snprintf(target, sizeof(target), "../../../../module/%s", module);
	temptree_link(t, path, target);
	snprintf(path, sizeof(path), "sys/module/%s/drivers/pci:%s", module, driver);
	snprintf(target, sizeof(target), "../../../bus/pci/drivers/%s", driver);
	temptree_link(t, path, target);
}

static void make_holder(struct temptree *t, const char *pid, const char *name, const char *node)
{
	char path[256];

	snprintf(path, sizeof(path), "proc/%s/comm", pid);
	temptree_text(t, path, name);
	snprintf(path, sizeof(path), "proc/%s/fd/0", pid);
	temptree_link(t, path, "/dev/null");
	snprintf(path, sizeof(path), "proc/%s/fd/7", pid);
	temptree_link(t, path, node);
}

static void found_by_class(void **state)
{
	_cleanup_(graphics_done) struct graphics g = {};
	struct temptree *t = *state;

	assert_int_equal(graphics_find(t->fd, &g), 0);
	assert_int_equal(g.n, 0);
	make_device(t, "0000:00:02.0", "0x030000\n", "i915", "i915");
	make_device(t, "0000:00:1f.0", "0x060100\n", "lpc_ich", "lpc_ich");
	make_device(t, "0000:01:00.0", "0x030200\n", NULL, NULL);
	make_device(t, "0000:02:00.0", "0x038000\n", "bochs", NULL);
	make_device(t, "0000:03:00.0", "nonsense\n", "x", NULL);
	assert_int_equal(graphics_find(t->fd, &g), 0);
	assert_int_equal(g.n, 3);
	assert_string_equal(g.devices[0].address, "0000:00:02.0");
	assert_string_equal(g.devices[0].driver, "i915");
	assert_string_equal(g.devices[0].module, "i915");
	assert_null(g.devices[1].driver);
	assert_string_equal(g.devices[2].driver, "bochs");
	assert_null(g.devices[2].module);
}

static void holders(void **state)
{
	_cleanup_(strv_freep) char **list = NULL;
	struct temptree *t = *state;

	temptree_text(t, "proc/meminfo", "");
	make_holder(t, "1", "systemd\n", "/dev/kmsg");
	make_holder(t, "77", "sh\n", "/dev/driver");
	assert_int_equal(graphics_holders(t->fd, &list), 0);
	assert_null(list);
	make_holder(t, "812", "Xorg\n", "/dev/dri/card0");
	make_holder(t, "900", "nvidia-persiste\n", "/dev/nvidia0");
	/* Not a process. */
	make_holder(t, "900x", "no\n", "/dev/dri/card0");
	assert_int_equal(graphics_holders(t->fd, &list), 0);
	assert_int_equal(strv_length(list), 2);
	assert_string_equal(list[0], "Xorg (812)");
	assert_string_equal(list[1], "nvidia-persiste (900)");
}

/* What graphics_release() did. */
static struct {
	struct temptree *tree;
	char **calls;      /* of delete_module(), each try */
	char **done;       /* told, and */
	char **failed;     /* those that failed */
	const char *busy;  /* this module is in use ... */
	unsigned busy_for; /* ... for so many tries */
	double limit;      /* 0: long */
} world;

static int fake_delete(const char *name, unsigned flags)
{
	assert_int_equal(flags, O_NONBLOCK);
	assert_int_equal(strv_push(&world.calls, name), 0);
	if (world.busy && streq(name, world.busy) && world.busy_for > 0) {
		world.busy_for--;
		return -EAGAIN;
	}
	return streq(name, "refused") ? -EPERM : streq(name, "hangs") ? -ETIMEDOUT : 0;
}

static void fake_tell(void *arg, bool failed, const char *text)
{
	assert_int_equal(strv_push(failed ? &world.failed : &world.done, text), 0);
}

static int release(struct temptree *t)
{
	const struct graphics_release req = {
		.root_fd = t->fd,
		.delete_module = fake_delete,
		.limit = world.limit ?: 10,
		.tell = fake_tell,
	};
	int r;

	r = graphics_release(&req);
	assert_int_equal(r, strv_length(world.failed));
	return r;
}

static int setup(void **state)
{
	memset(&world, 0, sizeof(world));
	return temptree_setup(state);
}

static int teardown(void **state)
{
	strv_free(world.calls);
	strv_free(world.done);
	strv_free(world.failed);
	return temptree_teardown(state);
}

static void assert_content(struct temptree *t, const char *path, const char *expected)
{
	_cleanup_free_ char *text = temptree_read(t, path);

	assert_string_equal(text, expected);
}

static void make_console(struct temptree *t, const char *name, const char *kind, const char *bind)
{
	char path[256];

	snprintf(path, sizeof(path), "sys/class/vtconsole/%s/name", name);
	temptree_text(t, path, kind);
	snprintf(path, sizeof(path), "sys/class/vtconsole/%s/bind", name);
	temptree_text(t, path, bind);
}

static void nothing_to_release(void **state)
{
	assert_int_equal(release(*state), 0);
	assert_null(world.done);
	assert_null(world.calls);
}

static void consoles_first(void **state)
{
	make_console(*state, "vtcon0", "(S) dummy device\n", "1\n");
	make_console(*state, "vtcon1", "(M) frame buffer device\n", "1\n");
	make_console(*state, "vtcon2", "(M) frame buffer device\n", "0\n");
	assert_int_equal(release(*state), 0);
	assert_content(*state, "sys/class/vtconsole/vtcon0/bind", "1\n");
	assert_content(*state, "sys/class/vtconsole/vtcon1/bind", "0\n");
	assert_int_equal(strv_length(world.done), 1);
	assert_non_null(strstr(world.done[0], "vtcon1"));
}

static void make_modules(struct temptree *t)
{
	temptree_text(t, "sys/module/nvidia/holders/nvidia_modeset/x", "");
	temptree_text(t, "sys/module/nvidia/holders/nvidia_uvm/x", "");
	temptree_text(t, "sys/module/nvidia_modeset/holders/nvidia_drm/x", "");
	temptree_dir(t, "sys/module/nvidia_drm");
	temptree_dir(t, "sys/module/nvidia_uvm");
	temptree_text(t, "sys/module/nvidia_uvm/refcnt", "3\n");
}

static void assert_unloaded_in_order(void)
{
	assert_int_equal(strv_length(world.calls), 6);
	assert_string_equal(world.calls[0], "nvidia_drm");
	assert_string_equal(world.calls[2], "nvidia_drm");
	assert_string_equal(world.calls[3], "nvidia_modeset");
	assert_string_equal(world.calls[4], "nvidia_uvm");
	assert_string_equal(world.calls[5], "nvidia");
}

/* Modules that hold it go before it, however deep. */
static void driver_and_module(void **state)
{
	struct temptree *t = *state;

	make_device(t, "0000:01:00.0", "0x030000\n", "x", "nvidia");
	make_device(t, "0000:02:00.0", "0x030200\n", "x", "nvidia");
	make_modules(t);
	world.busy = "nvidia_drm";
	world.busy_for = 2;
	assert_int_equal(release(t), 0);
	/* The one behind the other; the file keeps the last. */
	assert_content(t, "sys/bus/pci/drivers/x/unbind", "0000:02:00.0");
	assert_unloaded_in_order();
}

/* "unbind" would wait for nvidia_modeset, which uses the device too. */
static void modules_first(void **state)
{
	struct temptree *t = *state;

	make_device(t, "0000:01:00.0", "0x030000\n", "nvidia", "nvidia");
	make_device(t, "0000:02:00.0", "0x030200\n", "nvidia", "nvidia");
	temptree_link(t, "sys/bus/pci/drivers/nvidia/0000:01:00.0", "../../devices/0000:01:00.0");
	make_modules(t);
	world.busy = "nvidia_drm";
	world.busy_for = 2;
	assert_int_equal(release(t), 0);
	assert_content(t, "sys/bus/pci/drivers/nvidia/unbind", "");
	assert_unloaded_in_order();
	assert_true(strv_contains(world.done, "module nvidia: unloaded"));
	assert_true(strv_contains(world.done, "0000:02:00.0: nvidia has let go of it"));
}

/* The driver keeps its devices then, and each module is tried once. */
static void modules_in_use(void **state)
{
	struct temptree *t = *state;

	make_device(t, "0000:01:00.0", "0x030000\n", "nvidia", "nvidia");
	make_device(t, "0000:02:00.0", "0x030200\n", "nvidia", "nvidia");
	make_modules(t);
	world.busy = "nvidia_uvm";
	world.busy_for = UINT32_MAX;
	assert_int_equal(release(t), 4);
	assert_string_equal(world.failed[0],
	                    "module nvidia_uvm: cannot be unloaded: it is in use, its count is 3");
	assert_string_equal(world.failed[1],
	                    "module nvidia: cannot be unloaded: nvidia_uvm holds it");
	assert_non_null(strstr(world.failed[2], "0000:01:00.0: keeps nvidia"));
	assert_non_null(strstr(world.failed[3], "the next kernel finds the device in use"));
	assert_content(t, "sys/bus/pci/drivers/nvidia/unbind", "");
	assert_false(strv_contains(world.calls, "nvidia"));
	assert_in_range(strv_length(world.calls), 3, 30);
}

static void module_that_hangs(void **state)
{
	struct temptree *t = *state;

	make_device(t, "0000:01:00.0", "0x030000\n", "nvidia", "hangs");
	assert_int_equal(release(t), 2);
	assert_non_null(strstr(world.failed[0], "module hangs: cannot be unloaded: it hangs"));
	assert_non_null(strstr(world.failed[1], "keeps nvidia"));
	assert_int_equal(strv_length(world.calls), 1);
}

/* A write that blocks, as one to a driver that hangs in the kernel. */
static void driver_that_hangs(void **state)
{
	struct temptree *t = *state;
	char full[4096] = {};
	int fd;

	make_device(t, "0000:01:00.0", "0x030000\n", "a", "a_mod");
	make_device(t, "0000:02:00.0", "0x030000\n", "a", "a_mod");
	make_device(t, "0000:03:00.0", "0x030000\n", "b", NULL);
	unlinkat(t->fd, "sys/bus/pci/drivers/a/unbind", 0);
	assert_int_equal(mkfifoat(t->fd, "sys/bus/pci/drivers/a/unbind", 0600), 0);
	fd = openat(t->fd, "sys/bus/pci/drivers/a/unbind", O_RDWR | O_NONBLOCK);
	while (write(fd, full, sizeof(full)) > 0)
		;
	world.limit = 1;
	assert_int_equal(release(t), 2);
	assert_non_null(strstr(world.failed[0], "0000:01:00.0: a hangs in the kernel"));
	assert_non_null(strstr(world.failed[1], "0000:02:00.0: keeps a, which hangs"));
	assert_content(t, "sys/bus/pci/drivers/b/unbind", "0000:03:00.0");
	assert_null(world.calls);
	close(fd);
}

/* Each failure is told, and the rest is tried. */
static void goes_on(void **state)
{
	struct temptree *t = *state;

	make_device(t, "0000:01:00.0", "0x030000\n", "a", "a_mod");
	unlinkat(t->fd, "sys/bus/pci/drivers/a/unbind", 0);
	make_device(t, "0000:02:00.0", "0x030000\n", "b", "refused");
	make_device(t, "0000:03:00.0", "0x030000\n", "c", "c_mod");
	make_device(t, "0000:04:00.0", "0x030000\n", "d", NULL);
	world.busy = "c_mod";
	world.busy_for = UINT32_MAX;
	assert_int_equal(release(t), 3);
	assert_non_null(strstr(world.failed[0], "0000:01:00.0/driver/unbind: No such file"));
	assert_string_equal(world.failed[1],
	                    "module refused: cannot be unloaded: Operation not permitted");
	assert_string_equal(world.failed[2], "module c_mod: cannot be unloaded: it is in use");
	assert_false(strv_contains(world.calls, "a_mod"));
	assert_in_range(strv_length(world.calls), 3, 100); /* an end of the tries */
	assert_content(t, "sys/bus/pci/drivers/d/unbind", "0000:04:00.0");
}

/* The disk of a virtual machine has the driver that its display has. */
static void shared_module_stays(void **state)
{
	struct temptree *t = *state;

	make_device(t, "0000:00:01.0", "0x038000\n", "virtio-pci", "virtio_pci");
	make_device(t, "0000:00:02.0", "0x010000\n", "virtio-pci", "virtio_pci");
	temptree_link(t, "sys/bus/pci/drivers/virtio-pci/0000:00:02.0",
	              "../../devices/0000:00:02.0");
	assert_int_equal(release(t), 0);
	assert_content(t, "sys/bus/pci/drivers/virtio-pci/unbind", "0000:00:01.0");
	assert_null(world.calls);
}

static void held_display(void **state)
{
	struct temptree *t = *state;

	make_device(t, "0000:01:00.0", "0x030000\n", "nvidia", "nvidia");
	make_device(t, "0000:02:00.0", "0x030000\n", "amdgpu", "amdgpu");
	make_holder(t, "812", "Xorg\n", "/dev/dri/card0");
	assert_int_equal(release(t), 2);
	assert_string_equal(world.failed[0], "the display is still held by Xorg (812)");
	assert_non_null(strstr(world.failed[1], "keeps nvidia, which would wait for the holders"));
	assert_content(t, "sys/bus/pci/drivers/nvidia/unbind", "");
	assert_content(t, "sys/bus/pci/drivers/amdgpu/unbind", "0000:02:00.0");
}

static void given_to_a_guest(void **state)
{
	make_device(*state, "0000:01:00.0", "0x030000\n", "vfio-pci", "vfio_pci");
	make_device(*state, "0000:02:00.0", "0x030200\n", "nvgrace_gpu_vfio_pci", "nvgrace");
	assert_int_equal(release(*state), 0);
	assert_content(*state, "sys/bus/pci/drivers/vfio-pci/unbind", "");
	assert_content(*state, "sys/bus/pci/drivers/nvgrace_gpu_vfio_pci/unbind", "");
	assert_null(world.calls);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(found_by_class),      TEST(holders),           TEST(nothing_to_release),
		TEST(consoles_first),      TEST(driver_and_module), TEST(goes_on),
		TEST(shared_module_stays), TEST(held_display),      TEST(given_to_a_guest),
		TEST(modules_first),       TEST(modules_in_use),    TEST(module_that_hangs),
		TEST(driver_that_hangs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
