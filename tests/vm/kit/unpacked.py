# SPDX-License-Identifier: GPL-2.0-or-later
"""Kernels that the guest root has not: unpacked from their packages, for what needs no user space.

They are kept in build/vm/kernels as they were when they were first asked for.
"""

import json
import shutil
from dataclasses import asdict

from kit import places
from kit.archive import OTHER_SUITES, Archive, Kernel, other_sources
from kit.tool import Failed, call

CACHE = places.CACHE / "kernels"
LIST = CACHE / "kernels.json"


def _archive():
    debian = Archive("apt-others", other_sources())
    debian.update()
    return debian


def others():
    """Kernels of OTHER_SUITES, in their order."""
    if not LIST.exists():
        found = _archive().kernels(OTHER_SUITES)
        CACHE.mkdir(parents=True, exist_ok=True)
        LIST.write_text(json.dumps([asdict(kernel) for kernel in found]))
    return [Kernel(**fields) for fields in json.loads(LIST.read_text())]


def find(name):
    """By its series, as 5.10, or "newest"."""
    found = others()
    if name == "newest":
        return found[-1]
    for kernel in found:
        if kernel.series == name:
            return kernel
    raise Failed(f"kernel {name}: there are {', '.join(kernel.series for kernel in found)}")


def with_initrd(series, tree):
    """A kernel of this series, put into a guest's root with an initrd."""
    kernel = _archive().kernel_of(series)
    install(kernel, tree)
    call("chroot", tree, "mkinitramfs", "-o", f"/boot/initrd.img-{kernel.release}", kernel.release)
    return kernel


def unpack(kernel, debian=None):
    """Path of boot/ and modules/ of a kernel of an archive, without one of OTHER_SUITES. Newer ones come in
    several packages that need each other in this very version, with the image beside the modules."""
    target = CACHE / kernel.release
    if target.exists():
        return target
    debian, temporary = debian or _archive(), CACHE / f"{kernel.release}.tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    packages = [(kernel.package, kernel.package_version)]
    packages += [pair for pair in debian.depends(*packages[0]) if pair[1]]
    for name, version in packages:
        package = debian.download(name, version, temporary / "packages")
        call("dpkg", "-x", package, temporary / "root")
    whole = temporary / "whole"
    whole.mkdir()
    for modules in (temporary / "root").glob("**/lib/modules"):
        shutil.copytree(modules / kernel.release, whole / "modules", dirs_exist_ok=True)
    (whole / "boot").mkdir()
    # The image of riscv64 was called vmlinux before.
    for name, other in (("vmlinuz", "vmlinux"), ("config", "config")):
        found = [*(temporary / "root/boot" / f"{usual}-{kernel.release}" for usual in (name, other)),
                   whole / "modules" / name]
        shutil.copyfile(next(path for path in found if path.exists()),
                        whole / "boot" / f"{name}-{kernel.release}")
    whole.rename(target)
    shutil.rmtree(temporary)
    return target


def install(kernel, tree):
    """Puts a kernel into a guest's root, where the lists of its modules are made too."""
    source, modules = unpack(kernel), tree / "usr/lib/modules" / kernel.release
    if modules.exists():
        return
    call("cp", "-al", source / "modules", modules)
    call("cp", "-al", *(source / "boot").iterdir(), tree / "boot")
    call("chroot", tree, "depmod", kernel.release)
