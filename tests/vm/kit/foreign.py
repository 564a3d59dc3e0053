# SPDX-License-Identifier: GPL-2.0-or-later
"""kdump-lite of any architecture, on a disk with the least that it needs: busybox, a kernel, some modules.

What is built stays in build/TRIPLET, its libraries in build/sysroot/TRIPLET.
"""

import fcntl
import os
import re
import shutil
from pathlib import Path

from kit import places, stock
from kit.tool import call, make

PROGRAMS = {"kdump-lite": "usr/local/bin", "kdump-capture": "usr/local/lib/kdump-lite"}
# Libraries that are opened when they are needed (system/libraries.h).
OPENED = ("libblkid.so.1", "libkmod.so.2", "libmount.so.1")
SETTINGS = "etc/kdump-lite.conf"
DIRECTORIES = ("bin", "boot", "dev", "etc", "proc", "run", "sys", "tmp", "usr/local/bin", "usr/local/lib/kdump-lite",
               "var/crash", "var/lib")

# Of a disk and its file system, in the order in which they are loaded.
DISK_MODULES = ("virtio", "virtio_ring", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci", "virtio_mmio",
                "virtio_blk", "crc16", "mbcache", "jbd2", "crc32c_generic", "libcrc32c", "crc32c_cryptoapi", "ext4")

# The end of the initrd's script.
TO_DISK = """until mount -t ext4 /dev/vda /root; do sleep 0.2; done
for d in proc sys dev; do mount -o move /$d /root/$d; done
exec switch_root /root /init
"""


def _make(triplet, *goals):
    # Who comes first makes it.
    with open(places.CACHE / f"{triplet}.lock", "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        make("-C", places.PROJECT, f"-j{os.cpu_count()}", f"ARCH_TRIPLET={triplet}", "SANITIZE=0", *goals,
             timeout=1800)


def fetch(name):
    """The libraries to build with, which need nothing of this project."""
    triplet = stock.ARCHES[name].triplet
    _make(triplet, places.BUILD / "sysroot" / triplet)


def build(name):
    """Directory of the programs, and the root of their libraries."""
    triplet = stock.ARCHES[name].triplet
    if not triplet:
        return places.BUILD, Path("/")
    _make(triplet, "all")
    return places.BUILD / triplet, places.BUILD / "sysroot" / triplet


def _needed(program):
    return re.findall(r"\(NEEDED\)[^\[]*\[(.*)\]", call("readelf", "-d", program))


def _copy_libraries(programs, root, tree):
    """All that the programs need; each lies in the tree where it lies in the root."""
    directories = [path for lib in ("lib", "usr/lib") for path in (root / lib).glob("*-linux-gnu")]
    linker = re.search(r"interpreter: /(.*)\]", call("readelf", "-l", programs[0]))[1]
    wanted = [*OPENED, *(name for program in programs for name in _needed(program))]
    done = {linker: root / linker}
    while wanted:
        name = wanted.pop()
        if name not in done:
            done[name] = next(path / name for path in directories if (path / name).exists())
            wanted += _needed(done[name])
    for source in done.values():
        target = tree / source.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        target.chmod(0o755)


def _copy_modules(lab, kernel, modules, tree):
    """Those of the disk as the package has them, and the lists by which they are found, made by the guest
    root's depmod."""
    staging = lab.image.tree / "tmp" / tree.parent.name
    target = staging / "lib/modules" / kernel.release
    target.mkdir(parents=True)
    for source in [*stock.find_modules(modules, DISK_MODULES), *modules.glob("modules.*")]:
        path = target / source.relative_to(modules)
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, path)
    call("chroot", lab.image.tree, "depmod", "-b", f"/tmp/{staging.name}", kernel.release)
    shutil.copytree(target, tree / "lib/modules" / kernel.release)
    shutil.rmtree(staging)


def make_tree(lab, name, files, tree, script, settings):
    """@files: those of stock.kernel_of(). @script: /init, @settings: /etc/kdump-lite.conf."""
    kernel, image, modules = files
    shutil.rmtree(tree, ignore_errors=True)
    for directory in DIRECTORIES:
        (tree / directory).mkdir(parents=True)
    shutil.copyfile(stock.busybox(name), tree / "bin/busybox")
    (tree / "init").write_text(script)
    (tree / SETTINGS).write_text(settings)
    built, root = build(name)
    triplet = stock.ARCHES[name].triplet
    for program, where in PROGRAMS.items():
        call(f"{triplet}-strip" if triplet else "strip", "-o", tree / where / program, built / program)
    for path in (tree / "bin/busybox", tree / "init"):
        path.chmod(0o755)
    _copy_libraries([tree / where / program for program, where in PROGRAMS.items()], root, tree)
    for file in image.parent.iterdir():
        shutil.copyfile(file, tree / "boot" / file.name)
    _copy_modules(lab, kernel, modules, tree)


def make_disk(tree, path, size="1G"):
    path.unlink(missing_ok=True)
    call("truncate", "-s", size, path)
    call("mkfs.ext4", "-q", "-L", "root", "-d", tree, path)
    return path
