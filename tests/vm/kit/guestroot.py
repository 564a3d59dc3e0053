# SPDX-License-Identifier: GPL-2.0-or-later
"""The root file system of the guest: a small Debian with systemd and stock cloud kernels.

What is left out matters as much as what is in: no kexec-tools, makedumpfile or dracut, so that
kdump-lite has to do without them. The result is kept as a tar file under a name that changes with
what it is made from; the kernels in it stay those of the day it was made.
"""

import hashlib
import json
import os
from dataclasses import asdict
from pathlib import Path

from kit import archive, places
from kit.tool import call

PACKAGES = [
    "systemd", "systemd-sysv", "udev", "dbus", "kmod", "initramfs-tools", "zstd",
    # What kdump-lite is linked with, and what it opens.
    "libelf1", "zlib1g", "liblzo2-2", "libzstd1", "libsystemd0", "libkmod2", "libblkid1",
    "libmount1", "libjansson4", "liblzma5",
]
UNNEEDED = ["/usr/share/doc/*", "/usr/share/locale/*", "/usr/share/man/*", "/usr/share/info/*"]

# The stock initrd, but only with the drivers of this machine, and without udev, which would look for more:
# it boots in half the time.
INITRD_SETUP = """set -e
mkdir -p "$1/etc/initramfs-tools/conf.d" "$1/usr/share/initramfs-tools/modules.d"
for when in init-top init-bottom; do
	mkdir -p "$1/etc/initramfs-tools/scripts/$when"
	printf '#!/bin/sh\n' >"$1/etc/initramfs-tools/scripts/$when/udev"
	chmod +x "$1/etc/initramfs-tools/scripts/$when/udev"
done
echo MODULES=list >"$1/etc/initramfs-tools/conf.d/vm"
printf '%s\\n' virtio_pci virtio_blk ext4 >"$1/usr/share/initramfs-tools/modules.d/vm"
"""


class GuestRoot:
    """A tar file and the kernels in it; of the release that the host runs if none is named."""

    def __init__(self, release=None):
        self.release = release or archive.codename()
        recipe = json.dumps([self.release, PACKAGES, UNNEEDED, INITRD_SETUP])
        key = hashlib.sha256(recipe.encode()).hexdigest()[:12]
        self._name = f"{release}-root" if release else "root"
        self.tar = places.CACHE / f"{self._name}-{key}.tar"
        self._manifest = self.tar.with_suffix(".json")

    def exists(self):
        return self.tar.exists() and self._manifest.exists()

    @property
    def kernels(self):
        return [archive.Kernel(**fields) for fields in json.loads(self._manifest.read_text())]

    def remove(self):
        self._manifest.unlink(missing_ok=True)
        self.tar.unlink(missing_ok=True)

    def make(self, debian, kernels):
        for old in places.CACHE.glob(f"{self._name}-*"):
            old.unlink()
        temporary = places.CACHE / f"{self._name}.tmp"
        call("rm", "-rf", "--one-file-system", temporary)  # what an interrupted run has left
        temporary.mkdir(parents=True)
        unfinished = self.tar.with_name(f"{self._name}-unfinished.tar")
        call("mmdebstrap", "--mode=root", "--variant=minbase", "--format=tar",
             "--include=" + ",".join(PACKAGES + [kernel.package for kernel in kernels]),
             "--dpkgopt=force-unsafe-io",
             *(f"--dpkgopt=path-exclude={pattern}" for pattern in UNNEEDED),
             "--aptopt=Acquire::Languages \"none\"",
             f"--essential-hook={INITRD_SETUP}",
             self.release, unfinished, debian.source_list,
             env=os.environ | {"TMPDIR": str(temporary)}, timeout=1200)
        unfinished.rename(self.tar)
        self._manifest.write_text(json.dumps([asdict(kernel) for kernel in kernels]))

    def unpack(self, directory: Path):
        """Lay the files out, as their owners, below a directory that is made new."""
        call("rm", "-rf", "--one-file-system", directory)
        directory.mkdir(parents=True)
        call("tar", "-x", "-p", "--numeric-owner", "--xattrs", "--xattrs-include=*", "-f", self.tar,
             "-C", directory)
