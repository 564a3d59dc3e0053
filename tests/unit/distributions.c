// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * distributions.c - the systems of distributions, see distributions.h.
 *
 * Where their packages put files: Debian's linux-base 4.17 and linux 7.2.13
 * (postinst.d/00-legacy-boot copies the image to /boot, which the split package does not have
 * itself); PKGBUILD of Arch's linux; kernel-hooks of Alpine, which read kernel.release;
 * nixos/modules/system/boot/kexec.nix.
 */
#include "tests/unit/distributions.h"

#define TOKEN "0123456789abcdef0123456789abcdef"

const struct distribution distributions[] = {
	{
		"Debian, Ubuntu",
		"6.1.0-9-amd64",
		{
			{ IMAGE, "boot/vmlinuz-6.1.0-9-amd64", "6.1.0-9-amd64" },
			{ IMAGE, "boot/vmlinuz-6.1.0-10-amd64", "6.1.0-10-amd64" },
			{ INITRD, "boot/initrd.img-6.1.0-9-amd64" },
			{ INITRD, "boot/initrd.img-6.1.0-10-amd64" },
			{ LINK, "vmlinuz", "boot/vmlinuz-6.1.0-10-amd64" },
			{ LINK, "initrd.img", "boot/initrd.img-6.1.0-10-amd64" },
			{ LINK, "vmlinuz.old", "boot/vmlinuz-6.1.0-9-amd64" },
		},
		{
			{ "6.1.0-9-amd64",
	                  "/boot/vmlinuz-6.1.0-9-amd64 /boot/initrd.img-6.1.0-9-amd64" },
			{ "vmlinuz", "/vmlinuz /boot/initrd.img-6.1.0-10-amd64" },
			{ "vmlinuz-6.1.0-10-amd64",
	                  "/boot/vmlinuz-6.1.0-10-amd64 /boot/initrd.img-6.1.0-10-amd64" },
		},
		.shown = 2,
		.files = "/boot/vmlinuz-6.1.0-9-amd64 /boot/initrd.img-6.1.0-9-amd64",
		.newest = "6.1.0-10-amd64",
		.newest_files = "/boot/vmlinuz-6.1.0-10-amd64 /boot/initrd.img-6.1.0-10-amd64",
		.capture = "/boot/vmlinuz-6.1.0-9-amd64",
	},
	{
		"Debian, split",
		"7.2.13+deb14-amd64",
		{
			{ IMAGE, "usr/lib/modules/7.2.13+deb14-amd64/vmlinuz",
	                  "7.2.13+deb14-amd64" },
			{ IMAGE, "usr/lib/modules/7.3.1+deb14-amd64/vmlinuz", "7.3.1+deb14-amd64" },
			{ INITRD, "boot/initrd.img-7.2.13+deb14-amd64" },
			{ INITRD, "boot/initrd.img-7.3.1+deb14-amd64" },
		},
		{
			{ "7.3.1+deb14-amd64", "/usr/lib/modules/7.3.1+deb14-amd64/vmlinuz "
	                                       "/boot/initrd.img-7.3.1+deb14-amd64" },
		},
		.files = "/usr/lib/modules/7.2.13+deb14-amd64/vmlinuz "
			 "/boot/initrd.img-7.2.13+deb14-amd64",
		.newest = "7.3.1+deb14-amd64",
		.newest_files = "/usr/lib/modules/7.3.1+deb14-amd64/vmlinuz "
				"/boot/initrd.img-7.3.1+deb14-amd64",
		.capture = "/usr/lib/modules/7.2.13+deb14-amd64/vmlinuz",
	},
	{
		/* Without entries; the rescue kernel has the release of the running one. */
		"Fedora, RHEL",
		"6.12.9-200.fc41.x86_64",
		{
			{ IMAGE, "boot/vmlinuz-0-rescue-" TOKEN, "6.12.9-200.fc41.x86_64" },
			{ INITRD, "boot/initramfs-0-rescue-" TOKEN ".img" },
			{ IMAGE, "boot/vmlinuz-6.12.9-200.fc41.x86_64", "6.12.9-200.fc41.x86_64" },
			{ INITRD, "boot/initramfs-6.12.9-200.fc41.x86_64.img" },
			{ INITRD, "boot/initramfs-6.12.9-200.fc41.x86_64kdump.img" },
			{ IMAGE, "boot/vmlinuz-6.12.10-200.fc41.x86_64",
	                  "6.12.10-200.fc41.x86_64" },
			{ INITRD, "boot/initramfs-6.12.10-200.fc41.x86_64.img" },
			{ IMAGE, "usr/lib/modules/6.12.10-200.fc41.x86_64/vmlinuz",
	                  "6.12.10-200.fc41.x86_64" },
		},
		{
			{ "6.12.9-200.fc41.x86_64", "/boot/vmlinuz-6.12.9-200.fc41.x86_64 "
	                                            "/boot/initramfs-6.12.9-200.fc41.x86_64.img" },
		},
		.files = "/boot/vmlinuz-6.12.9-200.fc41.x86_64 "
			 "/boot/initramfs-6.12.9-200.fc41.x86_64.img",
		.newest = "6.12.10-200.fc41.x86_64",
		.newest_files = "/boot/vmlinuz-6.12.10-200.fc41.x86_64 "
				"/boot/initramfs-6.12.10-200.fc41.x86_64.img",
		.capture = "/boot/vmlinuz-6.12.9-200.fc41.x86_64",
	},
	{
		/* The entry of the default kernel; its image lies among the modules too. */
		"Fedora, entries",
		"6.12.9-200.fc41.x86_64",
		{
			{ TEXT, "boot/loader/entries/x-6.12.10.conf",
	                  "title Fedora\nversion 6.12.10-200.fc41.x86_64\n"
	                  "linux /vmlinuz-6.12.10-200.fc41.x86_64\ninitrd /ucode.img\n"
	                  "initrd /initramfs-6.12.10-200.fc41.x86_64.img\noptions "
	                  "root=/dev/new\n" },
			{ IMAGE, "boot/vmlinuz-6.12.9-200.fc41.x86_64", "6.12.9-200.fc41.x86_64" },
			{ INITRD, "boot/initramfs-6.12.9-200.fc41.x86_64.img" },
			{ IMAGE, "boot/vmlinuz-6.12.10-200.fc41.x86_64",
	                  "6.12.10-200.fc41.x86_64" },
			{ INITRD, "boot/initramfs-6.12.10-200.fc41.x86_64.img" },
			{ INITRD, "boot/ucode.img" },
			{ IMAGE, "usr/lib/modules/6.12.10-200.fc41.x86_64/vmlinuz",
	                  "6.12.10-200.fc41.x86_64" },
		},
		{
			{ "6.12.9-200.fc41.x86_64", "/boot/vmlinuz-6.12.9-200.fc41.x86_64 "
	                                            "/boot/initramfs-6.12.9-200.fc41.x86_64.img" },
			{ "6.12.10-200.fc41.x86_64",
	                  "/boot/vmlinuz-6.12.10-200.fc41.x86_64 /boot/ucode.img "
	                  "/boot/initramfs-6.12.10-200.fc41.x86_64.img" },
		},
		.shown = 1,
		.entry = "x-6.12.10",
		.files = "/boot/vmlinuz-6.12.10-200.fc41.x86_64 /boot/ucode.img "
			 "/boot/initramfs-6.12.10-200.fc41.x86_64.img",
		.newest = "6.12.10-200.fc41.x86_64",
		.newest_files = "/boot/vmlinuz-6.12.10-200.fc41.x86_64 /boot/ucode.img "
				"/boot/initramfs-6.12.10-200.fc41.x86_64.img",
		.capture = "/boot/vmlinuz-6.12.9-200.fc41.x86_64",
	},
	{
		"openSUSE",
		"6.4.0-150600.23-default",
		{
			{ IMAGE, "boot/vmlinuz-6.4.0-150600.23-default",
	                  "6.4.0-150600.23-default" },
			{ INITRD, "boot/initrd-6.4.0-150600.23-default" },
			{ IMAGE, "usr/lib/modules/6.4.0-150600.33-default/vmlinuz",
	                  "6.4.0-150600.33-default" },
			{ INITRD, "boot/initrd-6.4.0-150600.33-default" },
			{ LINK, "boot/vmlinuz-6.4.0-150600.33-default",
	                  "../usr/lib/modules/6.4.0-150600.33-default/vmlinuz" },
			{ LINK, "boot/vmlinuz", "vmlinuz-6.4.0-150600.33-default" },
			{ LINK, "boot/initrd", "initrd-6.4.0-150600.33-default" },
		},
		{
			{ "6.4.0-150600.33-default", "/boot/vmlinuz-6.4.0-150600.33-default "
	                                             "/boot/initrd-6.4.0-150600.33-default" },
			{ "vmlinuz", "/boot/vmlinuz /boot/initrd-6.4.0-150600.33-default" },
		},
		.shown = 2,
		.files = "/boot/vmlinuz-6.4.0-150600.23-default "
			 "/boot/initrd-6.4.0-150600.23-default",
		.newest = "6.4.0-150600.33-default",
		.newest_files = "/boot/vmlinuz-6.4.0-150600.33-default "
				"/boot/initrd-6.4.0-150600.33-default",
		.capture = "/boot/vmlinuz-6.4.0-150600.23-default",
	},
	{
		"Arch",
		"6.12.9-arch1-1",
		{
			{ IMAGE, "usr/lib/modules/6.12.9-arch1-1/vmlinuz", "6.12.9-arch1-1" },
			{ TEXT, "usr/lib/modules/6.12.9-arch1-1/pkgbase", "linux\n" },
			{ IMAGE, "usr/lib/modules/6.6.70-1-lts/vmlinuz", "6.6.70-1-lts" },
			{ TEXT, "usr/lib/modules/6.6.70-1-lts/pkgbase", "linux-lts\n" },
			{ IMAGE, "boot/vmlinuz-linux", "6.12.9-arch1-1" },
			{ IMAGE, "boot/vmlinuz-linux-lts", "6.6.70-1-lts" },
			{ INITRD, "boot/initramfs-linux.img" },
			{ INITRD, "boot/initramfs-linux-fallback.img" },
			{ INITRD, "boot/initramfs-linux-lts.img" },
			{ INITRD, "boot/intel-ucode.img" },
		},
		{
			{ "linux", "/boot/vmlinuz-linux /boot/intel-ucode.img "
	                           "/boot/initramfs-linux.img" },
			{ "vmlinuz-linux", "/boot/vmlinuz-linux /boot/intel-ucode.img "
	                                   "/boot/initramfs-linux.img" },
			{ "linux-lts", "/boot/vmlinuz-linux-lts /boot/intel-ucode.img "
	                               "/boot/initramfs-linux-lts.img" },
			{ "6.12.9-arch1-1", "/boot/vmlinuz-linux /boot/intel-ucode.img "
	                                    "/boot/initramfs-linux.img" },
		},
		.shown = 2,
		.files = "/boot/vmlinuz-linux /boot/intel-ucode.img /boot/initramfs-linux.img",
		.newest = "6.12.9-arch1-1",
		.newest_files =
			"/boot/vmlinuz-linux /boot/intel-ucode.img /boot/initramfs-linux.img",
		.capture = "/usr/lib/modules/6.12.9-arch1-1/vmlinuz",
	},
	{
		/* The entry of the fallback initrd is first in the menu, and is not the default. */
		"(Arch with entries)",
		"6.12.9-arch1-1",
		{
			{ IMAGE, "usr/lib/modules/6.12.9-arch1-1/vmlinuz", "6.12.9-arch1-1" },
			{ TEXT, "usr/lib/modules/6.12.9-arch1-1/pkgbase", "linux\n" },
			{ IMAGE, "boot/vmlinuz-linux", "6.12.9-arch1-1" },
			{ INITRD, "boot/initramfs-linux.img" },
			{ INITRD, "boot/initramfs-linux-fallback.img" },
			{ INITRD, "boot/more.img" },
			{ TEXT, "sys/firmware/efi/fw_platform_size", "64\n" },
			{ TEXT, "boot/loader/loader.conf", "default a-linux.conf\n" },
			{ TEXT, "boot/loader/entries/a-linux.conf",
	                  "title Arch\nlinux /vmlinuz-linux\ninitrd /more.img\n"
	                  "initrd /initramfs-linux.img\noptions root=/dev/entry\n" },
			{ TEXT, "boot/loader/entries/b-fallback.conf",
	                  "title Arch\nlinux /vmlinuz-linux\n"
	                  "initrd /initramfs-linux-fallback.img\noptions root=/dev/entry\n" },
		},
		{
			{ "linux", "/boot/vmlinuz-linux /boot/more.img /boot/initramfs-linux.img" },
			{ "6.12.9-arch1-1",
	                  "/boot/vmlinuz-linux /boot/more.img /boot/initramfs-linux.img" },
		},
		.entry = "a-linux",
		.files = "/boot/vmlinuz-linux /boot/more.img /boot/initramfs-linux.img",
		.newest = "6.12.9-arch1-1",
		.newest_files = "/boot/vmlinuz-linux /boot/more.img /boot/initramfs-linux.img",
		.capture = "/usr/lib/modules/6.12.9-arch1-1/vmlinuz",
	},
	{
		/* As the package linux leaves it when nothing copies the image. */
		"(Arch, initrd alone in /boot)",
		"6.12.9-arch1-1",
		{
			{ IMAGE, "usr/lib/modules/6.12.9-arch1-1/vmlinuz", "6.12.9-arch1-1" },
			{ TEXT, "usr/lib/modules/6.12.9-arch1-1/pkgbase", "linux\n" },
			{ INITRD, "boot/initramfs-linux.img" },
		},
		{
			{ "linux", "/usr/lib/modules/6.12.9-arch1-1/vmlinuz "
	                           "/boot/initramfs-linux.img" },
			{ "6.12.9-arch1-1", "/usr/lib/modules/6.12.9-arch1-1/vmlinuz "
	                                    "/boot/initramfs-linux.img" },
		},
		.files = "/usr/lib/modules/6.12.9-arch1-1/vmlinuz /boot/initramfs-linux.img",
		.newest = "6.12.9-arch1-1",
		.newest_files = "/usr/lib/modules/6.12.9-arch1-1/vmlinuz /boot/initramfs-linux.img",
		.capture = "/usr/lib/modules/6.12.9-arch1-1/vmlinuz",
	},
	{
		"Manjaro",
		"6.12.4-1-MANJARO",
		{
			{ IMAGE, "usr/lib/modules/6.12.4-1-MANJARO/vmlinuz", "6.12.4-1-MANJARO" },
			{ TEXT, "usr/lib/modules/6.12.4-1-MANJARO/pkgbase", "linux612\n" },
			{ IMAGE, "usr/lib/modules/6.6.65-1-MANJARO/vmlinuz", "6.6.65-1-MANJARO" },
			{ TEXT, "usr/lib/modules/6.6.65-1-MANJARO/pkgbase", "linux66\n" },
			{ IMAGE, "boot/vmlinuz-6.12-x86_64", "6.12.4-1-MANJARO" },
			{ INITRD, "boot/initramfs-6.12-x86_64.img" },
			{ IMAGE, "boot/vmlinuz-6.6-x86_64", "6.6.65-1-MANJARO" },
			{ INITRD, "boot/initramfs-6.6-x86_64.img" },
			{ INITRD, "boot/amd-ucode.img" },
		},
		{
			{ "linux612", "/boot/vmlinuz-6.12-x86_64 /boot/amd-ucode.img "
	                              "/boot/initramfs-6.12-x86_64.img" },
			{ "6.6-x86_64", "/boot/vmlinuz-6.6-x86_64 /boot/amd-ucode.img "
	                                "/boot/initramfs-6.6-x86_64.img" },
			{ "6.12.4-1-MANJARO", "/boot/vmlinuz-6.12-x86_64 /boot/amd-ucode.img "
	                                      "/boot/initramfs-6.12-x86_64.img" },
		},
		.shown = 2,
		.files = "/boot/vmlinuz-6.12-x86_64 /boot/amd-ucode.img "
			 "/boot/initramfs-6.12-x86_64.img",
		.newest = "6.12.4-1-MANJARO",
		.newest_files = "/boot/vmlinuz-6.12-x86_64 /boot/amd-ucode.img "
				"/boot/initramfs-6.12-x86_64.img",
		.capture = "/usr/lib/modules/6.12.4-1-MANJARO/vmlinuz",
	},
	{
		"Gentoo",
		"6.12.5-gentoo",
		{
			{ IMAGE, "boot/kernel-6.12.5-gentoo", "6.12.5-gentoo" },
			{ INITRD, "boot/initramfs-6.12.5-gentoo.img" },
			{ IMAGE, "boot/vmlinuz-6.18.8-gentoo", "6.18.8-gentoo" },
			{ INITRD, "boot/initramfs-genkernel-x86_64-6.18.8-gentoo" },
			{ IMAGE, "boot/vmlinuz-6.18.8-gentoo.old", "6.18.8-gentoo" },
		},
		{
			{ "6.12.5-gentoo",
	                  "/boot/kernel-6.12.5-gentoo /boot/initramfs-6.12.5-gentoo.img" },
			{ "6.18.8-gentoo", "/boot/vmlinuz-6.18.8-gentoo "
	                                   "/boot/initramfs-genkernel-x86_64-6.18.8-gentoo" },
		},
		.shown = 1,
		.files = "/boot/kernel-6.12.5-gentoo /boot/initramfs-6.12.5-gentoo.img",
		.newest = "6.18.8-gentoo",
		.newest_files = "/boot/vmlinuz-6.18.8-gentoo "
				"/boot/initramfs-genkernel-x86_64-6.18.8-gentoo",
		.capture = "/boot/kernel-6.12.5-gentoo",
	},
	{
		/* genkernel 3 names its kernels so, too. */
		"(Gentoo, genkernel, arm64)",
		"6.18.8-gentoo",
		{
			{ IMAGE, "boot/kernel-genkernel-aarch64-6.18.8-gentoo", "6.18.8-gentoo" },
			{ INITRD, "boot/initramfs-genkernel-aarch64-6.18.8-gentoo" },
			{ IMAGE, "boot/vmlinuz-6.19.1-gentoo", "6.19.1-gentoo" },
			{ INITRD, "boot/initramfs-genkernel-arm64-6.19.1-gentoo" },
		},
		{
			{ "6.18.8-gentoo", "/boot/kernel-genkernel-aarch64-6.18.8-gentoo "
	                                   "/boot/initramfs-genkernel-aarch64-6.18.8-gentoo" },
		},
		.files = "/boot/kernel-genkernel-aarch64-6.18.8-gentoo "
			 "/boot/initramfs-genkernel-aarch64-6.18.8-gentoo",
		.newest = "6.19.1-gentoo",
		.newest_files = "/boot/vmlinuz-6.19.1-gentoo "
				"/boot/initramfs-genkernel-arm64-6.19.1-gentoo",
		.capture = "/boot/kernel-genkernel-aarch64-6.18.8-gentoo",
	},
	{
		"(Gentoo, genkernel, riscv64)",
		"6.18.8-gentoo",
		{
			{ IMAGE, "boot/vmlinuz-6.18.8-gentoo", "6.18.8-gentoo" },
			{ INITRD, "boot/initramfs-genkernel-riscv64-6.18.8-gentoo" },
			{ IMAGE, "boot/vmlinuz-6.19.1-gentoo", "6.19.1-gentoo" },
			{ INITRD, "boot/initramfs-genkernel-riscv-6.19.1-gentoo" },
		},
		{
			{ "6.18.8-gentoo", "/boot/vmlinuz-6.18.8-gentoo "
	                                   "/boot/initramfs-genkernel-riscv64-6.18.8-gentoo" },
		},
		.files = "/boot/vmlinuz-6.18.8-gentoo "
			 "/boot/initramfs-genkernel-riscv64-6.18.8-gentoo",
		.newest = "6.19.1-gentoo",
		.newest_files = "/boot/vmlinuz-6.19.1-gentoo "
				"/boot/initramfs-genkernel-riscv-6.19.1-gentoo",
		.capture = "/boot/vmlinuz-6.18.8-gentoo",
	},
	{
		"Alpine",
		"6.12.8-0-lts",
		{
			{ IMAGE, "boot/vmlinuz-lts", "6.12.8-0-lts" },
			{ INITRD, "boot/initramfs-lts" },
			{ TEXT, "usr/share/kernel/lts/kernel.release", "6.12.8-0-lts\n" },
			{ IMAGE, "boot/vmlinuz-virt", "6.12.7-0-virt" },
			{ INITRD, "boot/initramfs-virt" },
			{ TEXT, "usr/share/kernel/virt/kernel.release", "6.12.7-0-virt\n" },
		},
		{
			{ "lts", "/boot/vmlinuz-lts /boot/initramfs-lts" },
			{ "vmlinuz-virt", "/boot/vmlinuz-virt /boot/initramfs-virt" },
			{ "6.12.8-0-lts", "/boot/vmlinuz-lts /boot/initramfs-lts" },
		},
		.shown = 2,
		.files = "/boot/vmlinuz-lts /boot/initramfs-lts",
		.newest = "6.12.8-0-lts",
		.newest_files = "/boot/vmlinuz-lts /boot/initramfs-lts",
		.capture = "/boot/vmlinuz-lts",
	},
	{
		"Void",
		"6.6.69_1",
		{
			{ IMAGE, "boot/vmlinuz-6.6.69_1", "6.6.69_1" },
			{ INITRD, "boot/initramfs-6.6.69_1.img" },
			{ IMAGE, "boot/vmlinuz-6.6.70_1", "6.6.70_1" },
			{ INITRD, "boot/initramfs-6.6.70_1.img" },
		},
		{
			{ "6.6.69_1", "/boot/vmlinuz-6.6.69_1 /boot/initramfs-6.6.69_1.img" },
		},
		.files = "/boot/vmlinuz-6.6.69_1 /boot/initramfs-6.6.69_1.img",
		.newest = "6.6.70_1",
		.newest_files = "/boot/vmlinuz-6.6.70_1 /boot/initramfs-6.6.70_1.img",
		.capture = "/boot/vmlinuz-6.6.69_1",
	},
	{
		/* With GRUB, whose entries name files of /boot/kernels. */
		"NixOS",
		"6.6.60",
		{
			{ TEXT, "proc/cmdline",
	                  "BOOT_IMAGE=(hd0,msdos1)//kernels/gone-bzImage root=/dev/vda1 "
	                  "console=ttyS0\n" },
			{ IMAGE, "nix/store/a-linux-6.6.60/bzImage", "6.6.60" },
			{ INITRD, "nix/store/a-initrd/initrd" },
			{ LINK, "nix/store/a-nixos/kernel", "../a-linux-6.6.60/bzImage" },
			{ LINK, "nix/store/a-nixos/initrd", "../a-initrd/initrd" },
			{ TEXT, "nix/store/a-nixos/kernel-modules/lib/modules/6.6.60/modules.dep",
	                  "" },
			{ IMAGE, "nix/store/b-linux-6.6.65/bzImage", "6.6.65" },
			{ INITRD, "nix/store/b-initrd/initrd" },
			{ LINK, "nix/store/b-nixos/kernel", "../b-linux-6.6.65/bzImage" },
			{ LINK, "nix/store/b-nixos/initrd", "../b-initrd/initrd" },
			{ TEXT, "nix/store/b-nixos/kernel-params", "root=fstab loglevel=4\n" },
			{ TEXT, "nix/store/b-nixos/kernel-modules/lib/modules/6.6.65/modules.dep",
	                  "" },
			{ LINK, "run/booted-system", "../nix/store/a-nixos" },
			{ LINK, "run/current-system", "../nix/store/a-nixos" },
			{ LINK, "nix/var/nix/profiles/system", "../../../store/b-nixos" },
		},
		{
			{ "6.6.60", "/run/booted-system/kernel /run/booted-system/initrd" },
			{ "6.6.65", "/nix/var/nix/profiles/system/kernel "
	                            "/nix/var/nix/profiles/system/initrd" },
		},
		.shown = 1,
		.files = "/run/booted-system/kernel /run/booted-system/initrd",
		.newest = "6.6.65",
		.newest_files = "/nix/var/nix/profiles/system/kernel "
				"/nix/var/nix/profiles/system/initrd",
		.options = "root=fstab loglevel=4 init=/nix/store/b-nixos/init",
		.capture = "/run/booted-system/kernel",
	},
	{
		"Slackware",
		"5.15.19",
		{
			{ IMAGE, "boot/vmlinuz-generic-5.15.19", "5.15.19" },
			{ INITRD, "boot/initrd.gz" },
			{ TEXT, "boot/initrd-tree/lib/modules/5.15.19/modules.dep", "" },
			{ IMAGE, "boot/vmlinuz-6.12.9-generic", "6.12.9" },
			{ INITRD, "boot/initrd-6.12.9-generic.img" },
			{ LINK, "boot/vmlinuz-generic", "vmlinuz-6.12.9-generic" },
		},
		{
			{ "generic-5.15.19", "/boot/vmlinuz-generic-5.15.19 /boot/initrd.gz" },
			{ "vmlinuz-generic",
	                  "/boot/vmlinuz-generic /boot/initrd-6.12.9-generic.img" },
			{ "5.15.19", "/boot/vmlinuz-generic-5.15.19 /boot/initrd.gz" },
		},
		.shown = 1,
		.files = "/boot/vmlinuz-generic-5.15.19 /boot/initrd.gz",
		.newest = "6.12.9",
		.newest_files = "/boot/vmlinuz-6.12.9-generic /boot/initrd-6.12.9-generic.img",
		.capture = "/boot/vmlinuz-generic-5.15.19",
	},
	{
		"kernel-install",
		"6.12.9",
		{
			{ TEXT, "etc/machine-id", TOKEN "\n" },
			{ IMAGE, "usr/lib/modules/6.12.9/vmlinuz", "6.12.9" },
			{ IMAGE, "boot/" TOKEN "/6.12.9/linux", "6.12.9" },
			{ INITRD, "boot/" TOKEN "/6.12.9/initrd" },
			{ IMAGE, "usr/lib/modules/6.12.10/vmlinuz", "6.12.10" },
			{ IMAGE, "boot/" TOKEN "/6.12.10/linux", "6.12.10" },
			{ INITRD, "boot/" TOKEN "/6.12.10/initrd" },
		},
		{
			{ "6.12.10",
	                  "/boot/" TOKEN "/6.12.10/linux /boot/" TOKEN "/6.12.10/initrd" },
		},
		.files = "/boot/" TOKEN "/6.12.9/linux /boot/" TOKEN "/6.12.9/initrd",
		.newest = "6.12.10",
		.newest_files = "/boot/" TOKEN "/6.12.10/linux /boot/" TOKEN "/6.12.10/initrd",
		.capture = "/usr/lib/modules/6.12.9/vmlinuz",
	},
	{},
};
