// SPDX-License-Identifier: GPL-2.0-or-later
/* machine.c - made-up disks, kernels and a whole machine, see machine.h. */
#include "tests/unit/machine.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/utsname.h>

static void put16(uint8_t *p, uint16_t v)
{
	p[0] = v;
	p[1] = v >> 8;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v);
	put16(p + 2, v >> 16);
}

void machine_bzimage_bytes(uint8_t image[static BZIMAGE_SIZE], const char *version)
{
	memset(image, 0, BZIMAGE_SIZE);
	image[BZIMAGE_SETUP_SECTS] = 3;
	put32(image + BZIMAGE_SYSSIZE, (BZIMAGE_SIZE - 4 * 512) / 16);
	memcpy(image + 0x202, "HdrS", 4);
	put16(image + BZIMAGE_PROTOCOL, 0x20f);
	put16(image + 0x20e, 0x300); /* of the version, less 0x200 */
	image[0x211] = 1;            /* LOADED_HIGH */
	image[BZIMAGE_RELOCATABLE] = 1;
	put16(image + BZIMAGE_XLOADFLAGS, 0x3f);
	put32(image + 0x238, 2047);     /* cmdline_size */
	put32(image + 0x260, 50 << 20); /* init_size */
	snprintf((char *)image + 0x500, 256, "%s (me@here) #1 SMP", version);
}

void machine_bzimage(const struct temptree *t, const char *path, const char *version)
{
	uint8_t image[BZIMAGE_SIZE];

	machine_bzimage_bytes(image, version);
	temptree_bytes(t, path, image, sizeof(image));
}

void machine_image_bytes(uint8_t image[static BZIMAGE_SIZE], const char *machine,
                         const char *release)
{
	memset(image, 0, BZIMAGE_SIZE);
	put32(image + 16, MACHINE_IMAGE_SIZE);
	memcpy(image + 56, streq(machine, "riscv64") ? "RSC\x05" : "ARM\x64", 4);
	/* A format comes before the banner in real ones. */
	strcpy((char *)image + 0x500, "Linux version %s (%s)");
	if (release)
		snprintf((char *)image + 0x600, 256, "Linux version %s (me@here) (gcc) #1 SMP",
		         release);
}

void machine_kernel(const struct temptree *t, const char *path, const char *machine,
                    const char *release)
{
	uint8_t image[BZIMAGE_SIZE];
	struct utsname uts;

	uname(&uts);
	if (streq(machine ?: uts.machine, "x86_64"))
		machine_bzimage_bytes(image, release);
	else
		machine_image_bytes(image, machine ?: uts.machine, release);
	temptree_bytes(t, path, image, sizeof(image));
}

void machine_spoil(const struct temptree *t, const char *path, size_t offset, uint8_t value)
{
	int fd = openat(t->fd, path, O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, &value, 1, offset), 1);
	close(fd);
}

void machine_disk(const struct temptree *t, const char *device, const char *name)
{
	char path[PATH_MAX], link[PATH_MAX];

	snprintf(path, sizeof(path), "sys/devices/%s/block/%s/dev", device, name);
	temptree_text(t, path, "254:0\n");
	snprintf(path, sizeof(path), "sys/devices/%s/block/%s/%s1/partition", device, name, name);
	temptree_text(t, path, "1\n");
	snprintf(path, sizeof(path), "sys/devices/%s/block/%s/%s1/dev", device, name, name);
	temptree_text(t, path, "254:1\n");
	snprintf(link, sizeof(link), "../../devices/%s/block/%s", device, name);
	temptree_link(t, "sys/dev/block/254:0", link);
	snprintf(path, sizeof(path), "sys/class/block/%s", name);
	temptree_link(t, path, link);
	snprintf(link, sizeof(link), "../../devices/%s/block/%s/%s1", device, name, name);
	temptree_link(t, "sys/dev/block/254:1", link);
	snprintf(path, sizeof(path), "sys/class/block/%s1", name);
	temptree_link(t, path, link);
}

void machine_driver(const struct temptree *t, const char *device, const char *driver,
                    const char *module)
{
	char path[PATH_MAX], target[PATH_MAX] = "";

	for (const char *c = device; c; c = strchr(c + 1, '/'))
		strcat(target, "../");
	snprintf(path, sizeof(path), "sys/devices/%s/driver", device);
	snprintf(target + strlen(target), sizeof(target) - strlen(target), "../bus/x/drivers/%s",
	         driver);
	temptree_link(t, path, target);
	snprintf(path, sizeof(path), "sys/bus/x/drivers/%s/bind", driver);
	temptree_text(t, path, "");
	if (!module)
		return;
	snprintf(path, sizeof(path), "sys/bus/x/drivers/%s/module", driver);
	snprintf(target, sizeof(target), "../../../../module/%s", module);
	temptree_link(t, path, target);
}

void machine_make(struct temptree *t)
{
	static const struct machine_module modules[] = {
		{ "virtio_blk", "kernel/virtio_blk.ko" },
		{ "ext4", "kernel/ext4.ko", .alias = "fs-ext4" },
	};

	temptree_make(t);
	temptree_text(t, "proc/cmdline", "BOOT_IMAGE=/vmlinuz root=/dev/vda1 console=ttyS0\n");
	temptree_text(t, "proc/filesystems", "nodev\tproc\n\text4\n");
	temptree_text(t, "proc/self/mountinfo",
	              "21 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n");
	temptree_text(t, "sys/kernel/kexec_crash_size", "134217728\n");
	temptree_text(t, "sys/kernel/kexec_crash_loaded", "0\n");
	machine_disk(t, "pci0000:00/0000:00:02.0/virtio0", "vda");
	machine_driver(t, "pci0000:00/0000:00:02.0/virtio0", "virtio_blk", "virtio_blk");
	machine_bzimage(t, "boot/vmlinuz-" MACHINE_RELEASE, MACHINE_RELEASE);
	temptree_text(t, "boot/config-" MACHINE_RELEASE, "CONFIG_RD_ZSTD=y\n");
	machine_modules(t, MACHINE_RELEASE, modules, ARRAY_SIZE(modules));
	machine_elf(t, &MACHINE_PROGRAM[1], &(struct machine_elf){});
}
