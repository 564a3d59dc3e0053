# SPDX-License-Identifier: GPL-2.0-or-later
"""The debugging information of a stock kernel: vmlinux out of Debian's -dbg package."""

import subprocess

from kit import places
from kit.tool import Failed


def path(kernel):
    return places.CACHE / "debug" / f"vmlinux-{kernel.release}_{kernel.package_version}"


def remove_others(kernels):
    """Half a gigabyte each."""
    keep = {path(kernel) for kernel in kernels}
    for old in (places.CACHE / "debug").glob("vmlinux-*"):
        if old not in keep:
            old.unlink()


def fetch(debian, kernel):
    """Path of the vmlinux. The package, 300 MB of many files, is not kept."""
    target = path(kernel)
    if target.exists():
        return target
    package = debian.download(f"{kernel.package}-dbg", kernel.package_version,
                              target.parent / f"{kernel.release}.tmp")
    unfinished = target.with_name(target.name + ".tmp")
    member = f"./usr/lib/debug/boot/vmlinux-{kernel.release}"
    with open(unfinished, "wb") as output:
        # The file is near the front: tar stops there and leaves most of the package packed.
        unpack = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL)
        pick = subprocess.run(["tar", "-x", "--to-stdout", "--occurrence=1", member],
                              stdin=unpack.stdout, stdout=output, timeout=900)
        unpack.stdout.close()
        unpack.wait(timeout=60)
    if pick.returncode != 0:
        raise Failed(f"{package.name}: no {member} in it")
    package.unlink()
    package.parent.rmdir()
    unfinished.rename(target)
    return target
